"""Sentences around a mention: text, mention, sentence."""

import pytest

from healthevents import Document
from healthevents.schema import Mention
from healthevents.sentences import sentence_around


@pytest.mark.parametrize(
    ("text", "mention", "sentence"),
    [
        ("It rose. Net income of Acme Holdings, Inc. totaled $5m. More came.", "$5m", "Net income of Acme Holdings, Inc. totaled $5m."),
        ("Acme Inc. (NYSE: ACM) raised $5m today. More came.", "$5m", "Acme Inc. (NYSE: ACM) raised $5m today."),
        ("It was bought by Acme Inc. The price was $5m.", "$5m", "The price was $5m."),
        ("It closed its Series C. The round brought $5m.", "$5m", "The round brought $5m."),
        ("Most U.S. hospitals paid $5m. Some did not.", "$5m", "Most U.S. hospitals paid $5m."),
        ("He met Dr. Vance, who invested $5m. Then he left.", "$5m", "He met Dr. Vance, who invested $5m."),
        ("all in lower case. the firm raised $5m. it said so.", "$5m", "the firm raised $5m."),
        ("“It is done.” The price was $5m.", "$5m", "The price was $5m."),
        ("公司成立。它融资5亿元!很好", "5亿元", "它融资5亿元!"),
        ("A line\nwith $5m\nand another", "$5m", "with $5m"),
    ],
)
def test_the_sentence_of_a_mention(text: str, mention: str, sentence: str) -> None:
    at = text.index(mention)
    assert sentence_around(Document(id="d", text=text), Mention.of(text, at, at + len(mention))).text == sentence
