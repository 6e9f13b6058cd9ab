"""Which mentions name one entity, and what it is called."""

from dataclasses import replace

import pytest
from taggings import Said, tagging

from healthevents.coreference import NamedEntity, resolve
from healthevents.schema import Document
from healthevents.tagging import Tagging


def named(tagged: Tagging) -> dict[str, NamedEntity]:
    return {f"{m.mention.text}@{m.mention.start}": entity for i, entity in resolve(tagged).items() for m in [tagged.mentions[i]]}


def test_every_entity_mention_and_nothing_else_is_resolved() -> None:
    document = Document(id="d", text="甲禾科技获3亿元融资，收入5亿元。")
    tagged = tagging(document, {"c": Said("funding", "company", "甲禾科技"), "a": Said("funding", "amount", "3亿元"), "n": Said("metric", "name", "收入")})
    assert [tagged.mentions[i].mention.text for i in resolve(tagged)] == ["甲禾科技"]


def test_one_name_written_twice_is_one_entity() -> None:
    document = Document(id="d", text="甲禾科技获投。甲禾科技推出糖表。")
    tagged = tagging(document, {"c": Said("funding", "company", "甲禾科技"), "o": Said("product_launch", "organisation", "甲禾科技", nth=1)})
    first, second = resolve(tagged).values()
    assert first is second
    assert (first.name, first.kind, len(first.mentions)) == ("甲禾科技", "organisation", 2)


def test_the_fullest_name_in_use_is_the_name() -> None:
    document = Document(id="d", text="Corvane raised money. Corvane Health Inc. sells kits.")
    tagged = tagging(document, {"c": Said("funding", "company", "Corvane"), "s": Said("metric", "subject", "Corvane Health Inc.")})
    entities = set(resolve(tagged).values())
    assert {entity.name for entity in entities} == {"Corvane Health Inc."}
    assert len(entities) == 1


def test_different_names_are_one_only_if_the_model_is_sure() -> None:
    document = Document(id="d", text="甲禾科技（Jiahe）与乙木药业合作。")
    said = {"x": Said("partnership", "party", "甲禾科技"), "e": Said("partnership", "party", "Jiahe"), "y": Said("partnership", "party", "乙木药业")}
    entities = named(tagging(document, said, same=["x e"]))
    assert entities["甲禾科技@0"] is entities["Jiahe@5"]
    assert entities["乙木药业@12"] is not entities["甲禾科技@0"]


def test_a_pronoun_takes_the_name_that_the_model_gives_it() -> None:
    document = Document(id="d", text="甲禾科技收购乙木药业。该公司去年收入3亿元。")
    said = {"x": Said("funding", "investor", "甲禾科技"), "y": Said("funding", "company", "乙木药业"), "p": Said("metric", "subject", "该公司")}
    assert named(tagging(document, said, same=["x p"]))["该公司@11"].name == "甲禾科技"
    assert named(tagging(document, said, same=["y p"]))["该公司@11"].name == "乙木药业"


def test_a_pronoun_without_a_likely_name_takes_the_nearest_of_its_kind_before_it() -> None:
    document = Document(id="d", text="甲禾科技推出糖表。该公司收入3亿元，乙木药业没有。")
    said = {
        "o": Said("product_launch", "organisation", "甲禾科技"),
        "p": Said("product_launch", "product", "糖表", entity__kind="product"),
        "c": Said("metric", "subject", "该公司"),
        "y": Said("metric", "subject", "乙木药业"),
    }
    assert named(tagging(document, said))["该公司@9"].name == "甲禾科技"


def test_a_pronoun_alone_keeps_its_words() -> None:
    document = Document(id="d", text="The company raised money.")
    (entity,) = resolve(tagging(document, {"c": Said("funding", "company", "The company")})).values()
    assert entity.name == "The company"


def test_the_kind_is_that_of_most_mentions() -> None:
    document = Document(id="d", text="糖表 糖表 糖表")
    said = {str(n): Said("product_launch", "product", "糖表", nth=n, entity__kind=kind) for n, kind in enumerate(("organisation", "product", "product"))}
    assert {entity.kind for entity in resolve(tagging(document, said)).values()} == {"product"}


def test_a_document_without_entities_has_none() -> None:
    assert resolve(tagging(Document(id="d", text="x"), {})) == {}


def test_a_pronoun_is_not_what_it_deals_with() -> None:
    document = Document(id="d", text="Corvane grew. It bought Merrow.")
    said = {"c": Said("metric", "subject", "Corvane"), "i": Said("funding", "investor", "It"), "t": Said("funding", "company", "Merrow")}
    # However sure the model is that "It" is Merrow, it is linked with Merrow as its target.
    assert named(tagging(document, said, ["i t"], same=["i t"]))["It@14"].name == "Corvane"
    assert named(tagging(document, said, same=["i t"]))["It@14"].name == "Merrow"


def test_the_parties_of_one_agreement_are_no_counterparts_by_role() -> None:
    document = Document(id="d", text="Corvane signed. The firm will pay.")
    said = {"x": Said("partnership", "party", "Corvane"), "p": Said("partnership", "party", "The firm")}
    assert named(tagging(document, said, ["x p"], same=["x p"]))["The firm@16"].name == "Corvane"


def test_a_phrase_that_says_enough_keeps_its_words_where_no_name_is_likely() -> None:
    document = Document(id="d", text="Corvane grew. Its dental unit was sold.")
    said = {"c": Said("metric", "subject", "Corvane"), "u": Said("funding", "company", "Its dental unit")}
    assert named(tagging(document, said))["Its dental unit@14"].name == "Its dental unit"
    assert named(tagging(document, said, same=["c u"]))["Its dental unit@14"].name == "Corvane"


def test_names_side_by_side_are_two_however_sure_the_model_is() -> None:
    said = {"x": Said("partnership", "party", "Osier"), "y": Said("partnership", "party", "Merrow")}
    together = Document(id="d", text="Osier works with Merrow.")
    assert len(set(resolve(tagging(together, said, same=["x y"])).values())) == 2
    apart = Document(id="d", text="Osier grew. So did Merrow.")
    assert len(set(resolve(tagging(apart, said, same=["x y"])).values())) == 1


@pytest.mark.parametrize("text", ["Osier（青柳）", "Osier (青柳)", "Osier，下称“青柳”"])
def test_a_name_and_its_gloss_are_one(text: str) -> None:
    said = {"x": Said("metric", "subject", "Osier"), "y": Said("metric", "subject", "青柳")}
    document = Document(id="d", text=f"{text}去年上市。")
    assert len(set(resolve(tagging(document, said, same=["x y"])).values())) == 1
    assert len(set(resolve(tagging(document, said)).values())) == 2, "unless the model sees no link"


def test_a_pronoun_takes_a_likely_name_before_it_rather_than_one_a_little_likelier_behind_or_far_away() -> None:
    document = Document(id="d", text="甲禾科技成立于2015年。该公司完成融资，乙木药业没有。")
    said = {"x": Said("funding", "company", "甲禾科技"), "p": Said("metric", "subject", "该公司"), "y": Said("metric", "subject", "乙木药业")}
    between = tagging(document, said)
    likely = between.coreference.copy()
    place = {m.mention.text: i for i, m in enumerate(between.mentions)}
    for name, probability in (("甲禾科技", 0.8), ("乙木药业", 0.9)):
        likely[place["该公司"], place[name]] = likely[place[name], place["该公司"]] = probability
    entities = resolve(replace(between, coreference=likely))
    assert entities[place["该公司"]].name == "甲禾科技"


def test_a_pronoun_does_not_stand_for_what_only_the_next_item_of_a_list_names() -> None:
    document = Document(id="d", text="甲禾科技发布季报。\n公司将推出新品。\n乙木药业融资。")
    said = {"x": Said("metric", "subject", "甲禾科技"), "p": Said("product_launch", "organisation", "公司"), "y": Said("funding", "company", "乙木药业")}
    between = tagging(document, said)
    likely = between.coreference.copy()
    place = {m.mention.text: i for i, m in enumerate(between.mentions)}
    for name, probability in (("甲禾科技", 0.3), ("乙木药业", 0.9)):
        likely[place["公司"], place[name]] = likely[place[name], place["公司"]] = probability
    assert resolve(replace(between, coreference=likely))[place["公司"]].name == "甲禾科技"
