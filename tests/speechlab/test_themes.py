"""Figures for dark and for narrow pages."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")
import matplotlib.pyplot as plt
from matplotlib.text import Text
from PIL import Image

from speechlab import picture, spectrogram
from speechlab.show import display, themes

GROUND = 18 / 255  # of a dark page, in each colour
CYCLE = plt.rcParams["axes.prop_cycle"].by_key()["color"]


def read(image: bytes) -> np.ndarray:
    """The pixels of an encoded image, from 0 to 1: red, green, blue and how much they cover."""
    return np.asarray(Image.open(io.BytesIO(image)).convert("RGBA")) / 255


def contrast(colour: np.ndarray, ground: float) -> float:
    """The contrast of a colour (R, G, B) with a grey, as the WCAG have it."""

    def luminance(rgb):
        rgb = np.asarray(rgb, float) * np.ones(3)
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    bright, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", CYCLE)
def test_the_colours_of_lines_stand_out_in_both_themes(colour):
    rgba = matplotlib.colors.to_rgba(colour)
    dark = themes.turned([rgba])[0]
    assert contrast(rgba[:3], 1.0) >= 3
    assert contrast(dark[:3], GROUND) >= 3
    before, after = (matplotlib.colors.rgb_to_hsv(c[:3])[0] for c in (rgba, dark))
    assert abs(before - after) < 0.08  # the hue is told by the text


def test_type_stands_out_and_opacity_stays():
    white, black = themes.turned([[1, 1, 1, 0.5], [0, 0, 0, 1]])
    assert np.allclose(white[:3], GROUND, atol=0.03) and white[3] == 0.5
    assert contrast(black[:3], GROUND) >= 7


def drawn() -> tuple[plt.Figure, np.ndarray]:
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.8))
    left.plot([0, 1], label="a line")
    left.axvspan(0.2, 0.4, color="#fde68a")
    left.scatter([0, 1], [1, 0], color="C1")
    left.annotate("here", (0, 0), (0.5, 0.5), arrowprops={"arrowstyle": "->"}, bbox={"fc": "w"})
    left.legend(fontsize=6)
    left.set_title("title", fontsize=8)
    spectrogram(np.random.default_rng(0).standard_normal(2000), 8000, right)
    right.text(0.1, 3000, "over it", color="white", fontsize=5)
    return fig, (left, right)


def test_type_is_nine_pixels_on_a_phone():
    fig, _ = drawn()
    themes.legible(fig)
    fig.canvas.draw()
    shown = themes.NARROW / (96 * fig.get_size_inches()[0])  # what a phone makes of a pixel
    sizes = {text.get_text(): text.get_fontsize() for text in fig.findobj(Text) if text.get_text()}
    assert {"title", "a line", "over it", "here", "Frequency (Hz)"} <= set(sizes)
    assert min(sizes.values()) * 96 / 72 * shown >= themes.LEAST - 1e-6


def test_long_labels_take_two_lines():
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 1.6))
    axes[0].set(title="Weights of the first, errors of the third", ylabel="Level of a clip (dB)")
    axes[1].set(title="Short", xlabel="Time (s)")
    themes.legible(fig)
    themes.fit_words(fig)
    assert axes[0].get_title() == "Weights of the first,\nerrors of the third"
    assert axes[0].get_ylabel().count("\n") == 1
    assert (axes[1].get_title(), axes[1].get_xlabel()) == ("Short", "Time (s)")
    plt.close(fig)


def test_a_title_that_leaves_the_figure_takes_two_lines():
    fig, ax = plt.subplots(figsize=(3, 2), layout="none")
    ax.set_position([0.8, 0.2, 0.2, 0.6])
    title = ax.set_title("a b", fontsize=30)
    themes.fit_words(fig)
    assert title.get_text() == "a\nb"
    plt.close(fig)


def test_a_dark_figure_has_no_ground_and_bright_type():
    fig, (left, right) = drawn()
    shown = picture(fig, "A line and noise.")
    light, dark = (read(image) for image in (shown.light, shown.dark))
    assert light.shape == dark.shape
    assert np.allclose(light[0, 0], 1) and dark[0, 0, 3] == 0
    for text in (left.title, left.xaxis.get_ticklabels()[0], right.yaxis.label):
        assert contrast(matplotlib.colors.to_rgb(text.get_color()), GROUND) >= 7
    assert matplotlib.colors.same_color(right.texts[0].get_color(), "white")  # it lies on colours


def test_images_keep_their_colours(monkeypatch):
    monkeypatch.setattr(display, "LARGE", np.inf)  # as they are before a byte is spared
    fig, (_, right) = drawn()
    inside = right.images[0]
    before = inside.to_rgba(inside.get_array())
    shown = picture(fig, "A line and noise.")
    assert np.array_equal(before, inside.to_rgba(inside.get_array()))
    light, dark = (read(image) for image in (shown.light, shown.dark))
    middle = np.s_[light.shape[0] // 3 : light.shape[0] // 2, -150:-60, :3]
    assert np.allclose(light[middle], dark[middle], atol=2 / 255)


@pytest.mark.parametrize(
    ("colours", "turns"), [("Blues", True), ("RdBu_r", True), ("magma", False)]
)
def test_ink_on_paper_turns_with_the_page(colours, turns):
    """What is next to nothing has the colour of the ground, and what is written on it is read."""
    fig, ax = plt.subplots()
    image = ax.imshow([[0.0, 0.0], [-1.0 if "Rd" in colours else 0.0, 1.0]], cmap=colours)
    bar = fig.colorbar(image)
    word = ax.text(0, 0, "nothing", color="black")
    paper, ink = (image.to_rgba(value)[:3] for value in (0.0, 1.0))
    picture(fig, "Two by two numbers.")
    ground, drawn = (image.to_rgba(value)[:3] for value in (0.0, 1.0))
    assert bar.solids.cmap is image.get_cmap()
    if not turns:
        assert (ground, drawn) == (paper, ink)
        return
    assert contrast(ground, GROUND) < 1.3 and contrast(drawn, GROUND) >= 4.5
    assert contrast(matplotlib.colors.to_rgb(word.get_color()), ground) >= 7


def test_an_image_of_colours_stays():
    fig, ax = plt.subplots()
    image = ax.imshow(np.ones((2, 2, 3)), cmap="Blues")
    picture(fig, "A white square.")
    assert image.get_cmap().name == "Blues"
