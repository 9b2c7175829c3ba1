// Notebooks that come in and go out as files, and what was written for earlier releases.
import { make } from "../instruments/parts.js";
import * as books from "./notebook.js";
import { ask } from "./notices.js";

/** Give the reader a file. */
export function hand(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The notebook that a file holds, and its text; throws `NotebookError` where a page cannot show it. */
async function chosen(file) {
  if (file.size > books.LARGEST) {
    throw new books.NotebookError(`It has ${Math.round(file.size / 1e6)} MB, and the grader reads at most 20. `
      + "Remove large outputs in Jupyter, then open it here.");
  }
  const text = await file.text();
  const notebook = books.read(text);
  const { length } = notebook.cells;
  if (length > books.MOST) {
    throw new books.NotebookError(`It has ${length} cells, and the page shows at most ${books.MOST}.`);
  }
  return { text, notebook };
}

/** Open a file in an assignment (`page`): go on with it, or take of it what fits. */
export async function open(page, file) {
  if (!page.may()) return;
  let text;
  let notebook;
  try {
    ({ text, notebook } = await chosen(file));
  } catch (error) {
    if (!(error instanceof books.NotebookError)) throw error;
    page.notices.say("file", `“${file.name}” was not opened. ${error.message}`);
    return;
  }
  const found = books.compare(notebook, page.released);
  if (found.same) await replace(page, file.name, text, notebook);
  else await pick(page, `“${file.name}”`, found);
}

async function replace(page, name, text, notebook) {
  const answer = page.touched ? await ask([`Open “${name}” in place of what you have written here?`], {
    both: "Download mine first, then open it", open: "Open it", "": "Keep mine",
  }) : "open";
  if (!answer) return;
  if (answer === "both") page.download();
  page.beginWith(text);
  const altered = books.altered(notebook, page.released);
  page.notices.say("file", `“${name}” is open. “Run all” says which of its visible checks pass.${altered.length
    ? ` Locked cells in it differ from the release: ${altered.join(", ")}. They stay as they are in your file; `
      + "this page and the grader run the released ones." : ""}`);
}

/** Of a notebook of another release, take the functions whose exercise is the same. */
async function pick(page, name, { takes, leaves }) {
  const taken = Object.keys(takes);
  const known = leaves.filter((key) => page.views.has(key));
  if (!taken.length) {
    page.notices.say("file", known.length
      ? `${name} is of another release of this assignment, and these exercises have changed since: ${
        known.join(", ")}. Nothing was taken; copy by hand what still fits.`
      : leaves.length ? `${name} is a notebook of another assignment: none of its functions is asked here.`
        : `${name} is of another release or assignment, and holds nothing that could be taken.`);
    return;
  }
  const words = [`${name} is of another release of this assignment. The exercises of these functions are the `
    + `same, and your text of them can be taken: ${taken.join(", ")}.`];
  if (leaves.length) {
    words.push(`Not taken, since their exercises have changed or are gone: ${leaves.join(", ")}. Copy by hand `
      + "what still fits.");
  }
  if (await ask(words, { take: "Take them", "": "Leave them" }) !== "take") return;
  for (const key of taken) page.views.get(key).editor.text = takes[key];
}

/** What was written for earlier releases is offered, and never mixed with this one. */
export async function offer(page) {
  for (const old of await page.keeping.others()) {
    const count = Object.keys(old.texts).length;
    const text = () => books.download(old.base, books.read(old.base), old.texts);
    const notice = page.notices.add("You have written for another release of this assignment "
      + `(${count} ${count === 1 ? "cell" : "cells"}, ${new Date(old.changed).toLocaleDateString()}). That text `
      + "is kept apart from this one.",
    ["Download it", () => hand(text(), `${page.topic}-earlier.ipynb`)],
    ["Take what still fits", () => page.may()
      && pick(page, "Your earlier text", books.compare(books.read(text()), page.released))],
    ["Forget it", async () => {
      await page.keeping.forget(old);
      notice.remove();
    }]);
  }
}
