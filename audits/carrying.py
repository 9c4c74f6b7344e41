"""What of the audits follows a case to another holder."""

from audits.models import Audit
from certification.services.carrying import follows

follows(Audit)
