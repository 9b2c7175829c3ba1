"""How much is tried, always the same; and bytes that were nearly right."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# `FUZZ=50 pytest tests/fuzz` tries fifty times as much, and something else each time.
TIMES = int(os.environ.get("FUZZ", "1"))


def tried(count):
    """Settings for so many examples; the same ones in every run unless FUZZ asks for more."""
    return settings(
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(10**30), 10**30)
    | st.text(max_size=12)
    | st.sampled_from(["\ud800", "\x00", "1e999"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


@st.composite
def damaged(draw, originals):
    """Bytes of one of the originals with a few places cut, doubled, swapped or overwritten."""
    data = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(len(data), at + draw(st.integers(0, 12)))
        how = draw(st.sampled_from(["cut", "end", "double", "flip", "insert"]))
        if how == "cut":
            del data[at:end]
        elif how == "end":
            del data[at:]
        elif how == "double":
            data[at:at] = data[at:end]
        elif how == "flip" and data:
            data[at] ^= 1 << draw(st.integers(0, 7))
        else:
            data[at:at] = draw(st.binary(max_size=4) | st.sampled_from([b"{", b"[", b'"', b"null"]))
    return bytes(data)


@st.composite
def altered(draw, value, other=json_values):
    """The JSON value with one place in it replaced or taken away."""
    if draw(st.integers(0, 5)) == 0 or not isinstance(value, (dict, list)) or not value:
        return draw(other)
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    key, chosen = draw(st.sampled_from(items))
    if draw(st.integers(0, 5)) == 0:
        kept = [(k, v) for k, v in items if k != key]
    else:
        new = draw(altered(chosen, other))
        kept = [(k, new if k == key else v) for k, v in items]
    return dict(kept) if isinstance(value, dict) else [v for _, v in kept]


def is_a_sentence(text):
    """One line that can be printed, of bearable length."""
    return text.isprintable() and 10 < len(text) < 600
