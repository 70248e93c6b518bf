"""The only file that registers hooks on a model's modules. Knows no rows, dials or SAEs."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from playground.engine.sites import Tap

# What is called with what stands at a place, [rows, tokens, width], in every pass; what it returns,
# if anything, takes its place.
Act = Callable[[Tensor], Tensor | None]


def attach(tap: Tap, act: Act) -> list[torch.utils.hooks.RemovableHandle]:
    """Has `act` called with what stands at a place, [rows, positions, width], in every pass; what
    it returns takes its place."""
    if tap.residual is not None:
        return attach_between(tap, tap.residual, act)
    if tap.side == "input":

        def before(module: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict] | None:
            hidden = args[0] if args else kwargs["hidden_states"]
            if tap.gained is not None:
                hidden = tap.gained(hidden)
            new = act(hidden)
            if new is None:
                return None
            if args:
                return (new, *args[1:]), kwargs
            return args, {**kwargs, "hidden_states": new}

        return [tap.module.register_forward_pre_hook(before, with_kwargs=True)]

    def after(module: nn.Module, args: object, output: Tensor | tuple) -> Tensor | tuple | None:
        if isinstance(output, tuple):
            new = act(output[0])
            return None if new is None else (new, *output[1:])
        return act(output)

    return [tap.module.register_forward_hook(after)]


def attach_between(tap: Tap, block: nn.Module, act: Act) -> list[torch.utils.hooks.RemovableHandle]:
    """The residual between attention and MLP is no module's input alone: the block adds it up from
    its own input and what attention gives, and a change has to go into the latter."""
    kept: list[Tensor] = []

    def remember(module: nn.Module, args: tuple, kwargs: dict) -> None:
        kept[:] = [args[0] if args else kwargs["hidden_states"]]

    def after(module: nn.Module, args: object, output: Tensor | tuple) -> Tensor | tuple | None:
        given = output[0] if isinstance(output, tuple) else output
        hidden = kept.pop().to(given.device) + given
        new = act(hidden)
        if new is None:
            return None
        given = torch.where(new == hidden, given, given + (new - hidden))
        return (given, *output[1:]) if isinstance(output, tuple) else given

    return [
        block.register_forward_pre_hook(remember, with_kwargs=True),
        tap.module.register_forward_hook(after),
    ]
