"""The references on units against SciPy's clustering, finite differences and PyTorch.

Nothing here needs PyTorch: where it is installed, its autograd is asked as well.
"""

import librosa
import numpy as np
import pytest
from scipy import special
from scipy.cluster import vq
from scipy.ndimage import binary_dilation
from scipy.spatial.distance import cdist
from scipy.stats import entropy

from autograder.reference import hubert
from speechlab import corpora


def nudged(function, value, step=1e-6):
    """Central differences of a scalar function by each number of an array."""
    value = np.array(value, dtype=float)
    slopes = np.zeros(value.shape)
    for where in np.ndindex(value.shape):
        up, down = value.copy(), value.copy()
        up[where] += step
        down[where] -= step
        slopes[where] = (function(up) - function(down)) / (2 * step)
    return slopes


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def spoken():
    """MFCCs of a few digits: real shapes, (T, 13)."""
    clips = corpora.digits("test")[:4]
    mfcc = [librosa.feature.mfcc(y=c.samples, sr=c.rate, n_mfcc=13, n_fft=256) for c in clips]
    return np.hstack(mfcc).T


# ---- k-means ----


@pytest.mark.oracle("quantise", against="scipy.cluster.vq.vq")
@pytest.mark.parametrize(("T", "D", "C"), [(1, 1, 1), (200, 13, 40), (50, 2, 100)])
def test_nearest_codevector_by_scipy(rng, T, D, C, agree):
    x, codevectors = rng.normal(size=(T, D)), rng.normal(size=(C, D))
    units, quantised = hubert.quantise(x, codevectors)
    theirs, distances = vq.vq(x, codevectors)
    assert np.array_equal(units, theirs)
    agree(np.linalg.norm(x - quantised, axis=1), distances, 1e-9)


@pytest.mark.oracle("quantise", against="scipy.spatial.distance.cdist, on speech")
def test_nearest_codevector_of_speech(spoken, agree):
    units, quantised = hubert.quantise(spoken, spoken[::17])
    distances = cdist(spoken, spoken[::17])
    assert np.array_equal(units, distances.argmin(axis=1))
    agree(np.linalg.norm(spoken - quantised, axis=1), distances.min(axis=1), 1e-9)


def test_of_equally_near_codevectors_the_first():
    units, _ = hubert.quantise([[1.0]], [[0.0], [2.0], [0.0]])
    assert units.tolist() == [0]


@pytest.mark.oracle("move_centroids", against="one iteration of scipy.cluster.vq.kmeans2")
@pytest.mark.parametrize("C", [1, 5, 30])
def test_centroids_by_scipy(spoken, C, agree):
    start = spoken[:: len(spoken) // C][:C].copy()
    units, _ = hubert.quantise(spoken, start)
    moved, distortion = hubert.move_centroids(spoken, units, start)
    theirs, labels = vq.kmeans2(spoken, start, iter=1, minit="matrix")
    assert np.array_equal(units, labels)
    agree(moved, theirs, 1e-9)
    squares = cdist(spoken, theirs, "sqeuclidean")[np.arange(len(spoken)), labels]
    assert np.isclose(distortion, squares.mean())


@pytest.mark.filterwarnings("ignore:One of the clusters is empty")
def test_a_centroid_without_frames_stays_where_it_is():
    x, centroids = np.array([[0.0], [2.0]]), np.array([[0.5], [99.0]])
    moved, _ = hubert.move_centroids(x, [0, 0], centroids)
    assert (
        moved.tolist() == [[1.0], [99.0]] == vq.kmeans2(x, centroids, 1, minit="matrix")[0].tolist()
    )


@pytest.mark.oracle("move_centroids", against="scipy.cluster.vq.kmeans2, to the end")
def test_k_means_by_our_two_steps(spoken, agree):
    ours, before = spoken[::29].copy(), np.inf
    theirs, labels = vq.kmeans2(spoken, ours.copy(), iter=25, minit="matrix")
    for _ in range(25):
        units, _ = hubert.quantise(spoken, ours)
        ours, distortion = hubert.move_centroids(spoken, units, ours)
        assert distortion <= before + 1e-9
        before = distortion
    assert np.array_equal(units, labels)
    agree(ours, theirs, 1e-8)


# ---- spans ----


@pytest.mark.oracle("mask_spans", against="scipy.ndimage.binary_dilation of the starts")
@pytest.mark.parametrize("length", [1, 4, 10, 99])
def test_spans_by_dilation(rng, length, agree):
    x, embedding = rng.normal(size=(80, 5)), rng.normal(size=5)
    starts = np.flatnonzero(rng.random(80) < 0.08)
    corrupted, masked = hubert.mask_spans(x, starts, length, embedding)
    impulses = np.isin(np.arange(80), starts)
    backwards = np.append(np.zeros(length - 1, bool), np.ones(length, bool))  # looks at the past
    grown = binary_dilation(impulses, backwards)
    assert np.array_equal(masked, grown)
    agree(corrupted, np.array([embedding if g else f for g, f in zip(grown, x)]), 0.0)


@pytest.mark.oracle("mask_spans", against="the share 1 - (1 - p)^l, on random starts")
@pytest.mark.parametrize(("p", "length"), [(0.08, 10), (0.02, 5)])
def test_share_of_masked_frames(rng, p, length, agree):
    starts = np.flatnonzero(rng.random(200_000) < p)
    _, masked = hubert.mask_spans(np.zeros((200_000, 1)), starts, length, [1.0])
    agree(masked.mean(), 1 - (1 - p) ** length, 0.01)


# ---- scores and losses ----


@pytest.mark.oracle("unit_scores", against="scipy.spatial.distance.cdist with cosines")
@pytest.mark.parametrize(("T", "H", "D", "C"), [(1, 1, 1, 1), (50, 16, 8, 100)])
def test_scores_by_scipy(rng, T, H, D, C, agree):
    o, A, e = rng.normal(size=(T, H)), rng.normal(size=(D, H)), rng.normal(size=(C, D))
    agree(hubert.unit_scores(o, A, e, 0.1), (1 - cdist(o @ A.T, e, "cosine")) / 0.1, 1e-12)


@pytest.mark.oracle("unit_scores", against="torch.nn.functional.cosine_similarity")
def test_scores_by_torch(rng, agree):
    torch = pytest.importorskip("torch")
    o, A, e = (torch.tensor(rng.normal(size=s)) for s in ((40, 16), (8, 16), (50, 8)))
    theirs = torch.nn.functional.cosine_similarity((o @ A.T)[:, None], e, dim=2) / 0.1
    ours = hubert.unit_scores(o.numpy(), A.numpy(), e.numpy(), 0.1)
    agree(ours, theirs.numpy(), 1e-12)


def drawn(rng, T, C, scale):
    return scale * rng.normal(size=(T, C)), rng.integers(0, C, T), rng.random(T) < 0.5


@pytest.mark.oracle("masked_prediction_loss", against="scipy.stats.entropy, frame by frame")
@pytest.mark.parametrize("scale", [0.1, 3.0, 100.0])
def test_masked_loss_is_a_cross_entropy(rng, scale, agree):
    scores, units, masked = drawn(rng, 30, 6, scale)
    masked[0] = True
    loss = 0.0
    for t in np.flatnonzero(masked):
        p = np.exp(scores[t] - scores[t].max())
        truth = np.arange(6) == units[t]
        loss += entropy(truth) + entropy(truth, p)
    agree(hubert.masked_prediction_loss(scores, units, masked), loss, 1e-9 * max(1, loss))


@pytest.mark.oracle("masked_prediction_loss", against="torch.nn.functional.cross_entropy")
@pytest.mark.parametrize(("T", "C", "scale"), [(1, 1, 1.0), (100, 50, 5.0), (20, 5, 1000.0)])
def test_masked_loss_by_torch(rng, T, C, scale, agree):
    torch = pytest.importorskip("torch")
    scores, units, masked = drawn(rng, T, C, scale)
    masked[0] = True
    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(scores[masked]), torch.tensor(units[masked]), reduction="sum"
    )
    agree(hubert.masked_prediction_loss(scores, units, masked), float(theirs), 1e-8)


@pytest.mark.oracle("weighted_loss", against="the masked loss of the mask and of its opposite")
@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_weighted_loss_of_two(rng, alpha, agree):
    scores, units, _ = drawn(rng, 30, 6, 2.0)
    masked = np.arange(30) % 3 == 0
    both = [hubert.masked_prediction_loss(scores, units, m) for m in (masked, ~masked)]
    loss, _ = hubert.weighted_loss(scores, units, masked, alpha)
    agree(loss, alpha * both[0] + (1 - alpha) * both[1], 1e-10)


@pytest.mark.oracle("weighted_loss", against="finite differences: scores nudged")
@pytest.mark.parametrize(("T", "C"), [(1, 1), (8, 5)])
def test_weighted_gradient_by_nudging(rng, T, C, agree):
    scores, units, masked = drawn(rng, T, C, 2.0)
    ours = hubert.weighted_loss(scores, units, masked, 0.8)[1]
    agree(ours, nudged(lambda s: hubert.weighted_loss(s, units, masked, 0.8)[0], scores), 1e-8)


@pytest.mark.oracle("weighted_loss", against="PyTorch's autograd")
def test_weighted_gradient_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    scores, units, masked = drawn(rng, 100, 50, 5.0)
    s, z = torch.tensor(scores, requires_grad=True), torch.tensor(units)
    each = torch.nn.functional.cross_entropy(s, z, reduction="none")
    (each * torch.tensor(np.where(masked, 0.8, 0.2))).sum().backward()
    agree(hubert.weighted_loss(scores, units, masked, 0.8)[1], s.grad.numpy(), 1e-12)


# ---- codevectors ----


def exam_loss(c, E, units):
    scores = c @ E.T
    return np.sum(special.logsumexp(scores, axis=1) - scores[np.arange(len(c)), units])


@pytest.mark.oracle("codevector_gradient", against="finite differences: codevectors nudged")
@pytest.mark.parametrize(("N", "D", "C"), [(1, 1, 1), (12, 3, 5), (3, 4, 9)])
def test_codevector_gradient_by_nudging(rng, N, D, C, agree):
    c, E, units = rng.normal(size=(N, D)), rng.normal(size=(C, D)), rng.integers(0, C, N)
    gradient, _, _ = hubert.codevector_gradient(c, E, units)
    agree(gradient, nudged(lambda v: exam_loss(c, v, units), E), 1e-7)


@pytest.mark.oracle("codevector_gradient", against="PyTorch's autograd through cross_entropy")
def test_codevector_gradient_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    c, units = rng.normal(size=(200, 16)), rng.integers(0, 50, 200)
    E = torch.tensor(rng.normal(size=(50, 16)), requires_grad=True)
    scores = torch.tensor(c) @ E.T
    torch.nn.functional.cross_entropy(scores, torch.tensor(units), reduction="sum").backward()
    gradient, _, _ = hubert.codevector_gradient(c, E.detach().numpy(), units)
    agree(gradient, E.grad.numpy(), 1e-11)


@pytest.mark.oracle("codevector_gradient", against="each force from the other frames left out")
def test_forces_by_leaving_frames_out(rng, agree):
    c, E, units = rng.normal(size=(15, 3)), rng.normal(size=(4, 3)), rng.integers(0, 4, 15)
    _, attraction, repulsion = hubert.codevector_gradient(c, E, units)
    for v in range(4):
        for force, frames in ((-attraction, units == v), (repulsion, units != v)):
            alone = nudged(lambda e, f=frames: exam_loss(c[f], e, units[f]), E)[v]
            agree(force[v], alone, 1e-7)


def test_forces_pull_and_push_along_the_outputs(rng):
    c, E = rng.normal(size=(1, 4)), rng.normal(size=(3, 4))
    _, attraction, repulsion = hubert.codevector_gradient(c, E, [1])
    assert attraction[1] @ c[0] > 0
    assert np.all(repulsion[[0, 2]] @ c[0] > 0)
    assert not attraction[[0, 2]].any() and not repulsion[1].any()


def surrogate(z_e, e, kept, units, by_z_q, beta):
    """A loss whose plain gradient is the straight-through one: what is stopped, is `kept`."""
    frozen_z, frozen_e = kept
    copied = np.sum(by_z_q * (frozen_e[units] + (z_e - frozen_z)))
    codebook = np.sum((frozen_z - e[units]) ** 2)
    return copied + codebook + beta * np.sum((z_e - frozen_e[units]) ** 2)


@pytest.mark.oracle("straight_through", against="finite differences, what is stopped kept fixed")
@pytest.mark.parametrize(("T", "D", "C"), [(1, 1, 1), (10, 3, 4)])
def test_straight_through_by_nudging(rng, T, D, C, agree):
    z_e, e, by = rng.normal(size=(T, D)), rng.normal(size=(C, D)), rng.normal(size=(T, D))
    units, _ = hubert.quantise(z_e, e)
    kept = z_e.copy(), e.copy()
    terms, by_z_e, by_e = hubert.straight_through(z_e, units, e, by, 0.25)
    agree(by_z_e, nudged(lambda v: surrogate(v, e, kept, units, by, 0.25), z_e), 1e-7)
    agree(by_e, nudged(lambda v: surrogate(z_e, v, kept, units, by, 0.25), e), 1e-7)
    total = surrogate(z_e, e, kept, units, by, 0.25) - np.sum(by * e[units])
    agree(terms, total, 1e-10)


@pytest.mark.oracle("straight_through", against="PyTorch's autograd with detach")
def test_straight_through_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    z_e = torch.tensor(rng.normal(size=(100, 8)), requires_grad=True)
    e = torch.tensor(rng.normal(size=(32, 8)), requires_grad=True)
    target = torch.tensor(rng.normal(size=(100, 8)))
    units = torch.cdist(z_e, e).argmin(dim=1)
    z_q = e[units]
    copied = (z_e + (z_q - z_e).detach()).requires_grad_(True)
    copied.retain_grad()
    reconstruction = ((torch.tanh(copied) - target) ** 2).sum()
    terms = ((z_e.detach() - z_q) ** 2).sum() + 0.25 * ((z_e - z_q.detach()) ** 2).sum()
    (reconstruction + terms).backward()
    slope = 2 * (torch.tanh(z_q) - target) * (1 - torch.tanh(z_q) ** 2)
    arguments = z_e, units, e, slope
    plain = [one.detach().numpy() for one in arguments]
    ours = hubert.straight_through(*plain, 0.25)
    agree(ours[0], terms.item(), 1e-9)
    agree(ours[1], z_e.grad.numpy(), 1e-11)
    agree(ours[2], e.grad.numpy(), 1e-11)


@pytest.mark.oracle("straight_through", against="move_centroids: a step of the codebook term")
def test_half_a_step_by_count_is_k_means(rng, agree):
    """Gradient descent with the rate 1 / (2 n) puts a codevector on the mean of its n frames."""
    x, e = rng.normal(size=(60, 2)), rng.normal(size=(4, 2))
    units, _ = hubert.quantise(x, e)
    _, _, by_e = hubert.straight_through(x, units, e, 0 * x, 0.0)
    counts = np.maximum(np.bincount(units, minlength=4), 1)[:, None]
    agree(e - by_e / (2 * counts), hubert.move_centroids(x, units, e)[0], 1e-12)


# ---- bad input ----

X, E = np.ones((3, 2)), np.ones((4, 2))
S, U, M = np.zeros((3, 4)), [0, 1, 3], [1, 0, 1]
NAN = np.full((3, 2), np.nan)


@pytest.mark.parametrize(
    "call",
    [
        lambda: hubert.quantise(NAN, E),
        lambda: hubert.quantise(X[:0], E),
        lambda: hubert.quantise(X[0], E),
        lambda: hubert.move_centroids(X, [0, 1, 4], E),
        lambda: hubert.move_centroids(X, [0, 1, 0.5], E),
        lambda: hubert.move_centroids(X, [0, 1, np.nan], E),
        lambda: hubert.move_centroids(NAN, U, E),
        lambda: hubert.mask_spans(X, [3], 1, [0, 0]),
        lambda: hubert.unit_scores(X, np.eye(2), 0 * E, 0.1),
        lambda: hubert.unit_scores(0 * X, np.eye(2), E, 0.1),
        lambda: hubert.unit_scores(X, np.eye(2), E, 0.0),
        lambda: hubert.masked_prediction_loss(S, U, [0, 0, 0]),
        lambda: hubert.masked_prediction_loss(S, U, [0, 0, 2]),
        lambda: hubert.masked_prediction_loss(S * np.inf, U, M),
        lambda: hubert.masked_prediction_loss(S[:0], [], []),
        lambda: hubert.weighted_loss(S, U, M, 1.1),
        lambda: hubert.weighted_loss(S, U, M, np.nan),
        lambda: hubert.weighted_loss(S, [0, 1, 4], M, 0.5),
        lambda: hubert.codevector_gradient(NAN, E, U),
        lambda: hubert.straight_through(NAN, U, E, X, 0.25),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[\w, ()-]+ must [^.]+(\.\.\.[^.]+|\.\d[^.]*)*$"):
        call()
