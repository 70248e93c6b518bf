"""Attribution graphs as files: in the form of Neuronpedia and circuit-tracer, there and back.

What comes from elsewhere is a stranger's: its size and its shape are checked, and all its words are
only words. Knows no model: of a graph that was read here there is the structure alone.
"""

import json
import zlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from playground.circuits.notes import Note
from playground.circuits.records import Node, Pruned
from playground.errors import PlayerError

LARGEST = 10 * 2**20  # bytes of a file
MOST_NODES, MOST_LINKS = 6000, 400_000
LONGEST = 300  # characters of anything said
FEATURE = "cross layer transcoder"  # of transcoders that write to one layer too
ERROR = "mlp reconstruction error"
OWN = "steering_playground"  # what only this project reads

Name = Annotated[str, Field(max_length=200)]
Said = Annotated[str, Field(max_length=4000)]


class Loose(BaseModel):
    """What others may have added is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Metadata(Loose):
    slug: str = Field(max_length=200)
    scan: str | list[str]
    prompt_tokens: list[Said] = Field(max_length=4096)
    prompt: str = Field(max_length=100_000)
    node_threshold: float | None = None


class FileNode(Loose):
    """feature: of a feature the Cantor number of its layer and index; of a token its position, of a
    logit its id, -1 of an error."""

    node_id: Name
    feature: int | None = None
    layer: str = Field(max_length=8)
    ctx_idx: int = Field(ge=0, lt=4096)
    feature_type: str = Field(max_length=64)
    clerp: Said | None = ""
    activation: float | None = None
    influence: float | None = None
    token_prob: float | None = 0.0
    is_target_logit: bool | None = False


class Link(Loose):
    source: Name
    target: Name
    weight: float


class GraphFile(Loose):
    metadata: Metadata
    nodes: list[FileNode] = Field(max_length=MOST_NODES)
    links: list[Link] = Field(max_length=MOST_LINKS)


@dataclass(frozen=True)
class Stranger:
    """A graph from a file: what can be walked, and nothing that can be run. words: what the file
    calls each node; links: (source, target, weight) by places of nodes."""

    title: str
    prompt: str
    tokens: tuple[str, ...]
    nodes: tuple[Node, ...]
    words: tuple[str, ...]
    links: tuple[tuple[int, int, float], ...]


# -- there -----------------------------------------------------------------------------------------
def cantor(layer: int, index: int) -> int:
    """One number for two, as circuit-tracer writes features."""
    return (layer + index) * (layer + index + 1) // 2 + index


def name_of(node: Node, blocks: int) -> str:
    if node.kind == "feature":
        return f"{node.layer}_{node.index}_{node.position}"
    if node.kind == "error":
        return f"{node.layer}_-1_{node.position}"
    if node.kind == "token":
        return f"E_{node.index}_{node.position}"
    return f"{blocks + 1}_{node.index}_{node.position}"


def exported(
    pruned: Pruned, scan: str, slug: str, note: Callable[[Node], Note], piece: Callable[[int], str]
) -> dict[str, Any]:
    """What the pages of Neuronpedia and circuit-tracer load. Biases and what stands first have no
    place there; they are told of under a key of our own."""
    graph = pruned.graph
    last = max(graph.nodes[place].position for place in graph.logits)
    order = sorted(pruned.kept, key=lambda place: -pruned.influence[place])
    total = sum(pruned.influence.values()) or 1.0
    reached, cumulative = 0.0, dict[int, float]()
    for place in order:
        reached += pruned.influence[place]
        cumulative[place] = min(1.0, reached / total)
    best = max(map(int, graph.logits), key=lambda place: graph.nodes[place].value)

    def told(place: int) -> dict[str, Any]:
        node, name = graph.nodes[place], name_of(graph.nodes[place], graph.blocks)
        kinds = {"feature": FEATURE, "error": ERROR, "token": "embedding", "logit": "logit"}
        layers = {"token": "E", "logit": str(graph.blocks + 1)}
        numbers = {
            "feature": cantor(node.layer, node.index), "error": -1, "token": node.position,
            "logit": node.index,
        }  # fmt: skip
        return {
            "node_id": name, "jsNodeId": f"{name}-0", "feature": numbers[node.kind],
            "layer": layers.get(node.kind, str(node.layer)), "ctx_idx": node.position,
            "feature_type": kinds[node.kind], "clerp": words_of(node, note, piece),
            "token_prob": node.value if node.kind == "logit" else 0.0,
            "is_target_logit": place == best, "run_idx": 0,
            "reverse_ctx_idx": last - node.position, "influence": cumulative[place],
            "activation": node.value if node.kind == "feature" else None,
        }  # fmt: skip

    names = {place: name_of(graph.nodes[place], graph.blocks) for place in pruned.kept}
    return {
        "metadata": {
            "slug": slug, "scan": scan, "transcoder_list": [], "schema_version": 1,
            "prompt_tokens": list(graph.tokens), "prompt": graph.prompt, "node_threshold": 0.8,
            "info": {"description": "Attention patterns and norm scales are held."},
            OWN: {
                "replacement_score": pruned.scores.replacement,
                "completeness_score": pruned.scores.completeness,
            },
        },
        "qParams": {
            "pinnedIds": [], "supernodes": [], "linkType": "both", "clickedId": "", "sg_pos": "",
        },
        "nodes": [told(place) for place in pruned.kept],
        "links": [
            {"source": names[source], "target": names[target], "weight": float(f"{weight:.6g}")}
            for source, target, weight in pruned.links
        ],
    }  # fmt: skip


def words_of(node: Node, note: Callable[[Node], Note], piece: Callable[[int], str]) -> str:
    """A short name. A logit's has its probability at the end, by which other pages know it."""
    if node.kind == "feature":
        known = note(node)
        return " / ".join((*known.fires[:2], *(f"→{each}" for each in known.promotes[:1])))
    if node.kind == "logit":
        return f'Output "{piece(node.index)}" (p={node.value:.3f})'
    if node.kind == "token":
        return f'Emb: "{piece(node.index)}"'
    return f"Err: mlp {node.layer}"


# -- and back --------------------------------------------------------------------------------------
def unpacked(packed: str) -> bytes:
    """A file as a browser has packed it, gzip in base64; no more of it than is read. Raises
    PlayerError for what is no such thing."""
    try:
        return zlib.decompressobj(wbits=31).decompress(
            b64decode(packed, validate=True), LARGEST + 1
        )
    except (ValueError, zlib.error) as error:
        raise PlayerError("circuits.file_damaged", where="gzip") from error


def imported(text: bytes) -> Stranger:
    """Raises PlayerError in one sentence for what is no graph, or too large."""
    if len(text) > LARGEST:
        raise PlayerError("circuits.file_large", limit=LARGEST >> 20)
    try:
        whole = json.loads(text)
        read = GraphFile.model_validate(whole)
    except (ValueError, RecursionError) as error:  # ValidationError is one
        raise PlayerError("circuits.file_damaged", where=where(error)) from error
    nodes = [node_of(each) for each in read.nodes]
    places = {each.node_id: place for place, each in enumerate(read.nodes)}
    if len(places) < len(nodes):
        raise PlayerError("circuits.file_damaged", where="node_id")
    if not read.nodes:
        raise PlayerError("circuits.file_damaged", where="nodes")
    for link in read.links:
        if link.source not in places or link.target not in places:
            raise PlayerError("circuits.file_damaged", where="links")
    tokens = tuple(each[:LONGEST] for each in read.metadata.prompt_tokens)
    if any(node.position >= len(tokens) for node in nodes):
        raise PlayerError("circuits.file_damaged", where="ctx_idx")
    return Stranger(
        read.metadata.slug[:LONGEST],
        read.metadata.prompt[:LONGEST],
        tokens,
        tuple(nodes),
        tuple((each.clerp or each.node_id)[:LONGEST] for each in read.nodes),
        tuple((places[each.source], places[each.target], each.weight) for each in read.links),
    )


def where(error: Exception) -> str:
    """The field that is wrong, in a stranger's file."""
    if isinstance(error, ValidationError):
        return ".".join(str(each) for each in error.errors()[0]["loc"][:3])[:60]
    return "JSON"


KNOWN: Mapping[str, str] = {
    FEATURE: "feature", ERROR: "error", "embedding": "token", "logit": "logit",
}  # fmt: skip


def node_of(told: FileNode) -> Node:
    """By its type: ids have had two forms, and the older ones of errors are like those of features.
    Raises PlayerError."""
    kind = KNOWN.get(told.feature_type)
    if kind is None:
        raise PlayerError("circuits.file_damaged", where=f"feature_type {told.feature_type[:30]}")
    if kind == "token":
        return Node("token", 0, told.ctx_idx, max(0, told.feature or 0))
    if not told.layer.isdecimal():
        raise PlayerError("circuits.file_damaged", where="layer")
    layer = int(told.layer)
    if kind == "error":
        return Node("error", layer, told.ctx_idx)
    if kind == "logit":
        return Node("logit", layer, told.ctx_idx, told.feature or 0, told.token_prob or 0.0)
    index = cantor_back(layer, told.feature or 0)
    return Node("feature", layer, told.ctx_idx, index, told.activation or 0.0)


def cantor_back(layer: int, number: int) -> int:
    """A feature's index; the number itself where it is no Cantor number of this layer, as in older
    files."""
    index = 0
    if number >= 0:
        total = int(((8 * number + 1) ** 0.5 - 1) / 2)
        index = number - total * (total + 1) // 2
    return index if number >= 0 and cantor(layer, index) == number else number
