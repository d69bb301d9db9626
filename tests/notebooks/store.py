"""
Run notebooks from top to bottom and store what they show.

    python tests/notebooks/store.py                            # every notebook of the course
    python tests/notebooks/store.py notebooks/01_threads.ipynb

Each runs in a fresh kernel, in its own folder. Widgets are stripped, since without a kernel they
are error boxes, and so is what would change from one machine to the next: times of execution, the
version of Python. A notebook is written only if all of its cells ran; else it stays as it was, and
the cell that failed is named.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

__all__ = ["clean", "execute", "main", "store", "write"]

NOTEBOOKS: Final = Path(__file__).resolve().parent.parent.parent / "notebooks"
TIMEOUT: Final = 120
"""Seconds that a cell may take."""

KEPT: Final = frozenset({"tags", "jupyter"})
"""What stays of a cell's metadata: tags, and which output or source is folded."""
WIDGET: Final = "application/vnd.jupyter.widget-view+json"

METADATA: Final = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
"""The same in every notebook: JupyterLab finds its kernel by it, and no version of Python is in it."""


def execute(notebook: Any, folder: Path) -> None:
    """
    Run a notebook in a fresh kernel and put the outputs in it.

    Args:
        notebook: as nbformat reads it; changed in place.
        folder: where the kernel runs.

    Raises:
        RuntimeError: a cell raised, took too long or ended the kernel; the message names it.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    started = 0

    def note(cell: Any, cell_index: int) -> None:
        nonlocal started
        started = cell_index

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=note,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        source = notebook.cells[started].source.strip()
        what = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error).splitlines()[0]
        raise RuntimeError(f"cell {started} failed: {what}\n{source}") from error


def clean(notebook: Any) -> None:
    """Take out of a notebook, in place, what only a kernel or this machine could make use of."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in sorted(KEPT & set(cell.metadata))})
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines())
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if "data" in output:
                output.data.pop(WIDGET, None)
                output.get("metadata", {}).pop(WIDGET, None)
        cell.outputs = [output for output in cell.outputs if output.get("data", True)]


def write(notebook: Any, path: Path) -> None:
    """Write a notebook all at once, always in the same form."""
    nbformat.validate(notebook)
    text = nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False).rstrip("\n") + "\n"
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def store(path: Path) -> None:
    """
    Run a notebook and store it, stripped.

    Raises:
        RuntimeError: a cell failed; the file is as it was.
    """
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, path.resolve().parent)
    clean(notebook)
    write(notebook, path)


def main(arguments: list[str] | None = None) -> int:
    """Store the notebooks named, or all of them; return how many failed."""
    parser = argparse.ArgumentParser(description="Run notebooks and store what they show, widgets stripped.")
    parser.add_argument(
        "notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="all of notebooks/ if none is named"
    )
    paths = parser.parse_args(arguments).notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    failed = 0
    for path in paths:
        try:
            store(path)
        except (RuntimeError, OSError, nbformat.ValidationError) as error:
            failed += 1
            print(f"{path}: not stored, {error}", file=sys.stderr)
        else:
            print(f"{path}: stored, {path.stat().st_size / 1000:.0f} kB")
    if not paths:
        print(f"no notebooks in {NOTEBOOKS}", file=sys.stderr)
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
