"""The references on HiFi-GAN against SciPy, librosa, enumeration, measured slopes and PyTorch.

Nothing here needs PyTorch: where it is installed, it is asked as well.
"""

import itertools

import librosa
import numpy as np
import pytest
from scipy import optimize, signal

from autograder.reference import hifigan
from speechlab import corpora


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture(scope="module")
def clips():
    """Two times 2,389 samples of speech at 8 kHz, which is a prime number."""
    long = (clip.samples for clip in corpora.digits("test") if len(clip.samples) > 3000)
    return [samples[600:2989] for samples in itertools.islice(long, 2)]


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def for_torch(torch, x):
    """A signal, shape (T, C), as torch wants it: (1, C, T)."""
    return torch.tensor(np.asarray(x, dtype=float).T[None])


def from_torch(x):
    return x.numpy()[0].T


# ---- upsampling ----


@pytest.mark.oracle("upsample", against="scipy.signal.upfirdn, channel by channel")
@pytest.mark.parametrize(("L", "C", "E", "D"), [(1, 1, 1, 0), (6, 1, 1, 3), (9, 4, 3, 2)])
def test_upsampling_by_upfirdn(rng, L, C, E, D, agree):
    z, K = rng.normal(size=(L, C)), rng.normal(size=(2 * D + 1, E, C))
    theirs = np.zeros((2 * L + 1, E))
    for e, c in itertools.product(range(E), range(C)):
        # y_i = sum of K_j h_{i+j}: a convolution has the last matrix first, and begins D rows early
        whole = signal.upfirdn(K[::-1, e, c], np.append(0, z[:, c]), up=2, down=1)[1:]
        whole = np.append(whole, np.zeros(2 * L + 1 + D))
        theirs[:, e] += whole[D : D + 2 * L + 1]
    agree(hifigan.upsample(z, K), theirs, 1e-12)


@pytest.mark.oracle("upsample", against="the sheet's double sum, term by term")
@pytest.mark.parametrize("D", [0, 1, 4])
def test_upsampling_as_on_the_sheet(rng, D, agree):
    z, K = rng.normal(size=(5, 2)), rng.normal(size=(2 * D + 1, 3, 2))
    h = {2 * (number + 1): frame for number, frame in enumerate(z)}  # h_2, h_4, ...; the rest is 0
    y = [
        sum((K[D + j] @ h[i + j] for j in range(-D, D + 1) if i + j in h), np.zeros(3))
        for i in range(1, 12)
    ]
    agree(hifigan.upsample(z, K), y, 1e-12)


@pytest.mark.oracle("upsample", against="torch.nn.functional.conv_transpose1d")
@pytest.mark.parametrize("D", [1, 2, 5])
def test_upsampling_by_torch(rng, torch, D, agree):
    z, K = rng.normal(size=(7, 3)), rng.normal(size=(2 * D + 1, 2, 3))
    weight = torch.tensor(K[::-1].transpose(2, 1, 0).copy())
    theirs = torch.nn.functional.conv_transpose1d(
        for_torch(torch, z), weight, stride=2, padding=D - 1
    )
    agree(hifigan.upsample(z, K), from_torch(theirs), 1e-12)


@pytest.mark.parametrize("D", [1, 3])
def test_the_sum_of_the_sheet_is_a_transposed_convolution(rng, D, agree):
    z, K = rng.normal(size=(6, 2)), rng.normal(size=(2 * D + 1, 2, 2))
    agree(hifigan.upsample(z, K), hifigan.transposed_convolution(z, K[::-1], 2, D - 1), 1e-12)


@pytest.mark.parametrize("count", [2, 4])
def test_an_even_number_of_matrices_has_no_middle(count):
    with pytest.raises(ValueError, match="odd"):
        hifigan.upsample(np.ones((3, 1)), np.ones((count, 1, 1)))


SIZES = [(1, 1, 1, 1, 1, 0), (6, 2, 3, 4, 2, 1), (5, 3, 1, 16, 8, 4), (4, 2, 2, 3, 5, 0)]


@pytest.mark.oracle("transposed_convolution", against="torch.nn.functional.conv_transpose1d")
@pytest.mark.parametrize(("L", "C", "E", "taps", "stride", "padding"), SIZES)
def test_transposed_convolution_by_torch(rng, torch, L, C, E, taps, stride, padding, agree):
    x, W = rng.normal(size=(L, C)), rng.normal(size=(taps, E, C))
    theirs = torch.nn.functional.conv_transpose1d(
        for_torch(torch, x), torch.tensor(W.transpose(2, 1, 0).copy()), None, stride, padding
    )
    agree(hifigan.transposed_convolution(x, W, stride, padding), from_torch(theirs), 1e-12)


@pytest.mark.oracle("transposed_convolution", against="scipy.signal.upfirdn, channel by channel")
@pytest.mark.parametrize(("L", "C", "E", "taps", "stride", "padding"), SIZES)
def test_transposed_convolution_by_upfirdn(rng, L, C, E, taps, stride, padding, agree):
    x, W = rng.normal(size=(L, C)), rng.normal(size=(taps, E, C))
    rows = (L - 1) * stride + taps
    theirs = np.zeros((rows, E))
    for e, c in itertools.product(range(E), range(C)):
        theirs[:, e] += signal.upfirdn(W[:, e, c], x[:, c], up=stride)[:rows]
    ours = hifigan.transposed_convolution(x, W, stride, padding)
    agree(ours, theirs[padding : rows - padding], 1e-12)


@pytest.mark.oracle("transposed_convolution", against="the transpose of a convolution's matrix")
def test_it_is_the_transpose_of_a_convolution(rng, agree):
    L, taps, stride = 5, 4, 2
    W, x = rng.normal(size=taps), rng.normal(size=L)
    rows = (L - 1) * stride + taps
    units = np.eye(rows)  # column n of the matrix: what a convolution of this stride makes of it
    matrix = np.array([np.correlate(unit, W, mode="valid")[::stride] for unit in units])
    ours = hifigan.transposed_convolution(x[:, None], W[:, None, None], stride, 0)
    agree(ours[:, 0], matrix @ x, 1e-12)


def test_a_padding_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one row"):
        hifigan.transposed_convolution(np.ones((2, 1)), np.ones((2, 1, 1)), 2, 2)


# ---- fusion ----


def fused(convolve, x, kernels, dilations, slope=0.1):
    """The sum of the blocks, by a convolution of one channel pair given."""
    total = 0
    for kernel, rates in zip(kernels, dilations, strict=True):
        v = x
        for layers, steps in zip(kernel, rates, strict=True):
            u = v
            for W, step in zip(layers, steps, strict=True):
                u = convolve(np.maximum(u, slope * u), W, step)
            v = v + u
        total = total + v
    return total


def by_scipy(u, W, step):
    """Each pair of channels by `scipy.signal.correlate` with zeros between the taps."""
    taps, E, C = W.shape
    spread = np.zeros(((taps - 1) * step + 1, E, C))
    spread[::step] = W
    pairs = [
        sum(signal.correlate(np.pad(u[:, c], len(spread) // 2), spread[:, e, c], "valid")
            for c in range(C))
        for e in range(E)
    ]  # fmt: skip
    return np.stack(pairs, axis=1)


def drawn_blocks(rng, taps, rounds, layers, C, dilations):
    kernels = [rng.normal(size=(rounds, layers, k, C, C)) / np.sqrt(k * C) for k in taps]
    return kernels, np.array([dilations for _ in taps])


FUSIONS = [
    ((3, 7, 11), 3, 2, 4, [[1, 1], [3, 1], [5, 1]]),  # version 1 of the paper
    ((3, 5, 7), 2, 1, 3, [[1], [2]]),
    ((1,), 1, 1, 1, [[4]]),
]


@pytest.mark.oracle("residual_fusion", against="scipy.signal.correlate, zeros between the taps")
@pytest.mark.parametrize(("taps", "rounds", "layers", "C", "dilations"), FUSIONS)
def test_fusion_by_scipy(rng, taps, rounds, layers, C, dilations, agree):
    x = rng.normal(size=(40, C))
    kernels, dilations = drawn_blocks(rng, taps, rounds, layers, C, dilations)
    theirs = fused(by_scipy, x, kernels, dilations)
    agree(hifigan.residual_fusion(x, kernels, dilations), theirs, 1e-11)


@pytest.mark.oracle("residual_fusion", against="torch conv1d and leaky_relu")
@pytest.mark.parametrize(("taps", "rounds", "layers", "C", "dilations"), FUSIONS)
def test_fusion_by_torch(rng, torch, taps, rounds, layers, C, dilations, agree):
    x = rng.normal(size=(40, C))
    kernels, dilations = drawn_blocks(rng, taps, rounds, layers, C, dilations)
    total = 0
    for kernel, rates in zip(kernels, dilations, strict=True):
        v = for_torch(torch, x)
        for layers_, steps in zip(kernel, rates, strict=True):
            u = v
            for W, step in zip(layers_, steps, strict=True):
                u = torch.nn.functional.conv1d(
                    torch.nn.functional.leaky_relu(u, 0.1),
                    torch.tensor(W.transpose(1, 2, 0).copy()),
                    padding="same",
                    dilation=int(step),
                )
            v = v + u
        total = total + v
    agree(hifigan.residual_fusion(x, kernels, dilations), from_torch(total), 1e-11)


def test_blocks_that_add_nothing_leave_x_once_for_each_block(rng):
    x = rng.normal(size=(9, 2))
    kernels, dilations = [np.zeros((2, 1, k, 2, 2)) for k in (3, 5)], np.ones((2, 2, 1))
    assert np.allclose(hifigan.residual_fusion(x, kernels, dilations), 2 * x)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dilations": [[[0], [1]]]}, "from 1 on"),
        ({"dilations": [[[1.5], [1]]]}, "from 1 on"),
        ({"dilations": [[[1]]]}, "shape"),
        ({"kernels": [np.zeros((2, 1, 3, 2, 1))]}, "shape"),
        ({"kernels": [np.zeros((2, 1, 4, 2, 2))]}, "odd"),
        ({"kernels": []}, "its dilations"),
    ],
)
def test_fusion_refuses(changes, says):
    given = {"x": np.ones((9, 2)), "kernels": [np.zeros((2, 1, 3, 2, 2))]}
    given = {**given, "dilations": [[[1], [1]]], **changes}
    with pytest.raises(ValueError, match=says):
        hifigan.residual_fusion(**given)


# ---- what the discriminators see ----


@pytest.mark.oracle("fold_periods", against="torch pad(mode='reflect') and view")
@pytest.mark.parametrize("period", [1, 2, 3, 5, 7, 11])
def test_periods_by_torch(torch, clips, period, agree):
    x = clips[0]
    line = torch.tensor(x.copy())[None, None]
    if missing := -len(x) % period:
        line = torch.nn.functional.pad(line, (0, missing), "reflect")
    theirs = line.view(-1, period).numpy()
    agree(hifigan.fold_periods(x, period), theirs, 0.0)


@pytest.mark.oracle("fold_periods", against="slices x[i::period] and a mirror that is indexed")
@pytest.mark.parametrize("length", [30, 31, 32, 33, 34])
def test_columns_hold_every_so_manieth_sample(rng, length, agree):
    x = rng.normal(size=length)
    whole = np.append(x, [x[length - 2 - i] for i in range(-length % 5)])
    agree(hifigan.fold_periods(x, 5), np.stack([whole[i::5] for i in range(5)], axis=1), 0.0)


def test_a_signal_shorter_than_its_mirror_is_refused():
    assert hifigan.fold_periods([1, 2, 3], 5).tolist() == [[1, 2, 3, 2, 1]]
    with pytest.raises(ValueError, match="too short"):
        hifigan.fold_periods([1, 2], 4)


@pytest.mark.oracle("average_pools", against="torch.nn.functional.avg_pool1d(x, 4, 2, 2)")
@pytest.mark.parametrize("length", [1, 2, 3, 1000, 1001])
def test_pools_by_torch(rng, torch, length, agree):
    x = rng.normal(size=length)
    theirs, ours = torch.tensor(x)[None], hifigan.average_pools(x, 4)
    assert len(ours) == 4 and np.array_equal(ours[0], x)
    for signal_ in ours[1:]:
        theirs = torch.nn.functional.avg_pool1d(theirs, 4, 2, 2)
        agree(signal_, theirs.numpy()[0], 1e-12)


@pytest.mark.oracle("average_pools", against="scipy.signal.upfirdn with four equal taps")
@pytest.mark.parametrize("length", [1, 2, 7, 1000, 1001])
def test_pools_by_upfirdn(rng, length, agree):
    x = rng.normal(size=length)
    for before, after in itertools.pairwise(hifigan.average_pools(x, 3)):
        theirs = signal.upfirdn(np.full(4, 0.25), np.append(before, np.zeros(4)), 1, 1)
        agree(after, theirs[1::2][: len(before) // 2 + 1], 1e-12)


# ---- losses ----


@pytest.mark.oracle("adversarial_losses", against="torch.nn.functional.mse_loss")
@pytest.mark.parametrize(("N", "M"), [(1, 1), (30, 30), (7, 19)])
def test_adversarial_losses_by_torch(rng, torch, N, M, agree):
    real, fake = rng.normal(size=N), rng.normal(size=M)
    mse = torch.nn.functional.mse_loss
    r, f = torch.tensor(real), torch.tensor(fake)
    theirs = mse(r, torch.ones(N).double()) + mse(f, torch.zeros(M).double())
    ours = hifigan.adversarial_losses(real, fake)
    agree(ours, [theirs.item(), mse(f, torch.ones(M).double()).item()], 1e-12)


@pytest.mark.oracle("adversarial_losses", against="the best discriminator, p / (p + q), by search")
def test_the_best_discriminator_scores_the_share_of_natural_sound(rng, agree):
    """Sounds of three kinds, met 3:1:0 among the natural and 1:1:2 among the made ones."""
    natural, made = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 2])
    found = optimize.minimize(
        lambda score: hifigan.adversarial_losses(score[natural], score[made])[0],
        rng.normal(size=3),
        tol=1e-12,
    )
    p, q = (np.bincount(kinds, minlength=3) / 4 for kinds in (natural, made))
    agree(found.x, p / (p + q), 1e-6)


@pytest.mark.oracle("feature_matching", against="torch.nn.functional.l1_loss")
def test_feature_matching_by_torch(rng, torch, agree):
    shapes = [(5,), (40, 8), (3, 7, 2)]
    real, fake = ([rng.normal(size=shape) for shape in shapes] for _ in "rf")
    theirs = sum(
        torch.nn.functional.l1_loss(*map(torch.tensor, pair)).item()
        for pair in zip(real, fake, strict=True)
    )
    agree(hifigan.feature_matching(real, fake), theirs, 1e-12)


@pytest.mark.oracle("feature_matching", against="numpy.linalg.norm(., 1) over N_i")
def test_feature_matching_by_norms(rng, agree):
    shapes = [(4,), (6, 3), (2, 5, 3)]
    real, fake = ([rng.normal(size=shape) for shape in shapes] for _ in "rf")
    norms = [np.linalg.norm((a - b).ravel(), 1) / a.size for a, b in zip(real, fake, strict=True)]
    agree(hifigan.feature_matching(real, fake), sum(norms), 1e-12)


@pytest.mark.parametrize(
    ("real", "fake"), [([], []), ([[1.0]], [[1.0], [2.0]]), ([[1.0]], [[1.0, 2.0]])]
)
def test_features_that_do_not_pair_up_are_refused(real, fake):
    with pytest.raises(ValueError):
        hifigan.feature_matching(real, fake)


@pytest.mark.oracle("mel_loss", against="librosa.feature.melspectrogram(power=1, center=False)")
@pytest.mark.parametrize(("n", "hop"), [(256, 80), (400, 100)])
def test_mel_loss_by_librosa(clips, n, hop, agree):
    settings = {"sr": 8000, "n_fft": n, "n_mels": 40}
    filters = librosa.filters.mel(**settings, dtype=np.float64)
    logs = [
        np.log(
            np.maximum(
                librosa.feature.melspectrogram(
                    y=clip, hop_length=hop, power=1, center=False, window="hann", **settings
                ),
                1e-5,
            )
        )
        for clip in clips
    ]
    ours = hifigan.mel_loss(*clips, filters, signal.get_window("hann", n), hop)
    agree(ours, np.mean(np.abs(logs[0] - logs[1])), 1e-5)  # librosa keeps filters in 32 bits


@pytest.mark.oracle("mel_loss", against="scipy.signal.stft and torch l1_loss")
def test_mel_loss_by_stft(rng, torch, clips, agree):
    n, hop, window = 200, 50, np.hamming(200)
    filters = rng.random((20, 101))
    logs = []
    for clip in clips:
        _, _, X = signal.stft(clip, window=window, nperseg=n, noverlap=n - hop,
                              boundary=None, padded=False)  # fmt: skip
        logs.append(torch.tensor(filters @ np.abs(X) * window.sum()).clamp(min=1e-5).log())
    ours = hifigan.mel_loss(*clips, filters, window, hop)
    agree(ours, torch.nn.functional.l1_loss(*logs).item(), 1e-10)


@pytest.mark.oracle("mel_loss", against="a gain g, which moves all logarithms by log g")
def test_a_louder_copy_differs_by_the_logarithm_of_its_gain(clips, agree):
    filters = librosa.filters.mel(sr=8000, n_fft=256, n_mels=20)
    x = clips[0] + 0.01
    ours = hifigan.mel_loss(x, 3 * x, filters, np.hanning(256), 64)
    agree(ours, np.log(3), 1e-9)


def drawn_judgements(rng, K=3):
    """For K discriminators of three layers: scores of either side, features of either side."""
    lengths = rng.integers(3, 9, K)
    scores = [[rng.normal(size=n) for n in lengths] for _ in "rf"]
    features = [[[rng.normal(size=(n, c)) for c in (2, 4, 1)] for n in lengths] for _ in "rf"]
    return *scores, *features


@pytest.mark.oracle("generator_loss", against="torch mse_loss and l1_loss, discriminator by one")
def test_generator_loss_by_torch(rng, torch, agree):
    _, scores, real, fake = drawn_judgements(rng)
    mse, l1 = torch.nn.functional.mse_loss, torch.nn.functional.l1_loss
    theirs = 45 * 0.3
    for s, r, f in zip(scores, real, fake, strict=True):
        s = torch.tensor(s)
        theirs += mse(s, torch.ones_like(s)).item()
        theirs += 2 * sum(l1(*map(torch.tensor, ab)).item() for ab in zip(r, f, strict=True))
    loss, parts = hifigan.generator_loss(scores, real, fake, 0.3)
    agree(loss, theirs, 1e-11)
    assert np.isclose(parts.sum(), loss)


@pytest.mark.oracle("generator_loss", against="the losses of each discriminator, added up")
def test_generator_loss_by_its_parts(rng, agree):
    real_scores, scores, real, fake = drawn_judgements(rng, 4)
    adversarial = [
        hifigan.adversarial_losses(r, f)[1] for r, f in zip(real_scores, scores, strict=True)
    ]
    matching = [hifigan.feature_matching(r, f) for r, f in zip(real, fake, strict=True)]
    loss, parts = hifigan.generator_loss(scores, real, fake, 0.7, 0.5, 3.0)
    agree(parts, [sum(adversarial), 0.5 * sum(matching), 2.1], 1e-12)
    agree(loss, sum(adversarial) + 0.5 * sum(matching) + 2.1, 1e-12)


@pytest.mark.oracle("discriminator_loss", against="central differences of the loss")
def test_slopes_of_the_discriminators_by_nudging(rng, agree):
    real, fake, _, _ = drawn_judgements(rng)
    _, by_real, by_fake = hifigan.discriminator_loss(real, fake)
    for scores, slopes in ((real, by_real), (fake, by_fake)):
        for score, slope in zip(scores, slopes, strict=True):
            measured = np.zeros(len(score))
            for i in range(len(score)):
                for step in (1e-6, -1e-6):
                    score[i] += step
                    measured[i] += hifigan.discriminator_loss(real, fake)[0] / (2 * step)
                    score[i] -= step
            agree(slope, measured, 1e-7)


@pytest.mark.oracle("discriminator_loss", against="torch mse_loss and autograd")
def test_discriminator_loss_by_torch(rng, torch, agree):
    real, fake, _, _ = drawn_judgements(rng)
    r, f = ([torch.tensor(s, requires_grad=True) for s in scores] for scores in (real, fake))
    mse = torch.nn.functional.mse_loss
    theirs = sum(mse(a, torch.ones_like(a)) + mse(b, torch.zeros_like(b)) for a, b in zip(r, f))
    theirs.backward()
    loss, by_real, by_fake = hifigan.discriminator_loss(real, fake)
    agree(loss, theirs.item(), 1e-12)
    for ours, score in zip([*by_real, *by_fake], [*r, *f], strict=True):
        agree(ours, score.grad.numpy(), 1e-12)


# ---- units ----


@pytest.mark.oracle("deduplicate", against="itertools.groupby")
@pytest.mark.parametrize("count", [1, 2, 500])
def test_runs_by_groupby(rng, count, agree):
    units = rng.integers(0, 3, count)
    runs, durations = hifigan.deduplicate(units)
    theirs = [(unit, len(list(run))) for unit, run in itertools.groupby(units)]
    agree(np.stack([runs, durations], axis=1), theirs, 0.0)


@pytest.mark.oracle("deduplicate", against="torch.unique_consecutive")
def test_runs_by_torch(rng, torch, agree):
    units = rng.integers(0, 4, 300)
    theirs = torch.unique_consecutive(torch.tensor(units), return_counts=True)
    agree(np.array(hifigan.deduplicate(units)), np.array([part.numpy() for part in theirs]), 0.0)


def test_runs_repeated_by_their_durations_are_the_units(rng):
    units = rng.integers(0, 3, 200)
    assert np.array_equal(np.repeat(*hifigan.deduplicate(units)), units)


@pytest.mark.parametrize("units", [[], [1.5], [-1], [np.nan], [[1, 2]]])
def test_what_is_no_unit_is_refused(units):
    with pytest.raises(ValueError):
        hifigan.deduplicate(units)
