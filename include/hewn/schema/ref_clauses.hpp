// hewn/schema/ref_clauses.hpp - the foreign keys that fields declare by their type.
// SPDX-License-Identifier: BSL-1.0
//
// A field of type hewn::ref<T> refers to the primary key of T. references<>() that names the field
// and a field of T says more of the same foreign key, and stands in its place.
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/find_declaration.hpp>
#include <hewn/schema/table_declaration.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class... F>
consteval bool holds_refs(field_types<F...>) {
  return (is_ref<unwrapped<F>> || ...);
}

/// Whether a field is a hewn::ref.
template <class T>
inline constexpr bool has_refs = holds_refs(field_types_of<T>{});

/// Whether a `ref<Target, Key>` holds keys of its table.
template <class Key, class Target>
consteval bool explain_ref_target() {
  static_assert(complete<Target>,
                "hewn: a hewn::ref refers to a struct that is only declared here; include the "
                "header that defines it");
  if constexpr (!complete<Target>) {
    return false;
  } else if constexpr (!explain_record<Target>()) {
    return false;
  } else {
    constexpr std::size_t columns = key_of_table<Target>.size();
    static_assert(columns != 0,
                  "hewn: a hewn::ref refers to a table without a primary key; call a field of it "
                  "id, or declare .primary_key<...>() in its table()");
    static_assert(columns < 2,
                  "hewn: a hewn::ref holds one value, and the key of its table is of several; "
                  "make a field for each of them, and declare references<>()");
    if constexpr (columns == 1) {
      constexpr bool same = std::is_same_v<field_type<Target, key_of_table<Target>[0]>, Key>;
      static_assert(same,
                    "hewn: a hewn::ref holds another type than the key of its table; name the "
                    "type of the key, as in hewn::ref<user, std::string>");
      return same;
    }
    return false;
  }
}

/// Whether a foreign key has the field refer to another field than the key of its `Target`.
constexpr bool refers_beside_key(const table_spec& spec, std::size_t field, std::string_view target,
                                 std::size_t key) {
  for (std::size_t i = 0; i != spec.clause_count(); ++i) {
    const clause& c = spec.clause_at(i);
    if (c.kind != clause_kind::reference || c.target_type != target) continue;
    for (std::size_t k = 0; k != c.column_count; ++k)
      if (c.columns[k] == field && c.target_columns[k] != key) return true;
  }
  return false;
}

// `Field` is there to be printed, as in explain_column.
template <class T, auto Field, std::size_t I, class Target, class Key>
consteval bool explain_ref(std::type_identity<ref<Target, Key>>) {
  if constexpr (!explain_ref_target<Key, Target>()) {
    return false;
  } else {
    constexpr bool by_key =
        !refers_beside_key(spec_of<T>, I, signature_of<Target>(), key_of_table<Target>[0]);
    static_assert(by_key,
                  "hewn: references<> has a hewn::ref refer to another field than the primary "
                  "key; name the key, or make the field a plain value");
    return by_key;
  }
}

template <class T, class... F, std::size_t... I>
consteval bool explain_refs(field_types<F...>, std::index_sequence<I...>) {
  return ([] {
    if constexpr (is_ref<unwrapped<F>>)
      return explain_ref<T, named_field<T, I>(), I>(std::type_identity<unwrapped<F>>{});
    else
      return true;
  }() && ...);
}

/// Whether a declared foreign key to this struct has the field in it.
constexpr bool has_reference(const table_spec& spec, std::size_t field, std::string_view target) {
  for (std::size_t i = 0; i != spec.clause_count(); ++i) {
    const clause& c = spec.clause_at(i);
    if (c.kind != clause_kind::reference || c.target_type != target) continue;
    for (std::size_t k = 0; k != c.column_count; ++k)
      if (c.columns[k] == field) return true;
  }
  return false;
}

template <class T>
struct ref_clause_list {
  std::array<clause, field_count<T>> clauses{};
  std::size_t size = 0;

  template <class F>
  constexpr void add(std::size_t) {}

  template <class F>
  requires is_ref<F>
  constexpr void add(std::size_t field) {
    using target = typename F::record_type;
    if (has_reference(spec_of<T>, field, signature_of<target>())) return;
    clause& added = clauses[size++];
    added.kind = clause_kind::reference;
    added.column_count = 1;
    added.columns[0] = static_cast<std::uint8_t>(field);
    added.target_columns[0] = key_of_table<target>[0];
    added.record = &record_tag<T>;
    added.target = &table_info_of<target>;
    added.target_type = signature_of<target>();
  }
};

template <class T, class... F, std::size_t... I>
consteval auto make_ref_clauses(field_types<F...>, std::index_sequence<I...>) {
  ref_clause_list<T> list;
  (list.template add<unwrapped<F>>(I), ...);
  return list;
}

/// The foreign keys of `T` that its declaration does not name.
template <class T>
inline constexpr auto ref_clauses_of = make_ref_clauses<T>(field_types_of<T>{},
                                                           field_numbers_of<T>{});

/// The key of a row, for a hewn::ref.
template <class Key, class T>
constexpr Key key_of_row(const T& row) {
  if constexpr (explain_ref_target<Key, T>())
    return get_field<key_of_table<T>[0]>(row);
  else
    return Key{};
}

}  // namespace hewn::detail
