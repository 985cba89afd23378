"""Installs an sdist where there is only Debian's base, Python and gcc: python3 tools/bare_root.py SDIST (as root)

A root is made by debootstrap, with gcc, python3-dev and python3-venv. In it pip builds and installs the sdist without
an index, the packages that building takes being downloaded outside, and the README's first example has to print what
the README says. There is no make, no git and nothing of this tree.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = "gcc,python3-dev,python3-venv"
NEEDED = ("setuptools>=77", "cffi>=1.17", "wheel")


def run(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"failed with status {done.returncode}: {' '.join(map(str, command))}\n{done.stdout[-4000:]}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--suite", default="bookworm", help="of Debian (bookworm)")
    parser.add_argument("--mirror", help="of Debian (what debootstrap takes by itself)")
    options = parser.parse_args()
    if not shutil.which("debootstrap"):
        sys.exit("debootstrap is not installed; on Debian and Ubuntu: apt-get install debootstrap")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example, shown), *_ = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", readme, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", options.suite, root, *filter(None, [options.mirror]))
        python = run("chroot", root, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
        shutil.copy(options.sdist, root / "opt")
        pip = (sys.executable, "-m", "pip", "--quiet", "download", "--only-binary=:all:", f"--python-version={python}")
        run(*pip, "--dest", root / "opt" / "needed", *NEEDED)
        run("chroot", root, "python3", "-m", "venv", "/opt/venv")
        install = ("/opt/venv/bin/pip", "install", "--no-index", "--find-links=/opt/needed")
        run("chroot", root, *install, f"/opt/{options.sdist.name}")
        printed = run("chroot", root, "env", "LC_ALL=C.UTF-8", "/opt/venv/bin/python", "-c", example)
    if printed != shown:
        sys.exit(f"the README's example printed\n{printed}")
    print(f"{options.sdist.name} builds and runs in a bare {options.suite} with {PACKAGES}")


if __name__ == "__main__":
    main()
