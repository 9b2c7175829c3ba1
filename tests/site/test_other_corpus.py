"""The chapters on the speech that the site was not built on: each cell runs, each claim holds.

The site is built on recorded speech where its cache is filled, else on the embedded speech. Without
a filled cache there is no other corpus to be had, and these tests are skipped.
"""

import os

import jupytext
import nbclient
import pytest

from speechlab import corpora
from tests.support.building import ROOT, toc_pages


def _other() -> str | None:
    """The corpus that `digits` does not give here; None where it is not in reach."""
    if corpora.recorded():
        return "embedded"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPEECHLAB_CORPUS", "fsdd")
        try:
            corpora.recorded()
        except corpora.CorpusError:
            return None
    return "fsdd"


def _chapters() -> list[str]:
    """The pages with cells that run."""
    return [page for page in toc_pages() if "{code-cell}" in (ROOT / f"{page}.md").read_text()]


@pytest.mark.parametrize("page", _chapters())
def test_a_chapter_holds_on_the_other_corpus(page, monkeypatch):
    other = _other()
    if other is None:
        pytest.skip("no recorded speech: `python -m speechlab.corpora fetch` fills the cache")
    monkeypatch.setenv("SPEECHLAB_CORPUS", other)
    notebook = jupytext.read(ROOT / f"{page}.md")
    resources = {"metadata": {"path": str((ROOT / page).parent)}}
    client = nbclient.NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources=resources
    )
    client.execute(env=dict(os.environ))
