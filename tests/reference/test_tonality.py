"""The references of the chapter on tonality against librosa, SciPy, definitions and enumeration."""

from itertools import product

import librosa
import numpy as np
import pytest
from scipy import signal, stats
from scipy.spatial import distance

from autograder.reference import tonality

RATE = 8000
# Krumhansl and Kessler (1982), ratings of probe tones.
MAJOR = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
TRIADS = np.array(
    [np.roll([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0], n) for n in range(12)]
    + [np.roll([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], n) for n in range(12)]
)


@pytest.fixture
def rng():
    return np.random.default_rng(12)


@pytest.fixture
def bins():
    return tonality.constant_q_bins(RATE, 220.0, 12, 36)


@pytest.mark.oracle("constant_q_bins", against="librosa.cqt_frequencies; when neighbours part")
@pytest.mark.parametrize("per_octave", [12, 24, 36])
def test_bins_by_librosa(per_octave, agree):
    frequencies, lengths = tonality.constant_q_bins(RATE, 110.0, per_octave, 3 * per_octave)
    more = librosa.cqt_frequencies(3 * per_octave + 1, fmin=110.0, bins_per_octave=per_octave)
    agree(frequencies, more[:-1], 1e-9)
    # The shortest time in which a bin and the next one above come apart by a whole period.
    agree(lengths, [next(n for n in range(10**5) if n * d >= RATE) for d in np.diff(more)], 0)


def test_the_quality_of_semitones():
    frequencies, lengths = tonality.constant_q_bins(22050, 440.0, 12, 2)
    assert frequencies.tolist() == pytest.approx([440, 466.1638], abs=1e-4)
    assert lengths.tolist() == [843, 796]  # 22050 * 16.8172 / 440 = 842.77


@pytest.mark.oracle("constant_q", against="a DFT of the windowed samples at one bin")
def test_constant_q_where_a_bin_is_one_of_the_dft(rng, agree):
    """With lengths that hold whole periods, bin k is bin f N / rate of a DFT of N samples."""
    x = rng.standard_normal(800)
    lengths, cycles = np.array([800, 400, 250]), np.array([20, 17, 33])
    ours = tonality.constant_q(x, RATE, cycles * RATE / lengths, lengths)
    for X, length, m in zip(ours, lengths, cycles):
        window = signal.get_window("hann", length)
        agree(X, np.fft.fft(x[:length] * window)[m] / length, 1e-12)


@pytest.mark.oracle("constant_q", against="librosa.filters.wavelet, centred and a little shorter")
def test_constant_q_by_librosa(bins, agree):
    frequencies, lengths = bins
    x = sum(np.cos(2 * np.pi * f * np.arange(lengths[0]) / RATE + f) for f in (230, 450, 900, 1100))
    filters, _ = librosa.filters.wavelet(
        freqs=frequencies, sr=RATE, norm=None, pad_fft=False, alpha=RATE / (lengths * frequencies)
    )
    ours = np.abs(tonality.constant_q(x, RATE, frequencies, lengths))
    theirs = [
        np.abs(np.vdot(filter_, x[: len(filter_)])) / length
        for filter_, length in zip(map(np.trim_zeros, filters), lengths)
    ]
    agree(ours, theirs, 0.02)


def test_a_tone_at_a_bin_has_a_quarter_of_its_amplitude(bins):
    """Half for the two signs of frequency, half for the mean of the window."""
    frequencies, lengths = bins
    n = np.arange(lengths[0])
    x = 0.8 * np.cos(2 * np.pi * frequencies[19] * n / RATE + 1)
    X = np.abs(tonality.constant_q(x, RATE, frequencies, lengths))
    assert X.argmax() == 19 and X[19] == pytest.approx(0.2, rel=0.01)
    assert X[[17, 21]].max() < 0.01  # two bins away it is in the side lobes


@pytest.mark.oracle("constant_q_kernel", against="the definition, through its product with a DFT")
@pytest.mark.parametrize("size", [1024, 1000, 640])
def test_kernel_by_definition(rng, bins, size, agree):
    x = rng.standard_normal(size)
    kernel = tonality.constant_q_kernel(RATE, *bins, size)
    agree(kernel @ np.fft.fft(x), tonality.constant_q(x, RATE, *bins), 1e-12)


def test_a_sparse_kernel_is_almost_as_good(rng, bins):
    x = rng.standard_normal(1024)
    whole, sparse = (tonality.constant_q_kernel(RATE, *bins, 1024, f) for f in (0, 0.01))
    assert np.count_nonzero(sparse) < 0.08 * sparse.size
    kept = sparse != 0
    assert np.array_equal(sparse[kept], whole[kept])
    error = np.linalg.norm((sparse - whole) @ np.fft.fft(x))
    assert error < 0.02 * np.linalg.norm(whole @ np.fft.fft(x))


@pytest.mark.oracle("constant_q_frames", against="the definition, frame by frame")
def test_frames_by_definition(rng, bins, agree):
    x = rng.standard_normal(3000)
    kernel = tonality.constant_q_kernel(RATE, *bins, 1024)
    ours = tonality.constant_q_frames(x, kernel, 300)
    assert ours.shape == (7, 36)
    for t, frame in enumerate(ours):
        agree(frame, tonality.constant_q(x[300 * t :], RATE, *bins), 1e-12)


def test_frames_that_just_fit(rng, bins):
    kernel = tonality.constant_q_kernel(RATE, *bins, 700)
    for length, count in ((700, 1), (799, 1), (800, 2), (801, 2)):
        assert len(tonality.constant_q_frames(rng.standard_normal(length), kernel, 100)) == count


@pytest.mark.oracle("constant_q_frames", against="librosa.cqt, up to the lengths of its filters")
def test_the_loudest_bin_of_a_scale_is_that_of_librosa(agree):
    pitches = np.arange(57, 81)
    n = np.arange(4000)
    notes = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n / RATE) for p in pitches]
    frequencies, lengths = tonality.constant_q_bins(RATE, 220.0, 12, 36)
    kernel = tonality.constant_q_kernel(RATE, frequencies, lengths, 4000)
    ours = tonality.constant_q_frames(np.concatenate(notes), kernel, 4000)
    theirs = librosa.cqt(
        np.concatenate(notes), sr=RATE, fmin=220.0, n_bins=36, bins_per_octave=12, hop_length=256
    )
    middles = [round((4000 * i + 2000) / 256) for i in range(24)]
    agree(np.abs(ours).argmax(1), np.abs(theirs[:, middles]).argmax(0), 0)
    assert np.abs(ours).argmax(1).tolist() == list(range(24))


@pytest.mark.oracle("chroma", against="librosa.filters.cq_to_chroma")
@pytest.mark.parametrize("count", [36, 48, 60])
def test_chroma_by_librosa(rng, count, agree):
    spectrum = rng.standard_normal((5, count)) + 1j * rng.standard_normal((5, count))
    fold = librosa.filters.cq_to_chroma(count, fmin=librosa.note_to_hz("C3"), base_c=True)
    agree(tonality.chroma(spectrum, 12), np.abs(spectrum) @ fold.T, 1e-12)


def test_chroma_of_an_incomplete_octave():
    assert tonality.chroma([[1, -2, 3j, 4, 5]], 3).tolist() == [[5, 7, 3]]


@pytest.mark.oracle("tonal_centroid", against="librosa.feature.tonnetz")
def test_tonal_centroid_by_librosa(rng, agree):
    chroma = rng.uniform(size=(9, 12))
    agree(tonality.tonal_centroid(chroma), librosa.feature.tonnetz(chroma=chroma.T).T, 1e-6)


def test_a_fifth_is_near_and_a_semitone_far_on_the_circle_of_fifths():
    c, g, c_sharp = tonality.tonal_centroid(np.eye(12)[[0, 7, 1]])[:, :2]
    assert np.linalg.norm(c - g) == pytest.approx(2 * np.sin(np.pi / 12))
    assert np.linalg.norm(c - c_sharp) == pytest.approx(2 * np.sin(5 * np.pi / 12))


@pytest.mark.oracle("key_scores", against="scipy.stats.pearsonr")
def test_key_scores_by_scipy(rng, agree):
    heard = rng.uniform(size=12)
    ours = tonality.key_scores(heard, MAJOR, MINOR)
    theirs = [
        stats.pearsonr([heard[(tonic + step) % 12] for step in range(12)], profile).statistic
        for profile in (MAJOR, MINOR)
        for tonic in range(12)
    ]
    agree(ours, theirs, 1e-12)


def test_a_profile_fits_its_own_key_perfectly():
    scores = tonality.key_scores(3 * np.roll(MINOR, 9) + 2, MAJOR, MINOR)
    assert scores.argmax() == 12 + 9 and scores.max() == pytest.approx(1)


def total(sequence, chroma, templates, stay, sharpness):
    """The score of a sequence, term by term."""
    moves = np.log((1 - stay) / (len(templates) - 1))
    score = 0.0
    for t, i in enumerate(sequence):
        c, template = chroma[t], templates[i]
        score += (
            sharpness * np.dot(c, template) / np.sqrt(np.dot(c, c) * np.dot(template, template))
        )
        if t:
            score += np.log(stay) if i == sequence[t - 1] else moves
    return score


@pytest.mark.oracle("chord_sequence", against="enumeration of all sequences")
@pytest.mark.parametrize(("stay", "sharpness"), [(0.5, 3.0), (0.9, 10.0), (0.2, 1.0)])
def test_chords_by_enumeration(rng, stay, sharpness, agree):
    templates = TRIADS[[0, 5, 7, 21]]
    chroma = templates[rng.integers(4, size=6)] + 2 * rng.uniform(size=(6, 12))
    ours = tonality.chord_sequence(chroma, templates, stay, sharpness)
    scores = {
        path: total(path, chroma, templates, stay, sharpness)
        for path in product(range(4), repeat=6)
    }
    agree(ours, max(scores, key=scores.get), 0)


@pytest.mark.oracle("chord_sequence", against="librosa.sequence.viterbi")
def test_chords_by_librosa(rng, agree):
    truth = np.repeat(rng.integers(24, size=8), 10)
    chroma = TRIADS[truth] + 1.5 * rng.uniform(size=(80, 12))
    ours = tonality.chord_sequence(chroma, TRIADS, 0.9, 12.0)
    cosines = 1 - np.array([[distance.cosine(c, t) for t in TRIADS] for c in chroma])
    move = librosa.sequence.transition_loop(24, 0.9)
    theirs = librosa.sequence.viterbi(np.exp(12 * (cosines - 1)).T, move)
    agree(ours, theirs, 0)


BINS = (np.array([440.0]), np.array([100]))
BAD = [
    (tonality.constant_q_bins, (0, 110, 12, 12), "positive"),
    (tonality.constant_q_bins, (8000, 110, 12, 70), "half the rate"),
    (tonality.constant_q, (np.ones(99), 8000, *BINS), "number of samples"),
    (tonality.constant_q, (np.ones(200), 0, *BINS), "rate must be positive"),
    (tonality.constant_q, (np.full(200, np.nan), 8000, *BINS), "NaN"),
    (tonality.constant_q_kernel, (8000, *BINS, 99), "between 1 and size"),
    (tonality.constant_q_kernel, (8000, *BINS, 128, 1.0), "floor"),
    (tonality.constant_q_frames, (np.ones(9), np.ones((2, 10)), 1), "shorter than one frame"),
    (tonality.constant_q_frames, (np.ones(9), np.ones(4), 1), "matrix"),
    (tonality.constant_q_frames, (np.ones(9), np.ones((2, 4)), 0), "hop"),
    (tonality.chroma, (np.ones((3, 11)), 12), "bins_per_octave"),
    (tonality.chroma, (np.ones(12), 12), "dimension"),
    (tonality.tonal_centroid, (np.zeros((1, 12)),), "silence"),
    (tonality.tonal_centroid, (np.ones((1, 11)),), "twelve"),
    (tonality.tonal_centroid, (-np.ones((1, 12)),), "negative"),
    (tonality.key_scores, (np.ones(12), MAJOR, MINOR), "not all equal"),
    (tonality.key_scores, (MAJOR[:11], MAJOR, MINOR), "twelve"),
    (tonality.chord_sequence, (np.ones((2, 12)), TRIADS, 1.0, 1.0), "stay"),
    (tonality.chord_sequence, (np.ones((2, 12)), TRIADS[:1], 0.5, 1.0), "two chords"),
    (tonality.chord_sequence, (np.zeros((2, 12)), TRIADS, 0.5, 1.0), "silence"),
]


@pytest.mark.parametrize(("function", "given", "says"), BAD)
def test_what_has_no_answer_is_refused(function, given, says):
    with pytest.raises(ValueError, match=says):
        function(*given)
