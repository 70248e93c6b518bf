#!/bin/sh
# Prints a Python that can run the playground: the given one, else the first that fits.
# Fits: 3.11 or newer, and able to make a virtual environment with pip in it.
set -u
OLDEST="3.11"

version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

makes_environments() {
    "$1" -c 'import venv, ensurepip' 2>/dev/null
}

seen=""
for candidate in ${1:-python3.11 python3.12 python3.13 python3 python}; do
    if ! found=$(version "$candidate"); then
        [ $# -eq 0 ] || seen="$seen $candidate does not run."
    elif ! new_enough "$candidate"; then
        seen="$seen $candidate is Python $found, too old."
    elif ! makes_environments "$candidate"; then
        seen="$seen $candidate ($found) lacks the modules venv and ensurepip (Debian, Ubuntu: install python$found-venv)."
    else
        printf '%s\n' "$candidate"
        exit 0
    fi
done
echo "The playground needs Python $OLDEST or newer (3.11, 3.12 or 3.13).${seen:- No Python was found.}" >&2
echo "Install one, or name it: make play PYTHON=/path/to/python3.11" >&2
exit 1
