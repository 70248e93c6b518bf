"""The bars of `python -m playground.engine.exactness`, on fewer tokens and replies."""

from collections.abc import Iterator

import pytest

from playground.engine.exactness import (
    chat,
    compare,
    first,
    prose,
    thirds,
    unheard,
)  # fmt: skip
from playground.engine.llama import LlamaPath, path_through
from playground.engine.loading import Parts, open_parts
from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath
from playground.engine.records import Request, Sampling
from playground.settings import load

TOKENS, REPLIES, ROWS, REPLY = 400, 8, 3, 20


@pytest.fixture(
    scope="module", params=["pocket", pytest.param("smollm2", marks=pytest.mark.smollm2)]
)
def parts(request: pytest.FixtureRequest) -> Parts:
    return open_parts(load().model_copy(update={"model": request.param, "device": "cpu"}))


@pytest.fixture(scope="module")
def engine(parts: Parts) -> Iterator[LocalEngine]:
    made = LocalEngine(
        parts.model, parts.tokenizer, parts.saes, dict.fromkeys(parts.saes, 10.0),
        chat=parts.chosen.card.chat, first=parts.first,
    )  # fmt: skip
    yield made
    made.close()


def test_the_fast_way_is_near_the_general_one(parts: Parts, engine: LocalEngine) -> None:
    fast, blocks = path_through(parts.model, []), thirds(parts.model)
    assert isinstance(fast, LlamaPath)
    for texts in (prose(parts), chat(engine, parts, ROWS)):
        found = compare(fast, HuggingFacePath(parts.model), first(texts, TOKENS), blocks)
        assert found.tokens >= TOKENS
        assert abs(found.loss) < 0.01
        assert found.agreement >= 0.94  # 95 % of 20,000 tokens; fewer tell it less well
        assert all(found.alike(block) >= 0.99 for block in blocks)


def test_no_row_hears_another_and_a_dial_at_nothing_changes_nothing(engine: LocalEngine) -> None:
    assert unheard(engine, REPLIES, REPLY) == (REPLIES, REPLIES // 2)


@pytest.mark.parametrize(
    "parts", [pytest.param("smollm2", marks=pytest.mark.smollm2)], indirect=True
)
def test_a_prompt_of_2000_tokens_giants_and_emoji_are_no_error(
    parts: Parts, engine: LocalEngine
) -> None:
    short = Sampling(max_tokens=4, stop_at_end=False)
    prompts = (
        "The sea is wide. " * 400,
        "\U0001f408\u200d⬛ meow \U0001f63a",
        "\n\n\n,,, the of",
        "",
    )
    requests = [Request(each, (), short) for each in prompts]
    assert len(parts.text().prompted(prompts[0])) > 2000
    for trace in engine.generate(requests).traces():
        assert len(trace.tokens) == 4 and all(-30 < each <= 0 for each in trace.logprobs)
