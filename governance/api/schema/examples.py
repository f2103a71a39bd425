"""Examples of the main requests, by operation."""

from typing import Any

Json = dict[str, Any]

_A, _B = "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a01", "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a02"
_AGREEMENT = "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a10"
_TASK, _PARTY = "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a20", "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a30"
_PERSON = "5f0c9c1e-8f3f-4f5a-9d53-0d6c5b1f7a40"


def _one(value: Any, summary: str = "") -> Json:
    return {"one": {"summary": summary, "value": value} if summary else {"value": value}}


BODIES: dict[str, Json] = {
    "organizations_create": {
        "one": {
            "summary": "One, with its number in a register",
            "value": {
                "name": "University of Dunes",
                "kind": "university",
                "identifiers": [{"scheme": "url", "value": "https://dunes.example.org/"}],
            },
        },
        "several": {
            "summary": "Several at once, all or none",
            "value": [
                {"name": "Alba District", "name_zh": "阿尔巴区", "kind": "government"},
                {"name": "Brook District", "name_zh": "布鲁克区", "kind": "government"},
            ],
        },
    },
    "agreements_create": _one(
        {
            "title": "Clean rivers",
            "title_zh": "清洁河流",
            "kind": "framework",
            "entry_into_force": {
                "all_of": [{"type": "all", "act": "signed"}],
                "delay": {"kind": "nth_day_after", "days": 30},
            },
            "expires_on": "2031-12-31",
        },
        "In force thirty days after everybody has signed",
    ),
    "parties_create": _one({"agreement": _AGREEMENT, "organization": _A, "position": 1}),
    "agreements_sign": _one({"on": "2026-02-01", "all_parties": True}),
    "agreements_suspend": _one({"on": "2026-06-01", "reason": "Flood"}),
    "rotations_create": _one(
        {
            "agreement": _AGREEMENT,
            "name": "Convenor",
            "basis": "order",
            "order": "as_given",
            "term": {"length": 6, "unit": "month"},
            "boundaries": "calendar",
            "starts_on": "2027-01-01",
            "on_admission": "end",
            "seats": [
                {"organization": _A, "position": 1},
                {"organization": _B, "position": 2},
            ],
        },
        "Two organizations take turns of six months",
    ),
    "rotations_changes": {
        "swap": {
            "summary": "Two terms change places",
            "value": {
                "kind": "swap",
                "term_on": "2027-07-01",
                "other_term_on": "2028-01-01",
                "decided_by": "The parties, at their meeting",
                "decided_on": "2027-03-01",
                "reason": "Elections",
            },
        },
        "vacate": {
            "summary": "The holder leaves in mid-term; the next seat serves the rest",
            "value": {
                "kind": "vacate",
                "term_on": "2027-07-01",
                "on": "2027-09-01",
                "then": "next",
            },
        },
    },
    "liaison_appointments_create": _one(
        {"party": _PARTY, "person": _PERSON, "rank": "primary", "starts_on": "2026-02-01"}
    ),
    "consultation_series_create": _one(
        {
            "agreement": _AGREEMENT,
            "name": "Quarterly meeting",
            "rrule": "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TH",
            "starts_at": "14:00:00",
            "starts_on": "2026-04-02",
        }
    ),
    "tasks_create": _one(
        {
            "agreement": _AGREEMENT,
            "title": "Plant trees",
            "lead": _A,
            "cooperating": [_B],
            "starts_on": "2026-03-01",
            "due_on": "2026-12-31",
        }
    ),
    "tasks_assign": _one({"on": "2026-03-01", "lead": _A}),
    "tasks_return": _one({"on": "2026-12-01", "reason": "The figures are missing."}),
    "progress_reports_create": _one(
        {
            "task": _TASK,
            "reported_on": "2026-09-30",
            "share": 60,
            "text": "Six of ten hectares are planted.",
        }
    ),
    "extension_requests_create": _one(
        {"task": _TASK, "due_on": "2027-03-31", "reason": "The saplings come in spring."}
    ),
    "extension_requests_refuse": _one({"on": "2026-12-15", "reason": "The date is fixed by law."}),
}
