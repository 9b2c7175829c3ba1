/* Python for a page: runs cells in a worker, shows how far loading has got, and can be ended.

   const kernel = new Kernel({ base, onstate });
   const { ok, error } = await kernel.run("1 + 1", { name: "cell 1", onoutput });

   `base` is the address of the site's `_static/`. `onstate` gets { phase, loaded, total, what,
   message }: phase is "idle", "loading", "ready", "running", "stopped" or "failed", and `loaded` and
   `total` are bytes. `onoutput` gets
     { kind: "text", stream: "stdout" or "stderr", text },
     { kind: "value", text },
     { kind: "image", mime, bytes, alt },
     { kind: "audio", bytes, label }, where the bytes are a WAV file,
     { kind: "html", html },
     { kind: "cut", lines }: the cell has shown more than is passed on, said once. */

const LACKS = {
  wasm:
    "This browser cannot run Python, since it has no WebAssembly (or it is switched off). A newer " +
    "browser can; the notebook can also be downloaded and run elsewhere.",
  modules:
    "This browser cannot run Python, since its workers cannot load modules. A newer browser can; " +
    "the notebook can also be downloaded and run elsewhere.",
  script:
    "The page's script for Python could not be loaded: is there a network? Run again to retry.",
};

// How the worker begins. Firefox shows its service worker what such a script imports only if it does so
// when it runs, and only so it can be had without a network; what is asked meanwhile waits.
const BEGIN = `const early = [];
const hold = ({ data }) => early.push(data);
addEventListener("message", hold);
const tell = postMessage.bind(self);
import(WORKER).then(() => {
  removeEventListener("message", hold);
  early.forEach((data) => dispatchEvent(new MessageEvent("message", { data })));
}, () => tell({ dead: null }));`;

/** Why this browser cannot run Python, in a sentence; null if it can. */
export function lacking() {
  if (typeof WebAssembly !== "object" || typeof WebAssembly.instantiate !== "function") {
    return LACKS.wasm;
  }
  let asked = false;
  const options = {
    get type() {
      asked = true;
      return "module";
    },
  };
  try {
    new Worker(script("close()"), options); // ends by itself: ended from here, it would seem to load for ever
  } catch {
    asked = asked && typeof Worker === "function";
  }
  return asked ? null : LACKS.modules;
}

/** A script's address. A worker from such an address is held to the page's policy, by which it can ask
    nothing of other sites; one from the site's own address is held to none. */
function script(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** What the site says of its Python: { pyodide, files } or { pyodide: null, why }. */
export async function available(base) {
  const answer = await fetch(new URL("speechlab/python/python.json", base), { cache: "no-cache" });
  if (!answer.ok) return { pyodide: null, why: "This copy of the book has no Python." };
  return answer.json();
}

export class Kernel {
  #base;
  #onstate;
  #script = null;
  #worker = null;
  #asked = new Map();
  #count = 0;
  #phase = "idle";

  constructor({ base, onstate = () => {} }) {
    this.#base = base;
    this.#onstate = onstate;
  }

  /** The addresses of all that Python has loaded, which the page itself does not know. */
  files = [];

  /** "idle", "loading", "ready", "running", "stopped" or "failed". */
  get phase() {
    return this.#phase;
  }

  /** Run code as a cell; never throws. `error` is null or { name, message, line, places, traceback },
      where `places` are the lines of cells that led there, each [name, line], the innermost last.
      With `anew`, what an earlier run of the cell of that name defined is forgotten first. */
  async run(code, { name = "cell", anew = false, onoutput = () => {} } = {}) {
    const begun = performance.now();
    const reply = await this.#ask({ ask: "run", code, name, anew }, onoutput);
    const error = reply.answer ? reply.answer.error : this.#trouble(reply);
    return {
      ok: !error && !reply.stopped,
      stopped: Boolean(reply.stopped),
      seconds: reply.answer?.seconds ?? (performance.now() - begun) / 1000,
      error: reply.stopped ? null : error,
    };
  }

  /** Call a Python function by its full name; throws an Error with the exception's name, message
      and `traceback`. */
  async call(name, ...given) {
    const reply = await this.#ask({ ask: "call", name, given });
    if (reply.stopped) throw named("Stopped", "Python was stopped.");
    const trouble = reply.answer ? reply.answer.error : this.#trouble(reply);
    if (trouble) throw named(trouble.name, trouble.message, trouble.traceback);
    return reply.answer.value;
  }

  /** Load Python and what the code imports, and run nothing. */
  async prepare(code = "") {
    const reply = await this.#ask({ ask: "prepare", code });
    return { ok: Boolean(reply.answer), error: reply.answer ? null : this.#trouble(reply) };
  }

  /** The names that cells have made. */
  async names() {
    if (this.#worker === null) return [];
    return (await this.#ask({ ask: "names" })).answer?.names ?? [];
  }

  /** What can follow a dotted name (`path`) and a dot, each [name, kind]; nothing while Python is not
      there or has something else to do. */
  async members(path) {
    if (this.#phase !== "ready") return [];
    return (await this.#ask({ ask: "members", path })).answer?.members ?? [];
  }

  /** A new, empty namespace; Python and its packages stay. */
  async reset() {
    if (this.#worker !== null) await this.#ask({ ask: "reset" });
  }

  /** End Python, and with it all names; what runs answers `stopped`. The next run starts anew. */
  stop() {
    if (this.#worker === null) return;
    this.#end({ stopped: true });
    this.#state({ phase: "stopped", message: "Stopped. All names are gone." });
  }

  #ask(question, onoutput = () => {}) {
    const reason = this.#worker === null ? lacking() : null;
    if (reason) {
      this.#state({ phase: "failed", message: reason });
      return Promise.resolve({ refusal: { name: "NoPython", message: reason } });
    }
    // Whatever Python is at, it can be stopped from now on.
    if (this.#phase === "ready") this.#state({ phase: "running", message: "Running" });
    this.#worker ??= this.#start();
    const id = (this.#count += 1);
    return new Promise((resolve) => {
      this.#asked.set(id, { resolve, onoutput });
      this.#worker.postMessage({ id, ...question });
    });
  }

  #start() {
    const { href } = new URL("speechlab/python/worker.js", this.#base);
    this.#script ??= script(BEGIN.replace("WORKER", JSON.stringify(href)));
    const worker = new Worker(this.#script, { type: "module", name: "python" });
    this.#state({ phase: "loading", loaded: 0, total: 0, what: "Python", message: "Loading Python" });
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(event.message || null);
    };
    return worker;
  }

  #hear({ id, state, output, ...reply }) {
    if (state) {
      this.#state(state);
    } else if (output) {
      this.#asked.get(id)?.onoutput(output);
    } else if (reply.dead !== undefined) {
      this.#fail(reply.dead);
    } else {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      asked?.resolve(reply);
    }
  }

  /** Python has ended for a reason; null where its script did not load. */
  #fail(dead) {
    const lost = dead === null;
    this.#end(lost ? { refusal: { name: "FileError", message: LACKS.script } } : { dead });
    this.#state({ phase: "failed", message: lost ? LACKS.script : died(dead) });
  }

  #end(reply) {
    this.#worker.terminate();
    this.#worker = null;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    asked.forEach(({ resolve }) => resolve(reply));
  }

  #trouble({ refusal, dead }) {
    const told = refusal ?? { name: "PythonEnded", message: died(dead) };
    return { line: null, places: [], traceback: `${told.message}\n`, ...told };
  }

  #state(state) {
    this.#phase = state.phase;
    this.files = state.files ?? this.files;
    this.#onstate(state);
  }
}

function died(reason) {
  const memory = /memory|allocat/i.test(reason) ? " It may have run out of memory." : "";
  return (
    `Python has ended by itself (${reason}).${memory} All names are gone; ` +
    "the next run starts it anew."
  );
}

function named(name, message, traceback = "") {
  return Object.assign(new Error(message), { name, traceback });
}
