"""Whose turn it is, worked out by hand: no model, no threads, and a clock of the test's own."""

from dataclasses import dataclass, field

import pytest

from playground.engine.client import Client, Work
from playground.engine.scheduler import ALL_ROWS, OWN_ROWS, Scheduler
from playground.errors import BusyError

SEATS = 24
PART = 3  # a triple


@dataclass(eq=False)
class Asked:
    client: Client
    name: str = ""
    cancelled: bool = False
    left: int = 1  # steps of a row


@dataclass
class Machine:
    """Runs rows and jobs as the worker does; a step takes as long as its rows."""

    scheduler: Scheduler[Asked, Asked] = field(default_factory=lambda: Scheduler(SEATS))
    clients: dict[tuple[str | None, Work], Client] = field(default_factory=dict)
    now: float = 0.0
    log: list[str] = field(default_factory=list)

    def client(self, owner: str | None, work: Work) -> Client:
        return self.clients.setdefault((owner, work), Client(owner, work))

    def rows(self, owner: str | None, count: int, work: Work = "reply", steps: int = 1) -> None:
        for n in range(count):
            self.scheduler.add_row(Asked(self.client(owner, work), f"{owner}{n}", left=steps))

    def jobs(self, owner: str | None, count: int, work: Work = "reply") -> None:
        for n in range(count):
            self.scheduler.add_job(Asked(self.client(owner, work), f"{owner}-job{n}"))

    def seats(self) -> dict[str | None, int]:
        owners = [row.client.owner for row in self.scheduler.seated()]
        return {owner: owners.count(owner) for owner in owners}

    def step(self, a_row: float = 1.0) -> list[str]:
        """The names of the rows that ended."""
        seated = self.scheduler.seated()
        self.now += a_row * len(seated)
        ended = list[str]()
        for row in seated:
            row.left -= 1
            if not row.left:
                self.scheduler.ended(row)
                ended.append(row.name)
        self.log += ended
        return ended

    def job(self, takes: float = 1.0) -> str | None:
        job = self.scheduler.job(self.now)
        if job is None:
            return None
        began, self.now = self.now, self.now + takes
        self.scheduler.worked(job, began, self.now, False)
        return job.name


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_one_owner_alone_has_every_seat(machine: Machine) -> None:
    machine.rows("me", 30)
    assert machine.seats() == {"me": SEATS}
    assert machine.step() == [f"me{n}" for n in range(SEATS)]
    assert machine.seats() == {"me": 6}
    machine.step()
    assert not machine.scheduler


def test_owners_share_and_no_seat_is_filled_only_because_it_is_free(machine: Machine) -> None:
    machine.rows("me", 330)
    machine.rows("you", 3)
    assert machine.seats() == {"me": PART, "you": 3}
    machine.rows("she", 1)
    assert machine.seats() == {"me": PART, "you": 3, "she": 1}


def test_a_row_keeps_its_seat_until_another_owner_comes(machine: Machine) -> None:
    machine.rows("me", 30, steps=10)
    first = machine.scheduler.seated()
    machine.step()
    assert machine.scheduler.seated() == first
    machine.rows("you", 3, steps=2)
    assert [row.name for row in machine.scheduler.seated()] == [
        "me0", "me1", "me2", "you0", "you1", "you2",
    ]  # fmt: skip
    machine.step()
    machine.step()
    assert machine.scheduler.seated() == first  # what was parked comes back before what is new


def test_a_crowd_is_served_in_triples_one_owner_after_the_other(machine: Machine) -> None:
    for owner in "abcdefghij":
        machine.rows(owner, 6)
    assert machine.seats() == dict.fromkeys("abcdefgh", 3)
    machine.step()
    assert machine.seats() == dict.fromkeys("ijabcdef", 3)
    machine.step()
    machine.step()
    assert not machine.scheduler
    assert sorted(machine.log[24:30]) == ["i0", "i1", "i2", "j0", "j1", "j2"]


@pytest.mark.parametrize("waiting", [12, 330])
def test_however_much_one_waits_for_the_other_is_done_as_soon(
    machine: Machine, waiting: int
) -> None:
    machine.rows("greedy", waiting, steps=64)
    for _ in range(5):
        machine.step()
    began = machine.now
    machine.rows("you", 3, steps=64)
    while "you2" not in machine.log:
        machine.step()
    assert machine.now - began == 64 * (3 + PART)


def test_a_reply_goes_before_dealing_and_dealing_before_warming(machine: Machine) -> None:
    machine.rows("dealer", 40, "deal")
    machine.rows(None, 40, "warm")
    assert machine.seats() == {"dealer": SEATS - PART, None: PART}
    machine.rows("me", 40)
    assert machine.seats() == {"me": SEATS - 2 * PART, "dealer": PART, None: PART}
    machine.scheduler.clear()
    machine.rows("dealer", 40, "deal")
    machine.rows("me", 3)
    assert machine.seats() == {"me": 3, "dealer": PART}


def test_what_is_less_urgent_is_never_forgotten(machine: Machine) -> None:
    machine.rows("dealer", 6, "deal", steps=4)
    while not {"dealer0", "dealer5"} <= set(machine.log):
        machine.rows("me", 24)
        machine.step()
        assert machine.now < 1000
    assert machine.now < 9 * SEATS


def test_many_seats_are_for_many_owners_and_not_for_more_of_each(machine: Machine) -> None:
    machine.scheduler = Scheduler(96)
    for owner in "abcdefghijklmnopqrstuvwxyz":
        machine.rows(owner, 12)
    machine.rows("dealer", 40, "deal")
    assert machine.seats() == {**dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 3), "dealer": 3}


def test_few_seats_are_enough_for_all(machine: Machine) -> None:
    machine.scheduler = Scheduler(3)
    machine.rows("me", 9)
    assert machine.seats() == {"me": 3}
    machine.rows("dealer", 9, "deal")
    machine.rows(None, 9, "warm")
    assert machine.seats() == {"me": 1, "dealer": 1, None: 1}


def test_no_more_are_seated_than_there_are_seats_and_the_urgent_first(machine: Machine) -> None:
    """As few as a short memory leaves."""
    for work in ("warm", "deal", "reply"):
        machine.rows("me", 2, work)
    for seats, expected in ((1, ["reply"]), (2, ["reply", "deal"]), (3, ["reply", "deal", "warm"])):
        machine.scheduler.seats = seats
        assert [row.client.work for row in machine.scheduler.seated()] == expected


def test_jobs_go_by_urgency_then_by_owner_then_in_order(machine: Machine) -> None:
    machine.jobs(None, 1, "warm")
    machine.jobs("dealer", 1, "deal")
    machine.jobs("me", 2)
    machine.jobs("you", 2)
    done = [machine.job() for _ in range(7)]
    assert done == [
        "me-job0", "you-job0", "me-job1", "you-job1", "dealer-job0", "None-job0", None,
    ]  # fmt: skip


def test_a_job_that_is_not_done_goes_on_after_the_others(machine: Machine) -> None:
    machine.jobs("me", 1)
    machine.jobs("you", 1)
    job = machine.scheduler.job(0.0)
    assert job is not None and job.name == "me-job0"
    machine.scheduler.worked(job, 0.0, 1.0, more=True)
    assert [machine.job(), machine.job(), machine.job()] == ["you-job0", "me-job0", None]


def test_replies_have_three_times_as_long_as_the_jobs_of_dealing(machine: Machine) -> None:
    machine.rows("me", 3, steps=100)
    machine.jobs("dealer", 10, "deal")
    assert machine.job(takes=8) == "dealer-job0"
    stepped = 0
    while machine.job(takes=8) is None:
        machine.step(a_row=1)
        stepped += 1
    assert stepped == 8  # steps of three rows: 24 beside 8


def test_a_text_that_is_read_does_not_wait_for_the_rest_of_dealing(machine: Machine) -> None:
    machine.rows("me", 3, steps=100)
    machine.jobs("dealer", 10, "deal")
    assert machine.job(takes=8) == "dealer-job0"
    machine.jobs("you", 1)
    assert machine.job(takes=1) == "you-job0"


def test_one_who_has_everything_read_leaves_half_of_the_time_to_others(machine: Machine) -> None:
    machine.jobs("greedy", 100)
    machine.rows("you", 3, steps=12)
    jobs = 0
    while "you2" not in machine.log:
        jobs += machine.job(takes=6) is not None
        machine.step()
    assert machine.now == 2 * 36 and jobs == 6
    assert machine.job() is not None  # nobody is left to rest for


def test_nothing_rests_while_nothing_else_is_to_be_done(machine: Machine) -> None:
    machine.rows("me", 1)
    machine.jobs("dealer", 2, "deal")
    assert machine.job(takes=100) == "dealer-job0"
    assert machine.job() is None
    machine.step()
    assert machine.job() == "dealer-job1"


def test_what_nobody_waits_for_is_taken_out(machine: Machine) -> None:
    machine.rows("me", 3)
    machine.rows("you", 3)
    machine.jobs("you", 2, "deal")
    machine.jobs("me", 1)
    machine.client("you", "reply").left.set()
    machine.client("you", "deal").left.set()
    machine.scheduler.rows[1].cancelled = True
    rows, jobs = machine.scheduler.forsaken()
    assert [row.name for row in rows] == ["me1", "you0", "you1", "you2"]
    assert [job.name for job in jobs] == ["you-job0", "you-job1"]
    assert machine.scheduler.forsaken() == ([], [])
    assert machine.seats() == {"me": 2}


def test_too_much_is_refused_at_once_with_what_to_do(machine: Machine) -> None:
    me, house = machine.client("me", "reply"), machine.client(None, "reply")
    machine.rows("me", OWN_ROWS - 1)
    machine.scheduler.admit(me)
    machine.rows("me", 1)
    with pytest.raises(BusyError, match=f"^busy.own\\(rows={OWN_ROWS}\\)$"):
        machine.scheduler.admit(me)
    machine.scheduler.admit(machine.client("you", "reply"))
    machine.rows(None, ALL_ROWS)
    with pytest.raises(BusyError, match=rf"^busy.all\(rows={ALL_ROWS + OWN_ROWS}\)$"):
        machine.scheduler.admit(machine.client("you", "reply"))
    machine.scheduler.admit(house)
