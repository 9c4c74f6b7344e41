"""Where the embedded broker listens."""

import stat
import tempfile

import pytest

from portal import broker


def test_socket_stands_in_the_data_directory(tmp_path):
    short = tmp_path.parents[-2]
    assert broker.socket_path(short) == short / "broker" / "valkey.sock"


def test_long_path_moves_the_socket_to_a_private_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    path = broker.socket_path(deep)
    assert path == broker.socket_path(deep)
    assert path.parent.parent == tmp_path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    broker.socket_path(deep).parent.chmod(0o755)
    with pytest.raises(PermissionError):
        broker.socket_path(deep)
