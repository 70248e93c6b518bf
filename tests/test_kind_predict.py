import random

import pytest

from playground.errors import AuthorError
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.levels.dealing.passages import Passage, Subject, detectors, legible
from playground.levels.dealing.questions import Bars, Strip
from playground.levels.kinds import predict
from playground.levels.kinds.predict import PredictLevel
from tests.kind_parts import cat_bench, fields, picks, shipped_round


def level(**more: object) -> PredictLevel:
    return PredictLevel.model_validate({**fields("predict", 8, 7, 7, 8), **more})


def cat_subject() -> Subject:
    (subject,) = detectors(level(concepts=["cats"]), cat_bench(), random.Random(0))
    assert legible(subject)
    return subject


def test_equal_peaks_leave_no_strongest_text() -> None:
    # Every text of the fake model peaks at 2.
    with pytest.raises(AuthorError, match=r"level example: needs a feature with . texts"):
        tuple(level(concepts=["cats"]).deal(cat_bench(), 0))


def test_the_strongest_must_be_ahead_and_clear() -> None:
    subject = cat_subject()
    peaks = (1.0, 1.9, 2.0, 0.8)
    texts = [
        predict.Measured(Passage(f"text {n}", ("a",), (peak,)), True, 1.0)
        for n, peak in enumerate(peaks)
    ]
    found = predict.clear_first(texts, subject, 2)
    assert [each.passage.peak for each in found] == [1.0, 0.8]
    assert [e.passage.peak for e in predict.clear_first(texts[1:], subject, 2)] == [1.9, 0.8]
    assert predict.clear_first(texts[1:3], subject, 2) == []
    assert predict.clear_first([], subject, 1) == []


def test_words_of_the_concept_and_of_the_card_make_a_text_alike() -> None:
    subject = cat_subject()
    typical = {"purple": 0.5, "lamp": 0.25}
    assert predict.alike("the purple lamp", subject, typical) == (0.75, "")
    likeness, hint = predict.alike("A whisker on a lamp", subject, typical)
    assert likeness >= 1.25
    assert hint.lower().startswith("whisker")


@pytest.mark.parametrize("seed", SHIPPED_SEEDS)
def test_texts_of_a_shipped_round_fire_clearly_or_not_at_all(seed: int) -> None:
    *texts, most = shipped_round("predict-cats", seed)
    assert len(set(picks([*texts, most]))) == 1
    firing = [0 in each.right for each in texts]
    assert predict.FEWEST <= sum(firing) <= len(texts) - predict.FEWEST
    bars = most.reveal[0]
    assert isinstance(bars, Bars)
    for fires, (_, peak), sealed in zip(firing, bars.rows, texts, strict=True):
        assert (peak >= 0.2 * bars.top) == fires
        assert fires or peak <= 0.05 * bars.top
        strip = sealed.question.exhibits[0]
        assert isinstance(strip, Strip)
        assert len(strip.tokens) <= 40
        assert not strip.values
    ranked = sorted((peak for _, peak in bars.rows), reverse=True)
    assert ranked[1] <= 0.9 * ranked[0]
    assert bars.rows[next(iter(most.right))][1] == ranked[0]
