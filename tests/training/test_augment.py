import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthevents.annotations import AnnotatedDocument
from training.augment import Names, augment, rewrite, short_form
from training.data import GoldSpan, gold_spans


@pytest.mark.parametrize(
    ("full", "short", "new", "expected"),
    [
        ("松萤医疗", "松萤", "海榕科技", "海榕"),
        ("Corlake Health", "Corlake", "Merrow Point Labs", "Merrow"),
        ("松萤医疗", "Corlake", "海榕科技", None),
        ("Corlake Health", "CH", "Merrow", None),
    ],
)
def test_a_short_form_follows_its_full_form(full: str, short: str, new: str, expected: str | None) -> None:
    assert short_form(full, short, new) == expected


def test_rewriting_moves_spans_and_passes_over_edits_that_cut_one() -> None:
    spans = [GoldSpan(0, 2, "funding", "company"), GoldSpan(4, 7, "funding", "amount")]
    text, moved = rewrite("甲司融资1亿元。", spans, [(0, 2, "乙科技公司"), (3, 5, "x")])
    assert text == "乙科技公司融资1亿元。"
    assert [text[s.start : s.end] for s in moved] == ["乙科技公司", "1亿元"]


@given(st.integers(0, 10_000))
def test_other_names_and_figures_leave_every_span_whole(tiny_annotated: list[AnnotatedDocument], seed: int) -> None:
    names = Names.of(tiny_annotated)
    for document in tiny_annotated:
        before = gold_spans(document)
        text, after = augment(document.text, before, names, random.Random(seed), 1.0)
        assert len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            words, was = text[new.start : new.end], document.text[old.start : old.end]
            assert words == words.strip() != ""
            assert (old.type, old.role, old.records) == (new.type, new.role, new.records)
            if old.role in ("amount", "value"):
                assert [c.isdigit() for c in words] == [c.isdigit() for c in was]
    again = augment(tiny_annotated[0].text, gold_spans(tiny_annotated[0]), names, random.Random(seed), 1.0)
    assert again == augment(tiny_annotated[0].text, gold_spans(tiny_annotated[0]), names, random.Random(seed), 1.0)
