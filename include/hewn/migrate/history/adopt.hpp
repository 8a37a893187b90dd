// hewn/migrate/history/adopt.hpp - the migrations here that another tool's history means.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/migrate/files/file_name.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/history/foreign_history.hpp>
#include <hewn/migrate/history/foreign_layouts.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A migration that another tool's history holds for applied, and what its row says.
struct adopted {
  std::size_t index = 0;
  std::string at;
  std::string checksum;
  std::string covered_by = {};  // the key of the later row that covers it, having none of its own
};

using found_migrations = std::vector<std::size_t>;

// ---- one row

inline bool is_number(std::string_view key) {
  return !key.empty() && key.find_first_not_of("0123456789") == key.npos;
}

/// The letters and digits of a name, so that "create users", CreateUsers and create_users are one.
inline std::string plain_name(std::string_view name) {
  std::string out;
  for (const char c : lower(name))
    if (is_digit(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80) out += c;
  return out;
}

inline found_migrations find_number(std::span<const migration_info> known, std::string_view key) {
  found_migrations out;
  const std::int64_t version = is_number(key) ? leading_number(key) : 0;
  for (std::size_t i = 0; i != known.size(); ++i)
    if (version != 0 && known[i].version == version) out.push_back(i);
  return out;
}

template <class Matches>
found_migrations find_by_name(std::span<const migration_info> known, Matches matches) {
  found_migrations out;
  for (std::size_t i = 0; i != known.size(); ++i)
    if (matches(known[i].name)) out.push_back(i);
  return out;
}

inline found_migrations find_plain_name(std::span<const migration_info> known,
                                        std::string_view name) {
  const std::string wanted = plain_name(name);
  return find_by_name(
      known, [&](const std::string& n) { return !wanted.empty() && plain_name(n) == wanted; });
}

/// 3, 0003_add_users, V3__add_users, or a name.
inline found_migrations find_loosely(std::span<const migration_info> known, std::string_view key) {
  std::string_view number = key;
  if (number.starts_with('V') || number.starts_with('v')) number.remove_prefix(1);
  const std::size_t digits = std::min(number.find_first_not_of("0123456789"), number.size());
  if (leading_number(number) != 0) return find_number(known, number.substr(0, digits));
  return find_by_name(known, [&](const std::string& n) { return n == key; });
}

/// 0007_ae1027a6acf0_add_users, 0007_add_users_ae1027a6acf0, or a number.
inline found_migrations find_revision(std::span<const migration_info> known, std::string_view key) {
  const std::string first = std::string(key) + "_";
  const std::string last = "_" + std::string(key);
  found_migrations out = find_by_name(known, [&](const std::string& n) {
    return n == key || n.starts_with(first) || n.ends_with(last);
  });
  return out.empty() ? find_number(known, key) : out;
}

/// CreateUsers1699999999999 is 1699999999999, or create_users.
inline found_migrations find_number_or_name(std::span<const migration_info> known,
                                            const foreign_row& r) {
  found_migrations out = find_number(known, r.key);
  if (!out.empty()) return out;
  std::string_view name = r.name;
  if (name.ends_with(r.key)) name.remove_suffix(r.key.size());
  return find_plain_name(known, name);
}

// ---- the whole history

/// Finds out what every row means, and gathers what cannot be told.
class history_map {
 public:
  history_map(std::span<const migration_info> known, const foreign_history& history)
      : known_(known),
        history_(&history),
        by_name_(
            history.layout->naming == foreign_naming::dotted &&
            std::any_of(history.rows.begin(), history.rows.end(),
                        [](const foreign_row& r) { return !r.key.empty() && !is_number(r.key); })),
        found_(known.size()) {}

  /// By the order of the migrations. Throws: errc::schema_mismatch, naming every row that means
  /// none of them, several of them, or one that another row means as well.
  std::vector<adopted> read(std::string_view table) {
    for (const foreign_row& r : history_->rows)
      if (!covers(r) && !is_repeatable(*history_->layout, r)) take(r, find(r));
    for (const foreign_row& r : history_->rows) {
      if (is_repeatable(*history_->layout, r)) take_repeatable(r);
      if (covers(r)) take_up_to(r, table);
    }
    check(table);
    std::vector<adopted> out;
    for (const std::optional<adopted>& f : found_)
      if (f) out.push_back(*f);
    return out;
  }

 private:
  bool covers(const foreign_row& r) const {
    return history_->layout->scope == foreign_scope::up_to_it || is_foreign_baseline(r);
  }

  found_migrations find(const foreign_row& r) const {
    switch (history_->layout->naming) {
      case foreign_naming::loose:
        return find_loosely(known_, r.key);
      case foreign_naming::number_or_name:
        return find_number_or_name(known_, r);
      case foreign_naming::revision:
        return find_revision(known_, r.key);
      case foreign_naming::dotted:
        return by_name_ ? find_plain_name(known_, r.name) : find_number(known_, r.key);
      case foreign_naming::number:
        break;
    }
    return find_number(known_, r.key);
  }

  // The index of the one migration that the row means; nothing, and noted, where it is not one.
  std::optional<std::size_t> only_one(const foreign_row& r, const found_migrations& found) {
    if (found.size() == 1) return found[0];
    (found.empty() ? unknown_ : ambiguous_).push_back(r.key);
    return std::nullopt;
  }

  void take(const foreign_row& r, const found_migrations& found) {
    const std::optional<std::size_t> i = only_one(r, found);
    if (!i) return;
    if (found_[*i]) return twice_.push_back(r.key);
    found_[*i] = adopted{*i, r.at, r.checksum};
  }

  // Nothing here runs again when it changes: without a migration of its name it is left out.
  void take_repeatable(const foreign_row& r) {
    const found_migrations found = find_plain_name(known_, r.name);
    if (found.size() == 1 && !found_[found[0]])
      found_[found[0]] = adopted{found[0], r.at, r.checksum};
  }

  void take_up_to(const foreign_row& r, std::string_view table) {
    std::size_t end = 0;
    if (is_foreign_baseline(r)) {
      if (by_name_ || !is_number(r.key))
        throw error(errc::schema_mismatch,
                    "hewn: " + std::string(table) +
                        " begins at a baseline and has versions with dots, so that nobody can tell "
                        "what the baseline covers; call baseline() with the last version that is "
                        "applied");
      while (end != known_.size() && known_[end].version <= leading_number(r.key)) ++end;
    } else {
      const std::optional<std::size_t> i = only_one(r, find(r));
      if (!i) return;
      found_[*i] = adopted{*i, r.at, r.checksum};
      end = *i;
    }
    for (std::size_t i = 0; i != end; ++i)
      if (!found_[i]) found_[i] = adopted{i, r.at, {}, r.key};
  }

  void check(std::string_view table) const {
    const std::string name(table);
    if (!unknown_.empty())
      throw error(errc::schema_mismatch,
                  "hewn: " + name + " records migrations that are not there (" + listed(unknown_) +
                      "); add their files before adopting it");
    if (!ambiguous_.empty())
      throw error(errc::schema_mismatch,
                  "hewn: " + name + " records migrations of which several here have the name (" +
                      listed(ambiguous_) +
                      "); give each file a name of its own before adopting it");
    if (!twice_.empty())
      throw error(errc::schema_mismatch,
                  "hewn: " + name + " records migrations twice (" + listed(twice_) +
                      "); remove the rows that are too many before adopting it");
  }

  std::span<const migration_info> known_;
  const foreign_history* history_;
  bool by_name_;
  std::vector<std::optional<adopted>> found_;
  std::vector<std::string> unknown_;
  std::vector<std::string> ambiguous_;
  std::vector<std::string> twice_;
};

/// A time as such tools write it: text, or seconds since 1970. Nothing when it is neither.
inline std::optional<timestamp> foreign_time(std::string_view text) {
  if (is_number(text) && text.size() < 12)
    return timestamp(std::chrono::seconds(leading_number(text)));
  return parse_timestamp(text);
}

/// What the history says of a migration that was taken over.
inline std::string adoption_reason(const adopted& a, std::string_view table) {
  std::string out = "adopted from " + std::string(table);
  if (!a.covered_by.empty()) out += ", covered by its " + a.covered_by;
  if (!a.at.empty() && !foreign_time(a.at)) out += ", applied at " + a.at;
  if (!a.checksum.empty()) out += ", checksum there " + a.checksum;
  return out;
}

}  // namespace hewn::detail
