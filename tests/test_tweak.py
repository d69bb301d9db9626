"""Sliders run a scenario again: driven as ipywidgets' own tests are, by setting values, without a browser."""

import io
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, nullcontext, redirect_stdout
from types import SimpleNamespace
from typing import Any

import pytest
from ipywidgets import IntSlider, Label, fixed

import course_utils.sliders as sliders
from course_utils import Deadlock, judge, record, run, tweak
from course_utils.abbreviations import control, in_words, is_duration
from course_utils.face import tally_html
from course_utils.recorder import run_in_background
from course_utils.recording import Recording
from course_utils.sliders import Panel
from course_utils.tally import Tally, order_words
from course_utils.turns import Abandoned, Turn
from tests.examples import Log, handover

LONG = 30.0
"""Seconds that nothing here takes: whatever sleeps so long is abandoned."""


def sleepers(workers=2, pause=0.0):
    threads = [threading.Thread(target=time.sleep, args=(pause,), name=f"T{n}") for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return workers


def panel_of(scenario: Any = sleepers, **parameters: Any) -> Panel:
    panel = tweak(scenario, **(parameters or {"workers": (1, 8), "pause": (0.0, LONG)}))
    assert panel.runs == 1
    return panel


def until(condition, seconds=20.0):
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.002)


def settled(panel: Panel) -> Panel:
    assert panel.wait(30.0)
    return panel


def text_of(panel: Panel) -> str:
    face: Any = panel._face
    return f"{face._said.value}{face._counted.value}{face._state.value}"


# The first run.


def test_first_run_is_complete_when_tweak_returns():
    panel = tweak(sleepers, workers=(1, 8), pause=(0.0, 0.3))
    assert panel.recording is not None
    assert panel.recording.title == "sleepers(workers=2, pause=0.0)"
    assert panel._face.picture.value.tobytes().startswith(b"\x89PNG")
    assert (panel._face.picture.width, panel._face.picture.height) == ("960", "314")
    assert "run 1<" in panel._face._state.value


def test_it_shows_once(monkeypatch):
    shown: list[tuple[dict[str, Any], dict[str, Any]]] = []
    shell = SimpleNamespace(execution_count=1)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", lambda data, metadata, raw: shown.append((data, metadata)))
    panel = tweak(sleepers, workers=(1, 8))
    panel._ipython_display_()  # as the cell's last line
    ((data, metadata),) = shown
    assert set(data) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert data["text/plain"] == "tweak(sleepers, workers=(1, 8))"
    assert metadata["image/png"] == {"width": 960, "height": 314}
    shell.execution_count = 2
    panel._ipython_display_()  # in another cell
    assert len(shown) == 2


def test_without_a_notebook_nothing_is_printed(capsys):
    panel_of(workers=(1, 2))
    assert capsys.readouterr() == ("", "")


def test_an_interruption_abandons_the_first_run(monkeypatch):
    panel = Panel(sleepers, {"pause": fixed(LONG)})

    def interrupted(timeout=None):
        if timeout is None:
            until(lambda: panel._turn is not None)
            raise KeyboardInterrupt
        return Panel.wait(panel, timeout)

    monkeypatch.setattr(panel, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        panel.run()
    assert panel._worker is None
    assert panel.recording is None


def test_inside_a_recording_it_is_refused():
    with record("outer"), pytest.raises(RuntimeError, match="'outer' is still open"):
        tweak(sleepers, workers=(1, 8))


def test_threads_of_the_scenario_are_no_daemons():
    panel = panel_of(lambda n=1: sleepers(n), n=(1, 3))
    assert panel.recording is not None
    assert [lane.daemon for lane in panel.recording.lanes] == [False, False]


def test_what_the_scenario_prints_is_in_the_words_alone(capsys):
    def talks(n=1):
        print("spoken", n)

    panel = panel_of(talks, n=(1, 3))
    assert capsys.readouterr() == ("", "")
    panel._face._fold.value = True
    assert "spoken 1" in panel._face._words.value
    panel.controls["n"].value = 3
    settled(panel)
    assert "spoken 3" in panel._face._words.value


# Sliders move.


def test_a_slider_runs_it_again():
    panel = panel_of()
    before = panel._face.picture.value
    panel.controls["workers"].value = 5
    settled(panel)
    assert panel.recording is not None
    assert panel.recording.result == 5
    assert panel._face.picture.value != before
    assert "run 2<" in panel._face._state.value


def test_run_again():
    panel = panel_of()
    panel._face.button.click()
    assert settled(panel).runs == 2


def test_the_newest_values_win_and_what_was_abandoned_is_not_counted():
    panel = panel_of()
    panel.controls["pause"].value = LONG
    for workers in (3, 4, 5, 6, 7, 8):
        until(lambda: panel._turn is not None)
        panel.controls["workers"].value = workers
    panel.controls["pause"].value = 0.0
    settled(panel)
    assert panel.recording is not None
    assert panel.recording.title == "sleepers(workers=8, pause=0.0)"
    assert panel.runs <= 2  # with luck one got in between
    assert sum(tally.runs for tally in panel._tallies.values()) == panel.runs


def test_twenty_changes_at_once_from_several_threads():
    panel = panel_of(workers=(1, 40), pause=(0.0, LONG))
    movers = [
        threading.Thread(target=lambda n=n: setattr(panel.controls["workers"], "value", n + 1)) for n in range(20)
    ]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join()
    panel.controls["workers"].value = 33
    settled(panel)
    assert panel.recording is not None
    assert panel.recording.result == 33


def test_the_run_before_is_drawn_behind(monkeypatch):
    from course_utils import gantt

    drawn = []

    def png(recording, *, behind=None, sharpness=1.0):
        drawn.append((recording.title, behind and behind.title, sharpness))
        return b"%d" % len(drawn)

    monkeypatch.setattr(gantt, "png", png)
    panel = panel_of(workers=(1, 8))
    panel.controls["workers"].value = 3
    settled(panel)
    one, two = "sleepers(workers=2)", "sleepers(workers=3)"
    assert drawn == [(one, None, gantt.SHARPNESS), (two, one, sliders.DRAFT), (two, one, gantt.SHARPNESS)]
    assert panel._face.picture.value.tobytes() == b"3"


# A cell records meanwhile.


def test_a_cell_that_records_abandons_the_run_which_runs_afterwards():
    allowed = threading.Event()
    started = threading.Event()

    def scenario(n=1):
        if n == 2 and not allowed.is_set():
            started.set()
            time.sleep(LONG)
        return n

    panel = panel_of(scenario, n=(1, 3))
    panel.controls["n"].value = 2
    assert started.wait(20)
    with record("the cell's") as recording:
        until(lambda: "waits for a cell" in panel._face._state.value)
        allowed.set()
    settled(panel)
    assert recording.title == "the cell's"
    assert panel.recording is not None
    assert panel.recording.result == 2
    assert panel.runs == 2


def test_a_slider_moved_while_a_cell_records_runs_afterwards():
    panel = panel_of()
    with record("the cell's"):
        panel.controls["workers"].value = 4
        assert not panel.wait(0.1)
        panel.controls["workers"].value = 6
    settled(panel)
    assert panel.recording is not None
    assert panel.recording.result == 6
    assert panel.runs == 2


def test_a_panel_ends_another_panels_run():
    first = panel_of()
    first.controls["pause"].value = LONG
    until(lambda: first._turn is not None)
    second = panel_of()
    assert second.recording is not None
    first.controls["pause"].value = 0.0
    assert settled(first).recording is not None


# Errors.


def test_an_exception_is_shown_with_its_chart_and_its_line():
    def fails(n=1):
        sleepers(n)
        raise ValueError(f"no <{n}>")

    panel = panel_of(fails, n=(1, 3))
    assert panel.recording is not None
    assert [lane.name for lane in panel.recording.lanes] == ["main", "T0"]
    assert "ValueError: no &lt;1&gt;" in text_of(panel)
    assert "in fails, line" in text_of(panel)
    assert "raise ValueError" in text_of(panel)


def test_after_an_exception_the_next_run_is_shown():
    def fails(n=1):
        if n == 2:
            raise ValueError("two")
        return n

    panel = panel_of(fails, n=(1, 3))
    panel.controls["n"].value = 2
    assert "course-error" in text_of(settled(panel))
    panel.controls["n"].value = 3
    assert "course-error" not in text_of(settled(panel))


def test_a_recording_inside_the_scenario_is_an_error_shown():
    panel = panel_of(lambda n=1: run(sleepers, workers=n), n=(1, 3))
    assert "can be only one at a time" in text_of(panel)


def test_what_is_no_exception_ends_the_run_and_not_the_worker():
    def leaves(n=1):
        if n > 1:
            sys.exit("enough")
        return n

    panel = panel_of(leaves, n=(1, 3))
    panel.controls["n"].value = 2
    settled(panel)
    assert "SystemExit: enough" in text_of(panel)
    assert panel.runs == 1
    panel.controls["n"].value = 1
    assert settled(panel).runs == 2


def test_a_picture_that_cannot_be_drawn_is_said(monkeypatch):
    from course_utils import gantt

    panel = panel_of()
    monkeypatch.setattr(gantt, "png", lambda *a, **b: 1 / 0)
    panel.controls["workers"].value = 3
    assert "run 2 could not be shown: ZeroDivisionError" in text_of(settled(panel))
    with pytest.raises(ZeroDivisionError):
        tweak(sleepers, workers=(1, 8))


def test_threads_that_were_cut_off_are_said_in_the_panel(monkeypatch):
    real = run_in_background

    def impatient(*args, **named):
        return real(*args, **named, timeout=0.0)

    monkeypatch.setattr(sliders, "run_in_background", impatient)

    def leaves_one(n=1):
        threading.Thread(target=time.sleep, args=(LONG,), name="forgotten").start()

    assert "forgotten" in panel_of(leaves_one, n=(1, 3))._face._said.value


@pytest.mark.parametrize(
    ("scenario", "parameters", "kind", "message"),
    [
        (3, {}, TypeError, "must be a function, not 3: write its name without parentheses"),
        (sleepers, {"wrokers": (1, 8)}, TypeError, "no parameter 'wrokers' to tweak: did you mean 'workers'?"),
        (sleepers, {"x": (1, 8)}, TypeError, "no parameter 'x' to tweak: it has workers, pause"),
        (lambda: 1, {"x": (1, 8)}, TypeError, "it has none"),
        (lambda a, b: 1, {"a": (1, 8)}, TypeError, "needs 'b': give it a range"),
        (lambda a, /: 1, {}, TypeError, "can't be called"),
        (sleepers, {"workers": (8, 1)}, ValueError, r"reversed; write workers=\(1, 8\)"),
        (sleepers, {"workers": (8, 1, 2)}, ValueError, r"reversed; write workers=\(1, 8, 2\)"),
        (sleepers, {"workers": (-1, 8)}, ValueError, r"workers=\(-1, 8\): .* negative; begin it at 0"),
        (sleepers, {"workers": (4, 4)}, ValueError, "one value only; write workers=4"),
        (sleepers, {"workers": (1, 8, 0)}, ValueError, "step must be more than 0 and at most 7, not 0"),
        (sleepers, {"workers": (1, 8, -1)}, ValueError, "step must be more than 0"),
        (sleepers, {"workers": (1, 8, 20)}, ValueError, "step must be more than 0 and at most 7, not 20"),
        (sleepers, {"workers": (1,)}, ValueError, r"\(min, max\) or \(min, max, step\)"),
        (sleepers, {"workers": ()}, ValueError, r"\(min, max\) or \(min, max, step\)"),
        (sleepers, {"workers": (1, 2, 3, 4)}, ValueError, r"\(min, max\) or \(min, max, step\)"),
        (sleepers, {"pause": (0.0, float("inf"))}, ValueError, "must be finite"),
        (sleepers, {"pause": (float("nan"), 1.0)}, ValueError, "must be finite"),
        (sleepers, {"workers": ("a", "b")}, TypeError, r"must be numbers, .* as in workers=\['a', 'b'\]"),
        (sleepers, {"workers": (False, True)}, TypeError, "must be numbers"),
        (sleepers, {"workers": (None, 8)}, TypeError, "must be numbers"),
        (sleepers, {"workers": []}, ValueError, "nothing to choose from"),
        (sleepers, {"workers": {}}, ValueError, "nothing to choose from"),
        (sleepers, {"workers": Label("x").layout}, TypeError, "Layout has no value"),
    ],
)
def test_bad_input_is_one_clear_error_before_anything_is_shown(scenario, parameters, kind, message, monkeypatch):
    monkeypatch.setattr(sliders.Panel, "display", lambda self: pytest.fail("displayed"))
    with pytest.raises(kind, match=message):
        tweak(scenario, **parameters)


def test_a_value_whose_repr_raises_or_is_huge():
    class Nameless:
        def __repr__(self):
            raise ValueError("no name")

    panel = panel_of(lambda n=1: Nameless() if n == 1 else "x" * 10_000, n=(1, 2))
    assert "its repr raised ValueError" in text_of(panel)
    panel.controls["n"].value = 2
    assert "…" in text_of(settled(panel))
    assert len(text_of(panel)) < 3000


# Deadlocks.


def circle(n=1, swapped=False):
    """Each of two threads takes its first lock, then waits for the other's; with `swapped`, after each other."""
    first = threading.Lock()
    second = threading.Lock()
    both_hold = threading.Barrier(2)

    def work(mine, others):
        with mine:
            if swapped:
                both_hold.wait()
            with others:
                pass

    threads = [
        threading.Thread(target=work, args=(first, second), name="T0"),
        threading.Thread(target=work, args=(second, first), name="T1"),
    ]
    for thread in threads:
        thread.start()
        if not swapped:
            thread.join()
    for thread in threads:
        thread.join()
    return n


def test_a_deadlock_is_shown_and_counted_and_the_panel_goes_on():
    panel = tweak(circle, n=(1, 3), swapped=True)
    panel.controls["swapped"].value = True
    settled(panel)
    assert panel.recording is not None
    assert isinstance(panel.recording.error, Deadlock)
    assert [lane.name for lane in panel.recording.lanes] == ["main", "T0", "T1"]
    said = text_of(panel)
    assert "Deadlock: T0 holds first and waits for second; T1 holds second and waits for first" in said
    assert "main waits to join T0 in line" in said  # all of it
    assert "Deadlock</span> ← this run" in said
    assert panel._face.picture.value.tobytes().startswith(b"\x89PNG")
    panel.controls["swapped"].value = False
    settled(panel)
    assert (panel.recording.result, panel.runs) == (1, 3)
    assert "Deadlock" not in text_of(panel)  # another setting, another tally


def test_a_first_run_that_deadlocks_is_shown():
    def twice(n=1):
        lock = threading.Lock()
        with lock, lock:
            return n

    panel = panel_of(twice, n=(1, 3))
    assert "Deadlock: main holds lock" in text_of(panel)
    assert "results seen so far with n=1: 1<" in text_of(panel)
    assert "orders" not in text_of(panel)


def test_a_deadlocked_run_is_abandoned_by_moving_a_slider(monkeypatch):
    monkeypatch.setattr(judge, "PATIENCE", LONG)  # nobody finds out
    panel = tweak(circle, n=(1, 3), swapped=True)
    panel.controls["swapped"].value = True
    until(lambda: deadlocked(panel._turn))
    panel.controls["swapped"].value = False
    settled(panel)
    assert panel.recording is not None
    assert (panel.recording.result, panel.recording.error, panel.runs) == (1, None, 2)


def deadlocked(turn: Turn | None) -> bool:
    """Whether both threads of `circle` wait for a lock."""
    lanes = turn.driver.lanes[1:] if turn is not None and turn.driver is not None else []
    waits = [lane.wait for lane in lanes]
    return len(waits) == 2 and all(wait is not None and wait.lock is not None for wait in waits)


# Watched attributes.


class Account:
    def __init__(self) -> None:
        self.balance = 0


def deposits(workers=2, account=Account):
    """Two threads read before either writes, whatever the system does: the first update is lost."""
    shared = account()
    both_have_read = threading.Barrier(workers)

    def deposit():
        seen = shared.balance
        both_have_read.wait()
        shared.balance = seen + 1

    threads = [threading.Thread(target=deposit, name=f"T{n}") for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return shared.balance


def test_reads_writes_and_lost_updates_are_shown_in_every_run():
    panel = tweak(deposits, workers=(2, 4), watch={Account: "balance"})
    assert "lost update: T" in panel._face._said.value
    panel.controls["workers"].value = 3
    settled(panel)
    assert panel.recording is not None
    assert len(panel.recording.lost_updates) == 2
    panel._face._fold.value = True
    assert "read shared.balance: 0" in panel._face._words.value
    assert "2 lost updates" in panel._face._words.value
    assert "2 lost updates" in panel._face._said.value


def test_what_is_watched_stands_in_the_call():
    panel = tweak(deposits, workers=(2, 4), watch={Account: "balance"})
    assert panel._plain == "tweak(deposits, workers=(2, 4), watch={Account: 'balance'})"


def test_a_set_of_names_stands_in_the_call_in_the_same_order_in_every_process():
    panel = Panel(deposits, {}, {Account: {"owner", "balance", "limit"}})
    assert panel._plain == "tweak(deposits, watch={Account: ('balance', 'limit', 'owner')})"


def test_an_attribute_that_no_instance_got_is_an_error_of_the_first_run():
    with pytest.raises(ValueError, match=r"ever got an attribute 'balanec'.*did you mean 'balance'"):
        tweak(deposits, workers=(2, 4), watch={Account: "balanec"})


class Open:
    """Its attributes can't be told from its code."""


def opened(late=False):
    account = Open()
    if not late:
        setattr(account, "balance", 0)  # noqa: B010 - what the code doesn't tell is what this is for
    return late


def test_an_attribute_that_no_instance_got_in_a_later_run_is_said_beside_its_chart():
    panel = tweak(opened, late=True, watch={Open: "balance"})
    panel.controls["late"].value = True
    settled(panel)
    assert panel.recording is not None
    assert panel.recording.result is True
    assert "ever got an attribute &#x27;balance&#x27;" in panel._face._said.value
    panel.controls["late"].value = False
    assert "ever got" not in text_of(settled(panel))
    assert panel.runs == 3


def test_a_class_that_can_no_longer_be_watched_is_said_and_the_panel_goes_on():
    class Changed:
        def __init__(self) -> None:
            self.balance = 0

    panel = tweak(lambda n=1: Changed() and n, n=(1, 3), watch={Changed: "balance"})
    setattr(Changed, "balance", property(lambda self: 0, lambda self, value: None))  # noqa: B010 - mypy would object
    panel.controls["n"].value = 2
    assert "run 2 could not be shown: ValueError: Changed.balance can&#x27;t be watched" in text_of(settled(panel))
    assert "run 2 · not shown" in text_of(panel)
    delattr(Changed, "balance")
    panel.controls["n"].value = 3
    settled(panel)
    assert panel.recording is not None
    assert (panel.recording.result, panel.runs) == (3, 2)


def test_nothing_stays_watched_when_a_run_is_abandoned():
    started = threading.Event()

    def scenario(n=1):
        account = Account()
        if n == 2:
            started.set()
            time.sleep(LONG)
        return account.balance

    panel = tweak(scenario, n=(1, 3), watch={Account: "balance"})
    panel.controls["n"].value = 2
    assert started.wait(20)
    assert "balance" in vars(Account)
    panel.controls["n"].value = 3
    settled(panel)
    assert "balance" not in vars(Account)


def keeps_watch(n=1, watch=None):
    return n


@pytest.mark.parametrize(
    ("scenario", "watch", "kind", "message"),
    [
        (deposits, (1, 8), TypeError, r"watch must say which attributes of which classes, .* not \(1, 8\)"),
        (deposits, {}, ValueError, "names no class"),
        (deposits, {Account(): "balance"}, TypeError, "write the class"),
        (deposits, {dict: "keys"}, TypeError, "written in C"),
        (keeps_watch, {Account: "balance"}, TypeError, r"has a parameter 'watch', and so has tweak\(\)"),
        (lambda watch: 1, None, TypeError, r"needs 'watch', which tweak\(\) keeps for itself"),
    ],
)
def test_what_cannot_be_watched_is_an_error_before_anything_is_run(scenario, watch, kind, message, monkeypatch):
    monkeypatch.setattr(sliders.Panel, "run", lambda self: pytest.fail("run"))
    with pytest.raises(kind, match=message):
        tweak(scenario, watch=watch)


def test_a_scenario_with_a_parameter_of_that_name_can_be_tweaked_without_watching():
    assert tweak(keeps_watch, n=(1, 3)).runs == 1


# Abbreviations.


@pytest.mark.parametrize(
    ("abbreviation", "default", "kind", "value"),
    [
        ((1, 8), 4, "IntSlider", 4),
        ((1, 8), 9, "IntSlider", 4),
        ((1, 8), None, "IntSlider", 4),
        ((1, 8), 2.5, "IntSlider", 4),
        ((0, 10, 5), None, "IntSlider", 5),
        ((0.0, 0.3, 0.05), 0.1, "FloatSlider", 0.1),
        ((0, 0.3), 0.1, "FloatSlider", 0.1),
        ((0.0, 0.3, 0.05), None, "FloatSlider", 0.15),
        (True, False, "Checkbox", False),
        (True, None, "Checkbox", True),
        (["a", "b"], "b", "Dropdown", "b"),
        (["a", "b"], "c", "Dropdown", "a"),
        ({"one": 1, "two": 2}, 2, "Dropdown", 2),
        (range(3), 2, "Dropdown", 2),
        (4, 5, "fixed", 4),
        ("a", "b", "fixed", "a"),
        (None, 1, "fixed", None),
        (fixed((1, 8)), 1, "fixed", (1, 8)),
    ],
)
def test_control(abbreviation, default, kind, value):
    made: Any = control("x", abbreviation, default)
    assert type(made).__name__ == kind
    assert made.value == pytest.approx(value) if isinstance(value, float) else made.value == value


def test_a_widget_is_taken_as_it_is():
    slider = IntSlider(3, description="threads")
    made: Any = control("workers", slider)
    assert made is slider
    assert panel_of(workers=slider).recording.title == "sleepers(workers=3)"  # type: ignore[union-attr]
    assert made.description == "threads"


@pytest.mark.parametrize(
    ("given", "step", "shape"),
    [
        ((0.0, 0.3), 0.01, ".2f"), ((0.0, 1.0), 0.05, ".2f"), ((0.0, 2.0), 0.1, ".1f"), ((0.0, 50.0), 2.0, ".0f"),
        ((0.0, 0.001), 0.00005, ".5f"), ((0.25, 1.0, 0.25), 0.25, ".2f"),
    ],
)  # fmt: skip
def test_a_slider_of_fractions_is_fine_enough(given, step, shape):
    slider: Any = control("pause", given)
    assert slider.step == pytest.approx(step)
    assert slider.readout_format == shape


def test_words_for_abbreviations_are_the_same_in_every_process():
    assert in_words((0.0, 0.3, 0.05)) == "(0.0, 0.3, 0.05)"
    assert in_words({"none": nullcontext, "a lock": threading.Lock}) == "['none', 'a lock']"
    assert in_words([sleepers, contextmanager]) == "[sleepers, contextmanager]"
    assert in_words(IntSlider(3)) == "IntSlider()"
    assert in_words(fixed(3)) == "3"
    assert "0x" not in in_words([object()])
    assert "0x" not in in_words(object())


@pytest.mark.parametrize(
    ("name", "seconds"), [("pause", True), ("long_pause", True), ("workers", False), ("pauses", False)]
)
def test_is_duration(name, seconds):
    assert is_duration(name) is seconds
    slider: Any = panel_of(lambda **given: None, **{name: (0.0, 1.0)}).controls[name]
    assert ("course-seconds" in slider._dom_classes) is seconds
    assert slider.description == name


# Counting.


def ended(*names: str, result: Any = None, error: BaseException | None = None, apart: bool = False) -> Recording:
    """A recording of threads that finished in this order, all at once or one after the other."""
    log = Log(1.0)
    log(0, "main", "begin", "main", False)
    for number, name in enumerate(names):
        log(number if apart else 0, "main", "start", name)
        log(number if apart else 0, name, "begin", name, False)
        log(number + 1, name, "end", "finished")
    log(len(names) + 1, "main", "end", "finished")
    return Recording("it()", log.ordered(), result=result, error=error, called=True)


def tally_of(*recordings: Recording) -> Tally:
    tally = Tally()
    for recording in recordings:
        tally.add(recording)
    return tally


def test_orders_and_results_are_counted():
    tally = tally_of(ended("A", "B", result=1), ended("B", "A", result=1), ended("A", "B", error=ValueError("x")))
    assert tally.orders == {("A", "B"): 2, ("B", "A"): 1}
    assert tally.outcomes == {"returned 1": 2, "raised ValueError: x": 1}
    assert (tally.order, tally.outcome, tally.runs) == (("A", "B"), "raised ValueError: x", 3)


@pytest.mark.parametrize(
    ("recordings", "possible"),
    [
        ([ended("A", "B", "C")], 6),
        ([ended(*"ABCD"), ended(*"DCBA")], 24),
        ([ended("A", "B", apart=True)], None),
        ([ended("A", "B", apart=True), ended("A", "B")], 2),
        ([ended("A", "B"), ended("A")], None),
        ([ended()], None),
        ([handover()], None),
    ],
)
def test_how_many_orders_are_possible_is_said_only_where_it_is_known(recordings, possible):
    if recordings[0].title != "it()":
        possible = 2  # a lock may go to either first
    assert tally_of(*recordings).possible == possible


def test_one_thread_that_waits_for_another_binds_the_order():
    def chained(n=2):
        first = threading.Thread(target=time.sleep, args=(0.05,), name="T0")
        second = threading.Thread(target=first.join, name="T1")
        first.start()
        second.start()
        second.join()

    assert tally_of(run(chained)).possible is None


def test_the_tally_in_html():
    tally = tally_of(*[ended("A", "B")] * 3, ended("B", "<A>", result=2))
    html = tally_html(tally, "n=2")
    assert "finishing orders seen so far with n=2: 2<" in html
    assert "B &lt;A&gt;</span> ← this run" in html
    assert "3 runs" in html
    assert "1 run<" in html
    assert "results seen so far: 2<" in html
    assert "1 of 2 possible" in tally_html(tally_of(ended("A", "B")), "")
    assert "1 of about 2 × 10<sup>13</sup> possible" in tally_html(tally_of(ended(*"ABCDEFGHIJKLMNOP")), "")
    assert "results" not in tally_html(tally_of(ended("A")), "")
    assert "orders" not in tally_html(tally_of(ended(result=1)), "")


@pytest.mark.parametrize("recordings", [[ended("A")], [ended()], [ended("A"), ended("B"), ended()]])
def test_where_there_is_nothing_to_count_nothing_is_said(recordings):
    assert "<table" not in tally_html(tally_of(*recordings), "n=1")


def test_deadlocks_are_counted_as_one_result_and_their_order_as_none():
    one, other = Deadlock("T0 holds a (line 5) …"), Deadlock("T1 holds b (line 9) …")
    tally = tally_of(*[ended("A", "B", result=1)] * 3, ended(error=one), ended(error=other))
    html = tally_html(tally, "")
    assert tally.outcomes == {"returned 1": 3, "Deadlock": 2}
    assert "finishing orders seen so far: 1 of 2 possible<" in html
    assert "none finished</span> ← this run" in html
    assert "Deadlock</span> ← this run" in html
    assert html.count("2 runs") == 2


def test_that_all_runs_deadlocked_is_a_result_without_orders():
    html = tally_html(tally_of(ended(error=Deadlock("main holds lock"))), "n=1")
    assert "orders" not in html
    assert "results seen so far with n=1: 1<" in html


def test_a_function_that_all_names_of_an_order_share_is_named_once_and_all_of_it_in_the_tooltip():
    names = [f"ask_server({number}, …)" for number in (1, 0, *range(2, 10))]
    html = tally_html(tally_of(ended(*names)), "")
    assert ">ask_server: 1 0 2 3 4 5 6 7 8 9</span>" in html
    assert f'title="{" ".join(names)}"' in html


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (["T1", "T0"], "T1 T0"),
        ([], "none finished"),
        (["ask(1)"], "ask(1)"),
        (["ask(1)", "tell(2)"], "ask(1) tell(2)"),
        (["ask(1)", "T0"], "ask(1) T0"),
        (["ask(…) #2", "ask(…)"], "ask: #2 #1"),
        (["ask(1) #2", "ask(1)"], "ask: 1#2 1"),
        (["ask('a) b', …)", "ask()"], "ask: 'a) b' ()"),
        (["Thread-1 (work)", "Thread-2 (work)"], "Thread-1 (work) Thread-2 (work)"),
    ],
)
def test_words_of_an_order(order: list[str], words: str):
    assert order_words(tuple(order)) == words


def test_of_many_orders_the_commonest_are_listed_and_this_runs():
    orders = [("A", "B"), *((f"{n}",) for n in range(20)), ("last",)]
    tally = tally_of(*[ended("A", "B")] * 4, *(ended(*order) for order in orders))
    html = tally_html(tally, "")
    assert html.count("<tr") == 6
    assert "last</span> ← this run" in html
    assert "and 17 more" in html
    assert html.index("A B") < html.index("last")


def test_a_tally_of_its_own_for_each_setting_but_pauses():
    panel = panel_of(workers=(1, 8), pause=(0.0, 0.01, 0.005))
    panel.controls["pause"].value = 0.005
    settled(panel)
    panel.controls["workers"].value = 3
    settled(panel)
    assert {setting: tally.runs for setting, tally in panel._tallies.items()} == {"workers=2": 2, "workers=3": 1}
    panel.controls["workers"].value = 2
    settled(panel)
    assert panel._tallies["workers=2"].runs == 3
    assert "with workers=2" in text_of(panel)


# What the recorder does for them.


def test_a_run_abandoned_as_it_begins_ends_at_once():
    with pytest.raises(Abandoned):
        run_in_background(sleepers, {"pause": LONG}, began=lambda turn: turn.abandon())


def test_a_run_that_nobody_wants_any_more_gives_up_waiting():
    with record("open"):
        caught: list[BaseException] = []

        def background():
            try:
                run_in_background(sleepers, {}, wanted=lambda: False)
            except Abandoned as error:
                caught.append(error)

        # Started behind the recorder's back, as JupyterLab's threads are.
        import _thread

        _thread.start_new_thread(background, ())
        until(lambda: caught)


def test_whenever_it_is_abandoned_nothing_stays_replaced():
    """At any moment, that is; what stays is found by the fixture that looks after every test."""
    for number in range(100):
        turns: list[Turn] = []
        ready = threading.Event()

        def began(turn, turns=turns, ready=ready):
            turns.append(turn)
            ready.set()

        def background(began=began):
            try:
                run_in_background(sleepers, {"workers": 3, "pause": LONG}, began=began)
            except Abandoned:
                pass

        worker = threading.Thread(target=background)
        worker.start()
        assert ready.wait(20)
        time.sleep(number % 50 * 0.0001)  # up to where all threads have been started
        turns[0].abandon()
        worker.join(20)
        assert not worker.is_alive()


def test_a_thread_slow_to_come_up_never_runs_when_its_run_is_abandoned(monkeypatch):
    begin = "_start_joinable_thread" if hasattr(threading, "_start_joinable_thread") else "_start_new_thread"
    real = getattr(threading, begin)
    turns: list[Turn] = []
    asked, go, over = threading.Event(), threading.Event(), threading.Event()
    ran: list[str] = []
    late = threading.Thread(target=ran.append, args=("late",), name="late")

    def slowly(bootstrap, *args, **kwargs):
        def come_up():
            asked.set()
            go.wait(20)
            bootstrap()
            over.set()

        return real(come_up if bootstrap.__self__ is late else bootstrap, *args, **kwargs)

    def background():
        with pytest.raises(Abandoned):
            run_in_background(lambda: late.start(), {}, began=turns.append)
        ran.append("the end")

    monkeypatch.setattr(threading, begin, slowly)
    worker = threading.Thread(target=background)
    worker.start()
    assert asked.wait(20)
    for _ in range(10):  # as who wants to record does, until it may
        turns[0].abandon()
        time.sleep(0.01)
    go.set()
    worker.join(20)
    assert over.wait(20)
    assert ran == ["the end"]


def test_only_tweak_imports_ipywidgets():
    code = (
        "import sys, course_utils; assert 'ipywidgets' not in sys.modules; from course_utils import tweak;"
        "assert 'ipywidgets' in sys.modules; import course_utils.sliders; assert course_utils.tweak is tweak"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_printing_nothing_at_all():
    with redirect_stdout(io.StringIO()) as printed:
        panel_of()
    assert printed.getvalue() == ""
