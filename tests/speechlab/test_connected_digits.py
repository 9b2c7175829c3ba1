"""Connected digits: the speech, the language, and both decoders, against enumeration and by use."""

from itertools import groupby, product

import numpy as np
import pytest

from autograder.reference.ctc import prefix_beam_search, word_error_rate
from speechlab.figures import connected_digits as figures
from speechlab.figures.error_rate import edit_distance, error_rate
from speechlab.speech import connected_digits as speech
from speechlab.systems.connected_digits import beam_search, greedy


@pytest.fixture
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def soft(frames, seed, peak=0.3):
    """Posteriors drawn by lot, some frames sharp and some not."""
    return np.random.default_rng(seed).dirichlet(np.full(11, peak), frames)


def by_enumeration(y):
    """The probability of each sequence of digits: the sum over all paths that collapse to it."""
    found = {}
    for path in product(range(11), repeat=len(y)):
        digits = tuple(k - 1 for k, _ in groupby(path) if k)
        found[digits] = found.get(digits, 0.0) + np.prod(y[np.arange(len(y)), path])
    return found


# --- speech -------------------------------------------------------------------------------


def test_utterances_are_what_was_asked_for(embedded):
    made = speech.utterances("test", 12, seed=3, lengths=(2, 4))
    again = speech.utterances("test", 12, seed=3, lengths=(2, 4))
    for u, v in zip(made, again, strict=True):
        assert np.array_equal(u.samples, v.samples) and u.digits == v.digits
        assert 2 <= len(u.digits) <= 4 and u.rate == 8000
        assert len(u.starts) == len(u.ends) == len(u.digits)
        assert np.all(np.diff(u.starts) > 0) and u.ends[-1] < len(u.samples)
        assert list(map(int, u.text.split())) == list(u.digits)
    assert len({u.speaker for u in made}) > 2


def test_noise_is_as_strong_as_asked_for(embedded):
    (quiet,), (loud,) = (speech.utterances("test", 1, seed=3, snr=snr) for snr in (100, 0))
    noise = loud.samples - quiet.samples
    assert np.mean(noise**2) == pytest.approx(np.mean(quiet.samples**2), rel=0.1)


def test_halves_share_no_recording(embedded):
    voices = [speech.voices_of("embedded", split) for split in ("train", "test")]
    train, test = (
        {part.tobytes() for own in half.values() for parts in own.values() for part in parts}
        for half in voices
    )
    assert train and test and not train & test


@pytest.mark.parametrize("count, lengths", [(0, (3, 7)), (2, (0, 3)), (2, (4, 3))])
def test_utterances_that_cannot_be(count, lengths):
    with pytest.raises(ValueError, match="one utterance or more"):
        speech.utterances("test", count, lengths=lengths)


# --- language -----------------------------------------------------------------------------


def test_grammar_is_the_stated_one():
    table = speech.grammar().table
    assert table.sum(axis=1) == pytest.approx(np.ones(11))
    assert table[0] == pytest.approx(np.full(10, 0.1))
    for digit in range(10):
        assert table[digit + 1, (digit + 1) % 10] == pytest.approx(0.5)
        assert table[digit + 1, (digit + 3) % 10] == pytest.approx(0.25)
        assert table[digit + 1, digit] == pytest.approx(0.15)
        assert np.sum(table[digit + 1] < 0.02) == 7


def test_perplexity():
    assert speech.uniform().perplexity([(1, 2, 3), (4,)]) == pytest.approx(10)
    assert speech.grammar().perplexity([(1, 2, 5)]) == pytest.approx((0.1 * 0.5 * 0.25) ** (-1 / 3))
    chance = speech.grammar().table[1]
    entropy = -np.sum(chance * np.log(chance))
    long = [speech.grammar().draw(np.random.default_rng(0), 20000)]
    assert speech.grammar().perplexity(long) == pytest.approx(np.exp(entropy), rel=0.02)


def test_more_reading_helps():
    heldout = speech.sentences(300, seed=1)
    found = [
        speech.learned(speech.sentences(n, seed=2)).perplexity(heldout) for n in (0, 30, 100, 1000)
    ]
    assert found[0] == pytest.approx(10)
    assert np.all(np.diff(found) < 0)
    assert found[-1] > speech.grammar().perplexity(heldout)


def test_blend_lies_between():
    text = speech.sentences(100)
    half = speech.blended(speech.grammar(), speech.uniform(), 0.5).perplexity(text)
    assert speech.grammar().perplexity(text) < half < 10


@pytest.mark.parametrize("table", [np.ones((11, 10)), np.full((10, 10), 0.1), -np.ones((11, 10))])
def test_no_language(table):
    with pytest.raises(ValueError):
        speech.Language(table)
    with pytest.raises(ValueError, match="one sentence"):
        speech.uniform().perplexity([()])


# --- decoding -----------------------------------------------------------------------------


def test_greedy():
    path = [0, 4, 4, 0, 4, 1, 1, 0, 10]
    assert greedy(np.eye(11)[path]) == (3, 3, 0, 9)
    assert greedy(np.eye(11)[[0, 0]]) == ()


@pytest.mark.parametrize("seed", range(4))
def test_wide_beam_finds_the_best_of_all(seed):
    y = soft(4, seed, peak=0.6)
    chances, language = by_enumeration(y), speech.grammar()

    def with_language(digits):
        rows = (0, *(d + 1 for d in digits[:-1]))
        return np.log(chances[digits]) + sum(
            np.log(10 * language.table[r, d]) for r, d in zip(rows, digits)
        )

    assert beam_search(y, width=5000) == max(chances, key=chances.get)
    assert beam_search(y, language, width=5000) == max(chances, key=with_language)


@pytest.mark.parametrize("width", [1, 3, 8])
@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_narrow_beam_is_the_textbooks(width, weight):
    """Algorithm and pruning are those of the graded reference, written in another way."""
    language = speech.grammar()
    bigram = np.zeros((11, 11))
    bigram[:, 1:] = np.log(language.table)
    for seed in range(5):
        y = soft(25, seed)
        label, _ = prefix_beam_search(np.log(y), bigram, width, weight, weight * np.log(10))
        assert beam_search(y, language, weight, width) == tuple(k - 1 for k in label)


def test_uniform_language_changes_nothing():
    for seed in range(5):
        y = soft(40, seed)
        assert beam_search(y, speech.uniform(), weight=2.0) == beam_search(y)


@pytest.mark.parametrize(
    "posteriors, says",
    [
        (np.zeros((0, 11)), "one frame"),
        (np.ones((3, 10)), "shape"),
        (np.full((3, 11), np.nan), "finite"),
        (-np.ones((3, 11)), "negative"),
    ],
)
def test_posteriors_that_are_none(posteriors, says):
    for decode in (greedy, beam_search):
        with pytest.raises(ValueError, match=says):
            decode(posteriors)


def test_what_cannot_have_been_said():
    with pytest.raises(ValueError, match="probability of zero"):
        beam_search(np.zeros((3, 11)))
    with pytest.raises(ValueError, match="one prefix"):
        beam_search(soft(3, 0), width=0)


def test_errors_are_the_graded_ones():
    rng = np.random.default_rng(5)
    for _ in range(100):
        said, heard = (tuple(rng.integers(4, size=rng.integers(1, 8))) for _ in range(2))
        rate = word_error_rate([" ".join(map(str, said))], [" ".join(map(str, heard))])
        assert edit_distance(said, heard) == pytest.approx(rate * len(said))
    assert edit_distance((1, 2), ()) == 2 and edit_distance((), (1, 2)) == 2


# --- the baseline -------------------------------------------------------------------------


def test_loud_stretches_are_the_digits():
    rng, rate = np.random.default_rng(0), 8000
    samples = 0.01 * rng.standard_normal(3 * rate)
    for start in (0.3, 1.2, 2.2):
        samples[int(start * rate) : int((start + 0.4) * rate)] += rng.standard_normal(3200)
    stretches = figures.loud_stretches(samples, rate)
    assert [len(s) / rate for s in stretches] == pytest.approx([0.4] * 3, abs=0.05)


def test_templates_know_words_with_pauses(embedded):
    (u,) = speech.utterances("test", 1, seed=2, snr=30, lengths=(1, 1))
    assert figures.template_digits(u.samples, u.rate) == u.digits
    with pytest.raises(ValueError, match="silent"):
        figures.template_digits(np.zeros(8000), 8000)


def test_rate_is_over_all_digits():
    assert error_rate(np.array([(1, 4), (0, 6)])) == pytest.approx(0.1)
