"""The foundation's tables."""

from governance.record import ChainHead, Event
from governance.references import ReferenceSeries, VoidReference
from governance.tokens import Token

__all__ = ["ChainHead", "Event", "ReferenceSeries", "Token", "VoidReference"]
