"""Tax codes and currency, as claims and direct costs carry them (procore-api.md §4.10)."""

from __future__ import annotations

from worker.procore.fields import Fields, Id, MaybeMoney, Name, Text


class TaxCode(Fields):
    """A tax code on a line; claims name it, direct costs give its id only.

    Its rate is a fraction in claims (0.1) and a percentage in direct costs ("10.0").
    """

    tax_code_id: Id
    tax_code_name: Text = None
    tax_code_rate: MaybeMoney = None


class TaxCodeRow(Fields):
    """A tax code in the company's list."""

    id: Id
    code: Name
    #: In percent.
    rate1: MaybeMoney = None
    archived: bool = False


class Currency(Fields):
    currency_iso_code: Text = None
