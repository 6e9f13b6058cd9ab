import pytest

from healthevents.valuations import is_valuation


@pytest.mark.parametrize(
    ("text", "amount", "expected"),
    [
        ("松萤医疗完成2亿元B轮融资，投后估值约12亿元。", "2亿元", False),
        ("松萤医疗完成2亿元B轮融资，投后估值约12亿元。", "12亿元", True),
        ("公司正以20亿元估值寻求新一轮融资，金额3亿元。", "20亿元", True),
        ("公司正以20亿元估值寻求新一轮融资，金额3亿元。", "3亿元", False),
        ("按4.5亿美元的估值募集6,000万美元", "6,000万美元", False),
        ("The round values the company at £110m.", "£110m", True),
        ("It raised $40m at a $300m post-money valuation.", "$300m", True),
        ("It raised $40m at a $300m post-money valuation.", "$40m", False),
        ("valued at $2bn when it raised $90m", "$90m", False),
    ],
)
def test_the_words_around_an_amount_tell(text: str, amount: str, expected: bool) -> None:
    start = text.index(amount)
    assert is_valuation(text, start, start + len(amount)) is expected


def test_the_cue_of_the_amount_before_is_not_its_own() -> None:
    text = "估值10亿元，2亿元"
    assert is_valuation(text, 2, 6)
    assert not is_valuation(text, 7, 10, after=6)
