"""The codec of the chapter: real bits, the decoder inside the encoder, and its figures."""

import json

import numpy as np
import pytest
from scipy import signal

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures.celp import at_level, compare, figures, measures, segmental_snr, strings
from speechlab.speech import spectral_frequencies as lsf
from speechlab.systems import celp
from speechlab.systems import lpc_vocoder as vocoder
from speechlab.systems._shared.bits import pack, unpack

RATE = celp.RATE
CODECS = [
    celp.CODEC,
    celp.Codec(subframes=8, adaptive=False),
    celp.Codec(subframes=6, code_bits=3, alpha=1.0),
    celp.Codec(subframes=1, code_bits=1, alpha=0.0),
]
# FED-STD 1016, section 3.4: the gains of the stochastic codebook by index, of 16-bit samples.
STANDARD_GAINS = [
    *(-1330, -870, -660, -520, -418, -340, -278, -224, -178, -136, -98, -64, -35, -13, -3, -1),
    *(1, 3, 13, 35, 64, 98, 136, 178, 224, 278, 340, 418, 520, 660, 870, 1330),
]


@pytest.fixture(autouse=True)
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


@pytest.fixture
def speech():
    return at_level(corpora.digits("test", "cedar", digits=4)[0].samples)


# --- bits ---------------------------------------------------------------------------------


def test_bits_are_written_as_by_hand():
    assert pack([[1, 2, 3], [0, 3, 7]], [1, 2, 3]) == bytes([0b11001101, 0b11110000])


def test_bits_come_back():
    rng = np.random.default_rng(0)
    for widths in ([8], [1, 7, 9], [5] * 13, [4] * 10 + [7, 5, 9, 5] * 4):
        rows = rng.integers(0, 2 ** np.array(widths), (17, len(widths)))
        assert np.array_equal(unpack(pack(rows, widths), widths), rows)


@pytest.mark.parametrize("rows", [[[8]], [[-1]], [[1, 1]]])
def test_numbers_that_do_not_fit_are_refused(rows):
    with pytest.raises(ValueError, match="whole numbers"):
        pack(rows, [3])


@pytest.mark.parametrize("stream", [b"", b"\x00" * 17, b"\x00" * 19])
def test_streams_that_are_cut_are_refused(stream):
    with pytest.raises(ValueError, match="144 bits"):
        celp.decode(stream)


# --- line spectral frequencies ------------------------------------------------------------


def test_line_spectral_frequencies_are_the_predictor(speech):
    for start in range(0, len(speech) - 240, 240):
        a = lsf.predictor(speech[start:][:240] * np.hamming(240))
        hertz = lsf.frequencies(a, RATE)
        assert hertz.shape == (10,) and np.all(np.diff(hertz, prepend=0, append=4000) > 0)
        assert lsf.from_frequencies(hertz, RATE) == pytest.approx(a, abs=1e-7)


def test_any_numbers_are_a_stable_filter():
    rng = np.random.default_rng(1)
    for numbers in [*rng.integers(0, 16, (200, 10)), np.zeros(10, int), np.full(10, 15)]:
        hertz = lsf.dequantise(numbers, RATE)
        assert np.all(np.diff(hertz, prepend=0, append=4000) > 0)
        assert np.abs(np.roots([1, *-lsf.from_frequencies(hertz, RATE)])).max() < 1


def test_rounding_finds_its_own_steps_again():
    for numbers in np.random.default_rng(2).integers(0, 9, (50, 10)):
        hertz = lsf.dequantise(numbers, RATE)
        assert lsf.dequantise(lsf.quantise(hertz, RATE), RATE) == pytest.approx(hertz)


# --- the codec ----------------------------------------------------------------------------


@pytest.mark.parametrize("codec", CODECS)
def test_the_stream_has_the_stated_rate(speech, codec):
    stream = celp.encode(speech, RATE, codec)
    frames = -(-len(speech) // 240)
    assert len(stream) == -(-frames * sum(codec.widths) // 8)
    assert codec.bits_per_second == pytest.approx(sum(codec.widths) / 0.03)
    assert len(celp.decode(stream, codec)) == 240 * frames


def test_the_codec_itself_sends_4800_bits_a_second():
    assert celp.CODEC.bits_per_second == 4800 == vocoder.BITS_PER_SECOND
    assert celp.WITHOUT_PAST.bits_per_second == pytest.approx(5066.7, abs=0.1)


@pytest.mark.parametrize("codec", CODECS)
def test_the_encoder_knows_what_the_decoder_will_say(speech, codec, monkeypatch):
    inside = []
    say = celp.Decoder.say
    monkeypatch.setattr(celp.Decoder, "say", lambda *a: inside.append(say(*a)) or inside[-1])
    stream = celp.encode(speech, RATE, codec)
    said = np.concatenate(inside)
    assert np.array_equal(celp.decode(stream, codec), said)


def test_the_target_that_is_left_is_the_weighted_error(speech):
    """The encoder's memories against filters that run over the whole signals."""
    a = lsf.predictor(speech[1000:1240] * np.hamming(240))
    bent = np.append(1.0, -a * 0.8 ** np.arange(1, 11))
    decoder, wrong = celp.Decoder(celp.CODEC), []
    encoder = celp.Encoder(celp.CODEC)
    for start in range(0, 1200, 60):
        now = speech[start:][:60]
        wrong.append(now - decoder.say(a, encoder.numbers(now, a)))
    whole = signal.lfilter(np.append(1.0, -a), bent, np.concatenate(wrong))
    assert encoder.weighted == pytest.approx(whole[-10:], abs=1e-10)


def test_codebook_and_gains_are_cut_as_in_the_standard():
    codes = celp.codebook(60, 9)
    assert codes.shape == (512, 60) and set(np.unique(codes)) == {-1, 0, 1}
    assert np.array_equal(codes[:-1, :-2], codes[1:, 2:]), "each code is the last one, two later"
    assert abs(np.mean(codes != 0) - 0.2301) < 0.03, "beyond 1.2 standard deviations"
    assert celp.CODE_GAINS * 32768 == pytest.approx(STANDARD_GAINS)


def test_no_pair_of_code_and_gain_is_better():
    rng = np.random.default_rng(3)
    y, target, gains = rng.normal(size=(20, 8)), rng.normal(size=8), np.sort(rng.normal(size=6))
    errors = np.sum((target - gains[None, :, None] * y[:, None, :]) ** 2, axis=2)
    assert celp.best(target, y, gains) == np.unravel_index(errors.argmin(), errors.shape)


@pytest.mark.parametrize("coder", [celp, vocoder])
@pytest.mark.parametrize(
    ("samples", "rate", "says"),
    [
        ([], 8000, "at least one sample"),
        ([[0.1, 0.2]], 8000, "shape"),
        ([0.1, np.nan], 8000, "NaN"),
        ([0.1] * 100, 16000, "8000 samples a second, not at 16000"),
    ],
)
def test_what_is_no_speech_is_refused(coder, samples, rate, says):
    with pytest.raises(ValueError, match=says):
        coder.encode(samples, rate)


def test_impossible_codecs_are_refused():
    for wrong in ({"subframes": 7}, {"code_bits": 10}, {"alpha": 1.1}, {"subframes": 0}):
        with pytest.raises(ValueError, match=r"from|divide"):
            celp.Codec(**wrong)


@pytest.mark.parametrize("length", [1, 239, 240, 241])
def test_silence_and_short_sounds_pass(length):
    for coder in (celp, vocoder):
        assert np.abs(coder.through(np.zeros(length), RATE)).max() < 1e-2
    assert celp.through(0.05 * np.ones(length), RATE).shape == (length,)


# --- how well it does ---------------------------------------------------------------------


def test_segmental_snr_is_what_was_mixed():
    rng = np.random.default_rng(4)
    speech = rng.standard_normal(16000)
    for dB in (0, 12, 30):
        noise = rng.standard_normal(16000) * 10 ** (-dB / 20)
        assert segmental_snr(speech, speech + noise) == pytest.approx(dB, abs=0.3)
    assert segmental_snr(speech, speech) == 35
    with pytest.raises(ValueError, match="20 ms"):
        segmental_snr(np.zeros(400), np.zeros(400))
    with pytest.raises(ValueError, match="Silence"):
        at_level(np.zeros(10))


def test_more_bits_are_better_speech(speech):
    rates = [celp.Codec(subframes=n) for n in (2, 4, 6)]
    snr = [segmental_snr(speech, celp.through(speech, RATE, codec)) for codec in rates]
    assert np.all(np.diff(snr) > 0.5)


def test_it_beats_the_vocoder_and_itself_without_a_past(monkeypatch):
    few = [string[:16000] for string in strings(1)[:2]]  # two seconds of each
    monkeypatch.setattr("speechlab.figures.celp.strings", lambda: few)
    rivals = {
        "vocoder": lambda s: vocoder.through(s, RATE),
        "no past": lambda s: celp.through(s, RATE, celp.WITHOUT_PAST),
    }
    found = compare("codec", lambda s: celp.through(s, RATE), rivals)
    assert len(found) == 2 * len(measures())
    assert all(figure.beats_baseline for figure in found), list(map(str, found))


def test_listeners_prefer_the_weighting():
    """What the chapter says of its table: less SNR, and more of everything else."""
    rows = json.loads((DATA / "codec.json").read_text())
    assert len(rows) == 18 and len({row["corpus"] for row in rows}) == 2
    for row in rows:
        better = row["value"] > row["baseline_value"]
        gives_up_snr = "weighting" in row["baseline"] and "SNR" in row["metric"]
        assert better != gives_up_snr, row


@pytest.mark.slow
def test_the_table_is_what_is_measured():
    rows = json.loads((DATA / "codec.json").read_text())
    known = {(r["corpus"], r["metric"], r["baseline"]): r for r in rows}
    for figure in figures():
        row = known[figure.corpus, figure.metric, figure.baseline]
        assert figure.value == pytest.approx(row["value"], abs=0.03)
        assert figure.baseline_value == pytest.approx(row["baseline_value"], abs=0.03)
