// Harmonics of a fundamental that need not be there: their correlogram, and the pitch that it finds.
import { earFilter } from "./ear.js";
import { Panel, Plot } from "./parts.js";
import { amplitude } from "./signals.js";

const LAGS_PER_SAMPLE = 4;

/** The correlogram of the harmonics `first` to `last` of `pitch`, equally strong: for each centre
 * a row over the lags k / (4 rate), 1 at lag 0. */
export function correlogram(pitch, first, last, filters, rate, lags) {
  const waves = [];
  for (let k = first; k <= last; k += 1) {
    const turn = (2 * Math.PI * k * pitch) / (LAGS_PER_SAMPLE * rate);
    waves.push(Float64Array.from({ length: lags }, (_, lag) => Math.cos(turn * lag)));
  }
  return filters.map((gain) => {
    const powers = waves.map((_, k) => gain((first + k) * pitch));
    const total = powers.reduce((sum, power) => sum + power, 0);
    const row = new Float64Array(lags);
    waves.forEach((wave, k) => {
      const part = powers[k] / total;
      for (let lag = 0; lag < lags; lag += 1) row[lag] += part * wave[lag];
    });
    return row;
  });
}

/** The mean of the rows. */
export function agreement(rows) {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) row.forEach((value, lag) => { mean[lag] += value / rows.length; });
  return mean;
}

/** The filters of the ear at these centres. */
export const filtersAt = (middles, rate) => middles.map((centre) => earFilter(centre, rate));

// The lag of the highest peak of the mean for pitches from 70 to 400 Hz, or -1. Tones repeat for
// ever, so every multiple of their period is as high, and the shortest counts.
function peak(mean, rate) {
  const [shortest, longest] = [400, 70].map((hertz) => (LAGS_PER_SAMPLE * rate) / hertz);
  const peaks = [];
  for (let lag = Math.floor(shortest) + 1; lag < longest && lag + 1 < mean.length; lag += 1) {
    if (mean[lag] > mean[lag - 1] && mean[lag] >= mean[lag + 1]) peaks.push(lag);
  }
  const highest = Math.max(...peaks.map((lag) => mean[lag]));
  return peaks.find((lag) => mean[lag] >= highest - 0.01) ?? -1;
}

/** What the highest peak says: `hertz` and `height`, or null where there is no peak. */
export function pitchOf(mean, rate) {
  const lag = peak(mean, rate);
  return lag < 0 ? null : { hertz: (LAGS_PER_SAMPLE * rate) / lag, height: mean[lag] };
}

function colours(rows, canvas) {
  const [width, height] = [rows[0].length, rows.length];
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  const forced = matchMedia("(forced-colors: active)").matches;
  const ink = forced && getComputedStyle(canvas).color.match(/\d+/g).map(Number);
  rows.forEach((row, k) => row.forEach((value, lag) => {
    const place = 4 * ((height - 1 - k) * width + lag);
    const colour = ink || (value > 0 ? [200, 60, 20] : [40, 110, 190]);
    pixels.data.set(colour.slice(0, 3), place);
    pixels.data[place + 3] = 255 * Math.min(1, ink ? Math.max(0, value) : Math.abs(value));
  }));
  context.putImageData(pixels, 0, 0);
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { rate, lags, centres: middles, level } = panel.data;
  const now = { ...panel.data.start };
  const [filters, many] = [filtersAt(middles, rate), middles.length];
  const milliseconds = Array.from({ length: lags }, (_, lag) => (250 * lag) / rate);
  const x = { from: 0, to: milliseconds.at(-1), label: "Lag (ms)", ticks: [0, 5, 10, 15] };
  // Rows are evenly spaced in critical bands.
  const bands = (hertz) => Math.log1p(0.00437 * hertz);
  const [lowest, highest] = [bands(middles[0]), bands(middles[many - 1])];
  const row = (hertz) => ((bands(hertz) - lowest) / (highest - lowest)) * (many - 1);
  const ticks = [200, 500, 1000, 2000, 3400].map((hertz) => [row(hertz), hertz]);
  const map = new Plot(panel, {
    x, y: { from: -0.5, to: many - 0.5, label: "Centre (Hz)", ticks },
    label: "Correlogram: how well each filter's output agrees with itself after a lag.", wide: true,
  });
  const below = new Plot(panel, {
    x, y: { from: -1, to: 1.05, label: "Mean", ticks: [-1, 0, 1] },
    label: "The mean of the rows over the lag, with its highest peak.", height: 130, wide: true,
  });
  const controls = [
    ["pitch", "Fundamental", 70, 400, (value) => `${value} Hz`],
    ["first", "Lowest harmonic", 1, 12, String],
    ["count", "Number of harmonics", 1, 12, String],
  ];
  for (const [key, label, min, max, text] of controls) {
    panel.slider({ label, min, max, step: 1, value: now[key], text, act: (value) => {
      now[key] = value;
      panel.change();
    } });
  }

  function update() {
    const { pitch, count } = now;
    const top = Math.ceil(rate / 2 / pitch) - 1; // the highest below half the rate
    const first = Math.min(now.first, top);
    const last = Math.min(first + count - 1, top);
    const rows = correlogram(pitch, first, last, filters, rate, lags);
    const mean = agreement(rows);
    const found = pitchOf(mean, rate);
    map.image((canvas) => colours(rows, canvas));
    below.line("mean", milliseconds, mean, "ink-1");
    if (found) below.dot("peak", 1000 / found.hertz, found.height, 6, "mark");
    else below.dot("peak", -1000, 0, 6, "mark");
    play(pitch, first, last);
    const parts = first === last ? `Harmonic ${first}` : `Harmonics ${first} to ${last}`;
    const verdict = found && found.height > 0.3
      ? `pitch of the correlogram: ${found.hertz.toFixed(0)} Hz` : "no pitch between 70 and 400 Hz";
    const rest = now.first + count - 1 > top ? `; there are none higher below ${rate / 2} Hz` : "";
    panel.say(`${parts} of ${pitch} Hz, ${first * pitch} to ${last * pitch} Hz${rest}; ${verdict}.`);
  }

  function play(pitch, first, last) {
    const size = amplitude(level - 10 * Math.log10(last - first + 1));
    const [cosines, sines] = [0, 1].map(() => new Array(last + 1).fill(0));
    for (let k = first; k <= last; k += 1) {
      cosines[k] = size * Math.cos(k * k); // phases that keep the peaks low
      sines[k] = -size * Math.sin(k * k);
    }
    panel.speaker.tone("harmonics", pitch, cosines, sines);
  }

  panel.begin();
}

export default { render };
