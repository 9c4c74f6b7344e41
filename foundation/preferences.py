"""How a reader wants pages shown and worked: theme, text size, single keys, kept in cookies."""

THEME_COOKIE = "theme"
TEXT_COOKIE = "text"
KEYS_COOKIE = "keys"
OFF = "off"
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


def keys_off(request) -> bool:
    """Tell whether the reader switched the single-key shortcuts off (WCAG 2.2, 2.1.4)."""
    return bool(request) and request.COOKIES.get(KEYS_COOKIE) == OFF
