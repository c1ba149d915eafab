"""What was read on both sides for the mapping file, and what is asked about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing in Xero: what the mapping file says, and what people call it."""

    code: str
    name: str

    def __str__(self) -> str:
        return f"{self.code}  {self.name}" if self.name and self.name != self.code else self.code


@dataclass(frozen=True, slots=True)
class TaxType(Choice):
    """A tax type for purchases."""

    #: In percent; None where Xero does not say it.
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InXero:
    """An organisation's settings, as far as the mapping file names them: what can be used now."""

    organisation: str
    accounts: tuple[Choice, ...] = ()
    liabilities: tuple[Choice, ...] = ()
    banks: tuple[Choice, ...] = ()
    #: Names of bank accounts without a code, by which none can be named.
    uncoded_banks: tuple[str, ...] = ()
    tax_types: tuple[TaxType, ...] = ()
    #: Codes of the accounts for costs, whose names may be taken for cost types.
    costs: frozenset[str] = frozenset()
    #: Account to the tax type that it has by itself.
    tax_type_of: dict[str, str] = field(default_factory=dict)
    #: Active tracking categories.
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostType:
    code: str
    name: str
    #: The cost codes that it was seen on.
    cost_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Cost codes under one heading: "03-*", Concrete."""

    pattern: str
    name: str
    cost_codes: int


@dataclass(frozen=True, slots=True)
class TaxCode:
    code: str
    #: In percent; None where Procore does not say it.
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class InProcore:
    """A company's codes, and what some of its projects use."""

    #: Job numbers, or names, of the projects that were looked at.
    projects: tuple[str, ...] = ()
    cost_types: tuple[CostType, ...] = ()
    groups: tuple[Group, ...] = ()
    tax_codes: tuple[TaxCode, ...] = ()
    #: Payment method to how many payments have it.
    methods: dict[str, int] = field(default_factory=dict)
    #: Sentences about lists that were not shown.
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One key of the mapping file that says nothing yet."""

    section: str
    key: str
    #: "Cost type L, Labour"
    about: str
    choices: tuple[Choice, ...]
    #: What comes of it while nobody answers.
    unanswered: str
    #: A choice that what was read speaks for, and the reason; blank where nothing does.
    proposal: str = ""
    why: str = ""
    #: Whether records wait until it is answered.
    is_needed: bool = True

    @property
    def place(self) -> tuple[str, str]:
        return self.section, self.key

    def name_of(self, code: str) -> str:
        return next((choice.name for choice in self.choices if choice.code == code), "")
