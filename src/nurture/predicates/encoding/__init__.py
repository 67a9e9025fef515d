"""How predicates stand in JSON: the table of nodes, what may stand under each key, and the reading of it.

Nothing here is public: `nurture.predicates.codec` and `nurture.predicates.schema` are the doors. May import the nodes.
"""
