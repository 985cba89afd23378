"""Says in one line what is missing to set the project up, and exits with status 1 then.

    python3 tools/prerequisites.py

The core is compiled on the spot, so that a C compiler and Python's own header files are needed besides Python. Runs on
any Python, also on one that is too old.
"""

import os
import subprocess
import sys
import sysconfig

PYTHON = "Python 3.%d" % sys.version_info[1]


def runs(command, text=""):
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        return False
    process.communicate(text.encode())
    return process.returncode == 0


def missing():
    """What is missing, each with the package of Debian that has it."""
    if sys.version_info < (3, 10):
        version = sys.version.split()[0]
        yield "Python 3.10 or newer (this one is %s; make PYTHON=... chooses another)" % version, "python3"
        return
    if not runs([sys.executable, "-c", "import venv, ensurepip"]):
        yield "venv of %s" % PYTHON, "python3-venv"
    if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
        yield "Python.h of %s" % PYTHON, "python3-dev"
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    if not runs(compiler + ["--version"]):
        yield "a C compiler (%s)" % compiler[0], "gcc"
    elif not runs(compiler + ["-xc", "-fsyntax-only", "-"], "#include <stdlib.h>\n"):
        yield "the header files of the C library", "libc6-dev"


if __name__ == "__main__":
    found = list(missing())
    if found:
        names = ", ".join(name for name, package in found)
        packages = " ".join(package for name, package in found)
        sys.exit("missing: %s\nOn Debian and Ubuntu: apt-get install %s" % (names, packages))
