"""
The package's arrows point one way, its files stay small, and importing it costs little.

`GROUPS` gives every module its place and `ARROWS` what the modules of a group may import; a new
module needs a row. Within a group anything goes that doesn't run in a circle. An import inside a
function doesn't count as an arrow, but each one that goes up is listed in `HAND_OVERS`.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import course_utils

PACKAGE: Final = Path(course_utils.__file__).parent
LINES: Final = 400

GROUPS: Final = {
    # What everything is made of, and words for it.
    "base": {"deadlock", "events", "model", "places", "shorten", "texts", "units"},
    # From events to lanes, intervals, holds and flows: pure.
    "recording": {"accesses", "build", "fills", "holds", "recording"},
    # Stands in for the standard library while something listens; knows no recorder.
    "seam": {
        "driver", "instrument", "judge", "lines", "naming", "operations", "output", "pools", "queues", "resolve",
        "standins", "states", "stopping", "threads", "watching", "watchlist",
    },
    # The operating system schedules, the wall clock times.
    "recorder": {"recorder", "session", "turns"},
    # One thread at a time, in an order that somebody chooses.
    "scheduler": {
        "actors", "beside", "cancelling", "completion", "computed", "controlled", "controls", "encounters", "futures",
        "histories", "idents", "instants", "ledger", "leftovers", "models", "operands", "outcomes", "reaching",
        "refusals",
        "schedule", "scheduler", "sharing", "signals", "stacks", "stage", "standstill", "steps", "touching", "tracing",
        "understood", "within", "workers", "world",
    },
    # Every order.
    "interleavings": {"counting", "exploring", "interleaved", "interrupts", "probing", "processor", "progress"},
    # What a chart consists of, in shapes and in words.
    "drawing": {
        "arrows", "bands", "bars", "brackets", "circles", "frame", "layout", "legend", "marks", "metrics", "palette",
        "panels", "readings", "scene", "strips", "troubles", "view", "words",
    },
    # What a user looks at or gets as a file.
    "views": {"export", "gantt", "row", "show", "trace"},
    # Runs scenarios and shows them.
    "sliders": {"abbreviations", "face", "sliders", "tally"},
    # Walks through one interleaving.
    "stepper": {"codeview", "moments", "stepper", "stepstyle", "steptable", "walking", "witness"},
    # Whole programs in a fresh interpreter.
    "program": {"child", "program", "wire"},
    "command": {"__main__", "command", "magic"},
    # Made for the notebooks alone.
    "course": {"exercises", "patience"},
    # The public names.
    "face": {"__init__"},
}  # fmt: skip

ARROWS: Final = {
    "base": set(),
    "recording": {"base"},
    "seam": {"base"},
    "recorder": {"base", "recording", "seam"},
    "scheduler": {"base", "seam"},
    "interleavings": {"base", "recording", "seam", "recorder", "scheduler"},
    "drawing": {"base", "recording"},
    "views": {"base", "recording", "drawing"},
    "sliders": {"base", "recording", "recorder", "drawing", "views"},
    "stepper": {"base", "seam", "drawing", "sliders", "scheduler", "interleavings"},
    "program": {"base", "recording", "seam", "recorder"},
    "command": {"base", "recording", "drawing", "views", "program"},
    "course": {"base", "interleavings"},
    "face": {"base", "recorder"},
}

HAND_OVERS: Final = {
    ("recording", "words"): "Recording.describe",
    ("recording", "gantt"): "Recording.gantt",
    ("recording", "export"): "Recording.save",
    ("recording", "show"): "Recording as a cell's last line",
    ("interleaved", "stepper"): "Interleavings.step",
    ("interleaved", "walking"): "Interleavings.step",
    ("__init__", "row"): "not imported before it is used: matplotlib is large",
    ("__init__", "sliders"): "not imported before it is used: ipywidgets is large",
    ("__init__", "exploring"): "not imported before it is used: as large as the rest of the recorder",
    ("__init__", "instrument"): "%load_ext and %unload_ext",
    ("__init__", "magic"): "%load_ext and %unload_ext: IPython's shell gets %%program",
}
"""Imports inside functions, or for types, that go up or to what the group may not import; and what for."""

LIBRARIES: Final = {
    "matplotlib": {"drawing", "views", "sliders"},
    "numpy": {"drawing", "views", "sliders"},
    "PIL": {"drawing", "views", "sliders"},
    "ipywidgets": {"sliders", "stepper"},
    "IPython": {"sliders"},
}
"""Who may import what at the top of a module; inside a function or for types anyone may."""

HEAVY: Final = (
    "matplotlib",
    "numpy",
    "PIL",
    "pandas",
    "IPython",
    "ipywidgets",
    "traitlets",
    "asyncio",
    "multiprocessing",
)


class Import(NamedTuple):
    """`module` imports `target`, `late` if inside a function or for types alone; `own` if it is the package's."""

    module: str
    target: str
    own: bool
    late: bool
    typing: bool
    line: int


def imports_of(path: Path) -> Iterator[Import]:
    """Find a module's imports."""

    def walk(node: ast.AST, late: bool, typing: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for name in child.names:
                    first, *rest = name.name.split(".")
                    own = first == "course_utils"
                    yield Import(path.stem, ".".join(rest) if own else first, own, late, typing, child.lineno)
            elif isinstance(child, ast.ImportFrom):
                inside = (child.module or "").removeprefix("course_utils").removeprefix(".")
                own = child.level > 0 or (child.module or "").split(".")[0] == "course_utils"
                targets = [name.name for name in child.names] if own and not inside else [inside.split(".")[0]]
                for target in targets:
                    yield Import(path.stem, target, own, late, typing, child.lineno)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from walk(child, late, True)
            else:
                inner = late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(child, inner, typing)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False, False)


PATHS: Final = sorted(PACKAGE.glob("*.py"))
IMPORTS: Final = [found for path in PATHS for found in imports_of(path)]
OWN: Final = [found for found in IMPORTS if found.own]


def group_of(module: str) -> str:
    """Look up a module's group."""
    found = [group for group, modules in GROUPS.items() if module in modules]
    assert len(found) == 1, f"{module} needs a row in GROUPS of this test: which group is it of? found {found}"
    return found[0]


def allowed(found: Import) -> bool:
    """Tell whether an arrow stays within its group or goes to one that it may import."""
    here, there = group_of(found.module), group_of(found.target)
    return here == there or there in ARROWS[here]


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_module(path):
    group_of(path.stem)
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES, f"{path.name} has {lines} lines: more than {LINES} are two ideas"
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} needs a docstring"


def test_groups_hold_no_module_that_is_gone():
    listed = set().union(*GROUPS.values())
    assert listed - {path.stem for path in PATHS} == set()


def test_arrows_point_one_way():
    wrong = [
        f"{found.module}.py:{found.line} imports {found.target}: {group_of(found.module)} may import "
        f"{sorted(ARROWS[group_of(found.module)]) or 'nothing of the package'}, not {group_of(found.target)}"
        for found in OWN
        if not found.late and not allowed(found) and not (found.typing and found[:2] in HAND_OVERS)
    ]
    assert not wrong, "\n".join(wrong)


def test_groups_make_no_circle():
    TopologicalSorter(ARROWS).prepare()


def test_modules_make_no_circle():
    graph: dict[str, set[str]] = {path.stem: set() for path in PATHS}
    for found in OWN:
        if not found.late and not found.typing:
            graph[found.module].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"modules import each other in a circle: {error.args[1]}")


def test_hand_overs_are_those_listed():
    found = {(item.module, item.target) for item in OWN if item.late and not item.typing and not allowed(item)}
    assert found - set(HAND_OVERS) == set(), "imports inside functions that go up: list them with their reason"
    assert set(HAND_OVERS) - found == set(), "no longer there"


def test_libraries_stay_where_they_belong():
    wrong = [
        f"{found.module}.py:{found.line} imports {found.target} at its top"
        for found in IMPORTS
        if found.target in LIBRARIES and not found.late and not found.typing
        if group_of(found.module) not in LIBRARIES[found.target]
    ]
    assert not wrong, "\n".join(wrong)
    known = set(LIBRARIES) | set(sys.stdlib_module_names)
    unknown = {(found.module, found.target) for found in IMPORTS if not found.own and found.target not in known}
    assert unknown == set(), "new libraries need a row in LIBRARIES, and a reason in pyproject.toml"


def test_importing_prints_nothing_and_loads_nothing_heavy(tmp_path):
    code = "import sys, course_utils; open(sys.argv[1], 'w').write('\\n'.join(sys.modules))"
    listed = tmp_path / "modules"
    command = [sys.executable, "-W", "error::DeprecationWarning", "-c", code, str(listed)]
    done = subprocess.run(
        command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=30, check=True, stdin=subprocess.DEVNULL
    )
    assert done.stdout + done.stderr == ""
    loaded = listed.read_text().splitlines()
    assert "course_utils" in loaded
    assert [name for name in HEAVY if name in loaded] == []
