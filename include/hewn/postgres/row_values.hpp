// hewn/postgres/row_values.hpp - the values of the current row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/outcome.hpp>
#include <hewn/postgres/binary.hpp>
#include <hewn/postgres/link.hpp>
#include <hewn/postgres/numeric.hpp>
#include <hewn/postgres/parameters.hpp>
#include <hewn/postgres/types.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// A column of the result, as the server described it.
struct result_column {
  std::string name;
  Oid type = 0;
  wire kind = wire::unknown;
};

/// A kind and the length that its values have, as one number to switch on.
constexpr std::uint64_t sized(wire kind, int length) noexcept {
  return (static_cast<std::uint64_t>(kind) << 32) + static_cast<unsigned>(length);
}

/// Reads the current row of a result in binary. `i` counts from 0; false: see problem().
class row_values : public parameters {
 public:
  int column_count() const noexcept { return static_cast<int>(columns_.size()); }
  std::string_view column_name(int i) const noexcept {
    return at(i) < columns_.size() ? std::string_view(columns_[at(i)].name) : "";
  }
  /// The type of result column `i`, for messages.
  std::string_view declared_type(int i) const noexcept {
    if (at(i) >= columns_.size()) return "";
    const std::string_view name = name_of(columns_[at(i)].type);
    return name.empty() ? name_of(columns_[at(i)].kind) : name;
  }

  bool is_null(int i) const noexcept { return PQgetisnull(result_, row_, i) != 0; }

  bool read(int i, std::int64_t& out) noexcept {
    const char* const v = PQgetvalue(result_, row_, i);
    switch (sized(kinds_[at(i)], size(i))) {
      case sized(wire::int8, 8):
        out = static_cast<std::int64_t>(load<std::uint64_t>(v));
        return true;
      case sized(wire::int4, 4):
        out = static_cast<std::int32_t>(load<std::uint32_t>(v));
        return true;
      case sized(wire::int2, 2):
        out = static_cast<std::int16_t>(load<std::uint16_t>(v));
        return true;
      default:
        return read_converted(i, out);
    }
  }

  bool read(int i, bool& out) noexcept {
    if (sized(kinds_[at(i)], size(i)) != sized(wire::boolean, 1)) [[unlikely]]
      return read_converted(i, out);
    out = PQgetvalue(result_, row_, i)[0] != 0;
    return true;
  }

  bool read(int i, double& out) noexcept {
    if (sized(kinds_[at(i)], size(i)) != sized(wire::float8, 8)) [[unlikely]]
      return read_converted(i, out);
    const auto bits = load<std::uint64_t>(PQgetvalue(result_, row_, i));
    std::memcpy(&out, &bits, sizeof out);
    return true;
  }

  /// Lifetime: until the next step or reset.
  bool read(int i, std::string_view& out) {
    const int length = size(i);
    if (kinds_[at(i)] != wire::text || (length == 0 && is_null(i))) [[unlikely]]
      return read_converted(i, out);
    out = {PQgetvalue(result_, row_, i), static_cast<std::size_t>(length)};
    return true;
  }

  bool read(int i, std::string& out) {
    std::string_view text;
    if (!read(i, text)) return false;
    out.assign(text.data(), text.size());
    return true;
  }

  /// Lifetime: until the next step or reset.
  bool read(int i, bytes_view& out) noexcept {
    const int length = size(i);
    if (kinds_[at(i)] != wire::bytea || (length == 0 && is_null(i))) [[unlikely]]
      return wrong(i);
    out = {reinterpret_cast<const std::byte*>(PQgetvalue(result_, row_, i)),
           static_cast<std::size_t>(length)};
    return true;
  }

  bool read(int i, timestamp& out) noexcept {
    const wire kind = kinds_[at(i)];
    if ((kind != wire::timestamptz && kind != wire::timestamp) || size(i) != 8) [[unlikely]]
      return wrong(i);
    const auto stored = load_timestamp(PQgetvalue(result_, row_, i));
    if (!stored) return fail(value_problem::out_of_range);
    out = *stored;
    return true;
  }

  bool read(int i, date& out) noexcept {
    if (sized(kinds_[at(i)], size(i)) != sized(wire::day, 4)) [[unlikely]]
      return wrong(i);
    const auto stored = load_date(PQgetvalue(result_, row_, i));
    if (!stored) return fail(value_problem::out_of_range);
    out = *stored;
    return true;
  }

  bool read(int i, uuid_bytes& out) noexcept {
    if (sized(kinds_[at(i)], size(i)) != sized(wire::uuid, 16)) [[unlikely]]
      return read_converted(i, out);
    std::memcpy(out.data.data(), PQgetvalue(result_, row_, i), out.data.size());
    return true;
  }

 protected:
  bool has_columns_of(const PGresult* r) const noexcept {
    if (static_cast<int>(columns_.size()) != PQnfields(r)) return false;
    for (int i = 0; i != PQnfields(r); ++i)
      if (columns_[at(i)].type != PQftype(r, i)) return false;
    return true;
  }

  void describe_columns(std::vector<result_column> columns) {
    columns_ = std::move(columns);
    kinds_.clear();
    for (const result_column& c : columns_) kinds_.push_back(c.kind);
  }

  void show(const PGresult* result, int row) noexcept {
    result_ = result;
    row_ = row;
  }

 private:
  static std::size_t at(int i) noexcept { return static_cast<std::size_t>(i); }
  int size(int i) const noexcept { return PQgetlength(result_, row_, i); }

  HEWN_COLD bool wrong(int i) noexcept {
    if (is_null(i)) return fail(value_problem::is_null);
    switch (kinds_[at(i)]) {
      case wire::int2:
      case wire::int4:
      case wire::int8:
        return fail(value_problem::is_integer);
      case wire::float4:
      case wire::float8:
      case wire::numeric:
        return fail(value_problem::is_real);
      case wire::text:
      case wire::jsonb:
        return fail(value_problem::is_text);
      default:
        return fail(value_problem::is_blob);
    }
  }

  HEWN_COLD bool read_converted(int i, std::int64_t& out) noexcept {
    if (is_null(i)) return wrong(i);
    if (kinds_[at(i)] == wire::boolean) {
      out = PQgetvalue(result_, row_, i)[0] != 0 ? 1 : 0;
      return true;
    }
    if (kinds_[at(i)] != wire::numeric) return wrong(i);
    const auto number = numeric_view::parse({PQgetvalue(result_, row_, i), at(size(i))});
    const auto value = number ? to_integer(*number) : std::nullopt;
    if (!value) return fail(value_problem::out_of_range);
    out = *value;
    return true;
  }

  HEWN_COLD bool read_converted(int i, bool& out) noexcept {
    std::int64_t stored = 0;
    if (kinds_[at(i)] == wire::boolean || !read(i, stored)) return wrong(i);
    if (stored != 0 && stored != 1) return fail(value_problem::out_of_range);
    out = stored == 1;
    return true;
  }

  HEWN_COLD bool read_converted(int i, double& out) noexcept {
    if (is_null(i)) return wrong(i);
    const std::string_view stored(PQgetvalue(result_, row_, i), at(size(i)));
    if (kinds_[at(i)] == wire::float4) {
      const auto bits = load<std::uint32_t>(stored.data());
      float narrow = 0;
      std::memcpy(&narrow, &bits, sizeof narrow);
      out = narrow;
      return true;
    }
    if (kinds_[at(i)] == wire::numeric) {
      const auto number = numeric_view::parse(stored);
      const auto value = number ? to_real(*number) : std::nullopt;
      if (!value) return fail(value_problem::out_of_range);
      out = *value;
      return true;
    }
    std::int64_t whole = 0;
    if (kinds_[at(i)] == wire::boolean || !read(i, whole)) return wrong(i);
    constexpr std::int64_t exact = std::int64_t{1} << 53;  // IEEE 754: exact up to here
    if (whole > exact || whole < -exact) return fail(value_problem::out_of_range);
    out = static_cast<double>(whole);
    return true;
  }

  HEWN_COLD bool read_converted(int i, std::string_view& out) {
    if (is_null(i)) return wrong(i);
    const std::string_view stored(PQgetvalue(result_, row_, i), at(size(i)));
    if (kinds_[at(i)] == wire::jsonb && !stored.empty() && stored.front() == '\1') {
      out = stored.substr(1);
      return true;
    }
    if (kinds_[at(i)] != wire::numeric) return wrong(i);
    const auto number = numeric_view::parse(stored);
    if (!number) return wrong(i);
    converted_.resize(columns_.size());
    out = converted_[at(i)] = to_text(*number);
    return true;
  }

  HEWN_COLD bool read_converted(int i, uuid_bytes& out) noexcept {
    if (kinds_[at(i)] != wire::text || is_null(i)) return wrong(i);
    const auto parsed = parse_uuid({PQgetvalue(result_, row_, i), at(size(i))});
    if (!parsed) return fail(value_problem::not_a_uuid);
    out = *parsed;
    return true;
  }

  const PGresult* result_ = nullptr;
  int row_ = 0;
  std::vector<wire> kinds_;
  std::vector<result_column> columns_;
  std::vector<std::string> converted_;  // numbers as text, which views refer to
};

}  // namespace hewn::postgres::detail
