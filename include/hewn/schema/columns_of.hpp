// hewn/schema/columns_of.hpp - the columns of a struct's table, with those that are its key.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/column_info.hpp>
#include <hewn/schema/column_names.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/find_declaration.hpp>
#include <hewn/schema/json_value.hpp>
#include <hewn/schema/ref.hpp>
#include <hewn/schema/uuid.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// A table and a declaration number columns in one byte, from which 0 is left out.
inline constexpr std::size_t most_columns = 255;

template <class E>
consteval bool is_struct_with_base() {
  if constexpr (record<E>)
    return !is_tuple_like<E> && has_base<E>;
  else
    return false;
}

template <class E>
consteval bool is_struct_without_fields() {
  return record<E> && std::is_empty_v<E> && !is_struct_with_base<E>();
}

template <class T, auto Field, class E>
consteval bool explain_embedded();

template <class T>
consteval bool explain_width() {
  constexpr bool few = column_count<T> <= most_columns;
  static_assert(few,
                "hewn: a table of more than 255 columns is too wide for hewn; split the struct");
  return few;
}

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
  constexpr bool empty = is_struct_without_fields<unwrapped<F>>();
  static_assert(!empty,
                "hewn: a struct without fields has no columns; add a field to it, or leave it out");
  constexpr bool derived = is_struct_with_base<unwrapped<F>>();
  static_assert(!derived,
                "hewn: a struct with a base cannot be columns of a table; make the base a struct "
                "of its own, or repeat its fields");
  static_assert(empty || derived || std::is_pointer_v<F> || std::is_volatile_v<F> ||
                    std::is_enum_v<unwrapped<F>> || is_json<unwrapped<F>> ||
                    is_vector<unwrapped<F>> || is_column_value<unwrapped<F>>,
                "hewn: this field has no column type; specialise hewn::codec for it, wrap it in "
                "hewn::json<> (hewn/json.hpp), or store it in its own table");
  return false;  // called for a field that fails, and lets the caller stop there
}

template <class T>
using field_numbers_of = std::make_index_sequence<field_count<T>>;

template <class T>
consteval bool has_id_field() {
  for (const std::string_view name : field_names<T>)
    if (name == "id") return true;
  return false;
}

/// Whether the struct stands for a table of its own rather than for columns of another.
template <class E>
consteval bool is_entity() {
  if constexpr (declaration_of<E> != declared_by::nothing)
    return true;
  else
    return has_id_field<E>();
}

/// Whether the first field of a struct makes a shape of it.
template <class First>
consteval bool begins_with_entity() {
  if constexpr (is_embedded<First>)
    return is_entity<unwrapped<First>>();
  else
    return false;
}

template <class T, auto Field>
consteval bool explain_first_struct() {
  static_assert(!std::is_same_v<T, T>,
                "hewn: a struct that begins with another struct is a shape and no row of a table; "
                "read it by hewn::shape<S> and write it by hewn::insert() or hewn::save() "
                "(hewn/shapes.hpp), or wrap the field in hewn::json<> (hewn/json.hpp)");
  return false;
}

// Looks for the first field that is no column only where there is one to be named.
template <class T, class... F, std::size_t... I>
consteval bool explain_columns(field_types<F...>, std::index_sequence<I...>) {
  if constexpr ((is_column_value<unwrapped<F>> && ...)) {
    return true;
  } else if constexpr (begins_with_entity<field_type<T, 0>>()) {
    return explain_first_struct<T, named_field<T, 0>()>();
  } else if constexpr (!explain_width<T>()) {
    return false;
  } else {
    return ([] {
      if constexpr (is_embedded<F>) {
        if constexpr (explain_embedded<T, named_field<T, I>(), unwrapped<F>>())
          return explain_columns<unwrapped<F>>(field_types_of<unwrapped<F>>{},
                                               field_numbers_of<unwrapped<F>>{});
        else
          return false;
      } else if constexpr (!is_column_value<unwrapped<F>>) {
        return explain_column<T, named_field<T, I>(), F>();
      } else {
        return true;
      }
    }() && ...);
  }
}

// `Field` is there to be printed.
template <class T, auto Field, class E>
consteval bool explain_embedded() {
  if constexpr (!explain_record<E>()) {
    return false;
  } else {
    constexpr bool part = !is_entity<E>();
    static_assert(part,
                  "hewn: a field that is the struct of a table cannot be columns of another; refer "
                  "to its row by its key, or load both by a shape");
    return part;
  }
}

template <class F>
constexpr column_info make_column(std::string_view name) {
  column_info c;
  c.name = name;
  c.nullable = is_optional<F>;
  if constexpr (column_value<unwrapped<F>>) {
    c.type = column_type_of<F>();
    using stored = stored_key<unwrapped<F>>;
    if constexpr (stores_label<stored>) c.labels = enum_labels<stored>;
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
      case clause_kind::soft_delete:
        first.removed = true;
        break;
      case clause_kind::tenant:
        first.tenant = true;
        break;
      case clause_kind::version:
        first.version = true;
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

// What table() says of the names of columns in structs.
template <class T>
struct declared_prefixes {
  static constexpr auto found = [] {
    std::array<column_prefix, spec_of<T>.clause_count()> all{};
    for (std::size_t i = 0; i != all.size(); ++i) {
      const clause& c = spec_of<T>.clause_at(i);
      if (c.kind == clause_kind::column_prefix)
        all[i] = {c.columns[0], static_cast<std::size_t>(c.low), c.text};
      else
        all[i].column = most_columns;
    }
    return all;
  }();
  static constexpr std::span<const column_prefix> list{found};
};

template <class T>
inline constexpr auto columns_of = make_columns(&spec_of<T>,
                                                column_names<T, declared_prefixes<T>>(),
                                                column_types_of<T>{},
                                                std::make_index_sequence<column_count<T>>{});

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

}  // namespace hewn::detail
