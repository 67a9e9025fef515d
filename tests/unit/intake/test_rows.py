"""From rows to leads: hostile files, and the real ones where they are at hand."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nurture.errors import DefinitionError
from nurture.intake.mapping import infer_mapping
from nurture.intake.problems import Problem
from nurture.intake.reading import Reading
from nurture.intake.rows import read_leads, rows
from nurture.intake.tables import read_csv
from nurture.model.consent import Basis

NOW = datetime(2026, 4, 10, tzinfo=UTC)


@pytest.fixture
def take(tmp_path):
    def read(text, use=None, **options):
        path = tmp_path / "leads.csv"
        path.write_text(text, encoding="utf-8")
        return read_leads(path, use, **{"zone": "Asia/Tokyo", "now": NOW, **options})

    return read


def told(intake):
    return [(one.row, one.field, one.problem, one.kept) for one in intake.bad]


def test_a_whole_row_comes_in(take):
    intake = take(
        "ID,姓,名,会社名,メールアドレス,流入元,登録日,同意,配信停止,タイムゾーン,言語,従業員数\n"
        "7,髙橋,誠,㈱中村,m@example.jp,unknown,令和8年4月1日 9:00,名刺,不可,Asia/Tokyo,日本語,120\n"
    )
    lead = intake.good[0]
    assert intake.bad == ()
    assert lead.known == {
        "family_name": "髙橋", "given_name": "誠", "company": "㈱中村", "email": "m@example.jp", "source": "unknown",
        "zone": "Asia/Tokyo", "locale": "ja",
    }  # fmt: skip
    assert (lead.row, lead.id, lead.at) == (2, "7", datetime(2026, 4, 1, tzinfo=UTC))
    assert (lead.consent, lead.do_not_email, lead.do_not_call) == (Basis.PAPER_CARD, True, None)
    assert lead.attributes == {"従業員数": 120}


def test_a_missing_source_is_not_the_source_unknown(take):
    good = take("id,source\n1,unknown\n2,\n3,Select\n").good
    assert [lead.source for lead in good] == ["unknown", None, None]


def test_a_bad_date_costs_its_row(take):
    intake = take("id,created_at\n1,2026-04-01\n2,2026-02-30\n3,soon\n4,\n")
    assert [lead.id for lead in intake.good] == ["1", "4"]
    assert told(intake) == [(3, "at", Problem.BAD_DATE, False), (4, "at", Problem.BAD_DATE, False)]
    assert "2026年4月1日" in intake.bad[0].expected
    assert intake.good[1].at is None


def test_a_far_future_and_a_far_past_are_refused(take):
    text = "id,created_at\n1,2026-04-10 12:00\n2,2026-04-12\n3,2999-01-01\n4,1800-01-01\n"
    intake = take(text)
    assert [lead.id for lead in intake.good] == ["1"]
    assert [one.problem for one in intake.bad] == [Problem.FAR_FUTURE, Problem.FAR_FUTURE, Problem.BAD_DATE]
    assert [lead.id for lead in take(text, now=None).good] == ["1", "2"]
    assert [lead.id for lead in take(text, reading=Reading(future=timedelta(days=3))).good] == ["1", "2"]


def test_a_bad_address_is_reported_and_another_identifier_keeps_the_lead(take):
    intake = take("id,email,phone\n1,nobody,\n,nobody,03-0000-1234\n,nobody,\n,,call me\n")
    assert [lead.row for lead in intake.good] == [2, 3]
    assert all(lead.email is None for lead in intake.good)
    assert told(intake) == [
        (2, "email", Problem.BAD_EMAIL, True),
        (3, "email", Problem.BAD_EMAIL, True),
        (4, "email", Problem.BAD_EMAIL, True),
        (4, "", Problem.NO_IDENTIFIER, False),
        (5, "phone", Problem.BAD_PHONE, True),
        (5, "", Problem.NO_IDENTIFIER, False),
    ]


def test_a_lead_without_any_identifier_is_refused(take):
    intake = take("id,email,company\n,,Nakamura\n1,,Nakamura\n")
    assert told(intake) == [(2, "", Problem.NO_IDENTIFIER, False)]
    assert intake.bad[0].expected == "one of id, email"


def test_a_repeated_id_keeps_the_first_row(take):
    text = "id,source\na,x\nb,y\na,z\n"
    intake = take(text)
    assert [lead.source for lead in intake.good] == ["x", "y"]
    assert told(intake) == [(4, "id", Problem.REPEATED_ID, False)]
    assert intake.bad[0].found == "the id of row 2"
    assert len(take(text, reading=Reading(repeated_ids="keep")).good) == 3


def test_a_refused_row_does_not_take_its_id_away(take):
    intake = take("id,created_at\na,never\na,2026-04-01\n")
    assert [lead.row for lead in intake.good] == [3]
    assert [one.problem for one in intake.bad] == [Problem.BAD_DATE]


def test_reports_never_carry_a_value(take):
    text = "id,email,phone,created_at,zone,consent,locale\n"
    text += "K77,secret-one,secret-two,2026-01-01,secret-three,secret-four,secret 5\n"
    intake = take(text + "K77,,,,,,\nK78,,,secret-six,,,\n")
    assert len(intake.bad) == 7
    report = repr(intake.bad) + intake.summary()
    assert "secret" not in report
    assert "K77" not in report


def test_unclear_words_give_no_consent_and_count_as_refusal(take):
    intake = take("id,consent,do_not_email\n1,maybe,perhaps\n2,拒否,no\n3,yes,no\n")
    first, second, third = intake.good
    assert (first.consent, first.do_not_email) == (None, True)
    assert (second.consent, second.do_not_email) == (None, True)
    assert (third.consent, third.do_not_email) == (Basis.CONSENT, False)
    assert told(intake) == [(2, "consent", Problem.BAD_VALUE, True), (2, "do_not_email", Problem.BAD_VALUE, True)]


def test_dates_without_an_offset_need_a_zone(take):
    text = "id,created_at,last seen\n1,2026-04-01,2026-04-01 10:00\n2,2026-04-02T00:00Z,2026-04-01 11:00\n"
    with pytest.raises(DefinitionError) as caught:
        take(text, zone=None)
    assert [("created_at" in one, "last seen" in one) for one in caught.value.problems] == [
        (True, False),
        (False, True),
    ]
    assert take("id,created_at\n2,2026-04-02T00:00Z\n", zone=None).good[0].at == datetime(2026, 4, 2, tzinfo=UTC)


def test_a_zone_that_is_none_is_told_with_near_misses(take):
    with pytest.raises(DefinitionError, match="Asia/Tokyo"):
        take("id,created_at\n1,2026-04-01\n", zone="Asia/Tokio")


@pytest.mark.parametrize("zone", ["../../etc/passwd", "", "/etc/localtime"])
def test_a_zone_is_no_path(take, zone):
    with pytest.raises(DefinitionError):
        take("id,created_at\n1,2026-04-01\n", zone=zone)


def test_a_file_in_which_nobody_can_be_recognized_is_refused_at_once(take):
    with pytest.raises(DefinitionError, match="no column is mapped to one of id, email, phone, line, visitor"):
        take("age,job\n30,clerk\n")


def test_a_column_that_the_caller_names_must_be_there(take):
    with pytest.raises(DefinitionError, match="did you mean 'Mail'"):
        take("id,Mail\n1,a@example.jp\n", {"email": "Mial"})


def test_a_mapping_from_another_file_cannot_break_types(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("id,n\n1,5\n")
    second.write_text("id,n\n1,many\n")
    intake = rows(read_csv(second), infer_mapping(read_csv(first)))
    assert intake.good[0].attributes == {}
    assert told(intake) == [(2, "attributes.n", Problem.BAD_VALUE, True)]


def test_excel_serials_only_when_asked(take):
    text = "id,登録日\n1,46113\n"
    assert take(text).good[0].at is None
    assert take(text, reading=Reading(excel_serials=True)).good[0].at == datetime(2026, 3, 31, 15, tzinfo=UTC)


def test_bad_rows_of_the_file_and_of_the_leads_are_told_in_order(take):
    intake = take('id,email,memo\n1,bad,x\n2,"b@x.jp,y\n3,bad,z\n')
    assert [(one.row, one.problem) for one in intake.bad] == [
        (2, Problem.BAD_EMAIL),
        (3, Problem.BROKEN_QUOTE),
        (4, Problem.BAD_EMAIL),
    ]
    assert [lead.id for lead in intake.good] == ["1", "3"]


# --- the real files ------------------------------------------------------------------------------


@pytest.fixture
def data(checkout):
    shared = Path(os.environ.get("NURTURE_SHARED", checkout.parent / "shared")) / "data"
    if not shared.is_dir():
        pytest.skip("the real data sets are not beside this checkout (set NURTURE_SHARED)")
    return shared


def test_olists_leads(data):
    intake = read_leads(data / "olist" / "marketing_qualified_leads.csv", zone="America/Sao_Paulo")
    assert (len(intake.good), len(intake.bad)) == (8000, 0)
    assert sum(lead.source is None for lead in intake.good) == 60
    assert sum(lead.source == "unknown" for lead in intake.good) == 1099
    assert {lead.at.astimezone(UTC).hour for lead in intake.good} <= {2, 3}


def test_olists_deals(data):
    intake = read_leads(data / "olist" / "closed_deals.csv", zone="America/Sao_Paulo")
    assert (len(intake.good), len(intake.bad)) == (842, 0)
    assert min(lead.at for lead in intake.good) > datetime(2017, 12, 5, tzinfo=UTC)
    assert intake.mapping.attributes["has_company"] == "boolean"


def test_one_deal_is_won_before_first_contact(data):
    leads = read_leads(data / "olist" / "marketing_qualified_leads.csv", zone="America/Sao_Paulo")
    deals = read_leads(data / "olist" / "closed_deals.csv", zone="America/Sao_Paulo")
    met = {lead.id: lead.at for lead in leads.good}
    assert sum(deal.at < met[deal.id] for deal in deals.good) == 1


def test_x_educations_leads(data):
    intake = read_leads(data / "x_education" / "leads.csv.gz")
    assert (len(intake.good), len(intake.bad)) == (9240, 0)
    assert sum(lead.do_not_email is True for lead in intake.good) == 734
    assert all(lead.email is None and lead.at is None for lead in intake.good)
    assert not any("Select" in lead.attributes.values() for lead in intake.good)
    assert sum(lead.attributes["converted"] for lead in intake.good) == 3561


def test_files_of_other_kinds_come_in_too(data):
    people = read_leads(data / "dedupe" / "fake_1000.csv")
    assert (len(people.good), people.lost) == (1000, 0)
    febrl = read_leads(data / "dedupe" / "febrl1.csv")
    assert febrl.mapping.column("family_name").header == "surname"
    assert (len(febrl.good), febrl.lost) == (1000, 0)
    assert read_csv(data / "bank" / "bank.csv").delimiter == ";"
