// hewn/postgres/schema/sample_rows.hpp - a schema with a few rows in its tables, in a transaction
// that is rolled back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/made_up_rows.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Whether a statement succeeds, in a transaction that goes on either way. Throws: what says
/// nothing of the statement, such as a lost connection.
template <class Driver>
bool attempt(hewn::detail::connection<Driver>& c, std::string_view sql) {
  hewn::detail::transaction_scope<Driver> trial(c, {}, hewn::detail::running_call());
  try {
    c.execute(sql, hewn::detail::running_call());
    trial.commit();
    return true;
  } catch (const error& failure) {
    if (failure.retryable() || failure.code() == errc::connection_lost ||
        failure.code() == errc::interrupted)
      throw;
    return false;
  }
}

/// Makes up rows for tables of the current schema. Order: in a transaction.
template <class Driver>
class sample_rows final : public hewn::detail::made_up_rows {
 public:
  sample_rows(hewn::detail::connection<Driver>& c, const schema::database& live)
      : made_up_rows(live, dialect::postgres), connection_(&c) {}

 private:
  bool insert(const schema::table& t, const std::string& columns,
              const std::string& values) override {
    return attempt(*connection_,
                   hewn::detail::concat(
                       {"INSERT INTO ", quoted(t.name),
                        columns.empty() ? " DEFAULT VALUES"
                                        : " (" + columns + ") OVERRIDING SYSTEM VALUE VALUES (" +
                                              values + ")"}));
  }

  std::vector<std::string> values_of(const schema::column& c, const std::string& n) override {
    std::vector<std::string> out = {n,
                                    n + ".5",
                                    n == "1" ? "true" : "false",
                                    "'2024-01-0" + n + "'",
                                    "'2024-01-01 00:00:0" + n + "'",
                                    "'00000000-0000-7000-8000-00000000000" + n + "'",
                                    "'{\"s\":" + n + "}'",
                                    "'[" + n + "]'",
                                    "'{}'",
                                    "'\\x0" + n + "'"};
    const bool text = c.type.starts_with("text") || c.type.starts_with("char");
    out.insert(text ? out.begin() : out.end(), "'s" + n + "'");
    for (const schema::enumeration& e : live().enumerations)
      for (const std::string& label : e.labels) out.push_back(quote_literal(label));
    // No rollback takes a number back that was drawn.
    if (!c.default_text.empty() && c.default_text.find("nextval") == c.default_text.npos)
      out.push_back(hewn::detail::concat({"(", c.default_text, ")"}));
    return out;
  }

  void keep_possible(std::vector<std::string>& values, const schema::column& c) override {
    for (std::string& value : values)
      value = hewn::detail::concat({"CAST(", value, " AS ", c.type, ")"});
    std::erase_if(values, [&](const std::string& value) {
      return !attempt(*connection_, hewn::detail::concat({"SELECT ", value}));
    });
  }

  std::optional<bool> takes(const std::string& condition, const schema::column& c,
                            const std::string& value) override {
    // One that is not taken divides by zero.
    const std::string from =
        hewn::detail::concat({" FROM (SELECT ", value, " AS ", quoted(c.name), ") AS x"});
    const std::string asked = hewn::detail::concat({"(", condition, ") IS NOT FALSE"});
    if (!attempt(*connection_, hewn::detail::concat({"SELECT ", asked, from}))) return std::nullopt;
    return attempt(*connection_, hewn::detail::concat(
                                     {"SELECT 1 / CASE WHEN ", asked, " THEN 1 ELSE 0 END", from}));
  }

  hewn::detail::connection<Driver>* connection_;
};

/// Makes the schema in the current one, which is empty, with sample rows where they are wanted.
/// What cannot be made there is left out. Order: in a transaction.
template <class Driver>
void make_with_samples(hewn::detail::connection<Driver>& c, const schema::database& live,
                       bool rows) {
  const auto each = [&c](const std::vector<std::string>& all) {
    for (const std::string& sql : all) attempt(c, sql);
  };
  for (const schema::enumeration& e : live.enumerations)
    attempt(c, create_enumeration(e, dialect::postgres));
  for (schema::table t : live.tables) {
    t.foreign_keys.clear();
    attempt(c, create_table(t, dialect::postgres));
    each(add_unvalidated(t, dialect::postgres));
    for (const schema::index& i : t.indexes) attempt(c, create_index(i, t.name, dialect::postgres));
  }
  for (const schema::table& t : live.tables)
    for (const schema::foreign_key& k : t.foreign_keys)
      attempt(c, add_foreign_key(t.name, k, dialect::postgres));
  if (rows) sample_rows<Driver>(c, live).fill();
  for (const schema::table& t : live.tables)
    for (const schema::time_trigger& trigger : t.time_triggers) {
      // As the server says it, it names the schema of the table.
      if (!trigger.sql.starts_with("CREATE TRIGGER \"")) continue;
      attempt(c, trigger.function);
      attempt(c, trigger.sql);
    }
}

}  // namespace hewn::postgres::detail
