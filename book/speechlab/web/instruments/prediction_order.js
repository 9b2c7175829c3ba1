// Linear prediction: the order, the envelope of one frame, and a recording taken apart.
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel, decibels, fft, gaussian, powerSpectrum } from "./signals.js";

const [HOP, WIDTH] = [80, 240]; // samples: a new predictor every 10 ms, from 30 ms, at 8 kHz
const TRACE = 1e-5; // of noise, so that silence, too, has an answer
const SIZE = 512; // of transforms: no product of lags comes round
const LEVEL = -20; // dB
const SECONDS = 2; // of the reader's own voice

export const hamming = Float64Array.from({ length: WIDTH },
  (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / (WIDTH - 1)));

/** A frame times the window, from a place in the samples; nothing is outside of them. */
export function framed(samples, start) {
  return hamming.map((weight, n) => weight * (samples[start + n] ?? 0));
}

/** The lags 0 to `most` of a frame, as the transform of its power. */
export function lags(frame, most) {
  const half = powerSpectrum(frame, SIZE);
  const power = Float64Array.from({ length: SIZE }, (_, k) => half[k <= SIZE / 2 ? k : SIZE - k]);
  fft(power, new Float64Array(SIZE));
  return power.subarray(0, most + 1).map((value) => value / SIZE);
}

/** The weights a of the best prediction from the last `order` samples, and the energy it leaves.
 * The matrix of lags is factored as L D L' (Cholesky), whatever its structure. */
export function predictor(r, order, noise = 0) {
  const first = r[0] + noise * (r[0] + noise);
  const at = (lag) => (lag === 0 ? first : r[lag]);
  const [low, scale, a] = [[], new Float64Array(order), new Float64Array(order)];
  for (let i = 0; i < order; i += 1) {
    low.push(new Float64Array(order));
    for (let j = 0; j <= i; j += 1) {
      let value = at(i - j);
      for (let k = 0; k < j; k += 1) value -= low[i][k] * low[j][k] * scale[k];
      if (i === j) scale[i] = value;
      else low[i][j] = value / scale[j];
    }
    a[i] = r[i + 1];
    for (let k = 0; k < i; k += 1) a[i] -= low[i][k] * a[k];
  }
  let energy = first;
  for (let i = 0; i < order; i += 1) {
    energy -= a[i] ** 2 / scale[i];
    a[i] /= scale[i];
  }
  for (let i = order - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < order; k += 1) a[i] -= low[k][i] * a[k];
  }
  return { a, energy };
}

/** Level in dB of the envelope that the weights and the energy left give, at `count` frequencies
 * from 0 to half the rate. */
export function envelope(a, energy, count = 257) {
  return Float64Array.from({ length: count }, (_, k) => {
    let [re, im] = [1, 0];
    a.forEach((weight, m) => {
      const angle = (-Math.PI * k * (m + 1)) / (count - 1);
      re -= weight * Math.cos(angle);
      im -= weight * Math.sin(angle);
    });
    return decibels(energy / (re * re + im * im));
  });
}

/** The weights of every hop of a recording of whole hops: yields after each, returns them all. */
export function* predictors(samples, order) {
  const rows = [];
  for (let start = 0; start < samples.length; start += HOP) {
    const frame = framed(samples, start - (WIDTH - HOP) / 2);
    rows.push(predictor(lags(frame, order), order, TRACE).a);
    yield start;
  }
  return rows;
}

/** What each sample is more than its prediction (sign -1), or what becomes of such an excitation
 * (sign +1): the two directions of one filter, which changes every hop. */
export function filtered(x, rows, sign) {
  const y = new Float64Array(x.length);
  const past = sign < 0 ? x : y;
  for (let n = 0; n < x.length; n += 1) {
    const weights = rows[Math.floor(n / HOP)];
    let sum = 0;
    for (let m = 0; m < weights.length && m < n; m += 1) sum += weights[m] * past[n - 1 - m];
    y[n] = x[n] + sign * sum;
  }
  return y;
}

/** The excitation with the residual's level in every hop. */
export function asStrongAs(excitation, residual) {
  const y = Float64Array.from(excitation);
  for (let start = 0; start < y.length; start += HOP) {
    let power = 0;
    for (let n = start; n < start + HOP; n += 1) power += residual[n] ** 2 / HOP;
    for (let n = start; n < start + HOP; n += 1) y[n] *= Math.sqrt(power);
  }
  return y;
}

/** A recording taken apart and put together: yields in between, returns what is to be heard. */
export function* heard(samples, order, which, rate) {
  if (which === "speech") return samples;
  const rows = yield* predictors(samples, order);
  const residual = filtered(samples, rows, -1);
  yield 0;
  if (which === "residual") return residual;
  if (which === "together") return filtered(residual, rows, 1);
  const period = Math.round(rate / 110);
  const excitation = which === "whisper" ? gaussian(samples.length, 3)
    : Float64Array.from(samples, (_, n) => (n % period ? 0 : Math.sqrt(period)));
  return filtered(asStrongAs(excitation, residual), rows, 1);
}

/** The same in one go. */
export function heardAtOnce(...given) {
  const steps = heard(...given);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

const WORDS = {
  speech: "the speech itself",
  residual: "the residual alone",
  together: "filter and residual",
  whisper: "filter and noise",
  robot: "filter and pulses at 110 Hz",
};

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const slices = new Slices();
  let { order, which } = panel.data;
  let [samples, rate, start] = [null, 8000, 0];
  const wave = new Plot(panel, {
    x: { from: 0, to: 1, label: "Part of the recording", ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { from: -1, to: 1, label: "Amplitude", ticks: [] },
    label: "The waveform, with the frame of 30 milliseconds that is looked at.",
    height: 110, wide: true,
  });
  const plot = new Plot(panel, {
    x: { from: 0, to: rate / 2, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] },
    y: { from: -70, to: 30, label: "Level (dB)", ticks: [-60, -40, -20, 0, 20] },
    label: "Spectrum of the frame and the envelope of the predictor.",
    wide: true,
  });
  const hertz = Array.from({ length: SIZE / 2 + 1 }, (_, k) => (k * rate) / SIZE);

  panel.slider({
    label: "Prediction order", min: 1, max: 40, step: 1, value: order, text: String,
    act: (value) => {
      order = value;
      compute();
    },
  });
  const startAt = (part) => Math.round((part / 1000) * (samples.length - WIDTH));
  const place = panel.slider({
    label: "Place of the frame", min: 0, max: 1000, step: 5, value: 0,
    text: (part) => (samples ? `${(startAt(part) / rate).toFixed(2)} s` : ""),
    act: (part) => {
      start = startAt(part);
      panel.change();
    },
  });
  panel.choice({ label: "Hear", options: WORDS, value: which, act: (value) => {
    which = value;
    compute();
  } });

  function* job() {
    const sound = yield* heard(samples, order, which, rate);
    panel.speaker.loop("sound", atLevel(sound, LEVEL), rate);
  }

  function compute() {
    slices.run(job());
    panel.change();
  }

  function update() {
    const frame = framed(samples, start);
    const r = lags(frame, order);
    const { a, energy } = predictor(r, order, 1e-9);
    const levels = envelope(a, energy);
    plot.line("frame", hertz, powerSpectrum(frame, SIZE).map((p) => decibels(p + 1e-12)), "thin");
    plot.line("envelope", hertz, levels, "ink-2");
    const length = samples.length;
    wave.span("frame", start / length, (start + WIDTH) / length);
    const peaks = hertz.filter((_, k) => levels[k] > levels[k - 1] && levels[k] >= levels[k + 1]);
    const where = peaks.map((peak) => peak.toFixed(0)).join(", ");
    const gain = decibels(r[0] / energy);
    panel.say(`Order ${order}, frame at ${(start / rate).toFixed(2)} s: `
      + (r[0] < 1e-9 ? "silence." : `the residual is ${gain.toFixed(1)} dB weaker. `
        + (peaks.length ? `Peaks of the envelope at ${where} Hz.` : "No peak above 0 Hz.")));
  }

  function show() {
    const columns = 600;
    const [xs, ys] = [[], []];
    const largest = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
    for (let k = 0; k < columns; k += 1) {
      const from = Math.floor((k * samples.length) / columns);
      const part = samples.subarray(from, Math.floor(((k + 1) * samples.length) / columns) + 1);
      xs.push(k / columns, k / columns);
      ys.push(Math.min(...part) / largest, Math.max(...part) / largest);
    }
    wave.span("frame", 0, 0);
    wave.line("wave", xs, ys, "ink-1 thin");
  }

  function loudest() {
    let [best, most] = [0, -1];
    for (let from = 0; from + WIDTH <= samples.length; from += HOP) {
      const power = framed(samples, from).reduce((sum, value) => sum + value * value, 0);
      if (power > most) [best, most] = [from, power];
    }
    return best;
  }

  await panel.voice(panel.data.voice, SECONDS, (sound) => {
    const whole = Math.floor(sound.samples.length / HOP) * HOP;
    samples = atLevel(sound.samples.subarray(0, whole), LEVEL);
    rate = sound.rate;
    const part = 5 * Math.round((200 * loudest()) / (samples.length - WIDTH));
    start = startAt(part);
    place(part);
    show();
    compute();
  });
  panel.begin();
}

export default { render };
