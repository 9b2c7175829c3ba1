// What a reader has written, kept in this browser (IndexedDB): one record an assignment and release.

/** Nothing can be kept; `kind` is "refused", "full" or "elsewhere" (another tab has written). */
export class StoreError extends Error {
  constructor(kind, cause) {
    super(kind, { cause });
    this.kind = kind;
  }
}

const NAME = "speechlab-homework";
const TABLE = "assignments";

/** The records of this site. `factory` is the browser's IndexedDB. */
export class Store {
  constructor(factory = globalThis.indexedDB) {
    this.factory = factory;
  }

  /** The record of an assignment in a release, or null. */
  async load(topic, release) {
    return await this.#do("readonly", (table) => table.get(`${topic} ${release}`)) ?? null;
  }

  /** Records of the same assignment in other releases. */
  async others(topic, release) {
    const all = await this.#do("readonly", (table) => table.getAll());
    return all.filter((one) => one.topic === topic && one.release !== release);
  }

  /** Keep a record; it has the fields `topic` and `release`, and gets a new `revision`.
   *
   * Where the one that is kept is not the one that this record was made from, another tab has written
   * in the meantime: nothing is overwritten, and the error is "elsewhere". Returns the new revision.
   */
  async save(record) {
    const id = `${record.topic} ${record.release}`;
    const revision = record.revision + 1;
    await this.#do("readwrite", (table, fail) => {
      const asked = table.get(id);
      asked.onsuccess = () => {
        if ((asked.result?.revision ?? 0) !== record.revision) {
          fail(new StoreError("elsewhere"));
          return;
        }
        try {
          table.put({ ...record, id, revision });
        } catch (error) {
          fail(blame(error));
        }
      };
      return asked;
    });
    return revision;
  }

  /** Forget a record. */
  async remove(topic, release) {
    await this.#do("readwrite", (table) => table.delete(`${topic} ${release}`));
  }

  async #do(mode, work) {
    const base = await this.#open();
    return new Promise((resolve, reject) => {
      let reason = null;
      let asked = null;
      const failed = (error) => reject(reason ?? blame(error));
      try {
        const transaction = base.transaction(TABLE, mode);
        asked = work(transaction.objectStore(TABLE), (error) => {
          reason = error;
          transaction.abort();
        });
        transaction.oncomplete = () => resolve(asked.result);
        transaction.onabort = () => failed(transaction.error);
        transaction.onerror = () => failed(transaction.error);
      } catch (error) {
        failed(error);
      }
    });
  }

  #open() {
    this.opening ??= new Promise((resolve, reject) => {
      try {
        const asked = this.factory.open(NAME, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: "id" });
        asked.onsuccess = () => {
          asked.result.onversionchange = () => asked.result.close();
          resolve(asked.result);
        };
        asked.onerror = () => reject(blame(asked.error));
        asked.onblocked = () => reject(new StoreError("refused"));
      } catch (error) {
        reject(blame(error)); // private windows of some browsers, and pages from a file
      }
    });
    return this.opening;
  }
}

function blame(error) {
  return new StoreError(error?.name === "QuotaExceededError" ? "full" : "refused", error);
}

const WAIT = 200; // ms in which an open tab answers
const HANDOVER = 1500; // ms in which it keeps what it has, and says so

/** Which of the tabs with one assignment may write it: the first, until another one is told to.
 *
 * `onlost` is called when another tab takes over, and done when that may begin. `writes` says whether
 * this tab may write.
 */
export class Turn {
  constructor(name, onlost) {
    this.name = Math.random().toString(36).slice(2);
    this.writes = false;
    this.onlost = onlost;
    if (!globalThis.BroadcastChannel) return;
    this.channel = new BroadcastChannel(`speechlab-homework ${name}`);
    this.channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** Whether this tab is the one that writes. */
  async ask() {
    this.asking = true;
    this.other = false;
    this.channel?.postMessage({ says: "asks", name: this.name });
    if (this.channel) await new Promise((resolve) => setTimeout(resolve, WAIT));
    this.asking = false;
    this.writes = !this.other;
    return this.writes;
  }

  /** Take over from whichever tab writes, once it has kept its last words. */
  async take() {
    if (this.channel) {
      this.channel.postMessage({ says: "takes", name: this.name });
      await new Promise((resolve) => {
        this.given = resolve;
        setTimeout(resolve, HANDOVER);
      });
    }
    this.writes = true;
  }

  /** Let another tab write. */
  leave() {
    this.writes = false;
  }

  async #hear({ says, name }) {
    // Of two tabs that ask at the same time, the one with the smaller name is the first.
    if (says === "asks" && this.asking && name < this.name) this.other = true;
    else if (says === "asks" && (this.writes || this.asking)) {
      this.channel.postMessage({ says: "writes", name: this.name });
    }
    if (says === "writes" && this.asking) this.other = true;
    if (says === "gives") this.given?.();
    if (says === "takes" && this.writes) {
      await this.onlost();
      this.channel.postMessage({ says: "gives", name: this.name });
    }
  }
}
