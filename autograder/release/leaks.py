"""Is an answer anywhere among the files that students can read?

Answers are: the bodies of the reference functions, the functions of the hidden checks, the
sentences of the known mistakes, and solution cells. Code is compared as syntax trees, names and
literals normalised (`source.normal_form`), text without white space. So a body is found again with
its variables renamed, its constants changed and its checks of the input left out; inside a longer
function; or in a cell.

A run of statements is a leak if it holds `SHARE` of the body and at least `MIN_NODES` nodes of
its tree; of a check that is no answer to an exercise, `MIN_CHECK_NODES`. Below that size
(`return 10 * np.log10(x / x0)` has 8 nodes) code says nothing about where it came from, and is let
pass. What `%given` shows to students is no exercise, and exempt.
"""

from __future__ import annotations

import ast
import html
import json
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from autograder.course.course import Course, current
from autograder.exercise.declare import DeclarationError
from autograder.source.normal_form import LARGE, Forms, Tree, Unit, without_docstring

MIN_NODES, MIN_CHECK_NODES = LARGE, 30
SHARE = 0.6
MIN_LINES, MIN_CHARACTERS = 3, 80
BEGINNING = 20  # characters by which a file is asked first whether a passage may be in it
TEXT_FILES = {
    ".py",
    ".md",
    ".ipynb",
    ".html",
    ".js",
    ".json",
    ".txt",
    ".yml",
    ".rst",
    ".toml",
    ".csv",
}
OTHERS = "vendor"  # what others wrote; their archives are large
SKIPPED = {".git", ".venv", "__pycache__", "node_modules", "_build"}
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME")


@dataclass(frozen=True)
class Leak:
    """Where something that students must not see stands, and what it is."""

    path: Path
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}{', ' if self.where else ''}{self.where}: {self.what}"


@dataclass(frozen=True)
class Secret:
    """A function that must not be public: its units and its lines without white space."""

    what: str
    units: tuple[Unit, ...]
    lines: tuple[str, ...]
    least: int = MIN_NODES

    @cached_property
    def enough(self) -> float:
        """How many nodes of the function's tree in one run are a leak."""
        return max(self.least, SHARE * sum(unit.nodes for unit in self.units))

    @cached_property
    def passages(self) -> list[str]:
        """Each run of `MIN_LINES` lines that is long enough to be no coincidence."""
        runs = ("".join(self.lines[i : i + MIN_LINES]) for i in range(len(self.lines)))
        return [run for run in runs if len(run) >= MIN_CHARACTERS]

    def line_in(self, tree: Tree) -> int | None:
        """Where the tree holds enough of this function, else None."""
        for units, line in tree.runs:
            if self._longest_run(units) >= self.enough:
                return line
        heavy = [unit for unit in self.units if unit.nodes >= self.enough]
        return next((tree.expressions[u.form] for u in heavy if u.form in tree.expressions), None)

    @cached_property
    def _set(self) -> frozenset[Unit]:
        return frozenset(self.units)

    def _longest_run(self, others: list[Unit]) -> int:
        """The number of nodes in the largest run of units that this function and `others` share."""
        if not any(unit in self._set for unit in others):
            return 0
        best, before = 0, [0] * (len(self.units) + 1)
        for other in others:
            now = [0]
            for mine, diagonal in zip(self.units, before):
                now.append(diagonal + mine.nodes if mine.form == other.form else 0)
            best, before = max(best, *now), now
        return best


# --- what must not be public --------------------------------------------------------------


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _secret(node: ast.FunctionDef, lines: list[str], what: str, least: int = MIN_NODES) -> Secret:
    body = without_docstring(node.body)
    text = [_squeeze(line) for line in lines[body[0].lineno - 1 : node.end_lineno]]
    return Secret(what, tuple(Forms().run(node.body)), tuple(line for line in text if line), least)


def _functions(path: Path) -> Iterator[tuple[ast.FunctionDef, list[str]]]:
    text = path.read_text()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            yield node, text.splitlines()


def _references(folder: Path, topic: str, names: set[str]) -> Iterator[Secret]:
    """The answers to a topic's exercises, from its module or from those of its package.

    Raises `DeclarationError` where an exercise's function stands in no such file.
    """
    missing = set(names)
    for path in [*folder.glob(f"{topic}.py"), *sorted((folder / topic).rglob("*.py"))]:
        for node, lines in _functions(path):
            if node.name in names:
                missing.discard(node.name)
                yield _secret(node, lines, f"the reference {topic}.{node.name}")
    for name in sorted(missing):
        raise DeclarationError(f"{folder}: no file of {topic} defines {name}, to look for leaks of")


@dataclass(frozen=True)
class Secrets:
    """Everything of a course that must not be public; `private` are names of its packages."""

    functions: tuple[Secret, ...]
    sentences: tuple[tuple[str, str], ...]
    private: frozenset[str]

    @classmethod
    @cache
    def of_course(cls, course: Course) -> Secrets:
        """The secrets of every topic of the course."""
        functions, sentences, answers = [], [], set()
        for topic in course.topics():
            declared = course.exercises(topic)
            names = {exercise.name for exercise in declared}
            functions += _references(course.reference_folder, topic, names)
            alternatives = (a.function for exercise in declared for a in exercise.alternatives)
            answers |= {function.__name__ for function in alternatives if function}
            sentences += [
                (_squeeze(mistake.says), f"a mistake's sentence of {topic}.{exercise.name}")
                for exercise in declared
                for mistake in exercise.mistakes
            ]
        checks = course.checks_folder
        for path in sorted(checks.rglob("*.py")):
            module = ".".join(path.relative_to(checks).with_suffix("").parts)
            for node, lines in _functions(path):
                least = MIN_NODES if node.name in answers else MIN_CHECK_NODES
                what = f"the hidden check {module}.{node.name}"
                functions.append(_secret(node, lines, what, least))
        return cls(tuple(functions), tuple(sentences), frozenset(course.private))

    @cached_property
    def _holders(self) -> dict[int, list[tuple[int, int]]]:
        """For each form the functions that hold it, by number, and its nodes there."""
        holders = defaultdict(list)
        for number, secret in enumerate(self.functions):
            for unit in secret.units:
                holders[unit.form].append((number, unit.nodes))
        return holders

    def suspects(self, tree: Tree) -> list[Secret]:
        """The functions that have as many nodes in common with the tree as make a leak."""
        shared = Counter()
        for form in {u.form for units, _ in tree.runs for u in units} | set(tree.expressions):
            for number, nodes in self._holders.get(form, ()):
                shared[number] += nodes
        functions = self.functions
        return [functions[k] for k in sorted(shared) if shared[k] >= functions[k].enough]


# --- the files ----------------------------------------------------------------------------

FENCE = re.compile(r"^(?P<fence>`{3,}|~{3,}).*?\n(?P<code>.*?)^(?P=fence)\s*$", re.M | re.S)
IMPORT = re.compile(r"^\s*(?:import|from)\s+(\w+)\b", re.M)
PRE = re.compile(r"<pre\b[^>]*>(.*?)</pre>", re.S | re.I)


def _untagged(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def _trees(blocks: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Tree]]:
    """The blocks that are Python, without magics, cell options and prompts."""
    for where, code in blocks:
        lines = [re.sub(r"^(>>>|\.\.\.) ?", "", line) for line in code.splitlines()]
        plain = "\n".join(line for line in lines if not re.match(r"\s*[%!:]|---$", line))
        try:
            yield where, Tree(plain)
        except (SyntaxError, ValueError, RecursionError):
            continue


def _read(path: Path | zipfile.Path) -> tuple[str, list[tuple[str, str]]]:
    """The text of a file as a reader sees it, and the blocks of code in it."""
    text = path.read_text(errors="replace")
    if path.suffix == ".py":
        return text, [("", text)]
    if path.suffix == ".html":
        return _untagged(text), [("a <pre>", _untagged(m[1])) for m in PRE.finditer(text)]
    if path.suffix == ".ipynb":
        cells = json.loads(text).get("cells", [])
        sources = ["".join(cell.get("source", "")) for cell in cells]
        blocks = []
        for n, (cell, source) in enumerate(zip(cells, sources), 1):
            found = [source] if cell.get("cell_type") == "code" else _fenced(source)
            blocks += [(f"cell {n}", code) for code in found]
        return "\n".join([*sources, json.dumps(cells, ensure_ascii=False)]), blocks
    if path.suffix == ".md":
        return text, [("a code block", code) for code in _fenced(text)]
    return text, []


def _fenced(text: str) -> list[str]:
    return [match["code"] for match in FENCE.finditer(text)]


def _members(path: Path) -> Iterator[zipfile.Path]:
    """The files in an archive."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield zipfile.Path(archive, name)


def _search_in(text: str) -> Callable[[str], bool]:
    """Whether passages are in a text, of which there are thousands, most of them nowhere."""
    begins = {text[i : i + BEGINNING] for i in range(len(text))}

    def holds(passage: str) -> bool:
        begun = passage[:BEGINNING]
        return (len(begun) < BEGINNING or begun in begins) and passage in text

    return holds


def _leaks_of(path: Path | zipfile.Path, shown: Path, secrets: Secrets) -> Iterator[Leak]:
    try:
        text, blocks = _read(path)
    except (json.JSONDecodeError, AttributeError):
        text, blocks = path.read_text(errors="replace"), []
    holds, found = _search_in(_squeeze(text)), set()
    for where, tree in _trees(blocks):
        for secret in secrets.suspects(tree):
            line = secret.line_in(tree)
            if line is not None:
                found.add(secret.what)
                yield Leak(shown, f"{where} line {line}".strip(), secret.what)
    for secret in secrets.functions:
        if secret.what not in found and any(map(holds, secret.passages)):
            yield Leak(shown, "", f"lines of {secret.what}")
    for sentence, what in secrets.sentences:
        if holds(sentence):
            yield Leak(shown, "", what)
    for mark in MARKS:
        if mark in text:
            yield Leak(shown, "", f"a cell with {mark}")
    for where, code in blocks:
        for match in IMPORT.finditer(code):
            if match[1] in secrets.private:
                yield Leak(shown, where, f"an import of {match[1]}")


def find_leaks(folder: Path, site: Path | None = None, course: Course | None = None) -> list[Leak]:
    """Every place in the folder, and in a built site, where an answer can be read.

    Archives (`.zip`) are searched, too, but for those of other people. Paths of the leaks are
    relative to the folder they are in. What was built in the folder
    (`_build`) is searched only where it is given as `site`.
    """
    secrets = Secrets.of_course(course or current())
    leaks = []
    for top in (folder, site) if site else (folder,):
        for path in sorted(top.rglob("*")):
            shown = path.relative_to(top)
            if SKIPPED & set(shown.parts) or not path.is_file():
                continue
            if secrets.private & set(shown.parts[:-1]):
                leaks.append(Leak(shown, "", "a file of the private half"))
            if path.suffix in TEXT_FILES:
                leaks += _leaks_of(path, shown, secrets)
            if path.suffix == ".zip" and OTHERS not in shown.parts:
                for member in _members(path):
                    if member.suffix in TEXT_FILES:
                        leaks += _leaks_of(member, shown / member.at, secrets)
    return leaks
