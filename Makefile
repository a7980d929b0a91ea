# The two commands of the README are `make demo` and `make test`; run again, each does only what is left.
SHELL := /bin/bash
BUILD := build
CMAKE_ARGS ?=
JOBS ?= $(shell nproc)

.PHONY: demo test build lint format bench asan dependencies clean

demo: $(BUILD)/.dependencies
	@$(MAKE) --no-print-directory build TARGETS="normadd colour_deviation_maps"
	$(BUILD)/bin/normadd data demo
	$(BUILD)/bin/colour_deviation_maps data/demo data/demo_maps
	$(BUILD)/bin/normadd run experiment=demo
	$(BUILD)/bin/normadd report

test: build
	tests/slurm/install_packages.sh
	tests/slurm/install_packages.sh chromium chromium-driver
	ctest --preset release -j $(JOBS)

# TARGETS= builds everything.
build: $(BUILD)/.dependencies
	@tools/timed.sh "configure and build" cmake -DPRESET=release -DTARGETS="$(TARGETS)" -DJOBS=$(JOBS) -DARGS="$(CMAKE_ARGS)" -P cmake/Build.cmake

dependencies: $(BUILD)/.dependencies

$(BUILD)/.dependencies: tools/install_dependencies.sh
	tools/install_dependencies.sh
	@mkdir -p $(BUILD) && touch $@

bench: build
	$(BUILD)/bin/normadd_bench
	$(BUILD)/bin/normadd_padim_bench
	$(BUILD)/bin/normadd_winclip_bench
	$(BUILD)/bin/normadd_sweep_bench

asan: $(BUILD)/.dependencies
	cmake --preset asan $(CMAKE_ARGS)
	cmake --build --preset asan -j $(JOBS)
	ctest --preset asan -j $(JOBS)

lint: build
	tools/install_dependencies.sh clang-format clang-tidy
	tools/lint.sh $(BUILD)

format:
	tools/install_dependencies.sh clang-format
	git ls-files '*.h' '*.cc' | xargs clang-format -i

clean:
	rm -rf build build-debug build-asan
