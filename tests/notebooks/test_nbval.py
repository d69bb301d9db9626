"""What `pytest --nbval` overlooks is the inside of the folded words, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parent.parent.parent

SHOW = "from IPython.display import HTML, display\ndisplay(HTML({!r}))"


def page(words: str, before: str = "", after: str = "") -> str:
    """Make what is shown under a chart, with text around it."""
    return f'{before}<details class="course-words"><summary>In words</summary><pre>{words}</pre></details>{after}'


CELLS = {
    "the words differ": (page("T0 ended\nat 0.1 s"), page("T0 ended\nat 0.2 s\nand <b>more</b>"), "passed"),
    "text before differs": (page("same", before="1"), page("same", before="2"), "failed"),
    "text after differs": (page("same", after="1"), page("same", after="2"), "failed"),
    "text between differs": (page("a", after="1") + page("b"), page("a", after="2") + page("b"), "failed"),
    "other details differ": ("<details>1</details>", "<details>2</details>", "failed"),
    "the words are missing": ("", page("words"), "failed"),
}


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_only_the_words_may_differ(tmp_path):
    cells = [
        new_code_cell(
            SHOW.format(now),
            execution_count=1,
            outputs=[
                new_output("display_data", {"text/html": stored, "text/plain": "<IPython.core.display.HTML object>"})
            ],
        )
        for stored, now, _ in CELLS.values()
    ]
    path = tmp_path / "one.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    command = [sys.executable, "-m", "pytest", "--nbval", "-rA", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL
    )
    lines = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", done.stdout, re.MULTILINE)
    said = {int(number): outcome.lower() for outcome, number in lines}
    expected = {number: outcome for number, (_, _, outcome) in enumerate(CELLS.values())}
    assert said == expected, done.stdout + done.stderr
