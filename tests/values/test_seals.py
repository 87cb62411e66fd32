"""What is sealed opens under its key alone, and is found by exactly its value."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testimonies.values.seals import BadKey, Keyring, Unopenable


def key(number: int) -> str:
    return base64.urlsafe_b64encode(bytes([number]) * 32).decode()


ONE, TWO = key(1), key(2)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS)
def test_what_is_sealed_opens(text):
    keys = Keyring([ONE])
    assert keys.open(keys.seal(text)) == text


@given(TEXTS)
def test_the_same_is_never_sealed_the_same(text):
    keys = Keyring([ONE])
    assert keys.seal(text) != keys.seal(text)


def test_another_key_opens_nothing():
    with pytest.raises(Unopenable):
        Keyring([TWO]).open(Keyring([ONE]).seal("invented"))


def test_an_altered_seal_opens_nothing():
    keys = Keyring([ONE])
    sealed = bytearray(keys.seal("invented"))
    sealed[20] ^= 1
    with pytest.raises(Unopenable):
        keys.open(bytes(sealed))


def test_the_first_key_seals_and_all_open():
    old, both = Keyring([ONE]), Keyring([TWO, ONE])
    assert both.open(old.seal("invented")) == "invented"
    assert both.mark == Keyring([TWO]).mark != old.mark
    with pytest.raises(Unopenable):
        old.open(both.seal("invented"))


def test_an_index_is_of_exactly_one_value_and_key():
    keys = Keyring([ONE])
    assert keys.index("invented") == keys.index("invented") != keys.index("Invented")
    assert keys.index("invented") != Keyring([TWO]).index("invented")
    assert list(Keyring([TWO, ONE]).indexes("x")) == [Keyring([TWO]).index("x"), keys.index("x")]


@pytest.mark.parametrize("bad", [[], [""], ["short"], [ONE, ONE[:-4]], ["ä" * 44], [ONE.replace("=", "!")]])
def test_a_bad_key_is_refused_and_not_repeated(bad):
    with pytest.raises(BadKey) as refused:
        Keyring(bad)
    assert not any(one and one in str(refused.value) for one in bad)
