"""What program C says: the paper, a product, an old conversation taken up again, and words to the silent.

Bodies are outside a scenario's version: mending a word forks nothing. May import `nurture` and the house.
"""

from __future__ import annotations

from examples.scenarios.house import letter, service

PRODUCTS = {"kintai": "勤怠管理", "keihi": "経費精算", "koubai": "購買管理"}

RECYCLE_MESSAGES = (
    letter(
        "time_to_talk",
        "ご検討の時期に合わせたご案内",
        "以前ご相談いただいた件で、改めてお役に立てればと存じます。",
        path="/talk",
        from_owner=True,
    ),
    letter("drip_1", "ご導入前によくいただくご質問", "ご検討中のお客様からのご質問をまとめました。", path="/faq"),
    letter(
        "drip_2", "はじめの一歩のご案内", "まずは無料でお試しいただける範囲をご紹介いたします。", path="/first-step"
    ),
)
MESSAGES = (
    service(
        "paper",
        "ご請求の資料をお送りいたします",
        "このたびは資料をご請求いただき、誠にありがとうございます。",
        path="/paper",
    ),
    *(
        letter(
            f"product_{name}",
            f"{title}のご検討に役立つ資料",
            f"{title}の機能と費用をまとめました。",
            path=f"/products/{name}/more",
        )
        for name, title in PRODUCTS.items()
    ),
    *RECYCLE_MESSAGES,
    *(
        letter(f"win_back_{number}", subject, "その後、業務の状況はいかがでしょうか。", path=f"/news/{number}")
        for number, subject in enumerate(
            ["ご無沙汰しております", "新機能のご紹介", "お客様の声をお届けします", "ご不要でしたらお知らせください"],
            start=1,
        )
    ),
)
