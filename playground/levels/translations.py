"""Which texts are translated, and from which English they were made: a text that changed since is
named. `python -m playground.levels.translations` lists what is missing or out of date (exit code
1); `mark FILE ...` or `mark all` says that translations were read against the English of today.

It shows nothing to players and checks no style.
"""

import argparse
import hashlib
import string
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from playground.errors import AuthorError
from playground.levels.shelf import CONCEPTS, COURSE, LEVELS
from playground.levels.templates import MOULDS
from playground.text import catalogue, tomlfile
from playground.text.handbook import HANDBOOK, ORDER
from playground.text.language import LANGUAGES, SOURCE, Language, is_sibling, sibling
from playground.text.titles import titles as title_of

ROOT = Path(__file__).parents[2]
LOCK = Path(__file__).with_name("translations.lock.toml")
WHOLE = "text"  # the key of a file that is one text
LETTERS = 12  # of a hash
HEADER = """\
# Of each translation the English text that it was made from, as a short hash. Written by
# `make translations ARGS="mark FILE"`, not by hand.

"""


@dataclass(frozen=True)
class Pair:
    """A text in two languages; None where one side lacks it. file: of the translation, from the
    root; key: within it."""

    file: str
    key: str
    source: str | None
    translation: str | None

    @property
    def hash(self) -> str:
        return hashlib.sha256((self.source or "").encode()).hexdigest()[:LETTERS]

    @property
    def kept(self) -> bool:
        """Whether the lock has it: a text that is its own key cannot change unseen."""
        return None not in (self.source, self.translation) and self.source != self.key

    def gaps(self, text: str) -> frozenset[str]:
        """What is put into a text; into a page of the handbook nothing is."""
        if self.file.endswith(".md"):
            return frozenset()
        if self.file.endswith(".ftl"):
            return catalogue.variables(text)
        return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


# -- all texts -------------------------------------------------------------------------------------
def pairs(language: Language) -> Iterator[Pair]:
    """Every text that is shown, in every file. Raises AuthorError for a file that is no TOML."""
    told = {name: group.texts for name, group in catalogue.groups(language)}
    english = {name: group.texts for name, group in catalogue.groups(SOURCE)}
    for name in sorted(told.keys() | english.keys()):
        path = catalogue.FOLDER / language / f"{name}.ftl"
        yield from beside(path, english.get(name, {}), told.get(name, {}))
    yield from course(language)
    for path in sorted(LEVELS.glob("*/*.toml")):
        if path.parent.name != CONCEPTS and not is_sibling(path):
            other = sibling(path, language)
            yield from beside(other, level_texts(tomlfile.read(path)), flat(read(other)))
    other = sibling(LEVELS / MOULDS, language)
    moulds = {kind: mould_texts(each) for kind, each in tomlfile.read(LEVELS / MOULDS).items()}
    yield from beside(other, flat(moulds), flat(read(other)))
    other = sibling(LEVELS / f"{CONCEPTS}.toml", language)
    titles = {name: title.alone for name, title in title_of(SOURCE).items()}
    yield from beside(other, titles, read(other).get("titles", {}))
    groups = tomlfile.read(HANDBOOK / ORDER)["group"]
    other = sibling(HANDBOOK / ORDER, language)
    own = {each["title"]: each["title"] for each in groups}  # keys to themselves
    yield from beside(other, own, read(other).get("titles", {}))
    for path in sorted(HANDBOOK.glob("*.md")):
        if not is_sibling(path):
            other = sibling(path, language)
            translation = {WHOLE: other.read_text(encoding="utf-8")} if other.is_file() else {}
            yield from beside(other, {WHOLE: path.read_text(encoding="utf-8")}, translation)


def course(language: Language) -> Iterator[Pair]:
    other = sibling(LEVELS / COURSE, language)
    chapters = tomlfile.read(LEVELS / COURSE)["chapters"]
    source = {
        f"chapters.{chapter['slug']}.{key}": chapter[key]
        for chapter in chapters
        for key in ("title", "blurb")
    }
    return beside(other, source, flat(read(other)))


def level_texts(level: Mapping[str, Any]) -> dict[str, str]:
    """What a sibling of a level has to say."""
    learned = level["learned"]
    return flat({
        **{key: level[key] for key in ("title", "brief", "win", "hints")},
        "says": [goal["says"] for goal in level["goals"]],
        "learned": {key: learned[key] for key in ("text", "words")},
    })  # fmt: skip


def mould_texts(mould: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a mould."""
    own = {key: mould[key] for key in ("title", "brief", "win", "hints") if key in mould}
    return {**own, "says": [goal["says"] for goal in mould["goals"]]}


def beside(path: Path, source: Mapping[str, str], translation: Mapping[str, str]) -> Iterator[Pair]:
    file = path.relative_to(ROOT).as_posix()
    for key in sorted(source.keys() | translation.keys()):
        yield Pair(file, key, source.get(key), translation.get(key))


def read(path: Path) -> dict[str, Any]:
    return tomlfile.read(path) if path.is_file() else {}


def flat(tables: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Texts by dotted keys. Lists of sentences are counted from 1; lists of words are one text."""
    texts: dict[str, str] = {}
    for key, value in tables.items():
        if isinstance(value, Mapping):
            texts |= flat(value, f"{above}{key}.")
        elif isinstance(value, list) and key == "words":
            texts[f"{above}{key}"] = ", ".join(value)
        elif isinstance(value, list):
            texts |= {f"{above}{key}.{n}": each for n, each in enumerate(value, 1)}
        else:
            texts[f"{above}{key}"] = value
    return texts


# -- what is wrong ---------------------------------------------------------------------------------
def complaints(found: Collection[Pair], lock: Mapping[str, Mapping[str, str]]) -> list[str]:
    """One line for each text that is missing, too much, has other gaps or is out of date."""
    lines = list[str]()
    for pair in found:
        where = f"{pair.file}: {pair.key}"
        if pair.translation is None:
            lines.append(f"{where}: is missing; the English begins: {(pair.source or '')[:60]!r}")
        elif pair.source is None:
            lines.append(f"{where}: translates nothing; take it out")
        elif (want := pair.gaps(pair.source)) != (have := pair.gaps(pair.translation)):
            lines.append(f"{where}: has the gaps {sorted(have)}; the English has {sorted(want)}")
        elif pair.kept and lock.get(pair.file, {}).get(pair.key) != pair.hash:
            lines.append(
                f"{where}: its English text has changed, or nobody checked it yet; read both, then "
                f'make translations ARGS="mark {pair.file}"'
            )
    return lines


# -- the lock --------------------------------------------------------------------------------------
def locked(path: Path = LOCK) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def marked(
    found: Collection[Pair], lock: Mapping[str, Mapping[str, str]], files: Collection[str]
) -> dict[str, dict[str, str]]:
    """The lock after these files were checked; what is gone leaves it."""
    made: dict[str, dict[str, str]] = {}
    for pair in found:
        known = lock.get(pair.file, {}).get(pair.key)
        entry = pair.hash if pair.file in files else known
        if pair.kept and entry is not None:
            made.setdefault(pair.file, {})[pair.key] = entry
    return made


def written(lock: Mapping[str, Mapping[str, str]]) -> str:
    ordered = {file: dict(sorted(keys.items())) for file, keys in sorted(lock.items())}
    return HEADER + tomli_w.dumps(ordered)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m playground.levels.translations", description=__doc__
    )
    acts = parser.add_subparsers(dest="act")
    act = acts.add_parser("mark", help="these translations fit the English of today")
    act.add_argument("files", nargs="+", help="paths from the root, or `all`")
    given = parser.parse_args()
    try:
        found = [pair for each in LANGUAGES if each != SOURCE for pair in pairs(each)]
    except AuthorError as error:
        print(error, file=sys.stderr)
        return 2
    if given.act == "mark":
        known = {pair.file for pair in found}
        if unknown := set(given.files) - known - {"all"}:
            print(f"no translation: {', '.join(sorted(unknown))}", file=sys.stderr)
            return 2
        files = known if "all" in given.files else given.files
        LOCK.write_text(written(marked(found, locked(), files)), encoding="utf-8")
    lines = complaints(found, locked())
    print("\n".join(lines) or f"All {len(found)} texts are translated and up to date.")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
