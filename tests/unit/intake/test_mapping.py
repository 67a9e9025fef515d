"""Which column is what: guessed, shown, overridden."""

import pytest

from nurture.errors import DefinitionError
from nurture.intake.fields import Field
from nurture.intake.mapping import infer_mapping
from nurture.intake.reading import Reading
from nurture.intake.tables import Table, TableRow
from nurture.intake.values import ValueType


def table(header, *rows):
    return Table(
        name="leads.csv",
        header=tuple(header),
        rows=tuple(TableRow(n, tuple(cells)) for n, cells in enumerate(rows, start=2)),
        encoding="utf-8",
        encoding_why="",
        delimiter=",",
    )


def fields(mapping):
    return {column.header: column.target for column in mapping.columns}


def test_english_headers():
    header = [
        "Lead ID",
        "E-mail",
        "First Name",
        "Last Name",
        "Company",
        "Job Title",
        "Lead Source",
        "Created At",
        "Do Not Email",
    ]
    found = fields(infer_mapping(table(header)))
    assert list(found.values()) == [
        "id", "email", "given_name", "family_name", "company", "title", "source", "at", "do_not_email",
    ]  # fmt: skip


def test_japanese_headers():
    header = [
        "顧客ID",
        "氏名",
        "姓（カナ）",
        "名（カナ）",
        "会社名",
        "部署",
        "役職",
        "電話番号",
        "メールアドレス",
        "登録日",
        "配信停止",
        "業種",
    ]
    found = fields(infer_mapping(table(header)))
    assert list(found.values()) == [
        "id", "name", "family_kana", "given_kana", "company", "department", "title", "phone", "email", "at",
        "do_not_email", "attributes.業種",
    ]  # fmt: skip


def test_of_two_columns_the_better_name_wins_and_the_other_says_why():
    mapping = infer_mapping(table(["Lead Origin", "Lead Source", "Lead Number", "Prospect ID"]))
    assert mapping.column("source").header == "Lead Source"
    assert mapping.column(Field.ID).header == "Prospect ID"
    assert mapping.columns[0].why == "another column is the source already"


def test_a_header_that_only_contains_a_word_is_no_field():
    mapping = infer_mapping(table(["I agree to pay the amount through cheque", "mail_id_hash", "Update me by email"]))
    assert all(column.field is None for column in mapping.columns)


def test_types_come_from_all_rows():
    mapping = infer_mapping(
        table(["id", "n", "share", "paid", "on", "city", "none"], ["a", "1", "1", "Yes", "2026/4/1", "x", "Select"],
              ["b", "22", "0.5", "No", "令和8年4月1日", "", ""])
    )  # fmt: skip
    assert mapping.attributes == {
        "n": ValueType.INTEGER,
        "share": ValueType.NUMBER,
        "paid": ValueType.BOOLEAN,
        "on": ValueType.DATE,
        "city": ValueType.TEXT,
        "none": ValueType.TEXT,
    }
    assert [column.filled for column in mapping.columns] == [2, 2, 2, 2, 2, 1, 0]


def test_a_column_of_addresses_is_the_address_whatever_its_name():
    mapping = infer_mapping(table(["key", "reach"], ["1", "a@example.jp"], ["2", "b@example.jp"]))
    assert mapping.column("email").header == "reach"
    assert mapping.column("email").why == "2 of 2 values are addresses"


def test_a_good_name_with_the_wrong_values_is_doubted():
    rows = [[str(n), "yes", str(n), str(46000 + n)] for n in range(6)]
    mapping = infer_mapping(table(["id", "email", "campaign", "created"], *rows))
    assert [column.target for column in mapping.columns[1:]] == [
        "attributes.custom_email",
        "attributes.custom_campaign",
        "attributes.created",
    ]
    assert mapping.columns[1].why.startswith("named like email, but")
    asked = infer_mapping(table(["id", "created"], ["1", "46000"]), reading=Reading(excel_serials=True))
    assert asked.column("at").header == "created"


def test_a_few_bad_values_are_no_reason_to_doubt():
    mapping = infer_mapping(table(["id", "email", "created"], ["1", "nobody", "someday"]))
    assert fields(mapping) == {"id": "id", "email": "email", "created": "at"}


def test_attributes_never_take_the_name_of_a_field():
    mapping = infer_mapping(table(["id", "Tags", "Version", "city", "City"]))
    assert list(mapping.attributes) == ["custom_tags", "custom_version", "city", "city_2"]


def test_the_user_overrides():
    mapping = infer_mapping(table(["id", "Mail A", "Mail", "memo"]), {"email": "Mail A"}, ignore=["memo"])
    assert fields(mapping) == {
        "id": "id",
        "Mail A": "email",
        "Mail": "attributes.mail",
        "memo": "(not read)",
    }
    assert mapping.column("email").why == "you said so"


def test_what_does_not_exist_is_told_at_once_with_near_misses():
    with pytest.raises(DefinitionError) as caught:
        infer_mapping(table(["id", "E-Mail"]), {"email": "Email", "emial": "E-Mail"}, ignore=["memo"])
    assert len(caught.value.problems) == 3
    assert "did you mean 'E-Mail'?" in caught.value.problems[0]
    assert "did you mean 'email'" in caught.value.problems[1]
    assert "leads.csv" in caught.value.problems[2]


def test_a_column_is_used_once():
    with pytest.raises(DefinitionError, match="used twice"):
        infer_mapping(table(["id", "x"]), {"email": "x", "phone": "x"})
    with pytest.raises(DefinitionError, match="is used, too"):
        infer_mapping(table(["id", "x"]), {"email": "x"}, ignore=["x"])


def test_the_description_shows_columns_and_no_values():
    told = infer_mapping(table(["id", "メールアドレス"], ["A-1", "a@example.jp"])).describe()
    lines = told.splitlines()
    assert lines[0].split() == ["column", "becomes", "type", "filled", "why"]
    assert lines[2].split() == ["メールアドレス", "email", "text", "100", "%", "its", "name"]
    assert "example" not in told
    assert lines[1].index("id", 5) == lines[0].index("becomes")
