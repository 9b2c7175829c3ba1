// A piece against itself, and where a chequerboard that slides down the diagonal finds two parts meet.
import { Panel, Plot } from "./parts.js";
import { atLevel } from "./signals.js";
import { recording } from "./sound.js";

const [LEVEL, CLICK] = [-20, 0.15]; // dB; the height of a click
const REST = 150; // ms without a change until the clicks that are heard move

/** Cosines of all pairs of frames. */
export function similarity(frames) {
  const unit = frames.map((frame) => {
    const norm = Math.hypot(...frame) || 1;
    return Float64Array.from(frame, (value) => value / norm);
  });
  return unit.map((one) => Float64Array.from(unit, (other) => (
    one.reduce((sum, value, k) => sum + value * other[k], 0))));
}

/** What the chequerboard finds before each frame and after the last, with `half` frames on each
 * side; where it hangs over the ends, nothing is alike. */
export function contrast(alike, half) {
  const count = alike.length;
  const side = Float64Array.from({ length: 2 * half }, (_, i) => {
    const from = i - half + 0.5;
    return Math.sign(from) * Math.exp(-2 * (from / half) ** 2);
  });
  const whole = side.reduce((sum, weight) => sum + Math.abs(weight), 0) ** 2;
  return Float64Array.from({ length: count + 1 }, (_, t) => {
    let sum = 0;
    for (let i = Math.max(0, t - half); i < Math.min(count, t + half); i += 1) {
      for (let j = Math.max(0, t - half); j < Math.min(count, t + half); j += 1) {
        sum += side[i - t + half] * side[j - t + half] * alike[i][j];
      }
    }
    return sum / whole;
  });
}

/** Where a curve is higher than on both sides, and at least so high. */
export function peaks(curve, least) {
  return [...curve.keys()].filter((t) => (
    curve[t] >= least && curve[t] > curve[t - 1] && curve[t] > curve[t + 1]));
}

/** Samples with a short click at each of some seconds. */
export function clicked(samples, rate, seconds) {
  const heard = Float64Array.from(samples);
  for (const second of seconds) {
    const first = Math.round(second * rate);
    for (let n = 0; n < 0.03 * rate && first + n < heard.length; n += 1) {
      heard[first + n] += CLICK * Math.sin((2 * Math.PI * 1500 * n) / rate)
        * Math.sin((Math.PI * n) / (0.03 * rate));
    }
  }
  return heard;
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { frames, fps, sound } = panel.data;
  const [alike, count] = [similarity(frames), frames.length];
  const seconds = count / fps;
  const now = { half: panel.data.half, least: 0.4, place: 0.25 * seconds, hear: "clicks" };
  const ticks = [0, 2, 4, 6, 8, 10, 12, 14, 16].filter((tick) => tick <= seconds);
  const { samples, rate } = await recording(sound);
  const quiet = atLevel(samples, LEVEL);
  let [curve, found] = [[], []];

  const map = new Plot(panel, {
    x: { from: 0, to: seconds, label: "Time (s)", ticks },
    y: { from: seconds, to: 0, label: "Time (s)", ticks },
    label: "How alike any two moments of the piece are, and the chequerboard on the diagonal.",
    height: 330, wide: true,
  });
  const line = new Plot(panel, {
    x: { from: 0, to: seconds, label: "Time (s)", ticks },
    y: { from: 0, to: 1.1, label: "Of the largest", ticks: [0, 0.5, 1] },
    label: "What the chequerboard finds at each moment, with marks where two parts meet.",
    height: 180, wide: true,
  });

  panel.slider({
    label: "Width of the chequerboard", min: 1, max: 16, step: 1, value: now.half,
    text: (half) => `${((2 * half) / fps).toFixed(2)} s`,
    act: (half) => { now.half = half; compute(); },
  });
  panel.slider({
    label: "A boundary is at least", min: 5, max: 95, step: 5, value: 100 * now.least,
    text: (least) => `${least} % of the largest`,
    act: (least) => { now.least = least / 100; compute(); },
  });
  const slider = panel.slider({
    label: "Place in the piece", min: 0, max: count, step: 1, value: now.place * fps,
    text: () => `${now.place.toFixed(1)} s`,
    act: (frame) => { now.place = frame / fps; panel.change(); },
  });
  panel.choice({ label: "Hear", value: now.hear,
    options: { clicks: "the piece, with a click at each boundary", piece: "the piece alone" },
    act: (hear) => { now.hear = hear; play(); } });

  function compute() {
    curve = contrast(alike, now.half);
    const inside = curve.slice(1, count); // the ends of the piece are no boundaries of parts
    const most = Math.max(...inside, 1e-9);
    curve = curve.map((value) => Math.max(0, value) / most);
    found = peaks(curve, now.least).map((t) => t / fps);
    clearTimeout(now.waiting);
    now.waiting = setTimeout(play, REST);
    panel.change();
  }

  function play() {
    const heard = now.hear === "clicks" ? clicked(quiet, rate, found) : quiet;
    panel.speaker.loop("piece", heard, rate);
  }

  function paint(canvas) {
    const colour = getComputedStyle(panel.root).color;
    if (now.colour === colour) return;
    now.colour = colour;
    Object.assign(canvas, { width: count, height: count });
    const pen = canvas.getContext("2d");
    pen.fillStyle = colour;
    alike.forEach((row, y) => row.forEach((value, x) => {
      pen.globalAlpha = Math.max(0, value) ** 1.5;
      pen.fillRect(x, y, 1, 1);
    }));
  }

  function update() {
    if (panel.speaker.on) {
      now.place = Math.max(0, panel.speaker.context.currentTime - panel.speaker.began) % seconds;
      slider(now.place * fps);
      requestAnimationFrame(() => panel.change());
    }
    const [half, at] = [now.half / fps, now.place];
    map.image(paint);
    const square = (name, x, y, style) => map.line(name,
      [x - half, x + half, x + half, x - half, x - half],
      [y - half, y - half, y + half, y + half, y - half], style);
    square("kernel", at, at, "ink-2");
    map.line("before from after", [at - half, at + half], [at, at], "ink-2 dashed");
    map.line("from before to after", [at, at], [at - half, at + half], "ink-2 dashed");
    const times = Array.from(curve, (_, t) => t / fps);
    line.line("novelty", times, curve, "ink-1");
    line.line("least", [0, seconds], [now.least, now.least], "dashed");
    line.points("boundaries", found, found.map((s) => curve[Math.round(s * fps)]), "ink-2");
    line.line("now", [at, at], [0, 1.1], "ink-2");
    const where = found.map((second) => second.toFixed(1)).join(", ") || "nowhere";
    panel.say(`Chequerboard ${(2 * half).toFixed(2)} s wide: ${found.length} boundaries, at `
      + `${where} (s). At ${at.toFixed(1)} s it finds `
      + `${curve[Math.min(count, Math.round(at * fps))].toFixed(2)} of the largest.`);
  }

  compute();
  play();
  panel.root.addEventListener("click", () => panel.change()); // the piece may have begun
  panel.begin();
}

export default { render };
