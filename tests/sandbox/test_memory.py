"""What one job held is nowhere in the memory that the next one's process starts with."""

from autograder.sandbox.job import Call, Exam, Job

SEARCH = """
def count(half, other):
    # Never the two halves together, or it would find itself.
    half, other, found = half.encode(), other.encode(), 0
    with open("/proc/self/maps") as maps:
        spans = [line.split()[0] for line in maps if " rw" in line and "[v" not in line]
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        for span in spans:
            start, end = (int(part, 16) for part in span.split("-"))
            memory.seek(start)
            block, at = memory.read(end - start) or b"", 0
            while (at := block.find(half, at)) >= 0:
                at += len(half)
                found += block[at : at + len(other)] == other
    return found
"""
HALF, OTHER = "the-words-of", "-another-student"


def test_another_submission_is_not_in_memory_that_was_freed(box):
    mine = f"words = '{HALF}{OTHER}' * 1000\nprint(words)\ndef say():\n    return words"
    said = box.run(Job((mine,), {"say": Exam((Call("say", ()),))}))
    assert HALF + OTHER in said.cells[0].stdout
    search = {"count": Exam((Call("count", (HALF, OTHER)),))}
    assert box.run(Job((SEARCH,), search)).answers["count"][0].value == 0


def test_the_search_finds_what_is_there(box):
    kept = f"kept = '{HALF}' + '{OTHER}'"
    search = {"count": Exam((Call("count", (HALF, OTHER)),))}
    assert box.run(Job((kept, SEARCH), search)).answers["count"][0].value > 0
