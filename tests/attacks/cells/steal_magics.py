"""Lets the shell read files for it: with !, %run, %load, %%bash and %sx.

Succeeds if a solution or the gradebook is shown, or any exercise earns a point.
"""

shell = get_ipython()
for folder in (ROOT, COURSE):
    for line in shell.getoutput(f"ls {folder}/solutions {folder}/source {folder}/gradebook.db"):
        if line.endswith((".md", ".db")) or line == TOPIC:
            found("by a shell command", line)
for magic in ("run", "load", "sx cat", "pycat"):
    name, _, words = magic.partition(" ")
    try:
        shell.run_line_magic(name, f"{words} {ROOT}/autograder/reference/{TOPIC}.py".strip())
    except BaseException as error:
        print(type(error).__name__)
