"""A whole program in a fresh interpreter, against plain Python; a recording saved for Perfetto, against bare JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from course_utils.recording import Recording

from .chart import recording_of
from .measure import Row, Sample, Settings, compare, in_turns

__all__ = ["rows"]

HERE = Path(__file__).resolve().parent.parent

SCRIPT = """
import threading, time
lock = threading.Lock()
def work():
    for _ in range(10):
        with lock:
            time.sleep(0.0005)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def rows(settings: Settings) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(SCRIPT, encoding="utf-8")
        alone, summed, drawn = in_turns(
            settings.rounds,
            _process(str(script)),
            _process("-m", "course_utils", str(script)),
            _process("-m", "course_utils", "-o", str(Path(folder, "chart.png")), str(script)),
        )
    recording = recording_of(settings.count(10_000, 20), 16)
    bare, saved = in_turns(settings.rounds, lambda: _bare(len(recording.events)), lambda: _saved(recording))
    return [
        compare("a script with 4 threads: python -m course_utils, in plain runs", alone, summed),
        compare("the same with -o chart.png, in plain runs", alone, drawn),
        compare(f"{len(recording.events):,} events saved as .json, in bare dicts written as JSON", bare, saved),
    ]


def _process(*arguments: str) -> Sample:
    environment = {**os.environ, "PYTHONPATH": str(HERE)}

    def sample() -> float:
        began = perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, env=environment)
        return perf_counter() - began

    return sample


def _bare(events: int) -> float:
    began = perf_counter()
    text = json.dumps([{"name": "x", "ph": "X", "ts": at, "dur": 1, "pid": 1, "tid": at % 16} for at in range(events)])
    with tempfile.TemporaryFile("w", encoding="utf-8") as file:
        file.write(text)
    return perf_counter() - began


def _saved(recording: Recording) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        recording.save(Path(folder, "x.json"))
        return perf_counter() - began
