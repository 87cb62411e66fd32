import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testimonies.values.languages import STEMMERS, canonical, is_language, search_config

# pg_catalog of PostgreSQL 15: SELECT cfgname FROM pg_ts_config WHERE cfgname <> 'simple'
POSTGRESQL_15 = set(
    """
    arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian irish
    italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil turkish yiddish
    """.split()  # noqa: SIM905  a list of 28 lines says no more
)


@pytest.mark.parametrize(
    "tag", ["en", "ar", "fr", "de", "ru", "tr", "es", "en-US", "ar-SY", "zh-Hant", "sr-Latn", "ckb", "kmr", "es-419", "und", "mul", "zxx", "de-DE-1996", "x-secret"]
)  # fmt: skip
def test_languages(tag):
    assert is_language(tag) is True


@pytest.mark.parametrize(
    ("tag", "meant"),
    [("EN", "en"), ("en-us", "en-US"), ("en_US", "en-US"), ("eng", "en"), ("iw", "he"), ("en-UK", "en-GB"), ("zh-hant", "zh-Hant"), ("en-Latn", "en")],
)  # fmt: skip
def test_other_spellings_are_refused_but_understood(tag, meant):
    assert is_language(tag) is False
    assert canonical(tag) == meant


@pytest.mark.parametrize(
    "tag", ["", "xx", "english", "Arabic", "e", "en-", "-en", "en--US", "en-AB", "en US", " en", "en\n", "\x00", "\ud800", "ع", "en-" + "a" * 300, "en-x-" + "abcdefgh-" * 4 + "a"]
)  # fmt: skip
def test_what_is_no_language(tag):
    assert is_language(tag) is False
    assert canonical(tag) is None


@settings(deadline=None)
@given(st.one_of(st.text(), st.text("abcdexy019-_ ", max_size=40)))
def test_any_text_has_an_answer_and_the_answer_is_canonical(tag):
    found = canonical(tag)
    assert found is None or is_language(found)
    assert search_config(tag) in POSTGRESQL_15 | {"simple"}


def test_what_is_remembered_of_tags_is_bounded():
    from langcodes import Language

    from testimonies.values import languages

    for number in range(languages._ROOM + 1_000):
        assert canonical(f"x-{number}") == f"x-{number}"
    assert len(Language._PARSE_CACHE) <= languages._ROOM + 2
    assert len(Language._INSTANCES) <= languages._ROOM + 2


def test_every_stemmer_of_postgresql_15_serves_a_language():
    assert set(STEMMERS.values()) == POSTGRESQL_15
    assert all(map(is_language, STEMMERS))


@pytest.mark.parametrize(
    ("tag", "config"),
    [("en", "english"), ("ar-SY", "arabic"), ("nb", "norwegian"), ("zh-Hant", "simple"), ("ku", "simple"), ("fa", "simple"), ("und", "simple"), ("", "simple")],
)  # fmt: skip
def test_search_configurations(tag, config):
    assert search_config(tag) == config


def test_the_large_tables_load_only_when_a_language_is_checked():
    code = "import sys, testimonies.values.languages; sys.exit('langcodes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
