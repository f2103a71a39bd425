"""The rotation in the portal: the ribbon, the table beside it, and changing it from there."""

from datetime import date

import pytest
from django.urls import reverse

from agreements.models import Seat
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, again, enter_party, enter_rotation

pytestmark = pytest.mark.usefixtures("short_horizon")


def test_whoever_left_sees_no_holder_who_came_since(agreement, officer, alba, brook, corva, alice):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    enter_party(agreement, corva, joined_on=TODAY)
    rotation.seats.get(organization=alba).edit(by=officer, co_holders=[corva])
    Seat.enter(by=officer, rotation=rotation, organization=corva, position=3, joined_on=TODAY)
    agreement.party_set.filter(organization=alba).update(withdrawn_on=date(2026, 9, 1))
    for user, sees in ((officer, True), (again(alice), False)):
        found = {
            name: read(signed_in(user).get(reverse(name, kwargs={"id": agreement.public_id})))
            for name in ("agreement", "agreement_rotation")
        }
        found["list"] = read(signed_in(user).get(reverse("agreement_list")))
        found["work"] = read(signed_in(user).get(reverse("my_work")))
        assert alba.name in found["agreement_rotation"]
        assert (corva.name in found["agreement_rotation"]) is sees
        assert sees or not any(corva.name in page for page in found.values())
