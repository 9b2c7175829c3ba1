// A net that reads: where it looks, step by step, with its location term turned down.
import { Panel, Plot } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel } from "./signals.js";

const [LEVEL, EACH] = [-20, 60]; // dB; ms of a step when it reads on
const MOST = 24; // letters that there is room for

/** Where a net looks: rows of weights, one a step. Its states are given as `queries`, its letters as
 * `keys`; `scale` is what is left of the location term. What the place adds to each letter's
 * comparison is kept, and grows by what each step's weights add to it. */
export function attend({ keys, queries, place, place_bias: bias, match }, scale) {
  const reach = (place.length - 1) / 2;
  const from = keys.map(() => new Float64Array(match.length));
  return queries.map((query) => {
    const energies = keys.map((key, n) => match.reduce(
      (sum, weight, a) => sum + weight * Math.tanh(key[a] + query[a] + scale * (from[n][a] + bias[a])),
      0));
    const top = Math.max(...energies);
    const total = Math.log(energies.reduce((sum, energy) => sum + Math.exp(energy - top), 0)) + top;
    const looks = energies.map((energy) => Math.exp(energy - total));
    looks.forEach((share, n) => {
      if (share < 1e-7) return; // adds nothing that would be seen
      place.forEach((row, j) => {
        const to = from[n + reach - j];
        if (to) row.forEach((weight, a) => { to[a] += share * weight; });
      });
    });
    return looks;
  });
}

/** The last letter, counted from 1, that is the strongest one of some step. */
export function furthest(attention) {
  return 1 + Math.max(...attention.map((row) => row.indexOf(Math.max(...row))));
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { texts, sounds, net } = panel.data;
  const names = Object.keys(texts);
  const longest = Math.max(...names.map((name) => texts[name].queries.length));
  const now = { text: names[0], step: panel.data.step, scale: 1, heard: "with" };
  let rows = [];

  const map = new Plot(panel, {
    x: { from: 0, to: longest, label: "Step", ticks: [0, 20, 40, 60, 80, 100].filter(
      (tick) => tick <= longest) },
    y: { from: 1, to: 0, label: "Letter", ticks: [] },
    label: "Which letter each step looks at: dark where it looks most.",
    height: 300, wide: true,
  });
  const bars = new Plot(panel, {
    x: { from: 0, to: 1, label: "Letters of the text", ticks: [] },
    y: { from: 0, to: 1.15, label: "Weight", ticks: [0, 0.5, 1] },
    label: "The weights of this step, and what each letter has got so far.",
    height: 200, wide: true,
  });
  const stepper = panel.slider({
    label: "Step", min: 1, max: longest, step: 1, value: now.step,
    text: (value) => `${Math.min(value, rows.length || value)}`,
    act: (step) => { now.step = step; now.run = undefined; panel.change(); },
  });
  panel.slider({
    label: "Location term turned down by", min: 0, max: 100, step: 2, value: 0,
    text: (value) => (value < 100 ? `${value} %` : "100 %: it is off"),
    act: (value) => { now.scale = 1 - value / 100; compute(); },
  });
  panel.choice({ label: "Text", value: now.text,
    options: Object.fromEntries(names.map((name) => [name, name])),
    act: (text) => { now.text = text; compute(); play(); } });
  panel.choice({ label: "Hear what the net says", value: "with",
    options: { with: "with its location term", without: "without it" },
    act: (heard) => { now.heard = heard; play(); } });
  panel.button("Read on", () => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      move(rows.length);
      return;
    }
    const running = (now.run = {});
    const [begun, first] = [performance.now(), now.step >= rows.length ? 1 : now.step];
    const go = () => {
      if (now.run !== running) return;
      move(Math.min(rows.length, first + Math.floor((performance.now() - begun) / EACH)));
      if (now.step < rows.length) requestAnimationFrame(go);
    };
    go();
  });

  function move(step) {
    now.step = step;
    stepper(step);
    panel.change();
  }

  function compute() {
    rows = attend({ ...net, ...texts[now.text] }, now.scale);
    now.step = Math.min(now.step, rows.length);
    panel.change();
  }

  async function play() {
    const { wav } = sounds[now.text][now.heard];
    now.wanted = wav;
    const { samples, rate } = await recording({ wav });
    if (now.wanted === wav) panel.speaker.loop("voice", atLevel(samples, LEVEL), rate);
  }

  function paint(canvas) {
    const count = now.text.length;
    Object.assign(canvas, { width: longest, height: count });
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(panel.root).color;
    rows.forEach((row, s) => row.forEach((share, n) => {
      pen.globalAlpha = Math.sqrt(share);
      pen.fillRect(s, n, 1, 1);
    }));
  }

  function update() {
    const letters = Array.from(now.text, (letter) => (letter === " " ? "␣" : letter));
    const [count, row] = [letters.length, rows[now.step - 1]];
    const sofar = letters.map((_, n) => rows.slice(0, now.step).reduce((sum, r) => sum + r[n], 0));
    const most = Math.max(1, ...sofar);
    map.image(paint);
    map.line("now", [now.step - 0.5, now.step - 0.5], [0, 1], "ink-2");
    for (let n = 0; n < MOST; n += 1) {
      const [letter, at] = [letters[n] ?? "", (n + 0.5) / count];
      map.text(`letter ${n}`, 0, Math.min(1, at), letter, "end", -6);
      bars.text(`letter ${n}`, Math.min(1, at), 0, letter, "middle", 0, 16);
      const x = [at, at];
      bars.line(`weight ${n}`, n < count ? x : [2, 2], [0, row[n] ?? 0], "ink-1 strong");
    }
    const middles = letters.map((_, n) => (n + 0.5) / count);
    bars.line("so far", middles, sofar.map((sum) => sum / most), "ink-2 dashed");
    bars.text("name of so far", 0.02, 1.07, `so far, of ${most.toFixed(1)} steps`, "ink-2");
    const best = letters.map((_, n) => n).sort((a, b) => row[b] - row[a]).slice(0, 2);
    const seen = best.map((n) => `${letters[n]} (letter ${n + 1}) with ${row[n].toFixed(2)}`);
    panel.say(`Step ${now.step} of ${rows.length} looks at ${seen.join(" and ")}. `
      + `In all its steps the net gets as far as letter ${furthest(rows)} of ${count}.`);
  }

  compute();
  play();
  panel.begin();
}

export default { render };
