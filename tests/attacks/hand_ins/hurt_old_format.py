"""Hands in tens of thousands of cells of the old format, each of which is converted and checked.

Succeeds if the batch stops, or takes minutes.
"""

import json


def hand_in(folder, notebook, known):
    cell = {"cell_type": "code", "input": "x", "language": "python", "collapsed": 1}
    cell["outputs"] = [{"output_type": "stream", "stream": "stdout", "text": "x"}] * 3
    sheet = {"metadata": {}, "cells": [cell] * 60_000}
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(content))
