"""docs/tax.md says what the mapping does."""

from __future__ import annotations

import pytest

from tests.unit.mapping.tax_situations import SITUATIONS, Situation, figures, page


def test_the_page_has_the_figures_of_the_mapping() -> None:
    """`python -m tests.unit.mapping.tax_situations` writes them anew."""
    now, fresh = page()
    assert now == fresh


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("GST on a claim", "**11,000.00**"),
        ("Procore rounds on the total, Xero on each line", "100.05 + 10.01 = **110.06**"),
        ("Retention of GST and GST-free work", "900.00 + 45.00 = **945.00**"),
        ("No tax code, 0.00 stated, Procore computes tax", "held: `zero_tax_stated`"),
        ("The same, of a supplier that charges no GST", "1,000.00 + 0.00 = **1,000.00**"),
        ("No tax code, 0.00 stated, Procore's tax is off", "1,000.00 + 100.00 = **1,100.00**"),
        ("GST in Procore of a supplier that charges none", "held: `vendor_taxed`"),
        ("A direct invoice typed with its GST", "100.00 + 10.00 = **110.00**"),
        ("Domestic reverse charge, where Xero says 20 %", "held: `tax_rate_differs`"),
    ],
)
def test_what_matters_most_is_as_the_field_has_it(name: str, word: str) -> None:
    """Figures that an accountant knows without us, so that the page is not merely what the code says."""
    found: Situation = next(one for one in SITUATIONS if one.name == name)
    assert word in figures(found)
