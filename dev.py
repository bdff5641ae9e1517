#!/usr/bin/env python3
"""Everything a developer needs, from a bare machine: makes `.venv`, then does what the verb says.

python3 dev.py serve [...]        a server with Semarang's registry and a first key; options of `balai serve`
python3 dev.py serve --demo [...] a simulated city in a folder of its own; options of `balai demo`
python3 dev.py test               the whole gate: format, lint, types, import contracts, tests
python3 dev.py test --long        the same, with the tests marked `slow` and with coverage
python3 dev.py test ARGUMENTS     pytest alone, with these arguments
python3 dev.py check              the gate without the tests
python3 dev.py freeze             lists new migrations with their SHA-256; a listed one is never edited again
python3 dev.py lock [--upgrade]   both files in requirements/ anew, from pyproject.toml (needs uv)

Standard library only. Everything runs in the project's folder, wherever it is called from.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an old Python meets this file before it meets pyproject.toml
    sys.exit(f"Balai needs Python 3.11 or newer, and this is {sys.version.split()[0]} ({sys.executable}).")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "balai-stamp"
LOCK = ROOT / "requirements" / "dev.lock"
# The interpreter under any environment that is active now: ours may be about to be deleted.
PYTHON = getattr(sys, "_base_executable", None) or sys.executable
GATE = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "contracts": ["lint-imports"],
}
# Checks of the pages' scripts, as package.json has them; left out where there is no Node.
SCRIPTS = ["format", "lint", "types", "test"]
NODE_MODULES = ROOT / "node_modules"
NODE_STAMP = NODE_MODULES / "balai-stamp"
CHROMIUMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
MIGRATIONS = ROOT / "migrations" / "versions"
FROZEN = MIGRATIONS.with_name("versions.sha256")
LOCK_OPTIONS = "--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet"


def main(verb: str, arguments: list[str]) -> int:
    os.chdir(ROOT)
    if verb == "lock":
        return lock(arguments)
    if verb == "freeze":
        return freeze()
    if verb not in {"serve", "test", "check"}:
        print(__doc__, file=sys.stderr)
        return 0 if verb in {"help", "-h", "--help"} else 2
    make_environment()
    # As inside `.venv`, and without what would lead Python elsewhere.
    os.environ.update(PATH=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}", VIRTUAL_ENV=str(VENV))
    os.environ.pop("PYTHONHOME", None)
    os.environ.pop("PYTHONPATH", None)
    if verb == "serve":
        sys.stdout.flush()
        words = ["demo"] if "--demo" in arguments else ["serve", "--seed", "semarang", "--first-key"]
        options = [argument for argument in arguments if argument != "--demo"]
        os.execv(BIN / "balai", ["balai", *words, *options])  # noqa: S606
    return run_steps({**GATE, **scripts()}) if verb == "check" else test(arguments)


def scripts() -> dict[str, list[str]]:
    """The checks of the pages' scripts, with their tools installed; none where there is no Node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print("No Node on PATH: the scripts of the pages (app/web/static/js) are not checked.")
        return {}
    wanted = digest((ROOT / "package-lock.json").read_bytes())
    with only_one():
        if not NODE_STAMP.is_file() or NODE_STAMP.read_text() != wanted:
            if subprocess.call([npm, "ci", "--silent", "--ignore-scripts"], cwd=ROOT):
                print("npm ci failed: the scripts of the pages (app/web/static/js) are not checked.")
                return {}
            NODE_STAMP.write_text(wanted)
    return {f"scripts, {check}": [npm, "run", "--silent", check] for check in SCRIPTS}


def test(arguments: list[str]) -> int:
    is_long = "--long" in arguments
    left_out = [] if is_long else ["slow"]
    arguments = [argument for argument in arguments if argument != "--long"]
    browser = find_browser() or (None if arguments else install_browser())
    if browser:
        os.environ["BALAI_TEST_BROWSER"] = browser
    else:
        left_out.append("browser")
        print("No Chromium: tests marked `browser` are left out (BALAI_TEST_BROWSER may name one).", flush=True)
    pytest = ["pytest", "-m", " and ".join(f"not {marker}" for marker in left_out)]
    if arguments:
        return run_steps({"tests": [*pytest, *arguments]})
    workers = max(2, min(8, 1 + (os.cpu_count() or 1)))  # one more: many tests wait, for servers that start and die
    coverage = ["--cov", "--cov-report=term"] if is_long else []  # it takes a quarter more
    return run_steps({**GATE, **scripts(), "tests": [*pytest, "-n", str(workers), "--dist", "worksteal", *coverage]})


def find_browser() -> str | None:
    return os.environ.get("BALAI_TEST_BROWSER") or next(filter(None, map(shutil.which, CHROMIUMS)), None)


def install_browser() -> str | None:
    """Debian's Chromium, where this user may install packages, as in a container; None if that fails."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    print("No Chromium on PATH: installing Debian's package ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    errors = ""
    for command in (install, [apt, "update", "-qq"], install):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode == 0 and command is install:
            return find_browser()
        errors = done.stderr
    print(f"It cannot be installed: {errors.strip()[-300:]}", flush=True)
    return None


def freeze() -> int:
    """Add each migration that is not listed.

    A listed one stays as it is. Only while no database has run it may it be edited: delete its line first.
    """
    lines = FROZEN.read_text().splitlines()
    listed = {line.split()[1] for line in lines}
    new = [file for file in sorted(MIGRATIONS.glob("*.py")) if file.name not in listed]
    lines += [f"{digest(file.read_text().encode())}  {file.name}" for file in new]
    FROZEN.write_text("\n".join(lines) + "\n")
    print(f"{len(new)} new, {len(listed)} listed before in {FROZEN.relative_to(ROOT)}.")
    return 0


def run_steps(steps: dict[str, list[str]]) -> int:
    """Exit status of the first step that fails, which is also the last one that runs; 0 if none does."""
    for name, command in steps.items():
        print(f"== {name}: {shlex.join(command)}", flush=True)
        started = time.monotonic()
        status = subprocess.call([BIN / command[0], *command[1:]])
        verdict = f"FAILED (exit {status})" if status else "done"
        print(f"== {name}: {verdict} in {time.monotonic() - started:.1f} s", flush=True)
        if status:
            return status
    return 0


def make_environment() -> None:
    """Make `.venv` what the lock says. The stamp is written last, so a half-made one is made again."""
    with only_one():
        # The place counts too: scripts inside hold their own path, so a moved folder needs new ones.
        place = f"{sys.version}\n{os.path.realpath(PYTHON)}\n{ROOT}".encode()
        wanted = [digest(LOCK.read_bytes() + place), digest((ROOT / "pyproject.toml").read_bytes())]
        is_whole = STAMP.is_file() and (BIN / "python").exists()
        found = STAMP.read_text().split() if is_whole else []
        if found == wanted:
            return
        started = time.monotonic()
        STAMP.unlink(missing_ok=True)
        # One that uv made has no pip: without uv on PATH it cannot be mended, only made again.
        if found[:1] != wanted[:1] or not (uses_uv() or (BIN / "pip").exists()):
            print(f"Making {VENV}, once for each lock ...", file=sys.stderr, flush=True)
            if VENV.is_dir() and not VENV.is_symlink():
                shutil.rmtree(VENV)
            VENV.unlink(missing_ok=True)
            run(
                [
                    *(["uv", "venv", "-q", "-p", PYTHON] if uses_uv() else [PYTHON, "-I", "-m", "venv"]),
                    str(VENV),
                ]
            )
            install("--require-hashes", "--requirement", str(LOCK))
        install("--no-build-isolation", "--editable", str(ROOT))
        STAMP.write_text("\n".join(wanted))
        print(f"Made in {time.monotonic() - started:.0f} s.", file=sys.stderr, flush=True)


def install(*what: str) -> None:
    python = str(BIN / "python")
    # -qq: only errors, as a machine's own pip settings may name places that hold nothing for us.
    pip = [python, "-I", "-m", "pip", "install", "-qq", "--no-input", "--no-user"]
    run([*(["uv", "pip", "install", "-q", "-p", python] if uses_uv() else pip), "--no-deps", *what])


def uses_uv() -> bool:
    """Whether there is a uv that runs: a name on PATH may be a shim for nothing."""
    uv = shutil.which("uv")
    return bool(uv) and subprocess.run([str(uv), "-V"], capture_output=True, check=False).returncode == 0


def run(command: list[str]) -> None:
    status = subprocess.call(command, close_fds=False)
    if status:
        sys.exit(f"This failed (exit {status}): {shlex.join(command)}")


def lock(arguments: list[str]) -> int:
    if not uses_uv():
        sys.exit("`lock` needs uv on PATH: `pip install uv` in an environment of your own, then again.")
    for name, group in {"runtime": [], "dev": ["--group", "dev"]}.items():
        target = f"requirements/{name}.lock"
        run(
            [
                "uv",
                "pip",
                "compile",
                *LOCK_OPTIONS.split(),
                *group,
                *arguments,
                "-o",
                target,
                "pyproject.toml",
            ]
        )
        if "://" in Path(target).read_text():
            sys.exit(f"{target} names a host or a folder of this machine: not to be committed.")
    return 0


@contextmanager
def only_one() -> Iterator[None]:
    """Two calls at once (a server in one window, tests in another) must not make `.venv` together."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none, and does without
    except ImportError:
        yield
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        # Installers inherit it: the lock lasts until they end, even if this process is killed first.
        os.set_inheritable(folder, True)  # noqa: FBT003 - its only argument
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "help", sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
