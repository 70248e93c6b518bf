"""Who is served next: which rows take part in the next step, and which job goes before it.

Knows neither model nor threads: the worker asks under its own lock, and says what the time was.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

from playground.engine.client import WORKS, Client, Work
from playground.errors import BusyError

TRIPLE = 3  # rows that are read side by side, so that one alone is of no use
OWN_PART = 32  # of the seats, this part is for one owner of several, for a triple at least
LESS_PART = 8  # and this one for each sort of work that is less urgent, for a triple at most
REST = 3  # how many times as long more urgent rows have the model after a job of less urgent work
# Rows on their way from which on no more are taken, of one owner in a class and of all. A level
# writes 54 at most; and what waits here also keeps one of the web server's threads from the others.
OWN_ROWS, ALL_ROWS = 64, 4096


class Submitted(Protocol):
    """What a client asked for: a row of a reply, or a job between two steps."""

    @property
    def client(self) -> Client: ...
    @property
    def cancelled(self) -> bool: ...


A = TypeVar("A", bound=Submitted)
R = TypeVar("R", bound=Submitted)
J = TypeVar("J", bound=Submitted)


class Queue(Generic[A]):
    """One class of work. Owners take turns; what an owner asked for first goes first."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str | None, list[A]] = OrderedDict()

    def __iter__(self) -> Iterator[A]:
        for asked in self._owners.values():
            yield from asked

    def __bool__(self) -> bool:
        return bool(self._owners)

    @property
    def owners(self) -> int:
        return len(self._owners)

    def of(self, owner: str | None) -> int:
        return len(self._owners.get(owner, ()))

    def others(self, owner: str | None) -> bool:
        """Whether anybody else waits here."""
        return len(self._owners) > (owner in self._owners)

    def before(self, owner: str | None) -> int:
        """How many are served before an owner."""
        return next((n for n, each in enumerate(self._owners) if each == owner), self.owners)

    def add(self, asked: A) -> None:
        self._owners.setdefault(asked.client.owner, []).append(asked)

    def remove(self, asked: A) -> None:
        own = self._owners[asked.client.owner]
        own.remove(asked)
        if not own:
            del self._owners[asked.client.owner]

    def clear(self) -> None:
        self._owners.clear()

    def turn(self, owner: str | None) -> None:
        """The owner has had its turn and goes behind the others."""
        if owner in self._owners:
            self._owners.move_to_end(owner)

    def first(self) -> A:
        return next(iter(self))

    def seated(self, room: int, each: int) -> list[A]:
        """The first of every owner, at most `each`, as far as there is room."""
        chosen = list[A]()
        for asked in self._owners.values():
            chosen += asked[: min(each, room - len(chosen))]
        return chosen


class Scheduler(Generic[R, J]):
    """Rows stay in line until they have ended: who is seated is asked anew before every step, and a
    row that loses its seat is parked, not lost. Time on a CPU is shared by every row of a step, so
    that an empty seat is no waste: it is what makes the others quick."""

    def __init__(self, seats: int) -> None:
        """seats: rows of one step; fewer, for as long as memory is short."""
        self.seats = seats
        self._rows: Mapping[Work, Queue[R]] = {work: Queue() for work in WORKS}
        self._jobs: Mapping[Work, Queue[J]] = {work: Queue() for work in WORKS}
        self._rests: dict[Work, float] = dict.fromkeys(WORKS, 0.0)  # until then, no job of a class
        self._ended: dict[tuple[Work, str | None], int] = {}  # rows, since an owner's turn began

    def __bool__(self) -> bool:
        """Whether anything is to be done."""
        return any(self._rows.values()) or any(self._jobs.values())

    @property
    def rows(self) -> list[R]:
        return [row for line in self._rows.values() for row in line]

    @property
    def jobs(self) -> list[J]:
        return [job for line in self._jobs.values() for job in line]

    def admit(self, client: Client) -> None:
        """Raises BusyError where so much waits that no more rows are taken. The house is its own
        master: what makes an atlas or proves levels asks for thousands."""
        if client.owner is None:
            return
        own = self._rows[client.work].of(client.owner)
        if own >= OWN_ROWS:
            raise BusyError("busy.own", rows=own)
        if (rows := len(self.rows)) >= ALL_ROWS:
            raise BusyError("busy.all", rows=rows)

    def ahead(self, client: Client) -> int:
        """How many other owners are served before this one; all whose work is more urgent, too."""
        before = WORKS[: WORKS.index(client.work)]
        urgent = sum(self._rows[work].owners for work in before)
        return urgent + self._rows[client.work].before(client.owner)

    def add_row(self, row: R) -> None:
        self._rows[row.client.work].add(row)

    def add_job(self, job: J) -> None:
        self._jobs[job.client.work].add(job)

    def seated(self) -> list[R]:
        """The rows of the next step. The most urgent class that has any takes the seats but for a
        few for each of the others, which goes on slowly: urgent work that never ends would
        starve them. Several owners of one class have a part each, and no more even where seats
        are left, for every further row makes the step slower for all. The first `seated` of an
        owner are its oldest, so that a parked row comes back before a new one begins."""
        own = max(TRIPLE, self.seats // OWN_PART)
        part = max(1, min(TRIPLE, self.seats // LESS_PART))
        wanted = [line for line in self._rows.values() if line]
        chosen = list[R]()
        for place, line in enumerate(wanted):
            room = part if place else max(1, self.seats - part * (len(wanted) - 1))
            room = min(room, self.seats - len(chosen))
            chosen += line.seated(room, room if line.owners == 1 else own)
        return chosen

    def ended(self, row: R) -> None:
        """A row needs no seat any more. After a triple the next owner is served first."""
        work, owner = row.client.work, row.client.owner
        self._rows[work].remove(row)
        count = self._ended.pop((work, owner), 0) + 1
        if count >= TRIPLE:
            self._rows[work].turn(owner)
        elif self._rows[work].of(owner):
            self._ended[work, owner] = count

    def job(self, now: float) -> J | None:
        """The job that goes before the next step, if any. It stays in line until `worked`."""
        idle = not any(self._rows.values())
        for work, line in self._jobs.items():
            if line and (idle or now >= self._rests[work]):
                return line.first()
        return None

    def worked(self, job: J, began: float, now: float, more: bool) -> None:
        """A job has had its turn; more: it is not done. Rows that it held up get as much time
        before the next job of its class, rows of more urgent work several times as much."""
        work, owner = job.client.work, job.client.owner
        if not more:
            self._jobs[work].remove(job)
        self._jobs[work].turn(owner)
        urgent = any(self._rows[each] for each in WORKS[: WORKS.index(work)])
        beside = self._rows[work].others(owner)
        self._rests[work] = now + (REST if urgent else beside) * (now - began)

    def forsaken(self) -> tuple[list[R], list[J]]:
        """Takes out, and returns, what nobody waits for any more."""
        rows = [row for row in self.rows if row.cancelled or row.client.left.is_set()]
        jobs = [job for job in self.jobs if job.cancelled or job.client.left.is_set()]
        for row in rows:
            self.ended(row)
        for job in jobs:
            self._jobs[job.client.work].remove(job)
        return rows, jobs

    def clear(self) -> list[J]:
        """Empties every line; returns the jobs that were there."""
        jobs = self.jobs
        for line in (*self._rows.values(), *self._jobs.values()):
            line.clear()
        self._ended.clear()
        return jobs
