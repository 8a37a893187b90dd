// hewn/query/expressions/sort_choices.hpp - the orders among which the users of a program choose.
// SPDX-License-Identifier: BSL-1.0
//
// What comes from outside is compared with names and never becomes SQL.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

template <class... Tables>
class sort_choices;

namespace detail {

/// A name and what it stands for.
struct named_sort {
  std::string_view name{};
  sort_term term{};
};

inline constexpr std::size_t most_sort_choices = 32;

HEWN_RARE HEWN_API std::vector<sort_term> parse_sort(std::span<const named_sort> choices,
                                                     std::string_view text);

template <bool Known>
consteval bool explain_chosen_order() {
  static_assert(Known,
                "hewn: order_by() takes an order by tables that this query does not read; give "
                "its hewn::sort_choices<...> the tables of the query");
  return Known;
}

template <class E, class... Tables>
consteval bool explain_sort_choice() {
  constexpr bool sorts = expression<E>;
  static_assert(sorts,
                "hewn: a choice of an order is a name and a column or expression; write "
                "{\"name\", col<&T::field>}");
  if constexpr (sorts) {
    constexpr bool known = is_within<E, Tables...>();
    static_assert(known,
                  "hewn: the choice of an order names a column of a table that is not in its list; "
                  "add the table to hewn::sort_choices<...>");
    constexpr bool constant = [] {
      for (const sql_piece& p : pieces_of<E>)
        if (is_value(p) || p.what == sql_piece::kind::list || p.what == sql_piece::kind::query)
          return false;
      return true;
    }();
    static_assert(!known || constant,
                  "hewn: the choice of an order holds a value of the program, which it cannot "
                  "bind; sort by columns and functions of columns");
    return known && constant;
  } else {
    return false;
  }
}

template <class E>
struct choice_way {
  using type = E;
  static constexpr bool descending = false;
  static constexpr null_place nulls = null_place::smallest;
};
template <class E>
requires requires { E::is_descending; }
struct choice_way<E> {
  using type = std::remove_cvref_t<decltype(std::declval<E>().expression)>;
  static constexpr bool descending = E::is_descending;
  static constexpr null_place nulls = E::nulls;
};

}  // namespace detail

/// A name that users know and what it sorts by: `{"created", col<&agent::created>}`. With
/// `hewn::desc<&agent::created>` the name alone sorts from the largest, and with a minus from the
/// smallest; `col<&agent::rank>.asc().nulls_last()` keeps NULLs last either way.
template <class... Tables>
struct sort_choice : detail::named_sort {
  constexpr sort_choice() = default;

  template <class E>
  consteval sort_choice(std::string_view known_as, const E&) {
    using by = detail::choice_way<E>;
    this->name = known_as;
    if constexpr (detail::explain_sort_choice<typename by::type, Tables...>())
      this->term = {
          detail::make_sort_way<typename by::type>(
              by::descending, by::nulls,
              detail::is_nullable<typename by::type, detail::joined_source<Tables, false>...>),
          detail::pieces_of<typename by::type>};
  }
};

/// An order that was chosen when the program ran, for order_by(). What the order leaves open the
/// keys of the query's tables decide, so that it is the same each time.
template <class... Tables>
class sort_order {
 public:
  /// No choice: by the keys alone.
  sort_order() = default;

  // ---- for the library

  explicit sort_order(std::vector<detail::sort_term> terms) : terms_(std::move(terms)) {}
  const std::vector<detail::sort_term>& terms() const noexcept { return terms_; }

 private:
  std::vector<detail::sort_term> terms_;
};

/// The columns of `Tables` by which users may sort, at most 32, under the names that users know:
///
///     constexpr hewn::sort_choices<agent> sorts{{"name", col<&agent::name>},
///                                               {"created", col<&agent::created>}};
///     db.all(hewn::from<agent>.order_by(sorts.parse("-created,name")));
template <class... Tables>
class sort_choices {
 public:
  consteval sort_choices(std::initializer_list<sort_choice<Tables...>> choices) {
    for (const sort_choice<Tables...>& choice : choices) all_[count_++] = choice;
  }

  /// The order that a text asks for: names with commas between them, the first being the most
  /// important; a minus before a name turns its direction. An empty text asks for none. Throws:
  /// invalid_data for a name that is not among the choices or comes twice; the message lists the
  /// choices and never holds the text.
  sort_order<Tables...> parse(std::string_view text) const {
    return sort_order<Tables...>(detail::parse_sort({all_.data(), count_}, text));
  }

 private:
  std::array<detail::named_sort, detail::most_sort_choices> all_{};
  std::size_t count_ = 0;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

[[noreturn]] HEWN_COLD inline void fail_sort(std::span<const named_sort> choices,
                                             std::string_view problem) {
  std::string message = "hewn: the order asked for ";
  message += problem;
  for (const named_sort& c : choices) {
    if (&c != choices.data()) message += ", ";
    message += c.name;
  }
  throw error(errc::invalid_data, std::move(message));
}

HEWN_API std::vector<sort_term> parse_sort(std::span<const named_sort> choices,
                                           std::string_view text) {
  std::vector<sort_term> terms;
  std::array<bool, most_sort_choices> taken{};
  bool more = !text.empty();
  while (more) {
    const std::size_t end = text.find(',');
    std::string_view name = text.substr(0, end);
    more = end != text.npos;
    if (more) text.remove_prefix(end + 1);
    const bool turned = name.starts_with('-');
    if (turned) name.remove_prefix(1);
    std::size_t i = 0;
    while (i != choices.size() && choices[i].name != name) ++i;
    if (i == choices.size()) fail_sort(choices, "has a name that is not offered; choose among ");
    if (std::exchange(taken[i], true))
      fail_sort(choices, "has a name twice; choose each once among ");
    terms.push_back(choices[i].term);
    terms.back().descending ^= turned;
  }
  return terms;
}

}  // namespace hewn::detail

#endif
