// A waveform as the discriminators see it: folded at a period, one column of it, and averaged.
import { Panel, Plot } from "./parts.js";
import { atLevel } from "./signals.js";

const [WINDOW, SHORT, LEVEL] = [0.1, 0.02, -20]; // s of the picture; s of the waveform; dB
const LONGEST = 160; // samples of a period
const SECONDS = 3; // of the reader's own voice

/** How alike each whole row of a picture folded at a period is to the next: 1 if they are the same
 * but for a positive factor. */
export function likeness(x, period) {
  const end = (Math.floor(x.length / period) - 1) * period;
  let [both, one, next] = [0, 0, 0];
  for (let n = 0; n < end; n += 1) {
    both += x[n] * x[n + period];
    one += x[n] ** 2;
    next += x[n + period] ** 2;
  }
  return both / Math.sqrt(one * next + 1e-30);
}

/** The period from `least` to `most` whose rows are most alike. */
export function clearest(x, least, most) {
  let [best, height] = [least, -Infinity];
  for (let period = least; period <= most; period += 1) {
    const now = likeness(x, period);
    if (now > height) [best, height] = [period, now];
  }
  return best;
}

/** Means of four samples, two further on each time, with two zeros at either end: `times` over. */
export function pooled(x, times) {
  let now = x;
  for (let k = 0; k < times; k += 1) {
    const upTo = new Float64Array(now.length + 1); // sums of all samples before
    for (let n = 0; n < now.length; n += 1) upTo[n + 1] = upTo[n] + now[n];
    const limit = (n) => upTo[Math.min(now.length, Math.max(0, n))];
    now = Float64Array.from({ length: Math.floor(now.length / 2) + 1 },
      (_, n) => (limit(2 * n + 2) - limit(2 * n - 2)) / 4);
  }
  return now;
}

/** Every `period`-th sample from `first` on, held until the next one. */
export const held = (x, period, first) => Float64Array.from({ length: x.length },
  (_, n) => x[Math.min(x.length - 1, first + period * Math.floor(n / period))]);

const HEARD = {
  all: "All samples", column: "One column", once: "Averaged once", twice: "Averaged twice",
};
const TIMES = { once: 1, twice: 2 }; // how often the average is taken

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const now = { period: panel.data.period, at: panel.data.at, column: 0, heard: "all" };
  let [x, rate] = [new Float64Array(2), 8000];

  const fold = new Plot(panel, {
    x: { from: 0, to: 1, label: "Place in the period",
      ticks: [[0, "begin"], [0.5, "half"], [1, "end"]] },
    y: { from: 1000 * WINDOW, to: 0, label: "Time (ms)", ticks: [0, 25, 50, 75, 100] },
    label: "The waveform folded: a row for each period, time goes down. Strong where it is high.",
    height: 300, wide: true,
  });
  const wave = new Plot(panel, {
    x: { from: 0, to: 1000 * SHORT, label: "Time (ms)", ticks: [0, 5, 10, 15, 20] },
    y: { from: -1.1, to: 1.1, label: "Amplitude", ticks: [-1, 0, 1] },
    label: "The beginning of the same stretch: all samples, and those that are looked at.",
    height: 180, wide: true,
  });
  panel.slider({
    label: "Period (samples)", min: 2, max: LONGEST, step: 1, value: now.period,
    text: (value) => `${value}`, act: (period) => { now.period = period; compute(); },
  });
  const column = panel.slider({
    label: "Column, up to the last one", min: 0, max: LONGEST - 1, step: 1, value: 0,
    text: (value) => `${Math.min(value, now.period - 1)}`,
    act: (value) => { now.column = value; compute(); },
  });
  panel.slider({
    label: "Begins at (part of the recording)", min: 0, max: 1, step: 0.005, value: now.at,
    text: (value) => `${Math.round(100 * value)} %`, act: (at) => { now.at = at; panel.change(); },
  });
  panel.choice({ label: "Hear and see", options: HEARD, value: now.heard,
    act: (heard) => { now.heard = heard; compute(); } });

  const place = () => Math.min(now.column, now.period - 1);

  function stretch() {
    const length = Math.min(x.length, Math.round(WINDOW * rate));
    const start = Math.round(now.at * (x.length - length));
    return [x.subarray(start, start + length), start];
  }

  function compute() {
    column(now.column);
    const times = TIMES[now.heard];
    let sound = x;
    if (now.heard === "column") sound = held(x, now.period, place());
    else if (times) {
      const small = pooled(x, times);
      sound = x.map((_, n) => small[Math.floor(n / 2 ** times)]);
    }
    panel.speaker.loop("voice", atLevel(sound, LEVEL), rate);
    panel.change();
  }

  function paint(canvas, samples, most) {
    const rows = Math.ceil(samples.length / now.period);
    Object.assign(canvas, { width: now.period, height: rows });
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(panel.root).color;
    samples.forEach((sample, n) => {
      pen.globalAlpha = Math.min(1, Math.max(0, 0.5 + sample / (2 * most)));
      pen.fillRect(n % now.period, Math.floor(n / now.period), 1, 1);
    });
  }

  function update() {
    const [samples, start] = stretch();
    const most = samples.reduce((m, sample) => Math.max(m, Math.abs(sample)), 1e-6);
    fold.image((canvas) => paint(canvas, samples, most));
    const c = place();
    fold.span("column", c / now.period, (c + 1) / now.period, "outline");
    const few = samples.subarray(0, Math.round(SHORT * rate));
    wave.line("all", few.map((_, n) => (1000 * n) / rate), few.map((s) => s / most), "faint");
    const times = TIMES[now.heard];
    const step = now.heard === "column" ? now.period : 2 ** (times ?? 0);
    const [from, first] = now.heard === "column" ? [x, start + c] : [pooled(x, times ?? 0), 0];
    const shown = [[], []];
    for (let k = 0; k < few.length / step; k += 1) {
      const index = now.heard === "column" ? first + k * step : Math.round(start / step) + k;
      if (index >= from.length) break;
      shown[0].push((1000 * (now.heard === "column" ? c + k * step : k * step)) / rate);
      shown[1].push(from[index] / most);
    }
    wave.line("seen", ...shown, "ink-2");
    const alike = likeness(samples, now.period).toFixed(2);
    const best = clearest(samples, 20, LONGEST);
    panel.say(`Period ${now.period}, column ${c}: ${Math.ceil(samples.length / now.period)} rows, each like the `
      + `next to ${alike}. From 20 on, rows are most alike at ${best} samples, `
      + `${(rate / best).toFixed(0)} Hz.`);
  }

  await panel.voice(panel.data.voice, SECONDS, (sound) => {
    x = Float64Array.from(sound.samples);
    rate = sound.rate;
    compute();
  });
  panel.begin();
}

export default { render };
