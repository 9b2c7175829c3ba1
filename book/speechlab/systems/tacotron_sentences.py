"""Tacotron 2 for whole sentences, in the voice of one woman.

The same network as `speechlab.systems.tacotron`, a little larger. Its letters are sounds where a
table knows how a word is pronounced, and else the letters of the word: it has learned both. It
writes five frames of 10 ms a step.

Source: J. Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram
predictions", ICASSP (2018); sounds and letters in one text: W. Ping et al., "Deep Voice 3: Scaling
text-to-speech with convolutional sequence learning", ICLR (2018); the pronunciations: the Carnegie
Mellon Pronouncing Dictionary.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.corpora.clips import WORDS
from speechlab.systems import weights
from speechlab.systems._shared.layers import Weights
from speechlab.systems._shared.mel import HOP, waveform
from speechlab.systems.tacotron import Said, Sizes, encoded, spoken

TABLE = Path(__file__).resolve().parent.parent / "data" / "pronunciations.txt.gz"
VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split()
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH".split()
GAP, BREAK, END = " ", ",", "."  # between words; where a pause may be; behind the last word
SYMBOLS = (
    *(GAP, BREAK, END, "'"),
    *"abcdefghijklmnopqrstuvwxyz",
    *(f"{vowel}{stress}" for vowel in VOWELS for stress in (0, 1)),
    *CONSONANTS,
)
Array = NDArray[np.floating]
PLACE = {symbol: n for n, symbol in enumerate(SYMBOLS)}
SIZES = Sizes(
    letters=len(SYMBOLS), speakers=1, encoded=128, decoded=160, prenet=96, postnet=64, together=5
)


@cache
def pronunciations() -> dict[str, tuple[str, ...]]:
    """The sounds of 35,000 English words; vowels end with 1 if they are stressed, else with 0."""
    lines = gzip.decompress(TABLE.read_bytes()).decode().splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return {word: tuple(sounds) for word, *sounds in rows}


def words_and_marks(text: str) -> list[str]:
    """The words of a text in small letters, and its marks as commas and full stops; one ends it.

    "No, 3!" is no , three . Raises `ValueError` if there is no word, or names the characters that
    the network has never seen.
    """
    plain = str(text).lower().replace("\u2019", "'")
    plain = re.sub(r"[0-9]", lambda found: f" {WORDS[int(found[0])]} ", plain)
    unseen = sorted(set(re.sub(r"[a-z',;:.!?\s-]", "", plain)))
    if unseen:
        named = ", ".join(repr(character) for character in unseen)
        raise ValueError(
            f"The network has never seen {named}: it knows English letters and , ; : . ! ? ' -"
        )
    found = re.findall(r"[a-z][a-z']*|[,;:]|[.!?]", re.sub(r"(?<![a-z])'|'(?![a-z])", " ", plain))
    marks = [BREAK if one in ",;:" else END if one in ".!?" else one for one in found]
    kept: list[str] = []
    for one in [*marks, END]:
        if one in (BREAK, END):
            if not kept:
                continue
            if kept[-1] in (BREAK, END):
                kept[-1] = max(kept[-1], one)  # a full stop counts more than a comma
                continue
        kept.append(one)
    if not kept:
        raise ValueError("There is nothing to read: the text has no word.")
    return kept


def symbols(text: str, by_letters: Collection[int] = ()) -> tuple[list[str], list[int]]:
    """What the network is given for a text, and which word each symbol belongs to.

    Words are sounds, or letters if the table lacks them, or if their number (from 0, marks not
    counted) is in `by_letters`. A gap or a mark stands between words; its number is -1. Raises
    `ValueError` as `words_and_marks` does.
    """
    table, row, owner, word = pronunciations(), [], [], -1
    for one in words_and_marks(text):
        if one in (BREAK, END):
            row.append(one)
            owner.append(-1)
            continue
        word += 1
        if row and row[-1] not in (BREAK, END):
            row.append(GAP)
            owner.append(-1)
        sounds = tuple(one) if word in by_letters else table.get(one, tuple(one))
        row += sounds
        owner += [word] * len(sounds)
    return row, owner


def numbers(text: str) -> list[int]:
    """The number of each symbol of a text."""
    return [PLACE[symbol] for symbol in symbols(text)[0]]


def longest(count: int) -> int:
    """The limit: steps after which a text of so many symbols is cut off."""
    return 20 + 3 * count


def say(
    text: str,
    seed: int = 0,
    located: bool = True,
    by_letters: bool = False,
    given: ArrayLike | None = None,
    own: Weights | None = None,
) -> Said:
    """Read a text aloud, in the voice of Kathleen, one woman.

    Parameters
    ----------
    text : str
        English words, commas and full stops; figures are read one by one.
    seed : int
        Draws what the pre-net forgets.
    located : bool
        False switches the location term off.
    by_letters : bool
        Whether all words are given as letters, also those whose pronunciation is known.
    given : array_like, shape (T, 40), optional
        Log-mel frames in dB of a recording of the text, to read along with (teacher forcing).
    own : mapping of arrays, optional
        Other weights than those that ship.

    Raises
    ------
    ValueError
        If there is no word to read, or a character the network has never seen (it is named).
    """
    row, owner = symbols(text)
    if by_letters:
        row, _ = symbols(text, range(max(owner) + 1))
    w = weights("tacotron_sentences") if own is None else own
    memory = encoded([PLACE[symbol] for symbol in row], w)
    parts = spoken(memory, w, longest(len(row)), seed, located, given)
    return Said(text=text, letters=tuple(row), speaker="kathleen", **parts)


def speak(text: str, seed: int = 0) -> Array:
    """The sound (N,) of a text at 8 kHz, from the frames of `say` by Griffin and Lim's phases.

    Raises `ValueError` as `say` does.
    """
    mel = say(text, seed).mel
    return waveform(mel, HOP * (len(mel) - 1))
