"""A Llama as the maps that it is made of, and its passes: one that remembers what an attribution
graph is made from, one with edits that is truly run, and one with everything frozen that is not
linear.

Attention patterns and norm scales are what makes a Llama nonlinear outside its MLPs; with these
held, all that an MLP writes reaches any later place by sums alone (Ameisen et al., Circuit Tracing,
2025). Knows no transcoders and no graphs. Rows are tokens of one text; where several runs of it go
side by side, they stand before the rows. All is float32.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import LlamaForCausalLM, PreTrainedModel
from transformers.models.llama.modeling_llama import rotate_half

from playground.errors import EngineError

Edit = Callable[[int, Tensor], Tensor]  # block, what stands there; what is to stand there
MlpEdit = Callable[[int, Tensor, Tensor], Tensor]  # block, what the MLP read, what it wrote


@dataclass(frozen=True, eq=False)
class Block:
    """Maps as torch keeps them: what goes in stands last."""

    attn_gain: Tensor  # [d]
    q: Tensor  # [heads * width, d]
    k: Tensor  # [key heads * width, d]
    v: Tensor  # [key heads * width, d]
    o: Tensor  # [d, heads * width]
    mlp_gain: Tensor  # [d]
    mlp: nn.Module


def block_of(layer: nn.Module) -> Block:
    """layer: of a Llama."""

    def weight(path: str) -> Tensor:
        return layer.get_parameter(f"{path}.weight")

    q, k, v, o = (weight(f"self_attn.{each}_proj") for each in "qkvo")
    gains = weight("input_layernorm"), weight("post_attention_layernorm")
    return Block(gains[0], q, k, v, o, gains[1], layer.get_submodule("mlp"))


@dataclass(frozen=True, eq=False)
class KeptStates:
    """What a run that begins in the middle takes from a plain one: all of it that has to be kept.
    ids: with what stands first; `after`: the residual after each block."""

    ids: tuple[int, ...]
    embedded: Tensor  # [T, d]
    after: Tensor  # [L, T, d]


@dataclass(frozen=True, eq=False)
class Passed:
    """What one text did to a model of L blocks. ids: with what stands first; `mlp_in` is after its
    norm, `middle` the residual that this norm reads, `after` the residual after each block."""

    ids: tuple[int, ...]
    embedded: Tensor  # [T, d]
    attn_scales: Tensor  # [L, T, 1]
    patterns: Tensor  # [L, heads, T, T]
    middle: Tensor  # [L, T, d]
    mlp_scales: Tensor  # [L, T, 1]
    mlp_in: Tensor  # [L, T, d]
    mlp_out: Tensor  # [L, T, d]
    after: Tensor  # [L, T, d]
    final_scale: Tensor  # [T, 1]
    logits: Tensor  # [T, vocabulary]

    @property
    def states(self) -> KeptStates:
        return KeptStates(self.ids, self.embedded, self.after)


@dataclass(frozen=True)
class Edits:
    """What is changed on the way, block by block, from 0."""

    mlp: MlpEdit | None = None  # what an MLP writes, [T, d]
    attention: Edit | None = None  # what attention adds, [T, d]
    after: Edit | None = None  # the residual after a block, [T, d]
    patterns: Edit | None = None  # [heads, T, T]


PLAIN = Edits()


@dataclass(frozen=True, eq=False)
class Sight:
    """Which rows of a pass are worked out, from `start` on, and what they do not see. cos, sin: by
    which each row's queries and keys are turned, [T, width]; hidden: [rows, T]"""

    start: int
    cos: Tensor
    sin: Tensor
    hidden: Tensor


class Anatomy:
    """The parts of a model, shared with it."""

    def __init__(self, model: PreTrainedModel) -> None:
        """Raises EngineError for a class whose parts nobody has described here."""
        if not isinstance(model, LlamaForCausalLM):
            raise EngineError(
                f"Circuits are traced in LlamaForCausalLM; this model is a {type(model).__name__}."
            )
        config = model.config
        if config.attention_bias:
            raise EngineError("Circuits are traced in models whose attention has no biases.")
        self.heads: int = config.num_attention_heads
        self.key_heads: int = config.num_key_value_heads or self.heads
        self.width = config.head_dim or config.hidden_size // config.num_attention_heads
        self.epsilon: float = config.rms_norm_eps
        self.embeddings = model.model.embed_tokens.weight.detach()
        self.unembed = model.lm_head.weight.detach()  # [vocabulary, d]
        self.final_gain = model.model.norm.weight.detach()
        self._rotary = model.model.rotary_emb
        self.blocks = [block_of(each) for each in model.model.layers]

    def __len__(self) -> int:
        return len(self.blocks)

    def scale(self, x: Tensor) -> Tensor:
        """What an RMS norm multiplies by. [T, d]; [T, 1]"""
        return torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon)

    def run(self, ids: Sequence[int], edits: Edits = PLAIN) -> Passed:
        """Everything is worked out anew, behind what is edited too."""
        x = embedded = self.embeddings[list(ids)].float()
        sight = self._sight(len(ids))
        kept = dict[str, list[Tensor]]()
        for layer in range(len(self)):
            made = self._through(layer, x, sight, edits)
            x = made["after"]
            for name, value in made.items():
                kept.setdefault(name, []).append(value)
        final = self.scale(x)
        stacks = {name: torch.stack(each) for name, each in kept.items()}
        return Passed(tuple(ids), embedded, **stacks, final_scale=final, logits=self.said(x))

    def rerun(self, base: KeptStates, block: int, start: int, edits: Edits) -> Tensor:
        """The same where nothing is edited before a block and before a position: what is there is
        that of `base`, and edits see the rows from that position on. Logits of the last token,
        [vocabulary]"""
        x = base.after[block - 1] if block else base.embedded
        sight = self._sight(len(base.ids), start)
        for layer in range(block, len(self)):
            made = self._through(layer, x, sight, edits)
            x = torch.cat([base.after[layer, :start], made["after"]])
        return self.said(x[-1:])[0]

    def reruns(self, base: KeptStates, begins: Sequence[int], start: int, edits: Edits) -> Tensor:
        """As `rerun`, for several runs side by side, so that each block's weights are read once.
        begins: the block at which each of them begins to differ, those that begin earlier first.
        Edits see the rows of those that have begun, which stand first. Logits of the last token,
        [runs, vocabulary]"""
        x, sight = (
            base.embedded.new_empty(0, *base.embedded.shape),
            self._sight(len(base.ids), start),
        )
        for layer in range(begins[0], len(self)):
            before = base.after[layer - 1] if layer else base.embedded
            x = torch.cat([x, before.expand(begins.count(layer), -1, -1)])
            made = self._through(layer, x, sight, edits)
            x = torch.cat([base.after[layer, :start].expand(len(x), -1, -1), made["after"]], 1)
        return self.said(x[:, -1])

    def halves(self, base: KeptStates) -> Tensor:
        """The residual of the last token after each half of each block, its attention and its MLP
        in turn. [2 L, d]"""
        x, sight = base.embedded, self._sight(len(base.ids), len(base.ids) - 1)
        found = list[Tensor]()
        for layer in range(len(self)):
            made = self._through(layer, x, sight, PLAIN)
            found += [made["middle"][-1], made["after"][-1]]
            x = base.after[layer]
        return torch.stack(found)

    def frozen(self, base: Passed, embedded: Tensor, mlp_out: Tensor) -> Passed:
        """With the patterns and scales of `base`, and MLPs that write what they are told to: what
        is linear in what is given. embedded: [T, d]; mlp_out: [L, T, d]"""
        x, middles, afters = embedded, list[Tensor](), list[Tensor]()
        for layer, block in enumerate(self.blocks):
            normed = x * base.attn_scales[layer] * block.attn_gain
            middle = x + self.attended(block, base.patterns[layer], normed)
            x = middle + mlp_out[layer]
            middles.append(middle)
            afters.append(x)
        gains = torch.stack([block.mlp_gain for block in self.blocks])[:, None]
        middle = torch.stack(middles)
        return Passed(
            base.ids, embedded, base.attn_scales, base.patterns, middle, base.mlp_scales,
            middle * base.mlp_scales * gains, mlp_out, torch.stack(afters), base.final_scale,
            linear(x * base.final_scale * self.final_gain, self.unembed),
        )  # fmt: skip

    def attended(self, block: Block, pattern: Tensor, normed: Tensor) -> Tensor:
        """What attention adds. pattern: [heads, T, T]; normed: [T, d]; [T, d]"""
        values = linear(normed, block.v).unflatten(-1, (self.key_heads, self.width))
        values = values.repeat_interleave(self.heads // self.key_heads, dim=-2)
        read = torch.einsum("...hts,...shw->...thw", pattern, values)
        return linear(read.flatten(-2), block.o)

    def backwards(self, layer: int, base: Passed, gradient: Tensor, blind: Tensor) -> Tensor:
        """The same the other way round: what reaches the residual before a block through its
        attention of what is wanted of the residual behind it. gradient: [B, T, d]; blind: [B,
        heads], 0 where a row is to do without a head, else 1; [B, T, d]"""
        block, (rows, tokens, _) = self.blocks[layer], gradient.shape
        pattern = base.patterns[layer][:, :tokens, :tokens]
        wanted = (gradient @ block.o).view(rows, tokens, self.heads, self.width)
        wanted = wanted * blind[:, None, :, None]
        asked = torch.einsum("hts,bthw->bshw", pattern, wanted)
        grouped = asked.unflatten(2, (self.key_heads, -1)).sum(3).flatten(2)
        scales = base.attn_scales[layer][:tokens]
        return (grouped @ block.v) * scales * block.attn_gain

    def _sight(self, tokens: int, start: int = 0) -> Sight:
        """Of the rows from `start` on."""
        cos, sin = self._rotary(self.embeddings[:1].float()[None], torch.arange(tokens)[None])
        hidden = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)[start:]
        return Sight(start, cos[0], sin[0], hidden)

    def _through(self, layer: int, x: Tensor, sight: Sight, edits: Edits) -> dict[str, Tensor]:
        """What a block makes of the rows that are worked out, by the names of Passed. x: all rows
        as they reach it, [T, d], or of several runs, [runs, T, d]"""
        block = self.blocks[layer]
        scale = self.scale(x)
        normed = x * scale * block.attn_gain
        pattern = self._pattern(block, normed, sight)
        if edits.patterns is not None:
            pattern = edits.patterns(layer, pattern)
        added = self.attended(block, pattern, normed)
        if edits.attention is not None:
            added = edits.attention(layer, added)
        middle = x[..., sight.start :, :] + added
        mlp_scale = self.scale(middle)
        mlp_in = middle * mlp_scale * block.mlp_gain
        wrote = block.mlp(mlp_in)
        if edits.mlp is not None:
            wrote = edits.mlp(layer, mlp_in, wrote)
        after = middle + wrote
        if edits.after is not None:
            after = edits.after(layer, after)
        return {
            "attn_scales": scale, "patterns": pattern, "middle": middle, "mlp_scales": mlp_scale,
            "mlp_in": mlp_in, "mlp_out": wrote, "after": after,
        }  # fmt: skip

    def said(self, x: Tensor) -> Tensor:
        """Logits of states, read as if they stood behind the last block. [rows, d]; [rows,
        vocabulary]"""
        return linear(x * self.scale(x) * self.final_gain, self.unembed)

    def _pattern(self, block: Block, normed: Tensor, sight: Sight) -> Tensor:
        """Where the rows that are worked out look. [heads, rows, T]"""
        queries = self._turned(linear(normed[..., sight.start :, :], block.q), sight, sight.start)
        keys = self._turned(linear(normed, block.k), sight)
        keys = keys.repeat_interleave(self.heads // self.key_heads, dim=-3)
        scores = (queries @ keys.transpose(-2, -1)) / self.width**0.5
        return scores.masked_fill(sight.hidden, float("-inf")).softmax(-1)

    def _turned(self, made: Tensor, sight: Sight, start: int = 0) -> Tensor:
        """Queries or keys by their heads, turned by where they stand. [rows, heads * width];
        [heads, rows, width]"""
        split = made.unflatten(-1, (-1, self.width)).transpose(-3, -2)
        return split * sight.cos[start:] + rotate_half(split) * sight.sin[start:]
