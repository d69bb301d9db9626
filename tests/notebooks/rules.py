"""
The rules a notebook of the course keeps, each a function from a notebook to what breaks it.

Every rule takes a notebook as nbformat reads it and yields one line of words for each breach, so that
a notebook without faults gives nothing:

    >>> list(semicolons(notebook))
    ['cell 3 ends in ";": nbval can't compare it']

Cells are counted from 0, markdown included, as JupyterLab's and nbformat's lists are.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.validator import iter_validate

__all__ = ["EXERCISE", "HEADINGS", "RULES", "SOLUTION", "Notebook", "exercises", "read", "solution_code"]

Notebook = Any  # nbformat has no types: a NotebookNode
Cell = Any

EXERCISE: Final = "exercise"
"""The tag of the code cell in which the reader writes a solution."""
SOLUTION: Final = "solution"
"""The tag of the markdown cell, with a `<details>` block, that holds it."""

HEADINGS: Final = (
    "What you will be able to do",
    "The code",
    "Predict",
    "Run and read the chart",
    "Tweak",
    "Every interleaving",
    "The trap",
    "Exercises",
    "What to remember",
    "Next",
)
"""Each notebook's `##` headings, in this order; others may stand between them, as `###`."""
FROM_05: Final = "Every interleaving"
"""The heading that the notebooks have from 05 on, and before where it teaches something."""

LINES: Final = 25
BYTES: Final = 2_000_000
IGNORING: Final = re.compile(
    r"^\s*#\s*(NBVAL_IGNORE_OUTPUT|NBVAL_SKIP|PYTEST_VALIDATE_IGNORE_OUTPUT)\s*$", re.MULTILINE
)
IGNORING_TAGS: Final = frozenset({"nbval-ignore-output", "nbval-skip", "pytest-validate-ignore-output"})
CHECKS: Final = re.compile(r"^@check\b|\bcheck\(", re.MULTILINE)
WIDGET: Final = "application/vnd.jupyter.widget-view+json"


def read(path: Path) -> Notebook:
    """Read a notebook as it stands in the file, without mending it."""
    return nbformat.v4.reads_json(path.read_text(encoding="utf-8"))


def tags(cell: Cell) -> set[str]:
    """Collect a cell's tags."""
    return set(cell.metadata.get("tags", ()))


def code_cells(notebook: Notebook) -> Iterator[tuple[int, Cell]]:
    """Go through the code cells that have code, with their numbers."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip():
            yield number, cell


def valid(notebook: Notebook) -> Iterator[str]:
    """Hold it to nbformat's schema."""
    for error in iter_validate(notebook):
        yield f"not a valid notebook: {error.message}"
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids or len(set(ids)) < len(ids):
        yield "a cell has no id, or that of another"


def kernel(notebook: Notebook) -> Iterator[str]:
    """Spare the reader JupyterLab's kernel dialog."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "metadata.kernelspec.name is not python3: JupyterLab will ask for a kernel"
    if notebook.metadata.get("language_info", {}).get("name") != "python":
        yield "metadata.language_info.name is not python"


def was_run(notebook: Notebook) -> Iterator[str]:
    """Have every code cell run, once, from top to bottom, and something stored of it."""
    numbers = [cell.execution_count for _, cell in code_cells(notebook)]
    if not numbers:
        yield "there is no code cell"
    elif None in numbers:
        yield f"code cells not run: {[number for number, cell in code_cells(notebook) if cell.execution_count is None]}"
    elif numbers != list(range(1, len(numbers) + 1)):
        yield f"run out of order: {numbers}; store it anew"
    if not any(cell.outputs for _, cell in code_cells(notebook)):
        yield "no cell has a stored output: nbval would compare nothing"


def outputs_of_displays(notebook: Notebook) -> Iterator[str]:
    """Store the output of a cell that ends in a value to be shown."""
    for number, cell in code_cells(notebook):
        if not cell.outputs and shows_something(cell.source):
            yield f"cell {number} ends in an expression or prints, but nothing is stored of it"


def shows_something(source: str) -> bool:
    """Tell whether a cell prints or displays at its top level, or ends in a value that is no call."""
    try:
        body = ast.parse(TransformerManager().transform_cell(source)).body
    except SyntaxError:
        return False  # another language's cell magic
    called = [
        statement.value.func.id
        for statement in body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
    ]
    called += [
        decorator.id
        for statement in body
        if isinstance(statement, ast.FunctionDef)
        for decorator in statement.decorator_list
        if isinstance(decorator, ast.Name)
    ]
    last = body[-1] if body else None
    value = isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call | ast.Await | ast.Constant)
    return value or bool({"print", "display", "check", "tweak"} & set(called))


def errors(notebook: Notebook) -> Iterator[str]:
    """Store an exception only where it is meant."""
    for number, cell in code_cells(notebook):
        meant = "raises-exception" in tags(cell) or "NBVAL_RAISES_EXCEPTION" in cell.source
        raised = [output.ename for output in cell.outputs if output.output_type == "error"]
        if raised and not meant:
            yield f"cell {number} stores {raised[0]}; if it is meant, tag it raises-exception"
        if meant and not raised:
            yield f"cell {number} is tagged raises-exception and raised nothing"


def compared(notebook: Notebook) -> Iterator[str]:
    """Compare nine cells in ten, and say why not the tenth."""
    cells = list(code_cells(notebook))
    ignored = [(number, cell) for number, cell in cells if IGNORING.search(cell.source) or tags(cell) & IGNORING_TAGS]
    if len(ignored) * 10 > len(cells):
        yield f"{len(ignored)} of {len(cells)} code cells are not compared: at most one in ten"
    for number, cell in ignored:
        comments = [line.strip("# \t") for line in cell.source.splitlines() if line.lstrip().startswith("#")]
        if not any(len(comment.split()) >= 4 for comment in comments):
            yield f"cell {number} is not compared and has no comment that says why"


def length(notebook: Notebook) -> Iterator[str]:
    """Let a code cell fit a screen."""
    for number, cell in code_cells(notebook):
        lines = len(cell.source.splitlines())
        if lines > LINES:
            yield f"cell {number} has {lines} lines, more than {LINES}"


def semicolons(notebook: Notebook) -> Iterator[str]:
    """End no cell in a semicolon."""
    for number, cell in code_cells(notebook):
        if cell.source.rstrip().endswith(";"):
            yield f'cell {number} ends in ";": nbval can\'t compare it'


def widgets(notebook: Notebook) -> Iterator[str]:
    """Store no widget: without a kernel it is an error box."""
    if "widgets" in notebook.metadata:
        yield "widget state is stored: run tests/notebooks/store.py"
    for number, cell in code_cells(notebook):
        if any(WIDGET in output.get("data", {}) for output in cell.outputs):
            yield f"cell {number} stores a widget view: run tests/notebooks/store.py"


def size(notebook: Notebook) -> Iterator[str]:
    """Stay small enough for a diff and a slow line."""
    written = len(json.dumps(notebook, ensure_ascii=False).encode())
    if written > BYTES:
        yield f"{written / 1e6:.1f} MB, more than {BYTES / 1e6:.0f}"


def first_line(notebook: Notebook) -> Iterator[str]:
    """Load the extension before anything else."""
    first = next((cell.source for _, cell in code_cells(notebook)), "")
    if not first.startswith("%load_ext course_utils"):
        yield "the first code cell doesn't start with %load_ext course_utils"


def headings_of(notebook: Notebook, level: int) -> list[str]:
    """List the headings of a level, fenced code left out."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    return [found.strip() for found in re.findall(rf"^#{{{level}}} +(.*)$", text, re.MULTILINE)]


def skeleton(notebook: Notebook, *, interleavings: bool) -> Iterator[str]:
    """Keep to the course's headings, so that a reader always knows where they are."""
    if len(headings_of(notebook, 1)) != 1:
        yield f"there must be one # heading, not {headings_of(notebook, 1)}"
    found = headings_of(notebook, 2)
    wanted = [heading for heading in HEADINGS if interleavings or heading != FROM_05 or heading in found]
    if found != wanted:
        missing = [heading for heading in wanted if heading not in found]
        extra = [heading for heading in found if heading not in wanted]
        yield f"## headings differ: missing {missing}, not of the skeleton {extra}, found {found}"


def section(notebook: Notebook, heading: str) -> list[Cell]:
    """Collect the cells from a `##` heading up to the next one."""
    found: list[Cell] = []
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = re.findall(r"^## +(.*)$", cell.source, re.MULTILINE)
            if titles:
                inside = heading in [title.strip() for title in titles]
        if inside:
            found.append(cell)
    return found


def answers(notebook: Notebook) -> Iterator[str]:
    """Put a folded answer under the prediction's question, and under each exercise."""
    prediction = "\n".join(cell.source for cell in section(notebook, "Predict") if cell.cell_type == "markdown")
    if "<details>" not in prediction or "</details>" not in prediction:
        yield "Predict has no answer in a <details> block"
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.count("<details") != cell.source.count("</details>"):
            yield f"a <details> block is not closed: {cell.source[:40]!r}"


def folded(notebook: Notebook) -> Iterator[str]:
    """Store the output that answers the prediction folded."""
    hidden = [
        cell
        for _, cell in code_cells(notebook)
        if cell.metadata.get("jupyter", {}).get("outputs_hidden") and cell.outputs
    ]
    if not hidden:
        yield "no output is stored folded (jupyter.outputs_hidden): the prediction's answer must be"


def exercises(notebook: Notebook) -> list[tuple[int, int | None]]:
    """
    Find the exercises.

    Returns:
        for each, the number of its starter cell and that of its solution's cell, None if it has none:
        the next cell tagged `solution`, before the next exercise.
    """
    found: list[tuple[int, int | None]] = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and EXERCISE in tags(cell):
            found.append((number, None))
        elif cell.cell_type == "markdown" and SOLUTION in tags(cell) and found and found[-1][1] is None:
            found[-1] = (found[-1][0], number)
    return found


def check_cell(notebook: Notebook, starter: int) -> int | None:
    """Find the cell that checks an exercise: its own, or the next code cell before its solution."""
    for number in range(starter, len(notebook.cells)):
        cell = notebook.cells[number]
        if number > starter and (EXERCISE in tags(cell) or SOLUTION in tags(cell)):
            return None
        if cell.cell_type == "code" and CHECKS.search(cell.source):
            return number
    return None


def solution_code(cell: Cell) -> str | None:
    """Take the code out of a solution: the one ```python block within its `<details>`."""
    inside = re.search(r"<details.*?>(.*?)</details>", cell.source, re.DOTALL)
    blocks = re.findall(r"^```python\n(.*?)^```", inside[1], re.DOTALL | re.MULTILINE) if inside else []
    return blocks[0] if len(blocks) == 1 else None


def exercises_complete(notebook: Notebook) -> Iterator[str]:
    """Have one or two exercises, each with a check and a solution."""
    found = exercises(notebook)
    if len(found) not in (1, 2):
        yield f"there must be one or two code cells tagged {EXERCISE!r}, not {len(found)}"
    for starter, solution in found:
        checked = check_cell(notebook, starter)
        if checked is None:
            yield f"the exercise in cell {starter} isn't checked: put @check in it or in the next code cell"
        if solution is None:
            yield f"the exercise in cell {starter} has no markdown cell tagged {SOLUTION!r} after it"
            continue
        code = solution_code(notebook.cells[solution])
        if code is None:
            yield f"the solution in cell {solution} needs one ```python block inside <details>"
        elif checked == starter and not CHECKS.search(code):
            yield f"the solution in cell {solution} must have the check as well: its starter does"
    solutions = [number for number, cell in enumerate(notebook.cells) if SOLUTION in tags(cell)]
    if set(solutions) != {solution for _, solution in found if solution is not None}:
        yield f"cells {solutions} are tagged {SOLUTION!r}; each exercise has one"


RULES: Final[tuple[Callable[[Notebook], Iterator[str]], ...]] = (
    valid, kernel, was_run, outputs_of_displays, errors, compared, length, semicolons, widgets, size, first_line,
    answers, folded, exercises_complete,
)  # fmt: skip
"""Every rule that needs nothing but the notebook; `skeleton` also needs its number."""
