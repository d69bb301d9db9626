"""
A whole program in a fresh interpreter, recorded to its true exit.

`run_program` starts the interpreter, waits, and makes a `Recording` of what it was told; `main` is the command
`python -m course_utils`, and `magic` the `%%program` of notebooks.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple

from .recording import Recording
from .resolve import final_events
from .wire import read

__all__ = ["INTERRUPTED", "Finished", "readable_script", "run_program"]

INTERRUPTED: Final = "interrupted"
"""The note of a recording that an interruption ended."""

TIMEOUT: Final = 124
"""The exit status of a program that was stopped, as of the command `timeout`."""

_CHILD: Final = "from course_utils.child import main; import sys; main(*sys.argv[1:])"


class Finished(NamedTuple):
    """How a program ended: the exit status a shell would show, and what was recorded."""

    status: int
    recording: Recording


def run_program(
    script: Path,
    arguments: Sequence[str] = (),
    *,
    timeout: float | None = None,
    name: str | None = None,
    by_line: bool = False,
    output: Callable[[IO[str]], None] | None = None,
) -> Finished:
    """
    Run a script in a fresh interpreter and record it.

        >>> run_program(Path("download.py"), ["--fast"], timeout=10).status
        0

    Its standard streams are ours unless `output` takes them. In a terminal an interruption (Ctrl-C) reaches the
    program by itself, and what becomes of it is the program's business; with `output` it stops the program.

    Args:
        script: path of a Python script that can be read.
        arguments: the script's own.
        timeout: seconds after which it is stopped; None waits for ever.
        name: what it is called in the chart's head and in tracebacks; its path unless given.
        by_line: whether its output is passed on line by line, as to a terminal.
        output: reads its output, as a text stream, to the end; standard error is part of it then.

    Returns:
        `Finished`.
    """
    title = " ".join([script.name if name is None else name, *arguments])
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        events = Path(folder, "events")
        events.touch()
        command = [sys.executable, *subprocess._args_from_interpreter_flags()]  # type: ignore[attr-defined]  # the library's own way to pass them on
        command += [
            "-c",
            _CHILD,
            str(events),
            "lines" if by_line else "",
            str(script),
            str(script) if name is None else name,
            *arguments,
        ]
        why: str | None = None
        streams: dict[str, int] = {} if output is None else {
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT
        }  # fmt: skip
        with subprocess.Popen(command, text=output is not None, **streams) as process:  # type: ignore[call-overload]  # the streams' types
            why = _wait(process, timeout, output)
        status = process.returncode
        with events.open("rb") as file:
            log = read(file)
    recording = Recording(title, final_events(log, log[0][0]) if log else [], note=why or _note(status))
    if why == INTERRUPTED:
        return Finished(128 + signal.SIGINT, recording)
    return Finished(TIMEOUT if why else status if status >= 0 else 128 - status, recording)


def _wait(
    process: subprocess.Popen[str], timeout: float | None, output: Callable[[IO[str]], None] | None
) -> str | None:
    """Wait for the program, and tell why it had to be stopped, if it had to."""
    why: list[str] = []

    def stop() -> None:
        if process.poll() is None:
            why.append(f"did not end, and was stopped after {timeout:g} s")
            _end(process)

    alarm = threading.Timer(timeout, stop) if timeout is not None else None
    if alarm is not None:
        alarm.daemon = True
        alarm.start()
    try:
        if output is not None and process.stdout is not None:
            output(process.stdout)
            process.wait()
        else:
            _wait_through_interrupts(process)
    except KeyboardInterrupt:
        _end(process)
        why.append(INTERRUPTED)
    except BaseException:
        _end(process)
        raise
    finally:
        if alarm is not None:
            alarm.cancel()
            alarm.join()
    return why[0] if why else None


def _wait_through_interrupts(process: subprocess.Popen[str]) -> None:
    """Wait; Ctrl-C reaches the program by itself, and what becomes of it is the program's business."""
    while True:
        try:
            process.wait()
            return
        except KeyboardInterrupt:
            continue


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(1.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _note(status: int) -> str | None:
    if status < 0:
        try:
            return f"killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"killed by signal {-status}"
    return f"exit status {status}" if status else None


def readable_script(path: str) -> Path:
    """
    Make sure that there is a script to run.

    Raises:
        OSError: there is none, or it can't be read; the message names it.
    """
    script = Path(path)
    if script.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name the script in it")
    with script.open("rb"):
        return script
