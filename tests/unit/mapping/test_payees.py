"""Which contact is a vendor's: proved by a number, said by a name, or a person's choice."""

from __future__ import annotations

import pytest

from tests.unit.mapping.outcomes import is_held
from worker.holds import HoldCode
from worker.mapping import tax_numbers
from worker.mapping.payees import By, Payee, choose, folded, in_words, number_of, payee
from worker.xero.documents import Contact

ONE, OTHER = "53004085616", "51824753556"


def a_payee(name: str, number: str = "") -> Payee:
    return Payee(f"id of {name} {number}", name, number, tax_numbers.read(number, "AU"))


VENDOR = a_payee("Smith Plumbing Pty Ltd", ONE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ernie\u2019s Electrical", "Ernie's Electrical"),
        ("Ernie`s  Electrical ", "ERNIE'S ELECTRICAL"),
        ("A\u2013B Joinery", "A-B Joinery"),
        ("A - B Joinery", "A\u2014B Joinery"),
        ("Smith &amp; Sons", "Smith & Sons"),
        ("Smith and Sons", "Smith&Sons"),
        ("Smith Pty. Ltd.", "Smith Pty Ltd"),
        ("Smith Proprietary Limited", "SMITH PTY. LTD"),
        ("Smith Plumbing, L.L.C.", "Smith Plumbing LLC"),
        ("Élan\u00a0Concreting", "elan concreting"),
        ("Stra\u00dfe Bau", "STRASSE BAU"),
    ],
)
def test_names_that_people_write_now_so_now_so_are_one(one: str, other: str) -> None:
    """Case, accents, apostrophes, dashes, blanks, and the legal form's spelling say nothing."""
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith Pty Ltd", "Smith"),
        ("Smith Pty Ltd", "Smith Holdings Pty Ltd"),
        ("Smith & Sons", "Smith Sons"),
        ("Smith North", "Smith South"),
        ("3M", "M3"),
        ("Anders", "And ers"),
    ],
)
def test_names_that_differ_in_a_word_are_two(one: str, other: str) -> None:
    """Another legal form, or none, may be another supplier."""
    assert folded(one) != folded(other)


def test_an_equal_valid_number_adopts_whatever_the_name() -> None:
    """The number says who it is; the name is shown."""
    contact = a_payee("Jones Electrical", ONE)
    assert choose(VENDOR, None, [contact], []) == (contact, By.TAX_NUMBER)
    assert choose(VENDOR, None, [contact], [a_payee("Smith Plumbing Pty Ltd")]) == (contact, By.TAX_NUMBER)


@pytest.mark.parametrize("number", ["", "n/a", "004085616", "*****5616"])
def test_an_equal_name_adopts_where_no_number_speaks_against_it(number: str) -> None:
    """What is no tax number contradicts nobody."""
    contact = a_payee("Smith Plumbing Pty. Ltd.", number)
    assert choose(VENDOR, None, [], [contact]) == (contact, By.NAME)
    assert choose(a_payee("Smith Plumbing Pty Ltd", "N/A"), None, [], [contact]) == (contact, By.NAME)


@pytest.mark.parametrize("number", [OTHER, "51 824 753 556", "*****3556"])
def test_an_equal_name_with_another_valid_number_is_held(number: str) -> None:
    """Two legal entities may be called alike; both numbers and the contact are in the sentence."""
    contact = a_payee("Smith Plumbing Pty Ltd", number)
    with is_held(HoldCode.TAX_NUMBERS_DIFFER, "Smith Plumbing Pty Ltd", number, ONE):
        choose(VENDOR, None, [], [contact])


def test_our_contact_number_on_somebody_elses_contact_is_held() -> None:
    """A number that was typed on the wrong contact does not pay a stranger."""
    assert choose(VENDOR, a_payee("Renamed", ONE), [], []) == (a_payee("Renamed", ONE), By.CONTACT_NUMBER)
    with is_held(HoldCode.TAX_NUMBERS_DIFFER, "Evil Pty Ltd"):
        choose(VENDOR, a_payee("Evil Pty Ltd", OTHER), [], [])


def test_of_several_the_one_that_is_called_alike_is_taken() -> None:
    """To the letter, else nearly; two that fit as well are a person's choice."""
    exact, near, other = a_payee("smith plumbing pty ltd"), a_payee("Smith Plumbing Pty. Ltd."), a_payee("Smith North")
    assert choose(VENDOR, None, [], [near, exact]) == (exact, By.NAME)
    assert choose(VENDOR, None, [other, near], []) == (near, By.TAX_NUMBER)
    with is_held(HoldCode.AMBIGUOUS_CONTACT, "2 contacts", "name"):
        choose(VENDOR, None, [], [near, a_payee("Smith Plumbing, Pty Ltd")])
    with is_held(HoldCode.AMBIGUOUS_CONTACT, "2 contacts", "tax number"):
        choose(VENDOR, None, [other, a_payee("Smith South", ONE)], [])


def test_nobody_fits() -> None:
    """Then a contact is made."""
    assert choose(VENDOR, None, [], []) is None


def test_what_was_not_noted_is_said() -> None:
    """A contact that was tied before anybody noted by what, and a vendor without a number."""
    shown = payee(Contact("procore-1", "Smith", tax_number_left_out="n/a"), {}, By.UNKNOWN)
    said = (
        "paid as a contact whose name was not noted, not noted; tax number in Procore: n/a (not valid), in Xero: none"
    )
    assert in_words(shown) == said
    assert number_of(payee(Contact("procore-1", "Smith"), {}, By.UNKNOWN, shown)) == "none"


def test_the_last_valid_number_is_remembered() -> None:
    """Also while the vendor has none."""
    before = payee(Contact("procore-1", "Smith", tax_number=ONE), {}, By.MADE)
    assert payee(Contact("procore-1", "Smith"), {}, By.MADE, before)["proved"] == ONE
    assert payee(Contact("procore-1", "Smith", tax_number=OTHER), {}, By.MADE, before)["proved"] == OTHER
