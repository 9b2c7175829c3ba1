"""The references on contrastive learning against sklearn, enumeration, many draws and PyTorch.

Where PyTorch is not installed, its autograd is not asked; something else always is.
"""

import itertools
import math

import numpy as np
import pytest
from scipy import ndimage, optimize, special, stats
from sklearn.metrics import log_loss
from sklearn.metrics.pairwise import cosine_similarity

from autograder.reference import contrastive


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def surprises(scores, right):
    """- ln softmax(row)[right] of each row with exact sums."""
    return [
        math.log(math.fsum(math.exp(s - max(row)) for s in row)) + max(row) - row[own]
        for row, own in zip(np.asarray(scores).tolist(), right)
    ]


# ---- CPC ----


def batch(rng, T=7, H=3, D=4, N=9):
    c, W, z = rng.normal(size=(T, H)), rng.normal(size=(D, H)), rng.normal(size=(N, D))
    return c, W, z, rng.permutation(N)[:T]


@pytest.mark.oracle("cpc_loss", against="sklearn.metrics.log_loss of the candidates")
def test_cpc_by_sklearn(rng, agree):
    c, W, z, future = batch(rng)
    scores = np.array([[z_j @ W @ c_t for z_j in z] for c_t in c])
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    theirs = log_loss(future, p, labels=np.arange(len(z)))
    agree(contrastive.cpc_loss(c, W, z, future), theirs, 1e-9)


def test_cpc_of_scores_that_overflow(rng):
    c, W, z, future = batch(rng)
    found = contrastive.cpc_loss(1e3 * c, W, z, future)
    scores = np.array([[1e3 * (z_j @ W @ c_t) for z_j in z] for c_t in c])
    assert np.isclose(found, np.mean(surprises(scores, future)))


@pytest.mark.oracle("cpc_loss", against="the bound on information, for Gaussians that know theirs")
def test_cpc_of_the_true_ratio_is_ln_n_less_information(rng):
    """With f proportional to p(x|c)/p(x) and many candidates, ln N - L approaches I(x; c)."""
    correlation, count = 0.8, 4000
    c = rng.normal(size=count)
    x = correlation * c + math.sqrt(1 - correlation**2) * rng.normal(size=count)
    # ln p(x|c) - ln p(x) is bilinear in (x^2, x, 1) and (1, c, c^2).
    left = 1 - correlation**2
    W = np.array(
        [
            [-(correlation**2) / (2 * left), 0, 0],
            [0, correlation / left, 0],
            [-0.5 * math.log(left), 0, -(correlation**2) / (2 * left)],
        ]
    )
    contexts = np.column_stack([np.ones(count), c, c**2])
    z = np.column_stack([x**2, x, np.ones(count)])
    loss = contrastive.cpc_loss(contexts, W, z, np.arange(count))
    information = -0.5 * math.log(1 - correlation**2)
    assert abs(math.log(count) - loss - information) < 0.05


@pytest.mark.oracle("cpc_gradient", against="scipy.optimize.approx_fprime")
def test_cpc_gradient_by_differences(rng, agree):
    c, W, z, future = batch(rng)
    for ours, which in zip(contrastive.cpc_gradient(c, W, z, future), range(3)):
        parts = [c, W, z]

        def loss(flat, which=which, parts=parts):
            moved = list(parts)
            moved[which] = flat.reshape(parts[which].shape)
            scores = np.einsum("nd,dh,th->tn", moved[2], moved[1], moved[0])
            return np.mean(surprises(scores, future))

        slopes = optimize.approx_fprime(parts[which].ravel(), loss, 1e-7)
        agree(ours.ravel(), slopes, 1e-5)


@pytest.mark.oracle("cpc_gradient", against="PyTorch's autograd")
def test_cpc_gradient_by_torch(rng, torch, agree):
    c, W, z, future = batch(rng, T=12, N=12)
    parts = [torch.tensor(part, requires_grad=True) for part in (c, W, z)]
    scores = torch.einsum("nd,dh,th->tn", parts[2], parts[1], parts[0])
    torch.nn.functional.cross_entropy(scores, torch.tensor(future)).backward()
    for ours, part in zip(contrastive.cpc_gradient(c, W, z, future), parts):
        agree(ours, part.grad.numpy(), 1e-10)


# ---- wav2vec 2.0 ----


@pytest.mark.oracle("contrastive_loss", against="sklearn's cosines and exact sums")
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_wav2vec_by_sklearn(rng, temperature, agree):
    c, q = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    drawn = np.array([[k for k in range(6) if k != t][:3] for t in range(6)])
    scores = cosine_similarity(c, q) / temperature
    rows = [[scores[t, t], *scores[t, drawn[t]]] for t in range(6)]
    theirs = np.mean(surprises(rows, [0] * 6))
    agree(contrastive.contrastive_loss(c, q, drawn, temperature), theirs, 1e-9)


@pytest.mark.oracle("contrastive_loss", against="PyTorch's cosine_similarity and cross_entropy")
def test_wav2vec_by_torch(rng, torch, agree):
    c, q = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    drawn = np.array([[(t + 1) % 5, (t + 1) % 5, (t + 3) % 5] for t in range(5)])  # one named twice
    among = torch.tensor(np.stack([q[np.append(t, drawn[t])] for t in range(5)]))
    scores = torch.nn.functional.cosine_similarity(torch.tensor(c)[:, None], among, dim=2) / 0.1
    theirs = torch.nn.functional.cross_entropy(scores, torch.zeros(5, dtype=torch.long))
    agree(contrastive.contrastive_loss(c, q, drawn, 0.1), float(theirs), 1e-9)


@pytest.mark.oracle("diversity_loss", against="scipy.stats.entropy of the mean use")
def test_diversity_by_entropy(rng, agree):
    p = rng.dirichlet(np.ones(5), size=(8, 2))
    p[:, :, 4] = 0  # a word that nobody uses
    p /= p.sum(axis=2, keepdims=True)
    theirs = -sum(stats.entropy(p[:, g].mean(axis=0)) for g in range(2)) / 10
    agree(contrastive.diversity_loss(p), theirs, 1e-12)


def test_diversity_is_least_for_equal_use_and_zero_for_collapse():
    assert np.isclose(contrastive.diversity_loss(np.full((3, 2, 4), 0.25)), -math.log(4) / 4)
    assert contrastive.diversity_loss(np.eye(4)[[[1, 2]] * 3]) == 0
    by_turns = contrastive.diversity_loss(np.eye(4)[np.arange(4)][:, None])
    assert np.isclose(by_turns, -math.log(4) / 4)  # sure each time, and yet all are used


@pytest.mark.oracle("product_quantise", against="the softmax's probabilities, by many draws")
def test_gumbel_noise_draws_from_the_softmax(rng, agree):
    logits = np.array([[0.5, -1.0, 1.5, 0.0]])
    noise = rng.gumbel(size=(40_000, 1, 4))
    weights, _ = contrastive.product_quantise(
        np.broadcast_to(logits, noise.shape), np.zeros((1, 4, 2)), noise, 1.0, True
    )
    p = special.softmax(logits[0])
    counts = weights[:, 0].sum(axis=0)
    assert stats.chisquare(counts, p * len(noise)).pvalue > 1e-3


@pytest.mark.oracle("product_quantise", against="a table by hand and limits")
def test_soft_weights_become_hard_as_it_gets_cold(rng, agree):
    logits, books = rng.normal(size=(6, 2, 3)), rng.normal(size=(2, 3, 4))
    noise = rng.gumbel(size=logits.shape)
    hard, words = contrastive.product_quantise(logits, books, noise, 1.0, True)
    cold, near = contrastive.product_quantise(logits, books, noise, 1e-4, False)
    agree(cold, hard, 1e-9)
    agree(near, words, 1e-9)
    for t, g in itertools.product(range(6), range(2)):
        best = max(range(3), key=lambda v: logits[t, g, v] + noise[t, g, v])
        assert np.array_equal(words[t, 4 * g : 4 * g + 4], books[g, best])
    warm, _ = contrastive.product_quantise(logits, books, noise, 1e6, False)
    agree(warm, np.full(warm.shape, 1 / 3), 1e-5)


@pytest.mark.oracle("product_quantise", against="PyTorch's softmax of the same noise")
def test_gumbel_softmax_by_torch(rng, torch, agree):
    logits, noise = rng.normal(size=(4, 2, 5)), rng.gumbel(size=(4, 2, 5))
    weights, _ = contrastive.product_quantise(logits, np.zeros((2, 5, 1)), noise, 0.7, False)
    theirs = torch.softmax(torch.tensor(logits + noise) / 0.7, dim=-1)
    agree(weights, theirs.numpy(), 1e-12)


# ---- pairs ----


@pytest.mark.oracle("nt_xent", against="sklearn's cosines, one anchor after the other")
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_nt_xent_by_sklearn(rng, temperature, agree):
    a, b = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    z = [*a, *b]
    losses = []
    for i in range(10):
        others = [k for k in range(10) if k != i]
        row = cosine_similarity([z[i]], [z[k] for k in others])[0] / temperature
        losses += surprises([row], [others.index((i + 5) % 10)])
    agree(contrastive.nt_xent(a, b, temperature), np.mean(losses), 1e-9)


@pytest.mark.oracle("nt_xent", against="PyTorch's cross_entropy with the diagonal masked")
def test_nt_xent_by_torch(rng, torch, agree):
    a, b = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    z = torch.nn.functional.normalize(torch.tensor(np.vstack([a, b])), dim=1)
    scores = (z @ z.T / 0.2).masked_fill(torch.eye(12, dtype=torch.bool), -torch.inf)
    theirs = torch.nn.functional.cross_entropy(scores, (torch.arange(12) + 6) % 12)
    agree(contrastive.nt_xent(a, b, 0.2), float(theirs), 1e-10)


@pytest.mark.oracle("clap_loss", against="sklearn's cosines and log_loss, both ways")
def test_clap_by_sklearn(rng, agree):
    audio, text = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    scores = cosine_similarity(audio, text) / 0.3
    theirs = [log_loss(range(5), special.softmax(s, axis=1)) for s in (scores, scores.T)]
    agree(contrastive.clap_loss(audio, text, 0.3), np.mean(theirs), 1e-9)


@pytest.mark.oracle("clap_loss", against="PyTorch's cross_entropy, both ways")
def test_clap_by_torch(rng, torch, agree):
    audio, text = rng.normal(size=(7, 3)), rng.normal(size=(7, 3))
    unit = [torch.nn.functional.normalize(torch.tensor(part), dim=1) for part in (audio, text)]
    scores, own = unit[0] @ unit[1].T / 0.07, torch.arange(7)
    both = [torch.nn.functional.cross_entropy(part, own) for part in (scores, scores.T)]
    agree(contrastive.clap_loss(audio, text, 0.07), float(sum(both)) / 2, 1e-9)


@pytest.mark.oracle("byol_loss", against="squared distances of vectors of length 1")
def test_byol_by_distances(rng, agree):
    prediction, target = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    theirs = []
    for p, t in zip(prediction, target):
        theirs.append(np.sum((p / math.hypot(*p) - t / math.hypot(*t)) ** 2))
    agree(contrastive.byol_loss(prediction, target), np.mean(theirs), 1e-9)
    assert np.isclose(contrastive.byol_loss(prediction, 3 * prediction), 0)
    assert np.isclose(contrastive.byol_loss(prediction, -prediction), 4)


@pytest.mark.oracle("moving_average", against="the sum over all past nets")
def test_moving_average_by_its_sum(rng, agree):
    online = rng.normal(size=(30, 4))
    target = np.zeros(4)
    for parameters in online:
        target = contrastive.moving_average(target, parameters, 0.9)
    weights = 0.1 * 0.9 ** np.arange(29, -1, -1)
    agree(target, weights @ online, 1e-12)


@pytest.mark.oracle("zero_shot", against="sklearn's cosines, summed by class")
def test_zero_shot_by_loops(rng, agree):
    audio, captions = rng.normal(size=(4, 3)), rng.normal(size=(6, 3))
    classes = [0, 2, 2, 3, 0, 2]  # nothing describes class 1
    found = contrastive.zero_shot(audio, captions, classes, 0.4)
    shares = np.exp(cosine_similarity(audio, captions) / 0.4)
    theirs = np.zeros((4, 4))
    for n, m in itertools.product(range(4), range(6)):
        theirs[n, classes[m]] += shares[n, m] / shares[n].sum()
    agree(found, theirs, 1e-12)
    assert np.all(found[:, 1] == 0)


# ---- augmentations ----


@pytest.mark.oracle("mix", against="energies of sounds that have nothing in common")
def test_mixing_adds_weighted_energies(rng, agree):
    x, other = np.zeros(8), np.zeros(8)
    x[:4], other[4:] = rng.normal(size=4), rng.normal(size=4)
    mixed = contrastive.mix(x, other, 0.7)
    agree(np.sum(mixed**2), 0.49 * np.sum(x**2) + 0.09 * np.sum(other**2), 1e-12)
    assert np.array_equal(contrastive.mix(x, other, 1.0), x)


@pytest.mark.oracle("log_mix_exp", against="exact sums of powers")
def test_log_mix_exp_by_powers(rng, agree):
    x, other = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    theirs = [
        math.log(math.fsum([0.7 * math.exp(a), 0.3 * math.exp(b)]))
        for a, b in zip(x.ravel(), other.ravel())
    ]
    agree(contrastive.log_mix_exp(x, other, 0.3).ravel(), theirs, 1e-12)
    assert np.allclose(contrastive.log_mix_exp(x + 1e4, x + 1e4, 0.3), x + 1e4)
    assert np.allclose(contrastive.log_mix_exp(x, other, 0.0), x)
    assert np.allclose(contrastive.log_mix_exp(x, other, 1.0), other)


@pytest.mark.oracle("time_mask", against="multiplication with an indicator")
@pytest.mark.parametrize(("start", "length"), [(0, 0), (2, 3), (5, 6), (0, 6)])
def test_time_mask_by_an_indicator(rng, start, length, agree):
    x = rng.random((6, 4)) + 1
    heard = [not start <= t < start + length for t in range(6)]
    agree(contrastive.time_mask(x, start, length), np.diag(heard).astype(float) @ x, 0.0)


@pytest.mark.oracle("frequency_mask", against="the mask in time of the transpose")
@pytest.mark.parametrize(("start", "length"), [(0, 0), (2, 3), (5, 6), (0, 6)])
def test_frequency_mask_by_an_indicator(rng, start, length, agree):
    x = rng.random((4, 6)) + 1
    heard = [not start <= f < start + length for f in range(6)]
    agree(contrastive.frequency_mask(x, start, length), x @ np.diag(heard).astype(float), 0.0)


@pytest.mark.oracle("frequency_shift", against="scipy.ndimage.shift with zeros outside")
@pytest.mark.parametrize("shift", [-9, -5, -2, 0, 1, 4, 5, 9])
def test_frequency_shift_by_scipy(rng, shift, agree):
    x = rng.random((3, 5))
    agree(contrastive.frequency_shift(x, shift), ndimage.shift(x, (0, shift), order=0), 1e-12)


# ---- refusals ----


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("cpc_loss", ([[1.0]], [[1.0]], [[1.0]], [0])),
        ("cpc_gradient", ([[1.0]], [[1.0]], [[1.0], [2.0]], [2])),
        ("contrastive_loss", ([[1.0], [2.0]], [[1.0], [2.0]], [[0], [1]], 0.1)),
        ("contrastive_loss", ([[1.0], [2.0]], [[1.0], [2.0]], [[1], [0]], 0.0)),
        ("diversity_loss", ([[[0.4, 0.4]]],)),
        ("product_quantise", (np.ones((1, 1, 2)), np.ones((1, 2, 1)), np.ones((1, 1, 2)), 0, True)),
        ("nt_xent", ([[1.0, 2.0]], [[1.0, 2.0]], 0.1)),
        ("nt_xent", (np.eye(2), [[1.0, 0.0], [0.0, 0.0]], 0.1)),
        ("mix", ([1.0], [1.0], 1.1)),
        ("log_mix_exp", ([[1.0]], [[np.inf]], 0.5)),
        ("time_mask", (np.ones((3, 2)), 3, 1)),
        ("time_mask", (np.ones((3, 2)), 0, 4)),
        ("frequency_mask", (np.ones((3, 2)), 0, -1)),
        ("frequency_shift", ([[np.nan]], 0)),
        ("byol_loss", ([[0.0]], [[1.0]])),
        ("moving_average", ([1.0], [1.0, 2.0], 0.9)),
        ("clap_loss", ([[1.0]], [[1.0]], 0.1)),
        ("zero_shot", ([[1.0]], [[1.0], [2.0]], [0, -1], 0.1)),
    ],
)
def test_what_has_no_answer_is_refused(name, given):
    with pytest.raises(ValueError):
        getattr(contrastive, name)(*given)
