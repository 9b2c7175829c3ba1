"""The references on Tacotron 2 against SciPy, enumeration, measured slopes and PyTorch.

Nothing here needs PyTorch: where it is installed, it is asked as well.
"""

import itertools

import numpy as np
import pytest
from scipy import ndimage, signal, special

from autograder.reference import tacotron


@pytest.fixture
def rng():
    return np.random.default_rng(13)


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def some_weights(rng, S, N):
    """Rows of positive numbers that add up to one."""
    return rng.dirichlet(np.ones(N), S)


# ---- location ----


@pytest.mark.oracle("location_features", against="scipy.ndimage.correlate1d of the sum")
@pytest.mark.parametrize(("S", "N", "R", "K"), [(1, 1, 0, 1), (3, 9, 2, 4), (20, 6, 7, 3)])
def test_location_by_scipy(rng, S, N, R, K, agree):
    past, filters = some_weights(rng, S, N), rng.normal(size=(2 * R + 1, K))
    columns = [ndimage.correlate1d(past.sum(axis=0), taps, mode="constant") for taps in filters.T]
    agree(tacotron.location_features(past, filters), np.stack(columns, axis=1), 1e-12)


@pytest.mark.oracle("location_features", against="torch conv1d of a running sum")
def test_location_by_torch(rng, torch, agree):
    past, filters = some_weights(rng, 8, 12), rng.normal(size=(5, 3))
    total = torch.tensor(past).cumsum(0)[-1]
    weight = torch.tensor(filters.T.copy())[:, None]
    theirs = torch.nn.functional.conv1d(total[None, None], weight, padding=2)
    agree(tacotron.location_features(past, filters), theirs[0].numpy().T, 1e-12)


@pytest.mark.parametrize(
    ("past", "filters", "says"),
    [
        ([[0.5, 0.5]], np.ones((2, 1)), "odd"),
        ([[1.5, -0.5]], np.ones((1, 1)), "negative"),
        ([[]], np.ones((1, 1)), "at least one value"),
        ([0.5, 0.5], np.ones((1, 1)), "dimension"),
    ],
)
def test_location_refuses(past, filters, says):
    with pytest.raises(ValueError, match=says):
        tacotron.location_features(past, filters)


# ---- a step of attention ----


def comparison(rng, N, Q, E, K, A):
    return {
        "query": rng.normal(size=Q),
        "memory": rng.normal(size=(N, E)),
        "location": rng.normal(size=(N, K)),
        "W": rng.normal(size=(Q, A)),
        "V": rng.normal(size=(E, A)),
        "U": rng.normal(size=(K, A)),
        "b": rng.normal(size=A),
        "v": rng.normal(size=A),
    }


@pytest.mark.oracle("attention_step", against="sums over single numbers")
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (5, 3, 4, 2, 6)])
def test_attention_number_by_number(rng, sizes, agree):
    given = comparison(rng, *sizes)
    q, h, f, W, V, U, b, v = given.values()
    e = []
    for n in range(len(h)):
        inner = [
            sum(q[i] * W[i, a] for i in range(len(q)))
            + sum(h[n, i] * V[i, a] for i in range(h.shape[1]))
            + sum(f[n, i] * U[i, a] for i in range(f.shape[1]))
            + b[a]
            for a in range(len(b))
        ]
        e.append(sum(v[a] * np.tanh(inner[a]) for a in range(len(b))))
    shares = np.exp(e) / np.sum(np.exp(e))
    context = sum(share * row for share, row in zip(shares, h, strict=True))
    for ours, theirs in zip(tacotron.attention_step(**given), (e, shares, context), strict=True):
        agree(ours, theirs, 1e-12)


@pytest.mark.oracle("attention_step", against="torch.nn.Linear, tanh, softmax and bmm")
def test_attention_by_torch(rng, torch, agree):
    given = comparison(rng, 7, 5, 4, 3, 6)
    q, h, f, W, V, U, b, v = map(torch.tensor, given.values())
    linear = torch.nn.functional.linear
    match = linear(q, W.T)[None] + linear(h, V.T) + linear(f, U.T, b)
    e = linear(torch.tanh(match), v[None])[:, 0]
    shares = torch.softmax(e, 0)
    context = torch.bmm(shares[None, None], h[None])[0, 0]
    for ours, theirs in zip(tacotron.attention_step(**given), (e, shares, context), strict=True):
        agree(ours, theirs.numpy(), 1e-12)


@pytest.mark.oracle("attention_step", against="scipy.special.logsumexp, energies near 1e5")
def test_energies_of_any_size_are_survived(rng, agree):
    given = comparison(rng, 6, 3, 4, 2, 5)
    given["v"] = 1e5 * given["v"]
    e, shares, _ = tacotron.attention_step(**given)
    agree(shares, np.exp(e - special.logsumexp(e)), 1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {"location": np.ones((3, 2))},
        {"b": np.ones(4)},
        {"query": np.ones(2)},
        {"memory": np.full((6, 4), np.nan)},
        {"v": np.ones((5, 1))},
    ],
)
def test_attention_refuses(rng, changes):
    with pytest.raises(ValueError):
        tacotron.attention_step(**comparison(rng, 6, 3, 4, 2, 5) | changes)


# ---- pre-net ----


def layers(rng, S, widths, keep):
    pairs = list(itertools.pairwise(widths))
    weights = [rng.normal(size=pair) / np.sqrt(pair[0]) for pair in pairs]
    biases = [rng.normal(size=out) for _, out in pairs]
    masks = [(rng.random((S, out)) < keep).astype(int) for _, out in pairs]
    return rng.normal(size=(S, widths[0])), weights, biases, masks


@pytest.mark.oracle("prenet", against="torch linear and relu, masks of torch's own dropout")
@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_prenet_by_torch(rng, torch, keep, agree):
    torch.manual_seed(3)
    frames, weights, biases, _ = layers(rng, 6, (8, 10, 7), keep)
    x, masks = torch.tensor(frames), []
    for W, b in zip(weights, biases, strict=True):
        x = torch.relu(torch.nn.functional.linear(x, torch.tensor(W.T.copy()), torch.tensor(b)))
        fell = torch.nn.functional.dropout(torch.ones_like(x), 1 - keep, True)
        masks.append((fell > 0).numpy().astype(float))
        x = x * fell  # ones that dropout has scaled
    agree(tacotron.prenet(frames, weights, biases, masks, keep), x.numpy(), 1e-12)


@pytest.mark.oracle("prenet", against="the mean over all masks, enumerated, of one layer")
def test_the_expected_output_is_the_one_without_masks(rng, agree):
    frames, weights, biases, _ = layers(rng, 1, (3, 4), 0.3)
    total = np.zeros((1, 4))
    for number in range(16):
        mask = np.array([[number >> i & 1 for i in range(4)]])
        probability = 0.3 ** mask.sum() * 0.7 ** (4 - mask.sum())
        total += probability * tacotron.prenet(frames, weights, biases, [mask], 0.3)
    agree(total, tacotron.prenet(frames, weights, biases, [np.ones((1, 4))], 1.0), 1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {"masks": [np.full((2, 4), 0.5)]},
        {"masks": [np.ones((3, 4))]},
        {"masks": []},
        {"keep": 0.0},
        {"keep": 1.5},
        {"biases": [np.ones(3)]},
        {"weights": [np.ones((2, 4))]},
    ],
)
def test_prenet_refuses(changes):
    given = {"frames": np.ones((2, 3)), "weights": [np.ones((3, 4))], "biases": [np.ones(4)]}
    with pytest.raises(ValueError):
        tacotron.prenet(**{**given, "masks": [np.ones((2, 4))], **changes})


# ---- stop ----


@pytest.mark.oracle("stop_frame", against="a search frame by frame in log-odds")
@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.93])
def test_stop_by_search(rng, threshold, agree):
    odds = np.log(threshold / (1 - threshold))
    for _ in range(50):
        scores, limit = rng.normal(-2, 2, 12), int(rng.integers(1, 15))
        length, stopped = 0, False
        while not stopped and length < min(12, limit):
            stopped = scores[length] > odds
            length += 1
        agree(tacotron.stop_frame(scores, threshold, limit), (length, stopped), 0.0)


@pytest.mark.oracle("stop_frame", against="torch.sigmoid and nonzero")
def test_stop_by_torch(rng, torch, agree):
    scores = rng.normal(-1, 1, 40)
    ends = torch.nonzero(torch.sigmoid(torch.tensor(scores)) > 0.5)[:, 0]
    agree(tacotron.stop_frame(scores), (ends[0].item() + 1, True), 0.0)


def test_an_end_that_is_never_reached_is_said():
    assert tacotron.stop_frame(np.full(30, -4.0), limit=20) == (20, False)
    assert tacotron.stop_frame(np.full(30, -4.0), limit=99) == (30, False)
    assert tacotron.stop_frame([-1, -1, 2], limit=2) == (2, False)
    assert tacotron.stop_frame([0.0, 0.1]) == (2, True)  # 0.5 is not above 0.5


@pytest.mark.parametrize(
    ("scores", "threshold", "limit"), [([], 0.5, 9), ([1], 0, 9), ([1], 1, 9), ([1], 0.5, 0)]
)
def test_stop_refuses(scores, threshold, limit):
    with pytest.raises(ValueError):
        tacotron.stop_frame(scores, threshold, limit)


# ---- post-net ----


@pytest.mark.oracle("postnet_residual", against="torch conv1d, tanh and mse_loss")
@pytest.mark.parametrize("widths", [(4, 4), (4, 6, 4), (3, 5, 5, 5, 3)])
def test_postnet_by_torch(rng, torch, widths, agree):
    before, target = rng.normal(size=(2, 20, widths[0]))
    pairs = list(itertools.pairwise(widths))
    kernels = [rng.normal(size=(5, *pair)) / np.sqrt(5 * pair[0]) for pair in pairs]
    x = torch.tensor(before.T.copy())[None]
    for layer, W in enumerate(kernels, 1):
        x = torch.nn.functional.conv1d(x, torch.tensor(W.transpose(2, 1, 0).copy()), padding=2)
        x = torch.tanh(x) if layer < len(kernels) else x
    after = torch.tensor(before) + x[0].T
    mse = torch.nn.functional.mse_loss
    ours, losses = tacotron.postnet_residual(before, kernels, target)
    agree(ours, after.numpy(), 1e-12)
    wanted = torch.tensor(target)
    theirs = [mse(frames, wanted).item() for frames in (torch.tensor(before), after)]
    agree(losses, theirs, 1e-12)


@pytest.mark.oracle("postnet_residual", against="scipy.signal.correlate, channel by channel")
def test_postnet_by_scipy(rng, agree):
    before, target = rng.normal(size=(2, 15, 2))
    first, last = rng.normal(size=(3, 2, 3)), rng.normal(size=(5, 3, 2))

    def convolved(x, W):
        padded = np.pad(x, ((len(W) // 2,) * 2, (0, 0)))
        columns = [
            sum(signal.correlate(padded[:, c], W[:, c, d], "valid") for c in range(W.shape[1]))
            for d in range(W.shape[2])
        ]
        return np.stack(columns, axis=1)

    after = before + convolved(np.tanh(convolved(before, first)), last)
    ours, losses = tacotron.postnet_residual(before, [first, last], target)
    agree(ours, after, 1e-12)
    agree(losses, [np.square(f - target).sum() / 30 for f in (before, after)], 1e-12)


def test_a_postnet_of_zeros_changes_nothing(rng):
    before, target = rng.normal(size=(2, 9, 3))
    after, losses = tacotron.postnet_residual(before, [np.zeros((5, 3, 3))], target)
    assert np.array_equal(after, before) and losses[0] == losses[1]


@pytest.mark.parametrize(
    "kernels",
    [[], [np.ones((4, 3, 3))], [np.ones((3, 2, 3))], [np.ones((3, 3, 2))], [np.ones((3, 3))]],
)
def test_postnet_refuses(kernels):
    with pytest.raises(ValueError):
        tacotron.postnet_residual(np.ones((9, 3)), kernels, np.ones((9, 3)))


# ---- guided attention ----


@pytest.mark.oracle("guided_attention_loss", against="a double sum, with scipy.special.softmax")
@pytest.mark.parametrize(("S", "N", "width"), [(1, 1, 0.2), (12, 5, 0.2), (7, 9, 0.4)])
def test_guided_loss_by_a_double_sum(rng, S, N, width, agree):
    energies = rng.normal(size=(S, N))
    A = special.softmax(energies, axis=1)
    total = sum(
        A[s, n] * (1 - np.exp(-((n / N - s / S) ** 2) / (2 * width**2)))
        for s in range(S)
        for n in range(N)
    )
    agree(tacotron.guided_attention_loss(energies, width)[0], total / (S * N), 1e-12)


@pytest.mark.oracle("guided_attention_loss", against="central differences of the loss")
def test_guided_slopes_by_nudging(rng, agree):
    energies, step = rng.normal(size=(6, 4)), 1e-6
    measured = np.zeros((6, 4))
    for where in np.ndindex(6, 4):
        for sign in (1, -1):
            moved = energies.copy()
            moved[where] += sign * step
            measured[where] += sign * tacotron.guided_attention_loss(moved)[0] / (2 * step)
    agree(tacotron.guided_attention_loss(energies)[1], measured, 1e-9)


@pytest.mark.oracle("guided_attention_loss", against="torch softmax and autograd")
def test_guided_loss_by_torch(rng, torch, agree):
    energies = torch.tensor(rng.normal(size=(10, 6)), requires_grad=True)
    steps, letters = torch.meshgrid(torch.arange(10.0), torch.arange(6.0), indexing="ij")
    apart = letters.double() / 6 - steps.double() / 10
    penalty = 1 - torch.exp(-(apart**2) / (2 * 0.3**2))
    theirs = (torch.softmax(energies, 1) * penalty).mean()
    theirs.backward()
    loss, slopes = tacotron.guided_attention_loss(energies.detach().numpy(), 0.3)
    agree(loss, theirs.item(), 1e-12)
    agree(slopes, energies.grad.numpy(), 1e-12)


@pytest.mark.oracle("guided_attention_loss", against="attention on the diagonal, which is free")
def test_attention_on_the_diagonal_costs_nothing(agree):
    agree(tacotron.guided_attention_loss(1e3 * np.eye(8))[0], 0.0, 1e-12)
    assert tacotron.guided_attention_loss(1e3 * np.eye(8)[::-1])[0] > 0.05


@pytest.mark.parametrize(
    ("energies", "width"), [([[1.0]], 0.0), ([[1.0]], np.inf), ([[np.nan]], 1), ([], 1), ([1.0], 1)]
)
def test_guided_loss_refuses(energies, width):
    with pytest.raises(ValueError):
        tacotron.guided_attention_loss(energies, width)
