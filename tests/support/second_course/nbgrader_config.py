"""The configuration of a small course in plane geometry."""

from pathlib import Path

from autograder.integration.plugin import configure

c = get_config()  # noqa: F821
configure(c, root=Path(__file__).parent)
c.Autograder.checks = "checks"
c.Autograder.reference = "reference"
c.Autograder.topics = ["polygons"]
c.Autograder.preload = ["numpy"]
c.Autograder.public = ["README.md"]
