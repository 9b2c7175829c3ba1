"""Displays a front-end module and forged widget state.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import display

script = f"<script>alert('{MARK}')</script>"
display(
    {
        "text/html": script,
        "application/javascript": f"alert('{MARK}')",
        "application/vnd.jupyter.widget-view+json": {"model_id": script},
        "application/vnd.plotly.v1+json": {"data": script},
        "image/svg+xml": f"<svg onload=\"alert('{MARK}')\"></svg>",
    },
    raw=True,
)
