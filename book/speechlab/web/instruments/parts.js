// What instruments are made of: controls, a plot, words, and a frame that holds them.
import { ownVoice, recording, Speaker } from "./sound.js";

/** An element with attributes (functions listen) and children. */
export function make(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function draw(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Other words in an element of words alone. Their node stays: one that is put into a page lets the
 * browser style anew all that a rule with `:has` may hold for, which takes longer than a frame. */
export function write(element, words) {
  if (!element.firstChild) element.append(words);
  else if (element.firstChild.data !== words) element.firstChild.data = words;
}

let count = 0; // of names that tie labels to their controls

/** The frame of an instrument. `update` runs at most once a frame, after something has changed. */
export class Panel {
  constructor({ model, el }, update, volume = -12) {
    this.data = model.get("data");
    this.speaker = new Speaker(volume);
    this.update = update;
    this.controls = make("div", { class: "instrument-controls" });
    this.pictures = make("div", { class: "instrument-pictures" });
    this.words = make("p", { class: "instrument-words" }, "");
    this.spoken = make("p", { class: "instrument-spoken", role: "status" }, "");
    this.notice = make("p", { class: "instrument-notice", role: "status" });
    this.pencil = make("span", { class: "instrument-pencil", hidden: "" });
    const parts = [this.pictures, this.words, this.controls, this.notice, this.spoken];
    this.root = make("div", { class: "instrument" }, ...parts, this.pencil);
    if (!el.closest("figure")) parts[4].after(make("p", {}, this.data.caption));
    el.replaceChildren(this.root);
    this.#sound();
  }

  /** All is in place: draw, and draw again when there is another width or theme. */
  begin() {
    const redraw = () => this.change();
    new ResizeObserver(redraw).observe(this.root);
    // Canvases take their colours when they are painted; the theme may change afterwards.
    new MutationObserver(redraw).observe(document.documentElement, { attributes: true });
  }

  /** Something has changed: draw again in the next frame. */
  change() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = undefined;
      const begun = performance.now();
      this.update();
      const detail = performance.now() - begun;
      this.root.dispatchEvent(new CustomEvent("instrument-frame", { bubbles: true, detail }));
    });
  }

  /** A colour of the page for a canvas, by its name: also where the reader's system chooses colours. */
  ink(name) {
    this.pencil.style.color = `var(${name})`;
    return getComputedStyle(this.pencil).color;
  }

  /** What is shown, in words: at once for the eye, and when it has come to rest for the ear. */
  say(text) {
    write(this.words, text);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => { write(this.spoken, text); }, 600);
  }

  /** A control of a number: a range input. `text` says a value with its unit. */
  slider({ label, min, max, step, value, text, act }) {
    const id = `instrument-${(count += 1)}`;
    const output = make("output", { for: id });
    const input = make("input", { id, type: "range", min, max, step, value });
    const show = () => {
      write(output, text(Number(input.value)));
      input.setAttribute("aria-valuetext", output.textContent);
    };
    input.addEventListener("input", () => {
      show();
      act(Number(input.value));
    });
    show();
    this.controls.append(make("div", { class: "instrument-slider" },
      make("label", { for: id }, label), output, input));
    return (number) => {
      input.value = number;
      show();
    };
  }

  /** A control of one of a few: radio buttons. `options` are words by value, and `styles` what they
   * are written in, if it is that of a part of the picture. */
  choice({ label, options, value, act, styles = {} }) {
    const name = `instrument-${(count += 1)}`;
    const buttons = Object.entries(options).map(([key, words]) => {
      const input = make("input", { type: "radio", name, value: key, change: () => act(key) });
      input.checked = key === value;
      return make("label", { class: styles[key] ?? null }, input, words);
    });
    this.controls.append(make("fieldset", {}, make("legend", {}, label), ...buttons));
  }

  /** Parts of the picture that can be shown or not: check boxes. `options` are, by key, the words
   * and the style that the part is drawn in. */
  toggles({ label, options, on, act }) {
    const boxes = Object.entries(options).map(([key, [words, style]]) => {
      const input = make("input", { type: "checkbox", change: () => act(key, input.checked) });
      input.checked = on.includes(key);
      return make("label", { class: style }, input, words);
    });
    this.controls.append(make("fieldset", {}, make("legend", {}, label), ...boxes));
  }

  /** A control of words that the reader types, several lines of them. */
  writing({ label, value, act }) {
    const id = `instrument-${(count += 1)}`;
    const area = make("textarea", { id, rows: 3, maxlength: 400, spellcheck: "false" });
    area.value = value;
    area.addEventListener("input", () => act(area.value));
    this.controls.append(make("div", { class: "instrument-writing" },
      make("label", { for: id }, label), area));
  }

  button(label, act) {
    const button = make("button", { type: "button", click: act }, label);
    this.buttons.append(button);
    return button;
  }

  #sound() {
    this.buttons = make("div", { class: "instrument-buttons" });
    this.controls.append(this.buttons);
    const play = this.button("Play", () => {
      if (this.speaker.on) {
        this.speaker.stop();
      } else if (this.speaker.start()) {
        play.textContent = "Stop";
      } else {
        this.notice.textContent = "There is no sound output here; the picture moves all the same.";
      }
    });
    this.speaker.stopped = () => { play.textContent = "Play"; };
    this.slider({
      label: "Volume", min: -40, max: 0, step: 1, value: this.speaker.volume,
      text: (value) => `${value} dB`, act: (value) => this.speaker.setVolume(value),
    });
  }

  /** The page's recording now, and the reader's own voice when it is asked for. */
  async voice(sound, seconds, act,
    words = { record: "Use your own voice", back: "Use the recording" }) {
    const page = await recording(sound);
    const back = () => {
      this.notice.textContent = sound.caption;
      act(page, sound.caption);
    };
    back();
    const instead = (reason) => {
      this.notice.textContent = `${reason}, so the recording of the page is used.`;
      act(page, sound.caption);
    };
    const record = this.button(words.record, async () => {
      this.speaker.stop();
      record.disabled = true;
      this.notice.textContent = `Speak now, for ${seconds} seconds. Your voice stays in this page.`;
      try {
        const samples = await ownVoice(seconds, page.rate);
        if (!samples.some((sample) => Math.abs(sample) > 1e-3)) throw new Error("silence");
        this.notice.textContent = "This is your own voice. It was sent nowhere.";
        again.hidden = false;
        act({ samples, rate: page.rate }, "Your own voice.");
      } catch (error) {
        instead(error.message === "silence" ? "The microphone heard nothing"
          : "There is no microphone, or it was refused");
      }
      record.disabled = false;
    });
    const again = this.button(words.back, () => {
      again.hidden = true;
      this.speaker.stop();
      back();
    });
    again.hidden = true;
  }
}

/** Of a line's points, given in pixels: the first, highest, lowest and last of each column of pixels.
 * Of thousands more nothing is seen, and each of them would be drawn in every frame. */
export function outermost(across, down) {
  const kept = [];
  for (let k = 0; k < across.length;) {
    const column = Math.floor(across[k]);
    let [first, low, high] = [k, k, k];
    for (; Math.floor(across[k]) === column; k += 1) {
      if (down[k] < down[low]) low = k;
      if (down[k] > down[high]) high = k;
    }
    const between = [Math.min(low, high), Math.max(low, high), k - 1];
    kept.push(first, ...between.filter((place, n) => place > (between[n - 1] ?? first)));
  }
  return kept;
}

const MARGIN = { left: 58, right: 22, top: 8, bottom: 40 };

/** Axes in SVG, as wide as there is room, with lines and marks that are replaced by name. The x axis
 * leaves `aside` pixels free on its left, for what is not drawn over it. */
export class Plot {
  constructor(panel, { x, y, height = 220, label, wide = false, aside = 0 }) {
    Object.assign(this, { x, y, height, aside, items: new Map() });
    this.svg = draw("svg", { role: "img", "aria-label": label, height });
    this.box = make("div", { class: wide ? "instrument-plot wide" : "instrument-plot" }, this.svg);
    panel.pictures.append(this.box);
    this.axes = draw("g", { class: "axes" });
    this.inside = draw("g");
    this.svg.append(this.axes, this.inside);
    new ResizeObserver(() => this.#resize()).observe(this.box);
    this.#resize();
  }

  /** Where a value of an axis lies, in pixels. */
  at(axis, value) {
    const { from, to, log } = this[axis];
    const scale = log ? Math.log : (v) => v;
    const part = (scale(value) - scale(from)) / (scale(to) - scale(from));
    const { right, top, bottom } = MARGIN;
    const left = MARGIN.left + this.aside;
    return axis === "x"
      ? left + part * (this.width - left - right)
      : this.height - bottom - part * (this.height - top - bottom);
  }

  /** The value of an axis that lies at a pixel. */
  value(axis, pixel) {
    const { from, to, log } = this[axis];
    const [zero, one] = [this.at(axis, from), this.at(axis, to)];
    const part = Math.min(1, Math.max(0, (pixel - zero) / (one - zero)));
    return log ? from * (to / from) ** part : from + part * (to - from);
  }

  line(name, xs, ys, style = "") {
    this.#keep(name, "path", () => {
      const low = Math.min(this.y.from, this.y.to);
      const high = Math.max(this.y.from, this.y.to);
      const within = (y) => Math.min(high + 1e3, Math.max(low - (high - low), y));
      const across = Array.from(xs, (x) => this.at("x", x));
      const down = Array.from(across, (_, k) => this.at("y", within(ys[k])));
      const point = (k) => `${across[k].toFixed(1)},${down[k].toFixed(1)}`;
      return { d: `M${outermost(across, down).map(point).join("L")}`, class: `line ${style}` };
    }, true);
  }

  /** Many dots as one path. */
  points(name, xs, ys, style = "") {
    const at = (value, k) => (
      `M${this.at("x", value).toFixed(1)},${this.at("y", ys[k]).toFixed(1)}h0`);
    this.#keep(name, "path", () => (
      { d: Array.from(xs, at).join(""), class: `points ${style}` }), true);
  }

  /** Whether an item is shown. */
  show(name, visible) {
    this.items.get(name).element.style.display = visible ? "" : "none";
  }

  dot(name, x, y, radius, style = "") {
    const place = () => ({ cx: this.at("x", x), cy: this.at("y", y), r: radius, class: style });
    this.#keep(name, "circle", place);
  }

  /** Many circles as one path, which is drawn sooner than as many elements; radii in pixels. */
  circles(name, xs, ys, radii, style = "") {
    this.#keep(name, "path", () => {
      const circle = (x, k) => {
        const [left, r] = [this.at("x", x) - radii[k], radii[k].toFixed(2)];
        const halves = `a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0`;
        return `M${left.toFixed(2)},${this.at("y", ys[k]).toFixed(2)}${halves}`;
      };
      return { d: xs.map(circle).join(""), class: style };
    });
  }

  text(name, x, y, words, style = "", dx = 0, dy = 4) {
    const element = this.#keep(name, "text", () => (
      { x: this.at("x", x) + dx, y: this.at("y", y) + dy, class: style }));
    write(element, words);
  }

  /** A stretch of the x axis, from top to bottom. */
  span(name, from, to, style = "") {
    this.#keep(name, "rect", () => {
      const [left, right] = [from, to].map((value) => this.at("x", value));
      const [top, bottom] = [MARGIN.top, this.height - MARGIN.bottom];
      return { x: left, y: top, width: Math.max(1, right - left), height: bottom - top,
        class: `span ${style}` };
    }, true);
  }

  /** A canvas that is stretched over the inside of the axes, and that `paint` gets. */
  image(paint) {
    if (!this.canvas) {
      this.canvas = make("canvas", { "aria-hidden": "true" });
      this.box.prepend(this.canvas);
    }
    const { left, right, top, bottom } = MARGIN;
    const [width, height] = [this.width - left - right, this.height - top - bottom];
    this.canvas.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    paint(this.canvas);
  }

  #keep(name, tag, place, clipped = false) {
    let item = this.items.get(name);
    if (!item) {
      item = { element: draw(tag, clipped ? { "clip-path": `url(#${this.clip})` } : {}) };
      this.items.set(name, item);
      this.inside.append(item.element);
    }
    item.place = place;
    // What is set anew is styled anew, even to what it was.
    for (const [key, value] of Object.entries(place())) {
      if (item.element.getAttribute(key) !== String(value)) item.element.setAttribute(key, value);
    }
    return item.element;
  }

  #resize() {
    const width = Math.max(240, this.box.clientWidth);
    if (width === this.width) return;
    this.width = width;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    const { left, right, top, bottom } = MARGIN;
    const floor = this.height - bottom;
    this.clip ??= `instrument-clip-${(count += 1)}`;
    const inside = { x: left, y: top, width: width - left - right, height: floor - top };
    const ticks = (axis) => this[axis].ticks.map((tick) => {
      const [value, text] = Array.isArray(tick) ? tick : [tick, tick];
      const place = this.at(axis, value);
      const [mark, words] = axis === "x"
        ? [{ x1: place, x2: place, y1: floor, y2: floor + 4 }, { x: place, y: floor + 17 }]
        : [{ x1: left - 4, x2: left, y1: place, y2: place }, { x: left - 7, y: place + 4 }];
      const style = axis === "x" ? "middle" : "end";
      return draw("g", {}, draw("line", mark), draw("text", { ...words, class: style }, text));
    });
    const middle = (top + floor) / 2;
    this.axes.replaceChildren(
      draw("clipPath", { id: this.clip }, draw("rect", inside)),
      draw("path", { d: `M${left},${top}V${floor}H${width - right}`, class: "frame" }),
      ...ticks("x"), ...ticks("y"),
      draw("text", { x: (left + this.aside + width - right) / 2, y: this.height - 4,
        class: "middle" },
        this.x.label),
      draw("text", { class: "middle", transform: `translate(12 ${middle}) rotate(-90)` },
        this.y.label),
    );
    for (const { element, place } of this.items.values()) furnish(element, place(), []);
  }
}

/** Run a generator a few milliseconds at a time; starting anew ends the run before. */
export class Slices {
  run(steps) {
    clearTimeout(this.next);
    const go = () => {
      const until = performance.now() + 8;
      while (performance.now() < until) if (steps.next().done) return;
      this.next = setTimeout(go);
    };
    go();
  }
}
