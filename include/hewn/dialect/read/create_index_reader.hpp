// hewn/dialect/read/create_index_reader.hpp - CREATE INDEX text as a schema::index.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Reads what can follow a key part: COLLATE, ASC, DESC. Anything else before `,` or `)` makes the
/// part an expression.
inline schema::index_part read_index_part(token_cursor& at) {
  schema::index_part part;
  const std::size_t first = at.position();
  std::size_t last = first;
  while (!at.at_end() && !at.at(token_kind::comma) && !at.at(token_kind::close)) {
    at.skip_group();
    last = at.position();
  }
  if (last != first && (at.token_at(last - 1).is("desc") || at.token_at(last - 1).is("asc"))) {
    --last;
    part.descending = at.token_at(last).is("desc");
  }
  if (last >= first + 3 && at.token_at(last - 2).is("collate")) {
    part.collation = unquoted(at.token_at(last - 1));
    last -= 2;
  }
  part.expression = last != first + 1 || !at.token_at(first).is_name();
  part.text = part.expression ? at.slice(first, last) : unquoted(at.token_at(first));
  return part;
}

/// `( part, part ... )`. Empty when no parenthesis opens here.
inline std::vector<schema::index_part> read_index_parts(token_cursor& at) {
  std::vector<schema::index_part> parts;
  if (!at.accept(token_kind::open)) return parts;
  while (!at.at_end() && !at.at(token_kind::close)) {
    const std::size_t before = at.position();
    parts.push_back(read_index_part(at));
    at.accept(token_kind::comma);
    if (at.position() == before) at.skip();
  }
  at.accept(token_kind::close);
  return parts;
}

/// Reads CREATE [UNIQUE] INDEX. A quoted name alone is taken for a column; whether it is one, only
/// the database knows. Text that is no such statement yields what could be read, never an error.
inline schema::index read_create_index(std::string_view text) {
  token_cursor at(text);
  schema::index out;
  at.accept("create");
  out.unique = at.accept("unique");
  at.accept("index");
  at.accept("concurrently");
  if (at.accept("if", "not")) at.accept("exists");
  out.name = at.name();
  if (at.peek().text == ".") {
    at.skip();
    out.name = at.name();
  }
  while (!at.at_end() && !at.at(token_kind::open)) at.skip();
  out.parts = read_index_parts(at);
  if (at.accept("where")) {
    const std::size_t first = at.position();
    while (!at.at_end() && !at.at(token_kind::semicolon)) at.skip();
    out.where = at.slice(first, at.position());
  }
  return out;
}

}  // namespace hewn::detail
