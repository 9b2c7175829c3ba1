// What stands below the cells and stays in sight: how far one is, what Python does, the buttons for all.
import { make } from "../instruments/parts.js";
import { button } from "./notices.js";

const size = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The bar; `acts` has `runAll`, `stop`, `download`, `open` and `reset`, `file` is the download's name. */
export class Bar {
  constructor(file, acts) {
    this.meter = make("progress", { max: "1", value: "0", "aria-label": "Visible checks passed" });
    this.far = make("span", { class: "homework-far" });
    this.python = make("p", { class: "homework-python", role: "status" });
    this.kept = make("p", { class: "homework-kept", role: "status" });
    this.stop = button("Stop", acts.stop, { hint: "Stop Python" });
    this.stop.disabled = true;
    this.chooser = make("input", {
      type: "file", accept: ".ipynb,application/x-ipynb+json,application/json", hidden: "",
      "aria-label": "A notebook to go on with",
      change: () => {
        const [chosen] = this.chooser.files;
        this.chooser.value = "";
        if (chosen) acts.open(chosen);
      },
    });
    this.list = make("ol", { class: "homework-list" });
    this.more = make("div", { class: "homework-more", id: "homework-more", hidden: "" }, this.list,
      make("div", { class: "homework-buttons" },
        button("Open a notebook you began elsewhere", () => this.chooser.click()),
        button("Reset all cells", acts.reset)));
    this.opens = make("button", {
      type: "button", "aria-expanded": "false", "aria-controls": "homework-more",
      click: () => this.#unfold(this.more.hidden),
    }, "More");
    // Who goes to a function wants to see it.
    this.list.addEventListener("click", ({ target }) => {
      if (target.closest("a") && this.box.offsetHeight > innerHeight / 3) this.#unfold(false);
    });
    this.box = make("section", { class: "homework-bar", "aria-label": "The assignment" },
      make("div", { class: "homework-progress" }, this.meter, this.far),
      make("div", { class: "homework-buttons" },
        button("Run all", acts.runAll, { hint: "Run all cells" }), this.stop,
        button("Download", acts.download, { hint: `Download ${file}`, kind: "homework-run" }),
        this.opens, this.chooser),
      this.more, this.python, this.kept);
  }

  #unfold(open) {
    this.more.hidden = !open;
    this.opens.setAttribute("aria-expanded", String(open));
  }

  /** How far the assignment is, and each function with what its check says. */
  progress({ passed, checks, points, all }, functions) {
    this.meter.value = checks ? passed / checks : 0;
    this.far.textContent = `${passed} of ${checks} visible checks pass. They stand for ${points} of ${all} `
      + "points; the hidden checks decide.";
    this.list.replaceChildren(...functions.map(({ key, state }) => make("li", {},
      make("a", { href: `#cell-${key}` }, make("code", {}, key)),
      { passed: ": passes", failed: ": fails", broken: ": fails", changed: ": changed since",
        unwritten: ": not written yet" }[state] ?? ": not run")));
  }

  /** What the kernel is doing. */
  state({ phase, loaded, total, what, message }) {
    this.stop.disabled = !["loading", "running"].includes(phase);
    const much = total ? `, ${size(loaded ?? 0)} of ${size(total)}` : loaded ? `, ${size(loaded)}` : "";
    this.python.textContent = {
      loading: `Loading Python into this page${what ? `: ${what}` : ""}${much}.`,
      running: "Python is running.",
      stopped: "Python was stopped. Your text is as it was; what your cells had computed is gone. The next "
        + "Run starts Python again, with all that the cell needs from above.",
      failed: message || "Python could not be started.",
    }[phase] ?? "";
    this.python.dataset.phase = phase;
  }

  /** Where the text is kept. */
  keep(sentence) {
    this.kept.textContent = sentence;
  }
}
