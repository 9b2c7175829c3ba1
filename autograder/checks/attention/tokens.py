"""The tokens that tell a model what to do, and that it writes while it does it."""

from __future__ import annotations

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
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
    language = str(rng.choice(FOREIGN))
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
    ]


def _first(change):
    """For `refuses`: the first segment alone, with its beginning, end and digits changed."""
    return {"segments": lambda segments: [change(*segments[0])]}


def _by_names(segments, language, task="transcribe", timestamps=False):
    """Written as text first, and looked up at the end."""
    words = reference.WORDS[language if task == "transcribe" else "en"]
    head = [f"<|{language}|>", f"<|{task}|>", *["<|notimes|>"][: not timestamps]]
    names = ["<|start|>", *(head if segments else ["<|nospeech|>"])]
    for begin, end, digits in segments:
        spoken = [words[digit] for digit in digits]
        names += [f"{begin:.6f}", *spoken, f"{end:.6f}"] if timestamps else spoken
    known = {name: k for k, name in enumerate(reference.VOCABULARY)}
    read = (known[n] if n in known else len(known) + round(50 * float(n)) for n in names)
    return (*read, known["<|end|>"])


TASK_TOKENS = Exercise(
    function=reference.task_tokens,
    read="One model, many tasks",
    cases=_cases,
    refuses={
        "English to be translated": {"language": "en", "task": "translate"},
        "segments that are not in order": {"segments": [(3.0, 4.0, [1, 7]), (0.5, 2.0, [2])]},
        "a segment that ends before it begins": _first(lambda begin, end, said: (end, begin, said)),
        "a segment beyond 30 s": _first(lambda begin, end, said: (begin, end + 30, said)),
    },
    criteria=(
        Criterion("transcribe", 2),
        Criterion("translate", 1, TRANSLATED),
        Criterion("timestamps", 1, TIMED),
        Criterion("no speech", 1, NOBODY),
    ),
    mistakes="""
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
        return [number["<|start|>"], => return [number["<|start|>"], number[f"<|{language}|>"],
            Where nobody speaks there is no language: `<|nospeech|>` stands in its place.
    """,
    alternatives=(
        Alternative(_by_names, why="text first, then numbers; a tuple"),
        Alternative("return [*tokens, => return [*map(float, tokens),", why="another type"),
    ),
)
