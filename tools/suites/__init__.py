"""Test suites of other terminals, run against ghostpage; see docs/conformance.md."""
