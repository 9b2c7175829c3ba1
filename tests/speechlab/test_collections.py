"""Collections: the same fields from the cache and from stand-ins, which say what they are."""

import hashlib
import os

import numpy as np
import pytest
import soundfile

from speechlab import corpora
from speechlab.corpora import __main__ as command_line
from speechlab.corpora import cache, catalogue, filling, recordings

KEYS = corpora.collections()
FIELDS = {
    "words": ("word", "start", "end"),
    "turns": ("speaker", "start", "end"),
    "notes": ("onset", "offset", "pitch"),
    "notes2": ("onset", "offset", "pitch"),
    "f0": ("time", "f0"),
}


def _forget():
    for memory in (recordings._real, recordings._standins, catalogue.table_rows):
        memory.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and no wish for any corpus."""
    monkeypatch.setenv("SPEECHLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SPEECHLAB_CORPUS", raising=False)
    _forget()
    yield tmp_path / "cache"
    _forget()


def sound_as_they_should_be(found):
    """What holds of every collection, real or not."""
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.about and one.licence and one.provenance
        assert all(isinstance(value, str) for value in one.labels.values())
        for name, table in one.tables.items():
            assert table.dtype.names == FIELDS[name]
            if "start" in table.dtype.names:
                assert (table["start"] < table["end"]).all()
                assert table["end"].max() <= one.seconds + 0.05
    for one in found[:: max(1, len(found) // 4)]:
        samples = one.samples
        assert samples.dtype == np.float64 and samples.ndim == 1
        assert len(samples) == pytest.approx(one.seconds * one.rate, abs=0.01 * one.rate)
        assert np.isfinite(samples).all() and 0.001 < np.abs(samples).max() <= 1


@pytest.mark.parametrize("key", KEYS)
def test_with_nothing_cached_standins_serve_and_say_so(folder, key):
    found = corpora.collection(key)
    sound_as_they_should_be(found)
    assert not corpora.held_collection(key)
    assert all(one.standin and not one.recorded for one in found)
    assert all(one.provenance.startswith("synthetic: ") for one in found)


def test_standins_are_the_same_each_time_and_belong_to_the_caller(folder):
    first = corpora.collection("emodb4")[5].samples
    kept = first.copy()
    first[:] = 0
    assert np.array_equal(corpora.collection("emodb4")[5].samples, kept)
    _forget()
    assert np.array_equal(corpora.collection("emodb4")[5].samples, kept)


def test_standins_know_what_was_said_and_when(folder):
    strings = [one for one in corpora.collection("kathleen") if "words" in one.tables]
    assert {one.split for one in strings} == {"train", "dev", "test"}
    for one in strings:
        words, samples = one.tables["words"], one.samples
        assert " ".join(words["word"]) == one.text
        said = np.zeros(len(samples), dtype=bool)
        for _, start, end in words:
            said[round(start * one.rate) : round(end * one.rate)] = True
        assert np.all(samples[~said] == 0)


def test_parts_add_up_to_the_mixture(folder):
    for piece in corpora.collection("stems"):
        together = np.sum([part.samples for part in piece.parts], axis=0)
        assert np.allclose(piece.samples, together)
        assert {part.labels["stem"] for part in piece.parts} == {"bass", "chords", "drums", "lead"}


def test_turns_of_a_standin_overlap_now_and_then(folder):
    turns = [one.tables["turns"] for one in corpora.collection("ami_meetings")]
    early = [np.any(table["start"][1:] < table["end"][:-1]) for table in turns]
    assert any(early) and all(len(set(table["speaker"])) >= 2 for table in turns)


def test_what_there_is_not(folder):
    for asked in (corpora.collection, corpora.held_collection):
        with pytest.raises(ValueError, match="no collection 'timit': there are kathleen"):
            asked("timit")


# --- from the cache ------------------------------------------------------------------------------

TABLES = {
    "emodb4": {
        "emodb4/metadata.tsv": "utt\tspeaker\tsex\tage\temotion\tsentence\tseconds\ttext\n"
        "03a01Fa\t03\tM\t31\thappiness\ta01\t0.5\tDer Lappen.\n"
    },
    "ami_meetings": {
        "ami_meetings/reference.rttm": "SPEAKER dev00 1 0.100 0.250 <NA> <NA> A <NA> <NA>\n"
    },
    "singing": {
        "singing/manifest.tsv": "file\trate\tseconds\tlicence\twhat\n"
        "vocadito_1.flac\t16000\t0.5\tCC BY 4.0\tsolo singing\n",
        "singing/vocadito_1_f0.tsv": "time\tf0\n0.0\t220.0\n",
        "singing/vocadito_1_notes_A1.tsv": "onset\tf0\tduration\n0.1\t220.0\t0.2\n",
        "singing/vocadito_1_notes_A2.tsv": "onset\tf0\tduration\n0.1\t440.0\t0.2\n",
        "singing/vocadito_1_lyrics.txt": "la\nla\n",
    },
}
SOUNDS = {
    "emodb4": "flac/03a01Fa.flac",
    "ami_meetings": "ami_meetings/dev00.flac",
    "singing": "singing/vocadito_1.flac",
}


@pytest.fixture
def small(folder, tmp_path, monkeypatch):
    """A folder with one recording of each of three collections, and registries that know them."""
    source, registries = tmp_path / "source", {key: {} for key in KEYS}
    for key, file in SOUNDS.items():
        for name in (file, *TABLES[key]):
            path = source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name == file:
                soundfile.write(path, 0.5 * np.sin(0.1 * np.arange(8000)), 16000)
            else:
                path.write_text(TABLES[key][name], encoding="utf-8", newline="")
            registries[key][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    real = cache._registry
    monkeypatch.setattr(
        cache, "_registry", lambda key: registries[key] if key in registries else real(key)
    )
    return source


def test_what_is_filled_is_read_with_what_is_known_of_it(small, capsys, monkeypatch):
    assert command_line.main(["fill", str(small)]) == 0
    assert "four acted emotions: 2 of 2 files are in the cache (2 new)." in capsys.readouterr().out
    (one,) = corpora.collection("emodb4")
    assert (one.speaker, one.split, one.text) == ("03", "03", "Der Lappen.")
    assert one.labels == {"emotion": "happiness", "sex": "M", "age": "31", "sentence": "a01"}
    assert one.recorded and not one.standin and "Burkhardt" in one.provenance
    assert len(one.samples) == 8000 and np.abs(one.samples).max() == pytest.approx(0.5, abs=1e-3)
    (meeting,) = corpora.collection("ami_meetings")
    assert meeting.split == "dev" and meeting.tables["turns"].tolist() == [("A", 0.1, 0.35)]
    (song,) = corpora.collection("singing")
    assert song.text == "la la" and song.tables["f0"].tolist() == [(0.0, 220.0)]
    assert [song.tables[k]["pitch"][0] for k in ("notes", "notes2")] == [57, 69]
    assert song.tables["notes"]["offset"][0] == pytest.approx(0.3)
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    assert corpora.collection("emodb4")[0].standin


def test_a_set_that_lacks_a_file_is_a_standin_and_status_says_so(small, capsys):
    filling.fill(small)
    os.unlink(cache.EMODB.path(SOUNDS["emodb4"]))
    assert corpora.collection("emodb4")[0].standin
    command_line.main(["status"])
    said = capsys.readouterr().out
    assert "four acted emotions: 1 of 2 files" in said
    assert "Collections with synthetic stand-ins: emodb4." in said


def test_a_collection_is_not_to_be_fetched_but_filled(small, capsys):
    assert command_line.main(["fetch", "emodb4"]) == 1
    told = capsys.readouterr().err
    assert "2 files are missing, and no server has them" in told and "corpora fill" in told
    filling.fill(small)
    assert command_line.main(["fetch", "emodb4"]) == 0
    assert "2 of 2 files are in the cache (0 new)" in capsys.readouterr().out


def test_a_damaged_recording_is_not_played(small):
    filling.fill(small)
    cache.EMODB.path(SOUNDS["emodb4"]).write_bytes(b"fLaC")
    (one,) = corpora.collection("emodb4")
    with pytest.raises(corpora.CorpusError, match=r"03a01Fa\.flac .* is damaged"):
        _ = one.samples


def test_registries_hold_sums_and_no_file_twice():
    for one in cache.RECORDINGS:
        names = one.registry
        assert all(len(digest) == 64 for digest in names.values())
        others = [set(other.registry) for other in cache.COLLECTIONS if other is not one]
        shared = set(names) & set().union(*others)
        assert shared <= {"kathleen/metadata.tsv"}


@pytest.mark.parametrize(
    ("key", "count", "splits"),
    [
        ("kathleen", 1132, {"train", "dev", "test"}),
        ("librispeech10", 100, {"test"}),
        ("librispeech251", 251, {"train"}),
        ("esc10", 398, set("12345")),
        ("ami_meetings", 14, {"train", "dev", "test"}),
        ("stems", 8, {""}),
        ("singing", 4, {""}),
    ],
)
def test_the_real_thing_where_a_copy_is_at_hand(key, count, splits, monkeypatch):
    monkeypatch.delenv("SPEECHLAB_CORPUS", raising=False)
    if not corpora.held_collection(key):
        pytest.skip(f"the cache does not hold {key} (set SPEECHLAB_CACHE to a filled one)")
    found = corpora.collection(key)
    sound_as_they_should_be(found)
    assert len(found) == count and {one.split for one in found} == splits
    assert not any(one.standin for one in found)
