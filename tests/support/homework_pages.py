"""A small site with two assignment pages, a stand-in for Python in it, and a student's hands."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.building import MYST_HEAD, ROOT, jupyter_book, new_course

AXE = ROOT / "book" / "vendor" / "axe" / "axe.min.js"
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
      await (globalThis.loading ?? new Promise((resolve) => setTimeout(resolve, 50)));
      this.up = true;
    }
    this.onstate({ phase: "running" });
    this.runs.push(name);
    const ended = new Promise((resolve) => { this.end = resolve; });
    if (code.includes("while True") || rule.forever) {
      await ended;
      return { ok: false, stopped: true, seconds: 1, error: null };
    }
    for (const output of rule.outputs ?? []) onoutput(output);
    this.onstate({ phase: "ready" });
    return { ok: !rule.error, stopped: false, seconds: 0.2, error: rule.error ?? null };
  }
  async reset() { this.runs.push("reset"); }
  async members(path) { return this.up ? globalThis.known?.[path] ?? [] : []; }
  stop() {
    this.up = false;
    this.onstate({ phase: "stopped" });
    this.end?.();
  }
}
"""
# Keeps no copy of the pages.
OFFLINE = 'export const offline = { control: () => document.createElement("p"), save() {} };'


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
    (place / "offline.js").write_text(OFFLINE)


@dataclass
class Desk:
    """A browser with the pages: its tabs share what they keep."""

    context: Any
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, topic: str = "lpc") -> Any:
        """A tab with the assignment, once it can be written."""
        page = self.context.new_page()
        note = self.complaints.append
        page.on("pageerror", lambda error: note(f"uncaught: {error}"))
        page.on("console", lambda m: note(f"console: {m.text}") if m.type == "error" else None)
        inside = (self.address, "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(inside) else note(r.url))
        page.goto(f"{self.address}homework/{topic}.html")
        page.locator(".homework[data-ready]").wait_for()
        return page


@contextlib.contextmanager
def opened(browser: Any, place: str, **how: Any) -> Iterator[Desk]:
    """A fresh browser, in which nothing is kept yet."""
    context = browser.new_context(accept_downloads=True, **how)
    # Formulas have tests of their own, and are most of the work of opening a page.
    context.route("**/mathjax/**", lambda route: route.fulfill(body=""))
    yield Desk(context, place)
    context.close()


def editor(page: Any, name: str) -> Any:
    """The editor of a function."""
    return page.get_by_role("textbox", name=f"Your function {name}")


def text(page: Any, name: str) -> str:
    """All that an editor holds: those lines, too, that are out of sight and not drawn."""
    return page.locator(f"#cell-{name} .cm-editor").evaluate("""async (editor) => {
      const vendor = new URL("../_static/vendor/codemirror/codemirror.js", location.href);
      const { EditorView } = await import(vendor.href);
      return EditorView.findFromDOM(editor).state.doc.toString();
    }""")


def run(page: Any, name: str) -> None:
    """Press Run below a function."""
    page.get_by_role("button", name=f"Run the function {name}").click()


def verdict(page: Any, name: str) -> Any:
    """What the check of a function says."""
    return page.locator(f"#cell-{name} .homework-verdict")


def downloaded(page: Any, topic: str = "lpc") -> bytes:
    """The notebook that the page hands out."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download {topic}.ipynb").click()
    assert waiting.value.suggested_filename == f"{topic}.ipynb"
    return Path(waiting.value.path()).read_bytes()


def grave(page: Any, options: str = "", where: str = "document") -> list[str]:
    """What keeps people from using a page, or the part of it that a selector finds."""
    page.evaluate(AXE.read_text("utf-8"))  # the page lets no script in
    run = f"async () => (await axe.run({where}, {{ preload: false, {options} }})).violations"
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]}"
        for rule in page.evaluate(run)
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
        or rule["id"] in ("region", "label-content-name-mismatch")
    ]
