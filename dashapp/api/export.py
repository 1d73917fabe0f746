"""`/api/models/<id>/export`"""

from __future__ import annotations

from flask import Blueprint, Response

from dashapp.application.export import export_model
from dashapp.application.services import Services


def export_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("export", __name__)

    @routes.get("/models/<model_id>/export")
    def export(model_id: str) -> Response:
        made = export_model(services, model_id)
        # The name holds letters, digits and hyphens only.
        headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.content, headers=headers, content_type="application/zip")

    return routes
