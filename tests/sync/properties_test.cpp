// tests/sync/properties_test.cpp - what holds for every plan, on generated databases.
// SPDX-License-Identifier: BSL-1.0
//
// Six properties: no-op, round trip, residual convergence, data preservation, gates in both
// directions, determinism. A case is a seed; a failure names it. HEWN_PROPERTY_CASES runs more of
// them, HEWN_PROPERTY_SEED begins elsewhere.
#include <hewn/sync/plan/plan_without.hpp>
#include <hewn/sync/plan/undo.hpp>

#include <support/property_cases.hpp>
#include <support/random_change.hpp>
#include <support/sync_scenario.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

using hewn::change;
using hewn::change_kind;
using hewn::fact;
using hewn::fact_kind;
using hewn::plan;
using hewn::verdict;
using namespace support;

namespace {

/// A database of one seed, and the plan for what it is to become.
struct trial {
  explicit trial(std::uint64_t seed) : change(seed), lab("SELECT 1") {
    for (const std::string& sql : change.statements) {
      try {
        lab.db.run(sql);
      } catch (const hewn::error&) {
        // A row that a check or a key refuses is not there.
      }
    }
  }

  /// Nothing when the schema to be reached is none that SQLite accepts.
  std::optional<hewn::plan> plan() {
    try {
      return lab.plan(change.wanted);
    } catch (const hewn::error& failure) {
      if (failure.code() == hewn::errc::syntax || failure.code() == hewn::errc::usage)
        return std::nullopt;
      throw;
    }
  }

  hewn::applied apply(const hewn::plan& p) {
    return p.pending().empty() ? lab.apply(p) : lab.apply_approved(p);
  }

  random_change change;
  sync_lab lab;
};

/// The tables in the words that they are compared by.
list tables_of(support::raw_sqlite& db) {
  list out;
  for (const hewn::schema::table& t : db.introspect().tables)
    if (!t.name.starts_with("hewn_"))
      out.push_back(hewn::detail::canonical_table(t, hewn::dialect::sqlite));
  std::sort(out.begin(), out.end());
  return out;
}

/// What concerns the tables of `p`, as it is now.
std::string fingerprint_of(support::raw_sqlite& db, const plan& p) {
  return hewn::fingerprint(hewn::part_of(db.introspect(), p.managed(), p.dialect()), p.dialect());
}

}  // namespace

TEST_CASE("a database that is as wanted needs nothing", "[properties]") {
  for_all("no-op", 40, [](std::uint64_t seed) {
    trial t(seed);
    const hewn::wanted_schema same{.schema = t.change.live, .intents = t.change.wanted.intents};
    // Renames and drops are of a schema that is not this one.
    hewn::wanted_schema plain = same;
    plain.intents.clear();
    const plan p = t.lab.plan(plain);
    INFO(hewn::report(p));
    CHECK(p.empty());
    hewn::wanted_schema whole{.schema = t.lab.db.introspect(), .complete = true};
    const plan q = t.lab.plan(whole);
    INFO(hewn::report(q));
    CHECK(q.empty());
    return true;
  });
}

TEST_CASE("what a plan lets through is carried out, and leaves nothing to do",
          "[properties][s82]") {
  for_all("gates let through", 80, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->empty() || p->blocked()) return false;
    INFO(hewn::report(*p));
    const list before = dump(t.lab.db);
    try {
      t.apply(*p);
    } catch (const hewn::error& failure) {
      FAIL_CHECK(failure.what() << "\n" << failure.sql());
      CHECK(dump(t.lab.db) == before);
    }
    return true;
  });
}

namespace {

/// The steps of a plan that is blocked by rows alone, as if nobody had asked the rows.
class forced_plan {
 public:
  forced_plan(support::raw_sqlite& db, const plan& p) : db_(db), plan_(p) {}

  /// Whether SQLite refused it, or it left references without their targets.
  bool aborts() {
    const hewn::dialect d = hewn::dialect::sqlite;
    const hewn::detail::renamings renamed(plan_.before(), plan_.wanted(), d);
    std::vector<hewn::step> steps = renamed.steps();
    hewn::schema::database live = plan_.before();
    if (!steps.empty()) live = db_.rehearse(plan_.before(), steps).after;
    const std::vector<change> changes = hewn::diff(live, plan_.wanted(), d);
    const hewn::detail::plan_context context{live, plan_.wanted(), renamed, d};
    hewn::detail::step_writer writer(context, changes, db_.version());
    for (hewn::step& s : writer.steps(db_)) steps.push_back(std::move(s));
    const list broken = db_.broken_references();
    bool aborted = false;
    try {
      db_.transaction({.moves_rows = true}, [&] {
        for (const hewn::step& s : steps)
          if (s.kind != hewn::step_kind::expect) db_.execute(s.sql);
        for (const std::string& line : db_.broken_references())
          if (std::find(broken.begin(), broken.end(), line) == broken.end()) aborted = true;
        throw 0;  // roll back
      });
    } catch (const hewn::error&) {
      aborted = true;
    } catch (int) {
    }
    return aborted;
  }

 private:
  support::raw_sqlite& db_;
  const plan& plan_;
};

// What SQLite itself would refuse. The others it would carry out, giving values another meaning.
bool is_enforced(fact_kind kind) {
  return kind == fact_kind::no_value || kind == fact_kind::duplicates ||
         kind == fact_kind::violations || kind == fact_kind::orphans ||
         kind == fact_kind::references;
}

// Where a key cannot have a target, SQLite does not look at the other keys of the table.
bool has_mismatch(support::raw_sqlite& db) {
  const list broken = db.broken_references();
  return std::any_of(broken.begin(), broken.end(), [](const std::string& line) {
    return line.find("foreign key mismatch") != line.npos;
  });
}

bool numbers_rows(const plan& p, const change& c) {
  return c.kind == change_kind::change_type || c.kind == change_kind::change_primary_key ||
         (c.kind == change_kind::add_column && p.changes().size() != 0 &&
          (c.after.find("CURRENT_TIMESTAMP") != c.after.npos ||
           c.after.find("'now'") != c.after.npos));
}

}  // namespace

TEST_CASE("what rows keep from happening, SQLite would have refused", "[properties][s82]") {
  for_all(
      "gates keep back", 150,
      [](std::uint64_t seed) {
        trial t(seed);
        const std::optional<plan> p = t.plan();
        if (!p || !p->blocked() || !p->problems().empty() || has_mismatch(t.lab.db)) return false;
        bool enforced = false;
        for (const change& c : p->changes()) {
          if (c.unsupported || c.ambiguous) return false;
          for (const fact& f : c.facts) {
            if (f.count == 0 || !hewn::is_obstacle(f.question.kind)) continue;
            // A NULL becomes a number there, which SQLite does without a word.
            if (f.question.kind == fact_kind::no_value && numbers_rows(*p, c)) return false;
            enforced = enforced || is_enforced(f.question.kind);
          }
          if (c.verdict == verdict::blocked && c.facts.empty()) return false;
        }
        if (!enforced) return false;
        INFO(hewn::report(*p));
        CHECK(forced_plan(t.lab.db, *p).aborts());
        return true;
      },
      100);
}

namespace {

/// The values of the columns that keep their meaning, by the names that tables and columns have
/// afterwards, with the rowid where there is one before and after, and the counters.
class kept_values {
 public:
  kept_values(const plan& p, const hewn::schema::database& after) : plan_(p), after_(after) {}

  list read(support::raw_sqlite& db, bool before) {
    list out;
    for (const hewn::schema::table& t : after_.tables) {
      const std::string former = name_before(t.name);
      const hewn::schema::table* old =
          hewn::detail::find_table(plan_.before(), former, hewn::dialect::sqlite);
      if (!old) continue;
      const std::string from = before ? former : t.name;
      std::string values = "''";
      const std::string_view old_rowid = hewn::detail::rowid_name(*old);
      const std::string_view new_rowid = hewn::detail::rowid_name(t);
      if (!old_rowid.empty() && !new_rowid.empty() && !is_changed(t.name, {}))
        values = std::string(before ? old_rowid : new_rowid);
      for (const hewn::schema::column& c : t.columns) {
        const std::string column = column_before(t.name, c.name);
        if (!hewn::detail::find_column(*old, column, hewn::dialect::sqlite) ||
            is_changed(t.name, c.name))
          continue;
        values += " || '|' || quote(" + hewn::quote_identifier(before ? column : c.name) + ")";
      }
      list rows = db.column("SELECT " + values + " FROM " + hewn::quote_identifier(from));
      std::sort(rows.begin(), rows.end());
      for (const std::string& row : rows) out.push_back(t.name + ": " + row);
      if (counts(*old) && counts(t))
        for (const std::string& seq :
             db.column("SELECT seq FROM sqlite_sequence WHERE name = " + hewn::quote_literal(from)))
          out.push_back(t.name + " counts " + seq);
    }
    return out;
  }

 private:
  static bool counts(const hewn::schema::table& t) {
    return std::any_of(t.columns.begin(), t.columns.end(),
                       [](const hewn::schema::column& c) { return c.autoincrement; });
  }

  static std::string bare(const std::string& quoted) {
    return hewn::detail::unquoted(hewn::detail::tokenize(quoted).front());
  }

  std::string name_before(const std::string& table) const {
    for (const change& c : plan_.changes())
      if (c.kind == change_kind::rename_table && bare(c.after) == table) return bare(c.before);
    return table;
  }

  std::string column_before(const std::string& table, const std::string& column) const {
    for (const change& c : plan_.changes())
      if (c.kind == change_kind::rename_column && c.table == table && bare(c.after) == column)
        return bare(c.before);
    return column;
  }

  // Empty `column`: the rowid, which another key may take over.
  bool is_changed(const std::string& table, const std::string& column) const {
    return std::any_of(plan_.changes().begin(), plan_.changes().end(), [&](const change& c) {
      if (c.table != table) return false;
      if (column.empty())
        return c.kind == change_kind::change_primary_key ||
               (c.kind == change_kind::change_type && c.after.find("PRIMARY KEY") != c.after.npos);
      if (c.kind == change_kind::change_table_options)
        return c.counted(fact_kind::values_changed) != 0;
      // What is computed may be computed of something else.
      const hewn::schema::column* now =
          hewn::detail::find_column(*hewn::detail::find_table(after_, table, hewn::dialect::sqlite),
                                    column, hewn::dialect::sqlite);
      if (now && now->generated != hewn::schema::generated::no) return true;
      return c.object == column &&
             (c.kind == change_kind::change_type || c.kind == change_kind::fill_column ||
              c.kind == change_kind::change_generated);
    });
  }

  const plan& plan_;
  const hewn::schema::database& after_;
};

}  // namespace

TEST_CASE("what is not to change stays: values, rowids, counters", "[properties][s83]") {
  for_all("data preservation", 80, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->empty() || p->blocked()) return false;
    INFO(hewn::report(*p));
    const hewn::schema::database after = t.lab.db.normalise(p->wanted().schema);
    kept_values kept(*p, after);
    const list before = kept.read(t.lab.db, true);
    t.apply(*p);
    CHECK(kept.read(t.lab.db, false) == before);
    return !before.empty();
  });
}

TEST_CASE("a type that changes no value as counted changes none", "[properties][s83]") {
  for_all("honest conversions", 80, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->empty() || p->blocked()) return false;
    std::map<std::string, std::string> expected;
    for (const change& c : p->changes()) {
      if (c.kind != change_kind::change_type) continue;
      INFO(hewn::report(*p));
      std::int64_t changed = 0;
      for (const fact& f : c.facts) changed += f.count;
      if (changed == 0) expected[c.table] = c.object;
    }
    if (expected.empty() || p->renames() != 0) return true;
    INFO(hewn::report(*p));
    // 7, 7.0 and '7' are the same to whoever reads them as what they are.
    const auto read = [&] {
      list out;
      for (const auto& [table, column] : expected) {
        const std::string name = hewn::quote_identifier(column);
        list rows = t.lab.db.column("SELECT CASE WHEN " + name + " = CAST(" + name +
                                    " AS NUMERIC) THEN 0.0 + " + name + " ELSE quote(" + name +
                                    ") END FROM " + hewn::quote_identifier(table));
        std::sort(rows.begin(), rows.end());
        for (const std::string& row : rows) out.push_back(table + ": " + row);
      }
      return out;
    };
    const list before = read();
    t.apply(*p);
    CHECK(read() == before);
    return true;
  });
}

TEST_CASE("the way back leads to where it began", "[properties]") {
  for_all("round trip", 80, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->empty() || p->blocked()) return false;
    INFO(hewn::report(*p));
    const list before = tables_of(t.lab.db);
    const hewn::applied done = t.apply(*p);
    const plan back = hewn::plan_undo(t.lab.db, done);
    INFO("back:\n" << hewn::report(back));
    // Rows may be in the way back, as a NULL that has become possible. The schema is not.
    for (const change& c : back.changes()) {
      CHECK_FALSE(c.unsupported);
      CHECK_FALSE(c.ambiguous);
    }
    // A key that cannot have a target is not made again.
    for (const std::string& problem : back.problems())
      CHECK(problem.find("foreign key mismatch") != problem.npos);
    if (back.blocked()) return false;
    t.apply(back);
    CHECK(tables_of(t.lab.db) == before);
    CHECK(fingerprint_of(t.lab.db, *p) == p->from());
    return true;
  });
}

TEST_CASE("a part and then the rest lead to where the whole leads", "[properties][s81]") {
  for_all("residual convergence", 80, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->changes().size() < 2 || p->blocked()) return false;
    INFO(hewn::report(*p));
    std::mt19937_64 random(seed);
    list left_out;
    for (const change& c : p->changes())
      if (random() % 3 == 0) left_out.push_back(c.id());
    std::optional<plan> part;
    try {
      part.emplace(hewn::plan_without(t.lab.db, *p, left_out));
    } catch (const hewn::error& failure) {
      // What others build on, and what is no schema without it.
      INFO(failure.what());
      INFO(failure.sql());
      CHECK((failure.code() == hewn::errc::usage || failure.code() == hewn::errc::syntax));
      return false;
    }
    INFO("part:\n" << hewn::report(*part));
    for (const change& c : part->changes())
      CHECK(std::find(left_out.begin(), left_out.end(), c.id()) == left_out.end());
    if (part->blocked()) return false;
    t.apply(*part);
    const plan rest = t.lab.plan(p->wanted());
    INFO("rest:\n" << hewn::report(rest));
    if (rest.blocked()) return false;
    t.apply(rest);
    // An index that came first stands for the constraint that was left out.
    const bool stands_for =
        std::any_of(p->changes().begin(), p->changes().end(), [&](const change& c) {
          return c.kind == change_kind::add_unique &&
                 std::find(left_out.begin(), left_out.end(), c.id()) != left_out.end();
        });
    if (stands_for)
      CHECK(t.lab.plan(p->wanted()).empty());
    else
      CHECK(fingerprint_of(t.lab.db, *p) == p->to());
    return true;
  });
}

namespace {

/// As if SQLite were as old as the oldest that hewn works with.
class old_sqlite : public support::raw_sqlite {
 public:
  int version() const override { return 3035000; }
};

/// 2.0 as 2: in a column of numbers SQLite stores the default of a new column as either.
std::string with_short_numbers(std::string line) {
  for (std::size_t at = line.find(".0"); at != line.npos; at = line.find(".0", at + 1)) {
    const bool ends = at + 2 == line.size() || line[at + 2] == '|';
    if (ends && at != 0 && line[at - 1] >= '0' && line[at - 1] <= '9') line.erase(at, 2);
  }
  return line;
}

/// Every row of the tables that are not hewn's own.
list rows_of(support::raw_sqlite& db) {
  list out;
  for (const std::string& line : dump(db))
    if (line.find(": ") != line.npos && !line.starts_with("hewn_") &&
        line.find("CREATE ") == line.npos)
      // The counters are made anew together with their tables.
      out.push_back(line.starts_with("sqlite_sequence: ") ? line.substr(line.find('|'))
                                                          : with_short_numbers(line));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("a plan does not depend on the order of tables, nor its end on the version",
          "[properties]") {
  for_all("determinism", 60, [](std::uint64_t seed) {
    trial t(seed);
    const std::optional<plan> p = t.plan();
    if (!p || p->empty() || p->blocked()) return false;
    INFO(hewn::report(*p));
    hewn::wanted_schema shuffled = t.change.wanted;
    std::reverse(shuffled.schema.tables.begin(), shuffled.schema.tables.end());
    CHECK(t.lab.plan(shuffled).fingerprint() == p->fingerprint());

    old_sqlite old;
    REQUIRE(hewn::sqlite::detail::copy_pages(t.lab.db.native(), old.native()) == SQLITE_OK);
    const plan other = hewn::make_plan(old, t.change.wanted);
    CHECK(support::changes_of(other) == support::changes_of(*p));
    hewn::apply(old, other,
                {.approvals = other.pending().empty() ? std::vector<hewn::approval>()
                                                      : std::vector{t.lab.approve(other)}});
    t.apply(*p);
    CHECK(tables_of(old) == tables_of(t.lab.db));
    CHECK(fingerprint_of(old, *p) == fingerprint_of(t.lab.db, *p));
    CHECK(rows_of(old) == rows_of(t.lab.db));
    return true;
  });
}
