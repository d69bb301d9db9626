"""
Raw events on their way from one process to another.

They are written in batches, each of which is whole in itself, so that what has arrived can be read even if
the writer was killed in the middle of the next. Lanes and locks go by number and name.
"""

from __future__ import annotations

import marshal
import threading
from collections.abc import Iterable
from typing import Any, BinaryIO

from .driver import Raw
from .events import END, Item
from .states import LaneState, Tag

__all__ = ["read", "write"]

_LANE, _TAG, _ITEM = "lane", "tag", "item"


def _flat(value: Any) -> Any:
    if isinstance(value, LaneState):
        return (_LANE, value.number, value.name)
    if isinstance(value, Tag):
        return (_TAG, value.number, value.name)
    if isinstance(value, Item):
        return (_ITEM, *value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def write(file: BinaryIO, log: Iterable[Raw], now: int) -> None:
    """Write raw events, and that the program lives at this time (ns), as one batch; pass it to the system."""
    batch: list[Any] = [now]
    batch += [(at, _flat(lane), kind, _flat(about), _flat(value)) for at, lane, kind, about, value in log]
    file.write(marshal.dumps(batch))
    file.flush()


def read(file: BinaryIO) -> list[Raw]:
    """
    Read what has arrived. Lanes that have no end yet are cut off at the last sign of life.

    Args:
        file: as `write` has left it, whole or torn.

    Returns:
        raw events, whose lanes and tags stand for those of the other process.
    """
    lanes: dict[int, LaneState] = {}
    tags: dict[int, Tag] = {}
    thread = threading.Thread()  # stands for every thread of the other process

    def whole(value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        kind, number, name = value
        if kind == _LANE:
            return lanes.setdefault(number, LaneState(number, name, thread, False))
        if kind == _ITEM:
            return Item(number, name)
        if number not in tags:
            tags[number] = tag = Tag(name, "")
            tag.number = number
        return tags[number]

    log: list[Raw] = []
    last = 0
    while True:
        try:
            last, *batch = marshal.load(file)
        except (EOFError, ValueError, TypeError):
            break
        log += [(at, whole(lane), kind, whole(about), whole(value)) for at, lane, kind, about, value in batch]
    ended = {lane for _, lane, kind, _, _ in log if kind == END}
    last = max([last, *(at for at, *_ in log)])
    log += [(last, lane, END, "cut off", None) for lane in lanes.values() if lane not in ended]
    return log
