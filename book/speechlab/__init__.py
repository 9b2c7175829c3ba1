"""What the chapters and the reader's own experiments use: speech, sound, figures, controls.

`from speechlab import sound, picture, explore, instrument, ...` is the display half;
`from speechlab import corpora` and `from speechlab.speech import synthesis` the speech.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from speechlab.show.assignment import ready
    from speechlab.show.claims import claim
    from speechlab.show.display import Picture, Sound, follow, picture, sound
    from speechlab.show.explore import explore
    from speechlab.show.instruments import instrument
    from speechlab.show.plotting import spectrogram, waveform
    from speechlab.show.tables import table

__all__ = [
    "Picture",
    "Sound",
    "claim",
    "explore",
    "follow",
    "instrument",
    "picture",
    "ready",
    "sound",
    "spectrogram",
    "table",
    "waveform",
]

_HOMES = {
    "Picture": "show.display",
    "Sound": "show.display",
    "claim": "show.claims",
    "explore": "show.explore",
    "follow": "show.display",
    "instrument": "show.instruments",
    "picture": "show.display",
    "ready": "show.assignment",
    "sound": "show.display",
    "spectrogram": "show.plotting",
    "table": "show.tables",
    "waveform": "show.plotting",
}


def __getattr__(name: str) -> Any:
    """Import what is used when it is used: a site that is built again draws nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'speechlab' has no attribute {name!r}")
    # Everything drawn gets the book's look, whichever of the names came first.
    import_module("speechlab.show.plotting")
    return getattr(import_module(f"speechlab.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
