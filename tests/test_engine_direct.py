"""Direct logits are the gradient of the model's own logits, with what other blocks say, and what
the norms divide by, held fast. Modules are found by tests/parity/places.py, not by the engine."""

from contextlib import ExitStack
from functools import cache

import pytest
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from playground.engine.direct import Direct
from playground.engine.sites import block_at
from playground.models.points import Point, parse
from tests import engine_models
from tests.parity.paths import hooked
from tests.parity.places import FAMILIES, LENS, Family, module

WIDTH = engine_models.WIDTH
IDS = torch.tensor([[0, 5, 9, 17, 33, 66]])
LAYER = 1
PLACES = ("first", "resid_pre", "resid_mid", "resid_post", "z", "attn_raw", "attn_out", "mlp_raw",
          "mlp_out")  # fmt: skip
LAST = {"gpt2": "mlp.c_proj", "gpt_neox": "mlp.dense_4h_to_h"}
NAMES = ("gpt2", "llama", "qwen3", "gemma2", "gpt_neox")
LOOKED_AT = [family for family in FAMILIES if family.key in NAMES]
ON_THE_WAY = {"z": ("attn_out",), "attn_raw": ("attn_out",), "attn_out": ("attn_out",),
              "mlp_raw": ("mlp_out",), "mlp_out": ("mlp_out",)}  # fmt: skip


class Frozen:
    """A model whose norms divide by what they divided by, and whose blocks say what they said."""

    def __init__(self, family: Family) -> None:
        self.model, self.family = engine_models.model(family.key).double(), family
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self.blocks = list(self.model.get_submodule(family.parts.blocks).children())
        root = family.parts.blocks.rpartition(".")[0]
        names = ("norm", "ln_f", "final_layer_norm")
        self.last = next(
            each for name, each in self.model.get_submodule(root).named_children() if name in names
        )

    def gradient(
        self, layer: int, path: str, side: str, own: tuple[str, ...], unit: Tensor
    ) -> Tensor:
        """What `unit` adds at a place to each logit of the last token, times what the norms on its
        way divide by. own: what the place itself adds to the residual."""
        scales, start, found = list[Tensor](), list[Tensor](), list[Tensor]()

        def begin(x: Tensor) -> Tensor:
            start[:] = [x.detach().requires_grad_()]
            return start[0]

        with ExitStack() as stack:
            for number, block in enumerate(self.blocks):
                for part in ("attn_out", "mlp_out"):
                    below, _ = module(self.family, part)
                    if number != layer or part not in own:
                        stack.enter_context(hooked(block, below, "output", lambda x: x.detach()))
                        continue
                    norm = block.get_submodule(below)
                    if isinstance(norm, type(self.last)) and below != path:
                        freeze(norm, scales, stack)
            freeze(self.last, scales, stack)
            head = self.model.get_output_embeddings()
            assert isinstance(head, nn.Module)
            stack.enter_context(hooked(head, "", "output", found.append))
            stack.enter_context(hooked(self.blocks[layer], path, side, begin))
            self.model(IDS)
        logits, weights = found[0][-1], torch.zeros_like(found[0][-1], requires_grad=True)
        (by_place,) = torch.autograd.grad(logits @ weights, start[0], create_graph=True)
        (added,) = torch.autograd.grad(by_place[-1] @ unit.double(), weights)
        return added * torch.stack(scales).prod(0)


def freeze(norm: nn.Module, scales: list[Tensor], stack: ExitStack) -> None:
    """Makes a norm a linear map of its input, y = x g / s + b with s held fast; s of the last token
    goes to `scales`."""
    given = list[Tensor]()

    def after(out: Tensor) -> Tensor:
        x = given.pop()
        if isinstance(norm, nn.LayerNorm):
            x = x - x.mean(-1, keepdim=True)
        still, shift = x.detach(), getattr(norm, "bias", None)
        shift = torch.zeros_like(still) if shift is None else shift
        # Its root mean square; the epsilon beside it is below 1e-5 of it.
        scales.append(still[-1].square().mean().sqrt())
        return (out.detach() - shift) / still * x + shift

    stack.enter_context(hooked(norm, "", "input", given.append))
    stack.enter_context(hooked(norm, "", "output", after))


@cache
def frozen(family: Family) -> Frozen:
    return Frozen(family)


@cache
def plain(family: str) -> PreTrainedModel:
    return engine_models.model(family)


def cases() -> list[object]:
    made = list[object]()
    for family in LOOKED_AT:
        for place in PLACES:
            if place == "resid_mid" and family.parallel:
                continue
            point = parse(LENS[place].format(LAYER))
            made.append(pytest.param(family, place, point, id=f"{family.key}-{place}"))
        path = LAST.get(family.key, "mlp.down_proj")
        for side in ("input", "output"):
            point = Point(LAYER, "module", path, side)  # pyright: ignore[reportArgumentType]
            made.append(pytest.param(family, f"last {side}", point, id=f"{family.key}-last-{side}"))
    return made


def by_hand(family: Family, place: str, unit: Tensor) -> Tensor:
    model = frozen(family)
    if place.startswith("last"):
        path, side = LAST.get(family.key, "mlp.down_proj"), place.split()[1]
        return model.gradient(LAYER, path, side, ("mlp_out",), unit)
    layer = 0 if place == "first" else LAYER
    if place == "resid_mid":  # the block hands it on beside the MLP: as good as what is added to it
        return model.gradient(layer, *module(family, "attn_out"), ("attn_out",), unit)
    return model.gradient(layer, *module(family, place), ON_THE_WAY.get(place, ()), unit)


@pytest.mark.parametrize(("family", "place", "point"), cases())
def test_direct_logits_are_the_models_own_gradient(
    family: Family, place: str, point: Point
) -> None:
    size = {"last input": 4 * WIDTH if family.key == "gpt2" else 48}.get(place, WIDTH)
    rows = torch.randn(2, size, generator=torch.Generator().manual_seed(4)) + 0.3
    ours = Direct(plain(family.key), point).logits(rows)
    expected = torch.stack([by_hand(family, place, row) for row in rows])
    assert expected.abs().max() > 0.05
    assert (ours - expected).abs().max() < 1e-4 * expected.abs().max(), family.title


@pytest.mark.parametrize("name", ["mlp.hook_in", "ln2.hook_normalized", "ln1.hook_normalized"])
def test_what_goes_through_a_nonlinearity_has_none(name: str) -> None:
    path = Direct(plain("llama"), parse(f"blocks.{LAYER}.{name}"))
    assert not path
    assert path.logits(torch.randn(2, WIDTH)).shape == (2, engine_models.VOCABULARY)
    assert not path.logits(torch.randn(2, WIDTH)).any()


def test_a_matrix_in_few_bits_is_asked_itself() -> None:
    """Its weights stand in no order that could be multiplied by."""

    class Packed(nn.Module):
        def __init__(self, matrix: nn.Linear) -> None:
            super().__init__()
            packed = torch.zeros(7, 1, dtype=torch.uint8)
            self.weight, self.own = nn.Parameter(packed, requires_grad=False), matrix

        def forward(self, x: Tensor) -> Tensor:
            return self.own(x) + 1.5

    made, point = engine_models.model("llama"), parse(LENS["z"].format(LAYER))
    rows = torch.randn(3, WIDTH)
    expected = Direct(made, point).logits(rows)
    attention = block_at(made, LAYER).get_submodule("self_attn")
    attention.o_proj = Packed(attention.get_submodule("o_proj"))  # pyright: ignore
    torch.testing.assert_close(Direct(made, point).logits(rows), expected, atol=1e-4, rtol=1e-4)
