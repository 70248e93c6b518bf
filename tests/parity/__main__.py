"""Compares everything and writes what came out into docs/models.md: `python -m tests.parity`."""

import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from tests.parity import table


def main() -> int:
    made, page = table.section(), table.PAGE.read_text(encoding="utf-8")
    table.PAGE.write_text(page.replace(table.kept(page), made), encoding="utf-8")
    activations, logits = table.largest()
    print(f"largest differences: activations {activations:.1e}, logits {logits:.1e}")
    return int(table.FAILED in made)


if __name__ == "__main__":
    sys.exit(main())
