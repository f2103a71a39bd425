"""Carrying one message: how a mail is made, and what became of it."""

import re
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from governance import clock
from governance.delivery.outbox import Message

_METHOD = re.compile(rb"^METHOD:([A-Z]+)\s*$", re.MULTILINE)


def carry(message: Message) -> str:
    """Send a message that is held by its lease and note what became of it.

    What went wrong, in a line; empty when it has left.
    """
    try:
        if not mail_of(message).send():
            raise ValueError("there is nobody to send it to")
    except Exception as wrong:  # whatever it is, the next message is still to be sent
        error = " ".join(f"{type(wrong).__name__}: {wrong}".split())[:1000]
        message.fail(clock.actual(), error, for_good=_is_for_good(wrong))
        return error
    message.delivered(clock.actual())
    return ""


def mail_of(message: Message) -> EmailMultiAlternatives:
    """The mail: plain text, its files attached.

    A calendar file is there twice: as an alternative of the text, by which calendar programs
    know it as an invitation or a cancellation (RFC 6047), and as a file for all the others.
    """
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.to],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",  # so that no absence answers (RFC 3834)
        },
    )
    for name, content, media in message.files():
        if media.startswith("text/calendar"):
            method = _METHOD.search(content)
            purpose = f"; method={method[1].decode()}" if method else ""
            mail.attach_alternative(content.decode(), f"text/calendar{purpose}")
            media = "application/ics"
        mail.attach(name, content, media)
    return mail


def _is_for_good(wrong: Exception) -> bool:
    """Whether no further try can succeed: an address that is none, or nobody's."""
    if isinstance(wrong, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _said in wrong.recipients.values())
    return isinstance(wrong, ValueError)  # what cannot stand in a header or an address
