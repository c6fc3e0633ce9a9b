#!/bin/sh
# The longer fuzz run: every native fuzzer under clang's libFuzzer with ASan and UBSan, SECONDS each.
set -eu
seconds=${1:-600}
cd "$(dirname "$0")/.."
if ! command -v clang++ >/dev/null 2>&1 || [ -z "$(find "$(clang++ -print-resource-dir)" -name 'libclang_rt.fuzzer-*' 2>/dev/null)" ]; then
  echo "libFuzzer is not installed. Run: apt-get install -y clang libclang-rt-14-dev" >&2
  exit 1
fi
(cd native && cmake --preset fuzz >/dev/null)
targets=$(ls native/fuzz/*_fuzz.cpp | xargs -n1 basename | sed 's/\.cpp$//')
cmake --build native/build/fuzz -j "$(nproc)" --target $targets
for target in $targets; do
  echo "== $target, $seconds s"
  # New inputs go to the build folder; the seeds in the repository stay as they are.
  mkdir -p "native/build/fuzz/corpus/$target"
  "native/build/fuzz/$target" -max_total_time="$seconds" -print_final_stats=1 "native/build/fuzz/corpus/$target" "native/fuzz/corpus/$target"
done
