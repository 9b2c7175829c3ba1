"""What a generative adversarial vocoder is made of: upsampling, fusion, critics and their losses.

Time is the first axis of every signal: frame t of a signal of C channels is row t, shape (T, C). A
kernel is a stack of matrices, shape (taps, E, C): one matrix a tap, each takes C channels to E.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def signal_and_kernel(x: ArrayLike, W: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """A signal, shape (T, C), and a kernel, shape (taps, E, C), as arrays of floats.

    Raises
    ------
    ValueError
        If one of them is empty, not finite or of another number of dimensions, or if the matrices
        of the kernel do not take as many channels as the signal has.
    """
    x, W = finite_array(x, "the signal", 2), finite_array(W, "the kernel", 3)
    if W.shape[2] != x.shape[1]:
        raise ValueError("the matrices of the kernel need a column for each channel of the signal")
    return x, W


def upsample(z: ArrayLike, K: ArrayLike) -> np.ndarray:
    """Twice the rate: zeros between the frames, then a sum over neighbours.

    The frames are spread out, h = [0, z_1, 0, z_2, 0, ..., 0, z_L, 0], which makes 2L + 1 of them,
    and row i of the result is the sum of K_j h_{i+j} over j = -D ... D. Outside these 2L + 1 frames
    h is zero.

    Parameters
    ----------
    z : array_like, shape (L, C)
        One frame a row.
    K : array_like, shape (2D + 1, E, C)
        `K[D + j]` is the matrix K_j.

    Returns
    -------
    y : ndarray, shape (2L + 1, E)

    Raises
    ------
    ValueError
        If z or K is empty, not finite or of another number of dimensions, if the matrices do not
        fit the frames, or if their number is even: then none of them is K_0.

    References
    ----------
    Polyak et al. (2021), "Speech resynthesis from discrete disentangled self-supervised
    representations", section 2; ECE 537, formula sheet of the third practice exam.
    """
    z, K = signal_and_kernel(z, K)
    if len(K) % 2 == 0:
        raise ValueError("K must hold an odd number of matrices, with K_0 in the middle")
    D, length = len(K) // 2, 2 * len(z) + 1
    h = np.zeros((length + 2 * D, z.shape[1]))
    h[D + 1 : D + length : 2] = z
    return sum(h[j : j + length] @ K[j].T for j in range(2 * D + 1))


def transposed_convolution(x: ArrayLike, W: ArrayLike, stride: int, padding: int) -> np.ndarray:
    """Each frame adds a whole kernel to the output, `stride` rows further on than the one before.

    Frame l adds W_k x_l to row l * stride + k, for every tap k = 0 ... taps - 1. There are
    (L - 1) * stride + taps such rows; the first `padding` and the last `padding` of them are then
    taken away. The kernel is not turned round.

    Parameters
    ----------
    x : array_like, shape (L, C)
        One frame a row.
    W : array_like, shape (taps, E, C)
        `W[k]` is the matrix W_k.
    stride : int
        Rows of output for each frame of input, at least 1.
    padding : int
        Rows to take away at either end, at least 0.

    Returns
    -------
    y : ndarray, shape ((L - 1) * stride + taps - 2 * padding, E)

    Raises
    ------
    ValueError
        If x or W is empty, not finite or of another number of dimensions, if the matrices do not
        fit the frames, if the stride is below 1, or if the padding is negative or leaves nothing.

    References
    ----------
    Dumoulin and Visin (2016), "A guide to convolution arithmetic for deep learning", chapter 4;
    Kong, Kim and Bae (2020), "HiFi-GAN", section 2.2.
    """
    x, W = signal_and_kernel(x, W)
    if stride < 1 or padding < 0:
        raise ValueError("stride must be at least 1, and padding at least 0")
    span = (len(x) - 1) * stride + 1
    y = np.zeros((span + len(W) - 1, W.shape[1]))
    if 2 * padding >= len(y):
        raise ValueError("padding must leave at least one row")
    for k in range(len(W)):
        y[k : k + span : stride] += x @ W[k].T
    return y[padding : len(y) - padding]


def same_convolution(x: np.ndarray, W: np.ndarray, dilation: int) -> np.ndarray:
    """A dilated convolution that looks both ways and is as long as its input.

    Row t of the result is the sum of W_k x_{t + (k - R) dilation} over the 2R + 1 taps k; x is zero
    outside its rows.

    Parameters
    ----------
    x : ndarray, shape (T, C)
    W : ndarray, shape (2R + 1, E, C)
    dilation : int

    Returns
    -------
    y : ndarray, shape (T, E)
    """
    reach = len(W) // 2 * dilation
    padded = np.pad(x, ((reach, reach), (0, 0)))
    return sum(padded[k * dilation :][: len(x)] @ W[k].T for k in range(len(W)))


def residual_fusion(
    x: ArrayLike, kernels: Sequence[ArrayLike], dilations: ArrayLike, slope: float = 0.1
) -> np.ndarray:
    """Multi-receptive-field fusion: the sum of residual blocks that look at x through own kernels.

    Each block starts from x and goes through its rounds one after the other. A round takes what the
    round before has made, v, sends it through its layers, and adds the outcome to v. A layer is a
    leaky rectifier, u where u > 0 and slope * u elsewhere, and after it a dilated convolution
    without bias: row t of its result is the sum of W_k u_{t + (k - R) dilation} over the 2R + 1
    taps k, with zeros outside u. What the blocks have made in their last rounds is added up.

    Parameters
    ----------
    x : array_like, shape (T, C)
    kernels : sequence of N arrays, each of shape (rounds, layers, taps, C, C)
        `kernels[n][m][l]` is the kernel of block n in its round m and layer l. The blocks have
        different (odd) numbers of taps.
    dilations : array_like of int, shape (N, rounds, layers)
        The dilation of each of these convolutions, at least 1.
    slope : float
        Of the leaky rectifier, below zero.

    Returns
    -------
    y : ndarray, shape (T, C)
        (The authors' program divides it by the number of blocks; their paper does not.)

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if the shapes do not go together, if a number of taps
        is even, or if a dilation is no whole number from 1 on.

    References
    ----------
    Kong, Kim and Bae (2020), "HiFi-GAN", section 2.2, figure 1 and table 5.
    """
    x, dilations = finite_array(x, "x", 2), finite_array(dilations, "dilations", 3)
    kernels = [finite_array(kernel, "a kernel", 5) for kernel in kernels]
    if len(kernels) != len(dilations) or np.any((dilations < 1) | (dilations % 1 != 0)):
        raise ValueError("each block needs its dilations, whole numbers from 1 on")
    y = np.zeros(x.shape)
    for kernel, rates in zip(kernels, dilations.astype(int), strict=True):
        if kernel.shape[:2] != rates.shape or kernel.shape[3:] != (x.shape[1],) * 2:
            raise ValueError("a kernel needs shape (rounds, layers, taps, C, C), as its dilations")
        if kernel.shape[2] % 2 == 0:
            raise ValueError("the number of taps must be odd, so that one of them is the middle")
        v = x
        for layers, steps in zip(kernel, rates, strict=True):
            u = v
            for W, step in zip(layers, steps, strict=True):
                u = same_convolution(np.where(u > 0, u, slope * u), W, step)
            v = v + u
        y = y + v
    return y


def fold_periods(x: ArrayLike, period: int) -> np.ndarray:
    """A signal as a picture whose columns each hold every `period`-th sample.

    Row n holds the samples n * period ... n * period + period - 1. If the last row is not full, the
    signal is continued by its mirror image about the last sample, which is not repeated:
    ..., a, b, c goes on with b, a, ...

    Parameters
    ----------
    x : array_like, shape (T,)
    period : int
        In samples, at least 1.

    Returns
    -------
    folded : ndarray, shape (ceil(T / period), period)

    Raises
    ------
    ValueError
        If x is empty or not finite, if the period is below 1, or if x is too short to be continued:
        the mirror image has T - 1 samples.

    References
    ----------
    Kong, Kim and Bae (2020), "HiFi-GAN", section 2.3 and figure 2b; the padding is that of the
    authors' program.
    """
    x = finite_array(x, "x")
    if period < 1:
        raise ValueError("period must be at least 1")
    missing = -len(x) % period
    if missing >= len(x):
        raise ValueError("x is too short to fill a row of this period by its mirror image")
    return np.pad(x, (0, missing), mode="reflect").reshape(-1, period)


def average_pools(x: ArrayLike, scales: int) -> tuple[np.ndarray, ...]:
    """The same signal at several scales, each at half the rate of the one before.

    The first is x itself. Each of the others comes from the one before: put two zeros in front of
    it and two behind, then take the mean of four neighbours, beginning at every second sample, as
    long as there are four. The zeros count in the means.

    Parameters
    ----------
    x : array_like, shape (T,)
    scales : int
        How many signals to return, at least 1.

    Returns
    -------
    signals : tuple of `scales` ndarrays
        After a signal of N samples comes one of floor(N / 2) + 1.

    Raises
    ------
    ValueError
        If x is empty or not finite, or if scales is below 1.

    References
    ----------
    Kumar et al. (2019), "MelGAN", section 2.2; Kong, Kim and Bae (2020), "HiFi-GAN", section 2.3;
    width, stride and zeros are those of the authors' programs.
    """
    signals = [finite_array(x, "x")]
    if scales < 1:
        raise ValueError("scales must be at least 1")
    while len(signals) < scales:
        padded = np.pad(signals[-1], 2)
        fours = np.lib.stride_tricks.sliding_window_view(padded, 4)[::2]
        signals.append(fours.mean(axis=1))
    return tuple(signals)


def adversarial_losses(real: ArrayLike, fake: ArrayLike) -> tuple[float, float]:
    """What least squares ask of a discriminator and of the generator that it judges.

    The discriminator is to score 1 for natural sound and 0 for made sound: its loss is the mean of
    (D(x) - 1)^2 over the natural scores plus the mean of D(G(s))^2 over the made ones. The
    generator is to be scored 1: its loss is the mean of (D(G(s)) - 1)^2.

    Parameters
    ----------
    real : array_like, shape (N,)
        The discriminator's scores of natural sound, one for each place that it looks at.
    fake : array_like, shape (M,)
        Its scores of what the generator made.

    Returns
    -------
    discriminator, generator : float

    Raises
    ------
    ValueError
        If there are no scores on one of the sides, or one is not finite.

    References
    ----------
    Mao et al. (2017), "Least squares generative adversarial networks", equation 9; Kong, Kim and
    Bae (2020), "HiFi-GAN", equations 1 and 2.
    """
    real, fake = finite_array(real, "real"), finite_array(fake, "fake")
    discriminator = np.mean((real - 1) ** 2) + np.mean(fake**2)
    return float(discriminator), float(np.mean((fake - 1) ** 2))


def feature_pairs(
    real: Sequence[ArrayLike], fake: Sequence[ArrayLike]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The feature maps of each layer, of natural and of made sound, as pairs of arrays of floats.

    Raises
    ------
    ValueError
        If there is no layer, if one side has more layers, or if a pair differs in shape, is empty
        or not finite.
    """
    if len(real) != len(fake) or len(real) == 0:
        raise ValueError("real and fake need the same layers, at least one")
    pairs = []
    for maps in zip(real, fake, strict=True):
        a, b = (finite_array(values, "a feature map", np.ndim(values)) for values in maps)
        if a.shape != b.shape:
            raise ValueError("the two feature maps of a layer must be of one shape")
        pairs.append((a, b))
    return pairs


def feature_matching(real: Sequence[ArrayLike], fake: Sequence[ArrayLike]) -> float:
    """How differently a discriminator's layers answer natural and made sound.

    The sum over the layers of the absolute differences of their feature maps, each layer's divided
    by the number N_i of its features.

    Parameters
    ----------
    real : sequence of arrays
        The feature maps D^i(x) of natural sound, one array a layer, of any shape.
    fake : sequence of arrays
        The feature maps D^i(G(s)) of what was made in its place, of the same shapes.

    Returns
    -------
    loss : float

    Raises
    ------
    ValueError
        If there is no layer, if one side has more layers, or if a pair differs in shape, is empty
        or not finite.

    References
    ----------
    Larsen et al. (2016), "Autoencoding beyond pixels"; Kumar et al. (2019), "MelGAN", equation 5;
    Kong, Kim and Bae (2020), "HiFi-GAN", equation 4.
    """
    return float(sum(np.mean(np.abs(a - b)) for a, b in feature_pairs(real, fake)))


def mel_loss(
    x: ArrayLike,
    made: ArrayLike,
    filters: ArrayLike,
    window: ArrayLike,
    hop: int,
    floor: float = 1e-5,
) -> float:
    """Mean absolute difference of the log mel spectrograms of natural and made sound.

    Frame t holds the samples from t * hop on, as many as the window has, and is multiplied by the
    window; only whole frames count and nothing is padded. The magnitudes |X| of its spectrum, from
    0 Hz to half the rate, go through the filters, and each sum is replaced by its natural
    logarithm, or by that of `floor` where it is smaller.

    Parameters
    ----------
    x : array_like, shape (T,)
        Natural sound.
    made : array_like, shape (T,)
        What was made in its place.
    filters : array_like, shape (B, N // 2 + 1)
        One band a row: the weight of each frequency of the spectrum.
    window : array_like, shape (N,)
    hop : int
        In samples, at least 1.
    floor : float
        Positive.

    Returns
    -------
    loss : float
        The mean over all frames and bands.

    Raises
    ------
    ValueError
        If an argument is empty or not finite, if x and made differ in length or are shorter than
        the window, if hop is below 1, if floor is not positive, or if the filters do not fit the
        window.

    References
    ----------
    Kong, Kim and Bae (2020), "HiFi-GAN", equation 3. (Its norm is a sum; the authors' program takes
    the mean, and so does this function.)
    """
    x, made = finite_array(x, "x"), finite_array(made, "made")
    filters, window = finite_array(filters, "filters", 2), finite_array(window, "window")
    if len(x) != len(made) or len(x) < len(window):
        raise ValueError("x and made must be of one length, at least that of the window")
    if hop < 1 or not floor > 0:
        raise ValueError("hop must be at least 1, and floor positive")
    if filters.shape[1] != len(window) // 2 + 1:
        raise ValueError("the filters need a weight for each frequency of the window's spectrum")
    frames = np.lib.stride_tricks.sliding_window_view([x, made], len(window), axis=1)[:, ::hop]
    magnitudes = np.abs(np.fft.rfft(frames * window))
    natural, artificial = np.log(np.maximum(magnitudes @ filters.T, floor))
    return float(np.mean(np.abs(natural - artificial)))


def generator_loss(
    scores: Sequence[ArrayLike],
    real: Sequence[Sequence[ArrayLike]],
    fake: Sequence[Sequence[ArrayLike]],
    reconstruction: float,
    matching_weight: float = 2.0,
    reconstruction_weight: float = 45.0,
) -> tuple[float, np.ndarray]:
    """L_G: the sum over the discriminators of two losses, and the reconstruction once.

    L_G = sum over k of [L_adv(G; D_k) + lambda_fm L_fm(G; D_k)] + lambda_r L_recon(G).

    L_adv(G; D_k) is the mean of (D_k(G(s)) - 1)^2 over the scores of discriminator k. L_fm(G; D_k)
    is the sum over its layers of the mean absolute difference of their feature maps.

    Parameters
    ----------
    scores : sequence of K vectors
        What each discriminator scores the made sound, one number for each place it looks at.
    real : sequence of K sequences of arrays
        `real[k][i]` is the feature map of layer i of discriminator k, of natural sound.
    fake : sequence of K sequences of arrays
        The same of the made sound.
    reconstruction : float
        L_recon(G), here the mel loss.
    matching_weight, reconstruction_weight : float
        lambda_fm and lambda_r, not negative.

    Returns
    -------
    loss : float
    parts : ndarray, shape (3,)
        What the adversarial losses, feature matching and reconstruction contribute to it, weights
        included.

    Raises
    ------
    ValueError
        If there is no discriminator, if scores, real and fake speak of different numbers of them,
        if a vector of scores is empty, if feature maps do not pair up, if a number is not finite,
        or if the reconstruction or a weight is negative.

    References
    ----------
    Kong, Kim and Bae (2020), "HiFi-GAN", equation 7; ECE 537, formula sheet of the third practice
    exam.
    """
    numbers = finite_array([reconstruction, matching_weight, reconstruction_weight], "a number")
    if not len(scores) == len(real) == len(fake) or len(scores) == 0 or numbers.min() < 0:
        raise ValueError("one set of scores and features for each discriminator, no weight below 0")
    scores = [finite_array(score, "scores") for score in scores]
    pairs = [feature_pairs(a, b) for a, b in zip(real, fake, strict=True)]
    adversarial = sum(np.mean((score - 1) ** 2) for score in scores)
    matching = sum(np.mean(np.abs(a - b)) for layers in pairs for a, b in layers)
    weights = [1.0, matching_weight, reconstruction_weight]
    parts = np.array([adversarial, matching, reconstruction]) * weights
    return float(parts.sum()), parts


def discriminator_loss(
    real: Sequence[ArrayLike], fake: Sequence[ArrayLike]
) -> tuple[float, tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """L_D, the discriminators' adversarial losses summed, and its slopes with respect to scores.

    L_D = sum over k of L_adv(D_k; G), each of which is the mean of (D_k(x) - 1)^2 over the natural
    scores plus the mean of D_k(G(s))^2 over the made ones.

    Parameters
    ----------
    real : sequence of K vectors
        What each discriminator scores natural sound. The vectors may differ in length.
    fake : sequence of K vectors
        What it scores the made sound.

    Returns
    -------
    loss : float
    by_real : tuple of K ndarrays
        Derivative of the loss with respect to each score of natural sound, in the shapes of `real`.
    by_fake : tuple of K ndarrays
        Derivative of the loss with respect to each score of made sound.

    Raises
    ------
    ValueError
        If there is no discriminator, if real and fake speak of different numbers of them, or if a
        vector of scores is empty or not finite.

    References
    ----------
    Kong, Kim and Bae (2020), "HiFi-GAN", equation 8.
    """
    if len(real) != len(fake) or len(real) == 0:
        raise ValueError("real and fake need scores of the same discriminators, at least one")
    real = [finite_array(score, "real") for score in real]
    fake = [finite_array(score, "fake") for score in fake]
    loss = sum(np.mean((r - 1) ** 2) + np.mean(f**2) for r, f in zip(real, fake, strict=True))
    by_real = tuple(2 * (r - 1) / len(r) for r in real)
    by_fake = tuple(2 * f / len(f) for f in fake)
    return float(loss), by_real, by_fake


def deduplicate(units: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Units without their repetitions, and how long each of them lasts.

    Parameters
    ----------
    units : array_like of int, shape (T,)
        One unit a frame: whole numbers from 0 on.

    Returns
    -------
    runs : ndarray of int, shape (R,)
        The unit of each run of equal units, in order. A unit that comes back later counts again.
    durations : ndarray of int, shape (R,)
        The length of each run in frames; they add up to T.

    Raises
    ------
    ValueError
        If there is no unit, or one is not a whole number from 0 on.

    References
    ----------
    Polyak et al. (2021), "Speech resynthesis from discrete disentangled self-supervised
    representations"; Lakhotia et al. (2021), "On generative spoken language modeling from raw
    audio", section 4.
    """
    units = finite_array(units, "units")
    if np.any((units < 0) | (units % 1 != 0)):
        raise ValueError("units must be whole numbers from 0 on")
    starts = np.flatnonzero(np.diff(units, prepend=-1))
    return units[starts].astype(int), np.diff(starts, append=len(units))
