"""A whole period of audits placed at once: plain data in, a plan out; no database, no words.

``problem`` says what is asked, ``checking`` what a plan must keep, ``teams`` who can do what
when, ``greedy`` places one audit after another, ``search`` improves that with OR-Tools CP-SAT, and
``why`` finds out what kept an audit out of a plan.
"""
