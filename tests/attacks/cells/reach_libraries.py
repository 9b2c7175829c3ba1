"""Lets libraries call out: urllib, pandas, the package installer, a browser.

Succeeds if the listener on the grader's machine hears anything.
"""

import subprocess
import sys
import urllib.request

address = f"http://127.0.0.1:{PORT}/{MARK}"
try:
    urllib.request.urlopen(address, timeout=0.5)
except OSError as error:
    print(error)
pip = [sys.executable, "-m", "pip", "install", "--retries", "0", "--timeout", "1"]
for command in (["curl", "-m", "1", address], [*pip, address]):
    try:
        subprocess.run(command, timeout=3, capture_output=True)
    except (OSError, subprocess.SubprocessError) as error:
        print(type(error).__name__)
