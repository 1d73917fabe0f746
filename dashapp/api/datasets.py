"""`/api/datasets`"""

from __future__ import annotations

from io import BytesIO
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, request, send_file
from gunicorn.http.errors import ParseException
from pydantic import TypeAdapter

from dashapp.api.body import BROKEN_BODY, CUT_OFF, object_of, plain_stream, whole_number
from dashapp.application.datasets import delete_dataset, upload_csv
from dashapp.application.documents import dataset_document
from dashapp.application.reading import change_reading, ready_dataset
from dashapp.application.services import Services
from dashapp.datasets.dataset import DatasetState
from dashapp.datasets.quality.report import report_html
from dashapp.errors import InvalidRequest

FORM_OVERHEAD = 64 * 1024
_PATCH: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


def datasets_blueprint(services: Services) -> Blueprint:
    routes = Blueprint("datasets", __name__)

    @routes.post("/datasets")
    def upload() -> tuple[dict[str, Any], int]:
        request.max_content_length = services.settings.max_upload_bytes + FORM_OVERHEAD
        stream, name, size = _file()
        try:
            dataset, is_new = upload_csv(services, stream, request.args.get("name") or name, size)
        except ParseException as error:
            raise InvalidRequest(CUT_OFF) from error
        status = 202 if dataset.state is DatasetState.PROFILING else 201 if is_new else 200
        return dataset_document(dataset), status

    @routes.get("/datasets")
    def listed() -> dict[str, Any]:
        documents = [dataset_document(dataset) for dataset in services.datasets.all()]
        return {"datasets": documents, "total": len(documents)}

    @routes.get("/datasets/<dataset_id>")
    def one(dataset_id: str) -> dict[str, Any]:
        return dataset_document(services.datasets.get(dataset_id))

    @routes.patch("/datasets/<dataset_id>")
    def change(dataset_id: str) -> dict[str, Any]:
        patch = object_of(_PATCH)
        return dataset_document(change_reading(services, dataset_id, patch))

    @routes.get("/datasets/<dataset_id>/report")
    def report(dataset_id: str) -> Response:
        dataset = ready_dataset(services, dataset_id)
        return send_file(
            BytesIO(report_html(dataset).encode()), "text/html", as_attachment=True, download_name=f"{dataset.name} data quality.html"
        )

    @routes.get("/datasets/<dataset_id>/rows")
    def rows(dataset_id: str) -> dict[str, Any]:
        dataset = ready_dataset(services, dataset_id)
        offset, limit = whole_number("offset", 0, 0, 2**62), whole_number("limit", 50, 1, 1000)
        return {"rows": services.datasets.rows(dataset_id, offset, limit), "total": dataset.profile.rows}

    @routes.delete("/datasets/<dataset_id>")
    def delete(dataset_id: str) -> tuple[str, int]:
        delete_dataset(services, dataset_id)
        return "", 204

    return routes


def _file() -> tuple[BinaryIO, str, int | None]:
    """`(stream, name, bytes)` of the raw body, or of the multipart field `file`."""
    stream = plain_stream()
    if request.mimetype != "multipart/form-data":
        return stream, "upload.csv", request.content_length
    try:
        file = request.files.get("file")
    except BROKEN_BODY as error:
        raise InvalidRequest(CUT_OFF) from error
    if file is not None:
        return cast(BinaryIO, file.stream), file.filename or "upload.csv", None
    text = request.form.get("file")  # a part without a filename is a text
    if text is None:
        raise InvalidRequest("The form has no field named file.", field="file")
    return BytesIO(text.encode("utf-8", "surrogateescape")), "upload.csv", None
