"""Hands in a notebook in which everything is of another type than it should be.

Succeeds if the batch stops.
"""

import json


def hand_in(folder, notebook, known):
    cells = [None, 3, [], {"cell_type": []}, {"cell_type": "code", "source": {"a": 1}}]
    cells += [{"cell_type": "code", "source": "1", "metadata": [], "outputs": 7}]
    cells += [{"cell_type": "code", "source": "1", "metadata": {"nbgrader": [1]}}]
    odd = {"nbformat": 4, "nbformat_minor": "x", "metadata": [1], "cells": cells}
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(odd | {"worksheets": 3}))
