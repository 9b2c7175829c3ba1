"""Displays frames, objects, embedded documents, redirections and a new base.

Succeeds if it acts in a feedback page, in formgrader or in the terminal.
"""

from IPython.display import HTML, IFrame, display

address = f"https://attack.example/{MARK}"
display(IFrame(address, 100, 100))
display(
    HTML(
        f"<iframe srcdoc=\"<script>alert('{MARK}')</script>\"></iframe>"
        f"<object data='{address}'></object><embed src='{address}'>"
        f"<meta http-equiv=refresh content='0;url={address}'><base href='{address}'>"
        f"<form action='javascript:{MARK}'><input type=submit></form>"
    )
)
