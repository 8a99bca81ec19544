"""Groups: dealt evenly, one answer each, whoever of them sends it, comes late or goes."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect, text

from room import migrations
from room.groups import SIZES, dealt, smallest
from room.phases import NotNow
from room.rooms import Rooms
from room.store import Store, in_folder
from tests.room.conftest import PLAN


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True), st.sampled_from(SIZES))
def test_groups_are_even_and_nobody_is_alone_who_need_not_be(seats, size):
    groups = dealt(seats, size)
    assert groups.keys() == set(seats)
    sizes = Counter(groups.values())
    assert sorted(sizes) == list(range(1, len(sizes) + 1))
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert min(sizes.values()) >= 2 or len(seats) == 1
    assert max(sizes.values()) <= size + 1


def test_who_comes_late_joins_the_smallest_group():
    assert smallest([1, 2, 1, 3, 3]) == 2 and smallest([None, None]) is None and smallest([]) is None


def seated(store: Store, count: int, size: int = 3) -> tuple[str, dict[int, list]]:
    """A room with its first step open, and the seats of each group, the first of them first."""
    code, _ = store.create(PLAN)
    tokens = {seat.number: seat.token for seat in (store.join(code) for _ in range(count))}
    store.deal_groups(code, size)
    store.act(code, "open")
    groups: dict[int, list] = {}
    for seat in store.seats(code):
        groups.setdefault(seat.group, []).append((seat.number, tokens[seat.number]))
    return code, groups


def test_a_group_has_one_answer_the_last_that_one_of_it_sends(kept):
    here, there = kept(), kept()
    code, groups = seated(here, 7)
    assert here.opened(code).groups == 3
    for store, place, value in ((here, 0, 1), (there, 1, 2), (there, -1, 0)):
        before = here.counts([code])[code]
        store.answer(code, groups[2][place][1], 0, 1, value)
        assert here.counts([code])[code] != before, "the others are told"
    assert here.answers(code, 0).first == {groups[2][0][0]: 0}
    assert [here.seat(code, token).answers_as for _, token in groups[2]] == [groups[2][0][0]] * len(groups[2])


def test_the_answer_of_a_group_stays_where_its_first_seat_is_removed(kept):
    store = kept()
    code, groups = seated(store, 6)
    store.answer(code, groups[1][1][1], 0, 1, 2)
    store.remove(code, groups[1][0][0])
    assert store.answers(code, 0).first == {groups[1][1][0]: 2}
    store.answer(code, groups[1][2][1], 0, 1, 1)
    assert store.answers(code, 0).first == {groups[1][1][0]: 1}
    for number, _ in groups[1][1:]:
        store.remove(code, number)
    assert store.answers(code, 0).first == {} and store.opened(code).groups == 1


def test_groups_are_dealt_between_steps_and_ended_so(kept):
    store = kept()
    code, _ = seated(store, 4)
    with pytest.raises(NotNow, match="before a step is opened"):
        store.deal_groups(code, 2)
    store.act(code, "close")
    store.act(code, "next")
    late = store.join(code)
    assert store.seat(code, late.token).group in (1, 2)
    store.deal_groups(code, 0)
    assert store.opened(code).groups == 0 and {seat.group for seat in store.seats(code)} == {None}
    assert store.seat(code, late.token).answers_as == late.number
    assert store.seat(code, store.join(code).token).group is None


def test_all_of_a_group_train_at_one_rate_and_count_once(rooms: Rooms):
    code, _ = rooms.create(PLAN)  # its second step is a sweep
    tokens = [rooms.join(code).token for _ in range(12)]
    rooms.store.deal_groups(code, 2)
    rooms.do(code, "next")
    rooms.do(code, "open")
    told = [rooms.mine(code, token) for token in tokens]
    rates = {mine["group"]: mine["rate"] for mine in told}
    assert len(rates) == len(set(rates.values())) == 6 == rooms.told(code)["groups"]
    assert all(mine["rate"] == rates[mine["group"]] for mine in told)
    for token in tokens:
        rooms.answer(code, token, 1, 1, None)
    assert rooms.told(code)["count"] == 6 and len(rooms.told(code)["points"]) == 6
    assert rooms.mine(code, tokens[0])["curve"]["rate"] == rates[told[0]["group"]]


def test_a_store_of_the_version_before_goes_on(tmp_path: Path):
    address = in_folder(tmp_path)
    engine = create_engine(address)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        assert "group" not in {column["name"] for column in inspect(connection).get_columns("seat")}
        plan = "'[\"run:lr=1\"]'"
        connection.execute(text(f"INSERT INTO room VALUES ('AB3CD', 'Old', {plan}, 'x', 0, 1, 'open', 0, 0, 9e9)"))
        connection.execute(text("INSERT INTO seat VALUES (1, 'AB3CD', 0, 'Brave Otter', '1234', 'y', 0, 0)"))
        connection.execute(text("INSERT INTO answer VALUES ('AB3CD', 0, 1, 1, '2')"))
    engine.dispose()
    with closing(Store(address)) as store:
        assert store.answers("AB3CD", 0).first == {0: 2} and store.seats("AB3CD")[0].group is None
        seat = store.join("AB3CD")
        store.answer("AB3CD", seat.token, 0, 1, 1)
        assert store.counts(["AB3CD"])["AB3CD"][1:] == (2, 2)
