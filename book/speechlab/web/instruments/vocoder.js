// A channel vocoder: how many bands, and what they are filled with.
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel, butterworthBand, decibels, gaussian, sosfilt } from "./signals.js";

const HOP = 80; // samples: a new level every 10 ms, at 8 kHz
const [LOWEST, HIGHEST] = [150, 3600]; // Hz
const LEVEL = -20; // dB, of speech and of what the vocoder says
const CHORD = [110, 138.6, 164.8, 220]; // Hz, of the organ
const SECONDS = 3; // of the reader's own voice

/** The limits of `count` bands in hertz, in equal ratios: count + 1 of them. */
export function edges(count) {
  const ratio = HIGHEST / LOWEST;
  return Array.from({ length: count + 1 }, (_, k) => LOWEST * ratio ** (k / count));
}

/** The root mean square of 160 samples around every 80th, and nothing around the sound. */
export function strength(band) {
  const squares = new Float64Array(band.length + 1); // summed up
  for (let n = 0; n < band.length; n += 1) squares[n + 1] = squares[n] + band[n] ** 2;
  const upTo = (n) => squares[Math.min(band.length, Math.max(0, n))];
  return Float64Array.from({ length: 1 + Math.floor(band.length / HOP) }, (_, t) =>
    Math.sqrt(Math.max(0, upTo(HOP * (t + 1)) - upTo(HOP * (t - 1))) / (2 * HOP)));
}

/** A band of the carrier, as strong as a band of speech at each moment, added to `sum`. */
export function fill(strengths, band, sum) {
  let [mean, square] = [0, 0];
  for (const value of band) {
    mean += value / band.length;
    square += value ** 2 / band.length;
  }
  const scale = 1 / Math.sqrt(square - mean ** 2);
  if (!Number.isFinite(scale)) return;
  const last = strengths.length - 2;
  for (let n = 0; n < band.length; n += 1) {
    const t = Math.max(0, Math.min(last, Math.floor(n / HOP)));
    const after = strengths.length > 1 ? strengths[t + 1] : strengths[t];
    const level = strengths[t] + (n / HOP - t) * (after - strengths[t]);
    sum[n] += level * band[n] * scale;
  }
}

/** The speech, said by the carrier: yields after each band, and returns the samples at last. */
export function* talk(speech, carrier, count, rate, found = []) {
  const limits = edges(count);
  const sum = new Float64Array(speech.length);
  for (let k = 0; k < count; k += 1) {
    const filter = butterworthBand(3, limits[k], limits[k + 1], rate);
    found.push(strength(sosfilt(filter, speech)));
    fill(found[k], sosfilt(filter, carrier), sum);
    yield k;
  }
  return atLevel(sum, LEVEL);
}

/** The same in one go: the samples, and the strengths of the bands. */
export function spoken(speech, carrier, count, rate) {
  const strengths = [];
  const steps = talk(speech, carrier, count, rate, strengths);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return { samples: step.value, strengths };
}

const WORDS = { noise: "noise", pulses: "pulses at 100 Hz", organ: "an organ" };
const carriers = {
  noise: (length) => gaussian(length, 5),
  pulses: (length) => Float64Array.from({ length }, (_, n) => Number(n % 80 === 0)),
  organ: (length, rate) => Float64Array.from({ length }, (_, n) =>
    CHORD.reduce((sum, hertz) => sum + 2 * ((hertz * n / rate) % 1) - 1, 0)),
};

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const slices = new Slices();
  const plot = new Plot(panel, {
    x: { from: 0, to: 1, label: "Part of the recording", ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { from: LOWEST, to: HIGHEST, log: true, label: "Frequency (Hz)",
      ticks: [200, 500, 1000, 2000, 3500] },
    label: "The levels of the bands over time: all that is sent.",
    wide: true,
  });
  let { count, carrier } = panel.data;
  let [speech, rate, source, strengths] = [null, 8000, null, []];

  panel.slider({
    label: "Bands", min: 1, max: 32, step: 1, value: count, text: String,
    act: (value) => {
      count = value;
      compute();
    },
  });
  panel.choice({
    label: "Filled with", value: carrier,
    options: WORDS,
    act: (value) => {
      carrier = value;
      fillWith();
    },
  });

  function fillWith() {
    source = carriers[carrier](speech.length, rate);
    compute();
  }

  function* job() {
    const found = [];
    const samples = yield* talk(speech, source, count, rate, found);
    panel.speaker.loop("voice", samples, rate);
    strengths = found;
    panel.change();
  }

  function compute() {
    slices.run(job());
    panel.change();
  }

  function paint(canvas) {
    Object.assign(canvas, { width: strengths[0]?.length ?? 1, height: strengths.length || 1 });
    const context = canvas.getContext("2d");
    const style = getComputedStyle(panel.root);
    const forced = matchMedia("(forced-colors: active)").matches;
    context.fillStyle = forced ? style.color : style.getPropertyValue("--instrument-1");
    strengths.forEach((row, k) => row.forEach((value, t) => {
      // From 70 to 15 dB below full scale.
      context.globalAlpha = Math.min(1, Math.max(0, (2 * decibels(value + 1e-4) + 70) / 55));
      context.fillRect(t, strengths.length - 1 - k, 1, 1);
    }));
  }

  function update() {
    plot.image(paint);
    const seconds = (speech.length / rate).toFixed(1);
    panel.say(`${count} band${count > 1 ? "s" : ""} of ${WORDS[carrier]}, ${100 * count} numbers a second, `
      + `for ${seconds} s of speech.`);
  }

  await panel.voice(panel.data.voice, SECONDS, (sound) => {
    speech = atLevel(sound.samples, LEVEL);
    rate = sound.rate;
    fillWith();
  });
  panel.begin();
}

export default { render };
