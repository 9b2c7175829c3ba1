/* Pictures of what Python found in a recording. */
import { draw, make, Plot } from "../instruments/parts.js";

/** A plot on a page of its own, not in an instrument. */
function plot(place, axes) {
  const pictures = make("div", { class: "instrument-pictures" });
  place.append(pictures);
  return new Plot({ pictures }, { wide: true, height: 200, ...axes });
}

function time(seconds) {
  const step = [0.1, 0.2, 0.5, 1, 2].find((one) => seconds / one < 8) ?? 2;
  const ticks = Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, k) =>
    Number((k * step).toFixed(1)));
  return { from: 0, to: seconds, label: "Time (s)", ticks };
}

/** The lowest and the highest sample of each of at most 600 pieces, as one line. */
export function waveform(place, samples, rate, label) {
  const seconds = samples.length / rate;
  const most = Math.max(...[0.01, ...peaks(samples)].map(Math.abs));
  const top = most > 0.5 ? 1 : Number((2 * most).toPrecision(1));
  const y = { from: -top, to: top, label: "Amplitude", ticks: [-top, 0, top] };
  const picture = plot(place, { x: time(seconds), y, height: 130, label });
  const ends = peaks(samples);
  picture.line("wave", ends.map((_, k) => (seconds * k) / ends.length), ends, "ink-1 thin");
}

function peaks(samples) {
  const size = Math.max(1, Math.ceil(samples.length / 600));
  const found = [];
  for (let start = 0; start < samples.length; start += size) {
    const piece = samples.subarray(start, start + size);
    found.push(piece.reduce((a, b) => Math.min(a, b)), piece.reduce((a, b) => Math.max(a, b)));
  }
  return found;
}

// From dark to light, as bright as the value is large; readable without colours, too.
const STOPS = [[0, 0, 4], [81, 18, 124], [183, 55, 121], [252, 137, 97], [252, 253, 191]];

function colour(part) {
  const at = Math.min(0.9999, Math.max(0, part)) * (STOPS.length - 1);
  const [low, high] = [STOPS[Math.floor(at)], STOPS[Math.floor(at) + 1]];
  return low.map((value, k) => value + (at % 1) * (high[k] - value));
}

/** A matrix (rows, columns), row 0 at the bottom, painted into a canvas. */
function paint(canvas, { shape: [rows, columns], data }, from, to) {
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  data.forEach((value, k) => {
    const at = 4 * ((rows - 1 - Math.floor(k / columns)) * columns + (k % columns));
    image.data.set(colour((value - from) / (to - from)), at);
    image.data[at + 3] = 255;
  });
  context.putImageData(image, 0, 0);
}

/** A matrix over time, its rows on the axis `y`. */
export function map(place, matrix, seconds, y, { from, to, label, height = 220 }) {
  const picture = plot(place, { x: time(seconds), y, height, label });
  picture.image((canvas) => paint(canvas, matrix, from, to));
  new ResizeObserver(() => picture.image(() => {})).observe(picture.box);
  return picture;
}

export function transposed({ shape: [rows, columns], data }) {
  const turned = new Float64Array(data.length);
  data.forEach((value, k) => {
    turned[(k % columns) * rows + Math.floor(k / columns)] = value;
  });
  return { shape: [columns, rows], data: turned };
}

export function pitch(place, hertz, step, seconds) {
  const y = { from: 60, to: 400, label: "Pitch (Hz)", log: true, ticks: [60, 100, 150, 200, 300, 400] };
  const picture = plot(place, { x: time(seconds), y, label: "Pitch over time." });
  const there = [...hertz.keys()].filter((k) => hertz[k] > 0);
  picture.points("pitch", there.map((k) => k * step), there.map((k) => hertz[k]), "ink-1");
}

/** The vowel chart: the table's vowels, frames of the recording, and where it is steadiest. */
export function vowels(place, chart, group, found) {
  const picture = plot(place, {
    x: { from: 3500, to: 500, log: true, label: "F2 (Hz)", ticks: [3000, 2000, 1500, 1000, 700] },
    y: { from: 1100, to: 200, log: true, label: "F1 (Hz)", ticks: [250, 350, 500, 700, 1000] },
    height: 320,
    label: "Vowel chart: F2 from right to left, F1 from top to bottom.",
  });
  const [f1, f2] = [0, 1].map((k) => found.hertz.data.filter((_, n) => n % 2 === k));
  picture.points("frames", f2, f1, "ink-1 soft");
  chart.vowels.forEach((vowel, k) => {
    const [y, x] = chart.hertz.data.subarray(6 * k + 2 * group, 6 * k + 2 * group + 2);
    picture.text(vowel, x, y, vowel, "vowel middle");
  });
  if (found.steady.data.length) {
    picture.dot("steady", found.steady.data[1], found.steady.data[0], 8, "mark");
  }
}

/** Which of the table's vowels lies nearest, in ratios of frequency. */
export function nearest(chart, group, [f1, f2]) {
  const far = chart.vowels.map((_, k) => {
    const [g1, g2] = chart.hertz.data.subarray(6 * k + 2 * group, 6 * k + 2 * group + 2);
    return Math.hypot(Math.log(g1 / f1), Math.log(g2 / f2));
  });
  return far.indexOf(Math.min(...far));
}

/** Units as a strip: one column each, its colour by its number. */
export function units(place, numbers, of, seconds) {
  const height = 90;
  const svg = draw("svg", { role: "img", height, preserveAspectRatio: "none", class: "voice-units",
    viewBox: `0 0 ${numbers.length} ${of}`, "aria-label": "The number of the unit over time." });
  let start = 0;
  numbers.forEach((unit, k) => {
    if (k + 1 < numbers.length && numbers[k + 1] === unit) return;
    svg.append(draw("rect", { x: start, y: of - 1 - unit, width: k + 1 - start, height: 4 }));
    start = k + 1;
  });
  place.append(svg, make("p", { class: "voice-axis" },
    `From 0 to ${seconds.toFixed(1)} s; the higher a mark, the larger the number of the unit, 0 to ${of - 1}.`));
}
