// A window over a vowel: its place, length and shape, and the spectrum of what it lets through.
import { Panel, Plot } from "./parts.js";
import { atLevel, decibels, powerSpectrum } from "./signals.js";
import { binLevels, PADDINGS, SHAPES, weights } from "./windows.js";

const [LEVEL, SECONDS] = [-20, 2]; // dB; of the reader's own voice
const FINE = 8192; // samples with zeros, for the curve between the bins

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const now = { padding: "1", hear: "frame", ...panel.data.start }; // place and length in ms
  let [samples, rate] = [null, panel.data.rate];
  const seconds = panel.data.seconds; // of the waveform that is shown
  const wave = new Plot(panel, {
    x: { from: 0, to: 1000 * seconds, label: "Time (ms)",
      ticks: Array.from({ length: 6 }, (_, k) => 200 * k * seconds) },
    y: { from: -1.1, to: 1.1, label: "Amplitude", ticks: [-1, 0, 1] },
    label: "The waveform, and the window that lies over it.", height: 150, wide: true,
  });
  const plot = new Plot(panel, {
    x: { from: 0, to: rate / 2, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] },
    y: { from: -90, to: 0, label: "Level (dB)", ticks: [-80, -60, -40, -20, 0] },
    label: "The spectrum of what the window lets through.", height: 240, wide: true,
  });
  const hertz = Array.from({ length: FINE / 2 + 1 }, (_, k) => (k * rate) / FINE);
  const set = {};
  const act = (key) => (value) => {
    now[key] = value;
    panel.change();
  };
  const ms = (value) => `${value} ms`;
  set.length = panel.slider({ label: "Length of the window", min: 4, max: 80, step: 1,
    value: now.length, text: ms, act: act("length") });
  set.place = panel.slider({ label: "Middle of the window", min: 0, max: 1000 * seconds, step: 1,
    value: now.place, text: ms, act: act("place") });
  panel.choice({ label: "Shape", options: SHAPES, value: now.shape, act: act("shape") });
  panel.choice({ ...PADDINGS, value: now.padding, act: act("padding") });
  panel.choice({ label: "Hear", options: { frame: "The frame, repeated",
    all: "The recording" }, value: now.hear, act: act("hear") });

  wave.svg.classList.add("pad");
  const follow = (event) => {
    const middle = wave.value("x", event.clientX - wave.svg.getBoundingClientRect().left);
    now.place = Math.round(middle);
    set.place(now.place);
    panel.change();
  };
  wave.svg.addEventListener("pointerdown", (event) => {
    wave.svg.setPointerCapture(event.pointerId);
    follow(event);
    event.preventDefault();
  });
  wave.svg.addEventListener("pointermove", (event) => {
    if (wave.svg.hasPointerCapture(event.pointerId)) follow(event);
  });

  function update() {
    const length = Math.round((now.length * rate) / 1000);
    const middle = Math.round((now.place * rate) / 1000);
    const first = Math.min(Math.max(0, middle - Math.floor(length / 2)), samples.length - length);
    const window = weights(now.shape, length);
    const framed = window.map((weight, n) => weight * samples[first + n]);
    const size = length * Number(now.padding);
    const levels = binLevels(framed, window, size);
    const sum = window.reduce((total, weight) => total + weight, 0);
    const between = powerSpectrum(framed, FINE).map((p) => decibels((4 * p) / sum ** 2 + 1e-12));
    const times = Array.from(window, (_, n) => (1000 * (first + n)) / rate);
    wave.span("frame", times[0], times.at(-1));
    wave.line("window", [times[0], ...times, times.at(-1)], [0, ...window, 0], "ink-2");
    plot.line("between", hertz, between, "thin");
    const bins = levels.map((_, k) => (k * rate) / size);
    plot.line("bins", bins, levels, "ink-1");
    const few = levels.length <= 81;
    plot.points("dots", bins.filter((_, k) => few && levels[k] >= -90), // none below the plot
      levels.filter((level) => level >= -90), "ink-2");
    const repeated = new Float64Array(size);
    repeated.set(framed);
    const heard = now.hear === "all" ? samples : repeated;
    panel.speaker.loop("sound", atLevel(heard, LEVEL), rate);
    const k = levels.indexOf(Math.max(...levels));
    panel.say(`${SHAPES[now.shape]} window, ${length} samples, and ${size - length} zeros: `
      + `${levels.length} bins, one every ${(rate / size).toFixed(1)} Hz. Strongest bin: `
      + `${bins[k].toFixed(0)} Hz, ${levels[k].toFixed(0)} dB.`);
  }

  function show(sound) {
    // The stretch of this length that has the most power.
    const width = Math.round(seconds * rate);
    const whole = new Float64Array(Math.max(width, sound.samples.length));
    whole.set(sound.samples);
    let [power, most, from] = [0, -1, 0];
    for (let n = 0; n < whole.length; n += 1) {
      power += whole[n] ** 2 - (n >= width ? whole[n - width] ** 2 : 0);
      if (n >= width - 1 && power > most) [most, from] = [power, n - width + 1];
    }
    samples = whole.slice(from, from + width);
    const largest = samples.reduce((high, value) => Math.max(high, Math.abs(value)), 1e-9);
    samples = samples.map((value) => value / largest);
    const times = Array.from(samples, (_, n) => (1000 * n) / rate);
    wave.span("frame", 0, 0);
    wave.line("wave", times, samples, "ink-1 thin");
  }

  await panel.voice(panel.data.voice, SECONDS, (sound) => {
    show(sound);
    panel.change();
  });
  panel.begin();
}

export default { render };
