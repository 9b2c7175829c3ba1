"""Several speakers who say digits in turns, with it who talks when: for detectors of speech and
of speakers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.speech.connected_digits import RATE
from speechlab.speech.utterances import spoken_part

LEVEL = 0.1  # root mean square of each word
PAUSE = (0.05, 0.3)  # seconds between the words of a turn
BEFORE = 0.6  # seconds of quiet before the first turn, and at least that after the last


@dataclass(frozen=True, eq=False)
class Conversation:
    """Turns of several speakers: `samples` (N,) at `rate` Hz.

    `talking` (N, A) is true where a speaker talks, one column for each of `speakers`.
    """

    samples: NDArray[np.floating]
    rate: int
    speakers: tuple[str, ...]
    talking: NDArray[np.bool_]


def conversation(
    speakers: Sequence[str],
    turns: int = 8,
    words: int = 3,
    overlap: float = 0.0,
    noise: float = 40.0,
    split: str = "test",
    seed: int = 0,
) -> Conversation:
    """Digits said in turns, each speaker after the one before in the order given.

    Parameters
    ----------
    speakers : names of speakers of the digits.
    turns : how many turns there are in all.
    words : how many digits a turn has.
    overlap : seconds by which a turn begins before the one before it ends; a pause if negative.
    noise : decibels by which the white noise is weaker than the words.
    split : which recordings to take: "train", "test" or "all".
    seed : of all that is drawn by lot: words, pauses, noise.

    Raises
    ------
    ValueError
        If there is no speaker, no turn or no word in a turn.
    """
    if not speakers or turns < 1 or words < 1:
        raise ValueError("A conversation needs a speaker, a turn and a word at least.")
    rng = np.random.default_rng(seed)
    said, begin = [], int(BEFORE * RATE)
    for turn in range(turns):
        place = turn % len(speakers)
        clips = corpora.digits(split, speakers[place])
        for clip in rng.choice(len(clips), words, replace=False):
            part = spoken_part(clips[clip].samples)
            said.append((begin, LEVEL * part / np.sqrt(np.mean(part**2)), place))
            end = begin + len(part)
            begin = end + int(rng.uniform(*PAUSE) * RATE)
        begin = max(0, end - int(overlap * RATE))
    length = max(at + len(part) for at, part, _ in said) + int(BEFORE * RATE)
    samples = LEVEL * 10 ** (-noise / 20) * rng.standard_normal(length)
    talking = np.zeros((length, len(speakers)), dtype=bool)
    for begin, part, place in said:
        samples[begin : begin + len(part)] += part
        talking[begin : begin + len(part), place] = True
    return Conversation(samples, RATE, tuple(speakers), talking)
