"""What a scenario can do: one file per step kind, all listed in `STEPS`.

A new kind is one file and one line here; codec, validation, sentences and the drawing of a scenario
derive from it. May import predicates, calendar, model and errors.
"""

from nurture.steps.act import Act, act
from nurture.steps.acting import Acting, Misfire
from nurture.steps.adjust_score import AdjustScore, adjust_score
from nurture.steps.approve import Approve, approve
from nurture.steps.assign import Assign, Share, Territory, assign
from nurture.steps.branch import Branch, branch
from nurture.steps.cases import Case, Cases, cases
from nurture.steps.change_stage import ChangeStage, change_stage
from nurture.steps.enroll import Enroll, enroll
from nurture.steps.exit import Exit, exit_
from nurture.steps.flow import Flow, Node, lay_out
from nurture.steps.goal import Goal, goal
from nurture.steps.increment import Increment, increment
from nurture.steps.jump import Jump, jump
from nurture.steps.mark import Mark, mark
from nurture.steps.notify import Notify, notify
from nurture.steps.send import Send, send
from nurture.steps.send_first import Offer, SendFirst, send_first
from nurture.steps.send_to_people import SendToPeople, send_to_people
from nurture.steps.set_attribute import SetAttribute, set_attribute
from nurture.steps.split import Split, Way, split
from nurture.steps.step import (
    NEXT,
    Duration,
    EffectOrder,
    FactOrder,
    Go,
    KeepOrder,
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
from nurture.steps.task import Outcome, Task, task
from nurture.steps.tell import Tell, tell
from nurture.steps.wait import Wait, wait
from nurture.steps.wait_for import WaitFor, wait_for
from nurture.steps.wait_for_any import Answer, WaitForAny, wait_for_any
from nurture.steps.wait_until import WaitUntil, wait_until
from nurture.steps.webhook import Webhook, webhook
from nurture.steps.withdraw import Withdraw, withdraw

STEPS: tuple[type[Step], ...] = (
    Act,
    AdjustScore,
    Approve,
    Assign,
    Branch,
    Cases,
    ChangeStage,
    Enroll,
    Exit,
    Goal,
    Increment,
    Jump,
    Mark,
    Notify,
    Send,
    SendFirst,
    SendToPeople,
    SetAttribute,
    Split,
    Tag,
    Task,
    Tell,
    Wait,
    WaitFor,
    WaitForAny,
    WaitUntil,
    Webhook,
    Withdraw,
)
"""Every step kind there is."""

__all__ = [
    "NEXT",
    "STEPS",
    "Act",
    "Acting",
    "AdjustScore",
    "Answer",
    "Approve",
    "Assign",
    "Branch",
    "Case",
    "Cases",
    "ChangeStage",
    "Duration",
    "EffectOrder",
    "Enroll",
    "Exit",
    "FactOrder",
    "Flow",
    "Go",
    "Goal",
    "Increment",
    "Jump",
    "KeepOrder",
    "Leave",
    "Mark",
    "Misfire",
    "Move",
    "Node",
    "Notify",
    "Offer",
    "Order",
    "Outcome",
    "Scene",
    "Send",
    "SendFirst",
    "SendToPeople",
    "SetAttribute",
    "Share",
    "ShiftOrder",
    "Split",
    "StageOrder",
    "Stay",
    "Step",
    "Tag",
    "TagOrder",
    "Task",
    "Tell",
    "Territory",
    "ValueOrder",
    "Wait",
    "WaitFor",
    "WaitForAny",
    "WaitUntil",
    "Way",
    "Webhook",
    "Withdraw",
    "act",
    "adjust_score",
    "approve",
    "assign",
    "branch",
    "cases",
    "change_stage",
    "enroll",
    "exit_",
    "goal",
    "increment",
    "jump",
    "lay_out",
    "mark",
    "notify",
    "send",
    "send_first",
    "send_to_people",
    "set_attribute",
    "split",
    "tag",
    "task",
    "tell",
    "wait",
    "wait_for",
    "wait_for_any",
    "wait_until",
    "webhook",
    "withdraw",
]
