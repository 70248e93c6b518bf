"""The ten traps of docs/models.md, in its order: a test fails without the cure of its trap."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Request, Sampling, Trace
from playground.engine.sites import block_at, tap
from playground.engine.taps import attach
from playground.models import points, releases, sae_files
from playground.models.points import Point
from tests.engine_models import engine, model, save_all, save_model
from tests.parity.compare import Game
from tests.random_saes import Recipe, save, theirs

CENTRED = ("gpt2-small-res-jb", "gpt2-small-res-jb-feature-splitting", "gpt2-small-mlp-tm")
GEMMA_SCOPE, GEMMA_ID = "gemma-scope-2-270m-pt-res", "layer_12_width_16k_l0_medium"
WIDTH, FEATURES, HEADS = 32, 64, 4
IDS = torch.tensor([[0, 5, 9, 17, 33, 66]])
LONG = Sampling(max_tokens=12, seed=4, stop_at_end=False)
ADD = Dial("middle", 3, 0.8, "add", "all")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_all(tmp_path_factory.mktemp("llama"), "llama")


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder)
    yield made
    made.close()


@pytest.fixture
def hidden() -> Tensor:
    return 2 * torch.randn(5, WIDTH, generator=torch.Generator().manual_seed(0)) + 0.5


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Hugging Face cache of a machine without a network."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "cache"


def cached(cache: Path, release: str, id: str) -> Path:
    """Where the cache keeps an SAE of a release."""
    found, commit = releases.record(release, id), "0" * 40
    home = cache / f"models--{found.repo_id.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    return home / "snapshots" / commit / found.saes_map[id]


def ids(trace: Trace) -> list[int]:
    return [token.id for token in trace.tokens]


def alone(running: LocalEngine, request: Request) -> Trace:
    return running.generate([request]).traces()[0]


@pytest.mark.parametrize("release", CENTRED)
def test_1_gpt2s_older_saes_read_a_residual_without_its_mean(
    release: str, cache: Path, hidden: Tensor
) -> None:
    """tests/test_parity.py has the same of a whole model that TransformerLens centres."""
    id = next(iter(releases.releases()[release].saes_map))
    hook = "blocks.1.hook_mlp_out" if release.endswith("tm") else "blocks.1.hook_resid_pre"
    place = save(cached(cache, release, id), Recipe(hook, "standard"))
    ours, centred = releases.load(release, id), hidden - hidden.mean(-1, keepdim=True)
    torch.testing.assert_close(ours.encode(hidden), theirs(place).encode(centred))
    assert not torch.allclose(ours.encode(hidden), theirs(place).encode(hidden), rtol=0.01)


def test_1_no_other_release_wants_that() -> None:
    wanting = {
        name
        for name, found in releases.releases().items()
        if (found.config_overrides or {}).get("model_from_pretrained_kwargs")
    }
    assert wanting == set(CENTRED)


def test_2_no_hook_comes_after_the_model_is_compiled(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saes = {"middle": folder / "middle"}
    with Game(folder / "model", saes) as game:
        plain, steered = game.logits([ADD])
    with Game(folder / "model", saes) as game:
        made = game.engine._worker.batch.model
        monkeypatch.setattr(made, "forward", torch.compile(made.forward, backend="eager"))
        # What is compiled is a pass without a dial, of as many rows.
        torch.testing.assert_close(game.logits([], more=1)[1], plain)
        torch.testing.assert_close(game.logits([ADD])[1], steered)
    torch._dynamo.reset()
    assert (plain - steered).abs().max() > 0.1


def test_3_one_thread_computes_whoever_steps_a_reply(shared: LocalEngine) -> None:
    request = Request("the cat", (ADD,), LONG)
    expected = ids(alone(shared, request))
    seen = set[tuple[str, bool]]()

    def look(*_: object) -> None:
        seen.add((threading.current_thread().name, torch.is_inference_mode_enabled()))

    handle = shared._worker.batch.model.register_forward_pre_hook(look)
    arriving, found = iter(shared.generate([request])), list[int]()
    for _ in expected:  # each step on a thread of its own
        step = threading.Thread(target=lambda: found.append(next(arriving)[1].id))
        step.start()
        step.join()
    assert list(arriving) == []
    handle.remove()
    assert found == expected
    assert seen == {("engine", True)}


def test_4_players_on_threads_do_not_see_each_other(shared: LocalEngine) -> None:
    requests = [
        Request("the cat", (Dial("middle", n, 1.0, "clamp", "all"),), LONG) for n in range(6)
    ]
    expected = [ids(alone(shared, request)) for request in requests]
    found: dict[int, list[int]] = {}

    def play(n: int) -> None:
        found[n] = [token.id for _, token in shared.generate([requests[n]])]

    threads = [threading.Thread(target=play, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(6)] == expected
    assert len(set(map(tuple, expected))) > 1


def test_5_gemma_scope_2_loads_from_the_cache_alone(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = cached(cache, GEMMA_SCOPE, GEMMA_ID)
    place.mkdir(parents=True)
    told = {"architecture": "jump_relu", "model_name": "gemma-v3-270m-pt",
            "hf_hook_point_in": "model.layers.12.output"}  # fmt: skip
    (place / "config.json").write_text(json.dumps(told))
    numbers = {"w_enc": torch.randn(WIDTH, FEATURES), "w_dec": torch.randn(FEATURES, WIDTH),
               "b_enc": torch.randn(FEATURES), "b_dec": torch.randn(WIDTH),
               "threshold": torch.rand(FEATURES)}  # fmt: skip
    save_file(numbers, place / "params.safetensors")

    def refused(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(releases.quietly(releases.LOADERS), "_get_with_rate_limit_retry", refused)
    ours = releases.load(GEMMA_SCOPE, GEMMA_ID)
    assert torch.equal(ours.weights.W_enc, numbers["w_enc"])
    assert ours.metadata.reads == Point(12)
    assert ours.metadata.model == "google/gemma-3-270m"


def test_6_what_the_directory_says_of_newer_files_is_kept(cache: Path, hidden: Tensor) -> None:
    release, id = "gpt2-small-res-jb", "blocks.8.hook_resid_pre"
    save(cached(cache, release, id), Recipe("blocks.8.hook_resid_pre", "standard"))
    assert releases.load(release, id).metadata.neuronpedia == "gpt2-small/8-res-jb"
    release, id = "mistral-7b-res-wg", "blocks.8.hook_resid_pre"
    place = save(cached(cache, release, id), Recipe(id, "standard"))
    length = hidden.norm(dim=-1, keepdim=True) / WIDTH**0.5
    expected = theirs(place).encode(hidden / length)
    torch.testing.assert_close(releases.load(release, id).encode(hidden), expected)


def test_7_z_is_flat_here_and_by_heads_there(tmp_path: Path, hidden: Tensor) -> None:
    place = save(tmp_path / "z", Recipe("blocks.1.attn.hook_z", heads=True))
    ours, other = sae_files.load(place), theirs(place)
    by_heads = hidden.unflatten(-1, (HEADS, -1))
    torch.testing.assert_close(ours.encode(hidden), other.encode(by_heads))
    made, seen = model("llama"), list[Tensor]()
    attach(tap(made, ours.metadata.reads), seen.append)
    made(IDS)
    assert seen[0].shape == (*IDS.shape, WIDTH) and ours.encode(seen[0]).shape[-1] == FEATURES
    joined: Any = block_at(made, 1).get_submodule("self_attn.o_proj")
    given = list[Tensor]()
    joined.register_forward_pre_hook(lambda module, args: given.append(args[0]))
    made(IDS)
    assert torch.equal(given[0], seen[1])


def watched(made: nn.Module, names: tuple[str, ...]) -> dict[str, list[Tensor]]:
    """What stands at points of block 1, by the names of TransformerLens, in every pass."""
    seen = {name: list[Tensor]() for name in names}
    for name in names:
        attach(tap(made, points.parse(f"blocks.1.{name}")), seen[name].append)
    return seen


def test_8_points_around_gemmas_norms_are_those_of_transformer_lens(tmp_path: Path) -> None:
    made = model("gemma2")
    names = ("ln2.hook_normalized", "hook_attn_out", "hook_mlp_out", "hook_resid_mid")
    seen, given = watched(made, names), dict[str, Tensor]()
    for part in ("pre_feedforward", "post_attention", "post_feedforward"):
        norm = block_at(made, 1).get_submodule(f"{part}_layernorm")
        norm.register_forward_hook(lambda m, args, out, part=part: given.update({part: out}))
    made(IDS)
    middle = seen["hook_resid_mid"][0]
    bare = middle / (middle.square().mean(-1, keepdim=True) + 1e-6).sqrt()
    torch.testing.assert_close(seen["ln2.hook_normalized"][0], bare)
    assert not torch.allclose(given["pre_feedforward"], bare, rtol=0.01)
    assert torch.equal(seen["hook_attn_out"][0], given["post_attention"])
    assert torch.equal(seen["hook_mlp_out"][0], given["post_feedforward"])
    # Gemma Scope 2 says hook_mlp_in, and means what the norm gives: its other name says that.
    place = save(tmp_path / "sae", Recipe("blocks.1.hook_mlp_in"))
    config = json.loads((place / "cfg.json").read_text())
    path = "model.layers.1.pre_feedforward_layernorm.output"
    config["metadata"]["hf_hook_name"] = path
    (place / "cfg.json").write_text(json.dumps(config))
    assert sae_files.load(place).metadata.reads == Point(1, "module", "pre_feedforward_layernorm")


def test_9_padding_does_not_move_positions(tmp_path: Path) -> None:
    running = engine(save_all(tmp_path, "gpt2"))
    texts = ["the cat sat on the mat and the dog", "the red barn"]
    together, each = running.read(texts, "late"), [running.read([t], "late")[0] for t in texts]
    requests = [Request(text, (), LONG) for text in texts]
    written = [ids(trace) for trace in running.generate(requests).traces()]
    expected = [ids(alone(running, request)) for request in requests]
    running.close()
    assert written == expected
    for padded, plain in zip(together, each, strict=True):
        found, wanted = (
            torch.tensor([value for fired in reading.features for _, value in fired])
            for reading in (padded, plain)
        )
        torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_10_a_push_keeps_bfloat16(tmp_path: Path) -> None:
    save_model(tmp_path / "model", "gemma2")
    names = ("hook_resid_post", "hook_resid_mid", "attn.hook_z", "hook_mlp_out", "mlp.hook_in")
    recipes = [Recipe(f"blocks.1.{name}") for name in names]
    recipes.append(Recipe("blocks.1.mlp.hook_in", "transcoder", "blocks.1.hook_mlp_out"))
    saes = {f"site-{n}": save(tmp_path / f"{n}", each) for n, each in enumerate(recipes)}
    norms = dict.fromkeys(saes, 5.0)
    running = LocalEngine.load(tmp_path / "model", saes, norms, "cpu", torch.bfloat16)
    kinds = set[torch.dtype]()

    def look(module: nn.Module, args: object, output: Tensor | tuple) -> None:
        kinds.add((output[0] if isinstance(output, tuple) else output).dtype)

    for module in block_at(running._worker.batch.model, 1).modules():
        module.register_forward_hook(look)
    rows = [
        Request("the cat", (Dial(site, 3, 0.5, method, "all"),), LONG)
        for site in saes
        for method in ("add", "project")
    ]
    traces = running.generate([Request("the cat", (), LONG), *rows]).traces()
    running.close()
    assert kinds == {torch.bfloat16}
    assert {len(trace.logprobs) for trace in traces} == {LONG.max_tokens}
