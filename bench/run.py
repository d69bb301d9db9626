"""
Measure, and print one table.

    python bench/run.py [name ...] [--quick]

Names are those of the benchmarks' modules; without any, all are run. `--quick` takes fewer and smaller samples.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # the checkout, not this folder

from bench.measure import Row, Settings

__all__ = ["BENCHMARKS", "main", "rows", "table"]

BENCHMARKS = {
    "locks": "a recorded lock, against the floor and a plain lock",
    "others": "a recorded lock, against what others take for as much",
    "calls": "other recorded calls, against plain ones",
    "deadlock": "from a deadlock to Deadlock; looking for one, against not looking",
    "growth": "time and bytes per event, from 1,000 to 1,000,000 events",
    "chart": "a chart to PNG, against bare matplotlib",
    "imports": "import course_utils, against bare Python",
    "orders": "every interleaving, against running them all; a stepper's click",
    "explorers": "every interleaving, against frontrun and interleave-test",
    "programs": "whole programs, against plain Python; saving for Perfetto",
    "slider": "a slider's move to its picture, in this process",
    "browser": "a slider's move to its picture and a stepper's click to its table, in JupyterLab",
}
"""Modules of this folder, each with a function `rows(settings)`, and what they measure."""

QUICK = Settings(rounds=3, share=0.1)


def rows(name: str, settings: Settings) -> list[Row]:
    """Run one benchmark."""
    found: list[Row] = import_module(f"bench.{name}").rows(settings)
    return found


def table(found: dict[str, list[Row]]) -> str:
    """
    Lay rows out as text, under the benchmarks that they come from.

    Args:
        found: rows by the benchmark's name.
    """
    head = Row("what", "others / base", "ours", "ratio", "spread", "goal", "met?")
    every = [head, *(row for some in found.values() for row in some)]
    wide = [max(len(cell) for cell in column) for column in zip(*(row[:6] for row in every), strict=True)]
    wide[0] = max(wide[0], *(len(BENCHMARKS[name]) for name in found)) if found else wide[0]

    def line(row: Row) -> str:
        cells = [row.what.ljust(wide[0]), *(cell.rjust(width) for cell, width in zip(row[1:6], wide[1:], strict=True))]
        return "  ".join([*cells, row.met]).rstrip()

    lines = [line(head), "  ".join("-" * width for width in (*wide, len(head.met)))]
    for name, some in found.items():
        lines += [f"[{name}] {BENCHMARKS[name]}", *(line(row) for row in some)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None, *, settings: Settings | None = None) -> None:
    """
    Run the benchmarks that were asked for.

    Args:
        arguments: as on the command line.
        settings: instead of the usual ones or `--quick`.
    """
    words = "\n".join(f"  {name:8} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python bench/run.py", description=f"Measure, and print one table.\n\n{words}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="name", help="benchmarks to run; all of them if none is given")
    parser.add_argument("--quick", action="store_true", help="take fewer and smaller samples")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    chosen = settings or (QUICK if asked.quick else Settings())
    found: dict[str, list[Row]] = {}
    for name in asked.names or BENCHMARKS:
        began = time.perf_counter()
        found[name] = rows(name, chosen)
        print(f"{name}: {time.perf_counter() - began:.1f} s", file=sys.stderr, flush=True)
    print(
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}; "
        f"medians of {chosen.rounds}; spread: lowest to highest\n"
    )
    print(table(found))


if __name__ == "__main__":
    main()
