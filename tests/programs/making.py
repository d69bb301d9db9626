"""
Programs made up at random, for comparing what is counted with what is run.

A program is a scenario of two or three threads, or tasks of a pool, of a few statements each: on shared attributes,
items, globals and closures, with calls in mid-expression, loops and generators, and on locks, conditions, queues and
the like. `Program.text` is plain standard-library code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from .statements import BLOCKS, ENDS, HEAD, MADE, PLACES, SIMPLE, THEMES, VALUES

__all__ = ["Program", "compiled", "numbered", "program", "programs"]

Pick = Callable[[Sequence[Any]], Any]
"""Chooses one of several."""

SHAPES: Final = (
    "threads", "threads", "threads", "inside", "started inside", "pool", "pool", "map", "pool inside", "both", "daemon",
    "timer", "worker", "staggered", "impatient",
)  # fmt: skip


class Program(NamedTuple):
    """
    A program that was made up.

    Attributes:
        shape: how its threads are started; one of `SHAPES`.
        works: the statements of each thread.
        opener: what the opener does meanwhile.
        workers: of a pool.
    """

    shape: str
    works: tuple[tuple[str, ...], ...]
    opener: tuple[str, ...] = ()
    workers: int = 2

    @property
    def text(self) -> str:
        """The program itself."""
        lines = []
        for number, statements in enumerate(self.works):
            lines.append(f"def work{number}(given=None):")
            lines += _indented(statements or ["pass"])
            if self.shape in ("pool", "map", "pool inside", "worker"):
                lines.append("    return s.x")
        lines += _SHAPES[self.shape](self, _named(self), list(self.opener))
        body = "\n".join(lines)
        ends = [end for name, end in ENDS.items() if _uses(body, name)]
        body += f"\nreturn ({''.join(f'{end}, ' for end in ends)})\n"
        made = [f"{name} = {how}" for name, how in MADE.items() if _uses(body, name) or _uses(_how_all(body), name)]
        first = ["global total", "total = Shared.shade = 0", *made]
        if _uses(body, "numbers"):
            first += ["def numbers():", "    yield s.x", "    yield s.y"]
        for number, _ in enumerate(self.works):
            outer = [name for name in ("count", "items") if _uses(body, name)]
            head = f"def work{number}(given=None):\n"
            body = body.replace(
                head, head + "    global total\n" + (f"    nonlocal {', '.join(outer)}\n" if outer else "")
            )
        return HEAD + "\ndef scenario():\n" + "\n".join(_indented([*first, body.rstrip("\n")])) + "\n"


def _how_all(body: str) -> str:
    """What those objects are made of that a text uses."""
    return " ".join(["s", *(how for name, how in MADE.items() if _uses(body, name))])


def _uses(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.'])(?<!def ){re.escape(name)}\b", text) is not None


def _indented(statements: Sequence[str]) -> list[str]:
    return ["    " + line for statement in statements for line in statement.split("\n")]


# How threads are started.


def _named(program: Program) -> list[str]:
    return [f"threading.Thread(target=work{number}, name='T{number}')" for number in range(len(program.works))]


_ALL: Final = ["for thread in threads:", "    thread.start()"]
_JOINED: Final = ["for thread in threads:", "    thread.join()"]
_OUTER: Final = ["thread = threading.Thread(target=outer, name='T0')", "thread.start()"]


def _threads(program: Program, made: list[str], opener: list[str]) -> list[str]:
    return [f"threads = [{', '.join(made)}]", *_ALL, *opener, *_JOINED]


def _inside(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """The first thread starts the others and waits for them."""
    starter = [
        f"def outer():\n    threads = [{', '.join(made[1:])}]",
        *_indented(_ALL),
        "    work0()",
        *_indented(_JOINED),
    ]
    return [*starter, *_OUTER, *opener, "thread.join()"]


def _started_inside(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """The first thread starts the others; nobody waits for them."""
    starter = [f"def outer():\n    threads = [{', '.join(made[1:])}]", *_indented(_ALL), "    work0()"]
    return [*starter, *_OUTER, *opener, "thread.join()"]


def _pool(program: Program, made: list[str], opener: list[str]) -> list[str]:
    tasks = ", ".join(f"pool.submit(work{number})" for number in range(len(made)))
    return [
        f"with ThreadPoolExecutor({program.workers}, thread_name_prefix='P') as pool:", f"    futures = [{tasks}]",
        *_indented(opener), "    got = [future.result() for future in futures]",
    ]  # fmt: skip


def _map(program: Program, made: list[str], opener: list[str]) -> list[str]:
    return [
        f"with ThreadPoolExecutor({program.workers}, thread_name_prefix='P') as pool:",
        f"    results = pool.map(work0, {list(range(len(made)))})", *_indented(opener), "    got = list(results)",
    ]  # fmt: skip


def _pool_inside(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """A task gives its pool another task."""
    return [
        "def outer():", "    inner = pool.submit(work1)", "    work0()", "    return inner.result()",
        f"with ThreadPoolExecutor({program.workers}, thread_name_prefix='P') as pool:",
        "    future = pool.submit(outer)", *_indented(opener), "    got = future.exception(), future.done()",
    ]  # fmt: skip


def _both(program: Program, made: list[str], opener: list[str]) -> list[str]:
    tasks = ", ".join(f"pool.submit(work{number})" for number in range(1, len(made)))
    return [
        f"thread = {made[0]}", "thread.start()",
        f"with ThreadPoolExecutor({program.workers}, thread_name_prefix='P') as pool:", f"    futures = [{tasks}]",
        *_indented(opener), "thread.join()", "try:", "    got = futures[0].result(timeout=0.001)",
        "except Exception as problem:", "    got = type(problem).__name__",
    ]  # fmt: skip


def _daemon(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """The last thread is a daemon for which nobody waits."""
    last = made[-1].replace(")", ", daemon=True)")
    return [
        f"threads = [{', '.join([*made[:-1], last])}]",
        *_ALL,
        *opener,
        "for thread in threads[:-1]:",
        "    thread.join()",
    ]


def _timer(program: Program, made: list[str], opener: list[str]) -> list[str]:
    stop = ["timer.cancel()"] if program.workers == 2 else []
    return [
        f"threads = [{', '.join(made[1:])}]", "timer = threading.Timer(0.001, work0)", "timer.start()",
        *_ALL, *opener, *stop, *_JOINED, "timer.join()",
    ]  # fmt: skip


def _worker(program: Program, made: list[str], opener: list[str]) -> list[str]:
    workers = ", ".join(f"Worker(work{number}, 'T{number}')" for number in range(len(made)))
    return [f"threads = [{workers}]", *_ALL, *opener, *_JOINED, "got = [thread.got for thread in threads]"]


def _staggered(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """The opener starts the first, does its part, and starts the others."""
    return [
        f"threads = [{', '.join(made)}]",
        "threads[0].start()",
        *opener,
        *[line.replace("threads", "threads[1:]") for line in _ALL],
        *_JOINED,
    ]


def _impatient(program: Program, made: list[str], opener: list[str]) -> list[str]:
    """The opener doesn't wait for long."""
    return [
        f"threads = [{', '.join(made)}]", *_ALL, *opener, "for thread in threads[1:]:", "    thread.join()",
        "threads[0].join(timeout=0.001)", "got = threads[0].is_alive()",
    ]  # fmt: skip


_SHAPES: Final[dict[str, Callable[[Program, list[str], list[str]], list[str]]]] = {
    "threads": _threads, "inside": _inside, "started inside": _started_inside, "pool": _pool, "map": _map,
    "pool inside": _pool_inside, "both": _both, "daemon": _daemon, "timer": _timer, "worker": _worker,
    "staggered": _staggered, "impatient": _impatient,
}  # fmt: skip


# Making them up.


def _filled(template: str, pick: Pick, theme: tuple[str, ...], depth: int) -> str:
    """A statement: what stands in braces is made up too."""
    while "{}" in template:
        before, after = template.split("{}", 1)
        indent = before[before.rfind("\n") + 1 :]
        inner = _statement(pick, theme, depth + 1)
        template = before + inner.replace("\n", "\n" + indent) + after
    while "{v}" in template:
        template = template.replace("{v}", pick(VALUES), 1)
    while "{p}" in template:
        template = template.replace("{p}", pick(PLACES), 1)
    return template


def _statement(pick: Pick, theme: tuple[str, ...], depth: int = 0) -> str:
    kinds = ["simple"] * 3 if depth else ["simple", "simple", "block", *["theme"] * (3 if theme else 0)]
    kind = pick(kinds) if depth < 2 else "simple"
    template = pick({"simple": SIMPLE, "block": BLOCKS, "theme": theme}[kind])
    return _filled(template, pick, theme, depth)


def program(pick: Pick, most: int = 2) -> Program:
    """
    Make up a program.

    Args:
        pick: chooses.
        most: statements of a thread.
    """
    shape = pick(SHAPES)
    theme = THEMES[pick(list(THEMES))] if pick((True, True, True, False)) else ()
    number = pick((2, 2, 2, 3))
    sizes = [pick((1, 1, most)) if number == 2 else 1 for _ in range(number)]
    works = [tuple(_statement(pick, theme) for _ in range(size)) for size in sizes]
    if shape == "map":
        works = works[:1] * number
    opener = (_statement(pick, ()),) if pick((False, False, False, True)) else ()
    return Program(shape, tuple(works), opener, pick((1, 2, 2, 3)))


def numbered(seed: int, number: int, most: int = 2) -> Program:
    """The same program for the same numbers, under every Python."""
    return program(Random(f"{seed} {number}").choice, most)


@st.composite
def programs(draw: Callable[[Any], Any], most: int = 2) -> str:
    """A program's text."""
    return program(lambda options: draw(st.sampled_from(options)), most).text


def compiled(text: str) -> Callable[[], Any]:
    """The program's scenario."""
    namespace: dict[str, Any] = {"__name__": "made_up"}
    exec(compile(text, "<made up>", "exec"), namespace)
    scenario: Callable[[], Any] = namespace["scenario"]
    return scenario
