"""How operations are described in the OpenAPI schema, with each answer's example.

`dancecoach.tests.test_documentation` executes the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from dancecoach.errors import error_body, error_of_status

__all__ = ["Success", "failure", "limited", "operation", "query", "refused"]

Failure = tuple[int, str, str]
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

ERROR = inline_serializer(
    "Error",
    {
        "error": serializers.CharField(help_text="A code; part of the API."),
        "message": serializers.CharField(help_text="For people; may change."),
    },
)
BAD_REQUEST = inline_serializer(
    "BadRequest",
    {
        "error": serializers.CharField(help_text="A code; part of the API."),
        "message": serializers.CharField(help_text="For people; may change."),
        "details": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            required=False,
            help_text="Of `validation_failed`: texts by field.",
        ),
    },
)
FIELD_ERROR = "This field is required."


@dataclass(frozen=True, kw_only=True)
class Success:
    """An answer without an error; ``headers`` explains those that it has."""

    status: int = 200
    body: Any = None
    example: Any = None
    description: str = ""
    media_type: str = "application/json"
    headers: Mapping[str, str] | None = None


def failure(status: int, code: str = "", message: str = "") -> Failure:
    """Return an error answer; code and text are those of its status if not given."""
    usual_code, usual_message = error_of_status(status)
    return status, code or usual_code, message or usual_message


def refused(*fields: str) -> tuple[int, str, str]:
    """Return the answer to a request that breaks the rules of ``fields``."""
    return 400, "validation_failed", ",".join(fields)


def limited() -> Failure:
    """Return the answer to too many requests."""
    return failure(429)


def query(name: str, description: str, **kwargs: Any) -> OpenApiParameter:
    """Return a parameter of the query, text if not told otherwise."""
    kwargs.setdefault("type", OpenApiTypes.STR)
    return OpenApiParameter(name, description=description, **kwargs)


def operation(
    *,
    name: str,
    tag: str,
    summary: str,
    successes: Iterable[Success],
    failures: Iterable[Failure] = (),
    request: Any = None,
    example: Any = None,
    parameters: Iterable[OpenApiParameter] = (),
) -> Decorator:
    """Describe a view's method; what may happen to any request is added here."""
    found = [*failures, failure(500)]
    if request is not None:
        parse_error = (400, "parse_error", "The body is not JSON. Mend it.")
        found += [parse_error, failure(411), failure(413), failure(415)]
    ready = list(successes)
    examples = []
    if request is not None:
        examples.append(OpenApiExample("Request", value=example, request_only=True))
    return extend_schema(
        operation_id=name,
        tags=[tag],
        summary=summary,
        request=request,
        parameters=[*parameters, *_headers(ready, found)],
        responses={
            **{_key(success): _response(success) for success in ready},
            **_error_responses(found),
        },
        examples=examples,
    )


def _key(success: Success) -> Any:
    return (success.status, success.media_type) if success.body else success.status


def _response(success: Success) -> OpenApiResponse:
    examples = []
    if success.body is not None:
        examples.append(OpenApiExample("Answer", value=success.example))
    return OpenApiResponse(
        response=success.body,
        description=success.description or "As asked.",
        examples=examples,
    )


def _error_responses(failures: Iterable[Failure]) -> dict[int, OpenApiResponse]:
    by_status: dict[int, list[Failure]] = {}
    for failed in failures:
        by_status.setdefault(failed[0], []).append(failed)
    return {status: _error_response(same) for status, same in by_status.items()}


def _error_response(failures: list[Failure]) -> OpenApiResponse:
    bodies = {code: _error_body(code, text) for _, code, text in failures}
    return OpenApiResponse(
        response=BAD_REQUEST if "validation_failed" in bodies else ERROR,
        description=", ".join(f"`{code}`" for code in bodies),
        examples=[OpenApiExample(code, value=body) for code, body in bodies.items()],
    )


def _error_body(code: str, text: str) -> dict[str, Any]:
    if code != "validation_failed":
        return error_body(code=code, message=text)
    return error_body(
        code=code,
        message="The request breaks the rules of a field. See details, mend it.",
        details={field: [FIELD_ERROR] for field in text.split(",")},
    )


def _headers(
    successes: Iterable[Success], failures: Iterable[Failure]
) -> list[OpenApiParameter]:
    found: dict[str, tuple[str, list[int]]] = {}
    for success in successes:
        for name, text in (success.headers or {}).items():
            found.setdefault(name, (text, []))[1].append(success.status)
    statuses = {status for status, _, _ in failures}
    if 429 in statuses:
        found["Retry-After"] = ("For how many seconds to make no request.", [429])
    if 401 in statuses:
        found["WWW-Authenticate"] = ("What to sign in with.", [401])
    return [
        OpenApiParameter(
            name,
            OpenApiTypes.STR,
            OpenApiParameter.HEADER,
            description=text,
            response=sorted(set(on)),
        )
        for name, (text, on) in found.items()
    ]
