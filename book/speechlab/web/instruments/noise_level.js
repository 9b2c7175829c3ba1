// A spoken word in noise, whose level is under the finger.
import { centres, earLevels, noiseThrough } from "./ear.js";
import { Panel, Plot } from "./parts.js";
import { atLevel, decibels, gaussian } from "./signals.js";
import { recording } from "./sound.js";

/** Level in dB, in the ear's filter at each centre, of noise of level 0 dB over all frequencies. */
export function noiseLevels(middles, rate) {
  const density = -decibels(rate / 2);
  return middles.map((centre) => noiseThrough(centre, 0, rate / 2, density, rate));
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update, 0);
  const { samples, rate } = await recording(panel.data.word);
  let { level } = panel.data;
  const middles = centres(100, 3800, 60);
  const word = earLevels(samples, rate, middles);
  const noise = noiseLevels(middles, rate);
  const plot = new Plot(panel, {
    x: { from: 100, to: 3800, log: true, label: "Centre of the ear's filter (Hz)",
      ticks: [100, 200, 500, 1000, 2000] },
    y: { from: -110, to: -25, label: "Level (dB)", ticks: [-100, -80, -60, -40] },
    label: "Level of the word and of the noise in the filters of the ear.",
    wide: true,
  });
  plot.line("word", middles, word, "ink-1");
  panel.slider({
    label: "Level of the noise", min: -80, max: -20, step: 1, value: level,
    text: (value) => `${value} dB`,
    act: (value) => {
      level = value;
      panel.speaker.setLevel("noise", level);
      panel.change();
    },
  });
  panel.speaker.loop("word", samples, rate);
  panel.speaker.loop("noise", atLevel(gaussian(4 * rate), 0), rate, level);

  function update() {
    const hiss = noise.map((value) => value + level);
    plot.line("noise", middles, hiss, "ink-2 dashed");
    plot.text("noise words", 110, hiss[2], "noise", "ink-2", 0, -8);
    const top = word.indexOf(Math.max(...word));
    plot.text("word words", middles[top], word[top], "word", "ink-1 middle", 0, -8);
    const over = word.filter((value, k) => value > hiss[k]).length;
    panel.say(`Noise at ${level} dB. The word is stronger than the noise in ${over} of `
      + `${middles.length} filters of the ear.`);
  }

  panel.begin();
}

export default { render };
