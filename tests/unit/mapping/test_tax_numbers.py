"""Which texts are tax numbers of which organisation, and which prove nothing."""

from __future__ import annotations

import pytest

from worker.mapping.tax_numbers import TaxNumber, is_masked_otherwise, names, read


@pytest.mark.parametrize(
    ("text", "country", "register", "expected"),
    [
        ("51 824 753 556", "AU", "abn", TaxNumber("ABN", "51824753556")),
        ("ABN: 51-824-753-556", "AU", None, TaxNumber("ABN", "51824753556")),
        ("49-091-850", "NZ", None, TaxNumber("IRD", "49091850")),
        ("49-091-850", "NZ", "GST", TaxNumber("IRD", "49091850")),
        ("GB 980 7806 84", "GB", "vat", TaxNumber("VAT", "980780684")),
        ("91-1144442", "US", "ein", TaxNumber("EIN", "911144442")),
        ("536-90-4399", "US", "TAXNUMBERTYPE/SSN", TaxNumber("SSN", "536904399")),
        ("IE6388047V", "IE", None, TaxNumber("VAT", "6388047V")),
    ],
)
def test_a_valid_number_is_read_however_it_is_written(
    text: str, country: str, register: str | None, expected: TaxNumber
) -> None:
    """By the rule of its kind, in the organisation of its country."""
    assert read(text, country, register) == expected


@pytest.mark.parametrize("text", [None, "", "N/A", "n/a", "NA", "TBA", "not registered", "0", "00 000 000 000"])
@pytest.mark.parametrize("country", ["AU", "NZ", "GB", "US", "IE", ""])
def test_a_placeholder_is_no_number(text: str | None, country: str) -> None:
    """Two of them say nothing about two suppliers."""
    assert read(text, country) is None


@pytest.mark.parametrize(
    ("text", "country", "register"),
    [
        ("12345678901", "AU", "abn"),  # its check digits are wrong (modulus 89)
        ("51824753557", "AU", "abn"),
        ("004 085 616", "AU", "acn"),  # a company's number
        ("004 085 616", "AU", None),
        ("9429036006427", "NZ", "nzbn"),  # a business number
        ("9429036006427", "NZ", None),
        ("49-091-850", "NZ", "nzbn"),
        ("49-091-851", "NZ", None),
        ("51 824 753 556", "NZ", "abn"),  # of another country
        ("49-091-850", "AU", "IRD"),
        ("980780685", "GB", None),
        ("1955839661", "GB", "utr"),  # not what Xero's field is for
        ("00-1234567", "US", "ein"),
        ("000 000 000", "GB", None),
        ("111-11-1111", "US", None),
        ("51 824 753 556", "", "abn"),  # nobody knows of which country
        ("51 824 753 556", "ZZ", None),
    ],
)
def test_a_number_that_proves_nothing_is_none(text: str, country: str, register: str | None) -> None:
    """Wrong by its own rule, of another register, of another country, or of one figure throughout."""
    assert read(text, country, register) is None


def test_numbers_of_two_kinds_are_two_numbers() -> None:
    """Nine figures may be an employer's number, and somebody's social security number."""
    assert read("536904399", "US", "EIN") != read("536904399", "US", "SSN")
    assert (TaxNumber("EIN", "1").type, TaxNumber("ABN", "1").type) == ("EIN", "")


def test_a_masked_number_may_contradict_but_never_prove() -> None:
    """US organisations show some users the last four figures alone."""
    number = TaxNumber("EIN", "911144442")
    assert read("*****4442", "US", "EIN") is None
    assert not is_masked_otherwise("*****4442", number)
    assert is_masked_otherwise("*****4443", number)
    assert not is_masked_otherwise("n/a", number)


@pytest.mark.parametrize(("country", "said"), [("AU", "ABN"), ("US", "EIN, SSN, ITIN or ATIN"), ("", "tax number")])
def test_what_a_tax_number_is_called(country: str, said: str) -> None:
    """As the people of that country call it."""
    assert names(country) == said
