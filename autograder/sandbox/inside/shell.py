"""The IPython shell that runs the cells, and the stream that takes what they print."""

from __future__ import annotations

import io

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox.inside.call import CELL_FILE


class Compiler(CachingCompiler):
    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"{CELL_FILE}{self.cell}>"


class Capped(io.TextIOBase):
    """Keeps the first `limit` characters written and drops the rest."""

    encoding, errors = "UTF-8", "strict"  # what Jupyter's streams say of themselves

    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.left = self.limit = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append(
                    f"\n[output cut here: the limit is {self.limit:,} characters a notebook]\n"
                )
        return len(text)

    def take(self) -> str:
        text, self.parts = "".join(self.parts), []
        return text


def make_shell() -> InteractiveShell:
    """An IPython shell without history, colours, profile or prompts. Made once, in the parent."""
    config = Config()
    config.HistoryManager.enabled = False  # no file, and no thread that a fork would lose
    shell = InteractiveShell.instance(
        config=config, colors="nocolor", history_load_length=0, compiler_class=Compiler
    )
    shell.showtraceback = lambda *args, **kwargs: None
    shell.showsyntaxerror = lambda *args, **kwargs: None
    shell.displayhook.write_output_prompt = lambda: None
    shell.displayhook.log_output = lambda *args: None
    shell.register_magic_function(lambda line: None, "line", "matplotlib")
    shell.enable_matplotlib = lambda gui=None: (gui, "agg")  # for `%pylab`: there is no window
    shell.ask_exit = lambda: None  # `exit()` in a notebook: the cell goes on
    shell.builtin_trap.activate()  # `display` and `get_ipython`, for functions that are called, too
    shell.run_cell("pass", store_history=False)  # warm its transformers and compiler
    return shell
