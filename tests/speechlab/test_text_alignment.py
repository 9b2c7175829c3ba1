"""A known text found in its sound, by letters learned without any times."""

import itertools

import numpy as np
import pytest

from speechlab.figures import text_alignment as measured
from speechlab.systems import text_alignment as system


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_words_and_units():
    assert system.words_of("“Don't, Tom!” she said.") == ["dont", "tom", "she", "said"]
    script = system.Script.of("She.")
    assert script.kinds == ["-", "sh0", "sh1", "e0", "e1", "-"]
    assert script.word.tolist() == [-1, 0, 0, 0, 0, -1]
    with pytest.raises(ValueError, match="needs a word"):
        system.Script.of("1, 2, 3.")


@pytest.mark.parametrize("seed", range(8))
def test_the_best_path_is_the_best_of_all_paths(seed):
    """Every path of a short text, one by one: pauses may be left out, other states not."""
    rng = np.random.default_rng(seed)
    pauses = np.array([True, False, True, False, False, True])
    scores = rng.standard_normal((6, 6))

    def allowed(path):
        if path[0] > 1 or path[-1] < 4:
            return False
        steps = itertools.pairwise(path)
        return all(b in (a, a + 1) or (b == a + 2 and pauses[a + 1]) for a, b in steps)

    paths = [p for p in itertools.product(range(6), repeat=6) if allowed(p)]
    best = max(paths, key=lambda path: sum(scores[t, s] for t, s in enumerate(path)))
    assert system.best_path(scores, pauses).tolist() == list(best)


def test_a_sound_too_short_for_its_text():
    with pytest.raises(ValueError, match="too short"):
        system.best_path(np.zeros((3, 6)), np.array([True, False, False, False, False, True]))


def test_words_of_digits_are_found_nearer_than_by_even_cuts():
    lessons = measured.sentences("train")
    aligner = system.learn([(one.samples, one.rate, one.text) for one in lessons], rounds=4)
    for one in measured.sentences("test"):
        found = aligner.align(one.samples, one.rate, one.text)
        assert [word for word, *_ in found] == system.words_of(one.text)
        assert all(a[2] <= b[1] + 1e-9 for a, b in itertools.pairwise(found))
        ours, base = measured.apart(found, one), measured.apart(measured.evenly(one), one)
        assert np.median(ours) < 0.04 and np.median(ours) < np.median(base)


def test_errors_are_of_edges_and_words_must_be_the_same():
    (one, *_) = measured.sentences("test")
    table = one.tables["words"]
    late = [(str(word), start + 0.02, end) for word, start, end in table]
    assert measured.apart(late, one).reshape(-1, 2).mean(axis=0) == pytest.approx([0.02, 0])
    with pytest.raises(ValueError, match="differ"):
        measured.apart(late[1:], one)
