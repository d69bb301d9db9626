"""A recording that ended threads by force leaves the interpreter able to trace and to profile."""

import subprocess
import sys

import pytest

# On Python 3.11 and 3.12, PyThreadState_SetAsyncExc marks the whole interpreter, and only raising the exception takes
# the mark away again: taken back with NULL, or sent to a thread that ends without running another line of Python,
# it stays. Then every loop checks for it in vain, and on 3.11 the first generator that is traced or profiled runs in a
# circle for ever, without a signal being heard. Sending the exception to oneself, and catching it, clears the mark.
PROGRAM = """
import faulthandler, sys, threading, time
faulthandler.dump_traceback_later(20, exit=True)
from course_utils import record

def compute():
    while True:
        pass

def work(kind):
    try:
        with record(timeout=0.1):
            threading.Thread(target=kind, daemon=True).start()
            threading.Thread(target=kind, daemon=True).start()
            time.sleep(0.02)
    except ValueError:
        pass

def generator():
    yield 1

def profile():
    sys.setprofile(lambda *_: None)
    assert list(generator()) == [1]
    sys.setprofile(None)
    sys.settrace(lambda *_: None)
    assert list(generator()) == [1]
    sys.settrace(None)

kinds = {"waits": threading.Event().wait, "sleeps": lambda: time.sleep(60), "computes": compute, "ends": lambda: None}
for _ in range(3):
    work(kinds[sys.argv[1]])
    profile()
print("profiled")
"""


@pytest.mark.parametrize("kind", ["waits", "sleeps", "computes", "ends"])
def test_profiling_after_threads_were_ended(kind):
    command = [sys.executable, "-c", PROGRAM, kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=40, stdin=subprocess.DEVNULL)
    assert done.stdout == "profiled\n", done.stderr
