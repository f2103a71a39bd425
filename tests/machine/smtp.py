"""A mail server for the tests: it takes what it is given, and can be told to behave badly."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any


@dataclass
class Mailbox:
    """What the server at ``port`` was given, and how it answers from now on.

    ``refusing`` maps an address to the answer that it gets instead of a welcome. While ``slow``
    is set it has read a mail (``holding`` says so) but does not acknowledge it.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refusing: dict[str, str] = field(default_factory=dict)
    slow: Event = field(default_factory=Event)
    holding: Event = field(default_factory=Event)
    free: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """The EMAIL_URL that leads here."""
        return f"smtp://127.0.0.1:{self.port}"

    def subjects(self) -> list[str]:
        """The headings of what came in, in its order."""
        return [mail["Subject"] for mail in self.mails]


class _Session(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        mailbox: Mailbox = self.server.mailbox
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = command[:4].upper()
            if verb == "DATA":
                self._say("354 go on")
                mailbox.mails.append(self._mail())
                if mailbox.slow.is_set():
                    mailbox.holding.set()
                    mailbox.free.wait(30)
                self._say("250 taken")
            elif verb == "RCPT":
                address = command.partition("<")[2].partition(">")[0]
                self._say(mailbox.refusing.get(address, "250 welcome"))
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _mail(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, answer: str) -> None:
        try:
            self.wfile.write(f"{answer}\r\n".encode())
        except OSError:
            return  # the other side was killed meanwhile


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mailbox: Mailbox


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server on a free port of this machine, and what it receives."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.mailbox = Mailbox(port=server.server_address[1])
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.mailbox
        finally:
            server.mailbox.free.set()
            server.shutdown()
