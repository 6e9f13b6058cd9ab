"""Merging: which records are one event and which never, what the joined record says, and that neither order nor repetition matters."""

import datetime as dt
import json
from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.merge import PAIRS, _Counts, count, read_reports
from healthevents import merging
from healthevents.merging import merge
from healthevents.schema import AnyRecord, parse_record
from healthevents.values import parse_date, parse_money, parse_quantity


def said(text: str) -> dict[str, Any]:
    return {"start": 0, "end": len(text), "text": text}


def entity(*names: str, **more: Any) -> dict[str, Any]:
    mentions = [said(name) for name in names]
    return {"name": names[0], "mention": mentions[0], **({"mentions": mentions} if len(mentions) > 1 else {}), **more}


def money(text: str | None) -> Any:
    found = parse_money(text) if text else None
    return found and json.loads(found.model_dump_json())


def date(text: str | None) -> Any:
    found = parse_date(text) if text else None
    return found and json.loads(found.model_dump_json())


def phrase(text: str | None) -> Any:
    return text and {"text": text, "mention": said(text)}


def deal(
    company: str | Sequence[str], amount: str | None = None, round: str | None = None, on: str | None = None, investors: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    names = (company,) if isinstance(company, str) else company
    stake = parse_quantity(more.pop("stake")) if "stake" in more else None
    return {
        "type": "funding", "company": entity(*names), "amount": money(amount), "round": round, "date": date(on),
        "investors": [entity(name.rstrip("!"), lead=True if name.endswith("!") else None) for name in investors],
        "stake": stake and json.loads(stake.model_dump_json()), **more,
    }  # fmt: skip


def agreement(*parties: str, kind: str = "strategic", scope: str | None = None, on: str | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "partnership", "parties": [entity(party) for party in parties], "kind": kind, "scope": phrase(scope), "date": date(on), **more}


def launch(product: str, maker: str | None, action: str = "launched", version: str | None = None, on: str | None = None, **more: Any) -> dict[str, Any]:
    organisation = entity(maker) if maker else None
    quoted = [said(more.pop("evidence"))] if "evidence" in more else []
    return {
        "type": "product_launch", "product": entity(product, kind="product"), "organisation": organisation, "action": action, "version": phrase(version),
        "date": date(on), "evidence": quoted, **more,
    }  # fmt: skip


def metric(subject: str, name: str, value: str | None = None, as_of: str | None = None, change: tuple[str, str] | None = None, **more: Any) -> dict[str, Any]:
    found = (parse_money(value) or parse_quantity(value)) if value else None
    changes = [{"direction": change[0], "value": change[1], "unit": "%", "mention": said(change[1])}] if change else []
    return {
        "type": "metric", "subject": entity(subject), "name": phrase(name), "value": found and json.loads(found.model_dump_json()),
        "changes": changes, "as_of": date(as_of), **more,
    }  # fmt: skip


def records(*wires: dict[str, Any]) -> list[AnyRecord]:
    return [parse_record({"doc_id": f"d{n}", "id": f"r{n}", **wire}) for n, wire in enumerate(wires)]


ONE_EVENT = {
    "short name, rounded sum": (deal("沐衡医疗", "近1.5亿元", "b"), deal("沐衡", "1.48亿元", "b")),
    "registered name": (deal("北京眠鹿科技有限公司", "3000万元", "angel"), deal("眠鹿科技", "数千万元", "angel")),
    "a round without its sum": (deal("Brackwell", None, "b"), deal("Brackwell Therapeutics, Inc.", "$62 million", "b")),
    "pinyin": (deal("栖川生物", "3000万美元", "a"), deal("Qichuan Biotech", "$30 million", "a")),
    "the table of organisations": (deal("甲科技", None, "a", investors=["红杉中国"]), deal("甲科技", "2亿元", "a", investors=["Sequoia China"])),
    "a name given in brackets": (deal(("澜止医疗", "Lanfield"), "2亿元", "c"), deal("Lanfield", "2亿元", "c")),
    "another currency, same round": (deal("澜止医疗", "约2亿元", "c", "2021年4月15日"), deal("澜止医疗", "$31 million", "c", "April 15, 2021")),
    "two scripts, all else equal": (
        deal("新脉健康", "3300万美元", "b", "2023年1月5日", ["礼来亚洲基金"]),
        deal("Nuvessa", "$33 million", "b", "Jan. 5, 2023", ["Lilly Asia Ventures"]),
    ),
    "rumour and round": (deal("禾辨基因", "约1亿美元", "d", status="reported"), deal("禾辨基因", "1.05亿美元", "d")),
    "rumour and denial": (
        deal("予微药业", None, "acquisition", investors=["长岭集团"], status="reported"),
        deal("予微药业", None, "acquisition", investors=["长岭集团"], status="denied"),
    ),
    "takeover agreed and closed": (
        deal("Tessaly", "$815 million", "acquisition", "March 1, 2023", ["Morrow"], status="planned"),
        deal("Tessaly Diagnostics", None, "acquisition", "September 12, 2023", ["Morrow Instruments"]),
    ),
    "sum and investor": (deal("拾羽康复", "5000万元", None, "2023年4月3日", ["滁江国投"]), deal("拾羽康复", "5000万元", "strategic", None, ["滁江国投"])),
    "parties the other way round": (agreement("澄湾药业", "黛江医院", on="2020年9月16日"), agreement("黛江医院", "澄湾药业有限公司", on="2020年9月16日")),
    "a third party": (agreement("甲药业", "乙医院", "丙大学", kind="research"), agreement("甲药业", "乙医院", kind="research")),
    "agreement in two languages": (
        agreement("腾讯", "默沙东", scope="慢病管理", on="2021年3月18日"),
        agreement("Tencent", "MSD", scope="chronic disease", on="March 18, 2021"),
    ),
    "product without its maker's name": (launch("锦阅肺结节AI系统", "锦阅医疗"), launch("肺结节AI", "锦阅")),
    "version": (launch("Lumio Care", "Lumio Health", "upgraded", "3.0"), launch("Lumio Care", "Lumio", "upgraded", "V3")),
    "approval": (
        launch("辨早", "禾辨基因", "approved", evidence="国家药监局批准辨早上市"),
        launch("辨早", "禾辨基因", "approved", evidence="NMPA批准辨早"),
    ),
    "rounded figure": (metric("岐川药业", "营业收入", "24.71亿元", "2020年"), metric("岐川药业", "营收", "24.7亿元", "2020年")),
    "figure in two languages": (metric("弘渡生物", "研发费用", "2.386亿元", "2020年"), metric("Hongdu Biosciences", "R&D", "RMB 238.6 million", "2020")),
    "more than": (metric("颐问健康", "医院", "超1.2万家"), metric("颐问健康", "医院", "12300家")),
    "a change alone": (metric("甲科技", "收入", None, "2020年", ("up", "34")), metric("甲科技", "收入", "6100万元", "2020年", ("up", "34"))),
}
TWO_EVENTS = {
    "rounds": (deal("廷舒生物", "2亿元", "b"), deal("廷舒生物", "2亿元", "b_plus")),
    "letters": (deal("甲科技", "2亿元", "a", "2021年3月4日", ["乙资本"]), deal("甲科技", "2亿元", "pre_a", "2021年3月4日", ["乙资本"])),
    "companies of one group": (deal("恒汐医药", "1亿元", "a", None, ["柏洲资本"]), deal("恒汐影像", "1亿元", "a", None, ["柏洲资本"])),
    "names that only look alike": (deal("Alder Health", "$20 million", "a"), deal("Alderwood Health", "$20 million", "a")),
    "pinyin of another trade": (deal("弘渡生物", "2000万美元", "a"), deal("Hongdu Hospital Group", "$20 million", "a")),
    "well-known names": (deal("腾讯", "1亿元", "strategic", "2020年3月4日"), deal("腾讯音乐", "1亿元", "strategic", "2020年3月4日")),
    "sums": (deal("甲科技", "2亿元", "b"), deal("甲科技", "3亿元", "b")),
    "currencies and rounds": (deal("甲科技", "2亿元"), deal("甲科技", "$31 million")),
    "currencies far apart": (deal("甲科技", "2亿元", "b"), deal("甲科技", "$200 million", "b")),
    "dates": (deal("甲科技", "5000万元", None, "2023年4月3日"), deal("甲科技", "5000万元", None, "2021年3月")),
    "investors": (deal("甲科技", "5000万元", None, None, ["乙资本"]), deal("甲科技", "5000万元", "strategic", None, ["丙创投"])),
    "bidders": (deal("甲科技", None, "acquisition", None, ["乙集团"]), deal("甲科技", None, "acquisition", None, ["丙集团"])),
    "stakes": (deal("甲", "2亿元", "acquisition", None, ["乙集团"], stake="51%"), deal("甲", "2亿元", "acquisition", None, ["乙集团"], stake="49%")),
    "loan and round": (deal("甲科技", "3000万元", "debt"), deal("甲科技", "3000万元", "angel")),
    "nothing but the company": (deal("甲科技"), deal("甲科技")),
    "a backer and its round": (deal("甲科技", None, None, None, ["乙资本"]), deal("甲科技", "2亿元", "a", None, ["乙资本"])),
    "done and denied": (deal("甲科技", "2亿元", "b", status="done"), deal("甲科技", "2亿元", "b", status="denied")),
    "one party in common": (agreement("京东健康", "诺和诺德", on="2021年1月15日"), agreement("京东健康", "诺华", on="2021年1月15日")),
    "licences": (agreement("甲药业", "乙制药", kind="licensing", scope="TB-17"), agreement("甲药业", "乙制药", kind="licensing", scope="TB-29")),
    "kinds": (agreement("甲药业", "乙医院", kind="supply"), agreement("甲药业", "乙医院", kind="joint_venture")),
    "agreements years apart": (agreement("甲药业", "乙医院", on="2020年9月16日"), agreement("甲药业", "乙医院", on="2022年4月1日")),
    "signed and ended": (agreement("甲药业", "乙医院"), agreement("甲药业", "乙医院", status="ended")),
    "versions": (launch("Lumio Care", "Lumio", "upgraded", "3.0"), launch("Lumio Care", "Lumio", "upgraded", "4.0")),
    "with and without version": (launch("Lumio Care", "Lumio"), launch("Lumio Care", "Lumio", "upgraded", "4.0")),
    "models": (launch("恺视CT 256", "恺森影像"), launch("恺视CT 128", "恺森影像")),
    "makers": (launch("Pulse One", "Ridgeback"), launch("Pulse One", "Kindle Cardio")),
    "approval and launch": (launch("ClearVein", "Dovetail", "approved"), launch("ClearVein", "Dovetail")),
    "regulators": (launch("辨早", "甲基因", "approved", evidence="NMPA批准辨早"), launch("辨早", "甲基因", "approved", evidence="辨早获得欧盟CE认证")),
    "launch and stop": (launch("Altrexa", "Selwyn"), launch("Altrexa", "Selwyn", "discontinued")),
    "unveiled and sold": (launch("Ring Air", "Tuike", "announced", on="2025年1月6日"), launch("Ring Air", "Tuike", status="planned", on="2025年3月")),
    "periods": (metric("岐川药业", "营业收入", "24.71亿元", "2020年"), metric("岐川药业", "营业收入", "24.71亿元", "2021年")),
    "quarters": (metric("Ferrant", "revenue", "$48.3 million", "Q3 2023"), metric("Ferrant", "revenue", "$48.3 million", "Q4 2023")),
    "figures": (metric("甲科技", "收入", "2.4亿元", "2020年"), metric("甲科技", "净利润", "2.4亿元", "2020年")),
    "values": (metric("甲科技", "患者", "61人"), metric("甲科技", "患者", "60人")),
    "forecast and actual": (metric("甲市场", "规模", "900亿元", "2020年", status="planned"), metric("甲市场", "规模", "900亿元", "2020年")),
    "subjects": (metric("恒汐医药", "员工", "320人"), metric("恒汐影像", "员工", "320人")),
    "shares and counts": (metric("甲科技", "用户", "60%"), metric("甲科技", "用户", "60人")),
    "types": (deal("甲科技", "2亿元", "b"), metric("甲科技", "收入", "2亿元")),
}


@pytest.mark.parametrize("case", ONE_EVENT)
def test_records_of_one_event_are_joined_with_both_sources(case: str) -> None:
    first, second = records(*ONE_EVENT[case])
    (joined,) = merge([first, second])
    assert joined.sources == (first, second)
    assert parse_record(json.loads(joined.model_dump_json())) == joined
    assert merge([second, first]) == [joined]


@pytest.mark.parametrize("case", TWO_EVENTS)
def test_records_of_two_events_stay_as_they_are(case: str) -> None:
    both = records(*TWO_EVENTS[case])
    assert merge(reversed(both)) == both


def test_a_joined_deal_says_the_latest_and_most_precise_of_each_source() -> None:
    rumour, report, note = records(
        deal("禾辨基因", "约1亿美元", None, "2022年5月", ["云峤资本"], status="reported", confidence=0.6),
        deal("禾辨基因", "1.05亿美元", "d", "2022年8月22日", ["云峤资本!", "砚石投资"], confidence=0.7),
        deal("禾辨基因", "超1亿美元", "d", "2022年8月", ["云峤资本", "海棠创投"], confidence=0.9),
    )
    (joined,) = merge([rumour, report, note])
    assert joined.type == "funding"
    assert (joined.status, joined.round, joined.confidence) == ("done", "d", 0.9)
    assert joined.amount is not None
    assert joined.amount.modifier == "exact"
    assert joined.amount.mention.text == "1.05亿美元"
    assert joined.date is not None
    assert joined.date.precision == "day"
    assert sorted((i.name, i.lead) for i in joined.investors) == [("云峤资本", True), ("海棠创投", None), ("砚石投资", None)]
    assert [source.id for source in joined.sources] == ["r0", "r1", "r2"]


def test_a_mention_in_another_document_names_it() -> None:
    first, second = records(deal("甲科技", None, "b", "2021年3月4日", ["乙资本"]), deal("甲科技", "2亿元", "b"))
    (joined,) = merge([first, second])
    assert joined.type == "funding"
    assert joined.amount is not None
    assert (joined.doc_id, joined.company.mention.doc_id, joined.amount.mention.doc_id) == ("d0", None, "d1")


def test_what_one_document_states_twice_is_two_events() -> None:
    first, second = records(deal("甲科技", "2亿元", "b"), deal("甲科技", None, "b"))
    other = second.model_copy(update={"doc_id": first.doc_id})
    assert len(merge([first, second])) == 1
    assert len(merge([first, other])) == 2


def test_documents_without_ids_of_their_own_are_told_apart_by_nothing() -> None:
    bare = [record.model_copy(update={"doc_id": "text"}) for record in records(deal("甲科技", "2亿元", "b"), deal("甲科技", None, "b"))]
    assert len(merge(bare)) == 1


def test_a_record_that_fits_two_events_equally_joins_neither() -> None:
    found = merge(records(deal("甲科技", "2亿元", "b"), deal("甲科技", "9亿元", "b"), deal("甲科技", None, "b")))
    assert len(found) == 3


def test_publication_dates_stand_in_for_those_of_events() -> None:
    both = records(launch("安糖", "甲科技"), launch("安糖", "甲科技"))
    first = dt.date(2020, 1, 1)
    assert len(merge(both, published={"d0": first, "d1": first + dt.timedelta(days=3)})) == 1
    assert len(merge(both, published={"d0": first, "d1": first + dt.timedelta(days=400)})) == 2


NAMES = ("甲科技", "澄影医疗", "澄影", "Chengying Medical", "Corvane", "Corvane Health")
SUMS = (None, "2亿元", "约2亿元", "1.9亿元", "$30 million", "数亿元", "9亿元")
ROUNDS = (None, "a", "a_plus", "b", "strategic", "acquisition")
DATES = (None, "2021年3月4日", "2021年3月", "2021年", "2023年5月6日")
deals = st.builds(
    deal,
    st.sampled_from(NAMES), st.sampled_from(SUMS), st.sampled_from(ROUNDS), st.sampled_from(DATES), st.lists(st.sampled_from(("乙资本", "丙创投")), max_size=2, unique=True),
    status=st.sampled_from(("done", "planned", "reported", "denied")),
)  # fmt: skip
agreements = st.builds(
    lambda parties, kind, on: agreement(*parties, kind=kind, on=on),
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True), st.sampled_from(("strategic", "supply")), st.sampled_from(DATES),
)  # fmt: skip
launches = st.builds(
    launch, st.sampled_from(("安糖", "安糖2.0", "Lumio")), st.sampled_from((*NAMES, None)), st.sampled_from(("launched", "approved")),
    st.sampled_from((None, "2.0")), st.sampled_from(DATES),
)  # fmt: skip
metrics = st.builds(metric, st.sampled_from(NAMES), st.sampled_from(("收入", "revenue", "医院")), st.sampled_from(SUMS[1:]), st.sampled_from(DATES))
many = st.lists(st.one_of(deals, agreements, launches, metrics), max_size=12).map(lambda wires: records(*wires))


@given(many, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(found: list[AnyRecord], random: Any) -> None:
    shuffled = random.sample(found, len(found))
    assert merge(shuffled) == merge(found)


@given(many, st.integers(0, 12))
def test_merging_again_or_in_parts_does_not_matter(found: list[AnyRecord], at: int) -> None:
    merged = merge(found)
    assert merge(merged) == merged
    assert merge(merge(found[:at]) + merge(found[at:])) == merged


@given(many)
def test_every_record_is_kept_once(found: list[AnyRecord]) -> None:
    sources = [source for record in merge(found) for source in (record.sources or (record,))]
    assert sorted(source.id for source in sources) == sorted(record.id for record in found)
    assert all(source in found for source in sources)


@given(many)
def test_two_rounds_are_never_joined_and_types_neither(found: list[AnyRecord]) -> None:
    for record in merge(found):
        rounds = {source.round for source in record.sources if source.type == "funding"} - {None, "strategic"}
        assert len(rounds) <= 1
        assert {source.type for source in record.sources} <= {record.type}


@given(many)
def test_a_merged_record_is_valid_on_the_wire(found: list[AnyRecord]) -> None:
    for record in merge(found):
        assert parse_record(json.loads(record.model_dump_json())) == record


def test_all_orders_of_a_few_records_give_the_same() -> None:
    found = records(deal("甲科技", "2亿元"), deal("甲科技", None, "b"), deal("甲科技", "约2亿元", "b"), deal("甲科技", "2亿元", "a"))
    assert len({repr(merge(order)) for order in permutations(found)}) == 1


def test_hostile_input_is_not_quadratic(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0

    def counting(a: Any, b: Any) -> int | None:
        nonlocal compared
        compared += 1
        return real(a, b)

    real = merging.likeness
    monkeypatch.setattr(merging, "likeness", counting)
    found = records(*(metric("甲科技", "医院", None, None, ("up", "34"), status="done") | {"name": phrase(f"指标{n}")} for n in range(900)))
    assert len(merge(found)) == 900
    assert compared <= 900 * (merging._MOST_CANDIDATES + 1)


def test_the_measured_pairs_stay_above_the_target() -> None:
    counts = _Counts()
    stories: dict[str, list[Any]] = {}
    for report in read_reports(PAIRS / "measure.jsonl"):
        stories.setdefault(report.story, []).append(report)
    for story in stories.values():
        for pair in combinations(story, 2):
            counts.pairs += 1
            count(pair, counts, {})
    assert counts.pairs >= 120
    assert counts.right / counts.joined >= 0.99
    assert counts.right / counts.same >= 0.90
