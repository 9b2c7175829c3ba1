"""Returns a list that never comes to its end, and says that it is short.

Succeeds if the batch stops, or any exercise earns a point.
"""


class Endless(list):
    def __len__(self):
        return 1

    def __iter__(self):
        while True:
            yield 0


globals()[NAMES[0]] = lambda *args, **kwargs: Endless()
