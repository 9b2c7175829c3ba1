// Who spoke when: windows of a conversation, described by their cepstra and put into groups.
import { BANDS, framing, stages } from "./cepstra.js";
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel } from "./signals.js";

const HOP = 80; // samples: a frame every 10 ms, at 8 kHz
const EVERY = 10; // frames from window to window
const KEPT = 12; // numbers of a frame, without its level
const QUIET = 25; // dB below the loudest frame: nobody speaks
const ENOUGH = 10; // frames in which somebody speaks, for a window to count
const SPEECH = -20; // dB
const TALK = 15; // s of the reader's own voice

/** Frames of a recording at 8 kHz: their numbers, and whether somebody speaks; frame by frame. */
export function* cepstra(samples) {
  const frames = framing(8000);
  const [numbers, level] = [[], []];
  for (let from = 0; from + frames.length <= samples.length; from += HOP) {
    const found = stages(samples, from, frames);
    numbers.push(Array.from(found.numbers.subarray(1, KEPT + 1)));
    level.push(found.levels.reduce((sum, value) => sum + value, 0) / BANDS);
    yield from;
  }
  const loudest = Math.max(...level);
  return { numbers, loud: level.map((value) => value > loudest - QUIET) };
}

/** Means of the numbers over windows of so many frames, each number on a scale of its own. */
export function windows({ numbers, loud }, length) {
  const half = Math.floor(length / 2);
  const [rows, at] = [[], []];
  for (let t = 0; t < numbers.length; t += EVERY) {
    const inside = numbers.slice(Math.max(0, t - half), t + half)
      .filter((_, k) => loud[Math.max(0, t - half) + k]);
    if (inside.length < ENOUGH) continue;
    rows.push(numbers[0].map((_, d) => mean(inside.map((row) => row[d]))));
    at.push(t);
  }
  if (!rows.length) return { rows, at };
  const middle = rows[0].map((_, d) => mean(rows.map((row) => row[d])));
  const width = middle.map((m, d) => Math.sqrt(mean(rows.map((row) => (row[d] - m) ** 2))));
  return { rows: rows.map((row) => row.map((x, d) => (x - middle[d]) / (width[d] || 1))), at };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const distance = (a, b) => a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0);

function nearest(row, centres) {
  let best = 0;
  centres.forEach((centre, k) => {
    if (distance(row, centre) < distance(row, centres[best])) best = k;
  });
  return best;
}

/** The group of each row: k-means, begun at rows that lie far from one another. */
export function groups(rows, count) {
  const far = (of) => rows.reduce((best, row) => (of(row) > of(best) ? row : best), rows[0]);
  let centres = [far((row) => distance(row, row.map(() => 0)))];
  while (centres.length < count) {
    const there = centres;
    centres = [...there, far((row) => Math.min(...there.map((c) => distance(row, c))))];
  }
  let labels = rows.map((row) => nearest(row, centres));
  for (let round = 0; round < 100; round += 1) {
    centres = centres.map((centre, k) => {
      const own = rows.filter((_, i) => labels[i] === k);
      return own.length ? centre.map((_, d) => mean(own.map((row) => row[d]))) : centre;
    });
    const next = rows.map((row) => nearest(row, centres));
    if (next.every((label, i) => label === labels[i])) break;
    labels = next;
  }
  return labels;
}

/** The speaker of each frame: the group of the nearest window, or -1 where nobody speaks. */
export function speakersOf(frames, count, length) {
  const { rows, at } = windows(frames, length);
  if (!rows.length) return { speaker: frames.loud.map(() => -1), rows, labels: [] };
  const labels = groups(rows, count);
  let k = 0;
  const speaker = frames.loud.map((loud, t) => {
    while (k + 1 < at.length && Math.abs(at[k + 1] - t) < Math.abs(at[k] - t)) k += 1;
    return loud ? labels[k] : -1;
  });
  return { speaker, rows, labels };
}

/** The same from samples, in one go. */
export function talking(samples, count, length) {
  const steps = cepstra(samples);
  let step = steps.next();
  while (!step.done) step = steps.next();
  return speakersOf(step.value, count, length).speaker;
}

/** Which group of frames each true speaker is, such that as many frames as possible agree: all
 * orders are tried. `truth` has one row a speaker, of 0 and 1. */
export function naming(speaker, truth, count) {
  const shared = truth.map((row) => Array.from({ length: count }, (_, k) =>
    speaker.reduce((sum, who, t) => sum + (who === k && row[t] ? 1 : 0), 0)));
  let best = { right: -1, names: [] };
  (function go(names, right) {
    if (right > best.right && names.length === truth.length) best = { right, names };
    if (names.length === truth.length) return;
    go([...names, -1], right); // this speaker was not found
    shared[names.length].forEach((value, k) => {
      if (!names.includes(k)) go([...names, k], right + value);
    });
  })([], 0);
  return best;
}

const LETTERS = "abcd";
const LANE = 12; // rows of the canvas for a speaker

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const slices = new Slices();
  const { truth } = panel.data;
  let { count, seconds } = panel.data;
  let [samples, frames, found, page] = [null, null, null, true];
  const lanes = new Plot(panel, {
    x: { from: 0, to: 1, label: "Part of the recording", ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { from: 4, to: 0, label: "Speaker found",
      ticks: [...LETTERS].map((letter, k) => [k + 0.55, letter]) },
    label: "Who speaks when: a bar where a speaker is found; above it, if known, a thin bar of who it is.",
    wide: true,
  });
  const cloud = new Plot(panel, {
    x: { from: -3.2, to: 3.2, label: "The number in which the groups differ most", ticks: [-2, 0, 2] },
    y: { from: -3.2, to: 3.2, label: "The next one", ticks: [-2, 0, 2] },
    label: "Each window as a dot; dots that are near one another are taken for one speaker.",
    wide: true,
  });
  const percent = (part) => `${Math.round(100 * part)} %`;

  panel.slider({
    label: "Speakers", min: 1, max: 4, step: 1, value: count, text: String,
    act: (value) => {
      count = value;
      group();
    },
  });
  panel.slider({
    label: "Length of a window", min: 0.4, max: 4, step: 0.1, value: seconds,
    text: (value) => `${value.toFixed(1)} s`,
    act: (value) => {
      seconds = value;
      group();
    },
  });

  function group() {
    if (frames) found = speakersOf(frames, count, Math.round(100 * seconds));
    panel.change();
  }

  function* job() {
    frames = yield* cepstra(samples);
    group();
  }

  /** The middle of each group, and the two numbers in which these lie farthest apart. */
  function middles() {
    const centres = Array.from({ length: count }, (_, k) => {
      const own = found.rows.filter((_, i) => found.labels[i] === k);
      return found.rows[0].map((_, d) => (own.length ? mean(own.map((row) => row[d])) : 0));
    });
    const spread = centres[0].map((_, d) => (
      Math.max(...centres.map((c) => c[d])) - Math.min(...centres.map((c) => c[d]))));
    const order = spread.map((_, d) => d).sort((a, b) => spread[b] - spread[a]);
    return { centres, pair: order.slice(0, 2) };
  }

  function paint(canvas, names) {
    Object.assign(canvas, { width: found.speaker.length, height: 4 * LANE });
    const context = canvas.getContext("2d");
    context.fillStyle = panel.ink("--instrument-1");
    found.speaker.forEach((who, t) => who >= 0 && context.fillRect(t, who * LANE + 5, 1, 6));
    context.fillStyle = panel.ink("--instrument-2");
    names.forEach((lane, one) => lane >= 0 && truth[one].forEach((talks, t) => {
      if (talks) context.fillRect(t, lane * LANE + 2, 1, 2);
    }));
  }

  function update() {
    if (!found) return;
    const best = page ? naming(found.speaker, truth, count) : { names: [] };
    lanes.image((canvas) => paint(canvas, best.names));
    const { centres, pair: [one, two] } = found.rows.length ? middles() : { centres: [], pair: [0, 1] };
    cloud.points("windows", found.rows.map((row) => row[one]), found.rows.map((row) => row[two]), "small");
    const parts = [];
    for (let k = 0; k < 4; k += 1) {
      const [x, y] = centres[k] ? [centres[k][one], centres[k][two]] : [0, 0];
      cloud.text(LETTERS[k], x, y, centres[k] ? LETTERS[k] : "", "vowel ink-2", -5, 5);
      const long = found.speaker.filter((who) => who === k).length / 100;
      if (k < count) parts.push(`${LETTERS[k]} ${long.toFixed(1)} s`);
    }
    const all = truth.reduce((sum, row) => sum + row.reduce((x, y) => x + y, 0), 0);
    panel.say(page
      ? `The recording: ${parts.join(", ")}. ${percent(best.right / all)} of the speech is with the right speaker.`
      : `Your recording: ${parts.join(", ")}.`);
  }

  await panel.voice(panel.data.voice, TALK, (sound, caption) => {
    page = caption === panel.data.voice.caption;
    samples = atLevel(sound.samples, SPEECH);
    panel.speaker.loop("voice", samples, sound.rate);
    slices.run(job());
    panel.change();
  });
  panel.begin();
}

export default { render };
