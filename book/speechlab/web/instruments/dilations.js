// The tree of a stack of dilated convolutions: what a value has heard, and the work that it takes.
import { draw, make, Panel } from "./parts.js";
import { atLevel } from "./signals.js";

const [MOST, COLUMNS] = [5, 36]; // layers; places in time that are drawn
const [RATE, CLICKS, LEVEL] = [8000, 24, -24]; // of the sound: samples, values a second; dB
const [LEFT, RIGHT, TOP, GAP, WAVE] = [66, 12, 18, 42, 64]; // pixels

/** The two values below that a value in `layer` at place `t` is computed from. */
const inputs = (layer, t) => [t, t - 2 ** (layer - 1)];

/** All that a value depends on: for each layer, from the samples up, the places, in order. */
export function heard(layer, t) {
  const rows = Array.from({ length: layer + 1 }, () => new Set());
  rows[layer].add(t);
  for (let l = layer; l > 0; l -= 1) {
    for (const place of rows[l]) for (const below of inputs(l, place)) rows[l - 1].add(below);
  }
  return rows.map((row) => [...row].sort((a, b) => a - b));
}

/** The values, [layer, place], that have to be computed for the value at `t`, in a good order. */
export function computed(layer, t, queues) {
  const rows = queues ? Array.from({ length: layer + 1 }, () => [t]) : heard(layer, t);
  return rows.flatMap((row, l) => (l ? row.map((place) => [l, place]) : []));
}

/** The values, [layer, place], that queues hold when the value at `t` is to be computed. */
export function kept(layer, t) {
  const rows = Array.from({ length: layer }, (_, l) => (
    Array.from({ length: 2 ** l }, (_, back) => [l, t - 1 - back])));
  return rows.flat();
}

/** A click for each value that is computed, higher in higher layers, and a bell for the sample
 * that comes of them; repeated for two seconds at least. */
export function work(layer, t, queues) {
  const each = Math.round(RATE / CLICKS);
  const nodes = computed(layer, t, queues);
  const times = Math.max(1, Math.ceil((2 * CLICKS) / nodes.length));
  const once = new Float64Array(each * nodes.length);
  nodes.forEach(([l], k) => {
    const last = k === nodes.length - 1;
    const [hertz, fade, loud] = last ? [880, 90, 1] : [160 * 1.25 ** l, 300, 0.35];
    for (let n = 0; n < each; n += 1) {
      const time = n / RATE;
      once[k * each + n] = loud * Math.exp(-fade * time) * Math.sin(2 * Math.PI * hertz * time);
    }
  });
  return Float64Array.from({ length: times * once.length }, (_, n) => once[n % once.length]);
}

const many = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { wave, rate, start } = panel.data; // a stretch of samples, between -1 and 1
  const now = { ...start, queues: false };
  now.layer = now.layers;

  const svg = draw("svg", { role: "group", class: "pad", "aria-label":
    "Samples in the lowest row, and above them the layers of dilated convolutions." });
  panel.pictures.append(make("div", { class: "instrument-plot wide" }, svg));
  const parts = Object.fromEntries(["grid", "wave", "links", "ears", "queue", "made"].map(
    (name) => [name, draw("path", { class: {
      grid: "points grain", wave: "line faint", links: "line ink-2 thin",
      ears: "points ink-1", queue: "points ink-1 square", made: "points ink-2" }[name] })]));
  const [names, mark] = [draw("g"), draw("circle", { r: 6, class: "mark" })];
  const handle = draw("circle", { r: 13, class: "handle", tabindex: 0, role: "slider",
    "aria-label": "The value that is looked at", "aria-valuemin": 0, "aria-valuemax": COLUMNS - 1 });
  svg.append(...Object.values(parts), names, mark, handle);

  const layers = panel.slider({
    label: "Layers", min: 1, max: MOST, step: 1, value: now.layers, text: String,
    act: (value) => set({ layers: value, layer: value }),
  });
  const place = panel.slider({
    label: "Place in time", min: 0, max: COLUMNS - 1, step: 1, value: now.t, text: String,
    act: (value) => set({ t: value }),
  });
  panel.choice({
    label: "The values below", value: "anew",
    options: { anew: "are computed anew", queues: "are kept in queues" },
    act: (key) => set({ queues: key === "queues" }),
  });

  function set(values) {
    Object.assign(now, values);
    now.t = Math.min(COLUMNS - 1, Math.max(0, now.t));
    now.layer = Math.min(now.layers, Math.max(1, now.layer));
    layers(now.layers);
    place(now.t);
    compute();
  }

  const across = () => (width() - LEFT - RIGHT) / (COLUMNS - 1);
  const width = () => Math.max(240, svg.parentElement.clientWidth);
  const x = (t) => LEFT + t * across();
  const y = (layer) => TOP + (now.layers - layer) * GAP;
  const dots = (nodes) => nodes.filter(([, t]) => t >= 0)
    .map(([l, t]) => `M${x(t).toFixed(1)},${y(l).toFixed(1)}h0`).join("");
  const links = (nodes) => nodes.flatMap(([l, t]) => inputs(l, t).filter((from) => from >= 0)
    .map((from) => `M${x(t).toFixed(1)},${y(l)}L${x(from).toFixed(1)},${y(l - 1)}`)).join("");

  const follow = (event) => {
    const corner = svg.getBoundingClientRect();
    const t = Math.round((event.clientX - corner.left - LEFT) / across());
    set({ t, layer: now.layers - Math.round((event.clientY - corner.top - TOP) / GAP) });
  };
  svg.addEventListener("pointerdown", (event) => {
    handle.focus({ preventScroll: true });
    svg.setPointerCapture(event.pointerId);
    follow(event);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  const keys = { ArrowLeft: ["t", -1], ArrowRight: ["t", 1], ArrowUp: ["layer", 1],
    ArrowDown: ["layer", -1] };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    const [key, step] = keys[event.key];
    set({ [key]: now[key] + step });
    event.preventDefault();
  });

  function compute() {
    panel.speaker.loop("work", atLevel(work(now.layer, now.t, now.queues), LEVEL), RATE);
    panel.change();
  }

  function scale() {
    const [wide, height] = [width(), y(0) + WAVE];
    svg.setAttribute("width", wide);
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
    const text = (layer) => (layer ? `dilation ${2 ** (layer - 1)}` : "samples");
    names.replaceChildren(...Array.from({ length: now.layers + 1 }, (_, layer) => (
      draw("text", { x: 0, y: y(layer) + 4 }, text(layer)))));
    const middle = y(0) + 12 + (WAVE - 12) / 2;
    const points = wave.map((value, t) => (
      `${x(t).toFixed(1)},${(middle - (value * (WAVE - 16)) / 2).toFixed(1)}`));
    parts.wave.setAttribute("d", `M${points.join("L")}`);
    const all = Array.from({ length: now.layers + 1 }, (_, l) => (
      Array.from({ length: COLUMNS }, (_, t) => [l, t])));
    parts.grid.setAttribute("d", dots(all.flat()));
  }

  function update() {
    scale();
    const { layer, t, queues } = now;
    const rows = heard(layer, t);
    const nodes = computed(layer, t, queues);
    const stored = kept(layer, t);
    parts.links.setAttribute("d", links(nodes));
    parts.made.setAttribute("d", dots(nodes));
    parts.ears.setAttribute("d", dots(rows[0].map((from) => [0, from])));
    parts.queue.setAttribute("d", queues ? dots(stored.filter(([l]) => l > 0)) : "");
    handle.setAttribute("cx", x(t));
    handle.setAttribute("cy", y(layer));
    mark.style.display = panel.speaker.on ? "" : "none";
    if (panel.speaker.on) {
      const { context, began } = panel.speaker;
      const k = Math.floor(Math.max(0, context.currentTime - began) * CLICKS) % nodes.length;
      const [l, at] = nodes[k];
      mark.setAttribute("cx", x(Math.max(0, at)));
      mark.setAttribute("cy", y(l));
      requestAnimationFrame(() => panel.change());
    }
    tell(rows[0], nodes.length, stored.length);
  }

  let told = "";

  function tell(samples, count, stored) {
    const { layer, t, queues } = now;
    const first = samples[0];
    const milliseconds = ((1000 * samples.length) / rate).toFixed(2);
    const words = `${many(layer, "layer")}, place ${t}: it has heard `
      + `${many(samples.length, "sample")}, ${milliseconds} ms, `
      + (first < 0 ? `of which ${-first} would lie before the beginning and are zero. `
        : `from place ${first} to ${t}. `)
      + (queues ? `${many(count, "value")} to compute, ${many(stored, "older value")} kept.`
        : `${many(count, "value")} to compute.`);
    handle.setAttribute("aria-valuenow", t);
    handle.setAttribute("aria-valuetext", `layer ${layer}, place ${t}`);
    if (words === told) return; // while the clicks run, only the mark moves
    told = words;
    panel.say(words);
  }

  panel.root.addEventListener("click", () => panel.change()); // the clicks may have begun
  compute();
  panel.begin();
}

export default { render };
