"""termtosvg's own tests: recordings of terminals as animated SVG, from the buffer of a screen."""

from __future__ import annotations

import sys
import unittest

import ghostpage.pyte

sys.path.pop(0)  # this folder, whose modules have the names of what they are for
ghostpage.pyte.install()

names = [f"termtosvg.tests.{name}" for name in ("test_term", "test_anim", "test_asciicast")]
result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.loadTestsFromNames(names))
assert result.wasSuccessful() and result.testsRun >= 21
