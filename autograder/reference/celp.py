"""Code-excited linear prediction: weighting, search, the two codebooks, a frame there and back.

`a` holds the predictor a_1 ... a_p, as in linear prediction: speech is
s[n] = e[n] + a_1 s[n-1] + ... + a_p s[n-p] with the excitation e. Whatever "comes before" a frame
is given oldest sample first, so that its last sample is the one just before the frame.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike
from scipy import signal

from autograder.reference.inputs import finite_array

SHORTEST = 20  # samples: the shortest lag that is sent


def weighted_coefficients(a: ArrayLike, alpha: float) -> np.ndarray:
    """The p numbers that turn an excitation straight into weighted speech, once a frame.

    With P(z) = sum over m of a_m z^-m, speech is S(z) = E(z) / (1 - P(z)), and weighted speech
    is Y(z) = S(z) (1 - P(z)) / (1 - P(z / alpha)). Return the c_1 ... c_p for which

        y[n] = e[n] + c_1 y[n-1] + ... + c_p y[n-p].

    Parameters
    ----------
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p.
    alpha : float
        The weighting, 0 <= alpha <= 1: 1 weighs all frequencies alike.

    Returns
    -------
    c : ndarray, shape (p,)

    Raises
    ------
    ValueError
        If alpha lies outside 0 ... 1.

    References
    ----------
    Atal and Schroeder (1979), "Predictive coding of speech signals and subjective error criteria".
    """
    a = finite_array(a, "a")
    if not 0 <= alpha <= 1:
        raise ValueError("alpha must lie from 0 to 1")
    return a * alpha ** np.arange(1, len(a) + 1)


def weighted_synthesis(excitations: ArrayLike, c: ArrayLike) -> np.ndarray:
    """The weighted speech of every candidate excitation, at p multiplications a sample.

    For each candidate k, y_k[n] = e_k[n] + c_1 y_k[n-1] + ... + c_p y_k[n-p], from rest: samples
    before the first one are zero. N may be many thousand, so that a matrix of N by N numbers does
    not fit into the memory that the function is given.

    Parameters
    ----------
    excitations : array_like, shape (K, N)
        Row k is e_k.
    c : array_like, shape (p,)
        The coefficients c_1 ... c_p; p may exceed N.

    Returns
    -------
    y : ndarray, shape (K, N)

    Raises
    ------
    ValueError
        If excitations is no matrix.

    References
    ----------
    Schroeder and Atal (1985), "Code-excited linear prediction".
    """
    excitations, c = finite_array(excitations, "excitations", 2), finite_array(c, "c")
    (K, N), p = excitations.shape, len(c)
    y = np.zeros((K, p + N))
    for n in range(N):
        y[:, p + n] = excitations[:, n] + y[:, n : n + p] @ c[::-1]
    return y[:, p:]


def search_codebook(target: ArrayLike, candidates: ArrayLike) -> tuple[int, float, float]:
    """The candidate that, with the gain that suits it best, comes nearest to the target.

    Every candidate y_k is tried with its own best gain g_k, the real number of either sign for
    which the error, the sum over n of (target[n] - g_k y_k[n])^2, is least. The winner is the
    candidate whose error is least then. A candidate of zeros has gain 0; of equals the first wins.

    Parameters
    ----------
    target : array_like, shape (N,)
        What should come out (weighted).
    candidates : array_like, shape (K, N)
        Row k is y_k (weighted).

    Returns
    -------
    k : int
        Number of the winner, counted from 0.
    gain : float
    error : float
        The winner's sum of squared errors.

    Raises
    ------
    ValueError
        If there are no candidates, or if they are not as long as the target.

    References
    ----------
    Schroeder and Atal (1985).
    """
    target, candidates = finite_array(target, "target"), finite_array(candidates, "candidates", 2)
    if candidates.shape[1] != len(target):
        raise ValueError("candidates must be as long as the target")
    match, energy = candidates @ target, np.sum(candidates**2, axis=1)
    gains = np.divide(match, energy, out=np.zeros(len(match)), where=energy > 0)
    k = int(np.argmax(gains * match))
    error = np.sum((target - gains[k] * candidates[k]) ** 2)
    return k, float(gains[k]), float(error)


def pitch_predictor(
    x: ArrayLike, past: ArrayLike, shortest: int, longest: int
) -> tuple[int, float, float]:
    """The long-term predictor of a frame: the lag and the gain that leave the least error.

    x[n] is predicted by gain * x[n - lag]. Where n - lag is negative, x[n - lag] is a sample of
    `past`; a lag shorter than the frame also uses samples of the frame itself.

    Parameters
    ----------
    x : array_like, shape (N,)
        The frame, usually of a residual.
    past : array_like, shape (M,)
        The samples before it: past[-1] is x[-1] of the formula above.
    shortest, longest : int
        The range of lags in samples, 1 <= shortest <= longest <= M; both ends are tried.

    Returns
    -------
    lag : int
        The smallest, if several are equally good. A lag that finds nothing but zeros has gain 0.
    gain : float
        Of either sign.
    error : float
        The sum of the squared errors of the prediction.

    Raises
    ------
    ValueError
        If the lags are not as said.

    References
    ----------
    Atal and Schroeder (1970), "Adaptive predictive coding of speech signals".
    """
    x, past = finite_array(x, "x"), finite_array(past, "past")
    if not 1 <= shortest <= longest <= len(past):
        raise ValueError("lags must lie between 1 and the length of the past")
    whole, best = np.append(past, x), (shortest, 0.0, np.inf)
    for lag in range(shortest, longest + 1):
        before = whole[len(past) - lag : len(whole) - lag]
        energy = before @ before
        gain = (x @ before) / energy if energy > 0 else 0.0
        error = np.sum((x - gain * before) ** 2)
        if error < best[2]:
            best = (lag, float(gain), float(error))
    return best


def adaptive_codebook(past: ArrayLike, shortest: int, longest: int, length: int) -> np.ndarray:
    """One code for every lag: the past excitation, taken up again one lag ago.

    The code of a lag is v[n] = past excitation at n - lag, for n = 0 ... length-1. What is asked
    for beyond the end of the past is not known to the decoder yet; there, v repeats itself:
    v[n] = v[n - lag].

    Parameters
    ----------
    past : array_like, shape (M,)
        The excitation so far: past[-1] is the sample before n = 0.
    shortest, longest : int
        The range of lags in samples, 1 <= shortest <= longest <= M; both ends have a code.
    length : int
        Samples of a code.

    Returns
    -------
    codes : ndarray, shape (longest - shortest + 1, length)
        Row i belongs to the lag shortest + i.

    Raises
    ------
    ValueError
        If the lags are not as said.

    References
    ----------
    Kleijn, Krasinski and Ketchum (1988); FED-STD 1016, section 3.4.
    """
    past = finite_array(past, "past")
    if not 1 <= shortest <= longest <= len(past):
        raise ValueError("lags must lie between 1 and the length of the past")
    codes = [np.resize(past[-lag:], length) for lag in range(shortest, longest + 1)]
    return np.array(codes)


def decode_frame(
    numbers: ArrayLike,
    a: ArrayLike,
    tables: Mapping[str, ArrayLike],
    excitation: ArrayLike,
    speech: ArrayLike,
) -> tuple[np.ndarray, np.ndarray]:
    """The speech of one frame, from the numbers that were sent.

    Row j of the numbers is subframe j, in four whole numbers that count from 0: lag - SHORTEST,
    number of the pitch gain, number of the code, number of the code gain. The excitation of the
    subframe is

        pitch gain * v[n]  +  code gain * code[n],

    where v repeats the excitation of one lag ago (as in the adaptive codebook: where the lag is
    shorter than the subframe, v[n] = v[n - lag]). It drives s[n] = e[n] + sum a_m s[n-m]. Both the
    excitation and the speech go on from where the last subframe, or the last frame, ended.

    Parameters
    ----------
    numbers : array_like of int, shape (J, 4)
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p, for the whole frame.
    tables : mapping
        "codes", shape (K, N): the stochastic codebook, N samples a subframe; "pitch_gains" and
        "code_gains", vectors.
    excitation : array_like, shape (M,)
        The excitation before the frame; no lag is longer than M.
    speech : array_like, shape (p,)
        The p samples of speech before the frame.

    Returns
    -------
    s : ndarray, shape (J * N,)
        The speech of the frame.
    excitation : ndarray, shape (M,)
        The last M samples of excitation, those of this frame included: what the next frame needs.

    Raises
    ------
    ValueError
        If a number points outside its table or before the start of the excitation: a line may
        have garbled it.

    References
    ----------
    FED-STD 1016 (1991), section 3.
    """
    a, speech = finite_array(a, "a"), finite_array(speech, "speech")
    past, codes = finite_array(excitation, "excitation"), np.asarray(tables["codes"], dtype=float)
    sizes = [len(past) - SHORTEST + 1, len(tables["pitch_gains"])]
    sizes += [len(codes), len(tables["code_gains"])]
    if np.any(np.asarray(numbers) < 0) or np.any(np.asarray(numbers) >= sizes):
        raise ValueError("a number points outside its table")
    N, M, s = codes.shape[1], len(past), list(speech)
    for shift, g, k, h in np.asarray(numbers, dtype=int):
        repeated = np.resize(past[-(SHORTEST + shift) :], N)
        e = tables["pitch_gains"][g] * repeated + tables["code_gains"][h] * codes[k]
        for n in range(N):
            s.append(e[n] + a @ s[: -len(a) - 1 : -1])
        past = np.append(past, e)[-M:]
    return np.array(s[len(a) :]), past


def encode_frame(
    s: ArrayLike,
    a: ArrayLike,
    alpha: float,
    tables: Mapping[str, ArrayLike],
    memory: Mapping[str, ArrayLike],
) -> np.ndarray:
    """The numbers to send for one frame of speech: analysis by synthesis, in two steps.

    The encoder carries the decoder inside itself. For each subframe in turn:

    1. the target is the weighted error that there would be if the excitation were zero, that is,
       s minus what the decoder's synthesis filter then rings on with, filtered by
       W(z) = (1 - P(z)) / (1 - P(z / alpha)); both filters go on from their memories;
    2. adaptive codebook (lags SHORTEST to M): of all codes, each filtered from rest by
       1 / (1 - P(z / alpha)), the one that with its best gain of either sign leaves the least
       squared error; then the number of the pitch gain that is nearest to that best gain;
    3. what this code with this tabled gain contributes is taken off the target, and step 2 is done
       for the stochastic codebook and its gains;
    4. both excitations are added, the decoder's part is run, and all memories move on.

    A code of zeros counts as one with best gain 0; of equals the first wins.

    Parameters
    ----------
    s : array_like, shape (J * N,)
        The frame: J subframes of N samples.
    a : array_like, shape (p,)
        Predictor coefficients a_1 ... a_p, for the whole frame.
    alpha : float
        The weighting, 0 <= alpha <= 1.
    tables : mapping
        "codes", shape (K, N), "pitch_gains" and "code_gains", vectors.
    memory : mapping
        What was just before the frame: "excitation", shape (M,), M >= SHORTEST; "speech", shape
        (p,), what the decoder said; "error", shape (p,), the true speech minus that; "weighted",
        shape (p,), that error filtered by W.

    Returns
    -------
    numbers : ndarray of int, shape (J, 4)
        For each subframe lag - SHORTEST, number of the pitch gain, of the code, of the code gain.

    Raises
    ------
    ValueError
        If alpha lies outside 0 ... 1, if s is no whole number of subframes, or if the past
        excitation is shorter than SHORTEST.

    References
    ----------
    FED-STD 1016 (1991), section 3; Schroeder and Atal (1985).
    """
    s, a = finite_array(s, "s"), finite_array(a, "a")
    codes, p = np.asarray(tables["codes"], dtype=float), len(a)
    N = codes.shape[1]
    if not 0 <= alpha <= 1 or len(s) % N or len(memory["excitation"]) < SHORTEST:
        raise ValueError("alpha must lie from 0 to 1, s hold whole subframes, a lag fit the past")
    names = ("excitation", "speech", "error", "weighted")
    past, said, error, weighted = (np.array(memory[name], dtype=float) for name in names)
    plain = np.append(1.0, -a)
    bent = np.append(1.0, -a * alpha ** np.arange(1, p + 1))
    numbers = []
    for now in s.reshape(-1, N):
        ringing = signal.lfiltic([1.0], plain, said[::-1])
        missing = now - signal.lfilter([1.0], plain, np.zeros(N), zi=ringing)[0]
        state = signal.lfiltic(plain, bent, weighted[::-1], error[::-1])
        target = signal.lfilter(plain, bent, missing, zi=state)[0]
        lags = range(SHORTEST, len(past) + 1)
        repeats = np.array([np.resize(past[-lag:], N) for lag in lags])
        excitation = np.zeros(N)
        for book, gains in ((repeats, "pitch_gains"), (codes, "code_gains")):
            y = signal.lfilter([1.0], bent, book)
            match, energy = y @ target, np.sum(y**2, axis=1)
            ideal = np.divide(match, energy, out=np.zeros(len(book)), where=energy > 0)
            k = int(np.argmax(ideal * match))
            g = int(np.argmin(np.abs(np.asarray(tables[gains]) - ideal[k])))
            target = target - tables[gains][g] * y[k]
            excitation = excitation + tables[gains][g] * book[k]
            numbers += [k, g]
        spoken = signal.lfilter([1.0], plain, excitation, zi=ringing)[0]
        said, past = np.append(said, spoken)[-p:], np.append(past, excitation)[-len(past) :]
        error, weighted = np.append(error, now - spoken)[-p:], np.append(weighted, target)[-p:]
    return np.array(numbers).reshape(-1, 4)
