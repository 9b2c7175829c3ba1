"""nbgrader's configuration: the course's folders, and grading in the sandbox.

`COURSE_DIR` names the folder with submissions and gradebook (default `_course`, not committed).
Settings of your own, such as `c.AssignLatePenalties.plugin_class`, go below `configure(c)`;
so does `c.Exchange.root`, where the exchange is not in nbgrader's usual place.
Limits for student code, too, by course, topic and exercise (all of them are in
`autograder/course/limits.py`):

    c.Autograder.limits = {"*": {"seconds": 10}, "hmm": {"memory_mb": 2048}}
"""

import sys
from pathlib import Path

if (here := str(Path(__file__).resolve().parent)) not in sys.path:
    sys.path.insert(0, here)

from autograder.integration.plugin import configure

c = get_config()  # noqa: F821
configure(c)
c.CourseDirectory.course_id = "from-sound-to-meaning"  # the course's folder in the exchange
