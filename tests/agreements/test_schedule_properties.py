"""What holds for every schedule: against networkx on random graphs, and against brute force."""

import itertools
import random
from datetime import date, timedelta

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.schedule import Circle, Item, LagUnit, Link, Schedule, way
from governance.workdays import Calendar

FIRST = date(2027, 1, 1)
CALENDAR = Calendar.of(
    (5, 6),
    holidays=[FIRST + timedelta(days=ahead) for ahead in (0, 3, 35, 36, 37, 38, 39, 40, 41)],
    workdays=[FIRST + timedelta(days=ahead) for ahead in (1, 29)],
)


def earliest(finish, link):
    """The first day on which the successor may begin, by the calendar's own words."""
    if link.unit == LagUnit.DAYS:
        return finish + timedelta(days=link.lag + 1)
    return CALENDAR.add_working_days(finish, link.lag + 1)


# random graphs against networkx


def random_plan(size, links, seed):
    """Items in a random order of names, with links that never go back; lags in days."""
    luck = random.Random(seed)
    order = list(range(size))
    luck.shuffle(order)
    items = []
    for key in range(size):
        starts = FIRST + timedelta(days=luck.randrange(60))
        items.append(Item(key, starts, starts + timedelta(days=luck.randrange(40))))
    pairs = set()
    while len(pairs) < min(links, size * (size - 1) // 2):
        one, other = sorted(luck.sample(range(size), 2))
        pairs.add((order[one], order[other]))
    return items, [Link(one, other, luck.randrange(-3, 9)) for one, other in sorted(pairs)]


def longest_ways(items, links):
    """Early and late finishes, in days, as longest ways through a graph that networkx orders.

    An item lasts from its start to the day behind its end; its own start is a link from a source.
    """
    graph = networkx.DiGraph()
    lasts = {item.key: (item.due_on - item.starts_on).days + 1 for item in items}
    for item in items:
        graph.add_edge("source", item.key, weight=(item.starts_on - FIRST).days)
        graph.add_edge(item.key, "sink", weight=lasts[item.key])
    for link in links:
        weight = lasts[link.predecessor] + link.lag
        graph.add_edge(link.predecessor, link.successor, weight=weight)
    assert networkx.is_directed_acyclic_graph(graph)
    order = list(networkx.topological_sort(graph))
    early, to_end = {"source": 0}, {"sink": 0}
    for node in order[1:]:
        into = graph.in_edges(node, data="weight")
        early[node] = max(early[one] + weight for one, _node, weight in into)
    for node in reversed(order[:-1]):
        out_of = graph.out_edges(node, data="weight")
        to_end[node] = max(weight + to_end[other] for _node, other, weight in out_of)
    return graph, early, to_end


def assert_same_as_networkx(size, links, seed):
    items, edges = random_plan(size, links, seed)
    laid = Schedule(items, edges)
    graph, early, to_end = longest_ways(items, edges)
    end = early["sink"]
    assert (laid.ends_on - FIRST).days == end - 1
    assert end == networkx.dag_longest_path_length(graph)
    for key, place in laid.places().items():
        assert (place.early_start - FIRST).days == early[key]
        assert (place.late_start - FIRST).days == end - to_end[key]
        assert place.total_slack == end - to_end[key] - early[key]
    path = laid.critical_path()
    assert all(graph.has_edge(one, other) for one, other in itertools.pairwise(path))
    assert networkx.path_weight(graph, ["source", *path, "sink"], "weight") == end


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("size", "links"), [(1, 0), (5, 6), (30, 40), (200, 500)])
def test_it_agrees_with_networkx(size, links, seed):
    assert_same_as_networkx(size, links, seed)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "links"), [(2_000, 5_000), (10_000, 20_000)])
def test_it_agrees_with_networkx_on_graphs_of_ten_thousand(size, links):
    assert_same_as_networkx(size, links, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_it_agrees_with_networkx_for_longer(seed):
    luck = random.Random(seed)
    size = luck.randrange(2, 10_000)
    assert_same_as_networkx(size, luck.randrange(size * 2), seed)


# properties

sizes = st.integers(1, 7)


@st.composite
def plans(draw):
    """Items with and without dates, over or not, and links of both units without a circle."""
    size = draw(sizes)
    items = [draw(one_item(key)) for key in range(size)]
    pairs = [(one, other) for one in range(size) for other in range(one + 1, size)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    links = [
        Link(one, other, draw(st.integers(-4, 6)), draw(st.sampled_from(LagUnit.values)))
        for one, other in chosen
    ]
    return items, links


@st.composite
def one_item(draw, key):
    starts = FIRST + timedelta(days=draw(st.integers(0, 50)))
    due = starts + timedelta(days=draw(st.integers(0, 20)))
    kind = draw(st.sampled_from(["both", "both", "both", "start", "due", "none", "over", "late"]))
    return {
        "both": Item(key, starts, due),
        "start": Item(key, starts),
        "due": Item(key, None, due),
        "none": Item(key),
        "over": Item(key, starts, due, finished_on=due + timedelta(days=draw(st.integers(-9, 9)))),
        "late": Item(key, starts, due, expected_on=due + timedelta(days=draw(st.integers(1, 9)))),
    }[kind]


@given(plans())
def test_it_follows_the_rules_day_by_day(plan):
    """The early days by the plain rule, item by item: they are numbered in their order."""
    items, links = plan
    laid = Schedule(items, links, CALENDAR)
    finish = {}
    for item in items:
        place = laid.place(item.key)
        if item.finished_on is not None:
            assert place.early_finish == item.finished_on
            finish[item.key] = item.finished_on
            continue
        held = [
            earliest(finish[link.predecessor], link)
            for link in links
            if link.successor == item.key and link.predecessor in finish
        ]
        starts = [day for day in (item.starts_on or item.due_on, *held) if day]
        if not starts:
            assert place is None
            continue
        length = (item.due_on - item.starts_on) if item.starts_on and item.due_on else timedelta(0)
        ends = max(max(starts) + length, item.expected_on or date.min)
        assert (place.early_start, place.early_finish) == (max(starts), ends)
        finish[item.key] = ends


@given(plans(), st.data())
def test_slack_is_exactly_what_may_be_lost(plan, data):
    items, links = plan
    laid = Schedule(items, links, CALENDAR)
    open_ones = {key: place for key, place in laid.places().items() if place.late_finish}
    for key, place in open_ones.items():
        assert 0 <= place.free_slack <= place.total_slack
        assert place.late_finish == place.early_finish + timedelta(days=place.total_slack)
        assert laid.slip(key, place.total_slack).moves_end_by == 0
        assert laid.slip(key, place.total_slack + 1).moves_end_by > 0
        assert not any(
            laid.place(other).late_finish for other in laid.slip(key, place.free_slack).moved
        )
        lost = data.draw(st.integers(0, 30))
        moves = laid.slip(key, lost).moves_end_by
        assert 0 <= moves <= laid.slip(key, lost + 1).moves_end_by


@given(plans(), st.integers(0, 30), st.data())
def test_a_slip_is_the_same_plan_with_a_later_end(plan, lost, data):
    items, links = plan
    laid = Schedule(items, links, CALENDAR)
    open_ones = [key for key, place in laid.places().items() if place.late_finish]
    if not open_ones:
        return
    key = data.draw(st.sampled_from(open_ones))
    slip = laid.slip(key, lost)
    there = laid.place(key)
    moved = [
        Item(
            item.key,
            item.starts_on,
            item.due_on,
            expected_on=there.early_finish + timedelta(days=lost),
        )
        if item.key == key
        else item
        for item in items
    ]
    again = Schedule(moved, links, CALENDAR)
    assert slip.ends_on == again.ends_on
    assert (again.ends_on - laid.ends_on).days == slip.moves_end_by
    for other, place in laid.places().items():
        later = (again.place(other).early_finish - place.early_finish).days
        assert later == (lost if other == key else slip.moved.get(other, 0))


@given(plans())
def test_the_critical_path_is_a_chain_without_a_gap_to_the_end(plan):
    items, links = plan
    laid = Schedule(items, links, CALENDAR)
    path = laid.critical_path()
    open_ones = [place for place in laid.places().values() if place.late_finish]
    assert bool(path) == bool(open_ones)
    assert all(laid.place(key).is_critical for key in path)
    assert all(laid.is_tight(*pair) for pair in itertools.pairwise(path))
    if path:
        assert laid.place(path[-1]).early_finish == laid.ends_on


@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_telling_changes_nothing(plan, luck):
    items, links = plan
    laid = Schedule(items, links, CALENDAR)
    luck.shuffle(items)
    luck.shuffle(links)
    again = Schedule(items, links, CALENDAR)
    assert again.places() == laid.places()
    assert again.ends_on == laid.ends_on


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_a_circle_is_found_exactly_where_there_is_one(pairs):
    graph = networkx.DiGraph(pairs)
    items = [Item(key, FIRST, FIRST) for key in range(7)]
    links = [Link(*pair) for pair in pairs]
    if networkx.is_directed_acyclic_graph(graph):
        Schedule(items, links)
        return
    with pytest.raises(Circle) as refused:
        Schedule(items, links)
    keys = refused.value.keys
    assert len(set(keys)) == len(keys)
    assert all(graph.has_edge(*pair) for pair in zip(keys, (*keys[1:], keys[0]), strict=True))


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12),
    st.integers(0, 6),
    st.integers(0, 6),
)
def test_a_way_is_found_where_there_is_one_and_no_shorter_one(pairs, start, goal):
    graph = networkx.DiGraph(pairs)
    graph.add_nodes_from(range(7))
    found = way(pairs, start, goal)
    if not networkx.has_path(graph, start, goal):
        assert found is None
        return
    assert (found[0], found[-1]) == (start, goal)
    assert len(found) == networkx.shortest_path_length(graph, start, goal) + 1
    assert all(graph.has_edge(*pair) for pair in itertools.pairwise(found))
