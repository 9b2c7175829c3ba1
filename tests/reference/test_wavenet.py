"""The references on WaveNet against PyTorch, SciPy, and the tree of all evaluations.

Nothing here needs PyTorch: where it is installed, its convolutions are asked as well.
"""

import itertools

import numpy as np
import pytest
from scipy import signal, special, stats

from autograder.reference import sampling, wavenet
from speechlab import corpora


@pytest.fixture
def rng():
    return np.random.default_rng(16)


def layer(rng, T, C, K, D):
    return rng.normal(size=(T, C)), rng.normal(size=(K, C, D)), rng.normal(size=D)


# ---- the convolution ----


@pytest.mark.oracle("causal_convolution", against="torch.nn.functional.conv1d, padded in front")
@pytest.mark.parametrize("dilation", [1, 2, 5, 64])
@pytest.mark.parametrize("K", [1, 2, 3])
def test_convolution_as_in_torch(rng, K, dilation, agree):
    torch = pytest.importorskip("torch")
    x, W, b = layer(rng, 40, 3, K, 4)
    channels_first = torch.tensor(x.T[None])
    padded = torch.nn.functional.pad(channels_first, ((K - 1) * dilation, 0))
    taps = torch.tensor(W[::-1].transpose(2, 1, 0).copy())
    theirs = torch.nn.functional.conv1d(padded, taps, torch.tensor(b), dilation=dilation)
    agree(wavenet.causal_convolution(x, W, b, dilation), theirs[0].numpy().T, 1e-12)


@pytest.mark.oracle("causal_convolution", against="scipy.signal.lfilter of each pair of channels")
@pytest.mark.parametrize(("T", "dilation"), [(60, 7), (5, 3), (1, 1), (12, 100)])
def test_convolution_as_filters(rng, T, dilation, agree):
    x, W, b = layer(rng, T, 2, 3, 3)
    theirs = np.tile(b, (T, 1))
    for c, d in np.ndindex(2, 3):
        spread = np.zeros(2 * dilation + 1)
        spread[::dilation] = W[:, c, d]
        theirs[:, d] += signal.lfilter(spread, 1, x[:, c])
    agree(wavenet.causal_convolution(x, W, b, dilation), theirs, 1e-12)


def test_no_output_of_a_stack_hears_the_future(rng):
    for at in (0, 17, 39):
        x, *_ = layer(rng, 40, 2, 1, 1)
        later = x.copy()
        later[at + 1 :] += rng.normal(size=(39 - at, 2))
        outputs = []
        for heard in (x, later):
            for dilation in (1, 2, 4):
                heard = np.tanh(
                    wavenet.causal_convolution(heard, np.ones((2, 2, 2)), [0, 1], dilation)
                )
            outputs.append(heard)
        assert np.array_equal(outputs[0][: at + 1], outputs[1][: at + 1])


def heard_of_the_past(kernels, dilations, length):
    """How many samples of an input move the last output of a stack with weights of 1."""
    stack = np.eye(length)[:, :, None]  # one input for each sample, with a 1 there
    for kernel, dilation in zip(kernels, dilations):
        ones = np.ones((kernel, 1, 1))
        stack = np.stack([wavenet.causal_convolution(x, ones, [0.0], dilation) for x in stack])
    moved = np.flatnonzero(stack[:, -1, 0])
    return length - moved[0]


@pytest.mark.oracle("receptive_field", against="impulses sent through the stack")
@pytest.mark.parametrize(
    ("kernels", "dilations"),
    [([2], [1]), ([3], [7]), ([2, 2, 2, 2], [1, 2, 4, 8]), ([2, 3, 1, 4], [5, 2, 9, 3])],
)
def test_field_by_impulses(kernels, dilations, agree):
    ours = wavenet.receptive_field(kernels, dilations)
    agree(ours, heard_of_the_past(kernels, dilations, 60), 0)


@pytest.mark.oracle("receptive_field", against="the paper: 10 layers 1 ... 512 hear 1024 samples")
def test_field_of_the_paper(agree):
    agree(wavenet.receptive_field(np.full(10, 2), 2 ** np.arange(10)), 1024, 0)


# ---- the gate ----


@pytest.mark.oracle("gated_unit", against="two convolutions and a linear layer of torch.nn, global")
def test_global_condition_as_in_torch(agree):
    torch = pytest.importorskip("torch")
    torch.manual_seed(16)
    x, speaker = torch.randn(1, 3, 50).double(), torch.randn(1, 4).double()
    convolutions = [torch.nn.Conv1d(3, 5, 2, dilation=4, bias=False).double() for _ in "fg"]
    linear = [torch.nn.Linear(4, 5, bias=False).double() for _ in "fg"]
    with torch.no_grad():
        past = torch.nn.functional.pad(x, (4, 0))
        f, g = (convolution(past) for convolution in convolutions)
        told = [layer(speaker)[:, :, None] for layer in linear]
        theirs = torch.tanh(f + told[0]) * torch.sigmoid(g + told[1])
        V_f, V_g = (layer.weight.numpy().T for layer in linear)
        ours = wavenet.gated_unit(f[0].numpy().T, g[0].numpy().T, speaker[0].numpy(), V_f, V_g)
    agree(ours, theirs[0].numpy().T, 1e-12)


@pytest.mark.oracle("gated_unit", against="torch.nn.Conv1d of width 1 on frames repeated, and glu")
def test_local_condition_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    f, g, mel = (torch.tensor(rng.normal(size=shape)) for shape in ((5, 48), (5, 48), (3, 6)))
    torch.manual_seed(16)
    V = torch.nn.Conv1d(3, 10, 1, bias=False).double()
    with torch.no_grad():
        c = V(torch.nn.functional.interpolate(mel[None], scale_factor=8, mode="nearest"))[0]
        theirs = torch.nn.functional.glu(torch.cat([torch.tanh(f + c[:5]), g + c[5:]]), dim=0)
        V_f, V_g = V.weight[:, :, 0].numpy().T[:, :5], V.weight[:, :, 0].numpy().T[:, 5:]
        ours = wavenet.gated_unit(f.numpy().T, g.numpy().T, mel.numpy().T, V_f, V_g)
    agree(ours, theirs.numpy().T, 1e-12)


@pytest.mark.oracle("gated_unit", against="scipy.stats.logistic, sample by sample")
def test_gate_sample_by_sample(rng, agree):
    f, g = 3 * rng.normal(size=(2, 12, 2))
    frames, (V_f, V_g) = rng.normal(size=(4, 3)), rng.normal(size=(2, 3, 2))
    ours = wavenet.gated_unit(f, g, frames, V_f, V_g)
    for t, d in np.ndindex(ours.shape):
        told_f, told_g = (sum(frames[t // 3, i] * V[i, d] for i in range(3)) for V in (V_f, V_g))
        one = np.tanh(f[t, d] + told_f) * stats.logistic.cdf(g[t, d] + told_g)
        agree(ours[t, d], one, 1e-12)


def test_one_frame_is_a_condition_for_all_times(rng):
    f, g, h = rng.normal(size=(6, 2)), rng.normal(size=(6, 2)), rng.normal(size=3)
    V = rng.normal(size=(2, 3, 2))
    assert np.array_equal(wavenet.gated_unit(f, g, h, *V), wavenet.gated_unit(f, g, [h], *V))


# ---- a step ----


def net(rng, L, C=3, Q=5):
    """Weights of a net: E, W_f, W_g, W_o."""
    taps = 0.8 * rng.normal(size=(2, L, 2, C, C))
    return rng.normal(size=(Q, C)), *taps, rng.normal(size=(C, Q))


def by_the_tree(classes, dilations, E, W_f, W_g, W_o):
    """p[t + 1] by the definition, and how many vectors were asked for. Nothing is kept."""
    asked = itertools.count(1)

    def heard(l, t):  # noqa: E741
        """h_l[t], and the sum of the gates' outputs below it."""
        next(asked)
        if t < 0 or l == 0:
            return (E[classes[t]] if t >= 0 else np.zeros(E.shape[1])), np.zeros(E.shape[1])
        now, total = heard(l - 1, t)
        past, _ = heard(l - 1, t - dilations[l - 1])
        f, g = (now @ W[l - 1, 0] + past @ W[l - 1, 1] for W in (W_f, W_g))
        z = np.tanh(f) / (1 + np.exp(-g))
        return now + z, total + z

    _, total = heard(len(dilations), len(classes) - 1)
    return special.softmax(total @ W_o), next(asked) - 1


@pytest.mark.oracle("next_sample", against="the whole tree, evaluated anew for every sample")
@pytest.mark.parametrize("dilations", [(1,), (1, 2, 4), (2, 3, 1, 5)])
def test_step_by_the_tree(rng, dilations, agree):
    weights, classes = net(rng, len(dilations)), rng.integers(5, size=14)
    queues = [np.zeros((d, 3)) for d in dilations]
    for t, sample in enumerate(classes):
        p, queues = wavenet.next_sample(sample, queues, *weights)
        agree(p, by_the_tree(classes[: t + 1], dilations, *weights)[0], 1e-13)


@pytest.mark.oracle(
    "next_sample", against="torch.nn.functional.conv1d over the whole signal at once"
)
def test_steps_as_one_pass_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    dilations, classes = (1, 2, 4, 8, 1, 2), rng.integers(5, size=50)
    E, W_f, W_g, W_o = net(rng, len(dilations))

    def convolved(h, W, d):
        taps = torch.tensor(W[::-1].transpose(2, 1, 0).copy())
        return torch.nn.functional.conv1d(torch.nn.functional.pad(h, (d, 0)), taps, dilation=d)

    h = torch.tensor(E[classes].T[None])
    total = torch.zeros_like(h)
    for d, F, G in zip(dilations, W_f, W_g):
        z = torch.tanh(convolved(h, F, d)) * torch.sigmoid(convolved(h, G, d))
        h, total = h + z, total + z
    theirs = torch.softmax(total[0].T @ torch.tensor(W_o), dim=1).numpy()
    ours, queues = [], [np.zeros((d, 3)) for d in dilations]
    for sample in classes:
        p, queues = wavenet.next_sample(sample, queues, E, W_f, W_g, W_o)
        ours.append(p)
    agree(ours, theirs, 1e-13)


def test_both_ways_draw_the_same_samples(rng):
    dilations, weights = (1, 2, 4, 8), net(rng, 4)
    classes, queues = [2], [np.zeros((d, 3)) for d in dilations]
    for u in rng.random(30):
        p, queues = wavenet.next_sample(classes[-1], queues, *weights)
        theirs, _ = by_the_tree(classes, dilations, *weights)
        assert wavenet.draw(p, u) == wavenet.draw(theirs, u)
        classes.append(wavenet.draw(p, u))
    assert len(set(classes)) == 5


@pytest.mark.parametrize("L", range(1, 9))
def test_the_tree_doubles_with_each_layer(rng, L):
    """Each vector asks for two below it, 2^L at the bottom, where a step computes L in all."""
    _, asked = by_the_tree(rng.integers(5, size=2**L), 2 ** np.arange(L), *net(rng, L))
    assert asked == 2 ** (L + 1) - 1


def test_queues_handed_in_are_left_alone(rng):
    queues = [rng.normal(size=(d, 3)) for d in (1, 2)]
    kept = [queue.copy() for queue in queues]
    wavenet.next_sample(1, queues, *net(rng, 2))
    assert all(np.array_equal(a, b) for a, b in zip(queues, kept))


# ---- bits, and a draw ----


@pytest.mark.oracle("bits_per_sample", against="torch.nn.functional.cross_entropy, over ln 2")
def test_bits_as_in_torch(rng, agree):
    torch = pytest.importorskip("torch")
    scores, classes = 50 * rng.normal(size=(80, 256)), rng.integers(256, size=80)
    nats = torch.nn.functional.cross_entropy(torch.tensor(scores), torch.tensor(classes))
    agree(wavenet.bits_per_sample(scores, classes), nats.item() / np.log(2), 1e-9)


@pytest.mark.oracle("bits_per_sample", against="scipy.stats.entropy of the histogram, on speech")
def test_bits_of_a_histogram_are_its_entropy(agree):
    clip = corpora.digits("test")[0]
    classes = sampling.mu_law(clip.samples / np.abs(clip.samples).max())
    counts = np.bincount(classes, minlength=256)
    scores = np.tile(np.log(counts + 1e-300), (len(classes), 1))
    agree(wavenet.bits_per_sample(scores, classes), stats.entropy(counts, base=2), 1e-9)


def test_bits_of_no_idea_and_of_certainty():
    assert np.isclose(wavenet.bits_per_sample(np.ones((3, 256)), [0, 9, 255]), 8)
    assert wavenet.bits_per_sample([[0.0, 5000.0]], [1]) == 0
    assert np.isclose(wavenet.bits_per_sample([[0.0, 5000.0]], [0]), 5000 / np.log(2))


@pytest.mark.oracle("draw", against="the probabilities, as shares of an even grid of u")
def test_shares_of_a_grid_are_the_probabilities(rng, agree):
    p = rng.dirichlet(np.ones(6))
    p[2] = 0
    p = p / p.sum()
    u = (np.arange(20_000) + 0.5) / 20_000
    drawn = np.array([wavenet.draw(p, one) for one in u])
    assert np.all(np.diff(drawn) >= 0)
    agree(np.bincount(drawn, minlength=6) / len(u), p, 1e-4)


@pytest.mark.oracle("draw", against="scipy.stats.rv_discrete.ppf")
def test_draw_as_the_quantile_of_scipy(rng, agree):
    for Q in (2, 10, 256):
        p = rng.dirichlet(np.ones(Q))
        theirs = stats.rv_discrete(values=(np.arange(Q), p))
        u = rng.random(50)
        agree([wavenet.draw(p, one) for one in u], theirs.ppf(u), 0)


def test_draw_on_boundaries_and_beyond_them():
    assert [wavenet.draw([0.25, 0.25, 0.5], u) for u in (0, 0.25, 0.5, 0.75)] == [0, 1, 2, 2]
    assert wavenet.draw([0, 1], 0) == 1
    assert wavenet.draw([0.1] * 10 + [0, 0], np.nextafter(1, 0)) == 9
    assert wavenet.draw(np.float32([0.3, 0.3, 0.4]), 0.9999999) == 2


# ---- bad input ----

X, W, B = np.ones((4, 2)), np.ones((2, 2, 3)), np.ones(3)
Z, V = np.ones((6, 2)), np.ones((3, 2))
NET = np.ones((5, 3)), np.ones((1, 2, 3, 3)), np.ones((1, 2, 3, 3)), np.ones((3, 5))
BAD = [
    (wavenet.causal_convolution, (np.ones((0, 2)), W, B, 1)),
    (wavenet.causal_convolution, (X * np.nan, W, B, 1)),
    (wavenet.causal_convolution, (X, W, B, 0)),
    (wavenet.causal_convolution, (X, W, B, 1.5)),
    (wavenet.causal_convolution, (X, W, np.ones(2), 1)),
    (wavenet.causal_convolution, (X[:, :1], W, B, 1)),
    (wavenet.causal_convolution, (X, W[0], B, 1)),
    (wavenet.receptive_field, ([], [])),
    (wavenet.receptive_field, ([2], [1, 2])),
    (wavenet.receptive_field, ([0], [1])),
    (wavenet.receptive_field, ([2], [0.5])),
    (wavenet.gated_unit, (Z, Z, np.ones((4, 3)), V, V)),
    (wavenet.gated_unit, (Z, Z, np.ones((12, 3)), V, V)),
    (wavenet.gated_unit, (Z, Z, np.ones(2), V, V)),
    (wavenet.gated_unit, (Z, Z[:1], np.ones(3), V, V)),
    (wavenet.gated_unit, (Z, Z, np.ones(3), V, V[:, :1])),
    (wavenet.gated_unit, (Z, Z, np.ones((1, 1, 3)), V, V)),
    (wavenet.gated_unit, (Z, Z, [np.inf, 1, 1], V, V)),
    (wavenet.next_sample, (5, [np.zeros((2, 3))], *NET)),
    (wavenet.next_sample, (-1, [np.zeros((2, 3))], *NET)),
    (wavenet.next_sample, (0, [], *NET)),
    (wavenet.next_sample, (0, [np.zeros((2, 3))] * 2, *NET)),
    (wavenet.next_sample, (0, [np.zeros((0, 3))], *NET)),
    (wavenet.next_sample, (0, [np.zeros((2, 2))], *NET)),
    (wavenet.next_sample, (0, [np.zeros((2, 3))], *NET[:3], np.ones((2, 5)))),
    (wavenet.bits_per_sample, (np.ones((2, 3)), [0, 3])),
    (wavenet.bits_per_sample, (np.ones((2, 3)), [0])),
    (wavenet.bits_per_sample, (np.ones((2, 3)), [0, 0.5])),
    (wavenet.bits_per_sample, ([[np.nan, 0]], [0])),
    (wavenet.draw, ([], 0.5)),
    (wavenet.draw, ([0.5, 0.6], 0.5)),
    (wavenet.draw, ([1.5, -0.5], 0.5)),
    (wavenet.draw, ([0.5, 0.5], 1)),
    (wavenet.draw, ([0.5, 0.5], np.nan)),
]


@pytest.mark.parametrize(("function", "arguments"), BAD)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        function(*arguments)
