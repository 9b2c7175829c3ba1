// A wheel that is filmed, and a tone that is sampled: both are seen at single moments only.
import { draw, make, Panel, Plot } from "./parts.js";
import { amplitude } from "./signals.js";

const LEVEL = -16; // dB
const STRIP = 8; // shots that are drawn side by side

/** How fast the film shows the wheel to turn: by the shortest way from one shot to the next. */
export function apparent(turns, shots) {
  const angle = (2 * Math.PI * turns) / shots;
  return (Math.atan2(Math.sin(angle), Math.cos(angle)) / (2 * Math.PI)) * shots;
}

/** The parts of a turn, 0 to 1, at which the wheel stands in each of `count` shots. */
export function strip(turns, shots, count) {
  return Array.from({ length: count }, (_, k) => ((turns * k) / shots) % 1);
}

function wheel(group, x, y, radius, words) {
  const hand = draw("g", {},
    draw("line", { x1: 0, y1: 0, x2: 0, y2: -radius, class: "wheel-hand" }),
    draw("circle", { cx: 0, cy: -radius, r: Math.max(3, radius / 9), class: "mark" }));
  group.append(draw("g", { transform: `translate(${x} ${y})` },
    draw("circle", { r: radius, class: "wheel-rim" }), hand,
    draw("text", { y: radius + 20, class: "middle" }, words)));
  return (turn) => hand.setAttribute("transform", `rotate(${(360 * turn).toFixed(2)})`);
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { scale } = panel.data; // hertz of the tone for a turn a second
  const now = { heard: "samples", ...panel.data.start };
  const svg = draw("svg", { role: "img", viewBox: "0 0 360 230", width: "100%",
    "aria-label": "The wheel, the film of it, and eight shots of the film." });
  panel.pictures.append(make("div", { class: "instrument-plot wheel" }, svg));
  const turning = wheel(svg, 95, 68, 58, "the wheel");
  const filmed = wheel(svg, 265, 68, 58, "its film");
  const shown = Array.from({ length: STRIP }, (_, k) =>
    wheel(svg, 24 + (k * 312) / (STRIP - 1), 190, 17, String(k + 1)));
  const plot = new Plot(panel, {
    x: { from: 0, to: 13, label: "The wheel: turns a second", ticks: [0, 3, 6, 9, 12] },
    y: { from: -6.5, to: 6.5, label: "Its film", ticks: [-6, -3, 0, 3, 6] },
    label: "Turns a second of the film over those of the wheel: a saw.", height: 230,
  });
  const sliders = [
    ["turns", "The wheel: turns a second", 0.2, 13],
    ["shots", "The film: shots a second", 3, 12],
  ];
  for (const [key, label, min, max] of sliders) {
    panel.slider({
      label, min, max, step: 0.1, value: now[key], text: (value) => value.toFixed(1),
      act: (value) => {
        begun += (performance.now() / 1000 - begun) * (1 - (key === "turns" ? now[key] / value : 1));
        now[key] = value;
        tell();
      },
    });
  }
  panel.choice({
    label: "Heard", value: now.heard,
    options: { samples: "what the samples give", tone: "the tone that is sampled" },
    act: (key) => {
      now.heard = key;
      tell();
    },
  });
  let [begun, moving] = [performance.now() / 1000, false];
  const button = panel.button("Turn the wheel", () => turn(!moving));

  function turn(on) {
    if (moving === on) return;
    moving = on;
    button.textContent = moving ? "Hold the wheel" : "Turn the wheel";
    begun = performance.now() / 1000;
    panel.change();
  }

  // The sound brings the wheel along, in both directions; the wheel can turn without it.
  document.addEventListener("instrument-play", ({ detail }) => {
    if (detail === panel.speaker) turn(true);
  });
  const { stopped } = panel.speaker;
  panel.speaker.stopped = () => {
    stopped();
    turn(false);
  };

  // Words and sound change with the settings only, the picture as long as the wheel turns.
  function tell() {
    const { turns, shots } = now;
    const seen = apparent(turns, shots);
    const tone = now.heard === "tone" ? turns : Math.abs(seen);
    panel.speaker.tone("tone", tone * scale, [0, 0], [0, amplitude(LEVEL)]);
    const still = Math.abs(seen) < 0.05;
    const way = still ? "seems to stand still" : Math.abs(2 * Math.abs(seen) - shots) < 1e-6
      ? "jumps to and fro" : `seems to turn ${seen < 0 ? "backwards" : "forwards"}, `
        + `${Math.abs(seen).toFixed(1)} times a second`;
    const heard = still ? "no tone" : `a tone of ${Math.round(Math.abs(seen) * scale)} Hz`;
    panel.say(`${turns.toFixed(1)} turns a second, ${shots.toFixed(1)} shots a second: on film the `
      + `wheel ${way}. A tone of ${Math.round(turns * scale)} Hz with `
      + `${Math.round(shots * scale)} samples a second: its samples give ${heard}.`);
    panel.change();
  }

  function update() {
    const { turns, shots } = now;
    const time = moving ? performance.now() / 1000 - begun : 0;
    turning(turns * time);
    filmed((turns * Math.floor(time * shots)) / shots);
    strip(turns, shots, STRIP).forEach((turn, k) => shown[k](turn));
    const xs = Array.from({ length: 391 }, (_, k) => k / 30);
    plot.line("saw", xs, xs.map((x) => apparent(x, shots)), "ink-1");
    plot.dot("now", turns, apparent(turns, shots), 7, "mark");
    if (moving) panel.change();
  }

  tell();
  panel.begin();
}

export default { render };
