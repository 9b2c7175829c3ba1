"""Is this moment voiced? A net that learned from one reader, on her and on readers elsewhere.

Kathleen reads into one microphone in one room; the readers of LibriSpeech have ten other rooms,
microphones and voices. What is right is what a pitch tracker (pYIN) says that sees the recording
itself; the net sees 120 ms of it in twenty bands, and is that of the digit classifier.

`python -m speechlab.figures.mismatch` measures, which takes ten minutes on one core, and writes
`data/mismatch.json`, where the cache holds all three collections; `stored()` reads it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence

import librosa
import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import bootstrap
from speechlab.systems._shared.mel import RATE, log_mel
from speechlab.systems.digit_classifier import BANDS, SLICES, Examples, Settings, train

TABLE = DATA / "mismatch.json"
USED = "kathleen", "librispeech10", "librispeech251"
EVERY = 2  # frames of 10 ms from one example to the next
LONG, SHORT, HEARD = 300.0, 60.0, 120.0  # seconds to learn from, of a small set, to be heard

Pieces = list[Examples]  # one a recording


def voiced(recording: corpora.Recording) -> NDArray[np.int_]:
    """1 for each 10 ms in which the pitch tracker finds a pitch from 65 to 400 Hz, else 0."""
    hop = recording.rate // 100
    _, found, _ = librosa.pyin(
        recording.samples, fmin=65, fmax=400, sr=recording.rate, frame_length=1024, hop_length=hop
    )
    return found.astype(int)


def pictures(recording: corpora.Recording) -> Examples:
    """What the net sees around each second frame, shape (M, 12, 20), and whether it is voiced."""
    x = librosa.resample(recording.samples, orig_sr=recording.rate, target_sr=RATE)
    levels = log_mel(x, RATE)
    levels, right = levels.reshape(len(levels), BANDS, -1).mean(axis=2), voiced(recording)
    half = SLICES // 2
    at = np.arange(half, min(len(levels), len(right)) - half, EVERY)
    seen = np.array([levels[t - half : t + half] for t in at]).reshape(-1, SLICES, BANDS)
    return Examples(seen, right[at], np.full(len(at), recording.speaker))


def spread(recordings: Sequence[corpora.Recording], seconds: float) -> Iterator[corpora.Recording]:
    """So many seconds of recordings, taken from all over the collection."""
    step = max(1, int(sum(one.seconds for one in recordings) // seconds))
    left = seconds
    for one in recordings[::step]:
        if left <= 0:
            return
        left -= one.seconds
        yield one


def together(pieces: Pieces) -> Examples:
    """Examples of many recordings as one set."""
    parts = zip(*((one.x, one.digits, one.voices) for one in pieces))
    return Examples(*(np.concatenate(part) for part in parts))


def measure(seconds: tuple[float, float, float] = (LONG, SHORT, HEARD)) -> list[dict]:
    """What each net was shown, and its errors on three sets, with 95 % bootstrap intervals."""
    long, short, heard = seconds
    kathleen = corpora.collection("kathleen")
    ours = [one for one in kathleen if one.split == "train"]
    lessons = [pictures(one) for one in spread(ours, long)]
    others = [pictures(one) for one in spread(corpora.collection("librispeech251"), long / 2)]
    dev = [one for one in kathleen if one.split == "dev"]
    sets = [
        [pictures(one) for one in spread(recordings, heard)]
        for recordings in (dev, corpora.collection("librispeech10"))
    ]
    few = lessons[:: max(1, round(long / short))]
    steady = Settings(penalty=30.0, keep=0.5)
    kinds = {
        f"{short:.0f} s of Kathleen": (few, Settings()),
        "the same, penalty and dropout": (few, steady),
        f"{long:.0f} s of Kathleen": (lessons, steady),
        f"{long / 2:.0f} s of Kathleen, {long / 2:.0f} s of other readers": (
            lessons[::2] + others,
            steady,
        ),
    }
    return [row(name, shown, settings, sets) for name, (shown, settings) in kinds.items()]


def row(name: str, shown: Pieces, settings: Settings, sets: list[Pieces]) -> dict:
    """A net's errors on what it was shown and on both other sets; recordings are drawn anew."""
    net = train(together(shown), settings)
    line: dict = {"trained on": name}
    for kind, pieces in zip(("training", "dev", "mismatched"), (shown, *sets)):
        wrong = [net.wrong(one) for one in pieces]
        counts = np.array([(rows.sum(), len(rows)) for rows in wrong])
        low, high = bootstrap(counts, lambda some: some[:, 0].sum() / some[:, 1].sum())
        value = counts[:, 0].sum() / counts[:, 1].sum()
        line[kind] = [round(float(number), 4) for number in (value, low, high)]
        line[f"{kind} examples"] = int(counts[:, 1].sum())
    return line


def stored() -> list[dict]:
    """The rows as they were measured on recordings."""
    return json.loads(TABLE.read_text(encoding="utf-8"))


def main() -> None:
    """Measure, print, and write the table if the recordings are there."""
    rows = measure()
    print(json.dumps(rows, indent=1))
    if not all(corpora.held_collection(key) for key in USED):
        sys.exit("Not written: the cache does not hold the recordings.")
    TABLE.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
