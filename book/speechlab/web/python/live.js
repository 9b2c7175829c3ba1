/* "Change this": a chapter's cell becomes one that the reader can write and run in the page.

   The page holds, behind each such cell, what it needs of the cells before it (site/python/live.py).
   Nothing but this file is loaded before the button is pressed. */

import { make } from "../instruments/parts.js";

const BASE = new URL("../../", import.meta.url).href;
const SETUP = "the cells before";

let parts = null; // a promise of what an open cell needs
let kernel = null;
let count = 0;
let current = null; // the cell that uses the kernel

class Live {
  constructor(script) {
    const { before, voices } = JSON.parse(script.textContent);
    this.before = before;
    this.voices = voices;
    this.cell = script.parentElement;
    this.source = this.cell.querySelector(".cell_input pre");
    this.bar = make("p", { class: "python-bar" });
    script.replaceWith(this.bar);
    this.change = button("Change this", () => this.open());
    this.bar.append(this.change);
  }

  /** The cell's code in an editor, with its buttons. */
  async open() {
    this.change.disabled = true;
    try {
      this.parts = await (parts ??= load());
    } catch {
      parts = null;
      this.change.disabled = false;
      this.#refuse("The editor could not be loaded. Is there a network?");
      return;
    }
    const reason = this.parts.lacking();
    if (reason) {
      this.#refuse(reason);
      return;
    }
    this.refusal?.remove();
    this.names = [];
    this.status = make("span", { role: "status", class: "python-status", id: `python-${count += 1}` });
    this.box = make("div", { class: "homework-editor" });
    this.source.closest(".cell_input").after(this.box, this.bar);
    this.cell.classList.add("python-open");
    this.editor = await this.#edit(this.source.textContent.replace(/\n$/, ""));
    this.change.disabled = false;
    this.source.closest(".cell_input").hidden = true;
    this.output = new this.parts.Output((line) => this.editor.go?.(line));
    this.run = button("Run", () => this.start());
    this.stop = button("Stop", () => kernel?.stop());
    this.reset = button("As it was", () => this.close());
    this.#say("Ctrl+Enter runs it; Escape, then Tab, leaves the code.");
    this.stop.disabled = true;
    this.bar.replaceChildren(this.run, " ", this.stop, " ", this.reset, " ", this.status);
    this.bar.after(this.output.box);
    this.editor.focus();
  }

  #refuse(reason) {
    this.refusal ??= make("small", { role: "status" });
    this.bar.append(this.refusal);
    this.refusal.textContent = reason;
  }

  /** The editor of the assignments; where that cannot be loaded, a plain field. */
  async #edit(text) {
    const [parent, label] = [this.box, "The code of this cell"];
    const run = () => this.start();
    try {
      const { Editor } = await import("../homework/editor.js");
      const proposals = () => this.names.map((name) => ({ label: name }));
      const members = async (path) => await kernel?.members(path) ?? [];
      const acts = { onchange: () => {}, onrun: run, onnext: run, onstop: () => kernel?.stop(), proposals, members };
      return new Editor({ parent, text, label, help: this.status.id, ...acts });
    } catch {
      return plain(parent, text, label, run);
    }
  }

  /** The cell as the chapter has it. */
  close() {
    if (current === this) kernel?.stop();
    this.output.clear();
    this.output.box.remove();
    this.box.remove();
    this.cell.classList.remove("python-open");
    this.cell.append(this.bar);
    this.source.closest(".cell_input").hidden = false;
    this.cell.querySelectorAll(".cell_output").forEach((part) => (part.hidden = false));
    this.bar.replaceChildren(this.change);
    this.change.focus();
  }

  async start() {
    if (current) return;
    current = this;
    this.run.disabled = true;
    this.stop.disabled = false;
    this.cell.querySelectorAll(".cell_output").forEach((part) => (part.hidden = true));
    this.output.clear();
    kernel ??= new this.parts.Kernel({ base: BASE, onstate: tell });
    const result = await this.#both();
    if (result.ok) this.names = await kernel.names();
    current = null;
    this.run.disabled = false;
    this.stop.disabled = true;
    if (result.stopped) this.#say("Stopped.");
    else if (result.error) this.#say("It went wrong.");
    else this.#say(`Done in ${result.seconds.toFixed(1)} s. ${this.voices}`);
    if (result.error) this.output.fail(result.error);
    this.parts.offline.on(BASE, { also: kernel.files });
  }

  /** What the cell needs, each time anew since the cell may change it; then the cell. */
  async #both() {
    await kernel.reset();
    const result = await kernel.run(this.before, { name: SETUP });
    const onoutput = (output) => this.output.add(output);
    return result.ok ? kernel.run(this.editor.text, { name: "this cell", onoutput }) : result;
  }

  #say(words) {
    this.status.textContent = words;
  }

  hear({ phase, message }) {
    if (["loading", "running", "failed"].includes(phase)) this.#say(message);
  }
}

/** What an open cell needs. */
async function load() {
  const style = make("link", { rel: "stylesheet", href: `${BASE}speechlab/homework/homework.css` });
  const styled = new Promise((done, fail) => Object.assign(style, { onload: done, onerror: fail }));
  document.head.append(style);
  const files = [import("./kernel.js"), import("./offline.js"), import("../homework/output.js"), styled];
  return Object.assign({}, ...(await Promise.all(files)));
}

function plain(parent, text, label, run) {
  const field = make("textarea", {
    class: "python-code", rows: text.split("\n").length + 1, spellcheck: "false",
    autocapitalize: "off", autocorrect: "off", "aria-label": label,
  });
  field.value = text;
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  });
  parent.append(field);
  return {
    get text() {
      return field.value;
    },
    focus: () => field.focus(),
  };
}

function tell(state) {
  current?.hear(state);
}

function button(words, act) {
  const element = make("button", { type: "button" }, words);
  element.addEventListener("click", act);
  return element;
}

document.querySelectorAll("script.python-live").forEach((script) => new Live(script));
