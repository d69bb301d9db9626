"""A small notebook that keeps every rule, to break in tests."""

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests.notebooks.rules import EXERCISE, FROM_05, HEADINGS, SOLUTION
from tests.notebooks.store import METADATA

__all__ = ["code", "good", "text"]

SOLVED = """<details><summary>A solution</summary>

```python
def double(number):
    return 2 * number
```

</details>"""

CHECK = """from course_utils.exercises import check

@check
def it_doubles():
    assert double(3) == 6"""


def code(source: str, *outputs: Any, tags: tuple[str, ...] = (), folded: bool = False) -> Any:
    """Make a code cell that was run."""
    metadata: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if folded:
        metadata["jupyter"] = {"outputs_hidden": True}
    return new_code_cell(source, metadata=metadata, outputs=list(outputs), execution_count=1)


def text(words: str) -> Any:
    """Make an output of text."""
    return new_output("stream", name="stdout", text=words)


def good(*, interleavings: bool = False) -> Any:
    """Make a notebook without faults, as it stands in a file."""
    inside: dict[str, list[Any]] = {
        "The code": [code("%load_ext course_utils\nimport threading")],
        "Predict": [new_markdown_cell("What comes out?\n\n<details><summary>Answer</summary>Two.</details>")],
        "Run and read the chart": [code("print(1 + 1)", text("2\n"), folded=True)],
        "Exercises": [
            code("def double(number):\n    return number", tags=(EXERCISE,)),
            code(CHECK, text("not yet\n")),
            new_markdown_cell(SOLVED, metadata={"tags": [SOLUTION]}),
        ],
    }
    cells = [new_markdown_cell("# Threads\n\nA question?")]
    for heading in HEADINGS:
        if interleavings or heading != FROM_05:
            cells += [new_markdown_cell(f"## {heading}"), *inside.get(heading, [])]
    notebook = new_notebook(cells=cells, metadata=METADATA)
    number(notebook)
    return notebook


def number(notebook: Any) -> None:
    """Number the code cells as a run from top to bottom does."""
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
