"""The edits themselves, as pure tensor functions over per-row, per-dial buffers.

Knows nothing of models, hooks or prompts. All dials of one site and row read the residual before
any of them, and their pushes add up, so their order does not matter.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor

from playground.engine.records import Control, Dial, Method
from playground.models.sae import Sae

FOREVER = 1 << 30  # a position no text reaches


class Terms(NamedTuple):
    """coefficient = aims * sN - removes * a - projects * h.d, as Dial's docstring defines the
    methods."""

    aims: int
    removes: int
    projects: int


TERMS: dict[Method, Terms] = {
    "add": Terms(1, 0, 0),
    "clamp": Terms(1, 1, 0),
    "ablate": Terms(0, 1, 0),
    "project": Terms(1, 0, 1),
}


# Of a vector, whose own part is the component along it.
BARE: dict[Method, Terms] = {
    "add": Terms(1, 0, 0),
    "clamp": Terms(1, 0, 1),
    "ablate": Terms(0, 0, 1),
    "project": Terms(1, 0, 1),
}


def terms_of(dial: Dial) -> Terms:
    return (TERMS if dial.vector is None else BARE)[dial.method]


@dataclass(frozen=True)
class Slots:
    """Buffers of one site: a row for each row of the batch, a slot for each dial of a row; an empty
    slot is zero."""

    encoder: Tensor  # [rows, dials, d_in], unused where features compete
    bias: Tensor  # [rows, dials]
    threshold: Tensor  # [rows, dials]
    length: Tensor  # [rows, dials], residual length of one unit of activation
    unit: Tensor  # [rows, dials, d_out], the unit decoder row d, to measure h.d by
    push: Tensor  # [rows, dials, d_out], d, or the control's direction
    target: Tensor  # [rows, dials], sN in residual units
    removes: Tensor  # [rows, dials], 1 or 0
    projects: Tensor  # [rows, dials], 1 or 0
    edits: Tensor  # [rows, dials] bool, false where the dial only watches
    first: Tensor  # [rows, dials] int64, the scope is first <= position < last
    last: Tensor  # [rows, dials] int64
    feature: Tensor  # [rows, dials] int64, negative for a vector

    @staticmethod
    def empty(rows: int, dials: int, sae: Sae, device: torch.device) -> "Slots":
        def zeros(*more: int, dtype: torch.dtype = torch.float32) -> Tensor:
            return torch.zeros(rows, dials, *more, dtype=dtype, device=device)

        return Slots(
            encoder=zeros(sae.d_in), bias=zeros(), threshold=zeros(), length=zeros(),
            unit=zeros(sae.d_out), push=zeros(sae.d_out), target=zeros(), removes=zeros(),
            projects=zeros(), edits=zeros(dtype=torch.bool), first=zeros(dtype=torch.int64),
            last=zeros(dtype=torch.int64), feature=zeros(dtype=torch.int64),
        )  # fmt: skip

    def buffers(self) -> list[Tensor]:
        return [getattr(self, each.name) for each in fields(self)]

    def window(self, start: int, rows: int, dials: int) -> "Slots":
        """Views of some rows and the first slots of each."""
        return Slots(*(buffer[start : start + rows, :dials] for buffer in self.buffers()))

    def clear(self, start: int, rows: int) -> None:
        for buffer in self.buffers():
            buffer[start : start + rows] = 0

    def move(self, source: int, target: int) -> None:
        for buffer in self.buffers():
            buffer[target] = buffer[source]

    def write(self, row: int, slot: int, dial: Dial, sae: Sae, norm: float, scope: range) -> None:
        """Puts one dial in its place. norm: the site's residual norm; scope: the positions it
        edits."""
        terms, where = terms_of(dial), (row, slot)
        if dial.vector is not None:
            unit = torch.tensor(dial.vector.values, dtype=torch.float32)
            unit = (unit / unit.norm()).to(self.unit.device)
        else:
            unit = sae.unit_rows([dial.feature])[0]
            self.length[where] = sae.row_norms[dial.feature]
        if dial.vector is None and sae.subset_is_exact:
            affine = sae.affine([dial.feature])
            self.encoder[where] = affine.columns[:, 0]
            self.bias[where] = affine.bias[0]
            self.threshold[where] = affine.threshold[0]
        # The component along d of a residual without its mean: h.(d - mean d).
        self.unit[where] = unit - unit.mean() if sae.writes_centred else unit
        self.push[where] = unit if dial.control is None else control_unit(dial, dial.control, sae)
        self.target[where] = terms.aims * dial.strength * norm
        self.removes[where] = terms.removes
        self.projects[where] = terms.projects
        self.edits[where] = not is_watching(dial)
        self.first[where] = scope.start
        self.last[where] = scope.stop
        self.feature[where] = dial.feature


def is_watching(dial: Dial) -> bool:
    """Whether the dial changes nothing whatever the residual is, so that its row stays untouched
    bit for bit."""
    return dial.method == "add" and dial.strength == 0


def scope_of(dial: Dial, prompt_length: int) -> range:
    """Absolute positions that a dial edits; position 0 (beginning of text) never.

    A state predicts the token after it: `reply` and `opening` begin at the last prompt token, whose
    state predicts the first reply token; after a prompt of one token they begin at the first reply
    token instead.
    """
    reply = max(1, prompt_length - 1)
    match dial.scope:
        case "all":
            return range(1, FOREVER)
        case "prompt":
            return range(1, max(1, prompt_length))
        case "reply":
            return range(reply, FOREVER)
        case "opening":
            return range(reply, reply + dial.opening)


def control_unit(dial: Dial, control: Control, sae: Sae) -> Tensor:
    """The direction that is pushed along instead of the dial's own. [d_out]"""
    if control.sort == "feature":
        return sae.unit_rows([control.number])[0]
    return random_unit(dial, control.number, sae.d_out)


def random_unit(dial: Dial, seed: int, d_out: int) -> Tensor:
    """On the CPU: fixed by its seed and the feature it stands in for. [d_out]"""
    seed = (seed * 1_000_003 + dial.feature) % (1 << 63)
    direction = torch.randn(d_out, generator=torch.Generator().manual_seed(seed))
    return direction / direction.norm()


def activations(seen: Tensor, slots: Slots, sae: Sae) -> tuple[Tensor, Tensor | None]:
    """Each slot's feature on each position, and the token's scale (Sae.prepare). seen: [rows,
    positions, d_in] float32, what stands where the SAE reads; [rows, positions, dials], [rows,
    positions, 1]"""
    prepared, scale = sae.prepare(seen)
    if not sae.subset_is_exact:
        index = slots.feature.clamp_min(0)[:, None, :].expand(-1, seen.shape[1], -1)
        return sae.encode(seen).float().gather(-1, index), scale
    pre = torch.baddbmm(slots.bias[:, None, :], prepared, slots.encoder.mT)
    return pre * (pre > slots.threshold[:, None, :]), scale


def coefficients(hidden: Tensor, lengths: Tensor, slots: Slots, project: bool) -> Tensor:
    """Residual length that each dial pushes by. hidden: [rows, positions, d_out] float32; lengths:
    what each unit of row norm is worth, [rows, positions, dials]; project: whether any dial needs
    h.d. [rows, positions, dials]"""
    removed = lengths * (slots.removes * slots.length)[:, None, :]
    if project:
        removed = removed + torch.bmm(hidden, slots.unit.mT) * slots.projects[:, None, :]
    return slots.target[:, None, :] - removed


def reached(slots: Slots, positions: Tensor) -> Tensor:
    """Where each dial's scope is. positions: [rows, positions] int64, negative on padding. [rows,
    positions, dials]"""
    here = positions[:, :, None]
    return (here >= slots.first[:, None, :]) & (here < slots.last[:, None, :])


def is_steady(dial: Dial) -> bool:
    """Whether what the dial adds is the same whatever the residual is."""
    terms = terms_of(dial)
    return not terms.removes and not terms.projects


def steady_push(slots: Slots, positions: Tensor) -> Tensor:
    """What dials add of which all are steady. Where none edits it is -0, which added to any number
    gives its very bits. positions: as for `reached`. [rows, positions, d_out]"""
    push = reached(slots, positions) & slots.edits[:, None, :]
    length = torch.where(push, slots.target[:, None, :], 0.0)
    return torch.where(push.any(-1, keepdim=True), torch.bmm(length, slots.push), -0.0)


class Edited(NamedTuple):
    hidden: Tensor  # [rows, positions, d_out], the very bits of the input wherever no dial edits
    before: Tensor  # [rows, dials], activations on the last position; nan out of scope
    after: Tensor  # [rows, dials]


def edit(
    hidden: Tensor,
    slots: Slots,
    positions: Tensor,
    sae: Sae,
    project: bool = True,
    seen: Tensor | None = None,
    feels: bool = True,
    steady: Tensor | None = None,
) -> Edited:
    """Turns all dials of a site on a batch. hidden: [rows, positions, d_out], any float dtype,
    which it keeps; positions: [rows, positions]; project: as for coefficients; seen: what the SAE
    reads, [rows, positions, d_in], None where that is `hidden` itself; feels: whether any dial is a
    feature's, so that there is an activation to look at; steady: what `steady_push` gives, where
    all dials are so."""
    exact, acts, scale = hidden.float(), None, None
    if feels:
        acts, scale = activations(exact if seen is None else seen.float(), slots, sae)
    if steady is None:
        changed = pushed(exact, acts, scale, slots, positions, project)
    else:
        changed = exact + steady
    changed = changed.to(hidden.dtype)
    if acts is None:
        nothing = torch.full_like(slots.target, torch.nan)
        return Edited(changed, nothing, nothing)
    before = after = acts[:, -1]
    if seen is None:
        after = activations(changed[:, -1:].float(), slots, sae)[0][:, 0]
    told = reached(slots, positions[:, -1:])[:, 0] & (slots.feature >= 0)
    return Edited(
        changed, torch.where(told, before, torch.nan), torch.where(told, after, torch.nan)
    )


def pushed(
    hidden: Tensor, acts: Tensor | None, scale: Tensor | None, slots: Slots, positions: Tensor,
    project: bool,
) -> Tensor:  # fmt: skip
    """By coefficients that hang on what is there. hidden: float32; acts, scale: as `activations`
    gives them, None where no dial is a feature's. [rows, positions, d_out]"""
    if acts is None:
        acts = hidden.new_zeros(*hidden.shape[:2], slots.target.shape[1])
    push = reached(slots, positions) & slots.edits[:, None, :]
    lengths = acts if scale is None else acts * scale
    length = torch.where(push, coefficients(hidden, lengths, slots, project), 0.0)
    # Not hidden + 0: a row without a dial must keep its bits, signed zeros included.
    return torch.where(push.any(-1, keepdim=True), hidden + torch.bmm(length, slots.push), hidden)
