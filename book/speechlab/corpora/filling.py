"""Bring corpora into the cache: from a folder, from an archive, from the network.

Only files whose name and SHA-256 are in a registry are taken, wherever in the source they lie, and
they are stored under the registry's name: an archive cannot write anywhere else.
"""

from __future__ import annotations

import lzma
import os
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pooch
import requests
from tqdm.auto import tqdm

from .cache import COLLECTIONS, FSDD, SOUNDS, Collection, CorpusError, cache_folder, owners

COMMIT = "26eb9aaf76e81b692f806f9140c2d2777410d7a1"
ARCHIVE = f"https://github.com/Jakobovski/free-spoken-digit-dataset/archive/{COMMIT}.tar.gz"
PIECES = (
    "https://raw.githubusercontent.com/librosa/data/450cdd8a002c98e7bdbfebb309fc1ed024001f77/audio/"
)
PUBLIC = {  # the sounds that are public, byte for byte, with their names there
    "brahms.ogg": "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_(string_orchestra).ogg",
    "humpback.ogg": "glacier-bay-humpback.ogg",
    "robin.ogg": "456440__inspectorj__bird-whistling-robin-single-13.ogg",
    "trumpet.ogg": "sorohanro_-_solo-trumpet-06.ogg",
    "vibeace.ogg": "Kevin_MacLeod_-_Vibe_Ace.ogg",
}
LARGEST = 2_000_000  # bytes; no file of any registry comes near
UNREADABLE = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)
PATIENCE = 30  # seconds without a byte before a download is given up
AT_ONCE = 5  # seconds in which a server has to answer that nobody asked for by name


@dataclass
class Delivery:
    """What a source brought for one collection."""

    collection: Collection
    new: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)  # good, and in the cache already
    damaged: set[str] = field(default_factory=set)  # right name, wrong content, no good copy seen
    wanted: frozenset[str] | None = None  # what it set out to bring; None is everything

    @property
    def missing(self) -> list[str]:
        """What the cache still lacks of what was wanted."""
        wanted = self.collection.registry if self.wanted is None else self.wanted
        return sorted(set(wanted) - self.collection.present())

    @property
    def good(self) -> bool:
        return not self.missing and not self.damaged

    def __str__(self) -> str:
        have = len(self.collection.present())
        lines = [
            f"{self.collection.title}: {have} of {len(self.collection.registry)} files are in the"
            f" cache ({len(self.new)} new)."
        ]
        if self.damaged:
            lines.append(f"  Damaged in the source, not taken: {some(sorted(self.damaged))}.")
        if self.missing:
            lines.append(f"  Missing: {some(self.missing)}.")
        return "\n".join(lines)


def some(files: list[str], most: int = 5) -> str:
    rest = len(files) - most
    return ", ".join(files[:most]) + (f" and {rest} more" if rest > 0 else "")


def fill(source: str | Path) -> list[Delivery]:
    """Fill the cache from a folder (at any depth) or a zip or tar archive.

    Returns what came, one delivery for each collection of which the source held anything. What is
    good is kept whatever else is wrong; filling again does no harm.

    Raises `CorpusError` if there is no such source, or it cannot be read to its end, or nothing in
    it has the name of a file of any collection.
    """
    source = Path(source).expanduser()
    if not source.exists():
        raise CorpusError(f"There is no folder or archive {source}.")
    deliveries = {one.key: Delivery(one) for one in COLLECTIONS}
    trouble = None
    try:
        for file, content in _opened(source):
            for collection, name in owners(file):
                _take(deliveries[collection.key], name, content)
    except UNREADABLE as why:
        if isinstance(why, OSError) and why.filename:
            raise  # a file of ours, or of the folder: the message names it
        trouble = f"{source} cannot be read to its end ({why}); what was read before is kept."
    for one in deliveries.values():
        one.damaged -= one.new | one.known
    came = [one for one in deliveries.values() if one.new or one.known or one.damaged]
    if trouble:
        raise CorpusError("\n".join([trouble, *map(str, came)]))
    if not came:
        raise CorpusError(
            f"{source} holds no file of the {FSDD.title} (such as 0_george_0.wav), no vowel table"
            " (pb52.csv, h95.csv) and nothing of the sounds, the music and the other recordings."
        )
    return came


def _take(delivery: Delivery, file: str, content: Callable[[], bytes]) -> None:
    """Put a file of the source in the cache if it is what its name promises."""
    data = content()
    if not delivery.collection.good(file, data):
        delivery.damaged.add(file)
    elif _already(delivery.collection, file, data):
        delivery.known.add(file)
    else:
        delivery.collection.store(file, data)
        delivery.new.add(file)


def _already(collection: Collection, file: str, data: bytes) -> bool:
    path = collection.path(file)
    return path.is_file() and path.read_bytes() == data


Found = Iterator[tuple[str, Callable[[], bytes]]]


def _opened(source: Path) -> Found:
    """Path and content of each regular file of a folder or archive that a registry knows."""
    if source.is_dir():
        return _of_folder(source)
    if zipfile.is_zipfile(source):
        return _of_zip(source)
    if tarfile.is_tarfile(source):
        return _of_tar(source)
    raise CorpusError(f"{source} is neither a folder nor a zip or tar archive.")


def _of_folder(folder: Path) -> Found:
    for place, _, files in os.walk(folder):
        for file in sorted(files):
            path = Path(place, file)
            known = any(owners(path.absolute().as_posix()))
            if known and path.is_file() and path.stat().st_size <= LARGEST:
                yield path.absolute().as_posix(), path.read_bytes


def _of_zip(source: Path) -> Found:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            file = member.filename
            if not member.is_dir() and any(owners(file)) and member.file_size <= LARGEST:
                yield file, lambda member=member: _member(archive, member)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Its content, or nothing (which no registry knows) if it is broken: the others may be good."""
    try:
        return archive.read(member)
    except (*UNREADABLE, RuntimeError):  # RuntimeError: encrypted, or packed in an unknown way
        return b""


def _of_tar(source: Path) -> Found:
    with tarfile.open(source) as archive:
        for member in archive:
            file = member.name
            if member.isreg() and any(owners(file)) and member.size <= LARGEST:
                yield file, lambda member=member: archive.extractfile(member).read()


def fetch(url: str = ARCHIVE) -> list[Delivery]:
    """Download the Free Spoken Digit Dataset, as one archive, into the cache.

    Does nothing if the cache holds it all. A download that was cut off goes on where it stopped if
    the server can do so. Raises `CorpusError` if the network fails.
    """
    if FSDD.complete():
        return [Delivery(FSDD)]
    downloads = cache_folder() / "downloads"
    pooch.get_logger().setLevel("WARNING")
    try:
        archive = pooch.retrieve(
            url, known_hash=None, path=downloads, fname=url.rpartition("/")[2], downloader=download
        )
    except requests.RequestException as why:
        raise CorpusError(
            f"The download of {url} failed ({_plain(why)}); run the command again to go on, or fill"
            " the cache from a copy: `python -m speechlab.corpora fill FOLDER_OR_ARCHIVE`."
        ) from why
    try:
        deliveries = fill(archive)
    except CorpusError:
        os.unlink(archive)  # it is no use, and must not be what the next fetch finds
        raise
    os.unlink(archive)  # its files are in the cache now
    return deliveries


def fetch_pieces(base: str = PIECES) -> list[Delivery]:
    """Download the five sounds of librosa's examples that are kept as they are published.

    The other sounds, the noises, the rooms, the sentences at 48 kHz and the music were cut,
    converted or rendered for this course, so they come only by `fill`. Raises `CorpusError` if the
    network fails, or a file is not what its SHA-256 says.
    """
    delivery = Delivery(SOUNDS, wanted=frozenset(PUBLIC))
    pooch.get_logger().setLevel("WARNING")
    for file in delivery.missing:
        url = base + quote(PUBLIC[file])
        try:
            found = pooch.retrieve(
                url,
                known_hash=SOUNDS.registry[file],
                path=cache_folder() / "downloads",
                fname=file,
                downloader=pooch.HTTPDownloader(timeout=PATIENCE),
            )
        except requests.RequestException as why:
            raise CorpusError(f"The download of {url} failed ({_plain(why)}).") from why
        except ValueError as why:
            raise CorpusError(f"What came from {url} is not {file}: its SHA-256 differs.") from why
        _take(delivery, file, Path(found).read_bytes)
        os.unlink(found)
    return [delivery]


def reachable(url: str = ARCHIVE, seconds: float = AT_ONCE) -> bool:
    """Whether the server answers for the address within so many seconds.

    The question is put on a thread of its own: where there is no network, looking up the server's
    name alone can take longer than that.
    """
    found = []

    def ask() -> None:
        try:
            answer = requests.head(url, allow_redirects=True, timeout=seconds)
            found.append(answer.ok)
        except requests.RequestException:
            found.append(False)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return found == [True]


def download(url: str, output_file: str, pooch: object) -> None:
    """A downloader for pooch that keeps what it got, so that the next try goes on from there."""
    partial = cache_folder() / "downloads" / f"{url.rpartition('/')[2]}.partial"
    partial.parent.mkdir(parents=True, exist_ok=True)
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-", "Accept-Encoding": "identity"} if have else {}
    with requests.get(url, headers=headers, stream=True, timeout=PATIENCE) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            partial.unlink()
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            have = 0  # the server sends it all again
        total = have + int(answer.headers.get("Content-Length", 0)) or None
        with (
            open(partial, "ab" if have else "wb") as out,
            tqdm(total=total, initial=have, unit="B", unit_scale=True, desc=FSDD.title) as bar,
        ):
            for block in answer.iter_content(1 << 14):
                bar.update(out.write(block))
    if total and partial.stat().st_size < total:
        raise requests.ConnectionError("the connection was cut")
    os.replace(partial, output_file)


def _plain(why: Exception) -> str:
    """The last, most telling part of a chain of network errors, without addresses of objects."""
    while why.__context__ is not None or (why.args and isinstance(why.args[0], Exception)):
        inner = why.args[0] if why.args and isinstance(why.args[0], Exception) else why.__context__
        why = getattr(inner, "reason", None) or inner
    return getattr(why, "strerror", None) or str(why).rpartition(">: ")[2] or type(why).__name__
