"""What the chapters and the reader's own experiments use: speech, sound, figures, controls.

`from speechlab import sound, picture, explore, spectrogram, waveform` is the display half;
`from speechlab import corpora, synth` the speech.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speechlab.controls import explore
    from speechlab.display import Picture, Sound, picture, sound
    from speechlab.plotting import spectrogram, waveform

__all__ = ["Picture", "Sound", "explore", "picture", "sound", "spectrogram", "waveform"]

_HOMES = {
    "Picture": "display",
    "Sound": "display",
    "explore": "controls",
    "picture": "display",
    "sound": "display",
    "spectrogram": "plotting",
    "waveform": "plotting",
}


def __getattr__(name: str) -> Any:
    """Import what is used when it is used: a site that is built again draws nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'speechlab' has no attribute {name!r}")
    # Everything drawn gets the book's look, whichever of the names came first.
    import_module("speechlab.plotting")
    return getattr(import_module(f"speechlab.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
