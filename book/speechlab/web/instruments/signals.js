// Transforms, filters and noise. tests/site/test_instruments.py holds them to SciPy.

export const decibels = (power) => 10 * Math.log10(power);
export const amplitude = (level) => 10 ** (level / 20);

/** The level in decibels of the sine that has as much power as the samples. */
export function levelOf(samples) {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return decibels((2 * power) / samples.length);
}

/** The samples scaled to a level in decibels; silence stays silent. */
export function atLevel(samples, level) {
  const now = levelOf(samples);
  const gain = Number.isFinite(now) ? amplitude(level - now) : 0;
  return samples.map((sample) => sample * gain);
}

export const powerOfTwo = (length) => 2 ** Math.ceil(Math.log2(length));

const turns = new Map(); // cosines and sines of the fractions of a turn, by length

function turnsOf(length) {
  if (!turns.has(length)) {
    const angle = (k) => (-2 * Math.PI * k) / length;
    const cos = Float64Array.from({ length: length / 2 }, (_, k) => Math.cos(angle(k)));
    const sin = Float64Array.from({ length: length / 2 }, (_, k) => Math.sin(angle(k)));
    turns.set(length, { cos, sin });
  }
  return turns.get(length);
}

/** Fourier transform of `re` + i `im` in their place; the length is a power of two. */
export function fft(re, im) {
  const length = re.length;
  for (let i = 1, j = 0; i < length; i += 1) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  const { cos, sin } = turnsOf(length);
  for (let half = 1; half < length; half *= 2) {
    const step = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half) {
      for (let k = 0; k < half; k += 1) {
        const [c, s, i, j] = [cos[k * step], sin[k * step], start + k, start + k + half];
        const x = re[j] * c - im[j] * s;
        const y = re[j] * s + im[j] * c;
        re[j] = re[i] - x;
        im[j] = im[i] - y;
        re[i] += x;
        im[i] += y;
      }
    }
  }
}

/** Power |X|^2 of real samples, zero-padded to `size`, at the bins 0 to size / 2. */
export function powerSpectrum(samples, size) {
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  re.set(samples);
  fft(re, im);
  return re.subarray(0, size / 2 + 1).map((part, k) => part ** 2 + im[k] ** 2);
}

/** Samples through second-order sections [b0, b1, b2, a1, a2], one after the other. */
export function sosfilt(sections, samples) {
  let x = Float64Array.from(samples);
  for (const [b0, b1, b2, a1, a2] of sections) {
    let [one, two] = [0, 0];
    for (let n = 0; n < x.length; n += 1) {
      const y = b0 * x[n] + one;
      one = b1 * x[n] - a1 * y + two;
      two = b2 * x[n] - a2 * y;
      x[n] = y;
    }
  }
  return x;
}

/** Power gain |H|^2 of second-order sections at a frequency in hertz. */
export function sosPower(sections, hertz, rate) {
  const angle = (2 * Math.PI * hertz) / rate;
  const [c1, s1, c2, s2] = [1, 1, 2, 2].map((k, i) => (i % 2 ? Math.sin : Math.cos)(k * angle));
  let power = 1;
  for (const [b0, b1, b2, a1, a2] of sections) {
    const above = (b0 + b1 * c1 + b2 * c2) ** 2 + (b1 * s1 + b2 * s2) ** 2;
    power *= above / ((1 + a1 * c1 + a2 * c2) ** 2 + (a1 * s1 + a2 * s2) ** 2);
  }
  return power;
}

/** Poles at these frequencies with these bandwidths; a constant passes each section unchanged. */
export function resonances(formants, bandwidths, rate) {
  return formants.map((hertz, k) => {
    const radius = Math.exp((-Math.PI * bandwidths[k]) / rate);
    const pole = [radius * Math.cos((2 * Math.PI * hertz) / rate), radius ** 2];
    const [a1, a2] = [-2 * pole[0], pole[1]];
    return [1 + a1 + a2, 0, 0, a1, a2];
  });
}

/** The vowel's loop: the source, which repeats itself, through the resonances, without a start. */
export function vowelLoop(source, sections, level) {
  const settled = Math.min(source.length, 2000); // samples; by then the filter has forgotten
  const twice = new Float64Array(settled + source.length);
  twice.set(source.subarray(source.length - settled));
  twice.set(source, settled);
  return atLevel(sosfilt(sections, twice).subarray(settled), level);
}

// Complex numbers are pairs [real, imaginary].
const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
const over = ([a, b], [c, d]) => {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
};
const root = ([a, b]) => {
  const size = Math.hypot(a, b);
  return [Math.sqrt((size + a) / 2), (b < 0 ? -1 : 1) * Math.sqrt((size - a) / 2)];
};

/** Butterworth band-pass of the given (odd) order as sections, by the bilinear transform. */
export function butterworthBand(order, low, high, rate) {
  const [under, above] = [low, high].map((hertz) => 4 * Math.tan((Math.PI * hertz) / rate));
  const [width, square] = [above - under, above * under];
  const sections = [];
  let gain = [(4 * width) ** order, 0];
  // A pole with its mirror image is a section; the real pole of the prototype gives one by itself.
  const section = (first, second) => {
    const [z, w] = [first, second].map(([a, b]) => over([4 + a, b], [4 - a, -b]));
    gain = over(gain, times([4 - first[0], -first[1]], [4 - second[0], -second[1]]));
    sections.push([1, 0, -1, -(z[0] + w[0]), times(z, w)[0]]);
  };
  for (let k = 0; k <= (order - 1) / 2; k += 1) {
    const angle = (Math.PI * (2 * k + order + 1)) / (2 * order);
    const real = 2 * k === order - 1;
    const pole = [(Math.cos(angle) * width) / 2, real ? 0 : (Math.sin(angle) * width) / 2];
    const [a, b] = times(pole, pole);
    const away = root([a - square, b]);
    const pair = [1, -1].map((sign) => [pole[0] + sign * away[0], pole[1] + sign * away[1]]);
    if (real) section(...pair);
    else pair.forEach(([x, y]) => section([x, y], [x, -y]));
  }
  sections[0] = sections[0].map((value, i) => (i < 3 ? value * gain[0] : value));
  return sections;
}

/** Evenly distributed numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Gaussian numbers of variance 1, by the method of Box and Muller. */
export function gaussian(length, seed = 1) {
  const draw = uniform(seed);
  return Float64Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()),
  );
}
