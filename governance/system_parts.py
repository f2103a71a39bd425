"""What reports as PDF need of the machine: ``python -m governance.system_parts``.

Pango draws the text, and without a Chinese font it would draw boxes. The command brings what is
missing from Debian's packages when it may (as root), else it says in a sentence what to install.
It never fails: whoever asks for no PDF needs none of this.
"""

import ctypes.util
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
# Library: the Debian package that holds it.
LIBRARIES = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}
FONTS = ("fonts-noto-cjk", "fontconfig")


def missing() -> list[str]:
    """The Debian packages that are missing; empty when PDF files can be made."""
    found = [package for library, package in LIBRARIES.items() if not _has(library)]
    return found if has_chinese_font() else [*found, *FONTS]


def has_chinese_font() -> bool:
    """Whether Chinese text would be drawn as characters and not as empty boxes."""
    listing = shutil.which("fc-list")
    if listing:
        return bool(output([listing, ":lang=zh", "family"]).strip())
    return any(
        next(folder.rglob(pattern), None)
        for folder in FONT_FOLDERS
        for pattern in ("*CJK*", "*wqy*", "*Han*")
    )


def install(packages: Sequence[str]) -> None:
    """Install Debian packages, where this is Debian and we are root."""
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        attempt(["apt-get", "update", "-qq"])
        attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def advice(packages: Sequence[str]) -> str:
    """What to do when these are missing still; empty when nothing is."""
    if not packages:
        return ""
    return (
        "Reports as PDF need Pango and a Chinese font: as root, run "
        f"'apt-get install {' '.join(packages)}'. Everything else works without."
    )


def output(command: Sequence[str]) -> str:
    """What the command prints; empty when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def attempt(command: Sequence[str]) -> None:
    """Run the command and show it; whether it worked is seen by what is there afterwards."""
    print("+", *command, flush=True)
    subprocess.run(
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _has(library: str) -> bool:
    return ctypes.util.find_library(library) is not None


if __name__ == "__main__":
    install(missing())
    told = advice(missing())
    if told:
        print(told)
