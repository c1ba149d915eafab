"""That part of the mapping file by which bills are coded, as it was when a bill was made. Pure.

What a bill is coded to stays when the file changes: the ledger keeps this part with each bill, and maps its record by
it as long as nobody says otherwise.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from worker.mapping.rules import Accounts, Retention, Rules, Tax

#: Sections of which all counts, and of other sections what counts.
_WHOLE: dict[str, type[BaseModel]] = {"accounts": Accounts, "tax": Tax, "retention": Retention}
_PARTS = {
    "documents": ("status", "claims_status", "invoices_status"),
    "invoices": ("amounts",),
    "cost_codes": ("target",),
}


class CodingRules(BaseModel):
    """Section to what counts of it, as plain data; an update may have taken names away since."""

    model_config = ConfigDict(frozen=True)

    sections: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, rules: Rules) -> CodingRules:
        """What counts of the mapping file as one project has it; how far a tax may be off is for what is sent now."""
        whole = {name: getattr(rules, name).model_dump(mode="json", exclude={"tolerance"}) for name in _WHOLE}
        parts = {
            name: getattr(rules, name).model_dump(mode="json", include=set(names)) for name, names in _PARTS.items()
        }
        return cls(sections={**whole, **parts})

    @property
    def target(self) -> str:
        """What cost codes became."""
        return str(self.sections["cost_codes"]["target"])

    @cached_property
    def mark(self) -> str:
        """The same for the same rules; patterns count in their order."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def over(self, rules: Rules) -> Rules:
        """The mapping file of now with this part of it as it was."""
        said = {name: {key: own[key] for key in own if key in model.model_fields} for name, model in _WHOLE.items()
                if (own := self.sections.get(name)) is not None}  # fmt: skip
        whole = {name: _WHOLE[name].model_validate(own) for name, own in said.items()}
        whole["tax"] = whole["tax"].model_copy(update={"tolerance": rules.tax.tolerance})
        parts = {name: getattr(rules, name).model_copy(update=self.sections.get(name, {})) for name in _PARTS}
        return rules.model_copy(update={**whole, **parts})
