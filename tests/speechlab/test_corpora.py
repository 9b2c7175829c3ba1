"""The corpora: the same interface to real and embedded speech, and a cache that holds no lies."""

import csv
import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from speechlab import corpora
from speechlab.corpora import __main__ as command_line
from speechlab.corpora import cache, clips, filling
from tests.support.serving import serving

DATA = cache.DATA
FILES = ("0_george_0.wav", "0_george_5.wav", "7_theo_3.wav", "9_yweweler_49.wav")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and no wish for any corpus."""
    monkeypatch.setenv("SPEECHLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SPEECHLAB_CORPUS", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def small(folder, tmp_path, monkeypatch):
    """A collection of four recordings in place of the 3,000, and a folder that holds them."""
    source = tmp_path / "source" / "deep" / "down"
    source.mkdir(parents=True)
    registry = {}
    for number, file in enumerate(FILES):
        tone = np.round(8000 * np.sin(np.arange(800) * (0.1 + 0.05 * number))).astype("int16")
        soundfile.write(source / file, tone, 8000)
        registry[file] = hashlib.sha256((source / file).read_bytes()).hexdigest()
    real = cache._registry
    monkeypatch.setattr(cache, "_registry", lambda key: registry if key == "fsdd" else real(key))
    for memory in (clips._labels, clips._recording, clips._warn_once):
        memory.cache_clear()
        monkeypatch.setattr(clips, memory.__name__, memory)
    yield tmp_path / "source"
    clips._labels.cache_clear()
    clips._recording.cache_clear()


# --- the embedded corpus -------------------------------------------------------------------------


@pytest.fixture
def embedded(folder, monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_embedded_digits_are_enough_to_train_and_test(embedded):
    train, test, everything = (corpora.digits(split) for split in ("train", "test", "all"))
    assert len(corpora.speakers()) >= 6
    assert len(train) + len(test) == len(everything) == 480
    for speaker in corpora.speakers():
        for digit in range(10):
            kept = corpora.digits("all", speakers=speaker, digits=digit)
            assert [clip.index for clip in kept] == list(range(8))
            assert [clip.split for clip in kept] == ["test"] * 2 + ["train"] * 6


def test_embedded_clips_are_sound(embedded):
    for clip in [*corpora.digits("all"), *corpora.sentences()]:
        assert clip.samples.dtype == np.float64 and clip.samples.ndim == 1
        assert 0.15 < clip.seconds < 4.5
        assert 0.2 < np.abs(clip.samples).max() <= 1
        assert clip.samples.std() > 0.01


def test_whose_voice_it_is(embedded):
    assert not corpora.recorded() and not corpora.vowels_measured()
    assert corpora.voice("cedar") == "cedar, a voice of a speech synthesiser"
    with pytest.raises(ValueError, match="no speaker 'nobody'"):
        corpora.voice("nobody")


def test_embedded_tokens_of_a_digit_are_all_different(embedded):
    for speaker in corpora.speakers():
        lengths = {len(c.samples) for c in corpora.digits("all", speaker, 4)}
        assert len(lengths) >= 6


def test_sentences(embedded):
    sentences = corpora.sentences()
    assert len(sentences) == 10
    assert {clip.rate for clip in sentences} == {16000}
    assert all(clip.digit is None and clip.text.endswith((".", "?")) for clip in sentences)


def test_embedded_files_are_small_and_their_tables_cover_them():
    folder = DATA / "embedded"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3_000_000
    for kind in ("digits", "sentences"):
        with open(folder / f"{kind}.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        starts, stops = ([int(row[edge]) for row in rows] for edge in ("start", "stop"))
        assert starts == [0, *stops[:-1]]
        assert stops[-1] == soundfile.info(folder / f"{kind}.flac").frames


def test_the_caller_owns_the_samples(embedded):
    first = corpora.digits("test", "alder", 0)[0]
    before = first.samples.copy()
    first.samples[:] = 0
    assert np.array_equal(corpora.digits("test", "alder", 0)[0].samples, before)


def test_embedded_vowels_have_the_published_means(embedded):
    table = corpora.vowel_table()
    assert set(table["group"]) == {"man", "woman", "child"}
    men_i = table[(table["group"] == "man") & (table["vowel"] == "i")]
    for formant, hertz in zip(("f0", "f1", "f2", "f3"), (136, 270, 2290, 3010)):
        assert men_i[formant].mean() == pytest.approx(hertz, rel=0.08)
    assert (table["f1"] < table["f2"]).all() and (table["f2"] < table["f3"]).all()
    assert len(np.unique(table["word"])) == len(np.unique(table["vowel"])) == 10


# --- which corpus --------------------------------------------------------------------------------


def test_auto_takes_real_speech_only_if_all_of_it_is_there(small):
    assert corpora.name() == "embedded synthetic speech"
    filling.fill(small)
    assert corpora.name() == "Free Spoken Digit Dataset"
    assert [(c.speaker, c.digit, c.index, c.split) for c in corpora.digits("all")] == [
        ("george", 0, 0, "test"),
        ("george", 0, 5, "train"),
        ("theo", 7, 3, "test"),
        ("yweweler", 9, 49, "train"),
    ]
    (cache.FSDD.path(FILES[0])).unlink()
    with pytest.warns(UserWarning, match="3 of the 4"):
        assert corpora.name() == "embedded synthetic speech"


def test_fsdd_without_a_cache_names_both_commands(folder, monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "fsdd")
    with pytest.raises(corpora.CorpusError) as why:
        corpora.digits()
    assert "0 of its 3000" in str(why.value)
    assert "corpora fetch" in str(why.value) and "corpora fill" in str(why.value)


def test_a_damaged_file_of_the_cache_is_not_played(small):
    filling.fill(small)
    cache.FSDD.path(FILES[2]).write_bytes(b"RIFF")
    with pytest.raises(corpora.CorpusError, match=r"7_theo_3\.wav .* is damaged"):
        corpora.digits("all")
    assert len(corpora.digits("all", speakers=["george"])) == 2


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"split": "dev"}, "no split 'dev': say \"train\""),
        ({"speakers": "nobody"}, "no speaker 'nobody': there are alder, birch"),
        ({"speakers": ["alder", "nobody"]}, "no speaker 'nobody'"),
        ({"digits": 10}, "no digit 10: there are 0, 1"),
        ({"digits": ["7"]}, "no digit '7'"),
        ({"digits": [True]}, "no digit True"),
    ],
)
def test_what_there_is_not(embedded, wanted, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        corpora.digits(**wanted)


def test_unknown_corpus_and_table(folder, monkeypatch):
    with pytest.raises(ValueError, match="no vowel table 'ipa'"):
        corpora.vowel_table("ipa")
    with pytest.raises(corpora.CorpusError, match="hillenbrand is not in the cache"):
        corpora.vowel_table("hillenbrand")
    monkeypatch.setenv("SPEECHLAB_CORPUS", "timit")
    with pytest.raises(ValueError, match="SPEECHLAB_CORPUS is 'timit'"):
        corpora.name()


# --- filling -------------------------------------------------------------------------------------


def test_the_registry_is_the_whole_dataset():
    names = cache.FSDD.registry
    assert len(names) == 3000 and len(set(names.values())) > 2990
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in names.values())
    speakers = {file.split("_")[1] for file in names}
    assert speakers == {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}
    wanted = {f"{d}_{s}_{i}.wav" for d in range(10) for s in speakers for i in range(50)}
    assert set(names) == wanted


def packed_zip(source: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(source.rglob("*.wav")):
            archive.write(path, f"somewhere/{path.name}")
    return out.getvalue()


def packed_tar(source: Path, mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for path in sorted(source.rglob("*.wav")):
            archive.add(path, f"../../{path.name}")  # climbs out of the folder it is unpacked in
    return out.getvalue()


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz", "tar.xz"])
def test_fill(small, tmp_path, kind):
    source = small
    if kind != "folder":
        source = tmp_path / f"archive.{kind}"
        make = {"zip": packed_zip, "tar.gz": packed_tar}.get(kind)
        source.write_bytes(make(small) if make else packed_tar(small, "w:xz"))
    (first,) = filling.fill(source)
    assert first.good and first.new == set(FILES)
    (again,) = filling.fill(source)
    assert again.good and not again.new and again.known == set(FILES)
    assert sorted(os.listdir(cache.cache_folder() / "fsdd")) == sorted(FILES)
    assert not (tmp_path / FILES[0]).exists()


def test_fill_says_what_is_damaged_or_missing_and_keeps_the_rest(small, capsys):
    source = small / "deep" / "down"
    (source / FILES[1]).write_bytes((source / FILES[1]).read_bytes()[:-7])
    (source / FILES[3]).unlink()
    assert command_line.main(["fill", str(small)]) == 1
    said = capsys.readouterr().out
    assert "2 of 4 files are in the cache (2 new)" in said
    assert f"Damaged in the source, not taken: {FILES[1]}." in said
    assert f"Missing: {FILES[1]}, {FILES[3]}." in said
    assert cache.FSDD.present() == {FILES[0], FILES[2]}


def test_a_good_copy_elsewhere_in_the_source_makes_up_for_a_damaged_one(small):
    (small / FILES[0]).write_bytes(b"not sound")
    (delivery,) = filling.fill(small)
    assert delivery.good


def test_fill_repairs_the_cache(small):
    filling.fill(small)
    cache.FSDD.path(FILES[0]).write_bytes(b"cut")
    (delivery,) = filling.fill(small)
    assert delivery.new == {FILES[0]} and delivery.good


def test_an_archive_that_was_cut_off_gives_what_it_has(small, tmp_path):
    archive = tmp_path / "cut.tar.gz"
    archive.write_bytes(packed_tar(small)[:-1500])
    with pytest.raises(corpora.CorpusError, match="cannot be read to its end") as why:
        filling.fill(archive)
    assert 0 < len(cache.FSDD.present()) < 4
    assert f"{len(cache.FSDD.present())} of 4 files are in the cache" in str(why.value)


def test_a_broken_member_of_a_zip_costs_only_itself(small, tmp_path):
    archive = tmp_path / "archive.zip"
    content = bytearray(packed_zip(small))
    content[80:90] = bytes(10)
    archive.write_bytes(content)
    (delivery,) = filling.fill(archive)
    assert delivery.damaged == {FILES[0]} and delivery.new == set(FILES[1:])


@pytest.mark.parametrize("what", ["nowhere", "empty folder", "text file", "folder of links"])
def test_fill_from_nothing(small, tmp_path, what, capsys):
    source = tmp_path / what
    if what == "text file":
        source.write_text("hello")
    elif what != "nowhere":
        source.mkdir()
    if what == "folder of links":
        (source / FILES[0]).symlink_to(tmp_path / "gone.wav")
    assert command_line.main(["fill", str(source)]) == 1
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1 and str(source) in said


def test_nothing_half_written_is_left_behind(small, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        filling.fill(small)
    assert os.listdir(cache.cache_folder() / "fsdd") == []


def test_vowel_tables_are_filled_and_read(folder, tmp_path, monkeypatch):
    table = b"type,sex,speaker,vowel,repetition,f0,f1,f2,f3\nm,m,1,i,1,160,240,2280,2850\n"
    digest = hashlib.sha256(table).hexdigest()
    real = cache._registry
    monkeypatch.setattr(
        cache, "_registry", lambda key: {"pb52.csv": digest} if key == "vowels" else real(key)
    )
    assert len(corpora.vowel_table()) == 720
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "pb52.csv").write_bytes(table)
    (delivery,) = filling.fill(tmp_path / "tables")
    assert delivery.good
    assert corpora.vowels_measured()
    assert corpora.vowel_table().tolist() == [("man", "m1", "i", "heed", 160, 240, 2280, 2850)]


# --- fetching ------------------------------------------------------------------------------------


@pytest.fixture
def server(small):
    (small / "other.wav").write_bytes(np.random.default_rng(0).bytes(100_000))
    with serving(packed_tar(small)) as one:
        yield one


NO_PIECES = ["--pieces", "http://127.0.0.1:9/"]  # nobody answers there


def test_fetch(server, capsys):
    assert command_line.main(["fetch", "--url", server.url]) == 0
    assert "4 of 4 files are in the cache (4 new)" in capsys.readouterr().out
    assert command_line.main(["fetch", "--url", server.url]) == 0
    assert server.requests == [None], "what is complete is not downloaded again"
    assert os.listdir(cache.cache_folder() / "downloads") == []


@pytest.mark.parametrize("ranges", [True, False])
def test_fetch_goes_on_after_a_cut(server, ranges):
    server.cut, server.ranges = 60_000, ranges
    with pytest.raises(corpora.CorpusError, match="run the command again"):
        filling.fetch(server.url)
    (delivery,) = filling.fetch(server.url)
    assert delivery.good
    first, second = server.requests
    assert first is None
    if ranges:  # it went on near where it was cut, not from the start
        assert 30_000 < int(second.removeprefix("bytes=").removesuffix("-")) <= 60_000


def test_fetch_of_something_else(server, capsys):
    server.content = b"<html>please sign in</html>"
    assert command_line.main(["fetch", "--url", server.url]) == 1
    assert "neither a folder nor a zip or tar" in capsys.readouterr().err
    server.content, server.status = b"gone", 404
    assert command_line.main(["fetch", "--url", server.url]) == 1
    assert "404" in capsys.readouterr().err


def test_fetch_without_a_network(small, capsys):
    assert command_line.main(["fetch", "--url", "http://127.0.0.1:9/archive.tar.gz"]) == 1
    assert "Connection refused" in capsys.readouterr().err


def test_ready_fetches_what_is_in_reach(server, capsys):
    for _ in range(2):
        assert command_line.main(["ready", "--url", server.url, *NO_PIECES]) == 0
        assert capsys.readouterr().out.startswith(f"The book uses: {cache.FSDD.title}.\n0 of 115 s")
    assert len(server.requests) == 1, "what is there is not downloaded again"


def test_ready_without_a_network(small, capsys):
    assert (
        command_line.main(["ready", "--url", "http://127.0.0.1:9/archive.tar.gz", *NO_PIECES]) == 0
    )
    said = capsys.readouterr().out
    assert "embedded synthetic speech" in said and "did not answer" in said


def test_ready_waits_for_nobody():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call and never answers
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/archive.tar.gz"
        begun = time.monotonic()
        assert not filling.reachable(address, seconds=0.5)
        assert time.monotonic() - begun < 3


def test_ready_with_a_server_that_fails(server, capsys):
    server.content = b"<html>please sign in</html>"
    assert command_line.main(["ready", "--url", server.url, *NO_PIECES]) == 0
    told = capsys.readouterr()
    assert "could not be fetched" in told.out and "neither a folder nor a zip" in told.err


def test_ready_leaves_alone_who_asks_for_the_embedded_speech(server, capsys, monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    assert command_line.main(["ready", "--url", server.url, *NO_PIECES]) == 0
    assert "SPEECHLAB_CORPUS asks for it" in capsys.readouterr().out
    assert server.requests == []


# --- the command line, as people run it ----------------------------------------------------------


def test_status_as_a_command(folder):
    here = str(DATA.parent.parent)
    environment = {**os.environ, "SPEECHLAB_CACHE": str(folder), "PYTHONPATH": here}
    told = subprocess.run(
        [sys.executable, "-m", "speechlab.corpora", "status"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for piece in (str(folder), "0 of 3000", "CC BY-SA 4.0", "uses: embedded synthetic speech"):
        assert piece in told


def test_status_finds_damage(small, capsys):
    filling.fill(small)
    cache.FSDD.path(FILES[0]).write_bytes(b"cut")
    assert command_line.main(["status"]) == 1
    assert f"damaged: {FILES[0]}" in capsys.readouterr().out


# --- the real thing, where a copy is at hand -----------------------------------------------------


def test_real_speech_where_there_is_some(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "fsdd")
    clips._labels.cache_clear()
    try:
        test = corpora.digits("test")
    except corpora.CorpusError as why:
        pytest.skip(f"{why} (or set SPEECHLAB_CACHE to a filled one)")
    assert len(test) == 300 and {clip.rate for clip in test} == {8000}
    assert {clip.index for clip in test} == {0, 1, 2, 3, 4}
    assert all(clip.samples.ndim == 1 and clip.samples.std() > 1e-3 for clip in test)
    assert corpora.recorded()
    assert corpora.voice("george") == f"speaker george of the {corpora.name()}"
