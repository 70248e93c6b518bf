"""Sets of a few options as one number, the sum of 2 ** place: an answer that is several options
together. Knows no question."""

from itertools import combinations


def sets(options: int, most: int) -> tuple[int, ...]:
    """All sets of one to `most` options, the smallest first."""
    return tuple(
        sum(1 << place for place in chosen)
        for size in range(1, most + 1)
        for chosen in combinations(range(options), size)
    )


def members(chosen: int) -> tuple[int, ...]:
    """The places of a set's options."""
    return tuple(place for place in range(chosen.bit_length()) if chosen >> place & 1)
