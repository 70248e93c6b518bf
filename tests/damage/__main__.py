"""Writes how the damage score agrees with its readers into docs/damage.md, and prints it."""

import re

from tests.damage.stored import BEGIN, END, PAGE, section


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    made = re.sub(f"{BEGIN}.*{END}", lambda _: section(), page, flags=re.DOTALL)
    PAGE.write_text(made, encoding="utf-8")
    print(section())


if __name__ == "__main__":
    main()
