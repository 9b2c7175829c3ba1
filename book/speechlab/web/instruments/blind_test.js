// Sounds without their names: the reader rates them, and then sees which was which.
import { Panel, Plot } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel, uniform } from "./signals.js";

const [LEVEL, LETTERS] = [-20, "ABCDEF"];

/** The numbers from 0 on, in an order that the seed decides (Fisher and Yates). */
export function shuffled(count, seed) {
  const draw = uniform(seed);
  const order = Array.from({ length: count }, (_, k) => k);
  for (let k = count - 1; k > 0; k -= 1) {
    const other = Math.floor(draw() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

/** The places of values in ascending order, from 1 on; equal ones share the mean of theirs. */
function ranks(values) {
  return values.map((value) => {
    const less = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return less + (equal + 1) / 2;
  });
}

/** Spearman's rank correlation; 0 where one side is all the same. */
export function rankCorrelation(ours, theirs) {
  const off = [ours, theirs].map((values) => {
    const places = ranks(values);
    const mean = places.reduce((sum, one) => sum + one, 0) / places.length;
    return places.map((one) => one - mean);
  });
  const times = (a, b) => a.reduce((sum, one, k) => sum + one * b[k], 0);
  const size = Math.sqrt(times(off[0], off[0]) * times(off[1], off[1]));
  return size ? times(...off) / size : 0;
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { names, sounds, distances, measure } = panel.data; // sounds[sentence][system]
  const sentences = Object.keys(sounds);
  const letters = names.map((_, k) => LETTERS[k]);
  const now = { sentence: sentences[0], heard: 0, ratings: names.map(() => 50), open: false };
  let order = [];
  const asked = {};

  const plot = new Plot(panel, {
    x: { from: 0.5, to: names.length + 0.5, label: "Sound",
      ticks: letters.map((letter, k) => [k + 1, letter]) },
    y: { from: 0, to: 115, label: "Your rating", ticks: [0, 25, 50, 75, 100] },
    label: "Your rating of each sound, and its name when you have asked for it.",
    height: 260, wide: true,
  });
  const sliders = letters.map((letter, k) => panel.slider({
    label: `How good is ${letter}?`, min: 0, max: 100, step: 1, value: 50,
    text: (value) => `${value} of 100`,
    act: (value) => { now.ratings[k] = value; panel.change(); },
  }));
  panel.choice({ label: "Hear", value: "0",
    options: Object.fromEntries(letters.map((letter, k) => [k, letter])),
    act: (key) => { now.heard = Number(key); play(); } });
  panel.choice({ label: "Said", value: now.sentence,
    options: Object.fromEntries(sentences.map((text) => [text, text])),
    act: (text) => { now.sentence = text; play(); } });
  const open = panel.button("Show which is which", () => {
    now.open = !now.open;
    if (!now.open) deal();
    open.textContent = now.open ? "Hide, shuffle and begin anew" : "Show which is which";
    panel.change();
  });

  /** Other letters for the systems, and no ratings yet. */
  function deal() {
    const before = order.join();
    do order = shuffled(names.length, Math.floor(2 ** 31 * Math.random()));
    while (order.join() === before);
    now.ratings = names.map(() => 50);
    sliders.forEach((show) => show(50));
    play();
  }

  /** The sound that is asked for; a slow answer does not replace a later one. */
  async function play() {
    const { wav } = sounds[now.sentence][names[order[now.heard]]];
    now.wanted = wav;
    asked[wav] ??= recording({ wav });
    const { samples, rate } = await asked[wav];
    if (now.wanted === wav) panel.speaker.loop("voice", atLevel(samples, LEVEL), rate);
    panel.change();
  }

  function update() {
    now.ratings.forEach((rating, k) => {
      const name = names[order[k]];
      plot.line(`stem ${k}`, [k + 1, k + 1], [0, rating], k === now.heard ? "ink-2" : "ink-1");
      plot.dot(`end ${k}`, k + 1, rating, 6, k === now.heard ? "ink-2" : "ink-1");
      plot.text(`name ${k}`, k + 1, rating + 6, now.open ? name : "", "middle", 0, 0);
    });
    const rated = letters.map((letter, k) => `${letter} ${now.ratings[k]}`).join(", ");
    if (!now.open) {
      panel.say(`You hear ${letters[now.heard]}. Your ratings: ${rated}.`);
      return;
    }
    const measured = order.map((k) => distances[names[k]]);
    const agree = rankCorrelation(now.ratings, measured.map((distance) => -distance));
    const rows = order.map((k, place) => (
      `${letters[place]} was ${names[k]} (${measured[place].toFixed(1)} dB)`));
    panel.say(`${rows.join(", ")}; in brackets ${measure}. Your order and that of the measure `
      + `correlate by ${agree.toFixed(2)}.`);
  }

  deal();
  await asked[now.wanted];
  panel.begin();
}

export default { render };
