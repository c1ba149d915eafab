"""What pyprocore, an independent client, reads of a Procore: run by a Python of its own, prints one JSON object.

`pyprocore_reader.py CALLS` with `[[name, path, params], ..]`: for each the rows that its client collects over all
pages, as its models understand them, or the name of its exception. Login and address come from its own environment.
Imports nothing of ours.
"""

from __future__ import annotations

import json
import logging
import os
import sys

import requests
from pyprocore import models
from pyprocore.core.client import ProcoreClient
from pyprocore.core.exceptions import ProcoreError
from pyprocore.services import list_companies

MODELS = {
    "companies": models.Company,
    "projects": models.Project,
    "vendors": models.Vendor,
    "cost_codes": models.CostCode,
    "work_order_contracts": models.WorkOrderContract,
    "purchase_order_contracts": models.PurchaseOrderContract,
    "requisitions": models.SubcontractorInvoice,
    "contract_payments": models.ContractPayment,
    "direct_costs": models.DirectCost,
    "tax_codes": models.TaxCode,
}


def main() -> None:
    session = requests.Session()
    bare = ProcoreClient(session=requests.Session())
    session.headers["Procore-Company-Id"] = os.environ["PROCORE_COMPANY_ID"]
    client = ProcoreClient(session=session)
    found: dict[str, object] = {}
    for name, path, params in json.loads(sys.argv[1]):
        try:
            rows = client.get_all(path, params=params)
            model = MODELS[path.rsplit("/", 1)[-1]]
            found[name] = [model.model_validate(row).model_dump(mode="json") for row in rows]
        except ProcoreError as error:
            found[name] = type(error).__name__
    try:
        list_companies(client=bare)
        found["without the header"] = "read"
    except ProcoreError as error:
        found["without the header"] = type(error).__name__
    print(json.dumps(found))


logging.disable(logging.CRITICAL)
main()
