#!/bin/sh
# The native engine needs three header packages and a compiler. As root, installs what is missing and says so;
# otherwise prints the one line that does it, and stops.
set -eu
missing=""
need() { # package, test command
  package=$1; shift
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}
header() { printf '#include <%s>\n' "$1" | ${CXX:-g++} -std=c++20 -fsyntax-only -x c++ -; }
need g++ ${CXX:-g++} --version
need cmake cmake --version
need nlohmann-json3-dev header nlohmann/json.hpp
need libxxhash-dev header xxhash.h
need libgtest-dev header gtest/gtest.h
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
  echo "Installing Debian packages that the native engine needs:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
  echo "Debian packages are missing. Run:" >&2
  echo "  sudo apt-get install -y$missing" >&2
  exit 1
fi
