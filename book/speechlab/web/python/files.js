/* The files that Python in the page is made of: loaded with progress, and each checked.

   `python.json`, written when the site is built, says how many bytes each has and its SHA-256. */

export const HERE = new URL("./", import.meta.url);
const PYODIDE = new URL("../../vendor/pyodide/", HERE);
const MEGABYTE = 1e6;

/** A file that is missing, damaged or out of reach; says so in a sentence. */
export class FileError extends Error {
  constructor(message) {
    super(message);
    this.name = "FileError";
  }
}

const sentence = {
  away: (name) => `The file ${name} could not be loaded: is there a network? Run again to retry.`,
  missing: (name, status) =>
    `The file ${name} is missing from this site (answer ${status}). Whoever runs the site can put ` +
    `it back by building it again.`,
  damaged: (name) =>
    `The file ${name} arrived damaged, so it was not used. Reload the page to load it again; if ` +
    `that does not help, the site has to be built again.`,
};

/** Loads files by their names, each once, and tells how far it has got. */
export class Files {
  constructor(listed, tell) {
    this.listed = listed.files;
    this.tell = tell;
    this.waiting = new Map();
    this.expected = new Set();
    this.loaded = 0;
    this.total = 0;
    this.what = "";
  }

  /** Count files that will be loaded later as part of what there is to load. */
  expect(names) {
    for (const name of names) {
      if (this.waiting.has(name) || this.expected.has(name)) continue;
      this.expected.add(name);
      this.total += this.#sent(name);
    }
  }

  /** Begin to load a file, or give what is loading. */
  get(name) {
    if (!this.waiting.has(name)) {
      this.expect([name]);
      this.expected.delete(name);
      const loading = this.#load(name);
      loading.catch(() => this.waiting.delete(name)); // the next attempt asks for it again
      this.waiting.set(name, loading);
    }
    return this.waiting.get(name);
  }

  /** Begin with nothing loaded and nothing to load: a new bar. */
  restart(what) {
    this.loaded = 0;
    this.total = 0;
    this.what = what;
  }

  /** Forget the content of files that Python has taken over. */
  release(names) {
    for (const name of names) if (this.waiting.has(name)) this.waiting.set(name, null);
  }

  #sent(name) {
    const { bytes, packed } = this.listed[name];
    return packed && typeof DecompressionStream === "function" ? packed : bytes;
  }

  async #load(name) {
    const { bytes, sha256, packed } = this.listed[name];
    const small = packed && typeof DecompressionStream === "function";
    const home = name === "speechlab.zip" ? HERE : PYODIDE;
    const address = new URL(small ? `${name}.gz` : name, home);
    for (const cache of ["default", "reload"]) { // a browser may hold what an older site had
      let content = await this.#download(address, name, cache);
      if (small && content[0] === 0x1f && content[1] === 0x8b) content = await unpacked(content);
      if (content?.length === bytes && (await hashes(content, sha256))) return content;
      this.loaded -= this.#sent(name);
    }
    this.total -= this.#sent(name);
    throw new FileError(sentence.damaged(name));
  }

  async #download(address, name, cache) {
    const expected = this.#sent(name);
    const parts = [];
    let length = 0;
    try {
      const answer = await fetched(address, { cache });
      if (!answer.ok) throw new FileError(sentence.missing(name, answer.status));
      const reader = answer.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
        length += value.length;
        this.#count(Math.min(length, expected) - Math.min(length - value.length, expected));
      }
    } catch (error) {
      this.loaded -= Math.min(length, expected);
      this.total -= expected;
      if (error instanceof FileError) throw error;
      throw new FileError(sentence.away(name));
    }
    this.#count(expected - Math.min(length, expected));
    const content = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      content.set(part, at);
      at += part.length;
    }
    return content;
  }

  #count(bytes) {
    this.loaded += bytes;
    const done = (this.loaded / MEGABYTE).toFixed(1);
    const all = (this.total / MEGABYTE).toFixed(1);
    this.tell({
      phase: "loading",
      loaded: this.loaded,
      total: this.total,
      what: this.what,
      message: `Loading ${this.what}: ${done} of ${all} MB`,
    });
  }
}

const fetched = self.fetch.bind(self);

/* null where it cannot be unpacked */
async function unpacked(content) {
  const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch {
    return null;
  }
}

/* Only pages that came over https, or from this machine, may compute hashes. Elsewhere the number
   of bytes has to do. */
async function hashes(content, sha256) {
  if (!self.crypto?.subtle) return true;
  const digest = new Uint8Array(await self.crypto.subtle.digest("SHA-256", content));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** A small file of ours, as text. */
export async function text(name) {
  let answer;
  try {
    answer = await fetched(new URL(name, HERE), { cache: "no-cache" });
  } catch {
    throw new FileError(sentence.away(name));
  }
  if (!answer.ok) throw new FileError(sentence.missing(name, answer.status));
  return answer.text();
}

/** Give Pyodide the files that `files` has, whenever it asks for one by its address. */
export function answerFrom(files) {
  self.fetch = async (asked, options) => {
    const address = new URL(asked instanceof Request ? asked.url : asked, self.location);
    const name = decodeURIComponent(address.pathname.split("/").pop());
    if (!address.href.startsWith(PYODIDE.href) || !(name in files.listed)) {
      return fetched(asked, options);
    }
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(await files.get(name), { headers: { "Content-Type": type } });
  };
}

export { PYODIDE };
