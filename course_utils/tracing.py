"""
Meets own code's instructions before they are carried out: those that may touch something shared, or all.

Up to 3.11 by a trace function with opcode events; from 3.12 on, where those miss a function's first call, by
`sys.monitoring`, which leaves out every instruction that is none of ours after it was met once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final

from .instants import firsts, instants
from .places import OWN, place
from .stacks import comprehensions
from .steps import Site, scanned

__all__ = ["Tracer"]

Meet = Callable[[FrameType, Site], None]
ComeBy = Callable[[FrameType], bool]

_frame = sys._getframe
_NONE: Final[dict[int, Site]] = {}


class _Known:
    """What is to be met in each code object: nothing in those that aren't own code."""

    def __init__(self, traced: bool = False) -> None:
        self._traced = traced
        self._sites: dict[int, tuple[CodeType, dict[int, Site]]] = {}

    def __call__(self, code: CodeType) -> dict[int, Site]:
        known = self._sites.get(id(code))
        if known is None:
            if place(code.co_filename) is OWN and not _of_namedtuple(code):
                found = scanned(code)
                for each in (code, *comprehensions(code)):
                    if each in found:
                        self._sites[id(each)] = (each, self._as_met(each, found[each]))
            else:
                self._sites[id(code)] = (code, _NONE)
            known = self._sites[id(code)]
        return known[1]

    def _as_met(self, code: CodeType, found: dict[int, Site]) -> dict[int, Site]:
        first = firsts(code) if self._traced else {}
        return {first.get(offset, offset): site for offset, site in found.items()}


def _of_namedtuple(code: CodeType) -> bool:
    """Whether it is what makes a named tuple: written by the library, as a string, and often called, by `dis` too."""
    return code.co_filename == "<string>" and code.co_names == ("_tuple_new",)


class _Traced:
    """By a trace function, thread by thread."""

    def __init__(self, meet: Meet, come_by: ComeBy) -> None:
        self._meet = meet
        self._come_by = come_by
        self._known = _Known(traced=True)
        self._everywhere = False

    def everywhere(self, on: bool) -> None:
        """Whether to come by all instructions besides."""
        self._everywhere = on

    def install(self) -> None:
        """Nothing is the process's."""

    def remove(self) -> None:
        """Nothing is the process's."""

    def enter(self) -> Any:
        """Begin to watch the current thread; what is returned is for `leave`."""
        before = sys.gettrace()
        sys.settrace(self._called)
        return before

    def leave(self, before: Any) -> None:
        """Watch the current thread no more."""
        sys.settrace(before)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        known = self._known(frame.f_code)
        if known is _NONE:
            return None
        frame.f_trace_lines = False
        everywhere = instants(frame.f_code) if self._everywhere else frozenset()
        frame.f_trace_opcodes = bool(known) or bool(everywhere)
        meet, come_by = self._meet, self._come_by

        def local(frame: FrameType, event: str, arg: Any) -> Any:
            if event == "opcode":
                stood = frame.f_lasti in everywhere and come_by(frame)
                site = known.get(frame.f_lasti)
                if site is not None:
                    meet(frame, site)
                if stood or site is not None:
                    # After a trace function, the interpreter writes the variables that it was shown back into
                    # cells; another thread may have written them since (bpo-30744). So it is shown them as they are.
                    frame.f_locals  # noqa: B018 - for its effect
            return local

        return local


class _Monitored:
    """By `sys.monitoring`."""

    def __init__(self, meet: Meet, come_by: ComeBy) -> None:
        self._meet = meet
        self._come_by = come_by
        self._known = _Known()
        self._everywhere = False
        self._codes: dict[int, CodeType] = {}
        self._tool = -1

    def install(self) -> None:
        """Begin to watch own code."""
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        for tool in (4, 3, 2, 1, 0):
            if monitoring.get_tool(tool) is None:
                break
        else:
            raise RuntimeError("every tool of sys.monitoring is in use: stop debuggers, profilers and the like")
        self._tool = tool
        monitoring.use_tool_id(tool, "course_utils")
        monitoring.register_callback(tool, monitoring.events.PY_START, self._started)
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, self._instruction)
        monitoring.set_events(tool, monitoring.events.PY_START)
        monitoring.restart_events()  # what was left out when we were here last

    def remove(self) -> None:
        """Watch no more."""
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        tool = self._tool
        for code in self._codes.values():
            monitoring.set_local_events(tool, code, 0)
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, monitoring.events.PY_START, None)
        monitoring.register_callback(tool, monitoring.events.INSTRUCTION, None)
        monitoring.free_tool_id(tool)
        self._codes.clear()

    def everywhere(self, on: bool) -> None:
        """Whether to come by all instructions besides."""
        self._everywhere = on
        if on:
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
            monitoring.restart_events()  # for those that were left out

    def enter(self) -> Any:
        """Threads are all watched alike."""

    def leave(self, before: Any) -> None:
        """Threads are all watched alike."""

    def _started(self, code: CodeType, offset: int) -> Any:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        if id(code) not in self._codes and self._known(code) is not _NONE:
            self._codes[id(code)] = code
            monitoring.set_local_events(self._tool, code, monitoring.events.INSTRUCTION)
        return monitoring.DISABLE

    def _instruction(self, code: CodeType, offset: int) -> Any:
        if self._everywhere and offset in instants(code):
            self._come_by(_frame(1))
        site = self._known(code).get(offset)
        if site is None:
            if self._everywhere:
                return None
            disable: Any = sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]
            return disable
        self._meet(_frame(1), site)
        return None


Tracer: Any = _Monitored if sys.version_info >= (3, 12) else _Traced
"""
Watches own code: `install` and `remove` for the process, `enter` and `leave` in each thread.

Args:
    meet: called before an instruction that may touch something shared, with its frame and what is known of it.
    come_by: called before any instruction that may matter to others, if `everywhere`; tells whether time went by.
"""
