// What cells show: text, figures, sounds, errors.
import { make } from "../instruments/parts.js";

const TAGS = new Set(("a b br caption code details div em figcaption figure h1 h2 h3 h4 h5 h6 hr i img li ol p "
  + "pre small span strong sub summary sup table tbody td tfoot th thead tr ul audio").split(" "));
const ATTRIBUTES = new Set(("alt aria-label class colspan controls data-dark height loading preload rowspan "
  + "scope src title width").split(" "));
const CLASSES = /^(speech-[\w-]+|table|dataframe)$/; // the book's own; not those that lay a page out
const ELEMENTS = 20_000; // of one output
const EVENTS = 10_000; // of one run; Python passes on fewer
const IMAGES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const INSIDE = /^(data:(image\/(png|jpeg|gif|webp)|audio\/)|blob:)/;

/** Markup without anything that runs, and without addresses outside itself. */
export function harmless(markup) {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const elements = [...page.body.querySelectorAll("*")];
  if (elements.length > ELEMENTS) return ["This output is too large for the page."];
  for (const element of elements) {
    const tag = element.localName;
    if (!TAGS.has(tag)) {
      // The text in a tag that is not known may be read; the text of a script is none.
      if (["script", "style", "template", "iframe", "object", "svg", "math"].includes(tag)) element.remove();
      else element.replaceWith(...element.childNodes);
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      const address = name === "src" || name === "data-dark";
      if (!ATTRIBUTES.has(name) || (address && !INSIDE.test(value))) element.removeAttribute(name);
    }
    element.classList.remove(...[...element.classList].filter((one) => !CLASSES.test(one)));
  }
  return [...page.body.childNodes];
}

/** Where something went wrong: "line 3", which goes to that line if `go` is there. */
export function place(words, go) {
  return go ? make("button", { type: "button", class: "homework-line", click: go }, words) : words;
}

/** The calls that led to an error, folded. */
export function way(traceback) {
  return make("details", {}, make("summary", {}, "Traceback"), make("pre", { tabindex: "0" }, traceback));
}

/** An error and its traceback; `go` takes the reader to a line. */
export function failure({ name, message, line, traceback }, go = null) {
  const where = line ? [" (", place(`line ${line}`, go && (() => go(line))), ")"] : [];
  const said = make("p", { class: "homework-error" },
    make("strong", {}, name || "Error"), message ? `: ${message}` : "", ...where);
  return traceback ? [said, way(traceback)] : [said];
}

/** The place below a cell where it shows things; `go` takes the reader to a line of the cell. */
export class Output {
  constructor(go = null) {
    this.go = go;
    this.box = make("div", { class: "homework-output", hidden: "" });
    this.addresses = [];
    this.events = 0;
  }

  clear() {
    this.events = 0;
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
    this.addresses = [];
    this.box.replaceChildren();
    this.box.hidden = true;
  }

  /** Add one thing that the kernel told. */
  add(event) {
    if ((this.events += 1) > EVENTS) return;
    this.box.hidden = false;
    this.#of(event);
  }

  /** An error, with the way to it folded. */
  fail(error) {
    this.box.hidden = false;
    this.box.append(...failure(error, this.go));
  }

  #of({ kind, stream, text, mime, bytes, alt, label, html, lines }) {
    if (kind === "text" || kind === "value") this.#text(text, stream);
    if (kind === "cut") {
      this.box.append(make("p", { class: "homework-error" },
        `There was more; the page shows no further output of this cell${lines ? ` (${lines} lines)` : ""}.`));
    }
    if (kind === "html") this.#markup(html);
    if (kind === "image" && IMAGES.includes(mime)) {
      const image = make("img", { src: this.#address(bytes, mime), alt: alt || "A figure of this cell." });
      this.box.append(make("figure", { class: "speech-picture" }, image));
    }
    if (kind === "audio") {
      const name = label || "A sound of this cell";
      const player = make("audio", {
        controls: "", src: this.#address(bytes, "audio/wav"), "aria-label": name,
      });
      this.box.append(make("figure", { class: "speech-sound" }, player,
        label ? make("figcaption", {}, label) : ""));
    }
  }

  #text(text, stream = "stdout") {
    const last = this.box.lastElementChild;
    if (last?.dataset.stream === stream) last.append(text);
    else this.box.append(make("pre", { "data-stream": stream }, text));
  }

  #markup(html) {
    const parts = harmless(html);
    this.box.append(...parts);
    if (document.documentElement.dataset.theme === "dark") {
      for (const image of this.box.querySelectorAll("img[data-dark]")) {
        image.dataset.light ??= image.getAttribute("src");
        image.setAttribute("src", image.dataset.dark);
      }
    }
  }

  #address(bytes, type) {
    const address = URL.createObjectURL(new Blob([bytes], { type }));
    this.addresses.push(address);
    return address;
  }
}
