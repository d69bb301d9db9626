"""Each exercise's check accepts what is right, however it is written, and says what helps of what is wrong."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from course_utils import exercises
from tests.notebooks import rules
from tests.notebooks.answering import Answer, Exercise, answers, of_notebook
from tests.notebooks.store import NOTEBOOKS
from tests.notebooks.synthetic import good

FILES = sorted((Path(__file__).parent / "answers").glob("[0-9][0-9].py"))
RIGHT, WRONG = 2, 5
"""At least as many answers each exercise has, the printed solution and the starter not counted."""


@cache
def exercises_of(notebook: str) -> list[Exercise]:
    [path] = NOTEBOOKS.glob(f"{notebook}_*.ipynb")
    return of_notebook(rules.read(path))


def each() -> list[Any]:
    """List the answers of all files, as arguments of a test; but for the first of each exercise, they are slow."""
    found: list[Any] = []
    quick: set[tuple[str, int, bool]] = set()
    for file in FILES:
        for answer in answers(file):
            kind = (file.stem, answer.exercise, answer.right)
            slow = answer.slow or kind in quick
            if not slow:
                quick.add(kind)
            said = f"{file.stem}-{answer.exercise}-{'right' if answer.right else 'wrong'}-{answer.name}"
            found.append(pytest.param(file.stem, answer, id=said, marks=[pytest.mark.slow] if slow else []))
    return found


@pytest.mark.parametrize(("notebook", "answer"), each())
@pytest.mark.filterwarnings("ignore:.*were cut off:RuntimeWarning")  # a notebook prints it, and the check goes on
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # an interrupt may come in a `__del__`
def test_answer(notebook: str, answer: Answer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exercises, "PATIENCE", 10.0)
    verdict = exercises_of(notebook)[answer.exercise - 1].verdict(answer.code, answer.file, answer.line)
    assert verdict.passed == answer.right, verdict.text
    for fragment in answer.says:
        assert fragment in verdict.text


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_enough_answers_each_with_what_it_is_told(file: Path):
    given = answers(file)
    for number in range(1, len(exercises_of(file.stem)) + 1):
        own = [answer for answer in given if answer.exercise == number]
        assert sum(answer.right for answer in own) >= RIGHT, f"exercise {number}"
        assert sum(not answer.right for answer in own) >= WRONG, f"exercise {number}"
    assert [answer.name for answer in given if not answer.right and not answer.says] == []


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
@pytest.mark.slow
def test_taken_out_of_the_notebook_it_is_the_same(file: Path):
    for exercise in exercises_of(file.stem):
        assert not exercise.verdict("").passed, "the starter"
        assert exercise.verdict(exercise.solution).passed, "the solution"


# What takes a notebook apart.


def test_an_answer_is_given_to_the_check():
    [exercise] = of_notebook(good())
    assert exercise.verdict("def double(number):\n    return 2 * number").passed
    assert not exercise.verdict("def double(number):\n    return number").passed
    assert not exercise.verdict("").passed, "the starter's own stands in for what an answer doesn't define"
    assert exercise.verdict(exercise.solution).passed


def test_of_the_notebook_runs_what_is_used_and_no_more():
    notebook = good()
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    code.source += "\ndef used():\n    return HELP\nHELP = 2\nraised = 1 / 0\nprint('never')\n1 / 0"
    [exercise] = of_notebook(notebook)
    assert exercise.verdict("def double(number):\n    return used() * number").passed
    with pytest.raises(ZeroDivisionError):
        exercise.verdict("def double(number):\n    return raised * number")


def test_each_answer_finds_the_notebook_fresh():
    notebook = good()
    next(cell for cell in notebook.cells if cell.cell_type == "code").source += "\nfound = [2]"
    [exercise] = of_notebook(notebook)
    assert exercise.verdict("def double(number):\n    return found.pop() * number").passed
    assert exercise.verdict("def double(number):\n    return found.pop() * number").passed


def test_a_traceback_leads_to_the_answer():
    [exercise] = of_notebook(good())
    verdict = exercise.verdict("def double(number):\n    return number.half", "somewhere", 70)
    assert verdict.text.endswith("(line 71)")


def test_answers_are_read(tmp_path):
    path = tmp_path / "05.py"
    path.write_text(
        "'''Words.'''\n\n# %% 1 wrong: so\n# says: one: two\n# slow\nx = 1\n\n\n# %% 2 right: or so\nx = 2\n"
    )
    one, two = answers(path)
    assert one == Answer(1, False, "so", ("one: two",), True, "x = 1\n\n", str(path), 6)
    assert two == Answer(2, True, "or so", (), False, "x = 2", str(path), 10)
    path.write_text("# %% 1 maybe: so")
    with pytest.raises(ValueError, match=r"05\.py, line 1: '# %% 1 maybe: so' isn't as"):
        answers(path)
