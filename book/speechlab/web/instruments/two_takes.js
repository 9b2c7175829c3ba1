// Two takes of a tune: the peaks of their spectrograms, pairs of peaks, and where the pairs agree.
import { Panel, Plot, Slices } from "./parts.js";
import { atLevel, powerSpectrum } from "./signals.js";

const SIZE = 512; // samples of a frame, at 8 kHz
const HOP = 256; // samples from frame to frame
const BINS = SIZE / 2 + 1;
const [TALL, WIDE] = [7, 5]; // bins and frames on either side of which a peak is the highest
const FAINT = 0.02 ** 2; // of the highest power: below it there are no peaks
const [AHEAD, UP] = [32, 64]; // a partner is fewer frames and bins away
const TAKE = 6; // s of each take of the reader's own
const TUNE = -20; // dB

const seconds = (frames) => (frames * HOP) / 8000;

/** The largest of each value and its `reach` neighbours on both sides, along one row. */
function highest(row, reach) {
  return row.map((_, n) => Math.max(...row.slice(Math.max(0, n - reach), n + reach + 1)));
}

/** Frame and bin of each peak, frame by frame. */
export function* peaksOf(samples) {
  const window = Float64Array.from({ length: SIZE }, (_, n) => Math.sin((Math.PI * n) / SIZE) ** 2);
  const [power, tall] = [[], []];
  let most = 0;
  for (let from = 0; from + SIZE <= samples.length; from += HOP) {
    const row = powerSpectrum(window.map((weight, n) => weight * samples[from + n]), SIZE);
    power.push(row);
    tall.push(highest(row, TALL));
    most = Math.max(most, tall[tall.length - 1].reduce((a, b) => Math.max(a, b), 0));
    yield from;
  }
  const found = [];
  for (let t = 0; t < power.length; t += 1) {
    const near = tall.slice(Math.max(0, t - WIDE), t + WIDE + 1);
    for (let k = 0; k < BINS; k += 1) {
      const value = power[t][k];
      if (value > FAINT * most && near.every((row) => row[k] <= value)) found.push([t, k]);
    }
    yield t;
  }
  return found;
}

/** The pairs of near peaks in the order of their keys, as [key, frame]: two bins and the frames
 * between them, packed into one number. */
export function pairsOf(peaks) {
  const found = [];
  peaks.forEach(([t, k], i) => {
    for (let j = i + 1; j < peaks.length && peaks[j][0] - t < AHEAD; j += 1) {
      const [later, other] = peaks[j];
      const packed = (k << 14) | (other << 5) | (later - t);
      if (later > t && Math.abs(other - k) < UP) found.push([packed, t]);
    }
  });
  return found.sort((a, b) => a[0] - b[0]);
}

/** How many pairs of equal keys there are at each difference in time, first minus second:
 * `votes[difference + middle]`. Both lists are in order, so they are walked side by side. */
export function meeting(first, second, middle) {
  const votes = new Int32Array(2 * middle + 1);
  let [i, j] = [0, 0];
  while (i < first.length && j < second.length) {
    if (first[i][0] < second[j][0]) i += 1;
    else if (first[i][0] > second[j][0]) j += 1;
    else {
      for (let k = j; k < second.length && second[k][0] === first[i][0]; k += 1) {
        votes[first[i][1] - second[k][1] + middle] += 1;
      }
      i += 1;
    }
  }
  return votes;
}

/** All of it for two recordings, in one go. */
export function compared(one, two, middle) {
  const [a, b] = [one, two].map((samples) => {
    const steps = peaksOf(samples);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  });
  const [first, second] = [pairsOf(a), pairsOf(b)];
  return { peaks: [a, b], pairs: [first.length, second.length],
    votes: meeting(first, second, middle) };
}

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const middle = Math.ceil((TAKE * 8000) / HOP);
  const takes = [null, null]; // samples, peaks and pairs of each
  const jobs = [new Slices(), new Slices()];
  let [votes, shift, heard] = [new Int32Array(2 * middle + 1), 0, "0"];
  const map = new Plot(panel, {
    x: { from: 0, to: TAKE, label: "Time in the first take (s)", ticks: [0, 1, 2, 3, 4, 5, 6] },
    y: { from: 0, to: 4000, label: "Frequency (Hz)", ticks: [0, 1000, 2000, 3000, 4000] },
    label: "The peaks of both takes, those of the second one shifted in time.", wide: true,
  });
  const poll = new Plot(panel, {
    x: { from: -TAKE, to: TAKE, label: "Shift of the second take (s)", ticks: [-6, -4, -2, 0, 2, 4, 6] },
    y: { from: 0, to: 1.05, label: "Pairs that agree", ticks: [] },
    label: "How many pairs of peaks agree, over the shift of the second take.",
    height: 150, wide: true,
  });
  const move = panel.slider({
    label: "Shift of the second take", min: -middle, max: middle, step: 1, value: 0,
    text: (value) => `${seconds(value).toFixed(2)} s`,
    act: (value) => {
      shift = value;
      panel.change();
    },
  });
  panel.choice({
    label: "Hear", options: { 0: "the first take", 1: "the second take" }, value: heard,
    act: (value) => {
      heard = value;
      play();
    },
  });
  const meet = panel.button("Let them meet", () => {
    shift = votes.indexOf(Math.max(...votes)) - middle;
    move(shift);
    panel.change();
  });

  function play() {
    const take = takes[heard];
    if (take) panel.speaker.loop("take", take.samples, 8000);
  }

  function* job(which) {
    const take = takes[which];
    take.peaks = yield* peaksOf(take.samples);
    take.pairs = pairsOf(take.peaks);
    if (!takes.every((one) => one?.pairs)) return;
    votes = meeting(takes[0].pairs, takes[1].pairs, middle);
    meet.click();
  }

  function update() {
    if (!takes.every((one) => one?.pairs)) return;
    takes.forEach(({ peaks }, k) => map.points(`take ${k}`,
      peaks.map(([t]) => seconds(t + k * shift)), peaks.map(([, bin]) => (bin * 8000) / SIZE),
      k ? "ink-2 small" : "ink-1"));
    const most = Math.max(...votes, 1);
    poll.line("votes", Array.from(votes, (_, n) => seconds(n - middle)),
      Array.from(votes, (value) => value / most), "ink-1");
    poll.line("here", [seconds(shift), seconds(shift)], [0, 1.05], "ink-2");
    const apart = Array.from(votes).filter((_, n) =>
      Math.abs(n - votes.indexOf(most)) > 2);
    const here = votes[shift + middle];
    panel.say(`${takes[0].pairs.length} and ${takes[1].pairs.length} pairs. At a shift of `
      + `${seconds(shift).toFixed(2)} s, ${here} agree; the most anywhere is ${Math.max(...votes)}, `
      + `and away from there ${Math.max(...apart)}.`);
  }

  const names = ["first", "second"];
  for (const [which, name] of names.entries()) {
    await panel.voice(panel.data[name], TAKE, (sound) => {
      const samples = atLevel(sound.samples.subarray(0, TAKE * 8000), TUNE);
      takes[which] = { samples };
      if (String(which) === heard) play();
      jobs[which].run(job(which));
      panel.change();
    }, { record: `Record the ${name} take`, back: `Back to the page's ${name} take` });
  }
  panel.begin();
}

export default { render };
