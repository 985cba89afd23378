# Everything is set up in .venv; PYTHON chooses the interpreter that it is made from.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.set-up
SOURCES := pyproject.toml setup.py $(wildcard csrc/*.h csrc/*.py csrc/*/*.h csrc/*/*.c)

.PHONY: demo test coverage soak analyze check-valgrind fuzz model types docs bench gate gate-update cross cross-run clean FORCE

# Runs the shipped session through terminals with pruning active, and audits what is left.
demo: $(SETUP)
	$(BIN)/python -m ghostpage soak

# An hour of all recordings and workloads across 50 terminals that come and go, change their size, are looked at, and in the
# end compared with fresh ones. SOAK_TIME=10m, ARGS="--policy replace --standard-page 16K".
soak: $(SETUP)
	$(BIN)/python -m ghostpage soak --mixed --terminals 50 --snapshot-every 100 --compare --for $(or $(SOAK_TIME),1h) $(ARGS)

# Passes all tests, those on the build with the historic leak among them.
test: $(SETUP)
	$(BIN)/python -m pytest -q

# Builds the documents in build/docs; a warning is an error.
docs: $(SETUP)
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	$(BIN)/python -m sphinx -q -W -b html docs build/docs

# Checks the types of package and examples with mypy, as the tests do, and the examples with pyright too, as editors see them.
types: $(SETUP)
	$(BIN)/python -m pip install --quiet --editable ".[types]"
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(SETUP)
	$(BIN)/python -m pip install --quiet --editable ".[bench]"
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-only -q $(BENCH)

# Counts the instructions that feeding takes and compares them with those kept in benchmarks/gate/counts.json. gate-update
# keeps what is lower; RAISE="emoji recorded-vim" names what may be higher.
gate: $(SETUP)
	$(BIN)/python benchmarks/gate/gate.py

gate-update: $(SETUP)
	$(BIN)/python benchmarks/gate/gate.py --update $(if $(RAISE),--raise $(RAISE))

$(SETUP): $(SOURCES) tools/prerequisites.py
	@$(PYTHON) tools/prerequisites.py
	@echo "Setting up $(VENV): compiles the core and installs what demo and tests need, which takes a minute."
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	GHOSTPAGE_BUILD= $(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@

# The suite on another build of the core: check-checked, check-asan, check-tsan, check-coverage. The build lies in build/
# and leaves the one in place alone; ARGS takes the place of all tests. ThreadSanitizer's look-out for deadlocks ends the
# process where one thread holds 64 locks, and an audit holds all. A Python without a GIL has no allocator but its own.
ALLOCATOR = $(shell $(BIN)/python -c "import sysconfig; print('' if sysconfig.get_config_var('Py_GIL_DISABLED') else 'malloc')")
LIBRARY = $(shell gcc -print-file-name=$(1))
PRELOAD_asan = LD_PRELOAD="$(call LIBRARY,libasan.so) $(call LIBRARY,libstdc++.so.6)" PYTHONMALLOC=$(ALLOCATOR) ASAN_OPTIONS=detect_leaks=0
PRELOAD_tsan = LD_PRELOAD="$(call LIBRARY,libtsan.so) $(call LIBRARY,libstdc++.so.6)" PYTHONMALLOC=$(ALLOCATOR) \
	TSAN_OPTIONS=detect_deadlocks=0

check-%: $(SETUP) FORCE
	GHOSTPAGE_BUILD=$* $(BIN)/python setup.py -q build --build-base build/$* --build-lib build/$*/lib
	cd build/$*/lib && PYTHONPATH=$(CURDIR)/build/$*/lib $(PRELOAD_$*) $(abspath $(BIN))/pytest -q \
		-c $(CURDIR)/pyproject.toml --rootdir $(CURDIR) $(or $(addprefix $(CURDIR)/,$(ARGS)),$(CURDIR)/tests ghostpage)

# What of C and of Python the suite, or ARGS, runs through; and where it does not: build/coverage/c.html, python/index.html.
# Processes that the tests start are counted too; the settings for that are in pyproject.toml.
MEASURED = --rcfile $(CURDIR)/pyproject.toml --data-file $(CURDIR)/build/coverage/python.data

coverage: $(SETUP) FORCE
	$(BIN)/python -m pip install --quiet "coverage[toml]>=7.10" gcovr
	GHOSTPAGE_BUILD=coverage $(BIN)/python setup.py -q build --build-base build/coverage --build-lib build/coverage/lib
	find build/coverage -name '*.gcda' -o -name 'python.data*' | xargs rm -f
	cd build/coverage/lib && PYTHONPATH=$(CURDIR)/build/coverage/lib $(abspath $(BIN))/coverage run $(MEASURED) \
		-m pytest -q -c $(CURDIR)/pyproject.toml --rootdir $(CURDIR) $(or $(addprefix $(CURDIR)/,$(ARGS)),$(CURDIR)/tests ghostpage)
	cd build/coverage/lib && $(abspath $(BIN))/coverage combine -q $(MEASURED)
	cd build/coverage/lib && $(abspath $(BIN))/coverage html $(MEASURED) -q -d ../python
	cd build/coverage/lib && $(abspath $(BIN))/coverage report $(MEASURED) --skip-covered
	$(BIN)/gcovr --filter csrc/ --html-details build/coverage/c.html --txt - --txt-summary build/coverage

FORCE:

# Fuzzes the core for FUZZ_SECONDS with each harness of fuzz/, by libFuzzer with clang's sanitizers. Corpora grow in
# build/fuzz; an input that fails is kept there too, and belongs in fuzz/crashes when it is mended. Adding nothing to a
# null pointer, which C2y allows, is not an error here.
CLANG ?= clang
FUZZ_SECONDS ?= 600
HARNESSES := feed load operations

fuzz: $(addprefix fuzz-,$(HARNESSES))

fuzz-%: $(SETUP) FORCE
	mkdir -p build/fuzz/new/$* build/fuzz/failed/$*
	$(BIN)/python fuzz/seeds.py build/fuzz/seeds
	$(CLANG) -std=c11 -g -O2 -DGP_CHECKED=1 -Icsrc -Ifuzz -fsanitize=fuzzer,address,undefined -fno-sanitize=pointer-overflow \
		-fno-sanitize-recover=undefined -fno-omit-frame-pointer -pthread csrc/*/*.c fuzz/$*.c -o build/fuzz/$*
	build/fuzz/$* -max_total_time=$(FUZZ_SECONDS) -max_len=700 -timeout=60 -rss_limit_mb=3000 -print_final_stats=1 \
		-dict=build/fuzz/seeds/dictionary -artifact_prefix=build/fuzz/failed/$*/ build/fuzz/new/$* build/fuzz/seeds/$*

# All seeds, and what once crashed, under valgrind, to which a checked build announces what lies in a pool.
check-valgrind: $(SETUP)
	$(BIN)/python fuzz/seeds.py build/fuzz/seeds
	for harness in $(HARNESSES); do \
		gcc -std=c11 -g -O1 -DGP_CHECKED=1 -Icsrc -Ifuzz -pthread csrc/*/*.c fuzz/$$harness.c fuzz/replay.c \
			-o build/fuzz/$$harness-valgrind && \
		valgrind -q --leak-check=full --error-exitcode=9 build/fuzz/$$harness-valgrind \
			build/fuzz/seeds/$$harness/* $$(ls -d fuzz/crashes/$$harness/* 2>/dev/null) 2>build/fuzz/$$harness-valgrind.log \
			|| { tail -40 build/fuzz/$$harness-valgrind.log; exit 1; }; \
	done

# Static analysis of the core by what is installed of gcc, clang, clang-tidy and cppcheck (ANALYZE=cppcheck: by one).
analyze:
	$(PYTHON) tools/analyze.py $(ANALYZE)

# The core compiled and linked for aarch64, musl and macOS, by zig from PyPI; and the harnesses of fuzz/ run over their
# seeds as an aarch64 program, by qemu-user of Debian.
cross: $(SETUP)
	$(BIN)/python -m pip install --quiet "ziglang>=0.14"
	$(BIN)/python tools/cross.py $(TARGETS)

cross-run: $(SETUP)
	$(BIN)/python -m pip install --quiet "ziglang>=0.14"
	$(BIN)/python tools/cross.py --run

# The model test for long: MODEL_RUNS times 40 random steps, others each time. With the checks of a checked build:
# make check-checked ARGS=tests/test_model.py GHOSTPAGE_MODEL=5000
MODEL_RUNS ?= 5000

model: $(SETUP)
	GHOSTPAGE_MODEL=$(MODEL_RUNS) $(BIN)/python -m pytest -q tests/test_model.py

clean:
	rm -rf $(VENV) build dist *.egg-info ghostpage/_native*.so ghostpage/_native.c
