"""Why nothing can be said of all orders of a scenario, and what to write instead."""

from __future__ import annotations

from typing import Any, Final

from .histories import Differs, Stretch
from .outcomes import in_words
from .texts import a

__all__ = ["CLOCK", "INSTEAD", "difference", "unseen"]

INSTEAD: Final = {
    "time": "leave it out of the scenario, and measure the time around a call of that",
    "open": "give the scenario the text as a parameter, or use an io.StringIO of its own",
    "input": "give the scenario the answer as a parameter",
    "outside": "give the scenario what would come of it as a parameter",
    "random": "give the scenario fixed numbers",
    "thread": "start it with threading.Thread or a pool",
    "alive": "keep your threads in a list, and ask each for is_alive()",
    "reset": "make a new barrier",
    "drain": "have one thread submit them all and shut the pool down, or cancel() each future",
}
"""What to write instead of what can't be explored."""

CLOCK: Final = f", which reads the clock, and what comes of that isn't known beforehand: {INSTEAD['time']}"

_RANDOM: Final = frozenset({"random", "_random", "secrets", "uuid"})
_OUTSIDE: Final = frozenset({
    "posix", "nt", "os", "genericpath", "posixpath", "ntpath", "pathlib", "shutil", "tempfile", "glob", "socket",
    "_socket", "ssl", "select", "selectors", "http", "urllib", "subprocess", "signal", "platform", "sqlite3", "fcntl",
})  # fmt: skip


def unseen(what: str) -> str:
    """
    Say what is wrong with using something, and what to do instead.

        >>> unseen("posix.urandom")
        'posix.urandom, and what comes of that isn't known beforehand: give the scenario fixed numbers'

    Args:
        what: an object or a function, with its module's name, as "a random.Random that several threads use".
    """
    module = what.removeprefix("an ").removeprefix("a ").partition(".")[0]
    if module in _RANDOM or what.startswith(("posix.urandom", "posix.getrandom", "nt.urandom")):
        return f"{what}, and what comes of that isn't known beforehand: {INSTEAD['random']}"
    if module in _OUTSIDE:
        return f"{what}, and what comes of that isn't known beforehand: {INSTEAD['outside']}"
    if module in ("asyncio", "multiprocessing"):
        return f"{what}, whose tasks aren't threads of this program: only threads can be scheduled"
    return (
        f"{what}: nobody sees what it does with what threads share. Use lists, dicts, sets, deques and your own "
        "classes, or do it before threads start"
    )


def difference(differs: Differs) -> str:
    """Say what a run did otherwise than another did in the same order, and what such things come from."""
    said = f"run in the same order again, it first {_words(differs.before)} and then {_words(differs.now)}"
    return (
        f"{said}. Random numbers, clocks, idents, files and what is left from the last run do that: give the "
        "scenario fixed values, and build all else that it uses in it"
    )


def _outcome(stretch: Stretch) -> tuple[Any, ...] | None:
    return next((effect[1] for effect in stretch.effects if effect[0] == "outcome"), None)


def _words(stretch: Stretch) -> str:
    outcome = _outcome(stretch)
    if outcome is not None:
        return f"ended with {in_words(outcome)}"
    if stretch.then is None:
        return "ended"
    at = f" in line {stretch.then.line[1]}" if stretch.then.line else ""
    on = stretch.then.on
    name = f" of {on[1]}" if isinstance(on, tuple) and len(on) == 3 and on[1] else ""
    return f"came to {a(stretch.then.kind)}{name}{at}"
