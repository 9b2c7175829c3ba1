"""Sounds, figures and controls: what they become, and what they refuse."""

from __future__ import annotations

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
import soundfile

matplotlib.use("agg")
import matplotlib.pyplot as plt
from PIL import Image

from speechlab import Sound, explore, picture, sound, spectrogram, waveform
from speechlab.show import display, media

RATE = 8000
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE // 4) / RATE)


@pytest.fixture
def book(tmp_path, monkeypatch):
    """The folder that media go to while the book is built."""
    monkeypatch.setenv(media.VARIABLE, str(tmp_path / "media"))
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def notebook(monkeypatch):
    """Unless a test asks for the book, it runs as in a notebook."""
    monkeypatch.delenv(media.VARIABLE, raising=False)


def figure():
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, 1])
    return fig


def heard(shown: Sound) -> np.ndarray:
    return soundfile.read(io.BytesIO(shown.wav))[0]


def test_a_sound_is_heard_as_it_was_given_but_for_five_milliseconds_at_either_end():
    loud = np.full(RATE, 0.5)
    difference = np.abs(heard(sound(loud, RATE, "A step.")) - loud)
    assert difference[40:-40].max() < 1e-4
    assert heard(sound(loud, RATE, "A step."))[[0, -1]] == pytest.approx([0, 0], abs=1e-3)
    assert np.abs(np.diff(heard(sound(loud, RATE, "A step.")))).max() < 0.02  # no click
    assert np.abs(heard(sound(TONE, RATE, "A tone.")) - TONE)[40:-40].max() < 1e-4


def test_the_level_of_a_sound_is_that_of_its_loudest_part():
    assert sound(TONE, RATE, "A tone.").level == pytest.approx(20 * np.log10(0.5), abs=0.01)
    quiet = np.concatenate([np.zeros(RATE), TONE, np.zeros(RATE)])
    assert sound(quiet, RATE, "A tone.").level == pytest.approx(20 * np.log10(0.5), abs=0.1)
    assert sound(np.zeros(9), RATE, "Silence.").level < -150


def test_loud_sounds_are_scaled_and_quiet_ones_only_on_request():
    assert np.abs(heard(sound(8 * TONE, RATE, "A tone."))).max() == pytest.approx(0.97, abs=1e-3)
    quiet = TONE / 100
    assert np.abs(heard(sound(quiet, RATE, "A tone."))).max() < 0.01
    louder = sound(quiet, RATE, "A tone.", normalise=True)
    assert np.abs(heard(louder)).max() == pytest.approx(0.97, abs=1e-3)
    assert np.all(heard(sound(np.zeros(10), RATE, "Silence.", normalise=True)) == 0)


def test_a_sound_in_two_ears():
    both = np.stack([TONE, -TONE], axis=1)
    assert heard(sound(both, RATE, "Two ears.")).shape == both.shape


def test_words_are_escaped_and_mathematics_kept():
    page = sound(TONE, RATE, 'A "tone" <b> with \\(f_0\\)')._repr_html_()
    assert "<b>" not in page and "&lt;b&gt;" in page and "\\(f_0\\)" in page
    assert 'aria-label="A &quot;tone&quot; &lt;b&gt; with \\(f_0\\)"' in page


def test_in_a_notebook_media_are_inside():
    page = sound(TONE, RATE, "A tone.")._repr_html_()
    inside = re.search(r'src="data:audio/wav;base64,([^"]+)"', page).group(1)
    assert base64.b64decode(inside).startswith(b"RIFF")


def test_in_the_book_media_are_files_named_by_content(book):
    page = sound(TONE, RATE, "A tone.")._repr_html_() + picture(figure(), "A line.")._repr_html_()
    names = media.referenced(page)
    assert names == {path.name for path in book.iterdir()}
    assert {name.rpartition(".")[2] for name in names} == {"flac", "webp"}
    kept, rate = soundfile.read(next(book.glob("*.flac")), dtype="int16")
    whole = soundfile.read(io.BytesIO(sound(TONE, RATE, "A tone.").wav), dtype="int16")[0]
    assert rate == RATE and np.array_equal(kept, whole)
    again = sound(TONE, RATE, "Another caption.")._repr_html_()
    assert media.referenced(again) < names
    other = sound(TONE / 2, RATE, "A tone.")._repr_html_()
    assert not media.referenced(other) & names


def test_the_same_figure_gives_the_same_bytes():
    one, two = picture(figure(), "A line."), picture(figure(), "A line.")
    assert (one.light, one.dark) == (two.light, two.dark) and one.light != one.dark


def test_a_figure_of_many_colours_is_light_and_looks_the_same(monkeypatch):
    def noise():
        fig, ax = plt.subplots(figsize=(8, 4))
        many = np.random.default_rng(0).random((20, 40))
        ax.imshow(many, aspect="auto", cmap="magma", interpolation="bilinear")
        return picture(fig, "Noise.").light

    light = noise()
    monkeypatch.setattr(display, "LARGE", np.inf)
    whole = noise()
    assert len(light) < min(len(whole), 250_000) / 3
    one, two = (np.asarray(Image.open(io.BytesIO(i)).convert("RGB"), float) for i in (light, whole))
    assert 0 < np.abs(one - two).mean() < 4  # of 255


def test_a_picture_closes_its_figure():
    fig = figure()
    shown = picture(fig, "A line.", "Rising.")
    assert not plt.fignum_exists(fig.number)
    assert 'alt="A line."' in shown._repr_html_() and "Rising." in shown._repr_html_()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: sound(TONE, RATE, " "), "caption"),
        (lambda: sound(TONE, RATE, None), "caption"),
        (lambda: sound([], RATE, "x"), "at least one sample"),
        (lambda: sound([np.nan], RATE, "x"), "finite"),
        (lambda: sound(np.zeros((2, 5)), RATE, "x"), "shape"),
        (lambda: sound(TONE, 0, "x"), "sampling rate"),
        (lambda: sound(TONE, np.inf, "x"), "sampling rate"),
        (lambda: picture(figure(), ""), "alternative text"),
        (lambda: picture("a figure", "x"), "Matplotlib figure"),
        (lambda: waveform([], RATE), "shape"),
        (lambda: spectrogram(np.zeros((2, 2)), RATE), "shape"),
        (lambda: spectrogram(TONE, -1), "sampling rate"),
        (lambda: explore(str), "one to three parameters"),
        (lambda: explore(str, a=[1, 2], b=[1, 2], c=[1, 2], d=[1, 2]), "one to three"),
        (lambda: explore(str, a=[1]), "at least two values"),
        (lambda: explore(str, a=[1, 1]), "read the same"),
        (lambda: explore(str, labels={"b": "B"}, a=[1, 2]), "'b' names no parameter"),
        (lambda: explore(str, a=[1, 2], start={"b": 1}), "start 'b' names no parameter"),
        (lambda: explore(str, a=[1, 2], level_by="b"), "level_by 'b' names no parameter"),
        (lambda: explore(str, a=[1, 2], start=3), "no value '3' to start at"),
        (lambda: explore(str, a=[1, 2], b=[1, 2], start=1), "start 'start' names no parameter"),
        (lambda: explore(str, a=range(30), b=range(30)), "900 combinations"),
        (lambda: explore("text", a=[1, 2]), "function"),
    ],
)
def test_what_is_refused_is_refused_in_one_sentence(make, complaint):
    with pytest.raises(ValueError, match=complaint) as refused:
        make()
    message = str(refused.value)
    assert message.endswith((".", ").")) and "\n" not in message


@pytest.mark.parametrize("building", [False, True])
def test_an_explored_function_shows_nothing_else(building, request):
    if building:
        request.getfixturevalue("book")
    with pytest.raises(TypeError, match="not float"):
        explore(lambda a: 0.5, a=[1, 2])


def test_in_a_notebook_the_function_runs_when_a_slider_moves():
    calls = []

    def show(order, word):
        calls.append((order, word))
        return [f"{order} {word}", sound(TONE * order / 9, RATE, "A tone.")]

    control = explore(show, {"order": "Order"}, order=[1, 2, 3], word={"yes": "ja", "no": "nein"})
    order, word, panel = control.children
    assert calls == [(1, "ja")] and "1 ja" in panel.value and "data:audio" in panel.value
    order.index = 2
    word.value = "no"
    assert calls[-1] == (3, "nein") and "3 nein" in panel.value
    word.value = "yes"
    word.value = "no"
    assert len(calls) == 3  # what was computed once is kept
    assert order.description == "Order" and word.description == "word"


def test_in_a_notebook_a_control_opens_at_start():
    control = explore(lambda a, b: f"{a} {b}", start={"b": "y"}, a=[1, 2], b=["x", "y"])
    assert [slider.value for slider in control.children[:2]] == ["1", "y"]


def test_spectrogram_finds_the_tone():
    fig, ax = plt.subplots()
    spectrogram(TONE, RATE, ax)
    image = ax.get_images()[0]
    low, high = image.get_extent()[2:]
    levels = image.get_array()
    loudest = np.argmax(levels.mean(axis=1)) + 0.5
    assert low + (high - low) * loudest / len(levels) == pytest.approx(440, abs=20)
    assert levels.max() == pytest.approx(0) and levels.min() >= -70
    plt.close(fig)


def test_silence_and_short_sounds_can_be_drawn():
    for samples in (np.zeros(1000), [0.5], np.ones(30)):
        ax = spectrogram(samples, RATE)
        levels = ax.get_images()[0].get_array()
        assert np.all(np.isfinite(levels))
        if not np.any(samples):
            assert levels.max() == -70
        plt.close(ax.figure)


def test_waveform_has_a_time_axis_in_seconds():
    ax = waveform(TONE, RATE)
    assert ax.get_xlim() == (0, 0.25) and "s" in ax.get_xlabel()
    assert len(ax.get_lines()[0].get_xdata()) == len(TONE)
    plt.close(ax.figure)
