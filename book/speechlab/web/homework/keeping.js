// What a reader has written, kept as it is typed; and which of several tabs may do so.
import { Store, Turn } from "./store.js";

const QUIET = 300; // ms after the last change until the text is kept
const LOST = {
  refused: "This browser does not let the page keep anything, as in some private windows: your text is gone "
    + "when you close the page. Download it before.",
  full: "This browser has no more room for what pages keep: what you write now is gone when you close the "
    + "page. Download it before, or make room.",
};

/** The record of one assignment and release.
 *
 * `page` tells what is to be kept (`texts()`, `histories(texts)`), and is told what happens: `kept()`,
 * `lost(sentence)` (nothing is kept from now on), `elsewhere()` (another tab writes now).
 */
export class Keeping {
  constructor(topic, release, page) {
    Object.assign(this, { topic, release, page, pending: false, trouble: null });
    this.store = new Store();
    this.turn = new Turn(`${topic} ${release}`, () => this.#lose());
    addEventListener("pagehide", () => this.now());
    document.addEventListener("visibilitychange", () => document.hidden && this.now());
    addEventListener("beforeunload", (event) => {
      if (this.trouble && this.pending) event.preventDefault();
    });
  }

  /** Whether this tab is the one that writes. */
  get writes() {
    return this.turn.writes;
  }

  /** Find out whether another tab writes, and get the record; `base` is the text of the release. */
  async begin(base) {
    await Promise.all([this.turn.ask(), this.load(base)]);
  }

  async load(base) {
    const { topic, release } = this;
    const kept = await this.#tries(() => this.store.load(topic, release));
    this.record = kept ?? {
      topic, release, revision: 0, base, texts: {}, kept: {}, passed: {}, changed: 0, downloaded: 0,
    };
  }

  /** Something was written: keep it soon. */
  soon() {
    this.record.changed = Date.now();
    this.pending = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), QUIET);
  }

  /** Keep what there is. */
  async now() {
    clearTimeout(this.timer);
    if (!this.pending || !this.writes || this.busy) return;
    [this.busy, this.pending] = [true, false];
    this.record.texts = this.page.texts();
    this.record.kept = this.page.histories(this.record.texts);
    const revision = await this.#tries(() => this.store.save(this.record));
    this.busy = false;
    if (revision === undefined) this.pending = true;
    else {
      this.record.revision = revision;
      this.trouble = null;
    }
    this.page.kept();
    if (this.pending && !this.trouble && this.writes) this.soon();
  }

  /** Be the tab that writes, after the one that did has kept its last words. */
  async take(base) {
    await this.turn.take();
    await this.load(base);
  }

  /** Records of other releases of the assignment. */
  async others() {
    return await this.#tries(() => this.store.others(this.topic, this.release)) ?? [];
  }

  async forget({ topic, release }) {
    await this.#tries(() => this.store.remove(topic, release));
  }

  async #tries(work) {
    try {
      return await work();
    } catch (error) {
      if (error.kind === "elsewhere") await this.#lose(false);
      else if (!LOST[error.kind]) throw error;
      else {
        if (this.trouble !== error.kind) this.page.lost(LOST[error.kind]);
        this.trouble = error.kind;
      }
      return undefined;
    }
  }

  /** Another tab writes from now on. What this one has not yet kept it keeps first, if it was asked. */
  async #lose(asked = true) {
    if (asked) await this.now();
    this.turn.leave();
    this.page.elsewhere();
  }
}
