# make demo      install, build, and see Andon's main job on the example
# make test      install, build, run every test
# make quick     build, run the tests that take under a minute
# make crash     kill the program at each of its system calls that change a file (hours)
# make tidy      format, lint and layering checks; `make format` mends the format
# make bench     the programs under bench/, as ratios
# make package   a tarball and a .deb under build/package

JOBS ?= $(shell nproc)
RELEASE := build/release
ASAN := build/asan

.PHONY: all demo test quick crash tidy format bench package clean
all: $(RELEASE)/andon

.PHONY: $(RELEASE)/andon
$(RELEASE)/andon:
	@tools/setup build
	@cmake -S . -B $(RELEASE) -G Ninja -DCMAKE_BUILD_TYPE=Release >build/release-configure.log || (cat build/release-configure.log; false)
	@ninja -C $(RELEASE) -j $(JOBS) --quiet andon

demo: $(RELEASE)/andon
	@rm -rf build/demo
	@$(RELEASE)/andon demo -dir=build/demo $(if $(CI),-serve=false)

test:
	@tools/setup build test lint
	@tools/test

quick:
	@tools/setup build test
	@tools/test quick

crash: $(RELEASE)/andon
	@tools/setup build test
	@ctest --test-dir $(RELEASE) --output-on-failure -L slow

tidy:
	@tools/setup lint
	@python3 tools/tidy.py

format:
	@tools/setup lint
	@git ls-files -co --exclude-standard 'src/*.cc' 'src/*.h' 'bench/*.cc' 'fuzz/*.cc' | xargs clang-format-19 -i

bench:
	@tools/setup build
	@tools/bench

package: $(RELEASE)/andon
	@tools/package

clean:
	rm -rf build
