"""Graphs as files: there and back, and what a stranger may not do."""

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest

from playground.circuits import files
from playground.circuits.influence import prune
from playground.circuits.notes import Note
from playground.circuits.records import Node
from playground.errors import PlayerError
from playground.hosting import gate
from playground.screens.pages import circuit
from tests.circuit_parts import by_hand


def note(node: Node) -> Note:
    return Note(node.layer, node.index, (" cat",), (" purr",), (), 0.1, 3.0)


def exported() -> dict[str, Any]:
    return files.exported(prune(by_hand(), 1.0, 1.0), "pocket", "a-prompt", note, "t{}".format)


def spoilt(**more: Any) -> bytes:
    whole = exported()
    for path, value in more.items():
        part, _, key = path.partition("__")
        if key:
            whole[part][0][key] = value
        else:
            whole[part] = value
    return json.dumps(whole).encode()


def test_an_exported_graph_keeps_the_rules_of_the_pages_that_load_it() -> None:
    """Those that the validators of Neuronpedia and the page of circuit-tracer have."""
    told = exported()
    ids = [node["node_id"] for node in told["nodes"]]
    assert len(set(ids)) == len(ids)
    assert {"slug", "scan", "prompt_tokens", "prompt", "schema_version", "node_threshold",
            "transcoder_list"} <= told["metadata"].keys()  # fmt: skip
    assert {"pinnedIds", "supernodes", "linkType", "clickedId", "sg_pos"} == told["qParams"].keys()
    for link in told["links"]:
        assert {link["source"], link["target"]} <= set(ids)
    for node in told["nodes"]:
        assert isinstance(node["layer"], str) and 0 <= node["ctx_idx"] < 2
        if node["feature_type"] == "logit":
            assert node["layer"] == "3" and node["clerp"].endswith("(p=1.000)")
        else:  # a page takes any other node above all blocks for a logit
            assert node["layer"] == "E" or int(node["layer"]) < 3
    by_kind = {node["feature_type"]: node for node in told["nodes"] if node["ctx_idx"] == 1}
    feature = by_kind["cross layer transcoder"]
    assert feature["node_id"] == "1_7_1" and feature["feature"] == files.cantor(1, 7) == 43
    assert by_kind["mlp reconstruction error"]["node_id"] == "1_-1_1"
    assert by_kind["embedding"]["node_id"] == "E_12_1"
    assert sum(node["is_target_logit"] for node in told["nodes"]) == 1
    shares = [node["influence"] for node in told["nodes"]]
    assert min(shares) > 0 and max(shares) <= 1


def test_a_graph_comes_back() -> None:
    read = files.imported(spoilt())
    pruned = prune(by_hand(), 1.0, 1.0)
    assert read.tokens == ("a", " prompt") and read.prompt == "a prompt"
    assert {node.kind for node in read.nodes} == {"feature", "error", "token", "logit"}
    assert sorted(weight for *_, weight in read.links) == sorted(w for *_, w in pruned.links)
    feature = next(node for node in read.nodes if node.kind == "feature" and node.layer == 1)
    assert (feature.index, feature.position, feature.value) == (7, 1, 3.0)


def test_older_ids_are_read_by_their_type() -> None:
    """Errors were called like features of block 0 once."""
    whole = exported()
    for node in whole["nodes"]:
        if node["feature_type"] == "mlp reconstruction error" and node["layer"] == "1":
            old = node["node_id"]
            node["node_id"] = "0_1_1"
            for link in whole["links"]:
                link["source"] = link["source"].replace(old, "0_1_1")
    read = files.imported(json.dumps(whole).encode())
    assert sum(node.kind == "error" for node in read.nodes) == 2
    plain = json.loads(spoilt(nodes__feature=7))
    assert files.imported(json.dumps(plain).encode()).nodes[0].index >= 0


@pytest.mark.parametrize(
    ("hostile", "where"),
    [
        (b"not json", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"metadata": 3}', "metadata"),
        (spoilt(nodes=[]), "nodes"),
        (spoilt(links__source="nobody"), "links"),
        (spoilt(links__weight=float("nan")), "links.0.weight"),
        (spoilt(nodes__ctx_idx=-1), "nodes.0.ctx_idx"),
        (spoilt(nodes__ctx_idx=99), "ctx_idx"),
        (spoilt(nodes__layer="<b>"), "layer"),
        (spoilt(nodes__feature_type="other"), "feature_type other"),
        (spoilt(nodes__node_id="x" * 500), "nodes.0.node_id"),
    ],
)
def test_what_is_no_graph_is_refused_in_a_sentence(hostile: bytes, where: str) -> None:
    with pytest.raises(PlayerError) as refused:
        files.imported(hostile)
    assert refused.value.said.key == "circuits.file_damaged"
    assert refused.value.said.params["where"] == where


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10)
    with pytest.raises(PlayerError) as refused:
        files.imported(spoilt())
    assert refused.value.said.key == "circuits.file_large"


def test_a_file_comes_as_a_browser_packs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = b64encode(gzip.compress(spoilt())).decode()
    assert files.unpacked(packed) == spoilt()
    for wrong in ("not packed", b64encode(spoilt()).decode(), "%%%"):
        with pytest.raises(PlayerError, match="file_damaged"):
            files.unpacked(wrong)
    # What is small until it is unpacked is not unpacked whole.
    monkeypatch.setattr(files, "LARGEST", 10)
    assert len(files.unpacked(packed)) == 11
    assert circuit.PACKED + 4096 < gate.MAX_BODY


def test_cantor_numbers_go_there_and_back() -> None:
    pairs = [(layer, index) for layer in range(26) for index in (0, 1, 7, 16_383)]
    assert [files.cantor_back(layer, files.cantor(layer, index)) for layer, index in pairs] == [
        index for _, index in pairs
    ]
    assert files.cantor_back(3, -5) == -5
