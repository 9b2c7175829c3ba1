// Windows, and the spectrum of what they let through at any frequency.
import { decibels } from "./signals.js";

export const SHAPES = {
  rectangular: "Rectangular", hann: "Hann", hamming: "Hamming", blackman: "Blackman",
  gaussian: "Gaussian",
};

/** What a control of the zeros reads. */
export const PADDINGS = {
  label: "Length with zeros appended", options: {
    1: "As the window", 2: "2 times", 4: "4 times", 8: "8 times",
  },
};

// Cosines of one, two, ... turns that add up to a window, with alternating signs.
const COSINES = {
  rectangular: [1], hann: [0.5, 0.5], hamming: [0.54, 0.46], blackman: [0.42, 0.5, 0.08],
};

/** A window by its name; the Gaussian one has a deviation of a sixth of the length. */
export function weights(shape, length) {
  const parts = COSINES[shape];
  return Float64Array.from({ length }, (_, n) => {
    if (!parts) return Math.exp(-0.5 * ((n - length / 2) / (length / 6)) ** 2);
    const turn = (2 * Math.PI * n) / length;
    return parts.reduce((sum, part, k) => sum + (-1) ** k * part * Math.cos(k * turn), 0);
  });
}

/** Power of samples at frequencies given in turns a sample, by Goertzel's recursion. */
export function powerAt(samples, turns) {
  return turns.map((turn) => {
    const c = 2 * Math.cos(2 * Math.PI * turn);
    let [one, two] = [0, 0];
    for (let n = 0; n < samples.length; n += 1) {
      const next = samples[n] + c * one - two;
      two = one;
      one = next;
    }
    return Math.max(0, one * one + two * two - c * one * two);
  });
}

/** Level in dB of the bins of a window's samples and zeros, `size` in all: a sine of amplitude 1 in
 * the middle of a bin has 0 dB. */
export function binLevels(framed, window, size) {
  const sum = window.reduce((total, weight) => total + weight, 0);
  const turns = Array.from({ length: Math.floor(size / 2) + 1 }, (_, k) => k / size);
  return powerAt(framed, turns).map((power) => decibels((4 * power) / sum ** 2 + 1e-12));
}
