// Two sines and a window: how near each other they may come before the window takes them for one.
import { Panel, Plot } from "./parts.js";
import { amplitude, decibels, powerSpectrum } from "./signals.js";
import { PADDINGS, powerAt, SHAPES, weights } from "./windows.js";

const [RATE, LOW, LEVEL] = [8000, 500, -26]; // Hz, Hz, dB
const FINE = 8192; // samples with zeros, for the curve between the bins
const [FROM, TO] = [350, 850]; // Hz, of the picture

/** Both sines in a window of so many samples; the second one, `distance` Hz higher and `level` dB
 * stronger, is a quarter of a period late in the middle of the window. */
export function framed(distance, level, window) {
  const turn = (2 * Math.PI) / RATE;
  return window.map((weight, n) => {
    const time = turn * (n - window.length / 2);
    const second = amplitude(level) * Math.sin((LOW + distance) * time);
    return weight * (Math.cos(LOW * time) + second);
  });
}

/** Whether both are seen, in dB: how deep the valley between them is below the weaker one, and how
 * far the second one rises above what the first one alone has there. */
export function seen(distance, level, window) {
  const grid = Array.from({ length: 129 }, (_, k) => (LOW + (distance * k) / 128) / RATE);
  const both = powerAt(framed(distance, level, window), grid).map(decibels);
  const [alone] = powerAt(framed(distance, -400, window), [grid[128]]).map(decibels);
  return { valley: Math.min(both[0], both[128]) - Math.min(...both), above: both[128] - alone };
}

/** The rule of this page: both by 3 dB or more. */
export const apart = ({ valley, above }) => valley >= 3 && above >= 3;

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const now = { padding: "1", ...panel.data.start };
  const plot = new Plot(panel, {
    x: { from: FROM, to: TO, label: "Frequency (Hz)", ticks: [400, 500, 600, 700, 800] },
    y: { from: -70, to: 6, label: "Level (dB)", ticks: [-60, -40, -20, 0] },
    label: "The spectrum of two sines in a window.", height: 260, wide: true,
  });
  const first = Math.ceil((FROM * FINE) / RATE);
  const count = Math.floor((TO * FINE) / RATE) - first;
  const hertz = Array.from({ length: count }, (_, k) => ((first + k) * RATE) / FINE);
  const act = (key) => (value) => {
    now[key] = value;
    panel.change();
  };
  panel.slider({ label: "Distance of the sines", min: 4, max: 250, step: 1, value: now.distance,
    text: (value) => `${value} Hz`, act: act("distance") });
  panel.slider({ label: "Length of the window", min: 10, max: 200, step: 1, value: now.length,
    text: (value) => `${value} ms`, act: act("length") });
  panel.slider({ label: "Level of the second sine", min: -60, max: 0, step: 1, value: now.level,
    text: (value) => `${value} dB`, act: act("level") });
  panel.choice({ label: "Shape", options: SHAPES, value: now.shape, act: act("shape") });
  panel.choice({ ...PADDINGS, value: now.padding, act: act("padding") });

  function update() {
    const { distance, level, padding } = now;
    const window = weights(now.shape, Math.round((now.length * RATE) / 1000));
    const sum = window.reduce((total, weight) => total + weight, 0);
    const inDecibels = (power) => decibels((4 * power) / sum ** 2 + 1e-12);
    const samples = framed(distance, level, window);
    const between = powerSpectrum(samples, FINE).subarray(first, first + count).map(inDecibels);
    const bin = RATE / window.length / Number(padding);
    const lowest = Math.ceil(FROM / bin);
    const bins = Array.from({ length: Math.floor(TO / bin) - lowest + 1 },
      (_, k) => (lowest + k) * bin);
    const levels = powerAt(samples, bins.map((value) => value / RATE)).map(inDecibels);
    plot.span("first", LOW, LOW);
    plot.span("second", LOW + distance, LOW + distance);
    plot.line("between", hertz, between, "thin");
    plot.line("bins", bins, levels, "ink-1");
    const few = bins.length <= 110;
    plot.points("dots", bins.filter((_, k) => few && levels[k] >= -70), // none below the plot
      levels.filter((level) => level >= -70), "ink-2");
    const one = amplitude(LEVEL);
    panel.speaker.tone("first", LOW, [0, one], [0, 0]);
    panel.speaker.tone("second", LOW + distance, [0, 0], [0, one * amplitude(level)]);
    const verdict = apart(seen(distance, level, window)) ? "Two peaks: told apart."
      : "The window does not tell them apart.";
    panel.say(`${distance} Hz apart, ${((distance * window.length) / RATE).toFixed(2)} times the `
      + `resolution of ${(RATE / window.length).toFixed(1)} Hz; a bin every ${bin.toFixed(1)} Hz. `
      + verdict);
  }

  panel.begin();
}

export default { render };
