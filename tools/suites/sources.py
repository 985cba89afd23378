"""Where the suites come from: a folder that holds them, or their public repositories, fetched once into a cache.

Nothing of them is part of this project: their licences are their own.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["SourceMissing", "find"]

REPOSITORIES = {
    "esctest2": "https://github.com/ThomasDickey/esctest2",
    "libvterm": "https://github.com/neovim/libvterm",
    "xterm.js": "https://github.com/xtermjs/xterm.js",
}
FETCH_SECONDS = 300


class SourceMissing(Exception):
    """A suite is neither there nor can be fetched."""


def find(name: str, folder: Path | None) -> Path:
    """The checkout of a suite: ``folder/name``, or one that is fetched into the user's cache."""
    if folder is not None:
        if not (folder / name).is_dir():
            raise SourceMissing(f"there is no {folder / name}")
        return folder / name
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ghostpage-suites" / name
    if not cache.is_dir():
        command = ["git", "clone", "--quiet", "--depth=1", REPOSITORIES[name], os.fspath(cache)]
        try:
            subprocess.run(command, check=True, timeout=FETCH_SECONDS, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as error:
            raise SourceMissing(f"{REPOSITORIES[name]} cannot be fetched: {error}") from error
    return cache
