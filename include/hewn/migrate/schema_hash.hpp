// hewn/migrate/schema_hash.hpp - a digest of declarations, for a build that fails when they change.
// SPDX-License-Identifier: BSL-1.0
//
//     static_assert(hewn::schema_hash<user, team> == "8c1f0a52f3b7d9e4",
//                   "the tables have changed: write a migration, then put the new hash here");
#pragma once

#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn {

/// Sixteen hexadecimal digits.
struct hash_text {
  char text[17]{};

  constexpr std::string_view view() const { return {text, 16}; }
  constexpr operator std::string_view() const { return view(); }
  constexpr const char* c_str() const { return text; }
  constexpr bool operator==(std::string_view other) const { return view() == other; }
};

namespace detail {

/// FNV-1a. Not SHA-256: this runs in the compiler, over every table, and tells an old declaration
/// from a new one; nobody forges his own structs.
class declaration_hash {
 public:
  constexpr void add(std::uint64_t number) {
    do {
      mix(static_cast<unsigned char>(number));
      number >>= 8;
    } while (number != 0);
    mix(0xff);
  }

  constexpr void add(std::string_view text) {
    add(text.size());
    for (const char c : text) mix(static_cast<unsigned char>(c));
  }

  constexpr std::uint64_t value() const { return state_; }

 private:
  constexpr void mix(unsigned char c) { state_ = (state_ ^ c) * 0x100000001b3u; }

  std::uint64_t state_ = 0xcbf29ce484222325u;
};

constexpr void add_column(declaration_hash& h, const column_info& c) {
  h.add(c.name);
  h.add(c.declared_type);
  h.add(c.collation);
  h.add(static_cast<std::uint64_t>(c.type));
  h.add((c.nullable ? 1u : 0u) | (c.key ? 2u : 0u) | (c.generated ? 4u : 0u));
  h.add(c.labels.size());
  for (const std::string_view label : c.labels) h.add(label);
}

constexpr void add_clause(declaration_hash& h, const clause& c, std::string_view expressions) {
  h.add(static_cast<std::uint64_t>(c.kind));
  h.add(c.column_count);
  for (std::size_t i = 0; i != c.column_count; ++i) {
    h.add(c.columns[i]);
    h.add(c.target_columns[i]);
  }
  h.add(c.descending);
  h.add(static_cast<std::uint64_t>(c.on_delete));
  h.add(static_cast<std::uint64_t>(c.on_update));
  h.add((c.unique ? 1u : 0u) | (c.stored ? 2u : 0u));
  h.add(expressions.substr(c.expression.begin, c.expression.size));
  h.add(expressions.substr(c.where.begin, c.where.size));
  h.add(c.text);
  h.add(static_cast<std::uint64_t>(c.low));
  h.add(static_cast<std::uint64_t>(c.high));
}

constexpr std::uint64_t hash_of_table(const table_info& t) {
  declaration_hash h;
  h.add(t.name);
  h.add((t.strict ? 1u : 0u) | (t.without_rowid ? 2u : 0u));
  h.add(t.columns.size());
  for (const column_info& c : t.columns) add_column(h, c);
  // What a prefix says is in the names of the columns.
  std::size_t prefixes = 0;
  for (const clause& c : t.clauses) prefixes += c.kind == clause_kind::column_prefix ? 1u : 0u;
  h.add(t.clauses.size() - prefixes);
  for (const clause& c : t.clauses)
    if (c.kind != clause_kind::column_prefix) add_clause(h, c, t.expressions);
  return h.value();
}

// Once per struct, however many hashes it is part of; and a constant of its own, because compilers
// bound the work of one evaluation.
template <class T>
inline constexpr std::uint64_t table_hash = hash_of_table(table_of<T>);

template <class Other>
constexpr void add_target(declaration_hash& h, const clause& c) {
  if (c.target_type == signature_of<Other>()) h.add(table_of<Other>.name);
}

// The names of the tables that T refers to, as far as they are among these.
template <class T, class... All>
constexpr std::uint64_t hash_of_references() {
  declaration_hash h;
  for (const clause& c : table_of<T>.clauses)
    if (c.kind == clause_kind::reference) (add_target<All>(h, c), ...);
  return h.value();
}

template <class... Tables>
consteval hash_text make_schema_hash() {
  declaration_hash h;
  ((h.add(table_hash<Tables>), h.add(hash_of_references<Tables, Tables...>())), ...);
  hash_text out;
  constexpr char digits[] = "0123456789abcdef";
  for (std::size_t i = 0; i != 16; ++i) out.text[i] = digits[(h.value() >> (60 - 4 * i)) & 15];
  return out;
}

}  // namespace detail

/// A digest of everything that these structs declare of their tables: names, types, keys,
/// constraints, indexes and the order of all of them. Compare it with a literal in a static_assert,
/// and a struct cannot change without somebody thinking of the migration.
template <class... Tables>
inline constexpr hash_text schema_hash = detail::make_schema_hash<Tables...>();

}  // namespace hewn
