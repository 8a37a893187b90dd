# embed_migrations.sh NAME HEADER FILE... - writes a header that holds migration files as the array NAME.
set -euo pipefail
export LC_ALL=C

fail() { printf 'hewn: %s\n' "$*" >&2; exit 1; }

name=$1 header=$2
shift 2
[[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fail "$name is no name for an array; call the target like app_migrations"
(($# != 0)) || fail "$name has no files; give it .sql files"

{
  printf '// Generated from the migration files of %s; do not edit.\n' "$name"
  printf '#pragma once\n\n#include <hewn/migrate/files/migration_text.hpp>\n\n'
  printf 'inline constexpr hewn::migration_text %s[] = {\n' "$name"
  for file in "$@"; do
    base=${file##*/}
    [[ $base =~ ^[A-Za-z0-9_.-]+\.sql$ ]] || fail "$base is not named as a migration; call it like 0001_create_users.sql"
    # It would end the literal.
    ! grep -qF ')hewn_sql"' "$file" || fail "$base contains )hewn_sql\", which cannot be embedded; write it in another way"
    printf '    {"%s", R"hewn_sql(' "$base"
    cat "$file"
    printf ')hewn_sql"},\n'
  done
  printf '};\n'
} >"$header"
