"""The record as it is read: a word for every verb, and the names that things have now."""

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from actors.user import Role
from agreements.models import Article
from governance.admin import history as back_office
from governance.api.history import history_of
from governance.portal import history as portal
from governance.present_names import PresentNames
from governance.record import Event
from governance.verb_words import verb_word
from tests.cast import SIGNED, enter_person, enter_task, enter_user

OUTSIDE_LIFE_CYCLES = {
    *("create", "change", "delete", "read", "download"),
    *("approve", "accede", "withdraw", "flag_for_reassignment", "reach"),
    *("move", "place", "reschedule", "revise"),
    *("confirm", "revoke", "relieve", "come_back", "leave"),
    *("answer", "remind", "change_role", "set_password"),
    *("load", "settle"),
    *("tell", "acknowledge"),
    *("note", "sign_off", "follow"),
}


def verbs() -> set[str]:
    cycles = [model.lifecycle for model in apps.get_models() if hasattr(model, "lifecycle")]
    return {verb for cycle in cycles for verb in cycle.transitions} | OUTSIDE_LIFE_CYCLES


def test_every_verb_has_a_word_in_both_languages():
    for verb in verbs():
        with translation.override("zh-hans"):
            assert not verb_word(verb).isascii(), verb


def test_a_verb_that_no_longer_exists_keeps_its_name():
    assert verb_word("make_up") == "make up"


@pytest.mark.django_db
class TestNames:
    @pytest.fixture
    def task(self, agreement, officer, alba, brook):
        """A task in two languages, given to Alba and then to Brook."""
        alba.edit(by=officer, name_zh="阿尔巴")
        made = enter_task(agreement, by=officer, title="Clean the river")
        made.edit(by=officer, lead=alba)
        made.edit(by=officer, lead=brook)
        made.edit(by=officer, title="Clean rivers", title_zh="清洁河流")
        alba.edit(by=officer, name="Alba Nova")
        return made

    def test_the_back_office_shows_what_things_are_called_now(self, task):
        given, taken, renamed = Event.objects.of(task).filter(verb="change")
        (entry,) = back_office.entries([given])
        assert (entry.name, entry.differences[0].after) == ("Clean rivers", "Alba Nova")
        with translation.override("zh-hans"):
            (entry,) = back_office.entries([taken])
            assert (entry.name, entry.differences[0].before) == ("清洁河流", "阿尔巴")
            (entry,) = back_office.entries([renamed])
            assert entry.differences[0].before == "Clean the river"

    def test_the_portal_shows_what_things_are_called_now(self, task, officer):
        event = Event.objects.of(task).filter(verb="change").first()
        with translation.override("zh-hans"):
            (entry,) = portal.entries(officer, [event])
            assert "清洁河流" in entry.sentence
            assert [change.after for change in entry.changes] == ["阿尔巴"]

    def test_the_api_shows_what_things_are_called_now(self, task, officer):
        with translation.override("zh-hans"):
            told = history_of(task, officer, set())
            names = [(one["after"] or {}).get("lead") for one in told]
            assert "阿尔巴" in [lead["name"] for lead in names if lead]

    def test_what_is_gone_keeps_the_name_on_record(self, agreement, officer):
        article = Article.enter(by=officer, agreement=agreement, number="9", title="Peace")
        key = article.public_id
        article.remove(by=officer)
        gone = Event.objects.filter(object_id=key)
        assert {PresentNames(gone).of(event) for event in gone} == {"9 Peace"}

    def test_whoever_did_it_is_named_in_the_readers_language(self, agreement, alba):
        person = enter_person("Ann", alba)
        user = enter_user("ann", Role.SECRETARIAT, person=person)
        agreement.edit(by=user, title="Cleaner rivers")
        person.edit(by=user, name_zh="安")
        event = Event.objects.of(agreement).last()
        with translation.override("zh-hans"):
            assert PresentNames([event]).of_actor(event) == "安"
            event.actor_name = ""
            assert PresentNames([event]).of_actor(event) == ""

    def test_three_of_a_kind_cost_no_more_queries_than_one(self, agreement, officer):
        def cost() -> int:
            events = list(Event.objects.filter(object_type="agreements.article"))
            with CaptureQueriesContext(connection) as captured:
                PresentNames(events)
            return len(captured)

        Article.enter(by=officer, on=SIGNED, agreement=agreement, number="1")
        one = cost()
        Article.enter(by=officer, on=SIGNED, agreement=agreement, number="2")
        Article.enter(by=officer, on=SIGNED, agreement=agreement, number="3")
        assert cost() == one
