"""Names the cffi build; everything else about the package is in pyproject.toml."""

import sys
import sysconfig

from setuptools import setup

if sys.platform == "win32":
    sys.exit("ghostpage does not run on Windows: it needs a POSIX system, whose mmap its core stands on.")

# One abi3 wheel serves every CPython from 3.10 on; a free-threaded one has no limited API, and a wheel of its own.
free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

setup(
    cffi_modules=["csrc/build_native.py:builder"],
    options={} if free_threaded else {"bdist_wheel": {"py_limited_api": "cp310"}},
)
