"""Derivatives against nudges and PyTorch's autograd; nets against what they are to do."""

import numpy as np
import pytest
from scipy import interpolate, optimize, signal, special

from autograder.reference import backprop


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def nudged(function, value, step=1e-6):
    """Derivatives of a number or an array with respect to each element, whose axes come last."""
    value = np.array(value, dtype=float)
    slopes = []
    for where in np.ndindex(value.shape):
        unit = np.zeros(value.shape)
        unit[where] = step
        slopes.append((function(value + unit) - function(value - unit)) / (2 * step))
    slopes = np.array(slopes)
    return np.moveaxis(slopes, 0, -1).reshape(*slopes.shape[1:], *value.shape)


# ---- norm ----


@pytest.mark.oracle("frobenius_gradient", against="finite differences of numpy.linalg.norm")
@pytest.mark.parametrize(("M", "N", "K"), [(1, 1, 1), (3, 5, 2), (12, 3, 200)])
def test_norm_by_nudging(rng, M, N, K, agree):
    A, X = rng.normal(size=(M, N)), rng.normal(size=(N, K))
    slopes = nudged(lambda X: np.linalg.norm(A @ X, "fro"), X)
    agree(backprop.frobenius_gradient(A, X), slopes, 1e-6)


@pytest.mark.oracle("frobenius_gradient", against="PyTorch's autograd")
def test_norm_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    A, X = torch.tensor(rng.normal(size=(4, 3))), torch.tensor(rng.normal(size=(3, 6)))
    X.requires_grad_()
    torch.linalg.matrix_norm(A @ X).backward()
    ours = backprop.frobenius_gradient(A.numpy(), X.detach().numpy())
    agree(ours, X.grad.numpy(), 1e-12)


# ---- softmax ----


@pytest.mark.oracle("softmax_loss_gradient", against="finite differences of scipy.special")
@pytest.mark.parametrize("K", [1, 2, 40])
def test_softmax_by_nudging(rng, K, agree):
    f = 3 * rng.normal(size=K)
    for i in {0, K // 2, K - 1}:
        slopes = nudged(lambda f, i=i: special.logsumexp(f) - f[i], f)
        agree(backprop.softmax_loss_gradient(f, i), slopes, 1e-8)


@pytest.mark.oracle("softmax_loss_gradient", against="torch.nn.functional.cross_entropy")
@pytest.mark.parametrize("size", [1, 1e4])
def test_softmax_by_autograd(rng, size, agree):
    torch = pytest.importorskip("torch")
    f = torch.tensor(size * rng.normal(size=7), requires_grad=True)
    torch.nn.functional.cross_entropy(f[None], torch.tensor([3])).backward()
    agree(backprop.softmax_loss_gradient(f.detach().numpy(), 3), f.grad.numpy(), 1e-12)


# ---- a net through points ----


def run(net, x):
    w_1, b_1, w_2, b_2 = net
    return [b_2 + sum(w * max(0.0, v * one + b) for v, b, w in zip(w_1, b_1, w_2)) for one in x]


@pytest.mark.oracle("interpolating_net", against="scipy.interpolate.make_interp_spline, degree 1")
@pytest.mark.parametrize("n", [2, 3, 50])
def test_net_is_the_broken_line(rng, n, agree):
    x, y = 100 * rng.permutation(n) + rng.uniform(0, 50, n), rng.normal(size=n)
    net = backprop.interpolating_net(x, y)
    order = np.argsort(x)
    line = interpolate.make_interp_spline(x[order], y[order], k=1)
    tried = np.linspace(x.min(), x.max(), 777)
    agree(run(net, tried), line(tried), 1e-8)
    assert len(net[0]) == n - 1


@pytest.mark.oracle("interpolating_net", against="the loss of the problem, which is to be zero")
def test_net_has_no_loss(rng, agree):
    x, y = np.sort(rng.normal(size=12)), rng.normal(size=12)
    loss = np.mean((y - run(backprop.interpolating_net(x, y), x)) ** 2) / 2
    agree(loss, 0.0, 1e-20)


# ---- binary classifier ----


def classifier(rng, H, D, scale=1.0):
    return (
        rng.normal(size=(H, D)),
        rng.normal(size=H),
        scale * rng.normal(size=H),
        rng.normal(),
        rng.normal(size=D),
    )


@pytest.mark.oracle("classifier_gradient", against="finite differences of the cross-entropy")
@pytest.mark.parametrize(("H", "D"), [(1, 1), (4, 3), (20, 13)])
@pytest.mark.parametrize("y", [0, 1])
def test_classifier_by_nudging(rng, H, D, y, agree):
    W_1, b_1, w_2, b_2, x = classifier(rng, H, D, 1 / H)

    def loss(W):
        g = special.expit(w_2 @ np.clip(W @ x + b_1, 0, None) + b_2)
        return special.kl_div(y, g) + special.kl_div(1 - y, 1 - g)  # entropy of y is zero

    ours = backprop.classifier_gradient(W_1, b_1, w_2, b_2, x, y)
    agree(ours, nudged(loss, W_1), 1e-7)


@pytest.mark.oracle("classifier_gradient", against="PyTorch's autograd")
@pytest.mark.parametrize("scale", [1, 300])
def test_classifier_by_autograd(rng, scale, agree):
    torch = pytest.importorskip("torch")
    arguments = classifier(rng, 6, 4, scale)
    exact = {"dtype": torch.float64, "requires_grad": True}
    W_1, b_1, w_2, b_2, x = (torch.tensor(a, **exact) for a in arguments)
    score = w_2 @ torch.relu(W_1 @ x + b_1) + b_2
    torch.nn.functional.binary_cross_entropy_with_logits(score, score.detach() * 0).backward()
    ours = backprop.classifier_gradient(*arguments, 0)
    agree(ours, W_1.grad.numpy(), 1e-9 * scale)


# ---- one filter ----


def answer(x, w):
    return signal.convolve2d(x, w)[: x.shape[0], : x.shape[1]].max()


@pytest.mark.oracle("filter_step", against="scipy.signal.convolve2d and finite differences")
@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (8, 9)])
def test_filter_by_nudging(rng, shape, agree):
    x, w = rng.normal(size=(8, 9)), rng.normal(size=shape)
    g, new = backprop.filter_step(x, w, 1.5, 0.2)
    agree(g, answer(x, w), 1e-12)
    slopes = nudged(lambda w: (1.5 - answer(x, w)) ** 2 / 2, w)
    agree(new, w - 0.2 * slopes, 1e-7)


@pytest.mark.oracle("filter_step", against="torch.nn.functional.conv2d and autograd")
def test_filter_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    x, w = rng.normal(size=(20, 30)), rng.normal(size=(5, 4))
    picture, weights = torch.tensor(x)[None, None], torch.tensor(w, requires_grad=True)
    padded = torch.nn.functional.pad(picture, (3, 0, 4, 0))
    g = torch.nn.functional.conv2d(padded, weights.flip(0, 1)[None, None]).max()
    ((2.0 - g) ** 2 / 2).backward()
    ours = backprop.filter_step(x, w, 2.0, 0.1)
    agree(ours[0], g.item(), 1e-12)
    agree(ours[1], w - 0.1 * weights.grad.numpy(), 1e-12)


@pytest.mark.oracle(
    "filter_step", against="the problem's case: an impulse takes up its flipped view"
)
def test_filter_that_was_an_impulse(rng, agree):
    x, y = rng.normal(size=(6, 7)), 4.0
    impulse = np.zeros(x.shape)
    impulse[0, 0] = 1
    m, n = np.unravel_index(x.argmax(), x.shape)
    g, new = backprop.filter_step(x, impulse, y, 1.0)
    taken = np.zeros(x.shape)
    taken[: m + 1, : n + 1] = np.rot90(x[: m + 1, : n + 1], 2)
    agree(g, x.max(), 0.0)
    agree(new, impulse + (y - x.max()) * taken, 1e-12)


# ---- the net that converts formants ----


def net(rng, I, J, K, N):  # noqa: E741
    return (
        rng.normal(size=(J, K)),
        rng.normal(size=(I, J)),
        rng.uniform(0.2, 3, (N, K)),
        rng.uniform(0.2, 3, (N, I)),
    )


SIZES = [(1, 1, 1, 1), (3, 6, 3, 8), (2, 4, 3, 30)]


def squared(W1, W2, s, t):
    return 0.5 * np.linalg.norm(t.T - W2 @ np.tanh(W1 @ s.T)) ** 2


@pytest.mark.oracle("net_gradients", against="finite differences")
@pytest.mark.parametrize("sizes", SIZES)
def test_net_by_nudging(rng, sizes, agree):
    W1, W2, s, t = net(rng, *sizes)
    loss, dW1, dW2 = backprop.net_gradients(W1, W2, s, t)
    agree(loss, squared(W1, W2, s, t), 1e-9)
    agree(dW1, nudged(lambda W: squared(W, W2, s, t), W1), 1e-5)
    agree(dW2, nudged(lambda W: squared(W1, W, s, t), W2), 1e-5)


def on_torch(torch, arrays):
    W1, W2, s, t = (torch.tensor(a, requires_grad=True) for a in arrays)
    return (W1, W2, s, t), 0.5 * ((torch.tanh(s @ W1.T) @ W2.T - t) ** 2).sum()


@pytest.mark.oracle("net_gradients", against="PyTorch's autograd")
@pytest.mark.parametrize("sizes", SIZES)
def test_net_by_autograd(rng, sizes, agree):
    torch = pytest.importorskip("torch")
    arrays = net(rng, *sizes)
    (W1, W2, _, _), loss = on_torch(torch, arrays)
    loss.backward()
    ours = backprop.net_gradients(*arrays)
    agree(ours[1], W1.grad.numpy(), 1e-11)
    agree(ours[2], W2.grad.numpy(), 1e-11)


@pytest.mark.oracle("gradient_check", against="scipy.optimize.approx_fprime, both sides")
@pytest.mark.parametrize("step", [1e-4, 0.3])
def test_check_by_scipy(rng, step, agree):
    W1, W2, s, t = net(rng, 2, 4, 3, 5)
    claims = rng.normal(size=W1.shape), rng.normal(size=W2.shape)
    losses = (
        lambda v: squared(v.reshape(W1.shape), W2, s, t),
        lambda v: squared(W1, v.reshape(W2.shape), s, t),
    )
    expected = []
    for W, loss, claim in zip((W1, W2), losses, claims):
        ahead, behind = (optimize.approx_fprime(W.ravel(), loss, d) for d in (step, -step))
        measured = (ahead + behind) / 2
        apart = np.linalg.norm(measured - claim.ravel())
        expected.append(apart / (np.linalg.norm(measured) + np.linalg.norm(claim)))
    agree(backprop.gradient_check(W1, W2, s, t, *claims, step), expected, 1e-9)


@pytest.mark.oracle("gradient_check", against="gradients known to be right, doubled, turned round")
def test_check_of_known_gradients(rng, agree):
    arrays = net(rng, 3, 5, 3, 6)
    _, dW1, dW2 = backprop.net_gradients(*arrays)
    agree(backprop.gradient_check(*arrays, dW1, dW2, 1e-5), (0, 0), 1e-8)
    agree(backprop.gradient_check(*arrays, 2 * dW1, -dW2, 1e-5), (1 / 3, 1), 1e-8)


def test_a_unit_at_exactly_zero_learns_nothing():
    answer = backprop.classifier_gradient([[2.0], [1.0]], [-6.0, 0.0], [1.0, 1.0], 0.0, [3.0], 1)
    assert np.all(np.asarray(answer)[0] == 0) and np.all(np.asarray(answer)[1] != 0)


def test_the_largest_response_may_be_below_zero():
    g, new = backprop.filter_step([[1.0, 2.0], [3.0, 4.0]], [[-2.0]], 0.0, 0.5)
    assert g == -2.0
    assert np.all(new == [[-1.0]])


def test_check_where_there_is_no_slope():
    zero = np.zeros((2, 2))
    assert backprop.gradient_check(zero, zero, zero, zero, zero, zero, 1e-3) == (0.0, 0.0)


@pytest.mark.oracle("sensitivity", against="finite differences of the gradient that autograd gives")
@pytest.mark.parametrize("sizes", SIZES)
def test_sensitivity_by_nudging_formants(rng, sizes, agree):
    torch = pytest.importorskip("torch")
    W1, W2, s, t = net(rng, *sizes)

    def gradient(s):
        (_, W, _, _), loss = on_torch(torch, (W1, W2, s, t))
        return torch.autograd.grad(loss, W)[0].numpy()

    agree(backprop.sensitivity(W1, W2, s, t), nudged(gradient, s), 1e-6)


@pytest.mark.oracle("sensitivity", against="PyTorch's autograd, twice")
@pytest.mark.parametrize("sizes", SIZES)
def test_sensitivity_by_autograd_twice(rng, sizes, agree):
    torch = pytest.importorskip("torch")
    arrays = net(rng, *sizes)
    (_, W2, s, _), loss = on_torch(torch, arrays)
    (gradient,) = torch.autograd.grad(loss, W2, create_graph=True)
    rows = [torch.autograd.grad(one, s, retain_graph=True)[0].numpy() for one in gradient.ravel()]
    expected = np.reshape(rows, (*gradient.shape, *s.shape))
    agree(backprop.sensitivity(*arrays), expected, 1e-11)


@pytest.mark.oracle("sensitivity", against="finite differences of finite differences, real vowels")
def test_sensitivity_on_measured_vowels(rng, agree):
    from speechlab import corpora

    table = corpora.vowel_table()
    formants = np.stack([table[f] for f in ("f1", "f2", "f3")], axis=1) / 1000
    s, t = formants[table["group"] == "man"][:4], formants[table["group"] == "woman"][:4]
    W1, W2 = 0.5 * rng.normal(size=(3, 3)), rng.normal(size=(3, 3))

    def gradient(s):
        return nudged(lambda W: squared(W1, W, s, t), W2, 1e-4)

    agree(backprop.sensitivity(W1, W2, s, t), nudged(gradient, s, 1e-4), 1e-5)


# ---- bad input ----

W, S = np.ones((2, 2)), np.ones((3, 2))
NAN = [[1.0, np.nan], [1.0, 1.0]]
TWO = [1.0, 2.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: backprop.frobenius_gradient([[]], W),
        lambda: backprop.frobenius_gradient(W, NAN),
        lambda: backprop.frobenius_gradient(W, [1.0, 2.0]),
        lambda: backprop.frobenius_gradient(0 * W, W),
        lambda: backprop.softmax_loss_gradient([], 0),
        lambda: backprop.softmax_loss_gradient([1.0, np.inf], 0),
        lambda: backprop.softmax_loss_gradient(TWO, 2),
        lambda: backprop.softmax_loss_gradient(TWO, -1),
        lambda: backprop.softmax_loss_gradient(TWO, 0.5),
        lambda: backprop.interpolating_net([1.0, 1.0], TWO),
        lambda: backprop.interpolating_net(TWO, [1.0, np.nan]),
        lambda: backprop.interpolating_net([], []),
        lambda: backprop.classifier_gradient(W, TWO, TWO, 0.0, TWO, 0.5),
        lambda: backprop.classifier_gradient(NAN, TWO, TWO, 0.0, TWO, 1),
        lambda: backprop.filter_step(W, S, 0.0, 1.0),
        lambda: backprop.filter_step(S, NAN, 0.0, 1.0),
        lambda: backprop.filter_step([[]], W, 0.0, 1.0),
        lambda: backprop.net_gradients(W, W, S, S[:2]),
        lambda: backprop.net_gradients(W, NAN, S, S),
        lambda: backprop.net_gradients(W, W, S[:0], S[:0]),
        lambda: backprop.gradient_check(W, W, S, S, W, W, 0.0),
        lambda: backprop.gradient_check(W, W, S, S, W, S, 0.1),
        lambda: backprop.sensitivity(W, W, S, S[:2]),
        lambda: backprop.sensitivity(W, W, S * np.nan, S),
    ],
)
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[\w, ]+ must [^.]+(\.\.\.[^.]+)*$"):
        call()
