// One cell on the page: an editor, its buttons, what it showed, and what its check says.
import { make } from "../instruments/parts.js";
import { Editor } from "./editor.js";
import { button } from "./notices.js";
import { Output } from "./output.js";

/** A function to be written, or code that shows what was built.
 *
 * `place` is the element of the page that shows the cell without scripts. `acts` has what the buttons
 * do: `run`, `next`, `reset`, `add`, `remove`, `change`, `proposals`; `points` is what the function's
 * check stands for.
 */
export class CellView {
  constructor(place, { key, kind, text, kept, own, points }, acts) {
    Object.assign(this, { place, key, kind, own, points });
    const name = kind === "function" ? key : own ? "your own cell" : "a cell that shows what you built";
    this.name = name;
    const named = { hint: kind === "function" ? `the function ${key}` : name };
    this.still = place.querySelector(".highlight-python");
    this.still?.classList.add("homework-still");
    this.paper = make("pre", { class: "homework-paper" });
    const box = make("div", { class: "homework-editor" });
    this.output = new Output();
    this.verdict = make("div", { class: "homework-verdict", role: "status" });
    this.clock = make("span", { class: "homework-clock" });
    this.buttons = make("div", { class: "homework-buttons" },
      button("Run", acts.run, { hint: `Run ${named.hint}`, kind: "homework-run" }),
      ...(own ? [button("Remove", acts.remove, { hint: `Remove ${named.hint}` })]
        : [button("Reset", acts.reset, { hint: `Reset ${named.hint} to what was released` })]),
      button("Add a cell", acts.add, { hint: `Add a cell below ${named.hint}` }),
      make("span", { class: "homework-touch" },
        button("⇥", () => this.editor.indent(), { hint: "Move the line to the right" }),
        button("⇤", () => this.editor.outdent(), { hint: "Move the line to the left" }),
        button("↶", () => this.editor.undo(), { hint: "Undo" }),
        button("↷", () => this.editor.redo(), { hint: "Redo" })),
      this.clock);
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", kind === "function" ? `The function ${key}` : `Code: ${name}`);
    place.classList.add("homework-live");
    place.append(box, this.paper, this.buttons, this.output.box, this.verdict);
    this.editor = new Editor({
      parent: box, text, kept, label: kind === "function" ? `Your function ${key}` : `Code: ${name}`,
      help: "homework-keys", onchange: acts.change, onrun: acts.run, onnext: acts.next,
      proposals: acts.proposals,
    });
  }

  get text() {
    return this.editor.text;
  }

  /** The cell has begun to run, or to wait for one above. */
  begin() {
    this.output.clear();
    this.place.classList.add("homework-running");
    this.clock.textContent = "Running";
  }

  end({ ok, stopped, seconds, error }) {
    this.place.classList.remove("homework-running");
    this.clock.textContent = stopped ? "Stopped" : seconds >= 0.1 ? `${seconds.toFixed(1)} s` : "";
    if (!ok && !stopped && error) this.output.fail(error);
  }

  /** What the check says: "passed", "failed", "changed", "broken" (it did not run), or nothing yet. */
  say(state, error = null) {
    const worth = `${this.points} ${this.points === 1 ? "point" : "points"}`;
    this.verdict.dataset.state = state;
    if (state === "passed") {
      this.verdict.replaceChildren(make("p", {}, make("strong", {}, "✓ The visible check passes. "),
        `It stands for ${worth}; the hidden checks, with other inputs, decide.`));
    } else if (state === "changed") {
      this.verdict.replaceChildren(make("p", {}, "Changed since the check was last run."));
    } else if (state === "broken") {
      this.verdict.replaceChildren(make("p", {}, "The check was not run, since the cell itself fails."));
    } else if (state === "failed") {
      this.verdict.replaceChildren(...failure(error));
    } else {
      this.verdict.replaceChildren();
    }
  }

  /** What is printed on paper is the text, not the part of it that the editor has drawn. */
  print() {
    this.paper.textContent = this.text;
  }

  remove() {
    this.editor.remove();
    this.output.clear();
    this.place.remove();
  }
}

function failure({ name, message, traceback }) {
  const shown = [];
  if (name === "NotImplementedError") {
    shown.push(make("p", {}, make("strong", {}, "Not written yet. "),
      "The function, or one that it calls, still raises NotImplementedError."));
  } else if (name === "AssertionError") {
    shown.push(make("p", {}, make("strong", {}, "✗ The visible check fails: "),
      message || "it gives no reason; its code is below."));
  } else {
    shown.push(make("p", {}, make("strong", {}, `✗ The visible check ends in ${name || "an error"}: `),
      message || "no more is said."));
  }
  if (traceback && name !== "NotImplementedError") {
    shown.push(make("details", {}, make("summary", {}, "The way to it"),
      make("pre", { tabindex: "0" }, traceback)));
  }
  return shown;
}
