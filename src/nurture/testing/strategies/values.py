"""Texts, names, addresses, instants and attribute values as they come in real bases, and worse ones.

Everything is made up: addresses lie in domains that are reserved for examples. Imports the model.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs
from hypothesis import strategies as st

from nurture.model import Basis, Consent, FrozenMapping, Purpose, Scalar, SubjectId, Suppression, Value

MICROSECOND: Final = timedelta(microseconds=1)


@attrs.frozen(slots=True)
class PersonName:
    """A person's name with its reading."""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str

    @property
    def name(self) -> str:
        """Family name and given name, with a space between."""
        return f"{self.family_name} {self.given_name}"


_FAMILIES = (
    ("山田", "ヤマダ"), ("佐藤", "サトウ"), ("齋藤", "サイトウ"), ("斎藤", "さいとう"), ("髙橋", "タカハシ"),
    ("山﨑", "ﾔﾏｻﾞｷ"), ("\U00020bb7田", "ヨシダ"), ("\u8fbb\U000e0100", "ツジ"), ("小鳥遊", "タカナシ"),
    ("一", "ニノマエ"), ("長宗我部", "チョウソカベ"), ("ヴィルヘルム", "ヴィルヘルム"), ("O’Neill", "オニール"),
)  # fmt: skip
_GIVEN = (
    ("太郎", "タロウ"), ("花子", "ハナコ"), ("さくら", "サクラ"), ("翔", "ショウ"), ("一", "ハジメ"),
    ("ジョン・ポール", "ジョンポール"), ("薫\u3000", "カオル"), ("渚", "なぎさ"), ("Zoe\u0308", "ゾーイ"),
    ("葵", "ｱｵｲ"), ("\U00020b9f", "シカ"),
)  # fmt: skip
_FIRMS = (
    "アクメ", "ＡＣＭＥ", "山田商店", "例示工業", "みらい＆パートナーズ", "\U00020bb7田印刷", "東京・大阪物流",
    "Acme, Inc.", "ｻﾝﾌﾟﾙ", "日本―例",
)  # fmt: skip
_FORMS = (
    "株式会社{}", "{}株式会社", "(株){}", "（株）{}", "㈱{}", "有限会社{}", "{} 合同会社", "一般社団法人{}", "{}",
)  # fmt: skip
_LOCALS = (
    "taro", "Taro.Yamada", "info", "a", "t-yamada+seminar", "da..me.", '"quoted name"', "x" * 64, "o'neill", "太郎",
)  # fmt: skip
_DOMAINS = (
    "example.jp", "example.com", "EXAMPLE.com", "mail.example.co.jp", "例え.example", "xn--r8jz45g.example",
)  # fmt: skip
_PHONES = (
    "03-0000-0000",
    "０３－００００－００００",
    "+81-3-0000-0000",
    "0120-000-000",
    "(06) 0000 0000",
    "080 0000 0000 内線12",
)
_EDGES = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1999, 12, 31, 14, 59, 59, 999_999, tzinfo=UTC),  # the last instant of a year in Japan
    datetime(2024, 2, 29, 15, tzinfo=UTC),  # midnight after a leap day in Japan
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # clocks jump forward in New York
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # an hour comes twice in Berlin
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),  # 2 ** 31 seconds
    datetime(2100, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC),  # no leap year
)
_OLDEST, _NEWEST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - Hypothesis asks for naive bounds
_STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


def texts(*, min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[str]:
    """Any text that stores must hold: all of Unicode but U+0000 and lone surrogates, quotes and line ends included."""
    likely = [
        *(person for person, _ in _FAMILIES),
        "'; --",
        '"\\\n',
        "%_",
        "\u202eabc",
        "\U0001f468\u200d\U0001f469",
        " ",
    ]
    fitting = [text for text in likely if min_size <= len(text) <= max_size]
    anything = st.text(_STORABLE, min_size=min_size, max_size=max_size)
    return st.one_of(st.sampled_from(fitting), anything) if fitting else anything


def people() -> st.SearchStrategy[PersonName]:
    """Names of people with their readings: Japanese ones of every sort, also beyond 16 bits, and foreign ones."""
    pairs = st.tuples(st.sampled_from(_FAMILIES), st.sampled_from(_GIVEN))
    return pairs.map(lambda pair: PersonName(pair[0][0], pair[1][0], pair[0][1], pair[1][1]))


def companies() -> st.SearchStrategy[str]:
    """Names of companies, with 株式会社 in front, behind, abbreviated, as one sign, and absent."""
    return st.builds(str.format, st.sampled_from(_FORMS), st.sampled_from(_FIRMS))


def emails() -> st.SearchStrategy[str]:
    """Addresses as people write them; some that mail servers refuse, none that exists."""
    return st.builds("{}@{}".format, st.sampled_from(_LOCALS), st.sampled_from(_DOMAINS))


def phones() -> st.SearchStrategy[str]:
    """Phone numbers as people write them."""
    return st.sampled_from(_PHONES)


def names() -> st.SearchStrategy[str]:
    """Short names of fields, segments, scenarios; never empty."""
    return st.one_of(st.sampled_from(["a", "path", "engagement", "春", "x y"]), texts(min_size=1, max_size=12))


def kinds() -> st.SearchStrategy[str]:
    """Kinds of facts: those of this library beside others."""
    word = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
    known = ["page.viewed", "form.submitted", "email.clicked", "lead.changed", "stage.changed", "a.b.c"]
    return st.one_of(st.sampled_from(known), st.builds("{}.{}".format, word, word))


def instants() -> st.SearchStrategy[datetime]:
    """Aware instants from 1900 to 2200: edges of calendars and clocks, a microsecond beside them, and any others."""
    edges = st.builds(
        datetime.__add__, st.sampled_from(_EDGES), st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND])
    )
    return st.one_of(edges, st.datetimes(_OLDEST, _NEWEST, timezones=st.just(UTC)))


def lengths() -> st.SearchStrategy[timedelta]:
    """Lengths of time from a microsecond to a century; round ones are likely."""
    round_ones = [
        timedelta(minutes=30),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=14),
        timedelta(days=36_525),
    ]
    return st.one_of(st.sampled_from(round_ones), st.timedeltas(MICROSECOND, timedelta(days=400)))


def scalars() -> st.SearchStrategy[Scalar]:
    """One value of an attribute or a property, of every type; texts that look like dates are among them."""
    return st.one_of(
        texts(),
        st.sampled_from(["2026-03-01", "2026-03-01T09:30:00+00:00", "1", "true", "null", ""]),
        st.integers(-(2**63), 2**63 - 1),
        st.sampled_from([0, 1, -1, 2**53 + 1, 0.1 + 0.2, -0.0, 5e-324, 1e300, 3.0]),
        st.floats(-1e300, 1e300),
        st.booleans(),
        instants(),
        st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    )


def values() -> st.SearchStrategy[Value]:
    """What an attribute or a property may hold: nothing, one value, or several."""
    several = st.lists(scalars(), max_size=3).map(tuple)
    return st.one_of(st.none(), scalars(), scalars(), several)


def properties(*, max_size: int = 4) -> st.SearchStrategy[FrozenMapping[Value]]:
    """Values by name."""
    return st.dictionaries(names(), values(), max_size=max_size).map(FrozenMapping)


def subjects() -> st.SearchStrategy[SubjectId]:
    """Ids of leads and accounts; few, so that records meet."""
    return st.sampled_from(["lead_a", "lead_b", "lead_c", "acct_x", "acct_y"]).map(SubjectId)


def consents() -> st.SearchStrategy[Consent]:
    """Words about consent, given and withdrawn."""
    return st.builds(
        Consent,
        at=instants(),
        entity=st.sampled_from(["", "brand"]),
        channel=st.sampled_from(["email", "line", "phone"]),
        purpose=st.sampled_from(Purpose),
        topic=st.sampled_from(["", "news", "春の催し"]),
        given=st.booleans(),
        basis=st.sampled_from(Basis),
        source=texts(max_size=12),
        text_version=st.sampled_from(["", "2"]),
        jurisdiction=st.sampled_from(["", "JP"]),
        proof=st.sampled_from(["", "form-1"]),
        expires_at=st.none() | instants(),
        explicit=st.booleans(),
    )


def suppressions() -> st.SearchStrategy[Suppression]:
    """Words about what may not be sent any more."""
    return st.builds(
        Suppression,
        purpose=st.none() | st.sampled_from(Purpose),
        reason=st.sampled_from(["unsubscribed", "bounced", "complained", "imported"]),
        at=instants(),
        entity=st.none() | st.sampled_from(["", "brand"]),
        topic=st.sampled_from(["", "news", "春の催し"]),
    )
