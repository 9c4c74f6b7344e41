"""The database is told each night how large its tables are."""

from django.db import connection

from foundation.tasks import renew_statistics

ASK = {
    "sqlite": "SELECT stat FROM sqlite_stat1 WHERE idx = 'organisation_by_name'",
    "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'organisations_organisation'",
}


def answer():
    with connection.cursor() as cursor:
        cursor.execute(ASK[connection.vendor])
        return cursor.fetchall()


def test_renewed_statistics_count_the_rows(cast):
    organisations = type(cast.body)._base_manager.all()
    renew_statistics()
    (counted,) = answer()[0]
    assert float(str(counted).split()[0]) == organisations.count()
