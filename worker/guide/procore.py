"""Procore's side of the mapping file: the company's codes, and what a few of its projects use. Only reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from worker.errors import AuthRejected, RequestRefused
from worker.guide.values import CostType, Group, InProcore, TaxCode
from worker.ledger.projects import Seen
from worker.mapping.payments import method
from worker.procore.client import CONTRACTS, Procore
from worker.procore.records import Contract, CostCode, Payment, TaxCodeRow
from worker.procore.records import CostType as CostTypeRow

#: Projects that are looked at, and contracts of each whose payments are read: a call or more each.
PROJECTS = 3
CONTRACTS_READ = 2
#: What a pattern of the mapping file would read otherwise.
_SPECIAL = frozenset("*?[")


@dataclass
class _Found:
    """What the lists have shown so far."""

    names: dict[str, str] = field(default_factory=dict)
    used: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    groups: dict[str, tuple[str, set[str]]] = field(default_factory=dict)
    methods: Counter[str] = field(default_factory=Counter)
    unseen: list[str] = field(default_factory=list)


def read(procore: Procore, seen: Sequence[Seen]) -> InProcore:
    """The company's cost types and tax codes; cost code groups and payment methods of some eligible projects, or of the
    first ones where none is eligible yet. Raises what `Api.get` raises, but for a list that is not open to us."""
    found = _Found()
    chosen = ([one for one in seen if one.state == "eligible"] or list(seen))[:PROJECTS]
    tax_codes = list(_shown(found, "tax codes", procore.tax_codes))
    for project in chosen:
        _look(procore, project, found)
    if chosen:
        first = chosen[0].procore_id
        rows = _shown(found, "cost types", lambda: procore.cost_types(first))
        found.names |= {row.code: row.name or "" for row in rows if isinstance(row, CostTypeRow)}
    return InProcore(
        tuple(one.job_number or one.name for one in chosen),
        tuple(CostType(code, name, tuple(sorted(found.used[code]))) for code, name in sorted(found.names.items())),
        tuple(Group(pattern, name, len(codes)) for pattern, (name, codes) in sorted(found.groups.items())),
        tuple(TaxCode(row.code, row.rate1) for row in tax_codes if isinstance(row, TaxCodeRow) and not row.archived),
        dict(sorted(found.methods.items())),
        tuple(found.unseen),
    )


def _look(procore: Procore, project: Seen, found: _Found) -> None:
    id_, where = project.procore_id, project.job_number or project.name
    rows = _shown(found, f"{where}: cost codes", lambda: procore.cost_codes(id_))
    codes = [row for row in rows if isinstance(row, CostCode)]
    for code in codes:
        for kind in code.cost_types:
            found.names.setdefault(kind.code, kind.name or "")
            found.used[kind.code].add(code.full_code)
    for pattern, name, below in groups(codes):
        found.groups.setdefault(pattern, (name, set()))[1].update(below)
    for payment in _shown(found, f"{where}: payments", lambda: _payments(procore, id_)):
        if isinstance(payment, Payment):
            found.methods[method(payment)] += 1


def groups(codes: Sequence[CostCode]) -> Iterator[tuple[str, str, list[str]]]:
    """The topmost headings of a project: pattern, name, and the cost codes below it.

    A heading whose cost codes do not all begin with it, and go on with the same sign, has no pattern.
    """
    children: dict[int, list[CostCode]] = defaultdict(list)
    for code in codes:
        if code.parent_id is not None:
            children[code.parent_id].append(code)
    for head in codes:
        below = [code.full_code for code in _below(head, children) if not code.is_header]
        signs = {code[len(head.full_code) :][:1] for code in below if code.startswith(head.full_code)}
        fits = all(code.startswith(head.full_code) for code in below)
        if head.parent_id is None and below and fits and len(signs) == 1 and not _SPECIAL & set(head.full_code):
            sign = signs.pop()
            if sign and not sign.isalnum() and sign not in _SPECIAL:
                yield f"{head.full_code}{sign}*", head.name, below


def _below(head: CostCode, children: dict[int, list[CostCode]]) -> Iterator[CostCode]:
    """Of every depth; each once, should a heading stand below itself."""
    met, rest = {head.id}, [head]
    while rest:
        for code in children[rest.pop().id]:
            if code.id not in met:
                met.add(code.id)
                rest.append(code)
                yield code


def _payments(procore: Procore, project_id: int) -> Iterator[object]:
    contracts: Iterable[object] = (row for name in CONTRACTS for row in procore.contracts(project_id, name))
    paid = (row for row in contracts if isinstance(row, Contract) and row.total_payments != 0)
    for contract in islice(paid, CONTRACTS_READ):
        yield from procore.payments(project_id, contract.id)


def _shown(found: _Found, what: str, look: Callable[[], Iterable[object]]) -> list[object]:
    """The rows of a list; none, and a sentence, where it is not open to us."""
    try:
        return list(look())
    except (AuthRejected, RequestRefused) as refused:
        found.unseen.append(f"{what[0].upper()}{what[1:]} were not shown: {refused}")
        return []
