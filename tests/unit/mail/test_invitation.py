"""The calendar file of a seminar: one event, in UTC, the same bytes for the same mail."""

import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from nurture.errors import DefinitionError, SendRefusedError
from nurture.mail import SenderIdentity
from nurture.mail.invitation import invitation_for
from nurture.program import Campaign

IDENTITY = SenderIdentity("株式会社見本", "info@example.jp")
JST = timezone(timedelta(hours=9))
STAMP = datetime(2026, 4, 1, 9, 30, 1, 999, tzinfo=UTC)


def seminar(**fields: Any) -> Campaign:
    given: dict[str, Any] = {
        "name": "spring",
        "title": "春の講座, 第1回; 入門\n改行",
        "starts_at": datetime(2026, 5, 1, 14, tzinfo=JST),
        "ends_at": datetime(2026, 5, 1, 16, tzinfo=JST),
        "place": "東京都千代田区1-1",
        "url": "https://example.jp/seminar?a=1",
    }
    return Campaign(**given | fields)


def lines(campaign: Campaign, *, tenant: str = "t") -> dict[str, str]:
    data = invitation_for(campaign, tenant=tenant, host="crm.example.jp", identity=IDENTITY, stamped_at=STAMP).data
    assert max(map(len, data.split(b"\r\n"))) <= 75
    unfolded = data.decode("utf-8").replace("\r\n ", "")
    return {line.partition(":")[0]: line.partition(":")[2] for line in unfolded.split("\r\n") if line}


def test_an_event_says_when_and_where() -> None:
    said = lines(seminar())
    assert (said["METHOD"], said["VERSION"]) == ("PUBLISH", "2.0")
    assert (said["DTSTART"], said["DTEND"], said["DTSTAMP"]) == (
        "20260501T050000Z",
        "20260501T070000Z",
        "20260401T093001Z",
    )
    assert said["SUMMARY"] == r"春の講座\, 第1回\; 入門\n改行"
    assert said["LOCATION"] == "東京都千代田区1-1"
    assert said["URL"] == "https://example.jp/seminar?a=1"
    assert said["ORGANIZER;CN=株式会社見本"] == "mailto:info@example.jp"


def test_the_uid_is_that_of_tenant_and_campaign() -> None:
    uid = lines(seminar())["UID"]
    assert uid.endswith("@crm.example.jp")
    assert lines(seminar(title="other", starts_at=STAMP))["UID"] == uid
    assert lines(seminar(name="autumn"))["UID"] != uid
    assert lines(seminar(), tenant="u")["UID"] != uid


def test_the_same_mail_gives_the_same_bytes() -> None:
    made = [
        invitation_for(seminar(), tenant="t", host="h", identity=IDENTITY, stamped_at=at)
        for at in (STAMP, STAMP.astimezone(JST))
    ]
    assert made[0].data == made[1].data
    assert made[0].content_type == "text/calendar; method=PUBLISH; charset=utf-8"


def test_nothing_is_said_that_is_not_known() -> None:
    said = lines(seminar(title="", ends_at=None, place="", url=""))
    assert said["SUMMARY"] == "spring"
    assert not {"DTEND", "LOCATION", "URL"} & said.keys()


def test_hostile_titles_stay_text() -> None:
    said = lines(seminar(title="x\r\nEND:VEVENT\r\nATTENDEE:mailto:evil@example.com", place="y\nURL:https://evil"))
    assert "ATTENDEE" not in said
    assert said["URL"] == "https://example.jp/seminar?a=1"


def test_a_campaign_without_a_date_is_refused() -> None:
    with pytest.raises(SendRefusedError) as caught:
        lines(seminar(starts_at=None))
    assert caught.value.reason == "no_date"


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(DefinitionError, match=r"nurture-crm\[mail\]"):
        lines(seminar())


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_at": datetime(2026, 5, 1, 14, tzinfo=JST)},
        {"ends_at": datetime(2026, 4, 30, tzinfo=JST)},
        {"url": "https://taro.example.jp/\r\nATTENDEE:mailto:x@y.z"},
    ],
)
def test_what_no_calendar_takes_refuses_this_one_mail_and_tells_no_value(fields: dict[str, Any]) -> None:
    with pytest.raises(SendRefusedError) as caught:
        lines(seminar(**fields))
    assert caught.value.reason == "bad_invitation"
    assert "taro" not in str(caught.value)
