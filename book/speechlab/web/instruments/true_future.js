// A sentence stopped at a moment, ways in which it could go on, and what a net thinks of each.
import { draw, Panel, Plot } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel } from "./signals.js";

const LEVEL = -20; // dB
const [BEFORE, AFTER, PAUSE] = [0.6, 0.2, 0.15]; // s that are heard of the past, of what follows, of nothing
const EDGE = 0.005; // s over which what is cut fades

/** What the scores of candidates say: the share of each, from how many times likelier every other
 * one is; the surprise at the first, which is the true future; and its place in the order. */
export function weighed(scores) {
  const shares = scores.map((own) => (
    1 / scores.reduce((sum, other) => sum + Math.exp(other - own), 0)));
  const best = Math.max(...scores);
  const above = scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
  return { shares, surprise: best - scores[0] + Math.log(above),
    place: 1 + scores.filter((score) => score > scores[0]).length };
}

/** The mean share of the true future over all moments, for each distance. `scores` has for each
 * distance and moment the scores of the candidates. */
export function meanShares(scores) {
  return scores.map((moments) => moments.reduce(
    (sum, row) => sum + weighed(row).shares[0], 0) / moments.length);
}

/** Samples from one place to another, with short fades. */
export function excerpt(samples, from, to, rate) {
  const part = samples.slice(Math.max(0, from), to);
  const fade = Math.round(EDGE * rate);
  return part.map((sample, n) => (
    sample * Math.min(1, n / fade, (part.length - 1 - n) / fade)));
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { scores, names, shifts, moments, hop, window, start } = panel.data;
  const { samples, rate } = await recording(panel.data.sounds[0]);
  const asked = [{ samples }]; // by candidate; the others are loaded when they are to be heard
  const seconds = samples.length / rate;
  const now = { ...start, heard: 0 }; // moment, steps ahead, candidate
  const means = meanShares(scores);
  const last = moments.length - 1;
  /** Where in the sound of a candidate its continuation of a moment begins, in samples. */
  const from = (candidate, moment) => (moments[moment] + shifts[candidate]) * hop + window;

  const wave = new Plot(panel, {
    x: { from: 0, to: seconds, label: "Time (s)",
      ticks: Array.from({ length: Math.floor(seconds) + 1 }, (_, k) => k) },
    y: { from: -1.05, to: 1.05, label: "", ticks: [] },
    label: "The sentence, the moment it is stopped at, and the moment that is asked for.",
    height: 150, wide: true,
  });
  const bars = new Plot(panel, {
    x: { from: 0, to: 1.3, label: "Share of the scores", ticks: [[0, "0"], [0.5, "0.5"], [1, "1"]] },
    y: { from: names.length, to: 0, label: "", ticks: [] },
    label: "The share of each candidate in the scores of all.", height: 240, aside: 112,
  });
  const steps = new Plot(panel, {
    x: { from: 0.7, to: scores.length + 0.3, label: "Steps ahead, k (10 ms each)",
      ticks: [1, 4, 8, 12].filter((k) => k <= scores.length) },
    y: { from: 0, to: 1.04, label: "Share of the true future", ticks: [0, 0.5, 1] },
    label: "The share of the true future by steps ahead: here, and on average over the sentence.",
    height: 240,
  });
  const most = samples.reduce((top, sample) => Math.max(top, Math.abs(sample)), 1e-9);
  const columns = 400;
  const width = samples.length / columns;
  const reach = Array.from({ length: columns }, (_, k) => samples
    .slice(Math.floor(k * width), Math.floor((k + 1) * width))
    .reduce((top, sample) => Math.max(top, Math.abs(sample) / most), 0));
  const edges = reach.map((_, k) => ((k + 0.5) * width) / rate);

  const time = panel.slider({ label: "Moment", min: 0, max: last, step: 1, value: now.moment,
    text: (value) => `${(from(0, value) / rate).toFixed(2)} s`, act: (moment) => set({ moment }) });
  panel.slider({ label: "Steps ahead, k", min: 1, max: scores.length, step: 1, value: now.k,
    text: (value) => `${value} (${(1000 * value * hop) / rate} ms)`, act: (k) => set({ k }) });
  panel.choice({ label: "Hear", value: "0",
    options: Object.fromEntries(names.map((name, j) => [j, name])),
    act: (key) => set({ heard: Number(key) }) });
  const handle = draw("circle", { r: 13, class: "handle", tabindex: 0, role: "slider",
    "aria-label": "Where the sentence is stopped", "aria-valuemin": 0, "aria-valuemax": last });
  wave.svg.append(handle);
  wave.svg.setAttribute("role", "group"); // it holds a control, so it is more than an image
  wave.svg.classList.add("pad");

  function set(values) {
    Object.assign(now, values);
    now.moment = Math.min(last, Math.max(0, now.moment));
    time(now.moment);
    play();
    panel.change();
  }

  const follow = (event) => {
    const corner = wave.svg.getBoundingClientRect();
    const place = wave.value("x", event.clientX - corner.left) * rate;
    const gaps = moments.map((_, k) => Math.abs(from(0, k) - place));
    set({ moment: gaps.indexOf(Math.min(...gaps)) });
  };
  wave.svg.addEventListener("pointerdown", (event) => {
    wave.svg.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    follow(event);
    event.preventDefault();
  });
  wave.svg.addEventListener("pointermove", (event) => {
    if (wave.svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  const keys = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    set({ moment: now.moment + keys[event.key] });
    event.preventDefault();
  });

  /** The past up to the moment, and what the candidate follows it with. */
  async function play() {
    const { heard, moment } = now;
    asked[heard] ??= recording(panel.data.sounds[heard]);
    const other = (await asked[heard]).samples;
    if (now.heard !== heard || now.moment !== moment) return; // a later one is wanted
    const stop = from(0, moment);
    const past = excerpt(samples, stop - Math.round(BEFORE * rate), stop, rate);
    const begin = from(heard, moment);
    const next = excerpt(other, begin, begin + Math.round(AFTER * rate), rate);
    const silence = new Float64Array(Math.round(PAUSE * rate));
    panel.speaker.loop("words", atLevel([...past, ...next, ...silence], LEVEL), rate);
  }

  function update() {
    wave.line("upper", edges, reach, "faint");
    wave.line("lower", edges, reach.map((value) => -value), "faint");
    const [stop, ahead] = [from(0, now.moment), from(0, now.moment) + now.k * hop];
    wave.span("asked", (ahead - window) / rate, ahead / rate);
    wave.line("stop", [stop / rate, stop / rate], [-1.05, 1.05], "ink-2");
    handle.setAttribute("cx", wave.at("x", stop / rate));
    handle.setAttribute("cy", wave.at("y", 0));
    const { shares, surprise, place } = weighed(scores[now.k - 1][now.moment]);
    shares.forEach((share, j) => {
      const style = j ? "ink-1 strong" : "ink-2 strong";
      bars.text(`name ${j}`, 0, j + 0.5, names[j], `end${j === now.heard ? " ink-2" : ""}`, -6);
      bars.line(`bar ${j}`, [0, share], [j + 0.5, j + 0.5], style);
      bars.text(`share ${j}`, share, j + 0.5, `${(100 * share).toFixed(0)} %`, "", 5);
    });
    const ks = scores.map((_, k) => k + 1);
    const here = scores.map((rows) => weighed(rows[now.moment]).shares[0]);
    steps.line("chance", [0, 20], [1 / names.length, 1 / names.length], "dashed");
    steps.line("mean", ks, means, "faint");
    steps.line("here", ks, here, "ink-2");
    steps.dot("now", now.k, here[now.k - 1], 5, "mark");
    steps.text("mean's name", scores.length, means.at(-1), "mean", "end", 0, 16);
    const at = `${(stop / rate).toFixed(2)} s`;
    handle.setAttribute("aria-valuenow", now.moment);
    handle.setAttribute("aria-valuetext", at);
    panel.say(`Stopped at ${at}, asked for ${now.k} steps ahead: the true future has `
      + `${(100 * shares[0]).toFixed(0)} % and is number ${place} of ${names.length}; a surprise of `
      + `${surprise.toFixed(2)} nats, where knowing nothing costs `
      + `${Math.log(names.length).toFixed(2)}. You hear ${names[now.heard]}. On average `
      + `over the sentence the true future has ${(100 * means[now.k - 1]).toFixed(0)} %.`);
  }

  await play();
  panel.begin();
}

export default { render };
