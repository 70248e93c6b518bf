"""The level kinds by the word that a level file says, one file each."""

from playground.levels.kinds.find import FindLevel
from playground.levels.kinds.steer import SteerLevel

Level = FindLevel | SteerLevel
KINDS: dict[str, type[FindLevel] | type[SteerLevel]] = {"find": FindLevel, "steer": SteerLevel}
