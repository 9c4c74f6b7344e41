from certification.enums import CertificateStatus, RevisionStatus
from tests.certification.casework import certified_case


def test_granting_issues_a_certificate(cast):
    case = certified_case(cast)
    certificate = case.certificates.get()
    assert certificate.status == CertificateStatus.VALID
    assert certificate.current_revision.status == RevisionStatus.ISSUED
