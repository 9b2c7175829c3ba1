"""Applications: cleaning speech, finding and telling apart speakers, recognising a recording,
aligning a text, and the measures by which such systems are compared.

Short-time Fourier transforms have one frame a row: shape (T, K), for T frames and K bins. Frames,
bins and everything else that is counted begin at 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from autograder.reference.inputs import finite_array


def spectral_subtraction(
    X: ArrayLike, noise_power: ArrayLike, over: float = 1.0, floor: float = 0.01
) -> np.ndarray:
    """The spectra of noisy speech after the power of the noise is taken off.

    In each bin, `over` times the noise power is subtracted from the power |X|^2. What is left is
    not allowed to fall below `floor` times the noise power: less than that becomes exactly that.
    The phase stays that of the noisy spectrum; a value of X that is zero stays zero.

    Parameters
    ----------
    X : array_like, shape (T, K)
        Short-time Fourier transform of the noisy speech, complex.
    noise_power : array_like, shape (K,)
        Mean power |N|^2 of the noise in each bin, not negative, in the square of the units of X.
    over : float
        How many times the noise power is taken off (alpha), at least 0.
    floor : float
        Which share of the noise power stays at least (beta), at least 0.

    Returns
    -------
    S : ndarray, shape (T, K)
        Complex, in the units of X.

    Raises
    ------
    ValueError
        If the number of bins differs, if a power, `over` or `floor` is negative, or if an array is
        empty or not finite.

    References
    ----------
    Boll (1979), "Suppression of acoustic noise in speech using spectral subtraction"; Berouti,
    Schwartz and Makhoul (1979), "Enhancement of speech corrupted by acoustic noise".
    """
    X = np.array(X, dtype=complex)
    power = finite_array(np.abs(X) ** 2, "the power of X", 2)
    noise_power = finite_array(noise_power, "noise_power")
    if len(noise_power) != X.shape[1]:
        raise ValueError("noise_power must have one value for each bin of X")
    if np.min(noise_power) < 0 or not (over >= 0 and floor >= 0):
        raise ValueError("noise_power, over and floor must not be negative")
    left = np.maximum(power - over * noise_power, floor * noise_power)
    return X * np.sqrt(np.divide(left, power, out=np.zeros_like(power), where=power > 0))


def ideal_ratio_mask(speech: ArrayLike, noise: ArrayLike, exponent: float = 0.5) -> np.ndarray:
    """How much of each bin of a mixture to let through, if speech and noise are known apart.

    It is the share that the power of the speech has in the sum of the two powers, raised to the
    exponent. Where both powers are zero, nothing is let through.

    Parameters
    ----------
    speech, noise : array_like, shape (T, K)
        Short-time Fourier transforms S and N, complex, in the same units.
    exponent : float
        Above 0.

    Returns
    -------
    mask : ndarray, shape (T, K)
        From 0 to 1.

    Raises
    ------
    ValueError
        If the two have different shapes, if one is empty or not finite, or if the exponent is not
        above 0.

    References
    ----------
    Wang, Narayanan and Wang (2014), "On training targets for supervised speech separation",
    equation (3).
    """
    speech_power, noise_power = (
        finite_array(np.abs(np.array(part, dtype=complex)) ** 2, f"the power of the {name}", 2)
        for part, name in ((speech, "speech"), (noise, "noise"))
    )
    if speech_power.shape != noise_power.shape:
        raise ValueError("speech and noise must have the same shape")
    if not 0 < exponent < np.inf:
        raise ValueError("the exponent must be above 0")
    both = speech_power + noise_power
    return np.divide(speech_power, both, out=np.zeros_like(both), where=both > 0) ** exponent


def si_sdr(estimate: ArrayLike, reference: ArrayLike) -> float:
    """Scale-invariant signal-to-distortion ratio in decibels.

    The target is the multiple of the reference that is nearest to the estimate (least squares), the
    distortion is what the estimate has besides. The ratio is that of their energies: an estimate
    that is only louder or softer loses nothing. No mean is taken off.

    Parameters
    ----------
    estimate : array_like, shape (N,)
        What a system gives for the signal.
    reference : array_like, shape (N,)
        The signal as it should be.

    Returns
    -------
    ratio : float
        In dB.

    Raises
    ------
    ValueError
        If the two have different lengths, if the reference is silent, if the estimate holds nothing
        of the reference, or if it is exactly a multiple of it: zero has no level in decibels.

    References
    ----------
    Le Roux, Wisdom, Erdogan and Hershey (2019), "SDR - half-baked or well done?", equation (4).
    """
    estimate, reference = finite_array(estimate, "estimate"), finite_array(reference, "reference")
    if len(estimate) != len(reference):
        raise ValueError("estimate and reference must have the same length")
    if not np.any(reference):
        raise ValueError("the reference must not be silent")
    target = (estimate @ reference) / (reference @ reference) * reference
    wanted, distortion = np.sum(target**2), np.sum((estimate - target) ** 2)
    if wanted == 0 or distortion == 0:
        raise ValueError("neither the target nor the distortion may be zero everywhere")
    return float(10 * np.log10(wanted / distortion))


def speech_activity(
    x: ArrayLike, size: int, hop: int, threshold: float, hangover: int
) -> np.ndarray:
    """In which frames somebody speaks, by energy.

    Frame t holds `size` samples from sample t * hop on; only frames that lie inside the signal
    count. A frame is loud if its energy is at most `threshold` decibels below that of the loudest
    frame. Soft ends of words are kept by a hangover: the `hangover` frames after a loud one count
    as speech too, whatever their energy.

    Parameters
    ----------
    x : array_like, shape (N,)
        The signal.
    size : int
        Samples a frame, 1 to N.
    hop : int
        Samples from one frame to the next, at least 1.
    threshold : float
        In dB, not negative.
    hangover : int
        In frames, at least 0.

    Returns
    -------
    active : ndarray of bool, shape (T,)
        True for speech; T = (N - size) // hop + 1.

    Raises
    ------
    ValueError
        If a frame is longer than the signal, if a number is too small, if every frame is silent, or
        if x is empty or not finite.

    References
    ----------
    Rabiner and Sambur (1975), "An algorithm for determining the endpoints of isolated utterances".
    """
    x = finite_array(x, "x")
    if not 1 <= size <= len(x) or hop < 1:
        raise ValueError("size must be 1 to the length of x, and hop at least 1")
    if not threshold >= 0 or hangover < 0:
        raise ValueError("threshold and hangover must not be negative")
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop]
    energy = np.sum(frames**2, axis=1)
    if not np.any(energy):
        raise ValueError("at least one frame must not be silent")
    loud = energy >= np.max(energy) * 10 ** (-threshold / 10)
    return np.convolve(loud, np.ones(hangover + 1))[: len(loud)] > 0.5


def equal_error_rate(scores: ArrayLike, same: ArrayLike) -> float:
    """The error rate of a verification system at the threshold where both kinds are equal.

    A trial is accepted if its score is at least the threshold. The false rejection rate is the
    share of the trials of the same speaker that are not accepted, the false acceptance rate the
    share of the others that are. Each threshold gives a point of the two rates; as it rises from
    below all scores to above them, the points go from (1, 0) to (0, 1) of (false acceptance, false
    rejection). They are joined by straight lines, and the answer is the rate where this line has
    both rates equal. Trials of the same score are accepted together.

    Parameters
    ----------
    scores : array_like, shape (N,)
        A higher score speaks for the same speaker.
    same : array_like of bool, shape (N,)
        True or 1 where it is the same speaker, False or 0 where it is not.

    Returns
    -------
    rate : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the two have different lengths, if `same` has other values, if there are trials of one
        kind only, or if an array is empty or not finite.

    References
    ----------
    Martin et al. (1997), "The DET curve in assessment of detection task performance".
    """
    scores, same = finite_array(scores, "scores"), finite_array(same, "same")
    if len(scores) != len(same):
        raise ValueError("scores and same must have the same length")
    if not np.array_equal(np.unique(same), [0, 1]):
        raise ValueError("same must hold 0 and 1, both of them and nothing else")
    thresholds = np.append(np.unique(scores), np.inf)[:, None]
    rejected = np.mean(scores[same == 1] < thresholds, axis=1)
    accepted = np.mean(scores[same == 0] >= thresholds, axis=1)
    return float(np.interp(0, rejected - accepted, rejected))


def diarization_error(
    reference: ArrayLike, hypothesis: ArrayLike
) -> tuple[float, float, float, float]:
    """Diarization error rate, and what it is made of: who spoke when, compared frame by frame.

    A system names the speakers in its own way, so each speaker of the hypothesis is first given to
    one speaker of the reference at most, and to each of them one at most, such that as much speech
    as possible is right. Then, in a frame where R speakers talk and H are found, C of them the
    right ones, max(R - H, 0) are missed, max(H - R, 0) are false alarms, and min(R, H) - C are
    confused. Speech is counted by frame and speaker: two at once count twice.

    Parameters
    ----------
    reference : array_like of bool, shape (T, A)
        Who talks: one frame a row, one speaker a column, True or 1 where the speaker talks.
    hypothesis : array_like of bool, shape (T, B)
        Who is found to talk, with speakers of its own number and order.

    Returns
    -------
    error : float
        The sum of the other three; it may be above 1.
    missed, false_alarm, confusion : float
        Each divided by all speech of the reference.

    Raises
    ------
    ValueError
        If the two have different numbers of frames, if one is empty or has values that are neither
        0 nor 1, or if nobody talks in the reference.

    References
    ----------
    NIST (2009), "The 2009 RT evaluation plan", section 6.1; without a collar.
    """
    reference = finite_array(reference, "reference", 2)
    hypothesis = finite_array(hypothesis, "hypothesis", 2)
    if len(reference) != len(hypothesis):
        raise ValueError("reference and hypothesis must have the same number of frames")
    if not (np.all(reference**2 == reference) and np.all(hypothesis**2 == hypothesis)):
        raise ValueError("reference and hypothesis must hold 0 and 1 only")
    if not np.any(reference):
        raise ValueError("somebody must talk in the reference")
    together = reference.T @ hypothesis
    right = np.sum(together[linear_sum_assignment(together, maximize=True)])
    talking, found = np.sum(reference, axis=1), np.sum(hypothesis, axis=1)
    total = np.sum(talking)
    missed = float(np.sum(np.maximum(talking - found, 0)) / total)
    false_alarm = float(np.sum(np.maximum(found - talking, 0)) / total)
    confusion = float((np.sum(np.minimum(talking, found)) - right) / total)
    return missed + false_alarm + confusion, missed, false_alarm, confusion


def fingerprint_hashes(
    peaks: ArrayLike, bins: int, fan: int = 5, reach: int = 63
) -> tuple[np.ndarray, np.ndarray]:
    """Hashes of pairs of spectral peaks, and when they occur.

    The peaks are put in order of time, those of one frame in order of frequency. Each is paired
    with peaks that come after it: with the first `fan` of those, in that order, that lie 1 to
    `reach` frames later (with fewer where there are fewer). A pair of the bins f and g, d frames
    apart, has the hash

        (f * bins + g) * (reach + 1) + d,

    f being the bin of the earlier peak, and occurs at the time of the earlier peak.

    Parameters
    ----------
    peaks : array_like of int, shape (P, 2)
        Frame and bin of each peak, in any order, none of them twice.
    bins : int
        How many bins there are: those of the peaks are 0 ... bins - 1.
    fan : int
        At least 1.
    reach : int
        In frames, at least 1.

    Returns
    -------
    hashes : ndarray of int, shape (H,)
        In order of the earlier peak, then of the later one. H may be 0.
    times : ndarray of int, shape (H,)
        The frame in which each occurs.

    Raises
    ------
    ValueError
        If there is no peak, if frames or bins are not whole numbers from 0 on, if a bin is too
        high, or if `fan` or `reach` is below 1.

    References
    ----------
    Wang (2003), "An industrial-strength audio search algorithm", section 2.2.
    """
    peaks = finite_array(peaks, "peaks", 2)
    if peaks.shape[1] != 2 or np.any(peaks % 1) or np.min(peaks) < 0 or np.max(peaks[:, 1]) >= bins:
        raise ValueError("each peak must be a frame and a bin, whole numbers from 0 on, below bins")
    if fan < 1 or reach < 1:
        raise ValueError("fan and reach must be at least 1")
    ordered = sorted((int(frame), int(k)) for frame, k in peaks)
    pairs = []
    for i, (frame, f) in enumerate(ordered):
        near = [(g, t - frame) for t, g in ordered[i + 1 :] if 1 <= t - frame <= reach]
        pairs += [((f * bins + g) * (reach + 1) + d, frame) for g, d in near[:fan]]
    hashes, times = np.array(pairs, dtype=int).reshape(-1, 2).T
    return hashes, times


def fingerprint_match(
    hashes: ArrayLike, times: ArrayLike, library: list[tuple[ArrayLike, ArrayLike]]
) -> tuple[int, int, int]:
    """The recording of a library that a short piece of sound comes from, and from where in it.

    If a hash of the piece also occurs in a recording, the two times have a difference: recording
    minus piece. Each pair of a hash in the piece and the same hash in the recording is one vote for
    its recording and its difference. The recording and difference with the most votes win; of
    equally many votes the recording that comes first in the library, and in it the smallest
    difference.

    Parameters
    ----------
    hashes, times : array_like of int, shape (H,)
        Hashes of the piece, and the frames in which they occur.
    library : list of pairs of array_like of int
        Hashes and times of each recording, of any length; those of a recording may be empty.

    Returns
    -------
    recording : int
        Its place in the library, from 0 on.
    offset : int
        The difference in frames: where in the recording the piece begins. May be negative.
    votes : int
        How many there are for it.

    Raises
    ------
    ValueError
        If hashes and times have different lengths, if they are empty or not finite, or if no
        recording has any of the hashes.

    References
    ----------
    Wang (2003), section 2.3.
    """
    hashes, times = finite_array(hashes, "hashes"), finite_array(times, "times")
    if len(hashes) != len(times):
        raise ValueError("hashes and times must have the same length")
    best = (-1, 0, 0)
    for place, (theirs, when) in enumerate(library):
        ours, other = np.nonzero(hashes[:, None] == np.asarray(theirs))
        offsets, votes = np.unique(np.asarray(when)[other] - times[ours], return_counts=True)
        if np.max(votes, initial=0) > best[2]:
            most = np.argmax(votes)
            best = (place, int(offsets[most]), int(votes[most]))
    if best[2] == 0:
        raise ValueError("at least one of the hashes must occur in the library")
    return best


def forced_alignment(log_y: ArrayLike, label: ArrayLike) -> tuple[np.ndarray, float]:
    """Where each class of a known text is said: the best path of connectionist temporal
    classification that spells it.

    A path has one class a frame; class 0 is the blank. It spells the label if the label is left
    when runs of the same class become one and then the blanks are left out: two equal classes in a
    row need a blank between them. Of all paths that spell the label, the one whose product of
    outputs is largest is the alignment. (No two paths are equally good.)

    Parameters
    ----------
    log_y : array_like, shape (T, K)
        Logarithms of the outputs of a network for K classes, blank included, in T frames. They need
        not be normalised.
    label : array_like of int, shape (L,)
        The classes of the text, each from 1 to K - 1, without blanks.

    Returns
    -------
    spans : ndarray of int, shape (L, 2)
        For each class of the label the frame in which its run begins, and the frame after the one
        in which it ends.
    log_probability : float
        Natural logarithm of the product of the path's outputs.

    Raises
    ------
    ValueError
        If log_y or the label is empty or not finite, if the label has a value that is not one of
        the classes 1 to K - 1, or if the label needs more frames than there are.

    References
    ----------
    Graves et al. (2006), "Connectionist temporal classification", section 4.1, with the largest
    path in place of the sum; Kuerzinger et al. (2020), "CTC-segmentation of large corpora for
    German end-to-end speech recognition".
    """
    log_y, label = finite_array(log_y, "log_y", 2), finite_array(label, "label")
    (T, K), L = log_y.shape, len(label)
    if np.any(label % 1) or np.min(label) < 1 or np.max(label) >= K:
        raise ValueError("the label must hold whole numbers from 1 to the last class")
    if T < L + np.sum(label[1:] == label[:-1]):
        raise ValueError("the label must fit the frames")
    places = np.zeros(2 * L + 1, dtype=int)
    places[1::2] = label
    best = np.full(2 * L + 1, -np.inf)
    best[:2] = log_y[0, places[:2]]
    steps = np.zeros((T, 2 * L + 1), dtype=int)  # how many places were gone on to come here
    for t in range(1, T):
        come = np.full((3, 2 * L + 1), -np.inf)
        come[0], come[1, 1:] = best, best[:-1]
        come[2, 3::2] = np.where(label[1:] != label[:-1], best[1:-2:2], -np.inf)
        steps[t] = np.argmax(come, axis=0)
        best = np.max(come, axis=0) + log_y[t, places]
    place = 2 * L - 1 + int(best[-1] > best[-2])
    log_probability, taken = float(best[place]), [place]
    for t in range(T - 1, 0, -1):
        taken.append(taken[-1] - steps[t, taken[-1]])
    taken = np.array(taken[::-1])
    begins = [np.argmax(taken == s) for s in range(1, 2 * L, 2)]
    lengths = [np.sum(taken == s) for s in range(1, 2 * L, 2)]
    return np.stack([begins, np.add(begins, lengths)], axis=1), log_probability


def note_f_measure(
    reference: ArrayLike, estimate: ArrayLike, time: float = 0.05, pitch: float = 0.5
) -> tuple[float, float, float]:
    """Precision, recall and F-measure of the notes that a transcription has found.

    A note of the estimate may stand for a note of the reference if their onsets differ by at most
    `time` and their pitches by at most `pitch`. Each note is used at most once: the pairs are
    chosen such that there are as many as possible. Precision is the number of pairs divided by that
    of the estimated notes, recall divided by that of the notes of the reference, and the F-measure
    is the harmonic mean of the two, 0 if there is no pair. When notes end does not count.

    Parameters
    ----------
    reference : array_like, shape (N, 2)
        The notes that are played: onset in seconds, and pitch in semitones (60 is middle C).
    estimate : array_like, shape (M, 2)
        The notes that are found, in the same form. No order is needed.
    time : float
        In seconds, not negative.
    pitch : float
        In semitones, not negative.

    Returns
    -------
    precision, recall, f_measure : float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there are no notes on one side, if a note has not two numbers, if one is not finite, or
        if a tolerance is negative.

    References
    ----------
    Bay, Ehmann and Downie (2009), "Evaluation of multiple-F0 estimation and tracking systems",
    section 3; Raffel et al. (2014), "mir_eval".
    """
    reference = finite_array(reference, "reference", 2)
    estimate = finite_array(estimate, "estimate", 2)
    if reference.shape[1] != 2 or estimate.shape[1] != 2:
        raise ValueError("each note must have two numbers, its onset and its pitch")
    if not (time >= 0 and pitch >= 0):
        raise ValueError("neither tolerance may be negative")
    apart = np.abs(reference[:, None] - estimate)
    fits = (apart[..., 0] <= time) & (apart[..., 1] <= pitch)
    pairs = int(np.sum(fits[linear_sum_assignment(fits, maximize=True)]))
    precision, recall = pairs / len(estimate), pairs / len(reference)
    return precision, recall, 2 * pairs / (len(estimate) + len(reference))
