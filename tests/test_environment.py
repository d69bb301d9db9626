"""pyproject.toml, requirements.txt and environment.yml say the same."""

import importlib.metadata
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

DIRECT = [
    Requirement(text)
    for text in itertools.chain(
        PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"].values()
    )
]
PINS = [Requirement(line) for line in LOCK if line and not line.startswith(("#", "-"))]

PLATFORMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
ENVIRONMENTS = {
    f"{name} {version}": {
        **platform,
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for name, platform in PLATFORMS.items()
    for version in ("3.11.7", "3.12.1", "3.13.0", "3.14.0")
}


def pins_in(environment: dict[str, str]) -> dict[str, list[str]]:
    """Collect the versions that requirements.txt gives for each package in an environment."""
    found: dict[str, list[str]] = {}
    for pin in PINS:
        if pin.marker is None or pin.marker.evaluate(environment):
            found.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    return found


def test_every_line_is_an_exact_pin():
    assert PINS
    for pin in PINS:
        assert re.fullmatch(r"==[0-9][^*]*", str(pin.specifier)), f"{pin} is no exact version"
        assert pin.url is None, f"{pin} comes from an address"


def test_only_the_package_itself_is_an_option():
    options = [line for line in LOCK if line.startswith("-")]
    assert options == ["-e ."], "requirements.txt names an index, a folder or another option"
    assert LOCK[-1] == "-e .", "requirements.txt must end in the package itself"


def test_header_names_the_command_that_writes_it():
    header = "\n".join(itertools.takewhile(lambda line: line.startswith("#"), LOCK))
    assert PROJECT["tool"]["uv"]["pip"]["custom-compile-command"] in header


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_every_dependency_is_pinned_once_to_a_version_that_fits(environment):
    pins = pins_in(environment)
    twice = {name: versions for name, versions in pins.items() if len(versions) > 1}
    assert not twice, "more than one version for the same environment"
    for requirement in DIRECT:
        versions = pins.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} isn't in requirements.txt: compile it anew"
        assert requirement.specifier.contains(versions[0]), f"{requirement} and the pin {versions[0]} disagree"


def test_what_the_dependencies_need_is_pinned_too():
    pins = pins_in({})  # this environment's own
    todo = [(requirement.name, frozenset(requirement.extras)) for requirement in DIRECT]
    seen = set(todo)
    while todo:
        name, extras = todo.pop()
        try:
            needed = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # pinned, but not installed here: that the name is pinned was checked before it got here
        for requirement in map(Requirement, needed):
            wanted = requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in [*extras, ""]
            )
            key = (requirement.name, frozenset(requirement.extras))
            if wanted and key not in seen:
                assert canonicalize_name(requirement.name) in pins, f"{requirement}, needed by {name}, isn't pinned"
                seen.add(key)
                todo.append(key)


def test_each_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in DIRECT:
        line = re.search(rf'^ *"{requirement.name}\b.*$', text, re.MULTILINE)
        assert line is not None
        assert '",  # ' in line[0], f"{requirement} has no reason beside it"


def test_conda_takes_everything_from_requirements():
    dependencies = CONDA["dependencies"]
    assert {"pip": ["-r requirements.txt"]} in dependencies
    assert "pip" in dependencies
    assert CONDA["channels"] == ["conda-forge"]
    others = [item for item in dependencies if isinstance(item, str) and not re.match(r"(pip|python)\b", item)]
    assert others == [], "packages come from requirements.txt alone"


def test_python_versions_agree():
    python = next(item for item in CONDA["dependencies"] if isinstance(item, str) and item.startswith("python"))
    conda = SpecifierSet(python.removeprefix("python"))
    project = SpecifierSet(PROJECT["project"]["requires-python"])
    lowest = PROJECT["tool"]["uv"]["pip"]["python-version"]
    for minor in range(9, 16):
        assert conda.contains(f"3.{minor}.9") == project.contains(f"3.{minor}.9")
    assert project.contains(f"{lowest}.0")
    assert not project.contains("3.10.99")
    assert PROJECT["tool"]["mypy"]["python_version"] == lowest
    assert PROJECT["tool"]["ruff"]["target-version"] == "py" + lowest.replace(".", "")
