"""What an engine has done so far and has before it, as numbers. Knows no texts and no players."""

from bisect import bisect_left
from dataclasses import dataclass, field

# Seconds to a first token, up to and including; the last class is what took longer.
BOUNDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True)
class Workload:
    """rows_running and rows_waiting: replies in the batch and in line; jobs_waiting: passes between
    steps; owners_waiting: players none of whose rows has a token yet. tokens, replies (rows that
    ended), failures and restarts: since the start. first_tokens: how many streams had their first
    token within each of `bounds` (seconds) and not the one before, and at the end how many
    later; first_token_sum: seconds of all of them."""

    rows_running: int = 0
    rows_waiting: int = 0
    jobs_waiting: int = 0
    owners_waiting: int = 0
    tokens: int = 0
    replies: int = 0
    failures: int = 0
    restarts: int = 0
    first_tokens: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)
    first_token_sum: float = 0.0
    bounds: tuple[float, ...] = BOUNDS

    def __add__(self, other: "Workload") -> "Workload":
        """Of two that write side by side for one model."""
        firsts = zip(self.first_tokens, other.first_tokens, strict=True)
        return Workload(
            self.rows_running + other.rows_running,
            self.rows_waiting + other.rows_waiting,
            self.jobs_waiting + other.jobs_waiting,
            self.owners_waiting + other.owners_waiting,
            self.tokens + other.tokens,
            self.replies + other.replies,
            self.failures + other.failures,
            self.restarts + other.restarts,
            tuple(map(sum, firsts)),
            self.first_token_sum + other.first_token_sum,
        )


@dataclass
class WorkCount:
    """What is counted while it happens; the caller sees to it that one thread at a time does."""

    tokens: int = 0
    replies: int = 0
    failures: int = 0
    restarts: int = 0
    first_tokens: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    first_token_sum: float = 0.0

    def first(self, seconds: float) -> None:
        """A stream has its first token, so long after it was asked for."""
        self.first_tokens[bisect_left(BOUNDS, seconds)] += 1
        self.first_token_sum += seconds

    def workload(self, running: int, waiting: int, jobs: int, owners: int) -> Workload:
        """With what there is to do now: the first four of a Workload."""
        return Workload(
            running,
            waiting,
            jobs,
            owners,
            self.tokens,
            self.replies,
            self.failures,
            self.restarts,
            tuple(self.first_tokens),
            self.first_token_sum,
        )
