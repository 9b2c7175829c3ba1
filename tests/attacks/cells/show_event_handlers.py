"""Displays tags with event handlers, as HTML, as text and as an error's words.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import HTML, display

handler = f"alert('{MARK}')"
page = (
    f'<img src=x onerror="{handler}"><body onload="{handler}"><details open ontoggle="{handler}">'
)
display(HTML(page))
print(page)


def raising(*args, **kwargs):
    raise ValueError(page)


for name in NAMES:
    globals()[name] = raising
raise RuntimeError(page)
