"""The lock that makes one process the owner of a workspace.

DuckDB's own lock vanishes when the owning process opens and closes the file once more (to copy or hash it), so the
ownership is held on a file beside it, which nobody else has a reason to touch.
"""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path

from bsm_core.errors import StoreError, WorkspaceLockedError


class WorkspaceGuard:
    """An exclusive ``flock`` on ``<database>.lock`` with the holder's pid and host written in it.

    The kernel drops it when the process ends, however it ends; the file itself stays, since deleting it would let
    two openers lock two different files of the same name.
    """

    def __init__(self, database: Path) -> None:
        """Raises WorkspaceLockedError naming the holder, or StoreError when the lock file cannot be made."""
        self.path = database.with_name(database.name + ".lock")
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"cannot make {self.path} ({error.strerror}); choose a folder you can write to") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(self._descriptor)
            raise WorkspaceLockedError(
                f"{database} is in use by {holder}; close that workbench first, or choose another --workspace"
            ) from error
        except OSError as error:
            os.close(self._descriptor)
            raise StoreError(f"cannot lock {self.path} ({error.strerror}); choose a folder on a local disk") from error

    def release(self) -> None:
        """Give the workspace up. Call once."""
        os.close(self._descriptor)
