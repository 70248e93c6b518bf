"""Names of places: one meaning for both libraries' names, and a refusal for the rest."""

import pytest

from playground.errors import EngineError
from playground.models.points import Point, parse


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("blocks.3.hook_resid_post", Point(3)),
        ("blocks.8.hook_resid_pre", Point(7)),
        ("blocks.0.hook_resid_pre", Point(0, "resid_pre")),
        ("hook_embed", Point(0, "embed")),
        ("blocks.2.hook_resid_mid", Point(2, "resid_mid")),
        ("blocks.2.hook_mlp_out", Point(2, "mlp_out")),
        ("blocks.2.hook_attn_out", Point(2, "attn_out")),
        ("blocks.2.attn.hook_z", Point(2, "attn_z")),
        ("blocks.2.mlp.hook_in", Point(2, "mlp_in")),
        ("blocks.2.ln2.hook_normalized", Point(2, "mlp_normalized")),
        ("blocks.2.hook_out", Point(2)),
        ("model.layers.12", Point(12)),
        ("model.layers.12.output", Point(12)),
        ("model.layers.12.input", Point(11)),
        ("model.language_model.layers.5", Point(5)),
        ("transformer.h.2", Point(2)),
        ("gpt_neox.layers.4", Point(4)),
        ("model.layers.3.mlp", Point(3, "module", "mlp")),
        ("model.layers.3.self_attn.o_proj.input", Point(3, "module", "self_attn.o_proj", "input")),
        (
            "model.layers.3.post_feedforward_layernorm.output",
            Point(3, "module", "post_feedforward_layernorm"),
        ),
    ],
)
def test_names(name: str, point: Point) -> None:
    assert parse(name) == point


@pytest.mark.parametrize("name", ["blocks.3.hook_q", "blocks.3", "lm_head", "layers", ""])
def test_what_is_no_place_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(EngineError, match="no place that is known; there are blocks.N. with"):
        parse(name)


def test_sites_sort_as_the_model_passes_them() -> None:
    mixed = [Point(1), Point(0, "mlp_out"), Point(1, "attn_out"), Point(0)]
    ordered = sorted(mixed, key=lambda point: point.order)
    assert ordered == [Point(0, "mlp_out"), Point(0), Point(1, "attn_out"), Point(1)]
