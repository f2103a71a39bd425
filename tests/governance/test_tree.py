"""Trees: whoever is under a node is found by its path, and no branch grows into itself."""

import pytest
from django.core.exceptions import ValidationError

from actors.models import Organization, Region
from governance.lifecycle import Refused
from tests.cast import enter_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """Country over province over city over district; a second province stands alone."""
    country = enter_organization("Country")
    province = enter_organization("Province", parent=country)
    city = enter_organization("City", parent=province)
    district = enter_organization("District", parent=city)
    other = enter_organization("Other province")
    return {node.name: node for node in (country, province, city, district, other)}


def names(nodes):
    return {node.name for node in nodes}


def under(*names_of):
    nodes = list(Organization.objects.filter(name__in=names_of))
    return names(Organization.objects.under(nodes))


def test_under_a_node_are_itself_and_all_beneath_it(tree):
    assert under("Province") == {"Province", "City", "District"}
    assert under("District") == {"District"}
    assert under("City", "Other province") == {"City", "District", "Other province"}
    assert under("Province", "City") == {"Province", "City", "District"}


def test_under_no_node_is_nothing(tree):
    assert not Organization.objects.under([]).exists()


def test_the_way_up_leads_from_the_root_to_the_node(tree):
    way = [node.name for node in tree["City"].ancestors_and_self()]
    assert way == ["Country", "Province", "City"]


@pytest.mark.parametrize("parent", ["Province", "City", "District"])
def test_a_node_is_never_put_under_itself_or_beneath_itself(tree, parent):
    with pytest.raises(ValidationError) as refused:
        tree["Province"].edit(by=None, parent=tree[parent])
    assert set(refused.value.error_dict) == {"parent"}
    assert refused.value.error_dict["parent"][0].code == "cycle"
    assert under("Country") == {"Country", "Province", "City", "District"}


def test_a_branch_moves_with_everything_beneath_it(tree):
    tree["City"].edit(by=None, parent=tree["Other province"])
    assert under("Other province") == {"Other province", "City", "District"}
    assert under("Province") == {"Province"}
    way = [node.name for node in Organization.objects.get(name="District").ancestors_and_self()]
    assert way == ["Other province", "City", "District"]


def test_a_branch_that_becomes_a_tree_of_its_own_keeps_what_is_beneath_it(tree):
    tree["Province"].edit(by=None, parent=None)
    assert under("Country") == {"Country"}
    assert under("Province") == {"Province", "City", "District"}


def test_a_branch_moved_meanwhile_is_found_where_it_is_now(tree):
    """The parent was read before somebody moved it."""
    read_before = Organization.objects.get(name="City")
    tree["City"].edit(by=None, parent=tree["Other province"])
    enter_organization("Bureau", parent=read_before)
    assert under("Other province") == {"Other province", "City", "District", "Bureau"}
    assert under("Country") == {"Country", "Province"}


def test_a_circle_through_a_parent_read_before_a_move_is_refused(tree):
    read_before = Organization.objects.get(name="Other province")
    tree["Other province"].edit(by=None, parent=tree["District"])
    with pytest.raises(ValidationError) as refused:
        tree["Country"].edit(by=None, parent=read_before)
    assert refused.value.error_dict["parent"][0].code == "cycle"


def test_a_node_with_others_beneath_it_is_not_deleted(tree):
    with pytest.raises(Refused) as refused:
        tree["City"].remove(by=None)
    assert refused.value.guard == "still_needed"
    assert "District" in str(refused.value)
    tree["District"].remove(by=None)
    Organization.objects.get(name="City").remove(by=None)
    assert under("Province") == {"Province"}


def line(length, root_name):
    node = None
    for depth in range(length):
        node = Region.enter(by=None, name=f"{root_name} {depth}", parent=node)
    return node


def test_a_tree_has_a_depth_beyond_which_it_is_refused_at_the_parent():
    deepest = line(23, "Region")
    with pytest.raises(ValidationError) as refused:
        Region.enter(by=None, name="Too deep", parent=deepest)
    assert refused.value.error_dict["parent"][0].code == "too_deep"


def test_a_branch_is_not_moved_to_where_its_own_depth_would_be_too_much():
    deepest = line(20, "Region")
    line(5, "Branch")
    with pytest.raises(ValidationError) as refused:
        Region.objects.get(name="Branch 0").edit(by=None, parent=deepest)
    assert refused.value.error_dict["parent"][0].code == "too_deep"
