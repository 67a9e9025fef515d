"""What a scenario can do: one file per step kind, all listed in `STEPS`.

A new kind is one file and one line here; codec, validation, sentences and the drawing of a scenario
derive from it. May import predicates, calendar, model and errors.
"""

from nurture.steps.act import Act, act
from nurture.steps.branch import Branch, branch
from nurture.steps.change_stage import ChangeStage, change_stage
from nurture.steps.exit import Exit, exit_
from nurture.steps.flow import Flow, Node, lay_out
from nurture.steps.notify import Notify, notify
from nurture.steps.send import Send, send
from nurture.steps.set_attribute import SetAttribute, set_attribute
from nurture.steps.split import Split, Way, split
from nurture.steps.step import (
    NEXT,
    Duration,
    EffectOrder,
    FactOrder,
    Go,
    Leave,
    Move,
    Order,
    Scene,
    ShiftOrder,
    StageOrder,
    Stay,
    Step,
    TagOrder,
    ValueOrder,
)
from nurture.steps.tag import Tag, tag
from nurture.steps.wait import Wait, wait
from nurture.steps.wait_for import WaitFor, wait_for

STEPS: tuple[type[Step], ...] = (
    Act,
    Branch,
    ChangeStage,
    Exit,
    Notify,
    Send,
    SetAttribute,
    Split,
    Tag,
    Wait,
    WaitFor,
)
"""Every step kind there is."""

__all__ = [
    "NEXT",
    "STEPS",
    "Act",
    "Branch",
    "ChangeStage",
    "Duration",
    "EffectOrder",
    "Exit",
    "FactOrder",
    "Flow",
    "Go",
    "Leave",
    "Move",
    "Node",
    "Notify",
    "Order",
    "Scene",
    "Send",
    "SetAttribute",
    "ShiftOrder",
    "Split",
    "StageOrder",
    "Stay",
    "Step",
    "Tag",
    "TagOrder",
    "ValueOrder",
    "Wait",
    "WaitFor",
    "Way",
    "act",
    "branch",
    "change_stage",
    "exit_",
    "lay_out",
    "notify",
    "send",
    "set_attribute",
    "split",
    "tag",
    "wait",
    "wait_for",
]
