// Notebooks as data: read, compared with the release, filled, written. Nothing here touches the page.

// Of a file that is opened: bytes (the grader reads no larger one either), and cells.
export const [LARGEST, MOST] = [20 * 2 ** 20, 200];
const DEEPEST = 100; // lists and objects in one another

/** A notebook that cannot be used; its message is one sentence for the reader. */
export class NotebookError extends Error {}

/** The text of a cell, which a file holds as one string or as its lines. */
export function source(cell) {
  return Array.isArray(cell.source) ? cell.source.join("") : String(cell.source ?? "");
}

/** nbgrader's note on a cell; an empty one where there is none. */
export function graded(cell) {
  return cell.metadata?.nbgrader ?? {};
}

/** What a cell is for: "text", "function", "check", "given" or "code". */
export function kind(cell) {
  const { grade_id: name, solution, grade } = graded(cell);
  if (cell.cell_type !== "code") return "text";
  if (!name) return "code";
  return solution ? "function" : grade ? "check" : "given";
}

/** The notebook that a file holds; throws `NotebookError` where it holds none. */
export function read(text) {
  let notebook;
  try {
    notebook = JSON.parse(text);
  } catch {
    throw new NotebookError("The file is no notebook: it is not written as one (JSON).");
  }
  if (!Array.isArray(notebook?.cells)) {
    throw new NotebookError("The file is no notebook of Jupyter: it holds no list of cells.");
  }
  if (notebook.nbformat !== 4) {
    throw new NotebookError("The notebook has an old format. Save it in Jupyter once, then open it here.");
  }
  if (deep(notebook)) {
    throw new NotebookError("The file is damaged: what its cells hold is nested too deeply to be written again.");
  }
  const sound = (cell) => cell && typeof cell === "object" && typeof cell.cell_type === "string"
    && typeof (graded(cell).grade_id ?? "") === "string"
    && (typeof cell.source === "string" || (Array.isArray(cell.source)
      && cell.source.every((line) => typeof line === "string")));
  if (!notebook.cells.every(sound)) {
    throw new NotebookError("The file is damaged: not all of its cells have text.");
  }
  const names = notebook.cells.map((cell) => graded(cell).grade_id).filter(Boolean);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice) {
    throw new NotebookError(`Two cells of the notebook are named “${twice}”: a graded cell was copied. `
      + "Delete one of them in Jupyter, then open the notebook here.");
  }
  return notebook;
}

/** Whether there are more lists and objects in one another than any program writes. */
function deep(notebook) {
  let level = [notebook];
  for (let depth = 0; level.length && depth <= DEEPEST; depth += 1) {
    level = level.flatMap(Object.values).filter((part) => part && typeof part === "object");
  }
  return level.length > 0;
}

/** A name for each cell, in their order; no two are alike, and each can be a key of a plain object.
 *
 * nbgrader's name, or the cell's own id. Some programs leave the ids out: a cell without one has the
 * name of the released cell with the same text.
 */
export function keys(notebook, released) {
  // No other cell gets the name of a graded one.
  const taken = new Set(notebook.cells.map((cell) => graded(cell).grade_id).filter(Boolean));
  const free = (key) => {
    let name = key;
    for (let n = 2; taken.has(name) || name in {}; n += 1) name = `${key}-${n}`;
    taken.add(name);
    return name;
  };
  return notebook.cells.map((cell, place) => {
    const { grade_id: name } = graded(cell);
    if (name && !(name in {})) return name;
    const own = typeof cell.id === "string" && cell.id;
    const same = () => released?.cells.find((other) => !graded(other).grade_id && other.id
      && other.cell_type === cell.cell_type && source(other) === source(cell) && !taken.has(other.id));
    return free(name || own || same()?.id || `cell-${place}`);
  });
}

/** What tells a release from another: the names, nbgrader's checksums and the kinds of its cells. */
export function marks(notebook) {
  return notebook.cells.filter((cell) => graded(cell).grade_id)
    .map((cell) => [graded(cell).grade_id, graded(cell).checksum ?? "", kind(cell)]);
}

/** What a notebook has to do with the release.
 *
 * `same`: it is of this release, and can be taken as it is. Else `takes` are the functions of it whose
 * exercise has not changed since, with their texts, and `leaves` the names of the others that somebody
 * has worked on. Of another course or topic, there is nothing to be taken.
 */
export function compare(notebook, released) {
  if (JSON.stringify(marks(notebook)) === JSON.stringify(marks(released))) {
    return { same: true, takes: {}, leaves: [] };
  }
  const stubs = new Map(released.cells.filter((cell) => kind(cell) === "function")
    .map((cell) => [graded(cell).grade_id, cell]));
  const takes = {};
  const leaves = [];
  for (const cell of notebook.cells) {
    const { grade_id: name, checksum } = graded(cell);
    if (kind(cell) !== "function") continue;
    const stub = stubs.get(name);
    if (!stub || !checksum || graded(stub).checksum !== checksum) leaves.push(name);
    else if (source(cell) !== source(stub)) takes[name] = source(cell);
  }
  return { same: false, takes, leaves };
}

/** A cell with another text, kept the way that the file keeps texts. What it showed is gone. */
export function rewritten(cell, text) {
  if (source(cell) === text) return cell;
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const changed = { ...cell, source: Array.isArray(cell.source) ? lines : text };
  if (cell.cell_type === "code") Object.assign(changed, { execution_count: null, outputs: [] });
  return changed;
}

/** A notebook with other texts in some cells: `texts` by the cells' names. */
export function filled(notebook, released, texts) {
  const names = keys(notebook, released);
  const cells = notebook.cells.map((cell, place) => (
    names[place] in texts ? rewritten(cell, texts[names[place]]) : cell));
  return { ...notebook, cells };
}

/** A notebook as Jupyter writes it. */
export function written(notebook) {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

/** The file to hand in: `text` itself while nothing in it was changed. */
export function download(text, released, texts) {
  const notebook = read(text);
  const changed = filled(notebook, released, texts);
  const untouched = changed.cells.every((cell, place) => cell === notebook.cells[place]);
  return untouched ? text : written(changed);
}

/** The notebook with an empty cell for code after the one of that name; also the new cell's name. */
export function extended(notebook, released, after) {
  const names = keys(notebook, released);
  let number = 1;
  while (names.includes(`own-${number}`)) number += 1;
  const id = `own-${number}`;
  const cell = {
    cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source: [],
  };
  const cells = [...notebook.cells];
  cells.splice(names.indexOf(after) + 1, 0, cell);
  return { notebook: { ...notebook, cells }, key: id };
}

/** The notebook without the cell of that name. */
export function shortened(notebook, released, key) {
  const names = keys(notebook, released);
  return { ...notebook, cells: notebook.cells.filter((_, place) => names[place] !== key) };
}

/** Names of graded or given cells whose text is not that of the release, and must not differ. */
export function altered(notebook, released) {
  const locked = new Map(released.cells.filter((cell) => ["check", "given"].includes(kind(cell)))
    .map((cell) => [graded(cell).grade_id, source(cell)]));
  return notebook.cells.map((cell) => [graded(cell).grade_id, source(cell)])
    .filter(([name, text]) => locked.has(name) && locked.get(name) !== text).map(([name]) => name);
}

/** How far an assignment is: of `checks`, each with its `points`, those whose name is in `passed`. */
export function progress(checks, passed) {
  const done = checks.filter(({ key }) => passed.includes(key));
  const sum = (list) => list.reduce((total, { points }) => total + points, 0);
  return { passed: done.length, checks: checks.length, points: sum(done), all: sum(checks) };
}
