"""
What the learner calls it.

A lock or queue has no name of its own; its reader knows it by the variable or attribute it was
assigned to. The store instruction that follows the call says it (`self._lock = Lock()` stores to
`_lock`); for an object met later, the caller's variables and attributes are searched.
"""

from itertools import islice
from types import CodeType, FrameType
from typing import Any, Final

from .places import is_own

__all__ = ["assigned_name", "creator", "found_name", "instance_name"]

_FREE: Final = frozenset({"NOP", "CACHE", "PRECALL", "EXTENDED_ARG", "KW_NAMES", "JUMP_BACKWARD", "END_FOR", "RESUME"})
"""Neither take from the stack nor add to it, as far as the value followed goes."""
_LOADS: Final = {
    "LOAD_FAST": 1, "LOAD_FAST_BORROW": 1, "LOAD_FAST_CHECK": 1, "LOAD_NAME": 1, "LOAD_DEREF": 1, "LOAD_CONST": 1,
    "LOAD_SMALL_INT": 1, "LOAD_CLASSDEREF": 1, "PUSH_NULL": 1, "LOAD_FAST_LOAD_FAST": 2,
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW": 2,
}  # fmt: skip
_STORES: Final = frozenset({"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"})
_DISPLAYS: Final = frozenset({"BUILD_LIST", "BUILD_TUPLE", "BUILD_SET", "BUILD_MAP", "BUILD_CONST_KEY_MAP"})
_BINARY: Final = frozenset({"BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP"})
_APPENDS: Final = frozenset({"LIST_APPEND", "SET_ADD", "MAP_ADD"})

_RETURNED: Final = "<returned>"
"""The function returns it: its caller's instruction tells, another one at every call."""

_sites: dict[tuple[int, int], tuple[CodeType, str | None]] = {}


def assigned_name(frame: FrameType | None) -> str | None:
    """
    Name the target that a call's result is about to be stored to.

        >>> def make(frame=None): return assigned_name(sys._getframe(1))
        >>> inbox = make(); inbox
        'inbox'

    A list or comprehension of them gives each the list's name. Passed on as an argument or returned,
    it has none.

    Args:
        frame: the caller's frame, standing at its call.

    Returns:
        the variable's or attribute's name, or None.
    """
    if frame is None:
        return None
    key = (id(frame.f_code), frame.f_lasti)
    known = _sites.get(key)
    if known is None or known[0] is not frame.f_code:
        if len(_sites) > 4096:
            _sites.clear()
        known = _sites[key] = (frame.f_code, _target(frame))
    if known[1] is _RETURNED:
        back = frame.f_back
        return assigned_name(back) if back is not None and is_own(back.f_code) else None
    return known[1]


def _target(frame: FrameType) -> str | None:
    """
    Follow the call's result on the interpreter's stack until something stores it.

    `above` counts what lies above it. An instruction that isn't known here ends the search.
    """
    above = 0
    looping = False
    import dis  # with what it imports, a thirtieth of the package's own import

    following = (each for each in dis.get_instructions(frame.f_code) if each.offset > frame.f_lasti)
    for instruction in islice(following, 32):
        name, arg, argval = instruction.opname, instruction.arg or 0, instruction.argval
        if name in _FREE or (looping and name == "POP_TOP"):
            continue
        looping = False
        if name in _LOADS:
            above += _LOADS[name]
        elif name == "LOAD_GLOBAL":
            above += 1 + (arg & 1)
        elif name in ("LOAD_ATTR", "LOAD_METHOD") and above:
            above += dis.stack_effect(instruction.opcode, arg)
        elif name == "CALL" and above >= arg + 2:
            above -= arg + 1
        elif name in _BINARY and above >= 2:
            above -= 1
        elif name == "SWAP":
            above = {arg - 1: 0, 0: arg - 1}.get(above, above)
        elif name == "COPY":
            above += arg != above + 1
        elif name in _DISPLAYS:
            taken = {"BUILD_MAP": 2 * arg, "BUILD_CONST_KEY_MAP": arg + 1}.get(name, arg)
            above = 0 if above < taken else above - taken + 1
        elif name in _APPENDS and not above:
            looping = True
        elif name in _STORES:
            if not above:
                return str(argval)
            above -= 1
        elif name == "STORE_ATTR" and above:
            if above == 1:
                return str(argval)
            above -= 2
        elif name == "STORE_FAST_STORE_FAST":
            if above < 2:
                return str(argval[above])
            above -= 2
        elif name == "STORE_FAST_LOAD_FAST":
            if not above:
                return str(argval[0])
        elif name == "BEFORE_WITH" and not above:
            continue
        elif name == "RETURN_VALUE" and not above:
            return _RETURNED
        else:
            return None
    return None


def creator(made: object, frame: FrameType | None) -> FrameType | None:
    """
    Find the frame that called the class: past the `__init__`s that work on the object itself.

    Args:
        made: the object under construction.
        frame: the frame that called the innermost `__init__`.
    """
    while frame is not None and _first_argument(frame) is made:
        frame = frame.f_back
    return frame


def _first_argument(frame: FrameType) -> Any:
    return _receiver(frame) if frame.f_code.co_name == "__init__" else None


def found_name(wanted: object, frame: FrameType | None) -> str | None:
    """
    Search a frame for the name under which it knows an object.

    Its variables come first, then the attributes of its first argument (`self`), then its globals.
    An object reached another way (`boxes[0]`) is not found, and `self` is no name.
    """
    if frame is None:
        return None
    local = frame.f_locals
    owner = local.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None
    for names in (local, getattr(owner, "__dict__", {}), frame.f_globals):
        for name, value in list(names.items()):
            if value is wanted and isinstance(name, str) and name.isidentifier() and name.strip("_") not in _NO_NAMES:
                return name
    return None


_NO_NAMES: Final = frozenset({"", "self"})


def instance_name(instance: object, frame: FrameType | None) -> str | None:
    """
    Name an instance by what its reader calls it.

    One that is being made is named after what its caller stores it to; another as the own code that is
    at work knows it, from the innermost function outwards.

    Args:
        instance: an object of a class of the learner's.
        frame: the frame that uses it.
    """
    inner, maker = frame, None
    while inner is not None and _receiver(inner) is instance:
        if inner.f_code.co_name == "__init__":
            maker = inner
        inner = inner.f_back
    if maker is not None:
        caller = maker.f_back
        return assigned_name(caller) if caller is not None and is_own(caller.f_code) else None
    for _ in range(_DEEP):
        if frame is None:
            break
        name = found_name(instance, frame) if is_own(frame.f_code) else None
        if name is not None:
            return name
        frame = frame.f_back
    return None


_DEEP: Final = 32
"""How many frames are searched for a name."""


def _receiver(frame: FrameType) -> Any:
    """A function's first argument, which in a method is its object."""
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
