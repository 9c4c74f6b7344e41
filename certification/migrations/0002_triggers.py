from django.db import migrations

from foundation.triggers import append_only, refuse

# ISO/IEC 17021-1:2015 9.5.1: those who decide took no part in the audits (nor, here, in the
# application review) of the same cycle.
DECIDER_WAS_INVOLVED = (
    "EXISTS (SELECT 1 FROM certification_involvement i WHERE i.case_id = NEW.case_id "
    "AND i.cycle = NEW.cycle AND i.user_id = NEW.decided_by_id)"
)
INVOLVED_HAS_DECIDED = (
    "EXISTS (SELECT 1 FROM certification_decision d WHERE d.case_id = NEW.case_id "
    "AND d.cycle = NEW.cycle AND d.decided_by_id = NEW.user_id)"
)

# A certificate keeps its number and its address for life.
NUMBER_CHANGED = "NEW.number <> OLD.number OR NEW.code <> OLD.code"
# What was written ahead is what is issued, and what was issued stays.
REVISION_CHANGED = (
    "NEW.certificate_id <> OLD.certificate_id OR NEW.revision <> OLD.revision "
    "OR NEW.digest <> OLD.digest OR CAST(NEW.content AS text) <> CAST(OLD.content AS text) "
    "OR (OLD.file_id IS NOT NULL AND (NEW.file_id IS NULL OR NEW.file_id <> OLD.file_id))"
)


class Migration(migrations.Migration):
    dependencies = [("certification", "0001_initial")]
    operations = [
        append_only("certification_decision"),
        append_only("certification_certificateevent"),
        append_only("certification_applicationversion"),
        refuse(
            "decision_independent",
            "certification_decision",
            ("INSERT",),
            DECIDER_WAS_INVOLVED,
            "decider took part in this cycle",
        ),
        refuse(
            "involvement_independent",
            "certification_involvement",
            ("INSERT", "UPDATE"),
            INVOLVED_HAS_DECIDED,
            "person decided in this cycle",
        ),
        refuse(
            "certificate_number_for_life",
            "certification_certificate",
            ("UPDATE",),
            NUMBER_CHANGED,
            "number and code of a certificate never change",
        ),
        refuse(
            "revision_frozen",
            "certification_certificaterevision",
            ("UPDATE",),
            REVISION_CHANGED,
            "content and file of a revision never change",
        ),
    ]
