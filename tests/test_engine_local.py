"""LocalEngine: exact dials, streams, what is read and scored, and that nothing is left behind."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath
from playground.engine.records import MAX_DIALS, Control, Dial, Request, Sampling, Site, Trace
from playground.engine.sites import block_at
from playground.errors import EngineError, PlayerError
from tests.engine_models import FEATURES, GRAPHED, NORMS, SITES, Reference, engine, save_all

ADD = Dial("middle", 3, 0.8, "add", "all")
LONG = Sampling(max_tokens=24, seed=4, stop_at_end=False)


@pytest.fixture(scope="module", params=["llama", GRAPHED])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One goes the general way, the other the fast one."""
    return save_all(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def reference(folder: Path) -> Reference:
    return Reference(folder)


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder)
    yield made
    made.close()


@pytest.fixture
def own(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder, max_rows=8)
    yield made
    made.close()


def ids(trace: Trace) -> list[int]:
    return [token.id for token in trace.tokens]


def alone(running: LocalEngine, request: Request) -> Trace:
    return running.generate([request]).traces()[0]


def assert_empty(running: LocalEngine) -> None:
    """Nothing is left of any row."""
    settled = running.read(["the"], "early")  # comes back after whatever the worker had begun
    assert settled
    batch, hooks = running._worker.batch, running._worker.batch.hooks
    assert batch.rows == [] and list(batch.path.columns) == []
    assert running._worker.idle
    assert hooks.dialled_rows == 0
    for name, site in hooks.sites.items():
        assert all(not buffer.any() for buffer in site.slots.buffers())
        assert site.edited is None and site.recorded is None
        general = isinstance(batch.path, HuggingFacePath)
        assert len(block_at(batch.model, SITES[name])._forward_hooks) == general


def test_strength_nothing_is_no_dial_bit_for_bit(shared: LocalEngine) -> None:
    for sampling in (LONG, Sampling(temperature=0, max_tokens=24, stop_at_end=False)):
        plain = alone(shared, Request("the cat", (), sampling))
        off = alone(shared, Request("the cat", (Dial("middle", 3, 0.0, "add", "all"),), sampling))
        assert [t.alternatives for t in off.tokens] == [t.alternatives for t in plain.tokens]
        assert ids(off) == ids(plain) and off.logprobs == plain.logprobs


def test_a_request_without_dials_is_the_plain_model(
    shared: LocalEngine, reference: Reference
) -> None:
    greedy = Sampling(temperature=0, max_tokens=12, stop_at_end=False)
    reply = ids(alone(shared, Request("the dog ran", (), greedy)))
    assert reply == reference.likeliest("the dog ran", (), reply)


@pytest.mark.parametrize("control", [None, Control("random", 3), Control("feature", 5)])
def test_a_dial_adds_exactly_its_push_in_every_pass(
    tmp_path: Path, control: Control | None
) -> None:
    """As the modules see it; tests/test_engine_llama.py has the same of the fast way."""
    running = engine(save_all(tmp_path, "llama"))
    block, sae = block_at(running._worker.batch.model, 1), running._saes["middle"]
    before, after = list[torch.Tensor](), list[torch.Tensor]()
    block.register_forward_hook(lambda m, a, out: before.append(out.clone()), prepend=True)
    block.register_forward_hook(lambda m, a, out: after.append(out.clone()))
    dial = Dial("middle", 3, 0.8, "add", "all", control=control)
    trace = alone(running, Request("the cat sat", (dial,), LONG))
    running.close()
    moved = [(b - a)[0] for a, b in zip(before, after, strict=True)]
    scoring = moved.pop()
    assert len(moved) == len(trace.tokens) and not scoring.any()
    assert not moved[0][0].any()  # beginning of text
    edited = torch.cat([moved[0][1:], *moved[1:]])
    if control is None or control.sort == "feature":
        row = 3 if control is None else control.number
        expected = 0.8 * NORMS["middle"] * sae.unit_rows([row])[0]
        torch.testing.assert_close(edited, expected.expand_as(edited), atol=2e-6, rtol=1e-5)
    else:
        torch.testing.assert_close(edited, edited[:1].expand_as(edited), atol=4e-6, rtol=1e-5)
        length = edited.norm(dim=-1)
        torch.testing.assert_close(length, torch.full_like(length, 0.8 * NORMS["middle"]))


def test_rows_of_one_seed_share_their_random_numbers(shared: LocalEngine) -> None:
    quiet = Dial("middle", 3, 1e-7, "add", "all")
    other = Sampling(max_tokens=24, seed=5, stop_at_end=False)
    requests = [
        Request("the cat", (), LONG),
        Request("the cat", (quiet,), LONG),
        Request("the cat", (ADD,), LONG),
        Request("the cat", (), other),
    ]
    base, same, steered, another = map(ids, shared.generate(requests).traces())
    assert base == same
    assert base != steered and base != another


def test_any_order_of_joins_and_leaves_changes_nobody(own: LocalEngine) -> None:
    random = torch.Generator().manual_seed(0)

    def number(limit: int) -> int:
        return int(torch.randint(limit, (), generator=random))

    requests = [
        Request(
            "the cat sat on the mat " * number(4) + "and the dog",
            tuple(
                Dial(list(SITES)[number(3)], number(FEATURES), 0.5 + number(3) / 4, "clamp", "all")
                for _ in range(number(3))
            ),
            Sampling(max_tokens=1 + number(30), seed=number(1000), stop_at_end=False),
        )
        for _ in range(30)
    ]
    streams, held = list(), requests
    while held:
        count = 1 + number(5)
        streams.append(own.generate(held[:count]))
        held = held[count:]
        next(iter(streams[-1]._events.get, None))  # lets some steps pass
    together = [ids(trace) for stream in streams for trace in stream.traces()]
    assert_empty(own)
    assert together == [ids(alone(own, request)) for request in requests]


def test_tokens_tell_what_the_dialled_features_did(shared: LocalEngine) -> None:
    dials = (
        Dial("middle", 3, 1.0, "clamp", "opening", opening=4),
        Dial("late", 6, 0.5, "clamp", "prompt"),
        Dial("early", 2, 0.0, "add", "all"),
    )
    trace = alone(shared, Request("the cat sat", dials, LONG))
    opening, prompt, watched = zip(*(token.before for token in trace.tokens), strict=True)
    # Four tokens are chosen from edited states: the last of the prompt and three of the reply.
    assert [math.isnan(value) for value in opening] == [False] * 4 + [True] * 20
    assert [math.isnan(value) for value in prompt] == [False] + [True] * 23
    assert not any(map(math.isnan, watched))
    for token in trace.tokens:
        assert token.before[2] == token.after[2]  # the dial only watches
    assert trace.tokens[0].after[0] != trace.tokens[0].before[0]
    assert alone(shared, Request("the cat", (), LONG)).tokens[0].before == ()


def test_empty_prompts_and_spaces_at_the_end(shared: LocalEngine) -> None:
    assert ids(alone(shared, Request("the cat  ", (), LONG))) == ids(
        alone(shared, Request("the cat", (), LONG))
    )
    trace = alone(shared, Request("", (Dial("middle", 3, 1.0, "add", "all"),), LONG))
    plain = alone(shared, Request("  ", (), LONG))
    assert math.isnan(trace.tokens[0].before[0]) and not math.isnan(trace.tokens[1].before[0])
    assert trace.tokens[0].alternatives == plain.tokens[0].alternatives


def test_a_reply_stops_at_the_end_of_text(shared: LocalEngine) -> None:
    """The end token is forced by making it the likeliest: the model is random."""
    shared_ends = shared._worker.batch.ends
    full = alone(shared, Request("the cat", (), LONG))
    shared._worker.batch.ends = frozenset({full.tokens[5].id})
    try:
        stops = Sampling(max_tokens=24, seed=4)
        trace = alone(shared, Request("the cat", (), stops))
        cut = ids(full).index(full.tokens[5].id)
        assert trace.finish == "end" and ids(trace) == ids(full)[:cut]
        assert len(trace.logprobs) == cut
    finally:
        shared._worker.batch.ends = shared_ends
    assert full.finish == "length"


def test_text_is_the_tokens_decoded(shared: LocalEngine) -> None:
    trace = alone(shared, Request("the cat", (), Sampling(max_tokens=60, stop_at_end=False)))
    # A random model also says special tokens, which have no text.
    whole = shared._text.decode([each for each in ids(trace) if each not in shared._text.special])
    assert "".join(token.text for token in trace.tokens) == trace.text
    assert whole.startswith(trace.text) and len(whole) - len(trace.text) <= 6
    assert len(trace.tokens[0].alternatives) == 5


def test_leaving_the_loop_cancels(own: LocalEngine) -> None:
    long = Sampling(max_tokens=200, stop_at_end=False)
    stream = own.generate([Request("the cat", (ADD,), long), Request("the", (), long)])
    for _, _ in stream:
        break
    traces = stream.traces()
    assert {trace.finish for trace in traces} == {"cancelled"}
    assert all(len(trace.tokens) == len(trace.logprobs) < 200 for trace in traces)
    assert_empty(own)


def test_cancel_reaches_waiting_rows_too(own: LocalEngine) -> None:
    long = Sampling(max_tokens=200, stop_at_end=False)
    stream = own.generate([Request("the cat", (ADD,), long)] * 20)  # the batch holds eight
    next(iter(stream._events.get, None))
    stream.cancel()
    assert [trace.finish for trace in stream.traces()] == ["cancelled"] * 20
    assert all(row < 20 for row, _ in stream)
    assert_empty(own)


def test_a_thousand_requests_leave_nothing(own: LocalEngine) -> None:
    requests = [
        Request("the cat", (ADD,) if n % 2 else (), Sampling(max_tokens=1 + n % 3, seed=n))
        for n in range(1000)
    ]
    streams = [own.generate(requests[n : n + 10]) for n in range(0, 1000, 10)]
    for n, stream in enumerate(streams):
        if n % 7 == 0:
            stream.cancel()
    assert sum(len(stream.traces()) for stream in streams) == 1000
    assert_empty(own)


@pytest.mark.parametrize("where", ["join", "step"])
def test_an_error_reaches_its_caller_and_the_worker_goes_on(
    own: LocalEngine, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ids(alone(own, Request("the cat", (ADD,), LONG)))

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("out of luck")

    part = "begin" if where == "join" else "step"
    with monkeypatch.context() as patched:
        patched.setattr(own._worker.batch.path, part, broken)
        stream = own.generate([Request("the cat", (ADD,), LONG)] * 12)
        with pytest.raises(EngineError, match="out of luck"):
            stream.traces()
        with pytest.raises(EngineError, match="out of luck"):
            list(stream)
        assert not own._worker.batch.rows
    assert ids(alone(own, Request("the cat", (ADD,), LONG))) == expected
    assert_empty(own)


def test_reading_is_encoding_what_the_model_computes(
    shared: LocalEngine, reference: Reference
) -> None:
    texts = ["the cat sat on the mat", "dog", "", "the red barn and the dog"]
    for reading, text in zip(shared.read(texts, "middle"), texts, strict=True):
        start = reference.ids(text)
        assert reading.site == "middle"
        assert "".join(reading.tokens) == text
        assert len(reading.features) == len(reading.tokens) == len(start) - 1
        caught = list[torch.Tensor]()
        block = block_at(reference.model, 1)
        handle = block.register_forward_hook(lambda m, a, out, to=caught: to.append(out))
        reference.logits(start)
        handle.remove()
        acts = reference.saes["middle"].encode(caught[0])[0]
        for fired, all_acts in zip(reading.features, acts[1:], strict=True):
            assert len(fired) == int((all_acts > 0).sum())
            values = torch.tensor([value for _, value in fired])
            assert torch.equal(values, values.sort(descending=True).values)
            chosen = all_acts[[feature for feature, _ in fired]]
            torch.testing.assert_close(values, chosen, atol=1e-4, rtol=1e-4)


def test_reading_and_scoring_do_not_see_the_dials_that_run(own: LocalEngine) -> None:
    quiet = own.read(["the cat sat"], "middle"), own.score("the cat", " sat on")
    long = Sampling(max_tokens=60, stop_at_end=False)
    stream = own.generate([Request("the cat", (ADD,), long)])
    next(iter(stream._events.get, None))
    busy = own.read(["the cat sat"], "middle"), own.score("the cat", " sat on")
    assert busy == quiet
    assert len(stream.traces()[0].tokens) == 60


def test_score(shared: LocalEngine, reference: Reference) -> None:
    scores = shared.score("the cat ", " sat on the mat")
    start = reference.ids("the cat")
    reply = reference.ids(" sat on the mat")[1:]
    torch.testing.assert_close(
        torch.tensor(scores), reference.logprobs(start, reply), atol=1e-4, rtol=1e-4
    )
    assert shared.score("the cat", "") == ()


def test_refusals_say_what_exists(shared: LocalEngine) -> None:
    def refused(
        kind: type[Exception], words: str, *dials: Dial, prompt: str = "a", **sampling: float
    ) -> None:
        with pytest.raises(kind, match=words):
            shared.generate([Request(prompt, dials, Sampling(**sampling))])  # pyright: ignore

    refused(EngineError, "no site 'top'; there are early, middle, late", Dial("top", 0, 1.0))
    beyond = r"errors.no_feature\(feature=64, site=middle, last=63\)"
    refused(PlayerError, beyond, Dial("middle", 64, 1))
    refused(PlayerError, "errors.no_feature", Dial("middle", -1, 1.0))
    refused(PlayerError, f"errors.dials.*limit={MAX_DIALS}", *[ADD] * (MAX_DIALS + 1))
    refused(PlayerError, "errors.opening", Dial("middle", 1, 1.0, opening=0))
    refused(PlayerError, "errors.prompt_tokens.*limit=448", prompt="the " * 600)
    refused(PlayerError, "errors.temperature", temperature=-1)
    refused(PlayerError, "errors.top_p", top_p=0)
    refused(PlayerError, "errors.reply.*limit=256", max_tokens=0)
    refused(PlayerError, "errors.seed", seed=-1)
    with pytest.raises(EngineError, match="there are early, middle, late"):
        shared.read(["a"], "top")
    with pytest.raises(PlayerError, match="limit=512"):
        shared.read(["the " * 600], "early")
    assert shared.generate([]).traces() == [] == list(shared.generate([]))
    assert_empty(shared)
    assert shared.sites["middle"] == Site("middle", 1, 5.0, FEATURES)


def test_parts_that_do_not_fit_are_refused(folder: Path) -> None:
    saes = {"early": folder / "early"}
    with pytest.raises(EngineError, match="norms for"):
        LocalEngine.load(folder / "model", saes, {"late": 1.0}, "cpu")


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_cuda(folder: Path, reference: Reference, dtype: torch.dtype) -> None:
    saes = {name: folder / name for name in SITES}
    running = LocalEngine.load(folder / "model", saes, NORMS, "cuda", dtype)
    greedy = Sampling(temperature=0, max_tokens=10, stop_at_end=False)
    requests = [Request("the cat", (ADD,), greedy), Request("the dog ran", (), greedy)]
    traces = running.generate(requests).traces()
    sampled = running.generate([Request("the cat", (ADD,), LONG)] * 2).traces()
    running.close()
    assert ids(sampled[0]) == ids(sampled[1])
    if dtype == torch.float32:
        first, second = map(ids, traces)
        assert first == reference.likeliest("the cat", (ADD,), first)
        assert second == reference.likeliest("the dog ran", (), second)
