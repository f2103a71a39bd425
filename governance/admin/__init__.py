"""The back office at ``/secretariat/``: its site, and what the admins of all nouns share.

``site`` is the site with its sign-in, ``dashboard`` its first page, ``nouns`` the base of every
admin, ``forms`` how a page is written through the domain, ``verbs`` the buttons of a life cycle,
``history`` how the record is read. The nouns' own admins stand beside the nouns.
"""

from governance.admin import messages, records, tokens

__all__ = ["messages", "records", "tokens"]
