// Beeps in a band of noise, whose width is under the finger.
import { CRITERION, earFilter, noiseThrough } from "./ear.js";
import { Panel, Plot } from "./parts.js";
import { decibels, fft, gaussian } from "./signals.js";
import { recording } from "./sound.js";

const CENTRE = 1000; // Hz
const LENGTH = 32768; // samples of noise before it repeats itself

/** The level in dB at which beeps are just heard in noise of this width and density. */
export function threshold(width, density, rate) {
  const [low, high] = [CENTRE - width / 2, CENTRE + width / 2];
  return noiseThrough(CENTRE, low, high, density, rate) + CRITERION;
}

/** A maker of noise bands: all of them are cut out of one spectrum, so that they differ little. */
export function bandMaker(rate, density, length = LENGTH) {
  const [re, im] = [gaussian(length, 2), new Float64Array(length)];
  const [x, y] = [new Float64Array(length), new Float64Array(length)];
  const bin = rate / length;
  fft(re, im);
  return (width) => {
    x.fill(0);
    y.fill(0);
    let power = 0;
    const [first, last] = [CENTRE - width / 2, CENTRE + width / 2].map((hertz) => hertz / bin);
    for (let k = Math.ceil(first); k <= last; k += 1) {
      [x[k], y[k]] = [re[k], -im[k]];
      power += re[k] ** 2 + im[k] ** 2;
    }
    // The transform of the positive half alone, conjugated, is half of the band, and so is its mean
    // square; the level is exact, whatever numbers were drawn.
    fft(x, y);
    const wanted = 10 ** (density / 10) * width; // twice the mean square
    const scale = Math.sqrt(wanted / power);
    return x.map((value) => value * scale);
  };
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update, 0);
  const { samples, rate } = await recording(panel.data.beeps);
  const { density, level } = panel.data;
  let { width, probe } = panel.data;
  const widths = Array.from({ length: 80 }, (_, k) => 20 * 80 ** (k / 79));
  const [gain, noise] = [earFilter(CENTRE, rate), bandMaker(rate, density)];
  const hertz = Array.from({ length: 300 }, (_, k) => 5 + k * 7);

  const rule = new Plot(panel, {
    x: { from: 20, to: 1600, log: true, label: "Width of the noise (Hz)",
      ticks: [25, 50, 100, 200, 400, 800, 1600] },
    y: { from: -62, to: -20, label: "Level of the beeps (dB)", ticks: [-60, -50, -40, -30, -20] },
    label: "The level at which beeps are just heard, over the width of the noise.",
  });
  const filter = new Plot(panel, {
    x: { from: 0, to: 2000, label: "Frequency (Hz)", ticks: [0, 500, 1000, 1500, 2000] },
    y: { from: -40, to: 3, label: "Gain (dB)", ticks: [-40, -30, -20, -10, 0] },
    label: "The ear's filter at 1000 hertz, and the band of noise.",
  });
  rule.line("all", widths, widths.map((value) => density + CRITERION + decibels(value)),
    "dashed thin");
  rule.line("model", widths, widths.map((value) => threshold(value, density, rate)), "ink-1");
  rule.text("all words", 500, density + CRITERION + decibels(500), "if all noise masked", "end",
    -6, -4);
  rule.text("model words", 1500, threshold(1500, density, rate), "just heard", "ink-1 end", 0, 18);
  filter.span("noise", CENTRE - width / 2, CENTRE + width / 2);
  filter.line("gain", hertz, hertz.map((value) => decibels(gain(value))), "ink-1");
  const narrow = (value) => Math.log(value / 20) / Math.log(80);
  panel.slider({
    label: "Width of the noise", min: 0, max: 1000, step: 5, value: 1000 * narrow(width),
    text: (value) => `${Math.round(20 * 80 ** (value / 1000))} Hz`,
    act: (value) => {
      width = 20 * 80 ** (value / 1000);
      panel.change();
    },
  });
  panel.slider({
    label: "Level of the beeps", min: -60, max: -24, step: 1, value: probe,
    text: (value) => `${value} dB`,
    act: (value) => {
      probe = value;
      panel.speaker.setLevel("beeps", probe - level);
      panel.change();
    },
  });
  panel.speaker.loop("beeps", samples, rate, probe - level);

  function update() {
    panel.speaker.loop("noise", noise(width), rate);
    filter.span("noise", CENTRE - width / 2, CENTRE + width / 2);
    const needed = threshold(width, density, rate);
    rule.dot("now", width, probe, 7, "mark");
    const heard = probe > needed ? "heard" : "masked";
    panel.say(`Noise ${Math.round(width)} Hz wide, ${(density + decibels(width)).toFixed(0)} dB `
      + `in all. Just heard: ${needed.toFixed(1)} dB. Beeps at ${probe} dB: predicted ${heard}.`);
  }

  panel.begin();
}

export default { render };
