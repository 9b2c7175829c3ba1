"""Trains again in a copy of the project, and compares with the cards that ship.

Weights, cards, tables and checkpoints of the training stay in the copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from training.common import ROOT

CARDS = Path("book", "speechlab", "data", "models")
PARTS = ("training", "book/speechlab")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "vendor")


def cards(root: Path, name: str) -> dict[str, dict]:
    """The cards below a project's root that the script of this name writes."""
    found = {
        page.stem: json.loads(page.read_text(encoding="utf-8"))
        for page in sorted((root / CARDS).glob("*.json"))
    }
    return {stem: card for stem, card in found.items() if card["command"].split()[3] == name}


def compared(old: dict, new: dict) -> str:
    """What is said of a card and the one of a training from nothing."""
    off = abs(new["value"] - old["value"])
    return (
        f"{old['system']}: {old['metric']} {new['value']:.4g}, and {old['value']:.4g} on the card; "
        f"{off:.2g} apart, {'within' if fits(old, new) else 'beyond'} its tolerance of "
        f"{old['tolerance']:.4g}"
    )


def fits(old: dict, new: dict) -> bool:
    """Whether the figure of a training from nothing is within the tolerance of the card."""
    return abs(new["value"] - old["value"]) <= old["tolerance"]


def check(name: str, seed: int | None = None) -> bool:
    """Train from nothing in a copy, say how close it came; whether that is within tolerance."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in PARTS:
            shutil.copytree(ROOT / part, copy / part, ignore=LEFT_OUT)
        command = [sys.executable, "-m", "training", name, "--fresh"]
        command += [] if seed is None else ["--seed", str(seed)]
        path = os.pathsep.join(str(copy / part) for part in ("", "book"))
        before = cards(copy, name)
        done = subprocess.run(command, cwd=copy, env=os.environ | {"PYTHONPATH": path})
        after = cards(copy, name)
    if after == before and done.returncode:
        raise SystemExit(f"the training of {name} did not come to its end")
    for stem, old in before.items():
        print(compared(old, after[stem]), flush=True)
    return all(fits(old, after[stem]) for stem, old in before.items())
