"""Displays a picture as SVG that holds script and loads another file.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import SVG, display

display(
    SVG(
        "<svg xmlns='http://www.w3.org/2000/svg' "
        f"onload=\"alert('{MARK}')\"><script>alert('{MARK}')</script>"
        f"<image href='https://attack.example/{MARK}'/></svg>"
    )
)
