"""What explains an answer: what each clause saw, and which single change would turn it over.

Nothing here is public: `nurture.predicates.examine` and `nurture.predicates.whatif` are the doors. May import the nodes
and the readings.
"""
