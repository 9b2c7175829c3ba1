// An editor for one cell, made of CodeMirror.
import {
  Compartment, Decoration, EditorState, EditorView, HighlightStyle, Prec, acceptCompletion,
  autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, defaultKeymap,
  drawSelection,
  highlightSpecialChars, history, historyField, historyKeymap, ifNotIn, indentLess, indentMore,
  indentOnInput, indentUnit, keymap, lineNumbers, python, pythonLanguage, redo, syntaxHighlighting,
  tags, undo,
} from "../../vendor/codemirror/codemirror.js";
import { make } from "../instruments/parts.js";
import { pasted } from "./pasted.js";

const KEPT = { history: historyField };
const AWAY = 300; // ms after which proposals close that open when the reader has left
const LONGEST = 300_000; // characters of a kept history

// Colours are those of homework.css, for both themes.
const look = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword,
    tags.moduleKeyword, tags.self], class: "code-keyword" },
  { tag: [tags.string, tags.special(tags.string), tags.docString], class: "code-string" },
  { tag: [tags.comment, tags.lineComment], class: "code-comment" },
  { tag: [tags.number, tags.bool, tags.null], class: "code-number" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
    class: "code-name" },
]);

const PLAIN = ["String", "FormatString", "Comment"]; // no place for names
const WORD = /^[\p{L}\p{N}_]*$/u;
const DOTTED = /(?:[\p{L}_][\p{L}\p{N}_]*\.)+[\p{L}\p{N}_]*/u;

/** Names in scope. */
function proposing(proposals) {
  return ifNotIn([...PLAIN, "PropertyName"], (context) => {
    const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: proposals(), validFor: WORD };
  });
}

/** What can follow a name and a dot, as far as `members` knows; private names only if one is begun. */
function following(members) {
  return ifNotIn(PLAIN, async (context) => {
    const found = context.matchBefore(DOTTED);
    if (!found || /[\p{N})\]]/u.test(context.state.sliceDoc(found.from - 1, found.from))) return null;
    const dot = found.text.lastIndexOf(".");
    const hidden = found.text[dot + 1] !== "_";
    const names = await members(found.text.slice(0, dot));
    const options = names.filter(([label]) => !(hidden && label.startsWith("_")))
      .map(([label, type]) => ({ label, type }));
    return options.length ? { from: found.from + dot + 1, options, validFor: WORD } : null;
  });
}

/** A line that is too long goes on below: code two columns further in than it began, a docstring not. */
function hanging(view) {
  const { doc } = view.state;
  const marks = [];
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = doc.lineAt(at);
      const prose = doc.sliceString(0, line.from).split(/"""|'''/).length % 2 === 0;
      const columns = /^ */.exec(line.text)[0].length + (prose ? 0 : 2);
      marks.push(Decoration.line({ attributes: { style: `--hang: ${columns}ch` } }).range(line.from));
      at = line.to + 1;
    }
  }
  return Decoration.set(marks);
}

// CodeMirror guesses the height of what is out of sight, far too large where long lines go on below, and all that
// follows moves when the reader comes there. It measures what it is to scroll to: to here, then, without moving.
const MEASURED = EditorView.scrollIntoView(0);

// Editors that are made when they come near the window, each by its stand-in.
const late = new Map();
const nearing = new IntersectionObserver((seen) => seen.filter((one) => one.isIntersecting)
  .forEach(({ target }) => late.get(target)?.()), { rootMargin: "50% 0px" });

/** An editor in `parent`. With `later`, its text stands there until the reader comes near it: of the hundreds
 * of cells that a notebook may have, the browser would be at work for long on those that nobody looks at.
 *
 * `kept` is what `keeps` returned when the text was last written, so that it can be undone further.
 * `onchange` is called after each change, `onrun` on Ctrl+Enter, `onnext` on Shift+Enter,
 * `onstop` on Ctrl+. (on a Mac, Command instead of Ctrl). `proposals` returns the names in scope,
 * `members(path)` a promise of what can follow a dotted name: [name, kind].
 */
export class Editor {
  #view = null;
  #still = null; // the stand-in, while there is no view
  #given; // what the view is to begin with, { text, kept }
  #writable = true;

  constructor({
    parent, text, kept, label, help, onchange, onrun, onnext, onstop, proposals, members, later = false,
  }) {
    this.free = new Compartment();

    const does = (act) => (view) => {
      closeCompletion(view);
      act();
      return true;
    };
    const extensions = [
      Prec.highest(keymap.of([
        { key: "Mod-Enter", run: does(onrun) },
        { key: "Shift-Enter", run: does(onnext) },
        { key: "Mod-.", run: does(onstop) },
      ])),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      indentUnit.of("    "),
      EditorState.tabSize.of(4),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      autocompletion({ activateOnTyping: true, icons: false }),
      python(),
      pythonLanguage.data.of({ autocomplete: proposing(proposals) }),
      pythonLanguage.data.of({ autocomplete: following(members) }),
      syntaxHighlighting(look),
      EditorView.lineWrapping,
      EditorView.decorations.of(hanging),
      EditorView.scrollHandler.of((_, range) => range === MEASURED.value.range),
      EditorView.clipboardInputFilter.of(pasted),
      EditorView.contentAttributes.of({
        "aria-label": label, "aria-describedby": help, autocapitalize: "off", autocorrect: "off",
        spellcheck: "false",
      }),
      keymap.of([
        { key: "Tab", run: acceptCompletion },
        { key: "Tab", run: indentMore, shift: indentLess },
        ...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap,
      ]),
      this.free.of([]),
      EditorView.domEventHandlers({
        // Names that were still being looked up when the reader left.
        blur: (_, view) => setTimeout(() => view.hasFocus || closeCompletion(view), AWAY) && false,
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onchange();
      }),
    ];
    this.extensions = extensions;
    this.#given = { text, kept };
    if (!later) {
      this.#open(parent);
      return;
    }
    this.#still = make("pre", {
      class: "homework-later", tabindex: "0", role: "textbox", "aria-multiline": "true", "aria-label": label,
      "aria-describedby": help,
    }, text);
    this.#still.addEventListener("focus", () => this.focus());
    late.set(this.#still, () => this.view);
    nearing.observe(this.#still);
    parent.append(this.#still);
  }

  /** CodeMirror's own editor, which is made now if it was to be made later. */
  get view() {
    if (this.#view) return this.#view;
    const parent = this.#still.parentElement;
    this.#forget();
    this.#open(parent);
    if (!this.#writable) this.writable = false;
    return this.#view;
  }

  #open(parent) {
    const { text, kept } = this.#given;
    this.#view = new EditorView({ parent, state: this.#state(text, kept), scrollTo: MEASURED });
  }

  #forget() {
    late.delete(this.#still);
    nearing.unobserve(this.#still);
    this.#still.remove();
    this.#still = null;
  }

  #state(text, kept) {
    if (kept) {
      try {
        const state = EditorState.fromJSON(kept, { extensions: this.extensions }, KEPT);
        if (state.doc.toString() === text) return state;
      } catch {
        // Of another version of the editor: the text is what counts.
      }
    }
    return EditorState.create({ doc: text, extensions: this.extensions });
  }

  get text() {
    return this.#view ? this.#view.state.doc.toString() : this.#given.text;
  }

  /** Another text, as a change that can be taken back. */
  set text(text) {
    const { doc } = this.view.state;
    if (doc.toString() === text) return;
    this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, userEvent: "input" });
  }

  /** Another text with its own past: what was here before is forgotten. */
  begin(text, kept) {
    if (this.#view) {
      this.#view.setState(this.#state(text, kept));
      this.#view.dispatch({ effects: MEASURED });
    } else {
      this.#given = { text, kept };
      this.#still.textContent = text;
    }
  }

  /** What has to be kept so that changes can be undone after a reload. */
  keeps() {
    if (!this.#view) return this.#given.kept ?? null;
    const kept = this.view.state.toJSON(KEPT);
    return JSON.stringify(kept).length > LONGEST ? null : kept;
  }

  /** Whether the reader may write. */
  set writable(can) {
    this.#writable = can;
    this.#view?.dispatch({
      effects: this.free.reconfigure(can ? [] : [EditorState.readOnly.of(true)]),
    });
  }

  focus() {
    this.view.focus();
  }

  /** Go to the line of that number. */
  go(number) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Math.max(number, 1), doc.lines));
    this.view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    this.view.focus();
  }

  undo() {
    undo(this.view);
  }

  redo() {
    redo(this.view);
  }

  indent() {
    indentMore(this.view);
  }

  outdent() {
    indentLess(this.view);
  }

  remove() {
    if (this.#view) this.#view.destroy();
    else this.#forget();
  }
}
