// hewn/schema/declared_table.hpp - what a declaration has said, for the library to read.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/clause_list.hpp>
#include <hewn/schema/declaration_mistakes.hpp>
#include <hewn/schema/terms.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace hewn::detail {

/// The clauses that table_spec has added. From here the declaration becomes a model.
class declared_table {
 public:
  constexpr explicit declared_table(std::string_view table_name) : name_(table_name) {}

  constexpr std::string_view table_name() const { return name_; }
  constexpr bool is_strict() const { return strict_; }
  constexpr bool is_without_rowid() const { return without_rowid_; }
  constexpr std::size_t clause_count() const { return clauses_.size(); }
  constexpr const clause& clause_at(std::size_t i) const { return clauses_[i]; }
  /// The expressions of all clauses; a clause refers to its own by a range.
  constexpr std::string_view expressions() const { return clauses_.expressions(); }
  /// The first thing that could not be kept as it was written.
  constexpr found_fault fault() const { return clauses_.fault(); }

  /// Whether every clause names fields of the record with this tag and signature only.
  constexpr bool names_only(const void* record_tag, std::string_view signature) const {
    return clauses_.names_only(record_tag, signature);
  }

  constexpr void rename(std::string_view table_name) { name_ = table_name; }

 protected:
  template <class Expression>
  constexpr text_range write(const Expression& expression) {
    if constexpr (!explain_expression<Expression>())
      return {};
    else if constexpr (std::is_convertible_v<const Expression&, std::string_view>)
      return clauses_.write(raw(expression));
    else
      return clauses_.write(expression);
  }

  constexpr void option(clause& added, const hewn::name& wanted) { added.text = wanted.text; }

  template <class Condition>
  constexpr void option(clause& added, const where_option<Condition>& where) {
    added.where = write(where.condition);
  }

  template <class Other>
  constexpr void option(clause&, const Other&) {
    refuse_parameter<Other>();
  }

  std::string_view name_;
  clause_list clauses_{};
  bool strict_ = false;
  bool without_rowid_ = false;
};

}  // namespace hewn::detail
