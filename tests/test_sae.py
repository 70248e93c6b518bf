"""SAEs read from disk agree with sae-lens, whole and by single features."""

import json
from pathlib import Path

import pytest
import torch

from playground.errors import EngineError
from playground.models.sae import load
from tests.engine_models import FEATURES, WIDTH, save_sae
from tests.random_saes import sae_lens

KINDS = ("standard", "jumprelu", "topk", "rescaled", "batchtopk")


@pytest.fixture(scope="module", params=KINDS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_sae(tmp_path_factory.mktemp("sae") / request.param, 1, request.param)


@pytest.fixture
def residual() -> torch.Tensor:
    return 2 * torch.randn(3, 7, WIDTH, generator=torch.Generator().manual_seed(0)) + 0.5


def test_encode_is_sae_lens(folder: Path, residual: torch.Tensor) -> None:
    sae, theirs = load(folder), sae_lens().SAE.load_from_disk(folder)
    assert (sae.width, sae.d_in) == (FEATURES, WIDTH)
    assert sae.metadata.layer == 1
    acts = sae.encode(residual)
    assert torch.equal(acts, theirs.encode(residual))
    assert 0 < (acts > 0).float().mean() < 0.9


def test_some_features_cost_less_and_are_the_same(folder: Path, residual: torch.Tensor) -> None:
    sae = load(folder)
    some = [5, 0, 63, 17]
    torch.testing.assert_close(sae.encode_features(residual, some), sae.encode(residual)[..., some])


def test_rows_times_lengths_times_activations_are_the_reconstruction(
    folder: Path, residual: torch.Tensor
) -> None:
    sae, theirs = load(folder), sae_lens().SAE.load_from_disk(folder)
    everything = range(sae.width)
    units = sae.unit_rows(everything)
    torch.testing.assert_close(units.norm(dim=-1), torch.ones(sae.width))
    ours = (sae.encode(residual) * sae.row_norms) @ units + sae.weights.b_dec
    torch.testing.assert_close(ours, theirs.decode(sae.encode(residual)))


@pytest.mark.parametrize("kind", ["jumprelu", "topk"])
def test_a_centred_sae_sees_the_residual_without_its_mean(
    tmp_path: Path, kind: str, residual: torch.Tensor
) -> None:
    sae = load(save_sae(tmp_path, 1, kind, centred=True))
    plain = load(save_sae(tmp_path / "plain", 1, kind))
    centred = residual - residual.mean(-1, keepdim=True)
    torch.testing.assert_close(sae.encode(residual), plain.encode(centred))
    some = [1, 2, 3]
    torch.testing.assert_close(sae.encode_features(residual, some), sae.encode(residual)[..., some])
    assert not torch.allclose(sae.encode(residual), plain.encode(residual))


def test_a_folder_without_an_sae_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"cfg\.json"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("normalize_activations", "softmax", "softmax"),
        ("architecture", "temporal", "temporal"),
        ("metadata", {}, "hook_name"),
    ],
)
def test_what_cannot_be_steered_with_is_refused(
    tmp_path: Path, field: str, value: object, message: str
) -> None:
    config = save_sae(tmp_path, 1) / "cfg.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {field: value}))
    with pytest.raises(EngineError, match=message):
        load(tmp_path)


def test_bfloat16(folder: Path, residual: torch.Tensor) -> None:
    sae = load(folder, dtype=torch.bfloat16)
    assert sae.encode(residual).dtype == torch.bfloat16
    assert sae.encode_features(residual, [1, 2]).dtype == torch.bfloat16
    assert sae.unit_rows([0]).dtype == torch.float32
