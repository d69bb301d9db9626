"""In a live kernel: what the kernel makes for itself is never a stand-in, and nothing of ours stays behind."""

import json
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

LOAD = "%load_ext course_utils"

MAKE = """
import gc, json, logging, queue, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from IPython.display import display
from course_utils import record, run, tweak

mine = threading.Lock()

def busy(pause=0.01):
    box, gate = queue.SimpleQueue(), threading.Event()
    def work(number):
        print("from a thread", number, flush=True)
        logging.warning("logged")
        box.put(number)
        gate.wait(5)
    with ThreadPoolExecutor(3) as executor:
        futures = [executor.submit(work, number) for number in range(3)]
        print("from the opener", flush=True)
        display("shown")
        time.sleep(pause)
        gate.set()
    with mine:
        return sorted(box.get() for _ in futures)
"""

COUNT = """
def standing():
    gc.collect()
    found = {}
    for each in gc.get_objects():
        kind = type(each)
        if str(kind.__module__).startswith(("course_utils", "_queue")) and kind.__name__ in (
            "lock", "RLock", "_WaiterLock", "PoolQueue", "Stream", "Counted", "Driver"
        ):
            found[kind.__name__] = found.get(kind.__name__, 0) + 1
    return found

before = standing()
recording = run(busy)
"""

REPORT = """
del recording
print(json.dumps({
    "before": before,
    "after": standing(),
    "result": busy(),
    "real": [type(sys.stdout).__module__, time.sleep.__module__, threading.Thread.start.__module__],
    "threads": sorted(t.name for t in threading.enumerate() if "Pool" in t.name or t.name.startswith("Thread-1 (work")),
}))
"""


def run_cells(*cells: str) -> list[Any]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


def printed(outputs: Any) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")


def test_a_kernel_is_as_it_was_after_a_recording() -> None:
    *_, report = run_cells(LOAD, MAKE, COUNT, REPORT)
    found = json.loads([line for line in printed(report).splitlines() if line.startswith("{")][-1])
    assert found["before"] == {"lock": 1}, "the lock of the cell, and no lock of the kernel's"
    # What the recording made for its own threads has gone with them.
    assert found["after"] == found["before"]
    assert found["result"] == [0, 1, 2]
    assert found["real"] == ["ipykernel.iostream", "time", "threading"]
    assert found["threads"] == []


def test_text_of_threads_stays_in_the_recording() -> None:
    cell = (
        "recording = run(busy)\nprint([e.value for e in recording.instants if e.kind == 'print' and e.lane == 'main'])"
    )
    outputs = run_cells(LOAD, MAKE, cell)[-1]
    assert printed(outputs) == "from the opener\n['from the opener']\n"
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]


def test_unloading_puts_the_factories_back() -> None:
    outputs = run_cells(
        LOAD, "import threading\nprint(type(threading.Lock()).__module__)", "%unload_ext course_utils",
        "print(type(threading.Lock()).__module__)",
    )  # fmt: skip
    assert printed(outputs[1]) == "course_utils.standins\n"
    assert printed(outputs[3]) == "_thread\n"


DEADLOCKS = """
import queue, threading
from concurrent.futures import ThreadPoolExecutor
from course_utils import Deadlock, record, run

a_lock, b_lock, c_lock = threading.Lock(), threading.Lock(), threading.RLock()

def around(*locks):
    meeting = threading.Barrier(len(locks))
    def work(first, second):
        with first:
            meeting.wait()
            with second:
                pass
    pairs = zip(locks, locks[1:] + locks[:1])
    threads = [threading.Thread(target=work, args=pair, name=f"T{n}") for n, pair in enumerate(pairs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def twice():
    a_lock.acquire()
    a_lock.acquire()

def joining():
    def work():
        with a_lock:
            pass
    thread = threading.Thread(target=work, name="T0")
    with a_lock:
        thread.start()
        thread.join()

def pooled():
    with ThreadPoolExecutor(1, thread_name_prefix="W") as executor:
        return executor.submit(lambda: executor.submit(len, "").result()).result()

def fed_by_nobody():
    inbox = queue.Queue()
    return inbox.get()

def meeting_for_three():
    meeting = threading.Barrier(3)
    threads = [threading.Thread(target=meeting.wait, name=f"T{n}") for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def two(): around(a_lock, b_lock)
def three(): around(a_lock, b_lock, c_lock)
"""

FIND = """
for scenario in (two, three, joining, pooled, fed_by_nobody, meeting_for_three, twice):
    recording = run(scenario)
    members = [event.lane for event in recording.events if event.kind == "deadlock"]
    print(scenario.__name__, type(recording.error).__name__, *members)
"""

BLOCK = """
try:
    with record() as recording:
        fed_by_nobody()
except Deadlock as error:
    print(error)
"""

ALL = """
two Deadlock T0 T1 main
three Deadlock T0 T1 T2 main
joining Deadlock main T0
pooled Deadlock W_0 main
fed_by_nobody Deadlock main
meeting_for_three Deadlock T0 T1 main
twice Deadlock main
"""


def test_deadlocks_are_named_and_the_kernel_goes_on() -> None:
    """A kernel has threads of its own, which must not count as such that could still act."""
    outputs = run_cells(LOAD, DEADLOCKS, FIND, BLOCK, "print(threading.active_count() < 20, a_lock.locked())")
    assert printed(outputs[2]) == ALL.lstrip()
    line = DEADLOCKS[: DEADLOCKS.index("return inbox.get()")].lstrip().count("\n") + 1
    assert printed(outputs[3]) == f"main waits in inbox.get in line {line}\n"
    # Taken by a bare acquire(), it was never given back.
    assert printed(outputs[4]) == "True True\n"


LONG = """
import time
from course_utils.progress import Progress
bar = Progress("scenario()")
bar(1, 1, 100)
time.sleep(1.1)
bar(2, 3, 100)
bar.close()
"""


def test_the_bar_of_a_long_exploration_brings_no_text_that_would_be_compared() -> None:
    (output,) = run_cells(LONG)[0]
    assert list(output.data) == ["application/vnd.jupyter.widget-view+json"]


ENDLESS = """
from course_utils import exercises
exercises.PATIENCE = 0.1
@exercises.check
def it_ends():
    while True:
        pass
"""


def test_a_check_that_never_ends_is_stopped_in_a_kernel_and_the_kernel_goes_on() -> None:
    first, second = run_cells(ENDLESS, "print(it_ends.passed)")
    assert "it had not come to an end after 0.1 s, and was stopped" in first[-1].data["text/plain"]
    assert printed(second) == "False\n"
