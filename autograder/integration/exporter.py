"""What `nbgrader generate_feedback` writes: our feedback page."""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Unicode

from autograder.gradebook.gradebook import Gradebook
from autograder.pages.feedback import Page
from autograder.submission.autograded import Autograded
from autograder.submission.report import ReportError


class FeedbackExporter(Exporter):
    """Renders an autograded notebook as the page that `autograder feedback` writes."""

    file_extension = Unicode(".html")
    output_mimetype = "text/html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """The page and nbconvert's resources; raises ValueError for a notebook not graded here."""
        try:
            graded = Autograded.of(nb)
        except ReportError:
            raise ValueError(
                "this notebook was not graded by `autograder grade` or `nbgrader autograde` of "
                "this course: grade it again with --force"
            ) from None
        _, resources = super().from_notebook_node(nb, resources, **kwargs)
        where = resources["nbgrader"]
        with Gradebook(where["db_url"]) as gradebook:
            structure = gradebook.structure(where["assignment"])
            marks = gradebook.marks(structure, where["student"]).get(where["student"])
        return Page(structure).render(graded, marks), resources
