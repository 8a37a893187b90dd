// hewn/postgres/wire/parameters.hpp - the values of a statement on their way to the server.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/kept_problem.hpp>
#include <hewn/postgres/wire/array.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/narrow_column.hpp>
#include <hewn/postgres/wire/server_types.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <libpq-fe.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Values in binary, each in the type that the server expects at its place. Room is made once, when
/// the statement is prepared, so that binding allocates only for copies.
class parameters : public hewn::detail::kept_problem {
 public:
  /// The types that the server expects; `kinds` tells how to write them, and `elements` what the
  /// arrays among them hold, where they are not all built in.
  void expect(std::vector<Oid> types, std::vector<wire> kinds,
              std::vector<element_type> elements = {});

  /// The same places for other types that are written alike, such as one that was dropped and made
  /// anew: the values stay. False, and nothing is done, where the types are of other kinds.
  HEWN_RARE bool retype(const std::vector<Oid>& types, const std::vector<wire>& kinds,
                        const std::vector<element_type>& elements);

  /// The limit that value_problem::too_big is about, in words.
  std::string value_limit() const {
    return "PostgreSQL's limit is " + std::to_string(most_bytes) + " bytes";
  }

  int parameter_count() const noexcept { return static_cast<int>(types_.size()); }
  const std::vector<Oid>& parameter_types() const noexcept { return types_; }
  const std::vector<wire>& parameter_kinds() const noexcept { return kinds_; }
  const std::vector<element_type>& parameter_elements() const noexcept { return elements_; }

  // ---- `i` counts from 1

  /// Whether what is read of this type may be a field of type `t`; the same of a list of such
  /// fields, and of what is compared with an element of one.
  HEWN_RARE bool may_take(int i, column_type t) const noexcept;

  /// The type as it is called in messages.
  HEWN_RARE std::string_view parameter_type(int i) const noexcept;

  /// Values of the parameter are stored in this column, and refused where it would store others.
  HEWN_RARE void keep_values_of(int i, const narrow_column& column);

  /// The same for all, as they are for another statement.
  HEWN_RARE void keep_values_as(const parameters& other);

  /// What keep_values_of was told, by parameter; empty: nothing.
  const std::vector<narrow_column>& narrow_columns() const noexcept { return narrow_; }

  void bind_null(int i) noexcept {
    if (in_range(i)) values_[at(i)] = nullptr;
  }

  void bind(int i, std::int64_t v) {
    switch (kind(i)) {
      case wire::int8:
        return put(i, static_cast<std::uint64_t>(v));
      case wire::int4:
        if (!std::in_range<std::int32_t>(v)) return refuse(i, value_problem::out_of_range);
        return put(i, static_cast<std::uint32_t>(v));
      case wire::int2:
        if (!std::in_range<std::int16_t>(v)) return refuse(i, value_problem::out_of_range);
        return put(i, static_cast<std::uint16_t>(v));
      default:
        return bind_converted(i, v);
    }
  }

  void bind(int i, bool v) {
    if (kind(i) != wire::boolean) return bind(i, std::int64_t{v});
    fixed_[at(i)][0] = v ? 1 : 0;
    point(i, fixed_[at(i)].data(), 1);
  }

  void bind(int i, double v) {
    if (kind(i) != wire::float8) return bind_converted(i, v);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    put(i, bits);
  }

  /// Lifetime: the text must outlive the execution, unless `copy`.
  void bind(int i, std::string_view v, bool copy) {
    if (kind(i) != wire::text) return bind_converted(i, v, copy);
    put_text(i, v, copy);
  }

  void bind(int i, bytes_view v, bool copy) {
    if (kind(i) != wire::bytea) return refuse(i, value_problem::other_parameter_type);
    const auto* data = reinterpret_cast<const char*>(v.data());
    if (copy) {
      kept_[at(i)].assign(data, v.size());
      data = kept_[at(i)].data();
    }
    point(i, data, v.size());
  }

  void bind(int i, timestamp v) {
    if (!is_storable(v)) return refuse(i, value_problem::no_such_time);
    if (kind(i) != wire::timestamptz && kind(i) != wire::timestamp) return bind_converted(i, v);
    put_time(i, v);
  }

  void bind(int i, date v) {
    if (!is_storable(v)) return refuse(i, value_problem::no_such_time);
    if (kind(i) != wire::day) return bind_converted(i, v);
    put(i, static_cast<std::uint32_t>(v.time_since_epoch().count() - epoch_days));
  }

  void bind(int i, const uuid_bytes& v) {
    if (kind(i) != wire::uuid) return bind_converted(i, v);
    std::memcpy(fixed_[at(i)].data(), v.data.data(), v.data.size());
    point(i, fixed_[at(i)].data(), v.data.size());
  }

  /// The values of an IN list, which the library writes as JSON, as an array. One that the elements
  /// cannot hold is equal to none of them and left out.
  HEWN_RARE void bind_list(int i, std::string_view json);

  /// A list that is to be compared as a whole, written as JSON by the library.
  HEWN_RARE void bind_array_text(int i, std::string_view json);

  // ---- an array, element by element: bind(1, ...) to what begin_array returns, append, finish

  /// nullptr: no array is expected there.
  parameters* begin_array(int i) {
    const element_type wanted = in_range(i) ? elements_[at(i)] : element_type();
    if (wanted.kind == wire::unknown) {
      refuse(i,
             in_range(i) ? value_problem::other_parameter_type : value_problem::no_such_parameter);
      return nullptr;
    }
    if (writer_.element() != wanted.type) {
      expect_elements(wanted);
    }
    writer_.clear();
    if (looks_at_elements_) [[unlikely]]
      single_[0].keep_values_of(1, narrow_[at(i)]);
    return &single_[0];
  }

  /// False: the element was refused, and with it the array.
  bool append_element(int i) {
    parameters& single = single_[0];
    if (single.problem() != value_problem::none) [[unlikely]] {
      refuse(i, single.problem());
      single.clear_problem();
      return false;
    }
    if (const char* const bytes = single.values_[0])
      writer_.append({bytes, static_cast<std::size_t>(single.lengths_[0])});
    else
      writer_.append_null();
    return true;
  }

  void finish_array(int i) {
    kept_[at(i)] = writer_.finish();
    point(i, kept_[at(i)].data(), kept_[at(i)].size());
  }

  /// A value that is in the server's form already. Lifetime: until the execution.
  void bind_raw(int i, std::string_view bytes) { point(i, bytes.data(), bytes.size()); }

  void keep_raw(int i, std::string_view bytes) { keep(i, std::string(bytes)); }

  // ---- what libpq takes

  const char* const* values() const noexcept { return values_.data(); }
  const int* lengths() const noexcept { return lengths_.data(); }
  const int* formats() const noexcept { return formats_.data(); }

 protected:
  void forget_values() noexcept {
    for (const char*& v : values_) v = nullptr;
    clear_problem();
  }

 private:
  // A server neither keeps a longer value nor takes a longer message. Source: MaxAllocSize in
  // PostgreSQL's memutils.h.
  static constexpr std::size_t most_bytes = 0x3fffffff;

  HEWN_RARE void expect_elements(const element_type& wanted);

  static std::size_t at(int i) noexcept { return static_cast<std::size_t>(i) - 1; }
  bool in_range(int i) const noexcept { return at(i) < ways_.size(); }
  wire declared(int i) const noexcept { return in_range(i) ? kinds_[at(i)] : wire::unknown; }
  // How it is written; unknown where there is more to do than to write it.
  wire kind(int i) const noexcept { return in_range(i) ? ways_[at(i)] : wire::unknown; }

  void point(int i, const char* data, std::size_t size) noexcept {
    if (!in_range(i)) return refuse(i, value_problem::no_such_parameter);
    if (size > most_bytes) return refuse(i, value_problem::too_big);
    values_[at(i)] = data ? data : "";  // a null pointer would be NULL
    lengths_[at(i)] = static_cast<int>(size);
  }

  template <class Unsigned>
  void put(int i, Unsigned v) noexcept {
    char* const to = fixed_[at(i)].data();
    store(to, v);
    values_[at(i)] = to;
    lengths_[at(i)] = sizeof v;
  }

  void put_text(int i, std::string_view v, bool copy) {
    if (v.find('\0') != v.npos) [[unlikely]]
      return refuse(i, value_problem::has_nul);
    if (copy) {
      kept_[at(i)].assign(v.data(), v.size());
      v = kept_[at(i)];
    }
    point(i, v.data(), v.size());
  }

  void put_time(int i, timestamp v) noexcept {
    put(i, static_cast<std::uint64_t>(v.time_since_epoch().count() - epoch_micros));
  }

  void keep(int i, std::string&& bytes) {
    kept_[at(i)] = std::move(bytes);
    point(i, kept_[at(i)].data(), kept_[at(i)].size());
  }

  // That its values are to be kept and it would not keep this one.
  template <class Value>
  bool would_change(int i, const Value& v) const {
    return is_narrow(i) && !narrow_[at(i)].keeps(v);
  }
  bool is_narrow(int i) const noexcept { return at(i) < narrow_.size() && narrow_[at(i)]; }

  HEWN_RARE void put_number(int i, std::string&& encoded);

  HEWN_RARE void bind_converted(int i, std::int64_t v);

  HEWN_RARE void bind_converted(int i, double v);

  HEWN_RARE void bind_converted(int i, timestamp v);

  HEWN_RARE void bind_converted(int i, date v);

  HEWN_RARE void bind_converted(int i, const uuid_bytes& v);

  HEWN_RARE void bind_converted(int i, std::string_view v, bool copy);

  HEWN_RARE void bind_json(int i, std::string_view json, bool any_of);

  // An element of a list: its text is that of a number or of what a string of JSON may hold.
  HEWN_RARE void bind_text_of(int i, std::string_view text);

  std::vector<Oid> types_;
  std::vector<wire> kinds_;
  std::vector<wire> ways_;  // see kind()
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::array<char, 16>> fixed_;  // numbers, times and UUIDs
  std::vector<std::string> kept_;            // copies and conversions
  std::vector<element_type> elements_;       // of arrays
  std::vector<narrow_column> narrow_;        // of parameters that are stored; empty: none are
  bool looks_at_elements_ = false;           // of one of them
  std::vector<parameters> single_;           // one element of the array that is being written
  array_writer writer_{0};
};

#if HEWN_DEFINES_POSTGRES

HEWN_API void parameters::expect(std::vector<Oid> types, std::vector<wire> kinds,
                                 std::vector<element_type> elements) {
  types_ = std::move(types);
  kinds_ = std::move(kinds);
  ways_ = kinds_;
  narrow_.clear();
  looks_at_elements_ = false;
  elements_ = std::move(elements);
  if (elements_.empty())
    for (const Oid t : types_) elements_.push_back(built_in_element(t));
  const std::size_t n = types_.size();
  values_.assign(n, nullptr);
  lengths_.assign(n, 0);
  formats_.assign(n, 1);
  fixed_.resize(n);
  kept_.resize(n);
}

HEWN_COLD HEWN_API bool parameters::may_take(int i, column_type t) const noexcept {
  if (!in_range(i)) return true;  // what binds it says so
  const wire taken = declared(i) == wire::array ? elements_[at(i)].kind : declared(i);
  return may_hold(taken, is_array(t) ? hewn::element_of(t) : t);
}

HEWN_COLD HEWN_API std::string_view parameters::parameter_type(int i) const noexcept {
  if (declared(i) == wire::array) return name_of_array(elements_[at(i)].kind);
  const std::string_view name = name_of(types_[at(i)]);
  return name.empty() ? name_of(declared(i)) : name;
}

HEWN_COLD HEWN_API void parameters::keep_values_of(int i, const narrow_column& column) {
  if (!in_range(i)) return;
  narrow_.resize(kinds_.size());
  narrow_[at(i)] = column;
  const bool is_list = kinds_[at(i)] == wire::array;
  looks_at_elements_ = looks_at_elements_ || (column && is_list);
  ways_[at(i)] = column && !is_list ? wire::unknown : kinds_[at(i)];
}

HEWN_COLD HEWN_API void parameters::keep_values_as(const parameters& other) {
  for (std::size_t i = 0; i != other.narrow_.size(); ++i)
    if (other.narrow_[i]) keep_values_of(static_cast<int>(i) + 1, other.narrow_[i]);
}

HEWN_COLD HEWN_API bool parameters::retype(const std::vector<Oid>& types,
                                           const std::vector<wire>& kinds,
                                           const std::vector<element_type>& elements) {
  if (kinds != kinds_) return false;
  for (std::size_t i = 0; i != kinds.size(); ++i)
    if (elements[i].kind != elements_[i].kind) return false;
  // An array tells the type of its elements.
  for (std::size_t i = 0; i != kinds.size(); ++i)
    if (kinds[i] == wire::array && values_[i] != nullptr && values_[i] == kept_[i].data())
      store(kept_[i].data() + 8, static_cast<std::uint32_t>(elements[i].type));
  types_ = types;
  elements_ = elements;
  return true;
}

HEWN_COLD HEWN_API void parameters::expect_elements(const element_type& wanted) {
  writer_ = array_writer(wanted.type);
  single_.resize(1);
  single_[0].expect({wanted.type}, {wanted.kind});
}

#endif

}  // namespace hewn::postgres::detail

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/wire/converted_parameters.hpp>
#endif
