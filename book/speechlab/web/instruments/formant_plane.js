// Two formants under a finger: the vowel that they make, and the response of the tract.
import { draw, Panel, Plot } from "./parts.js";
import { decibels, resonances, sosPower, vowelLoop } from "./signals.js";
import { recording } from "./sound.js";

const LEVEL = -20; // dB, whatever the formants are

/** The gain of the tract in dB at these frequencies. */
export function response(sections, frequencies, rate) {
  return frequencies.map((hertz) => decibels(sosPower(sections, hertz, rate)));
}

/** Which of the vowels is nearest in ratios of frequency. */
export function nearest(vowels, f1, f2) {
  const far = (one) => Math.hypot(Math.log(one.f1 / f1), Math.log(one.f2 / f2));
  return vowels.reduce((best, one) => (far(one) < far(best) ? one : best));
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { vowels, bandwidths, higher, start, whose } = panel.data;
  const { samples, rate } = await recording(panel.data.source);
  const frequencies = Array.from({ length: 500 }, (_, k) => (k * rate) / 1000);
  const [now, limits] = [{ ...start }, { f1: [200, 900], f2: [600, 2600] }];

  const plane = new Plot(panel, {
    x: { from: 2600, to: 600, label: "F2 (Hz)", ticks: [2500, 2000, 1500, 1000] },
    y: { from: 900, to: 200, label: "F1 (Hz)", ticks: [300, 500, 700, 900] },
    label: `Plane of the first two formants with the vowels of ${whose}.`,
    height: 260,
  });
  const tract = new Plot(panel, {
    x: { from: 0, to: rate / 2, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000, 5000] },
    y: { from: -50, to: 40, label: "Gain (dB)", ticks: [-40, -20, 0, 20, 40] },
    label: "The gain of the vocal tract over frequency.",
    height: 260,
  });
  for (const one of vowels) plane.text(one.vowel, one.f2, one.f1, one.vowel, "vowel middle");
  const sliders = Object.fromEntries([["f1", "First formant"], ["f2", "Second formant"]].map(
    ([key, label]) => [key, panel.slider({
      label, min: limits[key][0], max: limits[key][1], step: 5, value: now[key],
      text: (value) => `${value} Hz`, act: (value) => move({ [key]: value }),
    })]));
  const handle = draw("circle", {
    r: 13, class: "handle", tabindex: 0, role: "slider", "aria-label": "Both formants",
    "aria-valuemin": limits.f1[0], "aria-valuemax": limits.f1[1],
  });
  plane.svg.append(handle);
  plane.svg.setAttribute("role", "group"); // it holds a control, so it is more than an image
  plane.svg.classList.add("pad");

  function move(to) {
    for (const [key, value] of Object.entries(to)) {
      const [least, most] = limits[key];
      now[key] = Math.min(most, Math.max(least, 5 * Math.round(value / 5)));
      sliders[key](now[key]);
    }
    panel.change();
  }

  const follow = (event) => {
    const corner = plane.svg.getBoundingClientRect();
    move({ f1: plane.value("y", event.clientY - corner.top),
      f2: plane.value("x", event.clientX - corner.left) });
  };
  plane.svg.addEventListener("pointerdown", (event) => {
    plane.svg.setPointerCapture(event.pointerId);
    handle.focus();
    follow(event);
    event.preventDefault();
  });
  plane.svg.addEventListener("pointermove", (event) => {
    if (plane.svg.hasPointerCapture(event.pointerId)) follow(event);
  });
  const steps = { ArrowUp: ["f1", -10], ArrowDown: ["f1", 10], ArrowLeft: ["f2", 20],
    ArrowRight: ["f2", -20] };
  handle.addEventListener("keydown", (event) => {
    if (!(event.key in steps)) return;
    const [key, step] = steps[event.key];
    move({ [key]: now[key] + step });
    event.preventDefault();
  });

  function update() {
    const { f1, f2 } = now;
    const sections = resonances([f1, f2, ...higher], bandwidths, rate);
    panel.speaker.loop("vowel", vowelLoop(samples, sections, LEVEL), rate);
    tract.line("gain", frequencies, response(sections, frequencies, rate), "ink-1");
    handle.setAttribute("cx", plane.at("x", f2));
    handle.setAttribute("cy", plane.at("y", f1));
    const near = nearest(vowels, f1, f2);
    const words = `F1 ${f1} Hz, F2 ${f2} Hz: nearest to [${near.vowel}], as in “${near.word}”.`;
    handle.setAttribute("aria-valuenow", f1);
    handle.setAttribute("aria-valuetext", words);
    panel.say(words);
  }

  panel.begin();
}

export default { render };
