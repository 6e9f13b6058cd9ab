"""Typed, validated records and the documents they come from.

Everything here is immutable. A value that breaks the contract cannot be built: a mention whose length
is not that of its text, a range without both ends, a float where an exact decimal belongs, a partnership
of one party. Validated with `context={"document": document}`, every mention is also checked to be
exactly the slice of the document that it claims to be.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)

Modifier = Literal["exact", "about", "nearly", "over", "under", "at_least", "at_most", "range"]
Precision = Literal["day", "week", "month", "quarter", "half", "season", "year", "decade", "range"]
Status = Literal["done", "planned", "reported", "denied", "ended"]
EntityKind = Literal["organisation", "product", "person", "government", "market", "place"]
Direction = Literal["up", "down", "flat"]
Basis = Literal["year_on_year", "quarter_on_quarter", "month_on_month", "since", "unspecified"]
LaunchAction = Literal["launched", "upgraded", "approved", "piloted", "discontinued", "announced"]
PartnershipKind = Literal[
    "strategic", "memorandum", "licensing", "distribution", "supply", "joint_venture",
    "research", "data", "integration", "service", "unspecified",
]  # fmt: skip

# Lettered rounds a … h, each with its pre_ and _plus forms, beside the named kinds of deal.
LETTERED_ROUNDS = tuple(f"{pre}{letter}{plus}" for letter in "abcdefgh" for pre in ("", "pre_") for plus in ("", "_plus"))
NAMED_ROUNDS = (
    "seed", "angel", "growth", "strategic", "pre_ipo", "ipo", "post_ipo_equity", "private_placement",
    "debt", "grant", "acquisition", "merger", "unspecified",
)  # fmt: skip
ROUNDS = frozenset(LETTERED_ROUNDS + NAMED_ROUNDS)


class DocumentError(ValueError):
    """A document or its records cannot be used; the message names the document and what to do."""


def _no_float(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f"{value!r} is a float and may not be exact: pass a Decimal, an int or a string")
    return value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("must be a finite number")
    return value


def format_decimal(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros ("1.50" gives "1.5")."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _known_round(value: str) -> str:
    if value not in ROUNDS:
        raise ValueError(f"{value!r} is no known round; one of {', '.join(sorted(ROUNDS))}")
    return value


ExactDecimal = Annotated[
    Decimal,
    BeforeValidator(_no_float),
    AfterValidator(_finite),
    PlainSerializer(format_decimal, return_type=str, when_used="json"),
]
Round = Annotated[str, AfterValidator(_known_round), Field(json_schema_extra={"enum": sorted(ROUNDS)})]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class Document(_Frozen):
    """One news item. The text is never modified; all offsets refer to it, in Unicode code points."""

    id: str
    text: str
    title: str | None = None
    published: dt.date | None = None
    lang: Literal["zh", "en"] | None = None
    source: str | None = None

    def part(self, where: Literal["text", "title"]) -> str:
        """Return the part of the document that a mention's `in` names."""
        return self.text if where == "text" else self.title or ""


class Mention(_Frozen):
    """A span `[start, end)` of a document's text or title, in code points.

    The document is the record's own; `doc_id` names it only where a merged record quotes another of its sources.
    """

    start: int = Field(ge=0)
    end: int
    text: str = Field(min_length=1)
    in_: Literal["text", "title"] = Field(default="text", alias="in")
    doc_id: str | None = Field(default=None, exclude_if=lambda doc_id: doc_id is None, repr=False)

    @model_validator(mode="after")
    def _is_the_slice(self, info: ValidationInfo) -> Self:
        if self.end - self.start != len(self.text):
            raise ValueError(f"[{self.start}, {self.end}) holds {self.end - self.start} characters, but its text {self.text!r} has {len(self.text)}")
        document = (info.context or {}).get("document")
        if document is not None and self.doc_id in (None, document.id):
            found = document.part(self.in_)[self.start : self.end]
            if found != self.text:
                raise ValueError(f"{self.in_}[{self.start}:{self.end}] of document {document.id!r} is {found!r}, not {self.text!r}")
        return self

    @classmethod
    def of(cls, source: str, start: int, end: int, where: Literal["text", "title"] = "text") -> Mention:
        """Make the mention of `source[start:end]`.

        Raises:
            ValueError: the span is empty or reaches outside of `source`.
        """
        if not 0 <= start < end <= len(source):
            raise ValueError(f"[{start}, {end}) is no span of a text of {len(source)} characters")
        return cls(start=start, end=end, text=source[start:end], in_=where)


class Filler(_Frozen):
    """What fills a field of a record: a value and where the document says it.

    `mention` is the mention nearest to the event; `mentions` lists all of them where there are several.
    """

    mention: Mention
    mentions: tuple[Mention, ...] = Field(default=(), exclude_if=lambda mentions: not mentions)

    def all_mentions(self) -> tuple[Mention, ...]:
        """Return every mention of the filler, the nearest first."""
        return self.mentions or (self.mention,)

    def at(self, *mentions: Mention) -> Self:
        """Return the same value pointing at other mentions, the nearest first."""
        return self.model_copy(update={"mention": mentions[0], "mentions": mentions if len(mentions) > 1 else ()})


class Phrase(Filler):
    """A field that is quoted and not normalised."""

    text: str


class Entity(Filler):
    """A named thing. `name` is the fullest form that the document uses, `canonical` merges aliases and languages."""

    name: str = Field(min_length=1)
    canonical: str = ""
    kind: EntityKind = "organisation"

    @model_validator(mode="before")
    @classmethod
    def _canonical_defaults_to_name(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("canonical") and data.get("name"):
            return {**data, "canonical": data["name"]}
        return data


class Investor(Entity):
    """An entity that gives money: `lead` is true or false where the text says which, else null."""

    lead: bool | None = None


class _Number(Filler):
    value: ExactDecimal | None = None
    low: ExactDecimal | None = None
    high: ExactDecimal | None = None
    modifier: Modifier = "exact"

    @model_validator(mode="after")
    def _value_or_range(self) -> Self:
        if self.modifier == "range":
            if self.value is not None or self.low is None or self.high is None:
                raise ValueError("a range has low and high, and no value")
            if self.low > self.high:
                raise ValueError(f"low {self.low} is above high {self.high}")
        elif self.value is None or self.low is not None or self.high is not None:
            raise ValueError(f"modifier {self.modifier!r} has a value, and neither low nor high")
        return self


class Money(_Number):
    """An amount of money. `currency` is an ISO 4217 code, null where the text states none."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None


class Quantity(_Number):
    """A number with its measure word, unit or counted noun, as the text writes it."""

    unit: str | None


class DateValue(Filler):
    """The calendar interval that a date expression means, both ends inclusive; null ends where it cannot be settled."""

    start: dt.date | None
    end: dt.date | None
    precision: Precision | None

    @model_validator(mode="after")
    def _interval(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end are both dates or both null")
        if self.start is not None and self.end is not None and self.start > self.end:
            raise ValueError(f"start {self.start} is after end {self.end}")
        return self


class Change(Filler):
    """A stated change of a figure: `value` is null where only the direction is stated."""

    direction: Direction
    value: ExactDecimal | None = None
    unit: str | None = None
    modifier: Modifier = "exact"
    basis: Basis = "unspecified"


def _sources() -> Any:
    return Field(
        default=(), exclude_if=lambda sources: not sources, description="of a merged record: the records that report the event, as they were extracted"
    )


class _Record(_Frozen):
    type: str  # each record type narrows it; declared here so that it comes first on the wire
    id: str = ""
    doc_id: str = ""
    status: Status = "done"
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: tuple[Mention, ...] = ()

    @model_validator(mode="after")
    def _sources_are_plain(self) -> Self:
        sources = getattr(self, "sources", ())
        if len(sources) == 1 or any(source.sources for source in sources):
            raise ValueError("sources are two records or more, and none of them is a merged one")
        return self


class Funding(_Record):
    """Money, or a stake, changes hands for a company (the target of an acquisition, the issuer of an IPO)."""

    type: Literal["funding"] = "funding"
    company: Entity
    investors: tuple[Investor, ...] = ()
    amount: Money | None = None
    round: Round | None = None
    round_mention: Mention | None = None
    round_mentions: tuple[Mention, ...] = Field(default=(), exclude_if=lambda mentions: not mentions)
    valuation: Money | None = None
    stake: Quantity | None = None
    use: Phrase | None = None
    date: DateValue | None = None
    sources: tuple[Funding, ...] = _sources()


class Partnership(_Record):
    """Two or more named parties agree to work together."""

    type: Literal["partnership"] = "partnership"
    parties: tuple[Entity, ...] = Field(min_length=2)
    kind: PartnershipKind = "unspecified"
    scope: Phrase | None = None
    exclusive: bool | None = None
    date: DateValue | None = None
    sources: tuple[Partnership, ...] = _sources()


class ProductLaunch(_Record):
    """A product becomes available, changes version, is approved, or stops."""

    type: Literal["product_launch"] = "product_launch"
    product: Entity
    organisation: Entity | None = None
    action: LaunchAction
    version: Phrase | None = None
    category: Phrase | None = None
    date: DateValue | None = None
    sources: tuple[ProductLaunch, ...] = _sources()


class Metric(_Record):
    """A figure that measures an organisation, product, market, disease or population."""

    type: Literal["metric"] = "metric"
    subject: Entity | None = None
    name: Phrase
    value: Money | Quantity | None = None
    changes: tuple[Change, ...] = ()
    as_of: DateValue | None = None
    sources: tuple[Metric, ...] = _sources()

    @model_validator(mode="after")
    def _value_or_change(self) -> Self:
        if self.value is None and not self.changes:
            raise ValueError("a metric has a value or at least one change")
        return self


Record = Annotated[Funding | Partnership | ProductLaunch | Metric, Field(discriminator="type")]
AnyRecord = Funding | Partnership | ProductLaunch | Metric
RECORD_TYPES: tuple[str, ...] = ("funding", "partnership", "product_launch", "metric")

_RECORD: TypeAdapter[AnyRecord] = TypeAdapter(Record)
Model = TypeVar("Model", bound=BaseModel)


def explain(error: ValidationError, what: str) -> str:
    """Turn a pydantic error into sentences that name the document (or record) and each field."""
    problems = []
    for item in error.errors(include_url=False):
        path = ".".join(str(step) for step in item["loc"]) or "it"
        problems.append(f"{path}: {item['msg'].removeprefix('Value error, ')}")
    return f"{what}: " + "; ".join(problems)


def parse_document(data: dict[str, Any], where: str = "document") -> Document:
    """Validate a document as it stands in a JSONL file; unknown keys are ignored.

    Raises:
        DocumentError: a field is missing or of a wrong kind; names `where`, the document's id and the field.
    """
    known = {key: data[key] for key in Document.model_fields if data.get(key) is not None}
    try:
        return Document.model_validate(known)
    except ValidationError as error:
        name = f"{where} (id {data['id']!r})" if data.get("id") else where
        raise DocumentError(explain(error, name)) from None


def parse_record(data: dict[str, Any], document: Document | None = None) -> AnyRecord:
    """Validate a record in its wire form, against its document where that is given; a merged record quotes several and is checked against none.

    Raises:
        DocumentError: names the document and the field, and says what is wrong with it.
    """
    try:
        return _RECORD.validate_python(data, context={"document": None if data.get("sources") else document})
    except ValidationError as error:
        doc_id = document.id if document is not None else data.get("doc_id", "?")
        raise DocumentError(explain(error, f"document {doc_id!r}, record {data.get('id') or data.get('type')!r}")) from None


def record_schema() -> dict[str, Any]:
    """Return the JSON Schema of a record on the wire."""
    return _RECORD.json_schema(mode="serialization", by_alias=True)
