"""Organizations: one name is enough, the kind suggests the sector, numbers are checked."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from actors.api.organization import OrganizationInput
from actors.models import Identifier, Organization
from actors.organization import SECTOR_OF, Kind, Scheme, Sector
from tests.cast import enter_organization

pytestmark = pytest.mark.django_db


def errors_of(**facts):
    """The codes of what is refused, by field."""
    with pytest.raises(ValidationError) as refused:
        Organization.enter(by=None, **facts)
    return {
        name: [error.code for error in errors] for name, errors in refused.value.error_dict.items()
    }


# names


@pytest.mark.parametrize(
    ("names", "english", "chinese"),
    [
        ({"name": "Bishan District"}, "Bishan District", "Bishan District"),
        ({"name_zh": "璧山区"}, "璧山区", "璧山区"),
        ({"name": "Bishan District", "name_zh": "璧山区"}, "Bishan District", "璧山区"),
    ],
)
def test_one_name_is_enough_and_is_shown_in_the_readers_language(names, english, chinese):
    made = enter_organization(**{"name": "", **names})
    with translation.override("en"):
        assert str(made) == english
    with translation.override("zh-hans"):
        assert str(made) == chinese


@pytest.mark.parametrize("blank", ["", "   "])
def test_no_name_at_all_is_refused_at_the_name(blank):
    assert errors_of(name=blank, name_zh=blank, kind=Kind.GOVERNMENT) == {"name": ["required"]}


def test_the_label_is_the_short_name_where_there_is_one():
    made = enter_organization("Bishan District", name_zh="璧山区", short_name_zh="璧山")
    with translation.override("en"):
        assert made.label == "璧山"
    made.edit(by=None, short_name="Bishan")
    with translation.override("en"):
        assert made.label == "Bishan"
    assert enter_organization("Alba").label == "Alba"


# sectors


def test_every_kind_suggests_a_sector():
    assert set(SECTOR_OF) == set(Kind)
    assert set(SECTOR_OF.values()) == set(Sector)


@pytest.mark.parametrize("kind", Kind)
def test_the_sector_is_the_one_that_the_kind_suggests(kind):
    assert enter_organization("Somebody", kind).sector == SECTOR_OF[kind]


@pytest.mark.parametrize("kind", Kind)
def test_another_sector_needs_a_reason(kind):
    other = next(sector for sector in Sector if sector != SECTOR_OF[kind])
    facts = {"name": "Somebody", "kind": kind, "sector": other}
    assert errors_of(**facts) == {"sector_reason": ["required"]}
    assert errors_of(**facts, sector_reason="  ") == {"sector_reason": ["required"]}
    made = Organization.enter(by=None, **facts, sector_reason="The law counts it so")
    assert made.sector == other


def test_a_new_kind_asks_for_a_reason_when_the_sector_stays():
    made = enter_organization("Somebody", Kind.UNIVERSITY)
    with pytest.raises(ValidationError) as refused:
        made.edit(by=None, kind=Kind.ENTERPRISE)
    assert set(refused.value.error_dict) == {"sector_reason"}
    made.edit(by=None, kind=Kind.ENTERPRISE, sector="")
    assert made.sector == Sector.MARKET


@pytest.mark.parametrize(("field", "value"), [("kind", "guild"), ("sector", "fourth")])
def test_kinds_and_sectors_are_those_of_the_list(field, value):
    facts = {"name": "Somebody", "kind": Kind.GOVERNMENT, field: value}
    assert "invalid_choice" in errors_of(**facts)[field]


# identifiers

VALID = [
    # Unified social credit code: the example of GB 32100, and Tencent's.
    (Scheme.USCC, "91110000600037341L", "91110000600037341L"),
    (Scheme.USCC, "9144030071526726XG", "9144030071526726XG"),
    (Scheme.USCC, "9144 0300 7152 6726 XG", "9144030071526726XG"),
    # LEI: of Apple and of the Bundesbank's example.
    (Scheme.LEI, "HWUPKR0MPOU8FGXBT394", "HWUPKR0MPOU8FGXBT394"),
    (Scheme.LEI, "213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15"),
    # ROR: of ROR's own documentation, and of three universities.
    (Scheme.ROR, "015w2mp89", "015w2mp89"),
    (Scheme.ROR, "https://ror.org/02mhbdp94", "02mhbdp94"),
    (Scheme.ROR, "ror.org/03vek6s52", "03vek6s52"),
    (Scheme.ROR, " 042NB2S44 ", "042nb2s44"),
    (Scheme.URL, "https://www.cq.gov.cn/", "https://www.cq.gov.cn/"),
    (Scheme.URL, "http://example.org", "http://example.org"),
]


@pytest.mark.parametrize(("scheme", "value", "kept"), VALID)
def test_a_number_whose_check_digits_agree_is_kept_in_its_plain_form(alba, scheme, value, kept):
    made = Identifier.enter(by=None, organization=alba, scheme=scheme, value=value)
    assert made.value == kept


def changed_digits():
    """Every valid number with its last digit replaced, and with two digits exchanged."""
    for scheme, _value, kept in VALID:
        if scheme != Scheme.URL:
            yield scheme, kept[:-1] + ("1" if kept[-1] != "1" else "2")
            place = next(i for i in range(3, len(kept)) if kept[i] != kept[i + 1])
            yield scheme, kept[:place] + kept[place + 1] + kept[place] + kept[place + 2 :]


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        *changed_digits(),
        (Scheme.USCC, "91110000600037341"),
        (Scheme.USCC, "91110000600037341I"),
        (Scheme.USCC, "你好"),
        (Scheme.LEI, "HWUPKR0MPOU8FGXBT39"),
        (Scheme.LEI, "HWUPKR0MPOU8FGXBT3-4"),
        (Scheme.ROR, "115w2mp89"),
        (Scheme.ROR, "015w2mp8"),
        (Scheme.ROR, "https://example.org/015w2mp89"),
        (Scheme.URL, "javascript:alert(1)"),
        (Scheme.URL, "ftp://example.org"),
        (Scheme.URL, "www.example.org"),
        (Scheme.URL, "https://"),
    ],
)
def test_a_number_whose_check_digits_do_not_agree_is_refused_at_its_field(alba, scheme, value):
    with pytest.raises(ValidationError) as refused:
        Identifier.enter(by=None, organization=alba, scheme=scheme, value=value)
    assert [error.code for error in refused.value.error_dict["value"]] == ["check_digit"]


def test_a_number_belongs_to_one_organization(alba, brook):
    Identifier.enter(by=None, organization=alba, scheme=Scheme.ROR, value="015w2mp89")
    with pytest.raises(ValidationError) as refused:
        Identifier.enter(
            by=None, organization=brook, scheme=Scheme.ROR, value="https://ror.org/015W2MP89"
        )
    assert "Another organization already has this number." in refused.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        Identifier.objects.create(organization=brook, scheme=Scheme.ROR, value="015w2mp89")


def test_an_organization_may_have_numbers_of_several_registers(alba):
    for scheme, value in [(Scheme.ROR, "015w2mp89"), (Scheme.LEI, "HWUPKR0MPOU8FGXBT394")]:
        Identifier.enter(by=None, organization=alba, scheme=scheme, value=value)
    assert alba.identifiers.count() == 2


@pytest.mark.parametrize("item", [{}, {"scheme": "url"}, {"value": "x"}, "url", None])
def test_an_identifier_is_stated_whole_even_within_a_partial_change(item):
    body = OrganizationInput(enter_organization("Alba"), {"identifiers": [item]}, partial=True)
    assert not body.is_valid()
    assert set(body.errors) == {"identifiers"}
