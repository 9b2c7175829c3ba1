"""What comes along to a page runs with NumPy, SciPy and Matplotlib alone."""

import json
import subprocess
import sys

import pytest

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.site.python import bundle
from speechlab.systems import hubert

ABSENT = "librosa soundfile soxr audioread numba hmmlearn sklearn torch"
ABSENT = f"{ABSENT} ipywidgets anywidget traitlets pooch requests tqdm pandas"

PAGE = """
import importlib, json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[2].split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, sys.argv[1])
for name in json.loads(sys.argv[3]):
    importlib.import_module(name)
import speechlab
from speechlab import corpora, sound
from speechlab.systems import hubert
assert speechlab.__file__.startswith(sys.argv[1])
word = corpora.digits("test")[5]
chords = corpora.example("chords00")
vowels = corpora.vowel_table()
drawn = speechlab.waveform(word.samples, word.rate).figure
shown = sound(word.samples, word.rate, "a word"), speechlab.picture(drawn, "a word")
print(json.dumps({
    "word": [word.text, word.speaker, word.samples.sum()],
    "units": hubert.encoder().units(word.samples, word.rate).tolist(),
    "provenance": [corpora.name(), chords.provenance, len(vowels)],
    "shown": [part._repr_html_()[:7] for part in shown],
    "had": sorted({name.partition(".")[0] for name in sys.modules if sys.modules[name]}),
}))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """What a process that has no more than a page's Python says, with the files of the page."""
    folder = tmp_path_factory.mktemp("page")
    for name, content in (bundle.files() | bundle.large()).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    command = [sys.executable, "-I", "-c", PAGE, str(folder), ABSENT, json.dumps(bundle.modules())]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_module_is_imported_and_none_brings_in_what_is_absent(page):
    assert not set(ABSENT.split()) & set(page["had"])


def test_speech_and_systems_are_those_of_the_book(page, monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    word = corpora.digits("test")[5]
    assert page["word"] == [word.text, word.speaker, word.samples.sum()]
    assert page["units"] == hubert.encoder().units(word.samples, word.rate).tolist()
    name, chords, vowels = page["provenance"]
    assert name == corpora.name() and "synthetic" in chords
    assert vowels == len(corpora.vowel_table("embedded"))
    assert page["shown"] == ["<figure", "<figure"]


def test_what_comes_along_is_what_is_needed():
    modules = bundle.modules()
    for needed in ("speech.cepstra", "systems.digit_hmm", "systems.hubert", "systems.resynthesis"):
        assert f"speechlab.{needed}" in modules
    assert "speechlab.systems.emotion" not in modules  # which learns with scikit-learn
    names = {*bundle.files(), *bundle.large()}
    assert {"speechlab/data/embedded/digits.npz", "speechlab/data/models/hubert.npz"} <= names
    assert "speechlab/data/pronunciations.txt.gz" in names
    assert not any(name.endswith((".flac", "fsdd.txt")) for name in names)
    assert not any("/site/" in name or "make_" in name for name in names)


def test_speech_takes_little_room():
    packed = bundle.large()["speechlab/data/embedded/digits.npz"]
    assert len(packed) < 1.25 * (DATA / "embedded" / "digits.flac").stat().st_size
