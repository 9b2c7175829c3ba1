"""Collections of recordings with what is known of each: who speaks, what, when, in which split.

`collection("emodb4")` gives them all. A collection is read from the cache if all of its files are
there; else, and always if `SPEECHLAB_CORPUS=embedded`, small synthetic stand-ins of the same shape
serve, which say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from . import made
from .cache import (
    AMI,
    EMODB,
    ESC10,
    KATHLEEN,
    LIBRISPEECH10,
    LIBRISPEECH251,
    SINGING,
    STEMS,
    Collection,
    embedded_only,
)
from .catalogue import RENDERED, table_rows
from .made import NOTE, PITCH, TURN, WORD, Made

SPLITS = {"trn": "train", "dev": "dev", "tst": "test"}


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording of a collection. Its sound is read when `samples` is asked for, and not kept.

    `tables` holds structured arrays: `words` (word, start, end), `turns` (speaker, start, end),
    `notes` (onset, offset, pitch as a MIDI number with fractions), `f0` (time, f0); seconds and
    hertz. `parts` are the stems of a piece of music; `samples` is then their sum.
    """

    name: str
    rate: int  # samples a second
    seconds: float
    split: str  # "train", "dev" or "test", or the fold
    labels: dict[str, str]  # what else is known: emotion, sex, label of the class ...
    about: str  # as in "Emo-DB, speaker 03, anger"
    provenance: str  # for captions: what it is, by whom, and the licence; or that it is synthetic
    licence: str
    load: Callable[[], np.ndarray] = field(repr=False)
    speaker: str = ""
    text: str = ""
    tables: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    parts: tuple[Recording, ...] = field(default=(), repr=False)
    recorded: bool = True  # whether a microphone heard this
    standin: bool = False  # whether it was made in place of a collection that is not in the cache

    @property
    def samples(self) -> np.ndarray:
        """Shape `(N,)`, float64 in [-1, 1]; read, checked and the caller's own at each access."""
        return self.load()


def collections() -> tuple[str, ...]:
    """The names that `collection` knows."""
    return tuple(READERS)


def collection(key: str) -> tuple[Recording, ...]:
    """All recordings of a collection, or its stand-ins.

    Parameters
    ----------
    key : one of `collections()`
        `kathleen` (one reader: text, split, word times by a machine), `librispeech10` (ten
        readers: text), `librispeech251` (251 readers, once each), `esc10` (everyday sounds:
        class, fold), `emodb4` (ten actors: emotion; the split is the speaker), `ami_meetings`
        (who spoke when), `stems` (mixtures and their parts), `singing` (notes, pitch, words).

    Raises
    ------
    ValueError
        If there is no collection of that name.
    CorpusError
        If a file is damaged in the cache (for sounds: when `samples` is asked for).
    """
    _known(key)
    return _real(key) if held_collection(key) else _standins(key)


def held_collection(key: str) -> bool:
    """Whether `collection(key)` reads files of the cache; else it makes stand-ins.

    Raises
    ------
    ValueError
        If there is no collection of that name.
    """
    _known(key)
    return not embedded_only() and READERS[key][0].complete()


def _known(key: str) -> None:
    if key not in READERS:
        known = ", ".join(READERS)
        raise ValueError(f"There is no collection {key!r}: there are {known}.")


def _samples(collection: Collection, file: str) -> np.ndarray:
    return collection.sound(file)[0]


def _sum(parts: Iterable[Recording]) -> np.ndarray:
    return np.sum([part.samples for part in parts], axis=0)


def _recording(
    collection: Collection, file: str, about: str, by: str, licence: str, **known
) -> Recording:
    """A recording of a file; what is known of it may say more than the defaults here."""
    usual = {
        "name": file.rpartition("/")[2].rpartition(".")[0],
        "rate": 16000,
        "split": "",
        "labels": {},
        "load": partial(_samples, collection, file),
        "provenance": f"{about} ({by}, {licence})",
    }
    return Recording(about=about, licence=licence, **usual | known)


def _labels(row: dict[str, str], *names: str) -> dict[str, str]:
    return {name: row[name] for name in names}


def _table(rows: Iterable[Iterable], dtype: list) -> np.ndarray:
    return np.array([tuple(row) for row in rows], dtype=dtype)


def _kathleen() -> Iterable[Recording]:
    words: dict[str, list] = {}
    for row in table_rows(KATHLEEN, "kathleen/words.tsv"):
        words.setdefault(row["utt"], []).append([row[name] for name, _ in WORD])
    for row in table_rows(KATHLEEN, "kathleen/metadata.tsv"):
        known = words.get(row["utt"])
        yield _recording(
            KATHLEEN,
            f"flac/{row['utt']}.flac",
            "Kathleen, a woman reading",
            "the Kathleen data set of Rhasspy",
            "CC0 1.0",
            seconds=float(row["seconds"]),
            split=row["split"],
            speaker="kathleen",
            text=row["text"],
            tables={"words": _table(known, WORD)} if known else {},
        )


def _reader(collection: Collection, row: dict[str, str], folder: str, ending: str) -> Recording:
    return _recording(
        collection,
        f"{folder}/{row['utt']}.{ending}",
        f"reader {row['speaker']}",
        f"{row['reader']} in LibriSpeech, V. Panayotov et al., 2015",
        "CC BY 4.0",
        seconds=float(row["seconds"]),
        split="test" if collection is LIBRISPEECH10 else "train",
        speaker=row["speaker"],
        text=row.get("transcript", ""),
        labels=_labels(row, "sex", "reader"),
    )


def _librispeech10() -> Iterable[Recording]:
    rows = table_rows(LIBRISPEECH10, "librispeech10/manifest.tsv")
    return (_reader(LIBRISPEECH10, row, "wav", "wav") for row in rows)


def _librispeech251() -> Iterable[Recording]:
    rows = table_rows(LIBRISPEECH251, "librispeech251/manifest.tsv")
    return (_reader(LIBRISPEECH251, row, "flac", "flac") for row in rows)


def _esc10() -> Iterable[Recording]:
    for row in table_rows(ESC10, "esc10/metadata.tsv"):
        licence = {"CC0": "CC0 1.0", "CC-BY": "CC BY 3.0"}[row["licence"]]
        yield _recording(
            ESC10,
            f"ogg/{row['file']}",
            row["label"].replace("_", " "),
            f"{row['author']}, “{row['title']}”, in ESC-10",
            licence,
            seconds=float(row["seconds"]),
            split=row["fold"],
            labels=_labels(row, "label", "author", "title", "url"),
        )


def _emodb4() -> Iterable[Recording]:
    for row in table_rows(EMODB, "emodb4/metadata.tsv"):
        yield _recording(
            EMODB,
            f"flac/{row['utt']}.flac",
            f"speaker {row['speaker']}, {row['emotion']}, acted",
            "Emo-DB, F. Burkhardt et al., 2005",
            "CC0 1.0",
            seconds=float(row["seconds"]),
            split=row["speaker"],
            speaker=row["speaker"],
            text=row["text"],
            labels=_labels(row, "emotion", "sex", "age", "sentence"),
        )


def _ami() -> Iterable[Recording]:
    turns: dict[str, list] = {}
    for line in AMI.read("ami_meetings/reference.rttm").decode("utf-8").splitlines():
        _, name, _, onset, duration, _, _, speaker, *_ = line.split()
        start = float(onset)
        turns.setdefault(name, []).append((speaker, start, start + float(duration)))
    for file in sorted(file for file in AMI.registry if file.endswith(".flac")):
        name = file.removeprefix("ami_meetings/").removesuffix(".flac")
        yield _recording(
            AMI,
            file,
            f"half a minute of a meeting, {name}",
            "AMI Meeting Corpus, J. Carletta et al., 2005",
            "CC BY 4.0",
            seconds=30.0,
            split=SPLITS[name[:3]],
            tables={"turns": _table(turns.get(name, []), TURN)},
        )


def _stems() -> Iterable[Recording]:
    files = sorted(file for file in STEMS.registry if file.endswith(".flac"))
    for row in table_rows(STEMS, "stems/index.tsv"):
        band = row["piece"].startswith("band")
        licence = "CC0 1.0" if band else "public domain"
        what = "a drill for four instruments" if band else row["progression_or_title"]
        known = {"seconds": float(row["seconds"]), "recorded": False}
        parts = [
            _recording(
                STEMS,
                file,
                f"{stem}, {what}",
                "",
                licence,
                provenance=f"{stem}, {what}, {RENDERED}",
                labels={"stem": stem},
                **known,
            )
            for file in files
            for piece, _, stem in [file.removeprefix("stems/").removesuffix(".flac").partition("_")]
            if piece == row["piece"]
        ]
        yield Recording(
            row["piece"],
            rate=16000,
            split="",
            labels=_labels(row, "key", "mode", "bpm", "lead"),
            about=f"{row['piece']}: {what}",
            provenance=f"{what}, {RENDERED}",
            licence=licence,
            load=partial(_sum, parts),
            parts=tuple(parts),
            **known,
        )


def _singing() -> Iterable[Recording]:
    for row in table_rows(SINGING, "singing/manifest.tsv"):
        song = row["file"].startswith("fantasma")
        by = (
            "JamendoLyrics, S. Durand et al., 2023" if song else "vocadito, R. Bittner et al., 2021"
        )
        yield _recording(
            SINGING,
            f"singing/{row['file']}",
            row["what"],
            by,
            row["licence"],
            rate=int(row["rate"]),
            seconds=float(row["seconds"]),
            **_sung(row["file"].rpartition(".")[0]),
        )


def _sung(name: str) -> dict:
    """The annotations of a song, as far as there are any."""
    if name == "fantasma":
        rows = table_rows(SINGING, "singing/fantasma_words.tsv")
        words = _table(([row[name] for name, _ in WORD] for row in rows), WORD)
        return {"tables": {"words": words}, "text": " ".join(words["word"])}
    if name != "vocadito_1":
        return {}
    tables = {
        key: _table(map(_note, table_rows(SINGING, f"singing/vocadito_1_notes_{by}.tsv")), NOTE)
        for key, by in (("notes", "A1"), ("notes2", "A2"))
    }
    pitch = table_rows(SINGING, "singing/vocadito_1_f0.tsv")
    tables["f0"] = _table(([row[name] for name, _ in PITCH] for row in pitch), PITCH)
    text = SINGING.read("singing/vocadito_1_lyrics.txt").decode("utf-8")
    return {"tables": tables, "text": " ".join(text.split())}


def _note(row: dict[str, str]) -> tuple[float, float, float]:
    onset, f0, duration = (float(row[name]) for name in ("onset", "f0", "duration"))
    return onset, onset + duration, 69 + 12 * np.log2(f0 / 440)


READERS: dict[str, tuple[Collection, Callable[[], Iterable[Recording]]]] = {
    "kathleen": (KATHLEEN, _kathleen),
    "librispeech10": (LIBRISPEECH10, _librispeech10),
    "librispeech251": (LIBRISPEECH251, _librispeech251),
    "esc10": (ESC10, _esc10),
    "emodb4": (EMODB, _emodb4),
    "ami_meetings": (AMI, _ami),
    "stems": (STEMS, _stems),
    "singing": (SINGING, _singing),
}


@cache
def _real(key: str) -> tuple[Recording, ...]:
    return tuple(READERS[key][1]())


@cache
def _standins(key: str) -> tuple[Recording, ...]:
    return tuple(_standin(one) for one in made.MAKERS[key]())


def _standin(one: Made) -> Recording:
    parts = tuple(_standin(part) for part in one.parts)
    return Recording(
        name=one.name,
        rate=one.rate,
        seconds=len(one.samples) / one.rate,
        split=one.split,
        labels=one.labels,
        about=one.about,
        provenance=f"synthetic: {one.about}",
        licence="CC BY 4.0, as the book",
        load=one.samples.copy,
        speaker=one.speaker,
        text=one.text,
        tables=one.tables,
        parts=parts,
        recorded=False,
        standin=True,
    )
