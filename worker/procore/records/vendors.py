"""A vendor: a company in Procore's directory (procore-api.md §4.3)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from worker.procore.fields import Fields, Maybe, Name, Text
from worker.procore.records.reading import Record


class BusinessRegister(Fields):
    type: Text = None
    identifier: Text = None


class Vendor(Record):
    kind: ClassVar[str] = "vendors"
    name: Name = Field(min_length=1)
    email_address: Text = None
    business_phone: Text = None
    mobile_phone: Text = None
    fax_number: Text = None
    address: Text = None
    city: Text = None
    state_code: Text = None
    zip: Text = None
    country_code: Text = None
    business_register: Maybe[BusinessRegister] = None

    @property
    def title(self) -> str:
        return f"vendor {self.name}"

    @property
    def page(self) -> str:
        return f"directory/vendors/{self.id}"
