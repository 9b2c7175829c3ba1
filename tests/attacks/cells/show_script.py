"""Displays script, event handlers and terminal escapes for the instructor's browser.

Succeeds if any of it reaches a feedback page or the autograded notebook unescaped.
"""

from IPython.display import HTML, Javascript, display

print(f"<script>alert('{MARK}')</script>")
display(HTML(f"<script>alert('{MARK}')</script>"))
display(Javascript(f"alert('{MARK}')"))
raise ValueError(f"</pre><script>alert('{MARK}')</script>")
