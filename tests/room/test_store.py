"""The store: what is acknowledged is there, once, whichever database and however many write together."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlalchemy import event, inspect

from room import store as stores
from room.phases import NotNow
from room.store import MOST_TRIES, NoRoom, Refused, Store, Unstored, in_folder
from room.tables import metadata
from tests.room.conftest import PLAN


def opened(store: Store) -> str:
    code, _ = store.create(PLAN)
    store.act(code, "open")
    return code


def test_an_answer_sent_again_counts_once_and_the_last_one_counts(kept):
    here, there = kept(), kept()
    code = opened(here)
    seat = here.join(code)
    for value in (0, 2, 1):
        there.answer(code, seat.token, 0, 1, value)
    assert here.answers(code, 0) == ({seat.number: 1}, {})
    assert here.counts([code])[code][1] == 1


def test_many_who_join_and_answer_together_all_count(kept):
    here, there = kept(), kept()
    code = opened(here)

    def one(k: int) -> tuple[int, str]:
        store = (here, there)[k % 2]
        seat = store.join(code)
        store.answer(code, seat.token, 0, 1, k % 3)
        return seat.number, seat.name

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(one, range(60)))
    assert sorted(number for number, _ in found) == list(range(60)) and len({name for _, name in found}) == 60
    assert Counter(there.answers(code, 0).first.values()) == {0: 20, 1: 20, 2: 20}


def test_an_answer_to_a_closed_step_or_another_round_is_refused(kept):
    store = kept()
    code = opened(store)
    seat = store.join(code)
    for step, round in ((1, 1), (0, 2)):
        with pytest.raises(NotNow, match="closed"):
            store.answer(code, seat.token, step, round, 0)
    store.act(code, "freeze")
    with pytest.raises(NotNow, match="paused"):
        store.answer(code, seat.token, 0, 1, 0)
    store.act(code, "freeze")
    store.act(code, "close")
    with pytest.raises(NotNow, match="closed"):
        store.answer(code, seat.token, 0, 1, 0)
    assert store.answers(code, 0) == ({}, {})


def test_undo_goes_back_a_step_at_a_time_and_loses_no_answer(kept):
    store = kept()
    code = opened(store)
    seat = store.join(code)
    store.answer(code, seat.token, 0, 1, 2)
    states = [store.opened(code).state]
    for action in ("close", "reveal", "next"):
        states.append(store.act(code, action))
    for before in reversed(states[:-1]):
        assert store.act(code, "undo") == before
    store.act(code, "undo")
    with pytest.raises(NotNow, match="nothing to undo"):
        store.act(code, "undo")
    assert store.answers(code, 0).first == {0: 2}


def test_a_seat_comes_back_by_name_and_digits_and_five_wrong_tries_end_that(kept):
    store = kept()
    code = opened(store)
    seat, other = store.join(code), store.join(code)
    back = store.come_back(code, seat.name, seat.digits)
    assert (back.id, back.number) == (seat.id, seat.number) and back.token != seat.token
    with pytest.raises(Refused, match="not yours"):
        store.seat(code, seat.token)  # the phone that was lost
    assert store.seat(code, back.token).name == seat.name
    wrong = f"{(int(other.digits) + 1) % 10_000:04}"
    for _ in range(MOST_TRIES):
        with pytest.raises(Refused, match="No seat"):
            store.come_back(code, other.name, wrong)
    with pytest.raises(Refused, match="No seat"):
        store.come_back(code, other.name, other.digits)
    assert store.seat(code, other.token).id == other.id, "whoever sits there stays"


def test_a_removed_seat_is_out_with_its_answers_and_may_come_again(kept):
    store = kept()
    code = opened(store)
    seat = store.join(code)
    store.answer(code, seat.token, 0, 1, 2)
    store.remove(code, seat.number)
    assert store.seats(code) == [] and store.opened(code).seats == 0 and store.answers(code, 0) == ({}, {})
    with pytest.raises(Refused, match="not yours"):
        store.answer(code, seat.token, 0, 1, 2)
    with pytest.raises(Refused, match="No seat"):
        store.come_back(code, seat.name, seat.digits)
    assert store.join(code).number == 1
    store.rename(code, 1)
    assert store.seats(code)[0].name != seat.name


def test_a_seat_of_one_room_is_none_of_another(kept):
    store = kept()
    code, other = opened(store), opened(store)
    seat = store.join(code)
    with pytest.raises(Refused, match="not yours"):
        store.answer(other, seat.token, 0, 1, 0)
    with pytest.raises(Refused, match="No seat"):
        store.come_back(other, seat.name, seat.digits)


def test_the_room_is_full_at_four_hundred(kept, monkeypatch):
    monkeypatch.setattr(stores, "MOST_SEATS", 3)
    store = kept()
    code = opened(store)
    for _ in range(3):
        store.join(code)
    with pytest.raises(Refused, match="full"):
        store.join(code)


def test_all_is_gone_after_a_day_and_at_erase(kept, monkeypatch):
    store = kept()
    early, late = opened(store), opened(store)
    store.erase(late)
    with pytest.raises(NoRoom, match="no room"):
        store.opened(late)
    later = time.time() + 24.1 * 3600
    monkeypatch.setattr(stores.time, "time", lambda: later)
    with pytest.raises(NoRoom, match="no room"):
        store.opened(early)
    store.expire()
    assert store.counts([early, late]) == {}


def test_no_byte_of_an_erased_room_stays_in_the_file(store, tmp_path):
    code = opened(store)
    names = [store.join(code).name for _ in range(20)]
    with closing(sqlite3.connect(tmp_path / "room.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert names[0].encode() in (tmp_path / "room.db").read_bytes()
    store.erase(code)
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(name.encode() in left for name in names) and code.encode() not in left


def test_what_is_stored_holds_no_secret(store, tmp_path):
    code, secret = store.create(PLAN)
    token = store.join(code).token
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in stored and token.encode() not in stored
    assert store.is_host(code, secret) and not store.is_host(code, token)


def test_another_connections_write_is_noticed(kept):
    here, there = kept(), kept()
    with here.watch() as changed:
        before = changed()
        assert changed() == before, "nothing was written"
        code = opened(there)
        assert changed() != before
        before = changed()
        here.join(code)
        assert changed() != before, "so is one of this process"
        before = changed()
        there.opened(code)
        assert changed() == before, "what only reads is none"


def test_the_migrations_make_the_tables_that_the_code_knows(kept):
    store = kept()
    found = inspect(store.engine)
    for table in metadata.tables.values():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        indexed = {tuple(index["column_names"]) for index in found.get_indexes(table.name)}
        assert {tuple(column.name for column in index.columns) for index in table.indexes} <= indexed
    kept()  # a second one finds them there


def test_a_locked_or_broken_store_says_so_and_keeps_what_was_acknowledged(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "_PATIENCE", 0.05)
    with closing(Store(in_folder(tmp_path))) as store:
        code = opened(store)
        seat = store.join(code)
        with closing(sqlite3.connect(tmp_path / "room.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unstored, match="can't be used now"):
                store.answer(code, seat.token, 0, 1, 1)
            other.execute("ROLLBACK")
            store.answer(code, seat.token, 0, 1, 1)
            (pages,) = other.execute("PRAGMA page_count").fetchone()
        store.close()
        full = [f"PRAGMA max_page_count={pages}"]  # the disk is full
        event.listen(store.engine, "connect", lambda connection, _: [*map(connection.execute, full)])
        with pytest.raises(Unstored, match="can't be used now"):
            for _ in range(200):
                store.join(code)
        assert store.answers(code, 0).first == {0: 1}
        full[:] = []
        store.close()
        assert store.join(code)


def _many_answers(address: str, code: str, tokens: list[str], told: multiprocessing.Queue) -> None:
    store = Store(address)
    while True:
        for k, token in enumerate(tokens):
            store.answer(code, token, 0, 1, k)
            told.put(k)


@pytest.mark.slow
def test_a_process_that_is_killed_loses_no_acknowledged_answer(store, tmp_path):
    context = multiprocessing.get_context("spawn")
    code = opened(store)
    seats = [store.join(code) for _ in range(30)]
    told = context.Queue()
    one = context.Process(target=_many_answers, args=(in_folder(tmp_path), code, [each.token for each in seats], told))
    one.start()
    acknowledged = {told.get(timeout=300) for _ in range(25)}
    one.kill()
    one.join()
    stored = store.answers(code, 0).first
    assert {seats[k].number: k for k in acknowledged}.items() <= stored.items()
    store.answer(code, seats[0].token, 0, 1, 99)
    assert store.answers(code, 0).first[0] == 99
