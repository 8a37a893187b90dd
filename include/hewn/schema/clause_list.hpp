// hewn/schema/clause_list.hpp - the clauses of a table declaration while it is written.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/member.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/exact_number.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Whether a field of type F holds the value that a declaration gives it. Of expressions, texts and
/// types of one's own only the database knows.
template <class F, class Value>
constexpr bool may_be_stored(const Value& value) {
  if constexpr (is_optional<F>) {
    return may_be_stored<unwrapped<F>>(value);
  } else if constexpr (std::is_same_v<F, Value> && stores_label<F>) {
    return !codec<F>::encode(value).empty();
  } else if constexpr (requires { value.count(); }) {
    return may_be_stored<decltype(value.count())>(value.count());
  } else if constexpr (!std::is_arithmetic_v<Value>) {
    return true;
  } else if constexpr (requires {
                         typename F::rep;
                         typename F::period;
                       }) {
    return may_be_stored<typename F::rep>(value);
  } else if constexpr (std::is_arithmetic_v<F>) {
    // Neither database has numbers beyond those of 64 bits with a sign.
    return holds_number<F>(value) &&
           (std::is_floating_point_v<F> || holds_number<std::int64_t>(value));
  } else {
    return true;
  }
}

/// Whether a field may refer to one of `Target` that is of another type.
template <class Own, class Other, class Target>
consteval bool may_refer() {
  if constexpr (is_ref<Own>)
    return std::is_same_v<typename Own::record_type, Target> &&
           std::is_same_v<typename Own::key_type, Other>;
  else
    return is_ref<Other> && std::is_same_v<Own, stored_key<Other>>;
}

/// Whether this is one field, whose type says what it refers to.
template <auto... Members>
consteval bool is_lone_ref() {
  if constexpr (sizeof...(Members) == 1)
    return (is_ref<unwrapped<member_type<Members>>> && ...);
  else
    return false;
}

/// Holds clauses and the text of their expressions, in constant evaluation. Of one fixed size, so
/// that every declaration has the same type.
class clause_list {
 public:
  constexpr clause& new_clause(clause_kind kind) {
    if (size_ == max_clauses) {
      note(declaration_fault::too_many_clauses);
      clauses_[--size_] = clause{};
    }
    clauses_[size_].kind = kind;
    return clauses_[size_++];
  }

  /// A clause about fields: member pointers, or `hewn::desc<&T::field>`.
  template <auto... Parts>
  constexpr clause& add(clause_kind kind) {
    clause& added = new_clause(kind);
    (add_part<Parts>(added), ...);
    return added;
  }

  /// What stands before the names of the columns of a field that is a struct.
  template <auto Member>
  constexpr void add_prefix(std::string_view prefix) {
    clause& added = new_clause(clause_kind::column_prefix);
    added.record = &record_tag<member_record<Member>>;
    added.columns[added.column_count++] = static_cast<std::uint8_t>(column_index<Member>);
    added.low = path_depth<Member>;
    added.text = prefix;
  }

  /// The first half of the members refers to the second half.
  template <auto... Members, std::size_t... I>
  constexpr clause& add_reference(std::index_sequence<I...>) {
    constexpr std::size_t half = sizeof...(I);
    constexpr auto own = member_list<Members...>{};
    clause& added = new_clause(clause_kind::reference);
    (add_part<member_at<I>(own)>(added), ...);
    (add_target<member_at<I>(own), member_at<half + I>(own)>(added, I), ...);
    return added;
  }

  /// A hewn::ref refers to the key of its struct.
  template <auto Member>
  constexpr clause& add_reference_to_key() {
    using target = typename unwrapped<member_type<Member>>::record_type;
    clause& added = add<Member>(clause_kind::reference);
    added.target = &table_info_of<target>;
    added.target_type = signature_of<target>();
    added.target_columns[0] = key_of_target;
    return added;
  }

  /// Keeps the text of an expression for a clause.
  template <class Expression>
  constexpr text_range write(const Expression& expression) {
    const std::size_t begin = text_.size;
    text_.last_field = clauses_[size_ - 1].columns[0];
    write_clause(text_, expression);
    return {static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(text_.size - begin)};
  }

  /// The same of a value for a field of type F.
  template <class F, class Value>
  constexpr text_range write_value(const Value& value) {
    if (!may_be_stored<F>(value)) {
      text_.last_field = clauses_[size_ - 1].columns[0];
      note(declaration_fault::value_outside_field);
    }
    if constexpr (clause_text<Value>)
      return write(value);
    else
      return write(literal_of<Value>{value});
  }

  /// Keeps a value of a list, which ends where it ends. Returns the list with it.
  constexpr text_range keep(text_range list, std::string_view value) {
    if (value.find('\0') != value.npos) note(declaration_fault::nul_in_text);
    text_.text(value);
    return end_value(list);
  }

  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr text_range keep(text_range list, Number value) {
    text_.literal(value);
    return end_value(list);
  }

  /// Where a list of values begins.
  constexpr text_range new_list(const clause& of) {
    text_.last_field = of.columns[0];
    return {static_cast<std::uint16_t>(text_.size), 0};
  }

  constexpr void note(declaration_fault kind) { text_.note(kind); }

  /// What could not be kept.
  constexpr found_fault fault() const { return text_.fault; }

  constexpr std::size_t size() const { return size_; }
  constexpr const clause& operator[](std::size_t i) const { return clauses_[i]; }
  constexpr std::string_view expressions() const { return {text_.text_, text_.size}; }

  constexpr bool names_only(const void* record_tag, std::string_view signature) const {
    for (std::size_t i = 0; i != size_; ++i)
      if (clauses_[i].column_count != 0 && clauses_[i].record != record_tag) return false;
    return text_.record.empty() || (text_.record == signature && !text_.mixes_records);
  }

 private:
  constexpr text_range end_value(text_range list) {
    text_.put('\0');
    list.size = static_cast<std::uint16_t>(text_.size - list.begin);
    return list;
  }

  template <auto Part>
  constexpr void add_part(clause& added) {
    if (added.column_count == max_clause_columns) {
      text_.last_field = added.columns[0];
      return note(declaration_fault::too_many_columns);
    }
    if constexpr (requires { Part.member; }) {  // hewn::desc<&T::field> or hewn::asc<&T::field>
      if (Part.is_descending)
        added.descending |= static_cast<std::uint16_t>(1u << added.column_count);
      added.record = &record_tag<member_record<Part.member>>;
      added.columns[added.column_count++] = static_cast<std::uint8_t>(column_index<Part.member>);
    } else if constexpr (explain_one_column<member_type<Part>>()) {
      added.record = &record_tag<member_record<Part>>;
      added.columns[added.column_count++] = static_cast<std::uint8_t>(column_index<Part>);
    }
  }

  template <auto Own, auto Target>
  static constexpr void add_target(clause& added, std::size_t i) {
    using own = unwrapped<member_type<Own>>;
    using other = unwrapped<member_type<Target>>;
    static_assert(
        std::is_same_v<own, other> || may_refer<own, other, member_record<Target>>(),
        "hewn: a foreign key column must have the type of the column it refers to; change one of "
        "the two fields");
    if (i >= max_clause_columns) return;
    added.target = &table_info_of<member_record<Target>>;
    added.target_type = signature_of<member_record<Target>>();
    added.target_columns[i] = static_cast<std::uint8_t>(column_index<Target>);
  }

  static constexpr std::size_t max_clauses = 48;

  clause clauses_[max_clauses]{};
  std::size_t size_ = 0;
  clause_writer text_{};
};

}  // namespace hewn::detail
