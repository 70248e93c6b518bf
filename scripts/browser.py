"""Finds the browser of the browser tests, and installs one where there is none. Knows no test.

Chromium's headless shell, which draws a page with well under half the work of the whole browser:
an installed one, else Debian's package (as root). Else an installed Chromium or Chrome, else
Playwright's own, which brings its shell.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
SNAP_STUB_LIMIT = 16 * 1024  # Ubuntu's chromium-browser is a short script that asks for a snap


def installed() -> str | None:
    """The path of an installed shell, Chromium or Chrome; None when Playwright must use its own."""
    found = [shutil.which(name) for name in NAMES]
    return next((path for path in (*found, *APPLICATIONS) if path and usable(Path(path))), None)


def usable(path: Path) -> bool:
    if not path.is_file():
        return False
    return path.stat().st_size > SNAP_STUB_LIMIT or "/snap" not in path.read_text(errors="replace")


def from_debian() -> bool:
    """Installs Debian's package of the shell; False where that is not possible."""
    release = Path("/etc/os-release")
    debian = release.exists() and "ID=debian" in release.read_text().splitlines()
    if not debian or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -qq update", f"apt-get -qq install --yes {SHELL}"):
        if subprocess.run(command.split(), env=environment, stdout=sys.stderr).returncode:
            return False
    return shutil.which(SHELL) is not None


def from_playwright() -> bool:
    """Installs Playwright's Chromium for this user; at once when it is there already."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return subprocess.run(command, stdout=sys.stderr).returncode == 0


def main() -> None:
    if shutil.which(SHELL) or from_debian() or installed() or from_playwright():
        return
    sys.exit("No browser for the browser tests: install Chromium or Chrome and try again.")


if __name__ == "__main__":
    main()
