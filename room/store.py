"""What rooms, seats and answers are kept in: SQLite in a file, or PostgreSQL where several hosts serve one lab.

All writes of one call are one transaction. On SQLite it takes the writer's lock when it begins, so that what it has
read is still so when it writes; on PostgreSQL it locks the room's row.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from . import groups, names, tables
from .migrations import upgrade
from .phases import Action, NotNow, State, act, takes_answers
from .plan import Plan

MOST_SEATS = 400
MOST_TRIES = 5  # with wrong digits, until a seat can't be taken back any more
_PATIENCE = 5.0  # seconds that a writer waits for another
_WRITES = {"room_writes": True}
_CHANNEL = "lab_room"  # of PostgreSQL's notes
_LOST = "The class room's store can't be used now ({})."


class NoRoom(Exception):
    """There is no such room, or it is gone; its message says so."""


class Refused(Exception):
    """A seat that is not one, or not any more; its message says so."""


class Unstored(Exception):
    """The store can't be reached, is locked or full: nothing was stored, and it may be sent again."""


class Seat(NamedTuple):
    """id: the store's.  number: from 0.  token: what its cookie holds, known only when it is dealt.

    group: from 1; None outside one.  answers_as: the number under which its answers are kept, that of its group's first
    seat or its own; known only of the seat that asks.
    """

    id: int
    number: int
    name: str
    digits: str
    token: str = ""
    group: int | None = None
    answers_as: int = -1


class Answers(NamedTuple):
    """Of one step: the values of each seat (its number) in the first and in the second round."""

    first: dict[int, Any]
    second: dict[int, Any]


class Opened(NamedTuple):
    """A room as it is kept. plan: its steps' texts.  seats, groups: how many there are.  version: of what is told."""

    code: str
    title: str
    plan: tuple[str, ...]
    state: State
    seats: int
    groups: int
    version: int


class Store:
    """One database. address: SQLAlchemy's, as sqlite:////srv/lab/room.db or postgresql+psycopg://user@host/lab."""

    def __init__(self, address: str, hours: float = 24.0) -> None:
        self._hours = hours
        self.engine = create_engine(address, pool_pre_ping=True)
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        self._insert = sqlite.insert if self._is_sqlite else postgresql.insert
        if self._is_sqlite:
            event.listen(self.engine, "connect", _as_we_need_it)
            event.listen(self.engine, "begin", _begin)
        with self._writing() as connection:
            upgrade(connection)

    def create(self, plan: Plan) -> tuple[str, str]:
        """(code, host's secret) of a new room; what has expired goes."""
        secret = names.secret()
        with self._writing() as connection:
            connection.execute(tables.room.delete().where(tables.room.c.expires < time.time()))
            while self._row(connection, code := names.code()) is not None:
                pass
            state = asdict(State())
            kept = {"title": plan.title, "plan": json.dumps(plan.steps), "host": names.hashed(secret), "version": 0}
            expires = time.time() + 3600 * self._hours
            connection.execute(tables.room.insert().values(code=code, expires=expires, **kept, **state))
        return code, secret

    def opened(self, code: str) -> Opened:
        """The room; raises NoRoom."""
        with self._reading() as connection:
            row = self._must(connection, code)
            seat = tables.seat.c
            there = select(func.count(), func.count(seat.group.distinct())).where(seat.room == code, ~seat.removed)
            seats, in_groups = connection.execute(there).one()
        plan = tuple(json.loads(row.plan))
        return Opened(code, row.title, plan, _state(row), seats, in_groups, row.version)

    def is_host(self, code: str, secret: str) -> bool:
        """Whether this is the host's secret. Raises NoRoom."""
        with self._reading() as connection:
            return bool(self._must(connection, code).host == names.hashed(secret))

    def act(self, code: str, action: Action | str) -> State:
        """The state after an action of the host, or after the last one was taken back. Raises NoRoom and NotNow."""
        events = tables.event
        with self._writing() as connection:
            row = self._must(connection, code, locks=True)
            before = _state(row)
            if action == "undo":
                last = connection.execute(
                    select(events).where(events.c.room == code).order_by(events.c.id.desc()).limit(1)
                ).first()
                if last is None:
                    raise NotNow("There is nothing to undo.")
                connection.execute(events.delete().where(events.c.id == last.id))
                after = State(**json.loads(last.before))
            else:
                after = act(before, action, len(json.loads(row.plan)))  # type: ignore[arg-type]
                done = {"room": code, "action": action, "before": json.dumps(asdict(before))}
                connection.execute(events.insert().values(done))
            self._change(connection, code, **asdict(after))
        return after

    def has_done(self, code: str) -> bool:
        """Whether there is an action of the host to undo."""
        done = select(tables.event.c.id).where(tables.event.c.room == code).limit(1)
        with self._reading() as connection:
            return connection.execute(done).first() is not None

    def insert(self, code: str, text: str) -> None:
        """Make this the plan's next step."""
        with self._writing() as connection:
            row = self._must(connection, code, locks=True)
            plan = json.loads(row.plan)
            plan.insert(row.step + 1, text)
            self._change(connection, code, plan=json.dumps(plan))

    def join(self, code: str) -> Seat:
        """A new seat. Raises NoRoom; Refused where all are taken."""
        with self._writing() as connection:
            self._must(connection, code, locks=True)
            found = select(tables.seat.c.name, tables.seat.c.removed, tables.seat.c.group).where(
                tables.seat.c.room == code
            )
            there = connection.execute(found).all()
            if len(there) >= MOST_SEATS:
                raise Refused(f"The room is full: it has {MOST_SEATS} seats.")
            token, number = names.secret(), len(there)
            dealt = {"name": names.name([row.name for row in there]), "digits": names.digits()}
            kept = {"room": code, "number": number, "token": names.hashed(token), "removed": False, "wrong": 0}
            kept["group"] = groups.smallest(row.group for row in there if not row.removed)
            made = connection.execute(tables.seat.insert().values(**dealt, **kept).returning(tables.seat.c.id))
            seat = Seat(made.scalar_one(), number, dealt["name"], dealt["digits"], token)
            self._change(connection, code)
        return seat

    def come_back(self, code: str, name: str, digits: str) -> Seat:
        """The seat of this name and these digits, with a new token. Raises NoRoom and Refused."""
        table = tables.seat
        with self._writing() as connection:
            self._must(connection, code, locks=True)
            row = connection.execute(select(table).where(table.c.room == code, table.c.name == name)).first()
            is_it = row is not None and not row.removed and row.wrong < MOST_TRIES and row.digits == digits
            token = names.secret()
            if row is not None:
                change = {"token": names.hashed(token), "wrong": 0} if is_it else {"wrong": row.wrong + 1}
                connection.execute(table.update().where(table.c.id == row.id).values(change))
        if row is None or not is_it:
            raise Refused("No seat has this name with these digits. After five wrong tries, ask the lecturer.")
        return Seat(row.id, row.number, name, digits, token)

    def seat(self, code: str, token: str) -> Seat:
        """The seat whose cookie holds this. Raises NoRoom and Refused."""
        with self._reading() as connection:
            self._must(connection, code)
            return self._seat(connection, code, token)

    def answer(self, code: str, token: str, step: int, round: int, value: Any) -> None:
        """Store an answer of the step and round that is open now, in the place of an earlier one of its seat or group.

        Raises NoRoom, Refused where the seat is none, NotNow where it is too late or too early.
        """
        with self._writing() as connection:
            row = self._must(connection, code, locks=True, alone=False)
            seat, state = self._seat(connection, code, token), _state(row)
            if (state.step, state.round) != (step, round) or state.phase != "open":
                raise NotNow("This step is closed.")
            if not takes_answers(state):
                raise NotNow("Please wait: the lecturer has paused the answers.")
            table, text = tables.answer, json.dumps(value)
            which = {"room": code, "step": step, "round": round, "seat": self._first(connection, code, seat).id}
            insert, again = self._insert(table).values(**which, value=text), {"value": text, "sent": table.c.sent + 1}
            connection.execute(insert.on_conflict_do_update(index_elements=list(which), set_=again))

    def answers(self, code: str, step: int) -> Answers:
        """All of one step; those of a group as of its first seat."""
        seat, answer = tables.seat, tables.answer
        found: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        with self._reading() as connection:
            rows = connection.execute(
                select(answer.c.round, answer.c.value, seat.c.number)
                .join(seat, seat.c.id == answer.c.seat)
                .where(answer.c.room == code, answer.c.step == step, ~seat.c.removed)
            )
            for row in rows:
                found[row.round - 1][row.number] = json.loads(row.value)
        return Answers(*found)

    def counts(self, codes: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """(version, answers of the step and round, how often these were sent) of each of these rooms that is there."""
        room, seat, answer = tables.room, tables.seat, tables.answer
        here = (answer.c.room == room.c.code) & (answer.c.step == room.c.step) & (answer.c.round == room.c.round)
        counted = here & (seat.c.id == answer.c.seat) & ~seat.c.removed
        given = select(func.count()).where(counted).scalar_subquery()
        sent = select(func.coalesce(func.sum(answer.c.sent), 0)).where(counted).scalar_subquery()
        with self._reading() as connection:
            rows = connection.execute(select(room.c.code, room.c.version, given, sent).where(room.c.code.in_(codes)))
            return {code: (version, count, int(times)) for code, version, count, times in rows}

    @contextmanager
    def watch(self) -> Iterator[Callable[[], object]]:
        """What gives another value once anybody, in any process, has written. Raises Unstored, as it does."""
        with _reached(), closing(self.engine.raw_connection()) as connection:
            connection.detach()  # it listens, and is nobody else's any more
            look = _data_version(connection) if self._is_sqlite else _notes(connection)

            def changed() -> object:
                try:
                    return look()
                except self.engine.dialect.loaded_dbapi.Error as problem:
                    raise Unstored(_LOST.format(type(problem).__name__)) from problem

            yield changed

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def seats(self, code: str) -> list[Seat]:
        """All that are there, in the order in which they came; removed ones are not."""
        table = tables.seat
        with self._reading() as connection:
            rows = connection.execute(
                select(table).where(table.c.room == code, ~table.c.removed).order_by(table.c.number)
            )
            return [Seat(row.id, row.number, row.name, row.digits, group=row.group) for row in rows]

    def deal_groups(self, code: str, size: int) -> None:
        """Deal the seats that are there into groups of about this size; 0: into none. Raises NotNow within a step."""
        table = tables.seat
        with self._writing() as connection:
            row = self._must(connection, code, locks=True)
            if row.phase != "lobby":
                raise NotNow("Groups are dealt before a step is opened.")
            here = (table.c.room == code) & ~table.c.removed
            seats = connection.execute(select(table.c.number).where(here)).scalars().all()
            connection.execute(table.update().where(table.c.room == code).values(group=None))
            for number, group in groups.dealt(seats, size).items() if size and seats else ():
                connection.execute(table.update().where(here, table.c.number == number).values(group=group))
            self._change(connection, code)

    def rename(self, code: str, number: int) -> None:
        """Deal a seat another name."""
        table = tables.seat
        with self._writing() as connection:
            self._must(connection, code, locks=True)
            taken = connection.execute(select(table.c.name).where(table.c.room == code)).scalars().all()
            one = (table.c.room == code) & (table.c.number == number)
            connection.execute(table.update().where(one).values(name=names.name(taken)))
            self._change(connection, code)

    def remove(self, code: str, number: int) -> None:
        """Take a seat away, with its answers; whoever had it may come again, to a new one.

        What its group has answered in the step that the room is at stays the group's.
        """
        table = tables.seat
        with self._writing() as connection:
            row = self._must(connection, code, locks=True)
            one = (table.c.room == code) & (table.c.number == number)
            connection.execute(table.update().where(one).values(removed=True))
            if (gone := connection.execute(select(table).where(one)).first()) and gone.group is not None:
                self._leave_to_the_group(connection, code, gone, row.step)
            self._change(connection, code)

    def erase(self, code: str) -> None:
        """Forget the room and all of it. SQLite overwrites what it forgets."""
        with self._writing() as connection:
            connection.execute(tables.room.delete().where(tables.room.c.code == code))
        self._forget_the_log()

    def expire(self) -> None:
        """Forget the rooms whose time has come."""
        with self._writing() as connection:
            gone = connection.execute(tables.room.delete().where(tables.room.c.expires < time.time())).rowcount
        if gone:
            self._forget_the_log()

    def _forget_the_log(self) -> None:
        """Of what SQLite is about to write nothing is left beside the file; a reader may hold it back for a while."""
        if self._is_sqlite:
            with self._reading() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _reached(), self.engine.connect().execution_options(**_WRITES) as connection, connection.begin():
            yield connection
            if not self._is_sqlite:
                connection.execute(func.pg_notify(_CHANNEL, "").select())

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _reached(), self.engine.connect() as connection:
            yield connection

    def _row(self, connection: Connection, code: str, locks: bool = False, alone: bool = True) -> Row[Any] | None:
        """locks: nobody changes the room until this transaction ends.  alone: nor does another that locks it begin."""
        asked = select(tables.room).where(tables.room.c.code == code, tables.room.c.expires >= time.time())
        return connection.execute(asked.with_for_update(read=not alone) if locks else asked).first()

    def _must(self, connection: Connection, code: str, locks: bool = False, alone: bool = True) -> Row[Any]:
        row = self._row(connection, code, locks, alone) if names.is_code(code) else None
        if row is None:
            raise NoRoom("There is no room with this code. Look at the screen again; old rooms are deleted.")
        return row

    def _seat(self, connection: Connection, code: str, token: str) -> Seat:
        table = tables.seat
        one = select(table).where(table.c.room == code, table.c.token == names.hashed(token))
        row = connection.execute(one).first()
        if row is None or row.removed:
            raise Refused("This seat is not yours any more. Come in again to get a new one.")
        seat = Seat(row.id, row.number, row.name, row.digits, group=row.group)
        return seat._replace(answers_as=self._first(connection, code, seat).number)

    def _first(self, connection: Connection, code: str, seat: Seat) -> Seat:
        """The first seat of its group, under which the group's answers are kept; itself outside one."""
        if seat.group is None:
            return seat
        table = tables.seat
        here = (table.c.room == code) & (table.c.group == seat.group) & ~table.c.removed
        row = connection.execute(select(table).where(here).order_by(table.c.number).limit(1)).one()
        return Seat(row.id, row.number, row.name, row.digits, group=row.group)

    def _leave_to_the_group(self, connection: Connection, code: str, gone: Row[Any], step: int) -> None:
        """Where a group's first seat has gone, the next one has the group's answers of this step."""
        table, answer = tables.seat, tables.answer
        here = (table.c.room == code) & (table.c.group == gone.group) & ~table.c.removed
        heir = connection.execute(select(table).where(here).order_by(table.c.number).limit(1)).first()
        if heir is not None and heir.number > gone.number:
            theirs = (answer.c.room == code) & (answer.c.step == step) & (answer.c.seat == gone.id)
            connection.execute(answer.update().where(theirs).values(seat=heir.id))

    def _change(self, connection: Connection, code: str, **values: Any) -> None:
        """Set these, and let all be told."""
        room = tables.room
        connection.execute(room.update().where(room.c.code == code).values(version=room.c.version + 1, **values))


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DBAPIError as problem:
        raise Unstored(_LOST.format(type(problem.orig).__name__)) from problem


def _data_version(connection: Any) -> Callable[[], object]:
    """SQLite's count of what other connections have committed."""
    cursor = connection.cursor()
    return lambda: cursor.execute("PRAGMA data_version").fetchone()


def _notes(connection: Any) -> Callable[[], object]:
    """How many notes PostgreSQL has sent: one a transaction that wrote."""
    listener, heard = connection.dbapi_connection, 0
    listener.autocommit = True
    listener.execute(f"LISTEN {_CHANNEL}")

    def look() -> object:
        nonlocal heard
        heard += sum(1 for _ in listener.notifies(timeout=0))
        return heard

    return look


def _state(row: Row[Any]) -> State:
    return State(step=row.step, round=row.round, phase=row.phase, frozen=bool(row.frozen))


def _as_we_need_it(connection: Any, _: Any) -> None:
    """SQLite: readers do not wait for a writer, what is deleted is overwritten, and transactions are begun by us."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", f"busy_timeout={1000 * _PATIENCE:.0f}", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA synchronous=NORMAL")  # what a killed process has acknowledged is there; see SQLite, WAL


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("room_writes") else "BEGIN")


def in_folder(folder: Path) -> str:
    """The address of a SQLite file in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'room.db'}"
