import json
from datetime import date
from math import isinf
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from testimonies.values.dates import InvalidDate, bounds

COLLECTIONS = Path(__file__).parents[2] / "testimonies" / "collections"

# Every EDTF string of the sample records. An empty string is an open side.
SAMPLE = {
    "../2015": ("", "2015-12-31"),
    "../2016-08": ("", "2016-08-31"),
    "2013": ("2013-01-01", "2013-12-31"),
    "2013/2014": ("2013-01-01", "2014-12-31"),
    "2014": ("2014-01-01", "2014-12-31"),
    "2014%": ("2014-01-01", "2014-12-31"),
    "2014-06-15": ("2014-06-15", "2014-06-15"),
    "2014-06~/2014-09": ("2014-06-01", "2014-09-30"),
    "2014-09-25": ("2014-09-25", "2014-09-25"),
    "2014-10/2014-12": ("2014-10-01", "2014-12-31"),
    "2014-11": ("2014-11-01", "2014-11-30"),
    "2014-11-07": ("2014-11-07", "2014-11-07"),
    "2014-21": ("2014-03-01", "2014-05-31"),
    "2014-XX-XX": ("2014-01-01", "2014-12-31"),
    "2014/2015": ("2014-01-01", "2015-12-31"),
    "2014?": ("2014-01-01", "2014-12-31"),
    "2014~": ("2014-01-01", "2014-12-31"),
    "2015": ("2015-01-01", "2015-12-31"),
    "2015-06-15/..": ("2015-06-15", ""),
    "2015-08-10": ("2015-08-10", "2015-08-10"),
    "2015-09-20": ("2015-09-20", "2015-09-20"),
    "2015-09-21": ("2015-09-21", "2015-09-21"),
    "2015-11": ("2015-11-01", "2015-11-30"),
    "2015-11-23": ("2015-11-23", "2015-11-23"),
    "2015-12~": ("2015-12-01", "2015-12-31"),
    "2015-21": ("2015-03-01", "2015-05-31"),
    "2015-22": ("2015-06-01", "2015-08-31"),
    "2015-?06": ("2015-06-01", "2015-06-30"),
    "2015~": ("2015-01-01", "2015-12-31"),
    "2016": ("2016-01-01", "2016-12-31"),
    "2016-02": ("2016-02-01", "2016-02-29"),
    "2016-02-20": ("2016-02-20", "2016-02-20"),
    "2016-04-12": ("2016-04-12", "2016-04-12"),
    "2016-04-27": ("2016-04-27", "2016-04-27"),
    "2016-06-12": ("2016-06-12", "2016-06-12"),
    "2016-09": ("2016-09-01", "2016-09-30"),
    "2016-09-04": ("2016-09-04", "2016-09-04"),
    "2016-10-23": ("2016-10-23", "2016-10-23"),
    "2016-12": ("2016-12-01", "2016-12-31"),
    "2016-12-30": ("2016-12-30", "2016-12-30"),
    "2016-34": ("2016-04-01", "2016-06-30"),
    "2016?": ("2016-01-01", "2016-12-31"),
    "2016~": ("2016-01-01", "2016-12-31"),
    "2017": ("2017-01-01", "2017-12-31"),
    "2017-01": ("2017-01-01", "2017-01-31"),
    "2017-03": ("2017-03-01", "2017-03-31"),
    "2017-05": ("2017-05-01", "2017-05-31"),
    "2017-06-01": ("2017-06-01", "2017-06-01"),
    "2017-06-03": ("2017-06-03", "2017-06-03"),
    "2017-11": ("2017-11-01", "2017-11-30"),
    "2017-11-20": ("2017-11-20", "2017-11-20"),
    "2017-XX": ("2017-01-01", "2017-12-31"),
    "2018": ("2018-01-01", "2018-12-31"),
    "2018-02/2018-04": ("2018-02-01", "2018-04-30"),
    "2018-03": ("2018-03-01", "2018-03-31"),
    "2018-09-30": ("2018-09-30", "2018-09-30"),
    "2018-10-02": ("2018-10-02", "2018-10-02"),
    "2018-11-05": ("2018-11-05", "2018-11-05"),
    "2019-02-11": ("2019-02-11", "2019-02-11"),
    "2019-02-14": ("2019-02-14", "2019-02-14"),
    "2019-03": ("2019-03-01", "2019-03-31"),
    "2019-03-12": ("2019-03-12", "2019-03-12"),
    "201X": ("2010-01-01", "2019-12-31"),
    "2021-04-18": ("2021-04-18", "2021-04-18"),
    "2021-25": ("2021-03-01", "2021-05-31"),
    "[2014..2016]": ("2014-01-01", "2016-12-31"),
    "{2015,2016}": ("2015-01-01", "2016-12-31"),
}

OTHER = {
    "0001": ("0001-01-01", "0001-12-31"),
    "9999": ("9999-01-01", "9999-12-31"),
    "000X": ("0001-01-01", "0009-12-31"),
    "2X15": ("2015-01-01", "2915-12-31"),
    "15XX-12": ("1500-12-01", "1599-12-31"),
    "XXXX": ("", ""),
    "XXXX-12-25": ("", ""),
    "XXX1": ("0001-01-01", "9991-12-31"),
    "XXX0": ("0010-01-01", "9990-12-31"),
    "2015-XX-05": ("2015-01-05", "2015-12-05"),
    "2015-06-XX": ("2015-06-01", "2015-06-30"),
    "2015-1X": ("2015-10-01", "2015-12-31"),
    "2015-0X-01": ("2015-01-01", "2015-09-01"),
    "2015-06-1X": ("2015-06-10", "2015-06-19"),
    # days that do not exist are left out
    "2015-02-2X": ("2015-02-20", "2015-02-28"),
    "2015-0X-31": ("2015-01-31", "2015-08-31"),
    "201X-02-29": ("2012-02-29", "2016-02-29"),
    # qualifiers, before and after each part
    "?2015-06-~15": ("2015-06-15", "2015-06-15"),
    "2015~-06%-15?": ("2015-06-15", "2015-06-15"),
    "201X~": ("2010-01-01", "2019-12-31"),
    "2015-21~": ("2015-03-01", "2015-05-31"),
    # seasons: winter and the southern summer run into the next year
    "2015-23": ("2015-09-01", "2015-11-30"),
    "2015-24": ("2015-12-01", "2016-02-29"),
    "2014-24": ("2014-12-01", "2015-02-28"),
    "9999-24": ("9999-12-01", "9999-12-31"),
    "201X-21": ("2010-03-01", "2019-05-31"),
    "2015-2X": ("2015-03-01", "2016-02-29"),
    "2015-28": ("2015-12-01", "2016-02-29"),
    "2015-29": ("2015-09-01", "2015-11-30"),
    "2015-30": ("2015-12-01", "2016-02-29"),
    "2015-31": ("2015-03-01", "2015-05-31"),
    "2015-32": ("2015-06-01", "2015-08-31"),
    "2015-33": ("2015-01-01", "2015-03-31"),
    "2015-36": ("2015-10-01", "2015-12-31"),
    "2015-37": ("2015-01-01", "2015-04-30"),
    "2015-39": ("2015-09-01", "2015-12-31"),
    "2015-40": ("2015-01-01", "2015-06-30"),
    "2015-41": ("2015-07-01", "2015-12-31"),
    # intervals
    "../..": ("", ""),
    "../": ("", ""),
    "/..": ("", ""),
    "/2015": ("", "2015-12-31"),
    "2015/": ("2015-01-01", ""),
    "2015/2015-03": ("2015-01-01", "2015-03-31"),
    "2015-12/2015": ("2015-12-01", "2015-12-31"),
    "2014-21/2015-23": ("2014-03-01", "2015-11-30"),
    "2014-06-~01/2014-06-~20": ("2014-06-01", "2014-06-20"),
    # sets
    "[..2016]": ("", "2016-12-31"),
    "[2016..]": ("2016-01-01", ""),
    "[2016,2014]": ("2014-01-01", "2016-12-31"),
    "{1667,1668, 1670..1672}": ("1667-01-01", "1672-12-31"),
    "[..2013-05,2015~,2016-02..]": ("", ""),
    "{2015-06..2015-08,201X}": ("2010-01-01", "2019-12-31"),
    # significant digits, date and time
    "1950S2": ("1900-01-01", "1999-12-31"),
    "1950S4~": ("1950-01-01", "1950-12-31"),
    "2015-06-15T23:30:00Z": ("2015-06-15", "2015-06-15"),
    "2015-06-15T23:30:00-05:30": ("2015-06-15", "2015-06-15"),
}

INVALID = """
    2015-02-29 2015-02-30 2015-06-31 2015-02-3X 2015-00 2015-13 2015-06-00 2015-06-32 XXX1-02-29
    2015-20 2015-42 2015-3X 2015-4X 2015-21-01 2015-2X-01 0000 0000-XX -0044 Y20000 Y1E3 1950S0 1950S5 195XS2 1950S2-06
    15 215 20155 2015-6 2015-06-1 2015/06 2015.06.15 15.06.2015 06/15/2015 2015-06-15-01 20150615 2015?? ~ 2015-~
    2016/2014 2015-12/2015-06 2015-06-15/2015-06-14 2014/2015/2016 / .. ... 2014/... 2014..2016
    [] {} [2014 2014] [2014} {2014] [,] [2014,] [..] [2014..2016..2018] [2016..2014] [2014/2015] [2014,..2016] [2014..,2016]
    2015-06-15T25:00:00 2015-06-15T10:00 2015-02-30T10:00:00 2015-06-15T10:00:00+15:00 2015-06T10:00:00
    ٢٠١٥ ２０１５ 201x 2015–06 null summer
""".split()  # noqa: SIM905  one a line would be a hundred lines


def days(expected):
    return tuple(date.fromisoformat(day) if day else None for day in expected)


@pytest.mark.parametrize(("text", "expected"), (SAMPLE | OTHER).items())
def test_the_days_that_a_date_may_mean(text, expected):
    assert bounds(text) == days(expected)


def test_the_table_holds_every_date_of_the_sample_records():
    found = set()

    def collect(node):
        if isinstance(node, dict):
            found.update(value for key, value in node.items() if key.endswith("_edtf") and isinstance(value, str))
            if str(node.get("field", "")).endswith("_edtf"):
                found.update(claim["value"] for claim in node.get("values", ()))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    for name in ("public_testimonies", "invented_testimonies"):
        for line in (COLLECTIONS / f"{name}.jsonl").read_text("utf-8").splitlines():
            collect(json.loads(line))
    assert found == set(SAMPLE)


@pytest.mark.parametrize(
    "text",
    [
        *INVALID,
        "",
        " ",
        " 2015",
        "2015 ",
        "2015\n",
        "2015 / 2016",
        "2015\x00",
        "\x00",
        "\ud800",
        "[2014,\n2015]",
    ],
)
def test_what_is_no_date_is_refused_without_repeating_it(text):
    with pytest.raises(InvalidDate) as refusal:
        bounds(text)
    message = str(refusal.value)
    assert "for example 2015" in message
    assert message.isprintable()


def test_a_refusal_says_why():
    def reason(text):
        with pytest.raises(InvalidDate) as refusal:
            bounds(text)
        return str(refusal.value).split(" Write an EDTF date")[0]

    assert reason("2016/2014") == "This interval ends before it starts."
    assert reason("2015-02-30") == "There is no such day."
    assert reason("2015-13") == "There is no such month or season."
    assert reason("0000") == "The year 0000 is outside what we keep."
    assert reason("Abu Somebody") == "This is not a date we can read."
    assert reason("2015" * 100) == "A date has at most 100 characters."


def test_nothing_is_printed_about_what_cannot_be_read(capfd):
    for text in INVALID:
        with pytest.raises(InvalidDate):
            bounds(text)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    ["[" * 10_000_000, "2015/" * 1_000_000, "9" * 10_000_000, "[" + "X" * 98 + "]", "[" + "XXX1-02-29," * 8 + "2015]"],
)
def test_long_and_wasteful_input_is_refused(text):
    with pytest.raises(InvalidDate):
        bounds(text)


pieces = st.lists(
    st.sampled_from(
        [
            "2015",
            "2016",
            "201X",
            "XXXX",
            "-",
            "06",
            "15",
            "21",
            "24",
            "XX",
            "1X",
            "X",
            "~",
            "?",
            "%",
            "/",
            "..",
            "[",
            "]",
            "{",
            "}",
            ",",
            "S2",
            "Y",
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.text(max_size=120), pieces))
@example("XXXX-02-29")
def test_any_text_has_bounds_in_order_or_is_refused(text):
    try:
        earliest, latest = bounds(text)
    except InvalidDate:
        return
    assert earliest is None or latest is None or earliest <= latest


# --- the edtf package as the oracle ---

qualifiers = st.sampled_from(["", "?", "~", "%"])
years = st.integers(1, 9999).map("{:04}".format)
full_dates = st.dates(date(1, 1, 1), date(9999, 12, 30)).map(date.isoformat)
year_months = st.dates().map(lambda day: day.isoformat()[:7])
plain = st.one_of(years, year_months, full_dates)
# without winters, for which the answers differ on purpose
seasons = st.builds("{}-{}".format, years, st.sampled_from([21, 22, 23, 25, 26, 27, 29, 31, *range(32, 42)]))
qualified = st.builds("{}{}".format, plain, st.sampled_from("?~%"))
unspecified = st.one_of(
    st.integers(1, 999).map("{:03}X".format),
    st.integers(10, 99).map("{}XX".format),
    years.map("{}-XX".format),
    years.map("{}-XX-XX".format),
    year_months.map("{}-XX".format),
    st.builds("{}-XX-{:02}".format, years, st.integers(1, 28)),
    st.builds("{}XX-{:02}".format, st.integers(10, 99), st.integers(1, 12)),
)
parts_qualified = st.builds(
    lambda day, a, b: f"{day.year:04}-{a}{day.month:02}-{b}{day.day:02}", st.dates(), st.sampled_from("?~%"), qualifiers
)
ends = st.one_of(plain, qualified, st.just(".."))
runs = st.tuples(years, years).map(sorted).map("..".join)
sets = st.lists(st.one_of(plain, runs), min_size=2, max_size=3).map(",".join)
both_read = st.one_of(
    plain,
    seasons,
    qualified,
    unspecified,
    parts_qualified,
    st.builds("{}/{}".format, ends, ends),
    sets.map("[{}]".format),
    sets.map("{{{}}}".format),
)


def by_the_package(text):
    from edtf import parse_edtf

    read = parse_edtf(text)
    found = [
        None if isinstance(day, float) and isinf(day) else date(*day[:3])
        for day in (read.lower_strict(), read.upper_strict())
    ]
    return tuple(found)


@settings(max_examples=150, deadline=None)
@given(both_read)
def test_it_agrees_with_the_edtf_package(text):
    expected = by_the_package(text)
    if None not in expected and expected[1] < expected[0]:
        with pytest.raises(InvalidDate):
            bounds(text)
    else:
        assert bounds(text) == expected


@pytest.mark.parametrize(
    ("text", "ours", "theirs"),
    [
        ("/1945", ("", "1945-12-31"), ("1935-12-31", "1945-12-31")),
        ("1945/", ("1945-01-01", ""), ("1945-01-01", "1955-01-01")),
        ("2015-24", ("2015-12-01", "2016-02-29"), ("2015-12-01", "2015-12-31")),
        ("2015-30", ("2015-12-01", "2016-02-29"), ("2015-12-01", "2015-12-31")),
        ("1950S2", ("1900-01-01", "1999-12-31"), ("1950-01-01", "1950-12-31")),
    ],
)
def test_where_it_differs_from_the_edtf_package_on_purpose(text, ours, theirs):
    assert bounds(text) == days(ours)
    assert by_the_package(text) == days(theirs)
