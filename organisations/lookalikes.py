"""Names that look alike though they are written with other characters.

Two names are compared by their skeleton: compatibility forms made plain, case folded, and each
character replaced by the one it is taken for. The table is short on purpose: what company names
are written in here, Latin, Greek, Cyrillic and Chinese. A look-alike name is never refused; the
reviewer is told.
"""

import unicodedata

_TAKEN_FOR = {
    # Cyrillic and Greek letters drawn like Latin ones, folded.
    **dict(zip("авсԁеғԍһіјкӏмпоԛрѕтуԝхгьѵ", "abcdefghijklmnoqpstywxrbv", strict=True)),
    **dict(zip("αβγεηικνορςστυχωϲϳ", "abyenikvopcstuxwcj", strict=True)),
    **dict(zip("ɑɡıȷłøđħŧƅ", "agijlodhtb", strict=True)),
    # Signs and digits that pass for letters, and what passes for a stroke.
    **dict(zip("01|$iー", "ollsl一", strict=True)),
    # Chinese characters that differ by a stroke or its length, and the kana drawn like them.
    **dict(zip("已巳末土曰入戌戍于千", "己己未士日人戊戊干干", strict=True)),
    **dict(zip("ロカエニハタト", "口力工二八夕卜", strict=True)),
}
_LONGEST = 400


def skeleton(name: str) -> str:
    """Return what a name looks like at a glance; equal for names that are taken for each other."""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name).casefold())
    letters = (_TAKEN_FOR.get(c, c) for c in text if unicodedata.category(c)[0] in "LNS")
    return "".join(_TAKEN_FOR.get(c, c) for c in letters)[:_LONGEST]


def borrowed(name: str) -> list[str]:
    """Return the letters of a name that pass for Latin ones and are none, in order, once each."""
    return [
        character
        for character in dict.fromkeys(name)
        if character.isalpha()
        and not character.isascii()
        and (
            unicodedata.normalize("NFKC", character).isascii()
            or _TAKEN_FOR.get(character.casefold(), character).isascii()
        )
    ]
