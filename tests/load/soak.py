"""`python -m tests.load.soak`: a class that plays for ten minutes, each learner something else
every few seconds: the map, the handbook, a card, a hunt, a round of questions (now and then handed
in from two tabs at once), the sandbox, a level that is steered. Learners, game and database are on
this machine.

It fails where anything ended in an error, where an attempt that somebody was told of is not in the
database once, or where the game's memory is not flat after the first two minutes.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from sqlalchemy import create_engine, text

from playground.levels.dealing.questions import AskLevel
from playground.levels.shelf import Shelf
from playground.text.language import SOURCE
from playground.text.words import Words
from tests.fuzz import stumbles
from tests.load.__main__ import report
from tests.load.learners import Load
from tests.load.tab import RefusedError, Tab
from tests.served import Served, players, served

LEARNERS, MINUTES, PAUSE = 60, 10.0, 10.0  # pause: seconds between two acts of one, on average
SETTLING = 120  # seconds after which memory has to be flat
FLAT = 0.1  # of the least that the game held since
SAMPLE, MINUTE = 5.0, 12  # seconds between two looks at it; looks in a minute
TWICE = 0.25  # share of rounds that are handed in from two tabs at once
PAGES = ("", "", "handbook", "about", "measure", "me")
HUNTS = ("find-cats", "hunt-bees", "hunt-letters")
ROUNDS = ("spot-first", "spot-any", "spot-kitchen", "spot-voices", "predict-cats", "predict-any",
          "promote-first", "side-first")  # fmt: skip
STEERED = ("steer-cats", "steer-birds")
FEATURES = (17, 230)
TEXTS = ("The kitten purred on my lap.", "A train left the station.", "Bees hum above the clover.")
VERDICT_OF_A_HUNT, VERDICT_OF_A_ROUND = 7, 10  # among what a page is sent
STATUS_OF_A_RUN, VERDICT_OF_A_RUN = 0, 2
OPEN = f"<b>{Words.of(SOURCE)('level.open')}</b>"  # of a run that is no attempt
LEVELS = Shelf.load().by_id


@dataclass
class Learner:
    """told: attempts that the game has told a verdict of, by level; errors: what went wrong; took:
    seconds of each act."""

    load: Load
    number: int
    pause: float
    told: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.rng = Random(self.number)

    def plays(self, until: float) -> None:
        time.sleep(self.rng.uniform(0, self.pause))
        while time.monotonic() < until:
            (act,) = self.rng.choices([*ACTS], [*ACTS.values()])
            began = time.monotonic()
            try:
                act(self)
            except Exception as error:  # of whatever kind: it is what is looked for
                self.errors.append(f"{act.__name__}: {type(error).__name__}: {error}"[:300])
            self.took[act.__name__].append(time.monotonic() - began)
            time.sleep(self.rng.uniform(0.5, 1.5) * self.pause)

    @contextmanager
    def opened(self, page: str, **query: str) -> Iterator[Tab]:
        """A page that has all that it asks for by itself."""
        tab = self.load.tab(self.number, page, **query)
        try:
            tab.beat()
            tab.load()
            for _ in tab.after_load():
                pass
            yield tab
        finally:
            tab.close()

    # -- what a learner does
    def page(self) -> None:
        with self.opened(self.rng.choice(PAGES)):
            pass

    def card(self) -> None:
        with self.opened("feature", site="late", feature=str(self.rng.choice(FEATURES))):
            pass

    def hunt(self) -> None:
        level = self.rng.choice(HUNTS)
        pick = {"site": "middle", "feature": self.rng.choice(FEATURES)}
        with self.opened("hunt", level=level) as tab:
            tab.set("text", self.rng.choice(TEXTS))
            last(tab.fire("look", "click"))
            came = last(tab.fire("card", "act", {"act": "submit", **pick}))
        self.told[level] += bool(written(came, VERDICT_OF_A_HUNT))

    def round(self) -> None:
        level = self.rng.choice(ROUNDS)
        asked = LEVELS[level]
        assert isinstance(asked, AskLevel)
        form = {f"q{number}": str(self.rng.randrange(2)) for number in range(asked.count)}
        sent = {"act": "hand_in", "sure": "1", "form": form}
        with self.opened("ask", level=level) as tab:
            if self.rng.random() > TWICE:
                came = [last(tab.fire("bar", "act", sent))]
            else:
                with self.opened("ask", level=level) as other, ThreadPoolExecutor(2) as both:
                    came = [*both.map(lambda each: judged(each, sent), (tab, other))]
        # Both tabs are told of one attempt.
        self.told[level] += any(written(each, VERDICT_OF_A_ROUND) for each in came)

    def sandbox(self) -> None:
        tab = self.load.sandbox(self.number)
        tab.beat()
        first, took = self.load.writes(tab, f"Day {self.rng.randrange(1000)}: the cat")
        self.took["sandbox, first words"].append(first)
        self.took["sandbox, whole"].append(took)

    def steer(self) -> None:
        level = self.rng.choice(STEERED)
        pick = {"site": "late", "feature": self.rng.choice(FEATURES)}
        with self.opened("steer", level=level) as tab:
            last(tab.fire("results", "act", {"act": "open", **pick}))
            came = last(tab.fire("write", "click"))
        self.told[level] += told_of_a_run(came)


ACTS = {
    Learner.page: 25, Learner.card: 10, Learner.hunt: 20, Learner.round: 25, Learner.sandbox: 15,
    Learner.steer: 5,
}  # fmt: skip


def last(came: Iterator[list[Any]]) -> list[Any]:
    """What stands there at the end."""
    return deque(came, maxlen=1)[0]


def judged(tab: Tab, sent: object) -> list[Any]:
    """One of two who hand in the same round: it may be told that the other one was first."""
    try:
        return last(tab.fire("bar", "act", sent))
    except RefusedError:
        return []


def written(came: Sequence[Any], place: int) -> str:
    found = came[place] if place < len(came) else ""
    return found if isinstance(found, str) else ""


def told_of_a_run(came: Sequence[Any]) -> bool:
    """Whether a run that was steered ended in an attempt. Its verdict may call a goal too close to
    call when another one was missed for sure: how all of it ended stands in the line above."""
    ended = written(came, STATUS_OF_A_RUN)
    return bool(written(came, VERDICT_OF_A_RUN)) and OPEN not in ended


# -- what is looked at -----------------------------------------------------------------------------
def recorded(database: Path) -> Counter[tuple[int, str]]:
    """Attempts by player and level."""
    with create_engine(f"sqlite:///{database}").connect() as connection:
        query = text("select player, level, count(*) from attempts group by player, level")
        return Counter(
            {(player, level): count for player, level, count in connection.execute(query)}
        )


def watch(game: Served, over: Event, held: list[tuple[float, float]]) -> None:
    """held: seconds since the beginning, and MiB; told every minute, for who ends it too early."""
    began = time.monotonic()
    while not over.wait(SAMPLE):
        held.append((time.monotonic() - began, game.memory() / 2**20))
        if len(held) % MINUTE == 0:
            print(
                f"  {held[-1][0]:.0f} s: {held[-1][1]:.0f} MiB, {game.cpu():.0f} s of CPU",
                flush=True,
            )


def growth(held: Sequence[tuple[float, float]]) -> float:
    """Of the least after the first minutes, by how much the most is more."""
    since = [mebibytes for seconds, mebibytes in held if seconds >= SETTLING]
    return max(since) / min(since) - 1 if since else 0.0


def soaked(game: Served, database: Path, learners: int, minutes: float, pause: float) -> bool:
    """Whether it held."""
    load = Load(game, database, learners, rounds=1)
    before, cpu, over = recorded(database), game.cpu(), Event()
    held = list[tuple[float, float]]()
    watching = Thread(target=watch, args=(game, over, held), daemon=True)
    watching.start()
    until = time.monotonic() + 60 * minutes
    everybody = [Learner(load, number, pause) for number in range(learners)]
    load.all_at_once(learners, lambda number: everybody[number].plays(until))
    over.set()
    watching.join()
    spent = game.cpu() - cpu
    now = recorded(database)
    ids = [int(each) for each in players(database)[::-1]]  # as they came
    wanted = Counter({(ids[each.number], level): count
                      for each in everybody for level, count in each.told.items()})  # fmt: skip
    gained = Counter(
        {key: count - before[key] for key, count in now.items() if count > before[key]}
    )
    errors = [error for each in everybody for error in each.errors]
    logged = stumbles(database.with_suffix(".log"))
    for name in sorted({name for each in everybody for name in each.took}):
        report(name, [seconds for each in everybody for seconds in each.took[name]])
    acts = sum(len(each.took[act.__name__]) for each in everybody for act in ACTS)
    print(
        f"{acts} acts of {learners} learners in {minutes:g} minutes, "
        f"{spent:.0f} s of CPU in the game"
    )
    print(f"errors that somebody saw: {len(errors)}, that the log has: {sum(logged.values())}  (0)")
    print(*errors[:20], *map(str, logged.items()), sep="\n" if errors or logged else "")
    lost, doubled = wanted - gained, gained - wanted
    print(f"attempts told of: {wanted.total()}, recorded: {gained.total()}; "
          f"lost: {lost.total()}, more than were told of: {doubled.total()}  (0, 0)")  # fmt: skip
    print(*(f"  {key}: {count}" for key, count in (lost + doubled).items()), sep="\n")
    print("memory, MiB: " + ", ".join(f"{mebibytes:.0f}" for _, mebibytes in held[::MINUTE]))
    print(f"most over least after {SETTLING} s: {growth(held):+.1%}  (<= {FLAT:.0%})", flush=True)
    return not (errors or logged or lost or doubled) and growth(held) <= FLAT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--pause", type=float, default=PAUSE, help="seconds, on average")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "progress.db"
        with served(database, PLAYGROUND_LOG="json") as game:
            held = soaked(game, database, given.learners, given.minutes, given.pause)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
