"""How a reader wants pages shown: theme and text size, kept in two cookies."""

THEME_COOKIE = "theme"
TEXT_COOKIE = "text"
THEMES = ("light", "dark")
LARGE = "large"
YEAR = 365 * 24 * 3600


def theme(request) -> str:
    """Return the chosen theme, empty when the device decides."""
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request else ""
    return chosen if chosen in THEMES else ""


def large_type(request) -> bool:
    """Tell whether the reader chose larger text."""
    return bool(request) and request.COOKIES.get(TEXT_COOKIE) == LARGE
