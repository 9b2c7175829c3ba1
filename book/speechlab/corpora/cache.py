"""The cache of downloaded corpora: where it is, what belongs in it, and whether it is there."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"


class CorpusError(RuntimeError):
    """Speech that was asked for is not there, or is not what it should be."""


@dataclass(frozen=True)
class Collection:
    """A set of files that the cache can hold, each known by its SHA-256."""

    key: str  # its folder in the cache, and its registry's file name
    title: str
    licence: str

    @property
    def registry(self) -> dict[str, str]:
        """File name to SHA-256, as committed with the package.

        A name that another collection uses as well has its folder before it: `piano/index.tsv`.
        """
        return _registry(self.key)

    def path(self, file: str) -> Path:
        return cache_folder() / self.key / file

    def present(self) -> set[str]:
        """The names of its files that are in the cache (their content is checked on reading)."""
        folder = cache_folder() / self.key
        found = set()
        for place, _, files in os.walk(folder):
            inside = PurePath(place).relative_to(folder)
            found |= {(inside / file).as_posix() for file in files}
        return found & self.registry.keys()

    def complete(self) -> bool:
        return len(self.present()) == len(self.registry)

    def good(self, file: str, content: bytes) -> bool:
        """Whether the content is, byte for byte, the file of that name."""
        return hashlib.sha256(content).hexdigest() == self.registry.get(file)

    def read(self, file: str) -> bytes:
        """The content of a file of the cache, checked."""
        try:
            content = self.path(file).read_bytes()
        except OSError as why:
            raise CorpusError(
                f"{file} of the {self.title} cannot be read from the cache"
                f" ({why.strerror or why}); {REMEDY}."
            ) from why
        if not self.good(file, content):
            raise CorpusError(f"{file} of the {self.title} is damaged in the cache; {REMEDY}.")
        return content

    def sound(self, file: str) -> tuple[np.ndarray, int]:
        """The samples of a sound file of the cache, from -1 to 1, and its rate in Hz."""
        import soundfile  # a page has no cache, and cannot have this library

        samples, rate = soundfile.read(io.BytesIO(self.read(file)))
        return np.clip(samples, -1, 1), rate  # a lossy coder may overshoot

    def store(self, file: str, content: bytes) -> None:
        """Put a checked file in the cache; it is there whole or not at all."""
        target = self.path(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".part-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


FSDD = Collection(
    "fsdd",
    "Free Spoken Digit Dataset",
    "Free Spoken Digit Dataset, Zohar Jackson et al., CC BY-SA 4.0"
    " (https://github.com/Jakobovski/free-spoken-digit-dataset)",
)
VOWELS = Collection(
    "vowels",
    "vowel measurements",
    "Peterson and Barney (1952) and Hillenbrand et al. (1995), as tabulated in phonTools,"
    " (c) 2015 Santiago Barreda, BSD 2-clause (https://github.com/cran/phonTools)",
)
SOUNDS = Collection(
    "sounds",
    "sounds and short pieces",
    "CC BY 4.0 (Music Technology Group, Universitat Pompeu Fabra: sms-tools-materials), CC BY 3.0"
    " and public domain (librosa/data); by whom each is: data/examples.csv",
)
NOISE_ROOMS = Collection(
    "noise_rooms",
    "noises and rooms",
    "CC BY 4.0 (Speech Commands, P. Warden, 2018; sms-tools-materials) and CC0 (spatialaudio)",
)
KATHLEEN48 = Collection(
    "kathleen48",
    "sentences at 48 kHz",
    "CC0 1.0 (https://github.com/rhasspy/dataset-voice-kathleen)",
)
MUSIC = Collection(
    "music",
    "music for piano and chords",
    "Rendered from scores by FluidSynth with the Fluid (R3) samples, MIT, (c) 2000-2002, 2008 Frank"
    " Wen, 2008 Toby Smithe; scores in the public domain (MutopiaProject), chords CC0",
)
KATHLEEN = Collection(
    "kathleen",
    "sentences read by Kathleen",
    "CC0 1.0 (https://github.com/rhasspy/dataset-voice-kathleen); word times by pocketsphinx",
)
LIBRISPEECH10 = Collection(
    "librispeech10",
    "ten readers of LibriSpeech",
    "CC BY 4.0, LibriSpeech (c) 2014 by Vassil Panayotov; Panayotov et al., ICASSP 2015",
)
LIBRISPEECH251 = Collection(
    "librispeech251",
    "251 readers of LibriSpeech, once each",
    "CC BY 4.0, LibriSpeech (c) 2014 by Vassil Panayotov; Panayotov et al., ICASSP 2015",
)
ESC10 = Collection(
    "esc10",
    "everyday sounds in ten classes",
    "CC0 and CC BY 3.0, clip by clip (esc10/metadata.tsv); ESC-10, K. J. Piczak, ACM MM 2015",
)
EMODB = Collection(
    "emodb4",
    "four acted emotions",
    "CC0 1.0; Berlin Database of Emotional Speech, F. Burkhardt et al., Interspeech 2005",
)
AMI = Collection(
    "ami_meetings",
    "half minutes of meetings",
    "CC BY 4.0; The AMI Meeting Corpus, J. Carletta et al., 2005, in pyannote-audio's tests",
)
STEMS = Collection(
    "stems",
    "pieces of music and their stems",
    "As the music; the drills for bands CC0, the quartets in the public domain (MutopiaProject)",
)
SINGING = Collection(
    "singing",
    "singing",
    "CC BY 4.0 (vocadito, R. Bittner et al., 2021) and CC BY-SA (Los Rombos, Fantasma; words by"
    " JamendoLyrics MultiLang, S. Durand et al., 2023)",
)
EXAMPLES = (SOUNDS, NOISE_ROOMS, KATHLEEN48, MUSIC)
RECORDINGS = (
    KATHLEEN,
    LIBRISPEECH10,
    LIBRISPEECH251,
    ESC10,
    EMODB,
    AMI,
    STEMS,
    SINGING,
)
COLLECTIONS = (FSDD, VOWELS, *EXAMPLES, *RECORDINGS)

REMEDY = (
    "fill the cache with `python -m speechlab.corpora fetch`,"
    " or from disk with `python -m speechlab.corpora fill FOLDER_OR_ARCHIVE`"
)


def embedded_only() -> bool:
    """Whether only what ships with the package is used: by wish, or for want of anything else.

    The copy of the package that pages run has no lists of recordings, and no cache.
    """
    wish = os.environ.get("SPEECHLAB_CORPUS") == "embedded"
    return wish or not (DATA / f"{FSDD.key}.txt").is_file()


def cache_folder() -> Path:
    """The folder of the cache: `SPEECHLAB_CACHE`, or the operating system's own."""
    chosen = os.environ.get("SPEECHLAB_CACHE")
    if not chosen:
        try:
            from pooch import os_cache
        except ImportError:  # where a page runs this, there is no cache, and no pooch
            return Path.home() / ".cache" / "speechlab"
        chosen = os_cache("speechlab")
    return Path(chosen).expanduser()


@lru_cache
def _registry(key: str) -> dict[str, str]:
    lines = (DATA / f"{key}.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.rsplit(maxsplit=1) for line in lines if line and line[0] != "#")
    return {file.strip("'\""): checksum for file, checksum in rows}


def owners(path: str) -> Iterator[tuple[Collection, str]]:
    """Each collection that knows a file of a source, with the name of that file there.

    `path` has forward slashes; its last part, or its last two, are the name.
    """
    parts = path.split("/")
    names = {"/".join(parts[-many:]) for many in (1, 2)}
    return ((one, name) for one in COLLECTIONS for name in names & one.registry.keys())
