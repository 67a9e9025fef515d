"""What came of a year, in Japanese: the funnel, what ended for which reason, and one person's way step by step.

May import `nurture` and the year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from examples.scenarios.house import JST

if TYPE_CHECKING:
    from datetime import datetime

    from examples.scenarios.year import Year
    from nurture import Enrollment, Nurture
    from nurture.model import SubjectId

_DAYS = "月火水木金土日"
_STATES = {
    "active": "進行中",
    "completed": "完了",
    "reached_goal": "目標達成",
    "exited": "終了",
    "withdrawn": "取り下げ",
    "restarted": "やり直し",
}
_EDGES = {
    "next": "",
    "then": "はい",
    "yes": "はい",
    "no": "いいえ",
    "otherwise": "いずれでもない",
    "seen": "あり",
    "timeout": "期限切れ",
    "overdue": "期限切れ",
    "reached": "到来",
    "past": "過ぎていた",
    "missing": "日付なし",
    "ended": "中止",
    "again": "繰り返す",
    "failed": "失敗",
    "withheld": "送信見合わせ",
    "approved": "承認",
    "refused": "却下",
}


_SETTLED = {"accepted": "済み", "withheld": "見合わせ", "rejected": "拒否", "planned": "予定", "cancelled": "取り消し"}
_REASONS = {"end": "", "goal": "", "exit": "終了条件", "no_longer_entered": "開始条件の終わり"}


def report(year: Year, title: str, hero: str, *scenarios: str) -> str:
    """Everything on one page.

    Args:
        year: A year that was lived.
        title: The program's, for people.
        hero: Whose way is told.
        scenarios: Through which scenarios.
    """
    lines = [f"■ {title}", *_indented("到達段階", funnel(year)), *_indented("シナリオの終わり方", endings(year))]
    lines += [*_indented("メール・通知", effects(year)), f"  {hero} さんの経過"]
    lines += [f"    {line}" for line in trace(year.crm, year.ids[hero], *scenarios)]
    return "\n".join(lines)


def funnel(year: Year) -> Counter[str]:
    """How many subjects stand in which stage."""
    standings = [year.crm.standing(one) for one in year.ids.values()]
    return Counter(one.stage for one in standings if one is not None and one.stage is not None)


def runs(year: Year) -> Iterator[Enrollment]:
    """Every run that is kept, of everybody."""
    for one in year.ids.values():
        standing = year.crm.standing(one)
        yield from standing.enrollments if standing is not None else ()


def endings(year: Year) -> Counter[str]:
    """How runs stand, and why they ended."""
    found = ((one, _REASONS.get(one.reason, one.reason)) for one in runs(year))
    return Counter(f"{one.scenario}: {_STATES[one.state]} {reason}".rstrip() for one, reason in found)


def effects(year: Year) -> Counter[str]:
    """What became of what was to be done, by name and reason."""
    found = (effect for one in year.ids.values() for effect in year.crm.effects(one))
    return Counter(f"{one.name}: {_SETTLED.get(one.state, one.state)} {one.reason}".rstrip() for one in found)


def trace(crm: Nurture, subject: SubjectId, *scenarios: str) -> list[str]:
    """Each step that a subject came to, when, what it does, and which way it went on.

    Args:
        crm: The runtime.
        subject: Whose way.
        scenarios: Only through these; none named means all that are kept.
    """
    standing = crm.standing(subject)
    lines: list[str] = []
    for run in sorted(standing.enrollments if standing is not None else (), key=lambda one: one.started_at):
        scenario = crm.program.scenario(run.scenario)
        if scenario is None or (scenarios and run.scenario not in scenarios):
            continue
        key = f"［{run.run_key}］" if run.run_key else ""
        lines.append(f"{moment(run.started_at)} 「{scenario.title or scenario.name}」{key}を開始")
        nodes = scenario.flow.nodes
        for visit in run.path:
            edge = "" if visit.edge is None else _EDGES.get(visit.edge, visit.edge)
            sentence = nodes[visit.step].step.sentence("ja")
            lines.append(f"  {moment(visit.at)} {sentence}{f' → {edge}' if edge else ''}")
        end = f" {moment(run.ended_at)}" if run.ended_at is not None else ""
        reason = _REASONS.get(run.reason, run.reason)
        lines.append(f"  {_STATES[run.state]}{end}{f'（{reason}）' if reason else ''}")
    return lines


def moment(at: datetime) -> str:
    """An instant as people in Tokyo say it."""
    local = at.astimezone(JST)
    return f"{local:%Y-%m-%d}({_DAYS[local.weekday()]}) {local:%H:%M}"


def _indented(title: str, counts: Counter[str]) -> list[str]:
    return [f"  {title}", *(f"    {name} {count:,}" for name, count in counts.most_common())] if counts else []
