"""What happens next, as a pure function of facts and time.

`advance` decides about one subject, `gate` about one message, `roll_over` about a change of program,
and `explain` says why. May import program, steps, predicates, calendar, model and errors.
"""

from nurture.decisions.advance import advance
from nurture.decisions.asking import asks_across
from nurture.decisions.choosing import choices_of, choose
from nurture.decisions.counting import entries_of, uncounted, with_entries, with_one_less
from nurture.decisions.explain import Explanation, explain
from nurture.decisions.folding import changed_properties, take_word, value_before
from nurture.decisions.gate import Allow, Defer, Request, Verdict, Withhold, gate
from nurture.decisions.holding import hold_on, is_holding
from nurture.decisions.limits import Limit, Meter, limits_of, meter_of
from nurture.decisions.outcome import Decision
from nurture.decisions.pacing import counted_for_lead, is_counted, is_held_out
from nurture.decisions.plan import Plan, plan_of
from nurture.decisions.reasons import describe_reason
from nurture.decisions.rollover import EVERYTHING, roll_over
from nurture.decisions.switching import switch_over
from nurture.decisions.telling import answers_of, say, tell_some, told

__all__ = [
    "EVERYTHING",
    "Allow",
    "Decision",
    "Defer",
    "Explanation",
    "Limit",
    "Meter",
    "Plan",
    "Request",
    "Verdict",
    "Withhold",
    "advance",
    "answers_of",
    "asks_across",
    "changed_properties",
    "choices_of",
    "choose",
    "counted_for_lead",
    "describe_reason",
    "entries_of",
    "explain",
    "gate",
    "hold_on",
    "is_counted",
    "is_held_out",
    "is_holding",
    "limits_of",
    "meter_of",
    "plan_of",
    "roll_over",
    "say",
    "switch_over",
    "take_word",
    "tell_some",
    "told",
    "uncounted",
    "value_before",
    "with_entries",
    "with_one_less",
]
