"""Every notebook of the course keeps the rules, and its exercises can be solved as its solutions say."""

import re
from pathlib import Path

import pytest

from tests.notebooks import rules, solving
from tests.notebooks.store import NOTEBOOKS

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
each = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])


def test_there_are_notebooks():
    assert PATHS, f"no notebooks in {NOTEBOOKS}: every other test of this file passes without looking at one"


def test_only_notebooks_lie_there():
    others = [entry.name for entry in NOTEBOOKS.iterdir() if entry not in PATHS and not entry.name.startswith(".")]
    assert others == [], "a learner opens what lies in notebooks/: put it elsewhere"
    misnamed = [path.name for path in PATHS if not re.fullmatch(r"\d\d_[a-z_]+\.ipynb", path.name)]
    assert misnamed == []


@each
@pytest.mark.parametrize("rule", rules.RULES, ids=[rule.__name__ for rule in rules.RULES])
def test_rule(path: Path, rule):
    breaches = list(rule(rules.read(path)))
    assert not breaches, "\n".join(breaches)


@each
def test_skeleton(path: Path):
    breaches = list(rules.skeleton(rules.read(path), interleavings=path.name >= "05"))
    assert not breaches, "\n".join(breaches)


@each
def test_file_is_small_and_of_one_form(path: Path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < rules.BYTES
    assert text.startswith('{\n "cells": ['), "store it with tests/notebooks/store.py"
    assert text.endswith("}\n")


@each
@pytest.mark.slow
@pytest.mark.timeout(180)
def test_checks_refuse_the_starter_and_accept_the_solution(path: Path):
    notebook = rules.read(path)
    said = solving.verdicts(notebook, NOTEBOOKS)
    assert len(said) == len(rules.exercises(notebook))
    for number, (starter, solution) in enumerate(said, 1):
        assert starter, f"exercise {number}: the check was never called on the starter"
        assert not all(starter), f"exercise {number}: the check accepts the unsolved starter"
        assert solution, f"exercise {number}: the check was never called on the solution"
        assert all(solution), f"exercise {number}: the check refuses the solution"
