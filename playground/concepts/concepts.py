"""Concepts and their scores: is a reply about it (effect), and what did that cost the text
(damage).

Knows nothing of models, features or levels: it reads text and the log-probabilities that a Trace
brings along. Effect and damage judged together, and their harmonic mean, follow AxBench (Wu et al.
2025).
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from operator import itemgetter
