"""All vocoders in one table by every measure, on recordings, as it was when the table was made.

`python -m speechlab.figures.vocoders` measures them, which takes three minutes on one core and
needs `pip install -e '.[measure]'`, and writes the table, `data/vocoders.json`; `stored()` reads
it, on any machine. It is only written where the recordings, PESQ and STOI are there. With the table
stands which weights were measured, so that a test can tell when there are others.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from functools import cache

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, hifigan, resynthesis, waveglow, wavenet
from speechlab.figures.listening import (
    LOWER,
    UNITS,
    Vocoder,
    griffin_lim,
    installed,
    scores,
    test_clips,
)
from speechlab.systems import MODELS
from speechlab.systems._shared.vocoding import at_peak

TABLE = DATA / "vocoders.json"
NEEDED = ("PESQ", "STOI")
MEASURES = tuple(UNITS)
STRONG = "Griffin-Lim, 60 iterations"
VOICES = {"known": False, "new": True}
WEIGHTS = ("hifigan", "hubert", "resynthesis", "waveglow", "wavenet")


@cache
def _by_wavenet(stranger: bool) -> Vocoder:
    """All clips at once, since side by side they take little longer than one."""
    return wavenet.vocoder(test_clips(stranger))


def ways(stranger: bool) -> dict[str, Vocoder]:
    """What is compared, by name; speech from units knows no new voice."""
    found = {
        "the recordings": lambda clip: at_peak(clip.samples, clip.rate),
        STRONG: griffin_lim,
        "Griffin-Lim, 5 iterations": lambda clip: griffin_lim(clip, 5),
        "HiFi-GAN, spectra alone": hifigan.vocoder("reconstruction"),
        "HiFi-GAN": hifigan.vocoder(),
        "WaveGlow": waveglow.vocoder,
        "WaveNet": lambda clip: _by_wavenet(stranger)(clip),
    }
    if stranger:
        return found
    return found | {
        "units and pitch": resynthesis.through,
        "Griffin-Lim of the units' mean frames": resynthesis.centres,
    }


def measure(stranger: bool) -> list[Figure]:
    """Every measure of each way, beside the strong baseline."""
    clips, corpus = test_clips(stranger), corpora.name()
    found = {
        name: scores(clips, [way(clip) for clip in clips]) for name, way in ways(stranger).items()
    }
    return [
        Figure.of(
            name,
            measure,
            of_all[measure],
            STRONG,
            found[STRONG][measure],
            corpus,
            unit=UNITS[measure],
            better="lower" if measure in LOWER else "higher",
        )
        for name, of_all in found.items()
        for measure in MEASURES
    ]


def stored() -> dict[str, list[Figure]]:
    """What was measured on recordings when the table was made: voices "known", and one "new"."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return {name: [Figure(**one) for one in found[name]] for name in VOICES}


def stored_units() -> list[Figure]:
    """What was measured of speech from units besides: its pitch, and a voice it never learned."""
    return [Figure(**one) for one in json.loads(TABLE.read_text(encoding="utf-8"))["units"]]


def measured_weights() -> dict[str, str]:
    """Of which weights the table tells: the beginnings of the files' SHA-256."""
    return json.loads(TABLE.read_text(encoding="utf-8"))["weights"]


def shipped_weights() -> dict[str, str]:
    """The same of the files that are here."""
    files = {name: (MODELS / f"{name}.npz").read_bytes() for name in WEIGHTS}
    return {name: hashlib.sha256(data).hexdigest()[:16] for name, data in files.items()}


def columns() -> dict[str, list[str]]:
    """The stored table for `speechlab.table`: a row each way, a dash for what was not measured."""
    cells = {
        (one.system, f"{one.metric}, voice {voice}"): said(one)
        for voice, rows in stored().items()
        for one in rows
    }
    names, heads = (dict.fromkeys(part) for part in zip(*cells))
    return {"Made by": list(names)} | {
        head: [cells.get((name, head), "–") for name in names] for head in heads
    }


def said(figure: Figure) -> str:
    """A figure with its interval, shares in per cent."""
    found = figure.value, figure.low, figure.high
    value, low, high = (f"{100 * x:.0f}" if figure.unit == "%" else f"{x:.2f}" for x in found)
    return f"{value} [{low}, {high}]"


def main() -> int:
    """Measure and write the table; 1 if there are no recordings, or no measures."""
    lacking = [name for name in NEEDED if name not in installed()]
    if lacking or not corpora.recorded():
        what = " and ".join(lacking) or "the recordings"
        print(f"{what} not there: nothing is measured.", file=sys.stderr)
        return 1
    found = {voice: measure(stranger) for voice, stranger in VOICES.items()}
    rows = {voice: [asdict(one) for one in measured] for voice, measured in found.items()}
    units = resynthesis.own_figures()
    rows = {"weights": shipped_weights()} | rows | {"units": [asdict(one) for one in units]}
    TABLE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for one in [*(one for measured in found.values() for one in measured), *units]:
        print(one)
    return 0


if __name__ == "__main__":
    sys.exit(main())
