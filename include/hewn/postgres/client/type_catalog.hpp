// hewn/postgres/client/type_catalog.hpp - what one connection has learned of the server's types.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>
#include <hewn/postgres/wire/server_types.hpp>

#include <libpq-fe.h>

#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <charconv>
#  include <cstdlib>
#  include <string>
#  include <string_view>
#  include <utility>
#endif

namespace hewn::postgres::detail {

/// Types that are not built in - enumerations, domains, arrays of them - are asked for once each.
class type_catalog {
 public:
  explicit type_catalog(PGconn* handle) noexcept : handle_(handle) {}

  /// How values of the type are read and written, as far as it is known without asking.
  wire known_wire(Oid type) const noexcept {
    for (const seen_type& t : seen_)
      if (t.type == type) return t.kind;
    return wire_of(type);
  }

  /// What an array of this type holds, as far as it is known without asking.
  element_type known_element(Oid array) const noexcept {
    for (const seen_type& t : seen_)
      if (t.type == array && t.element != 0) return {t.element, known_wire(t.element)};
    return built_in_element(array);
  }

  /// The type that a domain is of in the end, as far as it is known without asking.
  Oid known_base(Oid type) const noexcept {
    for (const seen_type& t : seen_)
      if (t.type == type && t.base != 0) return t.base;
    return type;
  }

  /// The same of what a list of such a type holds.
  Oid known_base_of_values(Oid type) const noexcept {
    const Oid element = known_element(type).type;
    return known_base(element != 0 ? element : type);
  }

  /// The modifier that a domain has for all of its columns; -1: none.
  int known_modifier(Oid type) const noexcept {
    for (const seen_type& t : seen_)
      if (t.type == type) return t.modifier;
    return -1;
  }

  /// How values of the type are read and written; asks the server once per type. `failure`: why it
  /// did not answer, which nobody else would report.
  HEWN_RARE wire find_wire(Oid type, result_ptr& failure);

 private:
  // A type that is made anew has another number, so what was seen once stays true.
  struct seen_type {
    Oid type = 0;
    wire kind = wire::unknown;
    Oid element = 0;
    Oid base = 0;       // of a domain
    int modifier = -1;  // as in pg_attribute.atttypmod
  };

  HEWN_RARE seen_type ask(Oid type, result_ptr& failure);

  static Oid oid_at(const PGresult* r, int column) noexcept;

  PGconn* handle_;
  std::vector<seen_type> seen_;
};

#if HEWN_DEFINES_POSTGRES

HEWN_COLD HEWN_API wire type_catalog::find_wire(Oid type, result_ptr& failure) {
  if (const wire known = known_wire(type); known != wire::unknown || type == 0) return known;
  if (failure) return wire::unknown;
  const seen_type asked = ask(type, failure);
  if (!failure) seen_.push_back(asked);
  return asked.kind;
}

HEWN_COLD HEWN_API type_catalog::seen_type type_catalog::ask(Oid type, result_ptr& failure) {
  const std::string number = std::to_string(type);
  const char* const value = number.c_str();
  result_ptr r(
      PQexecParams(handle_,
                   "SELECT t.typtype, t.typname, t.typbasetype, CASE t.typcategory "
                   "WHEN 'A' THEN t.typelem ELSE 0 END, t.typtypmod FROM pg_catalog.pg_type t "
                   "WHERE t.oid = $1::oid",
                   1, nullptr, &value, nullptr, nullptr, 0));
  seen_type out{.type = type};
  if (PQresultStatus(r.get()) != PGRES_TUPLES_OK) {
    failure = std::move(r);
    return out;
  }
  if (PQntuples(r.get()) != 1) return out;
  const std::string_view sort = PQgetvalue(r.get(), 0, 0);
  if (sort == "e" || std::string_view(PQgetvalue(r.get(), 0, 1)) == "citext") {
    out.kind = wire::text;
  } else if (sort == "d") {
    const Oid base = oid_at(r.get(), 2);
    out.kind = find_wire(base, failure);
    if (out.kind == wire::array) out.element = known_element(base).type;
    out.base = known_base(base);
    out.modifier = std::atoi(PQgetvalue(r.get(), 0, 4));
    if (out.modifier < 0) out.modifier = known_modifier(base);
  } else if (const Oid element = oid_at(r.get(), 3); element != 0) {
    find_wire(element, failure);
    out.kind = wire::array;
    out.element = element;
  }
  return out;
}

HEWN_API Oid type_catalog::oid_at(const PGresult* r, int column) noexcept {
  Oid oid = 0;
  const std::string_view digits = PQgetvalue(r, 0, column);
  std::from_chars(digits.data(), digits.data() + digits.size(), oid);
  return oid;
}

#endif

}  // namespace hewn::postgres::detail
