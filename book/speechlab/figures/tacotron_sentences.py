"""Where Tacotron 2 looks while it reads sentences, whether it stops, and what is heard of it.

The test sentences are those of Kathleen that no net learned. Where she is at each moment is known
from a machine (pocketsphinx, forced alignment), which nobody checked. What is heard is measured in
two ways. An aligner of the course, which knows letters from her own recordings, cuts the sound into
the words of the text and chooses each from ten; and pocketsphinx writes down any words of English.

`python -m speechlab.figures.tacotron_sentences` measures both, which takes ten minutes on one
core and needs `pip install -e '.[measure]'`, and writes `data/sentences.json`, where the cache
holds the recordings; `stored()` reads it, on any machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, bootstrap
from speechlab.figures.error_rate import edit_distance, error_rate
from speechlab.figures.tacotron import UNPLACED
from speechlab.figures.text_alignment import LESSONS, evenly, sentences
from speechlab.speech.cepstra import features
from speechlab.systems import tacotron_sentences as reader
from speechlab.systems._shared.layers import Weights
from speechlab.systems._shared.mel import HOP, RATE, log_mel
from speechlab.systems.tacotron import Said
from speechlab.systems.text_alignment import Aligner, Script, best_path, learn, words_of
from speechlab.systems.text_to_speech import sound_of

NAME = "Tacotron 2, sentences"
TABLE, SHORT = DATA / "sentences.json", DATA / "tacotron_sentences_training.json"
FRAMES = "the recordings' frames"
STEP = reader.SIZES.together * HOP / RATE  # seconds
CHOICE = 10  # words that the listener may choose from
HEARER = 16000  # samples a second that pocketsphinx wants
BOTH = 5  # of the kinds of sound, the first that pocketsphinx hears as well: it is slow
HALF = 16000  # the peak of what it is given, of 32768
RECORDED = "the recordings"
FREE, LIMITED = "word error, any words", "words misheard, ten to choose from"
WHERE, STOPS = "looks at the word spoken", "stops by itself"
BEGINNINGS = "beginnings of words, median error"

Array = NDArray[np.floating]


def held() -> list[corpora.Recording]:
    """The test sentences whose words have times; of stand-ins, strings of digits."""
    return [one for one in sentences("test") if len(one.tables["words"]) == len(words(one.text))]


def voice() -> str:
    """Whose sentences `held` are, for figures."""
    return "synthetic digits" if held()[0].standin else "Kathleen's test sentences"


def words(text: str) -> list[str]:
    """The words of a text as the net reads them."""
    marks = (reader.BREAK, reader.END)
    return [one for one in reader.words_and_marks(text) if one not in marks]


def narrow(recording: corpora.Recording) -> Array:
    """The samples of a recording at 8 kHz."""
    return resample_poly(recording.samples, RATE, recording.rate)


# --- where it looks -----------------------------------------------------------------------


def along(located: bool = True, own: Weights | None = None) -> list[Said]:
    """The net reading along with each recording of `held`."""
    return [
        reader.say(one.text, located=located, given=log_mel(narrow(one), RATE), own=own)
        for one in held()
    ]


def owners(text: str) -> NDArray[np.int_]:
    """The number of the word of each symbol; a gap or mark has that of the word before it."""
    owner = np.array(reader.symbols(text)[1])
    return np.maximum.accumulate(owner)


def on_the_word(along: Sequence[Said]) -> Array:
    """Of each sentence the share of steps that look most at a symbol of the word being said.

    A gap beside the word counts as well; steps whose middle lies in no word do not count.
    """
    shares = []
    for one, read in zip(held(), along):
        table, word = one.tables["words"], owners(one.text)
        between = np.array(reader.symbols(one.text)[1]) < 0
        middles = (np.arange(len(read.stop)) + 0.5) * STEP
        now = np.searchsorted(table["start"], middles, side="right") - 1
        inside = (now >= 0) & (middles < table["end"][np.maximum(now, 0)])
        looked = read.attention.argmax(axis=1)
        right = (word[looked] == now) | (between[looked] & (word[looked] + 1 == now))
        shares.append(np.mean(right[inside]))
    return np.array(shares)


def beginnings(read: Said) -> Array:
    """The second at which each word is first looked at more than all before it, by attention.

    Weights of the symbols from a word on are added up; where the sum first passes one half the word
    begins, to a fraction of a step.
    """
    word = owners(read.text)
    past = [read.attention[:, word >= number].sum(axis=1) for number in range(word.max() + 1)]
    return np.array([_crossing(one) * STEP for one in past])


def _crossing(rising: Array) -> float:
    """Where a row first reaches one half, in steps, between the middles of two of them."""
    reached = np.flatnonzero(rising >= 0.5)
    if len(reached) == 0:
        return float(len(rising))
    s = reached[0]
    if s == 0:
        return 0.0
    return float(s + 0.5 - (rising[s] - 0.5) / (rising[s] - rising[s - 1]))


def early_or_late(along: Sequence[Said]) -> Array:
    """Seconds between the beginnings of words by attention and by the other machine, (W,)."""
    return np.concatenate(
        [np.abs(beginnings(r) - one.tables["words"]["start"]) for one, r in zip(held(), along)]
    )


def words_reached(read: Said) -> float:
    """The share of the words of a text at which some step looks most."""
    word = np.array(reader.symbols(read.text)[1])
    looked = np.unique(word[read.attention.argmax(axis=1)])
    return float(np.sum(looked >= 0) / (word.max() + 1))


def even_cuts() -> Array:
    """The same if the sound is cut evenly among the letters."""
    found = []
    for one in held():
        cuts = [start for _, start, _ in evenly(one)]
        found.append(np.abs(np.array(cuts) - one.tables["words"]["start"]))
    return np.concatenate(found)


# --- what it says -------------------------------------------------------------------------


def said(located: bool = True, by_letters: bool = False, own: Weights | None = None) -> list[Said]:
    """What the net makes of the text of each of `held`, by itself."""
    return [reader.say(one.text, located=located, by_letters=by_letters, own=own) for one in held()]


def from_recordings(vocoder: str = "Griffin-Lim") -> list[Array]:
    """The recordings of `held` through log-mel frames and a vocoder, as the net's frames go."""
    return [sound_of(log_mel(narrow(one), RATE), vocoder=vocoder) for one in held()]


def sounds(read: Sequence[Said], vocoder: str = "Griffin-Lim") -> list[Array]:
    """The sound of each of what the net made."""
    return [sound_of(one.mel, vocoder=vocoder) for one in read]


# --- words to choose from -----------------------------------------------------------------


@cache
def listener(corpus: str) -> Aligner:
    """An aligner that knows letters from sentences for training, at 8 kHz."""
    lessons = sentences("train")
    step = max(1, len(lessons) // LESSONS)
    some = lessons[::step][:LESSONS]
    return learn([(narrow(one), RATE, one.text) for one in some])


def misheard(sounds: Sequence[Array]) -> list[NDArray[np.bool_]]:
    """Which words of the sound of each of `held` are taken for one of nine others.

    The listener knows the text and cuts the sound into its words; then each piece may be that word
    or one of nine of the test sentences that are about as long, and is what its letters fit best.
    """
    aligner, rng = listener(corpora.name()), np.random.default_rng(0)
    known = sorted({word for one in held() for word in words_of(one.text)})
    found = []
    for one, samples in zip(held(), sounds):
        x, script = features(samples, RATE), Script.of(one.text)
        said = script.word[aligner.path(x, script)]
        wrong = []
        for number, word in enumerate(words_of(one.text)):
            others = [w for w in known if w != word]
            near = sorted(others, key=lambda w: abs(len(w) - len(word)) + rng.random())
            choice = [word, *near[: CHOICE - 1]]
            scores = [fit(aligner, x[said == number], w) for w in choice]
            wrong.append(int(np.argmax(scores)) != 0)
        found.append(np.array(wrong))
    return found


def fit(aligner: Aligner, x: Array, word: str) -> float:
    """How well the letters of a word fit features (T, D): a logarithm; -inf if there is no room."""
    kinds = Script.of(word).kinds[1:-1]
    if len(x) < len(kinds):
        return -np.inf
    of_kind = {k: aligner.kinds.get(k, aligner.other).score_samples(x) for k in set(kinds)}
    scores = np.transpose([of_kind[kind] for kind in kinds])
    path = best_path(scores, np.zeros(len(kinds), dtype=bool))
    return float(np.sum(scores[np.arange(len(x)), path]))


def rows(wrong: Sequence[NDArray]) -> NDArray[np.int_]:
    """(errors, words) of each sentence, shape (R, 2)."""
    return np.array([(np.sum(one), len(one)) for one in wrong])


# --- any words ----------------------------------------------------------------------------


def written_down(sounds: Sequence[Array], rate: int = RATE) -> NDArray[np.int_]:
    """(errors, words) of pocketsphinx on the sound of each of `held`, shape (R, 2).

    It knows English, 16,000 samples a second, and nothing of Kathleen or of the texts. Raises
    `ImportError` if it is not installed.
    """
    from pocketsphinx import Decoder

    decoder, found = Decoder(loglevel="FATAL"), []
    for one, samples in zip(held(), sounds):
        x = resample_poly(samples, HEARER, rate)
        whole = np.round(x / np.abs(x).max() * HALF).astype(np.int16)
        decoder.start_utt()
        decoder.process_raw(whole.tobytes(), full_utt=True)
        decoder.end_utt()
        best, asked = decoder.hyp(), words(one.text)
        heard = best.hypstr.split() if best else []
        found.append((edit_distance(asked, heard), len(asked)))
    return np.array(found)


def measure() -> list[Figure]:
    """How much of each kind of sound both listeners hear, beside the recordings at 8 kHz."""
    read, plain = said(), [narrow(one) for one in held()]
    whole = [resample_poly(one.samples, HEARER, one.rate) for one in held()]
    ways = {
        RECORDED: plain,
        f"{FRAMES}, Griffin-Lim": from_recordings(),
        f"{FRAMES}, HiFi-GAN": from_recordings("HiFi-GAN"),
        f"{NAME}, Griffin-Lim": sounds(read),
        f"{NAME}, HiFi-GAN": sounds(read, "HiFi-GAN"),
        f"{NAME}, reading along, Griffin-Lim": sounds(along()),
        f"{NAME}, all words by letters, Griffin-Lim": sounds(said(by_letters=True)),
        f"{NAME}, {UNPLACED}, Griffin-Lim": sounds(said(located=False)),
    }
    heard = {"the recordings at 16 kHz": {FREE: written_down(whole, HEARER)}}
    for n, (name, way) in enumerate(ways.items()):
        heard[name] = {LIMITED: rows(misheard(way))}
        if n < BOTH:
            heard[name][FREE] = written_down(way)
        print(name, *(f"{error_rate(found):.1%}" for found in heard[name].values()), flush=True)
    return [
        Figure.of(name, metric, found, RECORDED, heard[RECORDED][metric], voice(), error_rate)
        for name, each in heard.items()
        for metric, found in each.items()
    ]


def stored() -> list[Figure]:
    """What was measured on recordings when the table was made."""
    return [Figure(**one) for one in json.loads(TABLE.read_text(encoding="utf-8"))]


def columns() -> dict[str, list[str]]:
    """The stored table for `speechlab.table`: a row each sound, a dash for what is missing."""
    cells = {
        (one.system, one.metric): shown(one) for one in stored() if one.metric in (FREE, LIMITED)
    }
    names, heads = (dict.fromkeys(part) for part in zip(*cells))
    return {"Heard": list(names)} | {
        head: [cells.get((name, head), "–") for name in names] for head in heads
    }


def short_columns() -> dict[str, list[str]]:
    """The table of the nets that learned for a short time: a row each net."""
    cells = {(row["net"], row["metric"]): interval(**row) for row in short()}
    names, heads = (dict.fromkeys(part) for part in zip(*cells))
    return {"Net": list(names)} | {head: [cells[name, head] for name in names] for head in heads}


def shown(figure: Figure) -> str:
    """A figure in percent with its interval."""
    return interval(figure.value, figure.low, figure.high)


def interval(value: float, low: float, high: float, **_: object) -> str:
    """A share in percent with its interval."""
    return f"{100 * value:.0f} % [{100 * low:.0f}, {100 * high:.0f}]"


def figures() -> list[Figure]:
    """Which words of ten are heard, where it looks, and whether it stops."""
    natural = rows(misheard(from_recordings()))
    wrong = rows(misheard(sounds(said())))
    return [Figure.of(NAME, LIMITED, wrong, FRAMES, natural, voice(), error_rate), *looking()]


def looking() -> list[Figure]:
    """Where it looks, beside the same net without its location term, and whether it stops."""
    read, lost, alone, unplaced = along(), along(located=False), said(), said(located=False)
    here, more = voice(), {"better": "higher"}
    return [
        Figure.of(NAME, WHERE, on_the_word(read), UNPLACED, on_the_word(lost), here, **more),
        Figure.of(
            NAME,
            BEGINNINGS,
            1000 * early_or_late(read),
            "even cuts",
            1000 * even_cuts(),
            here,
            np.median,
            unit="ms",
        ),
        Figure.of(
            NAME,
            STOPS,
            [one.stopped for one in alone],
            UNPLACED,
            [one.stopped for one in unplaced],
            here,
            **more,
        ),
        Figure.of(
            NAME,
            "words looked at",
            [words_reached(one) for one in alone],
            UNPLACED,
            [words_reached(one) for one in unplaced],
            here,
            **more,
        ),
    ]


def learned_shortly(name: str, own: Weights, located: bool) -> list[dict]:
    """What a net does that learned for a short time: rows of a table, a dictionary each."""
    read, alone = along(located, own), said(located, own=own)
    wrong = rows(misheard(sounds(alone)))
    found = []
    for metric, of, statistic in (
        (WHERE, on_the_word(read), np.mean),
        (STOPS, np.array([one.stopped for one in alone]), np.mean),
        (LIMITED, wrong, error_rate),
    ):
        low, high = bootstrap(of, statistic)
        line = {"net": name, "metric": metric, "value": statistic(of), "low": low, "high": high}
        found.append({k: v if isinstance(v, str) else round(float(v), 4) for k, v in line.items()})
    return found


def write_short(rows: list[dict]) -> None:
    """Write what short trainings came to; `short` reads it."""
    SHORT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def short() -> list[dict]:
    """Rows of the nets that learned for a short time: net, metric, value, low, high."""
    return json.loads(SHORT.read_text(encoding="utf-8"))


def main() -> int:
    """Measure and write the table; 1 if the cache lacks the recordings."""
    if not corpora.held_collection("kathleen"):
        print("The cache does not hold the recordings: nothing is measured.", file=sys.stderr)
        return 1
    found = measure() + looking()
    TABLE.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    for one in found:
        print(one)
    return 0


if __name__ == "__main__":
    sys.exit(main())
