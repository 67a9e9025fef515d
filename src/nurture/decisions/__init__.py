"""What happens next, as a pure function of facts and time.

`advance` decides about one subject, `gate` about one message, `roll_over` about a change of program,
and `explain` says why. May import program, steps, predicates, calendar, model and errors.
"""

from nurture.decisions.advance import advance
from nurture.decisions.asking import asks_across
from nurture.decisions.choosing import choices_of, choose
from nurture.decisions.explain import Explanation, explain
from nurture.decisions.folding import changed_properties, take_word, value_before
from nurture.decisions.gate import Allow, Defer, Request, Verdict, Withhold, counted, gate, is_capped, uncounted
from nurture.decisions.holding import hold_on, is_holding
from nurture.decisions.outcome import Decision
from nurture.decisions.plan import Plan, plan_of
from nurture.decisions.rollover import EVERYTHING, roll_over
from nurture.decisions.telling import answers_of, say, tell_some, told

__all__ = [
    "EVERYTHING",
    "Allow",
    "Decision",
    "Defer",
    "Explanation",
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
    "counted",
    "explain",
    "gate",
    "hold_on",
    "is_capped",
    "is_holding",
    "plan_of",
    "roll_over",
    "say",
    "take_word",
    "tell_some",
    "told",
    "uncounted",
    "value_before",
]
