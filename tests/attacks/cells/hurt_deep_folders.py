"""Makes folders in folders, deeper than a program that cleans up by recursion can go.

Succeeds if the batch stops, or a folder is left.
"""

import os

os.mkdir(MARK)
os.chdir(MARK)
for _ in range(1500):
    os.mkdir("d")
    os.chdir("d")
