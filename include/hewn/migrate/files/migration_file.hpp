// hewn/migrate/files/migration_file.hpp - one migration written in SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_text.hpp>
#include <hewn/migrate/files/sql_statement.hpp>

#include <cstddef>
#include <span>
#include <vector>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/migrate/files/checksum.hpp>
#  include <hewn/migrate/files/file_name.hpp>
#  include <hewn/migrate/files/file_parser.hpp>

#  include <algorithm>
#  include <string>
#  include <string_view>
#  include <utility>
#endif

namespace hewn {

/// A migration in SQL.
struct migration_file {
  migration_info info;
  std::vector<sql_statement> up;
  std::vector<sql_statement> down;
};

/// The migrations in these files, by version. `NAME.up.sql` and `NAME.down.sql` are one. Of
/// `NAME.sqlite.sql` and `NAME.postgres.sql`, which are two, a migrator takes the one for its
/// database. Throws: errc::syntax with file and line for what cannot be read, errc::usage for names
/// that are none and for versions that are there twice.
HEWN_API std::vector<migration_file> read_migrations(std::span<const migration_text> files,
                                                     call_site site = call_site::current());

/// As above, for the array of a generated header.
template <std::size_t N>
std::vector<migration_file> read_migrations(const migration_text (&files)[N],
                                            call_site site = call_site::current()) {
  return read_migrations(std::span<const migration_text>(files, N), site);
}

#if HEWN_DEFINES_MIGRATE

namespace detail {

inline migration_file to_migration(const migration_file_name& name, std::string_view file,
                                   std::string_view canonical, parsed_sections parsed) {
  migration_file out;
  out.info = std::move(parsed.info);
  out.info.version = name.version;
  out.info.name = name.name;
  out.info.only = name.only;
  out.info.origin = file;
  out.info.checksum = sha256_hex(canonical);
  out.info.algorithm = text_checksum;
  out.info.has_down = parsed.has_down;
  out.up = std::move(parsed.up);
  out.down = std::move(parsed.down);
  for (const std::int64_t named : out.info.replaces)
    if (named >= name.version)
      fail_script(file, 0,
                  "names version " + std::to_string(named) +
                      ", which does not come before it; correct the number",
                  errc::usage);
  return out;
}

inline migration_file read_one(const migration_file_name& name, const migration_text& source) {
  return to_migration(name, source.name, canonical_text(source.text),
                      file_parser(source.name, file_part::both, name.only).parse(source.text));
}

// The second file may be missing: a migration without a way back.
inline migration_file read_pair(const migration_file_name& name, const migration_text& up,
                                const migration_text* down) {
  file_parser parser(up.name, file_part::up, name.only);
  parsed_sections parsed = parser.parse(up.text);
  std::string canonical = canonical_text(up.text);
  if (down != nullptr) {
    parsed_sections other = file_parser(down->name, file_part::down, name.only).parse(down->text);
    if (!parsed.info.irreversible.empty())
      fail_script(down->name, 0, "undoes a migration that is declared irreversible; keep one",
                  errc::usage);
    if (!other.info.needs.empty() || !other.info.parents.empty() || !other.info.replaced.empty())
      fail_script(down->name, 0,
                  "names other migrations, and the file that undoes has no say in that; move the "
                  "line to the .up.sql file",
                  errc::usage);
    parsed.down = std::move(other.down);
    parsed.has_down = true;
    parsed.info.destructive_down = std::move(other.info.destructive_down);
    parsed.info.overwrites_down = std::move(other.info.overwrites_down);
    canonical += "-- down\n" + canonical_text(down->text);
  }
  return to_migration(name, up.name, canonical, std::move(parsed));
}

struct named_text {
  migration_file_name name;
  migration_text source;
};

[[noreturn]] HEWN_COLD inline void fail_same_version(std::string_view a, std::string_view b) {
  fail_script(a, 0, "has the same version as " + std::string(b) + "; give one of them another",
              errc::usage);
}

/// One migration of the files of one version. Order: by their parts.
inline migration_file read_version(const std::vector<const named_text*>& files) {
  const named_text& first = *files.front();
  if (first.name.part == file_part::down)
    fail_script(first.source.name, 0,
                "undoes a migration that is not there; add the .up.sql file beside it",
                errc::usage);
  if (files.size() > 1 &&
      (first.name.part != file_part::up || files[1]->name.part != file_part::down ||
       first.name.name != files[1]->name.name))
    fail_same_version(files[1]->source.name, first.source.name);
  if (files.size() > 2) fail_same_version(files[2]->source.name, first.source.name);
  if (first.name.part == file_part::both) return read_one(first.name, first.source);
  return read_pair(first.name, first.source, files.size() > 1 ? &files[1]->source : nullptr);
}

/// Refuses files of one version that do not say plainly which database they are for.
inline void check_split(const std::vector<const named_text*>& files) {
  for (const named_text* a : files)
    for (const named_text* b : files) {
      if (a->name.only && a->name.name != b->name.name)
        fail_script(a->source.name, 0,
                    "is called otherwise than " + std::string(b->source.name) +
                        ", which is the same migration on another database; give both one name",
                    errc::usage);
      const bool same_part = a->name.part == b->name.part || a->name.part == file_part::both ||
                             b->name.part == file_part::both;
      if (a->name.only && !b->name.only && same_part)
        fail_script(b->source.name, 0,
                    "is for both databases, and " + std::string(a->source.name) +
                        " for one of them; put .sqlite or .postgres into the names of both",
                    errc::usage);
    }
}

}  // namespace detail

HEWN_API std::vector<migration_file> read_migrations(std::span<const migration_text> files,
                                                     call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  std::vector<detail::named_text> named;
  for (const migration_text& f : files) named.push_back({detail::read_file_name(f.name), f});
  std::sort(named.begin(), named.end(), [](const auto& a, const auto& b) {
    if (a.name.version != b.name.version) return a.name.version < b.name.version;
    if (a.name.part != b.name.part) return a.name.part < b.name.part;
    return a.source.name < b.source.name;
  });
  std::vector<migration_file> out;
  for (std::size_t i = 0; i != named.size();) {
    std::vector<const detail::named_text*> group;
    bool split = false;
    for (const std::int64_t version = named[i].name.version;
         i != named.size() && named[i].name.version == version; ++i) {
      group.push_back(&named[i]);
      split |= named[i].name.only.has_value();
    }
    if (!split) {
      out.push_back(detail::read_version(group));
      continue;
    }
    detail::check_split(group);
    for (const dialect d : {dialect::sqlite, dialect::postgres}) {
      std::vector<const detail::named_text*> own;
      for (const detail::named_text* f : group) {
        if (f->name.only.value_or(d) == d) own.push_back(f);
      }
      if (own.empty()) continue;  // nothing is to be done there
      out.push_back(detail::read_version(own));
      out.back().info.only = d;
    }
  }
  return out;
}

#endif

}  // namespace hewn
