"""What program E says: a report, an offer, a request, thanks.

Bodies are outside a scenario's version: mending a word forks nothing. May import `nurture` and the house.
"""

from __future__ import annotations

from examples.scenarios.house import letter, notice, service

MESSAGES = (
    letter(
        "usage_report",
        "【ご利用状況のご報告】更新90日前のご案内",
        "この1年のご利用状況をまとめました。",
        path="/report",
        from_owner=True,
    ),
    letter(
        "upsell",
        "上位プランのご案内",
        "ご利用が順調に増えておられますので、余裕のあるプランをご案内いたします。",
        path="/plans",
        from_owner=True,
    ),
    letter(
        "referral_request",
        "お知り合いの企業様をご紹介いただけませんか",
        "高いご評価を賜り、誠にありがとうございます。",
        path="/referral",
    ),
    letter(
        "case_request",
        "導入事例のご取材のお願い",
        "貴社の取り組みを事例としてご紹介させていただけませんでしょうか。",
        path="/interview",
    ),
    letter(
        "win_back",
        "その後、いかがお過ごしでしょうか",
        "ご解約から半年が経ちました。改善した点をご報告申し上げます。",
        path="/news",
        from_owner=True,
    ),
    letter("newsletter", "見本だより", "今月のお役立ち情報をお届けいたします。", path="/newsletter"),
    service(
        "thanks_referral",
        "ご紹介いただきありがとうございました",
        "お知り合いの企業様をご紹介くださり、心より御礼申し上げます。",
    ),
    service(
        "onboarding_1",
        "ご利用開始のご案内",
        "このたび主担当をお引き継ぎいただいた皆様にお送りしております。",
        path="/start",
    ),
    service("onboarding_2", "よく使われる3つの機能", "最初の1週間でお役に立つ機能をまとめました。", path="/start/2"),
    notice("at_risk", "解約の恐れがあります", "{{ account.name }}の健康状態が赤になりました。"),
    notice("notice_deadline", "解約予告期限の14日前です", "{{ account.name }}の更新のご意向をご確認ください。"),
)
