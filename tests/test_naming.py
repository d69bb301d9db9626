"""What the learner calls a thing, read off the instruction that stores it."""

import sys
from typing import Any

from course_utils.naming import assigned_name, creator, found_name, instance_name


def made(*_: object) -> str | None:
    return assigned_name(sys._getframe(1))


class Boxes:
    def __init__(self) -> None:
        self._lock = made()
        self.left, self.right = made(), made()
        self.many = [made() for _ in range(2)]
        self.pair = (made(), made())
        self.by_key = {"a": made(), "b": made()}
        self.first = self.second = made()
        self.__secret = made()


def test_attributes() -> None:
    boxes = Boxes()
    assert vars(boxes) == {
        "_lock": "_lock", "left": "left", "right": "right", "many": ["many", "many"], "pair": ("pair", "pair"),
        "by_key": {"a": "by_key", "b": "by_key"}, "first": "first", "second": "first",
        "_Boxes__secret": "_Boxes__secret",
    }  # fmt: skip


def test_variables() -> None:
    plain = made()
    one, two, three = made(), made(), made()
    several = [made() for _ in range(3)]
    nested = [[made()]]

    def inner() -> None:
        nonlocal one
        one = made()

    inner()
    assert (plain, one, two, three) == ("plain", "one", "two", "three")
    assert several == ["several"] * 3
    assert nested == [["nested"]]


at_top = made()
tops = [made() for _ in range(2)]


def test_globals() -> None:
    assert at_top == "at_top"
    assert tops == ["tops", "tops"]


def test_what_is_passed_on_has_no_name() -> None:
    printed = str(made())
    shown = made(made())
    assert (printed, shown) == ("None", "shown")
    assert assigned_name(None) is None


def factory() -> str | None:
    return made()


def test_what_a_factory_returns_is_named_by_its_caller_each_time() -> None:
    first = factory()
    second = factory()
    assert (first, second) == ("first", "second")


class Manager:
    def __init__(self, option: int = 0) -> None:
        self.name = assigned_name(sys._getframe(1))

    def __enter__(self) -> str | None:
        return self.name

    def __exit__(self, *error: object) -> None:
        """Go on."""


def test_with_as() -> None:
    with Manager(option=1) as pool, Manager() as another:
        assert (pool, another) == ("pool", "another")


class Base:
    def __init__(self) -> None:
        frame = creator(self, sys._getframe(1))
        self.name = assigned_name(frame)


class Derived(Base):
    def __init__(self) -> None:
        super().__init__()


def test_past_the_constructors_of_subclasses() -> None:
    inbox = Derived()
    plain = Base()
    assert (inbox.name, plain.name) == ("inbox", "plain")


def test_what_is_met_later_is_searched_for() -> None:
    wanted = object()
    assert found_name(wanted, sys._getframe()) == "wanted"
    unknown = found_name(object(), sys._getframe())
    assert unknown is None
    assert found_name(wanted, None) is None

    class Holder:
        def __init__(self, box: Any) -> None:
            self._box = box

        def look(self) -> str | None:
            return found_name(self._box, sys._getframe())

        def look_for_itself(self) -> str | None:
            return found_name(self, sys._getframe())

    assert Holder(wanted).look() == "_box"
    assert Holder(wanted).look_for_itself() is None


def test_many_calls_at_one_place_cost_one_look() -> None:
    names = []
    for _ in range(3):
        again = made()
        names.append(again)
    assert names == ["again"] * 3


class Named:
    """Asks for its name as soon as it is made, from as deep within as one may be."""

    def __init__(self) -> None:
        self.first = self.ask()

    def ask(self) -> str | None:
        return self.ask_deeper()

    def ask_deeper(self) -> str | None:
        return instance_name(self, sys._getframe())


class MoreNamed(Named):
    def __init__(self) -> None:
        super().__init__()


def test_an_instance_that_is_being_made_is_named_after_what_it_is_stored_to() -> None:
    for kind in (Named, MoreNamed):
        database = kind()
        assert database.first == "database"
        several = [kind() for _ in range(2)]
        assert [each.first for each in several] == ["several", "several"]
        unnamed = (lambda made: made)(kind()).first
        assert unnamed is None


def test_an_instance_met_later_is_named_as_the_code_at_work_knows_it() -> None:
    database = Named()
    found = database.ask()
    assert found == "database"
    found = [Named()][0].ask()
    assert found is None
    found = instance_name(database, None)
    assert found is None
