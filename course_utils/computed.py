"""
Attributes by other means than a dot, and those that own code sees to.

That is what properties, descriptors and classes with a `__setattr__` of their own do.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

from .places import is_own
from .understood import Call, Unknown, looked_up

__all__ = ["by_name", "of_class", "sees_to_itself"]

_ACCESS: Final = {"read": "__getattribute__", "write": "__setattr__", "update": "__delattr__"}
_DESCRIPTORS: Final = {"read": ("__get__", "fget"), "write": ("__set__", "fset"), "update": ("__delete__", "fdel")}


def sees_to_itself(owner: Any, name: str, how: str, plainly: bool) -> bool:
    """
    Whether an access to an attribute is a call of own code, of which the steps are its own.

    Args:
        owner: whose attribute it is.
        name: of the attribute.
        how: "read", "write", or "update" for deleting it.
        plainly: whether it passes by the class's own `__setattr__` and the like, as `super().__setattr__` does.
    """
    kind = type(owner)
    if not plainly and _is_own(looked_up(kind, _ACCESS[how])):
        return True
    found = looked_up(kind, name)
    if found is None:
        return False
    method, of_property = _DESCRIPTORS[how]
    if isinstance(found, property):
        return _is_own(getattr(found, of_property))
    if not _is_own(looked_up(type(found), method)):
        return False
    # One that only gets is passed by once the object has an attribute of this name: that is looked up first.
    return any(looked_up(type(found), each) is not None for each in ("__set__", "__delete__"))


def of_class(owner: Any, name: str) -> bool:
    """Whether an object's class, or one it comes from, has an attribute of this name."""
    return looked_up(type(owner), name) is not None


def by_name(call: Call) -> tuple[str, str, Any] | None:
    """`setattr(counter, "value", 1)` is what `counter.value = 1` is: name, what is done, owner."""
    if call.kind == "attribute":
        owner, given, what = call.method, call.given, call.function.__name__.strip("_")
    elif call.function in (getattr, setattr, delattr, hasattr) and len(call.given) > 1:
        owner, *given = call.given
        what = call.function.__name__
    else:
        return None
    if not given or not isinstance(given[0], str):
        raise Unknown(f"{what} of a name that can't be told")
    return given[0], {"setattr": "write", "delattr": "update"}.get(what, "read"), owner


def _is_own(function: Any) -> bool:
    return isinstance(function, FunctionType) and is_own(function.__code__)
