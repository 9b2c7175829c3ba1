"""Sounds and music by name: what the cache holds, and a synthetic stand-in for what it lacks."""

import hashlib

import numpy as np
import pytest
import soundfile

from speechlab import corpora
from speechlab.corpora import __main__ as command_line
from speechlab.corpora import cache, catalogue, filling, standins, tones
from tests.support.serving import serving

KINDS = "note phrase rhythm nature speech piece noise room wideband piano chords".split()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and no wish for any corpus."""
    monkeypatch.setenv("SPEECHLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SPEECHLAB_CORPUS", raising=False)
    _forget()
    yield tmp_path / "cache"
    _forget()


def _forget():
    for memory in (catalogue._entries, catalogue._cached, catalogue._standin, catalogue.table_rows):
        memory.cache_clear()


TABLES = {
    "kathleen/metadata.tsv": "utt\ttext\nb0077\tIt is the nearest refuge.\n",
    "piano/index.tsv": "clip\tstyle\tcomposer\ttitle\tkey\tmode\tquarter_bpm\n"
    "bach01\tbaroque\tBachJS\tSinfonia 6\tE\tmajor\t130.0\n",
    "piano/bach01.tsv": "onset\toffset\tpitch\ttrack\n0.5\t1.25\t64\t0\n1.25\t2.0\t68\t1\n",
    "chords/index.tsv": "clip\tkey\tmode\tbpm\tinstrument\nchords00\tF\tmajor\t72\tpiano\n",
    "chords/chords00.tsv": "start\tend\troot\tquality\n0.0\t3.3\tF\tmaj\n3.3\t6.6\tBb\tmin\n",
}
SOUNDS = {"flute-A4.flac": "sounds", "noise_running_tap.flac": "noise_rooms"}
SOUNDS |= {"flac48k/b0077.flac": "kathleen48"}
SOUNDS |= {"piano/bach01.flac": "music", "chords/chords00.flac": "music"}
# `kathleen` knows a table of the same name with more rows; here it knows nothing.
KEYS = ("sounds", "noise_rooms", "kathleen48", "kathleen", "music")


@pytest.fixture
def small(folder, tmp_path, monkeypatch):
    """A folder with five tones and their tables, and registries that know them."""
    source = tmp_path / "source"
    registries = {key: {} for key in KEYS}
    for number, (name, key) in enumerate(SOUNDS.items()):
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.5 * np.sin(np.arange(900) * (0.1 + 0.05 * number)), 22050)
        if key == "music":  # a test needs no coder for Ogg Vorbis: soundfile looks at the content
            path, name = path.rename(path.with_suffix(".ogg")), name.replace("flac", "ogg")
        registries[key][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for name, text in TABLES.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        key = "kathleen48" if name.startswith("kathleen") else "music"
        registries[key][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    real = cache._registry
    monkeypatch.setattr(
        cache, "_registry", lambda key: registries[key] if key in registries else real(key)
    )
    return source


# --- stand-ins -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_with_nothing_cached_each_example_is_a_standin_that_says_so(folder, kind):
    names = corpora.examples(kind)
    for name in names if len(names) < 15 else names[::8]:
        one = corpora.example(name)
        assert one.name == name and one.kind == kind
        assert one.standin and not one.recorded
        assert one.provenance.startswith("synthetic (") and one.about in one.provenance
        assert one.samples.dtype == np.float64 and one.samples.ndim == 1
        assert np.isfinite(one.samples).all() and 0.1 < np.abs(one.samples).max() <= 1
        assert 0.09 < one.seconds <= 16.1


def test_the_names_are_those_of_the_registries():
    names = corpora.examples()
    assert len(names) == len(set(names)) == 115
    assert sum(map(len, map(corpora.examples, KINDS))) == 115
    for entry in catalogue._entries().values():
        assert entry.file in entry.collection.registry
    files = {entry.file for entry in catalogue._entries().values()}
    for one in cache.EXAMPLES:
        assert {f for f in one.registry if not f.endswith(".tsv")} <= files
        assert all(len(digest) == 64 for digest in one.registry.values())
    assert set(filling.PUBLIC) < set(cache.SOUNDS.registry)


def test_a_standin_is_the_same_each_time_and_another_for_another_name(folder):
    first = corpora.example("bach01").samples
    catalogue._standin.cache_clear()
    assert np.array_equal(corpora.example("bach01").samples, first)
    assert not np.array_equal(corpora.example("bach02").samples[: len(first)], first)


def test_the_caller_owns_the_arrays(folder):
    one = corpora.example("chords01")
    for part in ("samples", "notes", "chords"):
        before = getattr(one, part).copy()
        getattr(one, part)[:] = np.zeros(1, before.dtype)
        assert np.array_equal(getattr(corpora.example("chords01"), part), before)


def test_a_note_has_the_pitch_of_its_name(folder):
    for name, hertz in (("flute-A4", 440), ("organ-C3", 130.81), ("vibraphone-C6", 1046.5)):
        one = corpora.example(name)
        middle = one.samples[len(one.samples) // 4 :][:16384] * np.hanning(16384)
        spectrum = np.abs(np.fft.rfft(middle, 4 * 16384))
        strongest = spectrum.argmax() * one.rate / (4 * 16384)
        assert strongest == pytest.approx(hertz, rel=0.005)


def test_the_notes_of_a_standin_belong_to_its_key_and_chords(folder):
    for name in corpora.examples("chords"):
        one = corpora.example(name)
        tonic, mode = one.key.split()
        assert one.chords["root"][0] in (tonic, standins.PITCHES[(_number(tonic) + 2) % 12])
        assert mode in ("major", "minor")
        for start, end, root, quality in one.chords:
            sounding = one.notes[(one.notes["onset"] < end) & (one.notes["offset"] > start)]
            wanted = {(_number(root) + up) % 12 for up in standins.TRIADS[quality]}
            assert set(sounding["pitch"] % 12) == wanted


def _number(pitch):
    return standins.PITCHES.index(pitch)


def test_the_drums_of_a_piece_keep_its_tempo(folder):
    one = corpora.example("fishin")
    low = np.convolve(np.abs(one.samples), np.ones(220) / 220)[::220]
    power = np.maximum(np.diff(low), 0)
    lag = 60 / one.bpm * one.rate / 220
    lags = np.arange(round(0.8 * lag), round(1.25 * lag))
    score = [np.dot(power[n:], power[:-n]) for n in lags]
    assert abs(lags[np.argmax(score)] - lag) <= 1


def test_noise_has_the_slope_it_is_asked_for():
    for slope in (0, 1, 2):
        noise = tones.coloured(4.0, 16000, slope, np.random.default_rng(1))
        power = np.abs(np.fft.rfft(noise)) ** 2
        octaves = [power[4 * low : 8 * low].mean() for low in (250, 500, 1000, 2000)]
        steps = np.diff(10 * np.log10(octaves))
        assert steps == pytest.approx(-10 * np.log10(2) * slope * np.ones(3), abs=0.6)


def test_a_room_decays_by_sixty_decibels_in_the_time_it_says(folder):
    room = corpora.example("seminar_clap")
    tail = room.samples**2
    left = 10 * np.log10(np.cumsum(tail[::-1])[::-1][[1600, 4800]])
    assert left[0] - left[1] == pytest.approx(60 * 0.2 / 0.5, abs=2)


def test_wideband_speech_has_something_to_alias(folder):
    one = corpora.example("kathleen-a0003")
    power = np.abs(np.fft.rfft(one.samples)) ** 2
    hertz = np.fft.rfftfreq(len(one.samples), 1 / one.rate)
    assert one.rate == 48000
    assert power[hertz > 8000].sum() > 0.01 * power.sum()


@pytest.mark.parametrize(
    ("call", "wanted", "message"),
    [
        (corpora.example, "flute", "no example 'flute'"),
        (corpora.examples, "notes", "no kind 'notes': there are note, phrase"),
    ],
)
def test_what_there_is_not(call, wanted, message):
    with pytest.raises(ValueError, match=message):
        call(wanted)


# --- from the cache ------------------------------------------------------------------------------


def test_what_is_filled_is_read_with_what_is_known_of_it(small, monkeypatch):
    deliveries = {one.collection.key: one for one in filling.fill(small)}
    assert len(deliveries) == 4 and all(one.good for one in deliveries.values())
    flute = corpora.example("flute-A4")
    assert (
        flute.recorded and not flute.standin and flute.rate == 22050 and len(flute.samples) == 900
    )
    assert flute.provenance == (
        "flute, one note (Music Technology Group, Universitat Pompeu Fabra, CC BY 4.0)"
    )
    assert corpora.example("kathleen-b0077").text == "It is the nearest refuge."
    bach = corpora.example("bach01")
    assert (bach.key, bach.bpm, bach.style) == ("E major", 130.0, "baroque")
    assert bach.notes.tolist() == [(0.5, 1.25, 64), (1.25, 2.0, 68)]
    assert not bach.recorded and not bach.standin and "not a performance" in bach.provenance
    chords = corpora.example("chords00")
    assert chords.chords.tolist() == [(0.0, 3.3, "F", "maj"), (3.3, 6.6, "Bb", "min")]
    assert corpora.example("oboe-A4").standin, "what is lacking is made"
    assert catalogue.held()[0] == 5
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    assert corpora.example("flute-A4").standin and catalogue.held()[0] == 0


def test_tables_of_one_name_in_two_folders_are_kept_apart(small):
    filling.fill(small / "piano")  # the folder's own name counts, too
    assert cache.MUSIC.present() == {"piano/bach01.ogg", "piano/bach01.tsv", "piano/index.tsv"}
    filling.fill(small)
    assert cache.MUSIC.complete()


def test_a_damaged_sound_is_not_played(small):
    filling.fill(small)
    cache.SOUNDS.path("flute-A4.flac").write_bytes(b"fLaC")
    with pytest.raises(corpora.CorpusError, match=r"flute-A4\.flac .* is damaged"):
        corpora.example("flute-A4")


# --- fetching ------------------------------------------------------------------------------------


@pytest.fixture
def server(folder, monkeypatch):
    """A server whose every answer is a piece, and a registry in which all five are that piece."""
    content = b"OggS" + bytes(900)
    digest = hashlib.sha256(content).hexdigest()
    registry = dict.fromkeys(filling.PUBLIC, digest) | {"flute-A4.flac": "0" * 64}
    real = cache._registry
    monkeypatch.setattr(cache, "_registry", lambda key: registry if key == "sounds" else real(key))
    with serving(content) as one:
        yield one


def test_fetch_takes_the_pieces_that_are_public(server, capsys):
    base = server.url.rpartition("/")[0] + "/"
    assert command_line.main(["fetch", "pieces", "--pieces", base]) == 0
    assert "5 of 6 files are in the cache (5 new)" in capsys.readouterr().out
    assert command_line.main(["fetch", "pieces", "--pieces", base]) == 0
    assert len(server.requests) == 5, "what is there is not downloaded again"


def test_fetch_refuses_what_is_not_the_piece(server, capsys):
    server.content = b"<html>please sign in</html>"
    base = server.url.rpartition("/")[0] + "/"
    assert command_line.main(["fetch", "pieces", "--pieces", base]) == 1
    assert "its SHA-256 differs" in capsys.readouterr().err
    assert cache.SOUNDS.present() == set()


def test_fetch_of_pieces_without_a_network(server, capsys):
    assert command_line.main(["fetch", "pieces", "--pieces", "http://127.0.0.1:9/"]) == 1
    assert "Connection refused" in capsys.readouterr().err


# --- the real thing, where a copy is at hand -----------------------------------------------------

RATES = {"speech": 44100, "piece": 22050, "noise": 16000, "room": 16000, "wideband": 48000}
RATES |= {"note": 44100, "rhythm": 44100, "piano": 22050, "chords": 22050}


def test_what_the_cache_of_this_machine_holds(monkeypatch):
    monkeypatch.delenv("SPEECHLAB_CORPUS", raising=False)
    _forget()
    found = [
        name for name in corpora.examples() if not catalogue._absent(catalogue._entries()[name])
    ]
    if not found:
        pytest.skip("the cache holds no example (set SPEECHLAB_CACHE to a filled one)")
    for one in map(corpora.example, found):
        assert one.rate == RATES.get(one.kind, one.rate) and one.samples.ndim == 1
        assert one.samples.std() > 1e-3 and not one.standin and one.licence
        assert one.recorded == (one.kind not in ("piano", "chords"))
        if one.kind == "piano":
            assert len(one.notes) > 20 and one.notes["pitch"].min() > 20
            assert (one.notes["onset"] < one.notes["offset"]).all()
        if one.kind == "chords":
            assert one.chords["start"][1:] == pytest.approx(one.chords["end"][:-1])
            assert set(one.chords["root"]) <= set(standins.PITCHES)
