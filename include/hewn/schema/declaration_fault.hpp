// hewn/schema/declaration_fault.hpp - what no database would take of a declaration.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/column_info.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hewn::detail {

constexpr bool has_repeated_field(const clause& c) {
  for (std::size_t i = 1; i < c.column_count; ++i)
    for (std::size_t k = 0; k != i; ++k)
      if (c.columns[i] == c.columns[k]) return true;
  return false;
}

constexpr bool sets_null(const clause& c) {
  return c.on_delete == schema::action::set_null || c.on_update == schema::action::set_null;
}

constexpr bool is_empty_range(const clause& c, column_type type) {
  if (type == column_type::real && c.kind == clause_kind::range)
    return !(std::bit_cast<double>(c.low) <= std::bit_cast<double>(c.high));
  return c.low > c.high;
}

constexpr bool is_repeated_limit(std::span<const clause> clauses, const clause& c) {
  if (!is_limit(c.kind)) return false;
  for (const clause& other : clauses) {
    if (&other == &c) return false;
    if (other.kind == c.kind && other.columns[0] == c.columns[0]) return true;
  }
  return false;
}

/// The first of them. Not a template: it costs a struct one evaluation.
constexpr found_fault find_fault(std::span<const column_info> columns,
                                 std::span<const std::uint8_t> key,
                                 std::span<const clause> clauses) {
  using fault = declaration_fault;
  const bool numbered = key.size() == 1 && is_integer(columns[key[0]].type);
  bool has_key = false, keeps_removed = false, has_tenant = false, has_version = false;
  bool has_update_clock = false;
  for (const clause& c : clauses) {
    if (has_repeated_field(c)) return {fault::repeated_field, c.columns[0]};
    if (is_repeated_limit(clauses, c)) return {fault::repeated_limit, c.columns[0]};
    switch (c.kind) {
      case clause_kind::primary_key:
        if (has_key) return {fault::second_key, c.columns[0]};
        has_key = true;
        break;
      case clause_kind::soft_delete: {
        const column_info& column = columns[c.columns[0]];
        if (keeps_removed) return {fault::second_soft_delete, c.columns[0]};
        if (column.key || column.generated || column.created || column.updated)
          return {fault::shared_soft_delete, c.columns[0]};
        keeps_removed = true;
        break;
      }
      case clause_kind::updated: {
        if (c.expression.size == 0) break;
        const column_info& column = columns[c.columns[0]];
        if (has_update_clock) return {fault::second_update_clock, c.columns[0]};
        if (column.key || column.generated || column.created)
          return {fault::shared_update_clock, c.columns[0]};
        if (key.empty()) return {fault::update_clock_without_key, c.columns[0]};
        has_update_clock = true;
        break;
      }
      case clause_kind::tenant:
        if (has_tenant) return {fault::second_tenant, c.columns[0]};
        if (columns[c.columns[0]].generated) return {fault::shared_tenant, c.columns[0]};
        has_tenant = true;
        break;
      case clause_kind::reference:
        for (std::size_t i = 0; sets_null(c) && i != c.column_count; ++i)
          if (!columns[c.columns[i]].nullable) return {fault::null_in_plain_field, c.columns[i]};
        break;
      case clause_kind::length:
      case clause_kind::range:
        if (is_empty_range(c, columns[c.columns[0]].type))
          return {fault::nothing_fits, c.columns[0]};
        break;
      case clause_kind::column_name:
        for (std::size_t i = 0; i != columns.size(); ++i)
          if (i != c.columns[0] && columns[i].name == c.text)
            return {fault::shared_name, c.columns[0]};
        break;
      case clause_kind::given_key:
        if (!numbered) return {fault::unnumbered_given_key};
        break;
      case clause_kind::autoincrement:
        if (!numbered) return {fault::unnumbered_autoincrement};
        break;
      case clause_kind::version:
        if (has_version) return {fault::second_version, c.columns[0]};
        if (columns[c.columns[0]].key) return {fault::version_of_key, c.columns[0]};
        if (columns[c.columns[0]].tenant) return {fault::version_of_tenant, c.columns[0]};
        if (columns[c.columns[0]].generated) return {fault::generated_version, c.columns[0]};
        has_version = true;
        break;
      default:
        break;
    }
  }
  return {};
}

/// The same of a struct with fields that are structs. `lacking`: which columns are in an optional
/// one.
constexpr found_fault find_fault_of_parts(std::span<const column_info> columns,
                                          std::span<const bool> lacking) {
  using fault = declaration_fault;
  // Compilers bound the steps of an evaluation, and to compare texts takes many.
  std::uint32_t sums[256]{};
  for (std::size_t i = 0; i != columns.size(); ++i) {
    for (const char c : columns[i].name) sums[i] = sums[i] * 31 + static_cast<unsigned char>(c);
    for (std::size_t k = 0; k != i; ++k)
      if (sums[i] == sums[k] && columns[i].name == columns[k].name)
        return {fault::column_name_twice, i};
    if (!lacking[i]) continue;
    if (columns[i].created || columns[i].updated) return {fault::stamp_that_may_lack, i};
    if (columns[i].removed) return {fault::removal_that_may_lack, i};
    if (columns[i].key) return {fault::key_that_may_lack, i};
  }
  return {};
}

/// Says what is wrong. `Field` is there to be printed: the compiler names it above the sentence.
template <class T, declaration_fault Fault, auto Field>
consteval void explain_fault() {
  using fault = declaration_fault;
  static_assert(Fault != fault::second_key,
                "hewn: table() of this struct declares two primary keys; name all columns of the "
                "key in one primary_key<>(), and make the others unique<>()");
  static_assert(Fault != fault::repeated_field,
                "hewn: a clause of table() names this field twice; name it once");
  static_assert(Fault != fault::null_in_plain_field,
                "hewn: set_null writes NULL into this field, which takes none; make it an "
                "std::optional, or choose another reaction");
  static_assert(Fault != fault::nothing_fits,
                "hewn: no value fits the range<>() or length<>() of this field; give the lower "
                "bound first");
  static_assert(Fault != fault::shared_name,
                "hewn: column<>() gives this field the name of another column; choose another "
                "name");
  static_assert(Fault != fault::unnumbered_given_key,
                "hewn: given_key() is about one integer column as the key, which a database would "
                "number; remove it");
  static_assert(Fault != fault::unnumbered_autoincrement,
                "hewn: autoincrement() is about one integer column as the key, which a database "
                "numbers; remove it");
  static_assert(Fault != fault::too_many_clauses,
                "hewn: table() of this struct has more than 48 clauses; leave out what can be "
                "declared in SQL, or split the table");
  static_assert(Fault != fault::too_many_columns,
                "hewn: a clause of table() names more than 8 columns, of which this field is the "
                "first; name fewer");
  static_assert(Fault != fault::too_much_text,
                "hewn: the expressions of table() are longer than 2048 characters together; "
                "shorten them, or split the table");
  static_assert(Fault != fault::no_decimal_text,
                "hewn: the number that table() has for this field is too large, or has no exact "
                "decimal text of at most nine places; write it in SQL, as hewn::raw(\"1e-12\")");
  static_assert(Fault != fault::value_outside_field,
                "hewn: this field cannot hold a value that table() gives it; correct the value, or "
                "use a wider type");
  static_assert(Fault != fault::repeated_limit,
                "hewn: table() declares one limit of this field twice; put both into one call, or "
                "remove one");
  static_assert(Fault != fault::nul_in_text,
                "hewn: one_of<>() of this field has a text with a NUL character, which "
                "PostgreSQL's text cannot hold; remove it");
  static_assert(Fault != fault::wrong_pattern,
                "hewn: pattern<>() of this field is no pattern; write * ? [a-z] [^a-z] {4} and "
                "plain characters, and other signs of regular expressions in brackets");
  static_assert(Fault != fault::wrong_characters,
                "hewn: characters<>() of this field is no set of characters; write characters and "
                "ranges as in \"a-z0-9_-\", with ] first and - first or last");
  static_assert(Fault != fault::second_soft_delete,
                "hewn: table() of this struct declares soft_delete<>() twice; name one field");
  static_assert(Fault != fault::shared_soft_delete,
                "hewn: soft_delete<>() names a field that is part of the key, generated, created<> "
                "or updated<>; give the time of the removal a field of its own");
  static_assert(Fault != fault::second_tenant,
                "hewn: table() of this struct declares tenant<>() twice; a row has one tenant, so "
                "name one field");
  static_assert(Fault != fault::shared_tenant,
                "hewn: tenant<>() names a generated field, which hewn does not write; name a field "
                "that is stored");
  static_assert(Fault != fault::column_name_twice,
                "hewn: this field has a column of the name that another has, where a field that is "
                "a struct puts its own name before those in it; rename a field, or say column<>() "
                "of one");
  static_assert(Fault != fault::stamp_that_may_lack,
                "hewn: created<>() and updated<>() name a field of an optional struct, which may "
                "not be there; move the time out of it, or make the struct no optional");
  static_assert(Fault != fault::removal_that_may_lack,
                "hewn: soft_delete<>() names a field of an optional struct, of which a removal "
                "would store this field alone; move it out of the struct, or make the struct no "
                "optional");
  static_assert(Fault != fault::key_that_may_lack,
                "hewn: a field of an optional struct, which may not be there, is part of the key; "
                "move it out of the struct, or make the struct no optional");
  static_assert(Fault != fault::version_of_key,
                "hewn: version<> names a field of the primary key, by which the row is found; give "
                "the version a field of its own");
  static_assert(Fault != fault::version_of_tenant,
                "hewn: version<> names the tenant<> column, which says whose the row is; give the "
                "version a field of its own");
  static_assert(Fault != fault::generated_version,
                "hewn: version<> names a generated column, which hewn cannot count up; give the "
                "version a field of its own");
  static_assert(Fault != fault::second_version,
                "hewn: table() of this struct declares two versions; a row has one, so remove the "
                "other version<>");
  static_assert(Fault != fault::second_update_clock,
                "hewn: table() of this struct declares updated<>(hewn::in_database) twice; a row "
                "has one time of its last update, so name one field");
  static_assert(
      Fault != fault::shared_update_clock,
      "hewn: updated<>(hewn::in_database) names a field that is part of the key, "
      "generated or created<>, which no update may set; give the time a field of its own");
  static_assert(Fault != fault::update_clock_without_key,
                "hewn: updated<>(hewn::in_database) finds the row by its key, and this table has "
                "none; declare primary_key<>, or remove hewn::in_database");
}

}  // namespace hewn::detail
