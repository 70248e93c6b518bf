"""What a push does to the next token is what the model says with the push and without it."""

import pytest
import torch
from torch import Tensor

from playground.engine.effect import FLOOR, STRENGTH, Effect
from playground.engine.llama import LlamaPath, path_through
from playground.engine.sites import block_at
from playground.models.points import Point
from tests.engine_models import GRAPHED, WIDTH, model

BEGINNINGS = ([0, 5, 9, 17], [0, 33, 66, 12, 40, 7])
NORM = 3.0


def pushes() -> Tensor:
    rows = torch.randn(50, WIDTH, generator=torch.Generator().manual_seed(2))  # two batches
    return rows / rows.norm(dim=1, keepdim=True)


@pytest.mark.parametrize("family", [GRAPHED, "gpt2", "gemma2"])
def test_a_push_on_the_last_token_is_measured(family: str) -> None:
    made, point = model(family).requires_grad_(False), Point(1)
    rows = pushes()
    path = path_through(made, [point])
    assert isinstance(path, LlamaPath) == (family == GRAPHED)
    measured = Effect(path, point, NORM, BEGINNINGS, 0).of(rows)
    assert not path.columns  # nothing is left behind

    def said(ids: list[int], push: Tensor | None) -> Tensor:
        def add(_module: object, _args: object, output: Tensor | tuple[Tensor, ...]) -> object:
            hidden = output[0] if isinstance(output, tuple) else output
            if push is not None:
                hidden = hidden.clone()
                hidden[:, -1] += NORM * STRENGTH * push
            return (hidden, *output[1:]) if isinstance(output, tuple) else hidden

        handle = block_at(made, 1).register_forward_hook(add)
        try:
            logits = made(torch.tensor([ids]), use_cache=False).logits[0, -1].float()
        finally:
            handle.remove()
        return logits.log_softmax(-1).clamp_min(FLOOR)

    for n in (0, 31, 49):
        changes = [said(ids, rows[n]) - said(ids, None) for ids in BEGINNINGS]
        torch.testing.assert_close(measured[n], sum(changes) / 2, atol=2e-4, rtol=1e-3)
