"""Looks up the exact versions of requirements.txt in a list of known holes. Where the list cannot
be asked it says aloud that nothing was looked up, and fails: silence would read as a good answer.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 300  # seconds for all of it
COMMAND = (
    sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "requirements.txt"), "--no-deps",
    "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15",
)  # fmt: skip
DONE, FOUND, NOT_DONE = 0, 1, 2


def main() -> int:
    try:
        ran = subprocess.run(COMMAND, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return not_done(f"no answer within {PATIENCE} seconds")
    try:
        looked_up = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = ran.stderr.strip().splitlines()
        return not_done(said[-1] if said else "it said nothing")
    return told(looked_up)


def told(looked_up: list[dict]) -> int:
    """looked_up: name, version and holes of each package; or why it was left out."""
    left_out = [each for each in looked_up if "skip_reason" in each]
    holes = [(each, hole) for each in looked_up for hole in each.get("vulns", ())]
    for each, hole in holes:
        better = ", ".join(hole["fix_versions"]) or "none yet"
        print(f"{each['name']} {each['version']}: {hole['id']}; mended in: {better}")
    for each in left_out:
        print(f"{each['name']}: not looked up, {each['skip_reason']}")
    print(f"{len(looked_up) - len(left_out)} packages were looked up: {len(holes)} known holes")
    return FOUND if holes or left_out else DONE


def not_done(why: str) -> int:
    print(f"NOT DONE: no package was looked up ({why}). Run it again with a network.")
    return NOT_DONE


if __name__ == "__main__":
    sys.exit(main())
