"""Bigram and 5-gram baselines of the corpus.

Interpolated absolute discounting (Ney, Essen and Kneser 1994).
"""

import numpy as np

DISCOUNT = 0.75


class NgramModel:
    """Counts of orders 1..order over rows of token ids; loss in nats a token."""

    def __init__(self, rows: np.ndarray, order: int, vocabulary: int) -> None:
        """rows: [n, window + 1]; windows are not crossed. vocabulary ** order must fit 63 bits."""
        if vocabulary**order >= 2**63:
            raise ValueError(f"{order}-grams of {vocabulary} tokens do not fit an int64 key")
        self.order, self.vocabulary = order, vocabulary
        self.grams: list[tuple[np.ndarray, np.ndarray]] = []
        self.contexts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for n in range(1, order + 1):
            keys, counts = np.unique(self._keys(rows, n), return_counts=True)
            context, first = np.unique(keys // vocabulary, return_index=True)
            self.grams.append((keys, counts))
            self.contexts.append(
                (context, np.add.reduceat(counts, first), np.diff([*first, len(keys)]))
            )

    def _keys(self, rows: np.ndarray, n: int) -> np.ndarray:
        """Every n-gram of every row as one integer, [rows * (window + 2 - n)]."""
        wide = rows.astype(np.int64)
        key = np.zeros_like(wide[:, n - 1 :])
        for offset in range(n):
            key = key * self.vocabulary + wide[:, offset : wide.shape[1] - n + 1 + offset]
        return key.ravel()

    def loss(self, rows: np.ndarray, skip: int) -> float:
        """Mean nats of the tokens that have a full context; targets equal to `skip` left out."""
        wide = rows.astype(np.int64)
        start = self.order - 1
        target = wide[:, start:].ravel()
        probability = np.full(len(target), 1.0 / self.vocabulary)
        for n in range(1, self.order + 1):
            key = np.zeros_like(wide[:, start:])
            for offset in range(n):
                key = (
                    key * self.vocabulary
                    + wide[:, start - n + 1 + offset : wide.shape[1] - n + 1 + offset]
                )
            key = key.ravel()
            count = _lookup(self.grams[n - 1], key)
            context, total, kinds = self.contexts[n - 1]
            seen = _lookup((context, total), key // self.vocabulary)
            spread = _lookup((context, kinds), key // self.vocabulary)
            safe = np.maximum(seen, 1)
            mixed = np.maximum(count - DISCOUNT, 0) / safe + DISCOUNT * spread / safe * probability
            probability = np.where(seen > 0, mixed, probability)
        used = target != skip
        return float(-np.log(probability[used]).mean())


def _lookup(table: tuple[np.ndarray, np.ndarray], keys: np.ndarray) -> np.ndarray:
    names, values = table
    place = np.searchsorted(names, keys).clip(max=len(names) - 1)
    return np.where(names[place] == keys, values[place], 0)
