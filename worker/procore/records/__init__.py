"""The records that Procore holds, as this program reads them (procore-api.md §4): each has its own module.

A field that nothing reads is not modelled.
"""

from worker.procore.records.attachments import Attachment, WithAttachments
from worker.procore.records.claims import Claim, ClaimItem, ClaimSummary
from worker.procore.records.cost_codes import CostCode, CostItem, CostType, Segment, WbsCode, item_key, one_per_code
from worker.procore.records.invoices import Employee, Invoice, InvoiceLine, InvoicePayment, TaxBreakdown
from worker.procore.records.payments import Contract, Payment
from worker.procore.records.projects import LONGEST_NAME, Named, Project
from worker.procore.records.reading import LONGEST_KEY, F, Record, Unreadable, read
from worker.procore.records.tax import Currency, TaxCode, TaxCodeRow
from worker.procore.records.vendors import BusinessRegister, Vendor

__all__ = [
    "LONGEST_KEY",
    "LONGEST_NAME",
    "Attachment",
    "BusinessRegister",
    "Claim",
    "ClaimItem",
    "ClaimSummary",
    "Contract",
    "CostCode",
    "CostItem",
    "CostType",
    "Currency",
    "Employee",
    "F",
    "Invoice",
    "InvoiceLine",
    "InvoicePayment",
    "Named",
    "Payment",
    "Project",
    "Record",
    "Segment",
    "TaxBreakdown",
    "TaxCode",
    "TaxCodeRow",
    "Unreadable",
    "Vendor",
    "WbsCode",
    "WithAttachments",
    "item_key",
    "one_per_code",
    "read",
]
