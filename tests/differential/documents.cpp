// tests/differential/documents.cpp - fills the table with JSON.
// SPDX-License-Identifier: BSL-1.0
#include "documents.hpp"

#include "papers.hpp"

#include <string>

namespace differential {
namespace {

// By SQL of its own, because no struct is written with members that it lacks.
template <class Database>
void add(Database& db, const std::vector<paper>& papers, const std::string& place) {
  hewn::sync<document>(db);
  const std::string set =
      "UPDATE document SET configuration = " + place + ", notes = " + place + " WHERE id = ?";
  for (const paper& p : papers) {
    db.insert(document{.id = p.id});
    db.execute(hewn::dynamic_sql(set), p.configuration_text, p.notes_text, p.id);
  }
}

}  // namespace

void add_documents(hewn::sqlite::database& db, const std::vector<paper>& papers) {
  add(db, papers, "?");
}

void add_documents(hewn::postgres::database& db, const std::vector<paper>& papers) {
  add(db, papers, "CAST(CAST(? AS text) AS jsonb)");
}

}  // namespace differential
