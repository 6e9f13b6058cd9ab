"""What names something, and what only refers back."""

import pytest

from healthevents.anaphora import is_anaphor


@pytest.mark.parametrize("text", ["该公司", "It", "The Company", "the Company", "The Trust", "the Danish firm", "its dental unit", "上述机构"])
def test_words_that_only_refer_back(text: str) -> None:
    assert is_anaphor(text)


@pytest.mark.parametrize("text", ["The Menopause Company", "The Marlowe Trust", "The Lancet", "Company Shop", "零氪科技"])
def test_names(text: str) -> None:
    assert not is_anaphor(text)
