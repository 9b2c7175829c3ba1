// What the assignment pages use of CodeMirror 6, as one file; esbuild leaves out the rest.
export { Compartment, EditorState, Prec } from "@codemirror/state";
export {
  Decoration, EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers,
} from "@codemirror/view";
export {
  defaultKeymap, history, historyField, historyKeymap, indentLess, indentMore, redo, undo,
} from "@codemirror/commands";
export {
  HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting,
} from "@codemirror/language";
export {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap,
  ifNotIn,
} from "@codemirror/autocomplete";
export { python, pythonLanguage } from "@codemirror/lang-python";
export { tags } from "@lezer/highlight";
