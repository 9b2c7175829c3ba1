// Two books of codewords that learn to name vowels: whether they fill or collapse.
import { Panel, Plot } from "./parts.js";
import { recording } from "./sound.js";
import { gaussian, resonances, uniform, vowelLoop } from "./signals.js";

const [LEVEL, SECONDS] = [-20, 0.28]; // of the vowels that are heard: dB; s each
const [WORDS, BATCH, WIDTH] = [8, 32, 0.5]; // codewords of a book; vowels a step; of the score
const [RATE, FIRST, SECOND] = [0.05, 0.9, 0.99]; // of the descent, Adam's
const [PER_FRAME, MOST] = [4, 800]; // steps

/** Random books and a random net, in one row of numbers a book: for each codeword the weights of
 * F1 and F2, a bias that favours some from the start, and the codeword itself. */
export function fresh(seed) {
  const drawn = gaussian(2 * 4 * WORDS, seed);
  return [0, 1].map((g) => Float64Array.from({ length: 4 * WORDS }, (_, k) => (
    [1, 1, 6, 0.7][Math.floor(k / WORDS)] * drawn[g * 4 * WORDS + k])));
}

const scored = (book, x) => Float64Array.from({ length: WORDS }, (_, v) => (
  book[v] * x[0] + book[WORDS + v] * x[1] + book[2 * WORDS + v]));
const codeword = (book, v) => book[3 * WORDS + v];

/** Numbers that are in the ratio of the exponentials, and add up to 1. */
function likely(scores) {
  const most = Math.max(...scores);
  const odds = scores.map((score) => Math.exp(score - most));
  const all = odds.reduce((sum, one) => sum + one, 0);
  return odds.map((one) => one / all);
}

/** A race: every codeword waits for a random time, on average the shorter the likelier it is, and
 * the first one is chosen. `weights` say how near the others were. */
export function raced(scores, waits, temperature) {
  const weights = likely(scores.map((score, v) => (score - Math.log(waits[v])) / temperature));
  return { weights, chosen: weights.indexOf(Math.max(...weights)) };
}

/** How often each codeword is the likeliest, for both books. */
export function usage(books, vowels) {
  return books.map((book) => {
    const counts = new Float64Array(WORDS);
    for (const [x] of vowels) {
      const scores = scored(book, x);
      counts[scores.indexOf(Math.max(...scores))] += 1 / vowels.length;
    }
    return counts;
  });
}

/** How many codewords are in use: the product of p^-p. */
export const perplexity = (shares) => shares.reduce((all, p) => all * (p ? p ** -p : 1), 1);

/** The loss of some vowels, and its slope with respect to each number of the books; `waits` has for
 * each vowel and book the waiting times of the race. */
export function slopes(books, vowels, waits, { temperature, weight }) {
  const count = vowels.length;
  const races = vowels.map(([x], t) => books.map((book, g) => (
    raced(scored(book, x), waits[t][g], temperature))));
  const q = races.map((both) => both.map(({ chosen }, g) => codeword(books[g], chosen)));
  const pull = q.map(() => [0, 0]); // slope with respect to what each vowel became
  let contrast = 0;
  vowels.forEach(([, again], t) => {
    const scores = q.map((one) => -((again[0] - one[0]) ** 2 + (again[1] - one[1]) ** 2) / (2 * WIDTH));
    const p = likely(scores);
    contrast -= Math.log(Math.max(p[t], 1e-300)) / count;
    p.forEach((share, j) => [0, 1].forEach((g) => {
      pull[j][g] += ((share - (j === t)) * (again[g] - q[j][g])) / (WIDTH * count);
    }));
  });
  const change = books.map((book) => new Float64Array(book.length));
  let diversity = 0;
  books.forEach((book, g) => {
    const soft = vowels.map(([x]) => likely(scored(book, x)));
    const mean = Array.from({ length: WORDS }, (_, v) => (
      soft.reduce((sum, p) => sum + p[v], 0) / count));
    const used = perplexity(mean);
    diversity -= Math.log(used) / (2 * WORDS);
    vowels.forEach(([x], t) => {
      const { weights, chosen } = races[t][g];
      change[g][3 * WORDS + chosen] += pull[t][g];
      // On the way back the race counts as if its weights had been the choice.
      const meant = weights.reduce((sum, p, v) => sum + p * codeword(book, v), 0);
      const even = soft[t].reduce((sum, p, v) => sum + p * Math.log(mean[v] + 1e-30), 0);
      for (let v = 0; v < WORDS; v += 1) {
        const by = (weights[v] * pull[t][g] * (codeword(book, v) - meant)) / temperature
          + (weight * soft[t][v] * (Math.log(mean[v] + 1e-30) - even)) / (2 * WORDS * count);
        change[g][v] += by * x[0];
        change[g][WORDS + v] += by * x[1];
        change[g][2 * WORDS + v] += by;
      }
    });
  });
  return { contrast, diversity, change };
}

/** Training that can go on for ever: draws vowels and waiting times, and steps by Adam. */
export class Training {
  constructor(vowels, seed) {
    Object.assign(this, { vowels, books: fresh(seed), steps: 0, lots: uniform(seed) });
    this.means = this.books.map((book) => new Float64Array(book.length));
    this.squares = this.books.map((book) => new Float64Array(book.length));
  }

  step(settings) {
    const some = Array.from({ length: BATCH }, () => (
      this.vowels[Math.floor(this.lots() * this.vowels.length)]));
    const waits = some.map(() => [0, 1].map(() => (
      Float64Array.from({ length: WORDS }, () => -Math.log(1 - this.lots())))));
    const found = slopes(this.books, some, waits, settings);
    this.steps += 1;
    const unbiased = (sum, memory) => sum / (1 - memory ** this.steps);
    found.change.forEach((row, g) => row.forEach((slope, k) => {
      const [mean, square] = [this.means[g], this.squares[g]];
      mean[k] += (1 - FIRST) * (slope - mean[k]);
      square[k] += (1 - SECOND) * (slope ** 2 - square[k]);
      this.books[g][k] -= (RATE * unbiased(mean[k], FIRST))
        / (Math.sqrt(unbiased(square[k], SECOND)) + 1e-8);
    }));
    return found;
  }
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { vowels, mean, deviation, said, higher, bandwidths, start } = panel.data;
  const { samples, rate } = await recording(panel.data.source);
  const now = { ...start, running: false, seed: 1, heard: "books" };
  let [training, shares, loss, past, heardLast] = [null, null, null, null, ""];

  const hertz = (value, d) => Math.exp(mean[d] + deviation[d] * value);
  const plane = new Plot(panel, {
    x: { from: 3800, to: 550, log: true, label: "F2 (Hz)", ticks: [3000, 2000, 1500, 1000, 700] },
    y: { from: 1300, to: 180, log: true, label: "F1 (Hz)", ticks: [200, 300, 500, 800, 1200] },
    label: "Vowels, and the pairs of codewords that stand for them.", height: 320,
  });
  const bars = new Plot(panel, {
    x: { from: 0.2, to: 2 * WORDS + 1.8, label: "Codewords of the book of F1, and of F2",
      ticks: [[1, "1"], [WORDS, `${WORDS}`], [WORDS + 2, "1"], [2 * WORDS + 1, `${WORDS}`]] },
    y: { from: 0, to: 1.05, label: "Used for", ticks: [[0, "0 %"], [0.5, "50 %"], [1, "100 %"]] },
    label: "How often each codeword is used.", height: 155,
  });
  const course = new Plot(panel, {
    x: { from: 0, to: MOST, label: "Step", ticks: [0, 200, 400, 600, 800] },
    y: { from: 1, to: WORDS, label: "Perplexity", ticks: [1, 4, 8] },
    label: "How many codewords of each book are in use, step by step.", height: 155,
  });
  const aside = document.createElement("div");
  aside.className = "instrument-plot";
  aside.append(bars.box, course.box);
  panel.pictures.append(aside);
  plane.points("vowels", vowels.map(([x]) => hertz(x[1], 1)), vowels.map(([x]) => hertz(x[0], 0)),
    "grain");

  panel.slider({ label: "Temperature of the choice", min: -20, max: 8, step: 1,
    value: Math.round(20 * Math.log10(now.temperature)),
    text: (value) => (10 ** (value / 20)).toPrecision(2),
    act: (value) => { now.temperature = 10 ** (value / 20); panel.change(); } });
  panel.slider({ label: "Weight of the diversity loss", min: 0, max: 8, step: 0.25,
    value: now.weight, text: (value) => value.toFixed(2),
    act: (weight) => { now.weight = weight; panel.change(); } });
  panel.choice({ label: "Hear", value: now.heard, act: (heard) => { now.heard = heard; play(); },
    options: { books: "the vowels out of the books", said: "the vowels as they were said" } });
  const go = panel.button("Train", () => run(!now.running));
  panel.button("Begin anew", () => { now.seed += 1; begin(); panel.change(); });

  function begin() {
    training = new Training(vowels, now.seed);
    [past, loss] = [[[], []], null];
    measure();
    play();
  }

  function measure() {
    shares = usage(training.books, vowels);
    shares.forEach((one, g) => past[g].push(perplexity(one)));
  }

  function advance() {
    loss = training.step(now);
    measure();
  }

  /** Steps from here on; many at once for readers who do not want things to move. */
  function run(on) {
    if (on && training.steps >= MOST) begin();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (let k = 0; on && still && k < 200; k += 1) advance();
    now.running = on && !still;
    go.textContent = now.running ? "Pause" : "Train";
    play();
    panel.change();
  }

  /** The pair of codewords that stands for a vowel. */
  const named = (x) => training.books.map((book) => {
    const scores = scored(book, x);
    return codeword(book, scores.indexOf(Math.max(...scores)));
  });

  /** Some vowels one after the other, each by a synthesiser with its formants. */
  function play() {
    const formants = said.map((x) => (now.heard === "said" ? x : named(x)).map((value, d) => (
      Math.round(Math.min([1300, 4000][d], Math.max([150, 450][d], hertz(value, d)))))));
    if (formants.join() === heardLast) return;
    heardLast = formants.join();
    const each = Math.round(SECONDS * rate);
    const parts = formants.map((two) => {
      const sound = vowelLoop(samples, resonances([...two, ...higher], bandwidths, rate), LEVEL);
      const edge = (n) => Math.min(1, n / 80, (each - 1 - n) / 80);
      return Array.from({ length: each }, (_, n) => edge(n) * sound[n % sound.length]);
    });
    panel.speaker.loop("vowels", parts.flat(), rate);
  }

  function paint() {
    const names = training.books.map((book) => Array.from(book.slice(3 * WORDS)));
    const pairs = new Map(); // how many vowels each pair of codewords stands for
    for (const [x] of vowels) {
      const key = named(x).join();
      pairs.set(key, (pairs.get(key) ?? 0) + 1);
    }
    const spots = Array.from(pairs.keys(), (key) => key.split(",").map(Number));
    plane.points("grid", names[0].flatMap(() => names[1]).map((f2) => hertz(f2, 1)),
      names[0].flatMap((f1) => names[1].map(() => hertz(f1, 0))), "small square faint");
    plane.points("used", spots.map(([, f2]) => hertz(f2, 1)), spots.map(([f1]) => hertz(f1, 0)),
      "ink-2 square");
    shares.forEach((one, g) => one.forEach((share, v) => {
      const x = 1 + v + g * (WORDS + 1);
      bars.line(`bar ${g} ${v}`, [x, x], [0, share], g ? "ink-2 strong" : "ink-1 strong");
    }));
    past.forEach((row, g) => course.line(`book ${g}`, row.map((_, k) => k), row, `ink-${g + 1}`));
    return pairs.size;
  }

  function update() {
    for (let k = 0; now.running && k < PER_FRAME; k += 1) advance();
    if (now.running && training.steps % 60 === 0) play();
    if (now.running && training.steps >= MOST) run(false);
    const used = paint();
    const [one, two] = past.map((row) => row.at(-1).toFixed(1));
    const losses = loss ? ` Contrastive loss ${loss.contrast.toFixed(2)} of `
      + `${Math.log(BATCH).toFixed(2)} nats, diversity loss ${loss.diversity.toFixed(3).replace("-", "−")}.` : "";
    panel.say(`Step ${training.steps}, temperature ${now.temperature.toPrecision(2)}, weight `
      + `${now.weight.toFixed(2)}. Perplexity ${one} in the book of F1 and ${two} in that of F2, of `
      + `${WORDS} each; ${used} of ${WORDS ** 2} pairs are in use.${losses}`);
    if (now.running) panel.change();
  }

  begin();
  panel.begin();
}

export default { render };
