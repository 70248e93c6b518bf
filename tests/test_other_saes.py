"""SAEs of sparsify and dictionary_learning, and SAEs by repository: stand-ins of the true shape of
those that others made for SmolLM2-135M, on disk and on a small hub."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from transformers import LlamaConfig

from playground.atlas.folders import summed
from playground.engine import compatibility
from playground.engine.loading import open_parts
from playground.errors import AuthorError, EngineError
from playground.models import catalogue, registry, sae_files, sae_repos
from playground.models.other_saes import CLASSES
from playground.models.points import Point
from playground.models.registry import SaeCard
from playground.settings import Settings
from tests.engine_models import save_model, save_sae
from tests.hub_server import Hub, local_hub
from tests.other_saes import (
    WIDTH,
    D,
    K,
    Weighty,
    dictionary,
    save_dictionary,
    save_sparsify,
    sparsify,
)
from tests.random_saes import Recipe, made, save, theirs

WEIGHTS = Weighty.drawn()


@pytest.fixture
def seen() -> torch.Tensor:
    return 3 * torch.randn(2, 9, D, generator=torch.Generator().manual_seed(5))


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=2e-4, rtol=1e-5)


# -- sparsify --------------------------------------------------------------------------------------
def test_an_sae_of_sparsify_is_what_sparsify_makes_of_it(
    tmp_path: Path, seen: torch.Tensor
) -> None:
    sae = sae_files.load(save_sparsify(tmp_path, "layers.15", WEIGHTS))
    acts, out = sparsify(WEIGHTS, seen)
    close(sae.encode(seen), acts)
    close(sae.reconstruct(seen), out)
    assert (sae.width, sae.d_in, sae.rule.k, sae.in_place) == (WIDTH, D, K, True)
    assert sae.metadata.writes == Point(15)
    assert sae.metadata.model == "HuggingFaceTB/SmolLM2-135M"
    assert ((acts > 0).sum(-1) == K).all()


@pytest.mark.parametrize("skip", [False, True])
def test_a_transcoder_of_sparsify(tmp_path: Path, seen: torch.Tensor, skip: bool) -> None:
    folder = save_sparsify(tmp_path, "layers.15.mlp", WEIGHTS, transcode=True, skip_connection=skip)
    sae = sae_files.load(folder)
    acts, out = sparsify(WEIGHTS, seen, True, skip)
    close(sae.encode(seen), acts)
    close(sae.reconstruct(seen), out)
    assert sae.metadata.reads == Point(15, "module", "mlp", "input")
    assert sae.metadata.writes == Point(15, "module", "mlp", "output")


@pytest.mark.parametrize(
    ("place", "point"),
    [
        ("layers.0.mlp", Point(0, "module", "mlp", "output")),
        ("h.3", Point(3)),
        ("embed_tokens", Point(0, "embed")),
    ],
)
def test_the_place_is_the_name_of_the_folder(tmp_path: Path, place: str, point: Point) -> None:
    sae = sae_files.load(save_sparsify(tmp_path, place, WEIGHTS, num_latents=WIDTH))
    assert sae.metadata.reads == sae.metadata.writes == point


@pytest.mark.parametrize(
    ("place", "told", "message"),
    [
        ("middle", {}, "'middle' is none, so give the folder its name back"),
        ("layers.2", {"activation": "groupmax"}, "activation = 'groupmax' is not read"),
        ("layers.2", {"signed": True}, "signed = True is not read"),
        ("layers.2", {"gram_lookup": True}, "gram_lookup = True is not read"),
        ("layers.2", {"skip_connection": True}, "with a skip connection is not read"),
        ("layers.2", {"num_latents": 99}, "tells of 576 numbers and 99 features"),
        ("layers.2", {"k": 0}, "how many features a token has"),
    ],
)
def test_what_sparsify_has_and_this_has_not_is_refused(
    tmp_path: Path, place: str, told: dict[str, object], message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        sae_files.load(save_sparsify(tmp_path, place, WEIGHTS, **told))


# -- dictionary_learning ---------------------------------------------------------------------------
@pytest.mark.parametrize("kind", CLASSES)
def test_a_dictionary_is_what_its_class_makes_of_it(
    tmp_path: Path, seen: torch.Tensor, kind: str
) -> None:
    folder = save_dictionary(tmp_path / "trainer_0", kind, WEIGHTS)
    sae = sae_files.load(folder)
    acts, out = dictionary(kind, WEIGHTS, seen)
    close(sae.encode(seen), acts)
    close(sae.reconstruct(seen), out)
    assert (sae.width, sae.d_in, sae.metadata.writes) == (WIDTH, D, Point(15))
    assert sae.metadata.model == "HuggingFaceTB/SmolLM2-135M"
    assert 0 < (acts > 0).float().mean() < 0.9
    assert len(summed(folder)) == 64  # an atlas knows it again


@pytest.mark.parametrize(
    ("kind", "told", "message"),
    [
        ("GatedAutoEncoder", {}, "class 'GatedAutoEncoder' is not read; there are AutoEncoder, "),
        ("AutoEncoderTopK", {"submodule_name": "mlp_in_layer_15"}, "stands at 'mlp_in_layer_15'"),
        ("AutoEncoderTopK", {"layer": 3}, "of layer 3"),
        ("AutoEncoderTopK", {"buffer": {"io": "in"}}, r"\(in\) of layer 15"),
        ("AutoEncoderTopK", {"buffer": {"rescale_acts": True}}, "were rescaled"),
        ("AutoEncoderTopK", {"dict_size": 99}, "tells of 576 numbers and 99 features"),
    ],
)
def test_what_dictionary_learning_has_and_this_has_not_is_refused(
    tmp_path: Path, kind: str, told: dict[str, object], message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        sae_files.load(save_dictionary(tmp_path / "a", kind, WEIGHTS, **told))


def test_a_dictionary_that_names_no_place_is_of_the_residual(tmp_path: Path) -> None:
    folder = save_dictionary(tmp_path / "a", "BatchTopKSAE", WEIGHTS, submodule_name=None)
    assert sae_files.load(folder).metadata.writes == Point(15)


class Spy:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run",)


@pytest.mark.parametrize("library", ["sparsify", "dictionary_learning"])
def test_damaged_weights_are_named_and_no_code_is_run(
    tmp_path: Path, library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if library == "sparsify":
        file = save_sparsify(tmp_path, "layers.1", WEIGHTS) / "sae.safetensors"
    else:
        file = save_dictionary(tmp_path / "a", "AutoEncoderTopK", WEIGHTS) / "ae.pt"
        torch.save({"encoder.weight": Spy()}, file)
        with pytest.raises(EngineError, match="holds more than numbers"):
            sae_files.load(file.parent)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(EngineError, match=f"{file.name} is damaged, or"):
        sae_files.load(file.parent)
    assert "run" not in capsys.readouterr().out


def test_a_folder_of_sae_lens_stays_one(tmp_path: Path) -> None:
    """Beside other files, too."""
    folder = save_sae(tmp_path / "layers.1", 1)
    (folder / "sae.safetensors").write_bytes(b"")
    assert sae_files.found_in(folder) == "sae-lens"
    assert sae_files.load(folder).metadata.writes == Point(1)


# -- by repository ---------------------------------------------------------------------------------
REPO, MODEL = "Solshine/deception-saes-smollm2-135m", "HuggingFaceTB/SmolLM2-135M"
FOLDER = "smollm2_topk_L15_mixed"
RECIPE = Recipe("blocks.15.hook_resid_post", "topk", width=D, features=WIDTH)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A TopK SAE of the shape that its page tells, as sae-lens saves one; and one of either of the
    other libraries."""
    with local_hub(tmp_path, monkeypatch) as hub:
        place = save(tmp_path / FOLDER, RECIPE)
        config = place / "cfg.json"
        told = json.loads(config.read_text())
        told["metadata"]["model_name"] = MODEL
        config.write_text(json.dumps(told))
        hub.add(REPO, place, under=f"{FOLDER}/")
        hub.add("me/sparse", save_sparsify(tmp_path, "layers.1", WEIGHTS), under="layers.1/")
        hub.add("me/plain", save_dictionary(tmp_path / "d", "BatchTopKSAE", WEIGHTS))
        hub.add("me/none", save_model(tmp_path / "model", "llama"))
        yield hub


def card(source: str) -> SaeCard:
    return registry.sae_card(source)


def test_a_name_is_a_repository_and_a_folder() -> None:
    found = card(f"hf://{REPO}/{FOLDER}")
    assert (found.repo, found.id, found.folder, found.release) == (REPO, FOLDER, None, None)
    assert found.name == f"hf://{REPO}/{FOLDER}"
    assert card("hf://me/plain").id == "" and card("hf://me/deep/a/b/").id == "a/b"
    assert card("gpt2-small-res-jb/blocks.8.hook_resid_pre").release == "gpt2-small-res-jb"
    for wrong in ("hf://me", "hf:///x"):
        with pytest.raises(AuthorError, match="nor hf://OWNER/NAME/FOLDER"):
            card(wrong)
    with pytest.raises(ValueError, match="repo and id"):
        SaeCard(repo=REPO, release="a", id="b")


def test_it_loads_by_name_as_sae_lens_reads_it(
    served: Hub, tmp_path: Path, seen: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sae_repos.missing(REPO, FOLDER) == sum(map(len, served.repos[REPO].files.values()))
    name, told = compatibility.config_of(card(f"hf://{REPO}/{FOLDER}"))
    assert served.asked == [f"{FOLDER}/cfg.json"] and name == f"hf://{REPO}/{FOLDER}"
    assert (told["k"], told["d_sae"]) == (8, WIDTH)
    sae = sae_files.load(sae_repos.whole(REPO, FOLDER))
    torch.testing.assert_close(sae.encode(seen), theirs(tmp_path / FOLDER).encode(seen))
    assert (sae.width, sae.d_in, sae.metadata.writes) == (WIDTH, D, Point(15))
    assert sae_repos.missing(REPO, FOLDER) == 0
    # What is here is opened without the hub.
    served.asked.clear()
    for offline, endpoint in ((True, served.endpoint), (False, "http://127.0.0.1:9")):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        assert sae_files.load(sae_repos.whole(REPO, FOLDER)).width == WIDTH
    assert served.asked == []


def test_the_other_libraries_load_by_name_too(served: Hub) -> None:
    assert sae_repos.library("me/sparse", "layers.1") == "sparsify"
    name, told = compatibility.config_of(card("hf://me/sparse/layers.1"))
    assert (name, told["architecture"]) == ("hf://me/sparse/layers.1", "topk")
    assert sae_files.load(sae_repos.whole("me/sparse", "layers.1")).metadata.writes == Point(1)
    assert sae_files.load(sae_repos.whole("me/plain", "")).metadata.writes == Point(15)


def test_what_is_not_there_is_said(served: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AuthorError, match="me/nothing: there is no such repository"):
        sae_repos.library("me/nothing", "a")
    for repo, folder in ((REPO, "smollm2_topk_L14_mixed"), ("me/none", "")):
        with pytest.raises(AuthorError, match=f"{repo}: .* has no SAE that can be opened, which"):
            sae_repos.library(repo, folder)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(AuthorError, match="has not been downloaded yet, and HF_HUB_OFFLINE is set"):
        sae_repos.whole(REPO, FOLDER)


def test_the_registry_has_the_base_model_with_them(served: Hub, tmp_path: Path) -> None:
    """They belong to it by shape and by name, and not to another model."""
    asked = Settings(model="smollm2-base")
    chosen = registry.choose(asked)
    assert chosen.card.repo == MODEL
    assert {each.repo for each in chosen.card.saes.values()} == {REPO}
    for each in chosen.card.saes.values():
        assert each.id
        served.add(REPO, tmp_path / FOLDER, under=f"{each.id}/")
    config = LlamaConfig(hidden_size=D, num_hidden_layers=30)
    fitted = compatibility.check(chosen, config)
    assert fitted.bytes == len(chosen.card.saes) * 2 * D * WIDTH * 4 and fitted.notes == ()
    with pytest.raises(AuthorError, match="belongs in block 15, and the model has blocks 0 to 9"):
        compatibility.check(chosen, LlamaConfig(hidden_size=D, num_hidden_layers=10))
    named = catalogue.shortened({s: e.name for s, e in chosen.card.saes.items()})
    assert named.startswith(f"hf://{REPO}: early smollm2_topk_L")


def test_a_model_is_opened_with_an_sae_of_a_repository(served: Hub, tmp_path: Path) -> None:
    served.add("me/small", tmp_path / "model")
    place = save(tmp_path / "small", Recipe("blocks.1.hook_resid_post", "topk"))
    served.add("me/saes", place, under="L1/")
    asked = Settings(
        model="me/small", saes=("hf://me/saes/L1",), data=tmp_path / "data", device="cpu"
    )
    parts = open_parts(asked)
    sae = parts.saes["middle"]
    assert (
        sae.metadata.writes == Point(1)
        and sae.rule.k == made(Recipe("blocks.1.hook_resid_post", "topk")).cfg.k
    )
