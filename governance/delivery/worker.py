"""The worker: takes one message after the other out of the outbox until it is told to stop.

Any number of them may run, on any machine that reaches the database.
"""

from collections.abc import Callable
from threading import Event

from django.db import DatabaseError, close_old_connections, connections

from governance import clock
from governance.delivery.carrier import carry
from governance.delivery.outbox import Message

# How long it rests when there is nothing to send, in seconds.
REST = 1.0


def work(stop: Event, tell: Callable[[str], object], *, once: bool = False) -> None:
    """Send what is due until ``stop`` is set, a message in hand to its end.

    ``once``: until nothing is due. ``tell`` is given a line about each try. A database that is
    away is waited for.
    """
    while not stop.is_set():
        try:
            busy = send_next(tell)
        except DatabaseError as away:
            if once:
                raise
            tell(f"database: {' '.join(str(away).split())}")
            connections.close_all()
            stop.wait(5 * REST)
            continue
        if not busy and once:
            return
        if not busy:
            close_old_connections()
            stop.wait(REST)


def send_next(tell: Callable[[str], object]) -> bool:
    """Send the next message that is due; whether there was one."""
    message = Message.objects.claim(clock.actual())
    if message is None:
        return False
    error = carry(message)
    outcome = f"not sent: {error}" if error else "sent"
    tell(f"{message.channel} {message.public_id}, try {message.attempts}: {outcome}")
    return True
