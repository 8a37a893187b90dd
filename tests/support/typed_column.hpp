// tests/support/typed_column.hpp - one column of any type, there and back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json.hpp>
#include <hewn/uuid.hpp>

#include <support/place.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

/// A table with one column of type F beside its key.
template <class F>
struct holder {
  std::int64_t id = 0;
  F value{};

  static consteval auto table() { return hewn::table("holder"); }
};

/// A database that has the table.
template <class F>
struct column {
  support::place place;
  support::database db = place.open();

  column() { hewn::sync<holder<F>>(db); }

  /// For values that the table of the struct would not take: as another program made it.
  explicit column(const std::string& declared) {
    db.script("CREATE TABLE holder (id INTEGER PRIMARY KEY, value " + declared + ")");
  }

  /// The value as it is read after it was written.
  F stored(const F& value) {
    const auto row = db.insert(holder<F>{.value = value});
    return db.template get<holder<F>>(row.id).value;
  }

  /// The value that the SQL literal is read as.
  F read(const std::string& literal) {
    db.script("DELETE FROM holder; INSERT INTO holder (id, value) VALUES (1, " + literal + ")");
    return db.template get<holder<F>>(1).value;
  }

  /// Whether writing the value is refused as it should be.
  bool refuses(const F& value) {
    const auto outcome = hewn::as_result([&] { db.insert(holder<F>{.value = value}); });
    return !outcome && names_column(outcome.error()) && db.template count<holder<F>>() == 0;
  }

  /// Whether reading the SQL literal is refused as it should be.
  bool refuses_to_read(const std::string& literal) {
    const auto outcome = hewn::as_result([&] { read(literal); });
    return !outcome && names_column(outcome.error());
  }

  static bool names_column(const hewn::error& e) {
    const std::string_view text = e.what();
    return e.code() == hewn::errc::invalid_data && e.table() == "holder" && e.column() == "value" &&
           e.template is<&holder<F>::value>() && text.starts_with("hewn: holder.value ") &&
           text.find("; ") != text.npos;
  }
};

template <class F>
bool comes_back(const F& value) {
  return column<F>().stored(value) == value;
}

template <class F>
bool extremes_come_back() {
  using limits = std::numeric_limits<F>;
  return comes_back(limits::min()) && comes_back(limits::max()) && comes_back(F{0}) &&
         comes_back(F{1}) && comes_back<std::optional<F>>(limits::min()) &&
         comes_back<std::optional<F>>(limits::max()) && comes_back<std::optional<F>>(F{0}) &&
         comes_back<std::optional<F>>(std::nullopt);
}

inline hewn::timestamp at(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day));
}

enum class color { red, green, blue };
enum class edge { lowest = -128, highest = 127 };

struct settings {
  std::string model = "small";
  double temperature = 0.5;

  bool operator==(const settings&) const = default;
};

/// A type of one's own that is stored as an integer.
struct money {
  std::int64_t cents = 0;
  explicit money(std::int64_t c = 0) : cents(c) {}
  bool operator==(const money&) const = default;
};

/// One that is stored as text, and has values that cannot be stored.
struct language {
  std::string code;
  explicit language(std::string c = "en") : code(std::move(c)) {}
  bool operator==(const language&) const = default;
};

struct thing {
  boost::uuids::uuid id{};
  std::string name;

  static consteval auto table() { return hewn::table("things"); }
};

}  // namespace support

template <>
struct hewn::codec<support::money> {
  static std::int64_t encode(const support::money& m) { return m.cents; }
  static support::money decode(std::int64_t cents) { return support::money(cents); }
};

template <>
struct hewn::codec<support::language> {
  static std::optional<std::string> encode(const support::language& l) {
    if (l.code.size() != 2) return std::nullopt;
    return l.code;
  }
  static std::optional<support::language> decode(std::string_view code) {
    if (code.size() != 2) return std::nullopt;
    return support::language(std::string(code));
  }
};
