// Noise pushed through coupling layers until it is distributed as the formants of vowels, with a
// probe that measures how much a small area around it is stretched.
import { draw, Panel, Plot } from "./parts.js";
import { resonances, vowelLoop } from "./signals.js";
import { recording } from "./sound.js";

const LEVEL = -20; // dB
const [SMALL, SIDE, SECONDS] = [1e-4, 0.5, 5]; // of the measured square, of the drawn one; s
const EDGE = 3; // the noise is drawn from -EDGE to EDGE
const RANGES = { f1: [150, 1300], f2: [450, 4000] }; // Hz, of what is heard

/** What a layer adds to the logarithm of the coordinate it changes, and to itself: tanh units. */
function told({ a, b, c, d }, by) {
  let [scale, shift] = d;
  for (let k = 0; k < a.length; k += 1) {
    const unit = Math.tanh(a[k] * by + b[k]);
    scale += c[k][0] * unit;
    shift += c[k][1] * unit;
  }
  return [Math.tanh(scale), shift];
}

/** A point of the noise after so many layers; of the last one a part. The layers alternate between
 * the two coordinates, and undo what the flow did to the data, so that the last comes first. */
export function pushed(layers, point, passed) {
  const now = [...point];
  for (let k = 0; k < passed; k += 1) {
    const l = layers.length - 1 - k;
    const part = Math.min(1, passed - k);
    const [still, moves] = l % 2 ? [1, 0] : [0, 1];
    const [scale, shift] = told(layers[l], now[still]);
    now[moves] = (now[moves] - part * shift) / Math.exp(part * scale);
  }
  return now;
}

/** How a tiny square at the point is stretched and turned: the two sides that it becomes. */
export function sides(layers, point, passed) {
  return [0, 1].map((axis) => {
    const [less, more] = [-SMALL, SMALL].map((step) => (
      pushed(layers, point.map((value, k) => value + (k === axis ? step : 0)), passed)));
    return more.map((value, k) => (value - less[k]) / (2 * SMALL));
  });
}

/** The logarithm of the area that a square of area 1 becomes. */
export function logArea(layers, point, passed) {
  const [[a, b], [c, d]] = sides(layers, point, passed);
  return Math.log(Math.abs(a * d - b * c));
}

/** Logarithm of the density of the noise, two Gaussian numbers of variance 1. */
export const logNoise = ([a, b]) => -Math.log(2 * Math.PI) - (a * a + b * b) / 2;

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { layers, noise, mean, deviation, vowels, higher, bandwidths } = panel.data;
  const { samples, rate } = await recording(panel.data.source);
  const now = { passed: 0, temperature: 1, z: panel.data.start };

  const axis = { from: -EDGE - 0.5, to: EDGE + 0.5, ticks: [-3, -2, -1, 0, 1, 2, 3] };
  const before = new Plot(panel, {
    x: { ...axis, label: "First number of the noise" },
    y: { ...axis, label: "Second number of the noise" },
    label: "The noise, two Gaussian numbers for each dot, and the probe.", height: 300,
  });
  const after = new Plot(panel, {
    x: { from: 3800, to: 550, log: true, label: "F2 (Hz)", ticks: [3000, 2000, 1500, 1000, 700] },
    y: { from: 1300, to: 180, log: true, label: "F1 (Hz)", ticks: [200, 300, 500, 800, 1200] },
    label: "The same dots after the layers, as first and second formants, with the vowels.",
    height: 300,
  });
  const hertz = (x) => x.map((value, k) => Math.exp(mean[k] + deviation[k] * value));
  for (const one of vowels) after.text(one.vowel, one.f2, one.f1, one.vowel, "vowel middle");

  const passed = panel.slider({
    label: "Layers passed", min: 0, max: layers.length, step: 0.1, value: now.passed,
    text: (value) => `${value.toFixed(1)} of ${layers.length}`,
    act: (value) => set({ passed: value, run: undefined }),
  });
  panel.slider({
    label: "Temperature of the noise", min: 0, max: 1.5, step: 0.05, value: now.temperature,
    text: (value) => value.toFixed(2), act: (value) => set({ temperature: value }),
  });
  panel.button("Push the noise through", run);
  const handle = draw("circle", { r: 13, class: "handle", tabindex: 0, role: "slider",
    "aria-label": "The probe", "aria-valuemin": -EDGE, "aria-valuemax": EDGE });
  before.svg.append(handle);
  before.svg.setAttribute("role", "group"); // it holds a control, so it is more than an image
  before.svg.classList.add("pad");

  function set(values) {
    Object.assign(now, values);
    panel.change();
  }

  function move(z) {
    set({ z: z.map((value) => Math.min(EDGE, Math.max(-EDGE, Math.round(20 * value) / 20))) });
  }

  function run() {
    const begun = performance.now();
    const running = (now.run = {});
    const go = () => {
      if (now.run !== running) return;
      const part = (performance.now() - begun) / (1000 * SECONDS);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      now.passed = layers.length * (still ? 1 : Math.min(1, part));
      passed(now.passed);
      panel.change();
      if (now.passed < layers.length) requestAnimationFrame(go);
    };
    go();
  }

  const follow = (event) => {
    const corner = before.svg.getBoundingClientRect();
    move([before.value("x", event.clientX - corner.left),
      before.value("y", event.clientY - corner.top)]);
  };
  before.svg.addEventListener("pointerdown", (event) => {
    before.svg.setPointerCapture(event.pointerId);
    handle.focus();
    follow(event);
    event.preventDefault();
  });
  before.svg.addEventListener("pointermove", (event) => {
    if (before.svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  const keys = { ArrowUp: [0, 0.1], ArrowDown: [0, -0.1], ArrowLeft: [-0.1, 0],
    ArrowRight: [0.1, 0] };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    move(now.z.map((value, k) => value + keys[event.key][k]));
    event.preventDefault();
  });

  /** Lines of equal first or second number, before and after. */
  function grid() {
    const along = Array.from({ length: 31 }, (_, k) => -EDGE + (k * EDGE) / 15);
    for (let value = -EDGE; value <= EDGE; value += 1) {
      for (const [name, line] of [["across", along.map((t) => [t, value])],
        ["up", along.map((t) => [value, t])]]) {
        before.line(`${name} ${value}`, line.map(([a]) => a), line.map(([, b]) => b),
          "thin faint");
        const there = line.map((z) => hertz(pushed(layers, z, now.passed)));
        after.line(`${name} ${value}`, there.map(([, f2]) => f2), there.map(([f1]) => f1),
          "thin faint");
      }
    }
  }

  /** Everything but the probe, which moves alone most of the time. */
  function scene() {
    const key = `${now.passed} ${now.temperature}`;
    if (key === now.drawn) return;
    now.drawn = key;
    grid();
    const cloud = noise.map((z) => z.map((value) => now.temperature * value));
    before.points("noise", cloud.map(([a]) => a), cloud.map(([, b]) => b), "grain");
    const there = cloud.map((z) => hertz(pushed(layers, z, now.passed)));
    after.points("formants", there.map(([, f2]) => f2), there.map(([f1]) => f1), "grain");
  }

  function update() {
    scene();
    const x = pushed(layers, now.z, now.passed);
    const [one, two] = sides(layers, now.z, now.passed);
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map((corner) => (
      corner.map((value) => (value * SIDE) / 2)));
    before.line("square", corners.map(([a]) => now.z[0] + a), corners.map(([, b]) => now.z[1] + b),
      "ink-2");
    const image = corners.map(([a, b]) => (
      hertz(x.map((value, k) => value + a * one[k] + b * two[k]))));
    after.line("square", image.map(([, f2]) => f2), image.map(([f1]) => f1), "ink-2");
    const formants = hertz(x);
    after.dot("probe", formants[1], formants[0], 5, "mark");
    handle.setAttribute("cx", before.at("x", now.z[0]));
    handle.setAttribute("cy", before.at("y", now.z[1]));
    const heard = formants.map((value, k) => (
      Math.min(RANGES[`f${k + 1}`][1], Math.max(RANGES[`f${k + 1}`][0], value))));
    const sections = resonances([...heard, ...higher], bandwidths, rate);
    panel.speaker.loop("vowel", vowelLoop(samples, sections, LEVEL), rate);
    tell(formants);
  }

  function tell(formants) {
    const area = logArea(layers, now.z, now.passed);
    const noiseAt = logNoise(now.z);
    const fixed = (value) => (
      Math.abs(value) < 0.005 ? "0.00" : value.toFixed(2).replace("-", "−"));
    handle.setAttribute("aria-valuenow", now.z[0]);
    handle.setAttribute("aria-valuetext", `${fixed(now.z[0])} and ${fixed(now.z[1])}`);
    panel.say(`Probe at ${fixed(now.z[0])} and ${fixed(now.z[1])}: after `
      + `${now.passed.toFixed(1)} layers F1 ${formants[0].toFixed(0)} Hz, `
      + `F2 ${formants[1].toFixed(0)} Hz. Its square has become ${Math.exp(area).toFixed(2)} times `
      + `as large, a log-determinant of ${fixed(area)}. Log density of the noise `
      + `${fixed(noiseAt)}, of the formants ${fixed(noiseAt)} − (${fixed(area)}) = `
      + `${fixed(noiseAt - area)}.`);
  }

  panel.begin();
}

export default { render };
