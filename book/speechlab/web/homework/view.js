// One cell on the page: an editor, its buttons, what it showed, and what its check says.
import { make } from "../instruments/parts.js";
import { Editor } from "./editor.js";
import { button } from "./notices.js";
import { Output, failure, place, way } from "./output.js";

/** A function to be written, or code that shows what was built.
 *
 * `place` is the element of the page that shows the cell without scripts. `acts` has what the buttons
 * do: `run`, `next`, `stop`, `reset`, `add`, `remove`, `change`, `proposals`, `members`; `points` is what the function's
 * check stands for, `later` whether the editor is made when the reader comes near it.
 */
export class CellView {
  constructor(home, { key, kind, text, kept, own, points, later }, acts) {
    Object.assign(this, { place: home, key, kind, own, points });
    const name = kind === "function" ? key : own ? "your own cell" : "a cell that shows what you built";
    this.name = name;
    const named = { hint: kind === "function" ? `the function ${key}` : name };
    this.still = home.querySelector(".highlight-python");
    this.still?.classList.add("homework-still");
    this.paper = make("pre", { class: "homework-paper" });
    const box = make("div", { class: "homework-editor" });
    this.output = new Output((line) => this.editor.go(line));
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
    home.setAttribute("role", "group");
    home.setAttribute("aria-label", kind === "function" ? `The function ${key}` : `Code: ${name}`);
    home.classList.add("homework-live");
    home.append(box, this.paper, this.buttons, this.verdict, this.output.box);
    this.editor = new Editor({
      parent: box, text, kept, label: kind === "function" ? `Your function ${key}` : `Code: ${name}`,
      help: "homework-keys", onchange: acts.change, onrun: acts.run, onnext: acts.next,
      onstop: acts.stop,
      proposals: acts.proposals, members: acts.members, later,
    });
  }

  get text() {
    return this.editor.text;
  }

  /** The cell is to run, and waits for Python or for other cells. */
  wait() {
    this.#works("Waiting for Python");
  }

  /** The cell has begun to run. */
  begin() {
    this.output.clear();
    this.#works("Running");
  }

  /** The check of the function has begun to run. */
  check() {
    this.#works("Checking");
  }

  /** The cell, or the check of the function, has run; with nothing, neither has. */
  end({ ok = true, stopped = false, seconds = 0, error = null } = {}) {
    this.place.classList.remove("homework-running");
    this.clock.textContent = stopped ? "Stopped" : seconds >= 0.1 ? `${seconds.toFixed(1)} s` : "";
    if (!ok && !stopped && error && this.kind !== "function") this.output.fail(error);
  }

  #works(word) {
    this.place.classList.add("homework-running");
    this.clock.textContent = word;
  }

  /** Bring what was said into sight, unless the reader has gone elsewhere. */
  reveal() {
    const { top, bottom } = this.buttons.getBoundingClientRect();
    const said = this.kind === "function" ? this.verdict : this.output.box;
    if (bottom < 0 || top > innerHeight || said.offsetHeight > innerHeight / 2) return;
    said.scrollIntoView({ block: "nearest" });
  }

  /** What the check says: "passed", "failed", "unwritten", "changed", "broken" (it did not run), or
   * nothing yet. The error has, in `at`, the line that the reader wrote and that led to it. */
  say(state, error = null) {
    const worth = `${this.points} ${this.points === 1 ? "point" : "points"}`;
    this.verdict.dataset.state = state;
    const shown = {
      passed: () => [make("p", {}, make("strong", {}, "✓ The visible check passes. "),
        `It stands for ${worth}; the hidden checks, with other inputs, decide.`)],
      changed: () => [make("p", {}, "Changed since the check was last run.")],
      broken: () => [...failure(error, (line) => this.editor.go(line)),
        make("p", {}, "The check was not run, since the cell itself fails.")],
      unwritten: () => [make("p", {}, ...unwritten(error, this.key))],
      failed: () => [make("p", {}, ...reasons(error, this.key)),
        ...(error.traceback ? [way(error.traceback)] : [])],
    }[state];
    this.verdict.replaceChildren(...(shown?.() ?? []));
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

function unwritten({ at }, key) {
  const strong = make("strong", {}, "Not written yet. ");
  if (at && at.cell !== key) {
    return [strong, "The function calls ", make("code", {}, at.cell), ", which still raises NotImplementedError."];
  }
  return [strong, "The function, or one that it calls, still raises NotImplementedError."];
}

/** Why a check fails, in words for the one who wrote the function of that name. */
function reasons({ name, message, at }, key) {
  const line = at && (at.cell === key ? `line ${at.line}` : `line ${at.line} of ${at.name}`);
  const where = at ? [" (", place(line, at.go), ")"] : [];
  const strong = (words) => make("strong", {}, words);
  if (name === "NameError" && !at && message.startsWith(`name '${key}' is not defined`)) {
    return [strong("✗ The cell does not define "), make("code", {}, key), ": the check calls it by that name."];
  }
  if (name === "AssertionError") {
    return at ? [strong("✗ An assert in your code fails: "), message || "it gives no reason", ...where]
      : [strong("✗ The visible check fails: "), message || "it gives no reason; its code is below."];
  }
  const what = at ? "✗ The function ends in" : "✗ The visible check ends in";
  return [strong(`${what} ${name || "an error"}: `), message || "no more is said", ...where];
}
