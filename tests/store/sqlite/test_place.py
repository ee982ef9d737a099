"""Whether a path can hold a store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pectin.ports.store import StoreError
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.place import network_of, prepare_place

MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/data /srv/team nfs4 rw 0 0
//server/my\\040share /mnt/my\\040share cifs rw 0 0
host /mnt/host 9p rw 0 0
me@host: /mnt/far fuse.sshfs rw 0 0
/dev/vdb /srv/team/local xfs rw 0 0
server:/data /over nfs rw 0 0
tmpfs /over tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/var/pectin.db", None),
        ("/srv/team/pectin.db", "nfs4"),
        ("/srv/teams/pectin.db", None),
        ("/srv/team/local/pectin.db", None),
        ("/mnt/my share/deep/pectin.db", "cifs"),
        ("/mnt/host/pectin.db", "9p"),
        ("/mnt/far/pectin.db", "fuse.sshfs"),
        ("/over/pectin.db", None),
    ],
)
def test_network_file_systems_are_told_by_name(file: str, kind: str | None) -> None:
    assert network_of(Path(file), MOUNTS) == kind


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/data {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr("pectin.store.sqlite.place._MOUNTS", mounts)
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*Name a file on a local disk"):
        prepare_place(str(tmp_path / "made" / "pectin.db"), must_exist=False)
    assert not (tmp_path / "made").exists()


def test_parents_are_made_for_a_new_store_only(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "pectin.db"
    with pytest.raises(StoreError, match="There is no store at"):
        prepare_place(str(path), must_exist=True)
    assert not (tmp_path / "a").exists()
    assert prepare_place(str(path), must_exist=False) == str(path)
    assert path.parent.is_dir()
    assert not path.exists()


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        SqliteStore(str(tmp_path))


def test_what_is_no_ordinary_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(StoreError, match="is no ordinary file"):
            SqliteStore(str(path))


def test_an_empty_file_is_no_store_to_whoever_reads(tmp_path: Path) -> None:
    """It may have been cut, and nobody should be told that all is well."""
    path = tmp_path / "pectin.db"
    path.touch()
    with pytest.raises(StoreError, match="the file is empty"):
        SqliteStore(str(path), must_exist=True)
    assert path.stat().st_size == 0
    assert prepare_place(str(path), must_exist=False) == str(path)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be made"):
        SqliteStore(str(tmp_path / "file" / "pectin.db"))


async def test_the_names_of_a_new_store_and_of_its_parents_are_made_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[os.stat_result] = []
    fsync = os.fsync

    def note(handle: int) -> None:
        fsync(handle)
        synced.append(os.fstat(handle))

    def was_synced(directory: Path) -> bool:
        return any(os.path.samestat(each, directory.stat()) for each in synced)

    monkeypatch.setattr(os, "fsync", note)
    parent = tmp_path / "a" / "b"
    prepare_place(str(parent / "pectin.db"), must_exist=False)
    assert was_synced(tmp_path)
    assert was_synced(tmp_path / "a")
    assert not was_synced(parent)
    await SqliteStore(str(parent / "pectin.db")).close()
    assert was_synced(parent)


def test_a_directory_that_cannot_be_written_to_is_refused() -> None:
    with pytest.raises(StoreError, match=r"can't be opened\. Check that its directory exists and may be written to"):
        SqliteStore("/proc/self/pectin.db")
