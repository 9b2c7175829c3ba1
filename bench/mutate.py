"""Wrong answers that nobody listed: a function's source with one small change, made by machine.

The changes are those that people make by accident: another operator, a slice that is one off, a
turned sign, another constant, another axis, a cast to whole numbers, a call that was left out.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
PEERS = dict(
    pair
    for one, other in (
        ("sum", "mean"),
        ("max", "min"),
        ("maximum", "minimum"),
        ("argmax", "argmin"),
        ("sin", "cos"),
        ("floor", "ceil"),
        ("log", "log1p"),
        ("exp", "expm1"),
        ("zeros", "ones"),
        ("cumsum", "cumprod"),
        ("any", "all"),
        ("tril", "triu"),
        ("real", "imag"),
    )
    for pair in ((one, other), (other, one))
)
LEFT_OUT = {"sqrt", "abs", "square", "conj", "sort", "flip", "reversed", "round", "unique"}
FILLED = {"zeros", "ones", "empty", "full", "zeros_like"}


@dataclass(frozen=True)
class Mutant:
    """A changed function: what was changed, the source it has now, and the function itself."""

    change: str
    source: str
    function: Callable


def _number(node: ast.expr, change: int) -> ast.expr:
    """The expression, one more or one less."""
    operator = ast.Add() if change > 0 else ast.Sub()
    return ast.BinOp(copy.deepcopy(node), operator, ast.Constant(abs(change)))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    yield _with(node, lower=_number(node.lower or ast.Constant(0), 1))
    yield _with(node, upper=_number(node.upper, -1) if node.upper else ast.Constant(-1))
    if node.step:
        yield _with(node, step=None)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    attribute = isinstance(node.func, ast.Attribute)
    name = node.func.attr if attribute else getattr(node.func, "id", "")
    if name in PEERS and (attribute or name in ("max", "min", "any", "all")):
        field = {"attr": PEERS[name]} if attribute else {"id": PEERS[name]}
        yield _with(node, func=_with(node.func, **field))
    if name in LEFT_OUT and node.args:
        yield copy.deepcopy(node.args[0])
    if name in FILLED and not any(k.arg == "dtype" for k in node.keywords):
        whole = ast.keyword("dtype", ast.Name("int", ast.Load()))
        yield _with(node, keywords=[*node.keywords, whole])
    if name == "range" and len(node.args) < 3:
        yield _with(node, args=[*node.args[:-1], _number(node.args[-1], -1)])
    if name in ("append", "outer", "subtract", "concatenate") and len(node.args) == 2:
        yield _with(node, args=node.args[::-1])
    for i, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and ast.unparse(keyword.value) in ("-1", "1"):
            other = _with(keyword, value=ast.Constant(0))
            yield _with(node, keywords=[*node.keywords[:i], other, *node.keywords[i + 1 :]])


def _returned(node: ast.Return) -> Iterator[ast.AST]:
    """Each returned value with its sign turned, or cut down to whole numbers."""
    parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    for i, part in enumerate(parts):
        whole = ast.parse(f"np.asarray({ast.unparse(part)}).astype(int)", mode="eval").body
        for new in (ast.UnaryOp(ast.USub(), copy.deepcopy(part)), whole):
            if isinstance(node.value, ast.Tuple):
                new = ast.Tuple([*parts[:i], new, *parts[i + 1 :]], ast.Load())
            yield ast.Return(new)


def variants(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the node's place."""
    match node:
        case ast.BinOp() | ast.AugAssign() | ast.BoolOp() if type(node.op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(node.op)]())
        case ast.Compare():
            for i, operator in enumerate(node.ops):
                if new := OPERATORS.get(type(operator)):
                    yield _with(node, ops=[*node.ops[:i], new(), *node.ops[i + 1 :]])
        case ast.UnaryOp():
            yield copy.deepcopy(node.operand)
        case ast.Constant():
            yield from _constant(node)
        case ast.Slice():
            yield from _slice(node)
        case ast.Call():
            yield from _call(node)
        case ast.Attribute(attr="T"):
            yield copy.deepcopy(node.value)
        case ast.Return(value=ast.expr()):
            yield from _returned(node)
        case ast.Raise():
            yield ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield ast.Pass()


def _places(
    node: ast.AST, statement: ast.AST | None = None
) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """(parent, field, index, statement) of every node, without docstrings and annotations."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "exc", "format_spec"):
            continue
        for i, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not text:
                inner = child if isinstance(child, ast.stmt) else statement or child
                yield node, field, i, inner
                yield from _places(child, inner)


def _come_along(function: Callable) -> list[Callable]:
    """The private functions of its module that it calls, and it."""
    module, found, waiting = vars(inspect.getmodule(function)), [], [function]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for name in one.__code__.co_names:
            other = module.get(name)
            own = inspect.isfunction(other) and other.__module__ == function.__module__
            if name.startswith("_") and own and other not in [*found, *waiting]:
                waiting.append(other)
    return found[::-1]


def mutants(function: Callable) -> Iterator[Mutant]:
    """Every mutant of the function and of the private helpers that come along with it."""
    parts = [textwrap.dedent(inspect.getsource(one)) for one in _come_along(function)]
    original = ast.unparse(tree := ast.parse("\n".join(parts)))
    seen = {original}
    for parent, field, index, statement in list(_places(tree)):
        value = getattr(parent, field)
        node = value if index is None else value[index]
        where = _short(statement)
        for new in variants(node):
            change = f"`{_short(node)}` to `{_short(new)}` in `{where}`"
            if index is None:
                setattr(parent, field, new)
            else:
                value[index] = new
            source = ast.unparse(ast.fix_missing_locations(tree))
            if index is None:
                setattr(parent, field, node)
            else:
                value[index] = node
            if source not in seen:
                seen.add(source)
                yield Mutant(change, source, _compiled(source, function))


def _short(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0][:90]


def _compiled(source: str, function: Callable) -> Callable:
    namespace = dict(vars(inspect.getmodule(function)))
    # The name keeps tracebacks from reading a file; nothing here is a student's.
    exec(compile(source, f"<{function.__name__}, mutated>", "exec"), namespace)
    return namespace[function.__name__]
