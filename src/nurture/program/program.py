"""All declarations together: immutable, serialisable, checked when built, with a content hash."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, cast

import attrs

from nurture.calendar import MONDAY_TO_FRIDAY, BusinessCalendar, tz_version
from nurture.errors import DefinitionError
from nurture.model import SubjectKind, digest
from nurture.program.attribute import Attribute
from nurture.program.campaign import Campaign
from nurture.program.content import Block, Layout
from nurture.program.lifecycle import Lifecycle
from nurture.program.message import Message
from nurture.program.policy import ContactPolicy
from nurture.program.scenario import Scenario
from nurture.program.score import ScoreModel
from nurture.program.segment import Segment
from nurture.program.topic import Topic
from nurture.steps.declaration import fit, several

if TYPE_CHECKING:
    from nurture.predicates import Names

T = TypeVar("T")


def _scores(given: Iterable[ScoreModel]) -> tuple[ScoreModel, ...]:
    return several(given)


def _segments(given: Iterable[Segment]) -> tuple[Segment, ...]:
    return several(given)


def _messages(given: Iterable[Message]) -> tuple[Message, ...]:
    return several(given)


def _scenarios(given: Iterable[Scenario]) -> tuple[Scenario, ...]:
    return several(given)


def _campaigns(given: Iterable[Campaign]) -> tuple[Campaign, ...]:
    return several(given)


def _attributes(given: Iterable[Attribute]) -> tuple[Attribute, ...]:
    return several(given)


def _topics(given: Iterable[Topic]) -> tuple[Topic, ...]:
    return several(given)


def _layouts(given: Iterable[Layout]) -> tuple[Layout, ...]:
    return several(given)


def _blocks(given: Iterable[Block]) -> tuple[Block, ...]:
    return several(given)


def _actions(given: Iterable[str]) -> tuple[str, ...]:
    return several(given)


@attrs.frozen(slots=True, kw_only=True)
class Program:
    """Everything that should follow from facts. Building one checks it; all problems come at once.

    Attributes:
        name: For people to read.
        lifecycle: The purchase phases, if there are any.
        scores: Score models.
        segments: Named groups.
        messages: What steps can send.
        layouts: What messages stand in.
        blocks: What messages and layouts show, chosen by predicate.
        topics: What messages may be about; when any is declared, a message's topic must be one of them.
        scenarios: Drips.
        campaigns: What touchpoints and leads refer to.
        attributes: Typed custom attributes.
        actions: Names of the host's actions that steps may ask for.
        policy: The one gate's rules.
        zone: IANA zone for subjects that have none of their own.
        calendar: Business days.
        locale: Language for subjects that have none of their own.

    Raises:
        DefinitionError: Something is wrong with it; every problem is listed, with its place.
    """

    name: str = "program"
    lifecycle: Lifecycle | None = None
    scores: tuple[ScoreModel, ...] = attrs.field(default=(), converter=_scores)
    segments: tuple[Segment, ...] = attrs.field(default=(), converter=_segments)
    messages: tuple[Message, ...] = attrs.field(default=(), converter=_messages)
    layouts: tuple[Layout, ...] = attrs.field(default=(), converter=_layouts)
    blocks: tuple[Block, ...] = attrs.field(default=(), converter=_blocks)
    topics: tuple[Topic, ...] = attrs.field(default=(), converter=_topics)
    scenarios: tuple[Scenario, ...] = attrs.field(default=(), converter=_scenarios)
    campaigns: tuple[Campaign, ...] = attrs.field(default=(), converter=_campaigns)
    attributes: tuple[Attribute, ...] = attrs.field(default=(), converter=_attributes)
    actions: tuple[str, ...] = attrs.field(default=(), converter=_actions)
    policy: ContactPolicy = attrs.field(factory=ContactPolicy)
    zone: str = "UTC"
    calendar: BusinessCalendar = MONDAY_TO_FRIDAY
    locale: str = "en"
    memo: dict[str, object] = attrs.field(factory=dict[str, object], init=False, eq=False, repr=False, hash=False)
    """What was worked out once from the rest; never part of the value."""

    def __attrs_post_init__(self) -> None:
        from nurture.program.check import problems_of

        fit(self, "")
        problems = problems_of(self)
        if problems:
            raise DefinitionError(problems)

    @property
    def hash(self) -> str:
        """Hash of the content: equal programs have equal hashes on every machine."""
        return self._once("hash", lambda: digest("prog", canonical(self.to_json())))

    @property
    def fingerprint(self) -> str:
        """The hash together with the time-zone database: what workers that decide side by side must share."""
        return self._once("fingerprint", lambda: f"{self.hash}+tz{tz_version()}")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but probably not meant."""
        from nurture.program.check import warnings_of

        return tuple(warnings_of(self))

    def to_json(self) -> dict[str, object]:
        """The program as JSON data; `Program.from_json` gives an equal one back."""
        from nurture.program.codec import program_to_json

        return program_to_json(self)

    @classmethod
    def from_json(cls, data: object) -> Program:
        """The program that `to_json` wrote, checked again.

        Args:
            data: JSON data, or JSON text.

        Raises:
            DefinitionError: It is not such a program; every problem is listed with its JSON path.
        """
        from nurture.program.codec import program_from_json

        return program_from_json(data)

    @classmethod
    def from_yaml(cls, text: str | bytes) -> Program:
        """The program that a YAML document says: what `to_json` writes, in the form that people write (extra `yaml`).

        A bare word is a text, unless it is `true`, `false`, `null` or a number.

        Args:
            text: The document.

        Raises:
            DefinitionError: It is no such program; every problem is listed with its line or its path.
            ImportError: The extra is missing.
        """
        from nurture.program.yaml import data_from_yaml

        return cls.from_json(data_from_yaml(text))

    def names(self, subject: SubjectKind = SubjectKind.LEAD) -> Names:
        """What the names in predicates about such a subject mean."""
        from nurture.program.check import names_for

        return self._once(f"names:{subject}", lambda: names_for(self, subject))

    def message(self, name: str) -> Message | None:
        """The message of this name."""
        return next((one for one in self.messages if one.name == name), None)

    def layout(self, name: str) -> Layout | None:
        """The layout of this name."""
        return next((one for one in self.layouts if one.name == name), None)

    def block(self, name: str) -> Block | None:
        """The block of this name."""
        return next((one for one in self.blocks if one.name == name), None)

    def campaign(self, name: str) -> Campaign | None:
        """The campaign of this name."""
        return next((one for one in self.campaigns if one.name == name), None)

    def scenario(self, name: str) -> Scenario | None:
        """The scenario of this name."""
        return next((one for one in self.scenarios if one.name == name), None)

    def segment(self, name: str) -> Segment | None:
        """The segment of this name."""
        return next((one for one in self.segments if one.name == name), None)

    def score(self, name: str) -> ScoreModel | None:
        """The score model of this name."""
        return next((one for one in self.scores if one.name == name), None)

    def attribute(self, name: str, subject: SubjectKind) -> Attribute | None:
        """The custom attribute of this name."""
        return next((one for one in self.attributes if one.name == name and one.subject is subject), None)

    def version_of(self, scenario: Scenario) -> str:
        """Hash of a scenario with its segments inlined: what an enrollment is pinned to."""
        from nurture.program.codec import scenario_version

        return self._once(f"version:{scenario.name}", lambda: scenario_version(self, scenario)[0])

    def definition_of(self, scenario: Scenario) -> str:
        """JSON text of a scenario with its segments inlined."""
        from nurture.program.codec import scenario_version

        return self._once(f"definition:{scenario.name}", lambda: scenario_version(self, scenario)[1])

    def _repr_html_(self) -> str:
        from nurture.program.display import program_html

        return program_html(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from nurture.program.display import program_text

        return {"text/plain": program_text(self), "text/html": self._repr_html_()}

    def _once(self, what: str, make: Callable[[], T]) -> T:
        found = self.memo.get(what)
        if found is None:
            found = self.memo[what] = make()
        return cast("T", found)


def canonical(data: object) -> str:
    """JSON text that is the same for equal data: sorted keys, no blanks, no escapes."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
