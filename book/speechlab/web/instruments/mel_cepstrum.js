// A voice through the stages of the mel-frequency cepstrum, and back from the few numbers kept.
import { BANDS, TOP, corners, framing, stages } from "./cepstra.js";
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel, fft, gaussian } from "./signals.js";
import { microphone } from "./sound.js";

const STEP = 0.01; // s from frame to frame
const [PART, ROOM] = [160, 512]; // samples at 8 kHz: of excitation, and with what rings around it
const LOUD = -20; // dB
const TIME = 3; // s of the reader's own voice

/** The levels that the first `kept` numbers stand for (Clenshaw's sum). */
export function smoothed(numbers, kept) {
  return Float64Array.from({ length: BANDS }, (_, n) => {
    const turn = 2 * Math.cos((Math.PI * (n + 0.5)) / BANDS);
    let [one, two] = [0, 0];
    for (let k = kept - 1; k > 0; k -= 1) [one, two] = [numbers[k] + turn * one - two, one];
    return (numbers[0] / 2 + (turn / 2) * one - two) / Math.sqrt(BANDS / 2);
  });
}

/** Amplitude at the bins of the room, for a sound of power 1: levels joined in dB over hertz. */
export function gains(levels, rate) {
  let b = 0;
  return Float64Array.from({ length: ROOM / 2 + 1 }, (_, k) => {
    const hertz = Math.min(corners[BANDS], Math.max(corners[1], (k * rate) / ROOM));
    while (b < BANDS - 2 && hertz > corners[b + 2]) b += 1;
    const part = (hertz - corners[b + 1]) / (corners[b + 2] - corners[b + 1]);
    return 10 ** ((levels[b] + part * (levels[b + 1] - levels[b])) / 20);
  });
}

/** Excitation of power 1 with the envelopes of a recording at 8 kHz of which only the first `kept`
 * numbers of each frame are known: yields after each frame, returns the sound. */
export function* fromNumbers(samples, kept, excitation) {
  const frames = framing(8000);
  const hop = STEP * 8000;
  const sound = new Float64Array(samples.length);
  for (let from = 0; from + frames.length <= samples.length; from += hop) {
    const { numbers } = stages(samples, from, frames);
    const gain = gains(smoothed(numbers, kept), 8000);
    const [begin, inside] = [from + (frames.length - PART) / 2, (ROOM - PART) / 2];
    const [re, im] = [new Float64Array(ROOM), new Float64Array(ROOM)];
    for (let n = 0; n < PART; n += 1) {
      re[inside + n] = excitation[begin + n] * Math.sin((Math.PI * n) / PART) ** 2;
    }
    fft(re, im);
    for (let k = 0; k < ROOM; k += 1) {
      const weight = gain[Math.min(k, ROOM - k)] / ROOM;
      re[k] *= weight;
      im[k] *= weight;
    }
    fft(im, re); // with the parts exchanged: back
    for (let n = 0; n < ROOM; n += 1) {
      const place = begin - inside + n;
      if (place >= 0 && place < sound.length) sound[place] += re[n];
    }
    yield from;
  }
  return sound;
}

/** The same in one go. */
export function soundOfNumbers(...given) {
  const steps = fromNumbers(...given);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

const excitations = {
  whisper: (length) => gaussian(length, 3),
  robot: (length) => Float64Array.from({ length }, (_, n) => (n % 73 ? 0 : Math.sqrt(73))),
};
const FILLED = {
  speech: "the recording",
  whisper: "the numbers, as noise",
  robot: "the numbers, as pulses",
};

/** Bars from a floor to the values, as one line. */
function bars(values, floor) {
  const [xs, ys] = [[], []];
  values.forEach((value, k) => {
    xs.push(k + 0.6, k + 0.6, k + 1.4, k + 1.4);
    ys.push(floor, value, value, floor);
  });
  return [xs, ys];
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const slices = new Slices();
  const at8 = framing(8000);
  let { kept, which } = panel.data;
  let [samples, start, live] = [null, 0, null];

  const band = { from: 0, to: BANDS + 1, label: "Mel band", ticks: [1, 8, 16, 24, 32] };
  const wave = new Plot(panel, {
    x: { from: 0, to: 1, label: "Part of the recording", ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { from: -1, to: 1, label: "Sound", ticks: [] },
    label: "The recording, and the frame of 32 milliseconds that is looked at.",
    height: 100, wide: true,
  });
  const frame = new Plot(panel, {
    x: { from: 0, to: 32, label: "1. The frame, windowed (ms)", ticks: [0, 8, 16, 24, 32] },
    y: { from: -1, to: 1, label: "Amplitude", ticks: [] },
    label: "Stage 1: the frame under its window.", height: 150,
  });
  const spectrum = new Plot(panel, {
    x: { from: 0, to: TOP, label: "2. Its power over frequency (Hz)",
      ticks: [0, 1000, 2000, 3000, 4000] },
    y: { from: 0, to: 1.05, label: "Power", ticks: [] },
    label: "Stage 2: the power spectrum of the frame, with every fourth triangle.", height: 150,
  });
  const power = new Plot(panel, {
    x: { ...band, label: "3. Power in mel bands" },
    y: { from: 0, to: 1.05, label: "Power", ticks: [] },
    label: "Stage 3: the power in 32 mel bands.", height: 150,
  });
  const log = new Plot(panel, {
    x: { ...band, label: "4. Its logarithm, and the numbers' envelope" },
    y: { from: -80, to: 10, label: "Level (dB)", ticks: [-60, -40, -20, 0] },
    label: "Stage 4: the levels of the bands, and the curve that the numbers kept stand for.",
    height: 150,
  });
  const cosine = new Plot(panel, {
    x: { from: -1, to: BANDS, label: "5. Cosine transform: number k", ticks: [0, 6, 12, 18, 24, 31] },
    y: { from: -90, to: 60, label: "Value (dB)", ticks: [-80, -40, 0, 40] },
    label: "Stage 5: the cosine transform of the levels, with the numbers kept marked.",
    height: 150, wide: true,
  });
  for (let b = 3; b < BANDS; b += 4) {
    const shape = [0, 2 / (corners[b + 2] - corners[b]), 0];
    spectrum.line(`triangle ${b}`, corners.subarray(b, b + 3), shape.map((h) => 60 * h), "thin dashed");
  }

  panel.slider({
    label: "Numbers kept of each frame", min: 1, max: BANDS, step: 1, value: kept, text: String,
    act: (value) => {
      kept = value;
      compute();
    },
  });
  const startAt = (part) => Math.round((part / 1000) * (samples.length - at8.length));
  const place = panel.slider({
    label: "Place of the frame", min: 0, max: 1000, step: 5, value: 0,
    text: (part) => (samples ? `${(startAt(part) / 8000).toFixed(2)} s` : ""),
    act: (part) => {
      start = startAt(part);
      panel.change();
    },
  });
  panel.choice({ label: "Hear", options: FILLED, value: which, act: (value) => {
    which = value;
    compute();
  } });
  const listen = panel.button("Watch the microphone", async () => {
    if (live) {
      hush();
      return;
    }
    panel.speaker.stop();
    listen.disabled = true;
    try {
      live = await microphone();
      live.frames = framing(live.rate);
      listen.textContent = "Stop watching";
      panel.notice.textContent = "Your microphone, as it is now. Nothing is stored or sent.";
    } catch {
      panel.notice.textContent = "There is no microphone, or it was refused, "
        + "so the recording of the page is used.";
    }
    listen.disabled = false;
    panel.change();
  });

  function hush() {
    live?.stop();
    live = null;
    listen.textContent = "Watch the microphone";
    panel.change();
  }

  function* job() {
    const sound = which === "speech" ? samples
      : yield* fromNumbers(samples, kept, excitations[which](samples.length));
    panel.speaker.loop("sound", atLevel(sound, LOUD), 8000);
  }

  function compute() {
    slices.run(job());
    panel.change();
  }

  /** Where the loop is now, if it sounds; the picture moves with it. */
  function follow() {
    if (live) {
      if (panel.speaker.on) hush();
      panel.change();
    } else if (panel.speaker.on) {
      const { context, began } = panel.speaker;
      const now = Math.round((context.currentTime - began) * 8000) % samples.length;
      start = Math.max(0, Math.min(samples.length - at8.length, now - at8.length / 2));
      panel.change();
    }
    requestAnimationFrame(follow);
  }

  function update() {
    const frames = live?.frames ?? at8;
    const found = live ? stages(live.last(frames.length), 0, frames) : stages(samples, start, frames);
    const { numbers } = found;
    const curve = smoothed(numbers, kept);
    const most = largest(found.frame);
    frame.line("frame", found.frame.map((_, n) => (32 * n) / (frames.length - 1)),
      found.frame.map((value) => value / most), "ink-1 thin");
    const hertz = found.power.map((_, k) => (k * frames.rate) / frames.size);
    const shown = Math.min(hertz.length, 1 + Math.ceil((TOP * frames.size) / frames.rate));
    const top = largest(found.power.subarray(0, shown));
    spectrum.line("power", hertz.subarray(0, shown),
      found.power.subarray(0, shown).map((value) => value / top), "ink-1");
    const high = largest(found.bands);
    power.line("bands", ...bars(found.bands.map((value) => value / high), 0), "ink-1");
    log.line("levels", ...bars(found.levels, -80), "ink-1 thin");
    log.line("envelope", found.levels.map((_, b) => b + 1), curve, "ink-2");
    const [xs, ys] = bars(numbers, 0);
    cosine.line("all", xs.map((x) => x - 1), ys, "thin");
    cosine.line("kept", xs.slice(0, 4 * kept).map((x) => x - 1), ys.slice(0, 4 * kept), "ink-2");
    const level = `number 0, the level: ${numbers[0].toFixed(0)} dB`;
    cosine.text("level", 1.2, -80, level, "ink-2");
    const seen = live ? [0, 0] : [start, start + at8.length];
    wave.span("frame", ...seen.map((n) => n / samples.length));
    const values = Array.from(numbers.slice(0, Math.min(kept, 4)), (value) => value.toFixed(0));
    const missed = Math.sqrt(found.levels.reduce((sum, value, b) =>
      sum + (value - curve[b]) ** 2, 0) / BANDS);
    panel.say(`${live ? "The microphone now" : `Frame at ${(start / 8000).toFixed(2)} s`}: `
      + `${frames.length} samples, ${BANDS} levels, ${kept} number${kept > 1 ? "s" : ""} kept, `
      + `beginning with ${values.join(", ")}. Their curve misses the levels by `
      + `${missed.toFixed(1)} dB.`);
  }

  function show() {
    const columns = 600;
    const [xs, ys] = [[], []];
    const most = largest(samples);
    for (let k = 0; k < columns; k += 1) {
      const from = Math.floor((k * samples.length) / columns);
      const part = samples.subarray(from, Math.floor(((k + 1) * samples.length) / columns) + 1);
      xs.push(k / columns, k / columns);
      ys.push(Math.min(...part) / most, Math.max(...part) / most);
    }
    wave.span("frame", 0, 0);
    wave.line("wave", xs, ys, "ink-1 thin");
  }

  await panel.voice(panel.data.voice, TIME, (sound) => {
    if (live) hush();
    samples = atLevel(sound.samples, LOUD);
    const loudest = samples.reduce((best, value, n) =>
      (Math.abs(value) > Math.abs(samples[best]) ? n : best), 0);
    const part = (loudest - at8.length / 2) / (samples.length - at8.length);
    const nearest = 5 * Math.round(200 * Math.min(1, Math.max(0, part)));
    start = startAt(nearest);
    place(nearest);
    show();
    compute();
  });
  panel.begin();
  follow();
}

export default { render };
