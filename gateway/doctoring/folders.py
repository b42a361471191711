"""The folders on this machine: whether they may be written, have room, and are on a disk that will do."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

from gateway.core.sizes import format_size
from gateway.doctoring.findings import Findings
from gateway.settings import Settings

DATA = "storage.data"
# SQLite takes locks and maps memory, which these do not share between machines.
REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone", "fuse.s3fs"}


def look_at_folders(settings: Settings, findings: Findings) -> None:
    folder = settings.data
    if not may_be_written(folder, findings):
        return
    look_at_inside(settings, folder, findings)
    look_at_room(settings, folder, findings)
    if not settings.storage.catalog and (kind := file_system(folder)) in REMOTE:
        findings.broken(DATA, f"{folder} is on a network disk ({kind}), on which the catalog is not safe.",
                        "Put the data folder on a disk of this machine, and the files alone there: storage.blobs = "
                        "that folder. Or set storage.catalog to a PostgreSQL.")  # fmt: skip
    if settings.files.sendfile == "x-accel":
        look_at_accel_folder(settings, findings)


def may_be_written(folder: Path, findings: Findings) -> bool:
    there = existing(folder)
    if not there.is_dir():
        findings.broken(DATA, f"{there} is a file, but has to be a folder.", "Name another folder.")
    elif not os.access(there, os.W_OK | os.X_OK):
        what = folder if there == folder.absolute() else f"{folder} is not there yet, and {there}"
        findings.broken(DATA, f"{what} may not be written by this user ({user()}).",
                        f"Give it to them: chown {user()} {there}", "Or name another folder.")  # fmt: skip
    elif there == folder.absolute() and (problem := try_out(folder)):
        findings.broken(DATA, f"{folder} cannot be written: {problem}.", "Mend that, or name another folder.")
    else:
        return True
    return False


def existing(folder: Path) -> Path:
    """It, or the folder above in which it would be made."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if os.path.lexists(one))


def try_out(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * 4096)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def look_at_inside(settings: Settings, folder: Path, findings: Findings) -> None:
    """What another user left there, root most of all; and what must lie on one disk."""
    names = ("catalog.db", "catalog.db-wal", "catalog.db-shm", "incoming", "media", "cache", "imports")
    inside = [path for name in names if os.path.lexists(path := folder / name)]
    closed = [path.name for path in inside if not os.access(path, os.W_OK | (os.X_OK if path.is_dir() else os.R_OK))]
    if closed:
        findings.broken(DATA, f"In {folder} this user ({user()}) may not write {', '.join(closed)}.",
                        f"Give it all to them: chown -R {user()} {folder.absolute()}")  # fmt: skip
    disks = {path.name: path.stat().st_dev for path in inside if path.name in ("incoming", "media") and path.exists()}
    if len(set(disks.values())) > 1:
        findings.broken(
            DATA,
            f"In {folder}, media and incoming are on two disks: what arrives cannot be moved in one step.",
            "Put the whole folder on one disk; or name another for the files: storage.blobs.",
        )


def look_at_room(settings: Settings, folder: Path, findings: Findings) -> None:
    about = os.statvfs(existing(folder))
    free, needed = about.f_bavail * about.f_frsize, settings.storage.min_free + settings.uploads.max_size
    if free < needed:
        findings.broken(
            DATA,
            f"The disk of {folder} has {format_size(free)} left; one upload of the largest size, and "
            f"storage.min_free, take {format_size(needed)}.",
            "Make room, or name a folder elsewhere.",
        )


def look_at_accel_folder(settings: Settings, findings: Findings) -> None:
    """nginx runs as somebody else, and has to get through every folder above."""
    media = (Path(settings.storage.blobs or settings.data) / "media").absolute()
    closed = next((one for one in (*reversed(media.parents), media) if one.exists() and not one.stat().st_mode & 0o001),
                  None)  # fmt: skip
    if closed:
        findings.note("files.sendfile", f"nginx has to read {media}, and {closed} lets nobody else in.",
                      f"Unless nginx runs as {user()} or in their group: chmod o+x {closed}")  # fmt: skip


def file_system(folder: Path) -> str:
    """Of the mount that is nearest; "" where nobody tells."""
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    place = existing(folder).resolve()
    mounts = {line.split()[1].replace("\\040", " "): line.split()[2] for line in lines}
    return next((mounts[str(one)] for one in (place, *place.parents) if str(one) in mounts), "")


def user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
