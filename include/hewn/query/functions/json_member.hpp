// hewn/query/functions/json_member.hpp - how each database looks into JSON.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite's paths cannot name every member: one with a quotation mark in it has none. So members are
// looked up by json_each(), whose names are compared as values. PostgreSQL's -> and jsonpath take
// names and types apart; `strict` keeps it from looking into arrays.
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/json_value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

enum class json_kind : std::uint8_t {
  text,
  integer,
  real,
  truth,
  object,
  array,
  parent,  // of what is looked for, which an object alone can be
  other
};

/// What values of type `F` are in JSON.
template <class F>
consteval json_kind json_kind_of() {
  if constexpr (std::is_same_v<F, bool>)
    return json_kind::truth;
  else if constexpr (integer_like<F>)
    return json_kind::integer;
  else if constexpr (std::is_floating_point_v<F>)
    return json_kind::real;
  else if constexpr (std::is_same_v<F, std::string> || stores_label<F>)
    return json_kind::text;
  else if constexpr (bytes_like<F> || built_in<F>)
    return json_kind::other;
  else if constexpr (requires { typename F::mapped_type; })
    return json_kind::object;
  else if constexpr (is_vector<F> || requires { std::tuple_size<F>::value; })
    return json_kind::array;
  else if constexpr (has_codec<F>)
    return json_kind::other;
  else
    return record<F> ? json_kind::object : json_kind::other;
}

template <json_kind Kind, class F>
using json_result =
    std::conditional_t<Kind == json_kind::object || Kind == json_kind::array, json<F>, F>;

struct json_texts {
  std::string_view sqlite_before, sqlite_after, postgres_before, postgres_after;
};

constexpr json_texts texts_of(json_kind kind) {
  json_texts t{"(SELECT value FROM json_each(", {}, "jsonb_path_query_first(", {}};
  switch (kind) {
    case json_kind::text:
      t.sqlite_after = " AND type = 'text')";
      t.postgres_before = "(jsonb_path_query_first(";
      t.postgres_after = R"sql(, 'strict $ ? (@.type() == "string")') #>> '{}'))sql";
      break;
    case json_kind::integer:
      // A real number is an integer up to 2^53: from there on not every integer is a double.
      t.sqlite_before =
          "(SELECT CASE WHEN typeof(value) = 'integer' THEN value WHEN value = CAST(value AS "
          "INTEGER) AND value BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(value AS "
          "INTEGER) END FROM json_each(";
      t.sqlite_after = " AND type IN ('integer', 'real'))";
      t.postgres_before = "CAST(jsonb_path_query_first(";
      t.postgres_after =
          R"sql(, 'strict $ ? (@.type() == "number" && @ >= -9223372036854775808 && )sql"
          R"sql(@ <= 9223372036854775807 && @.floor() == @)') AS bigint))sql";
      break;
    case json_kind::real:
      t.sqlite_before = "(SELECT CAST(value AS REAL) FROM json_each(";
      t.sqlite_after = " AND type IN ('integer', 'real') AND value > -9e999 AND value < 9e999)";
      t.postgres_before = "CAST(jsonb_path_query_first(";
      t.postgres_after =
          R"sql(, 'strict $ ? (@.type() == "number" && @ >= -1.7976931348623157e308 && )sql"
          R"sql(@ <= 1.7976931348623157e308 && (@ == 0 || @ >= 5e-324 || @ <= -5e-324))') )sql"
          R"sql(AS double precision))sql";
      break;
    case json_kind::truth:
      t.sqlite_after = " AND type IN ('true', 'false'))";
      t.postgres_before = "CAST(jsonb_path_query_first(";
      t.postgres_after = R"sql(, 'strict $ ? (@.type() == "boolean")') AS boolean))sql";
      break;
    case json_kind::object:
      t.sqlite_after = " AND type = 'object')";
      t.postgres_after = R"sql(, 'strict $ ? (@.type() == "object")'))sql";
      break;
    case json_kind::array:
      t.sqlite_after = " AND type = 'array')";
      t.postgres_after = R"sql(, 'strict $ ? (@.type() == "array")'))sql";
      break;
    default:
      t.sqlite_after = " AND type = 'object')";
      t.postgres_before = "";
      break;
  }
  return t;
}

/// A member of an object. `Key` writes and binds its name.
template <json_kind Kind, class Value, class E, class Key>
struct json_member : value_expression<json_member<Kind, Value, E, Key>, Value> {
  static constexpr json_kind kind = Kind;

  [[no_unique_address]] E inner;
  [[no_unique_address]] Key key;

  constexpr json_member(E e, Key k) : inner(std::move(e)), key(std::move(k)) {}

  template <class...>
  static constexpr bool nullable = true;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr json_texts texts = texts_of(Kind);
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite})
      write_sqlite(out, texts.sqlite_before, texts.sqlite_after);
    if (database_part postgres{out, dialect::postgres}) {
      out.place = start;
      out.text(texts.postgres_before);
      write_postgres(out);
      out.text(texts.postgres_after);
    }
  }

  static constexpr void write_sqlite(piece_recorder& out, std::string_view before,
                                     std::string_view after) {
    out.text(before);
    E::write_pieces(out);
    out.text(") WHERE key = ");
    Key::write_pieces(out);
    out.text(after);
  }
  static constexpr void write_postgres(piece_recorder& out) {
    E::write_pieces(out);
    out.text(" -> ");
    Key::write_pieces(out);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
    key.bind(binder);
  }
};

/// Whether a member is there, whatever it is.
template <class Member>
struct json_member_test : around<Member> {
  using around<Member>::around;

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite})
      Member::write_sqlite(out, "EXISTS (SELECT 1 FROM json_each(", ")");
    if (database_part postgres{out, dialect::postgres}) {
      out.place = start;
      out.text("(");
      Member::write_postgres(out);
      out.text(") IS NOT NULL");
    }
  }
};

/// How many elements an array has.
template <class E>
struct json_array_length : value_expression<json_array_length<E>, std::int64_t> {
  [[no_unique_address]] E inner;

  constexpr explicit json_array_length(E e) : inner(std::move(e)) {}

  template <class...>
  static constexpr bool nullable = true;

  static constexpr void write_pieces(piece_recorder& out) {
    const std::size_t start = out.place;
    const auto operand = [&out, start](std::string_view before) {
      out.text(before);
      out.place = start;
      E::write_pieces(out);
    };
    if (database_part sqlite{out, dialect::sqlite}) {
      operand("CASE json_type(");
      operand(") WHEN 'array' THEN json_array_length(");
      out.text(") END");
    }
    if (database_part postgres{out, dialect::postgres}) {
      operand("CASE jsonb_typeof(");
      operand(") WHEN 'array' THEN CAST(jsonb_array_length(");
      out.text(") AS bigint) END");
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

/// Whether an array has a value among its elements. Of what is found by json_each(), elements of an
/// array have a number in the place of a name.
template <json_kind Kind, class E, class Held>
struct json_element_test : around<E> {
  bound<Held> wanted;

  constexpr json_element_test(E e, Held held) : around<E>(std::move(e)), wanted(std::move(held)) {}

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr bool text = Kind == json_kind::text, truth = Kind == json_kind::truth;
    const std::size_t start = out.place;
    if (database_part sqlite{out, dialect::sqlite}) {
      out.text("CASE WHEN ");
      E::write_pieces(out);
      out.text(" IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each(");
      out.place = start;
      E::write_pieces(out);
      out.text(
          text    ? ") WHERE typeof(key) = 'integer' AND type = 'text' AND value = "
          : truth ? ") WHERE typeof(key) = 'integer' AND type IN ('true', 'false') AND value = "
                  : ") WHERE typeof(key) = 'integer' AND type IN ('integer', 'real') AND value = ");
      bound<Held>::write_pieces(out);
      out.text(") END");
    }
    if (database_part postgres{out, dialect::postgres}) {
      out.place = start;
      E::write_pieces(out);
      out.text(" @> jsonb_build_array(CAST(");
      bound<Held>::write_pieces(out);
      out.text(text ? " AS text))" : truth ? " AS boolean))" : " AS bigint))");
    }
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    around<E>::bind(binder);
    wanted.bind(binder);
  }
};

}  // namespace hewn::detail
