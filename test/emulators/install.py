"""Makes the virtual environment the emulators run in, once, and prints its folder.

Two at once: the second waits on a lock that the kernel releases when its holder dies, and that pip inherits, so that an
installer that was killed cannot leave a pip behind that writes into its successor's folder. A folder without the
`ready` marker is an interrupted installation and is made anew.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig

# Which list: `requirements.txt` of the emulators, or the one that is named: `aws-cli`.
NAME = sys.argv[1] if len(sys.argv) > 1 else "emulators"
LIST = "requirements.txt" if NAME == "emulators" else NAME + ".txt"
REQUIREMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), LIST)


def cache_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "holdfast")


def environment_name() -> str:
    """The pinned list and the Python that runs it: an environment does not survive a change of either."""
    digest = hashlib.sha256()
    with open(REQUIREMENTS, "rb") as pinned:
        digest.update(pinned.read())
    digest.update(f"{sys.version_info[:2]} {sysconfig.get_platform()} {platform.python_implementation()}".encode())
    return NAME + "-" + digest.hexdigest()[:16]


def is_ready(folder: str) -> bool:
    # The interpreter is a link: it dangles after the system's Python was removed.
    return os.path.exists(os.path.join(folder, "ready")) and os.path.exists(os.path.join(folder, "bin", "python"))


def fail(message: str) -> None:
    print(message, file=sys.stderr)
    sys.exit(1)


def require_venv() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as missing:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        fail(
            f"Python {version} at {sys.executable} lacks the module {missing.name}, which makes virtual environments.\n"
            f"On Debian and Ubuntu: apt-get install python{version}-venv (or python3-venv)"
        )


def build(folder: str, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    print("installing what tests run against (" + NAME + ") into " + folder, file=sys.stderr, flush=True)
    for command in (
        [sys.executable, "-m", "venv", folder],
        [
            os.path.join(folder, "bin", "python"),
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("--no-deps", "--require-hashes", "--requirement", REQUIREMENTS),
        ],
    ):
        done = subprocess.run(command, pass_fds=(lock,), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            said = (done.stderr.strip() or done.stdout.strip())[-4000:]
            fail(f"{' '.join(command)}\nended with status {done.returncode}:\n{said}")
    with open(os.path.join(folder, "ready"), "w") as marker:
        marker.write("as pinned in test/emulators/" + LIST + "\n")


def main() -> None:
    folder = os.path.join(cache_folder(), environment_name())
    if not is_ready(folder):
        require_venv()
        os.makedirs(cache_folder(), exist_ok=True)
        lock = os.open(folder + ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(folder):
            build(folder, lock)
    print(folder)


main()
