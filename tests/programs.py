"""
Programs made up at random, for comparing what is counted with what is run.

A program is two or three threads of a few statements each, on shared attributes, lists, dicts, locks, conditions,
queues and the like, with loops, calls in mid-expression, generators and closures.
"""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st

__all__ = ["compiled", "programs"]

HEAD: Final = """
import threading, queue, time

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

def one():
    return 1

def scenario():
    global total
    total = 0
    Shared.shade = 0
    s, other = Shared(), Shared()
    items, table = [3], {}
    lock, second, again = threading.Lock(), threading.Lock(), threading.RLock()
    cond, event, permits = threading.Condition(), threading.Event(), threading.Semaphore(1)
    box, small = queue.Queue(), queue.Queue(maxsize=1)
    count = 0

    def numbers():
        yield s.x
        yield s.y
"""

TAIL: Final = """
    for thread in threads:
        thread.start()
    {opener}
    for thread in threads:
        thread.join()
    return s.x, s.y, other.x, Shared.shade, total, count, list(items), sorted(table.items()), list(s.items), box.qsize()
"""

SIMPLE: Final = (
    "s.x = s.x + 1", "s.x += 1", "s.x = s.x + one()", "s.y = s.x", "other.x = s.x + 1", "s.more()", "s.y += s.more()",
    "s.x = one() + s.y * 2", "items.append(s.x)", "items.append(7)", "s.y = len(items)", "items[0] += 1",
    "s.x = items[0]", "table['k'] = s.x", "s.y = table.get('k', 5)", "table['k'] = table.get('k', 0) + 1",
    "s.y = items.pop() if items else 9", "total = total + 1", "count += 1", "s.x = total", "s.y = count",
    "s.items.append(s.y)", "s.x = sum(s.items)", "s.y = s.all()[0]", "s.all().append(4)", "s.x = s.twice",
    "Shared.shade += 1", "s.y = s.shade", "s.shade = 3", "setattr(s, 'x', s.y + 4)", "time.sleep(0.01)",
    "s.x, s.y = s.y, s.x", "a, *b = items or [0]; s.y = a", "s.y = f'{items}'.count('1')", "items += [s.x]",
    "s.y = 1 if 3 in items else 2", "items.extend(s.items)", "s.y = max(*items, 0, 1)", "items[:] = [s.x]",
    "s.y = [v + one() for v in items][:1] == [4]", "s.x = (lambda: s.y + 1)()", "del items[:1]",
    "s.y = items == [3]", "(s if s.x else other).x = 5", "s.y = (s if s.x else other).x",
)  # fmt: skip
BLOCKS: Final = (
    "with lock:\n    {}", "with second:\n    {}", "with again:\n    with again:\n        {}", "with permits:\n    {}",
    "for _ in [0, 0]:\n    {}", "for v in list(items):\n    {}", "for v in numbers():\n    s.y += v\n    {}",
    "for v in items[:2]:\n    {}", "if s.x:\n    {}", "if items:\n    {}", "try:\n    {}\nfinally:\n    s.y += 1",
    "with lock:\n    with second:\n        {}", "with second:\n    with lock:\n        {}",
    "for v in s.all()[:1]:\n    {}",
)  # fmt: skip
WAITS: Final = (
    "box.put(s.x)", "s.y = box.get()", "small.put(1)", "s.x += small.get()", "event.set()", "event.wait(); s.x += 1",
    "with cond:\n    cond.notify()", "with cond:\n    cond.wait()", "with cond:\n    s.x += 1\n    cond.notify_all()",
    "with cond:\n    while not s.x:\n        cond.wait()\n    s.y = 1", "s.y = lock.acquire(blocking=False)",
    "if lock.acquire(timeout=0.1):\n    s.x += 1\n    lock.release()", "s.y = box.qsize()", "s.x = event.is_set()",
    "with cond:\n    s.y = cond.wait(timeout=0.1)",
)  # fmt: skip


def _indent(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))


_simple = st.sampled_from(SIMPLE)
_block = st.builds(
    lambda block, inner: block.replace("{}", inner.replace("\n", "\n" + " " * 4)) if "\n        {}" not in block
    else block.replace("{}", inner),
    st.sampled_from(BLOCKS), st.sampled_from([line for line in SIMPLE if ";" not in line]),
)  # fmt: skip
_statement = st.one_of(_simple, _simple, _block, st.sampled_from(WAITS))


@st.composite
def programs(draw: Callable[[Any], Any], most: int = 3) -> str:
    """A program's text."""
    threads = draw(st.lists(st.lists(_statement, min_size=1, max_size=most), min_size=2, max_size=2))
    if draw(st.integers(0, 3)) == 0:
        threads.append([draw(_simple)])
    text = HEAD
    for number, statements in enumerate(threads):
        text += f"\n    def work{number}():\n        nonlocal count\n        global total\n"
        text += "\n".join(_indent(statement, 8) for statement in statements) + "\n"
    made = ", ".join(f"threading.Thread(target=work{number}, name='T{number}')" for number in range(len(threads)))
    text += f"\n    threads = [{made}]\n"
    opener = draw(st.sampled_from(["pass", "pass", "pass", "s.x += 1", "items.append(s.y)"]))
    return text + TAIL.replace("{opener}", opener)


def compiled(text: str) -> Callable[[], Any]:
    """The program's scenario."""
    namespace: dict[str, Any] = {"__name__": "made_up"}
    exec(compile(text, "<made up>", "exec"), namespace)
    scenario: Callable[[], Any] = namespace["scenario"]
    return scenario
