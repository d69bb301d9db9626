"""Whole programs: the same output and exit status as without us, and a chart of what happened."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.model import State
from course_utils.program import run_program
from course_utils.recording import Recording

pytestmark = pytest.mark.timeout(120)

PROLOGUE = "import os, signal, sys, threading, time, queue, logging\n"


def script(folder: Path, text: str, name: str = "script.py") -> Path:
    path = folder / name
    path.write_text(PROLOGUE + text, encoding="utf-8")
    return path


def plain(path: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, path, *arguments], input=stdin, capture_output=True, text=True, timeout=60)


def recorded(
    path: Path, *arguments: str, stdin: str = "", options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course_utils", *options, str(path), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)


def own_lines(stderr: str) -> str:
    """What the script wrote, without our summary."""
    return stderr.partition("-- script.py")[0]


PROGRAMS = {
    "arguments and paths": "print(sys.argv, __name__, __file__, sys.path[0], sorted(k for k in globals() if k > 'a'))",
    "standard input": "print(input().upper(), sys.stdin.read())",
    "no end of line": "print('a', end=''); sys.stderr.write('b')",
    "binary output": "sys.stdout.buffer.write(b'\\xc3\\xa9\\n'); sys.stdout.flush()",
    "exit status": "sys.exit(3)",
    "exit text": "sys.exit('no more')",
    "an exception": "def f():\n    {}['x']\ntry:\n    f()\nexcept KeyError:\n    1 / 0",
    "an exception from a lock": "threading.Lock().release()",
    "an exception from a queue": "queue.Queue().get(timeout=0.01)",
    "a syntax error": "x = (",
    "an interruption": "raise KeyboardInterrupt",
    "a thread's exception": "def f():\n    1 / 0\nt = threading.Thread(target=f)\nt.start()\nt.join()\nprint('on')",
    "an excepthook": "sys.excepthook = lambda *a: print('hook', a[0].__name__)\nint('x')",
    "a thread's excepthook": (
        "threading.excepthook = lambda a: print('hook', a.thread.name, a.exc_type)\n"
        "threading.Thread(target=int, args=('x',), name='T0').start()"
    ),
    "threads at the end": (
        "def f():\n    time.sleep(0.05)\n    print('late')\nthreading.Thread(target=f).start()\nprint('early')"
    ),
    "a daemon": "threading.Thread(target=lambda: (time.sleep(9), print('never')), daemon=True).start()\nprint('on')",
    "a pool never shut down": (
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\n"
        "futures = [pool.submit(time.sleep, 0.01) for _ in range(4)]\nprint('on')"
    ),
    "at exit": "import atexit\natexit.register(print, 'bye')\nprint('hello')",
    "logging": "logging.basicConfig(level=logging.INFO, format='%(threadName)s %(message)s')\nlogging.info('x')",
    "_exit": "print('gone', flush=True)\nos._exit(5)",
    "killed": "print('gone', flush=True)\ntime.sleep(0.1)\nos.kill(os.getpid(), signal.SIGKILL)",
    "a process": (
        "import multiprocessing\ndef f(q):\n    q.put(os.getpid() != parent)\nparent = os.getppid()\n"
        "if __name__ == '__main__':\n    parent = os.getpid()\n    c = multiprocessing.get_context('spawn')\n"
        "    q = c.Queue()\n    p = c.Process(target=f, args=(q,))\n    p.start()\n    print(q.get())\n    p.join()"
    ),
    "fork": "pid = os.fork()\nif not pid:\n    print('child')\n    sys.exit(0)\nos.waitpid(pid, 0)\nprint('parent')",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_output_and_status_are_the_programs_own(name: str, tmp_path: Path) -> None:
    if name == "fork" and (not hasattr(os, "fork") or sys.version_info >= (3, 12)):
        pytest.skip("forking with a thread about warns from 3.12 on")
    path = script(tmp_path, PROGRAMS[name])
    without, within = plain(path, "a", "b", stdin="one\ntwo"), recorded(path, "a", "b", stdin="one\ntwo")
    assert within.stdout == without.stdout
    assert own_lines(within.stderr) == without.stderr
    status = without.returncode
    assert within.returncode == (status if status >= 0 else 128 - status)


def recording_of(folder: Path, text: str, *arguments: str, timeout: float | None = 60) -> Recording:
    return run_program(script(folder, text), arguments, timeout=timeout).recording


def test_a_program_to_its_true_exit(tmp_path: Path) -> None:
    recording = recording_of(
        tmp_path,
        "threading.Thread(target=time.sleep, args=(0.05,), name='ordinary').start()\n"
        "threading.Thread(target=time.sleep, args=(9,), name='daemon', daemon=True).start()\n"
        "print('done')\n",
    )
    assert {lane.name: lane.ending for lane in recording.lanes} == {
        "main": "finished", "ordinary": "finished", "daemon": "cut off",
    }  # fmt: skip
    assert recording.lanes[0].intervals[-2][0] is State.WAITING
    assert recording.lanes[0].intervals[-2].on == "threads to end"
    assert [event.value for event in recording.instants] == ["done"]
    assert recording.title == "script.py"
    assert recording.note is None


@pytest.mark.slow
def test_a_program_that_hangs_is_stopped_and_charted_up_to_there(tmp_path: Path) -> None:
    finished = run_program(script(tmp_path, "lock = threading.Lock()\nlock.acquire()\nlock.acquire()"), timeout=2)
    assert finished.status == 124
    recording = finished.recording
    assert recording.note == "did not end, and was stopped after 2 s"
    assert recording.lanes[0].ending == "cut off"
    assert recording.lanes[0].intervals[-1].on == "lock"
    assert "stopped after 2 s" in recording.describe()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there are no such signals here")
def test_a_program_that_is_killed_leaves_what_it_did(tmp_path: Path) -> None:
    finished = run_program(script(tmp_path, PROGRAMS["killed"]), timeout=60)
    assert finished.status == 128 + signal.SIGKILL
    assert finished.recording.note == "killed by SIGKILL"
    assert [event.value for event in finished.recording.instants] == ["gone"]
    assert finished.recording.lanes[0].ending == "cut off"


def test_the_chart_is_written(tmp_path: Path) -> None:
    path = script(tmp_path, "print('on')")
    result = recorded(path, options=("-o", str(tmp_path / "chart.svg")))
    assert (result.returncode, result.stdout, result.stderr) == (0, "on\n", "")
    assert (tmp_path / "chart.svg").read_text().startswith("<?xml")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chart.svg", "script.py"]


@pytest.mark.parametrize("options", [(), ("-o", "chart.png")])
def test_a_syntax_error_has_no_chart(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from course_utils.command import main

    path = script(tmp_path, PROGRAMS["a syntax error"])
    monkeypatch.chdir(tmp_path)
    assert main([*options, str(path)]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert own_lines(err) == plain(path).stderr
    unwritten = "; chart.png is not written" if options else ""
    assert err.endswith(f"-- script.py\n-- exit status 1  ·  nothing was recorded{unwritten}\n")
    assert [each.name for each in tmp_path.iterdir()] == ["script.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: SCRIPT.py"),
        (["nowhere.py"], "course_utils: nowhere.py: No such file or directory"),
        (["."], "course_utils: . is a folder"),
        (["-o", "x.bmp", "script.py"], "can't save 'x.bmp': '.bmp' is not a format"),
        (["-o", "nowhere/x.png", "script.py"], "nowhere/x.png: No such file or directory; make the folder"),
        (["--timeout", "-1", "script.py"], "it must be a number of seconds greater than 0, not '-1'"),
        (["--timeout", "soon", "script.py"], "not 'soon'"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_runs(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from course_utils.command import main

    script(tmp_path, "raise SystemExit('it ran')")
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as leaving:
        status = int(str(leaving.code))
    assert status == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert [each.name for each in tmp_path.iterdir()] == ["script.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_script_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from course_utils.command import main

    path = script(tmp_path, "")
    path.chmod(0)
    assert main([str(path)]) == 2
    assert "Permission denied" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["test_queue", "test_sched", "test_socketserver", "test_threading_local"])
def test_scripts_that_know_nothing_of_us(name: str) -> None:
    """CPython's own tests of what uses threads, as programs: hundreds of threads, and not one test may fail."""
    found = importlib.util.find_spec(f"test.{name}")
    if found is None or found.origin is None:
        pytest.skip("this Python is installed without its tests")
    result = subprocess.run(
        [sys.executable, "-m", "course_utils", found.origin], capture_output=True, text=True, timeout=280
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert "\nOK" in result.stderr


def test_a_script_that_records_itself_is_told_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "script.py"
    script.write_text("from course_utils import record\nwith record('mine'):\n    pass\n")
    status, recording = run_program(script, [])
    assert status == 1
    assert [lane.ending for lane in recording.lanes] == ["failed"]
    error = capfd.readouterr().err
    assert "RuntimeError: script.py is being recorded as a whole, so 'mine' can't be: run the script with" in error
