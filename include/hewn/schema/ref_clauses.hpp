// hewn/schema/ref_clauses.hpp - the foreign keys that fields declare by their type.
// SPDX-License-Identifier: BSL-1.0
//
// A field of type hewn::ref<T> refers to the primary key of T. references<>() that names the field,
// alone or with the key of T, says more of the same foreign key, and stands in its place.
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/embedded.hpp>
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
inline constexpr bool has_refs = holds_refs(column_types_of<T>{});

/// What keeps a hewn::ref from being a foreign key.
enum class ref_fault : std::uint8_t {
  none,
  undefined,
  no_record,
  no_key,
  several_columns,
  other_key,
  beside_key
};

/// Of a `ref<Target, Key>`. As a value, so that the compiler shows few lines around the sentence.
template <class Key, class Target>
consteval ref_fault find_ref_fault() {
  if constexpr (!complete<Target>)
    return ref_fault::undefined;
  else if constexpr (!record<Target>)
    return ref_fault::no_record;
  else if constexpr (key_of_table<Target>.empty())
    return ref_fault::no_key;
  else if constexpr (key_of_table<Target>.size() != 1)
    return ref_fault::several_columns;
  else
    return std::is_same_v<column_field<Target, key_of_table<Target>[0]>, Key>
               ? ref_fault::none
               : ref_fault::other_key;
}

/// Says what is wrong. `Field` is there to be printed: the compiler names it above the sentence.
template <ref_fault Fault, auto Field>
consteval bool explain_ref_fault() {
  using fault = ref_fault;
  static_assert(Fault != fault::undefined,
                "hewn: a hewn::ref refers to a struct that is only declared here; include the "
                "header that defines it");
  static_assert(Fault != fault::no_record,
                "hewn: a hewn::ref refers to a type that cannot be a table; name the struct of "
                "one");
  static_assert(Fault != fault::no_key,
                "hewn: a hewn::ref refers to a table without a primary key; call a field of it "
                "id, or declare .primary_key<...>() in its table()");
  static_assert(Fault != fault::several_columns,
                "hewn: a hewn::ref holds one value, and the key of its table is of several; "
                "make a field for each of them, and declare references<>()");
  static_assert(Fault != fault::other_key,
                "hewn: a hewn::ref holds another type than the key of its table; name the "
                "type of the key, as in hewn::ref<user, std::string>");
  static_assert(Fault != fault::beside_key,
                "hewn: references<> has a hewn::ref refer to another field than the primary "
                "key; name the key, or make the field a plain value");
  return Fault == fault::none;
}

/// Whether a `ref<Target, Key>` holds keys of its table.
template <class Key, class Target>
consteval bool explain_ref_target() {
  return explain_ref_fault<find_ref_fault<Key, Target>(), nullptr>();
}

/// Whether a foreign key has the field refer to another field than the key of its `Target`.
constexpr bool refers_beside_key(const table_spec& spec, std::size_t field, std::string_view target,
                                 std::size_t key) {
  for (std::size_t i = 0; i != spec.clause_count(); ++i) {
    const clause& c = spec.clause_at(i);
    if (c.kind != clause_kind::reference || c.target_type != target) continue;
    for (std::size_t k = 0; k != c.column_count; ++k)
      if (c.columns[k] == field && c.target_columns[k] != key &&
          c.target_columns[k] != key_of_target)
        return true;
  }
  return false;
}

struct found_ref_fault {
  ref_fault kind = ref_fault::none;
  std::size_t field = 0;
};

template <class T, class F>
consteval found_ref_fault find_fault_of_field(std::size_t field) {
  if constexpr (is_ref<F>) {
    using target = typename F::record_type;
    constexpr ref_fault found = find_ref_fault<typename F::key_type, target>();
    if constexpr (found != ref_fault::none)
      return {found, field};
    else if (refers_beside_key(spec_of<T>, field, signature_of<target>(), key_of_table<target>[0]))
      return {ref_fault::beside_key, field};
  }
  return {};
}

/// The first fault of the fields of `T`.
template <class T, class... F, std::size_t... I>
consteval found_ref_fault find_ref_faults(field_types<F...>, std::index_sequence<I...>) {
  found_ref_fault first;
  ((first.kind == ref_fault::none ? void(first = find_fault_of_field<T, unwrapped<F>>(I)) : void()),
   ...);
  return first;
}

template <class T>
consteval found_ref_fault find_ref_faults() {
  if constexpr (has_refs<T>)
    return find_ref_faults<T>(column_types_of<T>{}, std::make_index_sequence<column_count<T>>{});
  else
    return {};
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
  std::array<clause, column_count<T>> clauses{};
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
inline constexpr auto ref_clauses_of =
    make_ref_clauses<T>(column_types_of<T>{}, std::make_index_sequence<column_count<T>>{});

/// Names the column that a declared reference of field `I` leaves to its type.
template <class F, std::size_t I>
constexpr void complete_reference(clause& c) {
  if constexpr (is_ref<F>)
    if (c.kind == clause_kind::reference && c.target_columns[0] == key_of_target &&
        c.columns[0] == I)
      c.target_columns[0] = key_of_table<typename F::record_type>[0];
}

template <class... F, std::size_t... I>
constexpr void complete_reference(clause& c, field_types<F...>, std::index_sequence<I...>) {
  (complete_reference<unwrapped<F>, I>(c), ...);
}

/// The key of a row, for a hewn::ref.
template <class Key, class T>
constexpr Key key_of_row(const T& row) {
  if constexpr (explain_ref_target<Key, T>())
    return get_column<key_of_table<T>[0]>(row);
  else
    return Key{};
}

}  // namespace hewn::detail
