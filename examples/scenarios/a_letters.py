"""What program A says: thanks for a visit, a case, a newsletter; and the block that the booth memo chooses.

Bodies are outside a scenario's version: mending a word forks nothing. May import `nurture` and the house.
"""

from __future__ import annotations

from examples.scenarios.house import letter, notice, service
from nurture import Block, Choice, q

MEMO = q.touches("card.exchanged")

MESSAGES = (
    letter(
        "thanks",
        "【御礼】{{ params.event }}にお立ち寄りいただきありがとうございました",
        "先日は{{ params.event }}の弊社ブースにお立ち寄りいただき、誠にありがとうございました。",
        "{{ blocks.memo }}",
        path="/fair",
        from_owner=True,
    ),
    letter(
        "we_called",
        "お電話のご都合につきまして",
        "何度かお電話を差し上げましたが、ご多用のご様子でしたのでメールにて失礼いたします。",
        "ご都合のよい日時を本メールへのご返信にてお知らせいただけますと幸いです。",
        from_owner=True,
    ),
    letter(
        "case_factory",
        "製造業のお客様の導入事例をお届けします",
        "生産現場での取り組みをまとめました。",
        path="/cases/factory",
    ),
    letter(
        "case_logistics",
        "物流業のお客様の導入事例をお届けします",
        "配送現場での取り組みをまとめました。",
        path="/cases/logistics",
    ),
    letter(
        "case_retail",
        "小売業のお客様の導入事例をお届けします",
        "店舗での取り組みをまとめました。",
        path="/cases/retail",
    ),
    letter("case_general", "導入事例集をお届けします", "さまざまな業種での取り組みをまとめました。", path="/cases"),
    letter(
        "webinar",
        "【オンラインセミナーのご案内】30分でわかる導入の進め方",
        "ご自席からご参加いただけます。",
        path="/webinar",
    ),
    letter(
        "white_paper", "お役立ち資料のご案内", "導入前のご検討に役立つ資料をご用意いたしました。", path="/white-paper"
    ),
    letter("newsletter", "見本だより", "今月のお役立ち情報をお届けいたします。", path="/newsletter"),
    service(
        "may_we_write",
        "メールでのご案内につきましてのご確認",
        "展示会では名札を読み取らせていただき、ありがとうございました。",
        "今後メールにてご案内を差し上げてもよろしければ、下記よりお知らせください。\n{{ confirm_url }}",
        "お心当たりのない場合は、本メールを破棄してください。",
    ),
    notice(
        "met_at_the_fair",
        "商談中のお客様が{{ params.event }}に来場されました",
        "{{ lead|honorific }}が来場されました。お礼のご連絡をお願いします。",
    ),
)

BLOCKS = (
    Block(
        "memo",
        text="ご不明な点がございましたら、何なりとお申し付けください。",
        choices=[
            Choice(
                "price",
                MEMO.last(q.prop("memo").contains("価格")),
                text="お尋ねの費用につきまして、概算表をご用意しております。",
            ),
            Choice(
                "link",
                MEMO.last(q.prop("memo").contains("連携")),
                text="お尋ねの他システムとの連携につきまして、一覧をご用意しております。",
            ),
        ],
    ),
)
