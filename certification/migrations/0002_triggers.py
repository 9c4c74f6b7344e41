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
    ]
