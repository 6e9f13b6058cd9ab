"""Records of hand-made taggings, checked for what holds of all records."""

from typing import Any

from taggings import tagging

from healthevents.assembly import assemble
from healthevents.schema import AnyRecord, parse_record
from healthevents.tagging import Tagging


def check(tagged: Tagging) -> list[AnyRecord]:
    """Assemble, and assert what holds of all records."""
    found = assemble(tagged)
    assert found == assemble(tagged), "the same input gives the same output"
    assert len({record.id for record in found}) == len(found)
    for record in found:
        assert record.id
        assert record.doc_id == tagged.document.id
        assert 0 <= record.confidence <= 1
        assert record.evidence
        assert parse_record(record.model_dump(mode="json"), tagged.document) == record, "every mention is the slice that it claims to be"
    return found


def records(*arguments: Any, **named: Any) -> list[AnyRecord]:
    """Assemble the tagging that `taggings.tagging` makes of the arguments."""
    return check(tagging(*arguments, **named))


def only(found: list[AnyRecord]) -> Any:
    (record,) = found
    return record
