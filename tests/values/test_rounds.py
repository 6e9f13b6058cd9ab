"""Rounds and kinds of deal."""

import pytest

from healthevents.schema import ROUNDS
from healthevents.values import parse_round

TABLE = """
A轮 a|A 轮 a|B輪 b|Pre-A轮 pre_a|Pre-A+轮 pre_a_plus|PreA轮 pre_a|pre-B轮 pre_b|A+轮 a_plus|A++轮 a_plus|Ａ＋轮 a_plus|A1轮 a|B1轮 b|B-1 b|C3轮 c|A+ a_plus|C+ c_plus|H轮 h
Series A a|Series B+ b_plus|series C c|Series C extension c|Series B-1 b|Pre-Series A pre_a|pre-Series B pre_b|Series D round d|A round a|B+ round b_plus|D1 round d|Round C c|Pre-A pre_a
E round e|A b-|种子轮 seed|種子輪 seed|pre-seed seed|seed extension seed|Series Seed seed|天使轮 angel|天使+轮 angel|angel round angel|战略融资 strategic|戰略投資 strategic|战略入股 strategic
strategic investment strategic|growth equity growth|Pre-IPO轮 pre_ipo|pre-IPO round pre_ipo|crossover pre_ipo|IPO ipo|上市 ipo|首发 ipo|首次公开募股 ipo|initial public offering ipo|floated ipo|went public ipo
定增 private_placement|非公开发行 private_placement|向特定对象发行A股 private_placement|PIPE private_placement|private placement private_placement|QIP private_placement|配股 post_ipo_equity|配售 post_ipo_equity
rights issue post_ipo_equity|follow-on post_ipo_equity|secondary offering post_ipo_equity|可转债 debt|可换股债券 debt|convertible note debt|term loan debt|venture debt debt|银行贷款 debt|循环授信 debt
revolver debt|bond debt|grant grant|gift grant|B系列 b|可換股票據 debt|可转换票据 debt|private investment in public equity private_placement|收入麾下 acquisition|资助 grant|补助金 grant|专项经费 grant|donated grant|收购 acquisition|并购 acquisition|私有化 acquisition|控股 acquisition|buyout acquisition|acquired acquisition
took over acquisition|snapped up acquisition|sold acquisition|卖身 acquisition|收下 acquisition|收了 acquisition|全購 acquisition|购 acquisition|买回 acquisition|报价 acquisition|took acquisition|snapped it up acquisition|picked it up acquisition|bolted on acquisition|bolt-on acquisition|take-private acquisition|登陆 ipo|登錄上櫃 ipo|敲钟 ipo|direct listing ipo|聯貸 debt|并购贷 debt|银团贷款 debt|convertible grant grant|additional shares post_ipo_equity|new stock post_ipo_equity|cornerstone unspecified|基石投资 unspecified|raised unspecified|合并 merger|并入 acquisition|merged merger|merger merger|combination merger|首轮融资 unspecified|内部轮 unspecified|bridge unspecified
post-IPO equity post_ipo_equity|at the market post_ipo_equity|share purchase plan post_ipo_equity|SAFE unspecified|SBIR award grant|third-party allotment private_placement
commercial paper debt|sukuk debt|rescue financing debt|credit line debt|placed private_placement|全球发售 ipo
现金增资 post_ipo_equity|系列 C c|directed issue private_placement|SEIS seed|unitranche debt|CLN debt|acquisition financing debt|vouchers grant|R&D support grant|R&D funding grant|产业扶持资金 grant|acqui-hire acquisition|became the owner of acquisition|paid acquisition|pay acquisition|belongs to acquisition
"""
ROWS = [tuple(cell.strip().rsplit(" ", 1)) for line in TABLE.strip().splitlines() for cell in line.split("|") if "b-" not in cell]


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_round(text: str, expected: str) -> None:
    assert parse_round(text) == expected
    assert expected in ROUNDS


@pytest.mark.parametrize("text", ["", "不知道", "nothing", "39%", "Alibaba", "Vitamin B"])
def test_no_round(text: str) -> None:
    assert parse_round(text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("完成近3亿元B+轮融资", "b_plus"), ("closed a $5m Series A led by X", "a"), ("获得数千万元天使轮融资", "angel")]
)
def test_a_round_in_a_longer_text(text: str, expected: str) -> None:
    assert parse_round(text) == expected
