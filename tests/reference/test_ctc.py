"""The references on CTC against enumeration of all paths, finite differences and PyTorch.

Nothing here needs PyTorch: where it is installed, its loss and its autograd are asked as well.
"""

import re
from functools import cache
from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
from scipy import special

from autograder.reference import ctc

LABELS = [(), (1,), (2, 2), (1, 2, 1), (3, 3, 3), (2, 1, 1, 3)]


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def outputs(rng, T, K):
    return special.softmax(2 * rng.normal(size=(T, K)), axis=1)


# ---- what a path spells, by a machine that reads letters ----


def spelt(path):
    """B by regular expressions: runs shrink to one letter, then the blanks go."""
    letters = "".join("-abcdefgh"[k] for k in path)
    text = re.sub(r"(.)\1*", r"\1", letters).replace("-", "")
    return tuple("-abcdefgh".index(letter) for letter in text)


@cache
def paths(T, K):
    return np.array(list(product(range(K), repeat=T))), [
        spelt(path) for path in product(range(K), repeat=T)
    ]


def paths_of(label, T, K):
    """All paths that spell the label, shape (M, T)."""
    every, spell = paths(T, K)
    return every[[text == tuple(label) for text in spell]]


def probabilities(y, chosen):
    return np.prod(y[np.arange(len(y)), chosen], axis=1)


def probability(y, label):
    return probabilities(y, paths_of(label, *y.shape)).sum()


@pytest.mark.oracle("collapse", against="regular expressions, on every path of six frames")
def test_collapse_of_every_short_path(agree):
    every, texts = paths(6, 4)
    for path, text in zip(every, texts, strict=True):
        agree(ctc.collapse(path), np.array(text, dtype=int), 0)


@pytest.mark.oracle("collapse", against="the examples of the lecture slides")
@pytest.mark.parametrize("path", ["a-ab-", "-aa--abb"])
def test_collapse_of_the_lectures_examples(path, agree):
    agree(ctc.collapse(["-ab".index(letter) for letter in path]), [1, 1, 2], 0)


@pytest.mark.oracle("blank_expansion", against="joining text with dashes")
@pytest.mark.parametrize("label", LABELS)
def test_expansion_by_joining(label, agree):
    text = "-" + "".join(f"{k}-" for k in label)
    agree(ctc.blank_expansion(label), [int(c) for c in text.replace("-", "0")], 0)


@pytest.mark.oracle("blank_expansion", against="the map B, which must undo it")
@pytest.mark.parametrize("label", LABELS)
def test_expansion_is_a_path_that_spells_the_label(label, agree):
    agree(spelt(ctc.blank_expansion(label)), label, 0)


# ---- the lattice, by going through every path ----


def places(path):
    """The place in the expanded label at each frame of a path that spells it."""
    found, at = [], 0
    for n, k in enumerate(path):
        if k == 0:
            at += at % 2  # behind the class, if at one
        elif n == 0 or k != path[n - 1]:
            at += 1 + at % 2
        found.append(at)
    return found


def lattice(y, label):
    """alpha, beta and the joint probability of each place, by going through every path.

    Each beginning and each end is counted once, with the product of its own outputs.
    """
    (T, _), S = y.shape, 2 * len(label) + 1
    alpha, beta, joint = np.zeros((T, S)), np.zeros((T, S)), np.zeros((T, S))
    begun, ended = set(), set()
    for path in paths_of(label, *y.shape):
        at, factors = places(path), y[np.arange(T), path]
        for t, s in enumerate(at):
            joint[t, s] += np.prod(factors)
            begun.add((t, s, tuple(path[: t + 1])))
            ended.add((t, s, tuple(path[t:])))
    for t, s, part in begun:
        alpha[t, s] += np.prod(y[np.arange(t + 1), part])
    for t, s, part in ended:
        beta[t, s] += np.prod(y[np.arange(t, T), part])
    return alpha, beta, joint


def alive(alpha, beta):
    """Places from which the label can be begun and also ended: enumeration sees only these."""
    return (alpha > 0) & (beta > 0)


@pytest.mark.oracle("log_forward", against="enumeration of all paths")
@pytest.mark.parametrize("label", LABELS)
def test_forward_by_all_paths(rng, label, agree):
    y = outputs(rng, 6, 4)
    log_alpha, log_likelihood = ctc.log_forward(np.log(y), ctc.blank_expansion(label))
    alpha, beta, _ = lattice(y, label)
    seen = alive(alpha, beta)
    agree(np.exp(log_alpha)[seen], alpha[seen], 1e-12)
    agree(np.exp(log_likelihood), probability(y, label), 1e-12)


@pytest.mark.oracle("log_forward", against="the number of paths, as a binomial coefficient")
@pytest.mark.parametrize("T", [4, 9, 60])
@pytest.mark.parametrize("label", LABELS)
def test_number_of_paths(T, label, agree):
    """Spare frames are handed out to 2 L + 1 places: (T + L - r) over (2 L)."""
    repeats = sum(a == b for a, b in pairwise(label))
    count = comb(T + len(label) - repeats, 2 * len(label))
    if T < len(label) + repeats:
        pytest.skip("the label does not fit")
    _, log_count = ctc.log_forward(np.zeros((T, 4)), ctc.blank_expansion(label))
    agree(np.exp(log_count) / count, 1.0, 1e-12)
    if T == 4:
        agree(len(paths_of(label, T, 4)), count, 0)


@pytest.mark.oracle("log_backward", against="enumeration of all paths")
@pytest.mark.parametrize("label", LABELS)
def test_backward_by_all_paths(rng, label, agree):
    y = outputs(rng, 6, 4)
    log_beta = ctc.log_backward(np.log(y), ctc.blank_expansion(label))
    alpha, beta, _ = lattice(y, label)
    seen = alive(alpha, beta)
    agree(np.exp(log_beta)[seen], beta[seen], 1e-12)


@pytest.mark.oracle("log_backward", against="the forward pass of the mirrored problem")
@pytest.mark.parametrize(("T", "L"), [(1, 1), (40, 12), (800, 100)])
def test_backward_is_forward_in_a_mirror(rng, T, L, agree):
    log_y = np.log(outputs(rng, T, 6))
    expanded = ctc.blank_expansion(rng.integers(1, 6, L))
    mirrored, _ = ctc.log_forward(log_y[::-1], expanded[::-1])
    one, other = ctc.log_backward(log_y, expanded), mirrored[::-1, ::-1]
    agree(one[np.isfinite(one)], other[np.isfinite(other)], 1e-8)


@pytest.mark.oracle("log_forward", against="torch.nn.functional.ctc_loss")
@pytest.mark.parametrize(("T", "K", "L"), [(1, 2, 1), (3, 3, 0), (50, 11, 7), (900, 29, 120)])
def test_likelihood_by_torch(rng, T, K, L, agree):
    torch = pytest.importorskip("torch")
    log_y, label = np.log(outputs(rng, T, K)), rng.integers(1, K, L)
    loss = torch.nn.functional.ctc_loss(
        torch.tensor(log_y[:, None]),
        torch.tensor(label[None].astype(np.int64)),
        torch.tensor([T]),
        torch.tensor([L]),
        reduction="sum",
    )
    _, log_likelihood = ctc.log_forward(log_y, ctc.blank_expansion(label))
    agree(-log_likelihood, float(loss), 1e-8)


@pytest.mark.oracle("ctc_posteriors", against="enumeration of all paths")
@pytest.mark.parametrize("label", LABELS)
def test_posteriors_by_all_paths(rng, label, agree):
    y = outputs(rng, 6, 4)
    log_y, expanded = np.log(y), ctc.blank_expansion(label)
    gamma = ctc.ctc_posteriors(
        log_y, expanded, ctc.log_forward(log_y, expanded)[0], ctc.log_backward(log_y, expanded)
    )
    chosen = paths_of(label, 6, 4)
    share = probabilities(y, chosen) / probability(y, label)
    agree(gamma, [np.bincount(chosen[:, t], share, 4) for t in range(6)], 1e-12)


@pytest.mark.oracle("ctc_posteriors", against="enumeration, with outputs that are zero")
def test_posteriors_where_outputs_are_zero(rng, agree):
    y = outputs(rng, 6, 4)
    y[[0, 2, 3, 5], [0, 1, 2, 3]] = 0
    with np.errstate(divide="ignore"):
        log_y = np.log(y)
    expanded = ctc.blank_expansion((1, 2))
    gamma = ctc.ctc_posteriors(
        log_y, expanded, ctc.log_forward(log_y, expanded)[0], ctc.log_backward(log_y, expanded)
    )
    chosen = paths_of((1, 2), 6, 4)
    share = probabilities(y, chosen) / probability(y, (1, 2))
    agree(gamma, [np.bincount(chosen[:, t], share, 4) for t in range(6)], 1e-12)


# ---- gradients ----


def nudged(function, value, step):
    """Central differences of a scalar function by each number of an array."""
    value = np.array(value, dtype=float)
    slopes = np.zeros(value.shape)
    for where in np.ndindex(value.shape):
        up, down = value.copy(), value.copy()
        up[where] += step
        down[where] -= step
        slopes[where] = (function(up) - function(down)) / (2 * step)
    return slopes


def second_form(y, label):
    log_y, expanded = np.log(y), ctc.blank_expansion(label)
    log_alpha, log_beta = ctc.log_forward(log_y, expanded)[0], ctc.log_backward(log_y, expanded)
    return ctc.gradient_by_outputs(y, expanded, log_alpha, log_beta)


def gammas(y, label):
    log_y, expanded = np.log(y), ctc.blank_expansion(label)
    log_alpha, log_beta = ctc.log_forward(log_y, expanded)[0], ctc.log_backward(log_y, expanded)
    return ctc.ctc_posteriors(log_y, expanded, log_alpha, log_beta)


@pytest.mark.oracle("gradient_over_paths", against="finite differences of the enumerated loss")
@pytest.mark.parametrize("label", LABELS)
def test_first_form_by_nudging(rng, label, agree):
    y = outputs(rng, 6, 4) + 0.05
    slopes = nudged(lambda v: -np.log(probability(v, label)), y, 1e-6)
    agree(ctc.gradient_over_paths(y, label), slopes, 1e-5)


@pytest.mark.oracle("gradient_over_paths", against="the probability is linear in each output")
def test_first_form_by_putting_a_frame_to_one_class(rng, agree):
    y = outputs(rng, 5, 3)
    y[2, 1] = y[4, 0] = 0
    slopes = np.zeros((5, 3))
    for t, k in np.ndindex(5, 3):
        sure = y.copy()
        sure[t] = np.eye(3)[k]
        slopes[t, k] = -probability(sure, (1, 2)) / probability(y, (1, 2))
    agree(ctc.gradient_over_paths(y, (1, 2)), slopes, 1e-12)


@pytest.mark.oracle("gradient_by_outputs", against="finite differences of the enumerated loss")
@pytest.mark.parametrize("label", LABELS)
def test_second_form_by_nudging(rng, label, agree):
    y = outputs(rng, 6, 4) + 0.05
    slopes = nudged(lambda v: -np.log(probability(v, label)), y, 1e-6)
    agree(second_form(y, label), slopes, 1e-5)


@pytest.mark.oracle("gradient_by_outputs", against="the exam's first form, over all paths")
@pytest.mark.parametrize("label", LABELS)
def test_the_exams_two_forms_agree(rng, label, agree):
    y = outputs(rng, 6, 4)
    agree(second_form(y, label), ctc.gradient_over_paths(y, label), 1e-10)


@pytest.mark.oracle("gradient_by_outputs", against="PyTorch's autograd through its own CTC loss")
@pytest.mark.parametrize(("T", "K", "L"), [(4, 3, 2), (200, 11, 20)])
def test_gradients_by_autograd(rng, T, K, L, agree):
    torch = pytest.importorskip("torch")
    label, logits = rng.integers(1, K, L), 2 * rng.normal(size=(T, K))
    sizes = torch.tensor([T]), torch.tensor([L])
    target = torch.tensor(label[None].astype(np.int64))
    # PyTorch's loss has, by itself, the slope y - gamma with respect to log y: it assumes a softmax
    # before it
    leaves = torch.tensor(logits, requires_grad=True)
    log_y = torch.log_softmax(leaves, dim=1)
    torch.nn.functional.ctc_loss(log_y[:, None], target, *sizes, reduction="sum").backward()
    y = special.softmax(logits, axis=1)
    by_outputs = second_form(y, label)
    through_softmax = y * (by_outputs - np.sum(y * by_outputs, axis=1, keepdims=True))
    agree(through_softmax, leaves.grad.numpy(), 1e-8)


@pytest.mark.oracle("gradient_by_logits", against="PyTorch's autograd through its own CTC loss")
@pytest.mark.parametrize(("T", "K", "L"), [(1, 4, 1), (100, 11, 12)])
def test_gradient_by_logits_by_autograd(rng, T, K, L, agree):
    torch = pytest.importorskip("torch")
    label, logits = rng.integers(1, K, L), 2 * rng.normal(size=(T, K))
    leaves = torch.tensor(logits, requires_grad=True)
    torch.nn.functional.ctc_loss(
        torch.log_softmax(leaves, dim=1)[:, None],
        torch.tensor(label[None].astype(np.int64)),
        torch.tensor([T]),
        torch.tensor([L]),
        reduction="sum",
    ).backward()
    gamma = gammas(special.softmax(logits, axis=1), label)
    agree(ctc.gradient_by_logits(logits, gamma), leaves.grad.numpy(), 1e-8)


@pytest.mark.oracle("gradient_by_logits", against="finite differences of the enumerated loss")
@pytest.mark.parametrize("label", LABELS)
def test_gradient_by_logits_by_nudging(rng, label, agree):
    logits = rng.normal(size=(6, 4))

    def loss(v):
        return -np.log(probability(special.softmax(v, axis=1), label))

    gamma = gammas(special.softmax(logits, axis=1), label)
    agree(ctc.gradient_by_logits(logits, gamma), nudged(loss, logits, 1e-5), 1e-7)


@pytest.mark.oracle("gradient_by_logits", against="the sheet's derivative of a softmax")
def test_one_frame_and_one_class_is_a_classifier(rng, agree):
    logits = rng.normal(size=(1, 5))
    slopes = nudged(lambda v: -special.log_softmax(v)[0, 3], logits, 1e-5)
    agree(ctc.gradient_by_logits(logits, np.eye(5)[[3]]), slopes, 1e-8)


# ---- what the exam and its formula sheet print, as printed and as it should be ----


def printed(y, label):
    """alpha and beta by the recursions and borders of the exam, entry by entry, and their gamma."""
    T, place = len(y), ctc.blank_expansion(label)
    S = len(place)
    alpha, beta = np.zeros((T, S)), np.zeros((T, S))
    alpha[0, 0], beta[-1, -1] = y[0, 0], y[-1, 0]
    alpha[0, 1], beta[-1, -2] = y[0, place[1]], y[-1, place[-2]]
    for t in range(1, T):
        for s in range(S):
            into = alpha[t - 1, s] + (alpha[t - 1, s - 1] if s > 0 else 0)
            if s > 1 and place[s] != 0 and place[s] != place[s - 2]:
                into += alpha[t - 1, s - 2]
            alpha[t, s] = y[t, place[s]] * into
    for t in range(T - 2, -1, -1):
        for s in range(S):
            out = beta[t + 1, s] + (beta[t + 1, s + 1] if s + 1 < S else 0)
            if s + 2 < S and place[s] != 0 and place[s] != place[s + 2]:
                out += beta[t + 1, s + 2]
            beta[t, s] = y[t, place[s]] * out
    gamma = np.zeros(y.shape)
    for t, k in np.ndindex(y.shape):
        gamma[t, k] = sum(alpha[t, s] * beta[t, s] for s in range(S) if place[s] == k) / y[t, k]
    return alpha, beta, gamma


@pytest.mark.oracle("log_forward", against="the exam's alpha and its border, as printed")
@pytest.mark.parametrize("label", LABELS[1:])
def test_printed_alpha_is_right(rng, label, agree):
    y = outputs(rng, 6, 4)
    with np.errstate(divide="ignore"):
        log_alpha = np.log(printed(y, label)[0])
    ours = ctc.log_forward(np.log(y), ctc.blank_expansion(label))[0]
    agree(np.exp(ours), np.exp(log_alpha), 1e-12)


@pytest.mark.oracle("log_backward", against="the sheet's beta and the exam's border, as printed")
@pytest.mark.parametrize("label", LABELS[1:])
def test_printed_beta_is_right(rng, label, agree):
    y = outputs(rng, 6, 4)
    ours = ctc.log_backward(np.log(y), ctc.blank_expansion(label))
    agree(np.exp(ours), printed(y, label)[1], 1e-12)


@pytest.mark.oracle("ctc_posteriors", against="the sheet's gamma, divided by p(label)")
@pytest.mark.parametrize("label", LABELS[1:])
def test_printed_gamma_is_the_joint_probability(rng, label, agree):
    y = outputs(rng, 6, 4)
    joint = printed(y, label)[2]
    agree(joint.sum(axis=1), np.full(6, probability(y, label)), 1e-12)
    agree(gammas(y, label), joint / probability(y, label), 1e-12)


@pytest.mark.parametrize("label", LABELS[1:])
def test_printed_gradients_are_wrong_and_by_how_much(rng, label):
    y = outputs(rng, 6, 4)
    slopes = ctc.gradient_over_paths(y, label)
    joint = printed(y, label)[2]
    assert not np.allclose(-joint / y, slopes)  # the sheet: the joint for the posterior
    assert np.allclose(-joint / y / probability(y, label), slopes)
    assert np.allclose(joint / y / probability(y, label), -slopes)  # the exam's form 2: the sign
    chosen, wrong = paths_of(label, 6, 4), np.zeros(y.shape)
    for path in chosen:
        for n in range(6):
            wrong[n, path[n]] += np.prod(np.delete(y[:, path[n]], n))  # y_{m, pi_n}, as printed
    assert not np.allclose(-wrong / probability(y, label), slopes)


# ---- decoding ----


def best_by_going_through_all(log_y, log_bigram, weight, bonus):
    """Every text that any path spells, scored from its paths."""
    (T, K), y = log_y.shape, np.exp(log_y)
    every, texts = paths(T, K)
    mass = {}
    for text, p in zip(texts, probabilities(y, every), strict=True):
        mass[text] = mass.get(text, 0.0) + p
    scores = {}
    for text, p in mass.items():
        steps = zip((0, *text), (*text, 0), strict=True)
        scores[text] = np.log(p) + weight * sum(log_bigram[step] for step in steps)
        scores[text] += bonus * len(text)
    best = max(scores, key=scores.get)
    return best, scores[best]


@pytest.mark.oracle("prefix_beam_search", against="every text that the frames can spell")
@pytest.mark.parametrize(("weight", "bonus"), [(0.0, 0.0), (1.0, 0.0), (0.6, 1.5), (3.0, -0.7)])
@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_best_text(seed, weight, bonus, agree):
    rng = np.random.default_rng(seed)
    log_y = np.log(outputs(rng, 6, 4))
    log_bigram = np.log(rng.dirichlet(np.ones(4), 4))
    label, score = ctc.prefix_beam_search(log_y, log_bigram, 5000, weight, bonus)
    text, best = best_by_going_through_all(log_y, log_bigram, weight, bonus)
    assert tuple(label) == text
    agree(score, best, 1e-10)


@pytest.mark.oracle("prefix_beam_search", against="the likelihood of its answer, by all paths")
def test_the_score_is_never_more_than_the_answer_has(rng, agree):
    log_y, uniform = np.log(outputs(rng, 7, 3)), np.full((3, 3), -np.log(3))
    label, score = ctc.prefix_beam_search(log_y, uniform, 300, 0.0)
    agree(score, np.log(probability(np.exp(log_y), label)), 1e-10)
    for width in (1, 2, 5):
        label, score = ctc.prefix_beam_search(log_y, uniform, width, 0.0)
        assert score <= np.log(probability(np.exp(log_y), label)) + 1e-12


def test_a_narrow_beam_can_miss_what_greedy_search_misses_too():
    """Two frames, blank 0.6 in each: the likeliest path is empty, the likeliest text is not."""
    log_y = np.log([[0.6, 0.4], [0.6, 0.4]])
    flat = np.zeros((2, 2))
    label, score = ctc.prefix_beam_search(log_y, flat, 10, 0.0)
    assert label == [1]
    assert np.isclose(np.exp(score), 0.64)


def test_a_model_that_forbids_is_obeyed():
    log_y = np.log([[0.1, 0.7, 0.2], [0.8, 0.1, 0.1], [0.1, 0.7, 0.2]])
    never = np.zeros((3, 3))
    never[1, 1] = -np.inf
    assert ctc.prefix_beam_search(log_y, never, 50)[0] != [1, 1]
    assert ctc.prefix_beam_search(log_y, never, 50, 0.0)[0] == [1, 1]


# ---- words ----


@cache
def distance(said, heard):
    """The least number of edits, by trying all three at the front."""
    if not said or not heard:
        return len(said) + len(heard)
    if said[0] == heard[0]:
        return distance(said[1:], heard[1:])
    return 1 + min(
        distance(said[1:], heard[1:]), distance(said[1:], heard), distance(said, heard[1:])
    )


@pytest.mark.oracle("word_error_rate", against="trying all edits, recursively")
def test_word_error_rate_by_trying_all_edits(rng, agree):
    words = np.array(["one", "two", "three"])
    said, heard = (
        [" ".join(words[rng.integers(0, 3, n)]) for n in rng.integers(0, 8, 60)] for _ in range(2)
    )
    errors = sum(
        distance(tuple(a.split()), tuple(b.split())) for a, b in zip(said, heard, strict=True)
    )
    agree(ctc.word_error_rate(said, heard), errors / sum(len(a.split()) for a in said), 1e-12)


@pytest.mark.oracle("word_error_rate", against="known values")
@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        (["one two three"], ["one two three"], 0.0),
        (["one two three"], ["one three"], 1 / 3),
        (["one"], ["one two three"], 2.0),
        (["k i t t e n"], ["s i t t i n g"], 3 / 6),  # Levenshtein's distance of the two words
        (["i n t e n t i o n"], ["e x e c u t i o n"], 5 / 9),  # Jurafsky and Martin, chapter 2
        (["a b", ""], ["", "c"], 1.5),
    ],
)
def test_word_error_rate_of_known_pairs(said, heard, rate, agree):
    agree(ctc.word_error_rate(said, heard), rate, 1e-12)


# ---- bad input ----

Y, E = np.full((3, 3), 1 / 3), [0, 1, 0]
LOG, NAN = np.log(Y), np.full((3, 3), np.nan)
ALPHA, BETA = ctc.log_forward(LOG, E)[0], ctc.log_backward(LOG, E)
DEAF = np.where(np.arange(3) == 1, -np.inf, LOG)
TWICE = [0, 1, 0, 1, 0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: ctc.blank_expansion([0, 1]),
        lambda: ctc.blank_expansion([[1]]),
        lambda: ctc.blank_expansion([1.5]),
        lambda: ctc.collapse([]),
        lambda: ctc.collapse([1, -1]),
        lambda: ctc.log_forward([], E),
        lambda: ctc.log_forward(NAN, E),
        lambda: ctc.log_forward(LOG, [1, 0, 1]),
        lambda: ctc.log_forward(LOG, [0, 3, 0]),
        lambda: ctc.log_forward(LOG[:2], TWICE),
        lambda: ctc.log_forward(DEAF, E),
        lambda: ctc.log_backward(np.zeros((0, 3)), E),
        lambda: ctc.log_backward(NAN, E),
        lambda: ctc.log_backward(LOG, [0, 1]),
        lambda: ctc.log_backward(LOG[:2], TWICE),
        lambda: ctc.log_backward(DEAF, E),
        lambda: ctc.ctc_posteriors(LOG, E, ALPHA * np.nan, BETA),
        lambda: ctc.ctc_posteriors(LOG, E, np.full((3, 3), -np.inf), BETA),
        lambda: ctc.gradient_over_paths(NAN, [1]),
        lambda: ctc.gradient_over_paths(Y, [3]),
        lambda: ctc.gradient_over_paths(Y[:1], [1, 2]),
        lambda: ctc.gradient_over_paths(np.eye(3), [1, 1]),
        lambda: ctc.gradient_by_outputs(np.exp(DEAF), E, ALPHA, BETA),
        lambda: ctc.gradient_by_logits(NAN, Y),
        lambda: ctc.gradient_by_logits(LOG, 2 * Y),
        lambda: ctc.prefix_beam_search(NAN, LOG, 5),
        lambda: ctc.prefix_beam_search(np.full((3, 3), -np.inf), LOG, 5),
        lambda: ctc.prefix_beam_search(LOG, np.full((3, 3), -np.inf), 5),
        lambda: ctc.word_error_rate("one", "two"),
        lambda: ctc.word_error_rate([""], ["one"]),
        lambda: ctc.word_error_rate([], []),
    ],
)
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[\w:, ]+ must [^.]+$"):
        call()


def test_too_long_a_label_is_told_how_many_frames_it_needs():
    with pytest.raises(ValueError, match="needs 3 frames, and has 2"):
        ctc.log_forward(LOG[:2], TWICE)
