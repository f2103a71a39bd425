"""References: one number for each agreement, without gaps, never given out twice."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Kind
from agreements.models import Agreement
from governance import clock, references
from governance.lifecycle import Refused
from governance.record import unit
from governance.references import VoidReference

pytestmark = pytest.mark.django_db


def enter(on=date(2027, 5, 1), **facts):
    return Agreement.enter(by=None, on=on, **{"title": "Pact", "kind": Kind.MEMORANDUM, **facts})


def test_references_count_up_from_one_without_gaps():
    assert [enter().reference for _turn in range(3)] == [
        "CA-2027-0001",
        "CA-2027-0002",
        "CA-2027-0003",
    ]


def test_each_year_counts_for_itself():
    assert enter(date(2027, 12, 31)).reference == "CA-2027-0001"
    assert enter(date(2028, 1, 1)).reference == "CA-2028-0001"
    assert enter(date(2027, 12, 31)).reference == "CA-2027-0002"


def test_without_a_day_the_year_is_the_one_in_the_installations_time_zone():
    half_past_midnight_in_shanghai = datetime(2027, 12, 31, 16, 30, tzinfo=UTC)
    made = enter(None, created_at=half_past_midnight_in_shanghai)
    assert made.reference == "CA-2028-0001"


def test_the_number_grows_beyond_four_digits():
    references.ReferenceSeries.objects.create(prefix="CA", year=2027, last=9999)
    assert enter().reference == "CA-2027-10000"
    assert references.looks_issued("CA-2027-10000")


def test_a_number_is_not_used_up_by_a_refused_agreement():
    enter()
    with pytest.raises(ValidationError):
        enter(title="")
    assert enter().reference == "CA-2027-0002"


def test_a_number_is_not_used_up_by_a_transaction_that_fails():
    def enter_and_fail():
        with unit():
            enter()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        enter_and_fail()
    assert enter().reference == "CA-2027-0001"


def test_a_caller_may_give_a_reference_of_another_form():
    assert enter(reference=" 渝环〔2021〕8号 ").reference == "渝环〔2021〕8号"
    assert enter().reference == "CA-2027-0001"


@pytest.mark.parametrize(
    "reference", ["CA-2027-0001", "ca-2027-0001", " CA-2031-12345 ", "XY-1999-0000"]
)
def test_a_caller_may_not_give_a_reference_that_looks_like_one_of_ours(reference):
    with pytest.raises(ValidationError) as refused:
        enter(reference=reference)
    assert refused.value.error_dict["reference"][0].code == "reserved"


@pytest.mark.parametrize("reference", ["CA-27-0001", "CA-2027-001", "CONCORD-2027-0001", "8/2021"])
def test_other_forms_are_not_reserved(reference):
    assert enter(reference=reference).reference == reference


def test_a_reference_that_is_taken_is_refused_at_its_field():
    enter(reference="Pact 1")
    with pytest.raises(ValidationError) as refused:
        enter(reference="Pact 1")
    assert refused.value.message_dict == {"reference": ["This reference is already taken."]}


def test_a_reference_cannot_be_changed():
    made = enter()
    with pytest.raises(Refused) as refused:
        made.edit(by=None, reference="Pact 1")
    assert refused.value.guard == "reference_fixed"
    made.edit(by=None, reference="CA-2027-0001", title="Treaty")
    assert made.title == "Treaty"


def test_the_number_of_a_deleted_draft_stays_shown_as_void_and_is_never_given_out_again():
    with clock.fixed(date(2027, 5, 2)):
        enter().remove(by=None, reason="Entered twice")
    void = VoidReference.objects.get()
    assert (void.reference, void.title, void.reason) == ("CA-2027-0001", "Pact", "Entered twice")
    assert void.voided_at.date() == date(2027, 5, 2)
    assert enter().reference == "CA-2027-0002"


def test_the_reference_of_a_caller_is_not_kept_as_void():
    enter(reference="Pact 1").remove(by=None)
    assert not VoidReference.objects.exists()
    assert enter(reference="Pact 1").reference == "Pact 1"
