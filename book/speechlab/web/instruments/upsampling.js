// Zeros between the samples, and a kernel that fills them: output by output, and as a whole.
import { Panel, Plot } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel, decibels, powerSpectrum } from "./signals.js";

const [REACH, FRAME, LEVEL] = [16, 512, -20]; // samples shown to either side; of a spectrum; dB

/** The weights K_-D ... K_D of a way to fill the gaps. */
export function kernel(kind, D) {
  const weight = {
    zeros: (j) => Number(j === 0),
    hold: (j) => Number(j === 0 || j === -1),
    line: (j) => Math.max(0, 1 - Math.abs(j) / 2),
    sinc: (j) => (j ? Math.sin((Math.PI * j) / 2) / ((Math.PI * j) / 2) : 1)
      * (0.54 + 0.46 * Math.cos((Math.PI * j) / D)),
  }[kind];
  return Float64Array.from({ length: 2 * D + 1 }, (_, k) => weight(k - D));
}

/** Sample i of the spread signal, counted from 1: a zero if i is odd or outside. */
export const spread = (z, i) => (i % 2 ? 0 : z[i / 2 - 1] ?? 0);

/** The upsampled signal by two short filters at the old rate, one for the samples of odd and one
 * for those of even number: no zero is ever multiplied. */
export function doubled(z, weights) {
  const D = (weights.length - 1) / 2;
  const y = new Float64Array(2 * z.length + 1);
  for (const parity of [0, 1]) {
    const [taps, shifts] = [[], []];
    weights.forEach((weight, k) => {
      const j = k - D;
      if (weight && Math.abs(j % 2) === parity) {
        taps.push(weight);
        shifts.push((j - parity) / 2);
      }
    });
    for (let n = 0; 2 * n - parity < y.length + 1; n += 1) {
      const at = 2 * n - parity; // y_i with i = at counted from 1
      if (at < 1 || at > y.length) continue;
      let sum = 0;
      for (let q = 0; q < taps.length; q += 1) sum += taps[q] * (z[n + shifts[q] - 1] ?? 0);
      y[at - 1] = sum;
    }
  }
  return y;
}

/** Level in dB of the power at 257 frequencies, mean over frames of 512 samples under a Hann window
 * that overlap by half. A sine of amplitude A has A^2 / 2. */
export function spectrum(y) {
  const window = Float64Array.from({ length: FRAME },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FRAME));
  const total = window.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(FRAME / 2 + 1);
  const count = Math.floor((y.length - FRAME) / (FRAME / 2)) + 1;
  for (let t = 0; t < count; t += 1) {
    const framed = window.map((weight, n) => weight * y[(t * FRAME) / 2 + n]);
    powerSpectrum(framed, FRAME).forEach((power, k) => {
      mean[k] += (power * (k % (FRAME / 2) ? 2 : 1)) / total ** 2 / count;
    });
  }
  return mean.map((power) => decibels(power + 1e-12));
}

const KINDS = { zeros: "Zeros left", hold: "Hold", line: "Straight lines", sinc: "Sinc" };

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const now = { kind: panel.data.kind, D: panel.data.D, i: panel.data.i };
  const { samples: z, rate: old } = await recording(panel.data.voice);
  const [rate, length] = [2 * old, 2 * z.length + 1];
  const most = z.reduce((largest, sample) => Math.max(largest, Math.abs(sample)), 1e-6);
  let [y, levels, weights] = [[], [], []];

  const taps = new Plot(panel, {
    x: { from: -REACH, to: REACH, label: "Samples from the output, j", ticks: [-16, -8, 0, 8, 16] },
    y: { from: -1.1, to: 1.4, label: "Of the largest", ticks: [-1, 0, 1] },
    label: "The spread signal as dots, the kernel over it, and what comes out as a line.",
    height: 240, wide: true,
  });
  const picture = new Plot(panel, {
    x: { from: 0, to: 4000, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] },
    y: { from: -110, to: -20, label: "Level (dB)", ticks: [-100, -80, -60, -40, -20] },
    label: "The spectrum of the upsampled sound, with the limit of the old rate.",
    height: 200, wide: true,
  });

  panel.slider({
    label: "Output, i", min: 1, max: length, step: 1, value: Math.min(now.i, length),
    text: (value) => `${value}`, act: (i) => { now.i = i; panel.change(); },
  });
  panel.slider({
    label: "Half the width of the kernel, D", min: 1, max: REACH, step: 1, value: now.D,
    text: (value) => `${value}`, act: (D) => { now.D = D; compute(); },
  });
  panel.choice({ label: "Kernel", options: KINDS, value: now.kind,
    act: (kind) => { now.kind = kind; compute(); } });

  function compute() {
    weights = kernel(now.kind, now.D);
    y = doubled(z, weights);
    levels = spectrum(y);
    panel.speaker.loop("voice", atLevel(y, LEVEL), rate);
    panel.change();
  }

  function update() {
    const places = Array.from({ length: 2 * REACH + 1 }, (_, k) => k - REACH);
    const scaled = (value) => value / most;
    const around = places.map((j) => spread(z, now.i + j));
    const [full, empty] = [1, 0].map((wanted) => places.filter(
      (j) => Number((now.i + j) % 2 === 0) === wanted));
    taps.line("out", places, places.map((j) => scaled(y[now.i + j - 1] ?? 0)), "ink-1");
    taps.points("zeros", empty, empty.map(() => 0), "faint");
    taps.points("samples", full, full.map((j) => scaled(around[j + REACH])));
    const inside = places.filter((j) => Math.abs(j) <= now.D);
    taps.line("kernel", inside, inside.map((j) => weights[j + now.D]), "ink-2 dashed");
    taps.dot("result", 0, scaled(y[now.i - 1]), 7, "mark");
    taps.text("kernel's name", 1, 1.25, "kernel K_j", "ink-2");
    taps.text("result's name", -1, -1, "y_i", "ink-1 end");
    picture.line("spectrum", levels.map((_, k) => (k * rate) / FRAME), levels, "ink-1");
    picture.line("limit", [rate / 4, rate / 4], [-110, -20], "dashed");
    picture.text("limit's name", rate / 4 + 60, -28, "half of the old rate");
    const met = inside.filter((j) => weights[j + now.D] && (now.i + j) % 2 === 0);
    const terms = met.slice(0, 3).map(
      (j) => `${weights[j + now.D].toFixed(2)} × ${around[j + REACH].toFixed(2)}`);
    const more = met.length > 3 ? ` and ${met.length - 3} more` : "";
    const sum = met.length ? `${terms.join(" + ")}${more}` : "nothing but zeros";
    panel.say(`y of ${now.i}: ${sum} = ${y[now.i - 1].toFixed(2)}. Of ${2 * now.D + 1} taps `
      + `${met.length} meet a sample.`);
  }

  compute();
  panel.begin();
}

export default { render };
