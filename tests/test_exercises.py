"""Checks give verdicts and never raise."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from course_utils import exercises, interleavings, run
from course_utils.exercises import Verdict, check, prove
from course_utils.patience import Patience


class Number:
    def __init__(self) -> None:
        self.value = 0
        self.lock = threading.Lock()

    def update(self) -> None:
        self.value += 1

    def locked_update(self) -> None:
        with self.lock:
            self.value += 1


def two(locked: bool) -> int:
    number = Number()
    target = number.locked_update if locked else number.update
    threads = [threading.Thread(target=target, name=name) for name in ("T0", "T1")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number.value


def of_the_clock() -> bool:
    return time.time() > 0


def test_what_holds_passes(capsys: pytest.CaptureFixture[str]) -> None:
    @check
    def it_holds() -> None:
        """One and one are two."""
        assert 1 + 1 == 2

    assert it_holds == Verdict(True, "One and one are two.")
    assert capsys.readouterr().out == "✓ One and one are two.\n"


def test_what_does_not_hold_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    @check
    def it_fails() -> None:
        assert 1 + 1 == 3, "that makes two <b>"

    assert not it_fails.passed
    assert it_fails.text == "Not yet: that makes two <b>"
    assert "✗ Not yet" in capsys.readouterr().out
    assert "&lt;b&gt;" in it_fails._repr_html_()


def test_without_a_message_the_goal_is_said() -> None:
    def two_are_three() -> None:
        raise AssertionError

    assert check(two_are_three) == Verdict(False, "Not yet: two are three")


def test_other_exceptions_are_named_with_their_line() -> None:
    def broken() -> None:
        raise LookupError("no such thing")

    verdict = check(broken)
    assert verdict.text == f"Not yet: the code raised LookupError: no such thing (line {broken_line(broken)})"


def broken_line(function: object) -> int:
    return int(function.__code__.co_firstlineno) + 1  # type: ignore[attr-defined]  # it is a function


def test_an_interruption_goes_through() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(interrupted)


def test_a_proof_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    @check
    def nothing_is_lost() -> str:
        """No update is lost."""
        return prove(two, locked=True, expect=2)

    assert nothing_is_lost == Verdict(True, "No update is lost. Proof: two(locked=True): all 2 interleavings return 2.")
    assert capsys.readouterr().out == f"✓ {nothing_is_lost.text}\n"


def test_a_refutation_says_which_order_and_shows_all(capsys: pytest.CaptureFixture[str]) -> None:
    @check
    def nothing_is_lost() -> str:
        return prove(two, locked=False, expect=2, otherwise="put the read and the write in one lock")

    assert not nothing_is_lost.passed
    assert nothing_is_lost.text == (
        "Not yet: put the read and the write in one lock. two(locked=False): 4 of 6 interleavings don't return 2; "
        "for example, one returns 1: T0, T1, T0, T1"
    )
    table = repr(interleavings(two, locked=False, expect=2)).partition("\n")[2]
    assert capsys.readouterr().out == f"✗ {nothing_is_lost.text}\n{table}\n"
    shown = nothing_is_lost._repr_html_()
    assert shown.count("interleavings don") == 1
    assert shown.count("<table>") == 1


def test_what_nothing_can_be_said_of_is_none_the_worse_for_it() -> None:
    @check
    def it_is_late() -> str:
        """It is late."""
        assert of_the_clock()
        return prove(of_the_clock, expect=True)

    assert it_is_late.passed
    assert it_is_late.text == (
        "It is late. (By its runs alone: of every interleaving of of_the_clock nothing can be said.)"
    )


def test_what_has_too_many_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_utils.exercises._RUNS", 1)
    assert prove(two, locked=True, expect=2) == "(By its runs, and no proof: gave up after 1 runs.)"


def test_a_scenario_that_cannot_be_called_so_is_the_checks_own_fault() -> None:
    with pytest.raises(TypeError, match="unlocked"):
        prove(two, unlocked=True, expect=2)


# What never ends


def spin() -> None:
    while True:
        pass


def poll() -> None:
    while True:
        time.sleep(0.001)


def stand() -> None:
    threading.Lock().acquire()
    threading.Event().wait()


def in_a_thread() -> None:
    thread = threading.Thread(target=poll)
    thread.start()
    thread.join()


# An interrupt that comes while Python lets go of something is swallowed, with a warning; the next one ends the check.
may_be_swallowed = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@may_be_swallowed
@pytest.mark.parametrize(
    ("endless", "recorded"),
    [(spin, False), (poll, False), (stand, False), (spin, True), (poll, True), (in_a_thread, True)],
)
def test_what_never_ends_is_stopped_and_said(
    monkeypatch: pytest.MonkeyPatch, endless: Callable[[], None], recorded: bool
) -> None:
    monkeypatch.setattr(exercises, "PATIENCE", 0.05)

    @check
    def it_ends() -> None:
        if recorded:
            run(endless)
        else:
            endless()

    assert not it_ends.passed
    assert "it had not come to an end after 0.05 s, and was stopped in line " in it_ends.text


@may_be_swallowed
@pytest.mark.slow
def test_a_proof_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "PATIENCE", 0.05)

    @check
    def it_ends() -> str:
        return prove(spin, expect=None)

    assert it_ends.text.startswith("Not yet: it had not come to an end after 0.05 s, and was stopped.")


def test_the_stop_button_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):

        @check
        def it_is_stopped() -> None:
            signal.raise_signal(signal.SIGINT)


def test_patience_ends_with_its_block() -> None:
    patience = Patience(0.02)
    with patience:
        pass
    time.sleep(0.05)
    assert not patience.lost


@may_be_swallowed
def test_an_interrupt_that_comes_at_the_last_moment_comes_in_the_block() -> None:
    patience = Patience(0.005)
    for _ in range(50):
        try:
            with patience:
                time.sleep(0.0049)
        except KeyboardInterrupt:
            assert patience.lost
        patience = Patience(0.005)


def test_beside_the_main_thread_there_is_no_bound() -> None:
    found: list[Verdict] = []

    def work() -> None:
        @check
        def it_holds() -> None:
            """It holds."""

        found.append(it_holds)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [verdict.text for verdict in found] == ["It holds."]
