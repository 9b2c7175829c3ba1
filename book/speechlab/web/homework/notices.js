// Sentences above the cells, and questions in front of the page.
import { make } from "../instruments/parts.js";

/** A button; `hint` says more than its word where the word alone is not enough. */
export function button(word, act, { hint = "", kind = "" } = {}) {
  return make("button", {
    type: "button", class: kind || null, "aria-label": hint || null, click: act,
  }, word);
}

/** A place for sentences, each with buttons of a word and what it does. */
export class Notices {
  constructor() {
    this.box = make("div", { class: "homework-notices" });
    this.said = new Map();
  }

  /** A sentence in place of the last one about the same thing. */
  say(about, sentence, ...acts) {
    this.said.get(about)?.remove();
    const one = this.add(sentence, ...acts);
    this.said.set(about, one);
    return one;
  }

  add(sentence, ...acts) {
    const one = make("div", { class: "homework-notice", role: "alert" }, make("p", {}, sentence),
      make("div", { class: "homework-buttons" }, ...acts.map(([word, act]) => button(word, act)),
        button("Close", () => one.remove(), { hint: "Close this message" })));
    this.box.append(one);
    one.scrollIntoView({ block: "nearest" });
    return one;
  }
}

/** Ask something in front of the page; resolves to the name of the answer, or to "" when it is left.
 *
 * `answers` are words by name; the first has the focus.
 */
export function ask(paragraphs, answers) {
  return new Promise((resolve) => {
    const words = make("div", { id: "homework-question" }, ...paragraphs.map((one) => make("p", {}, one)));
    const buttons = Object.entries(answers).map(([name, word]) => button(word, () => box.close(name)));
    const box = make("dialog", {
      class: "homework-dialog", "aria-labelledby": "homework-question",
      close: () => {
        box.remove();
        resolve(box.returnValue);
      },
    }, words, make("div", { class: "homework-buttons" }, ...buttons));
    (document.querySelector(".bd-article") ?? document.body).append(box);
    box.showModal();
  });
}
