"""The foundation's tables."""

from governance.delivery.outbox import Message
from governance.idempotent_answer import IdempotentAnswer
from governance.record import ChainHead, Event
from governance.references import ReferenceSeries, VoidReference
from governance.tokens import Token

__all__ = [
    "ChainHead",
    "Event",
    "IdempotentAnswer",
    "Message",
    "ReferenceSeries",
    "Token",
    "VoidReference",
]
