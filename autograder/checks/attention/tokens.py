"""The tokens that tell a model what to do, and that it writes while it does it."""

from __future__ import annotations

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, REFUSES
from autograder.reference import attention as reference

TRANSLATED, TIMED, NOBODY = "translate", "timestamps", "no speech"
FOREIGN = ("de", "fr", "es", "it")


def _segments(rng, how_many):
    """Segments whose times lie on either side of the nearest multiple of a tick."""
    ticks = rng.choice(1400, size=2 * how_many, replace=False) + 20
    ticks.sort()
    off = rng.uniform(0.1, 0.4, 2 * how_many)
    off[::2] *= -1
    times = (ticks + off) * reference.TICK
    return [
        (float(times[2 * k]), float(times[2 * k + 1]), rng.integers(0, 10, 3 + k).tolist())
        for k in range(how_many)
    ]


def _cases(rng):
    one, two, three = _segments(rng, 1), _segments(rng, 2), _segments(rng, 3)
    (begin, end, digits), language = one[0], str(rng.choice(FOREIGN))
    return [
        Case((one, language), "one segment"),
        Case((two, "en"), "two segments in English"),
        Case((three, str(rng.choice(FOREIGN)), "transcribe"), "three segments"),
        Case((one, language, "translate"), "one segment, translated", TRANSLATED),
        Case((two, str(rng.choice(FOREIGN)), "translate"), "two segments, translated", TRANSLATED),
        Case((three, language, "transcribe", True), "three segments, with times", TIMED),
        Case((two, language, "translate", True), "two segments, translated, with times", TIMED),
        Case(([], language), "nobody speaks", NOBODY),
        Case(([], language, "transcribe", True), "nobody speaks, with times", NOBODY),
        Case(([], language, "translate", True), "nobody speaks, times are wanted", NOBODY),
        Case((one, "sv"), "a language that is not in the vocabulary", BAD),
        Case((one, language, "summarise"), "a task that is not in the vocabulary", BAD),
        Case((one, "en", "translate"), "English to be translated", BAD),
        Case((two[::-1], language), "segments that are not in order", BAD),
        Case(([(end, begin, digits)], language), "a segment that ends before it begins", BAD),
        Case(([(begin, end + 30, digits)], language), "a segment beyond 30 s", BAD),
        Case(([(begin, end, [*digits, 10])], language), "a 10 among the digits", BAD),
        Case(([(begin, end, [])], language), "a segment without digits", BAD),
    ]


def _by_names(segments, language, task="transcribe", timestamps=False):
    """Written as text first, and looked up at the end."""
    if language not in ("en", "de", "fr", "es", "it") or task not in ("transcribe", "translate"):
        raise ValueError("unknown")
    if (language, task) == ("en", "translate"):
        raise ValueError("is English")
    names, last = ["<|start|>", f"<|{language}|>", f"<|{task}|>"], 0
    names += [] if timestamps else ["<|notimes|>"]
    into = language if task == "transcribe" else "en"
    for begin, end, digits in segments:
        if begin < last or end <= begin or end > 30 or not digits or max(digits) > 9:
            raise ValueError("bad segment")
        spoken = [reference.WORDS[into][digit] for digit in digits]
        names += [begin, *spoken, end] if timestamps else spoken
        last = end
    names.append("<|end|>")
    if not segments:
        names = ["<|start|>", "<|nospeech|>", "<|end|>"]
    size = len(reference.VOCABULARY)
    return tuple(
        reference.VOCABULARY.index(name) if isinstance(name, str) else size + round(50 * name)
        for name in names
    )


def _as_floats(segments, language, task="transcribe", timestamps=False):
    return [float(token) for token in reference.task_tokens(segments, language, task, timestamps)]


TASK_TOKENS = Exercise(
    function=reference.task_tokens,
    read="One model, many tasks",
    cases=_cases,
    criteria=(
        Criterion("transcribe", 2),
        Criterion("translate", 1, TRANSLATED),
        Criterion("timestamps", 1, TIMED),
        Criterion("no speech", 1, NOBODY),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        number[f"<|{language}|>"], number => number["<|en|>"], number
            The language token names what is heard, which the model has to find out, and not the
            language that it writes.
        "en" if task == "translate" else language => language
            Translation is into English: the language token stays, and the words change.
        "en" if task == "translate" else language => "en"
            You always write English; a transcript is in the language that is spoken.
        if not timestamps: => if False:
            `<|notimes|>` is missing: a model that is not told would have to guess whether a time or
            a word comes next.
        if not timestamps: => if timestamps:
            `<|notimes|>` stands where times are wanted, and is missing where they are not.
        number[f"<|{language}|>"], number[f"<|{task}|>"]
        => number[f"<|{task}|>"], number[f"<|{language}|>"]
            The language comes before the task.
        number["<|nospeech|>"], number["<|end|>"] => number["<|nospeech|>"]
            After `<|nospeech|>` nothing follows but `<|end|>`; yet that has to be written.
        round(time / TICK) => int(time / TICK)
            Your times are rounded down; the nearest multiple is asked for.
        [first, *said, last] => [first, *said]
            The time at which a segment ends is missing.
        len(VOCABULARY) + round => len(VOCABULARY) + 1 + round
            Your times are one token too late: the first token behind the vocabulary is time 0.
        round(time / TICK) => round((time - before) / TICK)
            Your times count from the end of the last segment; all of them count from the beginning
            of the recording.
        [*tokens, number["<|end|>"]] => tokens
            `<|end|>` is missing: a model that never learns to write it never stops.
        """,
        Mistake(
            (
                (
                    '[number["<|start|>"], number["<|nospeech|>"], number["<|end|>"]]',
                    '[number["<|start|>"], number[f"<|{language}|>"], number["<|nospeech|>"], '
                    'number["<|end|>"]]',
                ),
            ),
            says="Where nobody speaks there is no language: `<|nospeech|>` stands in its place.",
        ),
    ),
    alternatives=(
        Alternative(_by_names, why="text first, then numbers; a tuple"),
        Alternative(_as_floats, why="numbers of another type"),
    ),
)
