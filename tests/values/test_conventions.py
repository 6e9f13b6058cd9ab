from decimal import Decimal

import pytest

from healthevents.values import Conventions, read_conventions


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("Revenue was $5m.", {}),
        ("All figures in Australian dollars unless stated.", {"dollar": "AUD", "fiscal_end": 6}),
        ("Coorong banks A$60m. It had raised $18 million before.", {"dollar": "AUD", "fiscal_end": 6}),
        ("It raised US$5m, then A$6m and $7m.", {}),
        ("港股仁澤醫療公布中期業績，收入18.5億元，集團在香港與九龍經營13間醫院，總床位6,420張", {"yuan": "HKD"}),
        ("臺北訊，興櫃公司泓德生技辦理現金增資，募得6億元，資金將用於新竹廠擴產與試驗", {"yuan": "TWD"}),
        ("港股公司仁泽医疗公布中期业绩，收入18.5亿元", {}),
        ("換算約新台幣4.6億元，營收2.1億元", {"yuan": "TWD"}),
        ("輔助生殖服務商在港交所掛牌上市，另一家平臺完成5億元B輪融資，由騰訊領投", {}),
        ("上海、北京與香港三地的十二家企業獲投，總額74億元，領跑者在上海", {}),
        ("Price ¥1,299 a pair; it closed RMB 280m.", {"yen": "CNY"}),
        ("The Chinese maker raised ¥210m in Shanghai.", {"yen": "CNY"}),
        ("The Chinese arm of the Tokyo group cost ¥210m.", {}),
        ("TOKYO: sales of ¥228.7 billion", {}),
        ("单位：万元（人民币）\n营业收入｜38,214.60", {"table_scale": Decimal(10_000), "table_currency": "CNY", "yen": "CNY"}),
        ("Revenue (HK$ mn)    2,906.5    2,411.0", {"table_scale": Decimal(1_000_000), "table_currency": "HKD"}),
        ("Financials (Rs crore, year to March)", {"table_scale": Decimal(10_000_000), "table_currency": "INR", "fiscal_end": 3}),
        ("2020财年（财年均截至3月31日）营收", {"fiscal_end": 3}),
        ("截至今年3月31日的2021财年，营收3428亿日元", {"fiscal_end": 3, "fiscal_by_start": True}),
        ("for the second quarter ended September 30", {"fiscal_end": 3}),
        ("the year ended 31 December 2020", {}),
        ("the 12 months to June 30", {"fiscal_end": 6}),
        ("Source: state filings. FY ends June 30.", {"fiscal_end": 6}),
        ("a Swedish maker paid 4 billion crowns", {"open_words": (("crown", "SEK"),)}),
        ("the Norwegian buyer paid its Danish rival 4 billion crowns", {}),
        ("Clinics in Mexico City lost 600 million pesos", {"open_words": (("peso", "MXN"),)}),
        ("马尼拉的连锁药房融资2亿比索", {"open_words": (("peso", "PHP"),)}),
        ("the ministry in Kathmandu set aside 30 million rupees", {"open_words": (("rupee", "NPR"),)}),
        ("Muscat Pharmacy will pay 3.8 million rials", {"open_words": (("rial", "OMR"),)}),
        ("a Chilean study of pesosaurs", {}),
        ("A Senegal clinic raised 5 million francs. At baseline 12% smoked.", {"open_words": (("franc", "XOF"),)}),
        ("GUADALAJARA - It paid 740 million pesos." + " It runs clinics." * 20 + " A Bogotá start-up followed.", {"open_words": (("peso", "MXN"),)}),
        ("£m unless stated          H1 24     H1 23\nRevenue 118.6", {"table_scale": Decimal(1_000_000), "table_currency": "GBP"}),
        ("CHF million      2020     2019\nPremiums 3,214", {"table_scale": Decimal(1_000_000), "table_currency": "CHF"}),
        ("(Unaudited; in thousands, except per share amounts)\nNet sales $ 21,480", {"table_scale": Decimal(1_000), "table_currency": "USD"}),
        ("Dollars in thousands.\nRevenue $640", {"table_scale": Decimal(1_000), "table_currency": "USD"}),
        ("R million, unless stated    2021", {"table_scale": Decimal(1_000_000), "table_currency": "ZAR"}),
        ("| R$ million | 2021 |", {"table_scale": Decimal(1_000_000), "table_currency": "BRL"}),
        ("Net sales were MSEK 872 (701)", {"table_scale": Decimal(1_000_000), "table_currency": "SEK"}),
        ("All amounts in Canadian dollars, in thousands except per unit.", {"dollar": "CAD", "table_scale": Decimal(1_000), "table_currency": "CAD"}),
        ("colorectal cancer (CRC) and coronary disease (CAD) cost 500", {}),
        ("patients (in thousands) | 41; it spent $5 million", {}),
        ("HK$5m; it raised 20 million dollars", {}),
        ("Revenue (in RMB million) 41", {"table_scale": Decimal(1_000_000), "table_currency": "CNY", "yen": "CNY"}),
        ("The kits went to homes in thousands of villages, for £3.", {}),
        ("It earned 6 cents a share, against A$0.04.", {"dollar": "AUD", "fiscal_end": 6}),
        ("Interim results for the six months ended 30 September 2021", {"fiscal_end": 3}),
        ("Q2 FY22 and 6M FY22: six months ended December 31", {"fiscal_end": 6}),
        ("in the six months ended 30 June", {}),
        ("In thousands, except per share data\nRevenue 41,208; cash of $9 million", {"table_scale": Decimal(1_000), "table_currency": "USD"}),
        ("The table below is in R$ million\nNet revenue 851.0", {"table_scale": Decimal(1_000_000), "table_currency": "BRL"}),
        ("(KShs million)    2018\nRevenue 6,214", {"table_scale": Decimal(1_000_000), "table_currency": "KES"}),
        ("A Lahore chain pays Rs 40 million", {"open_words": (("rupee", "PKR"),)}),
        ("Casablanca: 180 million dirhams", {"open_words": (("dirham", "MAD"),)}),
        ("The Tokyo firm's year ended March 31; in fiscal 2026 it opens two plants", {"fiscal_end": 3, "fiscal_by_start": True}),
        ("The Tokyo firm plans two plants in fiscal 2026", {}),
        ("", {}),
    ],
)
def test_conventions(text: str, changed: dict[str, object]) -> None:
    assert read_conventions(text, 2022)._replace(sole_currency=None) == Conventions()._replace(**changed)


@pytest.mark.parametrize(
    ("text", "sole"),
    [
        ("Revenue was $5m, costs 3 million.", "USD"),
        ("It banks A$60m, of $90 million.", "AUD"),
        ("A loss of 4.1 million soles, after 6.8 million.", "PEN"),
        ("Sales in Oslo of NOK 820 million and 12 million crowns", "NOK"),
        ("€5m, then $7m", None),
        ("It cost 4 billion crowns.", None),
        ("540 million yuan, then 2 billion", "CNY"),
        ("收入5,000万美元，另有3亿", None),
        ("three hundred staff", None),
    ],
)
def test_the_only_currency_of_a_text(text: str, sole: str | None) -> None:
    assert read_conventions(text).sole_currency == sole
