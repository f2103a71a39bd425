"""What one may not see does not exist: by any operation of any resource the router knows."""

import io
import zipfile
from datetime import date
from json import loads
from typing import Any

import pytest
from django_filters import UUIDFilter

from actors.models import Organization
from agreements.agreement import Confidentiality, Status
from agreements.models import Agreement, Document, Party, Seat
from governance.access import visible_to
from tests.api_stage import (
    ABSENT,
    RESOURCES,
    Caller,
    addresses_of,
    operations_on,
    set_the_stage,
    shown,
    status_to,
)
from tests.cast import (
    SIGNED,
    TODAY,
    again,
    enter_partner,
    enter_party,
    enter_person,
    enter_rotation,
)

MARK = "CANARY"
QUESTIONS = ("me/", "convenors/", "liaison-coverage/", "events/")
pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(officer: Any) -> Any:
    return set_the_stage(MARK, officer)


@pytest.fixture
def outsider(stage: Any, stranger: Any) -> Caller:
    """A partner who has an agreement of their own, and no part in the marked one."""
    return Caller(again(stranger))


def readable(answer: Any) -> bytes:
    """What a person would find in an answer."""
    if "spreadsheetml" in answer.headers.get("Content-Type", ""):
        with zipfile.ZipFile(io.BytesIO(answer.bytes)) as book:
            return b"".join(book.read(name) for name in book.namelist())
    return answer.bytes


def target_of(model: Any, one: Any) -> Any:
    for step in one.path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def reads_of(name: str, resource: Any, stage: Any) -> Any:
    """Every way to read the list of a resource."""
    yield f"{name}/?count=true&page_size=500"
    if resource.search_fields:
        yield f"{name}/?search={MARK}&count=true"
    for field in resource.ordering_fields:
        yield f"{name}/?ordering={field}"
        yield f"{name}/?ordering=-{field}"
    yield f"{name}/?fields={','.join(resource.serializer_class().fields)}"
    for form in ("csv", "xlsx", "json"):
        yield f"{name}/export/?as={form}"
    for lookup, one in resource.filterset_class.base_filters.items():
        obj = stage[target_of(resource.model, one)] if hasattr(one, "path") else stage[Organization]
        if isinstance(one, UUIDFilter) and obj is not None:
            yield f"{name}/?{lookup}={obj.public_id}&count=true"


def test_every_resource_is_on_the_stage(stage):
    assert {resource.model for resource in RESOURCES.values()} <= set(stage)
    for name in RESOURCES:
        assert addresses_of(name), name


def test_the_canaries_sing_where_they_may(stage, officer):
    """Otherwise the silence below would prove nothing."""
    officer_asks = Caller(officer)
    for name, _resource, obj in shown(stage):
        for path in (f"{name}/", f"{name}/{obj.public_id}/", f"{name}/export/?as=xlsx"):
            assert MARK.encode() in readable(officer_asks.get(path)), path


def test_a_stranger_finds_nothing_by_any_read(stage, outsider):
    found = []
    for name, resource in RESOURCES.items():
        for path in reads_of(name, resource, stage):
            answer = outsider.get(path)
            if answer.status_code not in {200, 400} or MARK.encode() in readable(answer):
                found.append((path, answer.status_code))
            elif "count=true" in path and stage[resource.model] is not None:
                hidden = str(stage[resource.model].public_id)
                if hidden in answer.content.decode():
                    found.append((path, "id"))
    for path in QUESTIONS:
        answer = outsider.get(path)
        assert answer.status_code == 200
        if MARK.encode() in answer.content:
            found.append((path, answer.status_code))
    assert found == []


def test_counts_do_not_count_what_is_hidden(stage, outsider, stranger):
    for name, resource in RESOURCES.items():
        counted = outsider.get(f"{name}/?count=true").json()["count"]
        assert counted == visible_to(again(stranger), resource.model).count(), name


def test_lists_exports_and_details_agree(stage, officer, outsider):
    party = enter_partner("insider", stage[Party].organization)
    for caller in (outsider, Caller(again(party)), Caller(officer)):
        for name in RESOURCES:
            listed = {row["id"] for row in caller.get(f"{name}/?page_size=500").json()["results"]}
            exported = {row["id"] for row in loads(caller.get(f"{name}/export/?as=json").bytes)}
            searched = caller.get(f"{name}/?search=&page_size=500").json()["results"]
            assert listed == exported == {row["id"] for row in searched}, name
            for key in list(listed)[:3]:
                assert caller.get(f"{name}/{key}/").status_code == 200, (name, key)


def test_the_hidden_and_the_absent_are_the_same_bytes(stage, outsider):
    nowhere = outsider.get("/api/v1/nowhere/at/all/").content
    for name, _resource, obj in shown(stage):
        hidden = list(operations_on(name, obj.public_id))
        absent = list(operations_on(name, ABSENT))
        for (method, path), (_method, other) in zip(hidden, absent, strict=True):
            for headers in ({}, {"If-Match": '"0.x"', "Idempotency-Key": path[-90:]}):
                told = outsider.ask(method, path, {"title": 5}, **headers)
                twin = outsider.ask(method, other, {"title": 5}, **headers)
                assert told.status_code == twin.status_code == 404, (method, path)
                assert told.content == twin.content == nowhere, (method, path)
                assert told.headers["Content-Type"] == "application/problem+json"
                assert told.headers.get("Allow") == twin.headers.get("Allow")


def test_options_say_the_same_of_the_hidden_the_absent_and_the_shown(stage, outsider, officer):
    for name, _resource, obj in shown(stage):
        told = [
            outsider.ask("options", f"{name}/{obj.public_id}/"),
            outsider.ask("options", f"{name}/{ABSENT}/"),
            Caller(officer).ask("options", f"{name}/{obj.public_id}/"),
        ]
        assert {one.status_code for one in told} == {200}
        assert len({one.content for one in told}) == 1
        assert MARK.encode() not in told[0].content


def test_writing_a_reference_to_the_hidden_is_like_writing_one_to_nothing(
    stage, alice, officer, agreement
):
    """As far as partners write at all: liaison officers, reports, measurements, evidence."""
    caller = Caller(again(alice))
    mine = Party.objects.get(agreement=agreement, organization__name="Alba District")
    told = {
        key: [
            caller.post("liaison-appointments/", {"party": str(mine.public_id), "person": key}),
            caller.post("liaison-appointments/", {"party": key, "person": key}),
            caller.post("progress-reports/", {"task": key, "reported_on": "2027-01-01"}),
            caller.post("measurements/", {"indicator": key, "as_of": "2027-01-01", "value": "1"}),
        ]
        for key in (ABSENT, *(str(obj.public_id) for obj in stage.values() if obj))
    }
    absent = [answer.content for answer in told[ABSENT]]
    assert {answer.status_code for answer in told[ABSENT]} == {400}
    assert b"does_not_exist" in absent[0]
    for key, answers in told.items():
        assert [answer.content for answer in answers] == absent, key


def test_a_draft_and_a_secret_agreement_are_hidden_from_their_own_parties(stage, officer):
    insider = Caller(again(enter_partner("insider", stage[Party].organization)))
    assert insider.get(f"agreements/{stage[Agreement].public_id}/").status_code == 200
    parts = [
        (name, resource, obj)
        for name, resource, obj in shown(stage)
        if name not in {"organizations", "people", "appointments"}
    ]
    agreement = stage[Agreement]
    for hide in (
        lambda: status_to(agreement, Status.DRAFT),
        lambda: Agreement.objects.filter(pk=agreement.pk).update(
            status=Status.SIGNED, confidentiality=Confidentiality.SECRETARIAT
        ),
    ):
        hide()
        for name, _resource, obj in parts:
            assert insider.get(f"{name}/{obj.public_id}/").status_code == 404, name
            assert insider.get(f"{name}/?count=true").json()["count"] == 0, name
            assert loads(insider.get(f"{name}/export/?as=json").bytes) == [], name


def test_the_secretariats_fields_never_reach_a_partner(stage):
    """Fields of the secretariat's serializer that the partners' lacks, and the notes' values."""
    agreement, organization = stage[Agreement], stage[Party].organization
    for obj in (agreement, organization):
        type(obj).objects.filter(pk=obj.pk).update(notes="SECRETNOTE")
        obj.refresh_from_db()
        obj.edit(by=None, notes="SECRETNOTE twice")
    insider = Caller(again(enter_partner("insider", organization)))
    for name, resource in RESOURCES.items():
        if resource.partner_serializer_class is None:
            continue
        hidden = set(resource.serializer_class().fields) - set(
            resource.partner_serializer_class().fields
        )
        assert "notes" in hidden
        obj = stage[resource.model]
        for field in hidden:
            asked = ("?fields={}", "?ordering={}", "?{}=a", "export/?fields={}")
            for way in (one.format(field) for one in asked):
                assert insider.get(f"{name}/{way}").status_code == 400, way
        for path in (
            f"{name}/",
            f"{name}/?search=SECRETNOTE",
            f"{name}/{obj.public_id}/",
            f"{name}/{obj.public_id}/history/",
            f"{name}/export/?as=json",
        ):
            answer = insider.get(path)
            assert answer.status_code == 200
            assert b"SECRETNOTE" not in answer.bytes, path
            if "history" not in path:
                rows = loads(answer.bytes)
                rows = rows.get("results", [rows]) if isinstance(rows, dict) else rows
                assert all(not hidden & set(row) for row in rows), path


def test_no_list_orders_or_searches_by_what_it_does_not_show():
    for name, resource in RESOURCES.items():
        serializer = resource.partner_serializer_class or resource.serializer_class
        fields = set(serializer().fields)
        assert {resource.ordering.removeprefix("-"), *resource.ordering_fields} <= fields, name
        assert set(resource.search_fields) <= fields, name


def test_no_filter_asks_for_what_is_not_shown():
    for name, resource in RESOURCES.items():
        serializer = resource.partner_serializer_class or resource.serializer_class
        fields = set(serializer().fields)
        for lookup, one in resource.filterset_class.base_filters.items():
            if one.method is None:
                root = (one.field_name or lookup).split("__")[0]
                # Reached through a related row that is shown with its own id.
                through = {"content_areas", "holders"} | {"party", "rotation", "task", "indicator"}
                assert root in fields | through, (name, lookup)


def test_relations_to_the_hidden_lead_nowhere(stage, officer, agreement, alice):
    """A parent agreement, a decision's evidence: what hangs on a shown row and is not shown."""
    agreement.edit(by=officer, parent=stage[Agreement])
    caller = Caller(again(alice))
    path = f"agreements/{agreement.public_id}/"
    body = caller.get(path).json()
    assert body["parent"] is None and body["parent_name"] is None
    for read in (path, f"{path}history/", "agreements/", "agreements/export/?as=csv",
                 "agreements/?fields=parent_name", "agreements/?fields=parent"):  # fmt: skip
        assert MARK.encode() not in caller.get(read).bytes, read
        assert str(stage[Agreement].public_id).encode() not in caller.get(read).bytes, read
    hidden = stage[Agreement].public_id
    assert caller.get(f"agreements/?parent={hidden}").json()["results"] == []
    assert len(caller.get("agreements/?parent__isnull=true").json()["results"]) == 1
    assert caller.get("agreements/?parent__isnull=false").json()["results"] == []
    assert Caller(officer).get(path).json()["parent"] == str(hidden)


def test_evidence_for_the_secretariat_alone_is_not_named_in_reports(stage):
    document = stage[Document]
    Document.objects.filter(pk=document.pk).update(confidentiality=Confidentiality.SECRETARIAT)
    insider = Caller(again(enter_partner("insider", stage[Party].organization)))
    rows = insider.get("progress-reports/").json()["results"]
    assert [row["evidence"] for row in rows] == [[]]
    assert insider.get(f"documents/?sha256={document.sha256}").json()["results"] == []
    assert str(document.public_id).encode() not in insider.get("events/").content


def test_every_id_shown_to_a_party_opens(stage):
    """Whatever a partner is shown of other objects exists for them too."""
    insider = Caller(again(enter_partner("insider", stage[Party].organization)))
    of_model = {resource.model: name for name, resource in RESOURCES.items()}
    for name, resource in RESOURCES.items():
        related = {
            key: of_model[field.model]
            for key, field in resource.serializer_class().fields.items()
            if getattr(field, "model", None) in of_model
        }
        for row in insider.get(f"{name}/").json()["results"]:
            for key, target in related.items():
                values = row[key] if isinstance(row[key], list) else [row[key]]
                for value in filter(None, values):
                    assert insider.get(f"{target}/{value}/").status_code == 200, (name, key)


def test_whoever_left_learns_nothing_of_newcomers(
    short_horizon, agreement, officer, alba, brook, corva, alice
):
    left = date(2026, 9, 1)
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    enter_party(agreement, corva, joined_on=TODAY)
    seat = rotation.seats.get(organization=alba)
    seat.edit(by=officer, co_holders=[corva])
    Seat.enter(by=officer, rotation=rotation, organization=corva, position=3, joined_on=TODAY)
    agreement.party_set.filter(organization=alba).update(withdrawn_on=left)
    caller = Caller(again(alice))
    for path in (
        f"agreements/{agreement.public_id}/entry-into-force/",
        f"agreements/{agreement.public_id}/entry-into-force/?on={TODAY}",
        f"agreements/{agreement.public_id}/convenor/?on={SIGNED}",
        f"rotations/{rotation.public_id}/",
        f"rotations/{rotation.public_id}/terms/",
        "convenor-terms/",
        f"convenors/?on={SIGNED}",
    ):
        answer = caller.get(path)
        assert answer.status_code == 200
        for hidden in (corva.name, str(corva.public_id)):
            assert hidden.encode() not in answer.bytes, path
    assert caller.get(f"convenors/?on={SIGNED}").json()["results"][0]["holder_names"] == [alba.name]
    seats = caller.get(f"rotations/{rotation.public_id}/").json()["seats"]
    assert [one["name"] for one in seats] == [alba.name, brook.name]
    seats = Caller(officer).get(f"rotations/{rotation.public_id}/").json()["seats"]
    assert len(seats) == 3 and seats[0]["co_holders"] == [str(corva.public_id)]


def test_who_convenes_in_person_is_named_and_not_linked(
    short_horizon, agreement, officer, alba, brook, alice, bob
):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    term = rotation.terms.convening(TODAY).get()
    term.edit(by=officer, person=enter_person("Connie", alba))
    path = f"agreements/{agreement.public_id}/convenor/"
    for user, seen in ((alice, True), (bob, False), (officer, True)):
        caller = Caller(again(user))
        person = caller.get(path).json()["person"]
        assert person["name"] == "Connie"
        assert (person["id"] is not None) == seen
        opened = caller.get(f"people/{term.person.public_id}/").status_code
        assert opened == (200 if seen else 404)
