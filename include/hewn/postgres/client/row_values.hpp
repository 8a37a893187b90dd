// hewn/postgres/client/row_values.hpp - the values of the current row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/wire/array.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/parameters.hpp>
#include <hewn/postgres/wire/server_types.hpp>
#include <hewn/postgres/wire/wire_value.hpp>
#include <hewn/schema/types.hpp>

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
  wire element = wire::unknown;  // what an array holds
};

/// Reads the current row of a result in binary. `i` counts from 0; false: see problem().
class row_values : public parameters {
 public:
  int column_count() const noexcept { return static_cast<int>(columns_.size()); }
  std::string_view column_name(int i) const noexcept {
    return at(i) < columns_.size() ? std::string_view(columns_[at(i)].name) : "";
  }
  /// The type of result column `i`, for messages.
  std::string_view declared_type(int i) const noexcept;

  bool is_null(int i) const noexcept { return PQgetisnull(result_, row_, i) != 0; }

  /// The elements of an array. Lifetime: until the next step or reset.
  array_reader array(int i) const noexcept {
    return array_reader(columns_[at(i)].element, value_at(i).bytes);
  }

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
    const std::size_t length = size(i);
    if (kinds_[at(i)] != wire::text || (length == 0 && is_null(i))) [[unlikely]]
      return read_converted(i, out);
    out = {PQgetvalue(result_, row_, i), length};
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
    const std::size_t length = size(i);
    if (kinds_[at(i)] != wire::bytea || (length == 0 && is_null(i))) [[unlikely]]
      return wrong(i);
    out = {reinterpret_cast<const std::byte*>(PQgetvalue(result_, row_, i)), length};
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
  bool has_columns_of(const PGresult* r) const noexcept;

  void describe_columns(std::vector<result_column> columns);

  void show(const PGresult* result, int row) noexcept {
    result_ = result;
    row_ = row;
  }

 private:
  static std::size_t at(int i) noexcept { return static_cast<std::size_t>(i); }
  std::size_t size(int i) const noexcept {
    return static_cast<std::size_t>(PQgetlength(result_, row_, i));
  }
  wire_value value_at(int i) const noexcept {
    return {kinds_[at(i)], is_null(i), {PQgetvalue(result_, row_, i), size(i)}};
  }

  HEWN_RARE bool wrong(int i) noexcept;

  bool finish(value_problem p) noexcept { return p == value_problem::none || fail(p); }

  template <class T>
  HEWN_COLD bool read_converted(int i, T& out) noexcept {
    return finish(read_value(value_at(i), out));
  }
  HEWN_RARE bool read_converted(int i, bool& out) noexcept;
  HEWN_RARE bool read_converted(int i, std::string_view& out);

  const PGresult* result_ = nullptr;
  int row_ = 0;
  std::vector<wire> kinds_;
  std::vector<result_column> columns_;
  std::vector<std::string> converted_;  // numbers as text, which views refer to
};

#if HEWN_DEFINES_POSTGRES

HEWN_API std::string_view row_values::declared_type(int i) const noexcept {
  if (at(i) >= columns_.size()) return "";
  const result_column& c = columns_[at(i)];
  if (c.kind == wire::array) return name_of_array(c.element);
  const std::string_view name = name_of(c.type);
  return name.empty() ? name_of(c.kind) : name;
}

HEWN_COLD HEWN_API bool row_values::wrong(int i) noexcept { return fail(unfit(value_at(i))); }

HEWN_API bool row_values::has_columns_of(const PGresult* r) const noexcept {
  if (static_cast<int>(columns_.size()) != PQnfields(r)) return false;
  for (int i = 0; i != PQnfields(r); ++i)
    if (columns_[at(i)].type != PQftype(r, i)) return false;
  return true;
}

HEWN_API void row_values::describe_columns(std::vector<result_column> columns) {
  columns_ = std::move(columns);
  kinds_.clear();
  for (const result_column& c : columns_) kinds_.push_back(c.kind);
}

HEWN_COLD HEWN_API bool row_values::read_converted(int i, bool& out) noexcept {
  // Numbers that other programs keep for it; what reads a boolean is above.
  if (kinds_[at(i)] == wire::boolean) return wrong(i);
  return finish(read_value(value_at(i), out));
}

HEWN_COLD HEWN_API bool row_values::read_converted(int i, std::string_view& out) {
  converted_.resize(columns_.size());
  return finish(read_value(value_at(i), out, converted_[at(i)]));
}

#endif

}  // namespace hewn::postgres::detail
