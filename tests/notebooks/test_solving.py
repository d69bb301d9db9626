"""The proof of an exercise sees a check that refuses nothing, and a solution that solves nothing."""

import pytest

from tests.notebooks import solving
from tests.notebooks.synthetic import good

pytestmark = pytest.mark.slow  # each starts a kernel


def change(notebook, old, new):
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    return notebook


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", [([False], [True])]),
        ("    return number", "    return 2 * number", [([True], [True])]),
        ("    return 2 * number", "    return 3 * number", [([False], [False])]),
        ("    return number", "    helper = 1\n    return number\nimport math", [([False], [True])]),
    ],
)
def test_verdicts(tmp_path, old, new, said):
    assert solving.verdicts(change(good(), old, new), tmp_path) == said


def test_a_solution_that_lives_on_the_starter_is_found_out(tmp_path):
    notebook = change(
        good(), "def double(number):\n    return number", "import math\n\ndef double(number):\n    return 0"
    )
    change(notebook, "    return 2 * number", "    return math.prod([2, number])")
    assert solving.verdicts(notebook, tmp_path) == [([False], [False])]
