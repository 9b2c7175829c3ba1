// Pitch classes on the circle of fifths, and the point where they balance, as the music plays.
import { draw, make, Panel } from "./parts.js";
import { atLevel, powerSpectrum } from "./signals.js";
import { recording } from "./sound.js";

const TRAIL = 40; // positions of the point that stay visible
const [LOW, HIGH] = [100, 2000]; // hertz: the notes and their nearest overtones

/** How strongly each pitch class sounds, in the order of fifths from C, in the samples around. */
export function classes(samples, rate) {
  const size = samples.length;
  const window = (n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (size - 1));
  const power = powerSpectrum(Float64Array.from(samples, (x, n) => x * window(n)), size);
  const found = new Float64Array(12);
  for (let k = 1; k <= size / 2; k += 1) {
    const hertz = (k * rate) / size;
    if (hertz <= LOW || hertz >= HIGH) continue;
    const note = Math.round(12 * Math.log2(hertz / 440)) + 9 + 120;
    found[((note % 12) * 7) % 12] += power[k];
  }
  return found;
}

/** The centre of mass of the weights on a clock face: to the right, and up. */
export function balance(weights) {
  let [right, up, all] = [0, 0, 0];
  weights.forEach((weight, hour) => {
    right += weight * Math.sin((hour * Math.PI) / 6);
    up += weight * Math.cos((hour * Math.PI) / 6);
    all += weight;
  });
  return all > 0 ? [right / all, up / all] : [0, 0];
}

/** The samples of a frame that begins at a number, from the beginning again after the end. */
export function around(samples, first, size) {
  return Float64Array.from({ length: size }, (_, n) => samples[(first + n) % samples.length]);
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { names, frame } = panel.data;
  let [samples, rate, seconds] = [new Float64Array(frame), 8000, 1];
  let [place, trail] = [0.3, []]; // seconds

  const svg = draw("svg", { role: "img", viewBox: "-150 -150 300 300", width: "100%", height: 320,
    "aria-label": "The twelve pitch classes on the circle of fifths, and where they balance." });
  panel.pictures.append(make("div", { class: "instrument-plot" }, svg));
  const at = (hour, radius) => [radius * Math.sin((hour * Math.PI) / 6),
    -radius * Math.cos((hour * Math.PI) / 6)];
  svg.append(draw("circle", { r: 100, class: "line", fill: "none" }));
  const discs = names.map((name, hour) => {
    const [x, y] = at(hour, 100);
    const [u, v] = at(hour, 134);
    const disc = draw("circle", { cx: x, cy: y, r: 4, class: "ink-1", "fill-opacity": 0.55 });
    svg.append(disc, draw("text", { x: u, y: v + 4, class: "middle" }, name));
    return disc;
  });
  const path = draw("path", { class: "line ink-2" });
  const point = draw("circle", { r: 7, class: "ink-2" });
  svg.append(path, point);

  const slider = panel.slider({
    label: "Position", min: 0, max: 1000, step: 5, value: 0,
    text: () => `${place.toFixed(1)} s`,
    act: (value) => {
      place = (value / 1000) * seconds;
      trail = [];
      panel.change();
    },
  });

  await panel.voice(panel.data.piece, 8, (given) => {
    ({ samples, rate } = given);
    seconds = samples.length / rate;
    [place, trail] = [Math.min(place, seconds), []];
    slider((1000 * place) / seconds);
    panel.speaker.loop("piece", atLevel(samples, -20), rate);
    panel.change();
  });

  function update() {
    if (panel.speaker.on) {
      place = Math.max(0, panel.speaker.context.currentTime - panel.speaker.began) % seconds;
      slider((1000 * place) / seconds);
      requestAnimationFrame(() => panel.change());
    }
    const first = Math.max(0, Math.round(place * rate) - frame / 2);
    const now = classes(around(samples, first, frame), rate);
    const most = Math.max(...now, 1e-12);
    discs.forEach((disc, hour) => disc.setAttribute("r", 4 + 16 * Math.sqrt(now[hour] / most)));
    const [right, up] = balance(now);
    trail = [...trail, [100 * right, -100 * up]].slice(-TRAIL);
    path.setAttribute("d", `M${trail.map((p) => p.map((v) => v.toFixed(1)).join()).join("L")}`);
    point.setAttribute("cx", 100 * right);
    point.setAttribute("cy", -100 * up);
    const order = names.map((name, hour) => [now[hour], name]).sort((a, b) => b[0] - a[0]);
    const loudest = order.slice(0, 3).map(([, name]) => name).join(", ");
    const far = Math.hypot(right, up);
    const hour = Math.round((Math.atan2(right, up) * 6) / Math.PI + 12) % 12;
    panel.say(`At ${place.toFixed(1)} s, strongest: ${loudest}. The point lies `
      + (far > 0.15 ? `towards ${names[hour]}.` : "near the middle."));
  }

  panel.root.addEventListener("click", () => panel.change()); // the music may have begun
  panel.begin();
}

export default { render };
