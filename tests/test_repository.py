"""The repository as people clone, read and host it: sizes, lists, front matter, targets."""

import ast
import importlib.metadata
import os
import re
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from importlinter.cli import lint_imports

from playground.assets import sum_of

ROOT = Path(__file__).parents[1]
MIB = 2**20
MAX_FILE, MAX_ASSETS = 10 * MIB, 60 * MIB  # a Space's git refuses larger plain files
MAX_MODULE, MAX_FUNCTION, MAX_APP = 400, 60, 40  # lines, at most
COPIED = 1_000  # bytes; a smaller file may happen to say the same
MAX_ROOMS = 18  # folders and files at the root of the package
CODE = ("app.py", "playground/**/*.py", "scripts/**/*.py", "tests/**/*.py")
# Named in requirements.txt though the app never imports it: transformers needs it to place models.
UNIMPORTED = {"accelerate"}
# Named in no list: they come with a package that is in it, and are asked for where they exist.
ALONG = {
    "httpx2": "transformers", "huggingface_hub": "transformers", "markupsafe": "jinja2",
    "anyio": "starlette", "babel": "fluent.runtime", "psutil": "accelerate",
    "pydantic_core": "pydantic", "PIL": "gradio", "spaces": "the Space",
}  # fmt: skip
DISTRIBUTIONS = {
    "fluent": "fluent.runtime",
    "markdown_it": "markdown-it-py",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "sae_lens": "sae-lens",
    "sklearn": "scikit-learn",
    "tomli_w": "tomli-w",
}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def ignored() -> set[str]:
    """Names that .gitignore leaves out, without the closing stroke."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return {line.rstrip("/") for line in lines} | {".git"}


def kept_files() -> list[Path]:
    """Every file that belongs to the repository, whether or not this copy has a .git."""
    patterns = ignored()

    def left_out(name: str) -> bool:
        return any(Path(name).match(pattern) for pattern in patterns)

    kept = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not left_out(name))
        kept += [Path(folder, name) for name in sorted(files) if not left_out(name)]
    return kept


def code() -> list[Path]:
    return sorted(path for pattern in CODE for path in ROOT.glob(pattern))


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# -- sizes -------------------------------------------------------------------------------------
def test_no_class_name_stands_twice() -> None:
    """Who searches for a name finds one class."""
    named = defaultdict[str, list[Path]](list)
    for path in sorted((ROOT / "playground").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                named[node.name].append(path)
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def test_no_file_is_too_large_for_a_space() -> None:
    large = {
        str(path.relative_to(ROOT)): f"{path.stat().st_size / MIB:.1f} MiB"
        for path in kept_files()
        if path.stat().st_size > MAX_FILE
    }
    assert not large


def test_the_assets_are_small_enough_to_ship() -> None:
    """Those of each model."""
    for folder in (each for each in (ROOT / "assets").iterdir() if each.is_dir()):
        total = sum(path.stat().st_size for path in kept_files() if folder in path.parents)
        assert total < MAX_ASSETS, f"assets/{folder.name} holds {total / MIB:.1f} MiB"


def test_nothing_large_stands_twice() -> None:
    """What is generated has one place, and no copy of itself beside it."""
    by_sum = defaultdict[str, list[str]](list)
    for path in kept_files():
        if path.stat().st_size > COPIED:
            by_sum[sum_of(path).sha256].append(str(path.relative_to(ROOT)))
    assert not [names for names in by_sum.values() if len(names) > 1]


def test_modules_are_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in code()}
    long = {str(p.relative_to(ROOT)): n for p, n in lengths.items() if n > MAX_MODULE}
    assert not long, "split them"


def test_functions_are_short() -> None:
    long = {}
    for path in code():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION:
                    long[f"{path.relative_to(ROOT)}: {node.name}"] = lines
    assert not long, "split them"


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in code()
        if ROOT / "tests" not in path.parents
        and path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent, "no docstring"


def test_app_is_small() -> None:
    assert len(read("app.py").splitlines()) < MAX_APP


# -- rooms -------------------------------------------------------------------------------------
def test_imports_keep_the_contracts() -> None:
    config = str(ROOT / "pyproject.toml")
    assert lint_imports(config_filename=config, no_cache=True, no_logo=True) == 0


def test_the_rooms_are_few() -> None:
    found = sorted((ROOT / "playground").iterdir())
    rooms = [path.stem for path in found if (path / "__init__.py").exists() or path.suffix == ".py"]
    assert len(set(rooms) - {"__init__"}) <= MAX_ROOMS, rooms


def test_nothing_imports_the_way_in_but_the_command_line() -> None:
    importers = {name for name, heads in heads().items() if "app" in heads}
    assert importers == {"playground/__main__.py"}


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "playground").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv")
    }
    assert readers <= {"playground/settings.py"}, "read settings.py instead"


# -- the Space ---------------------------------------------------------------------------------
def front_matter() -> dict[str, object]:
    _, yaml_text, _ = read("README.md").split("---\n", 2)
    return yaml.safe_load(yaml_text)


def test_the_front_matter_makes_a_gradio_space() -> None:
    space = front_matter()
    assert read("README.md").startswith("---\n")
    assert space["title"] == "Steering Playground"
    assert space["sdk"] == "gradio"
    assert {space["colorFrom"], space["colorTo"]} <= COLOURS
    assert space["license"] == "apache-2.0"
    assert space["pinned"] is False
    assert space["python_version"] == "3.11", "as text: YAML reads 3.10 as 3.1"
    assert len(str(space["short_description"])) <= 60
    assert len(str(space["emoji"])) in (1, 2)
    assert space["app_file"] == "app.py"
    if "app_file" in space and not (ROOT / "app.py").exists():
        pytest.fail("the front matter names app.py, which is not there")


def test_gradio_has_one_version() -> None:
    pinned = requirements()["gradio"]
    assert front_matter()["sdk_version"] == pinned
    assert importlib.metadata.version("gradio") == pinned


# -- dependencies ------------------------------------------------------------------------------
def requirements() -> dict[str, str]:
    """Name and exact version of every line."""
    lines = [line.split("#")[0].strip() for line in read("requirements.txt").splitlines()]
    pins = {}
    for line in filter(None, lines):
        pin = re.fullmatch(r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==([0-9][0-9a-z.]*)", line)
        assert pin, f"requirements.txt: {line!r} is no exact pin, or names a place to fetch from"
        pins[pin[1]] = pin[2]
    return pins


def heads() -> dict[str, set[str]]:
    """What app.py and each module of playground/ imports, in functions too: `os` of `os.path`."""
    found = dict[str, set[str]]()
    for path in [ROOT / "app.py", *(ROOT / "playground").rglob("*.py")]:
        own = found[path.relative_to(ROOT).as_posix()] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                own |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                own.add(node.module.split(".")[0])
    return found


def imported() -> set[str]:
    """Distributions that app.py and playground/ import, other than Python's own."""
    foreign = set[str]().union(*heads().values()) - sys.stdlib_module_names
    foreign -= {"playground", "app"} | ALONG.keys()
    return {DISTRIBUTIONS.get(head, head) for head in foreign}


def test_what_is_imported_is_required_and_the_reverse() -> None:
    required = requirements().keys()
    assert not imported() - required, "imported, but not in requirements.txt"
    assert not required - imported() - UNIMPORTED, "in requirements.txt, but nobody imports it"


def test_requirements_is_the_only_list() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    assert "dependencies" not in project["project"]
    assert project["project"]["dynamic"] == ["dependencies"]
    source = project["tool"]["setuptools"]["dynamic"]["dependencies"]
    assert source == {"file": ["requirements.txt"]}
    others = [path.name for path in ROOT.glob("requirements*")] + [
        name
        for name in ("environment.yml", "Pipfile", "setup.py", "setup.cfg")
        if (ROOT / name).exists()
    ]
    assert others == ["requirements.txt"]


def test_the_python_of_the_lists_agrees() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["ruff"]["target-version"] == "py311"
    assert "(3, 11)" in read("scripts/python.sh")


# -- commands ----------------------------------------------------------------------------------
def targets() -> dict[str, str]:
    """Make targets that a person may call, with their help text."""
    phony = re.search(r"^\.PHONY: (.+)$", read("Makefile"), re.MULTILINE)
    assert phony
    helps = dict(re.findall(r"^([a-z0-9]+):.*?## (.+)$", read("Makefile"), re.MULTILINE))
    return {name: helps.get(name, "") for name in phony[1].split()}


def test_every_target_explains_itself() -> None:
    assert {
        "help",
        "play",
        "test",
        "check",
        "levels",
        "bench",
        "pocket",
        "atlas",
    } <= targets().keys()
    assert not [name for name, text in targets().items() if not text]


@pytest.mark.parametrize("target", targets())
def test_every_target_is_in_the_docs(target: str) -> None:
    docs = read("README.md") + read("CONTRIBUTING.md")
    assert f"make {target}" in docs


def test_the_docs_name_no_other_target() -> None:
    named = re.findall(r"\bmake ([a-z0-9]+)\b", fenced(read("README.md") + read("CONTRIBUTING.md")))
    assert set(named) <= targets().keys()


def test_every_module_that_is_run_exists() -> None:
    texts = [read(name) for name in ("Makefile", "README.md", "CONTRIBUTING.md")]
    missing = []
    for name in sorted(set(re.findall(r"-m (playground[a-z0-9_.]*)", "\n".join(texts)))):
        path = ROOT.joinpath(*name.split("."))
        if not (path.with_suffix(".py").exists() or (path / "__main__.py").exists()):
            missing.append(name)
    assert not missing


def fenced(text: str) -> str:
    """The code of a Markdown text: blocks and spans."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_ci_runs_make_test() -> None:
    script = read(".ci/run")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    assert re.search(r"^make test\b", script, re.MULTILINE)
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111, ".ci/run cannot be executed"


def test_links_in_the_docs_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name} links to {target}"


# -- nothing of one machine --------------------------------------------------------------------
# Put together from pieces, so that this file does not find itself. Made-up homes are those of
# `me` and `user`.
PLACES = tuple(
    "/" + place + "/" for place in ("home", "root", "Users", "work", "mnt", "tmp/bash_jobs")
)
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "download." + "pytorch.org", "index" + "-url")
TEXTS = {".py", ".toml", ".md", ".txt", ".sh", ".json", ".cfg", ".css", ".js", ".html", ""}


def test_no_path_of_one_machine_is_in_the_tree() -> None:
    found = []
    for path in kept_files():
        if path.suffix not in TEXTS or path.stat().st_size > MIB:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for needle in (*PLACES, *HOSTS):
            if re.search(r"(?<![\w.<>-])" + re.escape(needle) + r"(?!me\b|user\b)", text):
                found.append(f"{path.relative_to(ROOT)}: {needle}")
    assert not found
