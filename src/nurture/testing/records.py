"""One record of every kind with every field filled, for tests of stores. May import `nurture.model`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from nurture.model import (
    Account,
    AccountId,
    Activated,
    Activation,
    Alias,
    Allowance,
    Award,
    Basis,
    Consent,
    DecisionRecord,
    Definition,
    Echo,
    Effect,
    EffectId,
    EffectKind,
    EffectState,
    Enrollment,
    EnrollmentId,
    EnrollmentState,
    FactId,
    FrozenMapping,
    InboxRow,
    Lead,
    LeadId,
    Note,
    Origin,
    PastRun,
    Profiling,
    Purpose,
    Record,
    Repeat,
    Said,
    ScoreState,
    Standing,
    SubjectId,
    Suppression,
    Switch,
    Telling,
    Touchpoint,
    Value,
    Visit,
)

AT: Final = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
_LEAD = SubjectId("lead_sample")
_FACT = FactId("fact_sample")
_RUN = EnrollmentId("enr_sample")

VALUES: Final[FrozenMapping[Value]] = FrozenMapping(
    {
        "text": "山田 太郎 \U0001f600 \"'\\\n",
        "like an instant": "2026-03-01T09:30:00+00:00",
        "like a date": "2026-03-01",
        "whole": 2**62,
        "real": 0.1 + 0.2,
        "round": 3.0,
        "yes": True,
        "nothing": None,
        "instant": AT,
        "date": date(1999, 12, 31),
        "many": ("a", 1, 2.5, False, AT, date(2000, 2, 29)),
        "none of many": (),
    }
)
"""A value of every type that attributes may hold."""

_LATER = AT + timedelta(days=400, microseconds=1)

SAMPLES: Final[tuple[Record, ...]] = (
    Lead(
        id=LeadId(_LEAD), created_at=AT, email="Taro@example.jp", phone="+81-3-0000-0000", line="U1", visitor="v1",
        external_ids={"crm": "7"}, name="山田 太郎", family_name="山田", given_name="太郎", family_kana="ヤマダ",
        given_kana="タロウ", company="例", department="営業", title="部長", source="seminar", campaign="spring",
        account=AccountId(SubjectId("acct_sample")), owner="kato", locale="ja", zone="Asia/Tokyo", tags=("a", "b"),
        lists=("spring",), attributes=VALUES,
        consents=(
            Consent(
                at=AT, entity="brand", topic="news", basis=Basis.PAPER_CARD, source="fair", text_version="2",
                jurisdiction="JP", proof="scan-1", expires_at=_LATER,
            ),
            Consent(at=AT, channel="line", purpose=Purpose.TRANSACTIONAL, given=False),
        ),
    ),
    Account(
        id=AccountId(SubjectId("acct_sample")), created_at=AT, name="例株式会社", name_kana="レイ", domain="example.jp",
        corporate_number="0000000000000", industry="SaaS", employees=120, region="東京", owner="kato",
        attributes=VALUES,
    ),
    Touchpoint(
        id=_FACT, subject=_LEAD, kind="email.clicked", at=AT, received_at=_LATER, origin=Origin.HOST, channel="email",
        campaign="spring", properties=VALUES, cause=EffectId("eff_sample"), suspect=True,
    ),
    InboxRow(fact=FactId("fact_waiting"), subject=_LEAD, due_at=_LATER),
    Standing(
        subject=_LEAD, program="p", switches=FrozenMapping({"welcome": Switch.PAUSED}), older=("v", "w"), stage="mql",
        stage_since=AT, entered=("tips", "welcome"),
        scores=FrozenMapping({
            "engagement": ScoreState(
                landmark=512, partials=(12.25, 1e-17), kept=FrozenMapping({"0": (Award(AT, _FACT, 5.5),)}),
                keys=FrozenMapping({"0": ("a", "b")}), constant=-3.5, above=("hot",),
            ),
            "fit": ScoreState(),
        }),
        profiling=Profiling(objected_at=AT, allowed_at=_LATER, counts_after=_LATER),
        memberships=FrozenMapping({"hot": AT}),
        enrollments=(
            Enrollment(
                id=_RUN, scenario="welcome", version="v", run_key="k", cause=_FACT, state=EnrollmentState.EXITED,
                started_at=AT, ended_at=_LATER, reason="goal", path=(Visit("0", AT, "next"), Visit("1.then.0", _LATER)),
                until=_LATER, effect=EffectId("eff_sample"), since=AT, entry=VALUES, turns=2, late=timedelta(hours=5),
                shift=timedelta(days=3), number=4, held=True, hops=2, approved=FrozenMapping({"hello": "cont_sample"}),
            ),
            Enrollment(id=_RUN, scenario="tips", version="w", cause=_FACT, started_at=AT),
        ),
        past=FrozenMapping({
            "welcome": FrozenMapping({"completed": FrozenMapping({"order-1": PastRun(AT, 3), "order-2": PastRun(AT)})}),
        }),
        covered=VALUES, account=VALUES, people=FrozenMapping({"?asked": frozenset({"lead_a", "lead_b"})}),
        said=Said(account=AccountId(SubjectId("acct_sample")), yes=("?a", "?b")),
        agenda=FrozenMapping({"segment:hot": _LATER}), advanced_to=AT, due_at=_LATER,
        echo=Echo(8, AT),
        telling=Telling(fact=_FACT, values=VALUES, after="lead_a", rolled=("text",), hops=4), failures=2, dead="poison",
    ),
    Effect(
        id=EffectId("eff_sample"), subject=_LEAD, enrollment=_RUN, scenario="welcome", step="0", kind=EffectKind.ACTION,
        name="hello", channel="email", purpose=Purpose.MARKETING, topic="news", entity="brand", params=VALUES,
        repeat=Repeat.AT_LEAST_ONCE, state=EffectState.CLAIMED, planned_at=AT, due_at=_LATER, expires_at=_LATER,
        attempts=2, fence=3, claimed_at=AT, settled_at=_LATER, reason="busy", message_id="<a@example.jp>",
        choices=FrozenMapping({"offer": "hot"}), priority=3, content="cont_sample", hops=5,
    ),
    Alias(id="alias_sample", subject=_LEAD),
    Allowance(
        id="address:0", recent=(AT, _LATER), labels=("marketing\temail\twelcome", ""), counts=(1, 12),
        suppressions=(
            Suppression(purpose=None, reason="bounced", at=AT),
            Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=AT, entity="brand"),
            Suppression(purpose=Purpose.MARKETING, reason="unsubscribed", at=_LATER, entity="", topic="春の催し"),
        ),
    ),
    Definition(id="def_sample", what="scenario", body='{"steps": ["例"]}'),
    Activation(history=(Activated("p", AT), Activated("q", _LATER, True, ("v", "w"))), rolled_to="lead_a"),
    DecisionRecord(
        id="dec_sample", subject=_LEAD, at=AT, causes=(_FACT,),
        notes=(
            Note(what="stage", name="mql", outcome="entered", clause="score >= 40", saw=VALUES),
            Note(what="left", name="welcome", outcome="goal"),
        ),
    ),
)  # fmt: skip
"""One of every kind."""
