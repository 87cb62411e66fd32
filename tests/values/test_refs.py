import re
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testimonies.values import refs
from testimonies.values.refs import ALPHABET, is_ref, new_ref, normalise_ref

made = st.builds(
    lambda prefix, symbols: f"{prefix}-{symbols}{refs._check(prefix, symbols)}",
    st.sampled_from(["T", "P", "CL"]),
    st.text(ALPHABET, min_size=refs.N_RANDOM, max_size=refs.N_RANDOM),
)


def test_a_reference_has_seven_random_symbols_and_a_check():
    ref = new_ref("T")
    assert re.fullmatch(r"T-[0-9A-HJKMNP-TV-Z]{8}", ref)
    assert is_ref(ref)
    assert is_ref(ref, "T")
    assert not is_ref(ref, "P")


def test_the_alphabet_is_crockfords():
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_references_do_not_repeat_and_use_every_symbol_everywhere():
    drawn = [new_ref("T") for _ in range(5_000)]
    assert len(set(drawn)) == len(drawn)
    for position in range(2, 10):
        assert {ref[position] for ref in drawn} == set(ALPHABET)


@pytest.mark.parametrize("prefix", ["", "t", "TOOL", "T-", "1", "Ä", "T\n", "\x00"])
def test_a_prefix_is_capital_letters(prefix):
    with pytest.raises(ValueError, match="one to three capital letters"):
        new_ref(prefix)


@given(made)
def test_every_wrong_symbol_is_caught(ref):
    assert is_ref(ref)
    start = ref.index("-") + 1
    for position in range(start, len(ref)):
        for symbol in set(ALPHABET) - {ref[position]}:
            assert not is_ref(ref[:position] + symbol + ref[position + 1 :])


@given(made)
def test_every_swap_of_two_symbols_is_caught(ref):
    for one, other in combinations(range(ref.index("-") + 1, len(ref)), 2):
        if ref[one] != ref[other]:
            swapped = list(ref)
            swapped[one], swapped[other] = ref[other], ref[one]
            assert not is_ref("".join(swapped))


def test_the_check_is_proven_for_every_pair_of_symbols():
    """The check is linear, so what changes it is the error alone: try every error of one or two symbols on one word."""
    for position, symbol in product(range(refs.N_RANDOM), ALPHABET[1:]):
        assert refs._check("", "0" * position + symbol + "0" * (refs.N_RANDOM - 1 - position)) != "0"
    for one, other in combinations(range(refs.N_RANDOM), 2):
        for a, b in combinations(ALPHABET, 2):
            word = ["0"] * refs.N_RANDOM
            word[one], word[other] = a, b
            swapped = word.copy()
            swapped[one], swapped[other] = b, a
            assert refs._check("", "".join(word)) != refs._check("", "".join(swapped))


@given(made)
def test_a_reference_under_another_prefix_is_caught(ref):
    prefix, _, body = ref.partition("-")
    for letter in set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {prefix[0]}:
        assert not is_ref(f"{letter}{prefix[1:]}-{body}")


@given(st.one_of(st.text(), st.text("TP-0123OILU", max_size=12)))
def test_any_text_has_an_answer(text):
    assert is_ref(text) in (True, False)
    assert normalise_ref(normalise_ref(text)) == normalise_ref(text)


@given(made)
def test_what_people_type_is_forgiven(ref):
    prefix, _, body = ref.partition("-")
    assert normalise_ref(f"  {ref.lower()}\n") == ref
    assert normalise_ref(f"{prefix}-{body.replace('0', 'o').replace('1', 'l')}") == ref
    assert normalise_ref(f"{prefix}-{body.replace('0', 'O').replace('1', 'I')}") == ref


def test_only_the_exact_spelling_is_a_reference():
    ref = "T-0000000" + refs._check("T", "0000000")
    assert is_ref(ref)
    for other in (
        ref.lower(),
        f" {ref}",
        f"{ref}\n",
        ref.replace("-", ""),
        ref[:-1],
        ref + "0",
        ref.replace("0", "O", 1),
        ref.replace("0", "٠", 1),
    ):
        assert not is_ref(other)
