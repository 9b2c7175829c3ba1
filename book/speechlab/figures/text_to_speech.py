"""How many digits are understood of what the chain says, by vocoder, beside recordings."""

from __future__ import annotations

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.listening import misheard
from speechlab.figures.tacotron import NAME, clips, said
from speechlab.systems.text_to_speech import VOCODERS, sound_of

SLOW = "WaveNet"  # 120 digits of it would take minutes


def figures() -> list[Figure]:
    """One figure a vocoder but the slow one: the digits of every speaker, from their texts."""
    recorded = misheard(clips(), [clip.samples for clip in clips()])
    found = []
    for vocoder in (name for name in VOCODERS if name != SLOW):
        sounds = [sound_of(one.mel, one.speaker, vocoder) for one in said(corpora.name())]
        wrong = misheard(clips(), sounds)
        name = f"{NAME} and {vocoder}"
        found.append(
            Figure.of(name, "digit error", wrong, "the recordings", recorded, corpora.name())
        )
    return found
