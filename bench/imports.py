"""`import course_utils`, against bare Python and matplotlib; every sample is a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from time import perf_counter

from .measure import Row, Sample, Settings, in_turns, limit

__all__ = ["rows"]

HERE = Path(__file__).resolve().parent.parent


def rows(settings: Settings) -> list[Row]:
    bare, matplotlib, ours = in_turns(
        settings.rounds, _fresh("pass"), _fresh("import matplotlib"), _fresh("import course_utils")
    )
    over = [[other - nothing for other, nothing in zip(samples, bare, strict=True)] for samples in (matplotlib, ours)]
    return [limit("import course_utils, beside import matplotlib, both over bare Python", over[1], 0.060, base=over[0])]


def _fresh(code: str) -> Sample:
    def sample() -> float:
        began = perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=HERE, check=True)
        return perf_counter() - began

    return sample
