"""Access: who sees which rows, and who may do what. What one may not see does not exist."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile

from actors.models import (
    Appointment,
    Identifier,
    Organization,
    Person,
    Region,
    User,
    WorkingCalendar,
)
from actors.organization import Kind, Scheme
from actors.user import Role
from agreements.agreement import Confidentiality, Status, Verification
from agreements.daily import DailyRun
from agreements.documents import Kind as DocumentKind
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.models import (
    AgendaItem,
    Agreement,
    Article,
    Attendance,
    Baseline,
    BaselineTask,
    CalendarFeed,
    Confirmation,
    Consultation,
    ConsultationSeries,
    ContentArea,
    ConvenorTerm,
    DateChange,
    Decision,
    DecisionPosition,
    Document,
    Escalation,
    EvidenceRequirement,
    ExtensionRequest,
    GroupMembership,
    Handover,
    Indicator,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Measurement,
    MeasurementCorrection,
    Milestone,
    Minutes,
    MinutesRevision,
    Party,
    Phase,
    ProgressReport,
    Rotation,
    RotationChange,
    Seat,
    SpecialGroup,
    SupervisionStep,
    Task,
    TaskDependency,
    TermHolder,
)
from agreements.tasks import Status as TaskStatus
from governance import access
from governance.access import actions, is_convenor, may, visible_to
from governance.models import (
    ChainHead,
    Event,
    IdempotentAnswer,
    Message,
    ReferenceSeries,
    Token,
    VoidReference,
)
from governance.record import object_type, record, unit
from tests.cast import (
    IN_FORCE,
    TODAY,
    again,
    enter_agreement,
    enter_organization,
    enter_partner,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
    enter_user,
)

# Rows that no partner ever sees: the machinery, and what is shown as part of another row.
CLOSED = {
    BaselineTask,
    ChainHead,
    DailyRun,
    DecisionPosition,
    IdempotentAnswer,
    MeasurementCorrection,
    Message,
    MinutesRevision,
    ReferenceSeries,
    TermHolder,
    VoidReference,
}
OUR_APPS = ("governance", "actors", "agreements")

EARLY, LEFT, LATE = date(2026, 5, 1), date(2026, 9, 1), date(2026, 11, 1)
OF_AN_AGREEMENT = sorted(access.BELONGS, key=lambda model: model.__name__)


def test_every_model_has_a_rule_for_partners_or_is_closed_to_them():
    ours = {
        model
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS and not model._meta.auto_created
    }
    ruled = {Token, CalendarFeed, *access.BELONGS, *access.PARTNER_RULES}
    assert ours == ruled | CLOSED
    assert not ruled & CLOSED


# the stage


def furnish(agreement, organization, day, tag, *, by):
    """One of each noun in the agreement, dated ``day``. Returns its task and its group."""
    enter = {"by": by, "on": day}
    task = enter_task(agreement, by=by, lead=organization, starts_on=day, title=f"{tag} task")
    group = SpecialGroup.enter(**enter, agreement=agreement, name=f"{tag} group", set_up_on=day)
    party = agreement.party_set.get(organization=organization, withdrawn_on=None)
    Article.enter(**enter, agreement=agreement, number=tag)
    Phase.enter(**enter, agreement=agreement, name=f"{tag} phase", starts_on=day)
    Milestone.enter(**enter, agreement=agreement, name=f"{tag} milestone", due_on=day)
    before = enter_task(agreement, by=by, lead=organization, starts_on=day, title=f"before {tag}")
    TaskDependency.enter(**enter, predecessor=before, successor=task)
    indicator = Indicator.enter(**enter, task=task, name=f"{tag} indicator", unit="km")
    Measurement.enter(**enter, indicator=indicator, as_of=day, value=Decimal(1))
    DateChange.enter(
        **enter, task=task, fact="due_on", became=day, cause="other", reason=tag, decided_on=day
    )
    ProgressReport.enter(**enter, task=task, reported_on=day, text=f"{tag} report")
    EvidenceRequirement.enter(**enter, task=task, note=f"{tag} evidence")
    with unit():
        # The task has no date to be put off: the row is put there, on record like any other.
        asked = ExtensionRequest.objects.create(
            task=task,
            asked_by=organization,
            asked_on=day,
            was_due_on=day,
            due_on=date(2028, 1, 1),
            reason=f"{tag} reason",
        )
        record(asked, "create", by=by, on=day)
    SupervisionStep.enter(**enter, agreement=agreement, days=day.month, action="liaison")
    Escalation.enter(
        **enter, task=task, due_on=day, days=1, action="liaison", taken_on=day, text=f"{tag} step"
    )
    for about in (None, task):
        Document.file(
            ContentFile(f"{tag} {about}".encode(), name="paper.txt"),
            **enter,
            agreement=agreement,
            task=about,
            kind=DocumentKind.EVIDENCE,
            title=f"{tag} document of {about}",
            dated_on=day,
        )
    GroupMembership.enter(**enter, group=group, organization=organization, joined_on=day)
    deputy = LiaisonAppointment.enter(
        **enter, party=party, person=enter_person(f"{tag} officer"), rank="deputy", starts_on=day
    )
    LiaisonAbsence.enter(**enter, appointment=deputy, starts_on=day)
    ConsultationSeries.enter(**enter, agreement=agreement, name=f"{tag} series", starts_on=day)
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    Consultation.enter(**enter, agreement=agreement, title=f"{tag} meeting", starts_at=noon)
    hold(group, f"{tag} meeting of the group", noon, organization, by=by)
    rotation = Rotation.enter(
        **enter, agreement=agreement, group=None, name=f"{tag} rotation", length=3, unit="year"
    )
    Seat.enter(**enter, rotation=rotation, organization=organization, joined_on=day)
    rotation.edit(by=by, starts_on=day)
    rotation.change(
        ChangeKind.EXTEND,
        by=by,
        on=day,
        facts={"term_on": day.isoformat(), "ends_on": date(day.year + 4, 1, 1).isoformat()},
        decided_on=day,
    )
    with unit():
        # Its seat alone hands nothing over: the row is put there, on record like any other.
        handover = Handover.objects.create(rotation=rotation, boundary_on=day, due_on=day)
        record(handover, "create", by=by, on=day)
        # Of a draft no baseline could be taken.
        number = agreement.baselines.count() + 1
        baseline = Baseline.objects.create(agreement=agreement, number=number, taken_on=day)
        record(baseline, "create", by=by, on=day)
    return task, group


def hold(group, title, noon, organization, *, by):
    """A consultation of the group, with one of each thing that belongs to it."""
    enter = {"by": by, "on": noon.date()}
    series = ConsultationSeries.enter(
        **enter, agreement=group.agreement, group=group, name=title, starts_on=noon.date()
    )
    meeting = Consultation.enter(
        **enter, agreement=group.agreement, group=group, series=series, title=title, starts_at=noon
    )
    item = AgendaItem.enter(
        **enter,
        agreement=group.agreement,
        consultation=meeting,
        title=title,
        proposed_by=organization,
    )
    meeting.convene(**enter)
    Attendance.enter(**enter, consultation=meeting, organization=organization, mandate=title)
    Decision.enter(
        **enter,
        agreement=group.agreement,
        consultation=meeting,
        agenda_item=item,
        text=title,
        decided_on=noon.date(),
    )
    minutes = Minutes.enter(**enter, consultation=meeting, text=title)
    Confirmation.enter(
        **enter,
        minutes=minutes,
        organization=organization,
        sha256=minutes.sha256,
        confirmed_on=noon.date(),
    )


@pytest.fixture
def elm(today):
    """Invited to one task and one group, and no party."""
    return enter_organization("Elm Institute", Kind.RESEARCH_INSTITUTION)


@pytest.fixture
def stage(short_horizon, officer, alba, brook, corva, elm):
    """Corva left the shown agreement between its early and its late rows; Elm is invited early."""
    agreement = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE, title="Shown")
    enter_party(agreement, corva, withdrawn_on=LEFT, withdrawal_notified_on=EARLY)
    task, group = furnish(agreement, alba, EARLY, "early", by=officer)
    task.edit(by=officer, cooperating=[elm])
    GroupMembership.enter(by=officer, group=group, organization=elm, joined_on=EARLY)
    furnish(agreement, brook, LATE, "late", by=officer)
    hidden = {
        "draft": enter_agreement(alba, brook, by=officer, title="Draft"),
        "secretariat": enter_agreement(
            alba,
            brook,
            by=officer,
            status=Status.IN_FORCE,
            title="Secret",
            confidentiality=Confidentiality.SECRETARIAT,
        ),
    }
    for tag, other in hidden.items():
        task, group = furnish(other, alba, EARLY, tag, by=officer)
        task.edit(by=officer, cooperating=[elm])
        GroupMembership.enter(by=officer, group=group, organization=elm, joined_on=EARLY)
    return {"shown": agreement, **hidden}


@pytest.fixture
def everybody(
    stage, officer, administrator, auditor, free_client, client_of_alba, alba, brook, corva, elm
):
    bureau = enter_organization("Alba Ecology Bureau", Kind.GOVERNMENT_DEPARTMENT, parent=alba)
    people = {
        "officer": officer,
        "administrator": administrator,
        "auditor": auditor,
        "free client": free_client,
        "client of a party": client_of_alba,
        "party": enter_partner("party", alba),
        "co-party": enter_partner("coparty", brook),
        "bureau under the party": enter_partner("bureau", bureau),
        "left party": enter_partner("left", corva),
        "invited": enter_partner("invited", elm),
        "stranger": enter_partner("outsider", enter_organization("Stranger")),
        "partner without a post": enter_user("idle", Role.PARTNER),
        "inactive officer": enter_user("gone", Role.SECRETARIAT, is_active=False),
        "inactive party": enter_user("left-us", Role.PARTNER, is_active=False),
    }
    return {name: again(user) for name, user in people.items()} | {"anonymous": AnonymousUser()}


OVERSEE = ("officer", "administrator", "auditor", "free client")
PARTIES = ("party", "co-party", "client of a party")
NOBODIES = (
    "bureau under the party",
    "stranger",
    "partner without a post",
    "inactive officer",
    "inactive party",
    "anonymous",
)


def agreement_of(row):
    path, _dated = access.BELONGS[type(row)]
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def is_early(row):
    """Whether it was there when the party left: undated articles and first parties are."""
    _path, dated = access.BELONGS[type(row)]
    if dated is None:
        return True
    for step in dated.removesuffix("__date").split("__"):
        row = getattr(row, step)
    if row is None:
        return True
    return (row.date() if isinstance(row, datetime) else row) < LEFT


# what each sees


def test_rows_of_agreements_are_seen_by_whom_they_concern(stage, everybody, alba, elm):
    shown = stage["shown"]
    enter_party(shown, enter_organization("Late joiner"), joined_on=LATE)
    for model in OF_AN_AGREEMENT:
        rows = list(model._default_manager.all())
        of_shown = {row for row in rows if agreement_of(row) == shown}
        assert of_shown, model
        assert of_shown != set(rows), model
        expected = {name: set(rows) for name in OVERSEE}
        expected |= dict.fromkeys(PARTIES, of_shown)
        expected |= {name: set() for name in NOBODIES}
        expected["left party"] = {row for row in of_shown if is_early(row)}
        expected["invited"] = {row for row in of_shown if is_for_the_invited(row)}
        for name, user in everybody.items():
            assert set(visible_to(user, model)) == expected[name], (name, model.__name__)


def is_for_the_invited(row):
    """The task and the group to which Elm is invited, with what belongs to them."""
    task_parts = (
        DateChange
        | Indicator
        | ProgressReport
        | Document
        | Measurement
        | Escalation
        | EvidenceRequirement
        | ExtensionRequest
    )
    if isinstance(row, task_parts):
        row = row.indicator.task if isinstance(row, Measurement) else row.task
    if isinstance(row, Confirmation):
        row = row.minutes
    if isinstance(row, AgendaItem | Attendance | Decision | Minutes):
        row = row.consultation
    if isinstance(row, GroupMembership | Consultation | ConsultationSeries):
        row = row.group
    return isinstance(row, Task | SpecialGroup) and str(row).startswith("early")


def test_agreements_are_seen_by_their_parties_and_by_those_who_left(stage, everybody):
    expected = {name: set(stage.values()) for name in OVERSEE}
    expected |= {name: {stage["shown"]} for name in (*PARTIES, "left party")}
    for name, user in everybody.items():
        assert set(visible_to(user, Agreement)) == expected.get(name, set()), name


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("confidentiality", Confidentiality)
def test_an_agreement_shows_itself_to_its_parties_from_negotiation_on_unless_it_is_secret(
    officer, alice, stranger, alba, brook, status, confidentiality
):
    agreement = enter_agreement(
        alba, brook, by=officer, status=status, confidentiality=confidentiality
    )
    seen = status != Status.DRAFT and confidentiality != Confidentiality.SECRETARIAT
    for model, rows in [(Agreement, {agreement}), (Party, set(agreement.party_set.all()))]:
        assert set(visible_to(alice, model)) == (rows if seen else set())
        assert not visible_to(stranger, model).exists()
        assert set(visible_to(officer, model)) == rows


def test_the_body_that_signs_for_a_party_sees_the_agreement(officer, alba, brook, elm):
    agreement = enter_agreement(alba, by=officer, status=Status.NEGOTIATING)
    user = enter_partner("bureau", elm)
    assert not visible_to(user, Agreement).exists()
    enter_party(agreement, brook, signing_body=elm)
    assert set(visible_to(again(user), Agreement)) == {agreement}


def test_an_organization_that_came_back_reads_everything_again(stage, everybody, corva):
    user = everybody["left party"]
    seen = visible_to(user, Task).count()
    enter_party(stage["shown"], corva, joined_on=LATE)
    assert set(visible_to(again(user), Task)) == set(stage["shown"].tasks.all())
    assert visible_to(again(user), Task).count() > seen


def test_a_party_that_has_given_notice_reads_everything_until_it_leaves(stage, brook, today):
    user = enter_partner("leaving", brook)
    stage["shown"].party_set.filter(organization=brook).update(
        withdrawal_notified_on=EARLY, withdrawn_on=date(2027, 3, 2)
    )
    assert set(visible_to(user, Task)) == set(stage["shown"].tasks.all())
    stage["shown"].party_set.filter(organization=brook).update(withdrawn_on=TODAY)
    assert set(visible_to(again(user), Task)) == set(stage["shown"].tasks.all())
    stage["shown"].tasks.filter(lead=brook).update(lead=None, starts_on=TODAY)
    assert not visible_to(again(user), Task).filter(starts_on=TODAY).exists()


def test_whoever_has_left_does_not_come_back_as_a_guest(stage, everybody, corva, officer):
    user = everybody["left party"]
    of_shown = stage["shown"].tasks
    early, late = of_shown.get(title="early task"), of_shown.get(title="late task")
    assert may(user, "report", early).guard == "not_on_task"
    for task in (early, late):
        Task.objects.filter(pk=task.pk).update(lead=corva)
        task.cooperating.add(corva)
        task.refresh_from_db()
    group = SpecialGroup.objects.get(agreement=stage["shown"], name="late group")
    GroupMembership.enter(by=officer, group=group, organization=corva)
    user = again(user)
    assert set(visible_to(user, Task)) == {early, of_shown.get(title="before early")}
    assert [str(group) for group in visible_to(user, SpecialGroup)] == ["early group"]
    assert not visible_to(user, ProgressReport).filter(task=late).exists()
    assert not access.works_on(user, early)
    for verb in ("accept", "start", "submit"):
        assert may(user, verb, early).guard == "lead_only"
    assert may(user, "report", early).guard == "not_on_task"
    assert may(user, "create", ProgressReport(task=early)).guard == "not_on_task"
    enter_party(stage["shown"], corva, joined_on=LATE)
    user = again(user)
    assert late in visible_to(user, Task)
    assert may(user, "accept", early) is None and access.works_on(user, early)


def test_a_seat_from_the_start_is_seen_by_whoever_left(stage, everybody, brook):
    rotation = stage["shown"].rotations.get(name="early rotation")
    seat = Seat.enter(by=None, rotation=rotation, organization=brook)
    assert seat in visible_to(everybody["left party"], Seat)


def test_who_read_a_document_is_known_to_whoever_oversees(stage, everybody, alba):
    paper = stage["shown"].documents.get(title="early document of None")
    with unit():
        record(paper, "read", by=everybody["co-party"], on=TODAY)
    for name in (*OVERSEE, *PARTIES, "left party"):
        user = everybody[name]
        for events in (visible_to(user, Event), access.history(user, paper)):
            read = events.filter(verb="read", object_id=paper.public_id)
            assert read.exists() == (name in OVERSEE), name


def test_an_invitation_ends_with_the_membership(stage, everybody, elm):
    user = everybody["invited"]
    assert visible_to(user, SpecialGroup).exists()
    GroupMembership.objects.filter(organization=elm).update(left_on=TODAY)
    assert not visible_to(user, SpecialGroup).exists()


def test_a_member_of_a_group_that_is_no_party_sees_the_groups_own_rotation_and_no_other(
    short_horizon, officer, agreement, alba, elm
):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Air")
    for organization in (alba, elm):
        GroupMembership.enter(by=officer, group=group, organization=organization, joined_on=EARLY)
    own = enter_rotation(agreement, alba, elm, by=officer, group=group, name="Of the group")
    enter_rotation(agreement, alba, by=officer, name="Of the agreement")
    guest = enter_partner("member", elm)
    assert set(visible_to(guest, Rotation)) == {own}
    assert set(visible_to(guest, Seat)) == set(own.seats.all())
    assert set(visible_to(guest, ConvenorTerm)) == set(own.terms.all()) != set()
    GroupMembership.objects.filter(organization=elm).update(left_on=TODAY)
    assert not visible_to(again(guest), Rotation).exists()


def test_a_document_for_the_secretariat_is_hidden_in_a_shown_agreement(stage, everybody):
    papers = stage["shown"].documents.filter(title__startswith="early")
    papers.update(confidentiality=Confidentiality.SECRETARIAT)
    for name in (*PARTIES, "left party", "invited"):
        assert not visible_to(everybody[name], Document).filter(pk__in=papers).exists(), name
    assert set(papers) <= set(visible_to(everybody["auditor"], Document))


def test_of_other_organizations_one_sees_those_one_works_with(
    stage, everybody, alba, brook, corva, elm
):
    everyone = set(Organization.objects.all())
    bureau = Organization.objects.get(name="Alba Ecology Bureau")
    outsider = Organization.objects.get(name="Stranger")
    expected = dict.fromkeys(OVERSEE, everyone) | {
        "party": {alba, bureau, brook, corva, elm},
        "client of a party": {alba, bureau, brook, corva, elm},
        "co-party": {alba, brook, corva, elm},
        "left party": {alba, brook, corva, elm},
        "invited": {alba, elm},
        "bureau under the party": {bureau},
        "stranger": {outsider},
    }
    for name, user in everybody.items():
        assert set(visible_to(user, Organization)) == expected.get(name, set()), name


def test_identifiers_and_posts_are_seen_in_ones_own_organization_only(stage, everybody, alba):
    number = Identifier.enter(
        by=None, organization=alba, scheme=Scheme.URL, value="https://alba.example.org"
    )
    insiders = {*OVERSEE, "party", "client of a party"}
    for name, user in everybody.items():
        assert set(visible_to(user, Identifier)) == ({number} if name in insiders else set()), name
        seen = set(visible_to(user, Appointment).values_list("organization", flat=True))
        own = {organization.pk for organization in own_organizations_of(user)}
        if name in OVERSEE:
            assert seen == set(Appointment.objects.values_list("organization", flat=True))
        else:
            assert seen <= own, name


def own_organizations_of(user):
    if not user.is_authenticated or not user.is_active:
        return []
    return user.acting_organizations(TODAY)


def test_of_other_people_one_sees_the_liaison_officers_of_ones_agreements(stage, everybody):
    def seen_by(name):
        return {str(person) for person in visible_to(everybody[name], Person)}

    assert seen_by("party") == {"Party", "Bureau", "early officer", "late officer"}
    assert seen_by("co-party") == {"Coparty", "early officer", "late officer"}
    assert seen_by("left party") == {"Left", "early officer"}
    assert seen_by("invited") == {"Invited"}
    assert seen_by("stranger") == {"Outsider"}
    assert seen_by("anonymous") == seen_by("partner without a post") == set()
    assert seen_by("auditor") == {str(person) for person in Person.objects.all()}


def test_users_are_seen_by_whoever_oversees_and_by_themselves(everybody):
    everyone = set(User.objects.all())
    for name, user in everybody.items():
        oneself = {user} if user.is_authenticated and user.is_active else set()
        expected = everyone if name in OVERSEE else oneself
        assert set(visible_to(user, User)) == expected, name
        if name != "administrator":
            assert may(user, "change", user if oneself else User) is not None, name


def test_tokens_are_seen_by_the_administrator_the_auditor_and_those_they_act_for(everybody):
    own = {
        name: {Token.issue(user, by=None)[0]}
        for name, user in everybody.items()
        if user.is_authenticated and user.is_active
    }
    everything = set(Token.objects.all())
    for name, user in everybody.items():
        expected = everything if name in {"administrator", "auditor"} else own.get(name, set())
        assert set(visible_to(user, Token)) == expected, name


def test_what_belongs_to_nobody_is_seen_by_whoever_signs_in(everybody):
    for model in (Region, ContentArea, WorkingCalendar):
        row = model.enter(by=None, name="Somewhere")
        for name, user in everybody.items():
            signed_in = user.is_authenticated and user.is_active
            assert set(visible_to(user, model)) == ({row} if signed_in else set()), name


def test_the_machinery_is_closed_to_partners(everybody):
    for model in CLOSED:
        for name, user in everybody.items():
            if name not in OVERSEE:
                assert not visible_to(user, model).exists(), (name, model)


def test_the_history_shows_events_of_what_one_sees_and_no_others(stage, everybody):
    for name, user in everybody.items():
        seen = {(event.object_type, event.object_id) for event in visible_to(user, Event)}
        if name in OVERSEE:
            assert visible_to(user, Event).count() == Event.objects.count()
            continue
        allowed = {
            (object_type(model), key)
            for model in (Agreement, *access.BELONGS)
            for key in visible_to(user, model).values_list("public_id", flat=True)
        }
        assert seen <= allowed, name
        assert bool(seen) == bool(allowed), name
        if name != "left party":
            unrecorded = {object_type(ConvenorTerm)}
            assert seen == {one for one in allowed if one[0] not in unrecorded}, name


def test_whoever_left_reads_the_history_up_to_its_leaving(stage, everybody, officer):
    agreement, user = stage["shown"], everybody["left party"]
    before = set(visible_to(user, Event).values_list("verb", "happened_on"))
    assert ("bring_into_force", IN_FORCE) in before
    agreement.suspend(by=officer, on=LATE, reason="CANARY")
    agreement.edit(by=officer, summary="CANARY")
    agreement.party_set.get(organization__name="Alba District").approve(by=officer, on=LATE)
    assert set(visible_to(again(user), Event).values_list("verb", "happened_on")) == before
    assert visible_to(everybody["party"], Event).filter(verb="suspend").exists()


def test_hidden_rows_lend_nothing_to_filters_counts_or_orders(stage, everybody):
    rows = visible_to(everybody["invited"], Task)
    assert rows.count() == len(rows) == len(set(rows))
    assert not rows.filter(title__contains="secretariat").exists()
    assert not rows.filter(agreement__title="Secret").exists()
    assert not rows.filter(agreement__title="Draft").exists()


# what each may do

PARTNERS = ("convenor", "lead", "helper", "stranger")


@pytest.fixture
def doers(officer, administrator, auditor, free_client, alba, brook, corva, stranger):
    """Alba convenes today, Brook leads the task, Corva helps with it."""
    return {
        "officer": officer,
        "administrator": administrator,
        "auditor": auditor,
        "free client": free_client,
        "convenor": enter_partner("convenor", alba),
        "lead": enter_partner("lead", brook),
        "helper": enter_partner("helper", corva),
        "stranger": stranger,
        "anonymous": AnonymousUser(),
    }


@pytest.fixture
def work(officer, agreement, alba, brook, corva):
    enter_rotation(agreement, alba, brook, by=officer)
    task = enter_task(
        agreement, by=officer, lead=brook, cooperating=[corva], status=TaskStatus.IN_PROGRESS
    )
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", lead=brook)
    post = LiaisonAppointment.enter(
        by=officer,
        party=agreement.party_set.get(organization=brook),
        person=enter_person("Bea"),
        rank="deputy",
    )
    indicator = Indicator.enter(by=officer, task=task, name="Trees", unit="trees")
    consultation = Consultation.enter(
        by=officer, agreement=agreement, starts_at=datetime(2027, 3, 9, 1, tzinfo=UTC)
    )
    return {
        "task": task,
        "task verified by the convenor": task,
        "agreement": agreement,
        "party": agreement.party_set.get(organization=brook),
        "consultation": consultation,
        "liaison appointment": LiaisonAppointment.enter(
            by=officer,
            party=agreement.party_set.get(organization=brook),
            person=enter_person("Ann"),
            starts_on=IN_FORCE,
        ),
        "any liaison appointment": LiaisonAppointment,
        "absence": LiaisonAbsence(appointment=post),
        "attestation": LiaisonAttestation(appointment=post),
        "group": group,
        "membership": GroupMembership(group=group, organization=brook),
        "report": ProgressReport(task=task),
        "request of the lead": ExtensionRequest(task=task, asked_by=brook),
        "request of the helper": ExtensionRequest(task=task, asked_by=corva),
        "request answered by the convenor": ExtensionRequest(task=task, asked_by=brook),
        "any request": ExtensionRequest,
        "measurement": Measurement(indicator=indicator),
        "evidence": Document(agreement=agreement, task=task),
        "document": Document(agreement=agreement),
        "any report": ProgressReport,
        "escalation": Escalation(task=task),
        "any escalation": Escalation,
        "step of supervision": SupervisionStep(agreement=agreement),
        "any measurement": Measurement,
        "any document": Document,
        "user": officer,
        "agenda item of the lead": AgendaItem(
            consultation=consultation, agreement=agreement, proposed_by=brook
        ),
        "agenda item of nobody": AgendaItem(consultation=consultation, agreement=agreement),
        "attendance of the lead": Attendance(consultation=consultation, organization=brook),
        "decision": Decision(consultation=consultation, agreement=agreement),
        "minutes": Minutes(consultation=consultation),
        "confirmation of the lead": Confirmation(
            minutes=Minutes(consultation=consultation), organization=brook
        ),
        **{
            f"any {model._meta.model_name}": model
            for model in (AgendaItem, Attendance, Confirmation, Decision, Minutes)
        },
        "any user": User,
        "any agreement": Agreement,
        "any task": Task,
        "article": Article(agreement=agreement),
        "rotation": agreement.rotations.get(),
        "organization": alba,
        "token": Token,
    }


ALL = ""
# Per verb and thing, for convenor, lead, helper and stranger: the guard that refuses, or none.
PARTNERS_MAY = [
    *[
        (verb, "task", ("lead_only", ALL, "lead_only", "lead_only"))
        for verb in ("accept", "start", "submit")
    ],
    ("report", "task", ("not_on_task", ALL, ALL, "not_on_task")),
    *[
        (verb, "task", ("secretariat_only",) * 4)
        for verb in ("verify", "return", "assign", "suspend", "resume", "cancel", "change")
    ],
    ("delete", "task", ("secretariat_only",) * 4),
    *[
        (
            verb,
            "task verified by the convenor",
            (ALL, "own_task", "convenor_only", "convenor_only"),
        )
        for verb in ("verify", "return")
    ],
    ("create", "any request", (ALL,) * 4),
    ("create", "request of the lead", ("not_on_task", ALL, "not_on_task", "not_on_task")),
    ("create", "request of the helper", ("not_on_task", "not_on_task", ALL, "not_on_task")),
    ("withdraw", "request of the lead", ("asker_only", ALL, "asker_only", "asker_only")),
    *[(verb, "request of the lead", ("secretariat_only",) * 4) for verb in ("grant", "refuse")],
    *[(verb, "request of the lead", ("secretariat_only",) * 4) for verb in ("change", "delete")],
    *[
        (
            verb,
            "request answered by the convenor",
            (ALL, "own_request", "convenor_only", "convenor_only"),
        )
        for verb in ("grant", "refuse")
    ],
    *[
        (verb, "consultation", (ALL, "host_only", "host_only", "host_only"))
        for verb in ("create", "move", "convene", "close", "postpone", "cancel")
    ],
    *[(verb, "consultation", ("host_only",) * 4) for verb in ("change", "delete")],
    # The convenor hosts; the lead is a party like it; the helper and the stranger take no part.
    *[
        (verb, "agenda item of the lead", (ALL, ALL, refused, refused))
        for verb, refused in (("create", "participants_only"), ("change", "host_only"))
    ],
    (
        "withdraw",
        "agenda item of the lead",
        ("proposer_only", ALL, "proposer_only", "proposer_only"),
    ),
    *[
        (verb, "agenda item of the lead", (ALL, "host_only", "host_only", "host_only"))
        for verb in ("accept", "decline", "discuss", "defer", "move")
    ],
    ("create", "agenda item of nobody", (ALL, *("participants_only",) * 3)),
    ("delete", "agenda item of the lead", ("host_only",) * 4),
    *[
        (
            verb,
            "attendance of the lead",
            (ALL, ALL, "participants_only", "participants_only"),
        )
        for verb in ("create", "change")
    ],
    (
        "delete",
        "attendance of the lead",
        (ALL, "host_only", "participants_only", "participants_only"),
    ),
    *[
        (verb, thing, (ALL, "host_only", "host_only", "host_only"))
        for thing, verbs in (
            ("decision", ("create", "change", "revoke")),
            ("minutes", ("create", "change", "circulate", "approve")),
        )
        for verb in verbs
    ],
    *[("delete", thing, ("host_only",) * 4) for thing in ("decision", "minutes")],
    (
        "create",
        "confirmation of the lead",
        ("participants_only", ALL, "participants_only", "participants_only"),
    ),
    *[
        (verb, "confirmation of the lead", ("participants_only",) * 4)
        for verb in ("change", "delete")
    ],
    *[
        ("create", f"any {name}", (ALL,) * 4)
        for name in ("agendaitem", "attendance", "confirmation", "decision", "minutes")
    ],
    *[
        (verb, "liaison appointment", ("own_party", ALL, "own_party", "own_party"))
        for verb in ("create", "relieve", "succeed")
    ],
    *[
        (verb, "absence", ("own_party", ALL, "own_party", "own_party"))
        for verb in ("create", "come_back", "withdraw")
    ],
    ("answer", "attestation", ("own_party", ALL, "own_party", "own_party")),
    *[
        (verb, thing, ("secretariat_only",) * 4)
        for thing in ("absence", "attestation")
        for verb in ("change", "delete")
    ],
    *[
        (verb, thing, ("secretariat_only",) * 4)
        for verb, thing in (
            ("extend", "group"),
            ("close", "group"),
            ("leave", "membership"),
            ("accede", "party"),
        )
    ],
    *[(verb, "liaison appointment", ("own_party",) * 4) for verb in ("change", "delete")],
    ("create", "any liaison appointment", (ALL,) * 4),
    *[
        ("create", thing, ("not_on_task", ALL, ALL, "not_on_task"))
        for thing in ("report", "measurement", "evidence")
    ],
    ("create", "document", ("not_on_task",) * 4),
    *[("create", thing, (ALL,) * 4) for thing in ("any report", "any measurement", "any document")],
    *[
        (verb, thing, ("secretariat_only",) * 4)
        for thing in ("report", "measurement", "evidence", "document")
        for verb in ("change", "delete")
    ],
    *[
        (verb, thing, ("secretariat_only",) * 4)
        for thing in ("agreement", "party", "article", "rotation", "organization")
        for verb in ("change", "delete", "create")
    ],
    *[(verb, "agreement", ("secretariat_only",) * 4) for verb in Agreement.lifecycle.transitions],
    *[(verb, "party", ("secretariat_only",) * 4) for verb in ("sign", "approve", "withdraw")],
    *[
        ("create", thing, ("secretariat_only",) * 4)
        for thing in ("any agreement", "any task", "token")
    ],
    *[(verb, "user", ("administrators_only",) * 4) for verb in ("change", "delete")],
    ("create", "escalation", (ALL, *("convenor_only",) * 3)),
    ("change", "escalation", ("convenor_only",) * 4),
    ("create", "any escalation", (ALL,) * 4),
    *[(verb, "step of supervision", ("secretariat_only",) * 4) for verb in ("create", "change")],
    ("create", "any user", ("administrators_only",) * 4),
]


def guard(refusal):
    return refusal.guard if refusal is not None else ""


def test_the_verbs_of_each_role(doers, work):
    agreement = work["agreement"]
    for verb, thing, partners in PARTNERS_MAY:
        by_convenor = thing.endswith("by the convenor")
        agreement.verification = Verification.CONVENOR if by_convenor else Verification.SECRETARIAT
        work["task"].agreement = agreement
        of_users = thing in {"user", "any user"}
        expected = dict(zip(PARTNERS, partners, strict=True)) | {
            "administrator": "",
            "officer": "administrators_only" if of_users else "",
            "free client": "administrators_only" if of_users else "",
            "auditor": "auditor",
            "anonymous": "sign_in",
        }
        for name, user in doers.items():
            refusal = may(user, verb, work[thing])
            assert guard(refusal) == expected[name], (name, verb, thing)
            assert refusal is None or str(refusal.sentence).endswith(".")


def test_every_verb_of_a_task_and_of_a_consultation_stands_in_the_table():
    for model, thing in [(Task, "task"), (Consultation, "consultation"), (Agreement, "agreement")]:
        told = {verb for verb, about, _guards in PARTNERS_MAY if about == thing}
        assert set(model.lifecycle.transitions) <= told, model


def test_nobody_judges_what_their_own_organization_does_officers_neither(work, brook):
    seconded = enter_user("seconded", Role.SECRETARIAT, person=enter_person("Sue", brook))
    for verb in ("verify", "return"):
        assert may(seconded, verb, work["task"]).guard == "own_task"
    for verb in ("grant", "refuse"):
        assert may(seconded, verb, work["request of the helper"]).guard == "own_request"
    assert may(seconded, "assign", work["task"]) is None


def test_an_inactive_officer_may_do_nothing(work):
    gone = enter_user("gone", Role.SECRETARIAT, is_active=False)
    assert may(gone, "change", work["agreement"]).guard == "sign_in"


def test_the_convenor_changes_with_the_term(doers, work):
    agreement = work["agreement"]
    assert is_convenor(doers["convenor"], agreement, TODAY)
    assert not is_convenor(doers["lead"], agreement, TODAY)
    assert is_convenor(again(doers["lead"]), agreement, date(2027, 7, 1))
    assert not is_convenor(doers["stranger"], agreement, date(2027, 7, 1))


def test_a_post_that_ended_ends_what_one_may_do(doers, work, brook):
    lead = doers["lead"]
    assert may(lead, "accept", work["task"]) is None
    Appointment.objects.filter(person=lead.person, organization=brook).update(ends_on=TODAY)
    assert may(again(lead), "accept", work["task"]).guard == "lead_only"
    assert not visible_to(again(lead), Agreement).exists()


def test_the_actions_of_an_object_tell_the_role_and_the_state(doers, work, officer):
    task = enter_task(
        work["agreement"], by=officer, lead=work["task"].lead, status=TaskStatus.ASSIGNED
    )
    told = {action["verb"]: action for action in actions(doers["lead"], task, TODAY)}
    assert set(told) == set(Task.lifecycle.transitions)
    assert told["accept"]["allowed"]
    assert told["accept"]["reason"] is None
    assert told["start"]["reason"] == "Not possible while the status is “Assigned”."
    assert told["cancel"] == {
        "verb": "cancel",
        "label": "Cancel task",
        "allowed": False,
        "reason": "Only the secretariat does this.",
        "needs_reason": True,
        "danger": True,
    }
    by_officer = {action["verb"] for action in actions(officer, task, TODAY) if action["allowed"]}
    assert by_officer == {"assign", "accept", "suspend", "cancel"}
    assert task.status == TaskStatus.ASSIGNED


def test_no_action_is_open_to_an_auditor(auditor, work):
    for thing in ("agreement", "task", "consultation"):
        assert not any(action["allowed"] for action in actions(auditor, work[thing], TODAY))


def test_the_verbs_of_an_agreement_are_told_with_dashes(officer, work):
    verbs = [action["verb"] for action in actions(officer, work["agreement"], TODAY)]
    assert "bring-into-force" in verbs


def test_a_change_of_the_rotation_belongs_to_the_secretariat(doers):
    assert may(doers["convenor"], "create", RotationChange).guard == "secretariat_only"
    assert may(doers["officer"], "create", RotationChange) is None
