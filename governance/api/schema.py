"""How the API describes itself."""

from drf_spectacular.openapi import AutoSchema


class ConcordSchema(AutoSchema):
    """drf-spectacular's description."""


def describe_errors(result, generator, request, public):
    return result
