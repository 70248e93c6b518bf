"""Replicas in this process, for tests: what goes to them and what comes back is pickled, and one is
lost when a test says so."""

import pickle
from collections.abc import Callable, Generator
from threading import Event
from typing import Any

from playground.engine.protocol import Engine
from playground.engine.reception import Ask, Asker, LostError, Piece, Reception
from playground.engine.records import Request


class NearFleet:
    """lost: called before each answer and each piece, with how many have come of it; says
    whether the replica is lost then."""

    alive = True

    def __init__(self, engine: Engine, lost: Callable[[int], bool] = lambda come: False) -> None:
        self._reception = Reception(engine, ("kept in 8 bits",))
        self.lost = lost
        self.asked = list[Ask]()
        self.writing = 0  # streams that have begun

    def ask(self, asker: Asker, left: Event, what: Ask, values: tuple[Any, ...]) -> object:
        self.asked.append(what)
        if self.lost(0):
            raise LostError("killed")
        asker, values = sent((asker, values))
        return sent(self._reception.answer(asker, left, what, values))

    def write(
        self, asker: Asker, left: Event, requests: tuple[Request, ...]
    ) -> Generator[Piece, None, None]:
        self.writing += 1
        asker, requests = sent((asker, requests))
        come = 0
        for come, piece in enumerate(self._reception.write(asker, left, requests)):
            if self.lost(come):
                raise LostError("killed")
            yield sent(piece)


def sent(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))
