// The filters of the ear, as scipy.signal.gammatone has them.
import { decibels, powerSpectrum, powerOfTwo } from "./signals.js";

export const CRITERION = -4; // dB: a tone is just heard so far under the noise in its band

/** Equivalent rectangular bandwidth in hertz (Glasberg and Moore 1990), with SciPy's rounding. */
export const erb = (hertz) => 24.7 + hertz / 9.26449;

/** Frequencies in hertz from `low` to `high`, evenly spaced in critical bands. */
export function centres(low, high, count) {
  const [first, last] = [low, high].map((hertz) => Math.log1p(0.00437 * hertz));
  const at = (k) => first + ((last - first) * k) / (count - 1);
  return Array.from({ length: count }, (_, k) => Math.expm1(at(k)) / 0.00437);
}

// |(1 - p/z)^-4 + (1 - conj(p)/z)^-4|^2 for the pole p at `radius` and `angle`, z on the circle.
function unscaled(radius, angle, turn) {
  let [re, im] = [0, 0];
  for (const away of [angle - turn, -angle - turn]) {
    const [x, y] = [1 - radius * Math.cos(away), -radius * Math.sin(away)];
    const [size, phase] = [(x * x + y * y) ** -2, -4 * Math.atan2(y, x)];
    re += size * Math.cos(phase);
    im += size * Math.sin(phase);
  }
  return re * re + im * im;
}

/** Power gain, as a function of hertz, of the ear's filter at a centre; 1 at the centre. */
export function earFilter(centre, rate) {
  const radius = Math.exp((-2 * Math.PI * 1.019 * erb(centre)) / rate);
  const angle = (2 * Math.PI * centre) / rate;
  const scale = 1 / unscaled(radius, angle, angle);
  return (hertz) => scale * unscaled(radius, angle, (2 * Math.PI * hertz) / rate);
}

/** Level in dB of noise, flat from `low` to `high` with a level of `density` dB a hertz, in the
 * ear's filter at a centre. */
export function noiseThrough(centre, low, high, density, rate) {
  const gain = earFilter(centre, rate);
  // Simpson's rule, with an even number of steps that are fine against the filter.
  const steps = 2 * Math.ceil(Math.max(50, (20 * (high - low)) / erb(centre)));
  const width = (high - low) / steps;
  let sum = 0;
  for (let k = 0; k <= steps; k += 1) {
    const weight = k === 0 || k === steps ? 1 : k % 2 ? 4 : 2;
    sum += weight * gain(low + k * width);
  }
  return density + decibels((sum * width) / 3);
}

/** Level in dB of a sound in the ear's filter at each centre. */
export function earLevels(samples, rate, middles) {
  const size = powerOfTwo(samples.length + rate / 10); // room for the filters to ring
  const power = powerSpectrum(samples, size);
  return middles.map((centre) => {
    const gain = earFilter(centre, rate);
    let sum = 0;
    for (let k = 1; k < size / 2; k += 1) {
      if (power[k] > 0) sum += 2 * power[k] * gain((k * rate) / size);
    }
    sum += power[0] * gain(0) + power[size / 2] * gain(rate / 2);
    return decibels((2 * sum) / size / samples.length);
  });
}
