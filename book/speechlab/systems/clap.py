"""CLAP in small: one net for sounds, one for captions, and a cosine between what they say.

The captions it learned from are made by templates, from phrases and qualities that were written by
hand for ten classes of sounds. The net for captions knows no language: a caption is the mean of its
words, a word the mean of its pieces of three to five letters, and a piece that was in no caption of
the training means nothing. So "barks" may be understood through "barking", and "hound" cannot be.
The order of words is not heard, nor is "no" or "not".

Source: Elizalde et al., "CLAP", 2023; pieces of words: Bojanowski et al., 2017.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import part, weights
from speechlab.systems._shared.everyday import Weights, heard_in_mel, pieces
from speechlab.systems._shared.layers import affine

SHORTEST, LONGEST = 3, 5  # letters of a piece of a word, its two ends counted as letters

TEMPLATES = ("{}", "the sound of {}", "a recording of {}", "one can hear {}", "{} in the distance")

PHRASES: dict[str, tuple[str, ...]] = {
    "chainsaw": ("a chainsaw", "a chain saw cutting wood", "someone sawing with a motor"),
    "clock_tick": ("a clock", "a ticking clock", "the hand of a watch ticking"),
    "crackling_fire": ("a fire", "a crackling fire", "burning wood in a fireplace"),
    "crying_baby": ("a baby", "a crying baby", "a small child wailing"),
    "dog": ("a dog", "a barking dog", "a puppy yapping"),
    "helicopter": ("a helicopter", "a helicopter flying", "the rotor of an aircraft"),
    "rain": ("rain", "falling rain", "raindrops on a roof"),
    "rooster": ("a rooster", "a crowing rooster", "a cock on a farm"),
    "sea_waves": ("waves", "the waves of the sea", "the ocean breaking on a beach"),
    "sneezing": ("a sneeze", "a person sneezing", "someone with a cold"),
}

QUALITIES: dict[str, tuple[str, ...]] = {
    "chainsaw": ("machine", "motor", "buzz", "loud", "harsh", "steady"),
    "clock_tick": ("machine", "click", "soft", "short", "regular", "repeated"),
    "crackling_fire": ("nature", "click", "noise", "soft", "short", "irregular"),
    "crying_baby": ("human", "voice", "loud", "long", "high", "repeated"),
    "dog": ("animal", "voice", "loud", "short", "harsh", "repeated"),
    "helicopter": ("machine", "motor", "noise", "low", "regular", "steady"),
    "rain": ("nature", "water", "noise", "soft", "high", "steady"),
    "rooster": ("animal", "voice", "loud", "long", "high", "single"),
    "sea_waves": ("nature", "water", "noise", "low", "long", "swelling"),
    "sneezing": ("human", "voice", "noise", "loud", "short", "single"),
}

CLASSES = tuple(PHRASES)

Array = NDArray[np.floating]


# --- captions -----------------------------------------------------------------------------


def caption_of(label: str) -> str:
    """A plain caption of a class, as "the sound of a dog"."""
    return TEMPLATES[1].format(PHRASES[label][0])


def described(qualities: Sequence[str]) -> str:
    """A caption that names nothing, as "a sound: animal, voice, short"."""
    return "a sound: " + ", ".join(qualities)


def captions(label: str) -> Iterator[str]:
    """All captions of a class that templates make of its phrases, and the one of its qualities."""
    for template in TEMPLATES:
        yield from map(template.format, PHRASES[label])
    yield described(QUALITIES[label])


def drawn_caption(label: str, rng: np.random.Generator) -> str:
    """A caption of a class, drawn by lot: a phrase, some qualities, or both."""
    kind = rng.integers(3)
    some = rng.permutation(QUALITIES[label])[: rng.integers(2, 5)]
    phrase = str(rng.choice(TEMPLATES)).format(rng.choice(PHRASES[label]))
    return phrase if kind == 0 else described(some) if kind == 1 else f"{phrase}, {', '.join(some)}"


def words(caption: str) -> list[str]:
    """The words of a caption, in small letters."""
    return re.findall(r"[^\W\d_]+", caption.lower())


def pieces_of(word: str) -> list[str]:
    """The pieces of three to five letters of a word, whose ends are `<` and `>`, and the whole."""
    whole = f"<{word}>"
    found = {
        whole[at : at + n] for n in range(SHORTEST, LONGEST + 1) for at in range(len(whole) - n + 1)
    }
    return sorted(found | {whole})


def vocabulary(texts: Sequence[str]) -> tuple[str, ...]:
    """All pieces of all words of some captions."""
    return tuple(sorted({p for text in texts for word in words(text) for p in pieces_of(word)}))


def shares(texts: Sequence[str], known: Mapping[str, int]) -> Array:
    """How much of each known piece each caption is, (M, P): means over its words of their pieces.

    Words of which no piece is known are left out.

    Raises
    ------
    ValueError
        If there is no caption, or one has no word of which a piece is known.
    """
    if not texts or isinstance(texts, str):
        raise ValueError("Captions are a list of one text or more.")
    made = np.zeros((len(texts), len(known)), dtype=np.float32)
    for row, text in zip(made, texts):
        found = [[known[p] for p in pieces_of(word) if p in known] for word in words(text)]
        found = [numbers for numbers in found if numbers]
        if not found:
            raise ValueError(
                f"Nothing of the caption {text!r} was in a caption of the training: the net for "
                "captions has no numbers for it."
            )
        for numbers in found:
            row[numbers] += 1 / len(numbers) / len(found)
    return made


# --- nets ---------------------------------------------------------------------------------


def _known(w: Weights) -> dict[str, int]:
    return {str(piece): n for n, piece in enumerate(w["pieces"])}


def _unit(x: Array) -> Array:
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-9)


def _head(x: Array, w: Weights, name: str) -> Array:
    return affine(np.maximum(affine(x, w, f"{name}_1"), 0), w, f"{name}_2")


def text_vectors(texts: Sequence[str], w: Weights) -> Array:
    """What a net with such weights makes of captions, of length 1; shape (M, 128)."""
    return _unit(_head(shares(texts, _known(w)) @ w["letters"], w, "text"))


def sound_vector(mel: Array, w: Weights) -> Array:
    """What a net with such weights makes of pieces (C, 48, 64) together, of length 1; (128,)."""
    heard = heard_in_mel((mel - w["mean"]) / w["spread"], part(w, "net"))
    return _unit(_unit(_head(heard, w, "sound")).mean(axis=0))


def read(caption: str) -> dict[str, float]:
    """Which part of each word's pieces the net for captions has seen in training, by the word."""
    known = _known(weights("clap"))
    return {word: float(np.mean([p in known for p in pieces_of(word)])) for word in words(caption)}


def embed_captions(texts: Sequence[str]) -> Array:
    """What the net for captions makes of some captions, of length 1; shape (M, 128).

    Raises `ValueError` if there is none, or one of which no piece was in a caption of the training.
    """
    return text_vectors(texts, weights("clap"))


def embed_pieces(mel: Array) -> Array:
    """What the net for sounds makes of pieces (C, 48, 64) together, of length 1; shape (128,)."""
    return sound_vector(mel, weights("clap"))


def embed(samples: ArrayLike, rate: int) -> Array:
    """What the net for sounds makes of a recording, of length 1; shape (128,).

    Raises `ValueError` for an empty or silent recording, NaN, or a rate other than 16000.
    """
    return embed_pieces(pieces(samples, rate).mel)


def cosines(samples: ArrayLike, rate: int, texts: Sequence[str]) -> Array:
    """How near a recording is to each of some captions, from -1 to 1; shape (M,)."""
    return embed_captions(texts) @ embed(samples, rate)


def for_the_page() -> dict[str, Any]:
    """The net for captions, as the instrument in the page reads it.

    The known pieces; how many numbers a piece has, and how wide the layers are; and all numbers in
    half precision and base64: those of the pieces, then matrix and bias of each layer.
    """
    w = weights("clap")
    names = ("letters", "text_1", "text_1_bias", "text_2", "text_2_bias")
    numbers = np.concatenate([w[name].ravel() for name in names]).astype("<f2")
    widths = [w[name].shape[1] for name in ("letters", "text_1", "text_2")]
    text = base64.b64encode(numbers.tobytes()).decode("ascii")
    return {"pieces": w["pieces"].tolist(), "widths": widths, "numbers": text}


def temperature() -> float:
    """What the cosines are divided by before they compete; it was learned with the nets."""
    return float(weights("clap")["temperature"])
