"""The speech in this book: spoken digits, sentences and vowel measurements.

Two corpora answer to the same calls. The *Free Spoken Digit Dataset* is real speech and is used
when the cache holds it; the *embedded synthetic speech* ships with the package and needs no
network. Two environment variables decide:

- `SPEECHLAB_CORPUS`: `auto` (the default: real speech if it is in the cache), `fsdd`, `embedded`;
- `SPEECHLAB_CACHE`: the folder of the cache (default: the operating system's cache folder).

`python -m speechlab.corpora fetch` downloads the real speech, `... fill FOLDER_OR_ARCHIVE` takes it
from disk, `... ready` downloads it only if its server answers at once, and `... status` says what
is there.
"""

from .cache import CorpusError
from .clips import Clip, digits, name, recorded, sentences, speakers, voice
from .vowels import vowel_table, vowels_measured

__all__ = [
    "Clip",
    "CorpusError",
    "digits",
    "name",
    "recorded",
    "sentences",
    "speakers",
    "voice",
    "vowel_table",
    "vowels_measured",
]
