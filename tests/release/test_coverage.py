"""Every display formula of the book is held by something, and the table that says so is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.course.catalogue import ROOT, exercises, topics
from autograder.release import coverage, owed_systems
from autograder.release.problems import Oracle

SAYS = coverage.table()
TESTS = coverage.TESTS.read_text(encoding="utf-8")


@pytest.mark.parametrize("topic", topics())
def test_every_formula_is_held(topic):
    chapter = (ROOT / "book" / f"{topic}.md").read_text(encoding="utf-8")
    assert list(coverage.troubles(topic, SAYS, chapter, TESTS)) == []


def test_every_topic_that_is_there_is_owed():
    assert set(topics()) <= set(SAYS["owed"])
    assert {slide["topic"] for slide in SAYS["slides"]} <= set(SAYS["owed"])


FORMULAS = """
$$ a = b $$ (dtw-one)

$$
a
$$ (dtw-two)

$$
no label
$$

```{math}
:label: dtw-three
c
```

```{math}
:label: ctc-four
c
```
"""


def test_labels_are_found_in_all_their_forms():
    assert coverage.labels(FORMULAS) == ["dtw-one", "dtw-two", "", "dtw-three", "ctc-four"]


def test_what_is_wrong_is_said():
    says = {
        "slides": [{"from": "M", "says": "something", "topic": "dtw", "label": "none"}],
        "dtw": {
            "definitions": ["one", "five"],
            "exercises": {"two": "nobody", "one": "cost_path"},
            "tests": {"three": "there_is_none"},
        },
    }
    assert list(coverage.troubles("dtw", says, FORMULAS, TESTS)) == [
        "one is held twice",
        "display formulas without a label: 1",
        "the label ctc-four does not begin with dtw-",
        "the chapter has no formula dtw-five",
        "nobody is no exercise",
        "there is no test_there_is_none",
        "no formula of the chapter answers the slides on: something",
    ]
    assert "nothing holds the formula dtw-two" in list(
        coverage.troubles("dtw", {"slides": []}, FORMULAS, TESTS)
    )


def test_the_report_names_page_exercise_and_oracle():
    oracles = {"levinson_durbin": (Oracle("SciPy", 1e-9), Oracle("a worse one", 1e-7))}
    lines = list(coverage.lines(SAYS, oracles))
    ladder = next(line for line in lines if "#lpc-levinson " in line)
    assert ladder.startswith("yes book/lpc.md")
    assert ladder.endswith("levinson_durbin  1.0e-07 a worse one")
    assert any(line.startswith("no  M: residual") and "residual" in line for line in lines)
    owed = [line.split() for line in lines[: lines.index("")]]
    assert [topic for _, topic, *_ in owed] == SAYS["owed"]
    assert {says for says, *_ in owed} == {"no"}  # as all but one oracle are missing


# --- systems ------------------------------------------------------------------------------

CURRICULUM = """
formant synthesiser, CELP codec, DTW recogniser, HMM recogniser, formant voice conversion, RNN-CTC
recogniser, Jasper, language-model fusion, Whisper, CPC, wav2vec 2.0, product quantiser, HuBERT,
VQ-VAE, multi-format contrastive learning, BYOL-A, CLAP, WaveNet, Fast WaveNet, Tacotron 2,
Tacotron 2 on sentences, WaveGlow, HiFi-GAN, speech resynthesis
"""
EVERY = {
    exercise.name: (Oracle("something else", 1e-9),)
    for topic in topics()
    for exercise in exercises(topic)
}


def test_every_system_is_owed_and_there():
    owed = [one.name for one in owed_systems.table()]
    assert owed == " ".join(CURRICULUM.split()).split(", ")
    assert owed_systems.troubles(EVERY) == []
    assert all(line.startswith("yes ") for line in owed_systems.lines(EVERY))
    known = {one.module for one in owed_systems.table()}
    trained = {one.card for one in owed_systems.table()} - {""}
    assert {"cpc", "wav2vec2", "byol_a", "multi_format", "clap"} <= known & trained


def test_a_system_names_its_page_exercises_oracle_and_figure():
    line = next(line for line in owed_systems.lines(EVERY) if " CPC " in line)
    assert "book/contrastive.md#contrastive:cpc" in line and "cpc_loss, cpc_gradient" in line
    assert "1.0e-09 something else" in line and "MFCC 0.4" in line


def test_what_a_system_lacks_is_said():
    (clap,) = (one for one in owed_systems.table() if one.name == "CLAP")
    assert list(owed_systems.missing(clap, {})) == [
        "no oracle of clap_loss",
        "no oracle of zero_shot",
    ]
    wrong = replace(clap, section="nobody", module="clip", exercises=("clip_loss",))
    wrong = replace(wrong, figure="clip", card="clip")
    assert list(owed_systems.missing(wrong, EVERY)) == [
        "no section book/contrastive.md#contrastive:nobody",
        "no module speechlab.systems.clip",
        "the page does not run speechlab.systems.clip",
        "no exercise clip_loss",
        "no figure clip",
        "no card clip",
    ]
    assert "no page book/nothing.md" in list(
        owed_systems.missing(replace(clap, topic="nothing"), {})
    )


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("from speechlab.systems import cpc\ncpc.encode(x, 16000)", True),
        ("from speechlab.systems import card, cpc as net\nnet.encode(x, 16000)", True),
        ("from speechlab.systems.cpc import encode\nencode(x, 16000)", True),
        ("from speechlab.systems import cpc", False),
        ("from speechlab.figures import cpc\ncpc.figures()", False),
        ("import numpy", False),
    ],
)
def test_a_page_runs_a_system_if_its_cells_call_it(code, there):
    page = f"cpc.encode in the text\n\n```{{code-cell}} python\n{code}\n```\n"
    assert owed_systems.runs("cpc", page) == there
