// Which cells run, and in which order: what a cell needs from above runs before it.

// Errors that are none of the cell's: Python is not there, or no more.
const LOST = ["FileError", "NoPython", "PythonEnded"];

/** Runs cells in a kernel.
 *
 * `cells` returns the cells in their order, each with `key`, `kind`, `source`, `needed` (a cell of code
 * whose names later ones use), and `function` (of a check: the function that it checks). `shown` is
 * told what happens: `begin(key)`, `output(key, event)`, `end(key, result)`.
 */
export class Runner {
  constructor(kernel, cells, shown) {
    Object.assign(this, { kernel, cells, shown, fresh: new Map(), waiting: 0, turn: 0 });
    this.last = Promise.resolve();
  }

  /** Whether a cell runs or waits. */
  get busy() {
    return this.waiting > 0;
  }

  /** Run a cell, before it what it needs, and after a function its check. */
  run(key) {
    return this.#queue(async (goes) => {
      const cells = this.cells();
      const place = cells.findIndex((cell) => cell.key === key);
      const check = cells.find((cell) => cell.function === key);
      for (const cell of cells.slice(0, place).filter((one) => this.#stale(one))) {
        if (goes()) await this.#one(cell);
      }
      const done = goes() ? await this.#one(cells[place]) : null;
      if (check && done?.ok && goes()) await this.#one(check);
      return done;
    });
  }

  /** Run all cells in a new namespace; a cell that fails does not keep the others from running. */
  runAll() {
    return this.#queue(async (goes) => {
      this.fresh.clear();
      await this.kernel.reset();
      for (const { key } of this.cells()) {
        const cell = this.cells().find((one) => one.key === key);
        if (goes() && cell && cell.kind !== "text") await this.#one(cell);
      }
    });
  }

  /** End what runs, and forget what waits. Python's names are gone with it. */
  stop() {
    this.turn += 1;
    this.forget();
    this.kernel.stop();
  }

  /** The kernel has lost its names: all that a cell needs runs again. */
  forget() {
    this.fresh.clear();
  }

  #stale({ key, kind, needed, source }) {
    const gives = kind === "given" || kind === "function" || (kind === "code" && needed);
    return gives && this.fresh.get(key) !== source;
  }

  #queue(work) {
    const turn = this.turn;
    this.waiting += 1;
    const done = this.last.then(() => work(() => turn === this.turn)).finally(() => {
      this.waiting -= 1;
    });
    this.last = done.catch(() => {});
    return done;
  }

  async #one(cell) {
    const turn = this.turn;
    this.shown.begin(cell.key);
    const onoutput = (event) => this.shown.output(cell.key, event);
    const result = await this.kernel.run(cell.source, { name: cell.key, anew: true, onoutput });
    if (LOST.includes(result.error?.name)) {
      this.turn += 1; // what waits would only say the same
      this.forget();
      this.shown.end(cell.key, result);
      return result;
    }
    const whole = turn === this.turn && !result.stopped;
    if (whole) this.fresh.set(cell.key, cell.source);
    const done = whole ? result : { ...result, ok: false, stopped: true };
    this.shown.end(cell.key, done);
    return done;
  }
}
