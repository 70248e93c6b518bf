from pathlib import Path

import pytest

from playground.errors import AuthorError
from playground.models import registry, releases
from playground.settings import Settings

HUB_MODELS = [name for name, each in registry.load().models.items() if each.repo]
HUB = """
[models.gpt2]
title = "GPT-2"
blurb = "The classic."
licence = "MIT"
repo = "openai-community/gpt2"
atlas = "gpt2/atlas"
texts = "gpt2/texts.parquet"
saes.middle = { release = "gpt2-small-res-jb", id = "blocks.8.hook_resid_pre" }
"""


def test_pocket_has_three_saes_in_folders() -> None:
    card = registry.card("pocket")
    assert card.folder == Path("pocket/model")
    assert {role: sae.folder for role, sae in card.saes.items()} == {
        role: Path(f"pocket/saes/{role}") for role in registry.ROLES
    }


def test_a_model_of_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(HUB)
    card = registry.card("gpt2", path)
    assert card.repo == "openai-community/gpt2"
    assert card.saes["middle"].release == "gpt2-small-res-jb"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[models.gpt2]", "[models", "is no TOML"),
        ('licence = "MIT"', "", "`models.gpt2.licence` is missing"),
        ('licence = "MIT"', 'license = "MIT"', "`models.gpt2.licence` is missing"),
        ('repo = "openai-community/gpt2"', "", "give either folder, repo or wheel"),
        ("saes.middle", "saes.deep", "the roles are early, middle, late"),
        (', id = "blocks.8.hook_resid_pre"', "", "release and id come together, or repo and id"),
        ('title = "GPT-2"', "title = 2", "`models.gpt2.title`: found 2"),
    ],
)
def test_a_broken_registry_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "registry.toml"
    assert old in HUB
    path.write_text(HUB.replace(old, new))
    with pytest.raises(AuthorError, match=message) as caught:
        registry.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_an_unknown_model_names_those_there_are() -> None:
    with pytest.raises(AuthorError, match="no model 'gpt9'; there are .*gpt2.*pocket"):
        registry.card("gpt9")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, each in registry.load().models.items() if each.repo]
)
def test_saes_of_the_registry_are_known_to_sae_lens(name: str) -> None:
    card = registry.load().models[name]
    listed = list(card.saes.values())
    if card.layers:
        listed += [card.layers.at(0), card.layers.at(card.layers.count - 1)]
    for each in listed:
        if each.repo:  # of no directory
            continue
        assert each.release and each.id
        assert releases.trained_on(each.release, each.id) == (card.saes_of or card.repo)


def test_unknown_releases_and_ids_offer_the_nearest() -> None:
    with pytest.raises(AuthorError, match="no release 'gpt2-small-res-jbb'; .*gpt2-small-res-jb"):
        releases.record("gpt2-small-res-jbb", "blocks.8.hook_resid_pre")
    with pytest.raises(AuthorError, match=r"no SAE 'blocks\.99\.hook_resid_pre'; the nearest"):
        releases.record("gpt2-small-res-jb", "blocks.99.hook_resid_pre")


def test_a_model_has_one_home_by_either_name(tmp_path: Path) -> None:
    by_name = registry.choose(Settings(model="gpt2", data=tmp_path))
    by_id = registry.choose(Settings(model="openai-community/gpt2", data=tmp_path))
    assert by_name == by_id
    assert by_name.atlas == tmp_path / "models" / "gpt2" / "atlas"


def test_saes_of_every_block(tmp_path: Path) -> None:
    asked = Settings(model="qwen3-0.6b", saes=("all",), data=tmp_path)
    plain, found = registry.choose(asked.model_copy(update={"saes": ()})), registry.choose(asked)
    assert list(found.card.saes)[:3] == ["early", "middle", "late"]
    assert len(found.card.saes) == 28 == len({each.id for each in found.card.saes.values()})
    assert found.card.saes["early"] == plain.card.saes["early"]
    assert found.card.saes["layer-8"].id == "layer_8" and "layer-7" not in found.card.saes
    assert found.atlas != plain.atlas
    with pytest.raises(AuthorError, match="all blocks of gpt2; it does for qwen3-0.6b, "):
        registry.choose(asked.model_copy(update={"model": "gpt2"}))


def test_the_nearest_names_and_ids() -> None:
    assert registry.near("openai-comunity/gpt2")[0] == "openai-community/gpt2"
    assert registry.near("gemma-2-2b-itt")[0] == "gemma-2-2b-it"
    assert registry.near("zzzzzz") == []
