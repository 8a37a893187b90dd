// hewn/query/select/compound_query.hpp - two queries as one, by a set operation.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/plan/query_data.hpp>
#include <hewn/query/select/query_check.hpp>
#include <hewn/query/select/selected_query.hpp>
#include <hewn/schema/embedded.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// An order by a column of the result, by its number from 1 on.
template <std::size_t Column, bool Descending, null_place Nulls, bool Null>
struct result_order : expression_base {
  using expression = result_order;
  static constexpr sort_way way{Descending, Nulls, Null};

  template <class...>
  static constexpr bool nullable = Null;

  static constexpr void write_pieces(piece_recorder& out) { write_number(out, Column); }

  template <class Binder>
  constexpr void bind(Binder&) const {}

 private:
  static constexpr void write_number(piece_recorder& out, std::size_t number) {
    if (number >= 10) write_number(out, number / 10);
    out.text(std::string_view("0123456789").substr(number % 10, 1));
  }
};

template <class R, class E>
consteval bool explain_result_order() {
  constexpr bool own = requires {
    requires std::is_same_v<typename sorted_by<E>::record, R>;
    requires column_value<unwrapped<typename sorted_by<E>::value>>;
  };
  static_assert(own,
                "hewn: a set operation is sorted by fields of its result; write "
                "col<&result::field> or hewn::desc<&result::field>");
  return own;
}

template <class R, auto Member, bool Descending, null_place Nulls>
using order_by_result =
    result_order<column_index<Member> + 1, Descending, Nulls, is_optional<member_type<Member>>>;

template <class R, auto Member, class Source>
constexpr auto order_of_result(const column<Member, Source>&) {
  return order_by_result<R, Member, false, null_place::smallest>();
}
template <class R, auto Member, bool Descending, null_place Nulls>
constexpr auto order_of_result(const ordering<Member, Descending, Nulls>&) {
  return order_by_result<R, Member, Descending, Nulls>();
}
template <class R, auto Member, class Source, bool Descending, null_place Nulls>
constexpr auto order_of_result(const sort_key<column<Member, Source>, Descending, Nulls>&) {
  return order_by_result<R, Member, Descending, Nulls>();
}

}  // namespace detail

/// Two queries as one, which can be sorted by fields of the result and cut.
template <class R, class Data, class Form>
class compound_query : public selected_query<R, Data, false, Form> {
  using base = selected_query<R, Data, false, Form>;

 public:
  using base::base;

  /// Sorts by fields of the result: `col<&result::field>`, `hewn::desc<&result::field>`.
  template <class... E>
  constexpr auto order_by(const E&... e) const {
    if constexpr (detail::explain_sorting<E...>() && (detail::explain_result_order<R, E>() && ...))
      return next<detail::query_word::order_by>(detail::order_of_result<R>(e)...);
    else
      return *this;
  }

  /// At most `count` rows. Negative counts are an error when the query runs.
  constexpr auto limit(std::int64_t count) const {
    return next<detail::query_word::limit>(detail::row_count(count));
  }

  /// Without the first `count` rows.
  constexpr auto offset(std::int64_t count) const {
    return next<detail::query_word::offset>(detail::row_count(count));
  }

 private:
  template <detail::query_word Word, class... E>
  constexpr auto next(const E&... e) const {
    constexpr const detail::query_step& step = detail::step_of<Word, nullptr, E...>;
    using longer = typename Form::template next<detail::mix(Form::id, step)>;
    const auto data = detail::with_step<Word>(this->data(), e...);
    return compound_query<R, std::remove_const_t<decltype(data)>, longer>(
        data, {}, &detail::slot_of_id<longer::id>);
  }
};

template <class R, class Data, bool Dynamic, class Form>
template <detail::query_word Word, class Query>
constexpr auto selected_query<R, Data, Dynamic, Form>::combined(const Query& other) const {
  if constexpr (!detail::explain_nested<selected_query>() || !detail::explain_nested<Query>()) {
    return *this;
  } else if constexpr (!detail::explain_same_rows<R, typename Query::row_type>()) {
    return *this;
  } else {
    using detail::query_word;
    const auto left = this->template nested<&detail::write_side_query>();
    const auto right = other.template nested<&detail::write_side_query>();
    using left_type = std::remove_const_t<decltype(left)>;
    using right_type = std::remove_const_t<decltype(right)>;
    constexpr const detail::query_step& first =
        detail::step_of<query_word::operand, nullptr, left_type>;
    constexpr const detail::query_step& second = detail::step_of<Word, nullptr, right_type>;
    using joint =
        typename Form::template both<detail::mix(detail::mix(detail::query_id(), first), second),
                                     typename Query::form>;
    const auto start = detail::with_step<query_word::operand>(detail::query_data<0, 0, 0>{}, left);
    const auto data = detail::with_step<Word>(start, right);
    return compound_query<R, std::remove_const_t<decltype(data)>, joint>(
        data, {}, &detail::slot_of_id<joint::id>);
  }
}

}  // namespace hewn
