"""Returns what is slow to compare, large once it is read, or no float.

Succeeds if the batch stops, takes minutes, or takes its own fault for the student's.
"""

answers = [["ab"] * 50_000, [set()] * 50_000, 2**4000, -(2**4000), [[2**4000]] * 1000]
answers += [[[[]]] * 60_000, (2**4000, "ab"), {i: i for i in range(50_000)}, [1j] * 50_000]
calls = iter(range(10**9))
for name in NAMES[:2]:
    globals()[name] = lambda *args, **kwargs: answers[next(calls) % len(answers)]
