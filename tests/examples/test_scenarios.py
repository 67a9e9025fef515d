"""The five programs do what their written plan says, point by point, for people with names, on both kinds of store."""

from datetime import date, timedelta
from itertools import pairwise

import attrs
import pytest
from sqlalchemy import create_engine, event

from examples.scenarios import a_after_the_fair, b_webinar, c_recycling, d_committee, e_renewal, run
from examples.scenarios.house import JST, OFFICE, at
from examples.scenarios.telling import report, trace
from examples.scenarios.year import Year
from nurture import Program, q
from nurture.model import EffectKind, EffectState, Purpose
from nurture.storage import SqlStorage

LETTERS = "abcde"
MODULES = dict(zip(LETTERS, (a_after_the_fair, b_webinar, c_recycling, d_committee, e_renewal), strict=True))
SIZE = 3


def lived(letter, storage=None, size=SIZE):
    return MODULES[letter].play(Year(MODULES[letter].PROGRAM, storage=storage), size)


@pytest.fixture(scope="module")
def a():
    return lived("a")


@pytest.fixture(scope="module")
def b():
    return lived("b")


@pytest.fixture(scope="module")
def c():
    return lived("c")


@pytest.fixture(scope="module")
def d():
    return lived("d")


@pytest.fixture(scope="module")
def e():
    return lived("e")


def local(instant):
    return instant.astimezone(JST).strftime("%Y-%m-%d %H:%M")


def the_run(year, who, scenario, key=""):
    """The newest run of a scenario."""
    standing = year.crm.standing(year.ids[who])
    return [one for one in standing.enrollments if one.scenario == scenario and one.run_key == key][-1]


def scenarios_of(year, who):
    standing = year.crm.standing(year.ids[who])
    return {one.scenario for one in standing.enrollments}


def end(year, who, scenario, key=""):
    run = the_run(year, who, scenario, key)
    return (run.state, run.reason, local(run.ended_at) if run.ended_at else None)


def sent(year, who):
    """What went out to somebody, and when, oldest first."""
    found = [one for one in year.crm.effects(year.ids[who]) if one.kind is EffectKind.MESSAGE]
    gone = [one for one in found if one.state is EffectState.ACCEPTED]
    return [
        (local(one.claimed_at), one.name) for one in sorted(gone, key=lambda one: (local(one.claimed_at), one.name))
    ]


def names(year, who):
    return [name for _, name in sent(year, who)]


def withheld(year, who):
    return {(one.name, one.reason) for one in year.crm.effects(year.ids[who]) if one.state is EffectState.WITHHELD}


def letter_of(year, who, name):
    effect = next(one for one in year.crm.effects(year.ids[who]) if one.name == name)
    return year.post.letters[effect.id]


def facts(year, who, kind):
    """The facts of a kind, oldest first."""
    found = year.crm.timeline(year.ids[who], limit=1000)
    return [fact for fact in reversed(found) if fact.kind == kind]


def tasks(year, who):
    """What colleagues were to do: when it was given, what, until when, by whom."""
    return [
        (local(one.at), one.properties["title"], local(one.properties["due_at"]), one.properties.get("owner"))
        for one in facts(year, who, "task.created")
    ]


def stages(year, who):
    """Each change of the stage after the first one, with its reason."""
    _, *found = facts(year, who, "stage.changed")
    return [(one.properties.get("to"), one.properties.get("reason", "")) for one in found]


def told(year, who, *scenarios):
    """The way of somebody, in Japanese."""
    return "\n".join(trace(year.crm, year.ids[who], *scenarios))


def gaps(year, who, prefix):
    """The days between mails whose names begin so."""
    instants = [at(when) for when, name in sent(year, who) if name.startswith(prefix)]
    return [later - earlier for earlier, later in pairwise(instants)]


class TestEach:
    @pytest.mark.parametrize("letter", LETTERS)
    def test_a_year_on_sqlite_is_the_same_year(self, letter, request, tmp_path):
        here = request.getfixturevalue(letter)
        engine = create_engine(f"sqlite:///{tmp_path / 'year.db'}")
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))  # no crash is expected
        there = lived(letter, lambda clock: SqlStorage(engine, clock=clock))
        try:
            assert list(there.ids) == list(here.ids)
            for who in here.ids:
                assert told(there, who) == told(here, who), who
                assert sent(there, who) == sent(here, who), who
                assert tasks(there, who) == tasks(here, who), who
        finally:
            there.crm.close()
            engine.dispose()

    @pytest.mark.parametrize("letter", LETTERS)
    def test_the_program_is_data_and_warns_of_nothing(self, letter):
        program = MODULES[letter].PROGRAM
        assert Program.from_json(program.to_json()) == program
        assert program.warnings == ()

    @pytest.mark.parametrize("letter", LETTERS)
    def test_nobody_is_dead_or_stuck(self, letter, request):
        year = request.getfixturevalue(letter)
        assert list(year.crm.dead()) == []
        assert list(year.crm.stuck()) == []

    @pytest.mark.parametrize("letter", LETTERS)
    def test_marketing_keeps_to_open_days_and_hours(self, letter, request):
        year = request.getfixturevalue(letter)
        gone = [
            one.claimed_at.astimezone(JST)
            for who in year.ids.values()
            for one in year.crm.effects(who)
            if one.purpose is Purpose.MARKETING and one.state is EffectState.ACCEPTED and one.kind is EffectKind.MESSAGE
        ]
        assert len(gone) > 10
        assert all(8 <= when.hour < 20 and OFFICE.is_open(when.date()) for when in gone)

    def test_the_same_seed_makes_the_same_year(self, c):
        again = lived("c")
        assert [told(again, who) for who in again.ids] == [told(c, who) for who in c.ids]

    def test_the_report_counts_and_tells(self, a):
        page = report(a, "A", "badge-yes", "after_the_fair")
        assert "after_the_fair: 目標達成 商談化" in page
        assert "「thanks」を送る" in page
        assert "見本だより" not in page

    def test_the_command_lives_through_one_program(self, capsys):
        assert run.main(["d", "--size", "0"]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("■ D. 稟議の支援")
        assert "A. " not in printed


def approves(year, fact):
    asked = fact.properties["approval"]
    return lambda: year.crm.approve(fact.subject, asked, role="director", by="director")


FAIR = "春の業務改善展"


class TestAfterTheFair:
    def test_1_an_open_deal_tells_the_owner_and_ends(self, a):
        assert end(a, "in-a-deal", "after_the_fair", FAIR) == ("exited", "商談中", "2026-05-22 20:00")
        assert [(one.kind, one.name) for one in a.crm.effects(a.ids["in-a-deal"])] == [
            (EffectKind.NOTICE, "met_at_the_fair")
        ]
        assert letter_of(a, "in-a-deal", "met_at_the_fair").recipient == "sato@mihon.example"

    @pytest.mark.parametrize("who", ["rival", "student"])
    def test_1_competitors_and_students_are_left_alone(self, a, who):
        assert end(a, who, "after_the_fair", FAIR) == ("exited", "対象外", "2026-05-22 20:00")
        assert a.crm.effects(a.ids[who]) == ()
        assert tasks(a, who) == []

    def test_1_a_customer_gets_a_task_and_no_thank_you_mail(self, a):
        assert tasks(a, "customer") == [("2026-05-22 20:00", "ご来場のお礼", "2026-05-26 20:00", "sato")]
        assert a.crm.effects(a.ids["customer"]) == ()
        assert end(a, "customer", "after_the_fair", FAIR) == ("exited", "既存のお客様", "2026-05-22 20:00")
        assert "タスク「ご来場のお礼」を作る（期限: 2営業日後の同時刻）" in told(a, "customer")

    def test_2_a_paper_card_allows_mail_and_a_badge_has_to_be_confirmed(self, a):
        assert names(a, "quiet")[0] == "thanks"
        assert sent(a, "badge-yes")[:2] == [
            ("2026-05-22 20:00", "may_we_write"),
            ("2026-05-26 10:00", "thanks"),
        ]
        assert a.crm.lead(a.lead("badge-yes")).consents[0].source == "double_opt_in"

    def test_2_a_badge_that_is_not_confirmed_within_14_days_ends(self, a):
        assert names(a, "badge-no") == ["may_we_write"]
        assert end(a, "badge-no", "after_the_fair", FAIR) == ("exited", "同意なし", "2026-06-05 20:00")

    def test_3_thanks_go_on_the_next_business_day_from_the_owner(self, a):
        assert sent(a, "met") == [("2026-05-25 10:00", "thanks")]  # the fair ended on a Friday
        letter = letter_of(a, "met", "thanks")
        assert letter.headers["From"] == "佐藤 美咲 <sato@mihon.example>"
        assert "見本 様" in letter.text
        assert letter.subject == "【御礼】春の業務改善展にお立ち寄りいただきありがとうございました"

    @pytest.mark.parametrize(("who", "words"), [("met", "概算表"), ("call-again", "連携"), ("quiet", "何なりと")])
    def test_3_the_memo_chooses_what_is_said(self, a, who, words):
        assert words in letter_of(a, who, "thanks").text

    @pytest.mark.parametrize(("who", "points"), [("met", 20), ("clicker", 10), ("quiet", 5)])
    def test_4_the_booth_rank_gives_points(self, a, who, points):
        assert [one.properties["points"] for one in facts(a, who, "score.adjusted")] == [points]

    def test_4_rank_a_is_called_within_two_business_days(self, a):
        assert tasks(a, "met") == [("2026-05-25 10:00", "展示会のお礼のお電話", "2026-05-27 10:00", "sato")]
        assert tasks(a, "clicker") == []

    def test_5_a_deal_out_of_the_call_is_the_goal(self, a):
        assert end(a, "met", "after_the_fair", FAIR) == ("reached_goal", "商談化", "2026-05-25 15:00")
        assert stages(a, "met") == [("opportunity", "お電話で商談化")]

    def test_5_a_call_again_waits_for_the_date_that_was_given(self, a):
        assert [when for when, *_ in tasks(a, "call-again")] == ["2026-05-25 10:00", "2026-06-10 10:00"]
        assert "2026-06-10(水) 10:00 「call」へ移る（最大5回） → 繰り返す" in told(a, "call-again")

    def test_5_three_calls_in_vain_become_a_mail(self, a):
        assert [when for when, *_ in tasks(a, "never-in")] == [
            "2026-05-25 10:00",
            "2026-05-26 10:00",
            "2026-05-27 10:00",
        ]
        assert sent(a, "never-in")[1] == ("2026-05-28 10:00", "we_called")

    def test_5_no_ends_it(self, a):
        assert end(a, "refuses", "after_the_fair", FAIR) == ("exited", "NG", "2026-05-25 15:00")

    def test_5_who_was_not_called_in_five_business_days_goes_on(self, a):
        assert "結果（商談化・再架電・NG・不在）を待つ → 期限切れ\n  2026-06-01(月) 10:00" in told(a, "uncalled")

    def test_6_the_case_study_of_the_industry_goes_four_business_days_later(self, a):
        assert sent(a, "uncalled")[1] == ("2026-06-05 10:00", "case_factory")
        assert sent(a, "quiet")[1] == ("2026-05-29 10:00", "case_factory")
        cases = [
            [name for name in names(a, who) if name.startswith("case_")] for who in a.ids if not who.endswith("inc")
        ]
        assert all(len(some) <= 1 for some in cases)
        assert {"case_factory", "case_logistics", "case_retail"} >= {name for some in cases for name in some}

    @pytest.mark.parametrize(("who", "owner"), [("clicker", "suzuki"), ("pricing", "sato")])
    def test_7_a_click_or_a_look_at_the_prices_makes_a_lead_qualified(self, a, who, owner):
        assert stages(a, who) == [("mql", "展示会後に関心を示された")]
        assert a.crm.lead(a.lead(who)).owner == owner

    def test_7_a_machine_that_clicks_is_nobody(self, a):
        assert facts(a, "scanner", "email.clicked")
        assert stages(a, "scanner") == []

    def test_7_others_are_split_between_webinar_and_paper(self, a):
        assert sent(a, "quiet")[2][1] in {"webinar", "white_paper"}
        both = [names(a, who) for who in a.ids if not who.endswith("inc")]
        assert {"webinar", "white_paper"} <= {name for some in both for name in some}
        assert not any({"webinar", "white_paper"} <= set(some) for some in both)

    def test_8_a_deal_within_90_days_is_the_goal(self, a):
        assert end(a, "winner", "after_the_fair", FAIR) == ("reached_goal", "goal", "2026-07-01 15:00")
        assert "newsletter" not in names(a, "winner")

    def test_8_others_read_the_newsletter_from_then_on(self, a):
        assert "2026-08-18(火) 10:00 タグ: +newsletter" in told(a, "quiet")
        letters = [when for when, name in sent(a, "quiet") if name == "newsletter"]
        assert letters[:3] == ["2026-09-01 10:00", "2026-10-06 10:00", "2026-11-04 10:00"]  # 3 November is a holiday
        assert len(letters) == 7

    def test_who_was_known_before_is_no_other_person(self, a):
        assert a.crm.lead(a.lead("p0000")).created_at < at("2026-05-22 00:00")
        assert the_run(a, "p0000", "after_the_fair", FAIR).number == 1

    def test_the_explanation_says_why(self, a):
        explained = str(a.crm.explain(a.ids["badge-no"]))
        assert "シナリオ「after_the_fair」：途中終了（同意なし）" in explained


class TestWebinar:
    def test_1_the_confirmation_goes_at_once_with_the_date(self, b):
        assert sent(b, "decider")[0] == ("2026-04-20 11:00", "confirm-dx-may")
        data = letter_of(b, "decider", "confirm-dx-may").data
        assert b"text/calendar" in data

    def test_2_the_reminder_goes_three_business_days_before(self, b):
        assert ("2026-05-18 10:00", "reminder") in sent(b, "decider")
        assert "開始時の「campaign.starts_at」の3営業日前の10:00まで待つ → 到来" in told(b, "decider")

    def test_3_late_applicants_get_only_what_is_still_ahead(self, b):
        assert names(b, "late")[:2] == ["confirm-dx-may", "starts_soon"]
        assert names(b, "last-minute")[:2] == ["confirm-dx-may", "survey"]
        assert "の3営業日前の10:00まで待つ → 過ぎていた" in told(b, "late")
        assert "の1時間前まで待つ → 過ぎていた" in told(b, "last-minute")
        assert ("2026-05-21 13:00", "starts_soon") in sent(b, "decider")

    def test_4_a_new_date_moves_the_waits(self, b):
        assert sent(b, "patient")[:4] == [
            ("2026-06-15 11:00", "confirm-cost-july"),
            ("2026-07-03 12:00", "moved"),
            ("2026-07-13 10:00", "reminder"),  # it would have been 6 July
            ("2026-07-16 13:00", "starts_soon"),
        ]
        assert "2026年7月16日(木) 14:00" in letter_of(b, "patient", "moved").text

    def test_4_a_cancellation_ends_it_with_an_apology(self, b):
        assert end(b, "let-down", "webinar", "dx-january") == ("exited", "exit", "2026-12-25 15:00")
        assert sent(b, "let-down") == [("2026-12-10 11:00", "confirm-dx-january"), ("2026-12-25 15:00", "apology")]

    def test_5_who_did_not_come_by_the_next_day_was_absent(self, b):
        assert "2026-05-22(金) 15:30" in told(b, "absent", "webinar")
        assert ("2026-05-22 15:30", "recording") in sent(b, "absent")

    @pytest.mark.parametrize(
        ("who", "message", "points"),
        [("decider", "survey", [15]), ("leaver", "digest", []), ("absent", "recording", [3])],
    )
    def test_6_the_share_decides_what_is_said(self, b, who, message, points):
        assert [name for name in names(b, who) if name in {"survey", "digest", "recording"}] == [message]
        assert [one.properties["points"] for one in facts(b, who, "score.adjusted")] == points

    def test_6_the_partner_writes_under_its_own_consent(self, b):
        assert "partner_offer" in names(b, "decider")
        assert "kyosai.example" in letter_of(b, "decider", "partner_offer").headers["From"]
        assert withheld(b, "silent") == {("partner_offer", "no_consent")}

    def test_7_whoever_decides_soon_is_handed_to_sales(self, b):
        assert stages(b, "decider") == [("mql", "アンケート: 3か月以内・決裁者または推進者")]
        owner = b.crm.lead(b.lead("decider")).owner
        assert owner in {"sato", "suzuki"}
        assert tasks(b, "decider") == [("2026-05-21 19:00", "アンケート回答者へのお電話", "2026-05-22 19:00", owner)]
        assert letter_of(b, "decider", "seminar_lead").recipient == f"{owner}@mihon.example"

    def test_7_others_get_the_series_of_their_topic(self, b):
        assert names(b, "curious")[-2:] == ["cost-1", "cost-2"]  # by the answer
        assert names(b, "silent")[-2:] == ["dx-1", "dx-2"]  # by the seminar
        assert names(b, "patient")[-2:] == ["cost-1", "cost-2"]

    def test_7_a_survey_is_waited_for_seven_days(self, b):
        assert "2026-05-21(木) 16:00 survey.answeredが1回以上を待つ（期限: 7日後） → 期限切れ" in told(b, "silent")
        assert end(b, "silent", "webinar", "dx-may")[2] == "2026-05-28 16:00"

    def test_8_there_is_one_run_for_each_seminar(self, b):
        assert the_run(b, "both", "webinar", "dx-october").id != the_run(b, "both", "webinar", "cost-october").id
        assert names(b, "both").count("reminder") == 2

    def test_8_two_marketing_mails_a_week_over_all_runs(self, b):
        for who, identity in b.ids.items():
            gone = sorted(
                one.claimed_at
                for one in b.crm.effects(identity)
                if one.purpose is Purpose.MARKETING and one.state is EffectState.ACCEPTED
            )
            assert all(third - first >= timedelta(days=7) for first, third in zip(gone, gone[2:], strict=False)), who
        assert ("2026-10-21 16:00", "survey") in sent(b, "both")  # asked for on the 16th, it had to wait


class TestRecycling:
    def test_1_the_paper_comes_at_once(self, c):
        assert sent(c, "reader")[0] == ("2026-04-06 11:00", "paper")

    def test_1_again_only_after_90_days(self, c):
        papers = [when for when, name in sent(c, "again") if name == "paper"]
        assert papers == ["2026-04-06 11:00", "2026-07-20 11:00"]  # not on 6 May
        assert the_run(c, "again", "document").number == 2

    def test_2_two_looks_at_a_product_bring_a_mail_about_it_once_in_14_days(self, c):
        products = [one for one in sent(c, "reader") if one[1].startswith("product_")]
        assert products == [("2026-04-14 11:00", "product_kintai"), ("2026-05-19 11:00", "product_koubai")]
        assert "最初に当てはまるものを送る: 「product_kintai」（過去7日以内のpage.viewed" in told(
            c, "reader", "interest"
        )

    def test_3_engagement_without_fit_qualifies_nobody(self, c):
        assert stages(c, "unfit") == []
        assert stages(c, "hot")[0][0] == "mql"

    def test_3_qualified_until_below_35(self, c):
        assert [to for to, _ in stages(c, "uncalled")] == ["mql", "lead"]
        fell = facts(c, "uncalled", "stage.changed")[-1]
        assert fell.at - at("2026-05-15 15:10") > timedelta(days=14)  # 60 points fade to 35 in 16 days

    def test_4_by_territory_and_within_four_business_hours(self, c):
        assert c.crm.lead(c.lead("uncalled")).owner == "suzuki"
        assert c.crm.lead(c.lead("hot")).owner in {"sato", "inside"}
        assert tasks(c, "uncalled")[:2] == [
            ("2026-05-15 15:17", "初回架電", "2026-05-18 10:17", "suzuki"),  # Friday afternoon to Monday morning
            ("2026-05-18 10:17", "初回架電の遅れを確認", "2026-05-18 14:17", "manager"),
        ]
        assert [title for _, title, *_ in tasks(c, "hot")] == ["初回架電"]

    def test_4_the_best_are_called_first_and_at_most_so_many(self):
        year = Year(c_recycling.PROGRAM)
        for number, pages in enumerate((8, 15, 11)):
            c_recycling._request(year, f"x{number}", "見本", "一郎", "部長", "大阪府", at("2026-05-11 10:00"))
            for page in range(pages):
                when = at("2026-05-11 10:01") + timedelta(minutes=page)
                year.fact(f"x{number}", "page.viewed", when, {"path": "/"})
        year.run(at("2026-05-11 11:00"))
        assert [year.names[one.subject] for one in c_recycling.call_list(year.crm, "suzuki")] == ["x1", "x2", "x0"]
        assert [year.names[one.subject] for one in c_recycling.call_list(year.crm, "suzuki", 2)] == ["x1", "x2"]

    def test_5_accepted_is_the_goal(self, c):
        assert end(c, "hot", "handover") == ("reached_goal", "受け入れ", "2026-05-11 13:17")
        assert stages(c, "hot")[-1] == ("sal", "インサイドセールスが受け入れ")

    def test_5_nobody_said_anything_in_two_business_days(self, c):
        assert tasks(c, "uncalled")[2][:2] == ("2026-05-20 10:17", "受け入れの判断を催促")

    @pytest.mark.parametrize(
        ("who", "when", "words"),
        [
            ("too-early", "2026-09-01 10:00", "開始時の「planned_on」の2か月前"),
            ("no-budget", "2026-11-02 10:00", "会社の「fiscal_year_on」の5か月前"),  # 1 November is a Sunday
            ("rival", "2026-09-30 10:00", "開始時の「contract_ends_on」の6か月前"),
        ],
    )
    def test_6_each_reason_has_its_time(self, c, who, when, words):
        assert (when, "time_to_talk") in sent(c, who)
        assert words in told(c, who, "recycle")
        assert (when, "再提案のお電話") in [one[:2] for one in tasks(c, who)]

    def test_6_who_cannot_be_reached_is_written_to(self, c):
        assert sent(c, "unreachable")[1:3] == [("2026-05-26 10:00", "drip_1"), ("2026-06-09 10:00", "drip_2")]

    def test_6_who_does_not_fit_hears_no_more(self, c):
        assert names(c, "wrong") == ["paper"]
        assert end(c, "wrong", "recycle")[:2] == ("exited", "対象外")
        assert c.crm.standing(c.ids["wrong"]).stage == "disqualified"

    def test_7_the_stage_goes_back_with_its_reason_and_the_score_stays(self, c):
        assert stages(c, "too-early")[1] == ("recycled", "時期尚早")
        assert facts(c, "too-early", "score.adjusted") == []

    def test_7_the_threshold_is_armed_again_once_it_was_left(self, c):
        assert [to for to, _ in stages(c, "unreachable")] == ["mql", "recycled", "lead", "mql", "recycled", "lead"]
        first, again = (one for one in facts(c, "unreachable", "stage.changed") if one.properties["to"] == "mql")
        assert local(first.at)[:10] == "2026-05-12"
        assert local(again.at)[:10] == "2026-09-02"

    def test_8_after_60_days_of_silence_the_distance_grows(self, c):
        assert sent(c, "silent")[1] == ("2026-06-08 10:00", "win_back_1")  # 60 days later is a Sunday
        assert names(c, "silent")[1:] == ["win_back_1", "win_back_2", "win_back_3", "win_back_4"]
        for gap, days in zip(gaps(c, "silent", "win_back_"), (30, 60, 90), strict=True):
            assert timedelta(days=days) <= gap < timedelta(days=days + 4)  # the next open day
        assert end(c, "silent", "win_back")[:2] == ("exited", "反応なし")

    def test_8_a_click_wins_back(self, c):
        ended = [one.properties for one in facts(c, "woken", "enrollment.ended")]
        assert ("win_back", "reached_goal") in [(one["scenario"], one["state"]) for one in ended]
        assert gaps(c, "woken", "win_back_")[1] > timedelta(days=60)  # two more months of silence

    def test_8_nobody_is_won_back_who_has_an_appointment(self, c):
        before = [name for when, name in sent(c, "too-early") if when < "2026-09-01"]
        assert before == ["paper"]


class TestCommittee:
    def test_1_three_active_people_and_a_large_proposal_begin_it(self, d):
        assert local(the_run(d, "approved", "committee").started_at) == "2026-05-11 12:00"  # the third of them came
        assert "committee" not in scenarios_of(d, "too-small")

    def test_1_an_anonymous_visit_counts(self, d):
        assert local(the_run(d, "anonymous", "committee").started_at) == "2026-05-11 15:00"

    def test_2_the_owner_is_told_and_looks_for_who_decides(self, d):
        assert "株式会社approvedで3名以上" in letter_of(d, "approved", "committee").text
        assert tasks(d, "approved")[0] == ("2026-05-11 12:00", "決裁者を特定する", "2026-05-14 12:00", "sato")

    @pytest.mark.parametrize(
        ("role", "expected"),
        [
            ("担当", ["ringi_template", "roi_sheet"]),
            ("情シス", ["security_sheet"]),
            ("決裁者", ["one_page_case"]),
        ],
    )
    def test_3_each_role_gets_its_own(self, d, role, expected):
        may = [(when, name) for when, name in sent(d, f"approved-{role}") if name != "newsletter"]
        assert [name for _, name in may] == expected
        assert "このアカウントの人（「role」が「情シス」である）に「security_sheet」を送る" in told(d, "approved")

    def test_3_the_directors_case_was_approved_first(self, d):
        given = facts(d, "approved", "approval.given")
        assert [(one.properties["role"], local(one.at)) for one in given] == [("director", "2026-05-12 16:00")]
        assert ("2026-05-12 16:00", "one_page_case") in sent(d, "approved-決裁者")
        letter = letter_of(d, "approved-決裁者", "one_page_case")
        assert letter.headers["From"] == "伊藤 恵 <director@mihon.example>"

    def test_3_what_was_not_approved_does_not_go(self, monkeypatch):
        monkeypatch.setattr(
            d_committee, "_look", lambda year, fact: year.at(at("2026-05-12 21:00"), approves(year, fact))
        )
        year = Year(d_committee.PROGRAM)
        case = year.crm.program.message("one_page_case")
        messages = [
            attrs.evolve(one, text="誰も見ていません。") if one == case else one for one in d_committee.MESSAGES
        ]
        changed = attrs.evolve(d_committee.PROGRAM, messages=messages)
        year.at(at("2026-05-12 22:00"), lambda: year.crm.activate(changed))  # it waits for the morning
        d_committee.play(year, 0)
        assert ("one_page_case", "not_approved") in withheld(year, "approved-決裁者")

    def test_4_without_a_draft_in_15_business_days_another_champion(self, d):
        assert ("2026-06-04 16:00", "別の推進者を探す") in [one[:2] for one in tasks(d, "slow")]
        assert "ringi.draftedが1回以上を待つ（期限: 15営業日後の同時刻） → 期限切れ" in told(d, "slow")

    @pytest.mark.parametrize("role", d_committee.ROLES)
    def test_5_no_marketing_to_anybody_while_it_circulates(self, d, role):
        who = f"approved-{role}"
        assert withheld(d, who) == {("newsletter", "too_late_hold_ringi")}
        between = [when for when, _ in sent(d, who) if "2026-05-20 10:00" <= when <= "2026-06-04 15:00"]
        assert between == []
        assert ("2026-06-23 10:00", "newsletter") in sent(d, who)

    def test_6_approved(self, d):
        assert end(d, "approved", "circulation", "a-1") == ("reached_goal", "決裁", "2026-06-04 15:00")
        assert stages(d, "approved")[-1] == ("受注", "決裁")

    def test_6_sent_back_goes_a_stage_back_and_sends_what_is_missing(self, d):
        assert stages(d, "sent-back") == [
            ("提案", ""),
            ("稟議", "稟議書の起案"),
            ("提案", "稟議差戻し"),
            ("稟議", "稟議書の起案"),
            ("受注", "決裁"),
        ]
        assert ("2026-06-01 15:00", "security_sheet") in sent(d, "sent-back-担当")
        assert end(d, "sent-back", "circulation", "s-2")[:2] == ("reached_goal", "決裁")

    def test_6_three_business_days_after_the_date_somebody_asks(self, d):
        assert ("2026-08-19 18:00", "決裁状況を確認する") in [one[:2] for one in tasks(d, "overdue")]  # after Obon
        assert d.crm.account(d.ids["overdue"]).attributes.get("ringi") is None

    def test_7_the_champion_leaves(self, d):
        assert ("2026-07-01 09:30", "後任を確認する") in [one[:2] for one in tasks(d, "slow")]
        assert {one.model: one.value for one in d.crm.explain(d.ids["slow"]).scores} == {"interest": -20}

    def test_8_rejected_is_lost_and_recycled(self, d):
        assert stages(d, "rejected")[-1] == ("失注", "稟議否決")
        returned = facts(d, "rejected-担当", "mql.returned")
        assert [one.properties["reason"] for one in returned] == ["予算なし"]
        assert ("2026-11-02 10:00", "time_to_talk") in sent(d, "rejected-担当")
        assert "mql.returned" not in {one.kind for one in d.crm.timeline(d.ids["rejected-情シス"], limit=1000)}


class TestRenewal:
    def test_the_term_is_looked_at_120_days_before(self, e):
        assert (
            "開始時の「renews_on」の120日前（休業日なら翌営業日）の10:00まで待つ → 到来\n  2026-08-03(月) 10:00"
            in told(e, "green", "renewal")
        )  # 3 August is a Monday, 121 days before would have been a Sunday

    @pytest.mark.parametrize(
        ("who", "health"),
        [("green", "green"), ("amber", "amber"), ("red", "red"), ("fading", "red"), ("unhappy", "red")],
    )
    def test_1_health(self, e, who, health):
        assert e.crm.account(e.ids[who]).attributes["health"] == health

    def test_2_red_goes_to_the_owner_and_to_customer_success(self, e):
        assert letter_of(e, "red", "at_risk").recipient == "sato@mihon.example"
        assert tasks(e, "red")[0] == ("2026-08-03 10:00", "解約の恐れを確認する", "2026-08-05 10:00", "success")

    def test_2_without_a_solution_in_ten_business_days_the_manager(self, e):
        assert tasks(e, "red")[1][:2] == ("2026-08-20 10:00", "責任者への報告")  # Mountain Day and Obon lie between
        assert "責任者への報告" not in [title for _, title, *_ in tasks(e, "heavy-red")]

    def test_2_an_up_sell_is_held_back_while_it_is_red(self, e):
        assert (
            local(the_run(e, "heavy-red", "upsell").started_at) == "2026-08-20 10:00"
        )  # 14 days were over on the 13th

    def test_3_the_report_the_quote_and_the_notice_deadline(self, e):
        assert ("2026-09-02 10:00", "usage_report") in sent(e, "amber-主担当")
        assert "usage_report" not in names(e, "amber-利用者")
        assert ("2026-10-02 10:00", "更新見積を作成する") in [one[:2] for one in tasks(e, "amber")]
        deadline = next(one for one in e.crm.effects(e.ids["amber"]) if one.name == "notice_deadline")
        assert local(deadline.claimed_at) == "2026-10-19 10:00"  # 14 days before 1 November is a Sunday

    def test_4_promoters_are_asked_for_a_referral_and_a_case(self, e):
        asked = [one for one in sent(e, "green-主担当") if one[1].endswith("_request")]
        assert asked == [("2026-06-10 13:00", "referral_request"), ("2026-06-24 10:00", "case_request")]

    def test_4_detractors_are_called_and_left_in_peace_for_30_days(self, e):
        assert [one[:2] for one in tasks(e, "unhappy-主担当")] == [("2026-07-01 13:00", "お詫びとお伺いのお電話")]
        assert withheld(e, "unhappy-主担当") == {("newsletter", "too_late_hold_detractor")}
        quiet = [when for when, _ in sent(e, "unhappy-主担当") if "2026-07-01" <= when < "2026-07-31 13:00"]
        assert quiet == []

    def test_5_heavy_use_for_14_days_brings_the_offer(self, e):
        run = the_run(e, "heavy", "upsell")
        assert local(run.started_at) == "2026-06-15 09:00"
        assert run.path[0].edge == "offer"
        assert ("2026-06-15 09:00", "upsell") in sent(e, "heavy-主担当")

    def test_5_a_tenth_is_held_out(self):
        year = Year(e_renewal.PROGRAM)
        for number in range(200):
            year.company(f"x{number}", f"株式会社{number}")
            year.change(f"x{number}", at("2026-05-01 09:00"), usage_share=0.9)
        year.run(at("2026-06-01 09:00"))
        edges = [the_run(year, who, "upsell").path[0].edge for who in year.ids]
        assert 10 <= edges.count("holdout") <= 32  # 20 of 200, within three standard deviations
        assert edges.count("offer") == 200 - edges.count("holdout")
        held = [who for who in year.ids if the_run(year, who, "upsell").reason == "比較のため送らない"]
        assert all(tasks(year, who) == [] for who in held)

    def test_6_the_successor_is_shown_around(self, e):
        assert sent(e, "heir") == [("2026-09-01 10:00", "onboarding_1"), ("2026-09-04 10:00", "onboarding_2")]

    def test_7_renewed_is_the_goal_and_the_next_term_a_run_of_its_own(self, e):
        ended = [one.properties for one in facts(e, "green", "enrollment.ended")]
        assert [one["state"] for one in ended if one["scenario"] == "renewal"] == ["reached_goal"]
        again = the_run(e, "green", "renewal", "green-1")
        assert (again.number, again.is_active, local(again.started_at)) == (2, True, "2026-12-01 00:00")
        assert local(again.until) == "2027-08-03 10:00"

    def test_7_cancelled_has_a_reason_and_a_letter_half_a_year_later(self, e):
        assert end(e, "leaver", "renewal", "leaver-1") == ("exited", "exit", "2026-09-10 15:00")
        assert e.crm.account(e.ids["leaver"]).attributes["churn_reason"] == "価格"
        assert ("2027-03-09 10:00", "win_back") in sent(e, "leaver-主担当")

    def test_8_the_referrer_is_thanked(self, e):
        assert ("2026-07-06 11:00", "thanks_referral") in sent(e, "green-主担当")
        credited = facts(e, "green-主担当", "referral.credited")
        assert [one.properties["company"] for one in credited] == ["株式会社紹介先"]
        assert names(e, "friend") == []

    def test_the_explanation_names_the_step_that_it_waits_at(self, e):
        explained = e.crm.explain(e.ids["green"])
        renewal = next(one for one in explained.enrollments if one.scenario == "renewal" and one.state == "active")
        assert renewal.sentence == "開始時の「renews_on」の120日前（休業日なら翌営業日）の10:00まで待つ"
        assert e.crm.count(q.account.health == "red", subject="account") >= 3
        assert OFFICE.is_open(date(2027, 8, 3))
