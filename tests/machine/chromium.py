"""A Chromium for the browser tests, with a Chinese font: ``python -m tests.machine.chromium``.

The command prints where Chromium is and brings what is missing: as root from Debian's packages,
else through Playwright. When neither works it ends with a sentence that says what to do.
"""

import os
import shutil
import sys
from pathlib import Path

from governance.system_parts import FONTS, attempt, has_chinese_font, install, output

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


def bring() -> Path:
    """Install what is missing and return where Chromium is. Raises NoBrowser."""
    missing = [] if find() else ["chromium"]
    if not has_chinese_font():
        missing += FONTS
    install(missing)
    if find() is None:
        attempt([sys.executable, "-m", "playwright", "install", "chromium"])
    return require()


def _playwright_folder() -> Path:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", "")
    return Path(named) if named else Path.home() / ".cache" / "ms-playwright"


def _starts(program: Path) -> bool:
    # Ubuntu's chromium-browser is a note that the program is a snap: it exists and does not run.
    return "Chrom" in output([str(program), "--version"])


if __name__ == "__main__":
    try:
        print(f"Chromium: {bring()}")
    except NoBrowser as problem:
        sys.exit(str(problem))
