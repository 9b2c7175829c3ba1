"""A small site with two assignment pages, and a stand-in for Python in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import yaml

from tests.support.building import MYST_HEAD, ROOT, jupyter_book, new_course

TOPICS = ("lpc", "hmm")
EVERY = sorted(path.parent.name for path in (ROOT / "exercises").glob("*/*.ipynb"))
REPOSITORY = {"url": "https://github.com/ada/speech/", "branch": "spring/26", "path_to_book": "."}
OFFER = "Download {{download}}`{0}.ipynb <../exercises/{0}/{0}.ipynb>` and open it in Jupyter."
# Runs nothing: answers as the page's `rules` say, and stops at "while True" until it is stopped.
KERNEL = """
export const lacking = () => globalThis.WebAssembly ? null : "This browser cannot run Python.";
export const available = async () => globalThis.none ?? { pyodide: "0" };
export class Kernel {
  constructor({ onstate }) {
    Object.assign(this, { onstate, runs: [], up: false });
    globalThis.kernel = this;
  }
  async run(code, { name, onoutput }) {
    const rule = (globalThis.rules ?? {})[name] ?? {};
    if (!this.up) {
      this.onstate({ phase: "loading", loaded: 5e6, total: 16.8e6, what: "NumPy" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      this.up = true;
    }
    this.onstate({ phase: "running" });
    this.runs.push(name);
    const ended = new Promise((resolve) => { this.end = resolve; });
    if (code.includes("while True")) {
      await ended;
      return { ok: false, stopped: true, seconds: 1, error: null };
    }
    for (const output of rule.outputs ?? []) onoutput(output);
    this.onstate({ phase: "ready" });
    return { ok: !rule.error, stopped: false, seconds: 0.2, error: rule.error ?? null };
  }
  async reset() { this.runs.push("reset"); }
  stop() {
    this.up = false;
    this.onstate({ phase: "stopped" });
    this.end?.();
  }
}
"""


def released(topic: str) -> dict[str, Any]:
    """The released notebook of a topic."""
    return json.loads((ROOT / "exercises" / topic / f"{topic}.ipynb").read_text("utf-8"))


def small_site(folder: Path, **config: Any) -> Path:
    """Build a book of three pages with two assignments; returns the folder of the site.

    `config` are further entries of `_config.yml`.
    """
    shutil.copy(ROOT / "requirements.txt", folder)
    for topic in TOPICS:
        shutil.copytree(ROOT / "exercises" / topic, folder / "exercises" / topic)
    chapters = {topic: f"\n# About {topic}\n\n{OFFER.format(topic)}\n" for topic in TOPICS}
    pages = {"index": "\n# A book\n\nText.\n", **chapters}
    new_course(folder, **{name: MYST_HEAD + text for name, text in pages.items()})
    said = yaml.safe_load((folder / "_config.yml").read_text("utf-8")) | config
    said["execute"] = {"execute_notebooks": "off"}
    (folder / "_config.yml").write_text(yaml.safe_dump(said))
    done = jupyter_book("build", folder, "-W")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html"


def without_python(site: Path) -> None:
    """Put the stand-in where the site has Python."""
    place = site / "_static" / "speechlab" / "python"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernel.js").write_text(KERNEL)
