"""The errors in the description: one Problem, and which statuses each kind of request can meet."""

from typing import Any

Json = dict[str, Any]

PROBLEM = {"$ref": "#/components/schemas/Problem"}

SCHEMAS: Json = {
    "Problem": {
        "type": "object",
        "description": "What went wrong, as RFC 9457 has it; sentences follow Accept-Language.",
        "properties": {
            "type": {
                "type": "string",
                "format": "uri",
                "description": "Names the kind of problem; stable.",
                "examples": ["urn:concord:problem:invalid"],
            },
            "title": {"type": "string", "description": "The kind of problem in words."},
            "status": {"type": "integer", "description": "The status of the answer."},
            "detail": {"type": "string", "description": "What went wrong this time, in words."},
            "errors": {
                "type": "array",
                "description": "What is wrong with which value; empty when no value is.",
                "items": {"$ref": "#/components/schemas/FieldProblem"},
            },
            "verb": {"type": "string", "description": "409: the verb that was refused."},
            "guard": {"type": "string", "description": "409: the rule that refused it; stable."},
            "about": {
                "type": "object",
                "description": "409: what stands against it, where that is another object.",
                "properties": {
                    "type": {"type": "string", "examples": ["agreements.rotationchange"]},
                    "id": {"type": "string", "format": "uuid"},
                    "name": {"type": "string", "description": "As lists show it."},
                },
                "required": ["type", "id", "name"],
            },
            "differs": {
                "type": "array",
                "items": {"type": "string"},
                "description": "412: the fields that were changed since the object was read.",
            },
        },
        "required": ["type", "title", "status", "detail", "errors"],
    },
    "FieldProblem": {
        "type": "object",
        "description": "One value that cannot be taken.",
        "properties": {
            "pointer": {
                "type": "string",
                "description": "A JSON pointer into the body, or the parameter's name behind a "
                "slash; empty for the whole.",
            },
            "code": {"type": "string", "description": "The kind of error; stable."},
            "message": {"type": "string", "description": "The error in words."},
        },
        "required": ["pointer", "code", "message"],
    },
}

# Status: the component's name and what the status means here.
MEANINGS: dict[int, tuple[str, str]] = {
    400: ("Invalid", "The request is malformed, or some values are not valid."),
    401: ("SignInNeeded", "Nobody is signed in, or the token is unknown, expired or revoked."),
    403: ("NotAllowed", "The role or the token's scopes do not allow this."),
    404: ("NotFound", "There is no such object, or none that the caller may see."),
    409: ("Refused", "The state of the object does not allow this; `guard` names the rule."),
    412: ("ChangedMeanwhile", "The object was changed since; `ETag` is its current one."),
    413: ("TooLarge", "The body or the file is too large."),
    415: ("UnsupportedType", "The body is of a type that is not taken here."),
    422: ("KeyUsedOtherwise", "The Idempotency-Key was used for another request."),
    428: ("PreconditionNeeded", "If-Match is missing."),
    429: ("TooManyRequests", "Too many requests: try again after `Retry-After`."),
    501: ("NotHere", "This installation lacks what the answer takes; `detail` says what."),
    503: ("Busy", "The system is busy: the same request may be sent again."),
}

_HEADERS: dict[int, Json] = {
    401: {
        "WWW-Authenticate": {
            "description": "How to sign in.",
            "schema": {"type": "string"},
        }
    },
    412: {"ETag": {"$ref": "#/components/headers/ETag"}},
    429: {
        "Retry-After": {
            "description": "Seconds to wait.",
            "schema": {"type": "integer", "minimum": 0},
        }
    },
}

EVERYWHERE = (401, 403, 429, 503)
WITH_BODY = (400, 413, 415)
VERSIONED = (412, 428)
OF_KIND: dict[str, tuple[int, ...]] = {
    "list": (400,),
    "export": (400,),
    "retrieve": (400, 404),
    "history": (404,),
    "question": (400,),
    "question of one": (400, 404),
    "create": (*WITH_BODY, 409, 422),
    "verb": (*WITH_BODY, 404, 409, 412, 422),
    "update": (*WITH_BODY, 404, 409),
    "destroy": (404, 409),
}


def responses() -> Json:
    """The responses that operations refer to, by name."""
    return {
        name: {
            "description": meaning,
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
            "content": {"application/problem+json": {"schema": PROBLEM}},
        }
        for status, (name, meaning) in MEANINGS.items()
    }


def of(kind: str, *, versioned: bool) -> Json:
    """The errors that a request of that kind can meet; ``versioned``: If-Match is demanded."""
    return named(*EVERYWHERE, *OF_KIND[kind], *(VERSIONED if versioned else ()))


def named(*statuses: int) -> Json:
    """References to the responses of these statuses, in their order."""
    return {
        str(status): {"$ref": f"#/components/responses/{MEANINGS[status][0]}"}
        for status in sorted(set(statuses))
    }
