"""
Raw events on their way from one process to another.

They are written in batches, each of which is whole in itself, so that what has arrived can be read even if
the writer was killed in the middle of the next.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from typing import Any, BinaryIO

from .driver import Raw
from .events import END, START, Item

__all__ = ["read", "write"]


def _flat(value: Any) -> Any:
    if isinstance(value, Item):
        return tuple(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def write(file: BinaryIO, log: Iterable[Raw], now: int) -> None:
    """Write raw events, and that the program lives at this time (ns), as one batch; pass it to the system."""
    batch: list[Any] = [now]
    batch += [(at, lane, kind, about, _flat(value)) for at, lane, kind, about, value in log]
    file.write(marshal.dumps(batch))
    file.flush()


def read(file: BinaryIO) -> list[Raw]:
    """
    Read what has arrived. Lanes that have no end yet are cut off at the last sign of life.

    Args:
        file: as `write` has left it, whole or torn.

    Returns:
        raw events.
    """
    log: list[Raw] = []
    last = 0
    while True:
        try:
            last, *batch = marshal.load(file)
        except (EOFError, ValueError, TypeError):
            break
        log += [
            (at, lane, kind, about, Item(*value) if isinstance(value, tuple) else value)
            for at, lane, kind, about, value in batch
        ]
    ended = {lane for _, lane, kind, _, _ in log if kind == END}
    lanes = dict.fromkeys(about if kind == START and about else lane for _, lane, kind, about, _ in log)
    last = max([last, *(at for at, *_ in log)])
    log += [(last, lane, END, "cut off", None) for lane in lanes if lane not in ended]
    return log
