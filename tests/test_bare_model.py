"""A model without SAEs and without an atlas opens as a game: it has sites, and no features."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.atlas import bare as kept
from playground.engine import bare
from playground.engine.beginning import TEXTS
from playground.engine.directions import TextContrast
from playground.engine.late import LateEngine
from playground.engine.loading import open_parts
from playground.engine.records import Control, Dial, Request, Sampling, States, Vector
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.levels.judging import Bench
from playground.levels.schema import Pick
from playground.models import registry
from playground.models.registry import ModelCard
from playground.models.sae import Sae
from playground.screens.pages import home
from playground.settings import Settings
from tests import engine_models
from tests.stages import stage_of

SHORT = Sampling(temperature=0.0, max_tokens=4, stop_at_end=False)
ABOUT, OTHERS = ("the cat sat", "a cat ran"), ("the dog sat", "the red barn")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("bare")
    folder = engine_models.save_model(home / "model", "llama")
    url = f"sqlite:///{home / 'p.db'}"
    return Settings(model=str(folder), data=home / "data", device="cpu", database=url)


@pytest.fixture(scope="module")
def game(settings: Settings) -> Iterator[Game]:
    made = Game.open(settings)
    yield made
    made.close()


def card_with(blocks: dict[str, int]) -> ModelCard:
    return ModelCard(title="it", licence="", repo="me/it", blocks=blocks)


def test_sites_stand_by_depth_unless_the_card_says_where() -> None:
    assert bare.blocks_of(card_with({}), 30) == {"early": 8, "middle": 16, "late": 24}
    assert bare.blocks_of(card_with({}), 3) == {"early": 0, "middle": 1, "late": 2}
    assert bare.blocks_of(card_with({}), 1) == {"early": 0}
    assert list(bare.blocks_of(card_with({"late": 9, "layer-2": 2}), 12).items()) == [
        ("layer-2", 2), ("late", 9),
    ]  # fmt: skip
    with pytest.raises(AuthorError, match="site late .* after block 12, .* has blocks 0 to 11"):
        bare.blocks_of(card_with({"late": 12}), 12)


def test_a_card_has_saes_or_blocks() -> None:
    sae = {"early": registry.SaeCard(release="a", id="b")}
    with pytest.raises(ValueError, match="or blocks alone"):
        ModelCard(title="it", licence="", repo="me/it", blocks={"early": 1}, saes=sae)


def test_norms_are_those_of_the_residual(settings: Settings) -> None:
    """By the model's own hidden states; the last of them is behind the last norm."""
    parts = open_parts(settings)
    text, found = parts.text(), kept.norms_of(parts)
    lengths = dict[str, list[torch.Tensor]]({"early": [], "middle": []})
    for each in TEXTS:
        ids = torch.tensor([text.with_start(each)])
        with torch.inference_mode():
            states = parts.model(ids, output_hidden_states=True).hidden_states
        for block, name in enumerate(lengths):
            lengths[name].append(states[block + 1][0, 1:].norm(dim=-1))
    assert list(found) == ["early", "middle", "late"]
    for name, each in lengths.items():
        assert found[name] == pytest.approx(float(torch.cat(each).median()), rel=1e-4)


def test_giants_say_nothing_of_a_text() -> None:
    """Neither does the first token where nothing stands before it."""
    values = np.array([[9.0, 0.0], [1.0, 0.0], [0.0, 2.0], [500.0, 0.0]], dtype=np.float32)
    told = States(("a", "b", "c", "d"), values, bare=1).telling
    assert told.tolist() == [[1.0, 0.0], [0.0, 2.0]]
    assert States(("a",), values[:1], bare=1).telling.tolist() == [[9.0, 0.0]]


def test_an_sae_without_features_is_a_place() -> None:
    made = Sae.without_features(7, 32)
    assert (made.width, made.d_in, made.d_out, made.metadata.layer) == (0, 32, 32, 7)
    assert made.encode(torch.randn(2, 32)).shape == (2, 0)


def test_what_was_measured_is_kept_and_the_model_opens_late(settings: Settings, game: Game) -> None:
    chosen = registry.choose(settings)
    path = chosen.home / kept.FILE
    assert path.is_file()
    again = Bench.open(settings)
    assert isinstance(again.engine, LateEngine)
    assert again.engine.sites == {site.name: site for site in game.exploring.sites}
    again.engine.close()
    # Other weights at the same place are measured anew, and so is a file that is damaged.
    weights = next(chosen.card.folder.glob("*.safetensors")) if chosen.card.folder else Path()
    before = kept.known(chosen)
    assert before is not None
    weights.touch()
    assert kept.known(chosen) is None
    path.write_text("{")
    assert kept.known(chosen) is None
    Bench.open(settings).engine.close()
    after = kept.known(chosen)
    assert after is not None and after.sites == before.sites


def test_it_is_pushed_along_directions(game: Game) -> None:
    """Which is h + sNd at its site, after its block."""
    exploring = game.exploring
    made = exploring.direction(TextContrast("cats", "middle", "means", ABOUT, OTHERS))
    dial = Dial.along("middle", made, 2.0, scope="all")
    engine = game.exploring._engine
    rows = ((), (dial,), (Dial.along("middle", made, 0.0),))
    plain, pushed, still = engine.generate(
        [Request("the cat", each, SHORT) for each in rows]
    ).traces()
    assert plain.text == still.text != pushed.text
    assert len(made.values) == engine_models.WIDTH


def test_no_feature_is_known(game: Game) -> None:
    exploring = game.exploring
    assert not exploring.has_features
    assert exploring.search("cats") == [] == exploring.search("3")
    with pytest.raises(PlayerError, match="no_features"):
        exploring.card(Pick("middle", 0))
    assert exploring.firings(exploring.read("the cat sat", "middle")) == ()
    dial = Dial.along("middle", Vector("up", (1.0,) * 32), 1.0)
    request = Request("the cat", (dial,), SHORT)
    with pytest.raises(PlayerError, match="no_feature"):
        bad = Dial("middle", -1, 1.0, control=Control("feature", 0), vector=dial.vector)
        exploring._engine.generate([Request("a", (bad,), SHORT)])
    (trace,) = exploring._engine.generate([request]).traces()
    assert len(trace.tokens) == 4


def test_every_level_says_why_it_cannot_be_played(game: Game) -> None:
    player = game.players.enter(None).id
    drawn = game.course.home(player)
    marks = [mark for chapter in drawn.chapters for mark in chapter.marks]
    assert {(mark.state, mark.why) for mark in marks} == {("missing", "bare")}
    assert (drawn.levels, drawn.next) == (0, None)
    for level in ("find-cats", "steer-chocolate"):
        with pytest.raises(PlayerError, match="missing"):
            game.course.start(player, level)
    with pytest.raises(AuthorError, match="can play no level"):
        game.challenges.daily(player)


def test_its_first_page_leads_to_what_works(game: Game) -> None:
    stage = stage_of(game)
    player = game.players.enter(None)
    _, page = home.opened(stage, player)
    assert 'class="go big" href="sandbox"' in page
    assert "nobody has trained a sparse autoencoder" in page
