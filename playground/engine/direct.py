"""Direct logits: what a direction at a place of the model adds to the logits along the path that no
nonlinearity comes between: its own output matrix where it stands before one, the norms, the head.

Norms are taken as they are once their input is given: each has a gain, and one that centres takes
the mean away. What they divide by, which differs from token to token, is left out, and so is a cap
on the logits.
"""

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from playground.engine.sites import Layout, block_at, layout_of
from playground.models.points import Kind, Point, Side

ADDED: tuple[Kind, ...] = ("embed", "resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out")


class Direct:
    """The path from one place of a model."""

    def __init__(self, model: PreTrainedModel, point: Point) -> None:
        layout = layout_of(model)
        self._steps = steps(layout, block_at(model, point.layer), point)
        self._norm = model.get_submodule(layout.norm)
        self._gain_from = layout.gain_from
        head = model.get_output_embeddings()
        assert isinstance(head, nn.Linear)
        self._head = head.weight.detach().float()
        self._vocabulary = len(self._head)

    def __bool__(self) -> bool:
        """Whether there is such a path: what stands before an MLP's nonlinearity, or before
        attention, says nothing by itself."""
        return self._steps is not None

    @torch.inference_mode()
    def logits(self, rows: Tensor) -> Tensor:
        """What one unit of each row adds to each token's logit, float32; zeros where there is no
        path. rows: [n, width of the place]; [n, vocabulary]"""
        if self._steps is None:
            return torch.zeros(len(rows), self._vocabulary)
        for step in self._steps:
            rows = passed(step, rows, self._gain_from)
        rows = passed(self._norm, rows, self._gain_from).to(self._head.device)
        return (rows @ self._head.T).cpu()


def steps(layout: Layout, block: nn.Module, point: Point) -> list[nn.Module] | None:
    """The modules, matrices and norms only, between a place and the residual; None where others
    stand between."""
    parts = dict(block.named_modules())
    behind_attn = [parts[each] for each in layout.attn_out if each not in layout.attn]
    behind_mlp = [parts[layout.mlp_out]] if layout.mlp_out != layout.mlp else []
    paths: dict[tuple[str, Side], list[nn.Module]] = {
        **{(each, "output"): [] for each in (*layout.attn_out, layout.mlp_out)},
        **{(each, "output"): behind_attn for each in (*layout.attn, layout.z)},
        **{(each, "output"): behind_mlp for each in (layout.mlp, layout.mlp_last)},
    }
    for last, behind in ((layout.z, behind_attn), (layout.mlp_last, behind_mlp)):
        if last in parts:
            paths[last, "input"] = [parts[last], *behind]
    named: dict[Kind, tuple[str, Side]] = {
        "attn_z": (layout.z, "input"),
        "attn_raw": (layout.attn[0], "output"),
        "mlp_raw": (layout.mlp, "output"),
        "module": (point.path, point.side),
    }
    if point.kind in named:
        return paths.get(named[point.kind])
    return [] if point.kind in ADDED else None


def passed(module: nn.Module, rows: Tensor, gain_from: float) -> Tensor:
    """Directions behind a norm or a matrix, without its bias, float32. gain_from: what the weight
    of a norm is counted from; rows: [n, in]; [n, out]"""
    weight = module.get_parameter("weight").detach()
    elsewhere = weight.device.type == "meta"
    rows = rows.float() if elsewhere else rows.to(weight.device).float()
    if elsewhere or not weight.is_floating_point():
        # Kept in few bits, or somewhere else until it is wanted: only the module knows it.
        rows = rows.to(weight.dtype) if weight.is_floating_point() else rows
        return (module(rows) - module(torch.zeros_like(rows[:1]))).float()
    if weight.dim() == 2:  # GPT-2's matrices stand the other way round
        return rows @ (weight.float().T if isinstance(module, nn.Linear) else weight.float())
    if isinstance(module, nn.LayerNorm):
        rows = rows - rows.mean(dim=-1, keepdim=True)
    return rows * (weight.float() + gain_from)
