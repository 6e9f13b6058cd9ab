"""Names of organisations: one canonical form, equality without guessing, and aliases that a document defines.

Two names are the same where folding makes them equal, where the table of well-known organisations gives them one
canonical form, or where one is the other with a legal form, a registered place or a describing tail (零氪 and
零氪科技(北京)有限公司, Corvane and Corvane Health). Likeness alone never makes two names one: 腾讯 and 腾讯音乐 stay two.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import Literal, NamedTuple

from healthevents.values.amounts import load_data
from healthevents.values.folding import fold

_PARTS = load_data("name_parts.json")
_LEGAL_ZH = re.compile(rf"(?:{'|'.join(_PARTS['legal_zh'])})\Z")
_LEGAL_EN = re.compile(
    rf"[\s,]+(?:{'|'.join(re.escape(word).replace(chr(92) + ' ', '[. ]+') for word in sorted(_PARTS['legal_en'], key=len, reverse=True))})\.?\Z", re.IGNORECASE
)
_DOTTED_LEGAL = re.compile(
    r"[\s,]+(?:S\.A\.|N\.V\.|B\.V\.|L\.P\.|S\.p\.A\.|S\.r\.l\.|K\.K\.|Co\.,? ?Ltd\.?|Pty\.? Ltd\.?|Pte\.? Ltd\.?|Pvt\.? Ltd\.?|Inc\."
    r"|Ltd\.|Corp\.|L\.L\.C\.|P\.L\.C\.)\Z",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s?[(][^()]{1,24}[)]")
_QUOTES = "\"'《》〈〉「」『』【】[]“”‘’"
_PLACE = re.compile(rf"(?:{'|'.join(_PARTS['places_zh'])})(?:省|市)?")
_SEPARATORS = re.compile(r"[\s·.,'&\-/!]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_CORPORATE_ZH, _SECTOR_ZH = frozenset(_PARTS["corporate_tails_zh"]), frozenset(_PARTS["sector_tails_zh"])
_CORPORATE_EN = frozenset(word.replace(" ", "") for word in _PARTS["corporate_tails_en"])
_SECTOR_EN = frozenset(word.replace(" ", "") for word in _PARTS["sector_tails_en"])
_TOO_COMMON = frozenset(_PARTS["too_common_en"]) | frozenset(_PARTS["too_common_zh"])
_STOCK_CLASS = re.compile(r"(?<=[\u4e00-\u9fff])-(?:SW|[BWSPUR])\Z")  # of shares in Hong Kong: 岭川生物-B
_LONGEST_NAME = 200  # A longer string is no name and is compared by equality alone.


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """Return what names are compared by: letters and figures alone, in small letters."""
    plain = _SEPARATORS.sub("", name.replace("&", "and")).casefold()
    if plain.isascii():
        return plain
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


def _is_acronym(name: str) -> bool:
    return name.isascii() and len(name) <= 5 and name.isupper()


@cache
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Return the canonical forms of well-known names, by key, and those of acronyms, which are matched in capitals."""
    words: dict[str, str] = {}
    acronyms: dict[str, str] = {}
    text = (resources.files("healthevents") / "data" / "organisations.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        canonical, _, others = line.partition("\t")
        for name in (canonical, *(other.strip() for other in others.split(";") if other.strip())):
            table = acronyms if _is_acronym(name) else words
            table[_key(fold(name))] = canonical
    return words, acronyms


def _known(name: str) -> str | None:
    """Return the canonical form of a folded name that the table holds."""
    words, acronyms = _table()
    key = _key(name)
    return words.get(key) or (acronyms.get(key) if name.isupper() else None)


def _plain(name: str) -> str:
    return _STOCK_CLASS.sub("", re.sub(r"[\s®™©]+", " ", fold(name)).strip(" ,.;:" + _QUOTES))


@lru_cache(maxsize=4096)
def _stripped(name: str) -> tuple[str, bool]:
    """Return a folded name without brackets and legal form, and whether it had a legal form."""
    plain = _plain(name)
    had_legal = False
    without = _BRACKETED.sub("", plain).strip() or plain
    for _ in range(3):
        shorter = _LEGAL_ZH.sub("", without) if _HAN.search(without) else without
        shorter = _DOTTED_LEGAL.sub("", shorter)
        shorter = (shorter if shorter != without else _LEGAL_EN.sub("", shorter)).strip(" ,.&")
        if shorter == without or len(shorter) < 2:
            break
        without, had_legal = shorter, True
        if _known(without) is not None:  # Merck & Co, of which Co is part
            break
    return without, had_legal


@lru_cache(maxsize=4096)
def canonical_name(name: str) -> str:
    """Return the form under which a name is merged with its aliases.

    A well-known organisation has the canonical form of the table; any other name is folded (width, traditional characters,
    quotation marks, blanks) and loses brackets and legal form, and a name in capitals its case.

    >>> canonical_name("Tencent Holdings Ltd."), canonical_name("零氪科技(北京)有限公司"), canonical_name("CORVANE HEALTH, Inc.")
    ('腾讯', '零氪科技', 'Corvane Health')
    """
    if len(name) > _LONGEST_NAME:
        return name
    plain = _plain(name)
    if not plain:
        return name
    for form in (plain, _stripped(name)[0]):
        known = _known(form)
        if known is not None:
            return known
    stripped, had_legal = _stripped(name)
    if had_legal and (place := _PLACE.match(stripped)) is not None and (known := _known(stripped[place.end() :])) is not None:
        return known
    if not _HAN.search(stripped):
        stripped = " ".join(word.capitalize() if word.isalpha() and word.isupper() and len(word) > 4 else word for word in stripped.split())
    return stripped


@lru_cache(maxsize=8192)
def same_name(a: str, b: str) -> bool:
    """Tell whether two names are safely one: equal once folded, aliases in the table, or one the other's short form.

    >>> same_name("零氪", "零氪科技(北京)有限公司"), same_name("Corvane", "Corvane Health"), same_name("腾讯", "腾讯音乐")
    (True, True, False)
    """
    first, second = canonical_name(a), canonical_name(b)
    first_key, second_key = _key(first), _key(second)
    if first_key == second_key:
        return bool(first_key) or a == b
    # Every other rule joins a name with a part of itself; a document has far more pairs of names than such ones.
    if max(len(a), len(b)) > _LONGEST_NAME or (first_key not in second_key and second_key not in first_key):
        return False
    first_known, second_known = _known(first) is not None, _known(second) is not None
    if first_known and second_known:
        return False
    for short, long, short_known, long_known in ((first, second, first_known, second_known), (second, first, second_known, first_known)):
        if not long_known and _is_short_form(short, long, known=short_known):
            return True
    # The place in front of a registered name: 苏州熹微智影科技 and 熹微智影.
    for name, other, known in ((a, second, first_known), (b, first, second_known)):
        stripped, had_legal = _stripped(name)
        place = None if known else _PLACE.match(stripped)
        if place is None or len(stripped) - place.end() < (2 if had_legal else 3):
            continue
        rest = stripped[place.end() :]
        if (
            rest not in _TOO_COMMON
            and rest not in _SECTOR_ZH
            and (rest == other or (had_legal and _is_short_form(other, rest, known=_known(other) is not None)))
        ):
            return True
    return False


@lru_cache(maxsize=8192)
def split_name(name: str) -> tuple[str, str]:
    """Split a name into what is its own and the tail that only describes it; a well-known name is all its own.

    >>> split_name("澄影科技(北京)有限公司"), split_name("Corvane Health, Inc."), split_name("Tencent Holdings")
    (('澄影', '科技'), ('Corvane', 'Health'), ('腾讯', ''))
    """
    canonical = canonical_name(name)
    if len(canonical) > _LONGEST_NAME or _known(canonical) is not None:
        return canonical, ""
    if _HAN.search(canonical):
        place = _PLACE.match(canonical)
        start = place.end() if place is not None and len(canonical) - place.end() >= 3 else 0
        for end in range(start + 2, len(canonical)):
            head = canonical[start:end]
            if head not in _TOO_COMMON and _splits(canonical[end:], _CORPORATE_ZH | _SECTOR_ZH):
                return head, canonical[end:]
        return canonical[start:], ""
    words = canonical.split()
    end = len(words)
    while end > 1 and _key(words[end - 1]) in _CORPORATE_EN | _SECTOR_EN:
        end -= 1
    if _key(" ".join(words[:end])) in _TOO_COMMON:
        end = len(words)
    return " ".join(words[:end]), " ".join(words[end:])


def is_named_after(a: str, b: str) -> bool:
    """Tell whether one of two different names holds the other, a well-known one: much is named after it and is not it.

    >>> is_named_after("腾讯觅影", "腾讯"), is_named_after("腾讯控股", "腾讯"), is_named_after("零氪医疗", "零氪")
    (True, False, False)
    """
    short, long = sorted((canonical_name(a), canonical_name(b)), key=len)
    return short != long and _known(short) is not None and fold(short).casefold() in fold(long).casefold() and not same_name(a, b)


_WORD = re.compile(r"[^\W_\u4e00-\u9fff]{2,}")
_IN_SENTENCE = frozenset({"the", "of", "and", "for", "its", "de", "la"})


@lru_cache(maxsize=8192)
def _own_parts(name: str) -> frozenset[str]:
    """Return the words of a name's own part, and each two Han characters in a row; what many names have is left out."""
    own = split_name(name)[0].casefold()
    words = {_key(word) for word in _WORD.findall(own)}
    pairs = {own[i : i + 2] for i in range(len(own) - 1) if _HAN.match(own, i) and _HAN.match(own, i + 1)}
    return frozenset((words | pairs) - _TOO_COMMON - _CORPORATE_EN - _SECTOR_EN - _CORPORATE_ZH - _SECTOR_ZH - _IN_SENTENCE)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()).casefold()


def share_a_part(a: str, b: str) -> bool:
    """Tell whether two names have something of their own in common, or one is the other's initials; they may still name two things.

    >>> share_a_part("Harrow & Finch", "Harrow"), share_a_part("Harrow Health", "Tallis Health"), share_a_part("OBM", "Okafor-Brandt Medical")
    (True, False, False)
    >>> share_a_part("宁德慧眼医疗", "慧眼"), share_a_part("MDIC", "Medical Device Innovation Consortium")
    (True, True)
    """
    if len(a) > _LONGEST_NAME or len(b) > _LONGEST_NAME:
        return False
    if _known(canonical_name(a)) is not None or _known(canonical_name(b)) is not None:
        return False  # much is named after the well-known: 腾讯 and 腾讯觅影
    if _own_parts(a) & _own_parts(b):
        return True
    return (len(a) > 1 and a.casefold() == _initials(b)) or (len(b) > 1 and b.casefold() == _initials(a))


def _is_short_form(short: str, long: str, *, known: bool) -> bool:
    """Tell whether `long` is `short` with a tail that only describes; a well-known short name takes corporate tails alone.

    腾讯 + 科技 is 腾讯, but 腾讯 + 健康 is another organisation of its group; of an unknown 澄影, 澄影医疗 is the full name.
    """
    if _key(short) in _TOO_COMMON or short in _TOO_COMMON:
        return False
    if _HAN.search(short):
        if len(short) < 2 or not long.startswith(short):
            return False
        return _splits(long[len(short) :].strip(), _CORPORATE_ZH if known else _CORPORATE_ZH | _SECTOR_ZH)
    words, more = short.casefold().split(), long.casefold().replace(",", " ").split()
    if len(_key(short)) < (2 if known else 4) or len(more) <= len(words) or [_key(word) for word in more[: len(words)]] != [_key(word) for word in words]:
        return False
    tails = _CORPORATE_EN if known else _CORPORATE_EN | _SECTOR_EN
    return all(_key(word) in tails or word == "and" or word == "&" for word in more[len(words) :])


def _splits(rest: str, words: frozenset[str]) -> bool:
    """Tell whether a string is a sequence of at most four of the words."""
    reached = {0}
    for _ in range(4):
        reached = {end for start in reached for end in range(start + 1, len(rest) + 1) if rest[start:end] in words}
        if len(rest) in reached:
            return True
    return False


# ------------------------------------------------------------------------------------------- aliases that a text defines

AliasKind = Literal["short", "ticker", "former", "translation"]


# A registered Chinese name from any place within it to its legal form; particles and verbs that stand between two names end the search.
_LONG_FORMS = "|".join(form for form in _PARTS["legal_zh"] if len(form) > 3 and form.endswith("公司"))
_LEGAL_REST = re.compile(rf"(?:(?![与和及在为将由向被是了])[\u4e00-\u9fff（）()]){{0,14}}?(?:{_LONG_FORMS})")


def legal_name_end(text: str, end: int) -> int:
    """Return where the registered Chinese name ends that goes on at `end`, or `end` where none does.

    >>> text = "新增股东北京青汀信息服务有限公司。"
    >>> text[4 : legal_name_end(text, 6)]
    '北京青汀信息服务有限公司'
    """
    if text.endswith("公司", 0, end):
        return end
    rest = _LEGAL_REST.match(text, end)
    return end if rest is None else rest.end()


class DefinedAlias(NamedTuple):
    """An alias that a text defines: `text[start:end] == name`, `text[alias_start:alias_end] == alias`.

    What the name ends with is certain, for the definition follows it; its start is read off the alias, the legal form
    or the capitals, and is a guess in Chinese where the text runs on before it.
    """

    name: str
    start: int
    end: int
    alias: str
    alias_start: int
    alias_end: int
    kind: AliasKind


_OPEN_QUOTE, _CLOSE_QUOTE = "[\"“「『‘']", "[\"”」』’']"
_ZH_SHORT = re.compile(
    rf"[(]\s?(?:(?:以下|下|后|之后|下文)?(?:统|合并|合|并)?[简简]?称(?:为|作)?\s?[:]?\s?{_OPEN_QUOTE}?"
    rf"|{_OPEN_QUOTE})(?P<alias>[^\"“”「」『』‘’(),。;\n]{{1,24}}?){_CLOSE_QUOTE}?(?:\s?或[^()]{{1,20}})?\s?[)]"
    rf"|[,]\s?(?:以下|下)[简]?称(?:为)?\s?{_OPEN_QUOTE}(?P<alias2>[^\"“”「」『』\n]{{1,24}}){_CLOSE_QUOTE}"
)
_EN_SHORT = re.compile(
    r"\s\((?:(?:hereinafter|hereafter|together|collectively)(?: referred to as)?,? ?)?(?:the "
    r"|\"the )?[\"“'‘](?:the )?(?P<alias>[^\"“”()\n]{1,40}?)[\"”'’](?: or [^()\n]{1,60})?\)"
)
_TICKER = re.compile(
    r"\s?[(]\s?(?:(?:NASDAQ|Nasdaq|NYSE(?: American)?|NYSEARCA|AMEX|SEHK|HKEX|HKSE|LSE|AIM|TSX|ASX|NSE|BSE|SSE|SZSE|SGX|TSE|TYO|KRX"
    r"|KOSDAQ|EPA|SIX|SWX|FRA|OTC(?:QB|QX)?|CPH|STO|港交所|上交所|深交所|纳斯达克|纽交所|股票代码|股份代号|代码|证券代码)\s?[:,]?\s?(?P<ticker>[A-Z0-9.]{1,8})"
    r"|(?P<coded>\d{4,6}\.(?:HK|SH|SZ|SS|TW|BJ)|[A-Z]{1,5}\.(?:US|N|O|L|HK)))"
    r"(?:[;,、]\s?[^()\n]{1,40})?\s?[)]"
)
_FORMER = re.compile(
    r"[(,]\s?(?:formerly(?: known as)?|previously(?: known as)?|also known as|doing business as|d/b/a|f/k/a|原名|曾用名|前身为|前称"
    r"|又名)\s?[:]?\s?[\"“]?(?P<alias>[A-Z][^\"“”(),;\n]{1,40}|[\u4e00-\u9fffA-Za-z0-9]{2,16})[\"”]?\s?[),]",
    re.IGNORECASE,
)
_TRANSLATION = re.compile(
    r"(?<=[\u4e00-\u9fff])\s?[(](?:英文名?[:]?\s?)?(?P<latin>[A-Z][A-Za-z0-9&.'\- ]{1,48}?)(?:[,;、][^()\n]{1,40})?[)]"
    r"|(?<=[A-Za-z.])\s?[(](?:中文名?[:]?\s?)?(?P<han>[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9·]{1,18})[)]"
)
_EN_NAME = re.compile(
    r"(?:[A-Z0-9][\w'’&.+\-]{0,30}|&)(?:(?:,? (?:Inc|Ltd|LLC|Corp|Co|PLC|plc|SA|AG|NV|AB|GmbH|Limited|LP)\.?|(?: (?:of|and|for|the|de"
    r"|la|&))? [A-Z0-9][\w'’&.+\-]{0,30}|\s&)){0,9}\.?\Z"
)
_ZH_STOP = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9·()&.\- ]")
_ZH_LEAD = re.compile(
    r".*(?:子公司|母公司|股东|受理了?|宣布|收购|投资|入股|联合|携手|控股的|旗下|其中|以及|企业|厂商|开发商|服务商|供应商|平台|公司(?!\Z)|与|和|由|向|对|被|将|为|的|了|在|是|及)(?=[\u4e00-\u9fffA-Za-z0-9(])"
)
_WINDOW = 64
_NO_NAMES = frozenset(
    {
        "公司",
        "本公司",
        "集团",
        "本集团",
        "甲方",
        "乙方",
        "丙方",
        "丁方",
        "发行人",
        "标的公司",
        "标的",
        "上市公司",
        "company",
        "group",
        "the company",
        "issuer",
        "parties",
        "fund",
        "buyer",
        "seller",
        "parent",
    }
)


def defined_aliases(text: str) -> list[DefinedAlias]:
    """Return the aliases that a text defines, in order: (下称“零氪”), ("Acme"), (NYSE: ACM), 中文名(English Name), formerly.

    Definitions that name a party by its part ("本公司", "the Company") are left out: what they stand for is no name.
    """
    found: list[DefinedAlias] = []
    folded = fold(text)
    for pattern, kind in ((_ZH_SHORT, "short"), (_EN_SHORT, "short"), (_TICKER, "ticker"), (_FORMER, "former"), (_TRANSLATION, "translation")):
        for match in pattern.finditer(folded):
            group = next(name for name, value in match.groupdict().items() if value is not None)
            alias = text[match.start(group) : match.end(group)]
            if alias.casefold().strip() in _NO_NAMES or not alias.strip():
                continue
            span = _name_before(folded, match.start(), match[group])
            if span is not None and text[span[0] : span[1]] != alias:
                found.append(DefinedAlias(text[span[0] : span[1]], *span, alias, match.start(group), match.end(group), kind))  # type: ignore[arg-type]
    taken: dict[tuple[int, int], DefinedAlias] = {}
    for item in found:
        taken.setdefault((item.alias_start, item.alias_end), item)
    return sorted(taken.values(), key=lambda item: item.alias_start)


def _name_before(text: str, end: int, alias: str) -> tuple[int, int] | None:
    """Find the name that ends at `end`: from the alias's first character, its place or its capitals on."""
    while end > 0 and text[end - 1] in ' ,"”':
        end -= 1
    window = text[max(0, end - _WINDOW) : end]
    base = end - len(window)
    if not window:
        return None
    if window[-1].isascii() and window[-1] not in ")":
        # The name in capitals that reaches the bracket: the longest run of them.
        for start in [place.start() for place in re.finditer(r"(?<![\w&.])[A-Z0-9&]", window)]:
            if _EN_NAME.match(window, start) is not None:
                return base + start, end
        return None
    breaks = [place.end() for place in _ZH_STOP.finditer(window)]
    run_start = breaks[-1] if breaks else 0
    run = window[run_start:]
    at = run.rfind(alias)
    if at < 0 and len(alias) >= 2:
        at = run.rfind(alias[:2])
    if at >= 0:
        for place in _PLACE.finditer(run):
            if place.end() == at:
                at = place.start()
                break
        return base + run_start + at, end
    lead = _ZH_LEAD.match(run)
    start = run_start + (lead.end() if lead is not None else 0)
    return (base + start, end) if base + start < end - 1 else None
