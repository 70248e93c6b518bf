"""What code has to say to a player: a key and parameters, numbers as numbers. It is kept as that
and put into words at the edge (text/words.py). Knows no language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, init=False)
class Message:
    """`Message("spot.why", token="cat", peak=1.3)`: the sentence `why` of the file `spot`."""

    key: str
    params: Mapping[str, "Param"]

    def __init__(self, key: str, /, **params: "Param") -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "params", params)

    def __hash__(self) -> int:
        return hash((self.key, frozenset(self.params.items())))

    def __str__(self) -> str:
        """For logs: a player reads the sentence that the catalogue makes of it."""
        return f"{self.key}({', '.join(f'{name}={value}' for name, value in self.params.items())})"


@dataclass(frozen=True)
class Filled:
    """A text of a level file with what its {gaps} are filled with."""

    text: str
    params: Mapping[str, "Param"]


Plain: TypeAlias = int | float | str | Message  # a str stands in the sentence as it is
Param: TypeAlias = Plain | tuple[Plain, ...]  # several become a list: "a, b and c"

# What a screen shows: a message, or a text that stands as it is (of the model, the player, a level
# file; or a sentence that a version of the game before messages has kept).
Line: TypeAlias = Message | str
