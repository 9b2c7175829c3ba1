"""Which key, and which chords."""

from __future__ import annotations

import numpy as np

from autograder.checks.tonality.inputs import MINOR, heard, triads
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, changed, spoilt
from autograder.reference import tonality

# Krumhansl and Kessler (1982): how well listeners found that a tone fits after a cadence in C.
RATED = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)


def _key_cases(rng):
    def profiles():
        return rng.uniform(0, 7, (2, 12))

    in_a_key = np.roll(RATED[1], rng.integers(1, 12)) + rng.uniform(0, 2, 12)
    return [
        Case((rng.uniform(0, 9, 12), *RATED), "random chroma, the profiles of listeners"),
        Case((in_a_key, *RATED), "chroma in a minor key, the profiles of listeners"),
        Case((rng.uniform(0, 1, 12), *profiles()), "random chroma and profiles"),
        Case((rng.uniform(0, 1, 12), *profiles()), "other random chroma and profiles"),
        Case((np.eye(12)[rng.integers(12)], *profiles()), "a single pitch class", EDGE),
        Case((40 + rng.uniform(0, 1, 12), *(90 + profiles())), "large values", EDGE),
    ]


def _scores_by_corrcoef(chroma, major, minor):
    return [
        np.corrcoef(np.roll(chroma, -tonic), profile)[0, 1]
        for profile in (major, minor)
        for tonic in range(12)
    ]


def _scores_by_regression(chroma, major, minor):
    """The slope between values that have been standardised."""
    chroma, major, minor = [(v - np.mean(v)) / np.std(v) for v in (chroma, major, minor)]
    turned = np.arange(12)[None, :] - np.arange(12)[:, None]
    return np.concatenate([major[turned % 12] @ chroma, minor[turned % 12] @ chroma]) / 12


def _scores_tonic_by_tonic(chroma, major, minor):
    scores = tonality.key_scores(chroma, major, minor)
    return scores.reshape(2, 12).T.ravel()


KEY_SCORES = Exercise(
    function=tonality.key_scores,
    read="Which key?",
    cases=_key_cases,
    refuses={
        "chroma that is the same for all": {"chroma": np.ones(12)},
        "a profile that is the same for all": {"minor": np.full(12, 2.0)},
        "eleven pitch classes": {"chroma": lambda chroma: chroma[1:]},
        **spoilt("chroma"),
    },
    criteria=(
        Criterion("the scores", 4),
        Criterion("a single pitch class and large values", 1, EDGE),
    ),
    mistakes=(
        """
        np.roll(profile, tonic) => np.roll(profile, -tonic)
            Your profiles are turned the wrong way: that of D has its tonic in place 2.
        values - values.mean() => values
            You leave the means in, which is a cosine. A correlation takes them away first.
        / (np.linalg.norm(keys, axis=1) * np.linalg.norm(heard)) => / 1
            You return covariances: the scores are not divided by the sizes of profile and chroma,
            and a correlation never exceeds 1.
        np.linalg.norm(heard)) => 1)
            Louder music scores higher. A correlation is divided by the size of the chroma, too.
        for profile in profiles for tonic => for profile in profiles[::-1] for tonic
            The minor keys come first in your answer; the docstring has the major keys first.
        """,
        Mistake(
            _scores_tonic_by_tonic,
            says="Your list goes from tonic to tonic, major and minor side by side; the docstring "
            "has all major keys first.",
        ),
    ),
    alternatives=(
        Alternative(_scores_by_corrcoef, why="the chroma turned back, NumPy's correlation"),
        Alternative(_scores_by_regression, why="standardised values, turned by indices"),
    ),
)


def _chord_cases(rng):
    def played(templates, frames, noise):
        which = np.repeat(rng.integers(len(templates), size=-(-frames // 4)), 4)[:frames]
        return templates[which] * rng.uniform(0.5, 3, (frames, 1)) + noise * heard(rng, frames)

    few = triads(*rng.choice(12, 4, replace=False))
    many = np.concatenate([triads(*range(12)), triads(*range(12), shape=MINOR)])
    uneven = rng.uniform(0.1, 1, (5, 12)) * rng.uniform(0.3, 4, (5, 1))
    return [
        Case((played(few, 24, 1.5), few, 0.7, 6.0), "24 frames, four chords"),
        Case((played(many, 40, 1.2), many, 0.9, 12.0), "40 frames, 24 chords"),
        Case((heard(rng, 30), uneven, 0.5, 25.0), "noise, five uneven templates"),
        Case((heard(rng, 30), uneven, 0.15, 8.0), "chords that seldom stay"),
        Case((played(many, 30, 1.5), many, 0.3, 9.0), "30 frames, 24 chords"),
        Case((heard(rng, 1), few, 0.5, 2.0), "a single frame", EDGE),
        Case((heard(rng, 12), few[:2], 0.8, 20.0), "two chords", EDGE),
    ]


def _chords_by_whole_paths(chroma, templates, stay, sharpness):
    gains = [
        [sharpness * float(c @ t) / float(np.sqrt((c @ c) * (t @ t))) for t in templates]
        for c in chroma
    ]
    chords, change = range(len(templates)), np.log((1 - stay) / (len(templates) - 1))
    paths = [([i], gains[0][i]) for i in chords]
    for gain in gains[1:]:
        ways = [
            [(path, score + (np.log(stay) if path[-1] == i else change)) for path, score in paths]
            for i in chords
        ]
        best = [max(into, key=lambda way: way[1]) for into in ways]
        paths = [([*path, i], score + gain[i]) for i, (path, score) in enumerate(best)]
    return max(paths, key=lambda path: path[1])[0]


def _chords_from_the_end(chroma, templates, stay, sharpness):
    chroma, templates = np.asarray(chroma), np.asarray(templates)
    unit = [rows / np.sqrt((rows**2).sum(1))[:, None] for rows in (chroma, templates)]
    gains = sharpness * unit[0] @ unit[1].T
    step = np.log(np.where(np.eye(len(templates)), stay, (1 - stay) / (len(templates) - 1)))
    onwards = [gains[-1]]
    for gain in gains[-2::-1]:
        onwards.insert(0, gain + (step + onwards[0]).max(axis=1))
    path = [int(np.argmax(onwards[0]))]
    for rest in onwards[1:]:
        path.append(int(np.argmax(step[path[-1]] + rest)))
    return path


def _frame_by_frame(chroma, templates, stay, sharpness):
    return np.argmax(chroma @ (templates / np.linalg.norm(templates, axis=1)[:, None]).T, axis=1)


CHORD_SEQUENCE = Exercise(
    function=tonality.chord_sequence,
    read="Which chords?",
    cases=_chord_cases,
    refuses={
        "a silent frame": {"chroma": lambda chroma: np.vstack([chroma, np.zeros(12)])},
        "an empty template": {"templates": lambda rows: np.vstack([rows, np.zeros(12)])},
        "a single chord": {"templates": lambda rows: rows[:1]},
        "chords that always stay": {"stay": 1.0},
        "chords that never stay": {"stay": 0.0},
        "a sharpness of zero": {"sharpness": 0.0},
        "a negative value": {"chroma": changed((0, 3), -0.1)},
        **spoilt("chroma"),
    },
    criteria=(Criterion("the chords", 4), Criterion("a single frame and two chords", 1, EDGE)),
    mistakes=(
        """
        frames = chroma / np.linalg.norm(chroma, axis=1, keepdims=True) => frames = chroma
            Loud frames count more than soft ones: a cosine divides by the length of the chroma.
        chords = templates / np.linalg.norm(templates, axis=1, keepdims=True) => chords = templates
            Templates with large entries win: a cosine divides by the length of the template, too.
        similarity = sharpness * frames => similarity = frames
            The sharpness is missing: it says what the similarity is worth beside a change of chord.
        (1 - stay) / (count - 1) => (1 - stay)
            The rest of the probability has to be shared by all the other chords.
        came_from[t, sequence[-1]] => came_from[t - 1, sequence[-1]]
            When you go back, you look up the chord before at the wrong frame.
        np.log((1 - stay) / (count - 1)) => np.log(stay)
        np.fill_diagonal(step, np.log(stay)) => np.fill_diagonal(step, np.log(1 - stay))
            You have mixed up staying and changing.
        best, came_from = similarity[0] => ends = []; best, came_from = similarity[0]
        paths = best[:, None] + step => ends.append(best.argmax()); paths = best[:, None] + step
        return np.array(sequence[::-1]) => return np.array([*ends, best.argmax()])
            For each frame you take the chord in which the best sequence so far ends. What comes
            later counts, too: go back from the last frame.
        return np.array(sequence[::-1]) => return np.array(sequence)
            Your sequence runs backwards, from the last frame to the first.
        """,
        Mistake(
            _frame_by_frame,
            says="You choose the best chord of each frame by itself. A change of chord has a "
            "price, so the frames have to be decided together.",
        ),
    ),
    alternatives=(
        Alternative(_chords_by_whole_paths, why="whole paths kept, loops"),
        Alternative(_chords_from_the_end, why="from the last frame to the first"),
    ),
)
