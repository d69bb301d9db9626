"""Watched attributes: what is read and written, and the class as it was before."""

from __future__ import annotations

import _thread
import copy
import pickle
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from functools import cached_property, partial
from queue import Queue
from typing import Any, NamedTuple

import pytest

from course_utils import mark, record, run
from course_utils.events import DELETED, READ, WRITE
from course_utils.recording import Recording
from course_utils.session import open_driver
from tests.waiting import until

Access = tuple[str, str, str | None, str]


def accesses(recording: Recording) -> list[Access]:
    """Lane, kind, place and value of every read and write, in order."""
    return [
        (event.lane, event.kind, event.object, event.value) for event in recording.events if event.kind in (READ, WRITE)
    ]


def plainly(recording: Recording) -> list[str]:
    """As `accesses`, but on one lane: "write account.balance 0"."""
    return [f"{kind} {place} {value}" for _, kind, place, value in accesses(recording)]


@contextmanager
def unchanged(*owners: type) -> Iterator[None]:
    """Make sure that classes have the same names afterwards, in the same order, for the same objects."""
    before = [list(vars(owner).items()) for owner in owners]
    yield
    for owner, items in zip(owners, before, strict=True):
        now = list(vars(owner).items())
        assert [name for name, _ in now] == [name for name, _ in items]
        assert all(new is old for (_, new), (_, old) in zip(now, items, strict=True))


class Plain:
    def __init__(self, value: Any = 0) -> None:
        self.value = value


class Slotted:
    __slots__ = ("other", "value")
    other: Any

    def __init__(self, value: Any = 0) -> None:
        self.value = value


@dataclass
class Data:
    value: Any = 0
    other: list[int] = field(default_factory=list)


@dataclass(slots=True)
class SlottedData:
    value: Any = 0


class Default:
    value: Any = 0


class Inherits(Plain):
    pass


class SlotUnderDict(Slotted):
    """Has a `__dict__`, but keeps the value in its base's slot."""


KINDS = (Plain, Slotted, Data, SlottedData, Inherits, SlotUnderDict)


@pytest.mark.parametrize("kind", KINDS)
def test_reads_and_writes_are_seen_and_the_class_is_as_before(kind: type[Any]) -> None:
    with unchanged(*KINDS):
        with record(watch={kind: "value"}) as recording:
            box = kind()
            assert box.value == 0
            box.value += 2
            del box.value
        assert plainly(recording) == [
            "write box.value 0", "read box.value 0", "read box.value 0", "write box.value 2",
            f"write box.value {DELETED}",
        ]  # fmt: skip
    box.value = 5
    assert box.value == 5
    assert recording.lost_updates == ()


def test_a_default_of_the_class_is_read_until_an_instance_has_its_own() -> None:
    with unchanged(Default):
        with record(watch={Default: "value"}) as recording:
            box = Default()
            box.value += 1
            assert Default.value == 0
            del box.value
            assert box.value == 0
        assert plainly(recording) == [
            "read box.value 0", "write box.value 1", f"write box.value {DELETED}", "read box.value 0",
        ]  # fmt: skip


def test_a_dataclass_keeps_its_defaults_meanwhile() -> None:
    with record(watch={Data: ("value", "other")}) as recording:
        assert Data.value == 0
        box = Data()
        assert [each.name for each in fields(Data)] == ["value", "other"]
        assert replace(box, value=3) == Data(3, [])

        @dataclass
        class More(Data):
            third: int = 1

        assert More() == More(0, [], 1)
    assert plainly(recording)[:2] == ["write box.value 0", "write box.other []"]


def test_a_frozen_dataclass_stays_frozen() -> None:
    @dataclass(frozen=True)
    class Frozen:
        value: int

    with unchanged(Frozen):
        with record(watch={Frozen: "value"}) as recording:
            box = Frozen(7)
            with pytest.raises(FrozenInstanceError):
                box.value = 8  # type: ignore[misc]  # that it can't be is the point
            assert box.value == 7
        assert plainly(recording) == ["write box.value 7", "read box.value 7"]


def test_subclasses_with_slots_and_defaults_of_their_own() -> None:
    class Base:
        value = 1

    class OwnDefault(Base):
        value = 2

    class OwnSlot(Plain):
        __slots__ = ("value",)

        def __init__(self) -> None:
            super().__init__(3)

    with unchanged(Base, OwnDefault, OwnSlot, Plain):
        with record(watch={Base: "value", Plain: "value"}) as recording:
            first, second, third = Base(), OwnDefault(), OwnSlot()
            assert (first.value, second.value, third.value) == (1, 2, 3)
            assert super(OwnDefault, second).value == 1
            second.value = 4
        assert plainly(recording) == [
            "write third.value 3", "read first.value 1", "read second.value 2", "read third.value 3",
            "read second.value 1", "write second.value 4",
        ]  # fmt: skip


def test_a_mixed_in_default_before_the_watched_class() -> None:
    class Mixin:
        value = 9

    class Both(Mixin, Plain):
        def __init__(self) -> None:
            pass

    class After(Plain, Mixin):
        def __init__(self) -> None:
            pass

    with unchanged(Mixin, Both, After, Plain):
        with record(watch={Plain: "value"}) as recording:
            both, after = Both(), After()
            assert (both.value, after.value) == (9, 9)
            both.value = after.value = 1
        assert plainly(recording) == [
            "read both.value 9", "read after.value 9", "write both.value 1", "write after.value 1",
        ]  # fmt: skip


def test_a_subclass_that_makes_a_property_of_it_keeps_it() -> None:
    class Worked(Plain):
        @property
        def value(self) -> Any:
            return self._value

        @value.setter
        def value(self, new: Any) -> None:
            self._value = new

    with unchanged(Worked, Plain):
        with record(watch={Plain: "value"}) as recording:
            worked, plain = Worked(5), Plain(6)
            assert (worked.value, plain.value) == (5, 6)
        assert plainly(recording) == ["write plain.value 6", "read plain.value 6"]


def test_base_and_subclass_both_watched() -> None:
    with unchanged(Plain, Inherits):
        with record(watch={Inherits: "value", Plain: ["value", "value"]}) as recording:
            one, two = Plain(1), Inherits(2)
            assert one.value + two.value == 3
        assert plainly(recording) == [
            "write one.value 1", "write two.value 2", "read one.value 1", "read two.value 2",
        ]  # fmt: skip


def test_a_subclass_alone_leaves_its_base_alone() -> None:
    with unchanged(Plain, Inherits):
        with record(watch={Inherits: "value"}) as recording:
            one, two = Plain(1), Inherits(2)
            one.value = two.value
        assert plainly(recording) == ["write two.value 2", "read two.value 2"]


def test_a_private_attribute_is_found_by_the_name_it_has_in_the_class() -> None:
    class _Safe:
        def __init__(self) -> None:
            self.__value = 1

        def look(self) -> int:
            return self.__value

    with record(watch={_Safe: "__value"}) as recording:
        safe = _Safe()
        assert safe.look() == 1
    assert plainly(recording) == ["write safe.__value 1", "read safe.__value 1"]


def test_several_classes_and_instances() -> None:
    with record(watch={Plain: "value", Slotted: ("value", "other")}) as recording:
        boxes = [Plain(1), Plain(2)]
        slotted = Slotted(3)
        slotted.other = boxes[1].value

        def make() -> Plain:
            return Plain(4)

        made = make()
        print(Plain(made.value))
    assert plainly(recording) == [
        "write boxes.value 1", "write boxes #2.value 2", "write slotted.value 3", "read boxes #2.value 2",
        "write slotted.other 2", "write made.value 4", "read made.value 4", "write Plain.value 4",
    ]  # fmt: skip


shared = Plain(10)


class Owner:
    def __init__(self, box: Plain) -> None:
        self.inner_box = box

    def look(self) -> Any:
        return self.inner_box.value


def test_an_instance_made_before_is_named_as_the_code_at_work_knows_it() -> None:
    local, hidden, owner = Plain(1), [Plain(2)], Owner(Plain(3))

    class Known(Plain):
        def look(self) -> Any:
            return self.value

    known = Known(4)
    with record(watch={Plain: "value"}) as recording:
        assert local.value == 1
        assert hidden[0].value == 2
        assert owner.look() == 3
        assert shared.value == 10
        assert known.look() == 4
        hidden.append(known)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(Known(5).look)
    assert [place for _, _, place, _ in accesses(recording)] == [
        "local.value", "Plain.value", "inner_box.value", "shared.value", "known.value", "Known.value", "Known.value",
    ]  # fmt: skip


def test_what_is_not_there_is_missing_as_ever() -> None:
    def messages() -> list[str]:
        found = []
        for box in (Plain.__new__(Plain), Slotted.__new__(Slotted)):
            with pytest.raises(AttributeError) as caught:
                _ = box.value
            found.append(str(caught.value))
            assert caught.value.name == "value"
            assert caught.value.obj is box
            assert caught.value.__context__ is None
            assert getattr(box, "value", "default") == "default"
            with pytest.raises(AttributeError):
                del box.value
        with pytest.raises(AttributeError) as caught:
            _ = Plain.value  # type: ignore[misc]  # that there is none is the point
        return [*found, str(caught.value)]

    expected = messages()
    with record(watch={Plain: "value", Slotted: "value"}) as recording:
        assert messages() == expected
        assert not hasattr(Plain, "value")
    assert accesses(recording) == []


def test_getattr_and_setattr_of_the_class_go_on_working() -> None:
    class Careful:
        def __init__(self) -> None:
            self.log: list[str] = []
            self.value = 1

        def __getattr__(self, name: str) -> str:
            return f"no {name}"

        def __setattr__(self, name: str, value: Any) -> None:
            if name != "log":
                self.log.append(name)
            super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            self.log.append(f"-{name}")
            super().__delattr__(name)

    class Asked(Plain):
        def __getattribute__(self, name: str) -> Any:
            return super().__getattribute__(name)

    with unchanged(Careful, Asked):
        with record(watch={Careful: "value", Asked: "value"}) as recording:
            careful = Careful()
            del careful.value
            assert [careful.value, careful.other] == ["no value", "no other"]
            assert careful.log == ["value", "-value"]
            asked = Asked(3)
            assert asked.value == 3
        assert plainly(recording) == [
            "write careful.value 1", f"write careful.value {DELETED}", "write asked.value 3", "read asked.value 3",
        ]  # fmt: skip


def test_values_stay_where_they_were_during_and_after() -> None:
    with record(watch={Plain: "value", Slotted: "value"}):
        plain, slotted = Plain([1]), Slotted([2])
        assert vars(plain) == {"value": [1]}
        pickled = pickle.dumps((plain, slotted))
        again, other = pickle.loads(pickled)
        assert (again.value, other.value) == ([1], [2])
        assert copy.copy(plain).value is plain.value
        assert copy.deepcopy(slotted).value == [2]
    assert vars(plain) == {"value": [1]}
    assert slotted.value == [2]
    assert pickle.loads(pickled)[0].value == [1]
    assert copy.deepcopy(plain).value == [1]


def test_a_repr_that_reads_is_not_the_programs_doing() -> None:
    class Shown(Plain):
        def __repr__(self) -> str:
            return f"<{self.value}>"

    with record(watch={Shown: "value", Plain: "value"}) as recording:
        inbox: Queue[Any] = Queue()
        inner = Shown(1)
        outer = Plain(inner)
        inbox.put(inner)
        inbox.get()
        mark(inner)  # type: ignore[arg-type]  # anything else is put into words
        assert outer.value is inner
    assert plainly(recording) == ["write inner.value 1", "write outer.value <1>", "read outer.value <1>"]


def test_long_and_failing_values_are_put_into_few_words() -> None:
    class Fails:
        def __repr__(self) -> str:
            raise RuntimeError

    with record(watch={Plain: "value"}) as recording:
        box = Plain("x" * 1000)
        box.value = Fails()
        box.value = 10**400
        box.value = True
        box.value = None
    values = [value for *_, value in accesses(recording)]
    assert all(len(value) <= 40 for value in values)
    assert values[1:] == ["<Fails: its repr raised RuntimeError>", "<int of 1329 bits>", "True", "None"]


def test_the_value_replaced_ends_outside_of_the_lock() -> None:
    """Its `__del__` may wait for a thread that accesses a watched attribute itself."""
    box = Plain()

    class Last:
        def __del__(self) -> None:
            other = threading.Thread(target=lambda: setattr(box, "seen", box.value), name="T0")
            other.start()
            other.join()

    with record(watch={Plain: "value"}, timeout=5):
        for kind in (Plain, Inherits):
            held = kind(Last())
            held.value = 1
            box.value = Last()
            box.value = 2
            box.value = Last()
            del box.value
            box.value = 3


def test_instances_are_let_go_of() -> None:
    with record(watch={Plain: "value", Slotted: "value"}) as recording:
        for kind in (Plain, Slotted):
            for _ in range(3):  # a new one at the same address is another one
                box = kind()
                reference = weakref.ref(box) if isinstance(box, Plain) else None
                del box
                assert reference is None or reference() is None
    assert len({place for _, _, place, _ in accesses(recording)}) == 6


def test_threads_that_are_not_recorded_are_not_seen() -> None:
    box, done = Plain(), threading.Lock()
    done.acquire()

    def work() -> None:
        box.value += 1
        del box.value
        box.value = 5
        done.release()

    with record(watch={Plain: "value"}) as recording:
        _thread.start_new_thread(work, ())
        assert done.acquire(timeout=5)
    assert accesses(recording) == []
    assert box.value == 5


class FakeDatabase:
    def __init__(self) -> None:
        self.value = 0

    def update(self, pause: Callable[[], object]) -> None:
        local_copy = self.value
        local_copy += 1
        pause()
        self.value = local_copy


def asleep() -> Callable[[], object]:
    """The pause of the course's own scenario: long enough for a busy computer to start the second thread in it."""
    return partial(time.sleep, 0.1)


def until_both_have_read() -> Callable[[], object]:
    return threading.Barrier(2).wait


def by_pool(pause: Callable[[], object]) -> int:
    database = FakeDatabase()
    with ThreadPoolExecutor(2, thread_name_prefix="worker") as executor:
        for _ in range(2):
            executor.submit(database.update, pause)
    return database.value


def by_threads(pause: Callable[[], object]) -> int:
    database = FakeDatabase()
    threads = [threading.Thread(target=database.update, args=(pause,), name=f"T{number}") for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return database.value


def check_race(scenario: Callable[..., int], pause: Callable[[], object]) -> None:
    recording = run(scenario, pause=pause, watch={FakeDatabase: "value"})
    workers = [lane.name for lane in recording.lanes[1:]]
    found = accesses(recording)
    place = "database.value"
    assert found[0] == ("main", WRITE, place, "0")
    assert [each[1:] for each in found[1:3]] == [(READ, place, "0")] * 2
    assert sorted(each[0] for each in found[1:3]) == workers
    assert [each[1:] for each in found[3:5]] == [(WRITE, place, "1")] * 2
    assert found[5:] == [("main", READ, place, "1")]
    (lost,) = recording.lost_updates
    assert [lost.lane, lost.other] == [found[4][0], found[3][0]]
    assert lost.read < lost.written < lost.time
    assert f"returned 1  ·  lost update: {lost.lane} overwrote what {lost.other} had written" in recording.describe()


@pytest.mark.parametrize("scenario", [by_pool, by_threads])
def test_the_race_loses_an_update(scenario: Callable[..., int]) -> None:
    for _ in range(3):
        check_race(scenario, until_both_have_read())


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [by_pool, by_threads])
def test_the_race_loses_an_update_every_time(scenario: Callable[..., int]) -> None:
    for _ in range(50):
        check_race(scenario, asleep())


@pytest.mark.parametrize("kind", [Plain, Slotted])
def test_the_order_shown_is_the_order_it_had(kind: type[Any]) -> None:
    """Replayed in the order of their times, every read gets what was written last."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with record(watch={kind: "value"}) as recording:
            box = kind()

            def work() -> None:
                for _ in range(150):
                    box.value += 1

            threads = [threading.Thread(target=work, name=f"T{number}") for number in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    there = None
    for _, access, _, value in accesses(recording):
        assert access == WRITE or value == there
        there = value
    assert there == str(box.value)
    times = [event.time for event in recording.instants]
    assert len(set(times)) == len(times)
    assert len(times) == 1 + 3 * 150 * 2
    assert (box.value < 450) <= bool(recording.lost_updates)


class Oops(BaseException):
    pass


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, Oops])
def test_it_is_taken_off_whatever_is_raised(error: type[BaseException]) -> None:
    def scenario() -> None:
        box = Plain()
        box.value += 1
        raise error

    with unchanged(Plain, Inherits):
        with pytest.raises(error), record(watch={Plain: "value", Inherits: "value"}):
            scenario()
    with unchanged(Plain):
        if issubclass(error, Exception):
            assert isinstance(run(scenario, watch={Plain: "value"}).error, error)
        else:
            with pytest.raises(error):
                run(scenario, watch={Plain: "value"})
    assert open_driver() is None


def test_it_is_taken_off_after_a_thread_was_cut_off() -> None:
    with unchanged(Plain):
        box = Plain()
        with record(watch={Plain: "value"}) as recording:

            def work() -> None:
                while True:
                    box.value += 1

            threading.Thread(target=work, name="T0", daemon=True).start()
            until(lambda: box.value > 20)
    assert recording.lane("T0").ending == "cut off"


def test_threads_cut_off_in_the_middle_of_an_access_leave_no_lock_taken() -> None:
    """Were it taken for good, the others would wait for it where nobody can stop them, and so would the last line."""
    for _ in range(5):
        box = Plain([0])

        def work(box: Plain = box) -> None:
            while True:
                box.value = [*box.value, 1][:2]

        with unchanged(Plain):
            with record(watch={Plain: "value"}) as recording:
                for number in range(3):
                    threading.Thread(target=work, name=f"T{number}", daemon=True).start()
                until(partial(lambda box: len(box.value) > 1, box))
        assert {lane.ending for lane in recording.lanes[1:]} == {"cut off"}
        assert box.value[0] == 0


def test_the_stop_button_leaves_nothing_behind() -> None:
    def scenario() -> None:
        box = Plain()
        while True:
            box.value += 1
            if box.value == 20:
                _thread.interrupt_main()

    for _ in range(5):
        with unchanged(Plain):
            with pytest.raises(KeyboardInterrupt):
                run(scenario, watch={Plain: "value"})


def test_nothing_stays_when_it_cannot_be_put_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from course_utils.watching import Watching

    install = Watching.install

    def half(self: Watching) -> None:
        install(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(Watching, "install", half)
    with unchanged(Plain, Slotted):
        with pytest.raises(KeyboardInterrupt):
            run(Plain, watch={Plain: "value", Slotted: "value"})
    monkeypatch.undo()
    assert run(lambda: Plain().value, watch={Plain: "value"}).result == 0


class Point(NamedTuple):
    x: int


class Refused:
    def __init__(self) -> None:
        self._kept = 1

    @property
    def worked_out(self) -> int:
        return self._kept

    @cached_property
    def cached(self) -> int:
        return self._kept

    def method(self) -> None:
        pass


@pytest.mark.parametrize(
    ("watch", "error", "message"),
    [
        ("x", TypeError, "watch must say which attributes of which classes, as in .*, not 'x'"),
        ([(Plain, "value")], TypeError, "watch must say"),
        ({}, ValueError, "names no class"),
        ({Plain: ()}, ValueError, "names no attribute of Plain"),
        ({Plain: 3}, TypeError, "by name, .* not 3"),
        ({Plain: ["value", None]}, TypeError, "by name, not None"),
        ({Plain: "a value"}, ValueError, "'a value' can't be an attribute"),
        ({Plain: ""}, ValueError, "'' can't be an attribute"),
        ({Plain: "__dict__"}, ValueError, "Plain.__dict__ can't be watched, since Python itself"),
        ({"Plain": "value"}, TypeError, "watch takes classes, and 'Plain' is none"),
        ({Plain(): "value"}, TypeError, "is none: write the class, as in watch={Plain: "),
        ({int: "real"}, TypeError, "attributes of int can't be watched, since it is written in C"),
        ({Refused: "worked_out"}, ValueError, "since it is a property, .* worked out from, such as '_kept'"),
        ({Refused: "cached"}, ValueError, "since it is a cached_property, .* such as '_kept'"),
        ({Refused: "method"}, ValueError, "since it is a method: .* such as '_kept'"),
        ({Point: "x"}, ValueError, "since it is a _tuplegetter"),
        ({Slotted: "nosuch"}, ValueError, "no instance of Slotted can have .* its slots are value, other"),
        ({Plain: "value", Refused: "method"}, ValueError, "method"),
    ],
    ids=lambda value: "" if isinstance(value, type) else None,
)
def test_bad_input_is_refused_before_anything_runs(watch: Any, error: type[Exception], message: str) -> None:
    ran: list[int] = []
    with unchanged(Plain, Slotted, Refused, Point):
        with pytest.raises(error, match=message):
            run(lambda: ran.append(1), watch=watch)
        with pytest.raises(error, match=message):
            record(watch=watch)
    assert ran == []
    assert open_driver() is None


def test_the_scenarios_own_watch_is_not_guessed_at() -> None:
    def scenario(watch: object = None) -> object:
        return watch

    assert run(scenario).result is None
    with pytest.raises(TypeError, match="has a parameter 'watch', and so has run"):
        run(scenario, watch={Plain: "value"})


def test_an_attribute_that_no_instance_ever_gets_is_said_after_the_run() -> None:
    kept: list[Plain] = []

    def scenario() -> None:
        kept.append(Plain())
        kept[0].extra = 1  # type: ignore[attr-defined]  # Python doesn't mind

    expected = (
        r"watch={Plain: 'valu'}: no instance of Plain ever got an attribute 'valu'; "
        r"its instances have .*extra.*; did you mean 'value'\?"
    )
    with unchanged(Plain):
        with pytest.raises(ValueError, match=expected):
            run(scenario, watch={Plain: "valu"})
        with pytest.raises(ValueError, match=expected), record(watch={Plain: "valu"}) as recording:
            scenario()
        assert recording.lanes[0].ending == "finished"
    assert run(scenario, watch={Plain: "extra"}).error is None


def test_what_the_scenario_raised_is_not_masked() -> None:
    def scenario() -> None:
        raise KeyError("mine")

    assert isinstance(run(scenario, watch={Plain: "nosuch"}).error, KeyError)
    with pytest.raises(KeyError, match="mine"), record(watch={Plain: "nosuch"}):
        scenario()


def test_an_attribute_that_is_there_but_was_not_accessed_is_no_error() -> None:
    box = Plain()
    vars(box)["odd"] = 1
    for name in ("value", "odd"):
        assert accesses(run(lambda: None, watch={Plain: name})) == []
    assert accesses(run(lambda: None, watch={Data: "other"})) == []
    del box


def test_what_is_set_on_the_class_itself_is_said_and_stays() -> None:
    class Counter:
        value = 0

    def scenario() -> int:
        Counter.value += 1
        return Counter.value

    with pytest.raises(ValueError, match=r"Counter\.value was set on the class itself"):
        run(scenario, watch={Counter: "value"})
    assert vars(Counter)["value"] == 1
