"""Looking around in a real graph: names while they are typed, neighbourhoods, and what two entities share."""

from __future__ import annotations

import pytest

from graphstore.graph import Graph
from tests.ui.film_world import MARKUP, uri
from ui.exploring import Entity, Filters, Neighbour, Star, compare, describe, neighbourhood, search, star
from ui.graph_layout import MOST_NODES

INCEPTION = uri("Inception")
NOLAN = uri("Christopher_Nolan")


def made_up(name: str, *edges: tuple[str, str, str, float]) -> Star:
    """A star; edges: URI of the neighbour, modality, relation, weight."""
    neighbours = (Neighbour(to, to, relation, modality, True, weight) for to, modality, relation, weight in edges)
    return Star(Entity(name, name, is_item=False), tuple(neighbours), False)


@pytest.mark.database
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("incep", "Inception (2010)"),
        ("the pres", "The Prestige (2006)"),
        ("christopher no", "Christopher Nolan"),
        ("intersteler", "Interstellar (2014)"),
        ("her", "Her (2013)"),
    ],
)
def test_a_name_is_found_while_it_is_typed(films: Graph, typed: str, first: str) -> None:
    assert search(films, typed)[0].label.replace("_", " ") == first


@pytest.mark.database
@pytest.mark.parametrize("typed", ["", "  ", "*", "AND", "a:b^9 ~(", "/.*/", "x" * 200, "\\"])
def test_any_text_may_be_typed(films: Graph, typed: str) -> None:
    assert len(search(films, typed)) <= 8


@pytest.mark.database
def test_an_entity_says_what_it_is(films: Graph) -> None:
    found = describe(films, uri("Markup"))
    assert found
    assert (found.label, found.is_item) == (MARKUP, True)
    assert describe(films, "http://films.example/nothing") is None


@pytest.mark.database
def test_a_star_holds_every_edge_of_an_entity(films: Graph) -> None:
    found = star(films, INCEPTION)
    assert found
    assert (found.name, found.cut) == ("Inception (2010)", False)
    (director,) = (edge for edge in found.neighbours if edge.relation == "DIRECTOR")
    assert (director.uri, director.modality, director.outwards, director.weight) == (NOLAN, "facts", True, 1)
    counts = {edge.uri: edge.weight for edge in found.neighbours if edge.modality == "co_mention"}
    assert counts == {uri("Interstellar_(film)"): 2, uri("The_Prestige_(film)"): 2, uri("Arrival_(film)"): 2}
    assert {edge.modality for edge in found.neighbours} == {"facts", "co_mention", "text", "image"}
    assert star(films, "http://films.example/nothing") is None


@pytest.mark.database
def test_opening_a_second_entity_brings_its_edges_each_once(films: Graph) -> None:
    first, second = star(films, INCEPTION), star(films, NOLAN)
    assert first
    assert second
    facts = Filters(modalities=frozenset({"facts"}))
    one, both = neighbourhood([first], facts), neighbourhood([first, second], facts)
    assert set(one.graph.edges) == {(INCEPTION, NOLAN), (INCEPTION, uri("Action_film"))}
    assert set(both.graph.edges) - set(one.graph.edges) == {
        (uri("Interstellar_(film)"), NOLAN),
        (uri("The_Prestige_(film)"), NOLAN),
    }
    assert len(both.edges) == 4
    assert both.hidden == 0


def test_filters_keep_what_they_say() -> None:
    world = made_up(
        "a",
        ("b", "facts", "DIRECTOR", 1),
        ("c", "facts", "STARRING", 1),
        ("d", "co_mention", "CO_MENTIONED", 1),
        ("e", "co_mention", "CO_MENTIONED", 5),
        ("f", "text", "TEXT_SIMILAR", 0.3),
        ("g", "text", "TEXT_SIMILAR", 0.8),
    )

    def drawn(filters: Filters) -> str:
        return "".join(neighbourhood([world], filters).graph.names)

    assert sorted(drawn(Filters())) == list("abcdefg")
    assert sorted(drawn(Filters(least_score=0.5))) == list("abcdeg")
    assert sorted(drawn(Filters(least_count=2))) == list("abcefg")
    assert drawn(Filters(relations=frozenset({"STARRING"}))) == "ac"
    assert drawn(Filters(modalities=frozenset({"text"}), least_score=0.5)) == "ag"
    assert drawn(Filters(modalities=frozenset())) == "a"


def test_short_room_is_shared_and_what_is_left_out_is_counted() -> None:
    facts = [(f"f{number}", "facts", "STARRING", 1.0) for number in range(1_000)]
    texts = [(f"t{number}", "text", "TEXT_SIMILAR", 1 - number / 1_000) for number in range(20)]
    world = made_up("a", *facts, *texts)
    found = neighbourhood([world], Filters(most=11))
    assert list(found.graph.names) == ["a", *(f"{kind}{number}" for number in range(5) for kind in "ft")]
    assert found.hidden == 1_010
    assert len(neighbourhood([world], Filters(most=5_000)).graph.names) == MOST_NODES
    assert {edge.uri for _, _, edge in found.edges} <= found.graph.names.keys()


def test_opened_entities_are_drawn_even_where_there_is_no_room() -> None:
    stars = [made_up(f"s{number}", (f"n{number}", "facts", "STARRING", 1)) for number in range(5)]
    found = neighbourhood(stars, Filters(most=3))
    assert list(found.graph.names) == [one.uri for one in stars]
    assert found.hidden == 5


@pytest.mark.database
def test_two_items_show_what_they_share_and_the_ways_between(films: Graph) -> None:
    ends = [describe(films, one) for one in (INCEPTION, uri("The_Prestige_(film)"))]
    assert ends[0]
    assert ends[1]
    found = compare(films, ends[0], ends[1])
    assert [row["uri"] for row in found.shared] == [NOLAN]
    assert found.paths[0]["uris"] == [INCEPTION, NOLAN, ends[1].uri]
    assert ("CO_MENTIONED", 2) in {(row["relation"], row["count"]) for row in found.edges}
    assert found.ways[0]["uris"][0] == INCEPTION
    assert found.ways[0]["uris"][-1] == ends[1].uri
