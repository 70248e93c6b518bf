"""Messages for trying dials: apart, and about nothing."""

import pytest

from playground.atlas import trials
from playground.concepts.concepts import load_concepts, present

MESSAGES = (*trials.SELECT, *trials.GRADE)


def test_there_are_thirty_to_choose_by_and_thirty_to_grade_by() -> None:
    assert len(trials.SELECT) == len(trials.GRADE) == 30
    plain = {message.lower().strip(".?! ") for message in MESSAGES}
    assert len(plain) == 60, "no message is of both parts, or twice in one"


@pytest.mark.parametrize("message", MESSAGES)
def test_no_message_is_about_a_topic_a_mood_or_a_language(message: str) -> None:
    known = [
        each for each in load_concepts().values() if each.kind in ("topic", "mood", "language")
    ]
    assert [each.name for each in known if present(each, message)] == []
    assert [
        each.name for each in known if each.kind == "mood" and each.pattern.search(message)
    ] == []
