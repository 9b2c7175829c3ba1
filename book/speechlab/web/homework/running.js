// Python in the page, what the cells show, and what the checks say of the functions.
import { offline } from "../python/offline.js";
import { progress } from "./notebook.js";
import { Runner } from "./runner.js";

const BASE = new URL("../../", import.meta.url).href; // `_static/`
const kernels = () => import("../python/kernel.js");

/** Why this page cannot run Python, in a sentence; "" if it can, as far as is known. */
export async function reason() {
  try {
    const { available, lacking } = await kernels();
    return lacking() ?? (await available(BASE)).why ?? "";
  } catch {
    return ""; // said when something is run
  }
}

/** A short name for a text, to see whether it is still the one that passed. */
export function digest(text) {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const character of text) {
    high = Math.imul(high ^ character.codePointAt(0), 2654435761);
    low = Math.imul(low ^ character.codePointAt(0), 1597334677);
  }
  return `${(high >>> 0).toString(36)}${(low >>> 0).toString(36)}`;
}

/** Runs the cells of an assignment (`page`), and knows which functions pass their checks. */
export class Running {
  constructor(page) {
    this.page = page;
    this.verdicts = new Map(); // of functions: "passed", "failed", "changed"
    this.tried = new Map(); // of functions: the text that was run last
    this.asked = new Map(); // of cells that are to run: what text has begun, null before that
  }

  /** Run a cell; where that has been asked for and its text is the same, once is enough. */
  async run(key) {
    const view = this.page.views.get(key);
    const before = this.asked.get(key);
    if (before && [null, view.text].includes(before.text)) return;
    const asked = { text: null };
    this.asked.set(key, asked);
    view.wait();
    await (await this.#started())?.run(key);
    if (asked.text === null) view.end(); // it has not begun: Python was stopped, or is not there
    if (this.asked.get(key) === asked) this.asked.delete(key);
    view.reveal();
  }

  /** What can follow a dotted name, as Python knows it once it is there. */
  async members(path) {
    return await this.kernel?.members(path) ?? [];
  }

  async runAll() {
    const runner = await this.#started();
    if (!runner) return;
    for (const view of this.page.views.values()) view.output.clear();
    await runner.runAll();
  }

  stop() {
    this.runner?.stop();
  }

  /** What the reader is told of the page's copy that opens without a network, with its switch. */
  offline() {
    return offline.control(BASE);
  }

  /** Other cells are there: what Python knows is of no use, nor what checks have said. */
  forget() {
    for (const name of this.verdicts.keys()) this.page.views.get(name)?.say("");
    this.verdicts.clear();
    this.runner?.forget();
  }

  /** The runner; Python itself is loaded when the first cell runs. */
  async #started() {
    this.starting ??= this.#start();
    try {
      this.runner = await this.starting;
    } catch (error) {
      this.starting = null;
      this.page.bar.state({
        phase: "failed",
        message: "Python could not be loaded into this page. Your text is safe: download the notebook and run "
          + `it in Jupyter, or load the page again. (${error.message})`,
      });
      return null;
    }
    return this.runner;
  }

  async #start() {
    const { Kernel } = await kernels();
    const kernel = this.kernel = new Kernel({
      base: BASE,
      onstate: (state) => {
        this.page.bar.state(state);
        if (state.phase === "ready" && !this.saved) this.saved = offline.save(state.files); // what was loaded
        if (state.phase === "stopped" || state.phase === "failed") this.runner?.forget();
      },
    });
    return new Runner(kernel, () => this.page.cells(), {
      begin: (key) => this.#begin(key),
      output: (key, event) => this.#shows(key)?.output.add(event),
      end: (key, result) => this.#end(key, result),
    });
  }

  /** The view below which a cell shows things: a check shows them with its function. */
  #shows(key) {
    return this.page.views.get(key) ?? this.page.views.get(this.page.stills.get(key)?.dataset.function);
  }

  #begin(key) {
    const view = this.page.views.get(key);
    if (!view) {
      this.#shows(key)?.check();
      return;
    }
    view.begin();
    this.tried.set(key, view.text);
    if (this.asked.has(key)) this.asked.get(key).text = view.text;
  }

  #end(key, result) {
    const view = this.page.views.get(key);
    const checked = this.page.stills.get(key)?.dataset.function;
    this.#shows(key)?.end(result);
    if (checked) this.#judge(key, checked, result);
    else if (view?.kind === "function" && !result.ok) {
      this.#say(key, result.stopped ? "" : "broken", result.error);
    } else if (!view && result.error) {
      this.page.notices.say(key, `The given cell “${key}” ended in ${result.error.name || "an error"}: ${
        result.error.message}`);
    }
  }

  #judge(check, name, { ok, stopped, error }) {
    if (stopped) return;
    const { passed } = this.page.keeping.record;
    if (ok) passed[check] = digest(this.tried.get(name) ?? this.page.views.get(name).text);
    else delete passed[check];
    const state = ok ? "passed" : error.name === "NotImplementedError" ? "unwritten" : "failed";
    this.#say(name, state, error && { ...error, at: this.#at(error) });
    this.page.noted();
  }

  /** The innermost line that led to an error and that the reader can change. */
  #at({ places = [] }) {
    const { views } = this.page;
    const [cell, line] = places.findLast(([name]) => views.has(name)) ?? [];
    const view = views.get(cell);
    return view ? { cell, line, name: view.name, go: () => view.editor.go(line) } : null;
  }

  #say(name, state, error) {
    this.verdicts.set(name, state);
    this.page.views.get(name)?.say(state, error);
    this.far();
  }

  /** What is known of a function's check without running it. */
  recall(name) {
    const view = this.page.views.get(name);
    if (view?.kind !== "function") return;
    const check = this.page.cells().find((cell) => cell.function === name);
    const passed = this.page.keeping.record.passed[check?.key];
    const before = this.verdicts.get(name);
    const state = passed === digest(view.text) ? "passed" : passed || before ? "changed" : "";
    if (state === (before ?? "")) return;
    this.verdicts.set(name, state);
    view.say(state);
  }

  counts() {
    const checks = this.page.cells().filter(({ kind }) => kind === "check");
    const passing = checks.filter((check) => this.verdicts.get(check.function) === "passed");
    return progress(checks, passing.map(({ key }) => key));
  }

  /** Show how far the assignment is. */
  far() {
    const functions = this.page.cells().filter(({ kind }) => kind === "function");
    this.page.bar.progress(this.counts(),
      functions.map(({ key }) => ({ key, state: this.verdicts.get(key) })));
  }
}
