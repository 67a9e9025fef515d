"""The bundled sample is what its script makes, and nobody in it can be reached."""

import csv
import importlib.util
import re
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

FILES = ("accounts.csv", "campaigns.csv", "leads.csv")
RESERVED = re.compile(r"[a-z0-9.]+@(?:[a-z0-9-]+\.)*(?:example|example\.(?:com|net|org|jp))")
FICTIONAL = re.compile(r"0\d-0000-\d{4}|0\d\d-000-\d{4}|0[789]0-0000-\d{4}|\+1-\d{3}-555-01\d\d|\+44 20 7946 0\d{3}")


@pytest.fixture(scope="module")
def sample():
    return Path(__file__).resolve().parents[2] / "examples" / "demo" / "sample"


@pytest.fixture(scope="module")
def remake(sample):
    spec = importlib.util.spec_from_file_location("make_sample", sample.parent / "make_sample.py")
    module = importlib.util.module_from_spec(spec)
    # Its dataclass looks itself up by module name.
    sys.modules["make_sample"] = module
    try:
        spec.loader.exec_module(module)
        yield module.write_sample
    finally:
        del sys.modules["make_sample"]


def read(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def leads(sample):
    return read(sample / "leads.csv")


@pytest.mark.parametrize("name", FILES)
def test_the_same_seed_gives_the_committed_bytes(sample, remake, tmp_path, name):
    remake(tmp_path)
    assert (tmp_path / name).read_bytes() == (sample / name).read_bytes()


def test_another_seed_gives_other_people(sample, remake, tmp_path):
    remake(tmp_path, seed=1)
    assert (tmp_path / "leads.csv").read_bytes() != (sample / "leads.csv").read_bytes()


def test_there_are_enough_leads_in_both_languages_and_the_files_stay_small(sample, leads):
    locales = Counter(lead["locale"] for lead in leads)
    assert len(leads) >= 2400
    assert set(locales) == {"ja", "en"}
    assert 0.6 < locales["ja"] / len(leads) < 0.8
    assert sum((sample / name).stat().st_size for name in FILES) < 900_000


def test_no_address_and_no_number_can_belong_to_anyone(leads):
    addresses = [lead["email"] for lead in leads if lead["email"]]
    numbers = [lead["phone"] for lead in leads if lead["phone"]]
    assert [one for one in addresses if not RESERVED.fullmatch(one)] == []
    assert [one for one in numbers if not FICTIONAL.fullmatch(one)] == []


def test_identifiers_are_unique_and_everybody_has_one(leads):
    for column in ("lead_id", "email", "phone"):
        values = [lead[column] for lead in leads if lead[column]]
        assert len(values) == len(set(values)), column
    assert all(lead["email"] or lead["phone"] for lead in leads)
    assert sum(not lead["email"] for lead in leads) > 50


def test_several_hundred_accounts_have_several_people(sample, leads):
    names = [account["name"] for account in read(sample / "accounts.csv")]
    people = Counter(lead["company"] for lead in leads if lead["company"])
    assert len(names) == len(set(names))
    assert set(people) <= set(names)
    assert sum(count >= 2 for count in people.values()) >= 300


def test_companies_come_in_the_forms_that_matter(sample):
    names = {account["name"] for account in read(sample / "accounts.csv")}
    forms = ("有限会社", "合同会社", "医療法人")
    assert all(any(name.startswith(form) for name in names) for form in forms)
    assert any(f"{name.removeprefix('株式会社')}株式会社" in names for name in names if name.startswith("株式会社"))
    assert any(name.endswith((" Inc.", " Ltd")) for name in names)


def test_leads_arrive_in_order_in_the_first_45_days(leads):
    moments = [datetime.fromisoformat(lead["created_at"]) for lead in leads]
    assert moments == sorted(moments)
    assert all(moment.tzinfo is None for moment in moments)
    assert "2026-01-05" <= leads[0]["created_at"] < leads[-1]["created_at"] < "2026-02-19"


def test_each_campaign_exists_and_seminars_are_not_overbooked(sample, leads):
    campaigns = {campaign["campaign_id"]: campaign for campaign in read(sample / "campaigns.csv")}
    used = Counter(lead["campaign"] for lead in leads if lead["campaign"])
    assert set(used) <= set(campaigns)
    assert [key for key, n in used.items() if campaigns[key]["capacity"] and n > int(campaigns[key]["capacity"])] == []


def test_what_people_say_fits_how_they_came(leads):
    ranked = [lead for lead in leads if lead["booth_rank"]]
    assert {lead["source"] for lead in ranked} == {"fair"}
    bases = {lead["consent"] for lead in leads}
    assert bases == {"", "consent", "paper_card", "relation"}
    assert {lead["source"] for lead in leads if lead["consent"] == "relation"} <= {"referral", "card"}
    assert all(bool(lead["family_kana"]) == (lead["locale"] == "ja") for lead in leads)
