"""Publication dates: where a page puts its own, and that dates in prose are left alone."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.published import parse_published, published_from_text

MARCH_5 = dt.date(2021, 3, 5)

STATED = {
    "label": "某平台获投\n发布时间:2021-03-05 16:20:53 来源:健康网 责任编辑:小宋",
    "label, full-width": "某平台获投\n发布日期：２０２１年３月５日　来源：健康网",
    "label within a row": "来源：县域网 发布时间：2021-03-05 字体：大 中 小",
    "byline with author": "登录\n\n一家公司的梦想\n\n作者: 樊某 2021-03-05 08:00\n\n2020年1月中旬,峰会上……",
    "byline of an account": "原创 某某 糖友圈 2021-03-05 07:30",
    "byline, no space before the time": "2021年03月05日08:00 | 来源：健康报",
    "byline with slashes": "2021/03/05 10:35　記者某某／高雄報導",
    "bare date and time": "2021年3月5日 08:00",
    "signed-off announcement": "特此公告。\n某医疗科技股份有限公司董事会\n2021年3月5日",
    "Chinese dateline": "（杭州，2021年3月5日）某公司宣布，旗下支架获批。",
    "Chinese wire": "上海2021年3月5日 /某通社/ -- 某公司今日宣布",
    "front matter": "---\ntitle: 'x'\ndate: Fri, 5 Mar 2021 01:47:00 GMT\n---\n正文",
    "front matter after a blank line": "\n---\ndate: 2021-03-05 09:12:00 +0800\n---\n正文",
    "front matter, TOML": "+++\ndate = 2021-03-05T09:12:00Z\n+++\n正文",
    "meta element": '<meta name="publishdate" content="2021-03-05 15:30:11">',
    "JSON-LD": '{"@type":"NewsArticle","datePublished":"2021-03-05T08:00:00Z"}',
    "English dateline": "SEATTLE, March 5, 2021 -- A company said that on Jan. 2, 2020 it had moved.",
    "English dateline, wire": "OAKFORD, Wis., March 5, 2021 /Newsline/ -- A company",
    "dateline without a place": "March 5, 2021 — A company",
    "dateline with a full stop": "Zurich and Malmö, 5 March 2021. A company has agreed",
    "dateline after the wire": "NEW YORK--(SOME WIRE)--March 5, 2021-- A company",
    "English byline": "by Jane Roe | Mar 5, 2021 7:50am",
    "British byline": "Jane Roe, retail editor\nFri 5 Mar 2021 06.00 GMT",
    "posted": "Posted by chartnurse on March 5, 2021 at 11:48 pm",
    "masthead": "Issue 88, Friday 5 March 2021",
    "month first": "Source: Morning Paper    Time: 03-25-2021 06:30",
    "day first": "Stand: 25.03.2021",
    "published before updated": "Updated March 6, 2021\nPublished March 5, 2021",
    "updated alone": "Last updated: 2021-03-05",
}

NOT_STATED = {
    "event in Chinese prose": "2021年3月5日,一家公司宣布完成融资。",
    "event in English prose": "On March 5, 2021, a company raised $3m.",
    "as of": "截至2021年3月5日",
    "end of a period": "Interim results for the six months to 30 September 2014",
    "a future stop": "公告｜“某某伴侣”App将于2023年1月31日停止运营",
    "balance sheet date": "- Net cash £13.4m (31 March 2014: £9.9m)",
    "year and month": "2015年9月移动医疗大事记:烧钱照旧",
    "no such day": "2021年2月30日 08:00",
    "day or month first": "03/05/2021 08:00",
    "no year": "3月5日 08:00",
    "a version": "版本 2.10.2021.3",
    "empty": "",
}


@pytest.mark.parametrize("name", STATED)
def test_finds_the_date_where_a_page_states_it(name: str) -> None:
    expected = MARCH_5.replace(day=25) if name in ("month first", "day first") else MARCH_5
    if name == "day first":
        assert parse_published(STATED[name]) == expected
    else:
        assert published_from_text(STATED[name]) == expected


@pytest.mark.parametrize("name", NOT_STATED)
def test_takes_no_other_date(name: str) -> None:
    assert published_from_text(NOT_STATED[name]) is None


def test_a_date_deep_in_the_body_does_not_count() -> None:
    assert published_from_text("正文。\n" * 1000 + "发布时间:2021-03-05 08:00\n" + "正文。\n" * 1000) is None


@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 12, 31)))
def test_every_day_is_read_in_every_form(day: dt.date) -> None:
    forms = (f"{day}", f"{day.year}年{day.month}月{day.day}日", f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%b} {day.year}", f"{day:%Y/%m/%d}")
    assert {parse_published(form) for form in forms} == {day}


@given(st.text(alphabet="0123456789年月日-/.: 发布时间公司March,\n"))
def test_never_fails(text: str) -> None:
    assert published_from_text(text) is None or isinstance(published_from_text(text), dt.date)
