"""The sample of a person has every field, in the program's language."""

import pytest

from nurture import Attribute, Program
from nurture.mail import TEST_LEAD, honorific
from nurture.predicates import FieldType
from nurture.runtime.samples import sample_account, sample_lead
from tests.stores import T0

ATTRIBUTES = [Attribute(f"a_{kind.value}", kind, of) for kind in FieldType for of in ("lead", "account")]


@pytest.mark.parametrize(("locale", "name"), [("ja", "見本 様"), ("en", "Hanna Sample")])
def test_somebody_to_look_at(locale: str, name: str) -> None:
    lead = sample_lead(Program(locale=locale), T0, owner="h")
    fields = {field: getattr(lead, field) for field in ("family_name", "given_name", "name")}
    assert honorific(fields, locale=locale) == name
    assert (lead.id, lead.owner, lead.locale) == (TEST_LEAD, "h", locale)
    assert all((lead.email, lead.phone, lead.line, lead.company, lead.department, lead.title))


def test_every_attribute_has_a_value_of_its_type() -> None:
    program = Program(attributes=ATTRIBUTES)
    for record in (sample_lead(program, T0), sample_account(program, T0)):
        assert len(record.attributes) == len(FieldType)
        for attribute in ATTRIBUTES:
            assert attribute.fit(record.attributes[attribute.name]) is not None
