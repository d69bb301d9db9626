"""
Make up programs and judge what `interleavings` says of them: `python -m tests.programs NUMBER SEED`.

Says what differs as it is found, and at the end how many were judged; `-o FILE` writes each program's total and
outcomes, a JSON object a line, for comparing one Python's with another's.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from zlib import crc32

from .judging import judge
from .making import numbered
from .real import Real


def main() -> int:
    """Judge; the exit code says whether all was well."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.programs", description="Judge interleavings() by made-up programs."
    )
    parser.add_argument("number", type=int, help="how many programs")
    parser.add_argument("seed", type=int, help="what they are made up from")
    parser.add_argument("-o", metavar="FILE", help="write totals and outcomes there")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--most", type=int, default=400, help="run as many interleavings one by one (400)")
    parser.add_argument("--statements", type=int, default=2, help="of a thread, at most (2)")
    parser.add_argument("--real", type=int, default=40, help="real runs of each (40)")
    options = parser.parse_args()
    file = open(options.o, "w") if options.o else None  # noqa: SIM115  # closed by the end of the process
    counted = every = refused = failed = 0
    with Real() as real:
        for number in range(options.first, options.first + options.number):
            text = numbered(options.seed, number, options.statements).text
            began = time.perf_counter()
            verdict = judge(text, options.most, real if options.real else None, options.real)
            if verdict.refused:
                refused += 1
                print(f"--- {number} is refused: {verdict.refused}", flush=True)
            counted += verdict.total is not None
            every += verdict.every
            failed += bool(verdict.wrong)
            for wrong in verdict.wrong:
                print(f"--- {number} differs: {wrong}\n{text[text.index('def scenario') :]}", flush=True)
            if file is not None:
                took = round(time.perf_counter() - began, 2)
                line = {
                    "number": number,
                    "crc": crc32(text.encode()),
                    "total": verdict.total,
                    "outcomes": verdict.outcomes,
                    "wrong": verdict.wrong,
                    "s": took,
                }
                print(json.dumps(line), file=file, flush=True)
    print(
        f"{options.number} programs: {counted} counted, {every} run one by one too, {refused} refused, {failed} wrong"
    )
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
