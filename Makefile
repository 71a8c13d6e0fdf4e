# Everything there is to do with Puente, as one command each. Debian 12 with git and make is all that is needed.
.PHONY: help setup build demo test test-asan test-tsan test-extra bench lint lint-format format clean

JOBS ?= $(shell nproc)
PRESET ?= release
FUZZ_SECONDS ?= 60
sources = $(shell git ls-files '*.h' '*.cc')

help:
	@echo 'make demo        build all, start the example services and the proxy on 127.0.0.1:8080, and print requests to try'
	@echo 'make test        build all and run the tests'
	@echo 'make build       leaves build/release/puente; PRESET=debug, asan or tsan for others'
	@echo 'make test-asan   the tests under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make test-tsan   the tests under ThreadSanitizer'
	@echo 'make conformance the JSON cases of the protobuf conformance suite'
	@echo 'make compat      what tests/compat says of Envoy and grpc-gateway, against the real ones; needs Go and pip'
	@echo 'make otlp-test   spans, at the receiver of the opentelemetry-proto package; needs pip'
	@echo 'make browser-test the streams of the example page, in Chromium'
	@echo 'make test-extra  all of them, and FUZZ_SECONDS=60 of each fuzz target'
	@echo 'make bench       micro benchmarks, and Puente beside Envoy and grpc-gateway, into docs/benchmarks.md; needs Go'
	@echo 'make lint        clang-format and clang-tidy; make format mends the former'

setup:
	@.ci/setup

build: setup
	cmake --preset $(PRESET)
	cmake --build --preset $(PRESET) -j $(JOBS)

demo: build
	build/release/puente-demo

test: build
	ctest --preset $(PRESET) -j $(JOBS)

test-asan:
	$(MAKE) test PRESET=asan

test-tsan:
	$(MAKE) test PRESET=tsan

test-extra: test-asan test-tsan conformance compat otlp-test browser-test fuzz

# Spans, as the receiver of opentelemetry-proto and grpcio gets them.
.PHONY: otlp-test
otlp-test: build
	@.ci/setup otlp
	build/$(PRESET)/otlp_test

# The example page in a real browser.
.PHONY: browser-test
browser-test: build
	@.ci/setup extra
	build/$(PRESET)/browser_test

# The protobuf project's own judge of the JSON mapping.
.PHONY: conformance
conformance: build
	tests/conformance/run build/$(PRESET)

# Envoy and grpc-gateway; compat-table writes the tables of tests/compat/README.md.
.PHONY: compat compat-table
compat: build
	tests/compat/judge build/$(PRESET)

compat-table: setup
	cmake --preset $(PRESET)
	cmake --build --preset $(PRESET) -j $(JOBS) --target compat_table
	build/$(PRESET)/compat_table

.PHONY: fuzz
fuzz: setup
	cmake --preset fuzz
	cmake --build --preset fuzz -j $(JOBS)
	@set -e; for target in build/fuzz/*_fuzz; do \
	  name=$$(basename $$target); mkdir -p build/fuzz/corpus/$$name; \
	  echo "== $$name"; \
	  seeds=tests/fuzz/corpus/$$name; test -d $$seeds || seeds=; \
	  $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 build/fuzz/corpus/$$name $$seeds; \
	done

# Writes docs/benchmarks.md and docs/benchmarks.svg. Takes about half an hour, and wants the machine to itself.
bench: build
	@.ci/setup bench
	bench/compare --build build/$(PRESET) --scale

lint: lint-format
	cmake --preset lint
	cmake --build --preset lint -j $(JOBS) --target puente_google_protos puente_config_proto puente_example_protos
	run-clang-tidy-16 -quiet -p build/lint -j $(JOBS) -extra-arg=-Wno-unknown-warning-option '^$(CURDIR)/(descriptors|transcoder|config|proxy|examples)/.*'

lint-format: setup
	@clang-format --dry-run --Werror $(sources)

format: setup
	clang-format -i $(sources)

clean:
	rm -rf build
