"""Changes: text, direction, size, unit, modifier, basis; dashes where the text states none."""

from decimal import Decimal

import pytest

from healthevents.values import parse_change, parse_date

TABLE = """
同比增长39% | up 39 % exact year_on_year
同比分别增长13.2% | up 13.2 % exact year_on_year
较去年同期下降5.5个百分点 | down 5.5 百分点 exact year_on_year
环比持平 | flat - - exact quarter_on_quarter
由3.2%升至4.1% | up 0.9 百分点 exact unspecified
从100家增至150家 | up 50 家 exact unspecified
翻番 | up 100 % exact unspecified
同比翻了近一番 | up 100 % nearly year_on_year
较节前翻了两番 | up 300 % exact since
同比翻倍 | up 100 % exact year_on_year
增长了近三倍 | up 300 % nearly unspecified
同比增长1.9倍 | up 190 % exact year_on_year
是去年的2.6倍 | up 160 % exact year_on_year
为上年的1.8倍 | up 80 % exact year_on_year
去年同期的2.5倍 | up 150 % exact year_on_year
增至三倍 | up 200 % exact unspecified
同比增六成 | up 60 % exact year_on_year
同比增长四成以上 | up 40 % over year_on_year
按年倒退三成四 | down 34 % exact year_on_year
减少近半 | down 50 % nearly unspecified
裁了近四分之一 | down 25 % nearly unspecified
比去年提高近三分之一 | up 33.3 % nearly year_on_year
减少4起 | down 4 起 exact unspecified
比上年增加3.07万人 | up 30700 人 exact year_on_year
同比缩短0.4天 | down 0.4 天 exact year_on_year
减少约0.30美元 | down 0.30 USD about unspecified
同比多了2.3亿元 | up 230000000 CNY exact year_on_year
较年初增加9.8亿元 | up 980000000 CNY exact since
较6月底减少5800万美元 | down 58000000 USD exact since
同比+67.8% | up 67.8 % exact year_on_year
同比-11.2% | down 11.2 % exact year_on_year
-2.7% | down 2.7 % exact unspecified
+212% | up 212 % exact unspecified
+3.2pct | up 3.2 百分点 exact unspecified
同比收窄 | down - - exact year_on_year
同比收窄42.9% | down 42.9 % exact year_on_year
增长25%至30% | up 25 % at_least unspecified
同比下降10%-15% | down 10 % at_least year_on_year
挫逾7% | down 7 % over unspecified
较发行价低8.4% | down 8.4 % exact since
年增41% | up 41 % exact year_on_year
按年增26% | up 26 % exact year_on_year
季增5% | up 5 % exact quarter_on_quarter
月环比下降3% | down 3 % exact month_on_month
跌掉近一半（46%） | down 46 % exact unspecified
比前一周多出19起 | up 19 起 exact unspecified
双位数增长 | up 10 % at_least unspecified
低双位数增长 | up 10 % at_least unspecified
高个位数下降 | down 7 % at_least unspecified
最高下降30% | down 30 % at_most unspecified
至少增长20% | up 20 % at_least unspecified
最多下滑5个百分点 | down 5 百分点 at_most unspecified
翻了一番还多 | up 100 % over unspecified
近乎翻番 | up 100 % nearly unspecified
超过翻番 | up 100 % over unspecified
市值腰斩 | down 50 % exact unspecified
近乎腰斩 | down 50 % nearly unspecified
多花了1.9亿元 | up 190000000 CNY exact unspecified
相当于上年同期的1.5倍 | up 50 % exact year_on_year
降至3.5亿元 | down - - exact unspecified
扩大至1.2亿元 | up - - exact unspecified
同比改善1.4個百分點 | up 1.4 百分點 exact year_on_year
下降15BP | down 15 BP exact unspecified
零增长 | flat - - exact unspecified
rose to $5 million | up - - exact unspecified
fell by a fifth to $5m | down 20 % exact unspecified
at least doubled | up 100 % at_least unspecified
quintupled | up 400 % exact unspecified
half as much | down 50 % exact unspecified
flat on a quarter-on-quarter basis | flat - - exact quarter_on_quarter
20% cheaper | down 20 % exact unspecified
up 5 percent on-year | up 5 % exact year_on_year
up 2,000+ | up 2000 - over unspecified
up 12% year over year | up 12 % exact year_on_year
up 19% year-over-year | up 19 % exact year_on_year
up 18.2% YoY | up 18.2 % exact year_on_year
up 28.6% y/y | up 28.6 % exact year_on_year
up 5.2% q/q | up 5.2 % exact quarter_on_quarter
a year-on-year increase of 18.6% | up 18.6 % exact year_on_year
year-on-year growth over 60% | up 60 % over year_on_year
doubled | up 100 % exact unspecified
doubled since 2019 | up 100 % exact since
more than doubled | up 100 % over unspecified
nearly tripled | up 200 % nearly unspecified
nearly quadrupled | up 300 % nearly unspecified
a ninefold increase | up 800 % exact unspecified
increased more than fivefold | up 400 % over unspecified
halved | down 50 % exact unspecified
dropped by half | down 50 % exact unspecified
fell by a third | down 33.3 % exact unspecified
down by two-thirds | down 66.7 % exact unspecified
slid by a third | down 33.3 % exact unspecified
rose 52 per cent | up 52 % exact unspecified
climbs 14 pct | up 14 % exact unspecified
9.3 percent lower | down 9.3 % exact unspecified
21% higher | up 21 % exact unspecified
12% less | down 12 % exact unspecified
at least 60% lower | down 60 % at_least unspecified
fell as much as 47 percent | down 47 % at_most unspecified
up 3.0 percentage points | up 3.0 percentage points exact unspecified
rose 5.2 percentage points from a year earlier | up 5.2 percentage points exact year_on_year
widened by 70 basis points | up 70 basis points exact unspecified
improved from 38% to 44% | up 6 percentage points exact unspecified
rose to 44% from 38% | up 6 percentage points exact unspecified
down 44% since February | down 44 % exact since
up 5 per cent on last year | up 5 % exact year_on_year
erasing $5.2 billion | down 5200000000 USD exact unspecified
closed up 11p | up 0.11 GBP exact unspecified
fell by 4.1 days | down 4.1 days exact unspecified
shortens by about 40 minutes | down 40 minutes about unspecified
flat | flat - - exact unspecified
unchanged | flat - - exact unspecified
decreased slightly | down - - exact unspecified
+2.4% | up 2.4 % exact unspecified
-1.9% | down 1.9 % exact unspecified
–58% | down 58 % exact unspecified
+7.7% yoy | up 7.7 % exact year_on_year
down 30 basis points sequentially | down 30 basis points exact quarter_on_quarter
"""
ROWS = [tuple(cell.strip() for cell in line.split(" | ")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_change(text: str, expected: str) -> None:
    change = parse_change(text)
    assert change is not None
    direction, value, *unit, modifier, basis = expected.split(" ")
    assert (change.direction, change.modifier, change.basis) == (direction, modifier, basis)
    assert change.value == (None if value == "-" else Decimal(value))
    assert (change.unit or "-") == " ".join(unit)
    assert text[change.mention.start : change.mention.end] == change.mention.text


@pytest.mark.parametrize("text", ["", "39%", "7.8%", "hello", "10亿元", "2018年"])
def test_no_change(text: str) -> None:
    assert parse_change(text) is None


def test_a_bare_figure_shares_direction_and_basis_of_the_change_before_it() -> None:
    before = parse_change("同比分别增长13.2%")
    change = parse_change("7.8%", before)
    assert (change.direction, change.value, change.unit, change.basis) == ("up", Decimal("7.8"), "%", "year_on_year")
    days = parse_change("3.8", parse_change("fell by 4.1 days"))
    assert (days.direction, days.value, days.unit) == ("down", Decimal("3.8"), "days")
    assert parse_change("下降2%", before).direction == "down"


def test_the_period_settles_what_the_words_leave_open() -> None:
    assert parse_change("环比增长26%", None, parse_date("2020年8月")).basis == "month_on_month"
    assert parse_change("环比增长26%", None, parse_date("2020年第三季度")).basis == "quarter_on_quarter"
    assert parse_change("较2013年增长52%", None, parse_date("2014年")).basis == "year_on_year"
    assert parse_change("较2013年增长52%", None, parse_date("2016年")).basis == "since"


def test_a_change_is_found_in_a_long_text() -> None:
    text = "公司表示。" * 200 + "营收同比增长39%。" + "公司表示。" * 200
    change = parse_change(text)
    assert (change.value, change.mention.text) == (Decimal(39), "同比增长39%")
    assert text[change.mention.start : change.mention.end] == "同比增长39%"


@pytest.mark.parametrize(
    ("before", "text", "after", "expected"),
    [
        ("员工数较年初", "减少1100家", "", "down 1100 家 since"),
        ("总净收入为8.67亿元，较2022年同期的7.02亿元", "增长23.5%", "，环比增长4.2%", "up 23.5 % year_on_year"),
        ("今年全行业增速可能", "放缓到一成五左右", "", "up 15 % unspecified"),
        ("占比61.7%，较上一季度", "提高5个百分点", "", "up 5 百分点 quarter_on_quarter"),
        ("同比分别增长13%、", "7%", "", "up 7 % year_on_year"),
        ("同比增长28.4%；净利润", "增19.2%", "", "up 19.2 % unspecified"),
        ("去年我们的收入", "增长了近三倍", "", "up 300 % unspecified"),
        ("Revenue ", "rose 12%", " from a year earlier, and profit fell 3% from the previous quarter", "up 12 % year_on_year"),
        ("bookings performed 2,300 cycles, ", "7 percent fewer", " than a year before", "down 7 % year_on_year"),
        ("sales were ¥79.1 billion, up 11% on the year and ", "up 3%", " on the previous three months", "up 3 % quarter_on_quarter"),
        ("The director guided for revenue growth of ", "14-16%", " in FY24", "up 14 % unspecified"),
        ("Its shares rose as much as ", "8.3%", " to a record", "up 8.3 % unspecified"),
        ("Its medical loss ratio was 85.9%, ", "an improvement of 240 basis points", "", "down 240 basis points unspecified"),
        ("Its shares ", "fell 47 percent", ", their lowest since a 2015 listing", "down 47 % unspecified"),
        ("Its premium income ", "rose 9%", " to HK$6.2 billion last year", "up 9 % unspecified"),
    ],
)
def test_words_around(before: str, text: str, after: str, expected: str) -> None:
    change = parse_change(text, around=(before, after))
    assert change is not None
    assert f"{change.direction} {change.value} {change.unit} {change.basis}" == expected


def test_what_the_period_says_of_a_year() -> None:
    period = parse_date("2022年")
    for text, before, basis in (("提高7.8个百分点", "就诊率达到90.3%，比2019年", "since"), ("增长7.8%", "比2021年", "year_on_year")):
        change = parse_change(text, period=period, around=(before, ""))
        assert change is not None
        assert change.basis == basis


@pytest.mark.parametrize(
    ("text", "period", "before", "basis"),
    [
        ("rose 12 percent", "2010", "Sales ", "year_on_year"),
        ("grew 5%", "Q3 2018", "Same-store sales ", "year_on_year"),
        ("rose 12 percent", "March 2010", "Sales ", "unspecified"),
        ("fell 1.8 per cent", "Q2 2012", "Sequentially, it ", "quarter_on_quarter"),
        ("52% up on the third", "Q4 2011", "Some €710 million was raised, ", "quarter_on_quarter"),
        ("rose 12 percent", "2010", "The shares ", "unspecified"),
        ("up 5%", "2012", "It expects sales ", "unspecified"),
        ("增长12%", "2010年", "营收", "unspecified"),
        ("up 61 percent", "Q1 2012", "From the fourth quarter, revenue was ", "quarter_on_quarter"),
        ("more than doubled", "Q4 2011", "Compared with the dry third quarter, cases ", "quarter_on_quarter"),
        ("-1%", "Q4 2011", "Price $1,140 (+2%; vs Q3: ", "quarter_on_quarter"),
        ("2.9% higher than in 2Q11", "Q3 2011", "Revenue was ", "quarter_on_quarter"),
        ("2.9% higher than in 3Q10", "Q3 2011", "Revenue was ", "year_on_year"),
        ("three points above the previous quarter", "Q3 2011", "The score was 74, ", "quarter_on_quarter"),
        ("up 5% vs Q1 2010", "Q3 2011", "Sales ", "since"),
        ("环比增5%", "2011-12-08", "月子中心收入", "quarter_on_quarter"),
        ("ring-on-ring growth 13.3%", "Q2 2011", "Income 598 million, ", "quarter_on_quarter"),
        ("环比增18%", "2011-12-08", "月订单7.6万单，", "month_on_month"),
        ("环比增18%", "2011年三季度", "月活1,930万，", "quarter_on_quarter"),
    ],
)
def test_english_reports_of_a_period_compare_with_the_year_before(text: str, period: str, before: str, basis: str) -> None:
    change = parse_change(text, None, parse_date(period, "2012-06-01"), (before, ""))
    assert change is not None
    assert change.basis == basis


@pytest.mark.parametrize(
    ("text", "before", "stated"),
    [
        ("20.7%", "常规检验 | 3.15 | 2.61 | ", ("up", "20.7", "%")),
        ("(23.8)", "研发费用  688  903  ", ("down", "23.8", None)),
        ("降了5个点", "占比74%，", ("down", "5", "百分点")),
        ("比一代便宜六百元", "", ("down", "600", "CNY")),
        ("恢复至去年同期水平", "", ("flat", None, None)),
        ("连降三年", "均价", ("down", None, None)),
        ("half as much again", "It sold $310m, ", ("up", "50", "%")),
        ("fallen to a quarter", "Exports have ", ("down", "75", "%")),
        ("twice what it was", "", ("up", "100", "%")),
        ("put on 6 per cent", "Shares ", ("up", "6", "%")),
        ("回落三到四成", "", ("down", "30", "%")),
        ("平收", "股价", ("flat", None, None)),
        ("static", "Sales were ", ("flat", None, None)),
        ("hardly moved", "Sales ", ("flat", None, None)),
        ("+9,3%", "", ("up", "9.3", "%")),
        ("up 0.4 of a percentage point", "", ("up", "0.4", "percentage points")),
        ("-2 pts", "Margin 14%, ", ("down", "2", "percentage points")),
        ("up four points", "Diagnosed: 80.1%, ", ("up", "4", "percentage points")),
        ("up 15 points", "The promoter score was ", ("up", "15", "points")),
        ("up 2pp", "", ("up", "2", "percentage points")),
        ("twice as many as in June last year", "", ("up", "100", "%")),
        ("half the figure for January", "", ("down", "50", "%")),
        ("dwindled to a fifth", "", ("down", "80", "%")),
        ("more than half the total", "", ("down", "50", "%")),
        ("the same-store sales rose 5%", "", ("up", "5", "%")),
        ("quicker growth of 12%", "", ("up", "12", "%")),
        ("twice as often", "Staff were off sick ", ("up", "100", "%")),
        ("thrice what it was", "", ("up", "200", "%")),
        ("a point lower", "It sees a rate of 21%, ", ("down", "1", "percentage points")),
        ("slipped by half a point", "Its margin of 16% ", ("down", "0.5", "percentage points")),
        ("nearly four minutes quicker", "", ("down", "4", "minutes")),
        ("plus 22%", "Premiums: ", ("up", "22", "%")),
        ("+0.0%", "Services 155.5 ", ("flat", None, None)),
        ("失去了9%", "股份", ("down", "9", "%")),
        ("multiplied by 3.4", "", ("up", "240.0", "%")),
        ("x4 since 2011", "Embryos stored:  ", ("up", "300", "%")),
        ("less than half", "It earned £3m, ", ("down", "50", "%")),
        ("fell by less than half", "", ("down", "50", "%")),
        ("up 51,000 sequentially", "", ("up", "51000", None)),
        ("(31.5)%", "EPS   2.9p   4.2p   ", ("down", "31.5", "%")),
        ("1,950 more", "", ("up", "1950", None)),
        ("Model X 3 sales rose 12%", "", ("up", "12", "%")),
        ("4 x 100 mg tablets fell 20%", "", ("down", "20", "%")),
        ("frozen embryo transfers rose 5%", "", ("up", "5", "%")),
        ("freezing", "It is ", ("flat", None, None)),
        ("lost less than half of its value", "", ("down", "50", "%")),
        ("haven't budged", "Waiting times ", ("flat", None, None)),
        ("as in the previous year", "", ("flat", None, None)),
        ("比上年多接诊18万", "", ("up", "180000", None)),
        ("+64 pct", "Biosimilars 212 mln, ", ("up", "64", "%")),
        ("+3.2pct", "毛利率41%，", ("up", "3.2", "百分点")),
        ("fell by 3.9 mg/dL", "", ("down", "3.9", "mg/dL")),
        ("较前一周（9.6%）降低1.7个百分点", "占7.9%，", ("down", "1.7", "百分点")),
        ("didn't budge", "Gowns ", ("flat", None, None)),
    ],
)
def test_ways_to_tell_a_change(text: str, before: str, stated: tuple[str, str | None, str | None]) -> None:
    change = parse_change(text, None, None, (before, ""))
    assert change is not None
    assert (change.direction, None if change.value is None else str(change.value), change.unit) == stated
