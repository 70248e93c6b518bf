"""SAEs read from disk agree with sae-lens, whole and by single features."""

import json
from pathlib import Path

import pytest
import torch

from playground.errors import EngineError
from playground.models import sae_files
from playground.models.sae_files import load
from tests.engine_models import FEATURES, WIDTH, save_sae
from tests.random_saes import KINDS as EVERY_KIND
from tests.random_saes import SCALINGS, Recipe, sae_lens, save, theirs

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


@pytest.mark.parametrize("b_dec", [True, False])
@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_reconstruction_is_sae_lens_forward(
    tmp_path: Path, residual: torch.Tensor, kind: str, scaling: str, b_dec: bool
) -> None:
    out = "blocks.1.hook_mlp_out" if "transcoder" in kind else ""
    recipe = Recipe("blocks.1.hook_resid_post", kind, out, scaling, b_dec=b_dec)
    place = save(tmp_path / "sae", recipe)
    ours, other = sae_files.load(place), theirs(place)
    with torch.no_grad():
        expected = other(residual)
    torch.testing.assert_close(ours.reconstruct(residual), expected, atol=2e-5, rtol=1e-5)
    skipped = ours.skip(residual)
    assert (skipped is None) is ("skip" not in kind)
    if skipped is not None:
        assert skipped.abs().max() > 1
        plain = ours.decode(ours.encode(residual), residual)
        torch.testing.assert_close(plain, expected - skipped, atol=2e-5, rtol=1e-5)


def old(place: Path, **others: object) -> None:
    """Makes cfg.json one of version 3 to 5: all of `metadata` stands at the top."""
    config = json.loads((place / "cfg.json").read_text())
    about = {key: value for key, value in config.pop("metadata").items() if "version" not in key}
    (place / "cfg.json").write_text(json.dumps(config | about | others))


@pytest.mark.parametrize("kind", ["standard", "topk", "jumprelu", "gated"])
def test_a_folder_of_sae_lens_3_to_5_is_what_sae_lens_makes_of_it(
    tmp_path: Path, residual: torch.Tensor, kind: str
) -> None:
    place = save(tmp_path / "sae", Recipe("blocks.1.hook_resid_post", kind))
    told: dict[str, object] = {"activation_fn_str": "relu", "prepend_bos": False}
    if kind == "topk":
        # That architecture had no name of its own.
        told |= {"activation_fn_str": "topk", "activation_fn_kwargs": {"k": 8}}
        told |= {"architecture": "standard", "k": 100}
    old(place, **told)
    ours, other = sae_files.load(place), theirs(place)
    acts = ours.encode(residual)
    torch.testing.assert_close(acts, other.encode(residual))
    assert type(other).__name__.lower().startswith(kind)
    if kind == "topk":
        assert (acts > 0).sum(-1).amax() == 8
    assert ours.metadata.hook_name == "blocks.1.hook_resid_post"
    assert ours.metadata.prepend_bos is False


def test_an_old_folder_that_would_be_read_as_another_sae_is_refused(tmp_path: Path) -> None:
    place = save(tmp_path / "sae", Recipe("blocks.1.hook_resid_post", "standard"))
    old(place, activation_fn_str="tanh-relu")
    with pytest.raises(EngineError, match="features fire by 'tanh-relu'"):
        sae_files.load(place)


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
