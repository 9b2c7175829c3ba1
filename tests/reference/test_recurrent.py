"""The references on recurrent nets against finite differences, enumeration and PyTorch.

Nothing here needs PyTorch: where it is installed, its autograd is asked as well.
"""

import numpy as np
import pytest
from scipy import signal, special

from autograder.reference import recurrent

GATE_WEIGHTS = {"w_c": 0.8, "u_c": -0.4, "b_c": 0.1, "w_o": 1.2, "u_o": 0.7, "b_o": -0.3}


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


def cross_entropy(y, h):
    return -np.mean(special.xlogy(y, h) + special.xlog1py(1 - y, -h))


@pytest.fixture
def rng():
    return np.random.default_rng(6)


# ---- a unit that listens to its own last M outputs ----


@pytest.mark.oracle("recurrent_outputs", against="the fixed point of scipy.signal.lfilter")
@pytest.mark.parametrize(("length", "lags"), [(1, 1), (40, 3), (5, 9), (300, 2)])
def test_outputs_satisfy_their_own_equation(rng, length, lags, agree):
    x, w = rng.normal(size=length), rng.normal(size=lags)
    h = recurrent.recurrent_outputs(x, w)
    agree(h, special.expit(x + signal.lfilter(np.append(0, w), 1, h)), 1e-12)


def with_outputs_set(x, w, n, value):
    """The outputs if the one at time n is set by hand and the later ones follow."""
    h = [*recurrent.recurrent_outputs(x, w)[:n], value]
    for later in range(n + 1, len(x)):
        heard = sum(w[m - 1] * h[later - m] for m in range(1, len(w) + 1) if later >= m)
        h.append(special.expit(x[later] + heard))
    return np.array(h)


@pytest.mark.oracle("lag_gradients", against="finite differences: outputs set by hand")
def test_total_derivatives_by_setting_an_output(rng, agree):
    x, w, y = rng.normal(size=9), rng.normal(size=4), rng.integers(0, 2, 9)
    h = recurrent.recurrent_outputs(x, w)
    slopes = [
        nudged(lambda v, n=n: cross_entropy(y, with_outputs_set(x, w, n, v)), h[n])
        for n in range(9)
    ]
    agree(recurrent.lag_gradients(y, h, w)[0], slopes, 1e-7)


@pytest.mark.oracle("lag_gradients", against="finite differences: weights nudged")
@pytest.mark.parametrize(("length", "lags"), [(1, 1), (30, 3), (6, 11), (200, 5)])
def test_gradient_by_every_lag(rng, length, lags, agree):
    x, w, y = rng.normal(size=length), rng.normal(size=lags), rng.uniform(size=length)
    slopes = nudged(lambda v: cross_entropy(y, recurrent.recurrent_outputs(x, v)), w)
    agree(recurrent.lag_gradients(y, recurrent.recurrent_outputs(x, w), w)[1], slopes, 1e-8)


# ---- a small computation ----


def outcome(x, h_0=None, h_1=None):
    h_0 = x**3 if h_0 is None else h_0
    h_1 = np.cos(x) + np.sin(h_0) if h_1 is None else h_1
    return (h_1**2 + h_0**2) / 2


@pytest.mark.oracle("total_derivatives", against="finite differences, variables set by hand")
@pytest.mark.parametrize("x", [-1.3, 0.0, 0.4, 2.0])
def test_each_total_derivative_by_setting_its_variable(x, agree):
    h_0 = x**3
    slopes = [
        nudged(lambda v: outcome(x, h_0, v), np.cos(x) + np.sin(h_0)),
        nudged(lambda v: outcome(x, v), h_0),
        nudged(outcome, x),
    ]
    agree(np.ravel(recurrent.total_derivatives([x])), slopes, 1e-6)


# ---- one gate ----


@pytest.mark.oracle("one_gate_forward", against="numpy.cumsum, at the fixed point")
@pytest.mark.parametrize("length", [1, 50])
def test_one_gate_satisfies_its_own_equations(rng, length, agree):
    x, v = rng.normal(size=length), GATE_WEIGHTS
    c, o, h = recurrent.one_gate_forward(x, v)
    last = np.append(0, h[:-1])
    cell = np.cumsum(v["w_c"] * x + v["u_c"] * last + v["b_c"])
    gate = special.expit(v["w_o"] * x + v["u_o"] * last + v["b_o"])
    agree([c, o, h], [cell, gate, cell * gate], 1e-10)


def one_gate_loss(x, v, target, n=None, name=None, value=None):
    """Squared error of h, with one of c, o, h at time n set by hand if asked."""
    c = h = total = 0.0
    for time, now in enumerate(x):
        o = special.expit(v["w_o"] * now + v["u_o"] * h + v["b_o"])
        c = c + v["w_c"] * now + v["u_c"] * h + v["b_c"]
        if time == n and name == "o":
            o = value
        if time == n and name == "c":
            c = value
        h = o * c
        if time == n and name == "h":
            h = value
        total += 0.5 * (h - target[time]) ** 2
    return total


@pytest.mark.oracle("one_gate_backward", against="finite differences: each variable set by hand")
@pytest.mark.parametrize("length", [1, 12])
def test_one_gate_by_setting_each_variable(rng, length, agree):
    x, target = rng.normal(size=length), rng.normal(size=length)
    c, o, h = recurrent.one_gate_forward(x, GATE_WEIGHTS)
    ours = recurrent.one_gate_backward(h - target, c, o, GATE_WEIGHTS["u_c"], GATE_WEIGHTS["u_o"])
    slopes = [
        [
            nudged(lambda v, n=n, s=s: one_gate_loss(x, GATE_WEIGHTS, target, n, s, v), kept[n])
            for n in range(length)
        ]
        for s, kept in (("h", h), ("o", o), ("c", c))
    ]
    agree(np.array(ours), slopes, 1e-7)


# ---- H units and K classes ----


@pytest.mark.oracle("hidden_gradient", against="finite differences through tanh and softmax")
@pytest.mark.parametrize(("H", "K"), [(1, 2), (4, 3), (16, 29)])
def test_hidden_gradient_by_nudging_the_state(rng, H, K, agree):
    V, W, U = rng.normal(size=(H, H)), rng.normal(size=(K, H)), rng.normal(size=H)
    h, by_y, by_next = rng.uniform(-1, 1, H), rng.normal(size=K), rng.normal(size=H)

    def loss(h):
        return by_y @ special.softmax(W @ h) + by_next @ np.tanh(U + V @ h)

    y, h_next = special.softmax(W @ h), np.tanh(U + V @ h)
    ours = recurrent.hidden_gradient(by_y, by_next, y, h_next, V, W)
    agree(ours, nudged(loss, h), 1e-7)


def states(x, U, V):
    h = [np.zeros(len(V))]
    for now in x:
        h.append(np.tanh(U @ now + V @ h[-1]))
    return np.array(h[1:])


@pytest.mark.oracle("gradient_reach", against="finite differences, and the eigenvalues of J^T J")
@pytest.mark.parametrize(("H", "scale"), [(1, 0.5), (5, 0.4), (5, 1.5)])
def test_reach_by_nudging_early_states(rng, H, scale, agree):
    U, V = rng.normal(size=(H, 2)), scale * rng.normal(size=(H, H))
    x = rng.normal(size=(7, 2))
    h = states(x, U, V)
    reach = recurrent.gradient_reach(h, V)
    for n in range(7):

        def end(start, n=n):
            now = start
            for later in x[n + 1 :]:
                now = np.tanh(U @ later + V @ now)
            return now

        jacobian = np.array([nudged(lambda v, k=k: end(v)[k], h[n]) for k in range(H)])
        longest = np.sqrt(np.linalg.eigvalsh(jacobian.T @ jacobian)[-1])
        agree(reach[n], longest, 1e-6 * max(1, longest))


# ---- LSTM ----


@pytest.fixture
def layer(rng):
    """Inputs and weights of a layer of three units on five features, eleven frames long."""
    N, D, H = 11, 5, 3
    return (
        rng.normal(size=(N, D)),
        rng.normal(size=(4, H, D)),
        rng.normal(size=(4, H, H)),
        rng.normal(size=(4, H)),
    )


def unit_by_unit(x, W, U, b):
    """One number at a time, with SciPy's sigmoid."""
    N, H = len(x), b.shape[1]
    gates, c, h = np.zeros((N, 4, H)), np.zeros((N + 1, H)), np.zeros((N + 1, H))
    for n in range(N):
        for j in range(H):
            z = [W[k, j] @ x[n] + U[k, j] @ h[n - 1] + b[k, j] for k in range(4)]
            i, f, o, g = *special.expit([z[0], z[1], z[3]]), np.tanh(z[2])
            gates[n, :, j] = i, f, g, o
            c[n, j] = f * c[n - 1, j] + i * g
            h[n, j] = o * np.tanh(c[n, j])
    return gates, c[:N], h[:N]


@pytest.mark.oracle("lstm_forward", against="the definition, one unit and number at a time")
@pytest.mark.parametrize("length", [1, 11])
def test_lstm_unit_by_unit(layer, length, agree):
    x, *weights = layer
    ours = recurrent.lstm_forward(x[:length], *weights)
    for part, definition in zip(ours, unit_by_unit(x[:length], *weights), strict=True):
        agree(part, definition, 1e-12)


@pytest.mark.oracle("lstm_forward", against="torch.nn.LSTM")
def test_lstm_by_torch(layer, agree):
    torch = pytest.importorskip("torch")
    x, W, U, b = layer
    theirs = torch_layer(torch, W, U, b)
    with torch.no_grad():
        h, (_, last_cell) = theirs(torch.tensor(x))
    _, c, ours = recurrent.lstm_forward(x, W, U, b)
    agree(ours, h.numpy(), 1e-12)
    agree(c[-1], last_cell.numpy()[0], 1e-12)


def torch_layer(torch, W, U, b):
    H, D = W.shape[1:]
    theirs = torch.nn.LSTM(D, H, dtype=torch.float64)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.tensor(W.reshape(4 * H, D)))
        theirs.weight_hh_l0.copy_(torch.tensor(U.reshape(4 * H, H)))
        theirs.bias_ih_l0.copy_(torch.tensor(b.ravel()))
        theirs.bias_hh_l0.zero_()
    return theirs


def lstm_loss(x, W, U, b, target, n=None, name=None, value=None):
    """Squared error of h, with c or h at time n set by hand if asked."""
    c = h = np.zeros(b.shape[1])
    total = 0.0
    for time, now in enumerate(x):
        z = W @ now + U @ h + b
        c = special.expit(z[1]) * c + special.expit(z[0]) * np.tanh(z[2])
        if time == n and name == "c":
            c = value
        h = special.expit(z[3]) * np.tanh(c)
        if time == n and name == "h":
            h = value
        total += 0.5 * np.sum((h - target[time]) ** 2)
    return total


@pytest.mark.oracle("lstm_backward", against="finite differences: states and weights nudged")
@pytest.mark.parametrize("length", [1, 11])
def test_lstm_gradients_by_nudging(rng, layer, length, agree):
    x, W, U, b = layer[0][:length], *layer[1:]
    target = rng.normal(size=(length, 3))
    gates, c, h = recurrent.lstm_forward(x, W, U, b)
    ours = recurrent.lstm_backward(h - target, x, gates, c, h, U)
    for part, name, kept in ((ours[0], "h", h), (ours[1], "c", c)):
        slopes = [
            nudged(lambda v, n=n, s=name: lstm_loss(x, W, U, b, target, n, s, v), kept[n])
            for n in range(length)
        ]
        agree(part, slopes, 1e-7)
    agree(ours[2], nudged(lambda v: lstm_loss(x, v, U, b, target), W), 1e-7)
    agree(ours[3], nudged(lambda v: lstm_loss(x, W, v, b, target), U), 1e-7)
    agree(ours[4], nudged(lambda v: lstm_loss(x, W, U, v, target), b), 1e-7)


@pytest.mark.oracle("lstm_backward", against="PyTorch's autograd through torch.nn.LSTM")
@pytest.mark.parametrize(("N", "D", "H"), [(1, 2, 1), (100, 13, 16)])
def test_lstm_gradients_by_autograd(rng, N, D, H, agree):
    torch = pytest.importorskip("torch")
    x, W = rng.normal(size=(N, D)), 0.3 * rng.normal(size=(4, H, D))
    U, b = 0.3 * rng.normal(size=(4, H, H)), rng.normal(size=(4, H))
    epsilon = rng.normal(size=(N, H))
    theirs = torch_layer(torch, W, U, b)
    theirs(torch.tensor(x))[0].backward(torch.tensor(epsilon))
    ours = recurrent.lstm_backward(epsilon, x, *recurrent.lstm_forward(x, W, U, b), U)
    agree(ours[2].reshape(4 * H, D), theirs.weight_ih_l0.grad.numpy(), 1e-9)
    agree(ours[3].reshape(4 * H, H), theirs.weight_hh_l0.grad.numpy(), 1e-9)
    agree(ours[4].ravel(), theirs.bias_ih_l0.grad.numpy(), 1e-9)


@pytest.mark.oracle("lag_gradients", against="PyTorch's autograd")
def test_lag_gradients_by_autograd(rng, agree):
    torch = pytest.importorskip("torch")
    y = rng.integers(0, 2, 30)
    x, w = (torch.tensor(rng.normal(size=size), requires_grad=True) for size in (30, 4))
    h = []
    for n in range(30):
        heard = sum(w[m - 1] * h[n - m] for m in range(1, 5) if n >= m)
        h.append(torch.sigmoid(x[n] + torch.as_tensor(heard, dtype=torch.float64)))
        h[-1].retain_grad()
    outputs = torch.stack(h)
    torch.nn.functional.binary_cross_entropy(outputs, torch.tensor(y, dtype=float)).backward()
    delta, gradient = recurrent.lag_gradients(y, outputs.detach().numpy(), w.detach().numpy())
    agree(delta, [float(one.grad) for one in h], 1e-12)
    agree(gradient, w.grad.numpy(), 1e-12)


# ---- counting ----


def clipped(z):
    return min(1.0, max(0.0, z))


def run_unit(v, x):
    """The unit with clipped ramps, gate by gate."""
    c = h = 0.0
    outputs = []
    for now in x:
        i, f, g, o = (clipped(v[f"w_{k}"] * now + v[f"u_{k}"] * h + v[f"b_{k}"]) for k in "ifgo")
        c = f * c + i * g
        h = o * c
        outputs.append(h)
    return np.array(outputs)


@pytest.mark.oracle("counting_lstm", against="counting, on every sequence of six small inputs")
@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_counting_unit_counts_every_short_sequence(threshold, agree):
    v = recurrent.counting_lstm(threshold)
    every = np.array(list(np.ndindex(*[threshold + 2] * 5)))
    tally = np.cumsum(every >= threshold, axis=1) * (every == 0)
    agree([run_unit(v, x) for x in every], tally, 0.0)


@pytest.mark.oracle("counting_lstm", against="counting, on long sequences")
@pytest.mark.parametrize("threshold", [1, 7, 1000])
def test_counting_unit_keeps_counting(rng, threshold, agree):
    x = rng.integers(0, 2 * threshold + 1, 3000) * rng.integers(0, 2, 3000)
    tally = np.cumsum(x >= threshold) * (x == 0)
    agree(run_unit(recurrent.counting_lstm(threshold), x), tally, 0.0)


# ---- bad input ----

V2, W2 = np.eye(2), np.ones((3, 2))
X, W4, U4, B4 = np.ones((2, 3)), np.ones((4, 2, 3)), np.ones((4, 2, 2)), np.ones((4, 2))
PASSED = recurrent.lstm_forward(X, W4, U4, B4)
E2 = np.ones((2, 2))
THIRDS = np.ones(3) / 3
NAN = [1.0, np.nan]


@pytest.mark.parametrize(
    "call",
    [
        lambda: recurrent.recurrent_outputs([], [1.0]),
        lambda: recurrent.recurrent_outputs(NAN, [1.0]),
        lambda: recurrent.recurrent_outputs([1.0], []),
        lambda: recurrent.recurrent_outputs([[1.0]], [1.0]),
        lambda: recurrent.lag_gradients([1], [0.5, 0.5], [1.0]),
        lambda: recurrent.lag_gradients([1], [1.0], [1.0]),
        lambda: recurrent.lag_gradients([1], [np.nan], [1.0]),
        lambda: recurrent.total_derivatives([]),
        lambda: recurrent.total_derivatives(NAN),
        lambda: recurrent.one_gate_forward([], GATE_WEIGHTS),
        lambda: recurrent.one_gate_backward([1.0], [1.0], [0.5, 0.5], 1.0, 1.0),
        lambda: recurrent.one_gate_backward([], [], [], 1.0, 1.0),
        lambda: recurrent.hidden_gradient(THIRDS, [0, 0], np.ones(3), [0, 0], V2, W2),
        lambda: recurrent.hidden_gradient(THIRDS, [0, 0], THIRDS, [0, 2.0], V2, W2),
        lambda: recurrent.hidden_gradient(THIRDS, NAN, THIRDS, [0, 0], V2, W2),
        lambda: recurrent.gradient_reach(np.zeros((0, 2)), V2),
        lambda: recurrent.gradient_reach(2 * np.ones((3, 2)), V2),
        lambda: recurrent.lstm_forward(X * np.nan, W4, U4, B4),
        lambda: recurrent.lstm_forward(X[:0], W4, U4, B4),
        lambda: recurrent.lstm_backward(E2[:1], X, *PASSED, U4),
        lambda: recurrent.lstm_backward(E2 * np.inf, X, *PASSED, U4),
        lambda: recurrent.counting_lstm(0),
        lambda: recurrent.counting_lstm(1.5),
        lambda: recurrent.counting_lstm(float("nan")),
        lambda: recurrent.counting_lstm(float("inf")),
    ],
)
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[\w, ]+ must [^.]+(\.\.\.[^.]+)*$"):
        call()
