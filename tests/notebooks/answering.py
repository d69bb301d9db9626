"""
Give an exercise's check an answer, as if a learner had written it into the exercise's cell.

Answers are files of cells, `answers/05.py` for notebook 05, each with what the check should make of it:

    # %% 2 wrong: a lock for each thread
    # says: they take different locks
    class BoxOffice:
        ...

It is an answer to that notebook's exercise 2, `wrong` or `right`; the verdict must contain what each line of `says:`
has. `# slow` beside these marks its test. What an answer doesn't define is the starter's.

No kernel is started: of the notebook, those statements run that bind what the check and the answer use, and nothing
else, for each answer anew.
"""

import ast
import dis
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final, NamedTuple

from course_utils.exercises import Verdict
from tests.notebooks.rules import Notebook, check_cell, exercises, solution_code

__all__ = ["Answer", "Exercise", "answers", "of_notebook"]

HEAD: Final = re.compile(r"# %% (?P<exercise>\d) (?P<kind>right|wrong): (?P<name>.+)")
SAYS: Final = "# says: "
SLOW: Final = "# slow"


@dataclass(frozen=True)
class Answer:
    """
    What a learner might write.

    Attributes:
        exercise: the number of the exercise, from 1.
        right: whether its check should accept it.
        name: what it is, in words.
        says: what the verdict must contain.
        slow: whether its check takes more than half a second.
        code: the cell.
        file: where it was read.
        line: where the cell begins there.
    """

    exercise: int
    right: bool
    name: str
    says: tuple[str, ...]
    slow: bool
    code: str
    file: str
    line: int


def answers(path: Path) -> list[Answer]:
    """
    Read the answers of a file; what stands before the first is no answer.

    Raises:
        ValueError: a line that begins with `# %%` isn't as it must be.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    found = []
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        head = HEAD.fullmatch(lines[start])
        if head is None:
            raise ValueError(f"{path.name}, line {start + 1}: {lines[start]!r} isn't as `# %% 1 wrong: name`")
        first, says, slow = start + 1, [], False
        while first < end and lines[first].startswith((SAYS, SLOW)):
            if lines[first].startswith(SAYS):
                says.append(lines[first].removeprefix(SAYS))
            slow = slow or lines[first] == SLOW
            first += 1
        right = head["kind"] == "right"
        code = "\n".join(lines[first:end])
        found.append(Answer(int(head["exercise"]), right, head["name"], tuple(says), slow, code, str(path), first + 1))
    return found


class Statement(NamedTuple):
    """
    A statement at the top of a cell.

    Attributes:
        code: compiled, to be run.
        binds: names.
        uses: names of the namespace it runs in, those in functions that it defines among them.
    """

    code: CodeType
    binds: frozenset[str]
    uses: frozenset[str]


@dataclass(frozen=True)
class Exercise:
    """
    One exercise, taken out of its notebook.

    Attributes:
        before: the statements of the cells above the starter.
        starter: the starter's.
        between: those of the cells between it and its check.
        check: the check's.
        solution: the source of the printed solution.
    """

    before: tuple[Statement, ...]
    starter: tuple[Statement, ...]
    between: tuple[Statement, ...]
    check: tuple[Statement, ...]
    solution: str

    def verdict(self, code: str, file: str = "answer", line: int = 1) -> Verdict:
        """
        Let the check look at an answer.

        Args:
            code: the answer's source.
            file: where tracebacks say that it stands.
            line: and in which line.

        Raises:
            AssertionError: the check's cell has not one check.
            Exception: what running the answer raises, before it is checked.
        """
        answer = statements("\n" * (line - 1) + code, file)
        given = {name for statement in answer for name in statement.binds}
        starter = [statement for statement in self.starter if statement.binds - given]
        asked = [statement for statement in answer if statement.binds]  # the last line, which shows it, is left out
        # A module, whose names a recorder replaces; not `__main__`, which is pytest: classes would be its own.
        module = sys.modules["notebook"] = ModuleType("notebook")
        try:
            for statement in needed(self.before, [*starter, *asked], self.between, self.check):
                exec(statement.code, vars(module))
        finally:
            del sys.modules["notebook"]
        found = [value for value in vars(module).values() if isinstance(value, Verdict)]
        assert len(found) == 1, f"one check was expected, and {len(found)} gave a verdict"
        return found[0]


def needed(
    before: Sequence[Statement], answer: Sequence[Statement], between: Sequence[Statement], check: Sequence[Statement]
) -> list[Statement]:
    """Leave out what binds nothing that answer and check use, be it by what they call."""
    given = {name for statement in answer for name in statement.binds}
    uses = {name for statement in (*answer, *check) for name in statement.uses} - given
    rest, kept = [*before, *between], set[int]()
    while more := [statement for statement in rest if id(statement) not in kept and statement.binds & uses]:
        kept.update(map(id, more))
        uses |= {name for statement in more for name in statement.uses} - given
    return [
        *(statement for statement in before if id(statement) in kept),
        *answer,
        *(statement for statement in between if id(statement) in kept),
        *check,
    ]


def of_notebook(notebook: Notebook) -> list[Exercise]:
    """Take a notebook's exercises out of it."""
    found = []
    for starter, solution in exercises(notebook):
        check = check_cell(notebook, starter)
        code = solution_code(notebook.cells[solution]) if solution is not None else None
        if check is None or code is None:
            raise ValueError(f"the exercise in cell {starter} has no check or no solution")
        cells = [
            statements(cell.source, f"cell {number}") if cell.cell_type == "code" else []
            for number, cell in enumerate(notebook.cells[: check + 1])
        ]
        before = tuple(statement for cell in cells[:starter] for statement in cell)
        between = tuple(statement for cell in cells[starter + 1 : check] for statement in cell)
        found.append(Exercise(before, tuple(cells[starter]), between, tuple(cells[check]), code))
    return found


def statements(source: str, file: str) -> list[Statement]:
    """Take a cell apart, its magics left out."""
    if source.startswith("%%"):
        return []
    plain = "".join("\n" if line.startswith("%") else line for line in source.splitlines(keepends=True))
    found = []
    for node in ast.parse(plain).body:
        code = compile(ast.Module([node], []), file, "exec")
        binds = frozenset(step.argval for step in dis.get_instructions(code) if step.opname.startswith("STORE_"))
        found.append(Statement(code, binds, frozenset(used(code))))
    return found


def used(code: CodeType) -> Iterator[str]:
    """Go through the names that code looks up in its module, and what it defines."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from used(constant)
