// From a curve to numbers and back: samples, a quantiser, and the reconstruction, seen and heard.
import { Panel, Plot } from "./parts.js";
import { fft, levelOf, powerOfTwo } from "./signals.js";

const WINDOW = 0.006; // seconds that the picture shows
const HEARD = -24; // dB, the level of the sound before it is sampled
const LENGTH = 65536; // samples of a loop

// A low-pass filter as steep as there can be, in two halves of some milliseconds each.
function* passing(samples, hertz, rate) {
  const size = powerOfTwo(samples.length);
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  re.set(samples);
  fft(re, im);
  yield;
  const last = (hertz / rate) * size;
  for (let k = 0; k < size; k += 1) {
    const bin = Math.min(k, size - k);
    if (bin < last) continue;
    const gain = bin === last ? 0.5 : 0; // what lies on the edge is passed by half
    re[k] *= gain;
    im[k] *= gain;
  }
  fft(im, re); // with the parts exchanged this is the inverse, times the size
  return re.subarray(0, samples.length).map((x) => x / size);
}

const finished = (steps) => {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
};

/** Without all that lies above `hertz`. */
export const lowPassed = (samples, hertz, rate) => finished(passing(samples, hertz, rate));

/** The levels of a quantiser of so many bits for the range from -1 to 1; none of them is 0. */
export function levelsOf(bits) {
  const count = 2 ** bits;
  return Float64Array.from({ length: count }, (_, k) => (2 * k + 1 - count) / count);
}

/** The level that is nearest to a number, by halving the list of levels. */
export function nearest(levels, x) {
  let [low, high] = [0, levels.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x < (levels[middle] + levels[middle + 1]) / 2) high = middle;
    else low = middle + 1;
  }
  return levels[low];
}

/** One sample in `every`, at the nearest level; zeros between. */
export function kept(samples, every, bits) {
  const levels = levelsOf(bits);
  const result = new Float64Array(samples.length);
  for (let n = 0; n < samples.length; n += every) result[n] = nearest(levels, samples[n]);
  return result;
}

function* joining(numbers, every, rate) {
  const smooth = yield* passing(numbers, rate / every / 2, rate);
  return smooth.map((x) => x * every);
}

/** The smooth curve through the samples that were kept. */
export const joined = (numbers, every, rate) => finished(joining(numbers, every, rate));

/** Each number held until the next one comes. */
export function held(numbers, every) {
  return numbers.map((_, n) => numbers[n - (n % every)]);
}

/** By how many decibels the samples are stronger than their difference from others. */
export function above(samples, others) {
  return levelOf(samples) - levelOf(samples.map((x, n) => x - others[n]));
}

/** The frequency in hertz at which samples are strongest. */
export function strongest(samples, rate) {
  const size = powerOfTwo(samples.length);
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  re.set(samples);
  fft(re, im);
  let best = 0;
  for (let k = 0; k <= size / 2; k += 1) {
    if (Math.hypot(re[k], im[k]) > Math.hypot(re[best], im[best])) best = k;
  }
  return (best * rate) / size;
}

/** A tone that begins and ends gently, so that its loop does not click. */
export function toneOf(hertz, rate) {
  const edge = 0.02 * rate;
  return Float64Array.from({ length: LENGTH }, (_, n) => {
    const rise = Math.min(1, n / edge, (LENGTH - n) / (2 * edge));
    return 0.7 * rise * Math.sin((2 * Math.PI * hertz * n) / rate);
  });
}

// The part of a recording with the most energy, so scaled that it nearly fills the range.
function loudest(samples) {
  let [sum, best, first] = [0, 0, 0];
  for (let n = 0; n < samples.length; n += 1) {
    sum += samples[n] ** 2 - (n >= LENGTH ? samples[n - LENGTH] ** 2 : 0);
    if (sum > best) [best, first] = [sum, Math.max(0, n - LENGTH + 1)];
  }
  const part = samples.slice(first, first + LENGTH);
  const peak = part.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9);
  const edge = 500;
  return part.map((x, n) => (
    (0.95 * x * Math.min(1, n / edge, (part.length - 1 - n) / edge)) / peak));
}

// Points between samples for the eye, on cubic curves.
function drawn(samples, first, count, rate) {
  const [times, values] = [[], []];
  const at = (n) => samples[Math.min(samples.length - 1, Math.max(0, n))];
  for (let n = first; n < first + count; n += 1) {
    const [a, b, c, d] = [at(n - 1), at(n), at(n + 1), at(n + 2)];
    for (let part = 0; part < 1; part += 0.25) {
      times.push((1000 * (n + part - first)) / rate);
      values.push(b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d
        + part * (3 * (b - c) + d - a))));
    }
  }
  return [times, values];
}

const LAYERS = {
  analogue: ["the curve", "ink-1"], levels: ["the quantiser's levels", ""],
  samples: ["samples", ""], steps: ["steps", ""], reconstruction: ["reconstruction", "ink-2"],
};
const SOUNDS = {
  reconstruction: "the reconstruction", analogue: "the sound itself", steps: "the steps",
  error: "what was added or lost",
};
const pause = () => new Promise((resolve) => { setTimeout(resolve); });
async function unhurried(steps) {
  let step = steps.next();
  while (!step.done) {
    await pause();
    step = steps.next();
  }
  await pause();
  return step.value;
}
const spaced = (number) => Math.round(number).toLocaleString("en-GB");

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const now = { filter: "no", heard: "reconstruction", ...panel.data.start };
  const shown = new Set(Object.keys(LAYERS));
  const plot = new Plot(panel, {
    x: { from: 0, to: 1000 * WINDOW, label: "Time (ms)", ticks: [0, 1, 2, 3, 4, 5, 6] },
    y: { from: -1, to: 1, label: "Amplitude", ticks: [-1, -0.5, 0, 0.5, 1] },
    label: "Six milliseconds of a sound: curve, samples, levels, steps and reconstruction.",
    wide: true, height: 300,
  });
  let [speech, rate, base, busy, dirty] = [null, 48000, null, false, false];
  let made = null; // the sound, what came of it, and with which settings

  const slider = (key, label, min, max, text) => panel.slider({
    label, min, max, step: 1, value: now[key], text, act: (value) => {
      now[key] = value;
      compute();
    },
  });
  const every = (value) => 49 - value;
  slider("rate", "Sampling rate", 1, 48, (value) => `${spaced(rate / every(value))} Hz`);
  slider("bits", "Word length", 1, 16, (value) => `${value} bit${value > 1 ? "s" : ""}`);
  slider("tone", "A tone in place of the voice", 0, 120,
    (value) => (value ? `${spaced(100 * value)} Hz` : "none"));
  slider("place", "Where the picture looks", 0, 100, (value) => `${value} % of the way`);
  panel.toggles({
    label: "Shown", options: LAYERS, on: [...shown], act: (key, on) => {
      if (on) shown.add(key);
      else shown.delete(key);
      panel.change();
    },
  });
  panel.choice({
    label: "Heard", options: SOUNDS, value: now.heard, act: (key) => {
      now.heard = key;
      play();
    },
  });
  panel.choice({
    label: "Low-pass filter before sampling", options: { no: "no", yes: "yes" },
    value: now.filter, act: (key) => {
      now.filter = key;
      compute();
    },
  });

  // Each part of the work is a task of its own, so that the page can draw between them. What
  // changes meanwhile is taken up at the end, and not by starting anew, so that dragging shows.
  async function compute() {
    dirty = true;
    if (busy) return;
    busy = true;
    while (dirty) {
      dirty = false;
      const set = { ...now, every: every(now.rate) };
      const source = set.tone ? toneOf(100 * set.tone, rate) : speech;
      if (base?.source !== source) base = { source, level: levelOf(source) };
      const input = set.filter === "yes"
        ? await unhurried(passing(source, rate / set.every / 2, rate)) : source;
      const numbers = kept(input, set.every, set.bits);
      const reconstruction = await unhurried(joining(numbers, set.every, rate));
      const snr = above(source, reconstruction);
      await pause();
      const peak = set.tone ? strongest(reconstruction, rate) : 0;
      made = { set, source, numbers, reconstruction, snr, peak };
      play();
      panel.change();
      await pause();
    }
    busy = false;
  }

  function play() {
    if (!made) return;
    const { set, source, numbers, reconstruction } = made;
    const sounds = {
      reconstruction: () => reconstruction, analogue: () => source,
      steps: () => held(numbers, set.every),
      error: () => source.map((x, n) => x - reconstruction[n]),
    };
    panel.speaker.loop("sound", sounds[now.heard](), rate, HEARD - base.level);
  }

  function update() {
    if (!made) return;
    const { set, source, numbers, reconstruction, snr, peak } = made;
    const count = Math.round(WINDOW * rate);
    const first = Math.round((source.length - count - 1) * now.place / 100);
    plot.line("analogue", ...drawn(source, first, count, rate), "ink-1 strong faint");
    plot.line("reconstruction", ...drawn(reconstruction, first, count, rate), "ink-2");
    const [times, values, corners, steps] = [[], [], [], []];
    for (let n = first - (first % set.every); n <= first + count; n += set.every) {
      const time = (1000 * (n - first)) / rate;
      times.push(time);
      values.push(numbers[n]);
      corners.push(time, time + (1000 * set.every) / rate);
      steps.push(numbers[n], numbers[n]);
    }
    plot.line("steps", corners, steps, "thin");
    plot.points("samples", times, values);
    const ladder = set.bits > 6 ? [] : levelsOf(set.bits);
    const rungs = Array.from(ladder).flatMap((level) => [level, level]);
    const ends = rungs.map((_, k) => ([1, 2].includes(k % 4) ? 1000 * WINDOW : 0));
    plot.line("levels", ends.length ? ends : [-9], rungs.length ? rungs : [0], "thin faint");
    for (const key of Object.keys(LAYERS)) plot.show(key, shown.has(key));
    const hertz = rate / set.every;
    const comes = set.tone ? ` A tone of ${spaced(100 * set.tone)} Hz comes back strongest at `
      + `${spaced(peak)} Hz.` : "";
    panel.say(`${spaced(hertz)} samples a second, half of it ${spaced(hertz / 2)} Hz; `
      + `${spaced(2 ** set.bits)} levels; ${spaced(hertz * set.bits)} bits a second. The error is `
      + `${Math.abs(snr).toFixed(1)} dB ${snr < 0 ? "above" : "below"} the sound. The picture `
      + `begins at ${(first / rate).toFixed(3)} s.${comes}`);
  }

  await panel.voice(panel.data.voice, 2, (sound) => {
    speech = loudest(sound.samples);
    rate = sound.rate;
    compute();
  });
  panel.begin();
}

export default { render };
