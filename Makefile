# Everything is set up in .venv; PYTHON chooses the interpreter it is made from.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up

.PHONY: demo test bench clean

# Runs the shipped session through terminals with pruning active, and audits what is left.
demo: $(SETUP)
	$(BIN)/python -m ghostpage soak

# Passes all tests, those on the build with the historic leak among them.
test: $(SETUP)
	$(BIN)/python -m pytest -q

bench: $(SETUP)
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only -q

$(SETUP): pyproject.toml setup.py $(wildcard csrc/*.h csrc/*.py csrc/*/*.h csrc/*/*.c)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info ghostpage/_native*.so ghostpage/_native.c
