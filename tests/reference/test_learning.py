"""Gradients against nudges, autograd and scikit-learn, steps against torch.optim, by hand."""

import numpy as np
import pytest
from scipy import optimize, signal, special

from autograder.reference import learning


@pytest.fixture
def rng():
    return np.random.default_rng(30)


def examples(rng, M=40, D=5, noise=1.0):
    X, w, b = rng.normal(size=(M, D)), rng.normal(size=D), 0.7
    y = (X @ w + b + noise * rng.normal(size=M) > 0).astype(float)
    return X, y, w, b


# ---- logistic regression ----


@pytest.mark.oracle("logistic_gradient", against="finite differences of sklearn's log_loss")
@pytest.mark.parametrize(("M", "D"), [(2, 1), (40, 5), (300, 13)])
def test_logistic_by_nudging(rng, M, D, agree):
    log_loss = pytest.importorskip("sklearn.metrics").log_loss
    X, y, w, b = examples(rng, M, D)

    def cost(v):
        return log_loss(y, special.expit(X @ v[:-1] + v[-1]), labels=[0, 1])

    at = np.append(w, b)
    ours = learning.logistic_gradient(X, y, w, b)
    agree(ours[0], cost(at), 1e-12)
    units = 1e-5 * np.eye(D + 1)
    slopes = [(cost(at + one) - cost(at - one)) / 2e-5 for one in units]
    agree(np.append(ours[1], ours[2]), slopes, 1e-8)


@pytest.mark.oracle("logistic_gradient", against="PyTorch's autograd")
@pytest.mark.parametrize("size", [1, 1000])
def test_logistic_by_autograd(rng, size, agree):
    torch = pytest.importorskip("torch")
    X, y, w, b = examples(rng)
    w, b = size * w, size * b
    exact = {"dtype": torch.float64, "requires_grad": True}
    w_t, b_t = torch.tensor(w, **exact), torch.tensor(b, **exact)
    z = torch.tensor(X) @ w_t + b_t
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(y))
    loss.backward()
    cost, dw, db = learning.logistic_gradient(X, y, w, b)
    agree(cost, loss.item(), 1e-10 * size)
    agree(np.append(dw, db), np.append(w_t.grad.numpy(), b_t.grad.numpy()), 1e-12)


def minimum(X, y, strength):
    """Weights and bias of the least penalised cost, found by the derivatives of the reference."""

    def cost(v):
        plain = learning.logistic_gradient(X, y, v[:-1], v[-1])
        J, dw, db = learning.regularised_gradient(*plain, v[:-1], v[-1], strength, len(y))
        return J, np.append(dw, db)

    start = np.zeros(X.shape[1] + 1)
    return optimize.minimize(cost, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x


@pytest.mark.oracle("regularised_gradient", against="sklearn.linear_model.LogisticRegression")
@pytest.mark.parametrize("strength", [0.1, 3.0, 100.0])
def test_the_minimum_is_that_of_scikit_learn(rng, strength, agree):
    linear = pytest.importorskip("sklearn.linear_model")
    X, y, _, _ = examples(rng)
    # Their C is one over lambda, and their cost a sum over examples: the same minimum.
    theirs = linear.LogisticRegression(C=1 / strength, tol=1e-10, max_iter=10_000).fit(X, y)
    agree(minimum(X, y, strength), np.append(theirs.coef_[0], theirs.intercept_), 1e-5)


@pytest.mark.oracle("regularised_gradient", against="weight_decay of torch.optim.SGD")
def test_the_penalty_is_a_decay_of_the_weights(rng, agree):
    torch = pytest.importorskip("torch")
    w, dw = rng.normal(size=(2, 6))
    weights = torch.tensor(w, requires_grad=True)
    weights.grad = torch.tensor(dw)
    # Theirs is lambda / M in one number, and knows no cost and no examples.
    torch.optim.SGD([weights], lr=0.3, weight_decay=2.5 / 40).step()
    ours = learning.regularised_gradient(1.0, dw, 0.5, w, 0.2, 2.5, 40)[1]
    agree(w - 0.3 * ours, weights.detach().numpy(), 1e-12)


@pytest.mark.oracle("regularised_gradient", against="finite differences of the penalty")
def test_the_penalty_by_nudging(rng, agree):
    w = rng.normal(size=4)

    def cost(w):
        return learning.regularised_gradient(1.5, np.zeros(4), 0.0, w, 0.3, 7.0, 20)[0]

    dw = learning.regularised_gradient(1.5, np.zeros(4), 0.0, w, 0.3, 7.0, 20)[1]
    agree(dw, optimize.approx_fprime(w, cost, 1e-7), 1e-6)


# ---- dropout, normalised inputs ----


@pytest.mark.oracle("inverted_dropout", against="torch.nn.functional.dropout and autograd")
@pytest.mark.parametrize("keep", [0.5, 0.8])
@pytest.mark.parametrize("training", [True, False])
def test_dropout_as_in_torch(rng, keep, training, agree):
    torch = pytest.importorskip("torch")
    torch.manual_seed(4)
    a, by_output = rng.normal(size=(2, 30, 20))
    units = torch.tensor(a, requires_grad=True)
    output = torch.nn.functional.dropout(units, 1 - keep, training=training)
    output.backward(torch.tensor(by_output))
    mask = (output.detach().numpy() != 0).astype(float)
    ours = learning.inverted_dropout(a, mask, keep, by_output, training)
    agree(ours[0], output.detach().numpy(), 1e-12)
    agree(ours[1], units.grad.numpy(), 1e-12)


@pytest.mark.oracle("inverted_dropout", against="the mean over all masks, which is the layer")
def test_dropout_is_right_on_average(rng, agree):
    a, keep = rng.normal(size=(1, 4)), 0.3
    mean = np.zeros(a.shape)
    for mask in np.ndindex(2, 2, 2, 2):
        chance = keep ** sum(mask) * (1 - keep) ** (4 - sum(mask))
        mean += chance * learning.inverted_dropout(a, [mask], keep, a, True)[0]
    agree(mean, a, 1e-12)


@pytest.mark.oracle("normalise", against="sklearn.preprocessing.StandardScaler")
def test_normalised_as_in_scikit_learn(rng, agree):
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    train, other = rng.normal(5, 3, (30, 4)), rng.normal(4, 2, (7, 4))
    train[:, 2] = 3.0  # no scale
    scaler = preprocessing.StandardScaler().fit(train)
    ours = learning.normalise(train, other)
    agree(ours[0], scaler.transform(train), 1e-12)
    agree(ours[1], scaler.transform(other), 1e-12)


def test_a_feature_that_rounding_makes_vary_has_no_scale():
    train = np.full((3, 1), 0.1)
    assert train.std() > 0  # of rounding
    assert np.abs(learning.normalise(train, [[0.3]])[1]) < 1


# ---- averages ----


@pytest.mark.oracle("exponential_average", against="scipy.signal.lfilter")
@pytest.mark.parametrize("beta", [0.3, 0.9, 0.999])
def test_averages_by_a_filter(rng, beta, agree):
    x = rng.normal(3, 1, 200)
    plain, corrected = learning.exponential_average(x, beta)
    through = [signal.lfilter([1 - beta], [1, -beta], one) for one in (x, np.ones(200))]
    agree(plain, through[0], 1e-12)
    agree(corrected, through[0] / through[1], 1e-9)


@pytest.mark.oracle("exponential_average", against="numpy.average with the weights written out")
def test_averages_are_weighted_means(rng, agree):
    x, beta = rng.normal(size=8), 0.7
    plain, corrected = learning.exponential_average(x, beta)
    for t in range(1, 9):
        weights = (1 - beta) * beta ** np.arange(t)[::-1]
        agree(corrected[t - 1], np.average(x[:t], weights=weights), 1e-12)
        agree(plain[t - 1], np.average(np.append(0, x[:t]), weights=[beta**t, *weights]), 1e-12)


# ---- optimisers ----


def rosenbrock(w):
    return optimize.rosen_der(w)


def torch_steps(optimiser, steps):
    """Where an optimiser of PyTorch goes from (-1, 2) on Rosenbrock's valley: shape (steps, 2)."""
    torch = pytest.importorskip("torch")
    w, path = torch.tensor([-1.0, 2.0], dtype=torch.float64, requires_grad=True), []
    optimiser = optimiser(torch.optim, [w])
    for _ in range(steps):
        w.grad = torch.tensor(rosenbrock(w.detach().numpy()))
        optimiser.step()
        path.append(w.detach().numpy().copy())
    return np.array(path)


def own_steps(step, averages, steps):
    w, path = np.array([-1.0, 2.0]), []
    state = [np.zeros(2) for _ in range(averages)]
    for t in range(1, steps + 1):
        w, *state = step(w, *state, rosenbrock(w), t)
        path.append(w)
    return np.array(path)


@pytest.mark.oracle("momentum_step", against="torch.optim.SGD, whose rate is (1 - beta) times ours")
@pytest.mark.parametrize("beta", [0.0, 0.9])
def test_momentum_as_in_torch(beta, agree):
    theirs = torch_steps(lambda o, w: o.SGD(w, lr=1e-3 * (1 - beta), momentum=beta), 60)
    ours = own_steps(lambda w, v, g, t: learning.momentum_step(w, v, g, 1e-3, beta), 1, 60)
    agree(ours, theirs, 1e-12)


@pytest.mark.oracle("rmsprop_step", against="torch.optim.RMSprop")
@pytest.mark.parametrize(("beta", "epsilon"), [(0.9, 1e-8), (0.99, 0.5)])
def test_rmsprop_as_in_torch(beta, epsilon, agree):
    theirs = torch_steps(lambda o, w: o.RMSprop(w, lr=0.01, alpha=beta, eps=epsilon), 60)
    ours = own_steps(lambda w, s, g, t: learning.rmsprop_step(w, s, g, 0.01, beta, epsilon), 1, 60)
    agree(ours, theirs, 1e-12)


@pytest.mark.oracle("adam_step", against="torch.optim.Adam")
@pytest.mark.parametrize(("betas", "epsilon"), [((0.9, 0.999), 1e-8), ((0.5, 0.8), 0.5)])
def test_adam_as_in_torch(betas, epsilon, agree):
    theirs = torch_steps(lambda o, w: o.Adam(w, lr=0.01, betas=betas, eps=epsilon), 60)
    ours = own_steps(
        lambda w, v, s, g, t: learning.adam_step(w, v, s, g, t, 0.01, *betas, epsilon), 2, 60
    )
    agree(ours, theirs, 1e-12)


@pytest.mark.oracle("momentum_step", against="the exponential average of the gradients")
def test_the_velocity_is_an_average(rng, agree):
    gradients, v = rng.normal(size=(9, 2)), np.zeros(2)
    for gradient in gradients:
        _, v = learning.momentum_step(np.zeros(2), v, gradient, 0.1, 0.8)
    averages = [learning.exponential_average(column, 0.8)[0][-1] for column in gradients.T]
    agree(v, averages, 1e-12)


@pytest.mark.oracle("adam_step", against="the first step by hand: the rate, against the sign")
def test_the_first_step_of_adam_is_the_rate(agree):
    w, _, _ = learning.adam_step(
        [1.0, 1.0], [0, 0], [0, 0], [5.0, -0.01], 1, 0.1, 0.9, 0.999, 1e-12
    )
    agree(w, [0.9, 1.1], 1e-9)


# ---- what errors say ----


@pytest.mark.oracle("bias_variance", against="a table by hand")
def test_gaps_by_hand(agree):
    train, dev, mismatched = ([1] * n + [0] * (100 - n) for n in (2, 10, 36))
    gaps, deviations = learning.bias_variance(train, dev, mismatched, 0.005)
    agree(gaps, [0.015, 0.08, 0.26], 1e-12)
    agree(deviations, [0.014, np.sqrt(0.000196 + 0.0009), np.sqrt(0.0009 + 0.002304)], 1e-12)


@pytest.mark.oracle("bias_variance", against="the spread of a thousand drawn sets")
def test_standard_errors_are_those_of_drawn_sets(rng, agree):
    sizes, errors = (80, 50, 40), (0.1, 0.3, 0.5)
    found = [
        learning.bias_variance(*(rng.uniform(size=n) < p for n, p in zip(sizes, errors)), 0.0)
        for _ in range(1000)
    ]
    gaps, deviations = (np.array(part) for part in zip(*found))
    agree(gaps.std(axis=0), deviations.mean(axis=0), 0.008)
