"""Messages: a key and parameters, the same after they were kept."""

from dataclasses import FrozenInstanceError

import pytest
from pydantic import TypeAdapter, ValidationError

from playground.messages import Line, Message

SAID = Message(
    "spot.why",
    token="cat",
    peak=1.0,
    count=5,
    others=("a", Message("kinds.none")),
    topic=Message("a"),
)


def test_a_message_comes_back_from_json_as_it_was() -> None:
    adapter = TypeAdapter(Message)
    kept = adapter.dump_python(SAID, mode="json")
    assert kept == {
        "key": "spot.why",
        "params": {
            "token": "cat",
            "peak": 1.0,
            "count": 5,
            "others": ["a", {"key": "kinds.none", "params": {}}],
            "topic": {"key": "a", "params": {}},
        },
    }
    for back in (adapter.validate_python(kept), adapter.validate_json(adapter.dump_json(SAID))):
        assert back == SAID
        assert hash(back) == hash(SAID)
        assert [type(back.params[name]) for name in ("token", "peak", "count")] == [str, float, int]
    with pytest.raises(ValidationError):
        adapter.validate_python({"key": "a", "params": {"b": None}})


def test_a_line_is_a_message_or_a_text_as_it_is() -> None:
    adapter = TypeAdapter(Line)
    for line in (SAID, "It works."):
        assert adapter.validate_python(adapter.dump_python(line, mode="json")) == line


def test_messages_differ_by_key_and_parameters_and_do_not_change() -> None:
    assert Message("a", n=1) == Message("a", n=1) != Message("a", n=2) != Message("b", n=2)
    assert len({Message("a", n=1, m=2), Message("a", m=2, n=1)}) == 1
    with pytest.raises(FrozenInstanceError):
        SAID.key = "other"  # type: ignore[misc]
    assert str(Message("errors.long", count=3, limit="two")) == "errors.long(count=3, limit=two)"
