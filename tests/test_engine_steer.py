"""The edits follow Dial's docstring, whatever the residual, the dials and the dtype."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.engine.records import METHODS, SCOPES, Control, Dial, Method, Vector
from playground.engine.steer import Slots, edit, random_unit, scope_of, steady_push
from playground.models.sae import Sae
from playground.models.sae_files import load
from tests.engine_models import FEATURES, WIDTH, push, save_sae

NORM = 5.0
KINDS = ("standard", "jumprelu", "topk", "rescaled", "batchtopk")


@pytest.fixture(scope="module")
def saes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sae]:
    place = tmp_path_factory.mktemp("saes")
    return {kind: load(save_sae(place / kind, 1, kind)) for kind in KINDS}


def dials() -> st.SearchStrategy[Dial]:
    return st.builds(
        Dial,
        site=st.just("middle"),
        feature=st.integers(0, FEATURES - 1),
        strength=st.floats(-4, 4),
        method=st.sampled_from(METHODS),
        scope=st.sampled_from(SCOPES),
        opening=st.integers(1, 5),
        control=st.none()
        | st.builds(Control, st.sampled_from(("random", "feature")), st.integers(0, FEATURES - 1)),
    )


def slots_of(rows: list[list[Dial]], sae: Sae, prompt: int) -> Slots:
    slots = Slots.empty(len(rows), 4, sae, torch.device("cpu"))
    for row, here in enumerate(rows):
        for slot, dial in enumerate(here):
            slots.write(row, slot, dial, sae, NORM, scope_of(dial, prompt))
    return slots


@settings(max_examples=80, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    rows=st.lists(st.lists(dials(), max_size=4), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
    prompt=st.integers(1, 8),
    pad=st.integers(0, 3),
)
def test_edits_are_the_definition(
    saes: dict[str, Sae], kind: str, rows: list[list[Dial]], seed: int, prompt: int, pad: int
) -> None:
    sae, tokens = saes[kind], 9
    hidden = 2 * torch.randn(
        len(rows), tokens, WIDTH, generator=torch.Generator().manual_seed(seed)
    )
    positions = (torch.arange(tokens) - pad).expand(len(rows), -1)
    edited = edit(hidden, slots_of(rows, sae, prompt), positions, sae)
    expected = hidden.clone()
    for row, here in enumerate(rows):
        for dial in here:
            scope = scope_of(dial, prompt)
            inside = torch.tensor([int(p) in scope for p in positions[row]])
            expected[row] += torch.where(inside[:, None], push(hidden[row], dial, sae, NORM), 0.0)
    torch.testing.assert_close(edited.hidden, expected, atol=3e-4, rtol=1e-4)
    for row, here in enumerate(rows):
        untouched = [
            all(int(p) not in scope_of(dial, prompt) for dial in here) for p in positions[row]
        ]
        assert torch.equal(edited.hidden[row, untouched], hidden[row, untouched])


@pytest.mark.parametrize("kind", KINDS)
def test_readouts_are_the_features_on_the_last_position(saes: dict[str, Sae], kind: str) -> None:
    sae, hidden = saes[kind], 2 * torch.randn(2, 5, WIDTH)
    here = [Dial("middle", 3, 1.0, scope="all"), Dial("middle", 4, 1.0, scope="prompt")]
    edited = edit(hidden, slots_of([here, []], sae, 2), torch.arange(5).expand(2, -1), sae)
    torch.testing.assert_close(edited.before[0, 0], sae.encode(hidden)[0, -1, 3])
    torch.testing.assert_close(edited.after[0, 0], sae.encode(edited.hidden)[0, -1, 3])
    assert edited.before[0, 1].isnan() and edited.after[0, 1].isnan()  # out of scope
    assert edited.before[1].isnan().all()  # no dial


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_dtype_stays_and_a_row_without_dial_keeps_its_bits(
    saes: dict[str, Sae], method: Method, dtype: torch.dtype
) -> None:
    hidden = torch.randn(2, 4, WIDTH).to(dtype)
    hidden[1, 2, :5] = -0.0
    dial = Dial("middle", 3, 2.0, method, "all")
    slots = slots_of([[dial], []], saes["jumprelu"], 3)
    edited = edit(hidden, slots, torch.arange(4).expand(2, -1), saes["jumprelu"])
    assert edited.hidden.dtype == dtype
    as_int = torch.int32 if dtype == torch.float32 else torch.int16
    assert torch.equal(edited.hidden[1].view(as_int), hidden[1].view(as_int))
    assert torch.equal(edited.hidden[0, 0].view(as_int), hidden[0, 0].view(as_int))
    assert not torch.equal(edited.hidden[0, 1:], hidden[0, 1:])


@pytest.mark.parametrize("method", METHODS)
def test_along_vectors_no_activation_is_looked_at(saes: dict[str, Sae], method: Method) -> None:
    """To the same bits as if it were."""
    sae, hidden, positions = saes["jumprelu"], torch.randn(2, 4, WIDTH), torch.arange(4)
    vector = Vector("ones", (1.0,) * WIDTH)
    slots = slots_of([[Dial.along("middle", vector, 0.7, method, "all")], []], sae, 3)
    full, short = (
        edit(hidden, slots, positions.expand(2, -1), sae, feels=feels) for feels in (True, False)
    )
    assert torch.equal(full.hidden, short.hidden) and not torch.equal(short.hidden, hidden)
    for told in (full, short):
        assert told.before.isnan().all() and told.after.isnan().all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_push_that_is_made_ahead_gives_the_same_bits(
    saes: dict[str, Sae], dtype: torch.dtype
) -> None:
    sae, positions = saes["jumprelu"], torch.arange(5).expand(3, -1)
    hidden = torch.randn(3, 5, WIDTH).to(dtype)
    hidden[:, :, :3] = -0.0
    vector = Dial.along("middle", Vector("ones", (1.0,) * WIDTH), -0.7, "add", "reply")
    dials = [Dial("middle", 3, 1.3, "add", "all"), Dial("middle", 5, 0.4, "add", "prompt"), vector]
    slots = slots_of([dials, dials[2:], []], sae, 3)
    anew, ahead = (
        edit(hidden, slots, positions, sae, steady=push)
        for push in (None, steady_push(slots, positions))
    )
    as_int = torch.int32 if dtype == torch.float32 else torch.int16
    for mine, other in zip(ahead, anew, strict=True):
        assert torch.equal(mine.nan_to_num(-1).view(as_int), other.nan_to_num(-1).view(as_int))
    assert not torch.equal(ahead.hidden[:2], hidden[:2])


def test_adding_nothing_keeps_the_bits_but_still_reads(saes: dict[str, Sae]) -> None:
    hidden = torch.randn(1, 4, WIDTH)
    hidden[0, 2, :5] = -0.0
    slots = slots_of([[Dial("middle", 3, 0.0, "add", "all")]], saes["jumprelu"], 3)
    edited = edit(hidden, slots, torch.arange(4)[None], saes["jumprelu"])
    assert torch.equal(edited.hidden.view(torch.int32), hidden.view(torch.int32))
    assert edited.before.isfinite().any()


def test_clamping_to_nothing_is_ablating(saes: dict[str, Sae]) -> None:
    hidden, positions = torch.randn(1, 4, WIDTH), torch.arange(4)[None]
    off = Dial("middle", 3, 0.0, "clamp", "all")
    ablated = Dial("middle", 3, 3.0, "ablate", "all")
    first, second = (
        edit(hidden, slots_of([[dial]], saes["standard"], 3), positions, saes["standard"])
        for dial in (off, ablated)
    )
    assert torch.equal(first.hidden, second.hidden)


def test_scopes() -> None:
    def scope(name: str, prompt: int) -> list[int]:
        dial = Dial("middle", 0, 1.0, scope=name, opening=3)  # pyright: ignore[reportArgumentType]
        return [p for p in range(10) if p in scope_of(dial, prompt)]

    assert scope("all", 4) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert scope("prompt", 4) == [1, 2, 3]
    assert scope("reply", 4) == [3, 4, 5, 6, 7, 8, 9]
    assert scope("opening", 4) == [3, 4, 5]
    # After an empty prompt there is the beginning of text only, which nothing touches.
    assert scope("prompt", 1) == []
    assert scope("reply", 1) == scope("all", 1) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert scope("opening", 1) == [1, 2, 3]


def test_a_control_direction_is_fixed_and_of_length_one() -> None:
    dial = Dial("middle", 3, 1.0)
    assert torch.equal(random_unit(dial, 7, 64), random_unit(dial, 7, 64))
    torch.testing.assert_close(random_unit(dial, 7, 64).norm(), torch.tensor(1.0))
    assert not torch.equal(random_unit(dial, 7, 64), random_unit(dial, 8, 64))
    assert not torch.equal(random_unit(dial, 7, 64), random_unit(Dial("middle", 4, 1.0), 7, 64))


def test_a_control_may_be_the_row_of_another_feature(saes: dict[str, Sae]) -> None:
    sae = saes["jumprelu"]
    dial = Dial("middle", 3, 1.0, "add", control=Control("feature", 5))
    slots = slots_of([[dial]], sae, 3)
    assert torch.equal(slots.push[0, 0], sae.unit_rows([5])[0])
    assert torch.equal(slots.unit[0, 0], sae.unit_rows([3])[0])  # h.d is still its own
