// Names that a cell can use because cells above have given them a meaning.

const DEFINED = /^(?:async\s+)?(def|class)\s+([\p{L}_][\p{L}\p{N}_]*)/u;
const IMPORTED = /^(?:from\s+[\w.]+\s+)?import\s+(.+)$/;
const ASSIGNED = /^([\p{L}_][\p{L}\p{N}_]*(?:\s*,\s*[\p{L}_][\p{L}\p{N}_]*)*)\s*=(?!=)/u;

/** Names bound at the outermost level of a piece of Python, each with what it is. */
export function names(source) {
  const found = new Map();
  const joined = (all) => all.split("\n").map((line) => line.trim()).join(" ");
  const whole = source.replace(/^(?:from|import)[^\n]*\([^()]*\)/gm, joined);
  for (const line of whole.split("\n")) {
    const defined = DEFINED.exec(line);
    const imported = IMPORTED.exec(line);
    const assigned = ASSIGNED.exec(line);
    if (defined) found.set(defined[2], defined[1] === "class" ? "class" : "function");
    else if (imported) {
      for (const part of imported[1].replace(/[()]|#.*/g, "").split(",")) {
        const [name, other] = part.trim().split(/\s+as\s+/);
        if (name) found.set(other ?? name.split(".")[0], "namespace");
      }
    } else if (assigned) {
      for (const name of assigned[1].split(",")) found.set(name.trim(), "variable");
    }
  }
  return found;
}

/** What can be proposed in a cell: names of the cells above, each as `{ label, type }`. */
export function proposals(sources) {
  const found = new Map();
  for (const source of sources) for (const [name, type] of names(source)) found.set(name, type);
  return [...found].map(([label, type]) => ({ label, type }));
}
