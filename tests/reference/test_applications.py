"""The references of the chapter on applications against SciPy, sklearn, librosa, enumeration,
tables by hand and statistics."""

from collections import Counter
from itertools import groupby, permutations, product

import librosa
import numpy as np
import pytest
from pyannote.core import Annotation, Segment
from pyannote.metrics.diarization import DiarizationErrorRate
from scipy import interpolate, ndimage, optimize, signal, special, stats
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from sklearn.metrics import det_curve, precision_recall_fscore_support

from autograder.reference import applications

RATE = 8000


@pytest.fixture
def rng():
    return np.random.default_rng(44)


def complex_noise(rng, *shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


# --- enhancement --------------------------------------------------------------------------


@pytest.mark.oracle("spectral_subtraction", against="size and angle of each bin, one by one")
@pytest.mark.parametrize(("over", "floor"), [(1, 0.01), (2.5, 0.1), (0, 0), (1, 2)])
def test_subtraction_bin_by_bin(rng, over, floor, agree):
    X, noise = complex_noise(rng, 7, 5), rng.uniform(0, 3, 5)
    sizes = [
        [max(abs(value) ** 2 - over * n, floor * n) ** 0.5 for value, n in zip(row, noise)]
        for row in X
    ]
    S = applications.spectral_subtraction(X, noise, over, floor)
    agree(S, sizes * np.exp(1j * np.angle(X)), 1e-12)


@pytest.mark.oracle("spectral_subtraction", against="the power of a signal, white noise put to it")
def test_subtraction_leaves_the_power_of_the_signal(rng, agree):
    """Over many frames, the mean power of a loud sinusoid comes back to that without noise."""
    x = 3 * np.cos(2 * np.pi * 1000 * np.arange(200_000) / RATE)
    noisy = x + rng.standard_normal(len(x))
    clean, dirty = (
        np.array([np.fft.rfft(frame) for frame in part.reshape(-1, 400)]) for part in (x, noisy)
    )
    S = applications.spectral_subtraction(dirty, np.full(201, 400.0))
    line = 50
    agree(np.mean(np.abs(S[:, line]) ** 2) / np.mean(np.abs(clean[:, line]) ** 2), 1, 0.02)


def test_subtraction_keeps_silence_and_real_spectra(rng):
    assert np.all(applications.spectral_subtraction(np.zeros((2, 3)), [1, 2, 3]) == 0)
    assert np.allclose(applications.spectral_subtraction([[-3.0, 4.0]], [5, 7]), [[-2, 3]])


@pytest.mark.oracle("ideal_ratio_mask", against="scipy.special.expit of a difference of levels")
@pytest.mark.parametrize("exponent", [0.5, 1, 2])
def test_ratio_mask_from_levels(rng, exponent, agree):
    """S^2 / (S^2 + N^2) is the logistic function of the logarithm of S^2 / N^2."""
    S, N = complex_noise(rng, 6, 4), complex_noise(rng, 6, 4)
    wiener = special.expit(2 * np.log(np.abs(S)) - 2 * np.log(np.abs(N)))
    agree(applications.ideal_ratio_mask(S, N, exponent), wiener**exponent, 1e-12)


@pytest.mark.oracle("ideal_ratio_mask", against="librosa.util.softmask")
@pytest.mark.parametrize("exponent", [0.5, 1, 1.5])
def test_ratio_mask_by_softmask(rng, exponent, agree):
    S, N = complex_noise(rng, 6, 4), complex_noise(rng, 6, 4)
    theirs = librosa.util.softmask(np.abs(S), np.abs(N), power=2) ** exponent
    agree(applications.ideal_ratio_mask(S, N, exponent), theirs, 1e-9)


@pytest.mark.oracle("ideal_ratio_mask", against="the best gain, by search (scipy.optimize)")
def test_ratio_mask_with_exponent_1_is_the_best_gain(rng, agree):
    """Of all gains of one bin, it leaves the least error if phases are random (Wiener's filter)."""
    S, N = 1.3, 0.8 * np.exp(2j * np.pi * np.arange(16) / 16)  # all phases of the noise

    def error(gain):
        return np.mean(np.abs(gain * (S + N) - S) ** 2)

    best = optimize.minimize_scalar(error, bounds=(0, 1), method="bounded", options={"xatol": 1e-9})
    mask = applications.ideal_ratio_mask([[S]], [[0.8]], 1)
    agree(mask[0, 0], best.x, 1e-6)


def test_ratio_mask_of_silence_lets_nothing_through():
    assert applications.ideal_ratio_mask([[0, 1, 0]], [[0, 0, 1]]).tolist() == [[0, 1, 0]]


@pytest.mark.oracle("si_sdr", against="the angle between the two signals")
def test_si_sdr_by_the_angle(rng, agree):
    """The target is the cosine, the distortion the sine of the angle: a cotangent."""
    reference = rng.standard_normal(50)
    for noise in (0.01, 1, 10):
        estimate = 0.3 * reference + noise * rng.standard_normal(50)
        cosine = estimate @ reference / np.linalg.norm(estimate) / np.linalg.norm(reference)
        agree(
            applications.si_sdr(estimate, reference),
            -20 * np.log10(abs(np.tan(np.arccos(cosine)))),
            1e-6,
        )


@pytest.mark.oracle("si_sdr", against="numpy.linalg.lstsq")
def test_si_sdr_by_least_squares(rng, agree):
    reference, noise = 2 + rng.standard_normal((2, 60))
    estimate = -3 * reference + noise
    (scale,), (left,), *_ = np.linalg.lstsq(reference[:, None], estimate)
    energy = np.sum((scale * reference) ** 2)
    agree(applications.si_sdr(estimate, reference), 10 * np.log10(energy / left), 1e-9)


@pytest.mark.oracle("si_sdr", against="the correlation of signals without mean (scipy.stats)")
def test_si_sdr_by_correlation(rng, agree):
    reference, noise = signal.detrend(rng.standard_normal((2, 80)), type="constant")
    estimate = reference + 0.4 * noise
    r = stats.pearsonr(estimate, reference).statistic
    agree(applications.si_sdr(estimate, reference), 10 * np.log10(r**2 / (1 - r**2)), 1e-9)


# --- speakers -----------------------------------------------------------------------------


@pytest.mark.oracle("speech_activity", against="librosa.feature.rms and scipy.ndimage")
@pytest.mark.parametrize(("size", "hop", "hangover"), [(80, 40, 0), (100, 30, 3), (64, 64, 50)])
def test_activity_by_librosa(rng, size, hop, hangover, agree):
    envelope = 10 ** (-np.repeat(rng.uniform(0, 4, 20), 100) / 2)
    x = envelope * rng.standard_normal(2000)
    rms = librosa.feature.rms(y=x, frame_length=size, hop_length=hop, center=False)[0]
    loud = librosa.amplitude_to_db(rms, ref=np.max, top_db=None) >= -30
    after = np.zeros(2 * hangover + 1)
    after[hangover:] = 1
    held = ndimage.binary_dilation(loud, structure=after.astype(bool))
    assert 0 < np.sum(loud) < len(loud)
    agree(1 * applications.speech_activity(x, size, hop, 30, hangover), 1 * held, 0)


@pytest.mark.oracle("speech_activity", against="a table by hand")
def test_activity_by_hand(agree):
    """Energies 1, 25, 0.16, 0, 0, 9, 0; the limit is 0.25 at 20 dB."""
    x = [1, 0, 3, 4, 0.4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 7]
    agree(applications.speech_activity(x, 2, 2, 20, 0), [1, 1, 0, 0, 0, 1, 0], 0)
    agree(applications.speech_activity(x, 2, 2, 20, 1), [1, 1, 1, 0, 0, 1, 1], 0)
    agree(applications.speech_activity(x, 2, 2, 0, 2), [0, 1, 1, 1, 0, 0, 0], 0)


def trials(rng, count, decimals):
    same = np.append([0, 1], rng.integers(0, 2, count))
    return np.round(rng.standard_normal(count + 2) + 1.2 * same, decimals), same


def difference(where, curve):
    """By how much false acceptance exceeds false rejection at a point of the curve."""
    return np.subtract(*curve(where))


@pytest.mark.oracle("equal_error_rate", against="sklearn.metrics.det_curve and scipy.optimize")
@pytest.mark.parametrize("decimals", [0, 1, 8])
@pytest.mark.parametrize("count", [3, 20, 101])
def test_equal_error_rate_by_sklearn(rng, count, decimals, agree):
    for _ in range(20):
        scores, same = trials(rng, count, decimals)
        accepted, rejected, _ = det_curve(same, scores)
        # det_curve keeps the part of the curve between its ends: put (1, 0) and (0, 1) back
        curve = interpolate.make_interp_spline(
            range(len(accepted) + 2), np.c_[np.r_[1, accepted, 0], np.r_[0, rejected, 1]], k=1
        )
        where = optimize.brentq(difference, 0, len(accepted) + 1, args=(curve,))
        agree(applications.equal_error_rate(scores, same), curve(where)[1], 1e-9)


@pytest.mark.oracle("equal_error_rate", against="two normal distributions (scipy.stats.norm)")
def test_equal_error_rate_of_normal_scores(agree):
    """Means d apart and deviations of 1: both errors are Phi(-d / 2) half-way."""
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    scores, same = np.r_[quantiles, quantiles + 1.5], np.repeat([0, 1], 20_000)
    agree(applications.equal_error_rate(scores, same), stats.norm.cdf(-0.75), 1e-4)


def test_equal_error_rate_of_extremes():
    assert applications.equal_error_rate([1, 2, 3, 4], [0, 0, 1, 1]) == 0
    assert applications.equal_error_rate([1, 2, 3, 4], [1, 1, 0, 0]) == 1
    assert applications.equal_error_rate([5, 5, 5], [1, 0, 0]) == 0.5


def diarization_by_enumeration(reference, hypothesis):
    """All ways to name the found speakers; the one with the smallest error of all."""
    more = max(reference.shape[1], hypothesis.shape[1])
    reference, hypothesis = (
        np.pad(part, ((0, 0), (0, more - part.shape[1]))) for part in (reference, hypothesis)
    )
    found = []
    for order in permutations(range(more)):
        counts = np.zeros(3)
        for said, heard in zip(reference, hypothesis[:, order]):
            R, H = set(np.flatnonzero(said)), set(np.flatnonzero(heard))
            C = len(R & H)
            counts += max(len(R) - len(H), 0), max(len(H) - len(R), 0), min(len(R), len(H)) - C
        found.append((counts.sum(), *counts))
    return np.array(min(found)) / reference.sum()


@pytest.mark.oracle("diarization_error", against="all ways to name the speakers")
@pytest.mark.parametrize(("A", "B"), [(2, 2), (3, 2), (2, 4), (1, 3), (4, 4)])
def test_diarization_by_enumeration(rng, A, B, agree):
    for _ in range(20):
        reference, hypothesis = (rng.uniform(size=(15, n)) < 0.4 for n in (A, B))
        reference[0, 0] = True
        ours = applications.diarization_error(reference, hypothesis)
        agree(ours, diarization_by_enumeration(reference.astype(int), hypothesis.astype(int)), 1e-9)


@pytest.mark.oracle("diarization_error", against="a table by hand")
def test_diarization_by_hand(agree):
    """Ann talks in frames 0 to 4, Bea in 4 to 7: 9 in all, with an overlap in frame 4. The system
    has Bea as x from frame 3 on, and Ann as y to frame 2, and once y in the silence of frame 8."""
    ann, bea = [1, 1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1, 0]
    x, y = [0, 0, 0, 1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0, 0, 1]
    parts = applications.diarization_error(np.transpose([ann, bea]), np.transpose([x, y]))
    # missed: one of two in frame 4, Bea in 7; false alarm: frame 8; confused: frame 3
    agree(parts, np.array([4, 2, 1, 1]) / 9, 1e-12)


@pytest.mark.oracle("diarization_error", against="pyannote.metrics")
def test_diarization_by_pyannote(rng, agree):
    """Turns of some seconds each, frames of 1 s, no collar, overlaps counted: NIST's own way."""
    measure = DiarizationErrorRate(collar=0, skip_overlap=False)
    parts = "missed detection", "false alarm", "confusion"
    for A, B in ((2, 2), (3, 4), (4, 2), (1, 3)):
        reference, hypothesis = (turns(rng, 60, n) for n in (A, B))
        known = measure(
            annotated(reference), annotated(hypothesis), uem=Segment(0, 60), detailed=True
        )
        ours = applications.diarization_error(reference, hypothesis)
        theirs = [known[name] / known["total"] for name in parts]
        agree(ours, np.array([known["diarization error rate"], *theirs]), 1e-12)


def turns(rng, frames, speakers):
    """Who talks, shape (frames, speakers): each is silent or talks for 6 frames at a time."""
    return np.repeat(rng.uniform(size=(frames // 6, speakers)) < 0.5, 6, axis=0)


def annotated(talk):
    """The same as pyannote has it: a segment for each frame and speaker."""
    found = Annotation()
    for t, who in zip(*np.nonzero(talk)):
        found[Segment(t, t + 1), who] = str(who)
    return found


def test_diarization_does_not_mind_names_and_order(rng):
    talk = rng.uniform(size=(30, 3)) < 0.5
    assert applications.diarization_error(talk, talk[:, [2, 0, 1]]) == (0, 0, 0, 0)


# --- fingerprints -------------------------------------------------------------------------


def hashes_by_definition(peaks, bins, fan, reach):
    peaks, found = sorted(map(tuple, np.asarray(peaks).tolist())), []
    for t, f in peaks:
        box = [(u, g) for u, g in peaks if t < u <= t + reach]
        found += [
            (int(np.ravel_multi_index((f, g, u - t), (bins, bins, reach + 1))), t)
            for u, g in box[:fan]
        ]
    return found


def some_peaks(rng, count, frames, bins):
    cells = rng.choice(frames * bins, count, replace=False)
    return np.stack(np.divmod(cells, bins), axis=1)


@pytest.mark.oracle("fingerprint_hashes", against="numpy.ravel_multi_index of each pair")
@pytest.mark.parametrize(("fan", "reach"), [(1, 5), (3, 4), (5, 63), (50, 10)])
def test_hashes_by_ravelled_indices(rng, fan, reach, agree):
    peaks = some_peaks(rng, 40, 30, 64)
    pairs = hashes_by_definition(peaks, 64, fan, reach)
    agree(np.transpose(applications.fingerprint_hashes(peaks, 64, fan, reach)), pairs, 0)


@pytest.mark.oracle("fingerprint_hashes", against="numpy.unravel_index, back to the peaks")
def test_hashes_lead_back_to_peaks(rng, agree):
    peaks = some_peaks(rng, 30, 50, 128)
    hashes, times = applications.fingerprint_hashes(peaks, 128, 100, 1000)
    f, g, d = np.unravel_index(hashes, (128, 128, 1001))
    back = {(t, k) for t, k in zip([*times, *(times + d)], [*f, *g])}
    agree(sorted(back), sorted(map(tuple, peaks)), 0)
    order = Counter(np.sort(peaks[:, 0]).tolist())
    pairs = (len(peaks) ** 2 - sum(n**2 for n in order.values())) // 2
    assert len(hashes) == pairs, "every two peaks of different frames are one pair"


def test_hashes_do_not_depend_on_when_the_recording_began(rng):
    peaks = some_peaks(rng, 30, 50, 32)
    later = np.add(peaks, [17, 0])
    one, late = (applications.fingerprint_hashes(part, 32) for part in (peaks, later))
    assert np.array_equal(one[0], late[0]) and np.array_equal(one[1] + 17, late[1])
    none, _ = applications.fingerprint_hashes([[3, 4], [3, 5]], 32)
    assert none.shape == (0,)


def match_by_counting(hashes, times, library):
    votes = Counter(
        (place, int(u - t))
        for place, (theirs, when) in enumerate(library)
        for h, t in zip(hashes, times)
        for g, u in zip(theirs, when)
        if g == h
    )
    (place, offset), most = min(votes.items(), key=lambda item: (-item[1], item[0]))
    return place, offset, most


@pytest.mark.oracle("fingerprint_match", against="collections.Counter over all pairs of hashes")
def test_match_by_counting(rng, agree):
    for _ in range(60):
        library = [(rng.integers(0, 12, n), rng.integers(0, 9, n)) for n in rng.integers(0, 20, 4)]
        library[2] = (np.append(library[2][0], 3), np.append(library[2][1], 3))
        query = np.append(rng.integers(0, 12, 5), 3), rng.integers(0, 9, 6)
        ours = applications.fingerprint_match(*query, library)
        agree(ours, match_by_counting(*query, library), 0)


@pytest.mark.oracle(
    "fingerprint_match", against="the highest point of a correlation (scipy.signal)"
)
def test_match_by_correlation(rng, agree):
    """A piece of one hash only is a train of pulses: votes are the correlation of two trains."""
    when, times = (np.flatnonzero(rng.uniform(size=n) < 0.4) for n in (80, 20))
    long, short = np.zeros(80), np.zeros(20)
    long[when], short[times] = 1, 1
    votes = signal.correlate(long, short)
    most = np.argmax(votes)
    lag = signal.correlation_lags(80, 20)[most]
    ours = applications.fingerprint_match([7] * len(times), times, [([7] * len(when), when)])
    agree(ours, [0, lag, np.round(votes[most])], 0)


def test_a_piece_of_a_recording_is_found_with_half_of_its_peaks(rng):
    tracks = [some_peaks(rng, 200, 300, 64) for _ in range(5)]
    library = [applications.fingerprint_hashes(peaks, 64) for peaks in tracks]
    piece = tracks[3][(tracks[3][:, 0] >= 120) & (tracks[3][:, 0] < 200)] - [120, 0]
    kept = rng.permutation(piece)[: len(piece) // 2]
    place, offset, _ = applications.fingerprint_match(
        *applications.fingerprint_hashes(kept, 64), library
    )
    assert (place, offset) == (3, 120)


# --- alignment ----------------------------------------------------------------------------


def alignment_by_enumeration(log_y, label):
    T, K = log_y.shape
    best = (-np.inf, None)
    for path in product(range(K), repeat=T):
        if [k for k, _ in groupby(path) if k] == list(label):
            best = max(best, (sum(log_y[t, k] for t, k in enumerate(path)), path))
    spans, t = [], 0
    for k, run in groupby(best[1]):
        length = len(list(run))
        spans += [(t, t + length)] if k else []
        t += length
    return spans, best[0]


LABELS = [(1,), (2, 1), (1, 1), (1, 2, 1), (2, 2, 2), (3, 3, 1)]


@pytest.mark.oracle("forced_alignment", against="enumeration of all paths")
@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("T", [5, 7])
def test_alignment_by_enumeration(rng, T, label, agree):
    for _ in range(5):
        log_y = 2 * rng.standard_normal((T, 4))
        spans, score = applications.forced_alignment(log_y, label)
        theirs, best = alignment_by_enumeration(log_y, label)
        agree(spans, theirs, 0)
        assert np.isclose(score, best, atol=1e-12)


@pytest.mark.oracle("forced_alignment", against="librosa.sequence.viterbi on the expanded label")
def test_alignment_by_viterbi(rng, agree):
    """A hidden Markov model whose states are the places, made sure to end in the last one."""
    log_y, label = np.log(rng.dirichlet(np.ones(6), 40)), [2, 2, 5, 1, 4, 4, 4, 3]
    places = np.insert(np.zeros(len(label) + 1, dtype=int), range(1, len(label) + 1), label)
    S = len(places)
    steps = np.eye(S) + np.eye(S, k=1)
    for s in range(1, S - 2, 2):
        steps[s, s + 2] = places[s] != places[s + 2]
    # the rows must sum to 1: a state in which nothing is ever seen takes the rest
    transition = np.pad(steps / 4, ((0, 1), (0, 1)))
    transition[:, S] = 1 - transition.sum(axis=1)
    seen = np.pad(np.exp(log_y[:, places]), ((0, 0), (0, 1)))
    seen[-1, : S - 2] = 0
    start = np.r_[0.5, 0.5, np.zeros(S - 1)]
    states = librosa.sequence.viterbi(seen.T, transition, p_init=start)
    runs = [np.flatnonzero(states == s) for s in range(1, S, 2)]
    spans, score = applications.forced_alignment(log_y, label)
    agree(spans, [(run[0], run[-1] + 1) for run in runs], 0)
    assert np.isclose(score, sum(log_y[t, places[s]] for t, s in enumerate(states)))


# --- notes --------------------------------------------------------------------------------


def two_transcriptions(rng, N, M):
    reference = np.stack([rng.uniform(0, 0.4, N), rng.integers(60, 63, N)], axis=1)
    estimate = np.stack([rng.uniform(0, 0.4, M), 60 + rng.uniform(0, 3, M)], axis=1)
    return reference, estimate


@pytest.mark.oracle("note_f_measure", against="Hopcroft and Karp's matching (scipy.sparse.csgraph)")
@pytest.mark.parametrize(("N", "M"), [(20, 20), (15, 30), (40, 10), (1, 6)])
def test_notes_by_hopcroft_karp(rng, N, M, agree):
    for _ in range(10):
        reference, estimate = two_transcriptions(rng, N, M)
        fits = [
            [abs(r[0] - e[0]) <= 0.05 and abs(r[1] - e[1]) <= 0.5 for e in estimate]
            for r in reference
        ]
        partner = maximum_bipartite_matching(csr_array(fits, dtype=int))
        found, total = np.sum(partner >= 0), N + M
        ours = applications.note_f_measure(reference, estimate)
        agree(ours, [found / M, found / N, 2 * found / total], 1e-12)


@pytest.mark.oracle("note_f_measure", against="all ways to choose the pairs")
def test_notes_by_enumeration(rng, agree):
    for _ in range(10):
        reference, estimate = two_transcriptions(rng, 5, 6)
        most = max(
            sum(
                abs(r[0] - e[0]) <= 0.1 and abs(r[1] - e[1]) <= 1
                for r, e in zip(reference, estimate[list(order)])
            )
            for order in permutations(range(6), 5)
        )
        ours = applications.note_f_measure(reference, estimate, 0.1, 1)
        agree(ours, [most / 6, most / 5, 2 * most / 11], 1e-12)


@pytest.mark.oracle("note_f_measure", against="sklearn, on notes that are all far apart")
def test_notes_far_apart_by_sklearn(rng, agree):
    """If no note can be mistaken for another, each second is a decision: played or not, found or
    not."""
    played, found = (rng.uniform(size=40) < share for share in (0.5, 0.6))
    reference, estimate = (
        np.stack([np.flatnonzero(part), np.full(part.sum(), 70)], axis=1)
        for part in (played, found)
    )
    theirs = precision_recall_fscore_support(played, found, average="binary")[:3]
    agree(applications.note_f_measure(reference, np.add(estimate, [0.02, -0.3])), theirs, 1e-12)


def test_notes_are_paired_so_that_most_find_a_partner():
    """The nearest partner of the first would leave the second without one."""
    reference, estimate = [[0.00, 60], [0.06, 60]], [[0.03, 60], [-0.04, 60]]
    assert applications.note_f_measure(reference, estimate) == (1, 1, 1)
    assert applications.note_f_measure(reference, [[5, 60]]) == (0, 0, 0)


# --- bad input ----------------------------------------------------------------------------

BAD = [
    lambda: applications.spectral_subtraction([[1, 2]], [1]),
    lambda: applications.spectral_subtraction([[1, 2]], [1, -1]),
    lambda: applications.spectral_subtraction([[1, np.nan]], [1, 1]),
    lambda: applications.spectral_subtraction([[1, 2]], [1, np.inf]),
    lambda: applications.spectral_subtraction([[1, 2]], [1, 1], -1),
    lambda: applications.spectral_subtraction([[1, 2]], [1, 1], 1, -0.1),
    lambda: applications.spectral_subtraction([[1, 2]], [1, 1], np.nan),
    lambda: applications.spectral_subtraction([1, 2], [1, 1]),
    lambda: applications.ideal_ratio_mask([[1, 2]], [[1]]),
    lambda: applications.ideal_ratio_mask([[1]], [[np.nan]]),
    lambda: applications.ideal_ratio_mask([[1]], [[1]], 0),
    lambda: applications.ideal_ratio_mask(np.zeros((0, 3)), np.zeros((0, 3))),
    lambda: applications.si_sdr([1, 2], [0, 0]),
    lambda: applications.si_sdr([0, 0], [1, 2]),
    lambda: applications.si_sdr([1, 2], [1, 2]),
    lambda: applications.si_sdr([0, 1], [1, 0]),
    lambda: applications.si_sdr([1, 2], [1]),
    lambda: applications.speech_activity([1, 2], 3, 1, 30, 0),
    lambda: applications.speech_activity([1, 2], 0, 1, 30, 0),
    lambda: applications.speech_activity([1, 2], 1, 0, 30, 0),
    lambda: applications.speech_activity([1, 2], 1, 1, -1, 0),
    lambda: applications.speech_activity([1, 2], 1, 1, 30, -1),
    lambda: applications.speech_activity([0, 0], 1, 1, 30, 0),
    lambda: applications.speech_activity([], 1, 1, 30, 0),
    lambda: applications.equal_error_rate([1, 2], [1, 1]),
    lambda: applications.equal_error_rate([1, 2], [0, 2]),
    lambda: applications.equal_error_rate([1, 2, 3], [0, 1]),
    lambda: applications.equal_error_rate([1, np.nan], [0, 1]),
    lambda: applications.diarization_error([[1, 0]], [[1], [0]]),
    lambda: applications.diarization_error([[0, 0]], [[1, 0]]),
    lambda: applications.diarization_error([[2, 0]], [[1, 0]]),
    lambda: applications.diarization_error([[1, 0]], [[0.5, 0]]),
    lambda: applications.diarization_error([1, 0], [1, 0]),
    lambda: applications.fingerprint_hashes(np.zeros((0, 2)), 8),
    lambda: applications.fingerprint_hashes([[0, 8]], 8),
    lambda: applications.fingerprint_hashes([[-1, 2]], 8),
    lambda: applications.fingerprint_hashes([[0, 2.5]], 8),
    lambda: applications.fingerprint_hashes([[0, 2, 1]], 8),
    lambda: applications.fingerprint_hashes([[0, 2]], 8, 0),
    lambda: applications.fingerprint_hashes([[0, 2]], 8, 1, 0),
    lambda: applications.fingerprint_match([1, 2], [0], [([1], [0])]),
    lambda: applications.fingerprint_match([], [], [([1], [0])]),
    lambda: applications.fingerprint_match([1], [0], [([2], [0]), ([], [])]),
    lambda: applications.fingerprint_match([1], [0], []),
    lambda: applications.forced_alignment([[0, 0]], []),
    lambda: applications.forced_alignment([[0, 0]], [2]),
    lambda: applications.forced_alignment([[0, 0]], [0]),
    lambda: applications.forced_alignment([[0, 0], [0, 0]], [1, 1]),
    lambda: applications.forced_alignment([[0, np.nan]], [1]),
    lambda: applications.note_f_measure(np.zeros((0, 2)), [[0, 60]]),
    lambda: applications.note_f_measure([[0, 60]], np.zeros((0, 2))),
    lambda: applications.note_f_measure([[0, 60, 1]], [[0, 60]]),
    lambda: applications.note_f_measure([[0, np.nan]], [[0, 60]]),
    lambda: applications.note_f_measure([[0, 60]], [[0, 60]], -1),
    lambda: applications.note_f_measure([[0, 60]], [[0, 60]], 1, -1),
]


@pytest.mark.parametrize("call", BAD, ids=range(len(BAD)))
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        call()
