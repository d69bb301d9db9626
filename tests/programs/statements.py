"""What made-up programs are made of: places, values, statements; see `making`."""

from __future__ import annotations

from typing import Final

__all__ = ["BLOCKS", "ENDS", "HEAD", "MADE", "PLACES", "SIMPLE", "THEMES", "VALUES"]

HEAD: Final = """
import queue, threading, time
from concurrent.futures import ThreadPoolExecutor

total = 0

class Shared:
    shade = 0
    def __init__(self):
        self.x = 0
        self.y = 0
        self.items = [1]

    def more(self):
        self.x += 1
        return self.x

    def all(self):
        return self.items

    @property
    def twice(self):
        return 2 * self.x

class Slots:
    __slots__ = ("x",)
    def __init__(self):
        self.x = 0

class Worker(threading.Thread):
    def __init__(self, work, name):
        super().__init__(name=name)
        self.work = work
        self.got = None

    def run(self):
        self.got = self.work()

def one():
    return 1

def same(value):
    return value
"""

MADE: Final = {
    "s": "Shared()", "other": "Shared()", "slots": "Slots()", "items": "[3]", "table": "{'k': 0}", "kinds": "{1}",
    "count": "0", "local": "threading.local()",
    "lock": "threading.Lock()", "second": "threading.Lock()", "again": "threading.RLock()",
    "cond": "threading.Condition()", "bare": "threading.Condition(threading.Lock())",
    "event": "threading.Event()", "permits": "threading.Semaphore(1)", "bounded": "threading.BoundedSemaphore(1)",
    "barrier": "threading.Barrier(2)", "acting": "threading.Barrier(2, action=s.more)",
    "box": "queue.Queue()", "small": "queue.Queue(maxsize=1)", "pile": "queue.LifoQueue(maxsize=2)",
    "simple": "queue.SimpleQueue()", "first": "queue.PriorityQueue()",
}  # fmt: skip
"""What a scenario makes, if it uses it."""

ENDS: Final = {
    "s": "s.x, s.y, list(s.items)", "other": "other.x", "slots": "slots.x", "items": "list(items)",
    "table": "sorted(table.items())", "kinds": "sorted(kinds)", "count": "count", "total": "total",
    "Shared.shade": "Shared.shade", "box": "box.qsize()", "small": "small.qsize()", "pile": "pile.qsize()",
    "simple": "simple.qsize()", "first": "first.qsize()", "event": "event.is_set()", "got": "got",
}  # fmt: skip
"""What a scenario returns of what it used."""

PLACES: Final = (
    "s.x", "s.x", "s.x", "s.y", "other.x", "slots.x", "items[0]", "table['k']", "total", "count", "Shared.shade",
)  # fmt: skip
VALUES: Final = (
    "{p}", "{p} + one()", "one() + {p}", "{p} + {p}", "same({p}) + 1", "s.more()", "{p} * 2 + one()", "max({p}, 1)",
    "{p} if {p} else 7", "[{p}, one()][0]", "(lambda: {p} + 1)()", "len(items)", "sum(s.items)", "s.all()[0]",
    "s.twice", "s.shade", "items[-1] if items else 9", "table.get('k', 5)", "f'{items}'.count('1')", "3 in items",
    "items == [3]", "max(*items, 0, 1)", "len(kinds)", "(s if {p} else other).x", "getattr(s, 'x')",
    "[v + one() for v in items][:1] == [4]", "sum(numbers())", "dict(table).get('k', 1)", "any(v for v in items)",
    "next(iter(items), 0)", "{p} and {p}", "{p} < {p}", "getattr(local, 'x', 6)", "sorted(items)[0] if items else 8",
)  # fmt: skip
SIMPLE: Final = (
    "{p} = {v}", "{p} = {v}", "{p} = {p} + {v}", "{p} += {v}", "{p} += 1", "s.more()", "items.append({p})",
    "items.append(7)", "s.items.append({v})", "s.all().append(4)", "s.y = items.pop() if items else 9",
    "setattr(s, 'x', {v})", "s.shade = 3", "s.x, s.y = s.y, s.x", "a, *b = items or [0]; s.y = a", "items += [{p}]",
    "items.extend(s.items)", "items[:] = [{p}]", "del items[:1]", "(s if {p} else other).x = 5", "time.sleep(0.001)",
    "table['k'] = table.get('k', 0) + 1", "kinds.add({p})", "kinds.discard(1)", "table.update(k={p})",
    "s.y = table.setdefault('k', {p})", "s.y = table.pop('k', 2)", "items.sort()", "items.insert(0, {p})",
    "local.x = {p}", "v = {p}; {p} = v + 1", "s.items = [*items, {p}]", "s.items = list(items)", "items.pop()",
    "s.y = (w := {p}) + w", "assert not {p}", "del table['k']", "print(end='')", "s.items[0] += one()",
    "own = [1, 2]; s.y = [v + {p} for v in own][0]", "own = [{p}]; own = {v: s.x for v in own}; s.y = len(own)",
    "n = 0; n += {p}; s.y = sum([n + v for v in (0, 1)])", "s.items = [v for u in [[1], [2]] for v in u if v != {p}]",
)  # fmt: skip
BLOCKS: Final = (
    "for _ in [0, 0]:\n    {}", "for v in list(items):\n    {}", "for v in numbers():\n    s.y += v\n    {}",
    "for v in items[:2]:\n    {}", "if {p}:\n    {}", "if items:\n    {}\nelse:\n    {}",
    "for v in s.all()[:1]:\n    {}",
    "try:\n    {}\nfinally:\n    s.y += 1", "try:\n    {}\nexcept Exception:\n    s.y = 8",
    "for v in items:\n    {}\n    break",
    "while {p} < 1:\n    {p} += 1\n    {}\n    break", "for i, v in enumerate(items[:1]):\n    {p} = v + i",
    "for v in (u + {p} for u in items[:1]):\n    {}",
    "try:\n    if {p}:\n        raise ValueError({p})\n    {}\nexcept ValueError as e:\n    s.y = e.args[0]",
    "for k in list(table):\n    {}",
)  # fmt: skip

THEMES: Final[dict[str, tuple[str, ...]]] = {
    "lock": (
        "with lock:\n    {}", "with lock:\n    {}", "lock.acquire()\n{}\nlock.release()",
        "if lock.acquire(blocking=False):\n    {}\n    lock.release()", "s.y = lock.acquire(False)",
        "if lock.acquire(timeout=0.001):\n    {}\n    lock.release()",
        "lock.acquire()\ntry:\n    {}\nfinally:\n    lock.release()",
        "lock.release()", "lock.acquire()",
    ),
    "two locks": (
        "with lock:\n    with second:\n        {}", "with second:\n    with lock:\n        {}",
        "with lock, second:\n    {}",
        "with lock:\n    {}", "with second:\n    {}",
        "with second:\n    if lock.acquire(timeout=0.001):\n        {}\n        lock.release()",
    ),
    "rlock": (
        "with again:\n    with again:\n        {}", "with again:\n    {}",
        "if again.acquire(blocking=False):\n    {}\n    again.release()",
        "with again:\n    {}\n    s.y = again.acquire(timeout=0.001)\n    again.release()", "again.release()",
    ),
    "condition": (
        "with cond:\n    cond.notify()", "with cond:\n    cond.wait()", "with cond:\n    {}\n    cond.notify_all()",
        "with cond:\n    while not s.x:\n        cond.wait()\n    {}",
        "with cond:\n    s.y = cond.wait(timeout=0.001)\n    {}",
        "with cond:\n    cond.wait_for(lambda: s.x)\n    {}", "with cond:\n    s.x += 1\n    cond.notify()",
        "with cond:\n    s.y = cond.wait_for(lambda: s.x > 0, timeout=0.001)", "with bare:\n    bare.wait()\n    {}",
        "with bare:\n    {}\n    bare.notify(2)", "cond.notify()",
        "with cond:\n    with cond:\n        s.y = cond.wait(0.001)",
    ),
    "event": (
        "event.set()", "event.set()", "event.wait()\n{}", "s.y = event.wait(timeout=0.001)", "event.clear()",
        "{p} = event.is_set()",
        "if not event.is_set():\n    {}\n    event.set()",
    ),
    "semaphore": (
        "with permits:\n    {}", "with permits:\n    {}", "permits.acquire()\n{}\npermits.release()",
        "permits.release()", "permits.release(2)",
        "if permits.acquire(blocking=False):\n    {}\n    permits.release()", "s.y = permits.acquire(timeout=0.001)",
        "with bounded:\n    {}", "bounded.release()", "s.y = bounded.acquire(blocking=False)",
    ),
    "barrier": (
        "barrier.wait()\n{}", "{}\nbarrier.wait()", "s.y = barrier.wait()", "{p} = barrier.wait(timeout=0.001)",
        "try:\n    barrier.wait(0.001)\n    {}\nexcept threading.BrokenBarrierError:\n    s.y = 7", "barrier.abort()",
        "acting.wait()\n{}", "if acting.wait() == 0:\n    {}",
    ),
    "queue": (
        "box.put({p})", "{p} = box.get()", "small.put({p})", "{p} += small.get()", "{p} = box.get() + {p}",
        "s.y = box.qsize()",
        "for v in [1, 2]:\n    small.put(v)", "for _ in [0, 0]:\n    s.y += small.get()", "small.put_nowait({p})",
        "{p} = small.get_nowait()",
        "try:\n    {p} = box.get_nowait()\nexcept queue.Empty:\n    {}",
        "try:\n    small.put(5, timeout=0.001)\nexcept queue.Full:\n    {}",
        "try:\n    {p} = small.get(timeout=0.001)\nexcept queue.Empty:\n    {}", "s.y = box.empty()",
        "s.y = small.full()",
        "box.put(1)\nbox.join()", "s.y = box.get()\nbox.task_done()",
        "while not box.empty():\n    items.append(box.get())",
        "box.put(3)\nbox.put(None)", "while (v := box.get()) is not None:\n    s.y += v",
    ),
    "other queues": (
        "pile.put({p})", "pile.put(2)\npile.put(3)", "{p} = pile.get()", "s.y = pile.qsize()", "simple.put({p})",
        "simple.put(4)",
        "{p} = simple.get()", "try:\n    {p} = simple.get(timeout=0.001)\nexcept queue.Empty:\n    {}",
        "s.y = simple.empty()",
        "first.put({p})", "first.put(2)\nfirst.put(1)", "{p} = first.get()", "{p} = pile.get_nowait()",
        "{p} = simple.get_nowait()",
        "try:\n    {p} = first.get(timeout=0.001)\nexcept queue.Empty:\n    s.y = 6",
    ),
}  # fmt: skip
"""Statements that belong together, so that what one thread waits for is what another does."""
