from __future__ import annotations

import pytest

from dashapp.datasets.columns.dates import parse_dates
from tests.datasets.conftest import text_array


@pytest.mark.parametrize(
    ("written", "read", "is_ambiguous"),
    [
        (["2022-03-05", "2022-12-31"], ["2022-03-05", "2022-12-31"], False),
        (["2022-03-05T10:00:00Z", "2022-03-05 10:00:00+02:00"], ["2022-03-05T10:00:00", "2022-03-05T08:00:00"], False),
        (["05.03.2022", "06.04.2022"], ["2022-03-05", "2022-04-06"], False),
        (["05/03/2022", "13/03/2022"], ["2022-03-05", "2022-03-13"], False),
        (["03/13/2022", "03/05/2022"], ["2022-03-13", "2022-03-05"], False),
        (["05/03/2022", "06/04/2022"], ["2022-03-05", "2022-04-06"], True),
        (["5 Mar 2022", "17 December 2021"], ["2022-03-05", "2021-12-17"], False),
        (["9999-12-31"], ["9999-12-31"], False),
        (["13/03/55", "14/03/21"], ["1955-03-13", "2021-03-14"], False),
        (["5 Mar 68", "6 Mar 03"], ["1968-03-05", "2003-03-06"], False),
    ],
)
def test_the_column_decides_which_number_is_the_day(written: list[str], read: list[str], is_ambiguous: bool) -> None:
    dates = parse_dates(text_array(*written))
    assert dates is not None
    assert [time.isoformat().removesuffix("T00:00:00") for time in dates.times] == read
    assert dates.times.dtype == "datetime64[us]"
    assert dates.is_ambiguous is is_ambiguous


@pytest.mark.parametrize(
    "written", [["13/03/2022", "03/13/2022"], ["2022-02-31"], ["2022-01-01", "soon"], ["44928", "44929"], ["32/01/22"]]
)
def test_what_is_not_all_dates_of_one_style_is_left_alone(written: list[str]) -> None:
    assert parse_dates(text_array(*written)) is None
