"""A stepper over walks made by hand: driven by clicking and setting values, without a browser."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import pytest

from course_utils.codeview import AROUND, LONGEST, code_html, length, listings
from course_utils.moments import Choice, Moment, Position, Walk, columns, lanes_of, rows
from course_utils.palette import THEMES, THREADS
from course_utils.shorten import shorten
from course_utils.stepper import StepThrough
from course_utils.steptable import BESIDE, FEWEST, MOST, SMALL, WINDOW, rows_for, steps_html, still_html, still_text
from tests.test_gantt import contrast
from tests.walks import FakeDatabase, Updates

LOST = ("T0", "T1", "T0", "T1")


def stepper_of(threads=2, keys: Sequence[str] = (), **options: Any) -> StepThrough:
    return StepThrough(Updates(threads, **options), keys)


def button(stepper: StepThrough, text: str) -> Any:
    """Find a button by how its text begins."""
    every: list[Any] = [stepper._first, stepper._back, stepper._forward, *stepper._lanes.values()]
    (found,) = [each for each in every if each.description.startswith(text)]
    return found


def said(stepper: StepThrough) -> str:
    return re.sub("<.*?>", "", stepper._said.value)


class Table(HTMLParser):
    """The rows of a table as texts; tags that aren't closed, or not in order, are an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.caption = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "caption" in self._open:
            self.caption += data
        elif "td" in self._open or "th" in self._open:
            self.rows[-1][-1] += data.replace("\N{NO-BREAK SPACE}", " ")


def table(stepper: StepThrough) -> list[list[str]]:
    return Table(stepper._table.value).rows


# Forward, back and another way.


def test_the_lost_update_step_by_step():
    stepper = stepper_of(keys=LOST)
    assert said(stepper) == "before the first of 4 steps, in one of the 4 interleavings (of 6) that return 1"
    button(stepper, "forward").click()
    button(stepper, "forward").click()
    assert said(stepper) == "after step 2 of 4, in one of the 4 interleavings (of 6) that return 1"
    assert table(stepper) == [
        ["step", "T0", "T1", "T0 local_copy", "T1 local_copy", "database.value"],
        ["0", "before the first step", "", "", "0"],
        ["1", "read value", "", "→ 1", "", "0"],
        ["▶ 2", "", "read value", "1", "→ 1", "0"],
        ["3", "write value", "", "", "1", "→ 1"],
        ["4", "", "write value", "", "", "1"],
    ]
    button(stepper, "◀ back").click()
    assert stepper.at == 1
    button(stepper, "|◀").click()
    assert stepper.at == 0
    assert stepper.moment.watched == {"database.value": "0"}


def test_at_either_end_it_stays():
    stepper = stepper_of()
    button(stepper, "◀ back").click()
    assert stepper.at == 0
    for _ in range(9):
        button(stepper, "forward").click()
    assert stepper.at == 4
    assert "course-cannot" in button(stepper, "forward")._dom_classes
    assert "course-cannot" not in button(stepper, "◀ back")._dom_classes


def test_no_button_is_disabled_or_hidden():
    # The keyboard's focus would be lost.
    stepper = stepper_of()
    for at in range(5):
        stepper.go(at)
        for each in (stepper._first, stepper._back, stepper._forward, *stepper._lanes.values()):
            assert (each.disabled, each.layout.display) == (False, None)


def test_the_slider_goes_back_and_on():
    stepper = stepper_of()
    assert (stepper._slider.min, stepper._slider.max) == (0, 4)
    stepper._slider.value = 3
    assert stepper.at == 3
    stepper.back()
    assert stepper._slider.value == 2


def test_who_runs_next_branches():
    stepper = stepper_of()
    walker: Any = stepper._walker
    assert stepper.walk.keys == ("T0", "T0", "T1", "T1")
    stepper.forward()
    assert [each.description for each in stepper._lanes.values()] == ["T0: write value", "T1: read value"]
    button(stepper, "T1").click()
    assert walker.asked == [(), ("T0", "T1")]
    assert (stepper.at, stepper.walk.keys) == (2, ("T0", "T1", "T0", "T1"))
    assert said(stepper) == "after step 2 of 4, in one of the 4 interleavings (of 6) that return 1"
    button(stepper, "T1").click()
    assert stepper.walk.keys == ("T0", "T1", "T1", "T0")
    assert stepper._lanes["T1", 0].description == "T1: has ended"
    button(stepper, "T1").click()  # does nothing
    assert (stepper.at, stepper._error.value) == (3, "")


def test_choosing_what_comes_anyway_runs_nothing():
    stepper = stepper_of(keys=LOST)
    walker: Any = stepper._walker
    assert button(stepper, "T0").tooltip == "as forward does"
    assert button(stepper, "T1").tooltip == "another way on"
    for key in LOST:
        stepper.choose(key)
    assert (stepper.at, walker.asked) == (4, [LOST])


def test_a_step_that_nobody_can_make():
    stepper = stepper_of(keys=LOST)
    with pytest.raises(ValueError, match="'T7' can't make a step here: 'T0', 'T1' can"):
        stepper.choose("T7")
    stepper.go(99)
    with pytest.raises(ValueError, match="'T0' can't make a step here: nobody can"):
        stepper.choose("T0")


def test_what_goes_wrong_is_said_and_nothing_moves():
    stepper = stepper_of(keys=LOST)
    walker: Any = stepper._walker

    def fail(keys: Sequence[str]) -> Walk:
        raise RuntimeError("a file was <read>")

    walker.walk = fail
    button(stepper, "T1").click()
    assert "not run: RuntimeError: a file was &lt;read&gt;" in stepper._error.value
    assert (stepper.at, stepper.walk.keys) == (0, LOST)
    stepper.forward()
    assert stepper._error.value == ""


def test_another_course_in_the_same_order_is_noticed():
    stepper = stepper_of(keys=LOST)
    walker: Any = stepper._walker
    stepper.forward()
    walker.walk = lambda keys: Updates(2).walk(["T1", "T0"])
    with pytest.raises(RuntimeError, match="the scenario did something else"):
        stepper.choose("T0")
    assert (stepper.at, stepper.walk.keys) == (1, LOST)


def test_columns_stay_where_they_are_when_another_way_is_taken():
    both = Choice("T0", "T0", "go"), Choice("T1", "T1", "go")
    start = Moment(None, *seen({"T0": {}, "T1": {}}), {}, both)

    class Either:
        title = "either"

        def walk(self, keys: Sequence[str]) -> Walk:
            lane = [*keys, "T0"][0]
            end = Moment(Choice(lane, lane, "go"), *seen({lane: {f"of_{lane}": "1"}}), {}, ())
            return Walk((start, end), ("T0", "T1"), "")

    stepper = StepThrough(Either(), ["T1"])
    assert table(stepper)[0] == ["step", "T0", "T1", "T1 of_T1"]
    stepper.choose("T0")
    assert table(stepper)[0] == ["step", "T0", "T1", "T0 of_T0", "T1 of_T1"]


def test_a_thread_with_several_ways_has_a_button_for_each():
    ways = (Choice("T0 (gives up)", "T0", "acquire, gives up"), Choice("T0", "T0", "acquire"), Choice("T1", "T1", "go"))

    class Ways:
        title = "ways"

        def walk(self, keys: Sequence[str]) -> Walk:
            key = [*keys, "T0"][0]
            made = next(choice for choice in ways if choice.key == key)
            return Walk((Moment(None, {}, {}, {}, ways), Moment(made, {}, {}, {}, ())), ("T0", "T1"), "")

    stepper = StepThrough(Ways())
    texts = ["T0: acquire, gives up", "T1: go", "T0: acquire"]
    assert [each.description for each in stepper._lanes.values()] == texts
    stepper._lanes["T0", 1].click()
    assert stepper.walk.keys == ("T0",)
    # It stays where it is, and keeps the keyboard.
    assert stepper._lanes["T0", 1].description == "T0: no other way"
    assert stepper._lanes["T0", 1].layout.display is None


# Values.


def seen(variables: dict[str, dict[str, str]], function: str = "f") -> tuple[dict[str, Position], dict[str, Any]]:
    return {lane: Position("a.py", 1, function, 1) for lane in variables}, variables


def course(*moments: tuple[dict[str, dict[str, str]], str]) -> Walk:
    """Walk T0 through these variables, in these functions."""
    step = Choice("T0", "T0", "go")
    made = [
        Moment(step if number else None, *seen(variables, function), {}, (step,) if number + 1 < len(moments) else ())
        for number, (variables, function) in enumerate(moments)
    ]
    return Walk(tuple(made), ("main", "T0"), "")


def test_parameters_that_never_change_have_no_column():
    walk = course(({"T0": {"self": "x", "n": "1"}}, "f"), ({"T0": {"self": "x", "n": "2", "new": "0"}}, "f"))
    assert columns(walk) == [("T0", "n"), ("T0", "new")]


def test_variables_of_another_function_have_none_for_being_new():
    walk = course(({"T0": {"a": "1"}}, "f"), ({"T0": {"b": "1"}}, "g"), ({"T0": {"b": "2"}}, "g"), ({}, "g"))
    assert columns(walk) == [("T0", "b")]


def test_a_variable_changes_its_type_and_vanishes():
    walk = course(({"T0": {"x": "1"}}, "f"), ({"T0": {"x": "'1'"}}, "f"), ({"T0": {}}, "f"), ({"T0": {"x": "1"}}, "f"))
    found = [row.locals["T0", "x"] for row in rows(walk, columns(walk))]
    assert found == [("1", False), ("'1'", True), (None, False), ("1", True)]
    assert "→&nbsp;&#x27;1&#x27;" in steps_html(walk, 0, columns(walk), {"T0": "#000000"})


def test_html_in_values_and_names_is_shown_as_it_is():
    stepper = stepper_of(shown=lambda value: f"<b>{value}</b>")
    walker: Any = stepper._walker
    walker.title = "interleavings(<lambda>).step()"
    for html in (stepper._table.value, stepper._repr_mimebundle_()["text/html"]):
        assert "<b>0" not in html
        assert any("<b>0</b>" in cell for row in Table(html).rows for cell in row)
    assert Table(stepper._repr_mimebundle_()["text/html"]).caption.startswith("interleavings(<lambda>).step(): 4 steps")
    assert "&lt;lambda&gt;" in StepThrough(walker).box.children[0].value


def test_a_repr_that_raises():
    class Bad:
        def __repr__(self) -> str:
            raise ValueError

    stepper = stepper_of(shown=lambda value: shorten(Bad()))
    assert table(stepper)[1][-1] == "<Bad: its repr raised ValueError>"


# Many.


@pytest.mark.parametrize("threads", [1, 2, 5, 16])
def test_any_number_of_threads(threads):
    stepper = stepper_of(threads)
    assert len(stepper._lanes) == threads
    for _ in range(2 * threads):
        stepper.forward()
        cells = table(stepper)
        who = threads if threads <= BESIDE else 1
        # A cell that spans all threads, and gaps that span all columns, are fewer.
        assert {len(row) for row in cells[1:]} <= {1, 2 + threads + 1, 1 + who + threads + 1}
        assert sum("▶" in row[0] for row in cells) == 1
    assert stepper.moment.watched == {"database.value": str(threads)}


def test_long_interleavings_show_the_rows_around():
    stepper = stepper_of(16)
    heights = set()
    for at in range(33):
        stepper.go(at)
        cells = table(stepper)
        heights.add(len(cells))
        (now,) = [number for number, row in enumerate(cells) if row[0] == f"▶ {at}"]
        assert 1 <= now <= WINDOW + 2
    assert heights == {1 + WINDOW + 2}  # nothing below the table jumps
    assert cells[1] == [f"⋮ {33 - WINDOW - 1} more before"]
    assert cells[-1][0] == "▶ 32"


@pytest.mark.parametrize(("threads", "longest"), [(2, 0), (2, 9), (3, 0), (3, 40), (16, 0)])
def test_sizes_are_set_once(threads: int, longest: int):
    stepper = StepThrough(Updates(threads), (), longest)

    def sizes() -> list[tuple[Any, ...]]:
        buttons = [each.layout for each in stepper._lanes.values()]
        panes = [stepper._listing.layout, stepper._table.layout]
        return [(each.width, each.height, each.flex, each.display) for each in (*buttons, *panes)]

    before = sizes()
    assert stepper._rows == rows_for(2 * threads, longest)
    for key in ("T1", "T0", "T1"):
        stepper.choose(key)
        assert sizes() == before


@pytest.mark.parametrize(
    ("steps", "longest", "room"),
    [(1, 1, FEWEST), (4, 4, 5), (2, 4, 5), (2, 16, SMALL), (16, 2, WINDOW + 2), (10, 64, 11), (64, 64, WINDOW + 2)],
)
def test_room_is_kept_for_longer_ones(steps: int, longest: int, room: int):
    assert rows_for(steps, longest) == room


def test_an_interleaving_longer_than_all_known_keeps_to_its_room():
    stepper = stepper_of(2)
    stepper._walker = Updates(16)
    stepper.walk = stepper._walker.walk(())
    stepper._take_in()
    for at in range(33):
        stepper.go(at)
        cells = table(stepper)
        assert len(cells) == 1 + FEWEST
        assert sum(row[0] == f"▶ {at}" for row in cells) == 1


def test_of_more_code_than_there_is_room_for_what_is_around_the_threads_is_shown():
    walk = Updates(2).walk(("T0",))
    code = listings(walk, lanes_of(walk))
    assert length(code) == 4
    cells = Table(code_html(code, walk.moments[1], {"T0": "#2f6cb3"}, 3)).rows[1:]
    first = code[0].first
    assert [row[1] for row in cells] == [str(first), "⋮", str(first + 2), str(first + 3)]
    assert Table(code_html(code, walk.moments[-1], {"T0": "#2f6cb3"}, 3)).rows[1][1] == str(first)


def test_what_all_call_by_one_name_has_one_column():
    step = Choice("T0", "T0", "write balances")
    own = ({"balances": "1", "copy": "1"}, {"balances": "2", "copy": "2"})
    shared = ({"balances": "1"}, {"balances": "2"})
    moments = [
        Moment(made, seen({"T0": mine})[0], {"T0": mine}, watched, ())
        for made, mine, watched in zip((None, step), own, shared, strict=True)
    ]
    assert columns(Walk(tuple(moments), ("T0",), "")) == [("T0", "copy")]


def test_with_many_threads_what_they_share_comes_first():
    heads = table(stepper_of(BESIDE + 1))[0]
    assert heads[:4] == ["step", "thread: step", "database.value", "T0 local_copy"]


# Code.


def body(stepper: StepThrough) -> list[list[str]]:
    return Table(stepper._listing.value).rows[1:]


def test_code_with_a_marker_for_each_thread():
    stepper = stepper_of(keys=LOST)
    first = FakeDatabase.update.__code__.co_firstlineno
    assert body(stepper) == [
        ["", str(first), "def update(self, index, pause):"],
        ["T0 ▶T1 ▶", str(first + 1), "    local_copy = self.value"],
        ["", str(first + 2), "    local_copy += 1"],
        ["", str(first + 3), "    self.value = local_copy"],
    ]
    stepper.forward()
    assert [row[0] for row in body(stepper)] == ["", "T1 ▶", "", "T0 ▶"]
    stepper.go(4)
    assert [row[0] for row in body(stepper)] == ["", "", "", ""]


def test_many_threads_at_a_line_are_counted():
    stepper = stepper_of(16)
    assert body(stepper)[1][0] == "T0 ▶T1 ▶+14 ▶"
    assert 'title="T2, T3' in stepper._listing.value


def long_function(n):
    n += 1
    n += 2
    n += 3
    n += 4
    n += 5
    n += 6
    n += 7
    n += 8
    n += 9
    n += 10
    n += 11
    n += 12
    n += 13
    n += 14
    n += 15
    n += 16
    return n


def at_lines(function: Any, *lines: int) -> Walk:
    code = function.__code__
    first = code.co_firstlineno
    step = Choice("T0", "T0", "go")
    moments = [
        Moment(
            step if number else None,
            {"T0": Position(code.co_filename, first + line, code.co_qualname, first)},
            {},
            {},
            (step,),
        )
        for number, line in enumerate(lines)
    ]
    return Walk(tuple(moments), ("T0",), "")


def test_of_a_long_function_what_is_around():
    walk = at_lines(long_function, 3, 12)
    (code,) = listings(walk, ["T0"])
    first = code.first
    assert len(code.lines) < LONGEST
    numbers = [line[0] - first if line else None for line in code.lines]
    assert numbers == [0, *range(3 - AROUND, 4 + AROUND), None, *range(12 - AROUND, 13 + AROUND), None]
    assert code_html([code], walk.moments[1], {"T0": "#000000"}).count("⋮") == 2


def test_several_functions_in_order_of_first_sight():
    later, sooner = at_lines(FakeDatabase.update, 1, 2), at_lines(long_function, 1, 2)
    walk = Walk((*sooner.moments, *later.moments), ("T0",), "")
    assert [code.name for code in listings(walk, ["T0"])] == ["long_function", "FakeDatabase.update"]


def test_a_source_that_is_not_at_hand():
    step = Choice("T0", "T0", "go")
    walk = Walk((Moment(None, {"T0": Position("<gone>", 7, "f", 3)}, {}, {}, (step,)),), ("T0",), "")
    (code,) = listings(walk, ["T0"])
    assert code.lines == ((7, "… its source isn't at hand"),)


def test_a_lambda_and_a_module():
    numbers = lambda: (  # noqa: E731 - it is what is tested
        1,
        2,
    )
    (code,) = listings(at_lines(numbers, 2), ["T0"])
    assert [line[1] for line in code.lines if line][-1].strip() in ("2,", ")")
    first = FakeDatabase.update.__code__
    at = Position(first.co_filename, 12, "<module>", 1)
    walk = Walk((Moment(None, {"T0": at}, {}, {}, ()),), ("T0",), "")
    (code,) = listings(walk, ["T0"])
    assert code.lines[0] == (1, '"""')
    assert 12 in [line[0] for line in code.lines if line]


# Without a kernel.


def test_the_bundle_is_the_same_every_time():
    one, other = (stepper_of(keys=LOST)._repr_mimebundle_() for _ in range(2))
    widget = "application/vnd.jupyter.widget-view+json"
    assert set(one) == {widget, "text/html", "text/plain"}
    assert one["text/html"] == other["text/html"]
    assert one["text/plain"] == other["text/plain"]
    assert one[widget]["model_id"] != other[widget]["model_id"]


def test_the_still_table():
    html = stepper_of(keys=LOST)._repr_mimebundle_()["text/html"]
    still = Table(html)
    assert still.caption == (
        "interleavings(lost_update).step(): 4 steps, in one of the 4 interleavings (of 6) that return 1; "
        "“→” marks what a step changed"
    )
    assert still.rows[2] == ["1", "read value", "", "→ 1", "", "0"]
    assert html.count('scope="row"') == 5
    assert html.count('scope="col"') == 6
    assert "<style" not in html  # a notebook that isn't trusted would show it


def test_the_still_text():
    assert repr(stepper_of(keys=LOST)) == (
        "interleavings(lost_update).step(): 4 steps, in one of the 4 interleavings (of 6) that return 1\n"
        "  step                         T0 local_copy  T1 local_copy  database.value\n"
        "  0     before the first step                                0\n"
        "  1     T0: read value         → 1                           0\n"
        "  2     T1: read value         1              → 1            0\n"
        "  3     T0: write value                       1              → 1\n"
        "  4     T1: write value                                      1"
    )


def test_a_very_long_still_table_says_what_is_left_out():
    walk = Updates(40).walk(())
    html = still_html("t", walk, [])
    assert len(Table(html).rows) == 1 + MOST
    assert f"steps after {MOST - 1} aren't shown" in html
    assert f"steps after {MOST - 1} aren't shown" in still_text("t", walk, [])


def test_no_steps_at_all():
    class Alone:
        title = "interleavings(alone).step()"

        def walk(self, keys: Sequence[str]) -> Walk:
            return Walk((Moment(None, {}, {}, {}, ()),), ("main",), "the only interleaving, which returns 1")

    stepper = StepThrough(Alone())
    stepper.forward()
    assert said(stepper) == "no steps, the only interleaving, which returns 1"
    assert "0 steps, the only interleaving" in repr(stepper)


def test_the_opener_has_a_column_only_if_it_makes_steps():
    walk = Updates(2).walk(())
    assert lanes_of(walk) == ["T0", "T1"]
    choice = Choice("main", "main", "read value")
    assert lanes_of(walk._replace(moments=(*walk.moments, Moment(choice, {}, {}, {}, ())))) == ["main", "T0", "T1"]


def test_buttons_can_be_read():
    assert len(set(THREADS)) == len(THREADS)
    for colour in THREADS:
        assert contrast("#ffffff", colour) >= 4.5
        assert contrast(THEMES["dark"]["card"], colour) > 1.8  # and are seen as buttons on a dark page
