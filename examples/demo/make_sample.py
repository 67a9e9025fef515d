"""Writes the bundled sample: invented leads, accounts and campaigns as CSV files.

Run `python examples/demo/make_sample.py` from the root of the repository. The same
seed gives the same bytes on every machine and Python version: all chance comes from
`random.Random.random()`, the one method whose sequence Python promises to keep.

Nobody in here exists. Names are combinations of common names, companies are a common
name and a trade, addresses end in domains that RFC 2606 and RFC 6761 reserve, and
telephone numbers lie in ranges that no carrier hands out.

It imports the standard library only.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

SEED = 20260105
START = datetime(2026, 1, 5)  # noqa: DTZ001 - the sample states local wall time, like most people's files
ARRIVAL_DAYS = 45
LEADS = 2600
JAPANESE_ACCOUNTS, ENGLISH_ACCOUNTS = 330, 140

T = TypeVar("T")
Row = dict[str, str]

# --- words --------------------------------------------------------------------------------
# kanji:kana:romaji, most common first: low indexes are picked more often.
FAMILY = """佐藤:さとう:sato 鈴木:すずき:suzuki 高橋:たかはし:takahashi 田中:たなか:tanaka 伊藤:いとう:ito
渡辺:わたなべ:watanabe 山本:やまもと:yamamoto 中村:なかむら:nakamura 小林:こばやし:kobayashi 加藤:かとう:kato
吉田:よしだ:yoshida 山田:やまだ:yamada 佐々木:ささき:sasaki 山口:やまぐち:yamaguchi 松本:まつもと:matsumoto
井上:いのうえ:inoue 木村:きむら:kimura 林:はやし:hayashi 斎藤:さいとう:saito 清水:しみず:shimizu
山崎:やまざき:yamazaki 森:もり:mori 池田:いけだ:ikeda 橋本:はしもと:hashimoto 阿部:あべ:abe 石川:いしかわ:ishikawa
前田:まえだ:maeda 藤田:ふじた:fujita 小川:おがわ:ogawa 岡田:おかだ:okada 後藤:ごとう:goto 長谷川:はせがわ:hasegawa
村上:むらかみ:murakami 近藤:こんどう:kondo 石井:いしい:ishii 坂本:さかもと:sakamoto 遠藤:えんどう:endo
青木:あおき:aoki 藤井:ふじい:fujii 西村:にしむら:nishimura 福田:ふくだ:fukuda 太田:おおた:ota 三浦:みうら:miura
岡本:おかもと:okamoto 松田:まつだ:matsuda 中島:なかじま:nakajima 原田:はらだ:harada 小野:おの:ono 田村:たむら:tamura
竹内:たけうち:takeuchi 金子:かねこ:kaneko 和田:わだ:wada 中山:なかやま:nakayama 上田:うえだ:ueda 森田:もりた:morita
髙田:たかだ:takada 柴田:しばた:shibata 酒井:さかい:sakai 宮崎:みやざき:miyazaki 横山:よこやま:yokoyama
内田:うちだ:uchida 谷口:たにぐち:taniguchi 今井:いまい:imai 丸山:まるやま:maruyama 大野:おおの:ono 河野:こうの:kono
武田:たけだ:takeda 上野:うえの:ueno 杉山:すぎやま:sugiyama 千葉:ちば:chiba"""
GIVEN = """誠:まこと:makoto 健一:けんいち:kenichi 浩:ひろし:hiroshi 陽子:ようこ:yoko 恵子:けいこ:keiko
大輔:だいすけ:daisuke 拓也:たくや:takuya 美咲:みさき:misaki 直樹:なおき:naoki 由美子:ゆみこ:yumiko
翔太:しょうた:shota 彩:あや:aya 和也:かずや:kazuya 愛:あい:ai 達也:たつや:tatsuya 裕子:ゆうこ:yuko 亮:りょう:ryo
麻衣:まい:mai 哲也:てつや:tetsuya 香織:かおり:kaori 隆:たかし:takashi 千尋:ちひろ:chihiro 修:おさむ:osamu
真由美:まゆみ:mayumi 剛:つよし:tsuyoshi 智子:ともこ:tomoko 雄一:ゆういち:yuichi 菜々子:ななこ:nanako
圭介:けいすけ:keisuke 優:ゆう:yu 学:まなぶ:manabu 久美子:くみこ:kumiko 聡:さとし:satoshi 早紀:さき:saki
俊介:しゅんすけ:shunsuke 桃子:ももこ:momoko 良太:りょうた:ryota 純子:じゅんこ:junko 康平:こうへい:kohei
里奈:りな:rina 豊:ゆたか:yutaka 葵:あおい:aoi"""
EN_FAMILY = """Smith Johnson Brown Taylor Wilson Davies Evans Thomas Walker White Clark Hall Young King Wright Green
Baker Adams Nelson Carter Mitchell Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Tan Lim Wong
Patel Singh Nguyen Garcia Martin Schmidt Rossi""".split()
EN_GIVEN = """James Mary Robert Linda Michael Susan David Karen Daniel Nancy Mark Laura Paul Emily Andrew Grace
Peter Alice Kevin Helen Brian Julia George Amy Henry Sarah Oliver Chloe Samuel Priya Arjun Mei Hannah Lucas Sofia
Leo""".split()

# trade:romaji:industry
TRADES = """製作所:seisakusho:manufacturing 精機:seiki:manufacturing 電機:denki:manufacturing
化学工業:kagaku:manufacturing 金属:kinzoku:manufacturing 建設:kensetsu:construction 工務店:komuten:construction
商事:shoji:wholesale 食品:shokuhin:food 運輸:unyu:logistics 倉庫:soko:logistics 情報システム:joho:it ソフト:soft:it
不動産:fudosan:real_estate 印刷:insatsu:printing 会計事務所:kaikei:professional 教育:kyoiku:education
観光:kanko:tourism"""
EN_TRADES = """Manufacturing:manufacturing Tools:manufacturing Instruments:manufacturing Builders:construction
Trading:wholesale Foods:food Logistics:logistics Freight:logistics Software:it Systems:it Properties:real_estate
Printing:printing Advisory:professional Learning:education Travel:tourism Health:healthcare"""
INTERESTS = {
    "manufacturing": ("production_control", "quality", "production_control", "maintenance"),
    "construction": ("project_costing", "field_reports", "accounting"),
    "wholesale": ("order_entry", "crm", "accounting"),
    "food": ("traceability", "order_entry", "quality"),
    "logistics": ("dispatch", "traceability", "hr"),
    "it": ("security", "crm", "analytics"),
    "real_estate": ("crm", "e_contract", "accounting"),
    "printing": ("order_entry", "production_control"),
    "professional": ("e_contract", "accounting", "security"),
    "education": ("analytics", "hr", "security"),
    "tourism": ("crm", "analytics", "hr"),
    "healthcare": ("hr", "security", "e_contract"),
}
# title, department pool, share in a hundred
TITLES = (
    ("代表取締役", ("",), 4), ("取締役", ("", "経営企画部"), 4), ("本部長", ("営業本部", "生産本部", "管理本部"), 4),
    ("部長", ("製造部", "営業部", "情報システム部", "総務部", "経理部", "品質保証部"), 15),
    ("次長", ("製造部", "営業部", "総務部"), 4),
    ("課長", ("生産管理課", "営業一課", "情報システム課", "人事課", "購買課"), 20),
    ("係長", ("生産管理課", "購買課", "総務課"), 9), ("主任", ("製造部", "営業部", "マーケティング部"), 14),
    ("担当", ("情報システム部", "営業部", "総務部", "マーケティング部", "製造部"), 26),
)  # fmt: skip
EN_TITLES = (
    ("Managing Director", ("",), 6), ("VP Operations", ("Operations",), 8), ("Head of IT", ("IT",), 12),
    ("Director of Marketing", ("Marketing",), 8), ("Plant Manager", ("Production",), 10),
    ("Procurement Manager", ("Procurement",), 12), ("Marketing Specialist", ("Marketing",), 16),
    ("Systems Engineer", ("IT",), 14), ("Coordinator", ("Operations", "Sales", "HR"), 14),
)  # fmt: skip
PREFECTURES = (
    ("東京都", "03"), ("東京都", "03"), ("東京都", "03"), ("大阪府", "06"), ("大阪府", "06"), ("愛知県", "052"),
    ("愛知県", "052"), ("神奈川県", "045"), ("福岡県", "092"), ("北海道", "011"), ("宮城県", "022"), ("広島県", "082"),
    ("京都府", "075"), ("兵庫県", "078"), ("静岡県", "054"), ("新潟県", "025"), ("埼玉県", "048"), ("長野県", "026"),
)  # fmt: skip
COUNTRIES = (
    ("US", "America/New_York"), ("US", "America/Chicago"), ("US", "America/Los_Angeles"), ("GB", "Europe/London"),
    ("GB", "Europe/London"), ("SG", "Asia/Singapore"), ("AU", "Australia/Sydney"), ("JP", "Asia/Tokyo"),
)  # fmt: skip

# id, name, medium, first day (offset), days, planned cost, actual cost, capacity
CAMPAIGNS = (
    ("fair-monozukuri-2026", "ものづくりDX展 2026", "fair", 16, 3, 4_800_000, 5_120_000, ""),
    ("fair-officetech-2026", "オフィステック見本市 2026 冬", "fair", 29, 3, 3_200_000, 3_040_000, ""),
    ("seminar-genba-01", "現場改善セミナー(東京)", "seminar", 9, 1, 380_000, 361_500, "150"),
    ("seminar-genba-02", "現場改善セミナー(大阪)", "seminar", 22, 1, 320_000, 334_000, "120"),
    ("seminar-invoice", "電子契約・経理セミナー", "seminar", 37, 1, 300_000, 287_000, "120"),
    ("webinar-security", "中小企業のためのセキュリティ入門", "webinar", 15, 1, 120_000, 98_000, "300"),
    ("webinar-data-en", "Data for Growing Teams", "webinar", 24, 1, 150_000, 150_000, "300"),
    ("web-form-documents", "資料請求フォーム", "web_form", 0, 90, 0, 0, ""),
    ("web-form-contact-en", "Contact form", "web_form", 0, 90, 0, 0, ""),
    ("ppc-production-control", "検索広告 生産管理", "paid_search", 0, 60, 1_500_000, 1_386_420, ""),
    ("ppc-crm-en", "Search ads CRM", "paid_search", 0, 60, 900_000, 951_300, ""),
)
# source, share in a hundred, consent bases to pick from, campaigns per locale
SOURCES: tuple[tuple[str, int, tuple[str, ...], Mapping[str, tuple[str, ...]]], ...] = (
    ("fair", 26, ("paper_card",) * 7 + ("consent", "", ""),
     {"ja": ("fair-monozukuri-2026", "fair-monozukuri-2026", "fair-officetech-2026"), "en": ("fair-officetech-2026",)}),
    ("seminar", 20, ("consent",) * 9 + ("",),
     {"ja": ("seminar-genba-01", "seminar-genba-02", "seminar-invoice", "webinar-security"),
      "en": ("webinar-data-en",)}),
    ("web_form", 24, ("consent",) * 8 + ("", ""), {"ja": ("web-form-documents",), "en": ("web-form-contact-en",)}),
    ("paid_search", 14, ("consent",) * 7 + ("", ""), {"ja": ("ppc-production-control",), "en": ("ppc-crm-en",)}),
    ("referral", 8, ("relation",) * 4 + ("",), {"ja": ("",), "en": ("",)}),
    ("card", 8, ("paper_card",) * 6 + ("relation",), {"ja": ("",), "en": ("",)}),
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A company of the sample, with what its people inherit from it."""

    id: str
    name: str
    domain: str
    industry: str
    employees: int
    prefecture: str
    country: str
    zone: str
    area_code: str
    fiscal_month: int
    locale: str


class Chance:
    """Seeded choices built on `Random.random()` alone, so that no Python version changes the bytes."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, n: int) -> int:
        """A whole number from 0 to `n - 1`."""
        return int(self._random.random() * n)

    def happens(self, percent: float) -> bool:
        """True in `percent` of a hundred cases."""
        return self._random.random() * 100 < percent

    def pick(self, items: Sequence[T]) -> T:
        """One item, all alike."""
        return items[self.below(len(items))]

    def common(self, items: Sequence[T]) -> T:
        """One item, the early ones more often, as names are in life."""
        return items[int(len(items) * self._random.random() ** 1.6)]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """One item by its share."""
        at = self.below(sum(share for _, share in items))
        for item, share in items:
            at -= share
            if at < 0:
                return item
        raise AssertionError("shares cover the whole range")


def _triples(words: str) -> list[tuple[str, str, str]]:
    return [(a, b, c) for a, b, c in (word.split(":") for word in words.split())]


def _employees(chance: Chance) -> int:
    low, high = chance.weighted((((4, 50), 50), ((51, 500), 38), ((501, 6000), 12)))
    return low + int((high - low) * chance.below(1000) * chance.below(1000) / 1_000_000)


def _katakana(hiragana: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in hiragana)


class Companies:
    """Makes the accounts one after the other; keeps names and domains unique."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._families, self._trades = _triples(FAMILY), _triples(TRADES)
        self._names: set[str] = set()
        self._domains: set[str] = set()
        self.made: list[Account] = []

    def japanese(self) -> None:
        """One Japanese company, or two that differ only in where 株式会社 stands: these are different firms."""
        chance = self._chance
        family, _, slug = chance.common(self._families)
        if chance.happens(5):
            self._add(f"医療法人{family}会", f"{slug}-kai", "healthcare", "ja")
            return
        trade, trade_slug, industry = chance.pick(self._trades)
        core = f"{family}{trade}"
        front, behind = f"株式会社{core}", f"{core}株式会社"
        kinds = (
            ((front,), 46),
            ((behind,), 30),
            ((f"有限会社{core}",), 13),
            ((f"合同会社{core}",), 8),
            ((front, behind), 3),
        )
        for name in chance.weighted(kinds):
            self._add(name, f"{slug}-{trade_slug}", industry, "ja")

    def english(self) -> None:
        """One company with an English name."""
        chance = self._chance
        trade, industry = chance.pick(EN_TRADES.split()).split(":")
        family = chance.common(EN_FAMILY)
        ending = chance.pick((" Inc.", " Ltd", " LLC", ", Inc.", " Pte. Ltd."))
        self._add(f"{family} {trade}{ending}", f"{family}-{trade}".lower(), industry, "en")

    def _add(self, name: str, slug: str, industry: str, locale: str) -> None:
        chance = self._chance
        if name in self._names:
            return
        domain, n = f"{slug}.example", 2
        while domain in self._domains:
            domain, n = f"{slug}{n}.example", n + 1
        self._names.add(name)
        self._domains.add(domain)
        prefecture, area = chance.pick(PREFECTURES)
        country, zone = ("JP", "Asia/Tokyo") if locale == "ja" else chance.pick(COUNTRIES)
        self.made.append(
            Account(
                id=f"ACC-{len(self.made) + 1:04d}",
                name=name,
                domain=domain,
                industry=industry,
                employees=_employees(chance),
                prefecture=prefecture if country == "JP" else "",
                country=country,
                zone=zone,
                area_code=area,
                fiscal_month=chance.pick((4, 4, 4, 4, 1, 10, 7) if country == "JP" else (1, 1, 1, 7)),
                locale=locale,
            )
        )


def make_accounts(chance: Chance) -> list[Account]:
    """Several hundred companies, the Japanese ones first."""
    companies = Companies(chance)
    while len(companies.made) < JAPANESE_ACCOUNTS:
        companies.japanese()
    while len(companies.made) < JAPANESE_ACCOUNTS + ENGLISH_ACCOUNTS:
        companies.english()
    return companies.made


def _arrival(chance: Chance, campaign: str, source: str) -> datetime:
    """A believable moment: fairs and seminars on their days, the rest mostly in working hours."""
    spans = {c[0]: (c[3], c[4]) for c in CAMPAIGNS}
    first, days = spans.get(campaign, (0, ARRIVAL_DAYS))
    if source == "fair":
        return START + timedelta(days=first + chance.below(days), hours=10, minutes=chance.below(7 * 60))
    if source == "seminar":  # people sign up in the two weeks before, and never before the window
        first, days = max(0, first - 14), min(first, 14)
    days = min(days, ARRIVAL_DAYS - first)
    day = first + chance.below(max(days, 1))
    if (START + timedelta(days=day)).weekday() >= 5 and chance.happens(70):
        day = max(first, day - 2)
    hour = chance.below(24) if chance.happens(10) else 8 + chance.below(12)
    return START + timedelta(days=day, hours=hour, minutes=chance.below(60), seconds=chance.below(60))


class People:
    """Makes the leads one after the other; keeps addresses and numbers unique."""

    def __init__(self, chance: Chance, accounts: Sequence[Account]) -> None:
        self._chance = chance
        # Repeating an account makes it likelier: large firms send more people.
        self._by_locale = {
            locale: [a for a in accounts if a.locale == locale for _ in range(1 + min(a.employees // 60, 6))]
            for locale in ("ja", "en")
        }
        self._families, self._givens = _triples(FAMILY), _triples(GIVEN)
        self._taken: set[str] = set()

    def _unique(self, stem: str, ending: str) -> str:
        candidate, n = stem + ending, 2
        while candidate in self._taken:
            candidate, n = f"{stem}{n}{ending}", n + 1
        self._taken.add(candidate)
        return candidate

    def _phone(self, account: Account | None, locale: str) -> str:
        chance = self._chance
        while True:
            last = f"{chance.below(10_000):04d}"
            if locale == "en":
                area = chance.pick(("202", "212", "312", "415", "617", "713"))
                made = chance.pick((f"+1-{area}-555-01{last[:2]}", f"+44 20 7946 0{last[:3]}"))
            elif account is None or chance.happens(35):
                made = f"{chance.pick(('090', '080', '070'))}-0000-{last}"
            else:
                area = account.area_code
                made = f"{area}-{'0000' if len(area) == 2 else '000'}-{last}"
            if made not in self._taken:
                self._taken.add(made)
                return made

    def make(self) -> Row:
        """One lead, without its id."""
        chance = self._chance
        locale = "ja" if chance.happens(70) else "en"
        account = None if chance.happens(4) else chance.pick(self._by_locale[locale])
        source, bases, campaigns = chance.weighted([((s, b, c), share) for s, share, b, c in SOURCES])
        campaign = chance.pick(campaigns[locale])
        if locale == "ja":
            family, family_kana, family_slug = chance.common(self._families)
            given, given_kana, given_slug = chance.common(self._givens)
        else:
            family, given = chance.common(EN_FAMILY), chance.common(EN_GIVEN)
            family_kana = given_kana = ""
            family_slug, given_slug = family.lower(), given.lower()
        title, departments = chance.weighted([((t, d), w) for t, d, w in (TITLES if locale == "ja" else EN_TITLES)])
        kind = account.industry if account else chance.pick(sorted(INTERESTS))
        phone_only = chance.happens(12 if source in ("fair", "card", "referral") else 3)
        stem = chance.pick(
            (f"{given_slug}.{family_slug}", f"{family_slug}.{given_slug}", f"{given_slug[0]}.{family_slug}")
        )
        domain = account.domain if account else f"mail.example.{chance.pick(('com', 'net', 'org'))}"
        return {
            "created_at": _arrival(chance, campaign, source).isoformat(sep=" "),
            "family_name": family,
            "given_name": given,
            "family_kana": _katakana(family_kana),
            "given_kana": _katakana(given_kana),
            "name": f"{given} {family}" if locale == "en" else "",
            "email": "" if phone_only else self._unique(stem, f"@{domain}"),
            "phone": self._phone(account, locale) if phone_only or chance.happens(45) else "",
            "company": account.name if account else "",
            "department": chance.pick(departments) if account else "",
            "title": title if account else "",
            "source": source,
            "campaign": campaign,
            "locale": locale,
            "zone": account.zone if account else ("Asia/Tokyo" if locale == "ja" else chance.pick(COUNTRIES)[1]),
            "consent": chance.pick(bases),
            "do_not_email": "yes" if chance.happens(2.5) else "no",
            "interest": chance.pick(INTERESTS[kind]),
            "booth_rank": chance.weighted((("A", 15), ("B", 35), ("C", 50))) if source == "fair" else "",
        }


def make_leads(chance: Chance, accounts: Sequence[Account]) -> list[Row]:
    """All leads in the order in which they arrived, numbered from one."""
    people = People(chance, accounts)
    made = sorted((people.make() for _ in range(LEADS)), key=lambda row: row["created_at"])
    return [{"lead_id": f"L-{n:05d}", **row} for n, row in enumerate(made, start=1)]


def make_campaigns() -> list[Row]:
    """The fairs, seminars, forms and advertisements, in yen."""
    return [
        {
            "campaign_id": key,
            "name": name,
            "medium": medium,
            "starts_on": (START + timedelta(days=first)).date().isoformat(),
            "ends_on": (START + timedelta(days=first + days - 1)).date().isoformat(),
            "capacity": capacity,
            "planned_cost": str(planned),
            "actual_cost": str(actual),
            "currency": "JPY",
        }
        for key, name, medium, first, days, planned, actual, capacity in CAMPAIGNS
    ]


def _account_row(account: Account) -> Row:
    return {
        "account_id": account.id,
        "name": account.name,
        "domain": account.domain,
        "industry": account.industry,
        "employees": str(account.employees),
        "prefecture": account.prefecture,
        "country": account.country,
        "fiscal_year_starts_in": str(account.fiscal_month),
    }


def _write(path: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))


def write_sample(folder: Path, seed: int = SEED) -> None:
    """Write `leads.csv`, `accounts.csv` and `campaigns.csv` into `folder`."""
    chance = Chance(seed)
    accounts = make_accounts(chance)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "accounts.csv", [_account_row(account) for account in accounts])
    _write(folder / "campaigns.csv", make_campaigns())
    _write(folder / "leads.csv", make_leads(chance, accounts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the bundled sample of invented leads.")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "sample")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    write_sample(arguments.into, arguments.seed)
