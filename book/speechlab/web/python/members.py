"""What can follow a name and a dot, for an editor that proposes it.

Nothing of a cell runs for it: modules, classes and plain objects are looked into, past whatever
`__getattr__`, `__dir__` or property they have.
"""

from __future__ import annotations

import types
from typing import Any

MOST = 2000  # names; NumPy has 500
_dict_of_class = type.__dict__["__dict__"].__get__
_order = type.__dict__["__mro__"].__get__
_dict_of_module = types.ModuleType.__dict__["__dict__"].__get__
_nothing = object()
# What stands in a class for values that only code could tell.
UNKNOWN = {property, types.GetSetDescriptorType, types.MemberDescriptorType, type(None)}


def of(path: str, names: dict[str, Any]) -> list[list[str]]:
    """The members of what `path` names, such as "np.linalg".

    Parameters
    ----------
    path : str
        Names with dots between them.
    names : dict
        What the first of them may be.

    Returns
    -------
    members : list of [str, str]
        Each a name and its kind: "namespace", "class", "function" or "variable". Empty if there is
        no such object, or if code would have to run to know it.
    """
    first, *others = path.split(".")
    value = names.get(first, _nothing)
    for name in others:
        value = _visible(value).get(name, _nothing)
    found = [[name, _kind(member)] for name, member in _visible(value).items()]
    return sorted(found)[:MOST]


def _visible(value: Any) -> dict[str, Any]:
    """Members by name, as they lie in the object's and its classes' own dictionaries."""
    kind = type(value)
    if value is _nothing or kind in UNKNOWN:
        return {}
    if issubclass(kind, types.ModuleType):
        layers = [_dict_of_module(value)]
    else:
        classes = value if issubclass(kind, type) else kind
        layers = [*map(_dict_of_class, reversed(_order(classes))), _own(value)]
    merged: dict[str, Any] = {}
    for layer in layers:
        merged.update((n, m) for n, m in layer.items() if type(n) is str and n.isidentifier())
    return merged


def _own(value: Any) -> dict[Any, Any]:
    """The dictionary of an object that is no class; an empty one where it has none, or hides it."""
    if not issubclass(type(value), type):
        for kind in _order(type(value)):
            found = _dict_of_class(kind).get("__dict__")
            if type(found) is types.GetSetDescriptorType:
                own = found.__get__(value)
                return own if type(own) is dict else {}
    return {}


def _kind(member: Any) -> str:
    kind = type(member)
    if issubclass(kind, types.ModuleType):
        return "namespace"
    if issubclass(kind, type):
        return "class"
    if issubclass(kind, staticmethod | classmethod) or any(
        "__call__" in _dict_of_class(base) for base in _order(kind)
    ):
        return "function"
    return "variable"
