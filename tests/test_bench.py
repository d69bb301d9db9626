"""Every benchmark runs and has something to say; what it says is for people to read, and isn't tested."""

import gc
from collections.abc import Iterator

import pytest

from bench.measure import Row, Settings, compare, limit, skipped, time_taken
from bench.run import BENCHMARKS, main, table

TINY = Settings(rounds=1, share=0.001)


@pytest.fixture
def frozen() -> Iterator[None]:
    """Collecting garbage before each sample would take most of the time, with all that pytest keeps."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(180)])
        if name == "browser"
        else pytest.param(name, marks=pytest.mark.slow)
        if name in ("explorers", "imports", "orders", "programs")  # seconds, even as small as can be
        else name
        for name in BENCHMARKS
    ],
)
def test_prints_its_rows(name, capsys):
    main([name], settings=TINY)
    said = capsys.readouterr().out
    head, _, *rows = said.split("\n\n", 1)[1].splitlines()
    assert head.split()[:3] == ["what", "others", "/"]
    assert rows[0] == f"[{name}] {BENCHMARKS[name]}"
    assert len(rows) > 1
    assert all(any(figure.isdigit() for figure in row) or "skipped" in row for row in rows[1:])


def test_an_unknown_name_is_named_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["lock"])
    assert "there is no benchmark lock; there are locks, " in capsys.readouterr().err


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    # The machine was slow in the second round, for both.
    row = compare("x", [1e-6, 9e-6, 2e-6], [2e-6, 9e-6, 6e-6], at_most=2)
    assert row == Row("x", "2,000 ns", "6,000 ns", "2.00", "1.00–3.00", "≤ 2 ×", "yes")


def test_a_goal_that_is_missed_stands_out():
    assert compare("x", [1.0], [4.0], at_most=3).met == "NO"
    assert limit("x", [0.1, 0.2, 0.9], 0.3).met == "yes"
    assert limit("x", [0.1, 0.2, 0.9], 0.3, worst=True).met == "NO"


def test_what_cannot_be_measured_says_why():
    line = table({"locks": [skipped("theirs", "it is not installed")]}).splitlines()[-1]
    assert " ".join(line.split()) == "theirs skipped: it is not installed"


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.5e-7, "250 ns"), (1.5e-5, "15.0 µs"), (0.06, "60.0 ms"), (2, "2,000 ms")]
)
def test_times_read_well(seconds, words):
    assert time_taken(seconds) == words
