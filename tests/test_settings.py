from __future__ import annotations

import pytest

from dashapp.errors import InvalidSetting
from dashapp.settings import Settings


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_environment({"PATH": "/bin"}) == Settings()


def test_settings_travel_through_the_environment() -> None:
    settings = Settings.from_environment({"DASHAPP_PORT": "9000", "DASHAPP_TOKEN": "a long secret", "DASHAPP_URL_PREFIX": "/ml/"})
    assert settings.url_prefix == "/ml"
    assert Settings.from_environment(settings.to_environment()) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DASHAPP_PORT", "http"),
        ("DASHAPP_PORT", "0"),
        ("DASHAPP_WORKERS", "0"),
        ("DASHAPP_BUDGET_S", "-1"),
        ("DASHAPP_TOKEN", "short"),
        ("DASHAPP_URL_PREFIX", "no slash"),
        ("DASHAPP_DATABASE_URL", "mysql://host/name"),
        ("DASHAPP_MAX_UPLOAD_BYTES", "2 GB"),
        ("DASHAPP_SAMPLE_S", "often"),
        ("DASHAPP_COLOUR", "blue"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        Settings.from_environment({name: value})


def test_postgresql_urls_get_the_driver_that_is_installed() -> None:
    settings = Settings.from_environment({"DASHAPP_DATABASE_URL": "postgresql://me@host/name"})
    assert settings.database == "postgresql+psycopg://me@host/name"
