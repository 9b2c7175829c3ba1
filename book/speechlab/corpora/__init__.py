"""The speech and sounds in this book: digits, sentences, vowel measurements, sounds and music.

Two corpora answer to the same calls. The *Free Spoken Digit Dataset* is real speech and is used
when the cache holds it; the *embedded synthetic speech* ships with the package and needs no
network. Two environment variables decide:

- `SPEECHLAB_CORPUS`: `auto` (the default: real speech if it is in the cache), `fsdd`, `embedded`;
- `SPEECHLAB_CACHE`: the folder of the cache (default: the operating system's cache folder).

`example` gives a single sound, a noise, a room or a piece of music by its name, with a synthetic
stand-in for each that the cache lacks; `examples` lists the names. `collection` gives all
recordings of a larger set, or small stand-ins for them; `collections` lists the sets.

`python -m speechlab.corpora fetch` downloads the real speech, `... fill FOLDER_OR_ARCHIVE` takes it
from disk, `... ready` downloads it only if its server answers at once, and `... status` says what
is there.
"""

from .cache import CorpusError
from .catalogue import Example, example, examples
from .clips import Clip, digits, name, recorded, sentences, speakers, voice
from .recordings import Recording, collection, collections, held_collection
from .vowels import vowel_table, vowels_measured

__all__ = [
    "Clip",
    "CorpusError",
    "Example",
    "Recording",
    "collection",
    "collections",
    "digits",
    "example",
    "examples",
    "held_collection",
    "name",
    "recorded",
    "sentences",
    "speakers",
    "voice",
    "vowel_table",
    "vowels_measured",
]
