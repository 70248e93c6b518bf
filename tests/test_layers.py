"""The one-way import order of the tree, read from the source: nothing is executed here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Low to high. A module imports only what stands above its own line; names on one line do not
# import each other. The last line but one holds the leaves: only app.py joins them.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("settings", "tomlfile", "language"),
    ("assets", "asked", "registry", "handbook", "points", "modelfiles"),
    ("progress", "sae", "hub"),
    ("lens",),
    ("engine",),
    ("share", "stock"),
    ("concepts",),
    ("examples",),
    ("atlas",),
    ("circuits",),
    ("levels",),
    ("coursemap", "daily", "looking"),
    ("exam",),
    ("occasions",),
    ("game",),
    ("screens", "serving", "pocket", "translations"),
    ("app",),
    ("__main__",),
)
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}

# Heavy or outward things, and the only parts of the tree that may touch them.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "gradio": ("screens", "serving", "app"),
    "sqlalchemy": ("progress",),
    "torch": ("sae", "lens", "engine", "atlas", "circuits", "serving", "pocket"),
    "transformers": ("engine", "atlas", "circuits", "serving", "pocket"),
    "sae_lens": ("lens", "pocket"),
    "ray": ("serving",),
    "spaces": ("screens", "serving", "app"),
    "httpx": ("atlas",),
}


def modules() -> list[Path]:
    return sorted((ROOT / "playground").rglob("*.py"))


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(source: str, package: str) -> Iterator[str]:
    """Full dotted names of all that a source imports, in functions too; relative ones resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: -(node.level - 1) or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def layer(name: str) -> str:
    """`playground.engine.hooks` -> `engine`; `app` stays; anything foreign -> ''."""
    parts = name.split(".")
    if parts[0] == "app":
        return "app"
    return parts[1] if parts[0] == "playground" and len(parts) > 1 else ""


def breaches(importer: str, imported: str) -> bool:
    below, above = layer(imported), layer(importer)
    if not below or below == above:
        return False
    return HEIGHT[below] >= HEIGHT[above]


def violations(name: str, source: str, package: str) -> list[str]:
    found = sorted({imported for imported in imports(source, package) if breaches(name, imported)})
    return [f"{name} imports {imported}" for imported in found]


def test_every_module_has_a_place_in_the_order() -> None:
    placed = {layer(dotted(path)) for path in modules()} - {""}
    assert placed <= HEIGHT.keys(), f"not in LAYERS: {sorted(placed - HEIGHT.keys())}"


def test_imports_go_one_way() -> None:
    found = []
    for path in [*modules(), *ROOT.glob("app.py")]:
        name = dotted(path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found += violations(name, path.read_text(encoding="utf-8"), package)
    assert not found, "these imports go up the tree:\n" + "\n".join(found)


@pytest.mark.parametrize("foreign", ONLY_IN)
def test_heavy_imports_stay_where_they_belong(foreign: str) -> None:
    found = []
    for path in modules():
        name = dotted(path)
        heads = {each.split(".")[0] for each in imports(path.read_text(encoding="utf-8"), name)}
        if foreign in heads and layer(name) not in ONLY_IN[foreign]:
            found.append(f"{name} imports {foreign}")
    assert not found, f"{foreign} belongs in {', '.join(ONLY_IN[foreign])}:\n" + "\n".join(found)


def test_only_settings_reads_the_environment() -> None:
    readers = {
        dotted(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv")
    }
    assert readers <= {"playground.settings"}, f"read settings.py instead: {sorted(readers)}"


def test_app_is_small() -> None:
    app = ROOT / "app.py"
    if not app.exists():
        pytest.skip("app.py is not written yet")
    assert len(app.read_text(encoding="utf-8").splitlines()) < 40


@pytest.mark.parametrize(
    ("importer", "statement", "expected"),
    [
        ("playground.engine.local", "from playground.registry import load", []),
        ("playground.levels.shelf", "import playground.engine.records", []),
        ("playground.screens.play", "from playground.levels import shelf", []),
        (
            "playground.atlas.cards",
            "from playground.screens import parts",
            ["playground.atlas.cards imports playground.screens.parts"],
        ),
        (
            "playground.game",
            "def start():\n    import playground.pocket.corpus",
            ["playground.game imports playground.pocket.corpus"],
        ),
        (
            "playground.engine.hooks",
            "from ..atlas import cards",
            ["playground.engine.hooks imports playground.atlas.cards"],
        ),
        (
            "playground.sae",
            "from playground import progress",
            ["playground.sae imports playground.progress"],
        ),
        (
            "playground.screens.home",
            "from playground.pocket.corpus import documents",
            ["playground.screens.home imports playground.pocket.corpus.documents"],
        ),
    ],
)
def test_the_check_itself(importer: str, statement: str, expected: list[str]) -> None:
    assert violations(importer, statement, importer.rpartition(".")[0]) == expected
