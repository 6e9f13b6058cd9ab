"""Launches from hand-made taggings."""

import datetime as dt

from assembled import only, records
from taggings import Said

from healthevents.assembly.mentions import LINKED
from healthevents.assembly.product_launch import SURE
from healthevents.schema import AnyRecord, Document, ProductLaunch


def test_launched_and_later_approved_are_two_records() -> None:
    document = Document(id="d", text="澜石生物4月推出静脉泵。静脉泵6月获批。", published=dt.date(2022, 7, 1))
    said = {
        "o": Said("product_launch", "organisation", "澜石生物"), "t": Said("product_launch", "date", "4月"),
        "p": Said("product_launch", "product", "静脉泵", entity__kind="product"),
        "q": Said("product_launch", "product", "静脉泵", nth=1, entity__kind="product", product_launch__action="approved"),
        "u": Said("product_launch", "date", "6月", product_launch__action="approved"),
    }  # fmt: skip
    first, second = records(document, said, ["o t p", "o q u"])
    assert isinstance(first, ProductLaunch)
    assert isinstance(second, ProductLaunch)
    assert [(record.action, record.product.name, record.product.kind, record.organisation.name, record.date.start.month) for record in (first, second)] == [  # type: ignore[union-attr]
        ("launched", "静脉泵", "product", "澜石生物", 4), ("approved", "静脉泵", "product", "澜石生物", 6),
    ]  # fmt: skip


def test_two_products_launched_together_are_two_records() -> None:
    document = Document(id="d", text="Larch unveiled PulseNest 2, a patch, and LarchCloud.")
    said = {
        "o": Said("product_launch", "organisation", "Larch"), "p": Said("product_launch", "product", "PulseNest"), "v": Said("product_launch", "version", "2"),
        "k": Said("product_launch", "category", "patch"), "q": Said("product_launch", "product", "LarchCloud"),
    }  # fmt: skip
    first, second = records(document, said, ["o p v k", "o q"])
    assert (first.product.name, first.version.text, first.category.text) == ("PulseNest", "2", "patch")  # type: ignore[union-attr]
    assert (second.product.name, second.version, second.organisation.name) == ("LarchCloud", None, "Larch")  # type: ignore[union-attr]


def test_a_product_that_title_and_body_name_is_one_record() -> None:
    document = Document(id="d", text="Larch today unveiled PulseNest.", title="PulseNest is here")
    said = {"p": Said("product_launch", "product", "PulseNest", where="title"), "q": Said("product_launch", "product", "PulseNest")}
    assert [mention.in_ for mention in only(records(document, said, ["p q"])).product.all_mentions()] == ["title", "text"]


# ---- several events of one product ----


def events(found: list[AnyRecord]) -> list[tuple[str, int | None, str | None]]:
    return [
        (record.action, record.date.start.year if record.date and record.date.start else None, record.version and record.version.text)  # type: ignore[union-attr]
        for record in sorted(found, key=lambda record: str(record.date))  # type: ignore[union-attr]
    ]


PULSENEST = Document(id="d", text="PulseNest came in 2016 and went to 3.0 in 2018.")
UPGRADED = {"product_launch__action": "upgraded"}
PULSENEST_SAID = {
    "p": Said("product_launch", "product", "PulseNest"), "d": Said("product_launch", "date", "2016"),
    "v": Said("product_launch", "version", "3.0", **UPGRADED), "e": Said("product_launch", "date", "2018", **UPGRADED),
}  # fmt: skip


def test_each_event_of_a_product_has_its_own_date_version_and_action() -> None:
    found = records(PULSENEST, PULSENEST_SAID, ["p d", "p v e"])
    assert sorted(events(found)) == [("launched", 2016, None), ("upgraded", 2018, "3.0")]
    assert {record.product.name for record in found} == {"PulseNest"}  # type: ignore[union-attr]


def test_what_happened_is_read_at_the_event_and_not_at_the_product() -> None:
    said = {name: words for name, words in PULSENEST_SAID.items() if name != "v"}
    assert sorted(events(records(PULSENEST, said, ["p d", "p e"]))) == [("launched", 2016, None), ("upgraded", 2018, None)]


def test_a_date_linked_with_the_one_before_is_of_the_same_event() -> None:
    assert len(records(PULSENEST, PULSENEST_SAID, ["p d v e"])) == 1


def test_a_less_sure_date_begins_no_event() -> None:
    unsure = {"p e": (LINKED + SURE) / 2, "p v": 0.01}
    assert events(records(PULSENEST, PULSENEST_SAID, ["p d"], unsure=unsure)) == [("launched", 2016, None)]
