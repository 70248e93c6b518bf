"""For whom the model works. An owner is any name, such as a player's id; nothing else is known of
players."""

from dataclasses import dataclass, field
from threading import Event
from typing import Literal, get_args

Work = Literal["reply", "deal", "warm"]
WORKS: tuple[Work, ...] = get_args(Work)  # the most urgent first


@dataclass(frozen=True, eq=False)
class Client:
    """owner: whose fair share it takes, None for the house. work: `reply` is what somebody reads as
    it is written, or a text of theirs that is read; `deal` what a page waits for, first questions
    and verdicts; `warm` what nobody waits for yet, further questions among it. left: once it is
    set, what was asked for is let go of and ends in AbandonedError. here: it asks on the thread, or
    in the context, of the visitor's own request, and for this visitor alone: where GPUs are lent to
    visitors, one may write it."""

    owner: str | None = None
    work: Work = "deal"
    left: Event = field(default_factory=Event)
    here: bool = False


HOUSE = Client()
GONE = "Nobody waits for this any more."  # of an AbandonedError
