"""The SAEs of SmolLM2: their trainer beside autograd, what it learns and what it writes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from playground.models.sae_files import load
from playground.smollm2 import saes
from playground.smollm2.harvest import Shard
from playground.smollm2.saes import (
    Residuals,
    SaePlan,
    Trained,
    figures,
    threshold_for,
    train,
    write,
)

WIDE, D = 32, 16
RECIPE = SaePlan(layer=1, width=WIDE, k=4, groups=(8, 16), passes=6)


def atoms(count: int = 12) -> torch.Tensor:
    rows = torch.randn(count, D, generator=torch.Generator().manual_seed(5))
    return rows / rows.norm(dim=1, keepdim=True)


def tokens(count: int, seed: int = 0) -> torch.Tensor:
    """Sums of a few atoms, beside a little noise."""
    made = torch.Generator().manual_seed(seed)
    on = torch.rand(count, len(atoms()), generator=made) < 0.12
    sizes = 1 + torch.rand(count, len(atoms()), generator=made)
    return (on * sizes) @ atoms() + 0.01 * torch.randn(count, D, generator=made)


def shard(folder: Path, name: str, residual: torch.Tensor, lengths: list[int]) -> Path:
    ids = np.arange(len(residual), dtype=np.int32)
    held = residual.half().numpy()[None]
    Shard(held, ids, np.array(lengths, dtype=np.int32), [{"prompt": "a"}]).write(folder, name)
    return folder / f"{name}.npz"


def test_gradients_are_those_of_autograd() -> None:
    x = tokens(64)
    sae = Trained(RECIPE, x.mean(0))
    names = ("decoder", "encoder", "bias", "centre")
    ours = {name: getattr(sae, name).clone() for name in names}
    caught = list[torch.Tensor]()
    for adam in sae._adams:  # pyright: ignore[reportPrivateUsage]
        adam.step = lambda gradient, rate, number: caught.append(gradient)
    sae.step(x, 4, 1e-3, 1)

    leaf = {name: value.requires_grad_() for name, value in ours.items()}
    pre = (x - leaf["centre"]) @ leaf["encoder"].T + leaf["bias"]
    threshold = threshold_for(pre.detach(), 4)
    acts = pre * (pre > threshold)
    loss = torch.zeros(())
    for end in (8, 16, WIDE):
        error = acts[:, :end] @ leaf["decoder"][:end] + leaf["centre"] - x
        loss = loss + error.pow(2).sum() / (3 * len(x))
    loss.backward()
    for name, gradient in zip(names, caught, strict=True):
        expected = leaf[name].grad
        assert expected is not None
        if name == "decoder":  # rows keep their length
            rows = leaf["decoder"].detach()
            expected = expected - (expected * rows).sum(1, keepdim=True) * rows
        torch.testing.assert_close(gradient, expected, rtol=1e-4, atol=1e-5)


def test_the_optimizer_is_adam() -> None:
    ours, theirs = torch.ones(3), torch.ones(3, requires_grad=True)
    adam, reference = saes.Adam(ours), torch.optim.Adam([theirs], lr=0.01)
    for number in range(1, 6):
        gradient = torch.tensor([0.1, -2.0, 0.0]) * number
        theirs.grad = gradient.clone()
        reference.step()
        adam.step(gradient, 0.01, number)
    torch.testing.assert_close(ours, theirs.detach())


def test_what_tokens_are_made_of_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saes, "BATCH", 256)
    held = tokens(20_000)
    pool = Residuals(held.half().numpy(), 1.0, held.mean(0))
    sae = train(pool, SaePlan(1, WIDE, 2, (), passes=12, learning_rate=4e-3))
    alike = (sae.decoder @ atoms().T).amax(0)
    assert (alike > 0.9).sum() >= 10, alike
    fresh = tokens(2_000, 9)
    told = figures(sae, Residuals(fresh.half().numpy(), 1.0, fresh.mean(0)), 1.0)
    assert told.variance_explained > 0.85 and 1 < told.l0 < 3


def test_silent_features_begin_anew() -> None:
    x = tokens(64)
    sae = Trained(RECIPE, x.mean(0))
    sae.step(x, 4, 1e-3, 1)
    before = sae.decoder.clone()
    sae.begin_anew(torch.tensor([3, 30]), x, 1)
    changed = (sae.decoder != before).any(1).nonzero()[:, 0].tolist()
    assert changed == [3, 30]
    torch.testing.assert_close(sae.decoder.norm(dim=1), torch.ones(WIDE))


def test_what_is_written_is_what_was_trained(tmp_path: Path) -> None:
    scale, x = 0.5, tokens(64)
    sae = Trained(RECIPE, (x * scale).mean(0))
    for number in range(1, 20):
        sae.step(x * scale, 4, 1e-2, number)
    told = figures(sae, Residuals(x.half().numpy(), scale, sae.centre), scale)
    write(sae, scale, tmp_path / "sae", "tiny", told)
    read = load(tmp_path / "sae")
    assert (read.metadata.layer, read.metadata.model) == (1, "tiny")
    expected = torch.zeros(len(x), WIDE)
    pre = sae.pre(x * scale)
    expected = pre * (pre > sae.threshold) / scale
    got = read.encode(x)
    near = (pre - sae.threshold).abs() < 0.02  # where rounding decides
    torch.testing.assert_close(
        got.masked_fill(near, 0), expected.masked_fill(near, 0), atol=0.02, rtol=0.02
    )


def test_giant_and_first_tokens_are_left_out(tmp_path: Path) -> None:
    giant = tokens(40)
    giant[7] *= 500
    chat = shard(tmp_path, "chat-0-0000", giant, [40])
    prose = shard(tmp_path, "prose-0-0000", tokens(40, 1), [20, 20])
    assert len(Residuals.read([chat], 0).residual) == 39
    assert len(Residuals.read([prose], 0).residual) == 36
    with pytest.raises(ValueError, match="no shards"):
        Residuals.read([], 0)


def test_a_shard_comes_back_as_it_was(tmp_path: Path) -> None:
    held = tokens(10)
    back = Shard.read(shard(tmp_path, "chat-0-0000", held, [4, 6]))
    assert back.lengths.tolist() == [4, 6] and back.texts == [{"prompt": "a"}]
    np.testing.assert_array_equal(back.residual[0], held.half().numpy())
    assert [each.name for each in tmp_path.iterdir()] == ["chat-0-0000.npz"]
