"""
The values of expressions, found without side effects: by looking, never by calling.

What can't be found is UNKNOWN. So is what a shared place would have to be read for: it may have been another when the
code at work read it.
"""

from __future__ import annotations

import builtins
import threading
from types import CodeType, FrameType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, Final

from .places import is_own
from .stacks import Expression
from .standins import RealLock, RealRLock
from .steps import CALL, CELL, GLOBAL, SLOT, WITH, Site

__all__ = ["UNKNOWN", "Returned", "Values"]

Returned = dict[tuple[int, CodeType], Any]
"""What functions of own code last returned, by the frame they returned to: what may be shared, else None."""

UNKNOWN: Final = object()

_BUILTINS: Final = vars(builtins)
_HIDING: Final = frozenset({"vars", "exec", "eval", "globals", "locals"})
_LOCKS: Final = (type(RealLock()), type(RealRLock()))


class Values:
    """
    Finds values.

    Attributes:
        counted: the shared places: (kind, name), or (kind, number) of a container.
        returned: what functions called by the code at work returned.
    """

    def __init__(self) -> None:
        self.counted: set[tuple[str, Any]] = set()
        self.returned: Returned = {}

    def of_thread(self, frame: FrameType, site: Site) -> bool:
        """Whether an instruction uses what every thread has of its own (`threading.local`)."""
        return site.kind == SLOT and isinstance(self.value(site.operands[0], frame), threading.local)

    def hidden(self, frame: FrameType, site: Site) -> bool:
        """Whether an instruction goes behind attributes and variables."""
        if site.kind == SLOT:
            return site.name == "__dict__"
        callee = site.operands[0] if site.kind == CALL else None
        if callee is None or callee[0] != "global" or callee[1] not in _HIDING:
            return False
        return self.value(callee, frame) is _BUILTINS[callee[1]]

    def unseen_lock(self, frame: FrameType, site: Site) -> bool:
        """Whether an instruction is about to take a lock that nobody stands in for."""
        taken = site.operands[0] if site.operands else None
        if site.kind == CALL:
            if taken is None or taken[0] != "method" or taken[2] != "acquire":
                return False
            taken = taken[1]
        elif site.kind != WITH:
            return False
        return isinstance(self.value(taken, frame), _LOCKS)

    def function(self, callee: Expression, frame: FrameType) -> Any:
        """The function that a call calls, if it can be told."""
        if callee is None:
            return UNKNOWN
        if callee[0] != "method":
            found = self.value(callee, frame)
        else:
            owner = self.value(callee[1], frame)
            if owner is UNKNOWN:
                return UNKNOWN
            if isinstance(owner, ModuleType | type):
                found = getattr(owner, callee[2], UNKNOWN)
            else:
                own = getattr(owner, "__dict__", None)
                found = own[callee[2]] if isinstance(own, dict) and callee[2] in own else UNKNOWN
                if found is UNKNOWN:
                    found = next((vars(k)[callee[2]] for k in type(owner).__mro__ if callee[2] in vars(k)), UNKNOWN)
        if isinstance(found, staticmethod | classmethod | MethodType):
            found = found.__func__
        return found

    def value(self, expression: Expression, frame: FrameType) -> Any:
        """The value of an expression, found without side effects; UNKNOWN if it can't be."""
        if expression is None:
            return UNKNOWN
        kind = expression[0]
        if kind == "const":
            return expression[1]
        if kind == "local":
            return frame.f_locals.get(expression[1], UNKNOWN)
        if kind == "deref":
            if (CELL, expression[1]) in self.counted:
                return UNKNOWN
            return frame.f_locals.get(expression[1], UNKNOWN)
        if kind == "global":
            name = expression[1]
            if (GLOBAL, name) in self.counted:
                return UNKNOWN
            return frame.f_globals.get(name, _BUILTINS.get(name, UNKNOWN))
        if kind == "attr":
            if (SLOT, expression[2]) in self.counted:
                return UNKNOWN
            owner = self.value(expression[1], frame)
            if owner is UNKNOWN:
                return owner
            computed = getattr(type(owner), expression[2], None)
            if isinstance(computed, property):
                return self._last(computed.fget, frame)
            return _attribute(owner, expression[2])
        if kind == "call":
            return self._last(self.function(expression[1], frame), frame)
        return UNKNOWN

    def _last(self, function: Any, frame: FrameType) -> Any:
        """What a function of own code last returned to this frame."""
        if not isinstance(function, FunctionType) or not is_own(function.__code__):
            return UNKNOWN
        return self.returned.get((id(frame), function.__code__), UNKNOWN)


def _attribute(owner: Any, name: str) -> Any:
    """Look an attribute up without calling anything."""
    if isinstance(owner, ModuleType):
        return vars(owner).get(name, UNKNOWN)
    kinds = owner.__mro__ if isinstance(owner, type) else type(owner).__mro__
    own = {} if isinstance(owner, type) else getattr(owner, "__dict__", {})
    for kind in kinds:
        if name in vars(kind):
            found = vars(kind)[name]
            if isinstance(found, MemberDescriptorType) and not isinstance(owner, type):
                try:
                    return found.__get__(owner)
                except AttributeError:
                    return UNKNOWN
            if isinstance(own, dict) and name in own and not hasattr(type(found), "__set__"):
                return own[name]
            return UNKNOWN if hasattr(type(found), "__get__") else found
    return own.get(name, UNKNOWN) if isinstance(own, dict) else UNKNOWN
