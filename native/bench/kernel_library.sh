#!/bin/sh
# kernel_library.sh CLASS FILE.so [FLAG…]: src/ops/cpu/kernels_CLASS.cpp alone as a shared library, compiled as the release build does.
# linear_pairs_bench runs several such versions by turns.
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { echo "usage: kernel_library.sh CLASS FILE.so [FLAG…]" >&2; exit 2; }
class=$1 library=$2
shift 2
source=src/ops/cpu/kernels_$class.cpp
flags=$(node -e '
  const commands = JSON.parse(require("fs").readFileSync("build/release/compile_commands.json", "utf8"));
  const of = commands.find(({ file }) => file.endsWith(process.argv[1]));
  if (!of) throw new Error(`${process.argv[1]} is not in build/release/compile_commands.json`);
  console.log(of.command.split(" ").filter((word) => /^-(O|m|f|std|W|I|D)/.test(word) && !/cmake_pch/.test(word)).join(" "));
' "/$source")
# shellcheck disable=SC2086  # one word a flag
exec g++ $flags "$@" -shared -o "$library" "$source"
