"""`python -m speechlab.systems [SYSTEM...]`: the systems' figures; see `speechlab.figures`."""

import runpy

runpy.run_module("speechlab.figures", run_name="__main__", alter_sys=True)
