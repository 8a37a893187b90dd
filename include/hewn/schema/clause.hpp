// hewn/schema/clause.hpp - one clause of a table declaration as plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/codec.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/schema/enums.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace hewn {

struct table_info;

namespace detail {

enum class clause_kind : std::uint8_t {
  primary_key,
  autoincrement,
  unique,
  index,
  reference,
  check,
  length,
  range,
  default_value,
  generated,
  created,
  updated,
  column_name,
  declared_type,
  collation,
  renamed,
  dropped,
  retired,
  backfill,
  convert,
  native_enum,
  // New ones come last, because hashes of schemas that programs have written down count them.
  given_key,
  one_of,
  not_blank,
  pattern,
  characters,
  email,
  url,
  soft_delete,
  tenant,
  column_prefix,
  version
};

/// Whether the clause is a limit of one column: a CHECK that hewn makes too, before it writes.
constexpr bool is_limit(clause_kind kind) {
  return kind == clause_kind::length || kind == clause_kind::range ||
         (kind >= clause_kind::one_of && kind <= clause_kind::url);
}

/// A stretch of the text that a declaration holds for all its clauses.
// No initialisers of its own, or g++ 12 cannot read it in constant evaluation: write text_range{}.
struct text_range {
  std::uint16_t begin;
  std::uint16_t size;
};

inline constexpr std::size_t max_clause_columns = 8;

/// The target column of a hewn::ref that names none: the key, which is looked up when the table is
/// complete, because a declaration cannot ask its own struct for it. No column has this index.
inline constexpr std::uint8_t key_of_target = 255;

inline constexpr std::size_t max_expression_text = 2048;

struct clause {
  clause_kind kind{};
  std::uint8_t column_count = 0;
  std::uint8_t columns[max_clause_columns]{};
  std::uint8_t target_columns[max_clause_columns]{};
  std::uint16_t descending = 0;  // one bit per column
  schema::action on_delete{};
  schema::action on_update{};
  bool unique = false;
  bool stored = false;
  text_range expression{};
  text_range where{};
  std::string_view text{};
  std::int64_t low = 0;
  std::int64_t high = 0;
  const void* record = nullptr;
  // A function, called at run time only, so that tables may refer to each other and themselves.
  // Were it constexpr, clang would look into it while the declaration that names it is not
  // finished.
  const table_info& (*target)() = nullptr;
  std::string_view target_type{};  // see signature_of
};

/// What no database would take of a declaration, or hewn cannot keep.
// Noted, and told by explain_fault: a declaration that stopped the compiler where it is written
// could not be told from one that the compiler cannot run.
enum class declaration_fault : std::uint8_t {
  none,
  second_key,
  repeated_field,
  null_in_plain_field,
  nothing_fits,
  shared_name,
  unnumbered_given_key,
  unnumbered_autoincrement,
  too_many_clauses,
  too_many_columns,
  too_much_text,
  no_decimal_text,
  value_outside_field,
  repeated_limit,
  nul_in_text,
  wrong_pattern,
  wrong_characters,
  second_soft_delete,
  shared_soft_delete,
  second_tenant,
  shared_tenant,
  column_name_twice,
  stamp_that_may_lack,
  removal_that_may_lack,
  key_that_may_lack,
  version_of_key,
  version_of_tenant,
  generated_version,
  second_version,
  second_update_clock,
  shared_update_clock,
  update_clock_without_key
};

struct found_fault {
  declaration_fault kind = declaration_fault::none;
  std::size_t field = 0;  // the one that it is about
};

template <class T>
inline constexpr char record_tag = 0;

// Tells types apart in constant evaluation, where g++ 12 under sanitizers compares no addresses.
template <class T>
constexpr std::string_view signature_of() {
  return __PRETTY_FUNCTION__;
}

template <class T>
const table_info& table_info_of();

template <auto... Members>
struct member_list {};

template <std::size_t I, auto First, auto... Rest>
consteval auto member_at(member_list<First, Rest...>) {
  if constexpr (I == 0)
    return First;
  else
    return member_at<I - 1>(member_list<Rest...>{});
}

/// Writes expressions into a declaration, in constant evaluation. Values become literals, for a
/// declaration has no parameters; a column becomes a mark and its index, because its name may be
/// declared later in the same chain; what databases write in different ways becomes a mark too.
struct clause_writer {
  static constexpr char column_mark = '\x01';
  static constexpr char empty_list_mark = '\x02';
  static constexpr char clock_mark = '\x03';

  char text_[max_expression_text]{};
  std::size_t size = 0;
  std::string_view record{};  // whose columns are named; see signature_of
  bool mixes_records = false;
  std::size_t last_field = 0;
  found_fault fault{};  // the first

  constexpr void note(declaration_fault kind) {
    if (fault.kind == declaration_fault::none) fault = {kind, last_field};
  }

  constexpr void put(char c) {
    if (size == max_expression_text)
      note(declaration_fault::too_much_text);
    else
      text_[size++] = c;
  }

  constexpr void text(std::string_view s) {
    for (char c : s) put(c);
  }

  constexpr void column_of(std::string_view owner, std::size_t field) {
    mixes_records |= !record.empty() && record != owner;
    record = owner;
    last_field = field;
    put(column_mark);
    put(static_cast<char>(field + 1));
  }

  constexpr void empty_list() { put(empty_list_mark); }

  /// The time of the database's clock; `unit`: see clock_unit.
  constexpr void clock(char unit) {
    put(clock_mark);
    put(unit);
  }

  constexpr void literal(bool b) { text(b ? "TRUE" : "FALSE"); }

  constexpr void literal(std::string_view s) {
    put('\'');
    for (char c : s) {
      if (c == '\'') put('\'');
      put(c);
    }
    put('\'');
  }

  template <integer_like I>
  constexpr void literal(I value) {
    if constexpr (std::is_signed_v<I>)
      if (value < 0) put('-');
    char digits[24]{};
    int n = 0;
    do {
      const int digit = static_cast<int>(value % 10);
      digits[n++] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
      value = static_cast<I>(value / 10);
    } while (value != 0);
    while (n != 0) put(digits[--n]);
  }

  // Decimal text that reads back as the same double: at most nine places, checked by dividing,
  // which is exact to the last bit for such numbers (IEEE 754, correctly rounded division).
  constexpr void literal(double value) {
    constexpr double limit = 0x1p63;  // of std::int64_t
    double scaled = value;
    double scale = 1;
    int places = 0;
    while (scaled > -limit && scaled < limit && places != 9 &&
           scaled != static_cast<double>(static_cast<std::int64_t>(scaled))) {
      scale *= 10;
      scaled = value * scale;
      ++places;
    }
    const bool fits = scaled > -limit && scaled < limit;  // NaN does not
    const auto digits = fits ? static_cast<std::int64_t>(scaled) : 0;
    if (static_cast<double>(digits) / scale != value) note(declaration_fault::no_decimal_text);
    const auto unit = static_cast<std::int64_t>(scale);
    if (digits < 0) put('-');
    const std::int64_t magnitude = digits < 0 ? -digits : digits;
    literal(magnitude / unit);
    put('.');
    std::int64_t rest = magnitude % unit;
    std::int64_t place = unit / 10;
    do {
      const std::int64_t digit = place == 0 ? 0 : rest / place % 10;
      put(static_cast<char>('0' + digit));
      place /= 10;
    } while (place > 0);
  }
};

/// Writes a word of a declaration, such as hewn::raw. Expressions over columns have their own.
template <class Word>
requires requires(const Word& word, clause_writer& out) { word.write(out); }
constexpr void write_clause(clause_writer& out, const Word& word) { word.write(out); }

/// What can be written into a declaration as SQL.
template <class E>
concept clause_text = requires(const E& e, clause_writer& out) {
  write_clause(out, e);
};

/// A value written as the literal of its stored form.
template <class Value>
struct literal_of {
  const Value& value;

  template <class Writer>
  constexpr void write(Writer& out) const {
    if constexpr (std::is_convertible_v<const Value&, std::string_view>)
      out.literal(std::string_view(value));
    else if constexpr (std::is_enum_v<Value>)
      out.literal(codec<Value>::encode(value));
    else if constexpr (built_in<Value>)
      out.literal(value);
    else
      out.literal(codec<Value>::encode(value));
  }
};

}  // namespace detail
}  // namespace hewn
