// hewn/query/inspect/named_query.hpp - queries as constants with a name, parameters and a result.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/fixed_string.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/inspect/changed_rows.hpp>
#include <hewn/query/inspect/inspected.hpp>
#include <hewn/query/type_erasure/run_returning.hpp>
#include <hewn/schema/codec.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// What a named query does with its rows, in sqlc's words.
enum class query_use : std::uint8_t { many, one, optional, exec };

template <class... P>
struct parameter_list {};

template <class F>
struct signature_of_function;
template <class R, class C, class... P>
struct signature_of_function<R (C::*)(P...) const> {
  using parameters = parameter_list<P...>;
};
template <class R, class C, class... P>
struct signature_of_function<R (C::*)(P...) const noexcept> {
  using parameters = parameter_list<P...>;
};

/// Whether the types of its parameters are known before it is called.
template <class F>
concept has_signature = requires {
  typename signature_of_function<decltype(&F::operator())>::parameters;
};

/// A text that ends with the function to which it is passed.
template <class P>
inline constexpr bool owns_text = !std::is_reference_v<P> && std::is_class_v<unwrapped<P>> &&
                                  std::is_convertible_v<const unwrapped<P>&, std::string_view> &&
                                  !std::same_as<unwrapped<P>, std::string_view>;

/// A value of no meaning.
template <class T>
T example_value() {
  if constexpr (std::is_pointer_v<T>)
    return "";
  else
    return T{};
}

template <class P>
concept has_example =
    std::default_initializable<std::remove_cvref_t<P>> || std::same_as < std::remove_cvref_t<P>,
const char* > ;

/// What a misuse of a name becomes, so that no second error follows from it.
struct no_named_query {
  static constexpr std::string_view name() { return {}; }
  template <class Use>
  void with_example(Use) const {}
  template <class... Values>
  constexpr std::int64_t operator()(const Values&...) const {
    return 0;
  }
};

template <query_use Use, class Query>
consteval bool explain_named_result() {
  if constexpr (Use == query_use::exec && is_row_return<Query>) {
    static_assert(sizeof(Query) == 0,
                  "hewn: the function of hewn::exec returns a change that returns rows; name it by "
                  "hewn::many, hewn::one or hewn::optional, or leave returning() out");
    return false;
  } else if constexpr (Use == query_use::exec) {
    constexpr bool changes = changes_rows<Query>;
    static_assert(changes,
                  "hewn: the function of hewn::exec returns what changes rows; return "
                  "hewn::update_of(query, ...), hewn::remove_of(query) or "
                  "hewn::insert_from_of<...>(query)");
    return changes;
  } else {
    constexpr bool reads =
        rows_query<Query> || result_query<Query> || locks_rows<Query> || is_row_return<Query>;
    static_assert(reads,
                  "hewn: the function of a named query returns a query; return hewn::from<T>..., "
                  "and end a query over several tables with select()");
    return reads;
  }
}

template <class... P>
consteval bool explain_named_parameters() {
  constexpr bool lives = !(owns_text<P> || ...);
  static_assert(lives,
                "hewn: a text parameter of a named query would end before the query runs; take "
                "std::string_view, or a reference to const");
  constexpr bool examples = !lives || (has_example<P> && ...);
  static_assert(examples,
                "hewn: a parameter of a named query has no value by default, which hewn::verify() "
                "gives it; take a type that has one");
  return lives && examples;
}

template <query_use Use, class R>
struct named_result {
  using type = std::int64_t;
};
template <class R>
struct named_result<query_use::many, R> {
  using type = std::vector<R>;
};
template <class R>
struct named_result<query_use::one, R> {
  using type = R;
};
template <class R>
struct named_result<query_use::optional, R> {
  using type = std::optional<R>;
};

}  // namespace detail

/// A query that a function makes of its parameters. Call it with a session and their values.
template <fixed_string Name, detail::query_use Use, class Make, class... P>
class named_query {
  using statement_type = std::remove_cvref_t<std::invoke_result_t<const Make&, P...>>;

 public:
  using record_type = typename statement_type::record_type;
  /// Of a call: a vector of rows, a row, a row or nothing, or the number of changed rows.
  using result_type = typename detail::named_result<Use, record_type>::type;
  using parameter_types = std::tuple<std::remove_cvref_t<P>...>;

  static constexpr std::string_view name() { return Name.view(); }

  /// Runs it. Throws: as the verb `all`, `one`, `first`, `update` or `remove`. Of a change with
  /// returning(), hewn::one throws not_found, and hewn::one and hewn::optional throw usage where it
  /// returns more than one row; nothing is changed then.
  template <class Session>
  result_type operator()(const Session& db, P... values,
                         call_site site = call_site::current()) const {
    const auto statement = make_(std::forward<P>(values)...);
    if constexpr (detail::is_row_return<statement_type>)
      return run_change(db, statement, site);
    else if constexpr (Use == detail::query_use::many)
      return db.all(statement, site);
    else if constexpr (Use == detail::query_use::one)
      return db.one(statement, site);
    else if constexpr (Use == detail::query_use::optional)
      return db.first(statement, site);
    else
      return statement.run(db, site);
  }

  /// The query with these values, for the other verbs and for explain(). Lifetime: refers to texts
  /// as the function does.
  constexpr auto with(P... values) const { return make_(std::forward<P>(values)...); }

  // ---- for the library

  constexpr explicit named_query(Make make) : make_(std::move(make)) {}

  /// Calls `use` with the query of default values.
  template <class Visit>
  void with_example(Visit use) const {
    const std::tuple<std::remove_cvref_t<P>...> values{
        detail::example_value<std::remove_cvref_t<P>>()...};
    std::apply([&](const auto&... value) { use(make_(static_cast<P>(value)...)); }, values);
  }

 private:
  template <class Session>
  static result_type run_change(const Session& db, const statement_type& change, call_site site) {
    using demand = detail::row_demand;
    if constexpr (Use == detail::query_use::many) {
      result_type rows;
      change.run(db, demand::any, &rows, site);
      return rows;
    } else {
      constexpr bool one = Use == detail::query_use::one;
      record_type row{};
      const bool found = change.run(db, one ? demand::one : demand::at_most_one, &row, site);
      if constexpr (one)
        return static_cast<void>(found), row;
      else
        return found ? result_type(std::move(row)) : result_type();
    }
  }

  [[no_unique_address]] Make make_;
};

/// The same of raw SQL with the types of its rows and parameters.
template <fixed_string Name, detail::query_use Use, class R, class Sql, class... P>
class named_sql {
 public:
  using record_type = R;
  using result_type = typename detail::named_result<Use, R>::type;
  using parameter_types = std::tuple<P...>;
  using raw_result = R;  // void: there is none

  static constexpr std::string_view name() { return Name.view(); }

  /// Runs it. Throws: as the verb `all`, `one`, `first` or `execute`.
  template <class Session>
  result_type operator()(const Session& db, const P&... values,
                         call_site site = call_site::current()) const {
    const detail::raw_statement<sizeof...(P)> statement(Sql{}, site);
    if constexpr (Use == detail::query_use::many)
      return db.template all<R>(statement, values...);
    else if constexpr (Use == detail::query_use::one)
      return db.template one<R>(statement, values...);
    else if constexpr (Use == detail::query_use::optional)
      return db.template first<R>(statement, values...);
    else
      return db.execute(statement, values...);
  }

  /// The statement with these values, for explain(). Lifetime: refers to the values.
  auto with(const P&... values, call_site site = call_site::current()) const {
    return detail::raw_call<P...>{{Sql{}, site}, {values...}};
  }

  // ---- for the library

  template <class Visit>
  void with_example(Visit use) const {
    const std::tuple<P...> values{detail::example_value<P>()...};
    std::apply([&](const auto&... value) { use(with(value...)); }, values);
  }
};

namespace detail {

template <fixed_string Name, query_use Use, class Make, class... P>
constexpr auto make_named(const Make& make, parameter_list<P...>) {
  if constexpr (!explain_named_parameters<P...>())
    return no_named_query{};
  else if constexpr (!explain_named_result<
                         Use, std::remove_cvref_t<std::invoke_result_t<const Make&, P...>>>())
    return no_named_query{};
  else
    return named_query<Name, Use, Make, P...>(make);
}

template <fixed_string Name, query_use Use, class Make>
constexpr auto name_query(const Make& make) {
  constexpr bool typed = has_signature<Make>;
  static_assert(typed,
                "hewn: a named query has the parameters of its function, so these need types; "
                "write [](std::int64_t id) { return ...; } with a type for each");
  if constexpr (typed)
    return make_named<Name, Use>(
        make, typename signature_of_function<decltype(&Make::operator())>::parameters{});
  else
    return no_named_query{};
}

template <class S>
concept literal_statement = is_sql_literal<S>;

}  // namespace detail

/// A query with a name whose call returns all rows, as a constant:
/// `inline constexpr auto agents_of = hewn::many<"agents_of">([](std::int64_t environment) {
///    return hewn::from<agent>.where(hewn::col<&agent::environment_id> == environment); });`
/// and `agents_of(db, 5)`. Of raw SQL: `hewn::many<"recent", run, std::int64_t>(hewn::sql<"...">)`.
template <fixed_string Name, class Make>
requires(!detail::literal_statement<Make>) constexpr auto many(const Make& make) {
  return detail::name_query<Name, detail::query_use::many>(make);
}
template <fixed_string Name, class R, class... P, detail::literal_statement Sql>
constexpr auto many(Sql) {
  return named_sql<Name, detail::query_use::many, R, Sql, P...>();
}

/// The same of the only row. Its call throws not_found when there is none, usage when there are
/// more.
template <fixed_string Name, class Make>
requires(!detail::literal_statement<Make>) constexpr auto one(const Make& make) {
  return detail::name_query<Name, detail::query_use::one>(make);
}
template <fixed_string Name, class R, class... P, detail::literal_statement Sql>
constexpr auto one(Sql) {
  return named_sql<Name, detail::query_use::one, R, Sql, P...>();
}

/// The same of the first row, or nothing.
template <fixed_string Name, class Make>
requires(!detail::literal_statement<Make>) constexpr auto optional(const Make& make) {
  return detail::name_query<Name, detail::query_use::optional>(make);
}
template <fixed_string Name, class R, class... P, detail::literal_statement Sql>
constexpr auto optional(Sql) {
  return named_sql<Name, detail::query_use::optional, R, Sql, P...>();
}

/// A statement with a name whose call changes rows and returns their number. Its function returns
/// hewn::update_of(), hewn::remove_of() or hewn::insert_from_of<>() without returning(); of raw
/// SQL: `hewn::exec<"touch", std::int64_t>(hewn::sql<"UPDATE ...">)`.
template <fixed_string Name, class Make>
requires(!detail::literal_statement<Make>) constexpr auto exec(const Make& make) {
  return detail::name_query<Name, detail::query_use::exec>(make);
}
template <fixed_string Name, class... P, detail::literal_statement Sql>
constexpr auto exec(Sql) {
  return named_sql<Name, detail::query_use::exec, void, Sql, P...>();
}

}  // namespace hewn
