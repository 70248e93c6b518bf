"""A Llama decoder as ONNX graphs, cut where something may be written or read between two of them.

Operators of ONNX Runtime's own domain do what takes many steps elsewhere: GroupQueryAttention turns
queries and keys by their positions (RoPE, Su et al. 2021), appends to the cache and attends, each
row up to its own length. Knows how the model is computed; nothing of rows, dials or sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from onnx import ModelProto, TensorProto, ValueInfoProto, helper, numpy_helper
from transformers import LlamaConfig, LlamaForCausalLM

from playground.engine.matrices import BLOCK, PEEK, Exact, held
from playground.models.points import Kind, Point

OWN = "com.microsoft"
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid(OWN, 1)]
FORMAT = 9  # of the file, which goes no further than this process
# A block has two halves, attention and MLP. Each gives something that is added to the residual.
HALVES: dict[Kind, tuple[int, bool]] = {
    "attn_raw": (0, False), "attn_out": (0, False), "resid_mid": (0, True),
    "mlp_raw": (1, False), "mlp_out": (1, False), "resid_post": (1, True),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Cut:
    """A place between two graphs. half: after which half, counted from 0 over all blocks, -1 before
    them all; summed: where what it gives has been added to the residual."""

    half: int
    summed: bool = True

    @property
    def values(self) -> tuple[str, ...]:
        """What crosses it."""
        return ("residual",) if self.summed else ("residual", "given")


EMBEDDED = Cut(-1)


def cut_at(point: Point) -> Cut | None:
    """None for a place that no cut can be made at."""
    if point.kind in ("embed", "resid_pre"):
        return Cut(2 * point.layer - 1)
    if point.kind not in HALVES:
        return None
    half, summed = HALVES[point.kind]
    return Cut(2 * point.layer + half, summed)


@dataclass(frozen=True)
class Segment:
    """A graph from one cut to the next. blocks: whose attention is in it, so that it takes and
    gives their keys and values (`key3`, `value3` in, `keys3`, `values3` out); it may give the
    residual after its blocks (`after3`) and their MLP neurons (`neurons3`), too."""

    start: Cut
    end: Cut
    model: ModelProto

    @property
    def blocks(self) -> range:
        return range(self.start.half // 2 + 1, self.end.half // 2 + 1)


class Nodes:
    """A graph in the making."""

    def __init__(self) -> None:
        self.nodes = list[Any]()
        self.stored = list[TensorProto]()
        self.fours = False  # whether any product has weights of 4 bits

    def keep(self, name: str, values: np.ndarray) -> str:
        self.stored.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(
        self, kind: str, inputs: Sequence[str], outputs: str | Sequence[str] = "",
        own: bool = True, **how: Any,
    ) -> str:  # fmt: skip
        """own: of ONNX Runtime's domain. Returns the first output."""
        outputs = [outputs or f"made{len(self.nodes)}"] if isinstance(outputs, str) else outputs
        domain = OWN if own else ""
        self.nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **how))
        return outputs[0]

    def product(self, x: str, name: str, weight: np.ndarray, output: str = "") -> str:
        """x times the transposed weight. weight: [out, in] float32"""
        matrix = held(weight)
        if isinstance(matrix, Exact):
            stored = self.keep(name, matrix.weight.T)
            return self.add("MatMul", [x, stored], output, own=False)
        wide, deep = matrix.shape
        self.fours |= matrix.bits == 4
        product = self.add(
            "MatMulNBits",
            [x, self.keep(f"{name}.codes", matrix.codes),
             self.keep(f"{name}.scales", matrix.scales.reshape(-1))],
            output if matrix.lows is None else "",
            N=wide, K=deep, bits=matrix.bits, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip
        if matrix.lows is None:
            return product
        # What a block is counted from meets the sum of the 32 numbers it is multiplied with.
        lows = self.keep(f"{name}.lows", matrix.lows.T)
        low = self.add("MatMul", [self.sums(x, deep), lows], own=False)
        return self.add("Add", [product, low], output, own=False)

    def sums(self, x: str, deep: int) -> str:
        """Of each 32 numbers of x."""
        name = f"{x}.sums"
        if not any(name in node.output for node in self.nodes):
            shape, last = f"blocks{deep}", "last"
            known = {each.name for each in self.stored}
            if shape not in known:
                self.keep(shape, np.array([0, 0, deep // BLOCK, BLOCK]))
            if last not in known:
                self.keep(last, np.array([3]))
            parts = self.add("Reshape", [x, shape], own=False)
            self.add("ReduceSum", [parts, last], name, own=False, keepdims=0)
        return name

    def model(
        self, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]
    ) -> ModelProto:
        graph = helper.make_graph(self.nodes, "segment", inputs, outputs, self.stored)
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=FORMAT)


class Llama:
    """What graphs are made of."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        config: LlamaConfig = model.config
        self._model = model
        self._eps = config.rms_norm_eps
        self.width = config.hidden_size
        self.wide = config.intermediate_size
        self.count = config.num_hidden_layers
        self.heads = config.num_attention_heads
        self.key_heads = config.num_key_value_heads or self.heads
        self.head_width = head_width(config)
        self.vocabulary = config.vocab_size
        self.fours = False  # whether any graph that was made has products with weights of 4 bits
        rope = model.model.rotary_emb
        places = torch.arange(config.max_position_embeddings, dtype=torch.float32)
        angles = places[:, None] * rope.inv_freq.float()
        self._turns = [each * rope.attention_scaling for each in (angles.cos(), angles.sin())]

    def segments(self, cuts: Sequence[Cut]) -> list[Segment]:
        """All blocks, cut at the places that are named; the first segment begins with the embedded
        tokens."""
        last = Cut(2 * self.count - 1)
        ordered = sorted({EMBEDDED, last, *cuts})
        return [self._segment(start, end) for start, end in pairwise(ordered)]

    def head(self) -> ModelProto:
        """From the residual after the last block to the logits."""
        nodes = Nodes()
        normed = self._norm(nodes, "residual", "model.norm")
        nodes.product(normed, "head", self._weight("lm_head"), "logits")
        outputs = [self._value("logits", self.vocabulary)]
        self.fours |= nodes.fours
        return nodes.model([self._value("residual", self.width)], outputs)

    def _segment(self, start: Cut, end: Cut) -> Segment:
        nodes, more = Nodes(), list[ValueInfoProto]()
        for name, turns in zip(("cos", "sin"), self._turns, strict=True):
            nodes.keep(name, turns.numpy())
        residual, given = "residual.in", "" if start.summed else "given.in"
        halves = range(start.half + 1, end.half + 1)
        for half in halves:
            block, mlp = divmod(half, 2)
            name = f"model.layers.{block}"
            norm = f"{name}.post_attention_layernorm" if mlp else f"{name}.input_layernorm"
            if given and not mlp:
                more.append(self._value(f"after{block - 1}", self.width))
            residual, normed = self._added(nodes, residual, given, norm, f"after{block - 1}")
            given = (self._mlp if mlp else self._attention)(nodes, block, normed)
            if mlp:
                more.append(self._value(f"neurons{block}", self.wide))
        inputs = [self._value(f"{name}.in", self.width) for name in start.values]
        outputs = [self._value(name, self.width) for name in end.values]
        self._end(nodes, end, residual, given)
        segment = Segment(start, end, ModelProto())
        if segment.blocks:
            inputs += [helper.make_tensor_value_info("lengths", TensorProto.INT32, ["rows"]),
                       helper.make_tensor_value_info("total", TensorProto.INT32, [1])]  # fmt: skip
        for block in segment.blocks:
            inputs += [self._kept(f"{each}{block}") for each in ("key", "value")]
            outputs += [self._kept(f"{each}{block}") for each in ("keys", "values")]
        self.fours |= nodes.fours
        return Segment(start, end, nodes.model(inputs, [*outputs, *more]))

    def _end(self, nodes: Nodes, end: Cut, residual: str, given: str) -> None:
        if end.summed:
            nodes.add("Add", [residual, given], "residual", own=False)
            return
        nodes.add("Identity", [residual], "residual", own=False)
        nodes.add("Identity", [given], "given", own=False)

    def _added(
        self, nodes: Nodes, residual: str, given: str, norm: str, output: str
    ) -> tuple[str, str]:
        """The residual with what a half gives, and what the norm makes of it."""
        if not given:
            return residual, self._norm(nodes, residual, norm)
        weight = nodes.keep(norm, self._weight(norm))
        total = output if norm.endswith("input_layernorm") else f"{norm}.total"
        normed = nodes.add(
            "SkipSimplifiedLayerNormalization", [residual, given, weight],
            [f"{norm}.normed", "", "", total], epsilon=self._eps,
        )  # fmt: skip
        return total, normed

    def _norm(self, nodes: Nodes, x: str, norm: str) -> str:
        return nodes.add(
            "SimplifiedLayerNormalization", [x, nodes.keep(norm, self._weight(norm))],
            f"{norm}.normed", own=False, epsilon=self._eps, axis=-1, stash_type=1,
        )  # fmt: skip

    def _attention(self, nodes: Nodes, block: int, normed: str) -> str:
        name = f"model.layers.{block}.self_attn"
        together = np.concatenate([self._weight(f"{name}.{each}_proj") for each in "qkv"])
        mixed = nodes.add(
            "GroupQueryAttention",
            [nodes.product(normed, f"{name}.qkv", together), "", "", f"key{block}",
             f"value{block}", "lengths", "total", "cos", "sin"],
            [f"{name}.mixed", f"keys{block}", f"values{block}"],
            num_heads=self.heads, kv_num_heads=self.key_heads, do_rotary=1,
        )  # fmt: skip
        return nodes.product(mixed, f"{name}.o", self._weight(f"{name}.o_proj"))

    def _mlp(self, nodes: Nodes, block: int, normed: str) -> str:
        name = f"model.layers.{block}.mlp"
        together = np.concatenate([self._weight(f"{name}.{each}_proj") for each in ("gate", "up")])
        both = nodes.product(normed, f"{name}.gate_up", together)
        gate, up = f"{name}.gate", f"{name}.up"
        nodes.add("Split", [both], [gate, up], own=False, axis=-1, num_outputs=2)
        open_ = nodes.add("QuickGelu", [gate], alpha=1.0)  # SiLU
        neurons = nodes.add("Mul", [open_, up], f"neurons{block}", own=False)
        return nodes.product(neurons, f"{name}.down", self._weight(f"{name}.down_proj"))

    def _weight(self, module: str) -> np.ndarray:
        weight = self._model.get_submodule(module).get_parameter("weight")
        return weight.detach().numpy()

    def _value(self, name: str, width: int) -> ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", "tokens", width])

    def _kept(self, name: str) -> ValueInfoProto:
        shape = ["rows", self.key_heads, "columns", self.head_width]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def fits(model: torch.nn.Module) -> bool:
    """Whether graphs can stand for a model: a Llama in float32 on the CPU, its matrices plain and
    without biases."""
    if type(model) is not LlamaForCausalLM:
        return False
    config: LlamaConfig = model.config
    weights = list(model.parameters())
    rope = (config.rope_parameters or {}).get("rope_type", "default")
    return bool(
        all(each.dtype == torch.float32 and each.device.type == "cpu" for each in weights)
        and config.hidden_act == "silu"
        and not config.attention_bias
        and not config.mlp_bias
        and rope in ("default", "linear", "llama3")
        and head_width(config) % 16 == 0
    )


def packs(model: torch.nn.Module) -> bool:
    """Whether the graphs of a model that fits would hold its weights in fewer bits."""
    weight = model.get_submodule("model.layers.0.self_attn.q_proj").get_parameter("weight")
    return not isinstance(held(weight.detach()[:PEEK].numpy()), Exact)


def head_width(config: LlamaConfig) -> int:
    return config.head_dim or config.hidden_size // config.num_attention_heads
