// A point dropped on a loss surface, and four optimisers that start from it.
import { draw, Panel, Plot } from "./parts.js";
import { atLevel } from "./signals.js";

const [STEPS, EPSILON, FAR] = [80, 1e-8, 1e3]; // FAR: so far away, a path has left the map for good
const SQUARES = { RMSprop: 0.9, Adam: 0.999 }; // how slowly each forgets the squares
const [RATE, SECONDS, LEVEL] = [8000, 0.04, -20]; // of the sound: samples a second, a step, dB
const LIMITS = { w1: [-3, 3], w2: [-2, 2] };

/** The surfaces: what a point costs, less the least, and the slope there. */
export function surfaces({ x, y, strength, lowest }) {
  const signed = y.map((label) => 2 * label - 1);
  // How strongly each example asks for other weights; its cost is the logarithm of one over it.
  const margins = ([a, b]) => x.map((row, m) => signed[m] * (a * row[0] + b * row[1]));
  const share = strength / y.length;
  return {
    valley: {
      cost: ([a, b]) => 0.2 * a * a + 4 * b * b,
      slope: ([a, b]) => [0.4 * a, 8 * b],
    },
    bend: {
      cost: ([a, b]) => 0.1 * (1 - a) ** 2 + 2 * (b + 1 - (a * a) / 3) ** 2,
      slope: ([a, b]) => {
        const off = 4 * (b + 1 - (a * a) / 3);
        return [0.2 * (a - 1) - (2 / 3) * a * off, off];
      },
    },
    saddle: {
      cost: ([a, b]) => 0.5 * a * a + (b * b - 2) ** 2 / 4,
      slope: ([a, b]) => [a, b * (b * b - 2)],
    },
    words: {
      cost: (w) => margins(w).reduce((sum, m) => sum + Math.log1p(Math.exp(-m)), 0) / y.length
        + (share / 2) * (w[0] ** 2 + w[1] ** 2) - lowest,
      slope: (w) => {
        const pulls = margins(w).map((m, k) => -signed[k] / (1 + Math.exp(m)) / y.length);
        return [0, 1].map((d) => x.reduce((sum, row, m) => sum + pulls[m] * row[d], share * w[d]));
      },
    },
  };
}

/** The mean of rows, the newest last, with weights that fall by beta from each to the one before.
 * The weights add up to one if it is corrected; else as if there had been zeros for ever. */
export function average(rows, beta, corrected) {
  const weights = rows.map((_, k) => beta ** (rows.length - 1 - k));
  const total = corrected ? weights.reduce((sum, one) => sum + one, 0) : 1 / (1 - beta);
  return [0, 1].map((d) => rows.reduce((sum, row, k) => sum + weights[k] * row[d], 0) / total);
}

const last = (rows) => rows[rows.length - 1];
const squared = (rows) => rows.map((row) => row.map((value) => value * value));
const scaled = (step, squares) => step.map((value, d) => value / (Math.sqrt(squares[d]) + EPSILON));

/** Where each optimiser steps, less the rate, after these slopes. */
const DIRECTIONS = {
  plain: (seen) => last(seen),
  momentum: (seen, beta) => average(seen, beta, false),
  RMSprop: (seen) => scaled(last(seen), average(squared(seen), SQUARES.RMSprop, false)),
  Adam: (seen, beta) => scaled(average(seen, beta, true),
    average(squared(seen), SQUARES.Adam, true)),
};

/** The points that an optimiser comes through. */
function path({ slope }, start, direction, rate, beta) {
  const [points, seen] = [[start], []];
  while (points.length <= STEPS && Math.hypot(...last(points)) < FAR) {
    seen.push(slope(last(points)));
    const step = direction(seen, beta);
    points.push(last(points).map((value, d) => value - rate * step[d]));
  }
  return points;
}

/** The paths of all four, by name. */
export function race(surface, start, rate, beta, words) {
  const on = surfaces(words)[surface];
  return Object.fromEntries(Object.entries(DIRECTIONS).map(
    ([name, direction]) => [name, path(on, start, direction, rate, beta)]));
}

/** The tone for a cost: an octave lower for each tenth of it. */
export const pitch = (cost) => Math.min(1760, Math.max(55, 440 * cost ** Math.log10(2)));

/** A tone that follows costs from step to step. */
export function melody(costs) {
  const each = Math.round(SECONDS * RATE);
  let turns = 0;
  const logs = costs.map((cost) => Math.log(pitch(cost)));
  return Float64Array.from({ length: each * STEPS }, (_, n) => {
    const [k, part] = [Math.floor(n / each), (n % each) / each];
    const here = logs[Math.min(k, logs.length - 1)];
    turns += Math.exp(here + part * (logs[Math.min(k + 1, logs.length - 1)] - here)) / RATE;
    return Math.sin(2 * Math.PI * turns);
  });
}

const WORDS = {
  valley: "a valley, twenty times steeper across",
  bend: "a bent valley",
  saddle: "a saddle between two basins",
  words: "two spoken words and two weights",
};
const STYLES = { plain: "dashed", momentum: "ink-1", RMSprop: "ink-2", Adam: "" };
const SIZE = [210, 140]; // of the picture of the surface

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { words, rate, beta, start, surface } = panel.data;
  const now = { ...start, rate, beta, surface, heard: "Adam", steps: STEPS };
  const all = surfaces(words);
  let paths = {};

  const map = new Plot(panel, {
    x: { from: LIMITS.w1[0], to: LIMITS.w1[1], label: "w₁", ticks: [-3, -2, -1, 0, 1, 2, 3] },
    y: { from: LIMITS.w2[0], to: LIMITS.w2[1], label: "w₂", ticks: [-2, -1, 0, 1, 2] },
    label: "The loss surface, with the paths of four optimisers from one point.",
    height: 300, wide: true,
  });
  const fall = new Plot(panel, {
    x: { from: 0, to: STEPS, label: "Step", ticks: [0, 20, 40, 60, 80] },
    y: { from: 1e-4, to: 1e4, log: true, label: "Cost above the lowest",
      ticks: [[1e-4, "0.0001"], [0.01, "0.01"], [1, "1"], [100, "100"], [1e4, "10,000"]] },
    label: "What each optimiser's point costs, step by step.",
    height: 200, wide: true,
  });
  const place = Object.fromEntries([["w1", "Start, w₁"], ["w2", "Start, w₂"]].map(
    ([key, label]) => [key, panel.slider({
      label, min: LIMITS[key][0], max: LIMITS[key][1], step: 0.05, value: now[key],
      text: (value) => value.toFixed(2), act: (value) => drop({ [key]: value }),
    })]));
  const power = (value) => 10 ** (value / 20);
  panel.slider({
    label: "Learning rate", min: -60, max: 10, step: 1, value: Math.round(20 * Math.log10(rate)),
    text: (value) => power(value).toPrecision(2), act: (value) => set({ rate: power(value) }),
  });
  panel.slider({
    label: "Memory of momentum and Adam, beta", min: 0, max: 0.98, step: 0.02, value: beta,
    text: (value) => value.toFixed(2), act: (value) => set({ beta: value }),
  });
  panel.choice({ label: "Surface", options: WORDS, value: surface,
    act: (value) => set({ surface: value }) });
  panel.choice({ label: "Hear the cost of", value: now.heard, act: (heard) => set({ heard }),
    options: Object.fromEntries(Object.keys(STYLES).map((name) => [name, name])) });
  panel.button("Race again", () => run());

  const handle = draw("circle", { r: 13, class: "handle", tabindex: 0, role: "slider",
    "aria-label": "Where the point is dropped",
    "aria-valuemin": LIMITS.w1[0], "aria-valuemax": LIMITS.w1[1] });
  map.svg.append(handle);
  map.svg.setAttribute("role", "group"); // it holds a control, so it is more than an image
  map.svg.classList.add("pad");

  function set(values) {
    Object.assign(now, values, { steps: STEPS });
    compute();
  }

  function drop(to) {
    for (const [key, value] of Object.entries(to)) {
      const [least, most] = LIMITS[key];
      now[key] = Math.min(most, Math.max(least, Math.round(20 * value) / 20));
      place[key](now[key]);
    }
    set({});
  }

  /** Steps one after another, as far as the reader wants things to move. */
  function run() {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const begun = performance.now();
    const running = (now.run = {});
    const go = () => {
      if (now.run !== running) return;
      now.steps = Math.min(STEPS, Math.floor((performance.now() - begun) / (1000 * SECONDS)));
      panel.change();
      if (now.steps < STEPS) requestAnimationFrame(go);
    };
    go();
  }

  const follow = (event) => {
    const corner = map.svg.getBoundingClientRect();
    drop({ w1: map.value("x", event.clientX - corner.left),
      w2: map.value("y", event.clientY - corner.top) });
  };
  map.svg.addEventListener("pointerdown", (event) => {
    map.svg.setPointerCapture(event.pointerId);
    handle.focus();
    follow(event);
    event.preventDefault();
  });
  map.svg.addEventListener("pointermove", (event) => {
    if (map.svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  map.svg.addEventListener("pointerup", run);
  const keys = { ArrowUp: ["w2", 0.1], ArrowDown: ["w2", -0.1], ArrowLeft: ["w1", -0.1],
    ArrowRight: ["w1", 0.1] };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in keys)) return;
    const [key, step] = keys[event.key];
    drop({ [key]: now[key] + step });
    event.preventDefault();
  });

  function compute() {
    now.run = undefined;
    paths = race(now.surface, [now.w1, now.w2], now.rate, now.beta, words);
    const costs = paths[now.heard].map(all[now.surface].cost);
    panel.speaker.loop("cost", atLevel(melody(costs), LEVEL), RATE);
    panel.change();
  }

  /** Bands of equal cost, two for each factor of ten. */
  function paint(canvas) {
    canvas.style.imageRendering = "auto";
    const colour = getComputedStyle(panel.root).color;
    const key = `${now.surface} ${colour}`;
    if (canvas.dataset.painted === key) return;
    canvas.dataset.painted = key;
    [canvas.width, canvas.height] = SIZE;
    const pen = canvas.getContext("2d");
    pen.fillStyle = colour;
    for (let i = 0; i < SIZE[0]; i += 1) {
      for (let j = 0; j < SIZE[1]; j += 1) {
        const [a, b] = [(i + 0.5) / SIZE[0], 1 - (j + 0.5) / SIZE[1]];
        const cost = all[now.surface].cost([
          LIMITS.w1[0] + a * (LIMITS.w1[1] - LIMITS.w1[0]),
          LIMITS.w2[0] + b * (LIMITS.w2[1] - LIMITS.w2[0])]);
        const band = Math.floor(4 * Math.log10(Math.max(cost, 1e-4)));
        pen.globalAlpha = (band % 2 ? 0.1 : 0.02) + 0.012 * Math.max(0, band + 8);
        pen.fillRect(i, j, 1, 1);
      }
    }
  }

  function update() {
    map.image(paint);
    const ends = [];
    Object.entries(paths).forEach(([name, points], k) => {
      const shown = points.slice(0, now.steps + 1);
      const costs = shown.map((w) => Math.max(all[now.surface].cost(w), 1e-5));
      map.line(name, shown.map(([a]) => a), shown.map(([, b]) => b), STYLES[name]);
      map.dot(`end of ${name}`, ...last(shown), 4, "mark");
      fall.line(name, shown.map((_, step) => step), costs, STYLES[name]);
      const height = 4000 / 6 ** k;
      fall.line(`sign of ${name}`, [57, 62], [height, height], STYLES[name]);
      fall.text(`name of ${name}`, 63.5, height, name);
      const gone = Math.hypot(...last(shown)) >= FAR;
      const small = last(costs) < 1e-4 ? "below 0.0001" : last(costs).toPrecision(2);
      ends.push(`${name} ${gone ? "has left the map" : small}`);
    });
    handle.setAttribute("cx", map.at("x", now.w1));
    handle.setAttribute("cy", map.at("y", now.w2));
    const at = `w₁ ${now.w1.toFixed(2)}, w₂ ${now.w2.toFixed(2)}`;
    handle.setAttribute("aria-valuenow", now.w1);
    handle.setAttribute("aria-valuetext", at);
    panel.say(`From ${at}, after ${now.steps} steps, cost above the lowest: ${ends.join(", ")}.`);
  }

  compute();
  panel.begin();
}

export default { render };
