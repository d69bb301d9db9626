"""Recordings in files: whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from course_utils import export
from course_utils.recording import Recording
from tests.examples import handover, strange_names


def test_a_picture_is_written(tmp_path: Path):
    path = tmp_path / "chart.png"
    assert handover().save(path) == path
    assert path.read_bytes().startswith(b"\x89PNG")
    assert os.listdir(tmp_path) == ["chart.png"]


def test_a_path_may_be_a_string_and_a_suffix_in_capitals(tmp_path: Path):
    handover().save(str(tmp_path / "chart.PNG"))
    assert (tmp_path / "chart.PNG").exists()


@pytest.mark.parametrize("recording", [handover(), strange_names()], ids=["handover", "names"])
def test_an_svg_is_well_formed_and_needs_no_font(tmp_path: Path, recording: Recording):
    path = recording.save(tmp_path / "chart.svg")
    root = ET.parse(path).getroot()
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "path" in names
    assert not names & {"text", "image", "script"}
    assert "width" in root.attrib


def test_an_svg_is_the_same_each_time(tmp_path: Path):
    one, two = handover().save(tmp_path / "1.svg"), handover().save(tmp_path / "2.svg")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["chart.gif", "chart", "chart.json5"])
def test_an_unknown_suffix_is_named_with_those_there_are(tmp_path: Path, name: str):
    suffix = re.escape(Path(name).suffix or "no suffix")
    with pytest.raises(ValueError, match=rf"{name}.*{suffix}.*is not a format; use \.png, \.svg or \.json$"):
        handover().save(tmp_path / name)
    assert not os.listdir(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path):
    path = tmp_path / "missing" / "chart.png"
    with pytest.raises(FileNotFoundError, match="make the folder") as caught:
        handover().save(path)
    assert caught.value.filename == str(path)
    assert str(path) in str(caught.value)


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path):
    (tmp_path / "chart.png").mkdir()
    with pytest.raises(OSError, match="that is a folder: add a file name"):
        handover().save(tmp_path / "chart.png")
    assert os.listdir(tmp_path) == ["chart.png"]


def test_a_folder_that_can_not_be_written_to_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(PermissionError, match="leave to write in") as caught:
        export.write(tmp_path / "chart.png", b"data")
    monkeypatch.undo()
    assert caught.value.filename == str(tmp_path / "chart.png")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("where", ["os.fsync", "os.replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, error: BaseException
):
    path = tmp_path / "chart.png"
    path.write_bytes(b"old")

    def fail(*args: object) -> None:
        raise error

    monkeypatch.setattr(where, fail)
    with pytest.raises(type(error)):
        export.write(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["chart.png"]


def test_drawing_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "chart.svg"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="still open"):
        Recording("open").save(path)
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor, without rights, links")
def test_a_file_can_be_read_by_others_and_a_link_is_followed(tmp_path: Path):
    ordinary = tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    target.write_bytes(b"")
    link.symlink_to(target)
    handover().save(link)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"\x89PNG")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
