"""Sounds as WAV files: byte for byte those of libsndfile, and refused where they are none."""

import io

import numpy as np
import pytest
import soundfile

from speechlab import wav
from speechlab.corpora.cache import DATA

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("scale", [1.2, 1.0, 1e-3, 0.0])
@pytest.mark.parametrize("shape", [(30_000,), (1,), (700, 2)])
def test_the_bytes_are_those_of_libsndfile(shape, scale):
    samples = scale * RNG.uniform(-1, 1, shape)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 22050, format="WAV", subtype="PCM_16")
    content = wav.encoded(samples, 22050)
    assert content == buffer.getvalue()
    found, rate = wav.decoded(content)
    assert rate == 22050 and found.shape == shape
    assert np.array_equal(found, soundfile.read(io.BytesIO(content), dtype="int16")[0])


def test_what_ships_is_the_same_as_flac_and_as_arrays(tmp_path):
    flac = DATA / "embedded" / "sentences.flac"
    samples, rate = wav.shipped(flac)
    np.savez_compressed(tmp_path / "sentences.npz", rate=rate, **wav.packed(samples))
    again, same_rate = wav.shipped(tmp_path / "sentences.flac")
    assert np.array_equal(samples, again) and rate == same_rate
    edges = np.array([0, 32767, -32768, 32767, -1, 255, 256, -256], dtype=np.int16)
    assert np.array_equal(wav.unpacked(**wav.packed(edges)), edges)


def test_what_is_no_wav_file_of_16_bits_is_refused():
    good, deep = wav.encoded(np.zeros(9), 8000), io.BytesIO()
    soundfile.write(deep, np.zeros(9), 8000, format="WAV", subtype="PCM_24")
    for content in (b"", b"ID3 a song", good[:20], deep.getvalue()):
        with pytest.raises(ValueError, match="WAV"):
            wav.decoded(content)
