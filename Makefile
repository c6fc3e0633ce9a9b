# make build   everything that ./bin/trtllm needs; npm and Debian packages only
# make demo    build, then compile, serve and measure the bundled model
# make test    everything that needs no big model; ends with "N passed, N failed, N skipped"
# make lint    types, lint, arrows between packages
# make fuzz    the longer fuzz run (clang's libFuzzer, SECONDS=600 a target)

JOBS ?= $(shell nproc)
# One pool of jobs for all: npm and tsc run beside the compilers, and recursive makes share it.
MAKEFLAGS += -j$(JOBS) --no-print-directory
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:  # `make clean build`: one after the other
endif
PNPM := tools/pnpm/node_modules/.bin/pnpm
export PATH := $(CURDIR)/tools/pnpm/node_modules/.bin:$(PATH)

.PHONY: build native native-tests native-asan packages demo test lint fuzz clean
.DEFAULT_GOAL := build

build: native packages

debian-packages:
	@sh tools/ensure-debian-packages.sh
.PHONY: debian-packages

native: debian-packages
	@echo "== native engine: cmake and g++ (a few minutes the first time)"
	@cd native && cmake --preset release --log-level=WARNING >/dev/null
	@$(MAKE) -C native/build/release executables

# With its tests.
native-tests: native
	@$(MAKE) -C native/build/release

# The same sources under AddressSanitizer and UBSan, for the fuzzers and the native tests. `make test` begins it when the release build is
# done: otherwise a failure there would be told only after all of this.
ifneq ($(filter test,$(MAKECMDGOALS)),)
native-asan: | native-tests
endif
native-asan: debian-packages
	@cd native && cmake --preset asan --log-level=NOTICE >/dev/null
	@$(MAKE) -C native/build/asan >native/build/asan/build.log 2>&1 || { tail -n 40 native/build/asan/build.log; exit 1; }

node_modules/.stamp: pnpm-lock.yaml package.json pnpm-workspace.yaml tools/pnpm/package.json $(wildcard packages/*/package.json) test/package.json
	@echo "== packages: pnpm and dependencies from the npm registry"
	@npm install --prefix tools/pnpm --no-package-lock --no-audit --no-fund --loglevel=error >/dev/null
	@$(PNPM) install --frozen-lockfile --reporter=silent || $(PNPM) install --frozen-lockfile
	@touch $@

packages: node_modules/.stamp
	@echo "== packages: TypeScript"
	@node_modules/.bin/tsc -b
	@node tools/bundle.mjs

demo: build
	@node tools/demo.mjs

test: build native-tests native-asan
	@node tools/run-tests.mjs

lint: node_modules/.stamp
	@node_modules/.bin/tsc -b && node_modules/.bin/tsc -p tsconfig.test.json && node_modules/.bin/oxlint && node tools/check-arrows.mjs

fuzz: debian-packages
	@sh tools/fuzz.sh $(or $(SECONDS),600)

clean:
	rm -rf native/build packages/*/dist packages/cli/bundle node_modules packages/*/node_modules test/node_modules tools/pnpm/node_modules
