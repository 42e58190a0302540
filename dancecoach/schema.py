"""The OpenAPI schema and its page, which need no token and no internet."""

from __future__ import annotations

from typing import Any

from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
)
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

__all__ = ["SchemaView", "SwaggerView", "forbid_unknown_fields"]


class SchemaView(SpectacularAPIView):
    """The schema, as JSON like everything here, or as YAML where that is asked for."""

    renderer_classes = [OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer]
    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with the schema."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]  # Theirs.
        return response


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""

    authentication_classes = []
    permission_classes = [AllowAny]


def forbid_unknown_fields(result: Any, **_: Any) -> Any:
    """Say in the schema what `StrictSerializer` does; a POSTPROCESSING_HOOK."""
    for name, schema in result["components"]["schemas"].items():
        if "Input" in name:
            schema["additionalProperties"] = False
    return result
