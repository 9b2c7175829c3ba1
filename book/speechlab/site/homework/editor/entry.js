// What the assignment pages use of CodeMirror 6, as one file; esbuild leaves out the rest.
export { EditorState, Compartment, Prec, Transaction, Annotation } from "@codemirror/state";
export {
  EditorView, keymap, lineNumbers, drawSelection, highlightSpecialChars, placeholder,
} from "@codemirror/view";
export {
  defaultKeymap, history, historyField, historyKeymap, indentWithTab, indentMore, indentLess, undo, redo,
  undoDepth, redoDepth,
} from "@codemirror/commands";
export {
  HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree,
} from "@codemirror/language";
export {
  autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, completeFromList, acceptCompletion,
} from "@codemirror/autocomplete";
export { python, pythonLanguage, localCompletionSource, globalCompletion } from "@codemirror/lang-python";
export { tags } from "@lezer/highlight";
