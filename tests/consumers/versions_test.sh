# versions_test.sh - files that name the same version or download agree.
set -euo pipefail

failed=0
complain() { printf '%s\n' "$*"; failed=1; }

module=$(sed -nE 's/^ +version = "([0-9.]+)",$/\1/p' MODULE.bazel | head -n 1)
cmake=$(sed -nE 's/^project\(hewn VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)
[[ -n $module && $module == "$cmake" ]] || complain "MODULE.bazel says version '$module', CMakeLists.txt '$cmake'"
version=include/hewn/version.hpp
for number in ${module//./ }; do
  [[ ! -f $version ]] || grep -qE "(^|[^0-9])$number([^0-9]|\$)" "$version" ||
    complain "$version does not name version $module"
done
consumer=$(sed -nE 's/^bazel_dep\(name = "hewn", version = "([^"]+)"\)/\1/p' tests/consumers/bzlmod/MODULE.bazel)
[[ $consumer == "$module" ]] || complain "tests/consumers/bzlmod asks for version '$consumer', MODULE.bazel is '$module'"
cc=$(grep -h 'name = "rules_cc"' MODULE.bazel tests/consumers/bzlmod/MODULE.bazel | sort -u | wc -l)
((cc == 1)) || complain "tests/consumers/bzlmod names another rules_cc than MODULE.bazel"

# Every archive that CMake would download is the one that Bazel would download.
while read -r hash; do
  grep -qF "$hash" bazel/local.bzl bazel/dependencies.bzl || complain "cmake/hewnDependencies.cmake alone has $hash"
done < <(grep -oE '[0-9a-f]{64}' cmake/hewnDependencies.cmake)

# Every module is also known to WORKSPACE.
while read -r name; do
  [[ $name == rules_* ]] || grep -qF "\"$name\"" bazel/dependencies.bzl || complain "bazel/dependencies.bzl lacks $name"
done < <(sed -nE 's/^bazel_dep\(name = "([^"]+)".*/\1/p' MODULE.bazel)
exit "$failed"
