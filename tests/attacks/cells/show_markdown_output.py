"""Displays Markdown whose links and pictures run or load something.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import Latex, Markdown, display

display(
    Markdown(
        f"[full marks](javascript:alert('{MARK}')) ![](https://attack.example/{MARK}.png) "
        f"<img src=x onerror=\"alert('{MARK}')\">"
    )
)
display(Latex(f"$\\href{{javascript:alert('{MARK}')}}{{full marks}}$"))
