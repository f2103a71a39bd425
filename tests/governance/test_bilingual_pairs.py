"""Fields in two languages: the reader's own first, the other one named, in every form."""

import pytest
from django import forms
from django.utils import translation

from agreements.portal.agenda import ProposalForm
from governance.bilingual_pairs import in_order, rows_in_order
from governance.portal.forms import VersionedForm
from tests.typed import typed


class Words(VersionedForm):
    """A text in both languages among other things."""

    day = forms.CharField()
    title = forms.CharField(label="Title")
    title_zh = forms.CharField(label="Chinese title")
    note = forms.CharField()


@pytest.mark.parametrize(
    ("language", "ordered"),
    [("en", ["title", "day", "title_zh"]), ("zh-hans", ["title_zh", "day", "title"])],
)
def test_each_pair_stands_in_the_readers_order_at_its_places(language, ordered):
    with translation.override(language):
        for given in (["title", "day", "title_zh"], ["title_zh", "day", "title"]):
            assert in_order(given) == ordered
        assert rows_in_order([("title", "title_zh"), "day"])[0] == (
            ("title_zh", "title") if language == "zh-hans" else ("title", "title_zh")
        )


def test_a_form_asks_in_the_readers_language_first_and_names_the_other():
    with translation.override("en"):
        english = Words()
        assert list(english.fields) == ["version", "day", "title", "title_zh", "note"]
        assert english["title_zh"].label == "Chinese title"
    with translation.override("zh-hans"):
        chinese = Words()
        assert list(chinese.fields) == ["version", "day", "title_zh", "title", "note"]
        assert (chinese["title_zh"].label, chinese["title"].label) == ("Title", "英文Title")
        chinese.arrange()
        assert chinese["title"].label == "英文Title"


@pytest.mark.django_db
def test_a_form_of_the_portal_follows_it():
    with translation.override("zh-hans"):
        form = ProposalForm(tasks=None)
        assert [str(form[name].label) for name in ("title_zh", "title")] == ["标题", "英文标题"]


def test_the_back_office_follows_it(client, officer, agreement):
    client.force_login(officer)
    address = f"/secretariat/agreements/agreement/{agreement.pk}/change/"
    page = client.get(address, headers={"accept-language": "zh-hans"})
    shown = page.content.decode()
    assert shown.index('name="title_zh"') < shown.index('name="title"')
    assert "英文标题" in shown
    assert typed(page)["title"] == agreement.title
