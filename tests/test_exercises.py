"""Checks give verdicts and never raise."""

import pytest

from course_utils.exercises import Verdict, check


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
