"""How well Whisper in small does on speech and sounds that it was not trained on.

Speech is drawn as utterances of one to three digits by one voice, in white noise 20 dB below. The
baseline for words and languages is dynamic time warping, which names the nearest template. For
English digits of the corpus the templates are training clips of the same speakers; for the five
languages they are the same words by the other voices. Warping is told where each word ends, or
("cut at pauses") has to find that out, as the system has. Languages are told apart among voices of
one synthesiser, English ones too: all real speech in training is English, which would give it away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from speechlab import corpora
from speechlab.corpora import Clip, multilingual
from speechlab.corpora.multilingual import NAMES, language_of, translated
from speechlab.figures import Figure
from speechlab.figures.error_rate import edit_distance, error_rate
from speechlab.speech.cepstra import features as cepstra
from speechlab.speech.sounds import QUIET, no_speech
from speechlab.speech.utterances import (
    HOP,
    WINDOW,
    Speakers,
    Utterance,
    in_noise,
    spoken_part,
    stretches,
)
from speechlab.systems.digit_dtw import Templates
from speechlab.systems.whisper import RATE, Recogniser, recogniser
from speechlab.systems.word_counter import best_loudness_rule, loudness

SNR = 20  # dB of white noise below all speech
ENGLISH, FOREIGN, SOUNDS = 90, 150, 120  # utterances and sounds that are measured


def figures() -> list[Figure]:
    """Errors on held-out speech and noise, beside simple ways to the same answers."""
    system = recogniser()
    return [*words_of_corpus(system), *words_of_languages(system), silence(system)]


def figure(
    task: str, metric: str, rows: Sequence, baseline: str, base_rows: Sequence, corpus: str
) -> Figure:
    """A figure from rows of (errors, words), one an utterance, of the system and the baseline."""
    system = f"Whisper in small, {task}"
    return Figure.of(system, metric, rows, baseline, base_rows, corpus, error_rate)


# --- words and languages ------------------------------------------------------------------


def templates_of(clips: Sequence[Clip]) -> Templates:
    """Clips as they sound in the utterances, as templates whose words are their numbers."""
    rng = np.random.default_rng(1)
    words = [in_noise(spoken_part(clip.samples), SNR, rng) for clip in clips]
    return Templates([cepstra(word, RATE) for word in words], np.arange(len(clips)))


def cut_by_hand(spoken: Utterance) -> list[NDArray]:
    """The sound of each word, by what is known of the utterance."""
    return [spoken.samples[a:b] for a, b in pairwise([0, *spoken.ends])]


def cut_at_pauses(spoken: Utterance, rule: tuple[float, int]) -> list[NDArray]:
    """The stretches louder than a height for so many frames (`word_counter`), or all of it."""
    height, shortest = rule
    loud = [(a, b) for a, b in stretches(loudness(spoken) > height) if b - a >= shortest]
    pieces = [spoken.samples[a * HOP : b * HOP + WINDOW] for a, b in loud]
    return pieces or [spoken.samples]


def nearest(templates: Templates, pieces: Sequence[NDArray]) -> tuple[list[int], NDArray]:
    """The number of the nearest template of each piece, and the scores of all, a row a piece."""
    scores = np.array([templates.scores(cepstra(spoken_part(p), RATE)) for p in pieces])
    return np.argmax(scores, axis=1).tolist(), scores


def words_of_corpus(system: Recogniser) -> list[Figure]:
    """Transcribing the English digits of whichever corpus this machine has."""
    spoken = Speakers(corpora.digits("test"), seed=11)
    utterances = [spoken.say(1 + n % 3, SNR) for n in range(ENGLISH)]
    known = [c for c in corpora.digits("train") if c.index in (5, 6)]
    templates = templates_of(known)
    learned = Speakers(corpora.digits("train"), seed=13)
    rule = best_loudness_rule([learned.say(1 + n % 3, SNR) for n in range(60)])
    rows, pauses, hand = [], [], []
    for u in utterances:
        rows.append(
            (edit_distance(u.words, system.run(u.samples, RATE).text.split()), len(u.words))
        )
        for base, pieces in ((pauses, cut_at_pauses(u, rule)), (hand, cut_by_hand(u))):
            found = [known[k].text for k in nearest(templates, pieces)[0]]
            base.append((edit_distance(u.words, found), len(u.words)))
    how = f"warping to {len(known)} clips of the same speakers, words cut"
    return [
        figure("transcribe English", "word error", rows, f"{how} {where}", base, corpora.name())
        for where, base in (("at pauses", pauses), ("by hand", hand))
    ]


def words_of_languages(system: Recogniser) -> list[Figure]:
    """Transcribing, translating and naming five languages, spoken by voices never heard."""
    clips = multilingual.clips()
    spoken = Speakers(clips, seed=12)
    utterances = [spoken.say(1 + n % 3, SNR) for n in range(FOREIGN)]
    voices = sorted({c.speaker.split()[1] for c in clips})
    others = {v: [c for c in clips if c.speaker.split()[1] != v] for v in voices}
    templates = {v: templates_of(known) for v, known in others.items()}
    tasks = ("transcribe", "translate", "language")
    rows, base = ({task: [] for task in tasks} for _ in range(2))
    for u in utterances:
        language, voice = u.speaker.split()
        number = len(u.words)
        english = translated(u.words, language)
        said = system.run(u.samples, RATE)
        rows["language"].append((said.language != language, 1))
        rows["transcribe"].append((edit_distance(u.words, said.text.split()), number))
        found, scores = nearest(templates[voice], cut_by_hand(u))
        known = others[voice]
        base["transcribe"].append((edit_distance(u.words, [known[k].text for k in found]), number))
        spoken_in = np.array([language_of(c.speaker) for c in known])
        best = [scores[:, spoken_in == name].max(axis=1).sum() for name in NAMES]
        base["language"].append((list(NAMES)[int(np.argmax(best))] != language, 1))
        if language == "en":
            continue
        in_english = system.run(u.samples, RATE, task="translate").text.split()
        rows["translate"].append((edit_distance(english, in_english), number))
        words = [multilingual.WORDS["en"][known[k].digit] for k in found]
        base["translate"].append((edit_distance(english, words), number))
    metrics = ("word error", "word error", "wrong language")
    titles = ("transcribe five languages", "translate four languages", "name the language")
    how = f"warping to {len(clips) * 3 // 4} clips of other voices, words cut out by hand"
    corpus = "shipped clips in five languages"
    return [
        figure(title, metric, rows[task], how, base[task], corpus)
        for title, metric, task in zip(titles, metrics, tasks)
    ]


# --- does anybody speak? ------------------------------------------------------------------


def level_range(samples: NDArray) -> float:
    """Decibels between the loudest and the quietest twentieth of a second."""
    power = uniform_filter1d(samples**2, RATE // 20)[RATE // 40 :: RATE // 40]
    return float(10 * np.log10(np.max(power) / max(np.min(power), 1e-12)))


def sounds(clips: Sequence[Clip], count: int, seed: int) -> list[tuple[NDArray, bool]]:
    """Half of them utterances and half of them not, with whether somebody speaks."""
    spoken, rng = Speakers(clips, seed), np.random.default_rng(seed)
    kinds = list(QUIET)
    drawn: list[tuple[NDArray, bool]] = []
    for n in range(count // 2):
        drawn.append((spoken.say(1 + n % 3, SNR).samples, True))
        drawn.append((no_speech(kinds[n % len(kinds)], rng.uniform(0.5, 2.5), rng), False))
    return drawn


def threshold_rule(known: Sequence[tuple[NDArray, bool]]) -> Callable[[NDArray], bool]:
    """Speech is what swells and fades more than so many decibels; the best number for `known`."""
    ranges = np.array([level_range(x) for x, _ in known])
    speech = np.array([is_speech for _, is_speech in known])
    best = min(np.unique(ranges), key=lambda t: np.mean((ranges > t) != speech))
    return lambda samples: level_range(samples) > best


def silence(system: Recogniser) -> Figure:
    """Saying that nobody speaks, for utterances and for sounds of six kinds, half and half."""
    rule = threshold_rule(sounds(corpora.digits("train"), 300, seed=21))
    clips = [*corpora.digits("test"), *multilingual.clips()]
    drawn = sounds(clips, SOUNDS, seed=22)
    return figure(
        "speech or not",
        "error",
        [(system.run(x, RATE).no_speech == speech, 1) for x, speech in drawn],
        "a threshold on how far the level swells",
        [(rule(x) != speech, 1) for x, speech in drawn],
        f"{corpora.name()}, shipped clips, and sounds",
    )
