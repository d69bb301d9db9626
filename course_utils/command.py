"""The command `python -m course_utils`: record a script, and draw or sum up what its threads did."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from .export import check, save
from .program import readable_script, run_program
from .recording import Recording
from .words import headlines, summary

__all__ = ["main", "seconds"]

USAGE_ERROR: Final = 2
SHORT: Final = 12
"""Threads that the summary names; a program may have thousands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a script in a fresh interpreter and record it.

        $ python -m course_utils -o chart.png download.py --fast

    Args:
        arguments: the command's; `sys.argv` unless given.

    Returns:
        the script's exit status as a shell shows it; 124 if it was stopped, 2 if the command makes no sense.
    """
    options = _parser().parse_args(arguments)
    try:
        script = readable_script(options.script)
        if options.output is not None:
            check(options.output)
    except (OSError, ValueError) as problem:
        return _say(problem)
    status, recording = run_program(script, options.arguments, timeout=options.timeout)
    if not recording.lanes:  # it didn't compile, and the interpreter has said why; or it was stopped at once
        there = "" if options.output is None else f"; {options.output} is not written"
        print(f"-- {recording.title}\n-- {summary(recording)}{there}", file=sys.stderr)
        return status
    if options.output is None:
        print(_sum_up(recording), file=sys.stderr)
        return status
    try:
        save(recording, options.output)
    except OSError as problem:
        return _say(problem)
    return status


def _say(problem: OSError | ValueError) -> int:
    text = str(problem)
    if isinstance(problem, OSError) and problem.filename is not None:
        text = f"{problem.filename}: {problem.strerror}"
    print(f"course_utils: {text}", file=sys.stderr)
    return USAGE_ERROR


def _sum_up(recording: Recording) -> str:
    each = headlines(recording)
    if len(each) > SHORT:
        each = [*each[:SHORT], f"and {len(each) - SHORT} more; -o chart.png draws them"]
    return "\n".join([f"-- {recording.title}", f"-- {summary(recording)}", *(f"--   {line}" for line in each)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m course_utils",
        description="Run a Python script in a fresh interpreter, record what its threads do, and draw it.",
        epilog="The script's own output and exit status pass through.",
    )
    parser.add_argument(
        "-o", dest="output", metavar="OUT", type=Path, help="write the chart to this file, in the format of its suffix"
    )
    parser.add_argument(
        "--timeout", metavar="S", type=seconds, help="stop the script after so many seconds, and draw it up to there"
    )
    parser.add_argument("script", metavar="SCRIPT.py")
    rest = parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER, help="the script's own")
    rest.required = False  # it may be empty; argparse would name it as missing
    return parser


def seconds(text: str) -> float:
    """Read a number of seconds from a command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"it must be a number of seconds greater than 0, not {text!r}")
    return value
