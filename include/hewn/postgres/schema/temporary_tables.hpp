// hewn/postgres/schema/temporary_tables.hpp - tables that are made to see what the server makes of
// them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/postgres/schema/introspect.hpp>
#include <hewn/postgres/schema/references_elsewhere.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/step.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Nobody else sees them, and they are gone when the transaction is rolled back.
template <class Driver>
class temporary_tables {
 public:
  temporary_tables(hewn::detail::connection<Driver>& c, connection& native)
      : connection_(&c), native_(&native) {}

  /// Until the transaction ends, tables are made among the temporary ones and looked for there
  /// first; then among the real ones, for what is referred to. Throws: schema_mismatch without a
  /// schema for the real ones, cannot_open without the right.
  void prefer() {
    // The search path ends with pg_temp, where tables would go that the session's end removes.
    for (catalog_query q(*native_,
                         "SELECT coalesce(current_schema() NOT LIKE 'pg\\_temp%', false), "
                         "pg_catalog.has_database_privilege(current_database(), "
                         "'TEMPORARY')");
         q.next();) {
      if (!q.flag(0))
        throw error(errc::schema_mismatch,
                    "hewn: no schema of the search_path is there for this role, so tables have no "
                    "place; CREATE SCHEMA, GRANT USAGE on it, or correct options::search_path");
      if (!q.flag(1))
        throw error(errc::cannot_open,
                    "hewn: sync tries its changes on temporary tables, which this role may not "
                    "create; GRANT TEMPORARY ON DATABASE to it, or let another role sync");
    }
    statement(
        "SELECT pg_catalog.set_config('search_path', 'pg_temp, ' || "
        "pg_catalog.current_setting('search_path'), true)");
  }

  /// All temporary tables of the session.
  schema::database read() {
    return schema_reader(*native_, "pg_catalog.pg_my_temp_schema()").read();
  }

  /// The tables as the server describes them when they have been created from this description.
  schema::database as_written(const schema::database& wanted) {
    hewn::detail::transaction_scope<Driver> scope(*connection_, {}, hewn::detail::running_call());
    for (const schema::table& t : wanted.tables) refuse_hidden(t.name);
    prefer();
    for (const schema::enumeration& e : wanted.enumerations) create(e);
    for (const schema::table& t : wanted.tables) create(t);
    for (const schema::table& t : wanted.tables)
      for (const schema::foreign_key& k : t.foreign_keys) {
        if (wanted.find_table(k.target_table) == nullptr) copy_definition(k.target_table);
        run(add_foreign_key(t.name, k, driver::dialect), t.name);
      }
    schema::database written = read();
    std::erase_if(written.tables,
                  [&](const schema::table& t) { return wanted.find_table(t.name) == nullptr; });
    for (schema::table& t : written.tables) {
      keep_terms(*wanted.find_table(t.name), t);
      // The server has no other words for them.
      t.time_triggers = wanted.find_table(t.name)->time_triggers;
    }
    return written;
  }

  /// The same for one table, without what the model does not know enough of to make it again.
  /// `types`: those that it may need and that the database has not.
  std::optional<schema::table> read_again(schema::table t,
                                          const std::vector<schema::enumeration>& types) {
    t.foreign_keys.clear();
    const std::vector<schema::index> indexes = std::exchange(t.indexes, {});
    hewn::detail::transaction_scope<Driver> scope(*connection_, {}, hewn::detail::running_call());
    prefer();
    const auto attempt = [this](const auto& create_it) {
      hewn::detail::transaction_scope<Driver> trial(*connection_, {}, hewn::detail::running_call());
      try {
        create_it();
        trial.commit();
        return true;
      } catch (const error& failure) {
        if (!is_of_declaration(failure.code())) throw;
        return false;
      }
    };
    for (const schema::enumeration& e : types) create(e);
    if (!attempt([&] { create(t); })) return std::nullopt;
    for (const schema::index& i : indexes)
      attempt([&] { run(create_index(i, t.name, driver::dialect), t.name); });
    return *read().find_table(t.name);
  }

  /// Makes an empty copy of every table that the steps name. `home`: as an expression for its oid,
  /// the schema of the tables. `whole`: with the names of its indexes and with its foreign keys,
  /// and so of every table that refers to it or to which it refers.
  void copy_named(const schema::database& live, const std::vector<step>& steps,
                  const std::string& home, bool whole) {
    std::vector<const schema::table*> named;
    const auto is_named = [&](const std::string& name) {
      for (const step& s : steps)
        // A block names it in a text.
        if (s.table == name || hewn::detail::mentions(s.sql, name, driver::dialect)) return true;
      return false;
    };
    for (const schema::table& t : live.tables)
      if (is_named(t.name)) named.push_back(&t);
    if (whole)
      for (const schema::table& t : live.tables)
        if (!is_named(t.name) && refers_to_one(t, named)) named.push_back(&t);
    for (const schema::table* t : named) {
      copy_definition(t->name);
      take_validity(*t);
      take_nulls_again(*t, live.others);
    }
    for (const schema::other_object& o : live.others)
      if (o.kind == "partitioned table" && is_named(o.name)) copy_definition(o.name);
    put_names_aside();
    if (!whole) return;
    give_names_back(home);
    for (const schema::table* t : named)
      for (const schema::foreign_key& k : t->foreign_keys) {
        copy_definition(k.target_table);
        if (is_temporary(k.target_table)) statement(add_foreign_key(t->name, k, driver::dialect));
      }
    for (const std::string& sql : references_to_elsewhere(*native_, home)) statement(sql);
    for (const std::string& sql : references_from_elsewhere(*native_, home)) statement(sql);
  }

 private:
  // Every statement of a plan would mean what this session alone has.
  void refuse_hidden(const std::string& table) {
    if (!is_temporary(table)) return;
    throw error(error_details{
        .code = errc::schema_mismatch,
        .message =
            "hewn: a temporary table of this connection hides " + table +
            ", so that sync cannot compare or change it; drop that, or use another connection",
        .table = {}});
  }

  bool is_temporary(const std::string& table) {
    catalog_query q(*native_,
                    "SELECT 1 FROM pg_catalog.pg_class WHERE relname = " + quote_literal(table) +
                        " AND relnamespace = pg_catalog.pg_my_temp_schema()");
    return q.next();
  }

  static bool refers_to_one(const schema::table& t, const std::vector<const schema::table*>& of) {
    for (const schema::foreign_key& k : t.foreign_keys)
      for (const schema::table* target : of)
        if (k.target_table == target->name) return true;
    return false;
  }

  // LIKE makes checks of them that are valid, from which the server would conclude that it need not
  // read the rows.
  void take_validity(const schema::table& t) {
    for (const schema::check& k : t.checks) {
      if (!hewn::detail::is_unvalidated(k.terms) || !is_temporary(t.name)) continue;
      std::string sql = "ALTER TABLE " + quote_identifier(t.name, driver::dialect) +
                        " DROP CONSTRAINT " + quote_identifier(k.name, driver::dialect) + ", ADD ";
      hewn::detail::append_check(sql, k, driver::dialect);
      statement(sql + " NOT VALID");
    }
  }

  // The server gives the copy of a table the copies of its indexes in the same order.
  void give_names_back(const std::string& home) {
    const std::string numbered =
        "SELECT t.relname, i.relname AS name, row_number() OVER (PARTITION BY t.oid ORDER BY "
        "i.oid) AS place, count(*) OVER (PARTITION BY t.oid) AS places FROM pg_catalog.pg_index x "
        "JOIN pg_catalog.pg_class t ON t.oid = x.indrelid JOIN pg_catalog.pg_class i ON i.oid = "
        "x.indexrelid WHERE t.relnamespace = ";
    std::vector<std::pair<std::string, std::string>> names;
    for (catalog_query q(*native_, "SELECT copy.name, real.name FROM (" + numbered +
                                       "pg_catalog.pg_my_temp_schema()) AS copy JOIN (" + numbered +
                                       home + ") AS real USING (relname, place, places)");
         q.next();)
      names.emplace_back(q.text(0), q.text(1));
    for (const auto& [copy, real] : names)
      statement("ALTER INDEX pg_temp." + quote_identifier(copy, driver::dialect) + " RENAME TO " +
                quote_identifier(real, driver::dialect));
  }

  void put_names_aside() {
    // The server has named the copies of indexes; the steps may create some of that name.
    std::vector<std::string> names;
    for (catalog_query q(*native_,
                         "SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'i' AND "
                         "relnamespace = pg_catalog.pg_my_temp_schema()");
         q.next();)
      names.push_back(q.text(0));
    for (std::size_t i = 0; i != names.size(); ++i)
      statement("ALTER INDEX pg_temp." + quote_identifier(names[i], driver::dialect) +
                " RENAME TO hewn_copy_" + std::to_string(i));
  }

  // No declaration disables triggers; they stay so where the key was taken from there.
  static void keep_terms(const schema::table& wanted, schema::table& written) {
    for (schema::foreign_key& w : written.foreign_keys)
      for (const schema::foreign_key& from : wanted.foreign_keys)
        if (from.name == w.name && hewn::detail::has_term(from.terms, disabled_triggers))
          w.terms = from.terms;
  }

  void statement(std::string_view sql) { connection_->execute(sql, hewn::detail::running_call()); }

  // A name that the server has for a type of its own would mean that one.
  void create(const schema::enumeration& e) {
    statement(create_enumeration(e, driver::dialect));
    const std::string name = quote_literal(quote_identifier(e.name, driver::dialect));
    for (catalog_query q(*native_,
                         "SELECT t.typnamespace = pg_catalog.pg_my_temp_schema() FROM "
                         "pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype(" +
                             name + ")");
         q.next();)
      if (!q.flag(0))
        throw error(errc::usage, "hewn: PostgreSQL has a type " + e.name +
                                     " of its own; give native_enum<> another name");
  }

  void create(schema::table t) {
    t.foreign_keys.clear();
    run(create_table(t, driver::dialect), t.name);
    for (const std::string& sql : add_unvalidated(t, driver::dialect)) run(sql, t.name);
    for (const schema::index& i : t.indexes) run(create_index(i, t.name, driver::dialect), t.name);
  }

  // A temporary table can refer to temporary tables only. What is not there is left for the
  // statement that refers to it to say.
  void copy_definition(const std::string& target) {
    const std::string name = quote_identifier(target, driver::dialect);
    bool real = false;
    for (catalog_query q(*native_, "SELECT pg_catalog.to_regclass(" + quote_literal(name) +
                                       ") IS NOT NULL AND pg_catalog.to_regclass(" +
                                       quote_literal("pg_temp." + name) + ") IS NULL");
         q.next();)
      real = q.flag(0);
    if (real) statement("CREATE TEMPORARY TABLE " + name + " (LIKE " + name + " INCLUDING ALL)");
  }

  // PostgreSQL 18 makes a NOT NULL of the copy that holds, of one that is NOT VALID.
  HEWN_COLD void take_nulls_again(const schema::table& t,
                                  const std::vector<schema::other_object>& others) {
    if (std::none_of(others.begin(), others.end(), [&t](const schema::other_object& o) {
          return o.table == t.name && o.name.starts_with("NOT VALID of constraint ");
        }))
      return;
    for (const schema::column& c : t.columns)
      if (!c.not_null && c.key_position == 0)
        statement("ALTER TABLE pg_temp." + quote_identifier(t.name, driver::dialect) +
                  " ALTER COLUMN " + quote_identifier(c.name, driver::dialect) + " DROP NOT NULL");
  }

  // Others tell of the server or the session, which no declaration mends.
  static bool is_of_declaration(errc code) {
    return code == errc::syntax || code == errc::schema_mismatch || code == errc::invalid_data ||
           code == errc::usage || code == errc::full || code == errc::other;
  }

  // Types, functions and operators, schemas, tables and sequences, and what an extension brings.
  static bool is_missing(std::string_view state) {
    return state == "42704" || state == "42883" || state == "3F000" || state == "42P01";
  }

  HEWN_COLD void run(const std::string& sql, const std::string& table) {
    try {
      statement(sql);
    } catch (const error& failure) {
      if (!is_of_declaration(failure.code())) throw;
      error_details d = failure.details();
      const std::string state = sqlstate(failure);
      // Of an index or a generated column: it may be a function that is not as it is wanted.
      const bool invalid = state == "42P17";
      if (invalid || is_missing(state)) {
        // What the server says stands in parentheses.
        const std::size_t open = d.message.find('(') + 1;
        const std::size_t end = d.message.rfind(");");
        d.code = errc::schema_mismatch;
        d.message = "hewn: " + table + " cannot be created, because " +
                    d.message.substr(open, end - open) +
                    (invalid ? "; correct the declaration, or in a migration what it uses"
                             : "; create that in a migration first, or correct the declaration");
      } else {
        d.message =
            "hewn: " + table + " cannot be created (" + d.message + "); correct its declaration";
      }
      d.table = table;
      throw error(std::move(d));
    }
  }

  hewn::detail::connection<Driver>* connection_;
  connection* native_;
};

}  // namespace hewn::postgres::detail
