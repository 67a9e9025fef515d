"""What program D says, each to another role: 担当, 情シス, 決裁者.

Bodies are outside a scenario's version: mending a word forks nothing. May import `nurture` and the house.
"""

from __future__ import annotations

from examples.scenarios.c_letters import RECYCLE_MESSAGES
from examples.scenarios.house import letter, notice

MESSAGES = (
    letter(
        "ringi_template",
        "社内稟議にお使いいただける書式をお送りします",
        "稟議書のひな形をご用意いたしました。",
        path="/ringi/template",
    ),
    letter(
        "roi_sheet", "費用対効果の試算表をお送りします", "数字を入れるだけでお使いいただけます。", path="/ringi/roi"
    ),
    letter(
        "security_sheet",
        "セキュリティチェックシートをお送りします",
        "情報システムご担当者様向けの回答集です。",
        path="/ringi/security",
    ),
    letter(
        "one_page_case",
        "【役員様向け】1枚でわかる導入効果",
        "取締役の伊藤より、貴社に近い事例をご紹介申し上げます。",
        path="/ringi/one-page",
        from_owner=True,
    ),
    letter("newsletter", "見本だより", "今月のお役立ち情報をお届けいたします。", path="/newsletter"),
    notice("committee", "検討が広がっています", "{{ account.name }}で3名以上の方が2週間以内に動いています。"),
    *RECYCLE_MESSAGES,
)
