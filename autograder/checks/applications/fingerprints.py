"""Pairs of spectral peaks, and the recording that has the same ones."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import applications

TIES = "ties"
EXACT = Close(rtol=0, atol=0.4, single_rtol=0)  # whole numbers, and large ones


def _peaks(rng, count, frames, bins):
    """So many cells of a spectrogram, in no order, some of them in the same frame."""
    cells = rng.choice(frames * bins, count, replace=False)
    cells[1] = cells[0] // bins * bins + (cells[0] + 1) % bins
    return np.stack(np.divmod(np.unique(cells), bins), axis=1)[rng.permutation(len(set(cells)))]


def _hash_cases(rng):
    def in_one_frame(count):
        return np.stack([np.full(count, rng.integers(50)), rng.permutation(40)[:count]], axis=1)

    return [
        Case((_peaks(rng, 30, 40, 64), 64), "30 peaks"),
        Case((_peaks(rng, 25, 12, 100), 100, 3, 7), "fan = 3, reach = 7"),
        Case((_peaks(rng, 40, 30, 50), 50, 2, 4), "fan = 2, reach = 4"),
        Case((_peaks(rng, 18, 60, 33), 33, 10, 20), "fan = 10, reach = 20"),
        Case((_peaks(rng, 36, 9, 32), 32, 4, 5), "many peaks in each frame"),
        Case((_peaks(rng, 12, 20, 32), 32, 1, 6), "fan = 1, reach = 6"),
        Case((in_one_frame(6), 40), "peaks of one frame", EDGE),
        *(Case((_peaks(rng, 20, 15, 24), 24, 3, 1), "reach = 1", EDGE) for _ in range(3)),
        Case((np.array([[rng.integers(9), 7]]), 8), "a single peak", EDGE),
    ]


def _hashes_by_table(peaks, bins, fan=5, reach=63):
    """Bins by frame, and frame after frame looked up."""
    table = {}
    for frame, k in np.asarray(peaks).tolist():
        table.setdefault(int(frame), []).append(int(k))
    hashes, times = [], []
    for frame in sorted(table):
        later = [(d, g) for d in range(1, reach + 1) for g in sorted(table.get(frame + d, []))]
        for f in sorted(table[frame]):
            hashes += [g * (reach + 1) + d + f * bins * (reach + 1) for d, g in later[:fan]]
            times += [frame] * len(later[:fan])
    return hashes, times


FINGERPRINT_HASHES = Exercise(
    function=applications.fingerprint_hashes,
    read="Pairs of peaks",
    cases=_hash_cases,
    refuses={
        "a bin that is one too high": {"bins": 8, "peaks": np.array([[0, 3], [1, 8]])},
        "a frame before 0": {"peaks": changed((0, 0), -1)},
        "half a bin": {"peaks": changed((0, 1), 2.5)},
        "peaks with a third number": {"peaks": np.array([[0, 3, 1], [1, 4, 1]])},
        "fan = 0": {"fan": 0},
        "reach = 0": {"reach": 0},
        **spoilt("peaks"),
    },
    criteria=(
        Criterion("the hashes", 3, select=0, equal=EXACT),
        Criterion("their times", 1, select=1, equal=EXACT),
        Criterion("a reach of 1, and peaks without a partner", 1, EDGE, equal=EXACT),
    ),
    mistakes="""
        sorted((int(frame), int(k)) for frame, k in peaks)
        => [(int(frame), int(k)) for frame, k in peaks]
            You take the peaks in the order in which they are given; put them in order first.
        sorted((int(frame), int(k)) for frame, k in peaks)
        => sorted(((int(frame), int(k)) for frame, k in peaks), key=lambda peak: peak[0])
            Peaks of one frame are in the order in which they are given; put them in order of
            frequency.
        1 <= t - frame <= reach => 0 <= t - frame <= reach
            You pair peaks of the same frame too.
        1 <= t - frame <= reach => 1 <= t - frame < reach
            A peak that is just `reach` frames later may still be a partner.
        1 <= t - frame <= reach => t - frame >= 1
            Your partners may be any number of frames later: see `reach`.
        ordered[i + 1 :] if 1 => ordered[i + 1 : i + 1 + fan] if 1
            You take the next `fan` peaks and then leave some out: those of the same frame take
            the places of partners.
        near[:fan] => near[-fan:]
            You take the last partners within reach; the first ones are asked for.
        (f * bins + g) => (g * bins + f)
            You have the two bins of a pair the wrong way round.
        (reach + 1) + d => reach + d
            Two different pairs may have the same hash in yours: d has one value more than `reach`
            if 0 is counted.
        (reach + 1) + d, frame) => (reach + 1) + d, frame + d)
            Your times are those of the later peaks; a pair occurs at the time of its earlier one.
    """,
    alternatives=(Alternative(_hashes_by_table, why="bins by frame in a dictionary"),),
)


def _library(rng, *lengths):
    """Recordings of random hashes below 40, in order of time."""
    return [(rng.integers(0, 40, n), np.sort(rng.integers(0, n + 1, n))) for n in lengths]


def _match_cases(rng):
    def piece(*lengths, hits=12, start=None):
        """Some hashes of one recording, others that are not of it, and a long rival."""
        library = _library(rng, *lengths)
        place = rng.integers(1, len(lengths))
        hashes, times = library[place]
        at = rng.choice(len(hashes), min(hits, len(hashes)), replace=False)
        start = rng.integers(-5, 15) if start is None else start
        wrong = rng.integers(0, 40, hits // 2)
        library[0] = np.tile(hashes[at], 4), rng.integers(100, 999, 4 * len(at))
        asked = np.append(hashes[at], wrong), np.append(times[at] - start, 7 * wrong % 31)
        return *asked, library

    def tie(between):
        """Two recordings, or two differences in one of them, with equally many votes."""
        first, later = np.sort(rng.permutation(np.arange(3, 60))[:2])
        hashes, times = rng.permutation(40)[:6], rng.integers(0, 20, 6)
        early, late = (hashes, times + first), (hashes, times + later)
        if between:
            return hashes, times, [_library(rng, 1)[0], *rng.permutation([late, early])]
        both = np.append(late, early, axis=1)
        return hashes, times, [_library(rng, 1)[0], tuple(both)]

    def repeated(count):
        """A recording that has each hash several times, and a piece of it."""
        hashes = np.tile(rng.permutation(40)[:5], count)
        times, start = np.sort(rng.permutation(200)[: len(hashes)]), int(rng.integers(1, 9))
        piece = slice(5, -3)
        return hashes[piece], times[piece] - start, [*_library(rng, 3), (hashes, times)]

    return [
        Case(piece(30, 50, 20), "a library of three recordings"),
        Case(piece(20, 80, 60, 40, hits=8), "a library of four recordings"),
        Case(piece(90, 15), "a library of two recordings"),
        Case(piece(20, 60, start=0), "a piece from the very beginning"),
        Case(
            (np.array([3, 5]), np.array([0, 4]), [([], []), ([5, 7, 3], [14, 2, 1])]),
            "a recording without hashes",
        ),
        *(Case(repeated(n), "hashes that occur several times", EDGE) for n in (4, 5, 6)),
        *(Case(tie(True), "two recordings with equally many votes", TIES) for _ in range(4)),
        *(Case(tie(False), "two differences with equally many votes", TIES) for _ in range(3)),
    ]


def _match_by_dictionary(hashes, times, library):
    index, votes = defaultdict(list), Counter()
    for place, (theirs, when) in enumerate(library):
        for h, t in zip(theirs, when):
            index[int(h)].append((place, int(t)))
    for h, here in zip(hashes, times):
        votes.update((place, there - int(here)) for place, there in index[int(h)])
    place, offset = min(votes, key=lambda found: (-votes[found], found))
    return place, offset, votes[place, offset]


def _last_of_each_hash(hashes, times, library):
    """Where a dictionary holds one time for each hash, the last one."""
    once = [
        list(zip(*{int(h): int(t) for h, t in zip(*recording)}.items())) or ([], [])
        for recording in library
    ]
    return _match_by_dictionary(hashes, times, once)


FINGERPRINT_MATCH = Exercise(
    function=applications.fingerprint_match,
    read="Votes for a recording",
    cases=_match_cases,
    refuses={
        "a piece of which no hash is in the library": {"hashes": lambda h: h + 1000},
        "an empty library": {"library": []},
        "a time too few": {"times": lambda t: t[:-1]},
        **spoilt("hashes"),
    },
    criteria=(
        Criterion("the recording", 2, select=0),
        Criterion("the difference and the votes", 2, select=(1, 2)),
        Criterion("hashes that occur several times", 1, EDGE),
        Criterion("equally many votes", 1, TIES),
    ),
    mistakes=(
        """
        np.max(votes, initial=0) > best[2] => np.sum(votes) > best[2]
        int(votes[most])) => int(np.sum(votes)))
            You count the hashes that a recording has in common with the piece; only pairs with the
            same difference of times are votes for the same thing.
        np.asarray(when)[other] - times[ours] => times[ours] - np.asarray(when)[other]
            Your difference is piece minus recording, with the opposite sign.
        np.max(votes, initial=0) > best[2] => np.max(votes, initial=-1) >= best[2]
            Of recordings with equally many votes you take the last one.
        np.argmax(votes) => len(votes) - 1 - np.argmax(votes[::-1])
            Of differences with equally many votes you take the largest one.
        np.asarray(when)[other] - times[ours] => np.asarray(when)[other]
            You count times in the recording; the difference of the two times is what pairs have in
            common.
        """,
        Mistake(
            _last_of_each_hash,
            says="A hash may occur several times in a recording; yours remembers only the last of "
            "them.",
        ),
    ),
    alternatives=(Alternative(_match_by_dictionary, why="one dictionary for the whole library"),),
)
