"""Money: text, value (or low..high), modifier and currency; a dash where the text states none."""

from decimal import Decimal

import pytest

from healthevents.values import Conventions, money_cell, parse_money, parse_value

TABLE = """
10亿元 | 1000000000 | exact | CNY
亿元及以上 | 100000000 | at_least | CNY
新台幣3.5億元 | 350000000 | exact | TWD
1.5-2亿元 | 150000000..200000000 | range | CNY
3000余万元 | 30000000 | over | CNY
十几亿元 | 1100000000..1900000000 | range | CNY
a quarter of a billion dollars | 250000000 | exact | USD
three quarters of a million euros | 750000 | exact | EUR
between $5m and $7m | 5000000..7000000 | range | USD
$4.5-5.0 billion | 4500000000..5000000000 | range | USD
£1.2m-£1.5m | 1200000..1500000 | range | GBP
some US$20 million | 20000000 | about | USD
2亿美金 | 200000000 | exact | USD
数千万元 | 10000000..100000000 | range | CNY
近1.5亿元人民币 | 150000000 | nearly | CNY
约7.2亿港元 | 720000000 | about | HKD
US$311.5 billion | 311500000000 | exact | USD
73.675 billion yuan | 73675000000 | exact | CNY
3.8万元 | 38000 | exact | CNY
一亿三千万元 | 130000000 | exact | CNY
两百五十元 | 250 | exact | CNY
３０００万元 | 30000000 | exact | CNY
２．５亿美元 | 250000000 | exact | USD
上千万元 | 10000000 | over | CNY
上亿美元 | 100000000 | over | USD
近亿元 | 100000000 | nearly | CNY
亿元级 | 100000000..1000000000 | range | CNY
百万级美元 | 1000000..10000000 | range | USD
千万级人民币 | 10000000..100000000 | range | CNY
近百亿级 | 10000000000 | nearly | -
五六百万美元 | 5000000..6000000 | range | USD
两三千万 | 20000000..30000000 | range | -
2至3亿元 | 200000000..300000000 | range | CNY
2-3亿元 | 200000000..300000000 | range | CNY
20亿～30亿元 | 2000000000..3000000000 | range | CNY
5000万元-1亿元 | 50000000..100000000 | range | CNY
6,000万至8,000万美元 | 60000000..80000000 | range | USD
3.4亿元至3.7亿元 | 340000000..370000000 | range | CNY
不低于5000万元且不超过1亿元 | 50000000..100000000 | range | CNY
35～60元 | 35..60 | range | CNY
8000—1.5万元 | 8000..15000 | range | CNY
三十多亿元 | 3000000000 | over | CNY
一个多亿 | 100000000 | over | -
9800余万元 | 98000000 | over | CNY
4亿余元人民币 | 400000000 | over | CNY
四百来万 | 4000000 | about | -
一千来万元 | 10000000 | about | CNY
十一亿八 | 1180000000 | exact | -
六千四 | 6400 | exact | -
三万五千元 | 35000 | exact | CNY
1亿2000万元 | 120000000 | exact | CNY
2萬4,800元 | 24800 | exact | CNY
3亿5千万 | 350000000 | exact | -
一点五亿元 | 150000000 | exact | CNY
9块6 | 9.6 | exact | CNY
三毛钱 | 0.3 | exact | CNY
不到三分钱 | 0.03 | under | CNY
五十九块钱 | 59 | exact | CNY
899元 | 899 | exact | CNY
399元起 | 399 | at_least | CNY
6亿元以内 | 600000000 | at_most | CNY
9亿元以下 | 900000000 | under | CNY
4000万美元以上 | 40000000 | over | USD
2,000元出头 | 2000 | over | CNY
1500万元上下 | 15000000 | about | CNY
16亿元左右 | 1600000000 | about | CNY
最高1.8亿美元 | 180000000 | at_most | USD
至多1500万英镑 | 15000000 | at_most | GBP
不超过18.6亿元 | 1860000000 | at_most | CNY
不超过人民币10亿元 | 1000000000 | at_most | CNY
至少3000万欧元 | 30000000 | at_least | EUR
超过850亿元 | 85000000000 | over | CNY
逾26亿元 | 2600000000 | over | CNY
突破600亿元 | 60000000000 | over | CNY
过8000万 | 80000000 | over | -
逼近3000亿元 | 300000000000 | nearly | CNY
不足5亿元 | 500000000 | under | CNY
-1,870万元 | -18700000 | exact | CNY
2,913.57万元 | 29135700 | exact | CNY
1,234,567.89元 | 1234567.89 | exact | CNY
1.21万亿元 | 1210000000000 | exact | CNY
人民币8.67亿元 | 867000000 | exact | CNY
新台幣3,000萬元 | 30000000 | exact | TWD
新台幣120元 | 120 | exact | TWD
5億港幣 | 500000000 | exact | HKD
約9,500萬元人民幣 | 95000000 | about | CNY
6.4亿瑞士法郎 | 640000000 | exact | CHF
2,400万瑞郎 | 24000000 | exact | CHF
25亿日元 | 2500000000 | exact | JPY
80億日圓 | 8000000000 | exact | JPY
45亿韩元 | 4500000000 | exact | KRW
180亿卢比 | 18000000000 | exact | INR
4,200万新元 | 42000000 | exact | SGD
1.35亿澳元 | 135000000 | exact | AUD
480亿挪威克朗 | 48000000000 | exact | NOK
3美分 | 0.03 | exact | USD
3亿 | 300000000 | exact | -
500万 | 5000000 | exact | -
380 万美元 | 3800000 | exact | USD
¥3000万 | 30000000 | exact | CNY
$250K | 250000 | exact | USD
$25M | 25000000 | exact | USD
$1.2bn | 1200000000 | exact | USD
US$1.2bn | 1200000000 | exact | USD
US$ 62 million | 62000000 | exact | USD
U.S.$5 million | 5000000 | exact | USD
USD 20 mn | 20000000 | exact | USD
€35 million | 35000000 | exact | EUR
EUR 4.2m | 4200000 | exact | EUR
£8m | 8000000 | exact | GBP
£400k | 400000 | exact | GBP
£1.13bn | 1130000000 | exact | GBP
Rs 450 crore | 4500000000 | exact | INR
1.5 sen | 0.015 | exact | MYR
84 groszy | 0.84 | exact | PLN
KShs 540 million | 540000000 | exact | KES
Rs. 1,999 | 1999 | exact | INR
Rs 1.8 lakh | 180000 | exact | INR
Rs 1,400-crore | 14000000000 | exact | INR
₹6.1 billion | 6100000000 | exact | INR
A$60M | 60000000 | exact | AUD
HK$2.1 billion | 2100000000 | exact | HKD
S$3.5m | 3500000 | exact | SGD
NZ$4.4 million | 4400000 | exact | NZD
C$9.3 million | 9300000 | exact | CAD
NT$300 million | 300000000 | exact | TWD
R$30m | 30000000 | exact | BRL
R1.1bn | 1100000000 | exact | ZAR
RM 1.1 billion | 1100000000 | exact | MYR
OMR 3.8 million | 3800000 | exact | OMR
Nu 30 million | 30000000 | exact | BTN
4.1 million soles | 4100000 | exact | PEN
JOD 42 | 42 | exact | JOD
RMB500m | 500000000 | exact | CNY
RMB 1.37 billion | 1370000000 | exact | CNY
Rmb4.8bn | 4800000000 | exact | CNY
1.9 billion yuan | 1900000000 | exact | CNY
160-million-yuan | 160000000 | exact | CNY
230 mln yuan | 230000000 | exact | CNY
1.4bn yuan | 1400000000 | exact | CNY
18,800 yuan | 18800 | exact | CNY
48.6 billion won | 48600000000 | exact | KRW
¥31 billion | 31000000000 | exact | JPY
6.2 billion yen | 6200000000 | exact | JPY
CHF 97.5 million | 97500000 | exact | CHF
150 million Swiss francs | 150000000 | exact | CHF
DKK 900 million | 900000000 | exact | DKK
SEK 310m | 310000000 | exact | SEK
14 billion Danish crowns | 14000000000 | exact | DKK
412 million crowns | 412000000 | exact | -
212 million euros | 212000000 | exact | EUR
1.8bn euros | 1800000000 | exact | EUR
133 million stg | 133000000 | exact | GBP
31 mln dlrs | 31000000 | exact | USD
230 million US dollars | 230000000 | exact | USD
400 billion Hong Kong dollars | 400000000000 | exact | HKD
a billion dollars | 1000000000 | exact | USD
half a million dollars | 500000 | exact | USD
61 cents | 0.61 | exact | USD
20 to 24 cts | 0.20..0.24 | range | USD
523p | 5.23 | exact | GBP
171 pence | 1.71 | exact | GBP
8.2¢ | 0.082 | exact | USD
38c | 0.38 | exact | USD
40c to 42c | 0.40..0.42 | range | USD
$3.99 | 3.99 | exact | USD
$1,023 | 1023 | exact | USD
$1 trillion | 1000000000000 | exact | USD
Sh1.9bn | 1900000000 | exact | KES
VND 180 billion | 180000000000 | exact | VND
₱120 million | 120000000 | exact | PHP
AED 9.1bn | 9100000000 | exact | AED
19.4 million reais | 19400000 | exact | BRL
eight-figure sum in zlotys | 10000000..100000000 | range | PLN
low seven-figure sum | 1000000..10000000 | range | -
tens of millions of yuan | 10000000..100000000 | range | CNY
several million yuan | 1000000..10000000 | range | CNY
several hundred million yuan | 100000000..1000000000 | range | CNY
$80 to $90 million | 80000000..90000000 | range | USD
$70-75 million | 70000000..75000000 | range | USD
$40M to $45M | 40000000..45000000 | range | USD
CHF 14 million to CHF 18 million | 14000000..18000000 | range | CHF
$500 million-$700 million | 500000000..700000000 | range | USD
650 million to 700 million euros | 650000000..700000000 | range | EUR
HK$650-700 million | 650000000..700000000 | range | HKD
€650m-800m | 650000000..800000000 | range | EUR
between $3 million and $5 million | 3000000..5000000 | range | USD
$3 to $5.50 | 3..5.50 | range | USD
£700m to £1.6bn | 700000000..1600000000 | range | GBP
around $59 million | 59000000 | about | USD
roughly $420 million | 420000000 | about | USD
an estimated 19 billion yuan | 19000000000 | about | CNY
nearly RMB 300 million | 300000000 | nearly | CNY
more than $120 million | 120000000 | over | USD
a little over $11 million | 11000000 | over | USD
exceeding $2bn | 2000000000 | over | USD
$100M-plus | 100000000 | over | USD
just under US$400 million | 400000000 | under | USD
less than S$300,000 | 300000 | under | SGD
not up to 200 million yuan | 200000000 | under | CNY
up to $115 million | 115000000 | at_most | USD
as much as HK$2.1 billion | 2100000000 | at_most | HKD
no more than €5m | 5000000 | at_most | EUR
no bigger than A$12 million | 12000000 | at_most | AUD
something like NZ$70,000 | 70000 | about | NZD
at least US$22 million | 22000000 | at_least | USD
from HK$2,980 | 2980 | at_least | HKD
$38.5&nbsp;million | 38500000 | exact | USD
raised US$1.2bn on Monday | 1200000000 | exact | USD
完成了近3亿元人民币的B轮融资 | 300000000 | nearly | CNY
raised $5m (£4m) from two funds | 5000000 | exact | USD
MSEK 1,408 | 1408000000 | exact | SEK
around MEUR 21 | 21000000 | about | EUR
16 KEUR | 16000 | exact | EUR
MSEK -52 | -52000000 | exact | SEK
R74,500 | 74500 | exact | ZAR
R60m | 60000000 | exact | ZAR
P320 million | 320000000 | exact | PHP
GH¢1.20 | 1.20 | exact | GHS
27 mln zł | 27000000 | exact | PLN
83 lei | 83 | exact | RON
RWF 340 million | 340000000 | exact | RWF
XOF 2.1 billion | 2100000000 | exact | XOF
16 fils | 0.16 | exact | AED
3.4 centimes | 0.034 | exact | CHF
$ (0.07) | -0.07 | exact | USD
30 million | 30000000 | exact | -
"""
ROWS = [tuple(cell.strip() for cell in line.split(" | ")) for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("text", "value", "modifier", "currency"), ROWS, ids=[row[0] for row in ROWS])
def test_money(text: str, value: str, modifier: str, currency: str) -> None:
    money = parse_money(text)
    assert money is not None
    low, _, high = value.partition("..")
    expected = (None, Decimal(low), Decimal(high)) if high else (Decimal(low), None, None)
    assert (money.value, money.low, money.high) == expected
    assert (money.modifier, money.currency or "-") == (modifier, currency)
    assert text[money.mention.start : money.mention.end] == money.mention.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没有金额",
        "no sum",
        "357家",
        "39%",
        "B轮",
        "第一",
        "3.2 million patients",
        "COVID-19",
        "$",
        "元",
        "up to",
        "R2",
        "P2",
        "X180 million",
        "S&P 1,500 companies",
        "NAD 500 mg",
        "亿元宝",
    ],
)
def test_no_money(text: str) -> None:
    assert parse_money(text) is None or parse_money(text).value is not None  # never an error
    if text not in ("亿元宝",):
        assert parse_money(text) is None


@pytest.mark.parametrize(
    "text", ["近1.5亿元人民币", "约 5,600万新元", "between $3 million and $5 million", "US$18 million", "3.4亿元至3.7亿元", "$38.5&nbsp;million", "-1,870万元"]
)
def test_the_mention_is_the_whole_amount(text: str) -> None:
    assert parse_money(f"说{text}。").mention.text == text
    assert parse_money(text).mention.text == text


TABLE_IN_THOUSANDS = Conventions(table_scale=Decimal(1000), table_currency="USD")


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("18,206", "Gross profit", "18206000"),
        ("(1,072)", "Operating income (loss)", "-1072000"),
        ("0.31", "Earnings per share", "0.31"),
        ("518", "净利润", "518000"),
        ("1.2", "基本每股收益", "1.2"),
        ("1,250", "R&D personnel", None),
        ("15", "weight loss", None),
        ("12", "EPS growth", None),
        ("702", "Admissions", None),
        ("61", "Days cash on hand", None),
        ("13.7", "Gross margin", None),
        ("9.1", "毛利率", None),
        ("42", "Sales staff", None),
        ("$5 million", "Revenue", None),  # says itself what it counts
    ],
)
def test_cells_of_a_table_are_money_by_the_name_of_their_row(text: str, name: str, value: str | None) -> None:
    money = money_cell(text, name, TABLE_IN_THOUSANDS)
    assert (None if money is None else str(money.value)) == value
    assert money is None or money.currency == "USD"
    assert money_cell(text, name, Conventions()) is None


@pytest.mark.parametrize(("text", "value"), [("($500)", "500"), ("(€300)", "300")])
def test_brackets_are_minus_only_in_tables(text: str, value: str) -> None:
    money = parse_money(text)
    assert money is not None
    assert str(money.value) == value
    assert parse_money("(642)", TABLE_IN_THOUSANDS).value == -642000


def test_what_a_document_says_about_its_money() -> None:
    australian = Conventions(dollar="AUD")
    assert parse_money("$60 million", australian).currency == "AUD"
    assert parse_money("US$60 million", australian).currency == "USD"
    assert parse_money("14.6¢", australian).currency == "AUD"
    assert parse_money("98.7元", Conventions(yuan="TWD")).currency == "TWD"
    assert parse_money("98.7万人民币", Conventions(yuan="TWD")).currency == "CNY"
    assert parse_money("¥526", Conventions(yen="CNY")).currency == "CNY"
    assert parse_money("1.3 billion kroner", Conventions(open_words=(("crown", "DKK"),))).currency == "DKK"
    assert parse_money("5 million francs").currency == "CHF"
    assert parse_money("5 million francs", Conventions(open_words=(("franc", "XOF"),))).currency == "XOF"
    assert parse_money("5 million Swiss francs", Conventions(open_words=(("franc", "XOF"),))).currency == "CHF"
    pakistani = Conventions(open_words=(("rupee", "PKR"),))
    assert [parse_money(text, pakistani).currency for text in ("Rs 40 million", "Rs 2.5 crore", "30 million rupees")] == ["PKR"] * 3
    assert parse_money("Rs 18 crore", Conventions(open_words=(("rupee", "LKR"),))).currency == "INR"
    euros = Conventions(sole_currency="EUR")
    assert [parse_money(text, euros).currency for text in ("21 cents", "$5m", "3 million")] == ["EUR", "USD", None]
    table = Conventions(table_scale=Decimal(10_000), table_currency="CNY")
    cell = parse_money("-2,216.40", table)
    assert (cell.value, cell.currency) == (Decimal("-22164000"), "CNY")
    assert parse_money("2.1亿", table).currency is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("3.8万家", "Quantity"),
        ("10亿元", "Money"),
        ("US$5m", "Money"),
        ("39%", "Quantity"),
        ("2,000+ clinics", "Quantity"),
        ("500 million-yuan", "Money"),
        ("近三成", "Quantity"),
    ],
)
def test_money_or_quantity(text: str, kind: str) -> None:
    assert type(parse_value(text)).__name__ == kind


def test_values_are_exact_decimals() -> None:
    money = parse_money("0.1亿元")
    assert isinstance(money.value, Decimal)
    assert money.value == Decimal("10000000")
    assert parse_money("$1,234,567,890,123.45").value == Decimal("1234567890123.45")
