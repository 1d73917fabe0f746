"""What can go wrong, as the sentence that the user reads.

Law: imports nothing of the project. Every error that a caller can cause derives from `DashappError`;
`dashapp.api.problems` maps the classes to HTTP statuses.

    DashappError
    ├── InvalidSetting            a DASHAPP_* value that cannot be used
    ├── InvalidRequest            a body, parameter or value that cannot be used
    │   ├── UnreadableCsv         the file is not a table that can be read
    │   ├── CannotTrain           the table can be read, but not trained on as asked
    │   └── InvalidRow            a row sent for prediction does not fit the schema
    ├── NotFound                  no such dataset, run, model
    ├── Conflict                  not in this state
    │   ├── ModelNotDeployed      a prediction with nothing deployed
    │   ├── WorseThanLive         a deployment that the gate wants confirmed
    │   └── ModelDamaged          the artifact is missing or its checksum differs
    ├── TooLarge                  past a size limit
    ├── TooSlow                   a body that came in slower than anybody can wait for
    ├── Overloaded                more at the same time than is allowed; try again in a moment
    └── DiskFull                  not enough free space to keep what was sent
"""

from __future__ import annotations


class DashappError(Exception):
    """An error whose text is one sentence that a person can act on.

    `details` are extra members of the problem document: `column`, `row`, `got`, `expected`, `example`.
    """

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class InvalidSetting(DashappError): ...


class InvalidRequest(DashappError): ...


class UnreadableCsv(InvalidRequest): ...


class CannotTrain(InvalidRequest): ...


class InvalidRow(InvalidRequest): ...


class NotFound(DashappError): ...


class Conflict(DashappError): ...


class ModelNotDeployed(Conflict): ...


class WorseThanLive(Conflict): ...


class ModelDamaged(Conflict): ...


class TooLarge(DashappError): ...


class TooSlow(DashappError): ...


class Overloaded(DashappError): ...


class DiskFull(DashappError): ...
