// Captions that the reader chooses or types, and how near a net thinks each of them is to a sound.
import { make, Panel } from "./parts.js";
import { recording } from "./sound.js";
import { atLevel } from "./signals.js";

const LEVEL = -20; // dB
const [SHORTEST, LONGEST] = [3, 5]; // letters of a piece of a word
const MOST = 6; // captions of the reader's own

/** Numbers of half precision (16 bits each, the lower byte first), written in base64. */
export function unpacked(text) {
  const view = new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  return Float64Array.from({ length: view.byteLength / 2 }, (_, n) => {
    const bits = view.getUint16(2 * n, true);
    const [power, rest] = [(bits >> 10) & 31, (bits & 1023) / 1024];
    const size = power ? (1 + rest) * 2 ** (power - 15) : rest * 2 ** -14;
    return bits >> 15 ? -size : size;
  });
}

/** The words of a caption, in small letters. */
export function words(caption) {
  return caption.toLowerCase().match(/[\p{L}\p{Nl}\p{No}]+/gu) ?? [];
}

/** The pieces of a word, whose ends are "<" and ">", and the whole; each of them once. */
export function piecesOf(word) {
  const whole = ["<", ...word, ">"];
  const found = new Set([whole.join("")]);
  for (let from = 0; from < whole.length; from += 1) {
    for (let n = SHORTEST; n <= Math.min(LONGEST, whole.length - from); n += 1) {
      found.add(whole.slice(from, from + n).join(""));
    }
  }
  return [...found];
}

function mean(rows) {
  const sums = new Float64Array(rows[0].length);
  for (const row of rows) row.forEach((value, k) => { sums[k] += value; });
  return sums.map((sum) => sum / rows.length);
}

/** The net for captions, from what the page is given of it: the pieces that it knows, how many
 * numbers each has, how wide each layer is, and all numbers one after the other. */
export class Reader {
  constructor({ pieces, widths, numbers }) {
    const all = unpacked(numbers);
    let place = 0;
    const next = (columns) => all.subarray(place, (place += columns));
    this.known = new Map(pieces.map((piece) => [piece, next(widths[0])]));
    this.layers = widths.slice(1).map((width, k) => ({
      rows: Array.from({ length: widths[k] }, () => next(width)), bias: next(width),
    }));
  }

  /** A vector of length 1, or null if nothing is known; and of each word the share of its pieces
   * that are. */
  read(caption) {
    const parts = words(caption).map((word) => {
      const pieces = piecesOf(word);
      const rows = pieces.filter((piece) => this.known.has(piece))
        .map((piece) => this.known.get(piece));
      return { word, rows, share: rows.length / pieces.length };
    });
    const read = parts.map(({ word, share }) => [word, share]);
    const found = parts.filter(({ rows }) => rows.length).map(({ rows }) => mean(rows));
    return { read, vector: found.length ? this.#through(mean(found)) : null };
  }

  #through(given) {
    let x = given;
    this.layers.forEach(({ rows, bias }, k) => {
      const out = bias.map((start, j) => rows.reduce((sum, row, i) => sum + row[j] * x[i], start));
      x = k < this.layers.length - 1 ? out.map((value) => Math.max(0, value)) : out;
    });
    const size = Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
    return x.map((value) => value / Math.max(size, 1e-9));
  }
}

/** What the net reads of some captions. */
export function understood(captions, net) {
  const reader = new Reader(net);
  return captions.map((caption) => reader.read(caption));
}

/** How near each of some vectors is to another, -1 to 1; null where there is no vector. */
export function cosines(vectors, other) {
  return vectors.map((vector) => (
    vector && vector.reduce((sum, value, k) => sum + value * other[k], 0)));
}

/** How strongly each cosine competes at a temperature, so that all add up to 1. */
export function shares(values, temperature) {
  const there = values.filter((value) => value !== null);
  return values.map((own) => (own === null ? 0
    : 1 / there.reduce((sum, other) => sum + Math.exp((other - own) / temperature), 0)));
}

/** What is said of words that the net has not read, or not whole. */
export function strange(read) {
  const quoted = (list) => list.map((word) => `“${word}”`).join(", ");
  const unknown = read.filter(([, share]) => share === 0).map(([word]) => word);
  const partly = read.filter(([, share]) => share > 0 && share < 1)
    .map(([word, share]) => `${word} (${Math.round(100 * share)} %)`);
  return (unknown.length ? ` Not read, since nothing of it was in a caption of the training: ${
    quoted([...new Set(unknown)])}.` : "")
    + (partly.length ? ` Read by a part of its pieces: ${[...new Set(partly)].join(", ")}.` : "");
}

const signed = (value) => value.toFixed(2).replace("-", "−");

async function render({ model, el }) {
  const panel = new Panel({ model, el }, update);
  const { net, vectors, sounds, sets, start } = panel.data; // vectors and sounds by kind
  const reader = new Reader(net);
  const now = { ...start }; // kind, set, temperature, own
  const memory = new Map();
  const read = (caption) => {
    if (!memory.has(caption)) memory.set(caption, reader.read(caption));
    return memory.get(caption);
  };
  const list = make("ol", { class: "instrument-bars" });
  panel.pictures.append(list);

  panel.slider({ label: "Temperature, τ", min: -40, max: 0, step: 1,
    value: Math.round(20 * Math.log10(now.temperature)),
    text: (value) => (10 ** (value / 20)).toFixed(3),
    act: (value) => set({ temperature: 10 ** (value / 20) }) });
  panel.choice({ label: "Sound", value: now.kind,
    options: Object.fromEntries(Object.keys(sounds).map((kind) => [kind, kind])),
    act: (kind) => set({ kind }) });
  panel.choice({ label: "Captions", value: now.set,
    options: Object.fromEntries(Object.keys(sets).map((name) => [name, name])),
    act: (name) => set({ set: name }) });
  panel.writing({ label: `Your own captions, one a line, ${MOST} at most`, value: now.own,
    act: (own) => set({ own }) });

  function set(values) {
    Object.assign(now, values);
    if ("kind" in values) play();
    panel.change();
  }

  async function play() {
    const { kind } = now;
    const { samples, rate } = await recording(sounds[kind]);
    if (kind === now.kind) panel.speaker.loop("clip", atLevel(samples, LEVEL), rate);
  }

  function update() {
    const lines = now.own.split("\n").map((line) => line.trim()).filter(Boolean);
    const own = lines.slice(0, MOST);
    const captions = [...own, ...sets[now.set]];
    const found = captions.map(read);
    const values = cosines(found.map(({ vector }) => vector), vectors[now.kind]);
    const parts = shares(values, now.temperature);
    const best = parts.indexOf(Math.max(...parts));
    list.replaceChildren(...captions.map((caption, m) => bar(
      caption, values[m], parts[m], m === best, m < own.length)));
    const nothing = own.filter((_, m) => values[m] === null);
    panel.say(`${sounds[now.kind].caption} Nearest of ${captions.length} captions: “${
      captions[best]}”, at a cosine of ${signed(values[best])}; at a temperature of ${
      now.temperature.toFixed(3)} it has ${(100 * parts[best]).toFixed(0)} % of the shares.${
      nothing.length ? ` Without a cosine: “${nothing.join("”, “")}”.` : ""}${
      strange(own.flatMap((caption) => read(caption).read))}${
      lines.length > MOST ? ` Only the first ${MOST} lines are read.` : ""}`);
  }

  /** A caption, its cosine as a bar to the right or the left of the middle, and both numbers. */
  function bar(caption, value, share, best, own) {
    const style = `instrument-bar${best ? " best" : ""}${own ? " own" : ""}`;
    if (value === null) return make("li", { class: style }, make("span", {}, caption),
      make("span", {}), make("span", { class: "value" }, "no cosine"));
    const fill = make("span", { style: `left:${50 + 50 * Math.min(0, value)}%;width:${
      50 * Math.abs(value)}%` });
    return make("li", { class: style }, make("span", {}, caption),
      make("span", { class: "track" }, fill),
      make("span", { class: "value" }, `${signed(value)}, ${(100 * share).toFixed(0)} %`));
  }

  await play();
  panel.begin();
}

export default { render };
