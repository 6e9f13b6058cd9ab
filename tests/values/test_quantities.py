"""Quantities: text, value (or low..high), modifier and unit; a dash where the text holds no unit."""

from decimal import Decimal

import pytest

from healthevents.values import counted_unit, parse_quantity, standard_unit

TABLE = """
超1亿张 | 100000000 | over | 张
两位数 | 10..99 | range | %
50岁及以上 | 50 | at_least | 岁
0.5毫克/片 | 0.5 | exact | 毫克/片
七八成 | 70..80 | range | %
两三百台 | 200..300 | range | 台
每10人中有3人 | 30 | exact | %
半数以上 | 50 | over | %
four and a half years | 4.5 | exact | years
a day and a half | 1.5 | exact | days
eight out of ten | 80 | exact | %
a few hundred nurses | 100..1000 | range | nurses
700多种 | 700 | over | 种
2,000+ | 2000 | over | -
more than 2,000 | 2000 | over | -
more than 2,000 partners | 2000 | over | partners
不到3% | 3 | under | %
under 3% | 3 | under | %
7至10年 | 7..10 | range | 年
7-10 years | 7..10 | range | years
3成 | 30 | exact | %
六成以上 | 60 | over | %
３０％ | 30 | exact | %
31％ | 31 | exact | %
3.8万家 | 38000 | exact | 家
十几个 | 11..19 | range | 个
十几万人 | 110000..190000 | range | 人
二十几家 | 21..29 | range | 家
数百名 | 100..1000 | range | 名
数十万台 | 100000..1000000 | range | 台
几十家 | 10..100 | range | 家
上百家 | 100 | over | 家
近百家 | 100 | nearly | 家
百余家 | 100 | over | 家
二十余家 | 20 | over | 家
三十多家 | 30 | over | 家
十来台 | 10 | about | 台
一百六十来人 | 160 | about | 人
六千二三 | 6200..6300 | range | -
三五百家 | 300..500 | range | 家
两百五十张 | 250 | exact | 张
一百零五例 | 105 | exact | 例
三十七家 | 37 | exact | 家
四十七万个 | 470000 | exact | 个
两亿枚 | 200000000 | exact | 枚
1.2万亿字 | 1200000000000 | exact | 字
三成 | 30 | exact | %
三到四成 | 30..40 | range | %
十成 | 100 | exact | %
9,3% | 9.3 | exact | %
1,234% | 1234 | exact | %
三成四 | 34 | exact | %
八成半 | 85 | exact | %
九成一 | 91 | exact | %
两成多 | 20 | over | %
六成不到 | 60 | under | %
近七成 | 70 | nearly | %
不足四成 | 40 | under | %
七成左右 | 70 | about | %
三分之二 | 66.7 | exact | %
四分之三 | 75 | exact | %
近三分之一 | 33.3 | nearly | %
不到五分之一 | 20 | under | %
百分之六十二 | 62 | exact | %
百分之十至十八 | 10..18 | range | %
百分之一都不到 | 1 | under | %
千分之七 | 0.7 | exact | %
万分之七 | 0.07 | exact | %
低于十万分之一 | 0.001 | under | %
过半 | 50 | over | %
过半数 | 50 | over | %
近半 | 50 | nearly | %
一半 | 50 | exact | %
超过一半 | 50 | over | %
每10人里有3人 | 30 | exact | %
全资 | 100 | exact | %
1.2倍 | 1.2 | exact | 倍
两倍多 | 2 | over | 倍
接近四倍 | 4 | nearly | 倍
60倍以上 | 60 | over | 倍
130余人 | 130 | over | 人
2.1万余名 | 21000 | over | 名
1900余人次 | 1900 | over | 人次
7,600万人次 | 76000000 | exact | 人次
约3.3万人 | 33000 | about | 人
约 70 万名 | 700000 | about | 名
5000 万左右 | 50000000 | about | -
1.5度以内 | 1.5 | at_most | 度
8秒内 | 8 | at_most | 秒
45天以内 | 45 | at_most | 天
不超过6家 | 6 | at_most | 家
没有超过9% | 9 | at_most | %
不低于30% | 30 | at_least | %
不少于150人次 | 150 | at_least | 人次
少则两天 | 2 | at_least | 天
破万 | 10000 | over | -
刚过千家 | 1000 | over | 家
低於3秒 | 3 | under | 秒
9%以下 | 9 | under | %
14%上下 | 14 | about | %
15倍附近 | 15 | about | 倍
四成出头 | 40 | over | %
7%-8% | 7..8 | range | %
8%至12% | 8..12 | range | %
2.5至4年 | 2.5..4 | range | 年
16到20个月 | 16..20 | range | 个月
9至14天 | 9..14 | range | 天
4小时12分 | 252 | exact | 分钟
8分16秒 | 496 | exact | 秒
4分半 | 4.5 | exact | 分钟
四年半 | 4.5 | exact | 年
半年 | 0.5 | exact | 年
四年多 | 4 | over | 年
9个人 | 9 | exact | 人
7个工作日 | 7 | exact | 个工作日
14个月 | 14 | exact | 个月
11小時 | 11 | exact | 小時
420個 | 420 | exact | 個
780餘家 | 780 | over | 家
12萬 | 120000 | exact | -
23.7/10万 | 23.7 | exact | /10万
2.46∶1 | 2.46 | exact | ∶1
0.21米/秒 | 0.21 | exact | 米/秒
5.8亿片（支） | 580000000 | exact | 片（支）
2TB | 2 | exact | TB
2.6‰ | 2.6 | exact | ‰
负6% | -6 | exact | %
负的8.6% | -8.6 | exact | %
-5.2% | -5.2 | exact | %
37.5℃ | 37.5 | exact | ℃
0.5个百分点 | 0.5 | exact | 个百分点
第10000台 | 10000 | exact | 台
二百一十天 | 210 | exact | 天
8万人份 | 80000 | exact | 人份
61 | 61 | exact | -
some 48,000 | 48000 | about | -
under nine minutes | 9 | under | minutes
4.1 million | 4100000 | exact | -
3.2 lakh | 320000 | exact | -
12 mln | 12000000 | exact | -
31m | 31000000 | exact | -
close to 12% | 12 | nearly | %
74 per cent | 74 | exact | %
38 percent | 38 | exact | %
13.6 pct | 13.6 | exact | %
Forty-one pct | 41 | exact | %
0.8 mm | 0.8 | exact | mm
11.8kg | 11.8 | exact | kg
7 to 10 minutes | 7..10 | range | minutes
4-6% | 4..6 | range | %
1.2 to 1.5 per cent | 1.2..1.5 | range | %
between 9% and 12% | 9..12 | range | %
two to four | 2..4 | range | -
two dozen | 24 | exact | -
a dozen | 12 | exact | -
three dozen | 36 | exact | -
half a million | 500000 | exact | -
a couple of hundred | 200 | exact | -
nine million | 9000000 | exact | -
Six hundred | 600 | exact | -
Thirty-seven | 37 | exact | -
one hundred and five | 105 | exact | -
two thousand | 2000 | exact | -
twelve hundred | 1200 | exact | -
hundreds of thousands of users | 100000..1000000 | range | users
dozens of hospitals | 24..100 | range | hospitals
a third | 33.3 | exact | %
almost a third | 33.3 | nearly | %
two-thirds | 66.7 | exact | %
nearly two-thirds | 66.7 | nearly | %
Three quarters | 75 | exact | %
a quarter | 25 | exact | %
roughly a fifth | 20 | about | %
about one tenth | 10 | about | %
half | 50 | exact | %
one in five | 20 | exact | %
One case in five | 20 | exact | %
Four in five | 80 | exact | %
1 in 4 | 25 | exact | %
seven out of ten | 70 | exact | %
as many as four in ten | 40 | at_most | %
Fewer than one in five | 20 | under | %
one in eight | 12.5 | exact | %
1/3 | 33.3 | exact | %
mid-single digits | 4..6 | range | %
low single-digit | 1..3 | range | %
high-teens | - | - | -
60-odd | 60 | over | -
8,000-ish | 8000 | about | -
60% or more | 60 | at_least | %
10 or so | 10 | about | -
at least 25% | 25 | at_least | %
At least 40 | 40 | at_least | -
up to 300 million | 300000000 | at_most | -
no fewer than 12 sites | 12 | at_least | sites
fewer than 1% | 1 | under | %
exceeded 10 million | 10000000 | over | -
broke through ten million | 10000000 | over | -
surpassed 16 million | 16000000 | over | -
nearly 40% | 40 | nearly | %
minus 0.6% | -0.6 | exact | %
–1.2% | -1.2 | exact | %
30 million doses | 30000000 | exact | doses
26,000 square meters | 26000 | exact | square meters
430,000 person-times | 430000 | exact | person-times
3x | 3 | exact | x
38 times | 38 | exact | times
3.2 percentage points | 3.2 | exact | percentage points
2,000 partners in 30 countries | 2000 | exact | partners
覆盖357个城市 | 357 | exact | 个
installed in 61 hospitals last year | 61 | exact | hospitals
"""
ROWS = [tuple(cell.strip() for cell in line.split(" | ")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("text", "value", "modifier", "unit"), ROWS, ids=[row[0] for row in ROWS])
def test_quantity(text: str, value: str, modifier: str, unit: str) -> None:
    quantity = parse_quantity(text)
    if value == "-":
        assert quantity is None
        return
    assert quantity is not None
    low, _, high = value.partition("..")
    expected = (None, Decimal(low), Decimal(high)) if high else (Decimal(low), None, None)
    assert (quantity.value, quantity.low, quantity.high) == expected
    assert (quantity.modifier, quantity.unit or "-") == (modifier, unit)
    assert text[quantity.mention.start : quantity.mention.end] == quantity.mention.text


@pytest.mark.parametrize("text", ["", "统一平台", "第三家", "COVID-19", "一直", "百度", "10亿元", "$5m", "no figures", "more than", "分之", "成"])
def test_no_quantity(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("61", "hospitals", "hospitals"),
        ("about 2,400", "urban branches", "urban branches"),
        ("2.1 million", "number of accounts", "accounts"),
        ("4,310", "Pumps in use", "Pumps"),
        ("0.74", "hazard ratio", None),
        ("1.1 million", "sold", None),
        ("412", "bed", "beds"),
        ("70", "headcount", None),
        ("30 million doses", "output", "doses"),
        ("34%", "sales", "%"),
    ],
)
def test_the_name_of_a_metric_gives_the_counted_noun(text: str, name: str, unit: str | None) -> None:
    assert parse_quantity(text, name).unit == unit
    if text.isdigit():
        assert counted_unit(name) == unit


@pytest.mark.parametrize(
    ("unit", "standard"),
    [
        ("分鐘", "minute"),
        ("mins", "minute"),
        ("人次", "visit"),
        ("個月", "month"),
        ("years", "year"),
        ("%", "%"),
        ("个百分点", "percentage point"),
        ("平米", "square metre"),
        ("KG", "kilogram"),
        ("套娃", None),
    ],
)
def test_standard_units(unit: str, standard: str | None) -> None:
    assert standard_unit(unit) == standard


@pytest.mark.parametrize(
    ("text", "name", "after", "unit"),
    [
        ("1.1 million", "sold", " rings. Four in five owners pay", "rings"),
        ("45", "lay off", " of its 120 employees and look", "employees"),
        ("nine", None, " of 31 patients remained free", "patients"),
        ("two", "left the exchanges", " of five states.", "states"),
        ("52", None, " of the top 100 products, against", "products"),
        ("340", "employs", ", of whom 46 are doctors", None),
        ("2,350", "distributed", " went to the UK", None),
        ("some 8,000", "kills", " older adults a year in the UK", "older adults"),
        ("61", "hospitals", " in four states", "hospitals"),
        ("61", None, "\nBeds\n410", None),
        ("171", "solvency ratio", " to 118 percent, below", "%"),
        ("12", "deaths", " and 3 hospitals closed", "deaths"),
        ("13.1", None, " and 15.8 weeks, respectively", "weeks"),
        ("2016", None, " to the clinic in 3 weeks", None),
    ],
)
def test_the_noun_after_a_bare_figure(text: str, name: str | None, after: str, unit: str | None) -> None:
    quantity = parse_quantity(text, name, after)
    assert quantity is not None
    assert quantity.unit == unit
