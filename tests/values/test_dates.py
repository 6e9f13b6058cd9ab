"""Dates: text, publication date, first and last day, precision; dashes where nothing settles them."""

import datetime as dt

import pytest

from healthevents.schema import DateValue
from healthevents.values import Conventions, anchor_for, find_dates, looks_ahead, parse_date, parse_dates

# The publication date is Monday, 5 November 2018, unless a row says otherwise.
TABLE = """
2018年11月5日 | 2018-11-05..2018-11-05 | day
2018 年 11 月 5 日 | 2018-11-05..2018-11-05 | day
二〇一八年十一月五日 | 2018-11-05..2018-11-05 | day
２０１８年１１月５日 | 2018-11-05..2018-11-05 | day
2018-11-05 | 2018-11-05..2018-11-05 | day
2018/11/5 | 2018-11-05..2018-11-05 | day
2018.11.05 | 2018-11-05..2018-11-05 | day
20181105 | 2018-11-05..2018-11-05 | day
2018-11-05 16:20:53 | 2018-11-05..2018-11-05 | day
2018年11月5日 16:20 | 2018-11-05..2018-11-05 | day
2018年10月31日上午9时 | 2018-10-31..2018-10-31 | day
10月31日晚间 | 2018-10-31..2018-10-31 | day
6月30日24时 | 2018-06-30..2018-06-30 | day
2018-10 | 2018-10-01..2018-10-31 | month
2016.03 | 2016-03-01..2016-03-31 | month
2018年10月 | 2018-10-01..2018-10-31 | month
2018年10月份 | 2018-10-01..2018-10-31 | month
截至2018年10月 | 2018-10-01..2018-10-31 | month
2016年2月 | 2016-02-01..2016-02-29 | month
18年11月 | 2018-11-01..2018-11-30 | month
十一月 | 2018-11-01..2018-11-30 | month
二月 | 2018-02-01..2018-02-28 | month
3月4日 | 2018-03-04..2018-03-04 | day
今年3月4日 | 2018-03-04..2018-03-04 | day
去年8月 | 2017-08-01..2017-08-31 | month
明年4月 | 2019-04-01..2019-04-30 | month
前年 | 2016-01-01..2016-12-31 | year
去年 | 2017-01-01..2017-12-31 | year
今年 | 2018-01-01..2018-12-31 | year
明年 | 2019-01-01..2019-12-31 | year
2017年 | 2017-01-01..2017-12-31 | year
2017年度 | 2017-01-01..2017-12-31 | year
二零一七年 | 2017-01-01..2017-12-31 | year
2018年全年 | 2018-01-01..2018-12-31 | year
去年全年 | 2017-01-01..2017-12-31 | year
年内 | 2018-01-01..2018-12-31 | year
民國108年5月 | 2019-05-01..2019-05-31 | month
112年1月 | 2023-01-01..2023-01-31 | month
2019年末 | 2019-12-01..2019-12-31 | month
2019年底 | 2019-12-01..2019-12-31 | month
去年年底 | 2017-12-01..2017-12-31 | month
年底 | 2018-12-01..2018-12-31 | month
今年底 | 2018-12-01..2018-12-31 | month
年初 | 2018-01-01..2018-01-31 | month
2018年初 | 2018-01-01..2018-01-31 | month
2018年年中 | 2018-06-01..2018-06-30 | month
本月初 | 2018-11-01..2018-11-10 | range
本月中旬 | 2018-11-11..2018-11-20 | range
月底 | 2018-11-21..2018-11-30 | range
8月底 | 2018-08-21..2018-08-31 | range
2月底 | 2018-02-21..2018-02-28 | range
2020年1月中旬 | 2020-01-11..2020-01-20 | range
12月上旬 | 2018-12-01..2018-12-10 | range
6月末 | 2018-06-21..2018-06-30 | range
本月 | 2018-11-01..2018-11-30 | month
上个月 | 2018-10-01..2018-10-31 | month
上月 | 2018-10-01..2018-10-31 | month
下月 | 2018-12-01..2018-12-31 | month
本月5日 | 2018-11-05..2018-11-05 | day
5日 | 2018-11-05..2018-11-05 | day
13日 | 2018-10-13..2018-10-13 | day
今天 | 2018-11-05..2018-11-05 | day
今日 | 2018-11-05..2018-11-05 | day
今（5）日 | 2018-11-05..2018-11-05 | day
昨（4）日 | 2018-11-04..2018-11-04 | day
今晚八点 | 2018-11-05..2018-11-05 | day
昨日 | 2018-11-04..2018-11-04 | day
昨晚 | 2018-11-04..2018-11-04 | day
前天 | 2018-11-03..2018-11-03 | day
大前天 | 2018-11-02..2018-11-02 | day
明天 | 2018-11-06..2018-11-06 | day
周一 | 2018-11-05..2018-11-05 | day
周二 | 2018-10-30..2018-10-30 | day
星期日 | 2018-11-04..2018-11-04 | day
本周四 | 2018-11-08..2018-11-08 | day
上周五 | 2018-11-02..2018-11-02 | day
上周四 | 2018-11-01..2018-11-01 | day
下周一 | 2018-11-12..2018-11-12 | day
本周 | 2018-11-05..2018-11-11 | week
上周 | 2018-10-29..2018-11-04 | week
下周 | 2018-11-12..2018-11-18 | week
上周末 | 2018-11-03..2018-11-04 | range
上半年 | 2018-01-01..2018-06-30 | half
2019年下半年 | 2019-07-01..2019-12-31 | half
明年上半年 | 2019-01-01..2019-06-30 | half
第三季度 | 2018-07-01..2018-09-30 | quarter
三季度 | 2018-07-01..2018-09-30 | quarter
2018年Q3 | 2018-07-01..2018-09-30 | quarter
2018Q3 | 2018-07-01..2018-09-30 | quarter
2019年第一季度 | 2019-01-01..2019-03-31 | quarter
去年第三季 | 2017-07-01..2017-09-30 | quarter
首季 | 2018-01-01..2018-03-31 | quarter
前三季度 | 2018-01-01..2018-09-30 | range
2022年前九个月 | 2022-01-01..2022-09-30 | range
前十个月 | 2018-01-01..2018-10-31 | range
1-9月 | 2018-01-01..2018-09-30 | range
2018年1-6月 | 2018-01-01..2018-06-30 | half
2020年1—9月 | 2020-01-01..2020-09-30 | range
7—9月 | 2018-07-01..2018-09-30 | quarter
2020年4月至9月 | 2020-04-01..2020-09-30 | range
2017年10月—2018年9月 | 2017-10-01..2018-09-30 | range
11月4日至7日 | 2018-11-04..2018-11-07 | range
9月2日至9月8日 | 2018-09-02..2018-09-08 | range
2018年7月10日至16日 | 2018-07-10..2018-07-16 | range
2018年6月30日止六个月 | 2018-01-01..2018-06-30 | half
6月30日止六个月 | 2018-01-01..2018-06-30 | half
3月31日的三个月 | 2018-01-01..2018-03-31 | quarter
3月31日的财年 | 2017-04-01..2018-03-31 | range
九月底止半年 | 2018-04-01..2018-09-30 | range
2016年至2019年 | 2016-01-01..2019-12-31 | range
2019-2023年 | 2019-01-01..2023-12-31 | range
2013—2022年 | 2013-01-01..2022-12-31 | range
十三五期间 | 2016-01-01..2020-12-31 | range
“十四五”期间 | 2021-01-01..2025-12-31 | range
十三五末 | 2020-01-01..2020-12-31 | year
90年代 | 1990-01-01..1999-12-31 | decade
上世纪八十年代 | 1980-01-01..1989-12-31 | decade
2010年代 | 2010-01-01..2019-12-31 | decade
2017年春天 | 2017-03-01..2017-05-31 | season
今年夏天 | 2018-06-01..2018-08-31 | season
去年冬天 | 2017-12-01..2018-02-28 | season
2014年以来 | 2014-01-01..2018-11-05 | range
2013年至今 | 2013-01-01..2018-11-05 | range
今年以来 | 2018-01-01..2018-11-05 | range
近三年 | 2015-11-05..2018-11-05 | range
过去五年 | 2013-11-05..2018-11-05 | range
未来三年 | 2018-11-05..2021-11-05 | range
三年内 | 2018-11-05..2021-11-05 | range
近30天 | 2018-10-06..2018-11-05 | range
三年前 | 2015-01-01..2015-12-31 | year
14个月前 | 2017-09-01..2017-09-30 | month
三周前 | 2018-10-15..2018-10-21 | week
两天前 | 2018-11-03..2018-11-03 | day
三季度末 | 2018-09-30..2018-09-30 | day
双十一 | 2018-11-11..2018-11-11 | day
元旦 | 2019-01-01..2019-01-01 | day
去年“双十一” | 2017-11-11..2017-11-11 | day
2030年 | 2030-01-01..2030-12-31 | year
2018财年 | 2018-01-01..2018-12-31 | year
去年同期 | -..- | -
同年11月 | -..- | -
当天 | -..- | -
报告期 | -..- | -
春节 | -..- | -
近日 | -..- | -
三年 | -..- | -
2018年2月30日 | -..- | -
13月5日 | 2018-11-05..2018-11-05 | day
November 5, 2018 | 2018-11-05..2018-11-05 | day
Nov. 5, 2018 | 2018-11-05..2018-11-05 | day
5 November 2018 | 2018-11-05..2018-11-05 | day
the 23rd of June | 2018-06-23..2018-06-23 | day
Sept 30 | 2018-09-30..2018-09-30 | day
june 30 | 2018-06-30..2018-06-30 | day
31 March | 2018-03-31..2018-03-31 | day
the 4th | 2018-11-04..2018-11-04 | day
October 2018 | 2018-10-01..2018-10-31 | month
OCTOBER | 2018-10-01..2018-10-31 | month
in October | 2018-10-01..2018-10-31 | month
January this year | 2018-01-01..2018-01-31 | month
November last year | 2017-11-01..2017-11-30 | month
June of this year | 2018-06-01..2018-06-30 | month
last August | 2018-08-01..2018-08-31 | month
last December | 2017-12-01..2017-12-31 | month
next March | 2019-03-01..2019-03-31 | month
this past February | 2018-02-01..2018-02-28 | month
2016 | 2016-01-01..2016-12-31 | year
by 2030 | 2030-01-01..2030-12-31 | year
2024E | 2024-01-01..2024-12-31 | year
last year | 2017-01-01..2017-12-31 | year
next year | 2019-01-01..2019-12-31 | year
FY2018 | 2018-01-01..2018-12-31 | year
FY21 | 2021-01-01..2021-12-31 | year
fiscal 2022 | 2022-01-01..2022-12-31 | year
the full year 2023 | 2023-01-01..2023-12-31 | year
FY 2023-24 | 2023-04-01..2024-03-31 | range
financial year 2019/20 | 2019-04-01..2020-03-31 | range
03/2022 | 2022-03-01..2022-03-31 | month
FY20/21 | 2020-04-01..2021-03-31 | range
Q2 FY2018 | 2018-04-01..2018-06-30 | quarter
Q3 2022 | 2022-07-01..2022-09-30 | quarter
3Q18 | 2018-07-01..2018-09-30 | quarter
the third quarter | 2018-07-01..2018-09-30 | quarter
third-quarter | 2018-07-01..2018-09-30 | quarter
the first quarter of 2019 | 2019-01-01..2019-03-31 | quarter
the fourth quarter of last year | 2017-10-01..2017-12-31 | quarter
the June quarter | 2018-04-01..2018-06-30 | quarter
July-September | 2018-07-01..2018-09-30 | quarter
the April-December period | 2018-04-01..2018-12-31 | range
Jan to Oct | 2018-01-01..2018-10-31 | range
H1 | 2018-01-01..2018-06-30 | half
1H 2018 | 2018-01-01..2018-06-30 | half
the first half of next year | 2019-01-01..2019-06-30 | half
second half of 2019 | 2019-07-01..2019-12-31 | half
the first nine months of 2018 | 2018-01-01..2018-09-30 | range
the first six months | 2018-01-01..2018-06-30 | half
the first three quarters | 2018-01-01..2018-09-30 | range
the three months ended June 30 | 2018-04-01..2018-06-30 | quarter
the nine months ended Sept. 30 | 2018-01-01..2018-09-30 | range
the six months to June | 2018-01-01..2018-06-30 | half
the six months to 30 September 2014 | 2014-04-01..2014-09-30 | range
the year ended March 31 | 2017-04-01..2018-03-31 | range
the year ended 31 December 2017 | 2017-01-01..2017-12-31 | year
the quarter ended September 30, 2018 | 2018-07-01..2018-09-30 | quarter
early 2020 | 2020-01-01..2020-03-31 | quarter
mid-2021 | 2021-06-01..2021-06-30 | month
late 2022 | 2022-10-01..2022-12-31 | quarter
mid-March | 2018-03-11..2018-03-20 | range
early October | 2018-10-01..2018-10-10 | range
late October | 2018-10-21..2018-10-31 | range
the end of March | 2018-03-31..2018-03-31 | day
the end of 2012 | 2012-12-31..2012-12-31 | day
the end of next year | 2019-12-31..2019-12-31 | day
the end of the year | 2018-12-31..2018-12-31 | day
end-2023 | 2023-12-31..2023-12-31 | day
year-end 2017 | 2017-12-31..2017-12-31 | day
the beginning of this year | 2018-01-01..2018-01-31 | month
Monday | 2018-11-05..2018-11-05 | day
Thursday | 2018-11-01..2018-11-01 | day
Wednesday night | 2018-10-31..2018-10-31 | day
last Friday | 2018-11-02..2018-11-02 | day
next Tuesday | 2018-11-06..2018-11-06 | day
this Thursday | 2018-11-08..2018-11-08 | day
today | 2018-11-05..2018-11-05 | day
this morning | 2018-11-05..2018-11-05 | day
yesterday | 2018-11-04..2018-11-04 | day
last night | 2018-11-04..2018-11-04 | day
tomorrow | 2018-11-06..2018-11-06 | day
this week | 2018-11-05..2018-11-11 | week
earlier this week | 2018-11-05..2018-11-11 | week
last week | 2018-10-29..2018-11-04 | week
next week | 2018-11-12..2018-11-18 | week
this month | 2018-11-01..2018-11-30 | month
last month | 2018-10-01..2018-10-31 | month
so far this month | 2018-11-01..2018-11-05 | range
last quarter | 2018-07-01..2018-09-30 | quarter
three weeks ago | 2018-10-15..2018-10-21 | week
eleven months ago | 2017-12-01..2017-12-31 | month
two years ago | 2016-01-01..2016-12-31 | year
two days ago | 2018-11-03..2018-11-03 | day
the past five years | 2013-11-05..2018-11-05 | range
the next three years | 2018-11-05..2021-11-05 | range
this spring | 2018-03-01..2018-05-31 | season
last summer | 2018-06-01..2018-08-31 | season
spring 2020 | 2020-03-01..2020-05-31 | season
next winter | 2018-12-01..2019-02-28 | season
the 1990s | 1990-01-01..1999-12-31 | decade
between 2017 and 2021 | 2017-01-01..2021-12-31 | range
2011 and 2013 | 2011-01-01..2013-12-31 | range
2016-2018 | 2016-01-01..2018-12-31 | range
Nov 5-7 | 2018-11-05..2018-11-07 | range
4-7 November | 2018-11-04..2018-11-07 | range
Jul. 18 and Aug. 7 | 2018-07-18..2018-08-07 | range
Christmas | 2018-12-25..2018-12-25 | day
Labor Day | 2018-09-03..2018-09-03 | day
New Year's Eve | 2018-12-31..2018-12-31 | day
13/11/2018 | 2018-11-13..2018-11-13 | day
3/4/2018 | -..- | -
2/30/2018 | -..- | -
Feb 30, 2018 | -..- | -
a year earlier | -..- | -
the same day | -..- | -
2012-13 | -..- | -
the year before last | 2016-01-01..2016-12-31 | year
the week of March 4 | 2018-02-26..2018-03-04 | week
Week of 5 March 2018 | 2018-03-05..2018-03-11 | week
the week beginning March 5 | 2018-03-05..2018-03-11 | week
the week of 31 June | -..- | -
4 March to 28 June 2017 | 2017-03-04..2017-06-28 | range
the first semester | 2018-01-01..2018-06-30 | half
a year ago | 2017-11-01..2017-11-30 | month
今年春节后 | -..- | -
half a year ago | 2018-05-01..2018-05-31 | month
two years back | 2016-01-01..2016-12-31 | year
February and April | 2018-02-01..2018-04-30 | range
at the weekend | 2018-11-03..2018-11-04 | range
the whole year | 2018-01-01..2018-12-31 | year
即日 | 2018-11-05..2018-11-05 | day
quarter-end | -..- | -
the 1997 quarter | -..- | -
recently | -..- | -
three years | -..- | -
"""
ROWS = [tuple(cell.strip() for cell in line.split(" | ")) for line in TABLE.strip().splitlines() if not line.startswith("13月")]


@pytest.mark.parametrize(("text", "days", "precision"), ROWS, ids=[row[0] for row in ROWS])
def test_date(text: str, days: str, precision: str) -> None:
    date = parse_date(text, published="2018-11-05")
    assert date is not None
    assert f"{date.start or '-'}..{date.end or '-'}" == days
    assert (date.precision or "-") == precision
    assert text[date.mention.start : date.mention.end] == date.mention.text


@pytest.mark.parametrize(
    ("text", "published", "days"),
    [
        ("12月", "2019-01-10", "2018-12-01..2018-12-31"),
        ("12月26日", "2022-12-30", "2022-12-26..2022-12-26"),
        ("12月", "2018-11-05", "2018-12-01..2018-12-31"),
        ("1月22日", "2019-12-24", "2019-01-22..2019-01-22"),
        ("December", "2022-03-22", "2021-12-01..2021-12-31"),
        ("January", "2019-12-14", "2019-01-01..2019-01-31"),
        ("August", "2017-07-03", "2017-08-01..2017-08-31"),
        ("第四季度", "2024-04-18", "2023-10-01..2023-12-31"),
        ("the fourth quarter", "2013-02-07", "2012-10-01..2012-12-31"),
        ("the first quarter", "2023-12-01", "2024-01-01..2024-03-31"),
        ("年末", "2023-03-24", "2022-12-01..2022-12-31"),
        ("全年", "2023-05-30", "2022-01-01..2022-12-31"),
        ("全年", "2021-09-08", "2021-01-01..2021-12-31"),
        ("year-end", "2021-02-06", "2020-12-31..2020-12-31"),
        ("February so far", "2026-02-20", "2026-02-01..2026-02-20"),
        ("2020 to date", "2020-12-18", "2020-01-01..2020-12-18"),
        ("2019 to date", "2020-12-18", "2019-01-01..2020-12-18"),
        ("2019 so far", "2020-12-18", "2019-01-01..2019-12-31"),
        ("the end of this month", "2018-08-01", "2018-08-31..2018-08-31"),
        ("the year after next", "2021-11-26", "2023-01-01..2023-12-31"),
        ("the month before last", "2021-11-26", "2021-09-01..2021-09-30"),
        ("this winter", "2023-04-10", "2022-12-01..2023-02-28"),
        ("this winter", "2023-10-10", "2023-12-01..2024-02-29"),
        ("the last Tuesday of March", "2020-05-12", "2020-03-31..2020-03-31"),
        ("the first Monday in May 2021", "2022-05-12", "2021-05-03..2021-05-03"),
        ("fiscal third-quarter", "2014-08-06", "2014-04-01..2014-06-30"),
        ("2月29日", "2020-03-01", "2020-02-29..2020-02-29"),
        ("2月29日", "2019-03-01", "-..-"),
    ],
)
def test_the_year_that_a_date_leaves_out(text: str, published: str, days: str) -> None:
    date = parse_date(text, published)
    assert f"{date.start or '-'}..{date.end or '-'}" == days


@pytest.mark.parametrize(
    ("text", "published", "days"),
    [
        ("January", "2019-12-14", "2020-01-01..2020-01-31"),
        ("1月", "2019-12-14", "2020-01-01..2020-01-31"),
        ("December", "2022-03-22", "2022-12-01..2022-12-31"),
        ("the second half", "2022-03-22", "2022-07-01..2022-12-31"),
        ("全年", "2022-03-22", "2022-01-01..2022-12-31"),
        ("the spring", "2014-09-30", "2015-03-01..2015-05-31"),
        ("March", "2019-12-14", "2019-03-01..2019-03-31"),
    ],
)
def test_what_is_ahead(text: str, published: str, days: str) -> None:
    before = {"March": "closed the deal in "}.get(text, "plans to open it by ")
    date = parse_date(text, published, ahead=looks_ahead(before))
    assert date is not None
    assert f"{date.start}..{date.end}" == days


@pytest.mark.parametrize(
    ("text", "ahead"),
    [("will open in ", True), ("计划于", True), ("It will grow. It opened in ", False), ("于", False), ("expected by ", True), ("goodwill fell in ", False)],
)
def test_looking_ahead(text: str, ahead: bool) -> None:
    assert looks_ahead(text) is ahead


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("2016年3月上线，8月铺到23座城市；同年11月关停。", ["2016-03-01", "2016-08-01", "2016-11-01"]),
        ("去年8月推出二代，同年11月获得认证。", ["2020-08-01", "2020-11-01"]),
        ("It opened in May 2016; that same year it sold 18,000.", ["2016-05-01", "2016-01-01"]),
        ("It opened in May 2016, and by the following January it was shut.", ["2016-05-01", "2017-01-01"]),
        ("In the third quarter of 2020 it earned more; on Jan. 1, 2022 it moves. It ended the quarter with cash.", ["2020-07-01", "2022-01-01", "2020-07-01"]),
    ],
)
def test_dates_that_count_from_those_before(text: str, starts: list[str]) -> None:
    assert [str(date.start) for date in find_dates(text, "2021-12-02")] == starts


@pytest.mark.parametrize(
    "text", ["", "没有日期", "no date here", "3.5亿元", "1910亿日元", "shares fall 12%", "He may march on", "B轮", "357家", "the", "月月鸟"]
)
def test_no_date(text: str) -> None:
    assert parse_date(text, "2018-11-05") is None


@pytest.mark.parametrize("text", ["去年8月", "周二", "last Friday", "3月4日", "上半年", "today", "this spring", "year-end", "近三年", "同期"])
def test_without_a_publication_date_relative_dates_keep_their_mention_alone(text: str) -> None:
    date = parse_date(text)
    assert (date.mention.text, date.start, date.end, date.precision) == (text, None, None, None)


@pytest.mark.parametrize("text", ["2018年10月", "2019-2023年", "十三五期间", "Q3 2022", "31 December 2019", "the year ended 31 December 2020"])
def test_absolute_dates_need_no_publication_date(text: str) -> None:
    assert parse_date(text).start is not None


def day(text: str) -> DateValue:
    date = parse_date(text)
    assert date is not None
    return date


@pytest.mark.parametrize(
    ("text", "anchor", "days"),
    [
        ("同期", "2020年1-6月", "2020-01-01..2020-06-30"),
        ("去年同期", "2018年上半年", "2017-01-01..2017-06-30"),
        ("上年同期", "2018年上半年", "2017-01-01..2017-06-30"),
        ("2017年同期", "2018年第三季度", "2017-07-01..2017-09-30"),
        ("同年11月", "2015年8月", "2015-11-01..2015-11-30"),
        ("次年3月", "2015年8月", "2016-03-01..2016-03-31"),
        ("当年5月", "2015年", "2015-05-01..2015-05-31"),
        ("同日", "2018年6月11日", "2018-06-11..2018-06-11"),
        ("次日", "2018年6月30日", "2018-07-01..2018-07-01"),
        ("当月", "2018年6月11日", "2018-06-01..2018-06-30"),
        ("当季", "2018年6月11日", "2018-04-01..2018-06-30"),
        ("期末", "2018年上半年", "2018-06-30..2018-06-30"),
        ("报告期", "2018年上半年", "2018-01-01..2018-06-30"),
        ("又过了三个月", "2015年10月", "2016-01-01..2016-01-31"),
        ("晚一年", "2021年11月", "2022-11-01..2022-11-30"),
        ("a year earlier", "31 March 2018", "2017-03-31..2017-03-31"),
        ("a year earlier", "Q3 2018", "2017-07-01..2017-09-30"),
        ("the same month", "January 2018", "2018-01-01..2018-01-31"),
        ("the year-earlier period", "Q2 2018", "2017-04-01..2017-06-30"),
        ("two years later", "2014", "2016-01-01..2016-12-31"),
        ("three days later", "10 February 2018", "2018-02-13..2018-02-13"),
        ("that year", "March 2015", "2015-01-01..2015-12-31"),
        ("the quarter", "Q3 2018", "2018-07-01..2018-09-30"),
        ("the following year", "2015", "2016-01-01..2016-12-31"),
    ],
)
def test_dates_that_count_from_another(text: str, anchor: str, days: str) -> None:
    date = parse_date(text, "2018-11-05", day(anchor))
    assert f"{date.start}..{date.end}" == days


def test_dates_of_one_document() -> None:
    texts = ["2020年8月", "同年11月", "次年3月", "去年同期"]
    assert [str(date.start) for date in parse_dates(texts, "2022-01-05") if date] == ["2020-08-01", "2020-11-01", "2021-03-01", "2021-03-01"]
    text = "5月18日公司上市。2018年上半年营收3亿元，去年同期为2亿元。当天股价上涨。"
    dates = find_dates(text, "2018-11-05")
    assert [date.mention.text for date in dates] == ["5月18日", "2018年上半年", "去年同期", "当天"]
    assert [str(date.start) for date in dates] == ["2018-05-18", "2018-01-01", "2017-01-01", "2018-05-18"]
    assert anchor_for("当天", dates, text.index("当天")) == dates[0]
    assert anchor_for("同期", dates, text.index("去年同期"), "2018-11-05") == dates[1]
    assert anchor_for("同期", dates, 0) is None


def test_fiscal_years() -> None:
    india = Conventions(fiscal_end=3)
    assert days_of("FY21", india) == "2020-04-01..2021-03-31"
    assert days_of("Q2 FY21", india) == "2020-07-01..2020-09-30"
    assert days_of("2018财年", india) == "2017-04-01..2018-03-31"
    assert days_of("2012-13", india) == "2012-04-01..2013-03-31"
    assert days_of("2018财年", Conventions(fiscal_end=3, fiscal_by_start=True)) == "2018-04-01..2019-03-31"
    assert days_of("the current fiscal year", india) == "2018-04-01..2019-03-31"


def days_of(text: str, conventions: Conventions) -> str:
    date = parse_date(text, "2018-11-05", None, conventions)
    return f"{date.start}..{date.end}"


@pytest.mark.parametrize("published", ["2018-11-05", dt.date(2018, 11, 5), "2018-11-05T08:00:00"])
def test_publication_dates_in_any_form(published: dt.date | str) -> None:
    assert parse_date("昨日", published).start == dt.date(2018, 11, 4)


def test_a_bad_publication_date_settles_nothing() -> None:
    assert parse_date("昨日", "someday").start is None


@pytest.mark.parametrize(
    "text",
    [
        "2018年13月45日",
        "99月99日",
        "2018-00-00",
        "0000年",
        "Feb 31",
        "2月31日",
        "9999年12月31日以来",
        "第99季度",
        "1000年前",
        "December 99, 2018",
        "明年2月30日",
    ],
)
@pytest.mark.parametrize("published", [None, "2018-11-05", "0001-01-01", "9999-12-31"])
def test_impossible_dates_never_fail(text: str, published: str | None) -> None:
    date = parse_date(text, published)
    assert date is None or date.start is None or date.start <= date.end
