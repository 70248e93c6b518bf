"""docs/security.md promises nothing that no test holds."""

import ast
import re

from tests.served import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 30
    for file, name in named:
        path = ROOT / "tests" / file
        assert path.is_file(), file
        tests = {
            each.name
            for each in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(each, ast.FunctionDef)
        }
        assert not name or name in tests, f"{file}::{name}"


def test_every_promise_names_one() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "held by" not in line]
    assert rows and not [row for row in rows if "`test_" not in row]
