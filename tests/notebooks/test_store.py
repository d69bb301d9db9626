"""Storing a notebook: what it runs, what it strips, and that a failure leaves the file alone."""

import json
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.notebooks import rules, store


def write(path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


WIDGET = """from IPython.display import display
display({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "first run"}, raw=True)
display({"application/vnd.jupyter.widget-view+json": {"model_id": "2"}}, raw=True)"""


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_runs_strips_and_repeats_itself(tmp_path, capsys):
    path = write(
        tmp_path / "one.ipynb",
        new_markdown_cell("# One  "),
        new_code_cell("import os\nprint(os.getcwd())\nprint('more')"),
        new_code_cell(WIDGET, metadata={"tags": ["t"], "jupyter": {"outputs_hidden": True}, "ExecuteTime": {}}),
        new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
        new_code_cell(""),
    )
    assert store.main([str(path)]) == 0
    assert "one.ipynb: stored" in capsys.readouterr().out
    notebook = rules.read(path)
    _, where, widget, error, _ = notebook.cells
    assert where.outputs[0].text == f"{tmp_path.resolve()}\nmore\n"
    assert [output.data for output in widget.outputs] == [{"text/plain": "first run"}]
    assert widget.metadata == {"tags": ["t"], "jupyter": {"outputs_hidden": True}}
    assert error.outputs[0].ename == "ZeroDivisionError"
    assert notebook.metadata == store.METADATA
    said = [*rules.valid(notebook), *rules.kernel(notebook), *rules.was_run(notebook), *rules.widgets(notebook)]
    assert said == []
    first = path.read_bytes()
    assert store.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert first.endswith(b"}\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["one.ipynb"]


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("source", "what"), [("1 / 0", "ZeroDivisionError: division by zero"), ("import os\nos._exit(1)", "Kernel died")]
)
def test_a_failing_cell_is_named_and_nothing_written(tmp_path, capsys, source, what):
    path = write(tmp_path / "one.ipynb", new_markdown_cell("# One"), new_code_cell("1"), new_code_cell(source))
    before = path.read_bytes()
    assert store.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert "one.ipynb: not stored, cell 2 failed" in said
    assert what in said
    assert source in said
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_no_half(tmp_path, monkeypatch):
    path = write(tmp_path / "one.ipynb", new_markdown_cell("# One"))
    before = path.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.write(rules.read(path), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["one.ipynb"]


def test_no_such_notebook(tmp_path, capsys):
    assert store.main([str(tmp_path / "none.ipynb")]) == 1
    assert "none.ipynb: not stored" in capsys.readouterr().err


def test_form_is_always_the_same(tmp_path):
    path = write(tmp_path / "one.ipynb", new_markdown_cell("# Ünï  \nx"))
    notebook = rules.read(path)
    store.clean(notebook)
    store.write(notebook, path)
    text = path.read_text(encoding="utf-8")
    assert "Ünï\\n" in text
    content = json.loads(text)
    assert text == json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    again = shutil.copy(path, tmp_path / "two.ipynb")
    store.write(rules.read(path), again)
    assert again.read_text(encoding="utf-8") == text
