"""What README says works as it is written."""

import re

from tests.readme import ROOT, commands, examples, run_example


def test_two_commands_of_one_line_that_set_up_everything():
    found = commands()
    assert len(found) == 2
    for command in found:
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/")
    assert "jupyter lab" in found[0]
    assert found[1].endswith("/pytest --nbval\n")
    for path in re.findall(r"\S+\.ipynb", found[0]):
        assert (ROOT / path).is_file()


def test_first_example(tmp_path):
    said = run_example(examples()[0], tmp_path)
    assert "read account.balance: 100" in said
    assert "lost update" in said
    assert (tmp_path / "chart.png").stat().st_size > 5_000


def test_second_example(tmp_path):
    source = (
        "import threading\nimport time\n" + examples()[1] + "\nassert set(recording.finish_order) == {'ann', 'bob'}"
    )
    run_example(source, tmp_path)


def test_the_example_of_every_order(tmp_path):
    said = run_example(next(source for source in examples() if "interleavings" in source), tmp_path)
    sentence = next(line for line in said.splitlines() if line.startswith("count_to_two(): "))
    assert f"> {sentence}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_it_links_to_is_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([^):]+)\)", text):
        assert (ROOT / path).is_file(), path


def test_contributing_names_what_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:tests|\.ci|notebooks)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
