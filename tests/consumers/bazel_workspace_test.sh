# bazel_workspace_test.sh - a Bazel WORKSPACE that has hewn as a local_repository.
set -euo pipefail

checkout=$(dirname "$(readlink -f WORKSPACE)")
cd "$checkout/tests/consumers/bazel_workspace"
bazel() { "$checkout/bazelw" --output_user_root="$TEST_TMPDIR/bazel" "$@"; }
trap 'bazel shutdown >/dev/null 2>&1' EXIT

for program in consumer either headers migrating; do
  said=$(bazel run --symlink_prefix=/ --ui_event_filters=-info --noshow_progress "//:$program")
  [[ $said == "built by a consumer" ]] || { printf 'unexpected output: %s\n' "$said"; exit 1; }
done
