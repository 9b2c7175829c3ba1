// The stages of the mel-frequency cepstrum: a frame, its power, mel bands, levels, their cosines.
import { decibels, fft, powerOfTwo, powerSpectrum } from "./signals.js";

export const BANDS = 32; // a power of two, for the transform of their levels
export const TOP = 4000; // Hz
const LONG = 0.032; // s, of a frame
const NOTHING = 1e-10; // power that is added to every band, so that silence has a logarithm

/** The corners of the triangles in hertz: equal ratios of 700 + f, which are equal steps in mel. */
export const corners = Float64Array.from({ length: BANDS + 2 },
  (_, k) => (700 + TOP) ** (k / (BANDS + 1)) * 700 ** (1 - k / (BANDS + 1)) - 700);

/** What is known of frames at a rate: their length, their window, its energy, the transform. */
export function framing(rate) {
  const length = Math.round(LONG * rate);
  const window = Float64Array.from({ length },
    (_, n) => Math.sin((Math.PI * n) / (length - 1)) ** 2);
  const energy = window.reduce((sum, value) => sum + value * value, 0);
  return { rate, length, window, energy, size: powerOfTwo(length) };
}

/** Power of a windowed frame, 1 at all frequencies for white noise of variance 1. */
export function powerOf(frame, { energy, size }) {
  return powerSpectrum(frame, size).map((power) => power / energy);
}

/** Mean power under each triangle. A triangle is a sum of three ramps, which begin at its corners,
 * so that the power is needed under one ramp for each corner only. */
export function bandPower(power, { rate, size }) {
  const width = rate / size;
  const ramps = corners.map((from) => {
    let sum = 0;
    for (let k = Math.ceil(from / width); k * width < TOP && k < power.length; k += 1) {
      sum += power[k] * (k * width - from) * width;
    }
    return sum;
  });
  const slope = (k) => (ramps[k] - ramps[k + 1]) / (corners[k + 1] - corners[k]);
  return Float64Array.from({ length: BANDS },
    (_, b) => Math.max(0, (2 * (slope(b) - slope(b + 1))) / (corners[b + 2] - corners[b])));
}

/** The cosine transform of levels on the scale of the lecture, as the Fourier transform of the
 * levels and their mirror image. */
export function cosines(levels) {
  const size = 2 * BANDS;
  const re = Float64Array.from({ length: size }, (_, n) => levels[n < BANDS ? n : size - 1 - n]);
  const im = new Float64Array(size);
  fft(re, im);
  return Float64Array.from({ length: BANDS }, (_, k) => {
    const angle = (Math.PI * k) / size;
    return (re[k] * Math.cos(angle) + im[k] * Math.sin(angle)) / Math.sqrt(size);
  });
}

/** All stages of a frame that lies somewhere in samples; nothing is outside of them. */
export function stages(samples, start, frames) {
  const frame = frames.window.map((weight, n) => weight * (samples[start + n] ?? 0));
  const power = powerOf(frame, frames);
  const bands = bandPower(power, frames);
  const levels = bands.map((value) => decibels(value + NOTHING));
  return { frame, power, bands, levels, numbers: cosines(levels) };
}
