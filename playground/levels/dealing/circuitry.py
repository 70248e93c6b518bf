"""What a feature of a circuit is called where a player reads of it. Knows no kind and no screen."""

from playground.circuits.notes import Note
from playground.circuits.records import Node
from playground.levels.dealing.passages import quoted
from playground.messages import Message


def told(note: Note, node: Node) -> Message:
    """By the token that it fires on, and the next token that it writes for."""
    if not note.fires or not note.promotes:
        return Message("circuits.nameless", index=node.index)
    return Message(
        "circuits.feature", fires=quoted(note.fires[0]), promotes=quoted(note.promotes[0])
    )
