"""PESQ and STOI of all vocoders in one table, as measured on recordings when it was made.

`python -m speechlab.figures.vocoders` measures them, which takes two minutes on one core and needs
`pip install -e '.[measure]'`, and writes the table, `data/vocoders.json`; `stored()` reads it, on
any machine. It is only written where the recordings and both measures are there.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, hifigan, resynthesis, waveglow
from speechlab.figures.listening import Vocoder, griffin_lim, installed, scores, test_clips

TABLE = DATA / "vocoders.json"
MEASURES = ("PESQ", "STOI")
STRONG = "Griffin-Lim, 60 iterations"
VOICES = {"known": False, "new": True}


def ways(stranger: bool) -> dict[str, Vocoder]:
    """What is compared, by name; speech from units knows no new voice."""
    found = {
        STRONG: griffin_lim,
        "Griffin-Lim, 5 iterations": lambda clip: griffin_lim(clip, 5),
        "HiFi-GAN, spectra alone": hifigan.vocoder("reconstruction"),
        "HiFi-GAN": hifigan.vocoder(),
        "WaveGlow": waveglow.vocoder,
    }
    if stranger:
        return found
    return found | {
        "units and pitch": resynthesis.through,
        "Griffin-Lim of the units' mean frames": resynthesis.centres,
    }


def measure(stranger: bool) -> list[Figure]:
    """Both measures of each way, beside the strong baseline."""
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
            unit="",
            better="higher",
        )
        for name, of_all in found.items()
        for measure in MEASURES
    ]


def stored() -> dict[str, list[Figure]]:
    """What was measured on recordings when the table was made: voices "known", and one "new"."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))
    return {name: [Figure(**one) for one in rows] for name, rows in found.items()}


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
    """A figure with its interval."""
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def main() -> int:
    """Measure and write the table; 1 if there are no recordings, or no measures."""
    lacking = [name for name in MEASURES if name not in installed()]
    if lacking or not corpora.recorded():
        what = " and ".join(lacking) or "the recordings"
        print(f"{what} not there: nothing is measured.", file=sys.stderr)
        return 1
    found = {voice: measure(stranger) for voice, stranger in VOICES.items()}
    rows = {voice: [asdict(one) for one in measured] for voice, measured in found.items()}
    TABLE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    for one in [one for measured in found.values() for one in measured]:
        print(one)
    return 0


if __name__ == "__main__":
    sys.exit(main())
