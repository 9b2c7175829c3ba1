"""How slow are the reference kernels, which are written to be read? Against compiled peers.

    python bench/reference.py            all of them, at the sizes that grading uses and larger ones
    python bench/reference.py ctc dtw    some

Both sides get the same inputs, their results are compared first, and the time is the best of
several rounds that alternate between the two. PyTorch is needed for `learning`, `ctc`,
`attention`, `wavenet`, `tacotron`, `waveglow` and `hifigan`
(`python -m pip install -e '.[train]'`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS, SECONDS = 7, 0.02  # rounds of each side, and how long one round lasts at least


@dataclass(frozen=True)
class Pair:
    """A reference and its peer on the same input; both return the same numbers."""

    kernel: str
    size: str
    peer: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    tolerance: float = 1e-8
    grading: bool = False  # the size that an exercise's cases have
    compared: Callable[[Any], Any] = np.asarray  # what of the results must be equal


def best(function: Callable[[], Any], calls: int) -> float:
    """Seconds of one call, over so many."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def enough(function: Callable[[], Any]) -> int:
    """How many calls last `SECONDS`."""
    function()
    return max(1, int(SECONDS / max(best(function, 1), 1e-7)))


def ratio(pair: Pair) -> tuple[float, float, float]:
    """(milliseconds of ours, of theirs, largest difference of the results)."""
    ours, theirs = (pair.compared(f()) for f in (pair.ours, pair.theirs))
    difference = float(np.max(np.abs(ours - theirs)))
    if not difference <= pair.tolerance:
        raise SystemExit(f"{pair.kernel}, {pair.size}: results differ by {difference:.3g}")
    counts = [enough(f) for f in (pair.ours, pair.theirs)]
    rounds = [[best(f, n) for f, n in zip((pair.ours, pair.theirs), counts)] for _ in range(ROUNDS)]
    mine, other = np.min(rounds, axis=0) * 1e3
    return mine, other, difference


# --- the pairs ----------------------------------------------------------------------------


def lpc(rng: np.random.Generator) -> Iterator[Pair]:
    """Levinson-Durbin on the autocorrelation, against SciPy's compiled Toeplitz solver."""
    from scipy.linalg import solve_toeplitz

    from autograder.reference.lpc import autocorrelation, levinson_durbin

    for count, order, grading in ((200, 10, True), (400, 16, False), (1600, 50, False)):
        r = autocorrelation(rng.standard_normal(count), order)
        yield Pair(
            "Levinson-Durbin",
            f"order {order}",
            "scipy.linalg.solve_toeplitz",
            lambda r=r, order=order: levinson_durbin(r, order)[0],
            lambda r=r: solve_toeplitz(r[:-1], r[1:]),
            grading=grading,
        )


def lpc_frame(rng: np.random.Generator) -> Iterator[Pair]:
    """A whole frame to its predictor, by autocorrelation here and by Burg's method in librosa.

    The two are different estimates: compared is the energy that each predictor leaves, relative
    to the frame's, which is about the same.
    """
    import librosa
    from scipy.signal import lfilter

    from autograder.reference.lpc import autocorrelation, levinson_durbin

    for count, order, grading in ((200, 10, True), (400, 16, False), (1600, 16, False)):
        x = lfilter([1], [1, -1.2, 0.8], rng.standard_normal(count)) * np.hanning(count)

        def left(a: np.ndarray, x: np.ndarray = x) -> float:
            return np.sum(lfilter([1, *-a], [1], x) ** 2) / np.sum(x**2)

        yield Pair(
            "frame to predictor",
            f"{count} samples, order {order}",
            "librosa.lpc (Burg)",
            lambda x=x, order=order: levinson_durbin(autocorrelation(x, order), order)[0],
            lambda x=x, order=order: -librosa.lpc(x, order=order)[1:],
            tolerance=0.01,
            grading=grading,
            compared=left,
        )


def hmm(rng: np.random.Generator) -> Iterator[Pair]:
    """Probability and best path of a sequence of symbols, against hmmlearn.

    Twice: as anyone calls it, which checks its inputs as ours do, and its compiled kernel alone.
    """
    from hmmlearn import _hmmc
    from hmmlearn.hmm import CategoricalHMM

    from autograder.reference.hmm import scaled_forward, viterbi

    for T, N, grading in ((20, 4, True), (100, 5, False), (400, 10, False)):
        pi, A = rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N), size=N)
        outputs, symbols = rng.dirichlet(np.ones(8), size=N), rng.integers(8, size=T)
        model = CategoricalHMM(N)
        model.startprob_, model.transmat_, model.emissionprob_ = pi, A, outputs
        model.n_features = 8
        b, size = outputs[:, symbols].T.copy(), f"{T} frames, {N} states"
        logs = np.log(pi), np.log(A), np.log(b)
        forward = lambda a=(pi, A, b): scaled_forward(*a)[2]  # noqa: E731
        best_path = lambda a=logs: viterbi(*a)[1]  # noqa: E731
        column = symbols[:, None]
        for kernel, peer, ours, theirs in (
            ("HMM forward", "hmmlearn score", forward, lambda m=model, x=column: m.score(x)),
            (
                "HMM forward",
                "hmmlearn's kernel alone",
                forward,
                lambda a=(pi, A, b): _hmmc.forward_scaling(*a)[0],
            ),
            ("HMM Viterbi", "hmmlearn decode", best_path, lambda m=model, x=column: m.decode(x)[0]),
            (
                "HMM Viterbi",
                "hmmlearn's kernel alone",
                best_path,
                lambda a=(pi, A, logs[2]): _hmmc.viterbi(*a)[0],
            ),
        ):
            yield Pair(kernel, size, peer, ours, theirs, grading=grading)


def dtw(rng: np.random.Generator) -> Iterator[Pair]:
    """Accumulated costs, against librosa's (compiled by numba)."""
    import librosa

    from autograder.reference.dtw import accumulated_cost

    for rows, columns, grading in ((9, 13, True), (40, 50, False), (100, 120, False)):
        C = rng.uniform(size=(rows, columns))
        yield Pair(
            "DTW costs",
            f"{rows} x {columns}",
            "librosa.sequence.dtw",
            lambda C=C: accumulated_cost(C),
            lambda C=C: librosa.sequence.dtw(C=C, backtrack=False),
            grading=grading,
        )


def ctc(rng: np.random.Generator) -> Iterator[Pair]:
    """The loss alone, and the loss with its gradient with respect to logits, against PyTorch's."""
    import torch
    from torch.nn.functional import ctc_loss

    from autograder.reference.ctc import (
        blank_expansion,
        ctc_posteriors,
        gradient_by_logits,
        log_backward,
        log_forward,
    )

    def by_torch(logits: np.ndarray, label: np.ndarray, gradient: bool) -> np.ndarray:
        scores = torch.tensor(logits, requires_grad=gradient)
        loss = ctc_loss(
            scores.log_softmax(1),
            torch.tensor(label),
            (len(logits),),
            (len(label),),
            reduction="sum",
        )
        if not gradient:
            return loss.numpy()
        loss.backward()
        return scores.grad.numpy()

    def by_us(logits: np.ndarray, label: np.ndarray, gradient: bool) -> np.ndarray:
        log_y = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        expanded = blank_expansion(label)
        log_alpha, log_likelihood = log_forward(log_y, expanded)
        if not gradient:
            return -log_likelihood
        log_beta = log_backward(log_y, expanded)
        gamma = ctc_posteriors(log_y, expanded, log_alpha, log_beta)
        return gradient_by_logits(logits, gamma)

    for T, K, L, grading in ((8, 4, 3, True), (50, 11, 6, False), (200, 30, 30, False)):
        given = rng.standard_normal((T, K)), rng.integers(1, K, L)
        for gradient in (False, True):
            yield Pair(
                "CTC gradient" if gradient else "CTC loss",
                f"{T} frames, {K} classes, label of {L}",
                "torch ctc_loss" + (" and backward" if gradient else ""),
                lambda given=given, gradient=gradient: by_us(*given, gradient),
                lambda given=given, gradient=gradient: by_torch(*given, gradient),
                grading=grading,
            )


def attention(rng: np.random.Generator) -> Iterator[Pair]:
    """Scaled attention, against PyTorch's."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    from autograder.reference.attention import attention

    for T, S, d, grading in ((5, 7, 4, True), (50, 50, 32, False), (500, 500, 64, False)):
        Q, K, V = (rng.standard_normal((n, d)) for n in (T, S, S))
        tensors = [torch.tensor(x[None]) for x in (Q, K, V)]
        yield Pair(
            "attention",
            f"{T} x {S}, width {d}",
            "torch scaled_dot_product",
            lambda given=(Q, K, V): attention(*given, scaled=True)[0],
            lambda given=tensors: scaled_dot_product_attention(*given)[0].numpy(),
            grading=grading,
        )


def waveglow(rng: np.random.Generator) -> Iterator[Pair]:
    """The density of a signal by a chain of steps, against PyTorch's."""
    import torch

    from autograder.reference.waveglow import log_likelihood

    for T, G, K, D, grading in ((6, 4, 3, 5, True), (1000, 8, 12, 64, False)):
        shapes = (G // 2, D), (10, D), (D, G // 2), (D, G // 2)
        mixes = np.eye(G) + 0.1 * rng.normal(size=(K, G, G))
        steps = [(W, *(0.1 * rng.normal(size=shape) for shape in shapes)) for W in mixes]
        x, told = rng.normal(size=T * G), rng.normal(size=(T, 10))
        tensors = [[torch.tensor(part) for part in step] for step in steps]
        given = torch.tensor(x), torch.tensor(told), tensors, G

        def density(given=given) -> float:
            x, M, steps, G = given
            z, stretched = x.reshape(-1, G), 0.0
            for W, U, V, W_s, W_t in steps:
                z = z @ W.T
                hidden = torch.tanh(z[:, : G // 2] @ U + M @ V)
                log_s = hidden @ W_s
                z = torch.cat([z[:, : G // 2], log_s.exp() * z[:, G // 2 :] + hidden @ W_t], dim=1)
                stretched = stretched + len(z) * torch.linalg.slogdet(W).logabsdet + log_s.sum()
            noise = torch.distributions.Normal(torch.zeros_like(z), torch.ones_like(z))
            return float(noise.log_prob(z).sum() + stretched)

        yield Pair(
            "density of a flow",
            f"{T} rows of {G}, {K} steps",
            "PyTorch",
            lambda a=(x, told, steps, 1.0): log_likelihood(*a)[0],
            density,
            tolerance=1e-6,
            grading=grading,
        )


def wavenet(rng: np.random.Generator) -> Iterator[Pair]:
    """A dilated causal convolution, against PyTorch's."""
    import torch

    from autograder.reference.wavenet import causal_convolution

    for T, C, dilation, grading in ((40, 3, 5, True), (8000, 32, 64, False)):
        x, W, b = rng.normal(size=(T, C)), rng.normal(size=(2, C, C)), rng.normal(size=C)
        channels_first = torch.tensor(x.T[None].copy())
        taps, bias = torch.tensor(W[::-1].transpose(2, 1, 0).copy()), torch.tensor(b)

        def convolved(a=(channels_first, taps, bias), dilation=dilation) -> np.ndarray:
            padded = torch.nn.functional.pad(a[0], (dilation, 0))
            y = torch.nn.functional.conv1d(padded, a[1], a[2], dilation=dilation)
            return y[0].numpy().T

        yield Pair(
            "causal convolution",
            f"{T} samples, {C} channels",
            "torch conv1d",
            lambda a=(x, W, b, dilation): causal_convolution(*a),
            convolved,
            grading=grading,
        )


def sampling(rng: np.random.Generator) -> Iterator[Pair]:
    """Decimation, against SciPy's compiled polyphase filter, which computes only what is kept.

    Both sides design the filter anew at each call.
    """
    from scipy.signal import firwin, resample_poly

    from autograder.reference.sampling import decimate

    for count, factor, half, grading in (
        (101, 4, 20, True),
        (8000, 4, 40, False),
        (48000, 6, 240, False),
    ):
        x = rng.standard_normal(count)
        yield Pair(
            "decimation",
            f"{count} samples, factor {factor}, {2 * half + 1} taps",
            "scipy.signal.resample_poly",
            lambda x=x, factor=factor, half=half: decimate(x, factor, half),
            lambda x=x, factor=factor, half=half: resample_poly(
                x, 1, factor, window=firwin(2 * half + 1, 1 / factor)
            ),
            grading=grading,
        )


def fourier(rng: np.random.Generator) -> Iterator[Pair]:
    """The fast transform against NumPy's, which is compiled and takes any length.

    A stage is five calls of NumPy here, whatever its length, and no call there: transforms of a few
    hundred samples take about ten times as long, those of 32768 about as long as NumPy's.
    """
    from autograder.reference.fourier import fft

    for N, grading in ((16, True), (256, True), (2**15, True), (2**18, False)):
        x = rng.standard_normal(N) + 1j * rng.standard_normal(N)
        yield Pair(
            "FFT",
            f"{N} samples",
            "numpy.fft.fft",
            lambda x=x: fft(x),
            lambda x=x: np.fft.fft(x),
            tolerance=1e-7,
            grading=grading,
        )


def fourier_convolution(rng: np.random.Generator) -> Iterator[Pair]:
    """Convolution block by block, against SciPy's."""
    from scipy.signal import oaconvolve

    from autograder.reference.fourier import overlap_add

    for N, M, block, grading in (
        (100, 9, 20, True),
        (8000, 400, 1000, False),
        (10**6, 8000, 2**15, False),
    ):
        x, h = rng.standard_normal(N), rng.standard_normal(M)
        yield Pair(
            "overlap-add",
            f"{N} samples, {M} taps",
            "scipy.signal.oaconvolve",
            lambda x=x, h=h, block=block: overlap_add(x, h, block),
            lambda x=x, h=h: oaconvolve(x, h),
            grading=grading,
        )


def fourier_frames(rng: np.random.Generator) -> Iterator[Pair]:
    """The short-time transform and its inverse, against librosa's."""
    import librosa
    from scipy.signal import get_window

    from autograder.reference.fourier import inverse_stft, stft

    for N, L, hop, grading in (
        (100, 16, 8, True),
        (16000, 512, 128, False),
        (480000, 1024, 256, False),
    ):
        x, w = rng.standard_normal(N), get_window("hann", L)
        X, size = stft(x, w, hop), f"{N} samples, window {L}"
        inside = slice(L, -L) if N > 3 * L else slice(hop, -hop)
        yield Pair(
            "STFT",
            size,
            "librosa.stft",
            lambda x=x, w=w, hop=hop: stft(x, w, hop),
            lambda x=x, w=w, hop=hop: (
                librosa.stft(
                    x, n_fft=len(w), hop_length=hop, window=w, center=False, dtype=np.complex128
                ).T
            ),
            grading=grading,
        )
        yield Pair(
            "inverse STFT",
            size,
            "librosa.istft",
            lambda X=X, w=w, hop=hop: inverse_stft(X, w, hop),
            lambda X=X, w=w, hop=hop: librosa.istft(
                X.T, n_fft=len(w), hop_length=hop, window=w, center=False
            ),
            grading=grading,
            compared=lambda y, inside=inside: y[inside],
        )


def tonality(rng: np.random.Generator) -> Iterator[Pair]:
    """Constant-Q spectra by the kernel, against the definition and librosa."""
    import librosa

    from autograder.reference import tonality as ours

    def by_definition(x: np.ndarray, hop: int, size: int, bins: tuple) -> np.ndarray:
        starts = range(0, len(x) - size + 1, hop)
        return np.array([ours.constant_q(x[start:], 22050, *bins) for start in starts])

    for count, length, grading in ((24, 4096, True), (60, 44100, False)):
        bins = ours.constant_q_bins(22050, 130.8, 12, count)
        kernel = ours.constant_q_kernel(22050, *bins, 4096)
        x = rng.standard_normal(length)
        yield Pair(
            "CQT by kernel",
            f"{length} samples, {count} bins",
            "the definition",
            lambda x=x, kernel=kernel: ours.constant_q_frames(x, kernel, 512),
            lambda x=x, bins=bins: by_definition(x, 512, 4096, bins),
            grading=grading,
        )
    n = np.arange(44100)
    x = np.sin(2 * np.pi * 440 * n / 22050)  # the transforms differ; the loudest bin does not
    yield Pair(
        "CQT by kernel",
        "44100 samples, 60 bins",
        "librosa.cqt",
        lambda: ours.constant_q_frames(x, kernel, 512),
        lambda: librosa.cqt(x, sr=22050, fmin=130.8, n_bins=60, hop_length=512).T,
        compared=lambda X: np.abs(X).mean(axis=0).argmax(),
    )
    for frames, grading in ((40, True), (400, False)):
        templates = rng.uniform(0.1, 1, (24, 12))
        chroma = rng.uniform(0.1, 1, (frames, 12))
        unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (chroma, templates)]
        likely = np.exp(9 * (unit[0] @ unit[1].T - 1)).T
        move = librosa.sequence.transition_loop(24, 0.8)
        yield Pair(
            "chord sequence",
            f"{frames} frames, 24 chords",
            "librosa.sequence.viterbi",
            lambda chroma=chroma, t=templates: ours.chord_sequence(chroma, t, 0.8, 9.0),
            lambda likely=likely, move=move: librosa.sequence.viterbi(likely, move),
            grading=grading,
        )


def features(rng: np.random.Generator) -> Iterator[Pair]:
    """Filterbank, cosine transform, coefficients and onsets, against librosa and SciPy."""
    import librosa
    from scipy.fft import dct

    from autograder.reference import features as ours

    def librosas_bank(bands: int, size: int) -> np.ndarray:
        return librosa.filters.mel(
            sr=16000, n_fft=size, n_mels=bands, htk=True, norm="slaney", dtype=float
        )

    for bands, size, frames, grading in ((12, 256, 6, True), (40, 512, 100, False)):
        bank = ours.mel_filterbank(bands, size, 16000, 0, 8000)
        x = rng.uniform(0.1, 1, (size // 2 + 1, frames))
        levels = 10 * np.log10(bank @ x**2)
        yield Pair(
            "mel filterbank",
            f"{bands} bands, size {size}",
            "librosa.filters.mel",
            lambda bands=bands, size=size: ours.mel_filterbank(bands, size, 16000, 0, 8000),
            lambda bands=bands, size=size: librosas_bank(bands, size),
            grading=grading,
        )
        yield Pair(
            "cosine transform",
            f"{bands} numbers",
            "scipy.fft.dct",
            lambda x=levels[:, 0]: ours.dct(x),
            lambda x=levels[:, 0]: dct(x) / np.sqrt(2 * len(x)),
            grading=grading,
        )
        yield Pair(
            "MFCC",
            f"{bands} bands, {frames} frames",
            "librosa, c[0] left out",
            lambda x=x, bank=bank: ours.mfcc(x, bank, 12)[1:],
            lambda x=x, bank=bank: librosa.feature.mfcc(
                S=librosa.power_to_db(bank @ x**2, top_db=None), n_mfcc=12
            )[1:],
            grading=grading,
        )
        yield Pair(
            "novelty",
            f"{size // 2 + 1} bins, {frames} frames",
            "librosa onset_strength, less its mean",
            lambda x=x: ours.novelty(x, 10, 2),
            lambda x=x: less_its_mean(
                len(x)
                * librosa.onset.onset_strength(S=np.log1p(10 * x), center=False, aggregate=np.mean)
            ),
            grading=grading,
        )


def less_its_mean(rises: np.ndarray) -> np.ndarray:
    """The rises above the mean of the five frames around, where there is more than that."""
    from scipy.ndimage import uniform_filter1d

    return np.maximum(rises - uniform_filter1d(rises, 5, mode="constant"), 0)


def learning(rng: np.random.Generator) -> Iterator[Pair]:
    """Gradient over all examples against PyTorch's autograd; averages against SciPy's filter."""
    import torch
    from scipy.signal import lfilter

    from autograder.reference.learning import exponential_average, logistic_gradient

    for M, D, grading in ((15, 3, True), (400, 2, True), (10_000, 240, False)):
        X, w = rng.normal(size=(M, D)), rng.normal(size=D)
        y = (X @ w + rng.normal(size=M) > 0).astype(float)

        def slopes(X=X, y=y, w=w) -> np.ndarray:
            weights = torch.tensor(w, requires_grad=True)
            z = torch.from_numpy(X) @ weights + 0.3
            cost = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.from_numpy(y))
            return torch.autograd.grad(cost, weights)[0].numpy()

        yield Pair(
            "logistic gradient",
            f"{M} examples, {D} features",
            "PyTorch's autograd",
            lambda X=X, y=y, w=w: logistic_gradient(X, y, w, 0.3)[1],
            slopes,
            grading=grading,
        )
    for T, grading in ((50, True), (5000, False)):
        x = rng.normal(size=T)
        yield Pair(
            "average",
            f"{T} numbers",
            "scipy.signal.lfilter",
            lambda x=x: exponential_average(x, 0.9)[0],
            lambda x=x: lfilter([1 - 0.9], [1, -0.9], x),
            grading=grading,
        )


def hifigan(rng: np.random.Generator) -> Iterator[Pair]:
    """Upsampling, fusion and the mel loss, against PyTorch and librosa."""
    import librosa
    import torch
    from torch.nn import functional as F

    from autograder.reference import hifigan as ours

    def turned(kernel: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(kernel.transpose(1, 2, 0)))

    for frames, C, stride, grading in ((6, 3, 2, True), (100, 64, 5, False)):
        x, W = rng.normal(size=(frames, C)), rng.normal(size=(2 * stride, C, C))
        signal, weight = torch.from_numpy(x.T.copy())[None], turned(W).transpose(0, 1)
        yield Pair(
            "transposed",
            f"{frames} frames, {C} channels, {stride} times",
            "torch conv_transpose1d",
            lambda x=x, W=W, s=stride: ours.transposed_convolution(x, W, s, s // 2),
            lambda x=signal, w=weight, s=stride: (
                F.conv_transpose1d(x, w, None, s, s // 2).numpy()[0].T
            ),
            grading=grading,
        )
    for frames, C, taps, grading in ((20, 3, (3, 5), True), (2000, 32, (3, 5, 7), False)):
        x = rng.normal(size=(frames, C))
        kernels = [rng.normal(size=(3, 1, k, C, C)) / np.sqrt(k * C) for k in taps]
        rates = np.array([[[1], [3], [5]]] * len(taps))

        def fused(x=x, kernels=kernels) -> np.ndarray:
            total = 0
            for kernel in kernels:
                v = torch.from_numpy(x.T.copy())[None]
                for rate, (W,) in zip((1, 3, 5), kernel):
                    v = v + F.conv1d(F.leaky_relu(v, 0.1), turned(W), padding="same", dilation=rate)
                total = total + v
            return total.numpy()[0].T

        yield Pair(
            "fusion",
            f"{frames} frames, {C} channels, {len(taps)} blocks",
            "torch conv1d",
            lambda x=x, kernels=kernels, rates=rates: ours.residual_fusion(x, kernels, rates),
            fused,
            grading=grading,
        )
    for count, n, hop, grading in ((120, 32, 8, True), (16_000, 512, 80, False)):
        sounds, window = rng.standard_normal((2, count)), np.hanning(n)
        bank = rng.random((20, n // 2 + 1))

        def by_librosa(sounds=sounds, bank=bank, window=window, n=n, hop=hop) -> float:
            X = librosa.stft(sounds, n_fft=n, hop_length=hop, window=window, center=False)
            natural, made = np.log(np.maximum(bank @ np.abs(X), 1e-5))
            return float(np.mean(np.abs(natural - made)))

        yield Pair(
            "mel loss",
            f"{count} samples, frames of {n}",
            "librosa.stft",
            lambda s=sounds, b=bank, w=window, hop=hop: ours.mel_loss(*s, b, w, hop),
            by_librosa,
            grading=grading,
        )


def tacotron(rng: np.random.Generator) -> Iterator[Pair]:
    """A step of attention, the post-net and the guided loss, against PyTorch."""
    import torch
    from torch.nn import functional as F

    from autograder.reference import tacotron as ours

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(size=shape) / np.sqrt(shape[0])

    for N, Q, E, A, grading in ((6, 4, 3, 5, True), (200, 1024, 512, 128, False)):
        given = (drawn(Q), rng.normal(size=(N, E)), rng.normal(size=(N, 8)))
        given += (drawn(Q, A), drawn(E, A), drawn(8, A), drawn(A), rng.normal(size=A))

        def attended(given=given) -> np.ndarray:
            q, memory, place, W, V, U, b, v = map(torch.from_numpy, given)
            energies = torch.tanh(q @ W + memory @ V + place @ U + b) @ v
            return (torch.softmax(energies, 0) @ memory).numpy()

        yield Pair(
            "attention step",
            f"{N} letters, state of {Q}",
            "torch",
            lambda given=given: ours.attention_step(*given)[2],
            attended,
            grading=grading,
        )
    for T, M, H, grading in ((10, 4, 6, True), (400, 80, 256, False)):
        before, target = rng.normal(size=(2, T, M))
        kernels = [drawn(5, M, H), drawn(5, H, M)]

        def corrected(before=before, kernels=kernels) -> np.ndarray:
            x = torch.from_numpy(before.T.copy())[None]
            first, last = (torch.from_numpy(W.transpose(2, 1, 0).copy()) for W in kernels)
            x = F.conv1d(torch.tanh(F.conv1d(x, first, padding=2)), last, padding=2)
            return before + x.numpy()[0].T

        yield Pair(
            "post-net",
            f"{T} frames of {M} bands",
            "torch conv1d",
            lambda b=before, k=kernels, t=target: ours.postnet_residual(b, k, t)[0],
            corrected,
            grading=grading,
        )
    for S, N, grading in ((8, 5, True), (800, 150, False)):
        energies = rng.normal(size=(S, N))

        def slopes(energies=energies, S=S, N=N) -> np.ndarray:
            e = torch.tensor(energies, requires_grad=True)
            apart = torch.arange(N).double() / N - torch.arange(S).double()[:, None] / S
            loss = (torch.softmax(e, 1) * (1 - torch.exp(-(apart**2) / 0.08))).mean()
            return torch.autograd.grad(loss, e)[0].numpy()

        yield Pair(
            "guided attention",
            f"{S} steps, {N} letters",
            "PyTorch's autograd",
            lambda e=energies: ours.guided_attention_loss(e)[1],
            slopes,
            grading=grading,
        )


KERNELS = {
    "sampling": (sampling,),
    "fourier": (fourier, fourier_convolution, fourier_frames),
    "features": (features,),
    "tonality": (tonality,),
    "lpc": (lpc, lpc_frame),
    "hmm": (hmm,),
    "dtw": (dtw,),
    "learning": (learning,),
    "ctc": (ctc,),
    "attention": (attention,),
    "wavenet": (wavenet,),
    "tacotron": (tacotron,),
    "waveglow": (waveglow,),
    "hifigan": (hifigan,),
}


def main() -> None:
    """Print a line for each pair; exits 1 if two results differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kernel", nargs="*", help=f"of {', '.join(KERNELS)} (default: all)")
    names = parser.parse_args().kernel or list(KERNELS)
    if unknown := sorted(set(names) - set(KERNELS)):
        parser.error(f"no kernel {', '.join(unknown)}; there are {', '.join(KERNELS)}")
    head = f"{'kernel':20s}{'size':38s}{'ours, ms':>10s}{'peer, ms':>10s}{'ratio':>8s}"
    print(f"{head}{'difference':>12s}  peer   (* the size that grading uses)")
    for name in names:
        for make in KERNELS[name]:
            for pair in make(np.random.default_rng(0)):
                mine, other, difference = ratio(pair)
                size = f"{pair.size} *" if pair.grading else pair.size
                print(
                    f"{pair.kernel:20s}{size:38s}{mine:10.3f}{other:10.3f}{mine / other:8.1f}"
                    f"{difference:12.1e}  {pair.peer}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
