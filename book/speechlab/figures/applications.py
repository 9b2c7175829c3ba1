"""The twelve applications in one table, as measured on recordings when it was made.

`python -m speechlab.figures.applications` measures them all, which takes a quarter of an hour on
one core, and writes the table, `data/applications.json`; `stored()` reads it. It is only written
where the cache holds all of the recordings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from tqdm.auto import tqdm

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import (
    Figure,
    diarization,
    emotion,
    enhancement,
    fingerprints,
    piano_notes,
    piano_style,
    separation,
    speakers,
    speech_activity,
    sung_notes,
    text_alignment,
)

TABLE = DATA / "applications.json"

APPLICATIONS: dict[str, Callable[[], list[Figure]]] = {
    "Voice activity": speech_activity.figures,
    "Speaker identification": lambda: [speakers.identification()],
    "Speaker verification": lambda: [speakers.verification()],
    "Diarization": diarization.figures,
    "Emotion": emotion.figures,
    "Enhancement": enhancement.figures,
    "Separation": separation.figures,
    "Piano notes": piano_notes.figures,
    "Piano style": piano_style.figures,
    "Fingerprints": fingerprints.figures,
    "Alignment": text_alignment.figures,
    "Sung notes": sung_notes.figures,
}


def measure_all() -> dict[str, list[Figure]]:
    """All of them, measured now on what the cache holds or on stand-ins."""
    return {name: measure() for name, measure in tqdm(APPLICATIONS.items(), disable=None)}


def stored() -> dict[str, list[Figure]]:
    """What was measured on recordings when the table was made, by application."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return {name: [Figure(**one) for one in rows] for name, rows in found.items()}


def store(found: dict[str, list[Figure]]) -> None:
    """Write the table."""
    rows = {name: [asdict(one) for one in measured] for name, measured in found.items()}
    TABLE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def columns(found: dict[str, list[Figure]]) -> dict[str, list[str]]:
    """A table for `speechlab.table`: what, how well with its interval, and the baseline."""
    every = [one for measured in found.values() for one in measured]
    return {
        "System": [one.system for one in every],
        "Measure": [one.metric for one in every],
        "Value [95 % interval]": [
            f"{said(one, one.value)} [{said(one, one.low)}, {said(one, one.high)}]" for one in every
        ],
        "Baseline": [f"{one.baseline}: {said(one, one.baseline_value)}" for one in every],
        "Items": [f"{one.count}, {one.corpus}" for one in every],
    }


def said(figure: Figure, number: float) -> str:
    """A number of a figure with its unit."""
    return f"{100 * number:.1f} %" if figure.unit == "%" else f"{number:.1f} {figure.unit}".strip()


def lacking() -> list[str]:
    """What the cache lacks of the recordings that the table is measured on."""
    sets = [key for key in corpora.collections() if not corpora.held_collection(key)]
    names = [n for kind in ("piano", "noise", "room") for n in corpora.examples(kind)]
    return sets + [name for name in names if corpora.example(name).standin]


def main() -> int:
    """Measure all and write the table; 1 if there are no recordings to measure on."""
    missing = lacking()
    if missing:
        print(f"The cache lacks {', '.join(missing[:5])}: nothing is measured.", file=sys.stderr)
        return 1
    store(measure_all())
    return 0


if __name__ == "__main__":
    sys.exit(main())
