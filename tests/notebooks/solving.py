"""Prove an exercise: its check refuses the starter and accepts the solution."""

import copy
import json
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell

from tests.notebooks.rules import check_cell, exercises, solution_code
from tests.notebooks.store import execute

__all__ = ["verdicts"]

LISTEN = """
import course_utils.exercises as _exercises

_verdicts, _check = [], _exercises.check

def _listening(*args, **kwargs):
    _verdict = _check(*args, **kwargs)
    _verdicts.append(bool(_verdict.passed))
    return _verdict

_exercises.check = _listening
"""
"""Runs first, so that the notebook imports the check that is listened to."""

REMEMBER = "_before = {n: v for n, v in globals().items() if not n.startswith('_')}; _verdicts.clear()"
FORGET = """
for _name in [n for n in globals() if not n.startswith('_') and n not in _before]:
    del globals()[_name]
globals().update(_before)
_verdicts.clear()
"""
TELL = "import json as _json; print(_json.dumps(_verdicts))"


def verdicts(notebook: Any, folder: Path) -> list[tuple[list[bool], list[bool]]]:
    """
    Run a notebook, and each exercise twice: with its starter, and with its solution in its place.

    What the starter defined is taken back before the solution runs, so that a solution that lacks an
    import doesn't live on the starter's.

    Args:
        notebook: as nbformat reads it; left as it is.
        folder: where the kernel runs.

    Returns:
        for each exercise, what `check` said of the starter and of the solution: two lists of bool.

    Raises:
        RuntimeError: a cell raised; the message has its source.
    """
    cells: list[Any] = [new_code_cell(LISTEN)]
    told: list[Any] = []

    def run(source: str) -> Any:
        cells.append(new_code_cell(source))
        return cells[-1]

    found = {starter: solution for starter, solution in exercises(notebook) if solution is not None}
    checks = {check_cell(notebook, starter): starter for starter in found}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if number in found:
            run(REMEMBER)
        cells.append(copy.deepcopy(cell))
        if number in checks:
            starter = checks[number]
            told.append(run(TELL))
            run(FORGET)
            run(solution_code(notebook.cells[found[starter]]) or "")
            if number != starter:
                for between in notebook.cells[starter + 1 : number + 1]:
                    if between.cell_type == "code":
                        cells.append(copy.deepcopy(between))
            told.append(run(TELL))
            run(FORGET)
    trial = copy.deepcopy(notebook)
    trial.cells = cells
    execute(trial, folder)
    said = [json.loads(cell.outputs[0].text) for cell in told]
    return list(zip(said[::2], said[1::2], strict=True))
