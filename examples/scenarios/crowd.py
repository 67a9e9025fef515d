"""People and companies that nobody will meet: drawn by a seed, on domains that nobody can own. Imports nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_FAMILIES = (
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水".split()
)
_GIVEN = "陽菜 蓮 結衣 湊 葵 樹 美咲 大翔 さくら 悠真 凛 翔太 真由美 健一 恵子 直樹 由紀 浩二 千尋 拓也".split()
_TITLES = "担当 担当 主任 係長 課長 課長 部長 取締役".split()
_FIRMS = "製作所 工業 商事 運輸 食品 建設 電機 精機 物産 システム".split()
_PLACES = "青葉 朝日 大和 富士 若葉 白川 千歳 瑞穂 桜井 緑川".split()
INDUSTRIES = ("製造", "物流", "小売")
PREFECTURES = ("東京都", "神奈川県", "大阪府", "福岡県")


@dataclass(frozen=True)
class Somebody:
    """An invented person at an invented company."""

    key: str
    family_name: str
    given_name: str
    title: str
    company: str
    industry: str
    prefecture: str


def crowd(count: int, seed: int = 7, prefix: str = "p") -> Iterator[Somebody]:
    """So many people, always the same for the same seed; each at a company of their own."""
    draw = Random(seed)
    for number in range(count):
        yield Somebody(
            key=f"{prefix}{number:04}",
            family_name=draw.choice(_FAMILIES),
            given_name=draw.choice(_GIVEN),
            title=draw.choice(_TITLES),
            company=f"株式会社{draw.choice(_PLACES)}{draw.choice(_FIRMS)}",
            industry=draw.choice(INDUSTRIES),
            prefecture=draw.choice(PREFECTURES),
        )
