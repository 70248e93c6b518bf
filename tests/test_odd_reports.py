"""Whatever a board reports is read as text, a number or nothing, and refused in a sentence."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_handler_fails_inside_on_what_no_board_would_report() -> None:
    """In a process of its own: Gradio leaves event loops behind, which are errors here."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.odd_reports"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    assert int(made.stdout) > 25  # handlers
