"""Where else an assignment opens: Colab and Binder, if the site says where its source is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import yaml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

BUILDS = {"jupyter-book", "sphinxcontrib-bibtex"}  # the site, and no notebook needs them
REPOSITORY = re.compile(r"https://(github|gitlab)\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?")


@dataclass(frozen=True)
class Source:
    """The public repository of a site, and the packages that its notebooks may use.

    `address` is empty where `_config.yml` has no `repository: url:`; `folder` is where in the
    repository the book begins. `packages` are names with ranges, out of `requirements.txt`.
    """

    address: str
    branch: str = "main"
    folder: str = ""
    packages: tuple[str, ...] = ()

    @classmethod
    def of(cls, app: Sphinx) -> Source:
        """What `_config.yml` and `requirements.txt` say.

        The theme's options are of no use: without a repository they name Jupyter Book's own.
        """
        config, listed = (Path(app.srcdir) / n for n in ("_config.yml", "requirements.txt"))
        said = yaml.safe_load(config.read_text(encoding="utf-8")) if config.is_file() else {}
        repository = said.get("repository") or {}
        return cls(
            str(repository.get("url") or "").strip("/"),
            str(repository.get("branch") or "main"),
            str(repository.get("path_to_book") or "").strip("./"),
            needed(listed.read_text(encoding="utf-8")) if listed.is_file() else (),
        )

    def opens(self, topic: str) -> dict[str, str]:
        """The addresses that open the notebook of a topic, by the name of the place."""
        found = REPOSITORY.fullmatch(self.address)
        if not found:
            return {}
        host, owner, name = found.groups()
        notebook, branch = f"{self._place(topic)}/{topic}.ipynb", quote(self.branch, safe="")
        at = f"gh/{owner}/{name}" if host == "github" else f"gl/{owner}%2F{name}"
        labpath = quote(notebook, safe="")
        binder = {"Binder": f"https://mybinder.org/v2/{at}/{branch}?labpath={labpath}"}
        if host != "github":
            return binder
        colab = "https://colab.research.google.com/github"
        return {"Colab": f"{colab}/{owner}/{name}/blob/{self.branch}/{notebook}", **binder}

    def first_in_colab(self, topic: str) -> str:
        """The cell after which a notebook in Colab has all that it can use."""
        ranges = " ".join(f'"{package}"' for package in self.packages)
        lines = [
            f"!git clone --depth 1 --branch {self.branch} {self.address} /content/course",
            f"%cd /content/course/{self._place(topic)}",
            f"%pip install -q {ranges}",
        ]
        return "\n".join(lines if ranges else lines[:2])

    def _place(self, topic: str) -> str:
        return "/".join(part for part in (self.folder, "exercises", topic) if part)


def needed(requirements: str) -> tuple[str, ...]:
    """The names and ranges in a `requirements.txt` without those that only build the site."""
    lines = (line.partition("#")[0].strip() for line in requirements.splitlines())
    return tuple(line for line in lines if line and re.split(r"[<>=!~\[; ]", line)[0] not in BUILDS)
