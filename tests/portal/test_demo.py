"""The demonstration: made through the services, with a clock that only runs forwards."""

import logging
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from certification.enums import CertificateStatus
from certification.models import Certificate, Evaluation
from foundation import journal
from foundation.models import Job, JournalChain, JournalEntry, Notice
from organisations.enums import Kind
from organisations.models import Organisation

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demo(settings):
    """Return the function that loads the smallest demonstration."""
    settings.DEMO = True
    settings.BROKER = False
    return lambda workers: call_command("demo", size="tiny", workers=workers, verbosity=0)


def test_the_demonstration_tells_one_story_though_others_make_its_documents(demo, caplog):
    caplog.set_level(logging.INFO)
    demo(2)
    # Whoever waits for it reads how far it has come, and nothing else.
    assert [record.getMessage() for record in caplog.records] == []
    assert Organisation.objects.filter(kind=Kind.ENTERPRISE).count() == 3
    assert list(Certificate.objects.values_list("status", flat=True)) == [
        CertificateStatus.VALID,
        CertificateStatus.VALID,
    ]
    assert Evaluation.objects.exclude(given_at=None).count() == 3
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert Notice.objects.exists()
    for chain in JournalChain.objects.all():
        assert journal.verify(chain.name) == []
        moments = JournalEntry.objects.filter(chain=chain.name).order_by("number")
        for before, after in pairwise(moments.values_list("at", flat=True)):
            assert before <= after


def test_the_demonstration_refuses_a_portal_with_data(demo, cast):
    with pytest.raises(CommandError, match="wants an empty portal"):
        demo(0)


def test_the_demonstration_refuses_production(demo, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="not in production"):
        demo(0)
