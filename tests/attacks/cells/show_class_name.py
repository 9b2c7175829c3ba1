"""Names an error's class, its module and a returned type like a tag.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

tag = f"<img src=x onerror=alert('{MARK}')>"
Named = type(tag, (Exception,), {"__module__": tag, "__qualname__": tag})
Value = type(tag, (), {})


def raising(*args, **kwargs):
    raise Named(tag)


for name in NAMES[1:]:
    globals()[name] = raising
globals()[NAMES[0]] = lambda *args, **kwargs: Value()
raise Named(tag)
