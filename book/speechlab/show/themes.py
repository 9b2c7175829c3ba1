"""Figures for a dark page and for a narrow one, made from figures that know of neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import Colormap, ListedColormap, to_rgba, to_rgba_array
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NARROW = 356  # CSS pixels, how wide figures are on a phone of 390
LEAST = 9  # CSS pixels, the height of their type there
MOST = 1.08  # of the length of its axes that a label may have
# Oklab by Ottosson (2020): from linear light to cones, and from their cube roots to lightness and
# two axes of colour.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
WHITE = 0.93  # of full red, green and blue, from which on a colour is paper
DARKEST, BRIGHTEST = 0.18, 0.93  # lightness that white and black get


def legible(fig: Figure) -> None:
    """Give all type of a figure the size that can be read on a phone, where it is less."""
    least = 72 * LEAST * fig.get_size_inches()[0] / NARROW  # in points
    for text in fig.findobj(Text):
        if text.get_fontsize() < least:
            text.set_fontsize(least)
    for ax in fig.axes:  # ticks that are yet to be made
        for axis in (ax.xaxis, ax.yaxis):
            for which in ("major", "minor"):
                size = axis.get_tick_params(which=which).get("labelsize", 0)
                axis.set_tick_params(which=which, labelsize=max(_points(size), least))


def fit_words(fig: Figure) -> None:
    """Lay a figure out, with titles and labels that are longer than their axes in two lines."""
    fig.draw_without_rendering()  # chooses the ticks
    fig.draw_without_rendering()  # makes room for them
    broken = False
    for ax in fig.axes:
        place = ax.get_window_extent()
        for text, room in (
            *((title, place.width) for title in (ax.title, ax._left_title)),
            (ax.xaxis.label, place.width),
            (ax.yaxis.label, place.height),
        ):
            words = text.get_text()
            if " " in words and "\n" not in words and _sticks_out(text, room):
                text.set_text(_in_two(words))
                broken = True
    if broken:
        fig.draw_without_rendering()


def darken(fig: Figure) -> None:
    """Give a figure that was drawn the colours of a dark page, with no ground of its own.

    Lightness is turned over, hue stays. Images whose colours are ink on paper (`Blues`, `RdBu_r`)
    turn with the rest; others keep their colours, and so does what is drawn over them.
    """
    images = [image for ax in fig.axes for image in _images(ax)]
    inked = {id(image): image.get_cmap() for image in images if _on_paper(image)}
    bright = [ax for ax in fig.axes if any(id(image) not in inked for image in _images(ax))]
    kept = {id(part) for ax in bright for part in _inside(ax)}
    for image in images:
        if id(image) in inked:
            image.set_cmap(_turned_map(inked[id(image)]))
    for part in fig.findobj():
        if id(part) not in kept:
            _darken(part)
    for patch in [fig.patch, *(ax.patch for ax in fig.axes if ax not in bright)]:
        patch.set_facecolor("none")


def turned(colours: ArrayLike) -> np.ndarray:
    """Colours of the same hues for a dark ground: what was dark is bright.

    Parameters
    ----------
    colours : array_like, shape (N, 4)
        Red, green, blue and opacity, from 0 to 1 (sRGB).

    Returns
    -------
    numpy.ndarray, shape (N, 4)
        The same.
    """
    colours = np.asarray(colours, dtype=float).reshape(-1, 4)
    s = colours[:, :3]
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ TO_CONES.T) @ TO_LAB.T
    # A little more than turned over: thin lines need it on a dark ground.
    lab[:, 0] = DARKEST + (BRIGHTEST - DARKEST) * np.clip(1 - lab[:, 0], 0, 1) ** 0.8
    linear = np.linalg.solve(TO_CONES, np.linalg.solve(TO_LAB, lab.T) ** 3).T
    linear = np.clip(linear, 0, 1)
    s = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.column_stack([s, colours[:, 3]])


def _sticks_out(text: Text, room: float) -> bool:
    """Whether words are longer than their axes or leave the figure."""
    box, whole = text.get_window_extent(), text.get_figure().bbox
    beyond = min(box.x0 - whole.x0, box.y0 - whole.y0, whole.x1 - box.x1, whole.y1 - box.y1)
    return max(box.width, box.height) > MOST * room or beyond < -1


def _in_two(words: str) -> str:
    """Words with the space nearest to their middle made a new line."""
    spaces = [place for place, letter in enumerate(words) if letter == " "]
    middle = min(spaces, key=lambda place: abs(place - len(words) / 2))
    return words[:middle] + "\n" + words[middle + 1 :]


def _points(size: float | str) -> float:
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size).get_size_in_points()


def _images(ax: Axes) -> list[ScalarMappable]:
    return [*ax.images, *(part for part in ax.collections if isinstance(part, QuadMesh))]


def _on_paper(image: ScalarMappable) -> bool:
    """Whether an image's colours begin at white, or have white in their middle."""
    values = image.get_array()
    if values is None or (isinstance(image, AxesImage) and np.ndim(values) > 2):
        return False  # colours of its own
    return bool(np.any(image.get_cmap()([0.0, 0.5])[:, :3].min(axis=1) > WHITE))


def _turned_map(colours: Colormap) -> Colormap:
    return ListedColormap(turned(colours(np.linspace(0, 1, 256))), name=f"{colours.name}_dark")


def _inside(ax: Axes) -> Iterator[Artist]:
    """What is drawn over an axes' image; not its title, labels, ticks and frame."""
    for part in [*ax.lines, *ax.patches, *ax.collections, *ax.texts]:
        yield from part.findobj()


def _darken(part: Artist) -> None:
    if isinstance(part, Text):
        part.set_color(_one(part.get_color()))
        if box := part.get_bbox_patch():
            _darken(box)
        if isinstance(part, Annotation) and part.arrow_patch:
            _darken(part.arrow_patch)
    elif isinstance(part, Line2D):
        for name in ("color", "markerfacecolor", "markeredgecolor"):
            if isinstance(colour := getattr(part, f"get_{name}")(), str) and colour in _WORDS:
                continue
            getattr(part, f"set_{name}")(_one(colour))
    elif isinstance(part, Patch):
        face, edge = part.get_facecolor(), part.get_edgecolor()
        part.set_facecolor(_one(face))
        part.set_edgecolor(_one(edge))
    elif isinstance(part, Collection) and part.get_array() is None:
        faces, edges = part.get_facecolor(), part.get_edgecolor()
        part.set_facecolor(_many(faces))
        part.set_edgecolor(_many(edges))


_WORDS = {"auto", "none"}


def _one(colour: Any) -> tuple[float, ...]:
    return tuple(turned([to_rgba(colour)])[0])


def _many(colours: Any) -> np.ndarray:
    rgba = to_rgba_array(colours)
    return turned(rgba) if len(rgba) else rgba
