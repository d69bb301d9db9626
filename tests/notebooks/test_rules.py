"""Each rule sees the breach that it is there for, and a good notebook has none."""

import json

import pytest
from nbformat.v4 import new_markdown_cell, new_output

from tests.notebooks import rules
from tests.notebooks.synthetic import CHECK, SOLVED, code, good, number, text


def breaches(notebook):
    """Collect what any rule says."""
    number(notebook)
    return [said for rule in rules.RULES for said in rule(notebook)]


def the_one(notebook):
    said = breaches(notebook)
    assert len(said) == 1, said
    return said[0]


@pytest.fixture
def notebook():
    return good()


def test_a_good_notebook_breaks_none(notebook):
    assert breaches(notebook) == []
    assert list(rules.skeleton(notebook, interleavings=False)) == []
    assert list(rules.skeleton(good(interleavings=True), interleavings=True)) == []
    assert list(rules.skeleton(good(interleavings=True), interleavings=False)) == [], "may be there before 05"


def test_read_mends_nothing(notebook, tmp_path):
    del notebook.cells[0]["id"]
    path = tmp_path / "one.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert any("'id' is a required property" in said for said in rules.valid(rules.read(path)))


def test_same_id_twice(notebook):
    notebook.cells[1]["id"] = notebook.cells[0]["id"]
    assert any("that of another" in said for said in rules.valid(notebook))


def test_no_kernelspec(notebook):
    del notebook.metadata["kernelspec"]
    assert "ask for a kernel" in the_one(notebook)


def test_no_language_info(notebook):
    del notebook.metadata["language_info"]
    assert "language_info" in the_one(notebook)


def test_not_run(notebook):
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    cell.execution_count = None
    assert "code cells not run: [3]" in list(rules.was_run(notebook))


def test_run_out_of_order(notebook):
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = 9
    assert "run out of order: [9, 2, 3, 4]; store it anew" in list(rules.was_run(notebook))


def test_no_outputs(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    assert "no cell has a stored output: nbval would compare nothing" in breaches(notebook)


@pytest.mark.parametrize(
    "source",
    ["recording", "recording.lanes", "print(1)\nx = 2", "check(x)", "@check\ndef holds(): ...", "1 + 1", "%time\nx"],
)
def test_shows_something(source):
    assert rules.shows_something(source)


@pytest.mark.parametrize(
    "source", ["x = 1", "def f():\n    print(1)", "thread.start()", "'words'", "%load_ext course_utils"]
)
def test_shows_nothing_for_sure(source):
    assert not rules.shows_something(source)


def test_display_without_output(notebook):
    notebook.cells.append(code("recording"))
    assert "nothing is stored of it" in the_one(notebook)


def test_error(notebook):
    error = new_output("error", ename="ValueError", evalue="no", traceback=[])
    notebook.cells.append(code("raise ValueError('no')", error))
    assert "stores ValueError" in the_one(notebook)
    notebook.cells[-1].metadata["tags"] = ["raises-exception"]
    assert breaches(notebook) == []
    notebook.cells[-1].outputs = [text("fine")]
    assert "raised nothing" in the_one(notebook)


def test_too_many_not_compared(notebook):
    notebook.cells.append(code("# NBVAL_IGNORE_OUTPUT\n# the order is the system's own\nx = 1"))
    assert "1 of 5 code cells are not compared" in the_one(notebook)
    notebook.cells += [code("x = 1") for _ in range(5)]
    assert breaches(notebook) == []


@pytest.mark.parametrize("tag", ["nbval-ignore-output", "nbval-skip"])
def test_not_compared_without_a_reason(notebook, tag):
    notebook.cells += [code("x = 1") for _ in range(6)]
    notebook.cells.append(code("# varies\nx = 1", tags=(tag,)))
    assert "no comment that says why" in the_one(notebook)


def test_long_cell(notebook):
    notebook.cells.append(code("\n".join(["x = 1"] * 26)))
    assert "has 26 lines" in the_one(notebook)


def test_semicolon(notebook):
    notebook.cells.append(code("x = 1; "))
    assert 'ends in ";"' in the_one(notebook)


def test_widgets(notebook):
    view = new_output("display_data", {rules.WIDGET: {}, "text/plain": "slider"})
    notebook.cells.append(code("x = 1", view))
    assert "stores a widget view" in the_one(notebook)
    notebook.metadata["widgets"] = {}
    assert len(breaches(notebook)) == 2


def test_size(notebook):
    notebook.cells.append(code("x = 1", text("x" * 2_000_000)))
    assert "2.0 MB, more than 2" in the_one(notebook)


def test_first_line(notebook):
    next(cell for cell in notebook.cells if cell.cell_type == "code").source = "import threading"
    assert "%load_ext course_utils" in the_one(notebook)


def test_heading_missing_misplaced_or_of_its_own(notebook):
    assert list(rules.skeleton(notebook, interleavings=True))
    notebook.cells.append(new_markdown_cell("## More"))
    assert "not of the skeleton ['More']" in next(rules.skeleton(notebook, interleavings=False))
    swapped = good()
    swapped.cells.reverse()
    assert list(rules.skeleton(swapped, interleavings=False))


def test_heading_in_code_is_none(notebook):
    notebook.cells.append(new_markdown_cell("```python\n## More\n```"))
    assert list(rules.skeleton(notebook, interleavings=False)) == []


def test_prediction_without_answer(notebook):
    for cell in notebook.cells:
        if cell.source.startswith("What comes out?"):
            cell.source = "What comes out?"
    assert the_one(notebook) == "Predict has no answer in a <details> block"


def test_details_left_open(notebook):
    notebook.cells.append(new_markdown_cell("<details>Answer"))
    assert "not closed" in the_one(notebook)


def test_nothing_folded(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("jupyter", None)
    assert "stored folded" in the_one(notebook)


def exercise(notebook, part):
    """Find the starter (0), the check (1) or the solution (2) of the good notebook's exercise."""
    starter = rules.exercises(notebook)[0][0]
    return notebook.cells[starter + part]


def test_exercises_are_found(notebook):
    [(starter, solution)] = rules.exercises(notebook)
    assert solution == starter + 2
    assert rules.check_cell(notebook, starter) == starter + 1
    assert rules.solution_code(notebook.cells[solution]) == "def double(number):\n    return 2 * number\n"


def test_no_exercise(notebook):
    exercise(notebook, 0).metadata.clear()
    assert "there must be one or two" in breaches(notebook)[0]


def test_exercise_without_check(notebook):
    exercise(notebook, 1).source = "x = 1"
    assert "isn't checked" in the_one(notebook)


def test_exercise_with_its_own_check(notebook):
    exercise(notebook, 1).source = "x = 1"
    exercise(notebook, 0).source += "\n" + CHECK
    exercise(notebook, 0).outputs = [text("not yet")]
    exercise(notebook, 2).source = SOLVED.replace("\n```\n", f"\n\n{CHECK}\n```\n")
    assert breaches(notebook) == []
    exercise(notebook, 2).source = SOLVED
    assert "must have the check as well" in the_one(notebook)


def test_exercise_without_solution(notebook):
    exercise(notebook, 2).metadata.clear()
    assert "no markdown cell tagged 'solution'" in the_one(notebook)


@pytest.mark.parametrize(
    "source", ["", "<details>No code</details>", SOLVED.replace("<details>", "").replace("</details>", "")]
)
def test_solution_without_code(notebook, source):
    exercise(notebook, 2).source = source
    assert "needs one ```python block" in the_one(notebook)


def test_two_solutions(notebook):
    notebook.cells.append(new_markdown_cell(SOLVED, metadata={"tags": ["solution"]}))
    assert "each exercise has one" in the_one(notebook)
