// Code that was copied from elsewhere, without what came along with it.

const FIRST = /^\s*(?:In \[\d*\]: ?|>>> ?)/;
const PROMPT = /^\s*(?:In \[\d*\]: ?|\.{3}:? ?|>>> ?)/;
const ANSWER = /^\s*Out\[\d*\]:/;

/** Pasted text: without prompts and what a prompt answered, with spaces that Python takes for spaces. */
export function pasted(text) {
  const plain = text.replace(/\r\n?/g, "\n").replace(/[\u200b\ufeff]/g, "").replace(/[\u00a0\u202f]/g, " ");
  const lines = plain.split("\n");
  const prompted = FIRST.test(lines.find((line) => line.trim()) ?? "");
  const kept = prompted ? lines.filter((line) => !ANSWER.test(line)).map((line) => line.replace(PROMPT, "")) : lines;
  return kept.map((line) => line.replace(/^[ \t]+/, (blank) => blank.replaceAll("\t", "    "))).join("\n");
}
