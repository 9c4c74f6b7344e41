"""Who plays in the demonstration. All names are invented; any likeness is chance."""

import csv
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "portal-demo"  # noqa: S105 -- published on the sign-in page of the demo

# region code, city in Chinese and English, district address
CITIES = {
    "330200": ("浙江省宁波市", "Ningbo, Zhejiang", "29.8683", "121.5440"),
    "330100": ("浙江省杭州市", "Hangzhou, Zhejiang", "30.2741", "120.1551"),
    "330300": ("浙江省温州市", "Wenzhou, Zhejiang", "27.9943", "120.6994"),
    "330400": ("浙江省嘉兴市", "Jiaxing, Zhejiang", "30.7461", "120.7555"),
    "330600": ("浙江省绍兴市", "Shaoxing, Zhejiang", "30.0303", "120.5802"),
    "330700": ("浙江省金华市", "Jinhua, Zhejiang", "29.0790", "119.6474"),
    "331000": ("浙江省台州市", "Taizhou, Zhejiang", "28.6564", "121.4208"),
    "320500": ("江苏省苏州市", "Suzhou, Jiangsu", "31.2989", "120.5853"),
}


@dataclass(frozen=True)
class Works:
    """An enterprise of the demonstration; ``area`` is its technical area, ``people`` its size."""

    name_zh: str
    name_en: str
    region: str
    area: str
    people: int
    scope_zh: str
    scope_en: str
    schemes: tuple[str, ...]


def enterprises() -> list[Works]:
    """Return the enterprises; the first is that of owner@, the second the rival's."""
    path = Path(__file__).with_name("enterprises.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Works(**row | {"people": int(row["people"]), "schemes": tuple(row["schemes"].split())})
            for row in csv.DictReader(lines)
        ]


@dataclass(frozen=True)
class Body:
    zh: str
    en: str
    region: str
    short: str
    approval: str
    signatory_zh: str
    signatory_en: str


# The first is the body of manager@ and the others, the second the rival's.
BODIES = (
    Body("华臻认证有限公司", "Huazhen Certification Co., Ltd.", "330100", "034", "CNCA-R-0000-034",
         "顾言之", "Gu Yanzhi"),
    Body("衡远质量认证中心", "Hengyuan Quality Certification Centre", "320500", "035",
         "CNCA-R-0000-035", "薛承安", "Xue Cheng'an"),
    Body("北辰认证服务有限公司", "Beichen Certification Services Co., Ltd.", "330200", "036",
         "CNCA-R-0000-036", "罗予宁", "Luo Yuning"),
)  # fmt: skip

# Twelve auditors: the two of the demo accounts first.
AUDITORS = (
    "李工", "周牧野", "郑一帆", "吴听澜", "孙若谷", "冯予安",
    "陈星河", "褚嘉木", "卫子衿", "蒋雨眠", "沈南乔", "韩千山",
)  # fmt: skip

ACCOUNTS = {
    "owner": "沈若溪",
    "member": "贺景行",
    "manager": "顾言之",
    "reviewer": "林知秋",
    "planner": "唐亦舟",
    "auditor": AUDITORS[0],
    "auditor2": AUDITORS[1],
    "certifier": "韩书远",
    "supervisor": "许明澈",
    "inspector": "宋怀瑾",
    "operator": "运维值班",
    "rival-owner": "方竞择",
    "rival-manager": "薛承安",
}
