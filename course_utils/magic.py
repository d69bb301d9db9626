"""The cell magic `%%program`: the cell as a complete program in a fresh interpreter, then its chart."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, NoReturn

from .command import seconds
from .program import INTERRUPTED, run_program
from .recording import Recording

__all__ = ["program", "register", "unregister"]

NAME = "program"


def program(line: str, cell: str) -> Recording:
    """
    Run the cell as a complete program in a fresh interpreter; then show its chart.

        %%program [--as NAME] [--timeout S] [ARGS...]

    The program sees nothing of the notebook's variables, and runs to the interpreter's true exit. What it prints
    comes under the cell, standard error with it. One that hangs is stopped after --timeout (30 s unless given).
    With `--as NAME` its recording is called NAME, and is also in the variable of that name. One that Python doesn't
    understand has no chart: the error comes under the cell, as Python prints it, and a line that says so.

    Returns:
        the `Recording`.

    Raises:
        UsageError: the cell is empty, or the line makes no sense.
    """
    from IPython import get_ipython
    from IPython.core.error import UsageError
    from IPython.display import display

    options = _options(line, UsageError)
    if not cell.strip():
        raise UsageError("%%program: the cell is empty: write the program under this line")
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        script = Path(folder, f"{NAME}.py")
        script.write_text(cell, encoding="utf-8")
        _, recording = run_program(
            script, options.arguments, timeout=options.timeout, name=script.name, by_line=True, output=_print
        )
    if options.name is not None:
        recording.title = " ".join([options.name, *options.arguments])
    if recording.note == INTERRUPTED:
        display(recording)  # type: ignore[no-untyped-call]  # IPython doesn't type it
        raise KeyboardInterrupt
    shell = get_ipython()
    if options.name is not None and shell is not None:
        shell.push({options.name: recording})
    return recording


def _print(stream: IO[str]) -> None:
    for text in stream:
        sys.stdout.write(text)


class _Parser(argparse.ArgumentParser):
    """One that raises instead of ending the process."""

    problem: type[Exception] = Exception

    def error(self, message: str) -> NoReturn:
        raise self.problem(f"%%program: {message}; it is used as %%program [--as NAME] [--timeout S] [ARGS...]")


def _options(line: str, problem: type[Exception]) -> Any:
    parser = _Parser(add_help=False)
    parser.problem = problem
    parser.add_argument("--as", dest="name", type=_identifier)
    parser.add_argument("--timeout", type=seconds, default=30.0)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    try:
        return parser.parse_args(shlex.split(line))
    except ValueError as error:
        parser.error(str(error))


def _identifier(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError(f"a variable can't be named {text!r}")
    return text


def register(shell: Any) -> None:
    """Make `%%program` known to an IPython shell."""
    shell.register_magic_function(program, "cell", NAME)


def unregister(shell: Any) -> None:
    """Forget it again."""
    shell.magics_manager.magics["cell"].pop(NAME, None)
