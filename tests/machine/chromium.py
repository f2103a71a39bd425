"""A Chromium for the browser tests, with a Chinese font: ``python -m tests.machine.chromium``.

The command prints where Chromium is and brings what is missing: as root from Debian's packages,
else through Playwright. When neither works it ends with a sentence that says what to do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
ADVICE = (
    "The browser tests need Chromium and a Chinese font: as root, run "
    "'apt-get install chromium fonts-noto-cjk', then try again."
)


class NoBrowser(Exception):
    """Chromium or a Chinese font is missing; the message says what to do."""


def find() -> Path | None:
    """A Chromium that starts: the system's, else the one Playwright brought. None without."""
    for name in NAMES:
        found = shutil.which(name)
        if found and _starts(Path(found)):
            return Path(found)
    for found_by_playwright in sorted(_playwright_folder().glob("chromium-*/chrome-linux*/chrome")):
        if _starts(found_by_playwright):
            return found_by_playwright
    return None


def require() -> Path:
    """The Chromium to test with. Raises NoBrowser when it or a Chinese font is missing."""
    found = find()
    if found is None or not has_chinese_font():
        raise NoBrowser(ADVICE)
    return found


def has_chinese_font() -> bool:
    """Whether Chinese text would be drawn as characters and not as empty boxes."""
    listing = shutil.which("fc-list")
    if listing:
        return bool(_output([listing, ":lang=zh", "family"]).strip())
    return any(
        next(folder.rglob(pattern), None)
        for folder in FONT_FOLDERS
        for pattern in ("*CJK*", "*wqy*", "*Han*")
    )


def bring() -> Path:
    """Install what is missing and return where Chromium is. Raises NoBrowser."""
    missing = [] if find() else ["chromium"]
    if not has_chinese_font():
        missing += ["fonts-noto-cjk", "fontconfig"]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        _attempt(["apt-get", "update", "-qq"])
        _attempt(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing])
    if find() is None:
        _attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    return require()


def _playwright_folder() -> Path:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    return Path(named) if named else Path.home() / ".cache" / "ms-playwright"


def _starts(program: Path) -> bool:
    # Ubuntu's chromium-browser is a note that the program is a snap: it exists and does not run.
    return "Chrom" in _output([str(program), "--version"])


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _attempt(command: list[str]) -> None:
    print("+", *command, flush=True)
    subprocess.run(
        command,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        check=False,
    )


if __name__ == "__main__":
    try:
        print(f"Chromium: {bring()}")
    except NoBrowser as problem:
        sys.exit(str(problem))
