"""Codes that people read, type and say aloud: no letter or digit in them looks like another. Knows
nothing of what they open."""

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CLASS_LETTERS = 6  # 729 million: it lets somebody join a class and shows nothing
SECRET_LETTERS = 16  # 78 random bits: nobody finds it by trying, however it is hashed
GROUP = 4


def drawn(letters: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(letters))


def spaced(code: str) -> str:
    """As people copy it without losing their place."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def plain(typed: str) -> str:
    """As it was drawn, whatever was typed between the letters, and in whichever case."""
    return "".join(filter(str.isalnum, typed[:80])).upper()
