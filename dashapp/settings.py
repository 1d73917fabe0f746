"""Settings: one frozen value, read from the environment in one place.

Law: imports errors and log_format only. Nobody else reads `DASHAPP_*`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dashapp.errors import InvalidSetting
from dashapp.log_format import FORMATS

ROOT = Path(__file__).resolve().parent.parent
LEAST_TRAINER_BYTES = 256 * 2**20


def _port(text: str) -> int:
    return _between(1, 65535)(text)


def _between(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read


def _memory(text: str) -> int:
    value = int(text)
    if value and not LEAST_TRAINER_BYTES <= value <= 2**60:
        raise ValueError(f"0, or at least {LEAST_TRAINER_BYTES} (the libraries alone need more than half of that)")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError("a number of seconds above 0")
    return value


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _prefix(text: str) -> str:
    prefix = text.rstrip("/")
    if prefix and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", prefix):
        raise ValueError("a path such as /ml")
    return prefix


def _token(text: str) -> str:
    if text and len(text) < 8:
        raise ValueError("at least 8 characters")
    return text


def _database_url(text: str) -> str:
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", text):
        raise ValueError("a URL such as sqlite:////path/to/file.db or postgresql://user@host/name")
    return re.sub(r"^postgresql://", "postgresql+psycopg://", text)


def _alert_urls(text: str) -> str:
    if any("://" not in url for url in text.split()):
        raise ValueError("URLs separated by blanks, such as json://localhost:9000/alerts")
    return text


def _log_format(text: str) -> str:
    if text not in FORMATS:
        raise ValueError(f"one of {', '.join(FORMATS)}")
    return text


def _public_url(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", text):
        raise ValueError("a URL such as https://ml.example.org")
    return text.rstrip("/")


_BYTES = _between(1, 2**60)


def _setting(default: Any, read: Callable[[str], Any], doc: str, *, is_secret: bool = False) -> Any:
    return field(default=default, metadata={"read": read, "doc": doc, "is_secret": is_secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the name of its variable is `DASHAPP_` and the field in capitals, its meaning stands in the field's `doc`."""

    home: Path = _setting(ROOT / "data", _path, "where everything that is kept lives: database, datasets, models")
    cache: Path = _setting(ROOT / "cache", _path, "the diskcache of the background callbacks; may be deleted while nothing runs")
    host: str = _setting("127.0.0.1", str, "address to listen on")
    port: int = _setting(8050, _port, "port to listen on")
    token: str = _setting("", _token, "secret that callers must show; without one only loopback callers are served", is_secret=True)
    url_prefix: str = _setting("", _prefix, "path under which everything is served, such as /ml")
    database_url: str = _setting("", _database_url, "SQLAlchemy URL of the database; default: SQLite under the home", is_secret=True)
    workers: int = _setting(2, _between(1, 64), "web processes under gunicorn")
    threads: int = _setting(
        128, _between(8, 4096), "threads per web process; 32 are kept for requests, each open page holds one of the others"
    )
    max_upload_bytes: int = _setting(2 * 2**30, _BYTES, "largest CSV file that is taken")
    max_body_bytes: int = _setting(16 * 2**20, _BYTES, "largest JSON body that is taken")
    max_rows: int = _setting(10_000, _between(1, 10**7), "most rows in one JSON prediction request")
    max_concurrent_predictions: int = _setting(
        64, _between(1, 4096), "prediction requests that one web process answers at the same time; more get 503 with `Retry-After`"
    )
    patience_s: float = _setting(
        10.0,
        _seconds,
        "seconds in which a client must have sent a request's head, and that its body may pause or fall behind 2,000 bytes a second",
    )
    ledger_days: int = _setting(30, _between(0, 3650), "days for which predictions are kept with their inputs; 0 keeps none")
    ledger_bytes: int = _setting(500 * 10**6, _BYTES, "most bytes that kept predictions may take; the oldest go first")
    max_runs: int = _setting(1, _between(1, 64), "trainings at the same time; others wait in a queue")
    budget_s: float = _setting(60.0, _seconds, "seconds that a training may take when the caller does not say")
    trainer_memory_bytes: int = _setting(
        0, _memory, "most memory that a trainer may use; 0: four fifths of the machine's or the container's, shared by `DASHAPP_MAX_RUNS`"
    )
    alert_urls: str = _setting(
        "",
        _alert_urls,
        "where alerts are sent, as URLs of Apprise separated by blanks: e-mail, Slack, a webhook (`json://host/path`), a hundred more",
        is_secret=True,
    )
    public_url: str = _setting(
        "", _public_url, "address at which people open the dashboard, for the links in alerts; `http://host:port` without"
    )
    sample_s: float = _setting(5.0, _seconds, "seconds between two samples of the system metrics")
    log_format: str = _setting("text", _log_format, "how the log is written: text, or json, one object a line with the id of its request")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'dashapp.db'}"

    @property
    def max_sockets(self) -> int:
        """Open WebSockets per web process: each holds one thread, the rest stay free for requests."""
        return max(self.threads - 32, self.threads // 2)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `DASHAPP_*`; raises `InvalidSetting` that names the variable, also for one that does not exist."""
        known = {f"DASHAPP_{each.name.upper()}": each for each in fields(cls)}
        values: dict[str, Any] = {}
        for name in sorted(environment):
            if not name.startswith("DASHAPP_"):
                continue
            if name not in known:
                raise InvalidSetting(f"{name} is not a setting. Known are {', '.join(sorted(known))}.")
            values[known[name].name] = _read(name, environment[name], known[name].metadata)
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        """The variables that give these settings again, for a process started by this one."""
        return {f"DASHAPP_{each.name.upper()}": str(getattr(self, each.name)) for each in fields(self) if getattr(self, each.name) != ""}


def _read(name: str, text: str, setting: Mapping[str, Any]) -> Any:
    try:
        return setting["read"](text)
    except ValueError as error:
        reason = str(error) if "invalid literal" not in str(error) and "could not convert" not in str(error) else "a number"
        found = "not usable; it" if setting["is_secret"] else f"{text!r}, but"
        raise InvalidSetting(f"{name} is {found} must be {reason}.") from error
