"""Sounds, noises, rooms, wideband speech and music, each by its name.

What the cache holds is read from it, file by file; for what it lacks, and for all of them if
`SPEECHLAB_CORPUS=embedded`, a synthetic stand-in is made on the fly. An example says which it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

import numpy as np

from . import standins
from .cache import COLLECTIONS, DATA, EXAMPLES, KATHLEEN48, MUSIC, Collection, embedded_only

COMPOSERS = {
    "BachJS": "J. S. Bach",
    "BeethovenLv": "L. van Beethoven",
    "ChopinFF": "F. Chopin",
    "JoplinS": "S. Joplin",
    "MozartWA": "W. A. Mozart",
    "Traditional": "traditional",
}
RENDERED = "rendered from the score by FluidSynth with sampled instruments, not a performance"
NOTE = [("onset", "f8"), ("offset", "f8"), ("pitch", "i4")]
CHORD = [("start", "f8"), ("end", "f8"), ("root", "U2"), ("quality", "U3")]


@dataclass(frozen=True, eq=False)
class Example:
    """A sound, with what is known about it.

    `samples` has shape `(N,)`, float64 in [-1, 1]; it belongs to the caller, who may change it.
    """

    name: str
    kind: str
    samples: np.ndarray = field(repr=False)
    rate: int  # samples a second
    about: str  # what it is, as in "flute, one note"
    provenance: str  # for captions: what it is, by whom, and the licence; or that it is synthetic
    licence: str
    recorded: bool  # whether a microphone heard this performance
    standin: bool  # whether it was made on the fly in place of a file that is not in the cache
    text: str | None = None  # what is said
    style: str | None = None
    key: str | None = None  # as in "F# minor"
    bpm: float | None = None  # beats (of written music: quarter notes) a minute
    notes: np.ndarray | None = field(default=None, repr=False)  # onset and offset (s), MIDI pitch
    chords: np.ndarray | None = field(default=None, repr=False)  # start, end (s), root, quality

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Entry:
    """Where an example comes from, without its sound."""

    name: str
    kind: str
    collection: Collection
    file: str
    about: str = ""
    by: str = ""
    licence: str = ""


def examples(kind: str | None = None) -> tuple[str, ...]:
    """The names of the examples of a kind, or of all.

    The kinds are `note`, `phrase`, `rhythm`, `nature`, `speech`, `piece`, `noise`, `room` (impulse
    responses), `wideband` (speech at 48 kHz), `piano` (music with key and notes) and `chords`.

    Raises
    ------
    ValueError
        For a kind that there is not.
    """
    kinds = list(dict.fromkeys(entry.kind for entry in _entries().values()))
    if kind is not None and kind not in kinds:
        raise ValueError(f"There is no kind {kind!r}: there are {', '.join(kinds)}.")
    return tuple(name for name, entry in _entries().items() if kind in (None, entry.kind))


def example(name: str) -> Example:
    """The example of that name: from the cache, or a synthetic stand-in.

    Raises
    ------
    ValueError
        If there is no example of that name.
    CorpusError
        If its file is damaged in the cache.
    """
    if name not in _entries():
        raise ValueError(f"There is no example {name!r}: `examples()` lists those that there are.")
    entry = _entries()[name]
    found = _standin(entry) if _absent(entry) else _cached(entry)
    arrays = {part: getattr(found, part) for part in ("samples", "notes", "chords")}
    return replace(found, **{k: v.copy() for k, v in arrays.items() if v is not None})


def held() -> tuple[int, int]:
    """How many of the examples are not stand-ins on this machine, and how many there are."""
    there = {one.key: one.present() for one in EXAMPLES}
    if embedded_only():
        there = dict.fromkeys(there, ())
    entries = _entries().values()
    return sum(entry.file in there[entry.collection.key] for entry in entries), len(entries)


def _absent(entry: Entry) -> bool:
    return embedded_only() or not entry.collection.path(entry.file).is_file()


@lru_cache
def _entries() -> dict[str, Entry]:
    keys = {one.key: one for one in COLLECTIONS}
    with open(DATA / "examples.csv", encoding="utf-8", newline="") as file:
        rows = [row | {"collection": keys[row["collection"]]} for row in csv.DictReader(file)]
    entries = [Entry(**row) for row in rows]
    for file in sorted(MUSIC.registry):
        kind, name = file.split("/")
        if name.endswith(".ogg"):
            about = "piano piece" if kind == "piano" else "chord progression"
            entries.append(Entry(name.removesuffix(".ogg"), kind, MUSIC, file, about))
    return {entry.name: entry for entry in entries}


@lru_cache(maxsize=16)
def _standin(entry: Entry) -> Example:
    made = standins.make(entry.name, entry.kind)
    return Example(
        name=entry.name,
        kind=entry.kind,
        samples=made.samples,
        rate=made.rate,
        about=entry.about,
        provenance=f"synthetic ({made.how}), a stand-in for: {entry.about}",
        licence="CC BY 4.0, as the book",
        recorded=False,
        standin=True,
        text=made.text,
        key=made.key,
        bpm=made.bpm,
        notes=_array(made.notes, NOTE),
        chords=_array(made.chords, CHORD),
    )


@lru_cache(maxsize=16)
def _cached(entry: Entry) -> Example:
    samples, rate = entry.collection.sound(entry.file)
    known = {
        "name": entry.name,
        "kind": entry.kind,
        "samples": samples,
        "rate": rate,
        "standin": False,
    }
    if entry.collection is MUSIC:
        return Example(**known, **_music(entry))
    text = None
    if entry.collection is KATHLEEN48:
        rows = table_rows(KATHLEEN48, "kathleen/metadata.tsv")
        text = next(row["text"] for row in rows if entry.name == f"kathleen-{row['utt']}")
    return Example(
        **known,
        about=entry.about,
        provenance=f"{entry.about} ({entry.by}, {entry.licence})",
        licence=entry.licence,
        recorded=True,
        text=text,
        bpm=90.0 if entry.name == "trumpet" else None,  # from the label of the recording
    )


def _music(entry: Entry) -> dict:
    """What the tables beside a piece of music say of it."""
    row = next(r for r in table_rows(MUSIC, f"{entry.kind}/index.tsv") if r["clip"] == entry.name)
    table = table_rows(MUSIC, entry.file.removesuffix("ogg") + "tsv")
    known = {"key": f"{row['key']} {row['mode']}", "recorded": False}
    if entry.kind == "chords":
        about = f"chords, {row['instrument']}"
        return known | {
            "about": about,
            "provenance": f"{about}, {RENDERED}",
            "licence": "CC0 1.0",
            "bpm": float(row["bpm"]),
            "chords": _array(([r[f] for f, _ in CHORD] for r in table), CHORD),
        }
    notes = _array(([r[f] for f, _ in NOTE] for r in table), NOTE)
    about = f"{COMPOSERS[row['composer']]}, {row['title']}"
    speed = float(row["quarter_bpm"])
    return known | {
        "about": about,
        "provenance": f"{about}, piano, {RENDERED}",
        "licence": "public domain",
        "style": row["style"],
        "bpm": speed if np.isfinite(speed) else None,
        "notes": notes[notes["onset"] < notes["offset"]],  # the cut at 20 s left some no length
    }


@cache
def table_rows(collection: Collection, file: str) -> list[dict[str, str]]:
    """The rows of a table of tab-separated values that the cache holds."""
    text = collection.read(file).decode("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def _array(rows: Iterable | None, dtype: list) -> np.ndarray | None:
    return None if rows is None else np.array([tuple(row) for row in rows], dtype=dtype)
