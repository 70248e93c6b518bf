"""The fields of a level file as a form has them, made from the pydantic model of its kind, and the
way back from what a form has sent to the tables of a file. Draws nothing and checks nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from playground.levels.kinds import KINDS, Level
from playground.levels.translated import LevelText

Sort = Literal["line", "text", "lines", "number", "tick", "choice", "choices"]
# No fields: the file's name, chosen before, said by the class, and that of the class's model.
GIVEN = ("id", "kind", "needs", "written_on")
SHORT = ("title", "source", "take")  # texts of one line
ROWS_MOST = 8  # of a table that stands several times


@dataclass(frozen=True)
class FieldShape:
    """What a field holds. options: of a choice; of: the model of a table, or of the items of a list
    of tables, which are rows."""

    sort: Sort
    options: tuple[str, ...] = ()
    of: type[BaseModel] | None = None
    rows: bool = False


@dataclass(frozen=True)
class FormField:
    """name: of the form's value, such as "goals.0.says"; label: the same without numbers, such as
    "goals_says". values: what stands in it, several for `lines` and `choices`. low, high: bounds
    of a number. needed: it may not be left empty."""

    name: str
    label: str
    sort: Sort
    values: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    needed: bool = False

    @property
    def value(self) -> str:
        """Of a list each item is a line; where one has several, an empty line ends each."""
        if any("\n" in each for each in self.values):
            return "".join(f"{each}\n\n" for each in self.values)
        return "\n".join(self.values)


@dataclass(frozen=True)
class FormGroup:
    """A table of the file; label: its name, empty for the first; row: its number where there are
    several of the name."""

    label: str
    fields: tuple[FormField, ...]
    row: int | None = None


def of_level(
    kind: type[Level], data: Mapping[str, Any], concepts: Sequence[str]
) -> list[FormGroup]:
    """All fields of a kind, filled with what a file says. concepts: those that the model knows."""
    return list(groups(kind, data, WordChoices(kind.measures, tuple(concepts))))


def of_translation(data: Mapping[str, Any]) -> list[FormGroup]:
    return list(groups(LevelText, data, WordChoices(), "ru."))


def level_data(kind: type[Level], sent: Mapping[str, str]) -> dict[str, Any]:
    """The tables of a file, from the values of its form. What is no number stays as it was typed:
    who checks the file says so."""
    return {"kind": kind.word, **collected(kind, sent, "")}


def translation_data(sent: Mapping[str, str]) -> dict[str, Any]:
    """Empty where nothing is translated."""
    return collected(LevelText, sent, "ru.")


def sent_of(made: Sequence[FormGroup]) -> dict[str, str]:
    """What a form sends in which nothing was changed."""
    sent = dict[str, str]()
    for each in (field for group in made for field in group.fields):
        if each.sort == "choices":
            sent |= {f"{each.name}/{value}": "1" for value in each.values}
        else:
            sent[each.name] = each.value
    return sent


def labels() -> set[str]:
    """The names of all fields and tables of all kinds."""
    every = [*(of_level(kind, {}, ()) for kind in KINDS.values()), of_translation({})]
    return {each for made in every for group in made for each in named(group) if each}


def named(group: FormGroup) -> Iterator[str]:
    yield group.label
    yield from (each.label for each in group.fields)


# -- models to fields ------------------------------------------------------------------------------
@dataclass(frozen=True)
class WordChoices:
    """What a text has to be one of."""

    measures: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()

    def options(self, name: str) -> tuple[str, ...]:
        return {"measure": self.measures, "concept": self.concepts}.get(name, ())


def groups(
    model: type[BaseModel],
    data: Mapping[str, Any],
    known: WordChoices,
    prefix: str = "",
    label: str = "",
    row: int | None = None,
) -> Iterator[FormGroup]:
    fields, below = list[FormField](), list[FormGroup]()
    for name, info in model.model_fields.items():
        if name in GIVEN:
            continue
        shape, found = shape_of(name, info.annotation), data.get(name, None)
        if shape.of is None:
            own = f"{label}_{name}" if label else name
            fields.append(field(f"{prefix}{name}", own, info, shape, found, known.options(name)))
        elif shape.rows:
            rows = [each for each in found or () if isinstance(each, Mapping)] + [{}]
            for number, each in enumerate(rows[:ROWS_MOST]):
                at = f"{prefix}{name}.{number}."
                below += groups(shape.of, each, known, at, name, number)
        else:
            own = found if isinstance(found, Mapping) else {}
            below += groups(shape.of, own, known, f"{prefix}{name}.", name)
    yield FormGroup(label, tuple(fields), row)
    yield from below


def field(
    name: str, label: str, info: FieldInfo, shape: FieldShape, found: object, known: tuple[str, ...]
) -> FormField:
    options = shape.options or known
    sort: Sort = "choice" if options and shape.sort in ("line", "text") else shape.sort
    low, high = bounds(info.metadata)
    value = info.get_default(call_default_factory=True) if found is None else found
    values = () if found is None and info.is_required() else spelled(value)
    if options:  # nothing that is chosen is lost, nor its order; none chosen is a choice of its own
        none = ("",) if sort == "choice" and not values else ()
        # Otherwise they stay where they stood: a browser remembers a choice by its place.
        first = () if values == tuple(each for each in options if each in values) else values
        options = tuple(dict.fromkeys((*none, *first, *options)))
    return FormField(name, label, sort, values, options, low, high, info.is_required())


def shape_of(name: str, annotation: Any) -> FieldShape:
    kind = bare(annotation)
    if get_origin(kind) is tuple:
        item = bare(get_args(kind)[0])
        if isinstance(item, type) and issubclass(item, BaseModel):
            return FieldShape("lines", of=item, rows=True)
        if get_origin(item) is Literal:
            return FieldShape("choices", get_args(item))
        return FieldShape("lines")
    if get_origin(kind) is Literal:
        optional = NoneType in get_args(annotation)
        return FieldShape("choice", (*([""] if optional else ()), *get_args(kind)))
    if kind is bool:
        return FieldShape("tick")
    if kind in (int, float):
        return FieldShape("number")
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return FieldShape("lines", of=kind)
    return FieldShape("line" if name in SHORT else "text")


def bare(annotation: Any) -> Any:
    """Without what is said about it, and without None."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if NoneType in get_args(annotation):
        return bare(next(each for each in get_args(annotation) if each is not NoneType))
    return annotation


def bounds(metadata: Iterable[Any]) -> tuple[float | None, float | None]:
    low = high = None
    for each in metadata:
        low = getattr(each, "ge", getattr(each, "gt", low))
        high = getattr(each, "le", getattr(each, "lt", high))
    return low, high


def spelled(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(each) for each in value)
    if isinstance(value, bool):
        return ("1",) if value else ()
    return (str(value),)


# -- and back --------------------------------------------------------------------------------------
def collected(model: type[BaseModel], sent: Mapping[str, str], prefix: str) -> dict[str, Any]:
    made = dict[str, Any]()
    for name, info in model.model_fields.items():
        if name in GIVEN:
            continue
        shape, at = shape_of(name, info.annotation), f"{prefix}{name}"
        if shape.of is None:
            value = taken(shape, info, sent, at)
        elif shape.rows:
            of, rows = shape.of, range(ROWS_MOST)
            tables = (collected(of, sent, f"{at}.{number}.") for number in rows)
            value = [each for each in tables if written(of, each)]
        else:
            value = collected(shape.of, sent, f"{at}.")
        same = tuple(value) if isinstance(value, list) else value
        if value in ("", [], {}) or (not info.is_required() and same == info.get_default()):
            continue
        made[name] = value
    return made


def written(model: type[BaseModel], row: Mapping[str, Any]) -> bool:
    """Whether anything was typed into a row: a choice is always made."""
    return any(name in row for name in model.model_fields if name != "measure")


def taken(shape: FieldShape, info: FieldInfo, sent: Mapping[str, str], at: str) -> Any:
    text = sent.get(at, "").replace("\r\n", "\n").strip()
    if shape.sort == "tick":
        return bool(text)
    if shape.sort == "number":
        return number(text)
    if shape.sort == "choices":
        return [each for each in chosen(sent, f"{at}/") if each in shape.options]
    if shape.sort == "lines":
        numbers = bare(get_args(bare(info.annotation))[0]) in (int, float)
        lines = (line.strip() for line in items(sent.get(at, "")))
        return [number(line) if numbers else line for line in lines if line]
    return text


def chosen(sent: Mapping[str, str], prefix: str) -> Iterator[str]:
    """In the order in which they stand in the form, which may matter."""
    return (name.removeprefix(prefix) for name in sent if name.startswith(prefix) and sent[name])


def items(text: str) -> list[str]:
    text = text.replace("\r\n", "\n")
    return re.split(r"\n[ \t]*\n", text) if re.search(r"\n[ \t]*\n", text) else text.split("\n")


def number(text: str) -> int | float | str:
    """As it was typed, also with a comma; the text itself where it is none."""
    for kind in (int, float):
        try:
            return kind(text.replace(",", "."))
        except ValueError:
            continue
    return text
