"""What bills refer to, compared: the project's tracking option, the contacts of its suppliers, its cost codes."""

from __future__ import annotations

from worker.audit.books import contact_number
from worker.audit.documents import is_another
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Supplier
from worker.audit.remedies import Found, What
from worker.audit.result import PROJECTS, VENDORS
from worker.audit.xero_side import Contact
from worker.mapping.payees import folded

#: Of names that are compared; Xero keeps no more.
_LONGEST_NAME = 255


def project(at: OneProject) -> None:
    """Whether one active tracking option stands for it."""
    number, options = at.procore.job_number, at.options
    if not number:  # it is paused for that
        return
    if len(options) == 1:
        at.result.agree(PROJECTS)
        return
    if options:
        found = Found(What.OPTIONS_SEVERAL, f"Several tracking options fit it: {', '.join(options)}.")
    else:
        found = Found(What.OPTION_MISSING, f"Xero has no active tracking option that begins with {number}.")
    at.differs(PROJECTS, f"project {number}", found, records=[("projects", str(at.procore.project_id))])


def supplier(at: OneProject, one: Supplier) -> None:
    """Whether it has an active contact of its name and tax number."""
    contact = at.contacts[one.id]
    ids, by_person = at.said.payees.get(one.id, (frozenset(), None))
    named, accepted = at.said.names.get(one.id, ("", None))
    by = None
    if contact is None:
        found = Found(What.CONTACT_MISSING, "Xero has no contact for it.")
    elif not contact.is_active:
        found = Found(What.CONTACT_ARCHIVED, f"Its contact {contact.name} is archived in Xero.")
    elif is_another(one, contact):
        said = f"Its contact {contact.name} has the {contact.tax_number}, in Procore it is {one.tax_number}."
        found = Found(What.TAX_NUMBER, said)
    elif contact.number == contact_number(one) and _is_called_otherwise(contact, one):
        said = f"Its contact is called {contact.name} in Xero, in Procore it is {one.name}."
        found = Found(What.CONTACT_RENAMED, said)
        by = by_person if contact.id in ids else accepted if contact.name == named else None
    else:
        at.result.agree(VENDORS)
        return
    at.differs(VENDORS, f"vendor {one.name}", found, records=[("vendors", one.id)], accepted=by)


def cost_codes(at: OneProject) -> None:
    """Cost codes of what stands in Xero that have no option there."""
    if at.books.side.cost_code_options is None:
        return
    used = {coding.cost_code for _, due in at.matched.values() for coding in due.lines}
    for code in sorted(code for code in used if not at.books.has_option(code)):
        said = f"Xero has no tracking option that begins with {code}: bills with it are not compared by cost code."
        found = Found(What.COST_CODE_MISSING, said)
        at.differs("cost codes", f"cost code {code}", found, records=[("cost_codes", code)])


def _is_called_otherwise(contact: Contact, one: Supplier) -> bool:
    return folded(contact.name)[:_LONGEST_NAME] != folded(one.name)[:_LONGEST_NAME]
