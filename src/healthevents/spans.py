"""Spans: mentions in their roles as places of a text, and the rules that settle where they begin and end.

The model labels tokens, and a token is often less than a word, a sum or a name. What it tags is widened to whole words, figures, dates and names,
and stripped of what is never part of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from healthevents.anaphora import is_anaphor
from healthevents.labels import ENTITY_ROLES
from healthevents.valuations import is_valuation
from healthevents.values import find_dates, legal_name_end
from healthevents.values.amounts import find_amounts
from healthevents.values.folding import fold_value
from healthevents.values.numbers import COUNTING_WORD, HAN_START

# A name completes its pieces elsewhere in the document if it was tagged with at least this mean probability.
SURE_NAME = 0.6
# What bounds mentions and is never their first or last character.
MARKS = frozenset("、，,；;：。")
AMOUNT_ROLES = frozenset({"amount", "valuation", "value", "stake"})
DATE_ROLES = frozenset({"date", "as_of"})
# How far beyond a span the rest of its amount or date is looked for (" hundred million yuan", "the three months ended ").
LONGEST_REST = 24
# A span is widened to its word's edge over at most this many characters: longer runs are no words.
LONGEST_WORD = 40
PAIRS = tuple(zip("(（“‘「『《〈【[", ")）”’」』》〉】]", strict=True))
# No name ends in one of these, and none consists of them.
_FUNCTION_WORD = re.compile(r"(?:(?<![\w-])|\s)(?:[Tt]he|an?|of|and|or|by|for|in|on|at|to|with|from|as)$")
# Letters with a stop behind each: "U.S.", "L.L.C."
_INITIALS = re.compile(r"(?<![A-Za-z])(?:[A-Z]\.){2,}")
# Behind the name of a place that only says where a company sits, with its state.
_SEAT = re.compile(r"(?:, ?[A-Z][\w. ]{0,20}?)?-(?:based|headquartered)\b")
# What a parser reads with an amount or a date, but annotators leave outside of its mention; and what joins two dates.
_BEFORE_AMOUNT = re.compile(r"(?:from|within|in|to|between|已|过|负|大概|[<>≥≤])\s*", re.IGNORECASE)
_AFTER_AMOUNT = re.compile(r"(?:\s{2,}.*|\s+\+|\s+of)\Z", re.DOTALL)
_MOVED_FROM = re.compile(r"(?P<before>[a-z]*) ?(?:(?<![a-z])from|从|由)\s*\Z", re.IGNORECASE)
_MOVED_TO = re.compile(r"(?<=[%\w])(?:\s+to\s+|到)(?=\S)")
# Behind these "from … to …" is a range.
_RANGES = re.compile(r"rang(?:es?|ed|ing)|var(?:y|ies|ied|ying)|aged|starts?|starting", re.IGNORECASE)
_NUMERAL = re.compile(rf"\d|(?<![a-z])(?:{COUNTING_WORD})(?![a-z])|[一二三四五六七八九十两]", re.IGNORECASE)
_NUMERAL_GOES_ON = f"0123456789.,点〇{HAN_START}"
_BEFORE_DATE = re.compile(r"(?:on|in|by|since|from|until|at)\s+", re.IGNORECASE)
_AFTER_DATE = re.compile(
    r"(?:\s*(?:(?:起|零点|凌晨|清晨|早间|早上|早|上午|中午|下午|傍晚|晚间|晚上|晚|夜间|深夜)(?:[\d一二三四五六七八九十两]{1,3}[点时:][^\s]{0,6})?"
    r"|全年|至今|以来|(?:early |late )?(?:morning|afternoon|evening|night))|['’]s)\Z",
    re.IGNORECASE,
)
_JOINS_DATES = re.compile(r"(?<![a-z])(?:and|or|to)(?![a-z])|[、和及与至到~～–—-]", re.IGNORECASE)


class Span(NamedTuple):
    """A mention in a role, in the source string that the model read (title, line break, text)."""

    start: int
    end: int
    type: str
    role: str
    score: float = 1.0


def without_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Strip enumeration commas, stops and blanks off a span's edges, and a bracket or quote whose other half is outside; keep one character.

    >>> without_marks("华新、华锦", 0, 3)
    (0, 2)
    """
    while end - start > 1 and (text[end - 1] in MARKS or text[end - 1].isspace() or _ends_a_sentence(text, end) or _is_widow(text, start, end, end - 1)):
        end -= 1
    while end - start > 1 and (text[start] in MARKS or text[start].isspace() or _is_widow(text, start, end, start)):
        start += 1
    return start, end


def without_function_words(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Strip English prepositions, conjunctions and articles off a name's end, and what follows a line break; None if nothing else is left.

    >>> text = "Sinai and the clinic"
    >>> without_function_words(text, 0, 9), without_function_words(text, 10, 13)
    ((0, 5), None)
    """
    end = start + len(text[start:end].split("\n")[0].rstrip())
    while match := _FUNCTION_WORD.search(text, start, end):
        end = match.start()
    return (start, end) if end > start else None


def is_seat(text: str, end: int) -> bool:
    """Tell whether a name that ends here is the seat of the company named behind it: "Rochester, Minn.-based Mayo Clinic"."""
    return _SEAT.match(text, end) is not None


def whole_amount(text: str, start: int, end: int, after: int = 0) -> tuple[int, int]:
    """Widen a span that holds a piece of an amount to all of it, but not over what stands before `after`; of two cells of a table keep the first.

    One end of "42% to 79%" stays one end, and words that only lead to the figure ("from") stay outside.

    >>> text = "sales rose from €1.1 bn to an order book of HK$38.5 million"
    >>> whole_amount(text, 17, 20), whole_amount(text, 48, 52)
    ((16, 23), (44, 59))
    """
    low, near = _around(text, start, end, after)
    over = [amount for amount in find_amounts(near, fold_value(near)) if amount.start < end - low and start - low < amount.end]
    if len(over) > 1 and "\n" in text[start:end]:
        # Two cells of a table.
        over = over[:1]
        end = min(end, low + over[0].end)
    if len(over) != 1:
        return start, end
    (amount,) = over
    first = low + _after_match(_BEFORE_AMOUNT, near, amount.start, amount.end)
    last = low + _before_match(_AFTER_AMOUNT, near, amount.start, amount.end)
    if not (first <= start and end <= last):
        return start, end
    # The parser also reads "seven hospitals in 15 cities" and "42% to 79%" as one: a figure that is whole takes in no second one.
    second = _NUMERAL.search(text[first:start].rstrip(_NUMERAL_GOES_ON)) or _NUMERAL.search(text[end:last].lstrip(_NUMERAL_GOES_ON))
    return (start, end) if second and _NUMERAL.search(text, start, end) else (first, last)


def single_figures(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split the two figures between which something moved, which are no range: "rose from 42% to 79%", 从12家到30家.

    >>> single_figures("rose from 42% to 79%", 10, 20), single_figures("ranging from 42% to 79%", 13, 23)
    ([(10, 13), (17, 20)], [(13, 23)])
    """
    moved = _MOVED_FROM.search(text, max(0, start - LONGEST_REST), start)
    to = _MOVED_TO.search(text, start, end) if moved is not None and not _RANGES.fullmatch(moved["before"] or "") else None
    if to is None:
        return [(start, end)]
    # "From 4 to 8 million": the first figure would lose its magnitude.
    ends = [next(iter(find_amounts(part, fold_value(part))), None) for part in (text[start : to.start()], text[to.end() : end])]
    said = [(amount.unit, amount.currency, amount.scaled) for amount in ends if amount is not None]
    return [(start, to.start()), (to.end(), end)] if len(said) == 2 and said[0] == said[1] else [(start, end)]


def whole_date(text: str, start: int, end: int, after: int = 0) -> tuple[int, int]:
    """Widen a span that holds a piece of a date to all of it, but not over what stands before `after`, to another date or to a time of day.

    >>> whole_date("定于10月8日上午开业", 2, 4), whole_date("on Sept. 16", 3, 7), whole_date("in May and June", 3, 6)
    ((2, 7), (3, 11), (3, 6))
    """
    low, near = _around(text, start, end, after)
    over = [date.mention for date in find_dates(near) if date.mention.start < end - low and start - low < date.mention.end]
    if len(over) != 1:
        return start, end
    (date,) = over
    first = low + _after_match(_BEFORE_DATE, near, date.start, date.end)
    last = low + _before_match(_AFTER_DATE, near, date.start, date.end)
    if not (first <= start and end <= last) or _JOINS_DATES.search(text[first:start]) or _JOINS_DATES.search(text[end:last]):
        return start, end
    return first, last


def _around(text: str, start: int, end: int, after: int) -> tuple[int, str]:
    """Return where the text beside a span begins, and that text: of its line, LONGEST_REST characters to each side, with no word or number cut."""
    low, high = max(after, start - LONGEST_REST), min(len(text), end + LONGEST_REST)
    low = text.rfind("\n", low, start) + 1 or low
    broken = text.find("\n", end, high)
    high = high if broken < 0 else broken
    while low < start and low > after and _in_word(text, low):
        low += 1
    while high > end and high < len(text) and _in_word(text, high):
        high -= 1
    return low, text[low:high]


def _in_word(text: str, edge: int) -> bool:
    return (_is_latin(text[edge - 1]) and _is_latin(text[edge])) or _in_number(text, edge)


def _after_match(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    found = pattern.match(text, start, end)
    return start if found is None else found.end()


def _before_match(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    found = pattern.search(text, start, end)
    return end if found is None else found.start()


def _ends_a_sentence(text: str, end: int) -> bool:
    """Tell whether a span ends with a stop behind a figure: "in 2016."."""
    return text[end - 1] == "." and text[end - 2].isdigit()


def _is_widow(text: str, start: int, end: int, at: int) -> bool:
    for opening, closing in PAIRS:
        if text[at] in (opening, closing):
            return text.count(opening, start, end) != text.count(closing, start, end)
    return False


def _in_number(text: str, edge: int) -> bool:
    """Tell whether a number goes on over this edge: digits on both sides, or with one point or comma between them."""
    before, after = text[edge - 1], text[edge]
    if before.isdigit() and after.isdigit():
        return True
    if before.isdigit() and after in ".,":
        return text[edge + 1 : edge + 2].isdigit()
    return before in ".," and after.isdigit() and text[max(edge - 2, 0)].isdigit()


def _is_latin(character: str) -> bool:
    return character.isalpha() and character < "\u0250"


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span that begins or ends inside a word of Latin letters, initials such as "U.S.", or a number, to its edge: no mention is half a word.

    >>> whole_words("by Merlion Vaccines", 3, 6), whole_words("of $1,300 a day", 3, 5), whole_words("in the U.S.", 7, 10)
    ((3, 10), (3, 9), (7, 11))
    """
    low, high = max(0, start - LONGEST_WORD), min(len(text), end + LONGEST_WORD)
    while start > low and _in_number(text, start):
        start -= 1
    while end < high and _in_number(text, end):
        end += 1
    while start > low and _is_latin(text[start - 1]) and _is_latin(text[start]):
        start -= 1
    while end < high and _is_latin(text[end - 1]) and _is_latin(text[end]):
        end += 1
    for initials in _INITIALS.finditer(text, low, high):
        if initials.start() < end < initials.end():
            end = initials.end()
        if initials.start() < start < initials.end():
            start = initials.start()
    return start, end


def complete_names(text: str, spans: Sequence[Span]) -> list[Span]:
    """Widen a span that holds a piece of a name to the whole name: a registered one to its legal form, others where the document has them tagged elsewhere.

    Products complete products, organisations the roles of organisations, and both a figure's subject. A single Han character that stays one is
    dropped unless it is a pronoun; of two spans of one type that then overlap, the longer stays.
    """
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for span in spans:
        if span.role in ENTITY_ROLES[span.type] and span.role != "subject" and span.score >= SURE_NAME and not is_anaphor(text[span.start : span.end]):
            names[span.role == "product"].add(text[span.start : span.end])
    kept: list[Span] = []
    for span in spans:
        if span.role in ENTITY_ROLES[span.type]:
            pool = names[True] | names[False] if span.role == "subject" else names[span.role == "product"]
            start, end = _whole_name(text, span.start, span.end, pool)
            if "\u4e00" <= text[end - 1] <= "\u9fff" and not is_anaphor(text[start:end]):
                end = legal_name_end(text, end)
            if end - start == 1 and "\u4e00" <= text[start] <= "\u9fff" and not is_anaphor(text[start]):
                continue
            span = span._replace(start=start, end=end)
        kept.append(span)
    apart: list[Span] = []
    for span in sorted(kept, key=lambda span: (span.start - span.end, span.start)):
        if all(span.type != other.type or span.end <= other.start or other.end <= span.start for other in apart):
            apart.append(span)
    return sorted(apart)


def settled(text: str, start: int, end: int, record_type: str, role: str, after: int = 0) -> list[tuple[int, int]]:
    """Return where what is tagged truly begins and ends: no half words, numbers, amounts or dates, no marks at its edges.

    Args:
        text: the source.
        start: where the first tagged token begins.
        end: where the last one ends.
        record_type: the record type whose head tagged it.
        role: its role there.
        after: where the span before it ends.

    Returns:
        The places (start, end), in text order: mostly one; none if it is no mention, two for the figures between which something moved.
    """
    start, end = whole_words(text, *without_marks(text, start, end))
    # A character that is normalised into several ("½") has several tokens, and a word can be cut in two: one mention each.
    if start < after:
        return []
    if role in AMOUNT_ROLES:
        start, end = whole_amount(text, start, end, after)
        return single_figures(text, start, end) if role == "value" else [(start, end)]
    if role in DATE_ROLES:
        return [whole_date(text, start, end, after)]
    if role not in ENTITY_ROLES[record_type]:
        return [(start, end)]
    worded = without_function_words(text, start, end)
    return [] if worded is None or is_seat(text, worded[1]) else [worded]


def mark_valuations(text: str, spans: Sequence[Span]) -> list[Span]:
    """Give amounts that the text calls a valuation that role."""
    marked: list[Span] = []
    end = 0
    for span in spans:
        if span.type == "funding" and span.role in ("amount", "valuation"):
            if is_valuation(text, span.start, span.end, after=end):
                span = span._replace(role="valuation")
            end = span.end
        marked.append(span)
    return sorted(marked)


def _whole_name(text: str, start: int, end: int, names: Iterable[str]) -> tuple[int, int]:
    piece = text[start:end]
    best = (start, end)
    for name in names:
        at = name.find(piece)
        while at >= 0:
            low, high = start - at, start - at + len(name)
            if low >= 0 and high - low > best[1] - best[0] and text.startswith(name, low):
                best = (low, high)
            at = name.find(piece, at + 1)
    return best
