// hewn/query/expressions/condition.hpp - a condition that is put together at run time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// A value of a run-time condition, owned.
struct condition_value {
  enum class kind : std::uint8_t {
    null,
    integer,
    boolean,
    real,
    text,
    blob,
    instant,
    day,
    uuid,
    list,
    vector
  };

  kind what = kind::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string text{};
  bytes blob{};
  uuid_bytes uuid{};

  template <class Statement>
  void bind(Statement& s, int i, bool copy) const {
    switch (what) {
      case kind::null:
        return s.bind_null(i);
      case kind::integer:
        return s.bind(i, integer);
      case kind::boolean:
        return s.bind(i, integer != 0);
      case kind::real:
        return s.bind(i, real);
      case kind::list:
        return bind_list(s, i, text, copy);
      case kind::vector:
        return bind_vector(s, i, text, copy);
      case kind::text:
        return s.bind(i, std::string_view(text), copy);
      case kind::blob:
        return s.bind(i, bytes_view(blob), copy);
      case kind::instant:
        return s.bind(i, timestamp(std::chrono::microseconds(integer)));
      case kind::day:
        return s.bind(i, date(std::chrono::days(integer)));
      case kind::uuid:
        return s.bind(i, uuid);
    }
  }
};

/// Keeps one bound value: a statement to bind_field.
struct value_collector {
  condition_value& out;
  using kind = condition_value::kind;

  void bind_null(int) {}
  void bind(int, std::int64_t v) { out.what = kind::integer, out.integer = v; }
  void bind(int, bool v) { out.what = kind::boolean, out.integer = v; }
  void bind(int, double v) { out.what = kind::real, out.real = v; }
  void bind(int, std::string_view v, bool) { out.what = kind::text, out.text = v; }
  void bind(int, bytes_view v, bool);
  void bind(int, timestamp v) {
    out.what = kind::instant, out.integer = v.time_since_epoch().count();
  }
  void bind(int, date v) { out.what = kind::day, out.integer = v.time_since_epoch().count(); }
  void bind(int, const uuid_bytes& v) { out.what = kind::uuid, out.uuid = v; }
  void bind_array_text(int, std::string_view v);
  void bind_list(int, std::string_view v);
  void refuse(int, value_problem p);
};

/// The text and values of a run-time condition as plain data.
struct condition_parts {
  std::vector<sql_piece> pieces;
  std::vector<condition_value> values;
  std::vector<const query_step*> steps;  // of the queries in it

  // Declared, so that the vectors are compiled once.
  condition_parts() noexcept;
  condition_parts(const condition_parts& other);
  condition_parts(condition_parts&& other) noexcept;
  condition_parts& operator=(const condition_parts& other);
  condition_parts& operator=(condition_parts&& other) noexcept;
  ~condition_parts();

  bool empty() const noexcept { return pieces.empty(); }

  void text(std::string_view s);

  /// Adds an expression that is nothing but its pieces and values.
  void add(std::span<const sql_piece> more);

  // As a binder, so that the values of an expression can be taken out of it.
  template <class F>
  void value(const F& v) {
    value_collector collector{add_value()};
    bind_field(collector, 1, v, false);
  }
  condition_value& add_value();
  void refuse(value_problem p);
  void list(std::string_view json);
  template <class Data>
  void query(const Data& data) {
    add_query(data.plan(nullptr));
  }

  // `Plan`: of query/select.
  template <class Plan>
  void add_query(const Plan& plan) {
    for (const query_step* step : plan.steps) steps.push_back(step);
    for (const auto& v : plan.values) add_held(v, plan.texts);
  }
  void add_held(const held_value& v, const std::string* texts);
};

/// Makes the opposite of a condition that is not empty.
HEWN_API void negate(condition_parts& c);

HEWN_API void join(condition_parts& left, std::string_view between, condition_parts right);

}  // namespace detail

/// A condition over columns of `Tables` that is built step by step:
///
///     hewn::condition<agent> w;
///     if (name) w = w && col<&agent::name> == *name;
///
/// An empty condition restricts nothing: joined with another by && or || it is that other. Owns its
/// values. A query with one is found by its text, so it costs more than a query without.
template <class... Tables>
class condition : public detail::expression_base {
 public:
  static constexpr bool is_dynamic = true;
  static constexpr bool is_condition = true;

  condition() = default;

  /// Takes a typed expression apart. Only columns of `Tables` compile.
  template <detail::expression E>
  requires(!std::derived_from<std::remove_cvref_t<E>, condition>) condition(const E& e) {
    static_assert(detail::is_within<E, Tables...>(),
                  "hewn: the condition names a column of a table that is not in its list; add the "
                  "table to hewn::condition<...>");
    if constexpr (requires { e.parts(); }) {
      parts_ = e.parts();
    } else if constexpr (detail::explain_rows<E>()) {
      parts_.add(detail::pieces_of<E>);
      e.bind(parts_);
    }
  }

  bool empty() const noexcept { return parts_.empty(); }
  const detail::condition_parts& parts() const noexcept { return parts_; }

  template <detail::expression E>
  friend condition operator&&(condition l, const E& r) {
    detail::join(l.parts_, " AND ", condition(r).parts_);
    return l;
  }
  template <detail::expression E>
  friend condition operator||(condition l, const E& r) {
    detail::join(l.parts_, " OR ", condition(r).parts_);
    return l;
  }

  template <detail::static_expression E>
  friend condition operator&&(const E& l, condition r) {
    return condition(l) && r;
  }
  template <detail::static_expression E>
  friend condition operator||(const E& l, condition r) {
    return condition(l) || r;
  }
  /// The negation of an empty condition is empty as well: there is nothing to negate.
  friend condition operator!(condition c) {
    if (!c.empty()) detail::negate(c.parts_);
    return c;
  }

  // ---- for the library

  template <class... Visible>
  static consteval bool within() {
    return (detail::one_of<Tables, Visible...> && ...);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    for (const auto& value : parts_.values)
      value.bind(binder.statement, ++binder.parameters, binder.copy);
  }

 private:
  detail::condition_parts parts_;
};

}  // namespace hewn

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void value_collector::bind(int, bytes_view v, bool) {
  out.what = kind::blob;
  out.blob.assign(v.begin(), v.end());
}

HEWN_API void value_collector::bind_array_text(int, std::string_view v) {
  out.what = kind::vector, out.text = v;
}

HEWN_API void value_collector::bind_list(int, std::string_view v) {
  out.what = kind::list, out.text = v;
}

HEWN_API void value_collector::refuse(int, value_problem p) {
  throw error(errc::invalid_data, "hewn: a value of a condition " + std::string(describe(p)));
}

HEWN_API condition_parts::condition_parts() noexcept = default;
HEWN_API condition_parts::condition_parts(const condition_parts&) = default;
HEWN_API condition_parts::condition_parts(condition_parts&&) noexcept = default;
HEWN_API condition_parts& condition_parts::operator=(const condition_parts&) = default;
HEWN_API condition_parts& condition_parts::operator=(condition_parts&&) noexcept = default;
HEWN_API condition_parts::~condition_parts() = default;

HEWN_API void condition_parts::text(std::string_view s) { pieces.push_back({.text = s}); }

HEWN_API void condition_parts::add(std::span<const sql_piece> more) {
  for (const sql_piece& t : more) pieces.push_back(t);
}

HEWN_API void condition_parts::refuse(value_problem p) {
  value_collector{add_value()}.refuse(1, p);
}

HEWN_API condition_value& condition_parts::add_value() { return values.emplace_back(); }

HEWN_API void condition_parts::list(std::string_view json) {
  value_collector{add_value()}.bind_list(1, json);
}

HEWN_API void condition_parts::add_held(const held_value& v, const std::string* texts) {
  value_collector collector{add_value()};
  v.bind(collector, 1, texts, false);
}

HEWN_API void negate(condition_parts& c) {
  condition_parts negated;
  negated.text("NOT (");
  negated.add(c.pieces);
  negated.text(")");
  negated.values = std::move(c.values);
  negated.steps = std::move(c.steps);
  c = std::move(negated);
}

HEWN_API void join(condition_parts& left, std::string_view between, condition_parts right) {
  if (right.empty()) return;
  if (left.empty()) {
    left = std::move(right);
    return;
  }
  condition_parts both;
  both.text("(");
  const auto append = [&both](condition_parts& part) {
    both.add(part.pieces);
    for (const query_step* step : part.steps) both.steps.push_back(step);
    for (auto& v : part.values) both.values.push_back(std::move(v));
  };
  append(left);
  both.text(between);
  append(right);
  both.text(")");
  left = std::move(both);
}

}  // namespace hewn::detail

#endif
