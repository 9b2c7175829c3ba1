"""`python -m speechlab.corpora`: fetch, fill or show the speech and sounds that the book uses."""

from __future__ import annotations

import argparse
import os
import sys
import warnings

from . import collections, held_collection, name
from .cache import COLLECTIONS, FSDD, SOUNDS, CorpusError, cache_folder
from .catalogue import held
from .filling import ARCHIVE, PIECES, PUBLIC, Delivery, fetch, fetch_pieces, fill, reachable


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 if all is well, 1 if something is missing or went wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m speechlab.corpora",
        description="The speech and sounds that the book uses. Environment: SPEECHLAB_CACHE is the"
        " folder of the cache; SPEECHLAB_CORPUS (auto, fsdd, embedded) chooses the corpus.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    get = commands.add_parser("fetch", help="download what is public as it is")
    get.add_argument(
        "what",
        nargs="?",
        choices=("digits", "pieces", *collections()),
        default="digits",
        help="the Free Spoken Digit Dataset (16 MB, the default), or five of the sounds (1 MB); the"
        " collections are at no server as they are here, so that `fill` has to bring them",
    )
    ready = commands.add_parser(
        "ready", help="download both if they are in reach, and say which speech is used"
    )
    for one in (get, ready):
        one.add_argument("--url", default=ARCHIVE, help="another address of the same archive")
        one.add_argument("--pieces", default=PIECES, help="another folder of the five sounds")
    take = commands.add_parser("fill", help="take corpora from a folder or an archive on disk")
    take.add_argument("source", help="a folder with the files anywhere beneath, or a zip or tar")
    commands.add_parser("status", help="say what is in the cache and which corpus is used")
    options = parser.parse_args(arguments)
    try:
        if options.command == "status":
            return status()
        if options.command == "ready":
            return make_ready(options.url, options.pieces)
        if options.command == "fill":
            deliveries = fill(options.source)
        elif options.what == "pieces":
            deliveries = fetch_pieces(options.pieces)
        elif options.what in collections():
            deliveries = [from_disk_only(options.what)]
        else:
            deliveries = fetch(options.url)
    except (CorpusError, ValueError) as why:
        print(why, file=sys.stderr)
        return 1
    except OSError as why:
        print(f"{why.strerror or why}: {why.filename or cache_folder()}", file=sys.stderr)
        return 1
    for one in deliveries:
        print(one)
    return 0 if all(one.good for one in deliveries) else 1


def from_disk_only(key: str) -> Delivery:
    """What the cache holds of a collection that no server has as it is here.

    Raises `CorpusError`, which says so, if something is missing.
    """
    (delivery,) = [Delivery(one) for one in COLLECTIONS if one.key == key]
    if delivery.missing:
        raise CorpusError(
            f"{delivery.collection.title}: {len(delivery.missing)} files are missing, and no server"
            " has them, since they were cut, converted or rendered for this course. Fill the cache"
            " from a copy: `python -m speechlab.corpora fill FOLDER_OR_ARCHIVE`."
        )
    return delivery


def make_ready(url: str, pieces: str) -> int:
    """Fetch the recordings if they are wanted, lacking and in reach; print which speech is used.

    A download that fails is no failure here, since the embedded speech serves.
    """
    why = ""
    if os.environ.get("SPEECHLAB_CORPUS") == "embedded":
        why = " (SPEECHLAB_CORPUS asks for it)"
    elif not FSDD.complete():
        try:
            if reachable(url):
                fetch(url)
            else:
                why = f" (the {FSDD.title} is not in the cache, and its server did not answer)"
        except (CorpusError, OSError) as error:
            print(error, file=sys.stderr)
            why = f" (the {FSDD.title} could not be fetched)"
    if (
        not why
        and not PUBLIC.keys() <= SOUNDS.present()
        and reachable(pieces + PUBLIC["robin.ogg"])
    ):
        try:
            fetch_pieces(pieces)
        except (CorpusError, OSError) as error:
            print(error, file=sys.stderr)
    with warnings.catch_warnings(action="ignore"):
        print(f"The book uses: {name()}{why}.")
    print(examples_in_use())
    return 0


def examples_in_use() -> str:
    """How many of the sounds and pieces of music are stand-ins, as a sentence."""
    there, all_of_them = held()
    if there == all_of_them:
        return f"All {there} sounds and pieces of music are in the cache."
    return (
        f"{there} of {all_of_them} sounds and pieces of music are in the cache;"
        " synthetic stand-ins are used for the others."
    )


def collections_in_use() -> str:
    """Which collections of recordings are read and which are stand-ins, as two sentences."""
    there = [key for key in collections() if held_collection(key)]
    made = [key for key in collections() if key not in there]
    return "\n".join(
        [f"Collections that are read from the cache: {', '.join(there) or 'none'}."]
        + ([f"Collections with synthetic stand-ins: {', '.join(made)}."] if made else [])
    )


def status() -> int:
    """Print what the cache holds, checked, its licences, and what the book will use."""
    print(f"Cache: {cache_folder()}")
    damaged = 0
    for one in COLLECTIONS:
        present = one.present()
        bad = sorted(f for f in present if not one.good(f, one.path(f).read_bytes()))
        damaged += len(bad)
        print(f"{one.title}: {len(present) - len(bad)} of {len(one.registry)} files")
        if bad:
            print(f"  damaged: {', '.join(bad[:5])}{' and more' if len(bad) > 5 else ''}")
        print(f"  {one.licence}")
    with warnings.catch_warnings(action="ignore"):
        print(f"The book uses: {name()}")
    print(examples_in_use())
    print(collections_in_use())
    return 1 if damaged else 0


if __name__ == "__main__":
    sys.exit(main())
