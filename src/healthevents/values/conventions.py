"""What a document says once about its figures: which dollar it means, in what its tables count, when its fiscal year ends.

"All figures in Australian dollars", 單位：萬元, "Rs crore, year to March" and 财年截至3月31日 change what later mentions of the
same document mean. They are read once from the text, and the parsers of money and dates take them as an argument.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from healthevents.values.amounts import (
    LETTERS,
    OPEN_PREFIXES,
    OPEN_WORDS,
    PREFIX_CODES,
    SUM_WITH_CURRENCY,
    alternation,
    currency_of,
    load_data,
)
from healthevents.values.folding import fold_value
from healthevents.values.numbers import ONE


class Conventions(NamedTuple):
    """The conventions of one document.

    `dollar`, `yuan` and `yen` are the currencies of a bare $, 元 and ¥ (`yen` null where it is open). `open_words` are pairs of the name of a
    word for the money of several countries ("crown", "peso") and the currency that it stands for. `table_scale` and `table_currency` hold for
    figures that carry neither magnitude nor currency of their own. `sole_currency` is the only one of which an English text names sums:
    its cents are of that one. `fiscal_end` is the last month of the fiscal year, and `fiscal_by_start`
    tells whether it is named after the year in which it begins, as Japan's 年度 is, rather than the one in which it ends.
    """

    dollar: str = "USD"
    yuan: str = "CNY"
    yen: str | None = None
    open_words: tuple[tuple[str, str], ...] = ()
    table_scale: Decimal = ONE
    table_currency: str | None = None
    sole_currency: str | None = None
    fiscal_end: int = 12
    fiscal_by_start: bool = False


DEFAULT = Conventions()

_DOLLAR_NAMES = {
    "australian": "AUD",
    "us": "USD",
    "u.s.": "USD",
    "american": "USD",
    "canadian": "CAD",
    "singapore": "SGD",
    "hong kong": "HKD",
    "new zealand": "NZD",
}
_DOLLAR_STATED = re.compile(
    r"(?:figures|amounts|sums|currency|prices|dollars?|values)[^.\n]{0,30}? (?:are )?(?:in|is|expressed in) (?P<which>australian|us"
    r"|u\.s\.|canadian|singapore|hong kong|new zealand) dollars",
    re.IGNORECASE,
)
_DOLLAR_SIGNS = re.compile(r"(?<![A-Za-z$])(?P<sign>US|A|AU|C|CA|S|HK|NZ|NT|R)?\$ ?\d")
_DOLLAR_CODES = {"US": "USD", "A": "AUD", "AU": "AUD", "C": "CAD", "CA": "CAD", "S": "SGD", "HK": "HKD", "NZ": "NZD"}
_DOLLARS = re.compile(r"(?<![a-z])dollars?(?![a-z])", re.IGNORECASE)
_TAIWAN = re.compile("新台币")
# Words of the two places whose press writes traditional characters and means its own dollar by 元; not the Hong Kong exchange, where others list too.
_CHINESE_PLACES = (
    ("TWD", re.compile("台湾|台股|台北|新北|新竹|台中|台南|高雄|上柜|兴柜|健保署?|卫福部|食药署")),
    ("HKD", re.compile("香港|港元|港币|医管局|卫生署|恒生|九龙|新界")),
)
# Mainland texts are put into traditional characters too.
_MAINLAND_PLACES = re.compile("北京|上海|广州|深圳|杭州|江苏|浙江|国家药监局|国家医保局|科创板|A股")
_SAMPLE = 4000
_MAINLAND = re.compile("人民币|大陆元")
# Where a text names China's money or cities and nothing of Japan, its ¥ is the yuan.
_CHINESE_MONEY = re.compile(
    r"yuan|(?<![A-Za-z])(?:RMB|CNY|renminbi)|人民币|(?<![A-Za-z])(?:chin(?:a|ese)|beijing|shanghai|shenzhen|guangzhou|hangzhou|chengdu|wuhan|nanjing|tianjin"
    r"|chongqing|suzhou|qingdao|dalian|xiamen|kunming|changsha|zhengzhou|hefei|guangdong|zhejiang|jiangsu|shandong|sichuan|yunnan|hainan|fujian)(?![a-z])",
    re.IGNORECASE,
)
_JAPANESE_MONEY = re.compile(r"(?<![a-z])yen(?![a-z])|japan|tokyo|日元|东京", re.IGNORECASE)
_LATIN, _HAN = ([word for word in OPEN_WORDS if word.isascii() is ascii_] for ascii_ in (True, False))
_OPEN_WORD = re.compile(rf"(?<![a-z])(?:{alternation(_LATIN)})(?![a-z])|{alternation(_HAN)}", re.IGNORECASE)
_OPEN_PREFIX = re.compile(rf"(?<![A-Za-z])({alternation(list(OPEN_PREFIXES))}) ?\d")
# A dateline and the first sentence say where a story plays.
_BEGINNING = 300
_TABLE_ZH = re.compile(r"(?:单位|金额单位|货币单位)\s?:\s?(?:人民币)?(?P<scale>百万|千万|万|亿|千)?(?P<currency>元|美元|港元|港币|日元|欧元|新台币)")
_SCALE_WORDS = r"(?:mn?|mln|millions?|bn|billions?|crore|lakh|thousands?|k|'?000)"
_TABLE_SIGNS = rf"(?-i:{alternation([*PREFIX_CODES, 'Rs', 'Rs.', 'rmb', 'rs'])})"
_TABLE_EN = re.compile(
    # "(in US$ million)", "[€m]", "(Rs crore, unless …)"; a sign alone may be a head, a code may be an abbreviation
    rf"[(\[](?:in |figures in |amounts in )?(?P<currency>{_TABLE_SIGNS})\s?(?:in )?(?P<scale>{_SCALE_WORDS})(?:[,;)\]]| unless)"
    r"|[(\[](?:in )?(?P<currency6>(?-i:US\$|HK\$|A\$|S\$|RMB|Rs\.?|CHF|EUR|USD|HKD|CNY|JPY|INR|KRW|\$|€|£|¥|₹))(?:[,;)\]]| unless)"
    # The first cell of a table's head: "CHF million  2023  2022", "£m unless stated"
    rf"|(?:^|\||\t)[ ]*(?P<currency2>{_TABLE_SIGNS}|(?-i:[RP]))\s?(?P<scale2>{_SCALE_WORDS})(?=\s{{2,}}|[ ]*\||\t|,? unless|,? except|[ ]*$|\s+(?:19|20)\d\d\b)"
    # "Dollars in thousands", "all amounts in millions of euros", "(unaudited; in thousands, except …)", "MSEK 94"
    rf"|(?P<scale3>million|thousand|billion)s? of (?P<currency3>euros|dollars|yuan|pounds|yen)"
    rf"|(?:(?P<currency4>dollars|euros|pounds|yen|yuan),? |amounts |figures |unaudited[,;]? )"
    rf"in (?P<scale4>thousand|million|billion)s(?= ?[,;).\]]| except| unless)"
    rf"|(?:^|[(;,] ?)in (?P<scale6>thousand|million|billion)s,? except"
    rf"|(?:table|figures|amounts)(?: below)? (?:is|are) in (?P<currency7>{_TABLE_SIGNS})\s?(?P<scale7>{_SCALE_WORDS})(?![a-z])"
    rf"|(?<![A-Za-z])(?P<scale5>[MKT])(?P<currency5>SEK|NOK|DKK|EUR|USD|CHF|GBP)(?= -?\d)",
    re.IGNORECASE | re.MULTILINE,
)
_TABLE_SCALES = {
    "m": 6,
    "mn": 6,
    "mln": 6,
    "million": 6,
    "millions": 6,
    "bn": 9,
    "billion": 9,
    "billions": 9,
    "crore": 7,
    "lakh": 5,
    "thousand": 3,
    "thousands": 3,
    "k": 3,
    "t": 3,
    "000": 3,
    "'000": 3,
    "千": 3,
    "万": 4,
    "百万": 6,
    "千万": 7,
    "亿": 8,
}
_TABLE_CURRENCIES = {
    "US$": "USD", "$": "USD", "HK$": "HKD", "A$": "AUD", "S$": "SGD", "RMB": "CNY", "Rs": "INR", "Rs.": "INR", "€": "EUR", "£": "GBP",
    "₹": "INR", "¥": "JPY", "元": "CNY", "美元": "USD", "港元": "HKD", "港币": "HKD", "日元": "JPY", "欧元": "EUR", "新台币": "TWD",
    "euros": "EUR", "dollars": "USD", "yuan": "CNY", "pounds": "GBP", "yen": "JPY",
}  # fmt: skip
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_MONTH = (
    r"(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)(?![a-z])"
)
_FISCAL_EN = re.compile(
    rf"(?<!half )(?<!half-)(?:(?:fiscal|financial|full)[ -])?(?:year|(?<![a-z])FY|12 months|twelve months)(?: (?:that )?(?:ended|ending|ends)(?: on| in)?| to"
    rf"| through)(?: the end of)? (?:\d{{1,2}} )?{_MONTH}",
    re.IGNORECASE,
)
# "Interim results for the six months ended 30 September": the year ends half a year later.
_FISCAL_HALF_EN = re.compile(rf"(?:half[ -]year|six months) (?:that )?ended (?:\d{{1,2}} )?{_MONTH}", re.IGNORECASE)
_INTERIM = re.compile(r"(?<![a-z])(?:interim|half[ -]year(?:ly)?) (?:results|report|statements?)|(?<![a-z])(?:H1|6M) ?FY", re.IGNORECASE)
_FISCAL_QUARTER_EN = re.compile(rf"(?P<q>first|second|third|fourth)[ -]quarter (?:that )?ended (?:\d{{1,2}} )?{_MONTH}", re.IGNORECASE)
_FISCAL_ZH = re.compile(
    r"(?:截至|至|于)?(?:(?P<relative>今年|去年|每年)|(?P<year>\d{4})年)?(?P<m>1[0-2]|[1-9])月(?:\d{1,2}日|底)?(?:止"
    r"|结束)?的?(?:(?P<named>\d{4})\s?财政?年度?|财年|财政年度|年度)"
)
_FISCAL_QUARTER_ZH = re.compile(r"第(?P<q>[一二三四])财?季度?[(,]?\s?(?:截至|止于)(?:\d{4}年)?(?P<m>1[0-2]|[1-9])月")
# Where nothing is stated, the fiscal years that the law of the country fixes: April to March in India, July to June in Australia.
_INDIAN = re.compile(r"(?<![A-Za-z])Rs\.? ?\d|₹|crore|印度[^\n]{0,120}(?:19|20)\d\d\s?-\s?\d\d财年")
# A round-up of many countries that names one sum in rupees is no Indian report.
_OTHER_SUMS = re.compile(r"[$€£¥]\s?\d|\d(?:元|美元|港元)|(?<![A-Z])(?:USD|EUR|GBP|RM|SEK|NOK|DKK|CHF) ?\d")
# "Fiscal 2019" in Japan is the year that begins in April 2019, where the text says that its years end in March.
_JAPANESE_YEAR = re.compile(r"(?<![a-z])(?:fiscal(?: year)?|FY) ?20\d\d(?![-/–\d])", re.IGNORECASE)
_FISCAL_ZH_ENDS = re.compile(r"财(?:政)?年度?(?:均)?(?:截至|截止于?|止于|结束于)(?:每年)?(?P<m>1[0-2]|[1-9])月")


@lru_cache(maxsize=64)
def read_conventions(text: str, published_year: int | None = None) -> Conventions:
    """Read the conventions that a document states; those of `Conventions()` where it states none.

    Args:
        text: the whole text of the document.
        published_year: the year of publication, by which "the 2021 year ended this March" is seen to be named by its start.
    """
    folded = fold_value(text)
    dollar = _dollar(folded)
    yen = None if not _CHINESE_MONEY.search(folded) or _JAPANESE_MONEY.search(folded) else "CNY"
    open_words = tuple(_open_words(folded))
    scale, currency = _table(folded, dollar)
    fiscal_end, by_start = _fiscal(folded, published_year, dict(open_words).get("rupee", "INR"))
    return Conventions(
        dollar=dollar,
        yuan=_yuan(text, folded),
        yen=yen,
        open_words=open_words,
        table_scale=scale,
        table_currency=currency,
        sole_currency=_sole_currency(folded, {"$": dollar, "¥": yen or "JPY", **dict(open_words)}),
        fiscal_end=fiscal_end,
        fiscal_by_start=by_start,
    )


def _sole_currency(text: str, meant: Mapping[str, str]) -> str | None:
    """Return the currency of all sums of an English text that name one; None if there are several."""
    if _HAN_LETTER.search(text) is not None:
        return None
    found: set[str | None] = set()
    for match in SUM_WITH_CURRENCY.finditer(text):
        prefix, word = match["prefix"], match["word"]
        mark = "$" if word and word.lower() in ("dollars", "dollar") else OPEN_WORDS.get(word.lower()) if word else OPEN_PREFIXES.get(prefix, prefix)
        found.add(meant.get(mark or "") or currency_of(prefix, word))
        if len(found) > 1:
            return None
    return found.pop() if found else None


def _dollar(text: str) -> str:
    """Return what a bare $ means: as stated, or the one prefixed dollar of a text that also writes the bare sign."""
    stated = _DOLLAR_STATED.search(text)
    if stated is not None:
        return _DOLLAR_NAMES[stated["which"].lower()]
    signs = Counter(_DOLLAR_CODES.get(match["sign"] or "", "") for match in _DOLLAR_SIGNS.finditer(text))
    prefixed = {code for code in signs if code}
    if not signs[""] and len(prefixed) == 1 and not _DOLLARS.search(text):
        return prefixed.pop()  # a text that only writes A$ means by cents those
    if signs[""] and len(prefixed) == 1 and "USD" not in prefixed:
        first = _DOLLAR_SIGNS.search(text)
        # 'Banks A$60m' and then bare signs: the first figure says which dollar it is.
        if first is not None and first["sign"] in _DOLLAR_CODES:
            return prefixed.pop()
    return "USD"


def _yuan(text: str, folded: str) -> str:
    """Return what a bare 元 means: the Taiwan or Hong Kong dollar in a text of there that never speaks of 人民币."""
    if _MAINLAND.search(folded):
        return "CNY"
    if _TAIWAN.search(folded):
        return "TWD"
    traditional = sum(first != second for first, second in zip(text[:_SAMPLE], folded[:_SAMPLE], strict=True) if "\u4e00" <= first <= "\u9fff")
    if traditional * 20 < min(len(text), _SAMPLE):
        return "CNY"
    places = [(len(pattern.findall(folded)), code) for code, pattern in _CHINESE_PLACES]
    return max(places)[1] if max(places)[0] > len(_MAINLAND_PLACES.findall(folded)) else "CNY"


@cache
def _countries(name: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the currencies that an open word may stand for, each with what names its country (data/currencies.json)."""
    (item,) = (item for item in load_data("currencies.json")["open_words"] if item["name"] == name)
    return [(code, re.compile(f"(?<![a-z])(?:{pattern})", re.IGNORECASE)) for code, pattern in item["countries"].items()]


def _open_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words for the money of several countries of which the text, or else its beginning, names one alone, with that country's currency."""
    written = {OPEN_WORDS[word.lower()] for word in _OPEN_WORD.findall(text)} | {OPEN_PREFIXES[sign] for sign in _OPEN_PREFIX.findall(text)}
    for name in sorted(written):
        for part in (text, text[:_BEGINNING]):
            named = [code for code, pattern in _countries(name) if pattern.search(part)]
            if len(named) == 1:
                yield name, named[0]
                break


def _table(text: str, dollar: str) -> tuple[Decimal, str | None]:
    """Return in what the figures of a text's tables count, and the currency of those that are money; the only sign of the text where the head names none."""
    match = _TABLE_ZH.search(text) or _TABLE_EN.search(text)
    if match is None:
        return ONE, None
    groups = match.groupdict()
    scale = next((found for name, found in groups.items() if name.startswith("scale") and found), "").lower()
    currency = next((found for name, found in groups.items() if name.startswith("currency") and found), "")
    written = (currency, currency.lower(), currency.upper(), currency.capitalize())
    code = next((table[word] for table in (_TABLE_CURRENCIES, PREFIX_CODES, LETTERS) for word in written if word in table), None)
    if code is None and not currency:
        signs = set(_SIGNS.findall(text))
        currency = signs.pop() if len(signs) == 1 else ""
        code = PREFIX_CODES.get(currency)
    # A bare dollar is the document's.
    return Decimal(10) ** _TABLE_SCALES.get(scale, 0), dollar if currency.lower() in ("$", "dollars") else code


_HAN_LETTER = re.compile("[\u4e00-\u9fff]")
_SIGNS = re.compile(r"[$€£₹](?= ?\d)")


def _fiscal(text: str, published_year: int | None, rupee: str) -> tuple[int, bool]:
    ends = Counter(_month_of(match["m"]) for match in _FISCAL_EN.finditer(text))
    for match in _FISCAL_QUARTER_EN.finditer(text):
        quarter = ("first", "second", "third", "fourth").index(match["q"].lower()) + 1
        ends[(_month_of(match["m"]) + 3 * (4 - quarter) - 1) % 12 + 1] += 1
    if not ends and _INTERIM.search(text) and (half := _FISCAL_HALF_EN.search(text)):
        ends[(_month_of(half["m"]) + 5) % 12 + 1] += 1
    by_start = False
    for match in _FISCAL_QUARTER_ZH.finditer(text):
        ends[(int(match["m"]) + 3 * (3 - "一二三四".index(match["q"])) - 1) % 12 + 1] += 1
    for match in _FISCAL_ZH_ENDS.finditer(text):
        ends[int(match["m"])] += 1
    for match in _FISCAL_ZH.finditer(text):
        month = int(match["m"])
        ends[month] += 1
        year = int(match["year"]) if match["year"] else {"今年": published_year, "去年": published_year and published_year - 1}.get(match["relative"] or "")
        by_start = by_start or (month != 12 and year is not None and bool(match["named"]) and int(match["named"]) < year)
    if ends:
        end = ends.most_common(1)[0][0]
        japanese = end == 3 and _JAPANESE_YEAR.search(text) is not None and _JAPANESE_MONEY.search(text[:_BEGINNING]) is not None
        return end, by_start or japanese
    australian = _dollar(text) == "AUD" or {match["sign"] for match in _DOLLAR_SIGNS.finditer(text)} in ({"A"}, {"AU"})
    rupees = sum(1 for _ in _INDIAN.finditer(text))
    indian = rupee == "INR" and rupees and rupees >= sum(1 for _ in _OTHER_SUMS.finditer(text))
    return 3 if indian else 6 if australian else 12, by_start


def _month_of(word: str) -> int:
    return next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(word.lower()[:3]))
