import pytest

from healthevents.values import canonical_name, defined_aliases, legal_name_end, same_name
from healthevents.values.names import share_a_part

SAME = """
零氪 = 零氪科技
零氪 = 零氪科技(北京)有限公司
零氪科技 = LinkDoc
腾讯 = 腾讯控股
腾讯 = Tencent
騰訊控股有限公司 = Tencent Holdings Ltd.
腾讯 = 腾讯科技
平安好医生 = Ping An Good Doctor
平安健康 = 平安好医生
阿里健康 = Alibaba Health Information Technology Limited
京东健康 = JD Health International Inc.
联影医疗 = United Imaging Healthcare
默沙东 = MSD
默沙东 = Merck & Co., Inc.
强生 = Johnson & Johnson
诺和诺德 = Novo Nordisk A/S
礼来 = Eli Lilly and Company
红杉中国 = 红杉资本中国基金
启明创投 = Qiming Venture Partners
国家药监局 = NMPA
FDA = 美国食品药品监督管理局
Corvane = Corvane Health
Corvane Health = CORVANE HEALTH, INC.
Ｃｏｒｖａｎｅ = corvane
Acme Medical = Acme Medical Technologies Pte. Ltd.
Nordlys = Nordlys Metabolics
L'Oréal = LOreal
HCA = HCA Holdings, Inc.
WebMD = WebMD Health Corp.
澄影 = 澄影医疗
澄影医疗 = 澄影医疗科技有限公司
熹微智影 = 苏州熹微智影科技股份有限公司
祁门智慧 = 安徽祁门智慧医疗有限公司
宁波普利声 = 普利声
岭川生物 = 岭川生物-B
Anruize = ANRUIZE®
“零氪” = 零氪
"""
DIFFERENT = """
腾讯 = 腾讯音乐
腾讯 = 腾讯健康
腾讯 = 腾讯医疗
阿里 = 阿里健康
阿里健康 = 阿里云
平安 = 平安好医生
平安科技 = 平安好医生
默沙东 = 默克
Merck & Co = Merck KGaA
红杉中国 = 红杉资本
GE = GE医疗
Siemens = Siemens Healthineers
国药集团 = 国药控股
远砾资本 = 远砾医疗
Corvane Health = Corvane Capital
Alpha = Alpha Bio
United = United Health
北京 = 北京医院
中国 = 中国医院
浔湖医院 = 浔湖医院互联网医院
who = WHO
医疗 = 医疗科技
Ant = Ant Group Health Ltd
甲科技 = 乙科技
Orrin = Orrina
"""


def pairs(table: str) -> list[tuple[str, str]]:
    return [(left.strip(), right.strip()) for left, right in (line.split(" = ") for line in table.strip().splitlines())]


@pytest.mark.parametrize(("a", "b"), pairs(SAME))
def test_one_organisation(a: str, b: str) -> None:
    assert same_name(a, b)
    assert same_name(b, a)


@pytest.mark.parametrize(("a", "b"), pairs(DIFFERENT))
def test_two_organisations(a: str, b: str) -> None:
    assert not same_name(a, b)
    assert not same_name(b, a)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("腾讯控股", "腾讯"),
        ("Tencent", "腾讯"),
        ("LinkDoc Technology", "零氪科技"),
        ("零氪科技(北京)有限公司", "零氪科技"),
        ("CORVANE HEALTH, Inc.", "Corvane Health"),
        ("  Acme   Labs LLC ", "Acme Labs"),
        ("《澄影》", "澄影"),
        ("禾昕生技股份有限公司", "禾昕生技"),
        ("Takamori Seiyaku Co., Ltd.", "Takamori Seiyaku"),
        ("公司", "公司"),
        ("Inc.", "Inc"),
    ],
)
def test_canonical_names(name: str, canonical: str) -> None:
    assert canonical_name(name) == canonical


@pytest.mark.parametrize(("name"), ["", " ", "。", "x" * 10_000, "🚀"])
def test_odd_names_have_a_canonical_form(name: str) -> None:
    assert canonical_name(name) == name or len(canonical_name(name)) <= len(name)
    assert same_name(name, name)


@pytest.mark.parametrize(
    ("text", "name", "alias", "kind"),
    [
        ("受理了苏州熹微智影科技股份有限公司（简称“熹微智影”）的申请", "苏州熹微智影科技股份有限公司", "熹微智影", "short"),
        ("子公司安徽祁门智慧医疗有限公司（以下简称“祁门智慧”）拟以增资", "安徽祁门智慧医疗有限公司", "祁门智慧", "short"),
        ("禾瑞互联健康科技有限公司（下称“禾瑞互联”）8月26日", "禾瑞互联健康科技有限公司", "禾瑞互联", "short"),
        ("零氪科技(北京)有限公司(下称“零氪”)宣布", "零氪科技(北京)有限公司", "零氪", "short"),
        ("澄像科技股份有限公司（“澄像科技”）的申请", "澄像科技股份有限公司", "澄像科技", "short"),
        ('Acme Health Inc. ("Acme") said', "Acme Health Inc.", "Acme", "short"),
        ("today Willow Health, Inc. (NYSE: QLW), a virtual", "Willow Health, Inc.", "QLW", "ticker"),
        ("平安好医生(01833.HK)发布", "平安好医生", "01833.HK", "ticker"),
        ("投资方为远砾资本(Farrock Capital)和", "远砾资本", "Farrock Capital", "translation"),
        ("Sorano Medical（空野医疗）宣布", "Sorano Medical", "空野医疗", "translation"),
        ("Foo Corp (formerly Bar Labs) today", "Foo Corp", "Bar Labs", "former"),
    ],
)
def test_aliases_that_a_text_defines(text: str, name: str, alias: str, kind: str) -> None:
    found = defined_aliases(text)
    assert [(item.name, item.alias, item.kind) for item in found] == [(name, alias, kind)]
    assert text[found[0].start : found[0].end] == name
    assert text[found[0].alias_start : found[0].alias_end] == alias


@pytest.mark.parametrize(
    "text", ["衍明医疗科技股份有限公司（以下简称“公司”）", 'Acme Inc. (the "Company")', "（见附件）", "增长（39%）", "no brackets at all", ""]
)
def test_parties_are_no_names(text: str) -> None:
    assert defined_aliases(text) == []


@pytest.mark.parametrize(
    ("text", "piece", "expected"),
    [
        ("新增股东北京青汀信息服务有限公司。", "北京", "北京青汀信息服务有限公司"),
        ("松萤医疗科技（上海）股份有限公司完成", "松萤", "松萤医疗科技（上海）股份有限公司"),
        ("松萤与海榕科技有限公司合作", "松萤", "松萤"),
        ("松萤，海榕科技有限公司", "松萤", "松萤"),
        ("松萤公司宣布", "松萤", "松萤"),
        ("松萤有限公司位列海榕有限公司股东", "松萤有限公司", "松萤有限公司"),
    ],
)
def test_a_registered_name_runs_to_its_legal_form(text: str, piece: str, expected: str) -> None:
    start = text.index(piece)
    assert text[start : legal_name_end(text, start + len(piece))] == expected


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ("Harrow & Finch", "Harrow", True),
        ("Okafor-Brandt Medical AG", "Okafor", True),
        ("MDIC", "Medical Device Innovation Consortium", True),
        ("宁德慧眼医疗", "慧眼", True),
        ("Tallis Bio", "Harrow & Finch", False),
        ("Harrow Health", "Tallis Health", False),
        ("北京甲医院", "北京乙药房", False),
        ("the co-op", "the platform", False),
        ("腾讯", "腾讯医典", False),
        ("x" * 300, "x" * 300, False),
        ("", "A", False),
    ],
)
def test_two_names_share_a_part_of_their_own_and_not_of_the_trade(first: str, second: str, share: bool) -> None:
    assert share_a_part(first, second) is share_a_part(second, first) is share
