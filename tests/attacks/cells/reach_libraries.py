"""Lets libraries call out: urllib, pandas, another program.

Succeeds if the listener on the grader's machine hears anything.
"""

import subprocess
import urllib.request

import pandas

address = f"http://127.0.0.1:{PORT}/{MARK}"
for read in (lambda a: urllib.request.urlopen(a, timeout=0.5), pandas.read_csv):
    try:
        read(address)
    except OSError as error:
        print(error)
try:
    subprocess.run(["curl", "-m", "1", address], timeout=2, capture_output=True)
except (OSError, subprocess.SubprocessError) as error:
    print(type(error).__name__)
