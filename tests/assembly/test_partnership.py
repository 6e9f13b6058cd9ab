"""Agreements from hand-made taggings."""

import datetime as dt
import itertools

import numpy as np
from assembled import only, records
from hypothesis import given
from hypothesis import strategies as st
from taggings import Said

from healthevents.assembly.partnership import MOST_AGREEMENTS, maximal_cliques
from healthevents.schema import AnyRecord, Document, Partnership


def parties(names: str) -> dict[str, Said]:
    return {name: Said("partnership", "party", name) for name in names.split()}


def found_parties(found: list[AnyRecord]) -> list[list[str]]:
    return sorted(sorted(party.name for party in record.parties) for record in found if isinstance(record, Partnership))


def test_one_party_with_two_others_is_two_records() -> None:
    found = records(
        Document(id="d", text="Osier signed with Merrow and, apart from that, with Corvane."),
        parties("Osier Merrow Corvane"),
        ["Osier Merrow", "Osier Corvane"],
    )
    assert found_parties(found) == [["Corvane", "Osier"], ["Merrow", "Osier"]]
    assert all(record.parties[0].name == "Osier" for record in found)  # type: ignore[union-attr]


def test_three_parties_together_are_one_record() -> None:
    found = records(Document(id="d", text="Osier, Merrow and Corvane signed."), parties("Osier Merrow Corvane"), ["Osier Merrow Corvane"])
    assert found_parties(found) == [["Corvane", "Merrow", "Osier"]]


def test_a_party_alone_is_no_record() -> None:
    assert records(Document(id="d", text="Osier signed with many."), parties("Osier")) == []


def test_kind_scope_date_status_and_exclusivity_are_read() -> None:
    document = Document(id="d", text="3月5日，云砚医药与柏舟科技达成肿瘤早筛独家授权。", published=dt.date(2021, 3, 9))
    read = {"partnership__kind": "licensing", "partnership__status": "planned"}
    said = {
        "d": Said("partnership", "date", "3月5日"), "x": Said("partnership", "party", "云砚医药", **read),
        "y": Said("partnership", "party", "柏舟科技", **read),
        "s": Said("partnership", "scope", "肿瘤早筛", **read),
    }  # fmt: skip
    record = only(records(document, said, ["d x y s"]))
    assert (record.kind, record.status, record.scope.text, record.exclusive, record.date.start) == (
        "licensing",
        "planned",
        "肿瘤早筛",
        True,
        dt.date(2021, 3, 5),
    )


def test_a_pronoun_as_party_resolves_to_its_name() -> None:
    document = Document(id="d", text="松萤医疗成立于杭州。该公司与德禾药业合作。")
    said = {"s": Said("metric", "subject", "松萤医疗"), "p": Said("partnership", "party", "该公司"), "y": Said("partnership", "party", "德禾药业")}
    assert found_parties(records(document, said, ["p y"], same=["s p"])) == [["德禾药业", "松萤医疗"]]


@given(st.integers(0, 7), st.data())
def test_maximal_cliques_are_those_of_an_exhaustive_search(count: int, data: st.DataObject) -> None:
    pairs = list(itertools.combinations(range(count), 2))
    chosen = data.draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    linked = np.zeros((count, count), dtype=bool)
    for a, b in chosen:
        linked[a, b] = linked[b, a] = True
    sets = [set(some) for size in range(1, count + 1) for some in itertools.combinations(range(count), size)]
    cliques = [some for some in sets if all(linked[a, b] for a, b in itertools.combinations(some, 2))]
    maximal = sorted(sorted(some) for some in cliques if not any(some < other for other in cliques))
    assert maximal_cliques(linked) == maximal


def test_cliques_stay_bounded_in_a_graph_made_to_have_many() -> None:
    # Moon and Moser: all edges but those within triples give 3^(n/3) maximal cliques.
    nodes = 60
    linked = np.array([[i // 3 != j // 3 for j in range(nodes)] for i in range(nodes)])
    assert len(maximal_cliques(linked)) <= MOST_AGREEMENTS


# ---- a party whose partner is not sure ----


def test_a_lone_party_takes_its_likeliest_partner() -> None:
    document = Document(id="d", text="Osier and Corvane signed, Merrow did too.")
    found = records(document, parties("Osier Corvane Merrow"), ["Osier Corvane"], unsure={"Merrow Osier": 0.2})
    assert found_parties(found) == [["Corvane", "Osier"], ["Merrow", "Osier"]]


def test_a_party_alone_takes_the_organisation_beside_it() -> None:
    document = Document(id="d", text="Alder grows. Corvane works with Merrow. Osier grows.")
    said = {**parties("Merrow"), **{name: Said("metric", "subject", name) for name in ("Alder", "Corvane", "Osier")}}
    assert found_parties(records(document, said)) == [["Corvane", "Merrow"]]


def test_a_product_beside_a_party_is_no_partner() -> None:
    document = Document(id="d", text="PulseNest works with Merrow.")
    assert records(document, {**parties("Merrow"), "p": Said("metric", "subject", "PulseNest", entity__kind="product")}) == []


def test_a_party_alone_in_its_sentence_takes_what_the_document_is_about() -> None:
    document = Document(id="d", text="Corvane grew. Corvane sells. A deal with Merrow followed.")
    said = {**parties("Merrow"), "s": Said("metric", "subject", "Corvane"), "o": Said("product_launch", "organisation", "Corvane", nth=1)}
    assert found_parties(records(document, said)) == [["Corvane", "Merrow"]]


# ---- round-ups ----


def test_items_of_a_round_up_are_apart_although_linked() -> None:
    document = Document(id="d", text="Osier signed with Merrow\nCorvane signed with Alder\n")
    found = records(document, parties("Osier Merrow Corvane Alder"), ["Osier Merrow", "Corvane Alder", "Merrow Corvane"])
    assert found_parties(found) == [["Alder", "Corvane"], ["Merrow", "Osier"]]


def test_an_agreement_may_go_over_a_line_break() -> None:
    third = Document(id="d", text="Osier and Merrow sign\nThe third is Corvane\n")
    assert found_parties(records(third, parties("Osier Merrow Corvane"), ["Osier Merrow Corvane"])) == [["Corvane", "Merrow", "Osier"]]
    document = Document(id="d", text="Osier signs\nThe partner is Merrow\n")
    assert found_parties(records(document, parties("Osier Merrow"), ["Osier Merrow"])) == [["Merrow", "Osier"]]
