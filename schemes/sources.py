"""How the sources of rules read: the data name them in English, readers in their language."""

from django.utils.translation import gettext, gettext_noop

# What is more than the number of a document; tests/schemes/test_sources.py keeps it complete.
WORDED = (
    gettext_noop("CNCA rules for management system certification"),
    gettext_noop("CNCA sign-in rules for auditors, in force since 2021-12-01"),
    gettext_noop("CNCA-QMS-01:2025, audit time"),
    gettext_noop("CNCA-QMS-01:2025; one person-day is 8 hours"),
    gettext_noop("Classes of the Chinese standard on sizes of industrial enterprises of 2011"),
    gettext_noop("Common practice; no rule sets the split"),
    gettext_noop("Default of this portal after a national practice; IAF MD 4:2018 sets no limit"),
    gettext_noop("Default of this portal, as after consultancy"),
    gettext_noop("Default of this portal, as in the Chinese sign-in rules"),
    gettext_noop("Default of this portal; an interest bars while it lasts"),
    gettext_noop("Default of this portal; no rule sets a figure"),
    gettext_noop(
        "Default of this portal; no rule sets a figure; ISO/IEC 17021-1:2015 9.7 "
        "and 9.8 ask for an acknowledgement"
    ),
    gettext_noop(
        "Default of this portal; the root of IAF MD 1:2018 alone gives one of two at surveillance"
    ),
    gettext_noop("Default of this portal; ISO/IEC 17021-1:2015 9.1.4 asks for recorded reasons"),
    gettext_noop("IAF MD 1:2018, at least 25 %"),
    gettext_noop("IAF MD 1:2018, audit time of sites"),
    gettext_noop("IAF MD 1:2018, rounded up to the next whole number"),
    gettext_noop("IAF MD 1:2018, sample size"),
    gettext_noop("IAF MD 1:2018, sites that cannot be sampled"),
    gettext_noop("IAF MD 5:2019, audit day"),
    gettext_noop("IAF MD 5:2019, audit duration"),
    gettext_noop("IAF MD 5:2019, audit-time tables"),
    gettext_noop("IAF MD 5:2019, effective personnel"),
    gettext_noop("IAF MD 5:2019, factors that add time; range is a default of this portal"),
    gettext_noop("IAF MD 5:2019, factors that reduce time; range is a default of this portal"),
    gettext_noop("IAF MD 5:2019, recertification"),
    gettext_noop("IAF MD 5:2019, surveillance"),
    gettext_noop("IAF MD 5:2019, total reduction"),
    gettext_noop("ISO/IEC 17021-1:2015 9.6.5 leaves it to the body"),
    gettext_noop("ISO/IEC 17021-1:2015 asks for one each calendar year"),
    gettext_noop("ISO/IEC 17021-1:2015 sets no limit"),
    gettext_noop("ISO/IEC 17021-1:2015 sets no period"),
    gettext_noop("ISO/IEC 27006-1:2024, annex C; range is a default of this portal"),
    gettext_noop("ISO/IEC 27006-1:2024, table C.1"),
    gettext_noop("Reason stated by the reviewer"),
    gettext_noop("Regulations of China on certification and accreditation, one body at a time"),
)


def source_words(source: str) -> str:
    """Return a source in the reader's language; a bare reference stays as it is."""
    return gettext(source) if source else ""
