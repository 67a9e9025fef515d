"""What a cell says about being written to. Imports the model's consent and this room.

Two rules: consent is never invented, so an unclear word gives none; and a refusal is never lost, so
an unclear word in a "do not mail" column counts as one. Either way the word is reported.
"""

from __future__ import annotations

from typing import NamedTuple

from nurture.intake.reading import fold
from nurture.intake.values import truth
from nurture.model.consent import Basis

_BASES = {
    Basis.CONSENT: """consent opt-in optin opted_in subscribed agree agreed 1
        同意 同意あり 同意済 同意済み 承諾 許諾 許可 オプトイン 可 配信可""",
    Basis.PAPER_CARD: "paper_card papercard card business_card 名刺 名刺交換 書面 書面の名刺",
    Basis.RELATION: "relation relationship customer 取引 取引先 取引関係 取引中 既存顧客",
    Basis.PUBLISHED: "published public 公開 公表",
    Basis.INQUIRY: "inquiry enquiry 問い合わせ お問い合わせ 問合せ お問合せ 問合わせ 資料請求",
    Basis.LEGITIMATE_INTEREST: "legitimate_interest",
}
_BASIS_OF = {word: basis for basis, words in _BASES.items() for word in words.split()}
_NOT_GIVEN = frozenset("no_consent none not_given 0 同意なし 未同意 未取得 なし 未".split())
_REFUSED = frozenset(
    """opt-out optout opted_out unsubscribed refused withdrawn
    拒否 停止 配信停止 配信拒否 不可 配信不可 不要 ng オプトアウト 希望しない""".split()
)
_ALLOWED = frozenset("0 ok 可 配信可 許可 配信 配信中 希望 希望する".split())
_MARKS = frozenset("× ✕ x ○ 〇 ◯".split())


class Said(NamedTuple):
    """What a consent cell says: on what basis, whether it refuses, and whether it was clear."""

    basis: Basis | None = None
    refused: bool = False
    clear: bool = True


def read_consent(cell: str) -> Said:
    """What the cell of a consent column says; a plain no gives nothing and refuses nothing.

    Example:
        >>> read_consent("名刺").basis, read_consent("no"), read_consent("maybe").clear
        (<Basis.PAPER_CARD: 'paper_card'>, Said(basis=None, refused=False, clear=True), False)
    """
    word = fold(cell).replace(" ", "_")
    if word in _BASIS_OF:
        return Said(_BASIS_OF[word])
    if word in _NOT_GIVEN:
        return Said()
    if word in _REFUSED:
        return Said(refused=True)
    answer = truth(cell)
    return Said(clear=False) if answer is None else Said(Basis.CONSENT if answer else None)


def read_refusal(cell: str) -> tuple[bool, bool]:
    """Whether the cell of a "do not" column refuses, and whether it was clear.

    Example:
        >>> read_refusal("Yes"), read_refusal("可"), read_refusal("×")
        ((True, True), (False, True), (True, False))
    """
    word = fold(cell).replace(" ", "_")
    if word in _REFUSED or word == "1":
        return True, True
    if word in _ALLOWED:
        return False, True
    answer = None if word in _MARKS else truth(cell)  # is a cross "not stopped" or "not allowed"?
    return (True, False) if answer is None else (answer, True)
