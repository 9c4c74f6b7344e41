"""How clause numbers relate to each other and in which order they stand."""


def includes(number: str, clause: str) -> bool:
    """Tell whether naming ``number`` means ``clause``: itself or anything below it."""
    return clause == number or clause.startswith(f"{number}.")


def touch(first: str, second: str) -> bool:
    """Tell whether one of two clauses lies within the other."""
    return includes(first, second) or includes(second, first)


def in_order(number: str) -> list[int]:
    """Return the key by which clauses are sorted; those of an annex come last."""
    return [int(part) if part.isdigit() else 99 for part in number.split(".")]
