"""The mails that the rows about mail render, compose and send: templates, and the words for made-up people.

The HTML has about 700 characters, in Japanese, with two conditions and a loop. May import `nurture`, and the workload.
"""

from __future__ import annotations

from bench.workload import NOW
from nurture.mail import SenderIdentity, Site
from nurture.model import Lead, LeadId, SubjectId

SUBJECT_LINE = "{{ lead.name }} 様、次のご案内です"
TEXT = """\
{{ lead.name }} 様

{% if lead.company %}{{ lead.company }} の皆さまに{% else %}皆さまに{% endif %}新しい資料をお届けします。
{% for one in params.topics %}- {{ one }}
{% endfor %}
"""
HTML = """\
<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>ご案内</title></head>
<body style="margin:0;font-family:sans-serif"><table role="presentation" width="100%"><tr><td>
<p>{{ lead.name }} 様</p>
<p>{% if lead.company %}{{ lead.company }} の皆さまに{% else %}皆さまに{% endif %}新しい資料をお届けします。</p>
<ul>{% for one in params.topics %}<li>{{ one }}</li>{% endfor %}</ul>
{% if lead.title %}<p>{{ lead.title }} としてのお立場から、ぜひご意見をお聞かせください。</p>{% endif %}
<p><a href="https://www.example.jp/library">資料を見る</a></p>
<p><a href="{{ unsubscribe_url }}">配信停止</a></p>
</td></tr></table></body></html>
"""
TOPICS = ("導入事例", "価格表 <2026>", "セミナー & 個別相談")

IDENTITY = SenderIdentity(
    "見本株式会社",
    "info@example.jp",
    postal_address="東京都千代田区一番町1-1",
    complaint_contact="https://www.example.jp/contact",
)
SITE = Site("https://crm.example.jp", secret="a secret of sixteen bytes or more", identity=IDENTITY)


def reader(number: int) -> Lead:
    """The person of this number."""
    return Lead(
        id=LeadId(SubjectId(f"lead_{number:06d}")),
        created_at=NOW,
        email=f"lead{number}@example.com",
        name=f"見本 {number} 子",
        company="株式会社例" if number % 2 else None,
        title="部長" if number % 3 else None,
    )


def params() -> dict[str, object]:
    """What the step gives along."""
    return {"topics": TOPICS}
