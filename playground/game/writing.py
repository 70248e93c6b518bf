"""Levels that instructors write for their classes: kept as drafts, checked in the background as
those of the course are, published once a check holds. Knows no page."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event, Lock, Thread
from typing import Literal

from cachetools import LRUCache
from pydantic import TypeAdapter, ValidationError

from playground.engine.client import Client
from playground.errors import AbandonedError, AuthorError, PlayerError
from playground.levels import written
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.proving.proof import ProofLine, check
from playground.levels.shelf import Shelf
from playground.store.records import SchoolClass, Written
from playground.store.store import Store
from playground.text.language import SOURCE, Language

CHECKS_MOST = 2  # at once: they take minutes of the machine that learners play on
REMEMBERED = 64  # checks, by level

Ended = Literal["running", "done", "stopped", "failed"]


@dataclass(frozen=True)
class Proof:
    """How the players of a check fared. version: of the level; atlas: what it was proven with."""

    version: str
    atlas: str | None
    lines: tuple[ProofLine, ...]

    @property
    def holds(self) -> bool:
        return bool(self.lines) and all(line.passed for line in self.lines)


PROOF = TypeAdapter(Proof)


@dataclass(eq=False)
class Check:
    """A check that runs, or has ended. left: set to stop it; over: set when it has ended."""

    lines: list[ProofLine] = field(default_factory=list)
    left: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    ended: Ended = "running"
    begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun


@dataclass(frozen=True)
class Desk:
    """A written level as its instructor has it before them. wrong: why the draft is no level yet,
    empty where it is one. proof: of the draft as it is now, with the atlas that is played."""

    row: Written
    level: Level | None
    wrong: str
    proof: Proof | None
    check: Check | None

    @cached_property
    def published(self) -> Literal["no", "older", "same"]:
        if self.row.live is None:
            return "no"
        now = (self.row.draft, self.row.told)
        return "same" if (self.row.live, self.row.live_told) == now else "older"


class Writing:
    """Safe to call from any thread. Who may write asks nobody here: an instructor is let in before
    (game/teaching.py), and a level is always one of the class that is named."""

    def __init__(self, bench: Bench, store: Store) -> None:
        self._bench, self._store = bench, store
        self._checks = LRUCache[tuple[int, str], Check](REMEMBERED)
        self._lock = Lock()

    # -- what is played
    def level(self, id: str, language: Language = SOURCE) -> Level:
        """A published level, or a draft by the id of its trial. PlayerError for an id that is of
        neither, or of another model's class."""
        row = self._store.written.find(id, self._bench.model)
        text = None if row is None else row.draft if id == row.trial else row.live
        if row is None or text is None:
            raise PlayerError("errors.no_level", id=id)
        other = row.told if id == row.trial else row.live_told or ""
        try:
            return written.read(text, other, id, language)
        except AuthorError as error:
            raise PlayerError("written.wrong", reason=str(error)) from error

    def is_trial(self, id: str) -> bool:
        row = self._store.written.find(id, self._bench.model)
        return row is not None and id == row.trial

    def title(self, id: str) -> str:
        """Of the class that a level was written for; empty where there is none any more."""
        row = self._store.written.find(id, self._bench.model)
        return "" if row is None else self._store.classes.get(row.class_id).title

    def published(self, of: SchoolClass, language: Language = SOURCE) -> tuple[Level, ...]:
        """What a class plays beside the course; without what a later version of the game cannot
        read any more."""
        found = list[Level]()
        for row in self._store.written.of_class(of.id):
            if row.live is not None:
                try:
                    found.append(written.read(row.live, row.live_told or "", row.level, language))
                except AuthorError:
                    logging.getLogger(__name__).warning("a written level cannot be read any more")
        return tuple(found)

    # -- what an instructor does
    @property
    def concepts(self) -> tuple[str, ...]:
        """Those that the model's atlas knows."""
        return tuple(sorted(self._bench.atlas.concepts()))

    def desks(self, of: SchoolClass) -> list[Desk]:
        return [self._desk(row) for row in self._store.written.of_class(of.id)]

    def desk(self, of: SchoolClass, level: str) -> Desk:
        return self._desk(self._store.written.get(of.id, level))

    def begin(self, of: SchoolClass, source: str, shelf: Shelf) -> Desk:
        """A new level. source: an id of the course, whose level is copied, or a kind. PlayerError
        for one that is neither."""
        try:
            if source in shelf.by_id:
                return self.take_in(of, *written.copied(shelf, source))
            return self.take_in(of, written.blank(source), "")
        except AuthorError as error:
            raise PlayerError("errors.no_kind", kind=source[:40]) from error

    def take_in(self, of: SchoolClass, draft: str, told: str) -> Desk:
        """A new level from the texts of its files, whatever is wrong with them."""
        return self._desk(self._store.written.create(of.id, draft, told))

    def keep(self, of: SchoolClass, level: str, draft: str, told: str) -> Desk:
        """The texts of the draft, whatever is wrong with them; what the class plays stays."""
        return self._desk(self._store.written.keep(of.id, level, draft, told))

    def publish(self, of: SchoolClass, level: str) -> Desk:
        """Gives it to the class. PlayerError where no check of this very draft has held."""
        desk = self.desk(of, level)
        if desk.level is None:
            raise PlayerError("written.wrong", reason=desk.wrong)
        if desk.proof is None or not desk.proof.holds:
            raise PlayerError("written.unproven")
        row = desk.row
        return self._desk(self._store.written.publish(of.id, level, row.draft, row.told))

    def withdraw(self, of: SchoolClass, level: str) -> Desk:
        return self._desk(self._store.written.withdraw(of.id, level))

    def delete(self, of: SchoolClass, level: str) -> None:
        self.stop(of, level)
        self._store.written.delete(of.id, level)

    # -- checks
    def check(self, of: SchoolClass, level: str) -> Check:
        """The check that runs, or a new one, which goes on whoever leaves. PlayerError for a draft
        that is no level, and where too many checks run."""
        desk = self.desk(of, level)
        if desk.level is None:
            raise PlayerError("written.wrong", reason=desk.wrong)
        with self._lock:
            found = self._checks.get((of.id, level))
            if found is not None and not found.over.is_set():
                return found
            if sum(not each.over.is_set() for each in self._checks.values()) >= CHECKS_MOST:
                raise PlayerError("written.busy", most=CHECKS_MOST)
            made = self._checks[of.id, level] = Check()
        Thread(target=self._checked, args=(desk, desk.level, made), daemon=True).start()
        return made

    def stop(self, of: SchoolClass, level: str) -> None:
        with self._lock:
            found = self._checks.get((of.id, level))
        if found is not None:
            found.left.set()

    def _checked(self, desk: Desk, level: Level, made: Check) -> None:
        ended: Ended = "failed"
        try:
            bench = self._bench.on_behalf(Client(work="warm", left=made.left))
            for line in check(level, bench):
                made.lines.append(line)
                if made.left.is_set():
                    raise AbandonedError("Nobody wants this check any more.")
            proof = Proof(level.version, bench.edition, tuple(made.lines))
            kept = PROOF.dump_python(proof, mode="json")
            self._store.written.prove(desk.row.class_id, desk.row.level, kept)
            ended = "done"
        except AbandonedError:
            ended = "stopped"
        except Exception:  # whoever looks at it hears that it failed; the log has why
            logging.getLogger(__name__).exception("a check of a written level failed")
        finally:
            made.ended = ended
            made.over.set()

    # -- reading
    def _desk(self, row: Written) -> Desk:
        level, wrong = None, ""
        try:
            level = written.read(row.draft, row.told, row.level)
        except AuthorError as error:
            wrong = str(error)
        with self._lock:
            check = self._checks.get((row.class_id, row.level))
        return Desk(row, level, wrong, self._proof(level, row.proof), check)

    def _proof(self, level: Level | None, kept: Mapping[str, object] | None) -> Proof | None:
        try:
            found = None if level is None or kept is None else PROOF.validate_python(kept)
        except ValidationError:  # of another version of the game
            return None
        now = level and (level.version, self._bench.edition)
        return found if found and (found.version, found.atlas) == now else None
