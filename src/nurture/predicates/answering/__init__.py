"""How `match` and `flip` work: each clause's answer, and when it turns, mostly written out as Python source.

Nothing here is public: `nurture.predicates.match` and `nurture.predicates.flip` are the doors. May import the nodes,
the names and the calendar.
"""
