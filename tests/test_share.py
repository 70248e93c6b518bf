import hashlib
import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.engine.directions import Direction, TextContrast
from playground.engine.records import MAX_STRENGTH, METHODS, SCOPES, Dial, Sampling
from playground.errors import PlayerError
from playground.game import share
from playground.game.share import MAX_CODE, MAX_PROMPT, Sandbox, encode

DIALS = st.builds(
    Dial,
    site=st.sampled_from(["early", "middle", "late"]),
    feature=st.integers(0, 100_000),
    strength=st.floats(-MAX_STRENGTH, MAX_STRENGTH),
    method=st.sampled_from(METHODS),
    scope=st.sampled_from(SCOPES),
    opening=st.integers(1, 256),
)
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.floats(0, 2),
    top_p=st.floats(0.01, 1),
    max_tokens=st.integers(1, 256),
    seed=st.integers(0, 2**31 - 1),
    stop_at_end=st.booleans(),
)
STATES = st.builds(
    Sandbox,
    prompt=st.text(max_size=100),
    dials=st.lists(DIALS, max_size=4).map(tuple),
    sampling=SAMPLINGS,
    plain=st.booleans(),
)
STATE = Sandbox("Мяу, said the cat", (Dial("late", 7, 0.7),), Sampling(seed=3))
CATS = TextContrast("cats", "middle", "means", ("a cat", "мяу"), ("a dog",))
DOGS = TextContrast("dogs", "late", "probe", ("a", "b", "c"), ("d", "e", "f"))


def built(contrast: TextContrast) -> Direction:
    return Direction(contrast.name, (float(len(contrast.about)), 1.0), contrast=contrast)


def decode(code: str) -> Sandbox:
    return share.decode(code, built)


def test_a_link_brings_own_directions_back_as_their_texts() -> None:
    dials = (
        Dial.along("middle", built(CATS), 0.5, "add", "all"),
        Dial("late", 7, 0.7),
        Dial.along("late", built(DOGS), -1.0),
        Dial.along("middle", built(CATS), 0.1),
    )
    code = encode(Sandbox("Hello", dials))
    assert code[0] == share.OWN
    assert decode(code) == Sandbox("Hello", dials)


def test_a_long_list_makes_a_link_too_long() -> None:
    said = tuple(hashlib.sha256(bytes([n])).hexdigest() for n in range(160))
    many = [TextContrast(f"n{k}", "late", "means", said[k::4][:38], ("b",)) for k in range(4)]
    dials = tuple(Dial.along("late", built(each), 0.5) for each in many)
    with pytest.raises(PlayerError, match=r"errors\.long_link"):
        encode(Sandbox("Hello", dials))


def linked(packed: str) -> str:
    return "1" + urlsafe_b64encode(zlib.compress(packed.encode())).decode().rstrip("=")


@given(STATES)
def test_a_link_brings_the_whole_state_back(state: Sandbox) -> None:
    code = encode(state)
    assert decode(code) == state
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in code)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_kindly(code: str) -> None:
    with pytest.raises(PlayerError):
        decode(code)


@given(st.integers(0, 200), st.sampled_from("Aa0_-"))
def test_a_changed_link_is_refused_or_a_valid_state(place: int, letter: str) -> None:
    code = encode(STATE)
    place %= len(code)
    try:
        state = decode(code[:place] + letter + code[place + 1 :])
    except PlayerError:
        return
    assert isinstance(state, Sandbox)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "damaged_link"),
        ("2abc", "damaged_link"),
        ("4abc", "newer_link"),
        ("xabc", "damaged_link"),
        (encode(STATE)[:-5], "damaged_link"),
        ("1" * (MAX_CODE + 1), "damaged_link"),
        (linked("x" * 1_000_000)[:MAX_CODE], "damaged_link"),
        (linked('{"p":"","d":[],"s":[3,1,64,0,true]}'), "damaged_link"),
        (linked('{"p":"","d":[],"s":[1,1,64,0,true],"x":1}'), "damaged_link"),
        (
            linked('{"p":"","d":[["late",-1,1,"add","all",1]],"s":[1,1,64,0,true]}'),
            "damaged_link",
        ),
        (
            linked('{"p":"","d":[["late",1,9,"add","all",1]],"s":[1,1,64,0,true]}'),
            "errors.strength",
        ),
        (linked('{"p":"","d":[["late",1,NaN,"add","all",1]],"s":[1,1,64,0,true]}'), "damaged_link"),
    ],
)
def test_bad_links(code: str, message: str) -> None:
    with pytest.raises(PlayerError, match=message):
        decode(code)


def test_a_state_too_large_for_a_link() -> None:
    with pytest.raises(PlayerError, match="errors.link"):
        encode(Sandbox("x" * (MAX_PROMPT + 1)))


def test_half_a_character_is_told_in_one_sentence() -> None:
    with pytest.raises(PlayerError, match=r"engine\.half_character"):
        encode(Sandbox("a \ud83d b"))
