// A mask painted on the spectrogram of a voice in noise, and what it lets through.
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel, decibels, fft } from "./signals.js";
import { recording } from "./sound.js";

const SIZE = 512; // samples of a frame, at 8 kHz
const HOP = 128; // samples from frame to frame
const BINS = SIZE / 2 + 1;
const DEEP = 45; // dB below the highest bin: what is softer is not drawn
const LOUDNESS = -23; // dB, of voice and noise
const TIME = 3; // s of the reader's own voice
const TIPS = { out: "takes away", in: "lets through" };

/** The short-time spectra of samples: a frame around each 128th, real and imaginary parts. */
export function spectraOf(samples) {
  const frames = [];
  for (let middle = 0; middle <= samples.length; middle += HOP) {
    const [re, im] = [new Float64Array(SIZE), new Float64Array(SIZE)];
    for (let n = 0; n < SIZE; n += 1) {
      re[n] = Math.sin((Math.PI * n) / SIZE) ** 2 * (samples[middle - SIZE / 2 + n] ?? 0);
    }
    fft(re, im);
    frames.push([re, im]);
  }
  return frames;
}

/** The sound of spectra under a mask (a row of 257 weights for each frame): yields after each
 * frame, returns `length` samples. */
export function* through(frames, mask, length) {
  const [sum, weight] = [new Float64Array(length), new Float64Array(length)];
  for (let t = 0; t < frames.length; t += 1) {
    const at = (k) => mask[t * BINS + Math.min(k, SIZE - k)] / SIZE;
    const [re, im] = frames[t].map((part) => part.map((value, k) => value * at(k)));
    fft(im, re); // with the parts exchanged: back
    for (let n = 0; n < SIZE; n += 1) {
      const place = t * HOP - SIZE / 2 + n;
      if (place < 0 || place >= length) continue;
      const window = Math.sin((Math.PI * n) / SIZE) ** 2;
      sum[place] += window * re[n];
      weight[place] += window ** 2;
    }
    yield t;
  }
  return sum.map((value, n) => value / Math.max(weight[n], 1e-9));
}

/** The same in one go. */
export function masked(samples, mask) {
  const steps = through(spectraOf(samples), mask, samples.length);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** How like two sounds are, whatever their volumes: the tangent of the angle between them, in dB. */
export function likeness(one, other) {
  const inner = (a, b) => a.reduce((total, value, n) => total + value * b[n], 0);
  const cosine = inner(one, other) / Math.sqrt(inner(one, one) * inner(other, other));
  return -20 * Math.log10(Math.tan(Math.acos(Math.min(1, Math.abs(cosine)))));
}

/** 1 in the bins in which the first sound is stronger than the second, elsewhere 0. */
export function stronger(first, second) {
  const mask = new Float64Array(first.length * BINS);
  first.forEach(([re, im], t) => {
    const [other, odd] = second[t];
    for (let k = 0; k < BINS; k += 1) {
      mask[t * BINS + k] = Number(Math.hypot(re[k], im[k]) > Math.hypot(other[k], odd[k]));
    }
  });
  return mask;
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const slices = new Slices();
  let [speech, mixture, frames, mask, level, best] = [];
  let [tip, size, ratio, plain, most] = ["out", 250, null, null, null];
  const brush = { x: 0.3, y: 3000 };
  const plot = new Plot(panel, {
    x: { from: 0, to: 1, label: "Part of the recording", ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { from: 0, to: 4000, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] },
    label: "The spectrogram of the mixture: blue is let through, orange is taken away.",
    height: 300, wide: true,
  });
  plot.svg.classList.add("pad");

  panel.choice({ label: "The brush", options: TIPS, value: tip, styles: { out: "ink-2", in: "ink-1" },
    act: (key) => { tip = key; } });
  panel.slider({
    label: "Size of the brush", min: 50, max: 1000, step: 50, value: size,
    text: (value) => `${value} Hz`, act: (value) => {
      size = value;
      panel.change();
    },
  });
  const across = panel.slider({
    label: "Brush, time", min: 0, max: 1, step: 0.01, value: brush.x,
    text: (value) => `${(value * 100).toFixed(0)} %`, act: (value) => go({ x: value }),
  });
  const up = panel.slider({
    label: "Brush, frequency", min: 0, max: 4000, step: 50, value: brush.y,
    text: (value) => `${value} Hz`, act: (value) => go({ y: value }),
  });
  panel.button("Paint here", () => {
    dab();
    compute();
  });
  panel.button("All", () => fill(() => 1));
  panel.button("Nothing", () => fill(() => 0));
  panel.button("Where the voice is stronger", () => {
    mask = best.slice();
    compute();
  });

  function fill(value) {
    mask = Float64Array.from({ length: frames.length * BINS }, value);
    compute();
  }

  function go(to) {
    Object.assign(brush, to);
    panel.change();
  }

  /** The brush is an ellipse: as high as its size, and a fiftieth of the recording at 250 Hz wide. */
  const wide = () => size / 12_500;

  function dab() {
    const value = tip === "in" ? 1 : 0;
    const last = frames.length - 1;
    const [from, to] = [brush.x - wide(), brush.x + wide()].map((x) => x * last);
    for (let t = Math.max(0, Math.ceil(from)); t <= Math.min(last, to); t += 1) {
      const part = (t / last - brush.x) / wide();
      const high = size * Math.sqrt(Math.max(0, 1 - part * part));
      const [low, top] = [brush.y - high, brush.y + high].map((hertz) => (hertz * SIZE) / 8000);
      for (let k = Math.max(0, Math.ceil(low)); k <= Math.min(BINS - 1, top); k += 1) {
        mask[t * BINS + k] = value;
      }
    }
  }

  const follow = (event) => {
    const corner = plot.svg.getBoundingClientRect();
    go({ x: plot.value("x", event.clientX - corner.left),
      y: plot.value("y", event.clientY - corner.top) });
    across(brush.x);
    up(brush.y);
    dab();
  };
  plot.svg.addEventListener("pointerdown", (event) => {
    plot.svg.setPointerCapture(event.pointerId);
    follow(event);
    event.preventDefault();
  });
  plot.svg.addEventListener("pointermove", (event) => {
    if (plot.svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  plot.svg.addEventListener("pointerup", compute);

  function* job() {
    const heard = yield* through(frames, mask, mixture.length);
    panel.speaker.loop("heard", heard, 8000);
    ratio = heard.some((value) => value !== 0) ? likeness(heard, speech) : null;
    panel.change();
  }

  function compute() {
    slices.run(job());
    panel.change();
  }

  /** A colour of the page as red, green and blue. */
  function ink(name) {
    const pencil = new OffscreenCanvas(1, 1).getContext("2d");
    pencil.fillStyle = panel.ink(name);
    pencil.fillRect(0, 0, 1, 1);
    return pencil.getImageData(0, 0, 1, 1).data;
  }

  function paint(canvas) {
    Object.assign(canvas, { width: frames.length, height: BINS });
    const context = canvas.getContext("2d");
    const image = context.createImageData(frames.length, BINS);
    const inks = [ink("--instrument-2"), ink("--instrument-1")];
    // The system's colours may be near each other: what is taken away is faint, too.
    const strengths = [matchMedia("(forced-colors: active)").matches ? 0.3 : 1, 1];
    for (let t = 0; t < frames.length; t += 1) {
      for (let k = 0; k < BINS; k += 1) {
        const place = 4 * ((BINS - 1 - k) * frames.length + t);
        const kept = Number(mask[t * BINS + k] > 0.5);
        for (let c = 0; c < 3; c += 1) image.data[place + c] = inks[kept][c];
        image.data[place + 3] = 255 * strengths[kept] * level[t * BINS + k];
      }
    }
    context.putImageData(image, 0, 0);
  }

  function update() {
    plot.image(paint);
    const turn = Array.from({ length: 41 }, (_, n) => (Math.PI * n) / 20);
    plot.line("brush", turn.map((a) => brush.x + wide() * Math.cos(a)),
      turn.map((a) => brush.y + size * Math.sin(a)), "");
    const kept = mask.reduce((sum, value) => sum + value, 0) / mask.length;
    const said = (value) => (value === null ? "none" : `${value.toFixed(1)} dB`);
    panel.say(`${Math.round(100 * kept)} % of the bins are let through. SI-SDR of the mixture: `
      + `${said(plain)}; through your mask: ${said(ratio)}; where the voice is stronger: ${said(most)}.`);
  }

  const dishes = await recording(panel.data.noise);
  await panel.voice(panel.data.speech, TIME, (sound) => {
    speech = atLevel(sound.samples.subarray(0, dishes.samples.length), LOUDNESS);
    const noise = atLevel(dishes.samples.subarray(0, speech.length), LOUDNESS);
    mixture = speech.map((value, n) => value + noise[n]);
    frames = spectraOf(mixture);
    const levels = frames.flatMap(([re, im]) => Array.from(re.subarray(0, BINS),
      (value, k) => decibels(value ** 2 + im[k] ** 2 + 1e-12)));
    const loudest = levels.reduce((a, b) => Math.max(a, b));
    level = levels.map((value) => Math.max(0, 1 + (value - loudest) / DEEP));
    best = stronger(spectraOf(speech), spectraOf(noise));
    [plain, most] = [mixture, masked(mixture, best)].map((heard) => likeness(heard, speech));
    fill(() => 1);
  });
  panel.begin();
}

export default { render };
