# What scripts/demo and scripts/test share: the virtual environment. Sourced, in the repository's folder.

say() {
    printf '%s\n' "$*" >&2
}

stop() { # SENTENCE: what is wrong and what to do about it
    say "$*"
    exit 1
}

# Packages of the system, where this may install them without asking; else the sentence says what to type.
provide() { # SENTENCE PACKAGE…
    sentence=$1
    shift
    command -v apt-get > /dev/null 2>&1 || stop "$sentence"
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif sudo -n true 2> /dev/null; then
        as_root=sudo
    else
        stop "$sentence"
    fi
    say "Installing $* from the system's packages …"
    $as_root apt-get update -qq < /dev/null > /dev/null 2>&1 || true
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" \
        < /dev/null > /dev/null 2>&1 || stop "$sentence"
}

find_python() { # sets $python to the first that is new enough
    newest=
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        command -v "$python" > /dev/null 2>&1 || continue
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return
        newest=$("$python" -c 'import platform; print(platform.python_version())')
    done
    if [ -n "$newest" ]; then
        stop "Python $newest is too old, 3.11 or newer is needed: Debian 12 and Ubuntu 24.04 have it," \
            "elsewhere install python3.11 and python3.11-venv."
    fi
    stop "Python is missing. Install it with: sudo apt install python3 python3-venv"
}

has_venv() {
    "$python" -c 'import venv, ensurepip' 2> /dev/null
}

make_environment() { # MAY_INSTALL: "yes" where missing system packages may be installed
    find_python
    package=python3-venv
    [ "$python" = python3 ] || package=$python-venv
    missing="Python's venv module is missing. Install it with: sudo apt install $package"
    if ! has_venv; then
        [ "$1" = yes ] || stop "$missing"
        provide "$missing" "$package"
    fi
    say "Making a virtual environment in .venv …"
    "$python" -m venv --clear .venv || stop "The folder $PWD cannot be written to, or the disk is full: free it and start again."
}

count_packages() { # TOTAL: turns pip's many lines into a few
    awk -v total="$1" '
        /^(Collecting|Processing) / { n++; if (n % 10 == 0) { printf "  %d of %d packages\n", n, total; fflush() } }
        /^Installing collected/ { print "  unpacking them …"; fflush() }' >&2
}

pip_install() { # ARGUMENT…
    .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-color --progress-bar off "$@" < /dev/null
}

explain_failure() { # LOG
    if grep -qiE 'NewConnectionError|ConnectTimeout|Name or service|name resolution|Network is unreachable|from versions: none|Connection refused|ReadTimeout|SSLError|ProxyError' "$1"; then
        stop "The packages could not be fetched: no way to the package index. Check the network (or pip's settings) and start again."
    fi
    if grep -q 'No space left' "$1"; then
        stop "The disk is full: free about 1 GB and start again."
    fi
    grep -E '^ *ERROR' "$1" | tail -n 3 >&2
    stop "The packages could not be installed; everything that pip said is in .venv/setup.log."
}

install_locked() { # LOCK STAMP: whatever the lock names, by its hashes; nothing is compiled, nothing else is fetched
    say "Fetching the packages of $1 (once, a minute or so) …"
    log=.venv/setup.log
    (pip_install --no-deps --only-binary :all: --no-compile --require-hashes -r "$1" 2>&1 || echo FAILED) \
        | tee "$log" | count_packages "$(grep -c '==' "$1")"
    if [ "$(tail -n 1 "$log")" = FAILED ]; then
        explain_failure "$log"
    fi
    cp "$1" "$2"
}

install_ourselves() {
    pip_install --quiet --no-deps --no-build-isolation --editable . > .venv/own.log 2>&1 || explain_failure .venv/own.log
    { pwd; cat pyproject.toml; } > .venv/installed.project
}

# Costs milliseconds when nothing has changed: whole files are compared, nothing is computed.
set_up() { # MAY_INSTALL [LOCK…]: the locks beside requirements.lock
    may_install=$1
    shift
    if ! [ -x .venv/bin/python ] || ! [ -x .venv/bin/pip ]; then
        make_environment "$may_install"
    fi
    for lock in requirements.lock "$@"; do
        stamp=.venv/installed.$(basename "$lock")
        cmp -s "$lock" "$stamp" || install_locked "$lock" "$stamp"
    done
    if ! [ -x .venv/bin/mediation ] || ! { pwd; cat pyproject.toml; } | cmp -s - .venv/installed.project; then
        install_ourselves
    fi
}
