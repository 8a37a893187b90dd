// hewn/migrate/files/folder.hpp - migration files on disk.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/migrate/files/migration_file.hpp>

#include <cstdint>
#include <string>
#include <vector>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/base/error.hpp>
#  include <hewn/migrate/files/checksum.hpp>
#  include <hewn/migrate/files/file_name.hpp>
#  include <hewn/migrate/files/script_lexer.hpp>
#  include <hewn/migrate/files/statement_splitter.hpp>

#  include <algorithm>
#  include <chrono>
#  include <cstddef>
#  include <cstdio>
#  include <filesystem>
#  include <fstream>
#  include <string_view>
#  include <system_error>
#  include <utility>
#endif

namespace hewn {

/// What write_migration() writes.
struct migration_draft {
  std::string name;
  std::vector<std::string> up;
  std::vector<std::string> down = {};  ///< empty: no way back
  std::string destructive_up = {};
  std::string destructive_down = {};
  std::string irreversible = {};
  bool foreign_keys_off = false;
  std::string note_down = {};  ///< a comment about `down`, one line
  std::string note_up = {};    ///< a comment about `up`, one line
};

/// How new migration files are numbered.
enum class migration_numbering : std::uint8_t {
  as_before,  ///< as the newest file in the folder; sequence in an empty one
  sequence,   ///< 0001, 0002, ...
  utc_time    ///< the time in UTC: 20260102030405
};

/// The migrations in the .sql files of a folder; what is in folders below it does not count.
/// Throws: cannot_open when it cannot be read or holds none, and as read_migrations.
HEWN_API std::vector<migration_file> migrations_in(const std::string& folder,
                                                   call_site site = call_site::current());

/// Writes a new migration file into the folder, numbered after the newest, and returns its path.
/// Where the newest has a line `-- after:`, the new one has one that names it.
/// The folder is created when it is not there. Throws: usage and syntax for a draft that could not
/// be read back, or that has a carriage return in a text; cannot_open.
HEWN_API std::string write_migration(const std::string& folder, const migration_draft& draft,
                                     migration_numbering numbering = migration_numbering::as_before,
                                     call_site site = call_site::current());

#if HEWN_DEFINES_MIGRATE

namespace detail {

[[noreturn]] HEWN_COLD inline void fail_folder(const std::string& path, std::string_view problem) {
  throw error(errc::cannot_open, "hewn: " + path + " " + std::string(problem));
}

inline std::string read_whole_file(const std::filesystem::path& path) {
  std::error_code problem;
  const std::filesystem::file_status status = std::filesystem::status(path, problem);
  // To open a pipe would wait for somebody to write into it.
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    fail_folder(path.string(), "is no file; give it a name that does not end with .sql");
  std::ifstream in(path, std::ios::binary);
  std::string text;
  // Not by its iterators, which throw what the stream does not catch when the disk fails.
  char part[4096];
  while (in.read(part, sizeof part) || in.gcount() != 0)
    text.append(part, static_cast<std::size_t>(in.gcount()));
  if (!in.eof() || in.bad())
    fail_folder(path.string(), "cannot be read; check that it is there and permitted");
  return text;
}

/// The names of the .sql files of a folder, sorted.
inline std::vector<std::string> sql_files_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator i(folder, problem);
  if (problem)
    fail_folder(folder, "cannot be read as a folder of migrations; check that it exists");
  for (; i != std::filesystem::directory_iterator(); i.increment(problem)) {
    std::string name = i->path().filename().string();
    if (name.ends_with(".sql") && !name.starts_with('.')) names.push_back(std::move(name));
  }
  if (problem)
    fail_folder(folder, "cannot be read to its end as a folder of migrations; check its disk");
  std::sort(names.begin(), names.end());
  return names;
}

/// A file has one kind of line ends, which is no part of what it stores.
HEWN_COLD inline void check_line_ends(std::string_view statement) {
  bool held = false;
  for (const odd_line_end& end : normal_lines_of("\n" + std::string(statement)).odd)
    held |= end.alone;
  script_lexer source("the draft", statement);
  for (script_item item = source.next(); item.kind != script_item::end; item = source.next())
    held |= item.kind == script_item::sql && item.whole.find('\r') != item.whole.npos;
  if (held)
    throw error(errc::usage,
                "hewn: a migration file cannot hold a text with a carriage return, because a "
                "checkout may change its line ends; use sync, or a migration in C++");
}

inline std::string section_text(std::string_view mark, const std::string& note,
                                const std::string& destructive,
                                const std::vector<std::string>& statements) {
  std::string out(mark);
  if (!note.empty()) out += "-- note: " + note + "\n";
  if (!destructive.empty()) out += "-- destructive: " + destructive + "\n";
  for (std::string_view s : statements) {
    check_line_ends(s);
    s = trimmed(s);
    while (s.ends_with(';')) s = trimmed(s.substr(0, s.size() - 1));
    const std::vector<sql_statement> parts = split_statements(s, "the draft");
    // In a block comments are comments, whatever they say.
    const bool one = parts.size() == 1 && parts[0].text == s && s.find("--") == s.npos;
    if (!one) out += "-- +goose StatementBegin\n";
    out += std::string(s) + ";\n";
    if (!one) out += "-- +goose StatementEnd\n";
  }
  return out;
}

/// What the next file of the folder is written behind; empty: its newest one does not say that
/// either.
inline std::string parent_in(const std::string& folder, const std::vector<std::string>& names) {
  std::int64_t newest = 0;
  for (const std::string& name : names) newest = std::max(newest, read_file_name(name).version);
  std::vector<std::string> own;
  for (const std::string& name : names)
    if (read_file_name(name).version == newest) own.push_back(name);
  std::vector<std::string> texts;
  for (const std::string& name : own)
    texts.push_back(read_whole_file(std::filesystem::path(folder) / name));
  std::vector<migration_text> files;
  for (std::size_t i = 0; i != own.size(); ++i) files.push_back({own[i], texts[i]});
  for (const migration_file& m : read_migrations(files))
    if (!m.info.parents.empty()) return std::to_string(newest) + "_" + m.info.name;
  return {};
}

/// The section that is applied, behind what stands at the top of its file. `parent`: as
/// parent_in().
inline std::string up_text(const migration_draft& d, std::string_view mark,
                           const std::string& parent) {
  std::string out;
  if (!parent.empty()) out += "-- after: " + parent + "\n";
  if (d.foreign_keys_off) out += "-- foreign keys off\n";
  if (!d.irreversible.empty()) out += "-- irreversible: " + d.irreversible + "\n";
  return out + section_text(mark, d.note_up, d.destructive_up, d.up);
}

/// The section that undoes it; empty: there is none.
inline std::string down_text(const migration_draft& d, std::string_view mark) {
  if (d.down.empty()) return {};
  return section_text(mark, d.note_down, d.destructive_down, d.down);
}

inline std::string draft_text(const migration_draft& d, const std::string& parent) {
  return up_text(d, "-- up\n", parent) + down_text(d, "\n-- down\n");
}

/// Writes a file that was not there. Throws: cannot_open, and then it is not there.
inline void write_new_file(const std::string& path, const std::string& text) {
  // "x": a file that appeared meanwhile is not overwritten.
  std::FILE* file = std::fopen(path.c_str(), "wbx");
  if (file == nullptr) fail_folder(path, "cannot be created; check that its folder is permitted");
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written) {
    std::remove(path.c_str());
    fail_folder(path, "cannot be written; check the space on its disk");
  }
}

/// `name` in letters, digits and underscores: what file names bear on every system.
inline std::string file_stem(std::string_view name) {
  std::string out;
  for (const char c : lower(name)) {
    const bool plain = is_digit(c) || (c >= 'a' && c <= 'z');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  if (out.empty())
    throw error(errc::usage, "hewn: a migration has no usable name; give it letters or digits");
  return out;
}

inline std::int64_t timestamp_version() {
  const auto time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day d(day);
  const std::chrono::hh_mm_ss t(time - day);
  const std::int64_t date = static_cast<int>(d.year()) * 10'000LL +
                            static_cast<unsigned>(d.month()) * 100LL +
                            static_cast<unsigned>(d.day());
  return ((date * 100 + t.hours().count()) * 100 + t.minutes().count()) * 100 + t.seconds().count();
}

/// `newest`: what it comes after, wherever that is.
inline std::string next_version(const std::vector<std::string>& files,
                                migration_numbering numbering, std::int64_t newest = 0) {
  std::size_t width = 4;
  for (const std::string& f : files) {
    newest = std::max(newest, read_file_name(f).version);
    width = f.find_first_not_of("0123456789");
  }
  constexpr std::int64_t first_timestamp = 10'000'000'000'000;  // 14 digits
  const bool timed = numbering == migration_numbering::utc_time ||
                     (numbering == migration_numbering::as_before && newest >= first_timestamp);
  std::string out = std::to_string(timed ? std::max(newest + 1, timestamp_version()) : newest + 1);
  if (out.size() < width) out.insert(0, width - out.size(), '0');
  return out;
}

}  // namespace detail

HEWN_API std::vector<migration_file> migrations_in(const std::string& folder, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  const std::vector<std::string> names = detail::sql_files_in(folder);
  if (names.empty())
    detail::fail_folder(folder, "holds no migrations; check the path, or write the first one");
  std::vector<std::string> texts;
  for (const std::string& name : names)
    texts.push_back(detail::read_whole_file(std::filesystem::path(folder) / name));
  std::vector<migration_text> files;
  for (std::size_t i = 0; i != names.size(); ++i) files.push_back({names[i], texts[i]});
  return read_migrations(files);
}

HEWN_API std::string write_migration(const std::string& folder, const migration_draft& draft,
                                     migration_numbering numbering, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  const std::vector<std::string> files = detail::sql_files_in(folder);
  const std::string name =
      detail::next_version(files, numbering) + "_" + detail::file_stem(draft.name) + ".sql";
  const std::string text = normal_text(detail::draft_text(draft, detail::parent_in(folder, files)));
  read_migrations({{name, text}});
  const std::string path = (std::filesystem::path(folder) / name).string();
  detail::write_new_file(path, text);
  return path;
}

#endif

}  // namespace hewn
