"""Tacotron 2 in small: a network that reads digit words aloud, as log-mel frames.

An encoder makes a row of numbers of each letter. A decoder writes four frames of 10 ms a step: it
is given the last frame that it wrote, through a pre-net that forgets half; attention chooses the
letters to look at, by what they are and by how much each has been looked at already (the location
term); when it has said all, a stop unit tells. A post-net of convolutions corrects the frames. A
vocoder makes sound of them. It learned strings of one to four digits in twelve voices.

Shapes: `N` letters, `S` steps, `T = 4 S` frames, `E` features of a letter.

Source: J. Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram
predictions", ICASSP (2018); guided attention: H. Tachibana et al., ICASSP (2018).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax

from speechlab.corpora.clips import WORDS
from speechlab.systems import weights
from speechlab.systems._shared.layers import Weights, affine, around, convolve
from speechlab.systems._shared.mel import BANDS, FLOOR
from speechlab.systems._shared.vocoding import MIDDLE, SPREAD, conditions

LETTERS = " " + "".join(sorted(set("".join(WORDS))))
RECORDED = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
SPEAKERS = (*RECORDED, "alder", "birch", "cedar", "hazel", "maple", "rowan")
ENCODED, DECODED, MATCHED = 96, 160, 64  # features of a letter, of a state, of a comparison
PRENET, POSTNET, POST_LAYERS = 96, 64, 4
KERNEL, CONVOLUTIONS, PLACES = 5, 2, 15  # letters or frames a convolution sees; of the location
TOGETHER = 4  # frames written at a step
DROPPED = 0.5  # of the pre-net's outputs, when it speaks as when it learned
STOP = 0.5  # the probability from which on it stops
VARIANTS = {
    "guided": "tacotron",
    "short": "tacotron_short",
    "unguided": "tacotron_unguided",
    "unlocated": "tacotron_unlocated",
}

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Sizes:
    """How wide a network is, and what it knows; the digits' unless said otherwise."""

    letters: int = len(LETTERS)
    speakers: int = len(SPEAKERS)
    encoded: int = ENCODED
    decoded: int = DECODED
    matched: int = MATCHED
    prenet: int = PRENET
    postnet: int = POSTNET
    together: int = TOGETHER


SIZES = Sizes()


# --- text ---------------------------------------------------------------------------------


def spelled(text: str) -> str:
    """A text as the network is given it: small letters, single spaces, figures as words.

    "3 One" is "three one". Raises `ValueError` if nothing is left, or names the characters that
    the network has never seen.
    """
    words = re.sub(r"[0-9]", lambda found: f" {WORDS[int(found[0])]} ", str(text).lower())
    words = " ".join(words.split())
    if not words:
        raise ValueError("There is nothing to read: the text has no letters and no figures.")
    unseen = sorted(set(words) - set(LETTERS))
    if unseen:
        named = ", ".join(repr(character) for character in unseen)
        raise ValueError(
            f"The network has never seen {named}: it knows the letters of the words"
            f" {', '.join(WORDS)} and the space."
        )
    return words


def numbers(text: str) -> list[int]:
    """The number of each letter of a spelled text."""
    return [LETTERS.index(letter) for letter in text]


# --- the parts ----------------------------------------------------------------------------


def _cell(gates: Array, c: Array, forget: float = 0.0) -> tuple[Array, Array]:
    """State and memory of an LSTM from its four gates, side by side, and the memory before."""
    i, f, g, o = gates.reshape(4, -1)
    c = expit(f + forget) * c + expit(i) * np.tanh(g)
    return expit(o) * np.tanh(c), c


def _run(x: Array, w: Weights, name: str) -> Array:
    """The states of an LSTM over rows x (N, D): (N, H)."""
    drive = x @ w[f"{name}_ih"] + w[f"{name}_bias"]
    recur = w[f"{name}_hh"]
    h = c = np.zeros(len(recur), dtype=x.dtype)
    states = np.empty((len(x), len(h)), dtype=x.dtype)
    for n, given in enumerate(drive):
        h, c = _cell(given + h @ recur, c)
        states[n] = h
    return states


def encode(text: str, speaker: str, w: Weights) -> Array:
    """What each letter of a spelled text is among its neighbours, and who speaks: (N, E)."""
    return encoded(numbers(text), w, SPEAKERS.index(speaker))


def encoded(letters: Sequence[int], w: Weights, speaker: int = 0) -> Array:
    """The same from the numbers of the letters and of the speaker."""
    x = w["embedding"][letters]
    for layer in range(1, CONVOLUTIONS + 1):
        x = np.maximum(convolve(x, w, f"enc_{layer}", KERNEL), 0)
    both = np.hstack([_run(x, w, "encoder"), _run(x[::-1], w, "encoder_back")[::-1]])
    return both + w["speakers"][speaker]


def _forgetful(frame: Array, w: Weights, rng: np.random.Generator) -> Array:
    """The pre-net: two layers, of whose outputs half fall out, drawn anew each time."""
    x = frame
    for layer in ("pre_1", "pre_2"):
        kept = rng.random(w[layer].shape[1]) >= DROPPED
        x = np.maximum(affine(x, w, layer), 0) * (kept / np.float32(1 - DROPPED))
    return x.astype(np.float32)


def _corrected(frames: Array, w: Weights) -> Array:
    """The frames (T, 40) with what the post-net adds to them."""
    x = frames
    for layer in range(1, POST_LAYERS):
        x = np.tanh(convolve(x, w, f"post_{layer}", KERNEL))
    return frames + convolve(x, w, f"post_{POST_LAYERS}", KERNEL)


# --- speaking -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Said:
    """What the network made of a text, whose `letters` it was given.

    `mel` are log-mel frames in dB (T, 40) for a vocoder, `before` those that the post-net was
    given. Row s of `attention` (S, N) says how much of each letter step s looked at, `energies`
    what that came from, and `stop` (S,) how probable it held the end to be. `stopped` is whether
    it ended by itself; if not, it was cut off at the limit. `queries` (S, 64) are what each step
    asked for, with which `comparison` gives the energies again.
    """

    text: str
    letters: tuple[str, ...]
    speaker: str
    mel: Array
    before: Array
    attention: Array
    energies: Array
    stop: Array
    stopped: bool
    queries: Array


def comparison(text: str, speaker: str = "jackson", variant: str = "guided") -> dict[str, Array]:
    """What the queries of `say` are compared with, for its energies to be computed anew.

    The energy of letter n at a step is match . tanh(query + keys[n] + place_bias + what the 15
    cumulative weights around n give with the matrix "place"). "keys" (N, 64), "place" (15, 64),
    "place_bias" (64,), "match" (64,). Raises `ValueError` as `say` does.
    """
    text, w = _asked(text, speaker, variant)
    own = {name: w[name] for name in ("place", "place_bias", "match")}
    return own | {"keys": affine(encode(text, speaker, w), w, "memory")}


def _asked(text: str, speaker: str, variant: str) -> tuple[str, Weights]:
    """The spelled text and the weights, if speaker and variant exist; else `ValueError`."""
    if speaker not in SPEAKERS:
        raise ValueError(f"There is no voice {speaker!r}: there are {', '.join(SPEAKERS)}.")
    if variant not in VARIANTS:
        raise ValueError(f"There is no variant {variant!r}: there are {', '.join(VARIANTS)}.")
    return spelled(text), weights(VARIANTS[variant])


def longest(text: str) -> int:
    """The limit: steps after which a spelled text is cut off, more than any speaker needs."""
    return 20 + 6 * len(text)


def say(
    text: str,
    speaker: str = "jackson",
    seed: int = 0,
    located: bool = True,
    variant: str = "guided",
    given: ArrayLike | None = None,
) -> Said:
    """Read a text aloud.

    Parameters
    ----------
    text : str
        Digit words or figures, such as "three one 4".
    speaker : str
        One of `SPEAKERS`.
    seed : int
        Draws what the pre-net forgets.
    located : bool
        False switches the location term off, in a network that learned with it.
    variant : str
        "guided", or a network that learned a tenth as long: with all parts ("short"), without
        guided attention ("unguided") or without the location term ("unlocated").
    given : array_like, shape (T, 40), optional
        Log-mel frames in dB of a recording of the text. Each step is then given the frame that was
        there before it in place of the one it wrote, as in training (teacher forcing), and there
        are as many steps as the recording has.

    Raises
    ------
    ValueError
        If there is nothing to read, a character the network has never seen (it is named), no such
        speaker or no such variant.
    """
    text, w = _asked(text, speaker, variant)
    located = located and variant != "unlocated"
    parts = spoken(encode(text, speaker, w), w, longest(text), seed, located, given)
    return Said(text=text, letters=tuple(text), speaker=speaker, **parts)


def spoken(
    memory: Array, w: Weights, limit: int, seed: int, located: bool, given: ArrayLike | None = None
) -> dict[str, Any]:
    """What `Said` holds of a row of encoded letters (N, E); after `limit` steps it is cut off."""
    together = w["frames"].shape[1] // BANDS
    forced = None if given is None else conditions(given).astype(np.float32)
    limit = limit if forced is None else -(-len(forced) // together)
    rng = np.random.default_rng(seed)
    keys, frame = affine(memory, w, "memory"), np.zeros(BANDS, dtype=np.float32)
    h = c = h_2 = c_2 = np.zeros(len(w["decoder_hh"]), dtype=np.float32)
    context, looked = np.zeros_like(memory[0]), np.zeros(len(memory), dtype=np.float32)
    frames, shares, matches, stops, queries = [], [], [], [], []
    while len(stops) < limit and (forced is not None or not stops or stops[-1] <= STOP):
        given = np.concatenate([_forgetful(frame, w, rng), context, h])
        h, c = _cell(affine(given, w, "attend"), c, forget=1.0)
        queries.append(affine(h, w, "query"))
        match = keys + queries[-1]
        if located:
            match = match + affine(around(looked[:, None], PLACES)[..., 0], w, "place")
        energies = np.tanh(match) @ w["match"]
        share = softmax(energies)
        context, looked = share @ memory, looked + share
        given = np.concatenate([h, context])
        gates = given @ w["decoder_ih"] + h_2 @ w["decoder_hh"] + w["decoder_bias"]
        h_2, c_2 = _cell(gates, c_2)
        x = np.concatenate([h_2, context])
        written = affine(x, w, "frames").reshape(together, BANDS)
        last = together * len(frames) + together - 1
        frame = written[-1] if forced is None else forced[min(last, len(forced) - 1)]
        frames.append(written)
        shares.append(share)
        matches.append(energies)
        stops.append(float(expit(affine(x, w, "stop"))[0]))
    before = np.concatenate(frames)
    return {
        "mel": _in_decibels(_corrected(before, w)),
        "before": _in_decibels(before),
        "attention": np.array(shares),
        "energies": np.array(matches),
        "stop": np.array(stops),
        "stopped": stops[-1] > STOP,
        "queries": np.array(queries),
    }


def _in_decibels(frames: Array) -> Array:
    """Frames as networks take them, back in dB, none softer than the floor."""
    return np.maximum(frames.astype(float) * SPREAD + MIDDLE, FLOOR)
