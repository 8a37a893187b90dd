// hewn/schema/table_info.hpp - the table of a struct as constant plain data.
// SPDX-License-Identifier: BSL-1.0
//
// table_of<T> is computed once per struct. Everything behind it - statements, checks, messages -
// is an ordinary function that takes a `const table_info&`.
#pragma once

#include <hewn/fwd.hpp>
#include <hewn/schema/column_info.hpp>
#include <hewn/schema/declaration_fault.hpp>
#include <hewn/schema/json_value.hpp>
#include <hewn/schema/table_declaration.hpp>
#include <hewn/schema/uuid.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace hewn {

/// The table of a struct. All views live for ever.
struct table_info {
  std::string_view name;
  std::string_view record;               ///< the struct's name, for messages
  std::span<const column_info> columns;  ///< in the order of the fields
  std::span<const std::uint8_t> key;     ///< indices of the key columns in key order
  bool assigned_key = false;             ///< the database chooses the key when it is 0
  bool has_generated = false;
  bool has_limits = false;      ///< some column has a length or range
  bool has_timestamps = false;  ///< some column is created<> or updated<>
  bool strict = false;
  bool without_rowid = false;
  std::span<const detail::clause> clauses;
  std::string_view expressions;  ///< what the text ranges of the clauses refer to
  /// For the library: the number under which connections keep the table's own statements.
  std::atomic<unsigned>* slot = nullptr;
};

namespace detail {

template <class T>
constexpr std::string_view type_name() {
  // "... [with T = ns::agent; ...]" (g++), "... [T = ns::agent]" (clang).
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  std::size_t end = 0;
  std::size_t start = 0;
  int depth = 0;
  for (; end != text.size(); ++end) {
    const char c = text[end];
    if (c == '<' || c == '(' || c == '{')
      ++depth;
    else if (c == '>' || c == ')' || c == '}')
      --depth;
    else if (depth == 0 && (c == ';' || c == ']'))
      break;
    else if (depth == 0 && c == ':')
      start = end + 1;
  }
  return text.substr(start, end - start);
}

template <class T>
concept has_table_member = requires {
  T::table();
};

/// A function of one row declares no table.
template <class T>
concept has_table_of_row = !has_table_member<T> && requires(const T& row) {
  row.table();
};

/// Whether the compiler can run table(). The address of a consteval function, as nearly every one
/// is, cannot be taken here, so that the declaration is not made once more to find out.
template <class T>
concept runs_table_later = has_table_member<T> && requires {
  &T::table;
} && !requires {
  typename std::bool_constant<(T::table(), true)>;
};

template <class T>
concept has_table_function = requires {
  hewn_table(type<T>{});
};

enum class declared_by : std::uint8_t {
  nothing,
  member,
  function,
  row,
  run_time,
  other_type,
  value
};

/// A static member that is no function; a field may have the name.
template <class T>
concept has_table_value = !std::is_member_pointer_v<decltype(&T::table)> && requires {
  T::table.table_name();
};

template <class T>
consteval declared_by find_declaration() {
  if constexpr (has_table_of_row<T>)
    return declared_by::row;
  else if constexpr (runs_table_later<T>)
    return declared_by::run_time;
  else if constexpr (has_table_member<T>)
    return std::is_same_v<decltype(T::table()), table_spec> ? declared_by::member
                                                            : declared_by::other_type;
  else if constexpr (has_table_function<T>)
    return std::is_same_v<decltype(hewn_table(type<T>{})), table_spec> ? declared_by::function
                                                                       : declared_by::other_type;
  else if constexpr (has_table_value<T>)
    return declared_by::value;
  else
    return declared_by::nothing;
}

template <class T>
inline constexpr declared_by declaration_of = find_declaration<T>();

template <class T>
consteval bool explain_declaration() {
  constexpr declared_by by = declaration_of<T>;
  static_assert(by != declared_by::row,
                "hewn: table() of this struct is not static, so it says nothing of the table; "
                "write static consteval auto table()");
  static_assert(by != declared_by::run_time,
                "hewn: the compiler cannot run table() of this struct; write static consteval auto "
                "table(), and let it return hewn::table()...");
  static_assert(by != declared_by::other_type,
                "hewn: table() of this struct returns no declaration; write return "
                "hewn::table()... in it");
  static_assert(by != declared_by::value,
                "hewn: table of this struct is a value, so it says nothing of the table; write "
                "static consteval auto table() { return hewn::table()...; }");
  return by < declared_by::row;
}

// Without its declaration it is a table all the same, so that nothing else is complained of.
template <class T>
consteval table_spec make_spec() {
  table_spec spec = [] {
    if constexpr (declaration_of<T> == declared_by::member)
      return T::table();
    else if constexpr (declaration_of<T> == declared_by::function)
      return hewn_table(type<T>{});
    else
      return hewn::table();
  }();
  if (spec.table_name().empty()) spec.rename(type_name<T>());
  return spec;
}

template <class T>
inline constexpr table_spec spec_of = make_spec<T>();

// `Field` is there to be printed: the compiler names the field in the line above the sentence.
template <class T, auto Field, class F>
consteval bool explain_column() {
  static_assert(
      !std::is_pointer_v<F>,
      "hewn: a pointer field cannot be a column; store the value, std::optional for NULL");
  static_assert(!std::is_volatile_v<F>,
                "hewn: a volatile field cannot be a column; remove volatile");
  static_assert(!std::is_enum_v<unwrapped<F>>,
                "hewn: this enumeration has no name for a value from -128 to 127, by which it "
                "would be stored; give it one, or specialise hewn::codec");
  static_assert(!is_json<unwrapped<F>>,
                "hewn: a JSON column is read and written with another header; include "
                "<hewn/json.hpp>");
  static_assert(!is_list<unwrapped<F>>,
                "hewn: a std::vector of values is a column with another header; include "
                "<hewn/vector.hpp>");
  static_assert(!is_vector<unwrapped<F>> || is_list<unwrapped<F>>,
                "hewn: the elements of this vector are no single values that a list in a column "
                "can hold; wrap the vector in hewn::json<> (hewn/json.hpp), or store the elements "
                "in their own table");
  static_assert(std::is_pointer_v<F> || std::is_volatile_v<F> || std::is_enum_v<unwrapped<F>> ||
                    is_json<unwrapped<F>> || is_vector<unwrapped<F>> ||
                    is_column_value<unwrapped<F>>,
                "hewn: this field has no column type; specialise hewn::codec for it, wrap it in "
                "hewn::json<> (hewn/json.hpp), or store it in its own table");
  return false;  // called for a field that fails, and lets the caller stop there
}

template <class T>
using field_numbers_of = std::make_index_sequence<field_count<T>>;

// Looks for the field only where there is one to be named.
template <class T, class... F, std::size_t... I>
consteval bool explain_columns(field_types<F...>, std::index_sequence<I...>) {
  if constexpr ((is_column_value<unwrapped<F>> && ...))
    return true;
  else
    return ([] {
      if constexpr (!is_column_value<unwrapped<F>>)
        return explain_column<T, named_field<T, I>(), F>();
      else
        return true;
    }() && ...);
}

template <class F>
constexpr column_info make_column(std::string_view name) {
  column_info c;
  c.name = name;
  c.nullable = is_optional<F>;
  if constexpr (column_value<unwrapped<F>>) {
    c.type = column_type_of<F>();
    if constexpr (stores_label<unwrapped<F>>) c.labels = enum_labels<unwrapped<F>>;
  }
  return c;
}

// Everything that does not depend on the field types, once for all structs.
constexpr void apply_clauses(const table_spec& spec, std::span<column_info> columns) {
  bool has_key = false;
  for (std::size_t i = 0; i != spec.clause_count(); ++i)
    has_key |= spec.clause_at(i).kind == clause_kind::primary_key;
  // Before the clauses rename columns: the convention is about the name of the field.
  if (!has_key)
    for (column_info& c : columns) c.key = c.name == "id";
  for (std::size_t i = 0; i != spec.clause_count(); ++i) {
    const clause& c = spec.clause_at(i);
    column_info& first = columns[c.columns[0]];
    switch (c.kind) {
      case clause_kind::primary_key:
        for (std::size_t k = 0; k != c.column_count; ++k) columns[c.columns[k]].key = true;
        break;
      case clause_kind::generated:
        first.generated = true;
        break;
      case clause_kind::created:
        first.created = true;
        break;
      case clause_kind::updated:
        first.updated = true;
        break;
      case clause_kind::column_name:
        first.name = c.text;
        break;
      case clause_kind::declared_type:
        first.declared_type = c.text;
        break;
      case clause_kind::collation:
        first.collation = c.text;
        break;
      case clause_kind::native_enum:
        first.enum_type = c.text;
        break;
      default:
        break;
    }
  }
}

template <class... F, std::size_t... I>
consteval auto make_columns(const table_spec* spec,
                            const std::array<std::string_view, sizeof...(F)>& names,
                            field_types<F...>, std::index_sequence<I...>) {
  std::array<column_info, sizeof...(F)> columns{make_column<F>(names[I])...};
  if (spec != nullptr) apply_clauses(*spec, columns);
  return columns;
}

template <class T>
inline constexpr auto columns_of = make_columns(&spec_of<T>, field_names<T>, field_types_of<T>{},
                                                std::make_index_sequence<field_count<T>>{});

constexpr std::size_t count_keys(std::span<const column_info> columns) {
  std::size_t n = 0;
  for (const column_info& c : columns) n += c.key ? 1u : 0u;
  return n;
}

constexpr void order_keys(const table_spec& spec, std::span<const column_info> columns,
                          std::span<std::uint8_t> key) {
  for (std::size_t i = 0; i != spec.clause_count(); ++i) {
    const clause& c = spec.clause_at(i);
    if (c.kind != clause_kind::primary_key) continue;
    for (std::size_t k = 0; k != key.size(); ++k) key[k] = c.columns[k];
    return;
  }
  for (std::size_t i = 0, k = 0; i != columns.size(); ++i)
    if (columns[i].key) key[k++] = static_cast<std::uint8_t>(i);
}

template <class T>
consteval auto make_key() {
  std::array<std::uint8_t, count_keys(columns_of<T>)> key{};
  order_keys(spec_of<T>, columns_of<T>, key);
  return key;
}

template <class T>
inline constexpr auto key_of_table = make_key<T>();

// Of keys of one column, which are nearly all, no table has an object of its own.
inline constexpr auto column_numbers = [] {
  std::array<std::uint8_t, 256> numbers{};
  for (std::size_t i = 0; i != numbers.size(); ++i) numbers[i] = static_cast<std::uint8_t>(i);
  return numbers;
}();

template <class T>
consteval std::span<const std::uint8_t> key_span() {
  if constexpr (key_of_table<T>.size() == 1)
    return std::span(column_numbers).subspan(key_of_table<T>[0], 1);
  else
    return key_of_table<T>;
}

// The declaration has room for every table; what is kept in the program has the size of this one.
template <class T>
consteval auto make_clauses() {
  std::array<clause, spec_of<T>.clause_count()> clauses{};
  for (std::size_t i = 0; i != clauses.size(); ++i) clauses[i] = spec_of<T>.clause_at(i);
  return clauses;
}

template <class T>
consteval auto make_expressions() {
  std::array<char, spec_of<T>.expressions().size()> text{};
  for (std::size_t i = 0; i != text.size(); ++i) text[i] = spec_of<T>.expressions()[i];
  return text;
}

template <class T>
inline constexpr auto clauses_of = make_clauses<T>();

template <class T>
inline constexpr auto expressions_of = make_expressions<T>();

template <class T>
inline constinit std::atomic<unsigned> slot_of_table{0};

// `info` holds the views; what follows from them is filled in.
constexpr table_info complete_table_info(table_info info) {
  for (const column_info& c : info.columns) {
    info.has_generated |= c.generated;
    info.has_timestamps |= c.created || c.updated;
  }
  info.assigned_key = info.key.size() == 1 && !info.without_rowid &&
                      is_integer(info.columns[info.key[0]].type) &&
                      !info.columns[info.key[0]].nullable;
  for (const clause& c : info.clauses) {
    info.has_limits |= c.kind == clause_kind::length || c.kind == clause_kind::range;
    // A key that refers to the row of another table is the key of that row.
    const bool shared = c.kind == clause_kind::reference && c.column_count == 1 &&
                        info.key.size() == 1 && c.columns[0] == info.key[0];
    if (c.kind == clause_kind::given_key || shared) info.assigned_key = false;
  }
  return info;
}

template <class T>
consteval bool explain_table() {
  if constexpr (!explain_record<T>()) {
    return false;
  } else {
    static_assert(field_count<T> != 0, "hewn: a table needs at least one column; add a field");
    if constexpr (!explain_declaration<T>()) {
      return false;
    } else if constexpr (!explain_columns<T>(field_types_of<T>{}, field_numbers_of<T>{})) {
      return false;
    } else {
      constexpr bool own = spec_of<T>.names_only(&record_tag<T>, signature_of<T>());
      static_assert(own,
                    "hewn: table() of this struct names a field of another struct; name only its "
                    "own fields (references<> takes this struct's first)");
      if constexpr (own) {
        constexpr found_fault found =
            spec_of<T>.fault().kind != declaration_fault::none
                ? spec_of<T>.fault()
                : find_fault(columns_of<T>, key_of_table<T>, clauses_of<T>);
        if constexpr (found.kind != declaration_fault::none)
          explain_fault<T, found.kind, named_field<T, found.field>()>();
      }
      return true;  // the rest holds, so that a fault costs one message
    }
  }
}

}  // namespace detail

/// The table that the struct `T` describes.
template <class T>
inline constexpr table_info table_of = [] {
  if constexpr (detail::explain_table<T>()) {
    return detail::complete_table_info(
        {.name = detail::spec_of<T>.table_name(),
         .record = detail::type_name<T>(),
         .columns = detail::columns_of<T>,
         .key = detail::key_span<T>(),
         .strict = detail::spec_of<T>.is_strict(),
         .without_rowid = detail::spec_of<T>.is_without_rowid(),
         .clauses = detail::clauses_of<T>,
         .expressions = {detail::expressions_of<T>.data(), detail::expressions_of<T>.size()},
         .slot = &detail::slot_of_table<T>});
  } else {
    return table_info{};
  }
}();

template <class T>
const table_info& detail::table_info_of() {
  return table_of<T>;
}

}  // namespace hewn
