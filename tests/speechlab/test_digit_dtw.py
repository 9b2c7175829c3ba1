"""Time warping for the chapter and its recogniser, against librosa and by use."""

from itertools import pairwise

import librosa
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from speechlab import corpora
from speechlab.speech import synthesis
from speechlab.speech.cepstra import features
from speechlab.systems import digit_dtw
from speechlab.systems.digit_dtw import STEPS, Templates

RATE = 8000


@pytest.fixture
def clips():
    """Five sequences of 6 to 40 frames that drift through five dimensions."""
    rng = np.random.default_rng(3)
    return [np.cumsum(rng.normal(size=(n, 5)), axis=0) + 1 for n in (12, 40, 6, 17, 25)]


def library(C, diagonal):
    """librosa's table, with a first cell that counts as if it were entered on the diagonal."""
    weights = np.array([diagonal, 1.0, 1.0])
    D = librosa.sequence.dtw(
        C=C, step_sizes_sigma=STEPS, weights_mul=weights, backtrack=False, subseq=False
    )
    return D + (diagonal - 1) * C[0, 0]


def by_the_formula(a):
    """The exam's recursion, cell by cell."""
    A = np.zeros((len(a) + 1, a.shape[1] + 1))
    for i, k in np.ndindex(a.shape):
        A[i + 1, k + 1] = max(A[i, k + 1], A[i + 1, k], a[i, k] + A[i, k])
    return A[1:, 1:]


@pytest.mark.parametrize("diagonal", [1.0, 1.5, 2.0])
def test_costs_are_librosas(clips, diagonal):
    for X, Y in pairwise(clips):
        C = cdist(X, Y)
        assert digit_dtw.accumulate(C, diagonal=diagonal) == pytest.approx(library(C, diagonal))


def test_path_is_librosas(clips):
    for X, Y in pairwise(clips):
        C = cdist(X, Y)
        path = digit_dtw.trace(C, digit_dtw.accumulate(C))
        assert np.array_equal(path, librosa.sequence.dtw(C=C)[1][::-1])


def test_similarities_are_the_formulas(clips):
    for X, Y in pairwise(clips):
        a = 1 - cdist(X, Y, "cosine")
        A = digit_dtw.accumulate(a, similar=True)
        assert A == pytest.approx(by_the_formula(a))
        matches = digit_dtw.trace(a, A, similar=True)
        assert np.all(np.diff(matches, axis=0) > 0)
        assert a[tuple(matches.T)].sum() == pytest.approx(A[-1, -1])


def test_a_stack_of_tables_is_each_of_them(clips):
    stack = np.random.default_rng(0).normal(size=(3, 2, 7, 9))
    for similar in (False, True):
        together = digit_dtw.accumulate(stack, similar)
        for index in np.ndindex(3, 2):
            assert np.array_equal(together[index], digit_dtw.accumulate(stack[index], similar))


def test_band_closes_cells_and_only_ever_costs(clips):
    C = cdist(clips[0], clips[3])
    free = digit_dtw.accumulate(C)[-1, -1]
    totals = [digit_dtw.accumulate(C, band=band) for band in (0.6, 2, 5, 100)]
    assert np.all(np.diff([total[-1, -1] for total in totals]) <= 0)
    assert totals[-1][-1, -1] == free
    closed = ~digit_dtw.near(*C.shape, 2)
    assert np.all(np.isinf(totals[1][closed])) and np.all(np.isfinite(totals[1][~closed]))
    path = digit_dtw.trace(C, totals[1])
    assert digit_dtw.near(*C.shape, 2)[tuple(path.T)].all()


def test_band_of_a_square_is_librosas():
    C = np.random.default_rng(5).random((20, 20))
    ours = digit_dtw.accumulate(C, band=4)[-1, -1]
    theirs = librosa.sequence.dtw(C=C, global_constraints=True, band_rad=0.25, backtrack=False)
    assert ours == pytest.approx(theirs[-1, -1])  # 0.25 of 20: fewer than 5 off the diagonal


def test_local_measures_are_scipys(clips):
    X, stack = clips[0], np.stack([clips[1][:9], clips[4][:9]])
    for measure, one_less in (("euclidean", False), ("cosine", True)):
        theirs = np.array([cdist(X, Y, measure) for Y in stack])
        ours = digit_dtw.local(X, stack, measure)
        assert ours == pytest.approx(1 - theirs if one_less else theirs)


@pytest.mark.parametrize(
    ("measure", "similar"), [("euclidean", False), ("cosine", False), ("cosine", True)]
)
def test_scores_are_those_of_each_template_alone(clips, measure, similar):
    templates = Templates(clips[1:], range(4))
    X = templates.scaled(clips[0])
    scores = templates.scores(clips[0], measure, similar)
    for score, clip in zip(scores, clips[1:]):
        Y = templates.scaled(clip)
        C = cdist(X, Y, measure)
        total = by_the_formula(1 - C) if similar else -library(C, 2.0)
        assert score == pytest.approx(total[-1, -1] / (len(X) + len(Y)))


@pytest.mark.parametrize("similar", [False, True])
def test_recogniser_is_much_better_than_chance(monkeypatch, similar):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    train, test = corpora.digits("train"), corpora.digits("test")
    train = [clip for clip in train if clip.index == train[0].index]
    x, x_test = ([features(c.samples, c.rate) for c in part] for part in (train, test))
    templates = Templates(x, [clip.digit for clip in train])
    scores = np.array([templates.scores(clip, "cosine", similar) for clip in x_test])
    heard = digit_dtw.nearest(templates, scores)
    assert np.mean(heard != [clip.digit for clip in test]) < 0.15


def test_positions_follow_the_path():
    path = np.array([[0, 0], [1, 1], [1, 2], [1, 3], [2, 4], [5, 10]])
    assert digit_dtw.positions(path, 6, smooth=1) == pytest.approx([0, 2, 4, 6, 8, 10])
    assert digit_dtw.positions(path, 6, smooth=3)[2:4] == pytest.approx([4, 6])


def test_sound_that_is_not_warped_stays_as_it_is():
    voice = synthesis.vowel(110, [700, 1200, 2500], seconds=0.5, rate=RATE)
    same = digit_dtw.warp(voice, RATE, np.arange(50))
    inner = slice(400, -400)
    assert same[inner] == pytest.approx(voice[: len(same)][inner], abs=1e-9)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.6])
def test_warped_voice_keeps_its_pitch(speed):
    voice = synthesis.vowel(110, [700, 1200, 2500], seconds=1.0, rate=RATE)
    frames = round(100 / speed) - 1
    warped = digit_dtw.warp(voice, RATE, np.arange(frames) * speed)
    assert len(warped) == 80 * frames
    pitches = librosa.yin(warped, fmin=70, fmax=300, sr=RATE, frame_length=1024)
    assert np.median(pitches) == pytest.approx(110, rel=0.02)


def test_what_cannot_be_used_is_refused(clips):
    with pytest.raises(ValueError, match="one template or more"):
        Templates([], [])
    with pytest.raises(ValueError, match="a word for each"):
        Templates(clips, [1, 2])
    with pytest.raises(ValueError, match="at least one frame"):
        Templates([clips[0], clips[0][:0]], [1, 2])
    templates = Templates(clips, range(5))
    with pytest.raises(ValueError, match="finite"):
        templates.scores(np.full((4, 5), np.nan))
    with pytest.raises(ValueError, match="without frames"):
        templates.scores(clips[0][:0])
    with pytest.raises(ValueError, match="no measure 'angle'"):
        templates.scores(clips[0], "angle", similar=False)
    with pytest.raises(ValueError, match="Only cosines"):
        templates.scores(clips[0], "euclidean", similar=True)
    with pytest.raises(ValueError, match="leads nowhere"):
        digit_dtw.positions(np.zeros((0, 2), int), 5)
