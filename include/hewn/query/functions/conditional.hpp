// hewn/query/functions/conditional.hpp - one of several values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/typed_value.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class F>
consteval bool explain_common() {
  constexpr bool common = !std::is_void_v<F>;
  static_assert(common,
                "hewn: one expression would have values of unlike types; give all of them one "
                "type, or convert some by hewn::cast<>()");
  return common;
}

template <class C>
consteval bool explain_when() {
  constexpr bool condition = static_expression<C> && is_truth<C>;
  static_assert(condition,
                "hewn: when() takes a condition and then a value; compare a column with something");
  return condition;
}

/// A program's CASE ends in one of these two.
struct no_else {
  template <class F>
  static constexpr void write(piece_recorder&) {}
  template <class Binder>
  constexpr void bind(Binder&) const {}
  template <class...>
  static constexpr bool nullable = true;
};

template <class E>
struct case_else {
  [[no_unique_address]] E result;

  template <class F>
  static constexpr void write(piece_recorder& out) {
    out.text(" ELSE ");
    write_as<F, E>(out);
  }
  template <class Binder>
  constexpr void bind(Binder& binder) const {
    result.bind(binder);
  }
  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;
};

/// A CASE: its branches, and what is left.
template <class F, class Branches, class Else>
struct case_expression : value_expression<case_expression<F, Branches, Else>, F> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] Branches branches;
  [[no_unique_address]] Else otherwise;

  constexpr case_expression(Branches b, Else e) : branches(std::move(b)), otherwise(std::move(e)) {}

  template <class... Outer>
  static constexpr bool nullable =
      Branches::template nullable<Outer...> || Else::template nullable<Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("CASE");
    Branches::template write<F>(out);
    Else::template write<F>(out);
    out.text(" END");
    out.put(sql_piece::kind::computed);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    branches.bind(binder);
    otherwise.bind(binder);
  }
};

struct no_branch {
  template <class... Values>
  using common = typename common_of<Values...>::type;
  template <class...>
  static constexpr bool nullable = false;
  template <class F>
  static constexpr void write(piece_recorder&) {}
  template <class Binder>
  constexpr void bind(Binder&) const {}
};

}  // namespace detail

/// A CASE that is still without its end: see when().
template <class Before, class Condition, class Result>
class case_branches {
 public:
  static constexpr bool is_open_case = true;

  /// The value where none of the conditions before is true and this one is.
  template <class C, class V>
  constexpr auto when(C&& condition, V&& value) const {
    if constexpr (detail::explain_when<std::remove_cvref_t<C>>()) {
      auto result = detail::as_expression(std::forward<V>(value));
      return case_branches<case_branches, std::remove_cvref_t<C>, decltype(result)>(
          *this, std::forward<C>(condition), std::move(result));
    } else {
      return *this;
    }
  }

  /// Ends it with the value where no condition is true.
  template <class V>
  constexpr auto otherwise(V&& value) const {
    auto result = detail::as_expression(std::forward<V>(value));
    using last = decltype(result);
    return ended<common<detail::plain_value<last>>>(detail::case_else<last>{std::move(result)});
  }

  /// Ends it: NULL where no condition is true.
  constexpr auto end() const { return ended<common<>>(detail::no_else{}); }

  // ---- for the library

  constexpr case_branches(Before before, Condition condition, Result result)
      : before_(std::move(before)), condition_(std::move(condition)), result_(std::move(result)) {}

  constexpr const Before& before() const { return before_; }
  constexpr const Condition& condition() const { return condition_; }
  constexpr const Result& result() const { return result_; }

  /// The type of all results and of these.
  template <class... Values>
  using common = typename Before::template common<detail::plain_value<Result>, Values...>;

  template <class... Outer>
  static constexpr bool nullable =
      Before::template nullable<Outer...> || detail::is_nullable<Result, Outer...>;

  template <class F>
  static constexpr void write(detail::piece_recorder& out) {
    Before::template write<F>(out);
    out.text(" WHEN ");
    const std::size_t start = out.size;
    Condition::write_pieces(out);
    out.settle_nulls(start);
    out.text(" THEN ");
    detail::write_as<F, Result>(out);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    before_.bind(binder);
    condition_.bind(binder);
    result_.bind(binder);
  }

 private:
  template <class F, class Else>
  constexpr auto ended(Else otherwise) const {
    if constexpr (detail::explain_common<F>())
      return detail::case_expression<F, case_branches, Else>(*this, std::move(otherwise));
    else
      return result_;
  }

  [[no_unique_address]] Before before_;
  [[no_unique_address]] Condition condition_;
  [[no_unique_address]] Result result_;
};

namespace detail {

template <class F, class... E>
struct coalesced : value_expression<coalesced<F, E...>, F> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] operand_list<0, E...> operands;

  constexpr explicit coalesced(E... e) : operands(std::move(e)...) {}

  template <class... Outer>
  static constexpr bool nullable = (is_nullable<E, Outer...> && ...);

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.size;
    bool certain = false;
    bool first = true;
    (write<E>(out, first, certain), ...);
    out.text(")");
    if (certain) out.settle_nulls(start);
    out.put(sql_piece::kind::computed);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    operands.bind_all(binder);
  }

 private:
  template <class Operand>
  static constexpr void write(piece_recorder& out, bool& first, bool& certain) {
    out.text(first ? "COALESCE(" : ", ");
    first = false;
    const std::size_t start = out.size;
    write_as<F, Operand>(out);
    certain |= !is_nullable<Operand> && !out.has_null_of_none(start);
  }
};

struct nullif_form {
  static constexpr std::string_view sqlite = "NULLIF(#1, #2)", postgres = sqlite;
  static constexpr bool can_be_null = true;
};

template <class E>
consteval bool explain_first() {
  constexpr bool ended = explain_ended<std::remove_cvref_t<E>>();
  constexpr bool first = !ended || expression<E>;
  static_assert(first,
                "hewn: coalesce() and nullif() begin with an expression; put values of the program "
                "behind it");
  return ended && first;
}

/// `E` in the type F.
template <class F, class E>
struct converted : value_expression<converted<F, E>, F> {
  static constexpr bool is_wide = true;

  [[no_unique_address]] E inner;

  constexpr explicit converted(E e) : inner(std::move(e)) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) { write_as<F, E>(out); }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

template <class F, class... E>
constexpr auto make_coalesced(E... e) {
  return coalesced<F, E...>(std::move(e)...);
}

// ---- conversions, by what is given and what is wanted

struct integer_to_text {
  static constexpr std::string_view sqlite = "CAST(#1 AS TEXT)", postgres = "CAST(#1 AS text)";
};
struct label_to_text {
  static constexpr std::string_view sqlite = "#1", postgres = "CAST(#1 AS text)";
};
struct truth_to_integer {
  static constexpr std::string_view sqlite = "CAST(#1 AS INTEGER)",
                                    postgres = "CAST(CAST(#1 AS integer) AS bigint)";
};
struct integer_to_truth {
  static constexpr std::string_view sqlite = "(#1 <> 0)", postgres = sqlite;
};
// SQLite takes the nearest integer that it has for a number that is beyond all of them; so it is
// made to overflow there, as PostgreSQL does.
struct real_to_integer {
  static constexpr std::string_view
      sqlite =
          "CASE WHEN #1 BETWEEN -9223372036854775808.0 AND 9223372036854774784.0 THEN CAST(#1 "
          "AS INTEGER) ELSE abs(-9223372036854775807 - (abs(#1) >= 0.0)) END",
      postgres = "CAST(CASE WHEN #1 < 0 THEN ceil(#1) ELSE floor(#1) END AS bigint)";
};

template <class To, class From>
consteval auto conversion() {
  if constexpr (std::is_same_v<To, std::string> && std::is_same_v<From, std::int64_t>)
    return integer_to_text();
  else if constexpr (std::is_same_v<To, std::string> && stores_label<From>)
    return label_to_text();
  else if constexpr (std::is_same_v<To, std::int64_t> && std::is_same_v<From, bool>)
    return truth_to_integer();
  else if constexpr (std::is_same_v<To, std::int64_t> && std::is_same_v<From, double>)
    return real_to_integer();
  else if constexpr (std::is_same_v<To, bool> && std::is_same_v<From, std::int64_t>)
    return integer_to_truth();
}

template <class To, class From>
inline constexpr bool converts = !std::is_void_v<decltype(conversion<To, From>())>;

template <class To, class From>
consteval bool explain_cast() {
  constexpr bool known = std::is_same_v<To, From> ||
                         (std::is_same_v<To, double> && std::is_same_v<From, std::int64_t>) ||
                         converts<To, From>;
  static_assert(
      known,
      "hewn: this cast has no one meaning on all databases; cast<>() makes std::int64_t of "
      "double and bool, double and bool of integers, and std::string of integers and "
      "enumerations");
  return known;
}

}  // namespace detail

/// CASE: `hewn::when(condition, value).when(condition, value).otherwise(value)`. The value behind
/// the first condition that is true; a condition that is NULL is not. The values are of one type;
/// integers beside real numbers become real. With `.end()` in the place of `.otherwise(value)` it
/// is NULL where no condition is true.
template <class C, class V>
constexpr auto when(C&& condition, V&& value) {
  auto result = detail::as_expression(std::forward<V>(value));
  using result_type = decltype(result);
  if constexpr (detail::explain_when<std::remove_cvref_t<C>>())
    return case_branches<detail::no_branch, std::remove_cvref_t<C>, result_type>(
        {}, std::forward<C>(condition), std::move(result));
  else
    return case_branches<detail::no_branch, detail::typed_value<bool, bool>, result_type>(
        {}, detail::typed_value<bool, bool>(false), std::move(result));
}

/// The first operand that is not NULL: `hewn::coalesce(col<&T::field>, 0)`. NULL only where all can
/// be. The types are as in when().
template <class A, class B, class... More>
constexpr auto coalesce(A&& a, B&& b, More&&... more) {
  if constexpr (!detail::explain_first<A>()) {
    return detail::as_expression(std::forward<B>(b));
  } else {
    using type = typename detail::common_of<
        detail::plain_value<decltype(detail::as_expression(std::forward<A>(a)))>,
        detail::plain_value<decltype(detail::as_expression(std::forward<B>(b)))>,
        detail::plain_value<decltype(detail::as_expression(std::forward<More>(more)))>...>::type;
    if constexpr (detail::explain_common<type>())
      return detail::make_coalesced<type>(detail::as_expression(std::forward<A>(a)),
                                          detail::as_expression(std::forward<B>(b)),
                                          detail::as_expression(std::forward<More>(more))...);
    else
      return detail::as_expression(std::forward<A>(a));
  }
}

/// NULL where the two are equal, otherwise the first.
template <class A, class B>
constexpr auto nullif(A&& a, B&& b) {
  if constexpr (!detail::explain_first<A>()) {
    return detail::as_expression(std::forward<B>(b));
  } else {
    auto first = detail::as_expression(std::forward<A>(a));
    auto second = detail::as_expression(std::forward<B>(b));
    using left = decltype(first);
    using right = decltype(second);
    using type = detail::plain_value<left>;
    using common = typename detail::common_of<type, detail::plain_value<right>>::type;
    if constexpr (detail::explain_common<common>())
      return detail::function_call<detail::nullif_form, type, detail::converted<type, left>, right>(
          detail::converted<type, left>(std::move(first)), std::move(second));
    else
      return first;
  }
}

/// The value in another type:
/// - double of an integer: the nearest;
/// - std::int64_t of a real number: without its fraction, an error with code invalid_data where
///   there is no such integer;
/// - std::int64_t of a bool: 1 or 0; bool of an integer: whether it is not 0;
/// - std::string of an integer: its decimal digits; of an enumeration: its label.
/// Texts become no numbers, because each database reads other texts as numbers; nor real numbers
/// texts, which each writes differently.
template <class To, class E>
constexpr auto cast(E&& e) {
  auto given = detail::as_expression(std::forward<E>(e));
  using from = decltype(given);
  using type = detail::plain_value<from>;
  if constexpr (!detail::explain_cast<To, type>())
    return given;
  else if constexpr (detail::converts<To, type>)
    return detail::function_call<decltype(detail::conversion<To, type>()), To, from>(
        std::move(given));
  else
    return detail::converted<To, from>(std::move(given));
}

}  // namespace hewn
