"""The section of docs/models.md that says what has been compared, made of what was compared."""

from pathlib import Path

from tests.parity import centred, families, kinds
from tests.parity.compare import Cell
from tests.parity.places import FAMILIES, LENS_COLUMNS, PATH_COLUMNS, Column, Family, refusal
from tests.random_saes import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
BEGIN, END = "<!-- begin: python -m tests.parity -->", "<!-- end: python -m tests.parity -->"
ABSENT, FAILED = "no", "FAILED"


def letter(*found: Cell) -> str:
    """How activations were found; the same in all of these cells."""
    if not all(each.holds for each in found):
        return FAILED
    return "".join(sorted({each.path for each in found}))


def rows(header: list[str], lines: list[list[str]]) -> str:
    every = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in every)


def title(family: Family) -> str:
    return f"{family.title}, block of linear attention" if family.note else family.title


def by_family(columns: tuple[Column, ...]) -> str:
    return rows(
        ["model class", *(each.title for each in columns)],
        [
            [
                title(family),
                *(
                    ABSENT if refusal(family, each) else letter(families.cells(family)[each])
                    for each in columns
                ),
            ]
            for family in FAMILIES
        ],
    )


def by_kind() -> str:
    found = [kinds.cells(family.key) for family in kinds.BOTH]
    return rows(
        ["kind", *(way.title for way in kinds.WAYS)],
        [
            [
                kind.replace("rescaled", "topk, rows counted as units"),
                *(
                    letter(*(each[kind, way] for each in found))
                    if way in kinds.ways(kind)
                    else ABSENT
                    for way in kinds.WAYS
                ),
            ]
            for kind in KINDS
        ],
    )


def without_mean() -> str:
    found = centred.cells()
    return rows(
        ["", *(each.title for each in found)],
        [
            ["kind", *(centred.COLUMNS[each] for each in found)],
            ["activations and logits", *(letter(cell) for cell, _ in found.values())],
            [
                "logits of TransformerLens",
                *("T" if far < centred.CLOSE else FAILED for _, far in found.values()),
            ],
        ],
    )


def section() -> str:
    return "\n\n".join(
        (
            BEGIN,
            "**Points by the names of TransformerLens.** A sign > stands between what a transcoder "
            "reads and what it writes.",
            by_family(LENS_COLUMNS),
            "**Points by module paths of Hugging Face.**",
            by_family(PATH_COLUMNS),
            "**Kinds of SAE and what they do to their input**, on "
            + " and ".join(family.title for family in kinds.BOTH)
            + ", after a block (transcoders: from what the MLP gets to what it adds).",
            by_kind(),
            "**GPT-2's residual without its mean**, against TransformerLens' HookedTransformer "
            "with `center_writing_weights`.",
            without_mean(),
            END,
        )
    )


def kept(page: str) -> str:
    """The section as a page has it. Raises ValueError where there is none."""
    return page[page.index(BEGIN) : page.index(END) + len(END)]


def largest() -> tuple[float, float]:
    """The largest differences of all cells: activations, logits."""
    found = [
        *(cell for family in FAMILIES for cell in families.cells(family).values()),
        *(cell for family in kinds.BOTH for cell in kinds.cells(family.key).values()),
        *(cell for cell, _ in centred.cells().values()),
    ]
    far = max(far for _, far in centred.cells().values())
    return max(each.activations for each in found), max(far, *(each.logits for each in found))
