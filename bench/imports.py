"""`import course_utils`, against bare Python and matplotlib; every sample is a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from .measure import Row, Sample, Settings, in_turns, limit

__all__ = ["rows"]

HERE = Path(__file__).resolve().parent.parent


def rows(settings: Settings) -> list[Row]:
    return [
        _row(settings, "import course_utils, beside import matplotlib, over bare Python", _fresh),
        _row(settings, "the same in CPU time, which others' turns don't lengthen", _fresh_cpu),
    ]


def _row(settings: Settings, what: str, fresh: Callable[[str], Sample]) -> Row:
    bare, matplotlib, ours = in_turns(
        settings.rounds, fresh("pass"), fresh("import matplotlib"), fresh("import course_utils")
    )
    over = [[other - nothing for other, nothing in zip(samples, bare, strict=True)] for samples in (matplotlib, ours)]
    return limit(what, over[1], 0.060, base=over[0])


def _fresh(code: str) -> Sample:
    def sample() -> float:
        began = perf_counter()
        _python(code)
        return perf_counter() - began

    return sample


def _fresh_cpu(code: str) -> Sample:
    return lambda: float(_python(f"{code}\nimport time\nprint(time.process_time())"))


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=HERE, check=True, stdout=subprocess.PIPE, text=True).stdout
