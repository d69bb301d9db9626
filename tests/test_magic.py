"""The cell magic: a cell as a complete program."""

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from course_utils import load_ipython_extension, unload_ipython_extension
from course_utils.magic import program
from course_utils.show import bundles

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def shell() -> Iterator[Any]:
    config = Config()
    config.HistoryManager.enabled = False
    made = InteractiveShell.instance(config=config)
    load_ipython_extension(made)
    yield made
    unload_ipython_extension(made)
    InteractiveShell.clear_instance()


def test_a_cell_is_a_program(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    cell = (
        "import sys, threading\nthread = threading.Thread(target=print, args=('hello',), name='T0')\n"
        "thread.start()\nthread.join()\nprint(sys.argv)\n"
    )
    recording = shell.run_cell_magic("program", "--as first one two", cell)
    assert shell.user_ns["first"] is recording
    assert recording.title == "first one two"
    assert [lane.name for lane in recording.lanes] == ["main", "T0"]
    assert capsys.readouterr().out == "hello\n['program.py', 'one', 'two']\n"


def test_its_traceback_has_no_frames_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    recording = program("", "def f():\n    1 / 0\nf()\n")
    out = capsys.readouterr().out
    assert "course_utils" not in out
    assert '  File "program.py", line 3, in <module>' in out
    assert out.endswith("ZeroDivisionError: division by zero\n")
    assert recording.note == "exit status 1"


def test_a_syntax_error_is_said_as_python_says_it_and_there_is_no_chart(
    shell: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = shell.run_cell_magic("program", "--as broken", "import threading\nprint(\n")
    out = capsys.readouterr().out
    assert out.startswith('  File "program.py", line 2\n    print(\n')
    assert out.endswith("SyntaxError: '(' was never closed\n")
    assert shell.user_ns["broken"] is recording
    ((data, _),) = bundles(recording)
    assert data == {"text/plain": "broken: exit status 1  ·  nothing was recorded"}


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("", " \n", "the cell is empty: write the program under this line"),
        ("--timeout soon", "1", "not 'soon'"),
        ("--as 3x", "1", "a variable can't be named '3x'"),
        ("'", "1", "No closing quotation"),
    ],
)
def test_what_makes_no_sense(line: str, cell: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        program(line, cell)


def test_the_extension_can_be_unloaded(shell: Any) -> None:
    assert "program" in shell.magics_manager.magics["cell"]
    unload_ipython_extension(shell)
    assert "program" not in shell.magics_manager.magics["cell"]
