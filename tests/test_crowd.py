"""How often replies are drawn where many are written at once."""

from collections.abc import Iterator

from playground.engine.records import Token
from playground.levels.dealing.triples import Began, Said
from playground.screens.parts import streams


def talk() -> Iterator[Began | Said]:
    yield Began("Once", (), ("baseline",))
    for number in range(10):
        yield Said("baseline", Token(number, f" {number}"))


def test_in_a_crowd_words_come_in_larger_pieces() -> None:
    """All runs together are drawn so often, and one that has ended makes room."""
    assert streams.CROWD.runs == 0 and streams.CROWD.pause == 1 / streams.UPDATES_A_SECOND
    crowd = [streams.paced(talk(), streams.Run()) for _ in range(30)]
    for each in crowd:
        next(each)
    assert streams.CROWD.pause == 30 / streams.ALL_UPDATES_A_SECOND
    for each in crowd[1:]:
        each.close()
    assert list(crowd[0]) and streams.CROWD.runs == 0
