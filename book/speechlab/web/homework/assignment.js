// An assignment: the notebook's cells on the page, written, run and kept until they are handed in.
import { make } from "../instruments/parts.js";
import { Bar } from "./bar.js";
import { hand, offer, open } from "./exchange.js";
import { Keeping } from "./keeping.js";
import * as books from "./notebook.js";
import { Notices, ask } from "./notices.js";
import { Running, reason } from "./running.js";
import { proposals } from "./scope.js";
import { CellView } from "./view.js";

const AT_ONCE = 20; // editors that are made with the page; no released notebook has as many cells to write

/** The assignment that the element `root` shows. */
export class Assignment {
  constructor(root) {
    Object.assign(this, { root, topic: root.dataset.topic, file: `${root.dataset.topic}.ipynb` });
    // The cells as the page was built, without an editor; and those that can be written.
    this.stills = new Map([...root.querySelectorAll(":scope > .homework-cell")]
      .map((element) => [element.dataset.key, element]));
    this.views = new Map();
    this.words = new Map(); // text that is not that of the release
    this.notices = new Notices();
    root.before(this.notices.box);
    this.running = new Running(this);
    this.keeping = new Keeping(this.topic, root.dataset.release, this);
  }

  async start() {
    const answer = await fetch(this.root.dataset.notebook);
    if (!answer.ok) throw new Error(`${answer.status}: ${this.root.dataset.notebook}`);
    this.releasedText = await answer.text();
    this.released = books.read(this.releasedText);
    this.locked = new Map(this.released.cells.filter((cell) => ["given", "check"].includes(books.kind(cell)))
      .map((cell) => [books.graded(cell).grade_id, books.source(cell)]));
    const keys = books.keys(this.released);
    this.stubs = new Map(this.released.cells.map((cell, place) => [keys[place], books.source(cell)]));
    await this.keeping.begin(this.releasedText);
    this.#read();
    this.bar = new Bar(this.file, {
      runAll: () => this.running.runAll(), stop: () => this.running.stop(),
      download: () => this.download(), open: (file) => open(this, file), reset: () => this.resetAll(),
    });
    this.root.append(this.bar.box);
    this.#layout();
    this.#recall();
    if (!this.keeping.writes) {
      this.#watch("This assignment is open in another tab of this browser, which keeps what is written there. "
        + "Here you can read and run, but not write.");
    }
    addEventListener("beforeprint", () => this.views.forEach((view) => view.print()));
    this.root.dataset.ready = "";
    const lacks = await reason();
    if (lacks) this.notices.add(`${lacks} You can write here all the same, and download the notebook.`);
    else this.root.after(this.running.offline());
    await offer(this);
  }

  // --- the notebook and its cells

  /** The notebook that is kept; where it cannot be read, the release, with what was written. */
  #read() {
    const { record } = this.keeping;
    try {
      this.notebook = books.read(record.base);
    } catch (error) {
      if (!(error instanceof books.NotebookError)) throw error;
      const { base } = record;
      this.notices.add(`The notebook that you went on with here cannot be shown. ${error.message} Below is the `
        + "released one, with the functions that you wrote on this page.",
      ["Download the other", () => hand(base, this.file)]);
      record.base = this.releasedText;
      this.notebook = this.released;
    }
  }

  get names() {
    return books.keys(this.notebook, this.released);
  }

  /** The cells in their order, with the text that each has now. */
  cells() {
    const { names } = this;
    return this.notebook.cells.map((cell, place) => {
      const key = names[place];
      const still = this.stills.get(key);
      const kind = books.kind(cell);
      // Locked cells run as they were released, whatever a notebook from elsewhere made of them.
      const source = this.views.get(key)?.text ?? this.locked.get(key) ?? books.source(cell);
      return {
        key, kind, source, needed: kind === "code" && (!still || "needed" in still.dataset),
        function: still?.dataset.function, points: Number(still?.dataset.points ?? 0),
      };
    });
  }

  /** Put the cells of the notebook on the page, in its order. */
  #layout() {
    const { names } = this;
    for (const [key, view] of this.views) {
      if (names.includes(key)) continue;
      if (view.own) {
        view.remove();
        this.views.delete(key);
      }
    }
    this.words.forEach((element) => element.remove());
    this.words.clear();
    const shown = new Set(this.notebook.cells.map((cell, place) => this.#placed(cell, names[place], place)));
    for (const element of this.stills.values()) element.hidden = !shown.has(element);
  }

  /** The element of a cell, in its place. */
  #placed(cell, key, place) {
    const kind = books.kind(cell);
    let element = this.views.get(key)?.place ?? this.stills.get(key);
    if (kind === "text" && books.source(cell) !== (this.stubs.get(key) ?? null)) {
      element = make("div", { class: "homework-cell homework-own-text" }, make("pre", {}, books.source(cell)));
      this.words.set(key, element);
    }
    element ??= make("div", { class: "homework-cell", "data-key": key, "data-kind": kind });
    const there = this.root.children[place];
    if (there !== element) this.root.insertBefore(element, there);
    if (["function", "code"].includes(kind) && !this.views.has(key)) this.#view(element, key, kind, cell);
    return element;
  }

  #view(element, key, kind, cell) {
    const { texts, kept } = this.keeping.record;
    const text = texts[key] ?? books.source(cell);
    const check = [...this.stills.values()].find(({ dataset }) => dataset.function === key);
    const points = Number(check?.dataset.points ?? 0);
    const own = !this.stills.has(key);
    const later = this.views.size >= AT_ONCE;
    const view = new CellView(element, { key, kind, text, kept: kept[key], own, points, later }, {
      run: () => this.running.run(key),
      next: () => this.#next(key),
      stop: () => this.running.stop(),
      reset: () => this.reset(key),
      add: () => this.add(key),
      remove: () => this.remove(key),
      change: () => this.#changed(key),
      proposals: () => this.#above(key),
      members: (path) => this.running.members(path),
    });
    if (!this.keeping.writes) view.editor.writable = false;
    this.views.set(key, view);
  }

  #above(key) {
    const cells = this.cells();
    const place = cells.findIndex((cell) => cell.key === key);
    const code = cells.slice(0, place + 1).filter(({ kind }) => kind !== "text" && kind !== "check");
    return proposals(code.map(({ source }) => source));
  }

  #next(key) {
    const ordered = this.cells().map((cell) => cell.key).filter((name) => this.views.has(name));
    this.views.get(ordered[ordered.indexOf(key) + 1])?.editor.focus();
    return this.running.run(key);
  }

  // --- what is kept

  /** Whether something was written that is not in the release. */
  get touched() {
    return Object.keys(this.texts()).length > 0 || this.keeping.record.base !== this.releasedText;
  }

  /** The texts of all cells that are not those of the notebook that was begun with. */
  texts() {
    const { names } = this;
    const texts = {};
    this.notebook.cells.forEach((cell, place) => {
      const view = this.views.get(names[place]);
      if (view && view.text !== books.source(cell)) texts[names[place]] = view.text;
    });
    return texts;
  }

  histories(texts) {
    return Object.fromEntries(Object.keys(texts).map((key) => [key, this.views.get(key).editor.keeps()]));
  }

  #changed(key) {
    this.keeping.soon();
    if (this.views.get(key)?.kind === "function") {
      this.running.recall(key);
      this.running.far();
    }
  }

  /** A check has said something, which is kept as well. */
  noted() {
    this.keeping.pending = true;
    this.keeping.now();
  }

  /** The text was kept, or could not be: say where it is, and whether it was downloaded since. */
  kept() {
    const { changed, downloaded } = this.keeping.record;
    const { passed, checks } = this.running.counts();
    const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    let sentence = "";
    if (this.keeping.trouble) sentence = "Not kept in this browser: download what you have written.";
    else if (changed && downloaded >= changed) {
      sentence = `Downloaded at ${clock(downloaded)}, and nothing was changed since. Hand in ${this.file}.`;
    } else if (changed && this.keeping.writes) {
      sentence = `Kept in this browser, and only here. ${passed === checks
        ? "All visible checks pass: download the notebook and hand it in."
        : "Download the notebook to hand it in, or to be safe: browsers forget."}`;
    }
    this.bar.keep(sentence);
  }

  /** Nothing is kept from now on. */
  lost(sentence) {
    this.notices.add(sentence, ["Download", () => this.download()]);
  }

  /** Another tab writes now. */
  elsewhere() {
    this.#watch("This assignment is now written in another tab of this browser. Here you can read and run, "
      + "but not write.");
  }

  #watch(sentence) {
    this.views.forEach(({ editor }) => { editor.writable = false; });
    this.watching?.remove();
    this.watching = this.notices.add(sentence, ["Write here instead", async () => {
      this.watching.remove();
      await this.keeping.take(this.releasedText);
      this.#read();
      this.#again();
    }]);
  }

  /** Show the record in place of what is in the editors. */
  #again() {
    this.#layout();
    const { texts, kept } = this.keeping.record;
    const { names } = this;
    this.notebook.cells.forEach((cell, place) => {
      const view = this.views.get(names[place]);
      view?.editor.begin(texts[view.key] ?? books.source(cell), kept[view.key]);
      view?.output.clear();
      if (view) view.editor.writable = this.keeping.writes;
    });
    this.#recall();
  }

  #recall() {
    for (const key of this.views.keys()) this.running.recall(key);
    this.running.far();
    this.kept();
  }

  // --- changing and handing in

  /** Whether this tab may change the notebook; if not, it says so. */
  may() {
    const { writes } = this.keeping;
    if (!writes) this.notices.say("write", "Another tab writes this assignment: choose “Write here instead” first.");
    return writes;
  }

  /** Take the released text of a cell again, as a change that can be undone. */
  reset(key) {
    if (!this.may()) return;
    const { editor } = this.views.get(key);
    editor.text = this.stubs.get(key);
    editor.focus();
  }

  async resetAll() {
    if (!this.may()) return;
    const answer = await ask(["Reset all cells to what was released? What you have written is gone then, unless "
      + "you download it first."], {
      "": "Leave them as they are", both: "Download, then reset", reset: "Reset all",
    });
    if (answer === "both") this.download();
    if (answer) this.beginWith(this.releasedText);
  }

  /** Add an empty cell below that one. */
  add(after) {
    if (!this.may()) return;
    const { notebook, key } = books.extended(this.notebook, this.released, after);
    this.#rebase(notebook);
    this.views.get(key).editor.focus();
  }

  /** Take a cell of the reader's own away. */
  remove(key) {
    if (this.may()) this.#rebase(books.shortened(this.notebook, this.released, key));
  }

  /** The same notebook with other cells; the texts stay. */
  #rebase(notebook) {
    Object.assign(this.keeping.record, { texts: this.texts(), base: books.written(notebook) });
    this.notebook = notebook;
    this.#layout();
    this.keeping.soon();
  }

  /** Go on with another notebook of this release. */
  beginWith(text) {
    Object.assign(this.keeping.record, { base: text, texts: {}, kept: {}, passed: {} });
    this.notebook = books.read(text);
    this.running.forget();
    this.#again();
    this.keeping.soon();
  }

  /** The notebook with all that was written. */
  get text() {
    return books.download(this.keeping.record.base, this.released, this.texts());
  }

  download() {
    hand(this.text, this.file);
    this.keeping.record.downloaded = Math.max(Date.now(), this.keeping.record.changed);
    this.noted();
    this.kept();
  }
}
