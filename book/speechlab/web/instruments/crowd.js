// Clips on a circle: pairs that a loss draws together, and a crowd that it pushes apart.
import { draw, make, Panel, Plot, write } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel, gaussian, uniform } from "./signals.js";

const [LEVEL, PAUSE] = [-20, 0.15]; // of what is heard: dB; s between the two views
const [RATE, MEMORY, PER_FRAME, MOST] = [0.1, 0.9, 3, 900]; // of the descent; most steps
const [SIZE, RIM] = [340, 112]; // pixels: of the picture, of the circle

/** A new net: two rows of small weights. */
export function fresh(inputs, seed) {
  const drawn = gaussian(2 * inputs, seed).map((value) => 0.3 * value);
  return [drawn.slice(0, inputs), drawn.slice(inputs)];
}

const dot = (row, x) => row.reduce((sum, weight, d) => sum + weight * x[d], 0);

/** Where a linear net puts clips on the circle: an angle each, and how far out they lay before. */
export function embedded(net, clips) {
  const planes = clips.map((x) => net.map((row) => dot(row, x)));
  return {
    angles: planes.map(([a, b]) => Math.atan2(b, a)),
    radii: planes.map(([a, b]) => Math.hypot(a, b)),
  };
}

/** The partner of each of 2N views: the first ones come first, then the second ones. */
export const partnerOf = (i, views) => (i + views / 2) % views;

/** For each view `count` others that it is told from, drawn by lot once and for all. */
export function rivals(views, count, seed) {
  const lots = uniform(seed);
  return Array.from({ length: views }, (_, i) => (
    Array.from({ length: views }, (__, k) => [lots(), k])
      .filter(([, k]) => k !== i && k !== partnerOf(i, views))
      .sort(([a], [b]) => a - b).slice(0, count).map(([, k]) => k)));
}

/** The share of the partner among the candidates of view i, and those of its rivals. Each score is
 * taken relative to the partner's, whose own is 1. */
export function shares(angles, i, others, temperature) {
  const own = Math.cos(angles[i] - angles[partnerOf(i, angles.length)]);
  const odds = others[i].map((k) => Math.exp((Math.cos(angles[i] - angles[k]) - own) / temperature));
  const all = 1 + odds.reduce((sum, one) => sum + one, 0);
  return { partner: 1 / all, rivals: odds.map((one) => one / all) };
}

/** The mean surprise at the partner, and its slope with respect to each angle. */
export function surprise(angles, others, temperature) {
  const views = angles.length;
  const slopes = new Float64Array(views);
  let loss = 0;
  const pull = (i, k, weight) => { // of weight times the cosine of the two
    const slope = weight * Math.sin(angles[k] - angles[i]);
    slopes[i] += slope;
    slopes[k] -= slope;
  };
  for (let i = 0; i < views; i += 1) {
    const { partner, rivals: wrong } = shares(angles, i, others, temperature);
    const strength = 1 / (views * temperature);
    loss -= Math.log(partner) / views;
    pull(i, partnerOf(i, views), (partner - 1) * strength);
    others[i].forEach((k, place) => pull(i, k, wrong[place] * strength));
  }
  return { loss, slopes };
}

/** One step of descent with momentum; the net and its velocity are changed in place. */
export function step(net, velocity, clips, others, temperature) {
  const { angles, radii } = embedded(net, clips);
  const { slopes } = surprise(angles, others, temperature);
  const change = net.map((row) => new Float64Array(row.length));
  clips.forEach((x, i) => {
    // An angle turns with the part of the change that is across its direction.
    const across = [-Math.sin(angles[i]), Math.cos(angles[i])].map((v) => (v * slopes[i]) / radii[i]);
    x.forEach((value, d) => change.forEach((row, r) => { row[d] += across[r] * value; }));
  });
  net.forEach((row, r) => row.forEach((_, d) => {
    velocity[r][d] = MEMORY * velocity[r][d] - RATE * Math.sqrt(temperature) * change[r][d];
    row[d] += velocity[r][d];
  }));
}

const squared = (a, b) => 2 - 2 * Math.cos(a - b); // of the distance of two points of the circle

/** How far partners are from each other: the mean of the squared distance. */
export function alignment(angles) {
  const half = angles.length / 2;
  return angles.slice(0, half).reduce((sum, a, i) => sum + squared(a, angles[i + half]), 0) / half;
}

/** How unevenly the first views are spread: ln of the mean of exp(-2 d²) over all pairs. */
export function uniformity(angles) {
  const first = angles.slice(0, angles.length / 2);
  const sum = first.reduce((total, a, i) => total + first.slice(0, i).reduce(
    (part, b) => part + Math.exp(-2 * squared(a, b)), 0), 0);
  return Math.log((2 * sum) / (first.length * (first.length - 1)));
}

/** How many first views have the nearest of the other ones under the same label. */
export function sameNearest(angles, labels) {
  const near = (i) => labels.map((_, k) => (k === i ? -2 : Math.cos(angles[i] - angles[k])));
  return labels.filter((label, i) => {
    const cosines = near(i);
    return labels[cosines.indexOf(Math.max(...cosines))] === label;
  }).length;
}

const PAIRS = { clip: "the same clip twice", word: "the same word by two voices",
  voice: "two words by the same voice" };

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { first, second, pairs, words, voices, marks, sounds, start } = panel.data;
  const count = first.length;
  const now = { ...start, running: false, steps: 0, seed: 1, pairs: "clip", label: "words" };
  let [net, velocity, clips, others, past] = [];
  let sounding = "";

  const svg = draw("svg", { role: "group", class: "pad", width: "100%", height: SIZE,
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    "aria-label": "A circle with the two views of each clip, and where the loss draws them." });
  panel.pictures.append(make("div", { class: "instrument-plot" }, svg));
  const part = (tag, style, more = {}) => {
    const element = draw(tag, { class: style, ...more });
    svg.append(element);
    return element;
  };
  part("circle", "circle", { cx: SIZE / 2, cy: SIZE / 2, r: RIM });
  const shown = { tie: part("path", "line ink-2"), arrows: part("path", "line thin"),
    second: part("path", "points small square"), first: part("path", "points ink-1") };
  const names = words.map(() => part("text", "middle"));
  const handle = part("circle", "handle", { r: 13, tabindex: 0, role: "slider",
    "aria-label": "The anchor", "aria-valuemin": 1, "aria-valuemax": count });
  const bars = new Plot(panel, {
    x: { from: 0, to: 24.5, label: "Candidates of the anchor, the likeliest first",
      ticks: [1, 8, 16, 24] },
    y: { from: 0, to: 1.05, label: "Share", ticks: [0, 0.5, 1] },
    label: "The shares of the anchor's candidates, its partner in another colour.", height: 165,
  });
  const fall = new Plot(panel, {
    x: { from: 0, to: MOST, label: "Step", ticks: [0, 300, 600, 900] },
    y: { from: 0, to: 6, label: "Loss (nats)", ticks: [0, 2, 4, 6] },
    label: "The loss step by step, and what a net pays that knows nothing.", height: 165,
  });
  panel.pictures.append(make("div", { class: "instrument-plot" }, bars.box, fall.box));

  panel.slider({ label: "Temperature", min: -26, max: 6, step: 1,
    value: Math.round(20 * Math.log10(now.temperature)),
    text: (value) => (10 ** (value / 20)).toPrecision(2),
    act: (value) => set({ temperature: 10 ** (value / 20) }) });
  panel.slider({ label: "Negatives of each view", min: 1, max: 2 * count - 2, step: 1,
    value: now.negatives, text: String, act: (negatives) => set({ negatives }) });
  panel.slider({ label: "Second view moved up by", min: 0, max: second.length - 1, step: 1,
    value: now.moved, text: (value) => `${value} bands`, act: (moved) => set({ moved }) });
  panel.choice({ label: "A pair is", options: PAIRS, value: now.pairs,
    act: (key) => set({ pairs: key }) });
  panel.choice({ label: "Names", options: { words: "words", voices: "voices" }, value: now.label,
    act: (label) => set({ label }) });
  const go = panel.button("Descend", () => run(!now.running));
  panel.button("Begin anew", () => {
    now.seed += 1;
    begin();
    panel.change();
  });

  /** Steps from here on; all at once for readers who do not want things to move. */
  function run(on) {
    if (on && now.steps >= MOST) begin();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (let k = 0; on && still && k < 200; k += 1) advance();
    now.running = on && !still;
    go.textContent = now.running ? "Pause" : "Descend";
    panel.change();
  }

  function advance() {
    step(net, velocity, clips, others, now.temperature);
    now.steps += 1;
    past.push(surprise(embedded(net, clips).angles, others, now.temperature).loss);
  }

  function begin() {
    net = fresh(first[0].length, now.seed);
    velocity = net.map((row) => new Float64Array(row.length));
    now.steps = 0;
    const { angles } = embedded(net, clips);
    past = [surprise(angles, others, now.temperature).loss];
  }

  function set(values) {
    Object.assign(now, values);
    clips = [...first, ...pairs[now.pairs].map((k) => second[now.moved][k])];
    others = rivals(2 * count, now.negatives, 1);
    choose(now.anchor);
  }

  /** Another anchor: its clip is heard, then its partner's. */
  async function choose(anchor) {
    now.anchor = (anchor + count) % count;
    panel.change();
    const key = `${now.anchor} ${now.pairs}`;
    if (key === sounding) return;
    sounding = key;
    const both = await Promise.all([now.anchor, pairs[now.pairs][now.anchor]].map(
      (k) => recording(sounds[k])));
    if (key !== sounding) return;
    const { rate } = both[0];
    const pause = new Float64Array(Math.round(PAUSE * rate));
    const heard = both.flatMap(({ samples }) => [...atLevel(samples, LEVEL), ...pause]);
    panel.speaker.loop("clips", heard, rate);
  }

  const place = (angle, radius) => [SIZE / 2 + radius * Math.cos(angle),
    SIZE / 2 - radius * Math.sin(angle)].map((value) => value.toFixed(1));
  const nearest = (angle) => {
    const cosines = embedded(net, first).angles.map((a) => Math.cos(a - angle));
    return cosines.indexOf(Math.max(...cosines));
  };
  const follow = (event) => {
    const corner = svg.getBoundingClientRect();
    choose(nearest(Math.atan2(corner.top + corner.height / 2 - event.clientY,
      event.clientX - corner.left - corner.width / 2)));
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
  const keys = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    choose(now.anchor + keys[event.key]);
    event.preventDefault();
  });

  /** Names outside of the circle; those that would lie on each other are moved further out. */
  function label(angles) {
    const order = angles.map((angle, i) => [angle, i]).sort(([a], [b]) => a - b);
    const taken = [];
    for (const [angle, i] of order) {
      let rank = 0;
      while (taken.some(([a, r]) => r === rank && angle - a < 0.16)) rank += 1;
      taken.push([angle, rank]);
      const [x, y] = place(angle, RIM + 16 + 14 * Math.min(rank, 3));
      const style = `middle${i === now.anchor ? " ink-2" : ""}`;
      Object.entries({ x, y: Number(y) + 4, class: style }).forEach(
        ([name, value]) => names[i].setAttribute(name, value));
      write(names[i], marks[now.label][i]);
    }
  }

  function picture(angles, slopes) {
    const dots = (part) => part.map((angle) => `M${place(angle, RIM)}h0`).join("");
    shown.first.setAttribute("d", dots(angles.slice(0, count)));
    shown.second.setAttribute("d", dots(angles.slice(count)));
    const [a, b] = [now.anchor, now.anchor + count].map((i) => place(angles[i], RIM));
    shown.tie.setAttribute("d", `M${a}L${b}`);
    // An arrow's length is its slope, made comparable over temperatures and numbers of clips.
    shown.arrows.setAttribute("d", angles.map((angle, i) => {
      const turn = -0.4 * Math.max(-1, Math.min(1, slopes[i] * angles.length * now.temperature));
      const [from, to] = [place(angle, RIM - 9), place(angle + turn, RIM - 9)];
      const tip = place(angle + 0.8 * turn, RIM - 13);
      return Math.abs(turn) < 0.01 ? "" : `M${from}L${to}L${tip}`;
    }).join(""));
    label(angles.slice(0, count));
    handle.setAttribute("cx", a[0]);
    handle.setAttribute("cy", a[1]);
  }

  function candidates(angles) {
    const { partner, rivals: wrong } = shares(angles, now.anchor, others, now.temperature);
    const sorted = [[partner, "ink-2 strong"], ...wrong.map((one) => [one, "ink-1 strong"])]
      .sort(([x], [y]) => y - x);
    for (let k = 0; k < 24; k += 1) {
      const [height, style] = sorted[k] ?? [0, "ink-1 strong"];
      bars.line(`bar ${k}`, [k + 1, k + 1], [0, height], style);
    }
    return { partner, rank: 1 + sorted.findIndex(([, style]) => style.startsWith("ink-2")) };
  }

  function update() {
    for (let k = 0; now.running && k < PER_FRAME; k += 1) advance();
    if (now.running && now.steps >= MOST) run(false);
    const { angles } = embedded(net, clips);
    const { loss, slopes } = surprise(angles, others, now.temperature);
    picture(angles, slopes);
    const { partner, rank } = candidates(angles);
    fall.line("loss", past.map((_, k) => k), past, "ink-1");
    const clueless = Math.log(1 + now.negatives);
    fall.line("clueless", [0, MOST], [clueless, clueless], "dashed");
    fall.text("name", MOST, clueless + 0.3, "knows nothing", "end", -4, 0);
    const who = `${words[now.anchor]}, ${voices[now.anchor]}`;
    handle.setAttribute("aria-valuenow", now.anchor + 1);
    handle.setAttribute("aria-valuetext", who);
    panel.say(`Step ${now.steps}: loss ${loss.toFixed(2)} of ${clueless.toFixed(2)} nats; partners `
      + `are ${alignment(angles).toFixed(2)} apart (alignment), uniformity `
      + `${uniformity(angles).toFixed(2).replace("-", "−")}. The nearest other clip has the same `
      + `word for ${sameNearest(angles, words)} of ${count}, the same voice for `
      + `${sameNearest(angles, voices)}. Anchor ${who}: its partner has ${(100 * partner).toFixed(0)} % `
      + `and is number ${rank} of ${1 + now.negatives}.`);
    if (now.running) panel.change();
  }

  now.anchor = 0;
  set({});
  begin();
  choose(nearest(Math.PI));
  panel.begin();
}

export default { render };
