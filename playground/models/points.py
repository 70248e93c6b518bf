"""The named places in a decoder block where an SAE reads or writes, by either library's names.

Knows no model: `engine/sites.py` finds the modules that a point stands for.
"""

import re
from dataclasses import dataclass
from typing import Literal

from playground.errors import EngineError

Kind = Literal[
    "embed", "resid_pre", "attn_normalized", "attn_z", "attn_raw", "attn_out", "resid_mid",
    "mlp_branch", "mlp_normalized", "mlp_in", "mlp_raw", "mlp_out", "resid_post", "module",
]  # fmt: skip
Side = Literal["input", "output"]

# TransformerLens' names, and those of its bridge, below `blocks.N.`.
TRANSFORMER_LENS: dict[str, Kind] = {
    "hook_resid_pre": "resid_pre",
    "hook_in": "resid_pre",
    "ln1.hook_normalized": "attn_normalized",
    "attn.hook_z": "attn_z",
    "hook_z": "attn_z",
    "attn.hook_out": "attn_raw",
    "hook_attn_out": "attn_out",
    "hook_resid_mid": "resid_mid",
    "hook_mlp_in": "mlp_branch",  # there: the residual on its way to the norm before the MLP
    "ln2.hook_normalized": "mlp_normalized",
    "mlp.hook_in": "mlp_in",
    "mlp.hook_out": "mlp_raw",
    "hook_mlp_out": "mlp_out",
    "hook_resid_post": "resid_post",
    "hook_out": "resid_post",
}
BLOCK = re.compile(r"^blocks\.(\d+)\.(.+)$")
MODULE = re.compile(
    r"^(?:.+\.)?(?:layers|h)\.(\d+)(?:\.((?!(?:in|out)put$).+?))?(?:\.((?:in|out)put))?$"
)
RESIDUAL: tuple[Kind, ...] = ("embed", "resid_pre", "resid_mid", "resid_post")
# What TransformerLens' center_writing_weights takes the mean of: all that is added to the residual.
CENTRED: tuple[Kind, ...] = (*RESIDUAL, "mlp_branch", "attn_out", "attn_raw", "mlp_out", "mlp_raw")


@dataclass(frozen=True)
class Point:
    """A place of block `layer` (from 0). kind `module`: a module below the block, by its Hugging
    Face path, on one side; all other kinds have the same meaning in every family."""

    layer: int
    kind: Kind = "resid_post"
    path: str = ""
    side: Side = "output"

    @property
    def name(self) -> str:
        """As it is shown: `resid_post`, or `self_attn.o_proj input`."""
        return f"{self.path} {self.side}" if self.kind == "module" else self.kind

    @property
    def order(self) -> tuple[int, bool, str]:
        """Sorts sites as the model passes them, block by block, the residual after a block last."""
        return self.layer, self.kind == "resid_post", self.name


def parse(name: str) -> Point:
    """The point that a hook name says: `blocks.3.hook_resid_post`, `model.layers.3` and
    `model.layers.3.output` are one.

    The residual before a block is the one after the block before. Raises EngineError for a name
    that says no point.
    """
    if name in ("hook_embed", "blocks.0.hook_embed"):
        return Point(0, "embed")
    if (match := BLOCK.match(name)) and match[2] in TRANSFORMER_LENS:
        return whole(int(match[1]), TRANSFORMER_LENS[match[2]])
    if match := MODULE.match(name):
        layer, side = int(match[1]), "input" if match[3] == "input" else "output"
        if match[2] is None:
            return whole(layer, "resid_pre" if side == "input" else "resid_post")
        return Point(layer, "module", match[2], side)
    raise EngineError(
        f"The SAE stands at {name!r}, which is no place that is known; there are blocks.N. with "
        f"{', '.join(TRANSFORMER_LENS)}, and module paths such as model.layers.N.mlp.output."
    )


def whole(layer: int, kind: Kind) -> Point:
    return Point(layer - 1) if kind == "resid_pre" and layer > 0 else Point(layer, kind)
