"""Blanks and collapse, and what is counted as an error."""

from __future__ import annotations

from functools import cache
from itertools import groupby

import numpy as np

from autograder.checks.ctc.inputs import classes
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import ctc


def _expansion_cases(rng):
    return [
        Case(([1, *(1 + np.array(classes(rng, 6, "abcd")))],), "five different classes"),
        Case((np.array(classes(rng, 30, "aabbcab")),), "classes said twice in a row"),
        Case((classes(rng, 9, "a"),), "a single class"),
        Case(([],), "a label without classes", "empty"),
    ]


def _expansion_by_append(label):
    places = [0]
    for z in label:
        places += [z, 0]
    return places


def _expansion_by_stacking(label):
    label = np.array(label, dtype=np.int16)
    return np.append(np.stack([0 * label, label], axis=1).ravel(), 0)


EXPANSION = Exercise(
    function=ctc.blank_expansion,
    read="The lattice",
    cases=_expansion_cases,
    refuses={
        "a label with a blank in it": {"label": lambda label: [*label, 0]},
        "a negative class": {"label": lambda label: [*label, -1]},
        "a class that is no whole number": {"label": lambda label: [0.5, *label]},
        "a matrix": {"label": np.ones((2, 2), dtype=int)},
    },
    criteria=(
        Criterion("the expanded label", 2),
        Criterion("a label without classes", 1, "empty"),
    ),
    mistakes="""
        return expanded => return expanded[:-1]
            The blank behind the last class is missing: a speaker may stop before the recording
            does.
        return expanded => return expanded[1:]
            The blank before the first class is missing: a recording may start in silence.
        return expanded => return expanded[1:-1]
            The blanks stand between the classes only; there is one at each end as well.
        return expanded
        => return [k for j, z in zip([0, *label], label) for k in ([0, z] if j == z else [z])]
            Your blanks stand only where two classes are equal: there they are needed, but they may
            stand everywhere.
    """,
    alternatives=(
        Alternative(_expansion_by_append, why="a loop that appends to a list"),
        Alternative(_expansion_by_stacking, why="two rows woven together, short integers"),
    ),
)


def _collapse_cases(rng):
    a, b, c = classes(rng, 7, "abc")
    noisy = rng.permutation([a, a, a, b, b, 0, 0, 0, 0, c]).tolist()
    return [
        Case(([a, 0, a, b, 0],), "a class that comes again behind a blank"),
        Case(([0, a, a, 0, 0, a, b, b],), "runs of classes and of blanks"),
        Case(([b, a, a, c, c, b],), "a path without blanks"),
        Case((np.array([*noisy, a, b, a, 0, a]),), "15 frames in random order"),
        Case((np.zeros(5, dtype=int),), "blanks only"),
        Case(([c],), "a single frame"),
    ]


def _collapse_by_groups(path):
    return [k for k, _ in groupby(path) if k]


def _collapse_by_loop(path):
    text, before = [], 0
    for k in path:
        if k not in (0, before):
            text.append(k)
        before = k
    return np.array(text, dtype=np.uint8)


COLLAPSE = Exercise(
    function=ctc.collapse,
    read="A rule that forgets time",
    cases=_collapse_cases,
    refuses={
        "a path without frames": {"path": []},
        "a negative class": {"path": lambda path: [*path, -1]},
        "a class that is no whole number": {"path": lambda path: [0.5, *path]},
    },
    criteria=(Criterion("the label", 3),),
    mistakes="""
        begins & (path != 0) => path != 0
            The blanks are gone, but a class that lasts for several frames is still there several
            times.
        begins & (path != 0) => begins
            Runs are merged, but the blanks are still there; they are no part of the text.
        np.append(True, path[1:] != path[:-1]) => np.append(path[1:] != path[:-1], False)
            The class that the path ends with gets lost if it is not followed by a blank.
        begins = => path = path[path != 0]; begins =
        path[begins & (path != 0)] => path[begins[: len(path)]]
            You take the blanks out first and merge then, so that a class said twice becomes one:
            keeping those apart is what the blank is for.
        return path[begins & (path != 0)] => return list(dict.fromkeys(path[path != 0].tolist()))
            Each class is left once: only runs are merged, and a class may come again.
    """,
    alternatives=(
        Alternative(_collapse_by_groups, why="itertools.groupby, a list"),
        Alternative(_collapse_by_loop, why="a loop that remembers the class before"),
    ),
)


TOGETHER, EXCHANGED = "together", "exchanged"
_WORDS = ("zero", "one", "two", "three", "four", "five")


def _utterance(rng, count):
    return [_WORDS[k] for k in rng.integers(0, len(_WORDS), count)]


def _texts(utterances):
    return [" ".join(words) for words in utterances]


def _misheard(rng, words):
    """One word exchanged, one left out, one put in, all at random places."""
    words = list(words)
    words[rng.integers(len(words))] = "six"
    del words[rng.integers(len(words))]
    words.insert(rng.integers(len(words) + 1), "seven")
    return words


def _rate_cases(rng):
    said = [_utterance(rng, n) for n in (3, 9, 6)]
    heard = [said[0][1:], said[1][2:], said[2]]
    late = _utterance(rng, 7)
    made = [
        ([late], [late[:2] + late[4:]], "an utterance with a hole in it"),
        ([late], [["and", *late]], "an utterance shifted by a word"),
        ([late], [[*late[:5], "six", late[6]]], "a word taken for another", EXCHANGED),
        (said[1:2], [_misheard(rng, said[1])], "errors of all kinds in one utterance", EXCHANGED),
        ([["Nine", "one"]], [["nine", "one"]], "a capital", EXCHANGED),
        (said, heard, "three utterances of different lengths", TOGETHER),
        ([late, late[:2]], [late[1:], late[:1]], "a long and a short one", TOGETHER),
        ([late, []], [[], ["uh"]], "silence, and an answer to silence", EDGE),
        ([late[:2]], [[*late, *late]], "much more heard than said", EDGE),
        ([["nine ", "nine\tone"]], [["nine", "nine"]], "spaces of all kinds", EDGE),
    ]
    return [Case((_texts(a), _texts(b)), *kind) for a, b, *kind in made]


def _edits(said, heard):
    """The least number of edits, forwards over a table."""
    table = np.zeros((len(said) + 1, len(heard) + 1))
    table[:, 0], table[0] = np.arange(len(said) + 1), np.arange(len(heard) + 1)
    for i, j in np.ndindex(len(said), len(heard)):
        ways = table[i, j] + (said[i] != heard[j]), table[i, j + 1] + 1, table[i + 1, j] + 1
        table[i + 1, j + 1] = min(ways)
    return table[-1, -1]


def _rate_over_a_table(references, hypotheses):
    pairs = [(a.split(), b.split()) for a, b in zip(references, hypotheses)]
    return sum(_edits(a, b) for a, b in pairs) / sum(len(a) for a, _ in pairs)


def _rate_by_recursion(references, hypotheses):
    @cache
    def edits(a, b):
        if not a or not b:
            return len(a) + len(b)
        if a[-1] == b[-1]:
            return edits(a[:-1], b[:-1])
        return 1 + min(edits(a[:-1], b[:-1]), edits(a[:-1], b), edits(a, b[:-1]))

    pairs = [(a.split(), b.split()) for a, b in zip(references, hypotheses)]
    return sum(edits(tuple(a), tuple(b)) for a, b in pairs) / sum(len(a) for a, _ in pairs)


RATE = Exercise(
    function=ctc.word_error_rate,
    read="Counting what is wrong",
    cases=_rate_cases,
    refuses={
        "nothing said at all": {"references": [""], "hypotheses": ["one"]},
        "strings where lists are asked for": {"references": "one two", "hypotheses": "one six"},
    },
    criteria=(
        Criterion("words left out, and words put in", 1),
        Criterion("words taken for others", 1, EXCHANGED),
        Criterion("utterances counted together", 1, TOGETHER),
        Criterion("silence, spaces, more heard than said", 1, EDGE),
    ),
    mistakes="""
        (word != other) => 2 * (word != other)
            A substitution costs as much as one insertion, not as much as a word left out and
            another put in.
        words += len(said) => words += len(heard)
            The rate is per word that was said, not per word that was recognised.
        said, heard = reference.split(), hypothesis.split()
        => said, heard = list(reference), list(hypothesis)
            You count characters; asked for is the rate of wrong words.
        errors += row[-1] => errors += said != heard
            You count utterances with an error in them, where each error counts.
        return errors / words => return min(errors / words, 1.0)
            Your rate stops at one; whoever hears more than was said can make more errors than there
            were words.
        errors += row[-1] => errors += row[-1] / max(len(said), 1)
        return errors / words => return errors / len(references)
            You average the rates of the utterances; the errors are counted together, and the words,
            so that a long utterance weighs more.
        row = list(range(len(heard) + 1)) => row = [0] * (len(heard) + 1)
        row[j - 1] + 1)) => row[j - 1]))
            Words that nobody said cost nothing in yours; insertions are errors, too.
        errors += row[-1]
        => errors += sum(a != b for a, b in zip(said, heard)) + abs(len(said) - len(heard))
            You compare the first word with the first, the second with the second: one word too many
            and everything behind it is wrong. The words have to be aligned.
    """,
    alternatives=(
        Alternative(_rate_over_a_table, why="a whole table"),
        Alternative(_rate_by_recursion, why="a recursion that remembers"),
    ),
    because="it counts the errors, which is what you are asked to write",
    forbidden="jiwer.wer jiwer.process_words editdistance.eval Levenshtein.distance",
)
