// tests/postgres/schema/properties_test.cpp - what holds for every plan, on generated servers.
// SPDX-License-Identifier: BSL-1.0
//
// A case is a seed; a failure names it. HEWN_PROPERTY_CASES runs more of them, HEWN_PROPERTY_SEED
// begins elsewhere.
#include <hewn/dialect/text/tokenizer.hpp>

#include <support/failure.hpp>
#include <support/postgres_lab.hpp>
#include <support/property_cases.hpp>
#include <support/random_postgres_change.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::change;
using hewn::change_kind;
using hewn::errc;
using hewn::fact_kind;
using hewn::plan;
using hewn::text_row;
using support::failure_of;
using list = std::vector<std::string>;

namespace {

std::string identifier(const std::string& name) { return hewn::quote_identifier(name); }

std::string words(const std::optional<std::string>& value) {
  return value ? "'" + *value + "'" : "NULL";
}

/// A database of one seed, and the plan for what it is to become.
struct trial : support::postgres_plans {
  explicit trial(std::uint64_t seed) : generated(seed) {
    db.script("SET TIME ZONE 'Europe/Berlin'");
    for (const std::string& sql : generated.statements) try {
        db.script(sql);
      } catch (const hewn::error& failure) {
        INFO(sql);
        INFO(failure.what());
        CHECK(sql.starts_with("INSERT"));  // of a row that a constraint refuses
      }
  }
  ~trial() { db.script("DROP SCHEMA " + text("SELECT current_schema()::text") + " CASCADE"); }

  /// Nothing when the schema to be reached is none that the server accepts.
  std::optional<hewn::plan> plan() {
    try {
      return hewn::make_plan(executor, generated.wanted);
    } catch (const hewn::error& failure) {
      if (failure.code() != errc::syntax && failure.code() != errc::usage &&
          failure.code() != errc::schema_mismatch && failure.code() != errc::invalid_data)
        throw;
      refused = failure.what();
      return std::nullopt;
    }
  }

  /// Tables, and rows with their places in the files, except hewn's own.
  list state() {
    list out = db.all<std::string>(
        hewn::sql<
            "SELECT concat_ws(' ', relname, relkind, oid, relfilenode, reloptions) FROM pg_class "
            "WHERE "
            "relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'hewn\\_%' UNION "
            "ALL "
            "SELECT concat_ws(' ', attrelid, attnum, attname, format_type(atttypid, atttypmod), "
            "attnotnull, attidentity, attgenerated, attcollation, pg_get_expr(adbin, adrelid)) "
            "FROM "
            "pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum JOIN "
            "pg_class "
            "c ON c.oid = attrelid WHERE relnamespace = current_schema()::regnamespace AND relname "
            "NOT "
            "LIKE 'hewn\\_%' AND attnum > 0 UNION ALL SELECT concat_ws(' ', conname, oid, "
            "convalidated, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = "
            "current_schema()::regnamespace AND conname NOT LIKE 'hewn\\_%' UNION ALL SELECT "
            "indexdef "
            "FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE 'hewn\\_%' "
            "UNION ALL SELECT concat_ws(' ', enumtypid, enumlabel, enumsortorder) FROM pg_enum "
            "JOIN "
            "pg_type t ON t.oid = enumtypid WHERE typnamespace = current_schema()::regnamespace "
            "UNION ALL SELECT concat_ws(' ', sequencename, last_value) FROM pg_sequences WHERE "
            "schemaname = current_schema() ORDER BY 1">);
    for (const hewn::schema::table& t : executor.introspect().tables)
      if (!t.name.starts_with("hewn_"))
        for (const text_row& row :
             executor.query("SELECT t.ctid, t::text FROM " + identifier(t.name) + " t ORDER BY 1"))
          out.push_back(t.name + " " + words(row[0]) + words(row[1]));
    for (const std::string& s : kept_schemas()) out.push_back(s);
    return out;
  }

  /// Nothing of a plan is left in the session.
  void check_left_alone() {
    CHECK(support::idle(db));
    CHECK(number("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()") == 0);
    CHECK(number("SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()") == 0);
    CHECK(number("SELECT count(*) FROM pg_type WHERE typnamespace = pg_my_temp_schema()") == 0);
    CHECK(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0);
    CHECK(text("SELECT concat_ws(' ', current_setting('search_path'), "
               "current_setting('row_security'), current_setting('lock_timeout'), "
               "current_setting('TimeZone'))") == settings);
  }

  support::random_postgres_change generated;
  std::string settings = text(
      "SELECT concat_ws(' ', current_setting('search_path'), current_setting('row_security'), "
      "current_setting('lock_timeout'), 'Europe/Berlin')");
  std::string refused;
};

std::string bare(const std::string& text) {
  return hewn::detail::unquoted(hewn::detail::tokenize(text).front());
}

/// The values of a database before and after a plan, column by column, by the names that tables
/// and columns have afterwards.
class kept_values {
 public:
  kept_values(trial& t, const plan& p) : trial_(t), plan_(p) {
    for (const hewn::schema::table& old : t.generated.live.tables) {
      table& kept = tables_.emplace_back();
      kept.old = old;
      kept.name = name_after(old.name);
      kept.rows = t.executor.query("SELECT " + names(old) + " FROM " + identifier(old.name));
      for (const hewn::schema::column& c : old.columns)
        if (support::random_postgres_change::is_mark(c.name)) kept.mark = c.name;
    }
  }

  void check() {
    for (table& t : tables_) {
      INFO("table " << t.name);
      if (is_dropped(t.name))
        check_dropped(t);
      else
        check_table(t);
    }
  }

 private:
  struct table {
    hewn::schema::table old;
    std::string name;  // afterwards
    std::string mark;
    std::vector<text_row> rows;  // as text, in the order of the columns
  };

  static std::string names(const hewn::schema::table& t) {
    std::string out;
    for (const hewn::schema::column& c : t.columns)
      out += (out.empty() ? "" : ", ") + identifier(c.name) + "::text";
    return out;
  }

  std::string name_after(const std::string& former) const {
    for (const change& c : plan_.changes())
      if (c.kind == change_kind::rename_table && bare(c.before) == former) return bare(c.after);
    return former;
  }

  std::string column_after(const table& t, const std::string& former) const {
    for (const change& c : plan_.changes())
      if (c.kind == change_kind::rename_column && c.table == t.name && bare(c.before) == former)
        return bare(c.after);
    return former;
  }

  const change* find(change_kind kind, const table& t, const std::string& column) const {
    for (const change& c : plan_.changes())
      if (c.kind == kind && c.table == t.name && c.object == column) return &c;
    return nullptr;
  }

  bool is_dropped(const std::string& name) const {
    return std::any_of(plan_.changes().begin(), plan_.changes().end(), [&](const change& c) {
      return c.kind == change_kind::drop_table && c.table == name;
    });
  }

  void check_dropped(const table& t) {
    if (t.rows.empty()) return;
    REQUIRE(trial_.kept_schemas().size() == 1);
    auto kept = trial_.executor.query("SELECT " + names(t.old) + " FROM " +
                                      trial_.kept_schemas()[0] + "." + identifier(t.name));
    auto before = t.rows;
    std::sort(kept.begin(), kept.end());
    std::sort(before.begin(), before.end());
    CHECK(kept == before);
  }

  void check_table(table& t) {
    CHECK(trial_.number("SELECT count(*) FROM " + identifier(t.name)) ==
          static_cast<std::int64_t>(t.rows.size()));
    for (std::size_t i = 0; i != t.old.columns.size(); ++i) {
      const hewn::schema::column& old = t.old.columns[i];
      const std::string name = column_after(t, old.name);
      INFO("column " << name);
      const bool stored = old.generated == hewn::schema::generated::no;
      if (const change* const c = find(change_kind::change_generated, t, name); stored && c) {
        list lost;
        for (const text_row& row : t.rows)
          if (row[i]) lost.push_back(kept_words(t, row, i));
        CHECK(c->counted(fact_kind::values_lost) == static_cast<std::int64_t>(lost.size()));
        check_kept(t, name, lost);
      } else if (stored && find(change_kind::drop_column, t, name) != nullptr) {
        list lost;
        for (const text_row& row : t.rows)
          if (row[i]) lost.push_back(kept_words(t, with_new_keys(t, row), i));
        check_kept(t, name, lost);
      } else if (find(change_kind::drop_column, t, name) == nullptr) {
        check_column(t, i, name);
      }
    }
  }

  // Columns go when types have changed, and are kept with the keys that their rows have then.
  text_row with_new_keys(const table& t, text_row row) {
    for (std::size_t k = 0; k != row.size(); ++k)
      if (const std::string name = column_after(t, t.old.columns[k].name);
          find(change_kind::change_type, t, name) != nullptr)
        row[k] = trial_.executor.query("SELECT " + identifier(name) + "::text FROM " +
                                       identifier(t.name) + " WHERE " + identifier(t.mark) + " = " +
                                       *row[mark_place(t)])[0][0];
    return row;
  }

  void check_column(const table& t, std::size_t i, const std::string& name) {
    std::map<std::string, std::optional<std::string>> now;
    for (const text_row& row :
         trial_.executor.query("SELECT " + identifier(t.mark) + "::text, " + identifier(name) +
                               "::text FROM " + identifier(t.name)))
      now[row[0].value()] = row[1];
    const change* const type = find(change_kind::change_type, t, name);
    const bool filled = find(change_kind::fill_column, t, name) != nullptr;
    // What is computed may be computed of something else.
    const hewn::schema::table* const wanted = plan_.wanted().schema.find_table(t.name);
    const hewn::schema::column* const after = wanted ? wanted->find_column(name) : nullptr;
    if (after && after->generated != hewn::schema::generated::no) return;
    list changed;
    for (const text_row& row : t.rows) {
      const std::optional<std::string>& value = now[row[mark_place(t)].value()];
      INFO(words(row[i]) << " has become " << words(value));
      if (!row[i] && filled) {
        CHECK(value.has_value());
      } else if (!row[i] || !type) {
        if (!type) CHECK(value == row[i]);
      } else if (differs(*type, *row[i], value)) {
        changed.push_back(kept_words(t, row, i));
      }
    }
    if (!type) return;
    const auto counted =
        type->counted(fact_kind::values_changed) + type->counted(fact_kind::values_lost);
    const bool converted = std::any_of(
        plan_.wanted().intents.begin(), plan_.wanted().intents.end(), [&](const hewn::intent& x) {
          return x.kind == hewn::intent_kind::convert && x.table == t.name && x.column == name;
        });
    // An expression that gives a value otherwise is counted, though it may be stored as before.
    if (converted)
      CHECK(counted >= static_cast<std::int64_t>(changed.size()));
    else
      CHECK(counted == static_cast<std::int64_t>(changed.size()));
    check_kept(t, name, changed);
  }

  static std::size_t mark_place(const table& t) {
    for (std::size_t i = 0;; ++i)
      if (t.old.columns[i].name == t.mark) return i;
  }

  // By the server's own comparison.
  bool differs(const change& c, const std::string& old, const std::optional<std::string>& value) {
    if (!value) return true;
    const auto type = [](std::string text) { return text.substr(0, text.find(" PRIMARY KEY")); };
    const std::string before = type(c.before);
    const std::string after = type(c.after);
    const auto is_in = [](const std::string& name, std::size_t kind) {
      const auto& types = support::kinds_of_values()[kind].types;
      const std::string plain = name.substr(0, name.find('('));
      return std::any_of(types.begin(), types.end(), [&](const std::string& each) {
        return each.substr(0, each.find('(')) == plain;
      });
    };
    if (is_in(before, 1) || is_in(after, 1)) return *value != old;
    const std::string was = hewn::quote_literal(old) + "::" + before;
    const std::string is = hewn::quote_literal(*value) + "::" + after;
    if (is_in(before, 0) && is_in(after, 0))
      return trial_.executor.query("SELECT " + was + "::text::numeric <> " + is +
                                   "::text::numeric")[0][0] == "t";
    try {
      return trial_.executor.query("SELECT " + was + " <> (" + is + ")::" + before)[0][0] == "t";
    } catch (const hewn::error&) {
      return *value != old;  // no way leads back
    }
  }

  // What is kept of the value of column `i`: with the key of its row, or with its number.
  static std::string kept_words(const table& t, const text_row& row, std::size_t i) {
    std::string out;
    for (const std::size_t k : key_places(t, i)) out += words(row[k]) + " ";
    return out + words(row[i]);
  }

  static std::vector<std::size_t> key_places(const table& t, std::size_t i) {
    std::vector<std::size_t> out;
    for (const std::string& key : hewn::detail::key_columns(t.old))
      for (std::size_t k = 0; k != t.old.columns.size(); ++k)
        if (k != i && t.old.columns[k].name == key) out.push_back(k);
    if (hewn::detail::key_columns(t.old).empty()) out.push_back(mark_place(t));
    return out;
  }

  // `column`: as it is called when values are kept.
  void check_kept(const table& t, const std::string& column, list lost) {
    std::size_t place = 0;
    while (column_after(t, t.old.columns[place].name) != column) ++place;
    list kept;
    const std::string comment =
        "values of column " + column + " of table " + t.name + ", changed or dropped by hewn%";
    for (const text_row& found : trial_.executor.query(
             "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = "
             "relnamespace WHERE nspname LIKE 'hewn\\_dropped%' AND obj_description(c.oid, "
             "'pg_class') LIKE $1",
             {escaped(comment)})) {
      std::string columns;
      for (const std::size_t k : key_places(t, place))
        columns += identifier(column_after(t, t.old.columns[k].name)) + "::text, ";
      for (const text_row& row : trial_.executor.query("SELECT " + columns + identifier(column) +
                                                       "::text FROM " + found[0].value())) {
        std::string line;
        for (const auto& each : row) line += (line.empty() ? "" : " ") + words(each);
        kept.push_back(line);
      }
    }
    std::sort(kept.begin(), kept.end());
    std::sort(lost.begin(), lost.end());
    CHECK(std::includes(kept.begin(), kept.end(), lost.begin(), lost.end()));
  }

  // For LIKE, except the last %.
  static std::string escaped(const std::string& pattern) {
    std::string out;
    for (const char c : pattern.substr(0, pattern.size() - 1)) {
      if (c == '\\' || c == '%' || c == '_') out += '\\';
      out += c;
    }
    return out + '%';
  }

  trial& trial_;
  const plan& plan_;
  std::vector<table> tables_;
};

}  // namespace

TEST_CASE("a plan is the same twice, and writes nothing", "[properties]") {
  support::for_all(
      "planning", 15,
      [](std::uint64_t seed) {
        trial t(seed);
        const list before = t.state();
        const std::optional<plan> p = t.plan();
        t.check_left_alone();
        CHECK(t.state() == before);
        if (!p) return false;
        CAPTURE(hewn::report(*p));
        const std::optional<plan> again = t.plan();
        REQUIRE(again);
        CHECK(hewn::report(*again) == hewn::report(*p));
        CHECK(again->fingerprint() == p->fingerprint());
        CHECK(t.state() == before);
        // Nor does what is not allowed.
        if (!p->blocked() && p->pending().empty()) return true;
        CHECK(failure_of([&] { hewn::apply(t.executor, *p); }).code() == errc::approval_required);
        CHECK(t.state() == before);
        t.check_left_alone();
        return true;
      },
      2);
}

TEST_CASE("a plan that is allowed is carried out, and keeps what it changes", "[properties][M2]") {
  support::for_all(
      "applying", 45,
      [](std::uint64_t seed) {
        trial t(seed);
        const std::optional<plan> p = t.plan();
        if (!p || p->empty() || p->blocked()) return false;
        CAPTURE(hewn::report(*p));
        const list before = t.state();
        kept_values kept(t, *p);
        try {
          if (p->pending().empty())
            hewn::apply(t.executor, *p);
          else
            hewn::apply(t.executor, *p, t.consent(*p));
        } catch (const hewn::error& failure) {
          FAIL_CHECK(failure.what() << "\n" << failure.sql());
          CHECK(t.state() == before);
          return true;
        }
        t.check_left_alone();
        kept.check();
        const std::optional<plan> again = t.plan();
        REQUIRE(again);
        INFO("again:\n" << hewn::report(*again));
        CHECK(again->empty());
        return true;
      },
      4);
}

namespace {

/// A table as the server sees it in a transaction that changes it.
struct seen_table {
  std::string name;
  std::string file;
  std::string scans;
  std::string lock;  // the strongest; empty: none
};

/// By oid. Locks that keep nobody from writing do not count.
std::map<std::string, seen_table> seen_tables(trial& t) {
  std::map<std::string, seen_table> out;
  for (const text_row& row : t.executor.query(
           "SELECT c.oid::text, relname::text, pg_relation_filenode(c.oid)::text, "
           "pg_stat_get_xact_numscans(c.oid)::text FROM pg_class c WHERE relkind = 'r' AND "
           "relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'hewn\\_%'"))
    out[row[0].value()] = {row[1].value(), row[2].value(), row[3].value(), {}};
  for (const text_row& row :
       t.executor.query("SELECT relation::text, string_agg(mode, ' ') FROM pg_locks WHERE pid = "
                        "pg_backend_pid() AND locktype = 'relation' GROUP BY relation")) {
    if (!out.contains(row[0].value())) continue;
    const std::string modes = " " + row[1].value();
    for (const auto& [mode, lock] :
         std::map<std::string, std::string>{{" AccessExclusiveLock", "9"},
                                            {" ExclusiveLock", "8"},
                                            {" ShareRowExclusiveLock", "7"},
                                            {" ShareLock", "6"},
                                            {" ShareUpdateExclusiveLock", "5"}})
      if (modes.find(mode) != std::string::npos)
        out[row[0].value()].lock = std::max(out[row[0].value()].lock, lock);
  }
  return out;
}

}  // namespace

TEST_CASE("a plan says which locks the server takes, and what it reads and writes",
          "[properties]") {
  support::for_all(
      "looking", 40,
      [](std::uint64_t seed) {
        trial t(seed);
        const std::optional<plan> p = t.plan();
        if (!p || p->steps().empty()) return false;
        CAPTURE(hewn::report(*p));
        hewn::detail::transaction_scope<hewn::postgres::driver> undone(
            t.db.connection(), {}, hewn::detail::running_call());
        auto before = seen_tables(t);
        const auto first = before;
        std::map<std::string, std::string> expected;
        for (const hewn::step& s : p->steps()) {
          INFO(s.sql);
          if (s.kind == hewn::step_kind::keep) continue;
          t.executor.execute(s.sql);
          auto after = seen_tables(t);
          for (const auto& [oid, was] : before) {
            if (!first.contains(oid)) continue;  // the plan has made it
            INFO("table " << was.name);
            hewn::table_use use;
            for (const hewn::table_use& u : s.uses)
              if (u.table == was.name) use = u;
            if (use.lock >= hewn::table_lock::share_update_exclusive)
              expected[oid] =
                  std::max(expected[oid], std::to_string(static_cast<int>(use.lock) + 1));
            if (!after.contains(oid)) continue;  // dropped
            const seen_table& is = after[oid];
            CHECK(is.lock == expected[oid]);
            if (s.kind != hewn::step_kind::copy)
              CHECK((is.file != was.file) == (use.cost == hewn::change_cost::rewrite));
            if (is.scans != was.scans) CHECK(use.cost != hewn::change_cost::metadata);
            // An index may be read instead, for a reference and the last number.
            if (use.cost == hewn::change_cost::scan && use.table == s.table &&
                !s.sql.starts_with("DO ") && s.sql.find("FOREIGN KEY") == std::string::npos)
              CHECK(is.scans != was.scans);
            if (!use.table.empty())
              CHECK(use.rows == t.number("SELECT count(*) FROM " + identifier(is.name)));
          }
          before = seen_tables(t);  // counting has read them
        }
        return true;
      },
      3);
}
