"""The stored form, and how strictly it is read. `tests/property/test_predicate_codec.py` holds the round trip."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any

import pytest

from nurture.calendar import last_week, this_fiscal_year
from nurture.errors import DefinitionError
from nurture.predicates import (
    All,
    Predicate,
    check,
    dumps,
    dumps_document,
    from_document,
    from_json,
    loads,
    q,
    to_document,
    to_json,
    walk,
)
from nurture.predicates.names import MAX_JSON_BYTES, Names

DAY = timedelta(days=1)
US = 86_400_000_000


def test_the_form_of_each_node() -> None:
    views = q.touches("page.viewed").where(q.prop("path").is_in(["/a"])).within(days=1)
    assert to_json(views.count() >= 3) == {
        "node": "touched",
        "kind": "page.viewed",
        "where": {"node": "compare", "of": "prop", "field": "path", "op": "is_in", "value": ["/a"]},
        "within_us": US,
        "op": "ge",
        "n": 3,
    }
    assert to_json(~q.segment("hot")) == {"node": "not", "part": {"node": "in_segment", "name": "hot"}}
    assert to_json(q.lead.x.is_missing()) == {"node": "compare", "of": "lead", "field": "x", "op": "missing"}
    assert to_json(q.time_in_stage >= timedelta(seconds=1)) == {"node": "time_in_stage", "op": "ge", "length_us": 10**6}


X = {"node": "compare", "of": "lead", "field": "x", "op": "eq", "value": True}
VIEWED = {"node": "touched", "kind": "page.viewed", "op": "ge", "n": 1}
viewed = q.touches("page.viewed")


@pytest.mark.parametrize(
    ("predicate", "data"),
    [
        (
            q.account.usage >= 0.8 * q.account.plan,
            {
                "node": "compare",
                "of": "account",
                "field": "usage",
                "op": "ge",
                "value": {"field": {"of": "account", "field": "plan"}, "times": 0.8},
            },
        ),
        (
            q.lead.x == q.lead.y,
            {
                "node": "compare",
                "of": "lead",
                "field": "x",
                "op": "eq",
                "value": {"field": {"of": "lead", "field": "y"}},
            },
        ),
        (
            q.touches("email.*").within(days=3).older_than(days=1).sum("amount") > 2,
            {
                "node": "touched",
                "kind": "email.*",
                "within_us": 3 * US,
                "older_us": US,
                "quantifier": "sum",
                "of": "amount",
                "op": "gt",
                "n": 2.0,
            },
        ),
        (
            viewed.during(this_fiscal_year(), starts=q.account.month),
            {
                **VIEWED,
                "period": {"unit": "year", "offset": 0, "starts": 4},
                "starts": {"of": "account", "field": "month"},
            },
        ),
        (
            viewed.newest_per("deal").first(q.prop("x") == True),  # noqa: E712  # a predicate, not a test
            {
                "node": "touched",
                "kind": "page.viewed",
                "per": "deal",
                "quantifier": "first",
                "first": {**X, "of": "prop"},
            },
        ),
        (
            viewed.since_last() >= DAY,
            {"node": "touched", "kind": "page.viewed", "quantifier": "since_last", "op": "ge", "length_us": US},
        ),
        (
            viewed.then_no(q.touches("form.submitted"), within=DAY),
            {
                "node": "followed",
                "first": VIEWED,
                "then": {**VIEWED, "kind": "form.submitted"},
                "within_us": US,
                "absent": True,
            },
        ),
        (q.grade("m") >= "B", {"node": "grade", "model": "m", "op": "ge", "grade": "B"}),
        (
            q.time_in_segment("hot") < DAY,
            {"node": "time_in_segment", "name": "hot", "op": "lt", "length_us": US},
        ),
        (q.scenario("w").is_active(), {"node": "in_scenario", "name": "w", "states": ["active"]}),
        (
            q.consent().unsubscribed(),
            {"node": "consented", "word": "unsubscribed", "channel": "email", "purpose": "marketing"},
        ),
        (
            q.consent("news", channel="line", entity="sister").given(),
            {
                "node": "consented",
                "word": "given",
                "channel": "line",
                "purpose": "marketing",
                "topic": "news",
                "entity": "sister",
            },
        ),
        (q.bucket("s", 0, 12.5), {"node": "in_bucket", "salt": "s", "low": 0.0, "high": 12.5}),
        (
            q.lead.due.during(last_week(zone="account")),
            {
                "node": "in_period",
                "of": "lead",
                "field": "due",
                "period": {"unit": "week", "offset": -1, "starts": 0, "zone": "account"},
            },
        ),
        (q.lead.born.anniversary(before=3), {"node": "anniversary", "of": "lead", "field": "born", "before": 3}),
        (
            q.lead.born.age(zone="Asia/Tokyo") >= 20,
            {"node": "age", "of": "lead", "field": "born", "op": "ge", "years": 20, "zone": "Asia/Tokyo"},
        ),
        (
            q.lead.due.ahead() <= DAY,
            {"node": "elapsed", "of": "lead", "field": "due", "op": "le", "length_us": US, "ahead": True},
        ),
        (
            q.held(q.lead.x.is_true(), at_least=DAY),
            {"node": "held", "where": X, "op": "ge", "length_us": US},
        ),
        (
            q.account.matches(q.account.leads.where(viewed).count() >= 3),
            {"node": "of_account", "where": {"node": "people", "where": VIEWED, "op": "ge", "n": 3}},
        ),
    ],
)
def test_the_form_of_the_richer_nodes(predicate: Predicate, data: object) -> None:
    assert to_json(predicate) == data
    assert from_json(data) == predicate


def test_what_older_releases_wrote_reads_as_it_did() -> None:
    last = {"node": "touched", "kind": "page.viewed", "quantifier": "last", "last": {**X, "of": "prop"}}
    assert from_json(last) == viewed.last(q.prop("x").is_true())
    assert from_json({"node": "touched", "kind": "page.viewed", "within_us": US, "op": "eq", "n": 0}) == (
        viewed.within(days=1).never()
    )
    assert from_json({"node": "touched"}) == q.touches()


def test_instants_and_dates_are_not_texts() -> None:
    at = q.lead.x == datetime(2026, 3, 1, tzinfo=UTC)
    assert to_json(at)["value"] == {"$instant": "2026-03-01T00:00:00+00:00"}
    assert loads(dumps(at)) == at
    assert loads(dumps(q.lead.x == date(2026, 3, 1))) != loads(dumps(q.lead.x == "2026-03-01"))


def compare(op: str, **value: object) -> dict[str, object]:
    return {"node": "compare", "of": "lead", "field": "x", "op": op, **value}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], r"\$: expected an object with 'node', found a list"),
        ({}, r"\$: missing key 'node'"),
        ({"node": ["all"]}, r"\$\.node: expected text, found a list"),
        ({"node": "alll", "parts": []}, "did you mean 'all'"),
        ({"node": "all"}, r"\$: missing key 'parts'"),
        ({"node": "all", "parts": [], "part": 1}, r"\$: unknown key 'part'; did you mean 'parts'"),
        ({"node": "all", "parts": [{"node": "everyone"}, 3]}, r"\$\.parts\[1\]: expected an object"),
        ({"node": "not", "part": {"node": "nott"}}, r"\$\.part\.node: unknown node 'nott'"),
        (compare("eqq", value=1), r"\$\.op: unknown operator"),
        ({**compare("eq", value=1), "of": "leads"}, r"\$\.of.*did you mean 'lead'"),
        (compare("eq"), "eq: missing key 'value'"),
        (compare("missing", value=1), "missing: takes no value"),
        (compare("eq", value=None), r"\$\.value: expected a value, found null"),
        (compare("eq", value=["a"]), r"\$\.value: expected one value, found a list"),
        (compare("is_in", value="a"), r"\$\.value: expected a list, found text"),
        (compare("is_in", value=[["a"]]), r"\$\.value\[0\]: expected one value, found a list"),
        (compare("eq", value={"$date": "soon"}), r"\$\.value: expected a date or an instant in ISO 8601"),
        (compare("eq", value={"$instant": "0001-01-01T00:00+14:00"}), "ISO"),
        (compare("eq", value={"$instant": "2026-03-01T00:00"}), r"\$\.value: expected a datetime with a time zone"),
        (compare("eq", value={"$date": "2026-03-01", "x": 1}), r"\$\.value: expected a plain value"),
        (compare("eq", value={}), r"\$\.value: missing key 'field'"),
        (compare("eq", value={"field": {"of": "lead"}}), r"\$\.value\.field: missing key 'field'"),
        (compare("ge", value={"field": {"of": "lead", "field": "y"}, "time": 2}), "did you mean 'times'"),
        (
            compare("ge", value={"field": {"of": "lead", "field": "y"}, "times": 10**400}),
            r"\$\.value\.times: .*64 bits",
        ),
        (compare("contains", value={"field": {"of": "lead", "field": "y"}}), "not with another field"),
        (compare("between", value=[2, 1]), "the lowest value stands above the highest"),
        (compare("between", value=[1, 2, 3]), "the lowest and the highest value"),
        (compare("is_in", value=[1] * 1001), r"\$\.value: expected at most 1000 values"),
        (compare("eq", value="x" * 4097), r"\$\.value: expected text of at most 4096 bytes"),
        (compare("eq", value="a\x00"), r"\$\.value: expected text without U\+0000"),
        (compare("eq", value="\ud800"), r"\$\.value: expected text without lone surrogates"),
        (compare("eq", value=2**64), r"\$\.value: expected a whole number of at most 64 bits"),
        (compare("eq", value=float("nan")), r"\$\.value: expected a finite number"),
        (compare("eq", value=float("inf")), r"\$\.value: expected a finite number"),
        ({**compare("eq", value=1), "field": 3}, r"\$\.field: expected text"),
        ({"node": "score", "model": "m", "op": "ge", "value": "3"}, r"\$\.value: expected a number, found text"),
        ({"node": "score", "model": "m", "op": "gee", "value": 3}, r"\$\.op: unknown comparison 'gee'"),
        ({"node": "touched", "n": True}, r"\$\.n: expected a whole number"),
        ({"node": "touched", "n": 1.5}, r"\$\.n: expected a whole number"),
        ({"node": "touched", "within_us": -1}, "above zero"),
        ({"node": "touched", "within_us": -(10**40)}, r"\$\.within_us: expected a whole number of at most 64 bits"),
        ({"node": "touched", "within_us": 10**18}, "at most 100 years"),
        ({"node": "touched", "suspect": 1}, r"\$\.suspect: expected true or false"),
        ({"node": "touched", "kind": None}, r"\$\.kind: expected text, found null"),
        ({"node": "touched", "kind": "Viewed"}, r"\$: touches\(Viewed\): expected a kind"),
        ({"node": "touched", "quantifier": "sums"}, r"\$\.quantifier: unknown quantifier 'sums'; did you mean 'sum'"),
        ({"node": "touched", "quantifier": "sum"}, "a property belongs to"),
        (
            {"node": "touched", "quantifier": "first", "last": X},
            r"\$\.last: belongs to the quantifier 'last', not 'first'",
        ),
        ({"node": "touched", "last": X}, r"\$\.last: belongs to the quantifier 'last', not 'count'"),
        ({"node": "touched", "where": X}, r"\$: touches\(\)\.where: only comparisons of q.prop"),
        ({"node": "touched", "period": "today"}, r"\$\.period: expected an object, found text"),
        (
            {"node": "touched", "period": {"unit": "weak"}},
            r"\$\.period\.unit: unknown unit 'weak'; did you mean 'week'",
        ),
        (
            {"node": "touched", "period": {"unit": "day", "offset": 0, "zone": "Asia/Tokio"}},
            r"\$\.period\.zone: .*did you mean 'Asia/Tokyo'",
        ),
        ({"node": "touched", "starts": {"of": "lead", "field": "m"}}, "belongs to .during"),
        ({"node": "followed", "first": X, "then": VIEWED, "within_us": US}, r"\$: first: expected q.touches"),
        ({"node": "in_stage", "names": "new"}, r"\$\.names: expected a list"),
        ({"node": "in_stage", "names": ["new", 1]}, r"\$\.names\[1\]: expected text"),
        (
            {"node": "in_scenario", "name": "w", "states": ["activ"]},
            r"\$\.states\[0\]: unknown state 'activ'; did you mean",
        ),
        ({"node": "in_scenario", "name": "w", "states": []}, "at least one state"),
        (
            {"node": "consented", "word": "yes", "channel": "email", "purpose": "marketing"},
            r"\$\.word: unknown word 'yes'",
        ),
        (
            {"node": "in_bucket", "salt": "s", "low": 0, "high": 10**400},
            r"\$\.high: expected a whole number of at most 64",
        ),
        ({"node": "in_bucket", "salt": "s", "low": 50, "high": 50}, "percents"),
        ({"node": "age", "of": "prop", "field": "d", "op": "ge", "years": 3}, "not about a fact's prop.d"),
        ({"node": "anniversary", "of": "lead", "field": "d", "before": 367}, "from 0 to 366"),
        (
            {"node": "elapsed", "of": "lead", "field": "d", "op": "eq", "length_us": 1},
            r"\$\.op: unknown comparison 'eq'",
        ),
        ({"node": "held", "where": {"node": "everyone"}, "op": "ge", "length_us": 1}, "only comparisons of fields"),
        (
            {"node": "people", "where": {"node": "people", "where": X, "op": "ge", "n": 1}, "op": "ge", "n": 1},
            "each lead alone",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as caught:
        from_json(data)
    assert all(problem.startswith("$") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "$: missing key 'node'"),
        ({"nod": "everyone"}, "$: missing key 'node'"),
        ({"node": None}, "$.node: expected text, found null"),
        ({"node": 3}, "$.node: expected text, found a number"),
        (
            {"node": "age", "of": "lead", "field": "x", "op": "ge", "years": 1, "zone": "Asia/Tokio"},
            "$.zone: unknown time zone 'Asia/Tokio'; did you mean 'Asia/Tokyo'",
        ),
    ],
)
def test_what_is_missing_or_misspelt_is_named_where_it_belongs(data: object, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        from_json(data)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("given", "found"), [(None, "null"), (3, "a number"), ([], "a list"), ({}, "an object")])
def test_what_is_no_text_is_refused(given: Any, found: str) -> None:
    with pytest.raises(DefinitionError, match=rf"^\$: expected JSON text, found {found}$"):
        loads(given)


def test_a_zone_is_read_as_it_stands() -> None:
    for zone in ("Asia/Tokyo", "account", "lead"):
        born = q.lead.born.anniversary(zone=zone)
        assert from_json(to_json(born)) == born


def test_the_longest_kind_is_read() -> None:
    kind = f"page.{'v' * 95}"
    assert loads(dumps(q.touches(kind).count() >= 1)) == (q.touches(kind).count() >= 1)


def test_messages_begin_with_the_path_in_the_document() -> None:
    with pytest.raises(DefinitionError, match=r"^\$\.segments\[3\]\.parts\[0\]: expected an object"):
        from_json({"node": "all", "parts": [1]}, "$.segments[3]")


def test_depth_and_size_are_limited_and_trusted_data_may_have_more() -> None:
    deep = to_json(reduce(lambda inner, _: All((inner,)), range(16), q.everyone))
    with pytest.raises(DefinitionError, match="nested more than 16 deep"):
        from_json(deep)
    assert to_json(from_json(deep, max_depth=20)) == deep
    wide = to_json(All(tuple(q.everyone for _ in range(500))))
    with pytest.raises(DefinitionError, match=r"\$\.parts\[499\]: more than 500 nodes"):
        from_json(wide)
    assert to_json(from_json(wide, max_nodes=501)) == wide


def test_the_values_of_all_lists_count_together() -> None:
    def lists(size: int) -> Predicate:
        return q.lead.x.is_in(range(size)) & q.lead.y.not_in(range(400)) & q.stage.is_in(["a", "b"]) & (q.lead.z == 1)

    most, many = lists(598), lists(599)
    assert from_json(to_json(most)) == most
    with pytest.raises(DefinitionError, match=r"^\$\.parts\[2\]\.names: expected at most 1000 values in all lists"):
        from_json(to_json(many))
    assert from_json(to_json(many), max_values=1001) == many
    names = Names(stages=("a", "b"))
    said = "here: 1001 values in lists; at most 1000 in all of them together"
    assert said in check(many, names, "here")
    assert said not in check(most, names, "here")


def test_a_predicate_made_in_python_is_no_longer_than_what_may_be_read() -> None:
    def long(size: int) -> Predicate:
        return q.lead.title.is_in([f"{n:04}{'x' * 4000}" for n in range(size)])

    assert check(long(250), Names(), "here") == []
    assert loads(dumps(long(250))) == long(250)
    assert check(long(270), Names(), "here") == [
        f"here: {len(dumps(long(270)))} bytes of JSON; at most {MAX_JSON_BYTES}"
    ]
    with pytest.raises(DefinitionError, match=rf"^\$: expected at most {MAX_JSON_BYTES} bytes of JSON"):
        loads(dumps(long(270)))


def test_a_document_says_its_version_and_a_node_may_stand_alone() -> None:
    hot = q.segment("hot")
    assert to_document(hot) == {"nurture_predicate": 1, "where": to_json(hot)}
    assert from_document(to_document(hot)) == from_document(to_json(hot)) == hot
    assert loads(dumps_document(hot)) == loads(dumps(hot)) == hot
    assert dumps_document(hot) == '{"nurture_predicate":1,"where":{"name":"hot","node":"in_segment"}}'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"nurture_predicate": 2, "where": X}, r"^\$\.nurture_predicate: this release reads version 1, found 2$"),
        ({"nurture_predicate": 1.0, "where": X}, "found 1.0"),
        ({"nurture_predicate": True, "where": X}, "found True"),
        ({"nurture_predicate": "1" * 500, "where": X}, r"found 1{59}…$"),
        ({"nurture_predicate": [], "where": X}, "found a list"),
        ({"nurture_predicate": 1}, r"^\$: missing key 'where'"),
        ({"nurture_predicate": 1, "where": X, "were": 1}, "did you mean 'where'"),
        ({"nurture_predicate": 1, "where": {**X, "op": "e"}}, r"^\$\.where\.op: unknown operator"),
        ({"nurture_predicat": 1, "where": X}, r"^\$: missing key 'node'$"),
    ],
)
def test_a_document_of_another_version_is_refused(data: object, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        from_document(data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"node": "everyone", "node": "all"}', r"^\$: the key 'node' stands twice in one object"),
        (
            '{"node": "not", "part": {"node": "all", "parts": [], "parts": []}}',
            r"^\$\.part: the key 'parts' stands twice",
        ),
        ('{"node": "score", "model": "m", "op": "ge", "value": NaN}', r"^\$\.value: NaN is not a number"),
        ('{"node": "all", "parts": [1, -Infinity]}', r"^\$\.parts\[1\]: -Infinity is not a number"),
        ('{"node": "score", "model": "m", "op": "ge", "value": 1e999}', "finite number"),
        ('{"node": "touched", "n": 1e999}', r"^\$\.n: expected a whole number"),
        ("{", "not JSON"),
        ("", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ("null", r"^\$: expected an object with 'node', found null"),
    ],
)
def test_text_from_outside_is_read_strictly(text: str | bytes, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        loads(text)


def _listed(value: str, times: int) -> str:
    return f'{{"node": "compare", "of": "lead", "field": "x", "op": "is_in", "value": [{",".join([value] * times)}]}}'


def _day(**more: str) -> str:
    return json.dumps({"unit": "day", "offset": 0, **more})


HOSTILE: dict[str, tuple[Callable[[], str], str]] = {
    "deep": (lambda: "[" * 500_000, "nested too deeply"),
    "deep nodes": (lambda: '{"node":"not","part":' * 20_000, "nested too deeply"),
    "deep but whole": (
        lambda: '{"node":"not","part":' * 100 + '{"node":"everyone"}' + "}" * 100,
        r"(\.part){16}: nested more than 16 deep$",
    ),
    "deep in a value": (lambda: _listed("[" * 300 + "]" * 300, 1), r"^\$\.value\[0\]: expected one value"),
    "deep and wide, with one bad number": (
        lambda: "[" * 400 + "[]," * 100_000 + "NaN" + "]" * 400,
        r"^\$: nested too deeply$",
    ),
    "wide, with one bad number": (
        lambda: "[" * 40 + "[]," * 100_000 + "NaN" + "]" * 40,
        r"^\$(\[0\]){39}\[100000\]: NaN is not a number",
    ),
    "wide": (
        lambda: '{"node": "all", "parts": [' + '{"node":"everyone"},' * 50_000 + '{"node":"everyone"}]}',
        r"^\$\.parts\[499\]: more than 500 nodes",
    ),
    "many values": (lambda: _listed("1", 300_000), r"^\$\.value: expected at most 1000 values"),
    "many keys": (
        lambda: '{"node": "everyone", ' + ",".join(f'"k{n}": 1' for n in range(70_000)) + "}",
        r"\$: and 69990 unknown keys more",
    ),
    "many keys, the last twice": (
        lambda: "{" + ",".join(f'"k{n}": 1' for n in range(70_000)) + ', "k69999": 2}',
        r"^\$: the key 'k69999' stands twice",
    ),
    "a huge whole number": (
        lambda: _listed("9" * 1_000_000, 1),
        r"^\$\.value\[0\]: expected a whole number of at most 64",
    ),
    "a huge exponent": (lambda: _listed("1e" + "9" * 100_000, 1), r"^\$\.value\[0\]: a number of 100002 characters"),
    "a huge fraction": (lambda: _listed("0." + "1" * 1_000_000, 1), r"^\$\.value\[0\]: a number of 1000002 characters"),
    "many large numbers": (
        lambda: _listed("9" * 60, 999),
        r"^\$\.value\[0\]: expected a whole number of at most 64 bits",
    ),
    "a long name": (lambda: f'{{"node": "{"a" * 1_000_000}"}}', r"^\$\.node: unknown node 'a{59}…'"),
    "a long key": (lambda: f'{{"node": "everyone", "{"a" * 1_000_000}": 1}}', r"^\$: unknown key 'a{59}…'"),
    "a long operator": (
        lambda: f'{{"node": "compare", "of": "lead", "field": "x", "op": "{"a" * 1_000_000}", "value": 1}}',
        r"^\$\.op: expected text of at most 4096 bytes, found 1000000",
    ),
    "a long zone": (
        lambda: f'{{"node": "touched", "period": {{"unit": "day", "offset": 0, "zone": "{"a" * 1_000_000}"}}}}',
        r"^\$\.period\.zone: expected text of at most 4096 bytes",
    ),
    "a zone of some length": (
        lambda: f'{{"node": "in_period", "of": "lead", "field": "x", "period": {_day(zone="a" * 4_000)}}}',
        r"^\$\.period\.zone: unknown time zone 'a{59}…'",
    ),
    "a unit of some length": (
        lambda: f'{{"node": "in_period", "of": "lead", "field": "x", "period": {{"unit": "{"a" * 4_000}"}}}}',
        r"^\$\.period\.unit: unknown unit 'a{59}…'",
    ),
    "a part of some length": (
        lambda: f'{{"node": "in_period", "of": "lead", "field": "x", "period": {_day(**{"a" * 4_000: "x"})}}}',
        r"^\$\.period: unknown field 'a{59}…'",
    ),
    "a zone of some length in a node": (
        lambda: f'{{"node": "anniversary", "of": "lead", "field": "x", "zone": "{"a" * 4_000}"}}',
        r"^\$\.zone: unknown time zone 'a{59}…'",
    ),
    "a kind of some length": (
        lambda: f'{{"node": "touched", "kind": "{"a" * 4_000}", "op": "ge", "n": 1}}',
        r"^\$: touches\(a{59}…\): expected a kind such as",
    ),
    "a field of some length": (
        lambda: f'{{"node": "compare", "of": "lead", "field": "{"a" * 4_000}", "op": "matches", "value": "("}}',
        r"^\$: lead\.a{394}…$",
    ),
    "too long": (lambda: '"' + "a" * MAX_JSON_BYTES + '"', rf"^\$: expected at most {MAX_JSON_BYTES} bytes of JSON$"),
    "too long in bytes": (
        lambda: '"' + "値" * 400_000 + '"',
        rf"^\$: expected at most {MAX_JSON_BYTES} bytes of JSON$",
    ),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_hostile_text_is_refused_with_a_short_message(attack: str) -> None:
    make, message = HOSTILE[attack]
    with pytest.raises(DefinitionError, match=message) as caught:
        loads(make())
    assert all(problem.startswith("$") for problem in caught.value.problems)
    assert len(str(caught.value)) < 2_500


class Counted(list[Any]):
    """A list that counts how often an item was taken out of it."""

    taken = 0

    def __iter__(self) -> Any:
        for item in super().__iter__():
            self.taken += 1
            yield item


def test_what_is_too_wide_is_not_read_to_its_end() -> None:
    parts = Counted([{"node": "everyone"}] * 100_000)
    with pytest.raises(DefinitionError, match="more than 500 nodes"):
        from_json({"node": "all", "parts": parts})
    assert parts.taken == 500
    values = Counted([1] * 100_000)
    with pytest.raises(DefinitionError, match="at most 1000 values"):
        from_json(compare("is_in", value=values))
    assert values.taken == 0


def test_data_that_is_deeper_than_the_stack_is_refused_all_the_same() -> None:
    node: dict[str, object] = {"node": "everyone"}
    value: list[object] = []
    for _ in range(100_000):
        node, value = {"node": "not", "part": node}, [value]
    for data in (node, compare("is_in", value=value), compare("eq", value={"$date": value})):
        with pytest.raises(DefinitionError):
            from_json(data)


def test_every_node_of_a_tree_is_counted_once() -> None:
    some = All(tuple(~(q.lead.x == n) for n in range(249)))
    assert sum(1 for _ in walk(some)) == 499
    assert from_json(to_json(some)) == some
