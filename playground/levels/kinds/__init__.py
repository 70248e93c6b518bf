"""The level kinds by the word that a level file says, one file each."""

from playground.levels.kinds.blend import BlendLevel
from playground.levels.kinds.breaking import BreakingLevel
from playground.levels.kinds.control import ControlLevel
from playground.levels.kinds.golf import GolfLevel
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.kinds.method import MethodLevel
from playground.levels.kinds.mystery import MysteryLevel
from playground.levels.kinds.name import NameLevel
from playground.levels.kinds.predict import PredictLevel
from playground.levels.kinds.side import SideLevel
from playground.levels.kinds.site import SiteLevel
from playground.levels.kinds.split import SplitLevel
from playground.levels.kinds.spot import SpotLevel
from playground.levels.kinds.steer import SteerLevel
from playground.levels.kinds.suppress import SuppressLevel
from playground.levels.kinds.trigger import TriggerLevel
from playground.levels.schema import LevelBase

Level = LevelBase
KINDS: dict[str, type[LevelBase]] = {
    "hunt": HuntLevel,
    "steer": SteerLevel,
    "site": SiteLevel,
    "side": SideLevel,
    "golf": GolfLevel,
    "suppress": SuppressLevel,
    "blend": BlendLevel,
    "control": ControlLevel,
    "spot": SpotLevel,
    "predict": PredictLevel,
    "name": NameLevel,
    "method": MethodLevel,
    "breaking": BreakingLevel,
    "trigger": TriggerLevel,
    "split": SplitLevel,
    "mystery": MysteryLevel,
}
