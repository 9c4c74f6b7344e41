"""Years of certification played in an hour, and every day checked.

Parties with habits of their own do what the product asks of them through its own services, under
a moving clock, in a database that nothing else uses; after each day the invariants are checked.
"""
