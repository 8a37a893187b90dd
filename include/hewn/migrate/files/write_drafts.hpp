// hewn/migrate/files/write_drafts.hpp - one migration for both databases, as files.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/migrate/files/folder.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/base/error.hpp>
#  include <hewn/migrate/files/migration_file.hpp>
#  include <hewn/migrate/files/migration_text.hpp>
#  include <hewn/migrate/files/script_lexer.hpp>

#  include <cstddef>
#  include <cstdio>
#  include <filesystem>
#  include <system_error>
#  include <utility>
#endif

namespace hewn {

/// What one migration does on each of the databases. Its name is that of the drafts.
struct migration_drafts {
  std::optional<migration_draft> sqlite = {};    ///< nothing: there is nothing to do
  std::optional<migration_draft> postgres = {};  ///< nothing: there is nothing to do
  std::int64_t after = 0;  ///< a version that it comes after, wherever that one is

  bool empty() const { return !sqlite && !postgres; }
};

/// Writes the drafts as the next migration of the folder, and returns the paths: one file where
/// both databases get the same, and files for SQLite and for PostgreSQL for the section or the
/// whole that differs. Empty drafts write nothing. The folder is created when it is not there; when
/// something fails, none of the files is there. Throws: as write_migration, and usage for drafts of
/// different names.
HEWN_API std::vector<std::string> write_drafts(
    const std::string& folder, const migration_drafts& drafts,
    migration_numbering numbering = migration_numbering::as_before,
    call_site site = call_site::current());

#if HEWN_DEFINES_MIGRATE

namespace detail {

struct new_file {
  std::string name;
  std::string text;
};

inline bool can_be_read(const std::vector<new_file>& files) {
  std::vector<migration_text> texts;
  for (const new_file& f : files) texts.push_back({f.name, f.text});
  try {
    read_migrations(texts);
    return true;
  } catch (const error&) {
    return false;
  }
}

/// The files of the drafts, whose names begin with `stem`. `parent`: as parent_in().
inline std::vector<new_file> files_of(const migration_drafts& d, const std::string& stem,
                                      const std::string& parent) {
  const auto whole = [&](const migration_draft& draft, const char* end) {
    return new_file{stem + end, normal_text(draft_text(draft, parent))};
  };
  std::vector<new_file> apart;
  if (d.sqlite) apart.push_back(whole(*d.sqlite, ".sqlite.sql"));
  if (d.postgres) apart.push_back(whole(*d.postgres, ".postgres.sql"));
  if (apart.size() != 2) return apart;
  const auto up = [&](const migration_draft& draft) {
    return normal_text(up_text(draft, {}, parent));
  };
  const auto down = [](const migration_draft& draft) { return normal_text(down_text(draft, {})); };
  const bool same_up = up(*d.sqlite) == up(*d.postgres);
  const bool same_down = down(*d.sqlite) == down(*d.postgres);
  // Without a way back there is nothing that both could share.
  const bool shared_down = same_down && !d.sqlite->down.empty();
  std::vector<new_file> out;
  if (same_up && same_down) {
    out.push_back(whole(*d.sqlite, ".sql"));
  } else if (same_up || shared_down) {
    const auto add = [&](const std::string& end, std::string text) {
      if (!text.empty()) out.push_back({stem + end, std::move(text)});
    };
    add(same_up ? ".up.sql" : ".sqlite.up.sql", up(*d.sqlite));
    if (!same_up) add(".postgres.up.sql", up(*d.postgres));
    add(same_down ? ".down.sql" : ".sqlite.down.sql", down(*d.sqlite));
    if (!same_down) add(".postgres.down.sql", down(*d.postgres));
  }
  // What both say may still be read by each in its own way.
  return !out.empty() && can_be_read(out) ? out : apart;
}

/// Files that are there together or not at all.
class written_files {
 public:
  written_files() = default;
  written_files(const written_files&) = delete;
  written_files& operator=(const written_files&) = delete;
  ~written_files() {
    for (const std::string& path : paths_) std::remove(path.c_str());
  }

  void write(const std::string& path, const std::string& text) {
    paths_.reserve(paths_.size() + 1);
    std::string kept = path;
    write_new_file(path, text);
    paths_.push_back(std::move(kept));
  }

  std::vector<std::string> keep() { return std::move(paths_); }

 private:
  std::vector<std::string> paths_;
};

}  // namespace detail

HEWN_API std::vector<std::string> write_drafts(const std::string& folder,
                                               const migration_drafts& drafts,
                                               migration_numbering numbering, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (drafts.empty()) return {};
  const std::string& name = (drafts.sqlite ? drafts.sqlite : drafts.postgres)->name;
  if (drafts.sqlite && drafts.postgres && drafts.postgres->name != name)
    throw error(errc::usage,
                "hewn: the drafts for SQLite and PostgreSQL have different names, and are one "
                "migration; give both the same");
  const std::string word = detail::file_stem(name);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  const std::vector<std::string> there = detail::sql_files_in(folder);
  const std::string stem = detail::next_version(there, numbering, drafts.after) + "_" + word;
  const std::vector<detail::new_file> files =
      detail::files_of(drafts, stem, detail::parent_in(folder, there));
  std::vector<migration_text> texts;
  for (const detail::new_file& f : files) texts.push_back({f.name, f.text});
  read_migrations(texts);
  detail::written_files written;
  for (const detail::new_file& f : files)
    written.write((std::filesystem::path(folder) / f.name).string(), f.text);
  return written.keep();
}

#endif

}  // namespace hewn
