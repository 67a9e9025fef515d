"""The host's object: everything an application does with this library goes through it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Self

from nurture.decisions import Explanation, explain
from nurture.errors import DefinitionError, InvalidFactError, NotFoundError
from nurture.model import (
    ANY_CHANNEL,
    ANY_ENTITY,
    Account,
    AccountId,
    Basis,
    Consent,
    Effect,
    EffectId,
    FactId,
    Lead,
    LeadId,
    Origin,
    Purpose,
    Repeat,
    Standing,
    SubjectId,
    SubjectKind,
    Suppression,
    Switch,
    Touchpoint,
    Value,
    clean_choice,
    clean_instant,
)
from nurture.model.ids import shown
from nurture.ports import Capability
from nurture.program.double_opt_in import Asked
from nurture.runtime import (
    announcing,
    approving,
    confirming,
    consenting,
    listing,
    operating,
    paging,
    probing,
    proving,
    requested,
    requesting,
    selecting,
    suppressing,
    switching,
    tallying,
    tasking,
)
from nurture.runtime.activating import activate, activate_first, refuse_dropped_names, require_program, revive
from nurture.runtime.arguments import checked
from nurture.runtime.capturing import capture_account, capture_lead
from nurture.runtime.deciding import commit, dossier_of
from nurture.runtime.host import Host, Observer
from nurture.runtime.joining import joined, refuse_joined
from nurture.runtime.overlooked import Overlooked, overlooked
from nurture.runtime.owners import owner_book
from nurture.runtime.parts import refuse_wrong_parts
from nurture.runtime.recording import facts_of, update_subject
from nurture.runtime.results import (
    Answered,
    Approval,
    Decided,
    Delivered,
    Enrolled,
    Listed,
    Member,
    Moved,
    NewFact,
    Page,
    Reasons,
    Refused,
    RolledOver,
    Ticked,
    Withdrawn,
)
from nurture.runtime.selecting import Selection, selected
from nurture.runtime.sweeping import progress_of, sweep
from nurture.runtime.working import drain, run, tick

if TYPE_CHECKING:
    from nurture.calendar import Duration
    from nurture.mail.files import AttachmentSource
    from nurture.mail.owner import Owner
    from nurture.mail.site import Site
    from nurture.ports import Action, Backlog, Receipt, Sender, Storage
    from nurture.predicates import Order, Predicate
    from nurture.program import Broadcast, Message, Program, Segment
    from nurture.runtime.migrating import Migration
    from nurture.runtime.preview import Preview
    from nurture.runtime.probe import Probe
    from nurture.runtime.proving import ConsentProof
    from nurture.runtime.switching import Fate
    from nurture.runtime.tallying import BroadcastStatus
    from nurture.runtime.tasking import OpenTask

BATCH = 100
"""So many subjects or effects are taken in one go."""


@checked
class Nurture:
    """Leads in, decisions and messages out; wired together from a program, a store and senders.

    Thread-safe: one object may serve all threads of an application. Building it starts no thread and
    opens no connection; the store is first touched by the first call.

    Args:
        program: What should follow from facts. The first one that meets an empty store becomes active.
        storage: Keeps everything, and holds the clock.
        senders: A sender for each channel.
        site: Base URL, secret and sender identity; needed to send mail.
        actions: The host's own actions that steps may ask for, by name.
        owners: Who looks after leads, by the id that leads carry: an `Owner`, or an address; an owner whose id is an
            address needs none.
        attachments: Files that messages name, by that name: an `Attachment`, or what makes one for an effect.
        observers: Called with every new fact after it was committed. A crash can lose such a call, so
            what must not be lost belongs into an action.
        probe: Is told what is done and how long it takes, such as `nurture.telemetry.OpenTelemetry` gives one.

    Raises:
        DefinitionError: A part is something else, the program asks for an action that is not given, or a message's
            template is broken or mentions what it will not be given; all problems at once.
    """

    def __init__(
        self,
        program: Program,
        storage: Storage,
        *,
        senders: Mapping[str, Sender] | None = None,
        site: Site | None = None,
        actions: Mapping[str, Action] | None = None,
        owners: Mapping[str, str | Owner] | None = None,
        attachments: Mapping[str, AttachmentSource] | None = None,
        observers: Sequence[Observer] = (),
        probe: Probe | None = None,
        render: bool = True,
        new_key: Callable[[], str] | None = None,
    ) -> None:
        refuse_wrong_parts(
            program=program,
            storage=storage,
            senders=senders,
            site=site,
            actions=actions,
            owners=owners,
            attachments=attachments,
            observers=observers,
            probe=probe,
            render=render,
            new_key=new_key,
        )
        self._host = Host(
            program=program,
            storage=storage,
            senders=dict(senders or {}),
            site=site,
            actions=dict(actions or {}),
            owners=owner_book(owners),
            attachments=dict(attachments or {}),
            observers=tuple(observers),
            probe=probe,
            render=render,
        )
        if new_key is not None:
            self._host.new_key = new_key
        _check(program, self._host)
        self._is_ready = False

    @property
    def program(self) -> Program:
        """The program by which this object decides."""
        return self._host.program

    @property
    def storage(self) -> Storage:
        """The store."""
        return self._host.storage

    def using(self, connection: object) -> Self:
        """The same inside a transaction of the application's own.

        What is written through it lasts when the application commits, and goes when it rolls back; on SQLite nobody
        waits for a second writer. Observers are called after the commit. Sending belongs to a worker: `deliver`,
        `tick`, `run` and `activate` are refused.

        Args:
            connection: With a transaction open: a SQLAlchemy `Connection` or `Session`, or Django's
                `django.db.connection`. See `SqlStorage.joined`.

        Raises:
            JoinError: The store or the connection cannot be joined.
        """
        if Capability.SKIP_LOCKED in self._host.storage.capabilities:
            self._ready()  # within a transaction that stays open it would hold up everybody else's first use
        within = self.__class__.__new__(self.__class__)
        within._host = joined(self._host, connection)
        within._is_ready = self._is_ready
        return within

    def capture(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        line: str | None = None,
        visitor: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        name: str | None = None,
        family_name: str | None = None,
        given_name: str | None = None,
        family_kana: str | None = None,
        given_kana: str | None = None,
        company: str | None = None,
        department: str | None = None,
        title: str | None = None,
        source: str | None = None,
        campaign: str | None = None,
        account: AccountId | None = None,
        owner: str | None = None,
        locale: str | None = None,
        zone: str | None = None,
        tags: Sequence[str] = (),
        attributes: Mapping[str, object] | None = None,
        consent: Consent | Basis | str | None = None,
        at: datetime | None = None,
    ) -> Lead:
        """Take a person in; a known one is filled up, never overwritten, and never re-subscribed.

        Args:
            email: Address, as written. It is not required: any identifier will do.
            phone: Phone number, as written.
            line: LINE user id.
            visitor: Visitor id of the host's web tracking.
            external_ids: Ids in other systems, by system.
            name: Full name, when it is not known in parts.
            family_name: 姓.
            given_name: 名.
            family_kana: Reading of the family name.
            given_kana: Reading of the given name.
            company: The company in the person's own words.
            department: 部署.
            title: 役職.
            source: Where the lead came from; None means that nobody knows.
            campaign: The campaign that brought it.
            account: The company it belongs to, as `capture_account` gave it.
            owner: Who of us looks after it.
            locale: Language for messages, such as `ja`.
            zone: IANA time zone.
            tags: Free labels.
            attributes: Custom attributes that the program declares.
            consent: What the person agreed to along with this; a basis alone means marketing by e-mail, now. A yes is
                never explicit here. A refusal does what `unsubscribe` does.
            at: When we met; None means now.

        Returns:
            The lead as it is kept.

        Raises:
            InvalidFactError: No identifier, a naive datetime, or a value of a wrong type; the field is named.
            UnknownNameError: An attribute that the program does not declare.
        """
        self._ready()
        fields = {
            "email": email, "phone": phone, "line": line, "visitor": visitor, "name": name, "family_name": family_name,
            "given_name": given_name, "family_kana": family_kana, "given_kana": given_kana, "company": company,
            "department": department, "title": title, "source": source, "campaign": campaign, "account": account,
            "owner": owner, "locale": locale, "zone": zone,
        }  # fmt: skip
        if consent is not None and not isinstance(consent, Consent):
            given_at = self._host.storage.now() if at is None else clean_instant(at, "at")
            consent = Consent(at=given_at, basis=clean_choice(Basis, consent, "consent"), source=source or "")
        return capture_lead(
            self._host,
            fields,
            external_ids=external_ids or {},
            attributes=attributes or {},
            tags=tags,
            consent=consent,
            at=at,
        )

    def capture_account(
        self,
        *,
        name: str,
        key: str | None = None,
        name_kana: str | None = None,
        domain: str | None = None,
        corporate_number: str | None = None,
        industry: str | None = None,
        employees: int | None = None,
        region: str | None = None,
        owner: str | None = None,
        attributes: Mapping[str, object] | None = None,
        at: datetime | None = None,
    ) -> Account:
        """Take a company in; a known one is filled up, never overwritten.

        It is recognised by `key`, 法人番号 or domain; by its exact name only when it has none of these.

        Args:
            name: As registered.
            key: The host's own id of the company.
            name_kana: Reading.
            domain: Web domain that is its own.
            corporate_number: 法人番号.
            industry: In the host's words.
            employees: Head count.
            region: Prefecture or country.
            owner: Who of us looks after it.
            attributes: Custom attributes that the program declares.
            at: When we first heard of it; None means now.
        """
        self._ready()
        fields: dict[str, object] = {
            "name": name, "name_kana": name_kana, "domain": domain, "corporate_number": corporate_number,
            "industry": industry, "employees": employees, "region": region, "owner": owner,
        }  # fmt: skip
        return capture_account(self._host, fields, key=key, attributes=attributes or {}, at=at)

    def record(
        self,
        subject: SubjectId,
        kind: str,
        properties: Mapping[str, Value] | None = None,
        *,
        key: str | None = None,
        at: datetime | None = None,
        origin: Origin | str = Origin.LEAD,
        channel: str | None = None,
        campaign: str | None = None,
        cause: EffectId | None = None,
        suspect: bool = False,
    ) -> FactId:
        """Write a touchpoint down; the next tick decides what follows.

        Args:
            subject: The lead or account.
            kind: `object.past_participle`, such as `page.viewed`.
            properties: What else is known.
            key: The source's own id of the event; recording it twice is then harmless.
            at: When it happened; None means now.
            origin: `lead` (default), or `host` for what we did ourselves.
            channel: On which channel.
            campaign: Of which campaign.
            cause: The effect that brought it about (the mail that was clicked).
            suspect: Whether a machine may have done it.

        Raises:
            NotFoundError: There is no such lead or account.
            InvalidFactError: A naive datetime, the far future, or something that is no kind; the field is named.
        """
        fact = NewFact(
            subject=subject,
            kind=kind,
            properties=properties or {},
            key=key,
            at=at,
            origin=clean_choice(Origin, origin, "origin"),
            channel=channel,
            campaign=campaign,
            cause=cause,
            suspect=suspect,
        )
        return self.record_many([fact])[0]

    def record_many(self, facts: Iterable[NewFact]) -> tuple[FactId, ...]:
        """Write many touchpoints down in one unit: all of them, or none if one cannot be accepted."""
        self._ready()
        given = facts_of(facts)
        return probing.record(self._host, given) if given else ()

    def update(
        self, /, subject: SubjectId, *, attributes: Mapping[str, object] | None = None, **fields: object
    ) -> Lead | Account:
        """Change fields and attributes of a lead or account; None clears one. The change is a fact.

        Args:
            subject: The lead or account.
            attributes: Custom attributes.
            fields: Built-in fields, such as `title="部長"`.
        """
        self._ready()
        return update_subject(self._host, subject, fields, attributes or {})

    def consent(
        self,
        lead: LeadId,
        *,
        given: bool = True,
        channel: str = "email",
        purpose: Purpose | str = Purpose.MARKETING,
        topic: str = "",
        entity: str = "",
        basis: Basis | str = Basis.CONSENT,
        source: str = "",
        text_version: str = "",
        jurisdiction: str = "",
        proof: str = "",
        at: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> Lead:
        """Write down that a person explicitly agreed or refused; only this lifts an earlier unsubscribe.

        Args:
            lead: Who.
            given: Agreed, or refused.
            channel: On which channel.
            purpose: For what.
            topic: About what; `""` is the whole purpose.
            entity: Towards which sender, by the name of the site's identity; `""` is the site's own.
            basis: On what ground.
            source: Where.
            text_version: Which wording the person saw.
            jurisdiction: Whose law it was given under, such as `JP`; `""` is the contact policy's.
            proof: What proves it, such as a submission's id; nothing personal.
            at: When; None means now.
            expires_at: When it ends by itself.

        Raises:
            UnknownNameError: Nothing declares the sender, the topic or the channel; the near misses are listed.
        """
        self._ready()
        word = Consent(
            entity=entity,
            channel=channel,
            purpose=clean_choice(Purpose, purpose, "purpose"),
            topic=topic,
            given=given,
            at=at or self._host.storage.now(),
            basis=clean_choice(Basis, basis, "basis"),
            source=source,
            text_version=text_version,
            jurisdiction=jurisdiction,
            proof=proof,
            expires_at=expires_at,
            explicit=True,
        )
        return consenting.say(self._host, lead, word)

    def unsubscribe(
        self,
        lead: LeadId,
        *,
        channel: str = "email",
        purpose: Purpose | str = Purpose.MARKETING,
        topic: str = "",
        entity: str = "",
        source: str = "",
        everything: bool = False,
    ) -> Lead:
        """Take consent back, suppress the address, and withhold what is waiting; all in one unit. Harmless twice.

        Args:
            lead: Who.
            channel: On which channel.
            purpose: What for.
            topic: Only this topic; `""` is all of the purpose. The address keeps either, beyond the lead.
            entity: Towards which sender; `""` is the site's own.
            source: Where it came from, such as `one_click`.
            everything: Towards every sender, on every channel and about every topic, instead of those named; also those
                that are declared later. It is one word, and holds until a newer explicit consent names a sender and a
                channel: then that one alone may write.

        Raises:
            UnknownNameError: Nothing declares the sender, the topic or the channel; what a mail to the lead named once
                is known for ever. For the words of a link there is `unsubscribe_by`, which asks for no names.
        """
        self._ready()
        word = Consent(
            entity=ANY_ENTITY if everything else entity,
            channel=ANY_CHANNEL if everything else channel,
            purpose=clean_choice(Purpose, purpose, "purpose"),
            topic="" if everything else topic,
            given=False,
            at=self._host.storage.now(),
            source=source,
            explicit=True,
        )
        return consenting.say(self._host, lead, word)

    def unsubscribe_by(self, token: str, *, source: str = "one_click", everything: bool = False) -> Lead | None:
        """Do what an unsubscribe link says, as `unsubscribe` does it; call it for each POST to that address.

        The link works for as long as there is the lead, whatever the program has forgotten since the mail was sent.
        Harmless twice.

        Args:
            token: The last part of the link's path.
            source: Where it came from.
            everything: Towards every sender, on every channel and about every topic, instead of those that the link
                names.

        Returns:
            The lead; None when the token is forged, of another tenant, or of a lead that is gone. Answer all of them
            alike.
        """
        self._ready()
        return consenting.leave(self._host, token, source, everything=everything)

    def ask_consent(
        self,
        lead: LeadId,
        *,
        channel: str = "email",
        purpose: Purpose | str = Purpose.MARKETING,
        topic: str = "",
        entity: str = "",
        text_version: str = "",
        source: str = "",
    ) -> Lead:
        """Write down that a person is to be asked whether they agree; this is no consent.

        It is the fact `consent.asked`, which begins a `double_opt_in` scenario. The arguments are those of `consent`:
        what the person agrees to by following the link in the mail.

        Raises:
            UnknownNameError: Nothing declares the sender, the topic or the channel.
        """
        self._ready()
        asked = Asked(
            channel=channel,
            purpose=clean_choice(Purpose, purpose, "purpose"),
            topic=topic,
            entity=entity,
            text_version=text_version,
            source=source,
        )
        return consenting.ask(self._host, lead, asked)

    def confirm(self, token: str) -> Lead | None:
        """Write down the consent that a confirmation link asks for; call it when the person presses the button.

        Harmless twice: a link that was used changes nothing, even after an unsubscribe. One that was not used counts
        for 31 days, unless the person or the address has refused since, or the lead's address is another by now.

        Args:
            token: The last part of the link's path.

        Returns:
            The lead; None when the token is forged, too old, of another tenant, of a lead that is gone, or when its
            question does not stand any more.
        """
        self._ready()
        return confirming.confirm(self._host, token)

    def object_to_profiling(self, lead: LeadId, *, source: str = "", text_version: str = "") -> Lead:
        """Write down that a person does not want to be scored: held scores end, and no more points are given.

        Args:
            lead: Who.
            source: Where it was said.
            text_version: Which wording the person saw.
        """
        return self.consent(
            lead, given=False, channel=ANY_CHANNEL, purpose=Purpose.PROFILING, source=source, text_version=text_version
        )

    def allow_profiling(self, lead: LeadId, *, source: str = "", text_version: str = "") -> Lead:
        """Write down that a person may be scored again; only what happens from now on counts."""
        return self.consent(
            lead, channel=ANY_CHANNEL, purpose=Purpose.PROFILING, source=source, text_version=text_version
        )

    def suppress(
        self,
        address: str,
        *,
        channel: str = "email",
        reason: str = "imported",
        purpose: Purpose | str | None = None,
        entity: str | None = None,
    ) -> tuple[Suppression, ...]:
        """Let nothing go to an address any more, whether or not a lead has it; kept under its digest alone.

        It outlives every lead. Without a purpose nothing lifts it; with one, a newer explicit consent does.

        Args:
            address: As written.
            channel: On which channel: `email`, `sms` and `call` (one number), `line`, …
            reason: In a word, such as `imported`, `complained`.
            purpose: What may not be sent; None means nothing at all.
            entity: Whose messages; None means everybody's.

        Returns:
            All that is suppressed about the address.
        """
        self._ready()
        given = None if purpose is None else clean_choice(Purpose, purpose, "purpose")
        return suppressing.suppress(self._host, channel, address, reason=reason, purpose=given, entity=entity)

    def suppression(self, address: str, *, channel: str = "email") -> tuple[Suppression, ...]:
        """What may not be sent to an address any more, and why; empty when nothing is suppressed."""
        return suppressing.suppression(self._host, channel, address)

    def consent_proof(self, lead: LeadId) -> ConsentProof:
        """Everything that a person allowed and refused, with what proves it, and until when it must be kept.

        Raises:
            NotFoundError: There is no such lead.
        """
        return proving.proof_of(self._host, lead)

    def move(self, subject: SubjectId, stage: str, *, reason: str = "") -> Moved | Refused:
        """Ask for another stage, and decide that subject; the lifecycle has the last word.

        Args:
            subject: The lead or account.
            stage: Where it should go.
            reason: Kept with the change; some transitions require one.

        Raises:
            UnknownNameError: The program declares no such stage.
        """
        self._ready()
        return requesting.move(self._host, subject, stage, reason)

    def enroll(self, subject: SubjectId, scenario: str, *, key: str = "") -> Enrolled | Refused:
        """Begin a run of a scenario by hand, and decide that subject; re-entry rules hold."""
        self._ready()
        return requesting.enroll(self._host, subject, scenario, key)

    def withdraw(self, subject: SubjectId, scenario: str, *, key: str = "", reason: str = "") -> Withdrawn | Refused:
        """End the active runs of a scenario, all of them or those with the key."""
        self._ready()
        return requesting.withdraw(self._host, subject, scenario, key, reason)

    def tasks(self, subject: SubjectId | None = None) -> Iterator[OpenTask]:
        """What colleagues are still to do, as steps of scenarios asked for it; the first due first.

        Args:
            subject: About this lead or account; None walks over everybody, subject by subject.

        Raises:
            NotFoundError: There is no such subject.
        """
        self._ready()
        return tasking.all_tasks(self._host) if subject is None else iter(tasking.tasks_of(self._host, subject))

    def no_next_step(
        self,
        *,
        stages: Collection[str] | None = None,
        untouched: Duration | None = None,
        after: str = "",
    ) -> Iterator[Overlooked]:
        """Who may slip through: those with nothing ahead, and those whom nobody has touched for long.

        Nothing ahead means no run under way, no open task, and no instant at which anything changes by itself. It walks
        over everybody, page by page, so there may be many; `sentence()` of each says why it is listed.

        Args:
            stages: Who stands in one of these; None means the stages from which a way leads on.
            untouched: Also those about whom there is no fact of their own or of the host's for so long, such as
                `civil(business_days=5)`, in the program's zone and calendar.
            after: Only those whose ids come after this one.

        Raises:
            UnknownNameError: The lifecycle has no such stage.
            DefinitionError: `untouched` is no length of time.
        """
        self._ready()
        return overlooked(self._host, stages, untouched, after)

    def close_task(
        self,
        subject: SubjectId,
        task: str,
        outcome: str = "done",
        *,
        by: str = "",
        params: Mapping[str, object] | None = None,
    ) -> FactId:
        """Write down that a task was done, and what came of it; the next tick decides what follows. Harmless twice.

        Args:
            subject: The lead or account.
            task: The task's id.
            outcome: One of the task's outcomes.
            by: Who did it: an owner's id.
            params: What is known besides, such as when to call again.

        Returns:
            The fact that says so.

        Raises:
            NotFoundError: There is no such subject or task; or it was closed with another outcome.
            UnknownNameError: The task declares no such outcome; the near misses are listed.
        """
        self._ready()
        return tasking.close_task(self._host, subject, task, outcome, by, params)

    def approvals(self, subject: SubjectId) -> tuple[Approval, ...]:
        """The approvals that runs of a subject wait for, oldest first.

        Everybody's are facts: an observer sees each `approval.requested`.
        """
        self._ready()
        return approving.approvals(self._host, subject)

    def approve(
        self, subject: SubjectId, approval: str, *, role: str, by: str, refuse: bool = False, reason: str = ""
    ) -> Answered | Refused:
        """Answer an approval that a step asks for, and decide that subject. The same answer twice is harmless.

        Args:
            subject: Whose run waits.
            approval: Its id, as `approvals` and the fact `approval.requested` tell it.
            role: The role of who answers; the application knows who has it.
            by: Who answers; kept with the answer.
            refuse: Whether the answer is no.
            reason: Why; kept with the answer.

        Returns:
            `Answered`; or `Refused`: `wrong_role`; `not_open`: the run has gone on without an answer;
            `answered_before`: another answer came first; `content_changed`: the message says something else by now, and
            is asked for anew.

        Raises:
            NotFoundError: No such approval was asked of this subject.
        """
        self._ready()
        return approving.answer(self._host, subject, approval, role=role, by=by, given=not refuse, reason=reason)

    def send(
        self,
        lead: LeadId,
        message: str,
        *,
        params: Mapping[str, Value] | None = None,
        key: str | None = None,
        repeat: Repeat | str = Repeat.AT_MOST_ONCE,
    ) -> EffectId:
        """Ask for one message to one lead, by hand, such as the receipt of an order; the next tick sends it.

        It goes through the same gate as the messages of scenarios, and its receipts are the same facts.

        Args:
            lead: To whom.
            message: Name of a message of the program.
            params: Extra values for its body, as `params.name`.
            key: What it is about, such as the order's id: asking again for the same message with the same key is
                harmless, and changes nothing. None means that it is new for certain.
            repeat: `at_most_once` (default) parks a message whose fate is unknown; `at_least_once` sends it again.

        Returns:
            The message's key, under which `effects` shows it once it is decided.

        Raises:
            NotFoundError: There is no such lead.
            UnknownNameError: The program has no such message.
            InvalidFactError: The message is internal, or the subject is an account.
        """
        self._ready()
        how = clean_choice(Repeat, repeat, "send.repeat")
        return requested.send(self._host, lead, message, params=params, key=key, repeat=how)

    def broadcast(self, broadcast: Broadcast) -> EffectId:
        """Keep a broadcast; a tick begins it when its instant comes, and it is approved if it has to be.

        Giving the same one again is harmless. As long as it has not begun, another one of the same name takes its
        place, and has to be approved anew.

        Returns:
            Its id, which is made of its name.

        Raises:
            DefinitionError: The program does not know its message or segment, its predicate is wrong, or one of this
                name has begun with another content; all problems at once.
            NotFoundError: Some of its list do not exist; nothing was kept.
        """
        self._ready()
        return announcing.keep(self._host, broadcast)

    def approve_broadcast(
        self, broadcast: EffectId, *, by: str, role: str, content: str | None = None
    ) -> BroadcastStatus | Refused:
        """Approve a broadcast as its message reads now.

        What the message says is pinned by its hash: if it changes before everybody was asked for, the broadcast ends
        with the reason `content_changed` until it is approved again, and what waits is withheld as `not_approved`.

        Args:
            broadcast: Its id.
            by: Who approves; kept with it.
            role: In which role. The host vouches for it.
            content: What `BroadcastStatus.content` was when the approver looked; None takes what it is now.

        Returns:
            How it stands; or `Refused` with `not_asked_for`, `wrong_role`, `content_changed`, `unknown_message` or
            `too_late`.

        Raises:
            NotFoundError: There is no such broadcast.
        """
        self._ready()
        refused = announcing.approve(self._host, broadcast, by=by, role=role, content=content)
        return tallying.status(self._host, broadcast) if refused is None else refused

    def broadcasts(self) -> Iterator[BroadcastStatus]:
        """Every broadcast that was ever given, in the order of ids; without what became of its messages."""
        return tallying.statuses(self._host)

    def broadcast_status(self, broadcast: EffectId) -> BroadcastStatus:
        """How a broadcast stands, with what became of its messages, counted now.

        Raises:
            NotFoundError: There is no such broadcast.
        """
        return tallying.status(self._host, broadcast)

    def stop_broadcast(self, broadcast: EffectId) -> BroadcastStatus:
        """Let a broadcast ask for no more messages, and cancel those that nobody has claimed. Harmless twice.

        What is planned after all, since somebody was asking for it in this moment, is withheld as
        `broadcast_stopped`. What was sent, was sent: the counts say how many.

        Raises:
            NotFoundError: There is no such broadcast.
        """
        self._ready()
        return tallying.stop(self._host, broadcast)

    def decide(self, limit: int = BATCH) -> Decided:
        """Decide subjects that are due, at most `limit`, accounts before leads."""
        self._ready()
        return probing.decide(self._host, limit)

    def deliver(self, limit: int = BATCH) -> Delivered:
        """Carry out effects that are due, at most `limit`."""
        refuse_joined(self._host, "deliver")
        self._ready()
        return probing.deliver(self._host, limit)

    def tick(self, limit: int = BATCH) -> Ticked:
        """Decide and deliver until nothing is due."""
        refuse_joined(self._host, "tick")
        self._ready()
        return tick(self._host, limit)

    def run(self, *, poll: timedelta = timedelta(seconds=1), once: bool = False) -> Ticked:
        """Tick for ever; SIGTERM, SIGINT and `stop()` end it.

        It stops between two batches and gives back what was claimed and not yet sent, so a backlog does not
        hold it up; `stop()` before `run()` ends it at once.

        Args:
            poll: The longest sleep between two ticks.
            once: End as soon as nothing is due; a failure is raised then, instead of being tried again.

        Returns:
            What was done in all.
        """
        refuse_joined(self._host, "run")
        self._ready()
        work = partial(tick, self._host, BATCH, self._host.stop)
        return drain(self._host, work) if once else run(self._host, work, poll)

    def stop(self) -> None:
        """Ask `run` in another thread to end after the batch at hand."""
        self._host.stop.set()

    def activate(
        self,
        program: Program | None = None,
        *,
        enroll: bool = False,
        progress: Callable[[RolledOver], None] | None = None,
    ) -> int:
        """Make a program the active one, and roll every standing over to it; the answer is how many.

        Running enrollments stay on the version they began on, memberships change only where the answer
        differs, and nobody is enrolled unless asked. It can be called again after an interruption, and goes on.

        Args:
            program: The new program; None means the one this object was built with.
            enroll: Whether those who come into a segment by it are enrolled into what begins there. It belongs to
                the activation: a program that is active already is not activated again by it.
            progress: Called at the beginning and after each batch, with how many standings are done.

        Raises:
            DefinitionError: It asks for an action that this object was not given, a template is broken, or it
                drops a name that a running enrollment still needs; all problems at once.
        """
        require_program(program)
        refuse_joined(self._host, "activate")
        wanted = program or self._host.program
        _check(wanted, self._host)
        activate_first(self._host)
        in_use = refuse_dropped_names(self._host, wanted)
        activate(self._host, wanted, in_use, enrolls=enroll)
        self._is_ready = True
        return sweep(self._host, commit, progress=progress)

    def migrate(
        self,
        scenario: str,
        mapping: Mapping[str, str | None] | None = None,
        *,
        preview: bool = False,
        strict: bool = False,
    ) -> Migration:
        """Move the runs on older versions of a scenario to the active version; asked for, and never by itself.

        A run that comes to a step of the same kind goes on there as if it had stood there all the time; at another kind
        it arrives now. A run that would get something again is refused, and stays on its version; the others move.
        It can be called again after an interruption: what has moved is on the active version.

        Args:
            scenario: Its name.
            mapping: For each step of the older versions, by address, the one that takes its place; None in it lets runs
                there leave as `migrated`. Without a mapping, the steps that `nurture.program.diff` matches.
            preview: Only tell what would become of each run.
            strict: Do nothing at all when a single run is refused.

        Raises:
            UnknownNameError: The program has no such scenario.
            DefinitionError: The mapping forgets steps at which runs stand, or names steps that there are not; each is
                listed with the number of runs there, and nothing was done.
        """
        from nurture.runtime.migrating import migrate  # it loads cattrs, which few need

        refuse_joined(self._host, "migrate")
        self._ready()
        if not preview:
            sweep(self._host, commit)  # whoever is behind follows first
        return migrate(self._host, scenario, mapping, preview=preview, strict=strict)

    def pause(self, scenario: str, *, progress: Callable[[RolledOver], None] | None = None) -> int:
        """Let a scenario stand still from now on; the answer is how many standings were brought to that.

        Nobody enters, no run goes on, and nothing that its runs asked for is sent, whoever sends. Goals and exits
        still end runs. What comes meanwhile is kept: it answers the steps when the scenario is resumed.

        It can be called again after an interruption, and goes on. Harmless twice.

        Args:
            scenario: Its name.
            progress: As for `activate`.

        Raises:
            UnknownNameError: The program has no such scenario; the near misses are listed.
        """
        refuse_joined(self._host, "pause")
        self._ready()
        return switching.pause(self._host, scenario, commit, progress)

    def resume(self, scenario: str, *, progress: Callable[[RolledOver], None] | None = None) -> int:
        """End the pause of a scenario: it is open, closed or stopped as it was before. Harmless when it is not paused.

        Runs go on from where they stood. What was missed is late, and each step's `misfire` says what becomes of it.

        Args:
            scenario: Its name.
            progress: As for `activate`.

        Raises:
            UnknownNameError: The program has no such scenario; the near misses are listed.
        """
        refuse_joined(self._host, "resume")
        self._ready()
        return switching.resume(self._host, scenario, commit, progress)

    def stop_scenario(
        self, scenario: str, fate: Fate | str, *, progress: Callable[[RolledOver], None] | None = None
    ) -> int:
        """Let nobody enter a scenario any more; the answer is how many standings were brought to that.

        Args:
            scenario: Its name.
            fate: What becomes of those inside: `finish` lets them go on to their end, `withdraw` ends their runs now
                and cancels what nobody has claimed, `hold` lets them stand still as `pause` does.
            progress: As for `activate`.

        Raises:
            UnknownNameError: The program has no such scenario; the near misses are listed.
            InvalidFactError: There is no such fate.
        """
        refuse_joined(self._host, "stop_scenario")
        self._ready()
        return switching.stop(self._host, scenario, fate, commit, progress)

    def reopen(self, scenario: str, *, progress: Callable[[RolledOver], None] | None = None) -> int:
        """Let a scenario be as the program says: its entry is open again, and runs that stood still go on.

        Args:
            scenario: Its name.
            progress: As for `activate`.

        Raises:
            UnknownNameError: The program has no such scenario; the near misses are listed.
        """
        refuse_joined(self._host, "reopen")
        self._ready()
        return switching.reopen(self._host, scenario, commit, progress)

    def switches(self) -> Mapping[str, Switch]:
        """The scenarios that are switched by hand, by name: `paused`, `closed` or `stopped`."""
        self._ready()
        return switching.switches_of(self._host)

    def rollover_progress(self) -> RolledOver:
        """How many standings have followed the active program, whoever brings them on."""
        return progress_of(self._host)

    def preview(
        self,
        message: str | Message,
        lead: LeadId | None = None,
        *,
        at: datetime | None = None,
        choices: Mapping[str, str] | None = None,
        locale: str | None = None,
        params: Mapping[str, Value] | None = None,
    ) -> Preview:
        """A message as one person would get it, with what its author may want to mend; nothing is recorded.

        Its links name nobody, and do nothing.

        Args:
            message: The message, or its name.
            lead: As this person would get it; None makes a sample of a person, who has every field.
            at: As of this instant; None means now.
            choices: For a block by its name, the choice to be shown (`""` for its own content); others are decided.
            locale: In this language; None means the lead's.
            params: What the step gives along.

        Raises:
            NotFoundError: There is no such lead.
            UnknownNameError: The program has no such message, block or choice.
            SendRefusedError: It cannot be composed for this person; the reason says why.
        """
        from nurture.runtime.previewing import preview  # it loads Jinja, which only those who send need

        return preview(
            self._host, message, lead, at=at and clean_instant(at, "at"), choices=choices, locale=locale, params=params
        )

    def test_send(
        self,
        message: str | Message,
        to: str,
        lead: LeadId | None = None,
        *,
        choices: Mapping[str, str] | None = None,
        locale: str | None = None,
        params: Mapping[str, Value] | None = None,
    ) -> Receipt:
        """Send a message to a colleague, as one person would get it, with `[Test]` before the subject.

        Nothing is recorded about the lead, and no cap counts it. Its links name nobody, and do nothing.

        Args:
            message: The message, or its name.
            to: The colleague's address.
            lead: As for `preview`.
            choices: As for `preview`.
            locale: As for `preview`.
            params: As for `preview`.

        Returns:
            What the sender said; `Rejected` with the reason when it could not be composed, and with `suppressed`
            when the address must not be written to.

        Raises:
            DefinitionError: There is no sender for its channel, or `to` is no text.
            NotFoundError: There is no such lead.
            UnknownNameError: The program has no such message, block or choice.
        """
        from nurture.runtime.previewing import send_test  # it loads Jinja, which only those who send need

        refuse_joined(self._host, "test_send")
        return send_test(self._host, message, to, lead, choices=choices, locale=locale, params=params)

    def backlog(self, upto: int = 10_000) -> Backlog:
        """How much waits, and since when; no count goes beyond `upto`, so asking costs little."""
        return operating.backlog(self._host.storage, upto)

    def reasons(self, since: datetime | None = None) -> Reasons:
        """How many effects wait or were withheld for which reason; it walks over all of them.

        Args:
            since: Only what was withheld from this instant on; what waits counts in any case.
        """
        return operating.reasons(self._host.storage, since if since is None else clean_instant(since, "since"))

    def stuck(self) -> Iterator[Effect | Standing]:
        """What does not go on as it should: effects in doubt, claims that ran out, failing and dead subjects."""
        return operating.stuck(self._host.storage)

    def resolve(self, effect: EffectId, *, sent: bool, reason: str = "") -> bool:
        """Say what became of an effect in doubt; False when it is not in doubt (any more).

        Args:
            effect: One whose state is `unknown`.
            sent: True has it accepted, with a receipt; False has it planned again, under the same key.
            reason: Kept with the effect; a word, and nothing personal.

        Raises:
            NotFoundError: There is no such effect.
        """
        self._ready()
        return operating.resolve(self._host, effect, sent=sent, reason=reason)

    def attach(self, probe: Probe | None) -> None:
        """Tell this probe from now on what is done and how long it takes, instead of the one before."""
        self._host.probe = probe

    def dead(self) -> Iterator[tuple[SubjectId, str]]:
        """The subjects that could not be decided, each with the reason; nothing happens to them until revived."""
        for one in operating.troubled(self._host.storage):
            if one.dead is not None:
                yield one.subject, one.dead

    def revive(self, subject: SubjectId, *, without: Collection[FactId] = ()) -> bool:
        """Let a dead or failing subject be decided again now, under a mended program; False when it was neither.

        Args:
            subject: The lead or account.
            without: Waiting facts that are taken out of the inbox undecided, such as the one that the reason names;
                they stay in the history.

        Raises:
            NotFoundError: There is no such subject, or a fact to be left out does not wait.
        """
        if isinstance(without, str):
            raise InvalidFactError("without", "a collection of fact ids", found="text")
        self._ready()
        self._require(subject)
        return revive(self._host, subject, frozenset(without))

    def lead(self, lead: LeadId) -> Lead:
        """The lead of this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._host.storage.view() as view:
            found = view.get(Lead, [lead]).get(lead)
        if found is None:
            raise NotFoundError(f"no such lead: {shown(lead)}")
        return found

    def account(self, account: AccountId) -> Account:
        """The account of this id.

        Raises:
            NotFoundError: There is none.
        """
        with self._host.storage.view() as view:
            found = view.get(Account, [account]).get(account)
        if found is None:
            raise NotFoundError(f"no such account: {shown(account, 'acct_…')}")
        return found

    def standing(self, subject: SubjectId) -> Standing | None:
        """Where a subject stands; None before its first decision."""
        self._require(subject)
        with self._host.storage.view() as view:
            return view.get(Standing, [subject]).get(subject)

    def timeline(
        self, subject: SubjectId, *, before: datetime | Touchpoint | None = None, limit: int = 100
    ) -> tuple[Touchpoint, ...]:
        """What happened to a subject, newest first, decided or not.

        Args:
            subject: The lead or account.
            before: Only what lies before this instant, or before this fact: the last one of a page.
            limit: At most so many.
        """
        self._require(subject)
        fact = before if isinstance(before, Touchpoint) else None
        until = fact.at if fact is not None else None if before is None else clean_instant(before, "before")
        with self._host.storage.view() as view:
            return view.history(subject, before=until, before_id=fact.id if fact else "", limit=limit)

    def effects(self, subject: SubjectId) -> tuple[Effect, ...]:
        """What was to be done for a subject and what became of it, newest first."""
        self._require(subject)
        with self._host.storage.view() as view:
            return view.effects_of(subject)

    def members(
        self,
        who: str | Segment | Predicate,
        *,
        fresh: bool = False,
        order_by: Order | None = None,
        limit: int | None = None,
        after: str = "",
        at: datetime | None = None,
        subject: SubjectKind | str | None = None,
    ) -> Iterator[Member]:
        """Who is in a segment, or satisfies a predicate; each with how far it was decided.

        A segment of the program is read from the memberships that deciding keeps. Any other predicate is asked now,
        by the store itself where it can. In the order of ids they are walked a page at a time, so there may be many;
        what somebody writes meanwhile may or may not be seen.

        Args:
            who: The segment or its name; or a predicate.
            fresh: Decide what is due first.
            order_by: Such as `q.score("engagement").desc()`; those without a value come last, equal ones go by id.
            limit: At most so many.
            after: Only those whose ids come after this one; for the order of ids.
            at: As known at an earlier instant: by the facts that had come in until then, as the program of today
                counts them. Subjects that were erased since are missing.
            subject: Whether a predicate is about leads (the default) or accounts.

        Raises:
            UnknownNameError: The program declares no such segment, field or score model.
            DefinitionError: The predicate or the order is wrong; or it cannot be answered as known then.
        """
        asked = self._selected(who, fresh=fresh, order=order_by, at=at, subject=subject)
        return selecting.members(asked, limit, after)

    def count(
        self,
        who: str | Segment | Predicate,
        *,
        fresh: bool = False,
        at: datetime | None = None,
        subject: SubjectKind | str | None = None,
    ) -> int:
        """How many are in a segment or satisfy a predicate; for the arguments see `members`."""
        return selecting.counted(self._selected(who, fresh=fresh, at=at, subject=subject))

    def sample(
        self,
        who: str | Segment | Predicate,
        n: int,
        *,
        seed: int | str = 0,
        fresh: bool = False,
        at: datetime | None = None,
        subject: SubjectKind | str | None = None,
    ) -> tuple[Member, ...]:
        """Some of them, drawn by a hash of id and seed: the same seed draws the same people, as long as they belong.

        Args:
            who: As for `members`.
            n: How many; all when there are fewer.
            seed: Another one draws others.
            fresh: As for `members`.
            at: As for `members`.
            subject: As for `members`.
        """
        asked = self._selected(who, fresh=fresh, at=at, subject=subject)
        return tuple(selecting.drawn(asked, n, seed))

    def page(
        self,
        who: str | Segment | Predicate,
        *,
        limit: int = 50,
        cursor: str | None = None,
        order_by: Order | None = None,
        at: datetime | None = None,
        subject: SubjectKind | str | None = None,
    ) -> Page:
        """A page of them, with the cursor that leads to the next one; all pages are asked about one instant.

        Args:
            who: As for `members`.
            limit: At most so many on a page.
            cursor: From the page before, to the same question; None for the first page.
            order_by: As for `members`.
            at: As for `members`.
            subject: As for `members`.

        Raises:
            DefinitionError: As for `members`; or the cursor is of another question, or none at all.
        """
        now = None if cursor is None else paging.instant_of(cursor, self._host.storage.now())
        then = at if at is None or now is None else now
        asked = self._selected(who, order=order_by, at=then, subject=subject, now=now)
        return paging.page_of(asked, limit, cursor)

    def add_to_list(self, name: str, leads: Iterable[LeadId]) -> Listed:
        """Put leads on a static list, which needs no declaration; each change is a fact. Harmless twice.

        It goes in batches: after an error some of them may be on the list, and doing it again does the rest.

        Args:
            name: The list, as `q.in_list(name)` asks for it.
            leads: Their ids.

        Raises:
            NotFoundError: Some do not exist; nothing was changed.
            InvalidFactError: The name is empty or too long, or something is no lead's id.
        """
        self._ready()
        return listing.add(self._host, name, leads)

    def remove_from_list(self, name: str, leads: Iterable[LeadId]) -> Listed:
        """Take leads off a static list; otherwise as `add_to_list`."""
        self._ready()
        return listing.remove(self._host, name, leads)

    def replace_list(self, name: str, leads: Iterable[LeadId]) -> Listed:
        """Let exactly these leads stand on a static list: only those who differ change; otherwise as `add_to_list`."""
        self._ready()
        return listing.replace(self._host, name, leads)

    def lists(self) -> Mapping[str, int]:
        """How many leads stand on each static list, by its name. It walks over all leads."""
        return listing.counts(self._host)

    def explain(self, subject: SubjectId, *, lang: str | None = None) -> Explanation:
        """Where a subject stands, why, and what comes next.

        Args:
            subject: Its id.
            lang: `en` or `ja`, in which everything is said; None means the program's own language, and English where
                that is neither.

        Raises:
            NotFoundError: There is no such subject.
            DefinitionError: The language is none of these.
        """
        self._ready()
        with self._host.storage.view() as view:
            dossier = dossier_of(self._host, view, subject)
            if dossier is None:
                raise NotFoundError(f"no such lead or account: {shown(subject)}")
            effects, decisions = view.effects_of(subject), view.decisions_of(subject)
            now = self._host.storage.now()
        return explain(self._host.program, dossier, now, effects=effects, decisions=decisions, lang=lang)

    def close(self) -> None:
        """Give back what senders and store hold; harmless twice, and nothing is held by what `using` gave."""
        if self._host.is_joined:
            return
        for sender in self._host.senders.values():
            sender.close()
        self._host.storage.close()

    def _selected(
        self,
        who: object,
        *,
        subject: SubjectKind | str | None,
        fresh: bool = False,
        order: object = None,
        at: datetime | None = None,
        now: datetime | None = None,
    ) -> Selection:
        asked = selected(self._host, who, subject=subject, order=order, at=at, now=now)
        if not fresh:
            return asked
        if at is not None:
            raise DefinitionError("fresh: decides what is due now, and says nothing about an earlier instant")
        while self.decide().subjects:
            pass
        return selected(self._host, who, subject=subject, order=order)

    def _ready(self) -> None:
        if not self._is_ready:  # two at once do no harm; a lock would be held while the store is asked
            activate_first(self._host)
            self._is_ready = True

    def _require(self, subject: SubjectId) -> None:
        with self._host.storage.view() as view:
            if subject not in view.existing([subject]):
                raise NotFoundError(f"no such lead or account: {shown(subject)}")


def _check(program: Program, host: Host) -> None:
    """Refuse a program that this host cannot carry out."""
    missing = sorted(set(program.actions) - set(host.actions))
    if missing:
        raise DefinitionError(
            [f"actions: the program declares {name!r}, but no such action was given" for name in missing]
        )
    if host.senders and program.messages:
        from nurture.mail.check import check_messages  # it loads Jinja, which only those who send need

        check_messages(program, attachments=host.attachments, site=host.site)
