"""What a model computes, found without the engine: by TransformerLens, by sae-lens' wrapper of
Hugging Face models, or by a hook written by hand; and what it says when it is steered by hand."""

import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM

from tests.parity.places import LENS, Column, Family, hook_name, layer_of, module
from tests.random_saes import contribution

# The letters of the table: where the activations came from that sae-lens encoded.
LENS_PATH, WRAPPER_PATH, HAND_PATH = "T", "W", "H"
HEADS = 4
Centred = tuple[bool, bool]  # what is read, and what stands where it is written
UNCENTRED: Centred = (False, False)
Push = Callable[[Tensor, Tensor], Tensor]  # of what is read and what is written, [tokens, width]


def quietly(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


class Independent:
    """A family's model, read from its folder once for each way of looking at it."""

    def __init__(self, folder: Path, family: Family, ids: list[int]) -> None:
        self.family = family
        self.ids = torch.tensor([ids])
        self.model = AutoModelForCausalLM.from_pretrained(folder).eval().requires_grad_(False)
        self.lens, self.wrapped = dict[str, Tensor](), dict[str, Tensor]()
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            if family.bridged:
                bridge = quietly("transformer_lens.model_bridge").TransformerBridge
                _, cache = bridge.boot_transformers(str(folder), device="cpu").run_with_cache(
                    self.ids
                )
                self.lens = {name: value[0] for name, value in cache.items()}
            opened = quietly("sae_lens.load_model").load_model(
                "AutoModelForCausalLM", str(folder), device="cpu"
            )
            _, cache = opened.run_with_cache(self.ids)
            self.wrapped = {name: value[0] for name, value in cache.items()}
        self.plain = self.model(self.ids).logits[0]

    def seen(self, column: Column) -> tuple[Tensor, str]:
        """What an SAE of this column reads, and which way it was found. [tokens, width], z by
        heads."""
        place, family = column.reads, self.family
        if column.spelt == "lens":
            name = LENS[place].format(family.layer)
            if name in self.lens:
                return self.lens[name], LENS_PATH
        else:
            name = hook_name(family, column, place)
            output = name.removesuffix(".output")
            if output in self.wrapped:
                return self.wrapped[output], WRAPPER_PATH
        return self.by_hand(place), HAND_PATH

    def by_hand(self, place: str) -> Tensor:
        found = list[Tensor]()
        with self.watching(place, lambda seen: found.append(seen)), torch.no_grad():
            self.model(self.ids)
        return found[0].unflatten(-1, (HEADS, -1)) if place == "z" else found[0]

    def block(self, place: str) -> nn.Module:
        blocks = self.model.get_submodule(self.family.parts.blocks)
        return blocks.get_submodule(str(layer_of(self.family, place)))

    @contextmanager
    def watching(self, place: str, act: Callable[[Tensor], object]) -> Iterator[None]:
        """Within, `act` is told what stands at a place in each pass."""

        def look(hidden: Tensor) -> None:
            act(bare(self.norm(place), hidden) if place.endswith("normalized") else hidden)

        if place == "resid_mid":
            place = "mlp_branch"
        with hooked(self.block(place), *module(self.family, place), look):
            yield

    def norm(self, place: str) -> nn.Module:
        return self.block(place).get_submodule(module(self.family, place)[0])

    @torch.no_grad()
    def steered(self, reads: str, writes: str, push: Push) -> Tensor:
        """Logits with push(what is read, what is written) added where it is written. [tokens,
        vocabulary]"""
        seen, added = list[Tensor](), list[Tensor]()

        def pushed(hidden: Tensor) -> Tensor:
            added.append(push(seen[-1] if reads != writes else hidden, hidden))
            return hidden + added[-1]

        with ExitStack() as stack:
            if reads != writes:
                stack.enter_context(self.watching(reads, seen.append))
            if writes == "resid_mid":  # what the MLP's norm reads, and what the block hands on
                block, branch = self.block(writes), module(self.family, "mlp_branch")
                stack.enter_context(hooked(block, *branch, pushed))
                stack.enter_context(hooked(block, "", "output", lambda out: out + added[-1]))
            else:
                place = self.block(writes), *module(self.family, writes)
                stack.enter_context(hooked(*place, pushed))
            return self.model(self.ids).logits[0]


@contextmanager
def hooked(
    block: nn.Module, path: str, side: str, act: Callable[[Tensor], Tensor | None]
) -> Iterator[None]:
    """A hook on one side of a module; what `act` returns takes the place of what stands there."""
    target = block.get_submodule(path)

    def before(module: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict] | None:
        given = (args[0] if args else kwargs["hidden_states"])[0]
        new = act(given)
        if new is None:
            return None
        if args:
            return (new[None], *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": new[None]}

    def after(module: nn.Module, args: tuple, output: Tensor | tuple) -> Tensor | tuple | None:
        new = act((output[0] if isinstance(output, tuple) else output)[0])
        if new is None:
            return None
        return (new[None], *output[1:]) if isinstance(output, tuple) else new[None]

    if side == "input":
        handle = target.register_forward_pre_hook(before, with_kwargs=True)
    else:
        handle = target.register_forward_hook(after)
    try:
        yield
    finally:
        handle.remove()


def bare(norm: nn.Module, x: Tensor) -> Tensor:
    """A norm without gain and shift."""
    if isinstance(norm, nn.LayerNorm):
        return nn.functional.layer_norm(x, x.shape[-1:], eps=norm.eps)
    epsilon = cast(float, getattr(norm, "eps", None) or norm.variance_epsilon)
    return x / (x.pow(2).mean(-1, keepdim=True) + epsilon).sqrt()


def pusher(
    sae: Any, feature: int, method: str, target: float, centred: Centred = UNCENTRED
) -> Push:
    """The push of a dial from sae-lens' own SAE: its decoder row, and what its feature adds to what
    it decodes. target: the length that the dial asks for; centred: what is without its mean where
    the SAE was trained, and is not here. Position 0 is never pushed."""
    row = sae.W_dec[feature].detach().float()
    unit = row / row.norm()

    def push(seen: Tensor, written: Tensor) -> Tensor:
        if centred[0]:
            seen = seen - seen.mean(-1, keepdim=True)
        if centred[1]:
            written = written - written.mean(-1, keepdim=True)
        if sae.hook_z_reshaping_mode:
            seen = seen.unflatten(-1, (HEADS, -1))
        own = contribution(sae, seen, feature)
        added = {
            "add": (target * unit).expand_as(written),
            "clamp": target * unit - own,
            "ablate": -own,
            "project": (target - written @ unit)[:, None] * unit,
        }[method]
        return torch.cat((torch.zeros_like(added[:1]), added[1:]))

    return push
