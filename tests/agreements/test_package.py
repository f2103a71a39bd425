"""Packages: one agreement as one file is read, checked, planned, and loaded all or nothing."""

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from jsonschema import Draft202012Validator

from actors.models import Identifier, Organization, Person, Region
from agreements import package
from agreements.models import (
    Agreement,
    Consultation,
    ConvenorTerm,
    LiaisonAppointment,
    Party,
    Rotation,
    Task,
)
from governance.models import Event, ReferenceSeries
from governance.record import broken_links

ON = date(2026, 11, 22)
USCC = "91110000600037341L"

RIVER = """
regions:
  - {key: cq, name: Chongqing, name_zh: 重庆市, scheme: gb_t_2260, code: "500000"}
  - {name: Shapingba, scheme: gb_t_2260, code: "500106", parent: cq}
content_areas:
  - {key: water, name: Water, name_zh: 水}
organizations:
  - {key: bureau, name: Water Bureau, kind: government_department, parent: upper}
  - {key: upper, name: Upper District, name_zh: 上游区, kind: government, region: "500106"}
  - {key: lower, name: Lower District, name_zh: 下游区, kind: government}
people:
  - key: wei
    name: Wei
    email: wei@upper.example.org
    appointments: [{organization: upper, post: Officer, starts_on: 2026-01-01}]
agreement:
  reference: RIVER-7
  title: Agreement on the River
  title_zh: 河流协议
  kind: cooperation
  content_areas: [water]
  entry_into_force: {all_of: [{type: all, act: signed}], delay: {kind: on_trigger}}
  acts:
    - {verb: sign, on: 2026-02-01}
    - {verb: bring-into-force, on: 2026-02-01}
    - {verb: negotiate, on: 2026-01-10}
articles:
  - {number: "1", title: Convenor}
  - {number: "2", title: Cleaning}
parties:
  - {organization: upper, signing_body: bureau, signatory: wei, signed_on: 2026-02-01}
  - {organization: 下游区, signed_on: 2026-02-01}
phases:
  - {name: First, starts_on: 2026-01-01, ends_on: 2027-01-01}
milestones:
  - {name: Begun, phase: First, reached_on: 2026-02-02}
special_groups:
  - key: group
    name: Banks
    topic: water
    lead: upper
    article: "2"
    members: [{organization: upper}, {organization: lower, joined_on: 2026-03-01}]
rotations:
  - article: "1"
    term: {length: 6, unit: month}
    starts_on: 2026-01-01
    seats: [{organization: upper}, {organization: lower}]
    changes:
      - kind: swap
        term_on: 2026-07-01
        other_term_on: 2027-01-01
        decided_on: 2026-05-01
        decided_by: Both
    confirmed: [2026-01-01]
liaison_appointments:
  - {party: upper, person: wei, starts_on: 2026-02-01}
consultation_series:
  - key: series
    name: Talks
    rrule: FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH
    starts_at: 14:00
    starts_on: 2026-03-01
    planned_from: 2026-03-01
consultations:
  - series: series
    day: 2026-03-26
    place: Hall
    acts: [{verb: convene, on: 2026-03-10}, {verb: close, on: 2026-03-26}]
  - title: Talk on the flood
    starts_at: 2026-08-01T09:00:00+08:00
tasks:
  - title: Clean the river
    lead: upper
    cooperating: [lower]
    responsible: wei
    group: group
    phase: First
    article: "2"
    starts_on: 2026-02-03
    due_on: 2026-12-31
    indicators:
      - key: km
        name: Cleaned
        unit: km
        target: 12.5
        aggregation: sum
        measurements: [{as_of: 2026-03-31, value: 1.5}]
    acts:
      - {verb: assign, on: 2026-02-03}
      - {verb: accept, on: 2026-02-05}
      - {verb: report, on: 2026-06-30, text: Half of it., values: {km: 4.75}}
      - {verb: submit, on: 2026-07-01}
      - {verb: return, on: 2026-07-02, reason: Not yet.}
      - {verb: submit, on: 2026-07-03}
      - {verb: verify, on: 2026-07-04}
"""


def river():
    return package.read(RIVER.encode())


def load(data, on=ON):
    return package.load(data, by=None, on=on)


def problems(data):
    with pytest.raises(package.PackageInvalid) as refused:
        load(data)
    return {problem.path: problem.reason for problem in refused.value.problems}


def everything():
    """How many rows every table of the project holds."""
    labels = {"actors", "agreements", "governance"}
    models = [model for model in apps.get_models() if model._meta.app_label in labels]
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.mark.django_db
class TestLoading:
    def test_a_package_becomes_an_agreement_with_its_life(self):
        done = load(river())
        agreement = done.agreement
        assert (agreement.reference, agreement.title_zh) == ("RIVER-7", "河流协议")
        stored = Agreement.objects.get()
        assert (stored.status, stored.in_force_on) == ("in_force", date(2026, 2, 1))
        task = Task.objects.get()
        assert task.status == "completed"
        assert task.indicators.get().value() == Decimal("6.25")
        assert task.reports.get().text == "Half of it."
        assert Organization.objects.get(name="Water Bureau").parent.name == "Upper District"
        assert Region.objects.get(code="500106").parent.code == "500000"
        party = Party.objects.get(organization__name="Upper District")
        assert str(party.signing_body) == "Water Bureau" and str(party.signatory) == "Wei"
        assert LiaisonAppointment.objects.get().party == party

    def test_every_change_is_on_record_through_the_verbs(self):
        load(river())
        verbs = set(Event.objects.values_list("verb", flat=True))
        assert verbs >= {"create", "negotiate", "sign", "bring_into_force", "assign", "verify"}
        assert not list(broken_links())

    def test_acts_are_replayed_by_their_days_whatever_their_order_in_the_file(self):
        load(river())
        told = Event.objects.filter(object_type="agreements.agreement").order_by("sequence")
        verbs = [event.verb for event in told]
        assert verbs == ["create", "negotiate", "sign", "bring_into_force"]

    def test_terms_follow_the_rotation_and_its_changes(self):
        load(river())
        terms = ConvenorTerm.objects.order_by("starts_on")[:4]
        names = [[str(one) for one in term.holders.all()] for term in terms]
        upper, lower = ["Upper District"], ["Lower District"]
        assert names == [upper, upper, lower, lower]
        assert terms[0].state == "confirmed"

    def test_past_and_coming_consultations_are_planned_by_the_rule(self):
        load(river())
        held = Consultation.objects.get(status="closed")
        assert (held.day, held.place) == (date(2026, 3, 26), "Hall")
        planned = Consultation.objects.filter(series__isnull=False, status="planned")
        assert [one.day.month for one in planned] == [6, 9, 12, 3, 6, 9]

    def test_loading_twice_changes_nothing(self):
        load(river())
        before, events = everything(), Event.objects.count()
        again = load(river())
        assert again.changes_nothing
        assert (everything(), Event.objects.count()) == (before, events)

    def test_a_plan_says_what_loading_does_and_keeps_nothing(self):
        before = everything()
        planned = package.plan(river(), by=None, on=ON)
        assert everything() == before and planned.agreement is None
        assert [str(step) for step in planned.steps] == [str(step) for step in load(river()).steps]

    def test_what_is_left_out_is_left_alone_and_null_is_unknown(self):
        load(river())
        data = river()
        del data["tasks"][0]["acts"], data["tasks"][0]["cooperating"]
        data["tasks"][0] |= {"due_on": None, "priority": "high"}
        data["tasks"][0] |= {"cause": "scope", "reason": "It goes on."}
        done = load(data)
        changed = [step for step in done.steps if step.action != "leave"]
        assert [(step.verb, step.fields) for step in changed] == [
            ("change", ("due on", "priority"))
        ]
        task = Task.objects.get()
        assert task.due_on is None and task.cooperating.count() == 1

    def test_without_a_reference_one_is_issued_and_the_title_and_day_lead_back(self):
        data = river()
        del data["agreement"]["reference"]
        assert load(data).agreement.reference == "CA-2026-0001"
        assert load(data).changes_nothing
        data["agreement"]["acts"] = [
            {"verb": "negotiate", "on": "2027-01-01"},
            {"verb": "sign", "on": "2027-02-01", "all_parties": True},
        ]
        for party in data["parties"]:
            del party["signed_on"]
        for name in ("consultations", "consultation_series", "rotations", "tasks"):
            del data[name]
        load(data)
        assert Agreement.objects.count() == 2

    def test_leaving_and_ending_have_their_consequences(self):
        data = river()
        data["tasks"][0]["acts"] = data["tasks"][0]["acts"][:2]
        data["parties"][0]["withdrawal"] = {
            "notified_on": "2026-09-01",
            "effective_on": "2026-10-01",
        }
        data["rotations"][0]["changes"] = []
        data["agreement"]["acts"].append(
            {"verb": "terminate", "on": "2026-11-01", "reason": "Done."}
        )
        load(data)
        assert Agreement.objects.get().ending == "terminated"
        assert LiaisonAppointment.objects.get().ends_on == date(2026, 10, 1)
        assert Task.objects.get().needs_reassignment
        assert not ConvenorTerm.objects.filter(starts_on__gt=date(2026, 11, 1)).exists()
        assert load(data).changes_nothing


@pytest.mark.django_db
class TestOverlay:
    def test_an_overlay_adds_to_the_agreement_it_extends(self):
        load(river())
        overlay = {
            "extends": "RIVER-7",
            "illustrative": True,
            "source": "Made up",
            "organizations": [{"key": "lower", "name_zh": "下游区"}],
            "rotations": [{"name": "", "source": "Made up"}],
            "tasks": [{"title": "Plant trees", "lead": "lower", "article": "2"}],
        }
        done = load(overlay)
        task = Task.objects.get(title="Plant trees")
        assert task.illustrative and task.source == "Made up"
        assert task.lead.name == "Lower District" and not task.lead.illustrative
        assert done.counts == {"create": 1, "change": 1, "act": 0, "leave": 2}
        assert not Rotation.objects.get().illustrative
        assert load(overlay).changes_nothing

    def test_an_overlay_of_nothing_is_told(self):
        assert list(problems({"extends": "RIVER-8"})) == ["/extends"]


@pytest.mark.django_db
class TestOrganizations:
    def known(self, **facts):
        return Organization.enter(by=None, kind="enterprise", **facts)

    def load(self, *entries):
        data = river()
        data["organizations"] += entries
        load(data)

    def test_an_identifier_leads_to_an_organization_of_another_name(self):
        known = self.known(name="Old name")
        Identifier.enter(by=None, organization=known, scheme="uscc", value=USCC)
        identifiers = [{"scheme": "uscc", "value": USCC.lower()}]
        self.load({"name": "New name", "kind": "enterprise", "identifiers": identifiers})
        known.refresh_from_db()
        assert known.name == "New name" and Identifier.objects.count() == 1

    def test_the_exact_name_in_either_language_leads_to_it(self):
        known = self.known(name_zh="高新集团")
        self.load({"name": "High-tech Group", "name_zh": "高新集团", "kind": "enterprise"})
        known.refresh_from_db()
        assert known.name == "High-tech Group"

    def test_one_of_the_same_name_with_another_number_is_another(self):
        known = self.known(name="Group")
        Identifier.enter(by=None, organization=known, scheme="ror", value="05dxps055")
        identifiers = [{"scheme": "ror", "value": "https://ror.org/013q1eq08"}]
        self.load({"name": "Group", "kind": "enterprise", "identifiers": identifiers})
        assert Organization.objects.filter(name="Group").count() == 2

    def test_a_reference_by_number_or_by_an_ambiguous_name(self):
        known = self.known(name="Group")
        self.known(name="Group")
        Identifier.enter(by=None, organization=known, scheme="uscc", value=USCC)
        data = river()
        data["tasks"][0]["cooperating"] = [{"scheme": "uscc", "value": USCC}, "Group"]
        assert list(problems(data)) == ["/tasks/0/cooperating/1"]
        data["tasks"][0]["cooperating"].pop()
        load(data)
        assert Task.objects.get().cooperating.get() == known

    def test_people_of_one_name_are_told_apart_by_their_organization(self):
        data = river()
        post = {"name": "Wei", "appointments": [{"organization": "lower", "post": "Clerk"}]}
        data["people"].append(post)
        data["parties"][0]["signatory"] = "wei@upper.example.org"
        load(data)
        assert Person.objects.filter(name="Wei").count() == 2
        assert load(data).changes_nothing


def at(data, path, value):
    """The package with one member replaced, by JSON pointer."""
    *steps, last = path.strip("/").split("/")
    for step in steps:
        data = data[int(step) if step.isdigit() else step]
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


WRONG = {
    "an unknown member": ("/tasks/0/colour", "red", "/tasks/0/colour"),
    "an unknown section": ("/chapters", [], "/chapters"),
    "an unknown word": ("/agreement/kind", "treaty", "/agreement/kind"),
    "no such day": ("/tasks/0/due_on", "2026-02-30", "/tasks/0/due_on"),
    "a day of another age": ("/tasks/0/due_on", "9999-12-31", "/tasks/0/due_on"),
    "a day with a time": ("/tasks/0/due_on", "2026-02-03T10:00", "/tasks/0/due_on"),
    "a moment without a zone": (
        "/consultations/1/starts_at",
        "2026-08-01T09:00:00",
        "/consultations/1/starts_at",
    ),
    "a number for a text": ("/articles/0/number", 1, "/articles/0/number"),
    "a text for a list": ("/tasks", "Clean", "/tasks"),
    "text that no database takes": ("/tasks/0/title", "a\x00b", "/tasks/0/title"),
    "half a character": ("/tasks/0/title", "a\ud800", "/tasks/0/title"),
    "not a number": ("/tasks/0/weight", float("nan"), "/tasks/0/weight"),
    "a reference to nothing": ("/tasks/0/lead", "Middle District", "/tasks/0/lead"),
    "a part's reference to nothing": (
        "/special_groups/0/members/1/organization",
        "nobody",
        "/special_groups/0/members/1/organization",
    ),
    "a change's reference to nothing": (
        "/rotations/0/changes/0/organization",
        "nobody",
        "/rotations/0/changes/0/organization",
    ),
    "an indicator of another task": (
        "/tasks/0/acts/2/values",
        {"miles": 1},
        "/tasks/0/acts/2/values/miles",
    ),
    "a key given twice": ("/organizations/1/key", "lower", "/organizations/2/key"),
    "a reference of our own form": (
        "/agreement/reference",
        "CA-2026-0001",
        "/agreement/reference",
    ),
    "a rule that cannot be": (
        "/agreement/entry_into_force/delay/kind",
        "soon",
        "/agreement/entry_into_force/delay/kind",
    ),
    "a rule of the domain broken": ("/tasks/0/due_on", "2026-01-01", "/tasks/0/due_on"),
    "a seat for a stranger": (
        "/rotations/0/seats/1/organization",
        "bureau",
        "/rotations/0/seats/1/organization",
    ),
    "a circle": ("/organizations/1/parent", "bureau", "/organizations/1/parent"),
    "an act that the rules refuse": ("/tasks/0/acts/1/verb", "verify", "/tasks/0/acts/1"),
    "an act without its reason": ("/tasks/0/acts/4/reason", "", "/tasks/0/acts/4/reason"),
    "a term that does not begin then": (
        "/rotations/0/confirmed/0",
        "2026-01-02",
        "/rotations/0/confirmed/0",
    ),
}


@pytest.mark.django_db
class TestRefusal:
    @pytest.mark.parametrize(("path", "value", "told_at"), WRONG.values(), ids=WRONG)
    def test_it_is_told_at_its_place_and_nothing_is_loaded(self, path, value, told_at):
        data = river()
        at(data, path, value)
        before = everything()
        found = problems(data)
        assert told_at in found and found[told_at].strip()
        assert everything() == before

    def test_all_problems_are_told_at_once(self):
        data = river()
        at(data, "/tasks/0/due_on", "2026-01-01")
        at(data, "/consultations/1/ends_at", "2026-08-01T08:00:00+08:00")
        data["articles"].append({"number": "1"})
        assert list(problems(data)) == [
            "/articles/2",
            "/consultations/1/ends_at",
            "/tasks/0/due_on",
        ]

    def test_what_refers_to_a_refused_entry_adds_no_problem_of_its_own(self):
        data = river()
        at(data, "/phases/0/ends_on", "2025-01-01")
        assert list(problems(data)) == ["/phases/0/ends_on"]

    def test_a_number_that_was_issued_for_a_refused_package_is_not_used_up(self):
        data = river()
        del data["agreement"]["reference"]
        at(data, "/tasks/0/acts/1/verb", "verify")
        problems(data)
        assert not ReferenceSeries.objects.exists()

    def test_another_day_of_signature_than_the_one_on_record_is_told(self):
        load(river())
        data = river()
        at(data, "/parties/0/signed_on", "2026-02-02")
        assert list(problems(data)) == ["/parties/0/signed_on"]

    def test_check_needs_no_loading(self):
        assert package.check(river()) == []
        assert [problem.path for problem in package.check({})] == [""]
        assert [problem.path for problem in package.check([])] == [""]


UNREADABLE = {
    "aliases": b"a: &a [1]\nb: *a",
    "a name twice": b"tasks: []\ntasks: []",
    "a name twice in JSON": b'{"tasks": [], "tasks": []}',
    "not a number": b'{"tasks": NaN}',
    "no object": b"- 1",
    "broken JSON": b'{"tasks": ',
    "broken YAML": b"tasks: [",
    "not UTF-8": b"tasks: \xff\xfe",
    "a tag": b"tasks: !!python/object/apply:os.system ['true']",
    "nested without end": b"[" * 5000,
    "nested without end in JSON": b'{"a":' * 100_000,
}


class TestReading:
    @pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
    def test_what_cannot_be_read_is_told_in_a_sentence(self, content):
        with pytest.raises(package.PackageInvalid) as refused:
            package.read(content, "a.yaml")
        (problem,) = refused.value.problems
        assert (problem.file, problem.path) == ("a.yaml", "") and problem.reason

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(package.PackageInvalid):
            package.read(tmp_path / "none.yaml")

    def test_days_times_and_words_of_yaml_stay_what_they_look_like(self):
        text = "on: 2026-02-01\nat: 14:00\nanswer: no\nnumber: 0123\nshare: 2.50\nflag: true"
        assert package.read(text.encode()) == {
            "on": "2026-02-01",
            "at": "14:00",
            "answer": "no",
            "number": "0123",
            "share": 2.5,
            "flag": True,
        }

    def test_json_and_yaml_are_read_alike(self):
        as_json = json.dumps(river(), ensure_ascii=False).encode()
        assert package.shape_problems(package.read(as_json)) == []

    def test_data_nested_without_end_are_refused_at_every_door(self):
        nested = []
        for _step in range(5000):
            nested = [nested]
        (problem,) = package.shape_problems({"extends": "RIVER-7", "tasks": nested[0]})
        assert problem.path in {"", "/tasks/0"}

    def test_the_schema_is_one(self):
        Draft202012Validator.check_schema(package.schema())


@pytest.mark.django_db
class TestCommand:
    def run(self, *args):
        out, err = StringIO(), StringIO()
        call_command("load_package", *args, stdout=out, stderr=err)
        return out.getvalue()

    def test_a_dry_run_prints_the_steps_and_does_nothing(self, tmp_path):
        file = tmp_path / "river.yaml"
        file.write_text(RIVER)
        told = self.run(str(file), "--dry-run")
        assert "create: agreement “Agreement on the River”" in told
        assert not Agreement.objects.exists()
        self.run(str(file))
        assert Rotation.objects.exists()

    def test_what_is_wrong_goes_to_standard_error_with_its_place(self, tmp_path):
        data = deepcopy(river())
        at(data, "/tasks/0/lead", "nobody")
        file = tmp_path / "river.json"
        file.write_text(json.dumps(data, default=float))
        err = StringIO()
        with pytest.raises(CommandError):
            call_command("load_package", str(file), stderr=err)
        assert f"{file}: /tasks/0/lead: " in err.getvalue()

    def test_the_schema_is_printed(self):
        assert json.loads(self.run("--schema")) == package.schema()
