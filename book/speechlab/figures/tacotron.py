"""What Tacotron 2 says and where it looks, beside recordings and beside nets that lack a part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.figures.error_rate import edit_distance, error_rate
from speechlab.figures.listening import misheard
from speechlab.systems import tacotron
from speechlab.systems._shared.ctc_decoding import greedy
from speechlab.systems._shared.mel import FLOOR, HOP, log_mel, waveform
from speechlab.systems.connected_digits import recogniser

NAME = "Tacotron 2"
BESIDE = {
    "short": "a tenth as long",
    "unguided": "a tenth as long and without guidance",
    "unlocated": "a tenth as long and without the location term",
}
LACKING = {"short": "guided", "unguided": "short", "unlocated": "short"}  # and what has more
UNPLACED = "its location term switched off"
ALONG = "given recorded frames"
PAUSE = 6  # frames between the digits of a string
STRINGS = 3  # of each speaker, of four digits
SLACK = 2  # letters that attention may be off the way from the first letter to the last

Array = NDArray[np.floating]


# --- single digits ------------------------------------------------------------------------


def clips() -> list[Clip]:
    """The first test recording of each digit by each speaker."""
    return [clip for clip in corpora.digits("test") if clip.index == 0]


@cache
def said(corpus: str, variant: str = "guided", located: bool = True) -> tuple[tacotron.Said, ...]:
    """What the net makes of the text of each of `clips`, in its speaker's voice."""
    return tuple(
        tacotron.say(clip.text, clip.speaker, located=located, variant=variant) for clip in clips()
    )


def sound(mel: Array) -> Array:
    """The frames as Griffin and Lim's phases let them be heard."""
    return waveform(mel, HOP * (len(mel) - 1))


@cache
def _sounds(corpus: str, variant: str, located: bool) -> list[Array]:
    return [sound(one.mel) for one in said(corpus, variant, located)]


def digit_errors(variant: str = "guided", located: bool = True) -> NDArray[np.bool_]:
    """Which digits the course's word models do not hear as what the net was to say."""
    return misheard(clips(), _sounds(corpora.name(), variant, located))


def errors_along() -> NDArray[np.bool_]:
    """Which digits are misheard if each step is given the recorded frame that was before it."""
    read = [
        tacotron.say(clip.text, clip.speaker, given=log_mel(clip.samples, clip.rate))
        for clip in clips()
    ]
    return misheard(clips(), [sound(one.mel) for one in read])


# --- strings ------------------------------------------------------------------------------


def strings() -> list[tuple[str, str, list[Array]]]:
    """Text, speaker and the log-mel frames of each digit: strings of four test recordings."""
    rng, found = np.random.default_rng(0), []
    for speaker in corpora.speakers():
        own = corpora.digits("test", speaker)
        for _ in range(STRINGS):
            some = [own[k] for k in rng.choice(len(own), 4, replace=False)]
            frames = [log_mel(clip.samples, clip.rate) for clip in some]
            found.append((" ".join(clip.text for clip in some), speaker, frames))
    return found


def joined(frames: Sequence[Array]) -> tuple[Array, NDArray[np.int_]]:
    """The digits' frames with pauses between them, and the number of the digit of each, or -1."""
    quiet = np.full((PAUSE, frames[0].shape[1]), FLOOR)
    parts, words = [], []
    for word, part in enumerate(frames):
        parts += [part, quiet]
        words += [np.full(len(part), word), np.full(PAUSE, -1)]
    return np.concatenate(parts[:-1]), np.concatenate(words[:-1])


def on_the_word(variant: str = "guided", located: bool = True) -> Array:
    """Of each recorded string the share of steps that look most at a letter of the digit spoken.

    A space beside the digit counts as well. The net reads along (teacher forcing); steps in pauses
    do not count.
    """
    shares = []
    for text, speaker, frames in strings():
        mel, digit = joined(frames)
        read = tacotron.say(text, speaker, located=located, variant=variant, given=mel)
        space = np.array(list(text)) == " "
        first = np.cumsum(space) - space  # the digit of a letter, or the one before a space
        looked, now = read.attention.argmax(axis=1), digit[:: tacotron.TOGETHER]
        right = (first[looked] == now) | (first[looked] + space[looked] == now)
        shares.append(right[now >= 0].mean())
    return np.array(shares)


def in_order(attention: Array) -> float:
    """The share of steps whose strongest letter is the last one reached, or one of the next two."""
    strongest = attention.argmax(axis=1)
    before = np.maximum.accumulate(np.append(0, strongest[:-1]))
    return float(np.mean((strongest >= before) & (strongest <= before + SLACK)))


def string_rows(variant: str = "guided", located: bool = True) -> NDArray[np.int_]:
    """(errors, digits) of Jasper on what the net makes of each string's text: shape (R, 2)."""
    rows = []
    for text, speaker, _ in strings():
        heard = greedy(
            recogniser("jasper").posteriors(
                sound(tacotron.say(text, speaker, located=located, variant=variant).mel), 8000
            )
        )
        words = [corpora.clips.WORDS.index(word) for word in text.split()]
        rows.append((edit_distance(words, heard), len(words)))
    return np.array(rows)


def recorded_rows() -> NDArray[np.int_]:
    """(errors, digits) of Jasper on the recorded strings, by the same phases from their frames."""
    rows = []
    for text, _, frames in strings():
        heard = greedy(recogniser("jasper").posteriors(sound(joined(frames)[0]), 8000))
        words = [corpora.clips.WORDS.index(word) for word in text.split()]
        rows.append((edit_distance(words, heard), len(words)))
    return np.array(rows)


def named(variant: str) -> str:
    """The net as tables call it."""
    return f"{NAME}: {BESIDE[variant]}" if variant in BESIDE else NAME


def figures() -> list[Figure]:
    """Digits understood, stops, and attention, beside recordings and what lacks a part.

    The nets without a part are measured beside the one with all parts that learned as long.
    """
    corpus = corpora.name()
    natural = misheard(clips(), [clip.samples for clip in clips()])
    wrong = {variant: digit_errors(variant) for variant in tacotron.VARIANTS}
    rows = {variant: string_rows(variant) for variant in tacotron.VARIANTS}
    place = {variant: on_the_word(variant) for variant in tacotron.VARIANTS}
    ends = {v: [one.stopped for one in said(corpus, v)] for v in tacotron.VARIANTS}
    unplaced, lost = digit_errors(located=False), on_the_word(located=False)
    digits, where = "digit error", "looks at the digit spoken"
    strings = f"strings of four digits, {digits}"
    spoken, recorded = wrong["guided"], recorded_rows()
    found = [
        Figure.of(NAME, digits, spoken, "the recordings", natural, corpus),
        Figure.of(NAME, digits, spoken, ALONG, errors_along(), corpus),
        Figure.of(NAME, digits, spoken, UNPLACED, unplaced, corpus),
        Figure.of(NAME, where, place["guided"], UNPLACED, lost, corpus, better="higher"),
        Figure.of(
            NAME, strings, rows["guided"], "the recordings' frames", recorded, corpus, error_rate
        ),
    ]
    for less, more in LACKING.items():
        pair = named(more), named(less)
        for metric, of, better, statistic in (
            (digits, wrong, "lower", np.mean),
            ("stops by itself", ends, "higher", np.mean),
            (where, place, "higher", np.mean),
            (strings, rows, "lower", error_rate),
        ):
            found.append(
                Figure.of(
                    pair[0], metric, of[more], pair[1], of[less], corpus, statistic, better=better
                )
            )
    return found
