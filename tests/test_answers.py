"""Directions from what a chat model answers when it is asked outright, on a small random one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.atlas import answers
from playground.concepts.concepts import load_concepts
from playground.engine.local import LocalEngine
from playground.engine.records import Trace
from playground.engine.text import Text
from tests import engine_models
from tests.chatting import talking


def test_a_direction_leads_from_all_answers_to_those_about_one_thing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "CALLED", {"cats": "cats", "ocean": "the ocean"})
    monkeypatch.setattr(answers, "QUESTIONS", ("Tell me about {}.",))
    monkeypatch.setattr(answers, "ANSWER", replace(answers.ANSWER, max_tokens=9))
    plain = engine_models.Reference(engine_models.save_all(tmp_path, "llama"))
    text = Text(talking(), chat=True)
    engine = LocalEngine(plain.model, talking(), plain.saes, engine_models.NORMS, chat=True)
    try:
        made = answers.directions(engine)
        written = engine.generate(answers.asked()).traces()
    finally:
        engine.close()
    assert [each.request.prompt for each in written] == [
        *["Tell me about cats."] * 2, *["Tell me about the ocean."] * 2,
    ]  # fmt: skip

    def states(answer: Trace, layer: int) -> np.ndarray:
        prompt = text.prompted(answer.request.prompt)
        ids = [*prompt, *(token.id for token in answer.tokens)]
        with torch.inference_mode():
            told = plain.model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        return told[layer + 1][0, len(prompt) :].numpy()

    for site, layer in list(engine_models.SITES.items())[:-1]:  # the last comes after a norm there
        each = [states(answer, layer) for answer in written]
        every, own = np.concatenate(each).mean(0), np.concatenate(each[:2]).mean(0)
        assert np.allclose(made["cats"][site].values, own - every, atol=1e-4)
        assert made["cats"].keys() == made["ocean"].keys() == engine_models.SITES.keys()


def test_all_that_is_asked_about_is_a_concept() -> None:
    assert answers.CALLED.keys() <= load_concepts().keys()
