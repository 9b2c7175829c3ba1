// Circles that turn and draw a wave: its harmonics, its spectrum and its sound.
import { Panel, Plot } from "./parts.js";
import { amplitude, uniform } from "./signals.js";

const [MOST, POINTS] = [40, 400]; // harmonics; points of a period
const SECONDS = 5; // in which the first circle turns once
const LEVEL = -20; // dB

const odd = (k) => k % 2 === 1;
const quarter = Math.PI / 2;

// What is known of these waves: amplitude and phase of harmonic k, and the mean of the square.
const KNOWN = {
  square: { a: (k) => (odd(k) ? 4 / (Math.PI * k) : 0), phase: () => -quarter, power: 1 },
  sawtooth: { a: (k) => 2 / (Math.PI * k), phase: () => quarter, power: 1 / 3 },
  triangle: { a: (k) => (odd(k) ? 8 / (Math.PI * k) ** 2 : 0), phase: () => 0, power: 1 / 3 },
};

/** Amplitudes and phases of the harmonics 1 to `count` of a wave, and the share of the wave's power
 * that they hold. `vowel` has those of the page's vowel. */
export function harmonics(wave, count, vowel) {
  const { a, phase, power } = KNOWN[wave] ?? {
    a: (k) => vowel.amplitudes[k - 1] ?? 0,
    phase: (k) => vowel.phases[k - 1] ?? 0,
    power: vowel.amplitudes.reduce((sum, value) => sum + value ** 2 / 2, 0),
  };
  const numbers = Array.from({ length: count }, (_, k) => k + 1);
  const amplitudes = numbers.map(a);
  const kept = amplitudes.reduce((sum, value) => sum + value ** 2 / 2, 0);
  return { amplitudes, phases: numbers.map(phase), share: kept / power };
}

/** Other phases in place of the wave's own: all zero, or drawn at random. */
export function withPhases(which, phases) {
  if (which === "own") return phases;
  const draw = uniform(7);
  return phases.map(() => (which === "zero" ? 0 : 2 * Math.PI * draw()));
}

/** Where the pen is after so many periods: the end of each circle's arm, as pairs of the part along
 * the wave's axis (cosines) and the part across it (sines). */
export function arms(amplitudes, phases, periods) {
  let [along, across] = [0, 0];
  return amplitudes.map((a, k) => {
    const angle = 2 * Math.PI * (k + 1) * periods + phases[k];
    along += a * Math.cos(angle);
    across += a * Math.sin(angle);
    return [along, across];
  });
}

const WAVES = { square: "Square", sawtooth: "Sawtooth", triangle: "Triangle", vowel: "The vowel" };
const PHASES = { own: "The wave's own", zero: "All zero", random: "At random" };

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { vowel, start } = panel.data;
  const now = { look: 1, turn: 0.1, phases: "own", hear: "sum", ...start };
  const times = Array.from({ length: POINTS + 1 }, (_, n) => n / POINTS);
  const plot = new Plot(panel, {
    x: { from: 0, to: 1, label: "Time (periods)", ticks: [0, 0.5, 1] },
    y: { from: -1.08, to: 1.08, label: "Amplitude", ticks: [0] },
    label: "Circles on the tips of circles, and the wave that the last one draws.",
    height: 200, wide: true, aside: 150,
  });
  const bars = new Plot(panel, {
    x: { from: 0, to: MOST + 1, label: "Harmonic", ticks: [1, 10, 20, 30, 40] },
    y: { from: 0, to: 1.35, label: "Amplitude", ticks: [0, 0.5, 1] },
    label: "The spectrum: the radius of each circle.", height: 150, wide: true,
  });
  let [parts, curve, alone, size] = [null, null, null, 1];

  const act = (key) => (value) => {
    now[key] = value;
    if (key !== "turn") prepare();
    panel.change();
  };
  // A line of the spectrum is looked at when it is touched.
  bars.svg.addEventListener("pointerdown", (event) => {
    const touched = bars.value("x", event.clientX - bars.svg.getBoundingClientRect().left);
    now.look = Math.min(MOST, Math.max(1, Math.round(touched)));
    look(now.look);
    prepare();
    panel.change();
  });
  panel.slider({ label: "Number of harmonics", min: 1, max: MOST, step: 1, value: now.count,
    text: String, act: act("count") });
  const look = panel.slider({ label: "Look at harmonic", min: 1, max: MOST, step: 1, value: now.look,
    text: String, act: act("look") });
  const place = panel.slider({ label: "Time", min: 0, max: 1, step: 0.005, value: now.turn,
    text: (value) => `${value.toFixed(2)} periods`, act: act("turn") });
  panel.choice({ label: "Wave", options: WAVES, value: now.wave, act: act("wave") });
  panel.choice({ label: "Phases", options: PHASES, value: now.phases, act: act("phases") });
  panel.choice({ label: "Hear", options: { sum: "The sum", one: "The harmonic looked at" },
    value: now.hear, act: act("hear") });
  const turning = panel.button("Turn the circles", () => {
    before = before === null ? performance.now() : null;
    turning.textContent = before === null ? "Turn the circles" : "Hold the circles";
    if (before !== null) requestAnimationFrame(turn);
  });
  let before = null; // when the circles were last moved, or null if they stand still

  function turn(moment) {
    if (before === null || !plot.svg.isConnected) return;
    now.turn = (now.turn + Math.max(0, moment - before) / (1000 * SECONDS)) % 1;
    before = moment;
    place(now.turn);
    panel.change();
    requestAnimationFrame(turn);
  }

  // All that does not depend on the time.
  function prepare() {
    parts = harmonics(now.wave, now.count, vowel);
    parts.phases = withPhases(now.phases, parts.phases);
    const { amplitudes, phases } = parts;
    const ends = times.map((time) => arms(amplitudes, phases, time));
    curve = ends.map((joints) => joints.at(-1)[0]);
    const k = Math.min(now.look, now.count) - 1;
    alone = times.map((time) => amplitudes[k] * Math.cos(2 * Math.PI * (k + 1) * time + phases[k]));
    size = 1e-9;
    for (const joints of ends) {
      for (const [a, s] of joints) size = Math.max(size, Math.abs(a), Math.abs(s));
    }
    bars.line("all", Array.from({ length: 3 * MOST }, (_, n) => 1 + Math.floor(n / 3)),
      Array.from({ length: 3 * MOST }, (_, n) => (n % 3 === 1 ? amplitudes[(n - 1) / 3] ?? 0 : 0)),
      "ink-1");
    bars.line("one", [k + 1, k + 1], [0, amplitudes[k]], "ink-2");
    bars.dot("tip", k + 1, amplitudes[k], 5, "mark");
    plot.line("alone", times, alone.map((value) => value / size), "ink-2 thin");
    plot.line("wave", times, curve.map((value) => value / size), "ink-1");
    play(k);
    const degrees = Math.round((phases[k] * 180) / Math.PI) % 360;
    panel.say(`${WAVES[now.wave]}: ${now.count} harmonic${now.count > 1 ? "s" : ""} with `
      + `${(100 * parts.share).toFixed(1)} % of its power. Harmonic ${k + 1}, at `
      + `${((k + 1) * hertz()).toFixed(0)} Hz: amplitude ${amplitudes[k].toFixed(3)}`
      + (amplitudes[k] > 0 ? `, phase ${degrees} degrees.` : "."));
  }

  const hertz = () => (now.wave === "vowel" ? vowel.hertz : 110);

  function play(k) {
    const { amplitudes, phases } = parts;
    const heard = amplitudes.map((a, i) => (now.hear === "sum" || i === k ? a : 0));
    const scale = amplitude(LEVEL) / Math.max(1e-3, Math.hypot(...heard));
    const part = (turned) => [0, ...heard.map((a, i) => a * scale * turned(phases[i]))];
    panel.speaker.tone("wave", hertz(), part(Math.cos), part((angle) => -Math.sin(angle)));
  }

  function update() {
    if (!parts) prepare();
    const joints = arms(parts.amplitudes, parts.phases, now.turn);
    // The circles are as large as the wave is high; upwards is the direction of the cosine.
    const unit = (plot.at("y", 0) - plot.at("y", 1)) / size;
    const across = plot.at("x", 1) - plot.at("x", 0);
    const x = (value) => (-75 - value * unit) / across;
    const y = (value) => value / size;
    const k = Math.min(now.look, now.count) - 1;
    const corners = [[0, 0], ...joints];
    const rings = (numbers) => [
      numbers.map((i) => x(corners[i][1])), numbers.map((i) => y(corners[i][0])),
      numbers.map((i) => parts.amplitudes[i] * unit)];
    plot.circles("circles", ...rings([...parts.amplitudes.keys()]), "circle");
    plot.circles("looked at", ...rings([k]), "circle ink-2");
    const [along, side] = joints.at(-1);
    plot.line("arm", corners.map(([, s]) => x(s)), corners.map(([a]) => y(a)), "ink-1");
    plot.line("level", [x(side), now.turn], [y(along), y(along)], "dashed thin");
    plot.dot("pen", now.turn, y(along), 5, "mark");
  }

  prepare();
  panel.begin();
}

export default { render };
