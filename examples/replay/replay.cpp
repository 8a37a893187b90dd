// examples/replay/replay.cpp - plans each step of a chain of migrations from the one before.
// SPDX-License-Identifier: BSL-1.0
//
// Two databases: in `meant` the migrations themselves are run; `made` has rows and is brought from
// the schema before each migration to the schema after it by a plan. Then the two are compared by
// a reader of their catalogues that shares nothing with hewn's, a second plan must find nothing to
// do, and the rows must be as the plan said. A step that hewn refuses is taken by the migration.
#include "catalogue.hpp"
#include "chain.hpp"
#include "postgres_catalogue.hpp"
#include "rows.hpp"
#include "sqlite_catalogue.hpp"
#include "stage.hpp"

#include <hewn/base/error.hpp>
#include <hewn/postgres/open.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/plan/make_plan.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace replay {

constexpr const char* usage =
    "usage: replay FOLDER [--db URL]\n"
    "\n"
    "Plans each migration of FOLDER (NAME.sql, NAME/migration.sql, NAME/up.sql) from the schema "
    "before it,\n"
    "applies the plan to rows and compares the result with what the migration makes.\n"
    "  --db URL   a PostgreSQL server on which databases may be created and dropped;\n"
    "             without it, SQLite files in a temporary folder\n"
    "exit code: 0 nothing wrong, 1 a wrong result or an error, 2 the call is wrong\n";

struct numbers {
  int steps = 0;
  int unchanged = 0;
  int applied = 0;
  int approved = 0;  ///< of those applied, the ones that needed an approval
  int refused = 0;
  int wrong = 0;
  int errors = 0;
  int skipped = 0;  ///< the migration itself does not run
  int left = 0;     ///< something is left alone that hewn names as such
  std::int64_t rows = 0;
};

catalogue read_catalogue(stage& db) {
  return db.is_server() ? detail::read_server(db) : detail::read_sqlite(db);
}

/// Why a table cannot be read: SQLite takes a column that it has no function to compute. Empty:
/// all can be read.
std::string unreadable(stage& db) {
  for (const table& t : read_catalogue(db).tables) try {
      db.query("SELECT * FROM " + in_quotes(t.name) + " LIMIT 0");
    } catch (const hewn::error& e) {
      return e.what();
    }
  return {};
}

// ---------------------------------------------------------------------------- the two databases

class theatre {
 public:
  explicit theatre(std::string server) : server_(std::move(server)) {
    if (server_.empty()) {
      std::string pattern =
          (std::filesystem::temp_directory_path() / "hewn_replay_XXXXXX").string();
      if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("cannot make a temporary folder");
      folder_ = pattern;
    }
    open();
  }
  theatre(const theatre&) = delete;
  theatre& operator=(const theatre&) = delete;
  ~theatre() { close(); }

  stage& made() { return *made_; }
  stage& meant() { return *meant_; }

  /// Both empty again.
  void open() {
    close();
    if (server_.empty()) std::filesystem::create_directories(folder_);
    try {
      made_ = std::make_unique<stage>(place("made"));
      meant_ = std::make_unique<stage>(place("meant"));
    } catch (...) {
      close();
      throw;
    }
  }

  /// Puts a copy of `meant` into the place of `made`.
  void copy() {
    made_.reset();
    meant_.reset();
    if (server_.empty()) {
      std::filesystem::copy_file(folder_ + "/meant.db", folder_ + "/made.db",
                                 std::filesystem::copy_options::overwrite_existing);
    } else {
      stage all(server_);
      all.run("DROP DATABASE hewn_replay_made");
      all.database().script("CREATE DATABASE hewn_replay_made TEMPLATE hewn_replay_meant");
    }
    made_ = std::make_unique<stage>(url_of("made"));
    meant_ = std::make_unique<stage>(url_of("meant"));
  }

 private:
  std::string place(const std::string& name) {
    if (server_.empty()) return url_of(name);
    try {
      stage(server_).database().script("CREATE DATABASE hewn_replay_" + name);
    } catch (const hewn::error& e) {
      if (hewn::postgres::sqlstate(e) != "42P04") throw;  // duplicate_database
      throw std::runtime_error("the server has a database hewn_replay_" + name +
                               " already, of a replay that runs or was stopped; drop it first");
    }
    created_.push_back(name);
    return url_of(name);
  }

  std::string url_of(const std::string& name) const {
    if (server_.empty()) return "sqlite:" + folder_ + "/" + name + ".db";
    // The database is the path of the URL.
    const std::size_t path = server_.find('/', server_.find("://") + 3);
    const std::size_t end = std::min(server_.find('?'), server_.size());
    return server_.substr(0, std::min(path, end)) + "/hewn_replay_" + name + server_.substr(end);
  }

  void close() {
    made_.reset();
    meant_.reset();
    if (server_.empty()) std::filesystem::remove_all(folder_);
    for (const std::string& name : std::exchange(created_, {}))
      stage(server_).run("DROP DATABASE hewn_replay_" + name);
  }

  std::string server_;
  std::string folder_;
  std::vector<std::string> created_;  // on the server, by this program
  std::unique_ptr<stage> made_;
  std::unique_ptr<stage> meant_;
};

// ---------------------------------------------------------------------------- what is meant

/// A name as SQL writes it, without its quotes.
std::string bare(std::string name) {
  const char quote = name.front();
  if (quote != '"' && quote != '`' && quote != '[') return name;
  name = name.substr(1, name.size() - 2);
  for (std::size_t i = 0; i + 1 < name.size(); ++i)
    if (name[i] == quote && name[i + 1] == quote) name.erase(i, 1);
  return name;
}

/// What a migration renames, as it says so itself. A plan cannot know it.
std::vector<hewn::intent> renames_of(const std::string& sql) {
  const std::string name = R"re(("(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[A-Za-z0-9_]+))re";
  static const std::regex words("ALTER\\s+TABLE\\s+(?:ONLY\\s+)?" + name +
                                    "\\s*RENAME\\s+(?:(TO)\\b|(?:COLUMN\\b\\s*)?" + name +
                                    "\\s*\\bTO\\b)\\s*" + name,
                                std::regex::icase);
  std::vector<hewn::intent> out;
  for (auto i = std::sregex_iterator(sql.begin(), sql.end(), words); i != std::sregex_iterator();
       ++i) {
    const std::smatch& m = *i;
    if (m[2].matched)
      out.push_back({.kind = hewn::intent_kind::rename_table,
                     .table = bare(m[4]),
                     .former = bare(m[1]),
                     .once = true});
    else if (detail::lower(m[3].str()) != "constraint")
      out.push_back({.kind = hewn::intent_kind::rename_column,
                     .table = bare(m[1]),
                     .column = bare(m[4]),
                     .former = bare(m[3]),
                     .once = true});
  }
  return out;
}

/// Only the renames from what is there to what is wanted: a table that is made under another name
/// and takes the place of the old one is none.
std::vector<hewn::intent> meant_renames(const std::string& sql,
                                        const hewn::schema::database& before,
                                        const hewn::schema::database& after) {
  std::vector<hewn::intent> out = renames_of(sql);
  std::erase_if(out, [&](const hewn::intent& i) {
    if (i.kind == hewn::intent_kind::rename_table)
      return before.find_table(i.former) == nullptr || before.find_table(i.table) != nullptr ||
             after.find_table(i.table) == nullptr || after.find_table(i.former) != nullptr;
    const hewn::schema::table* now = after.find_table(i.table);
    const hewn::schema::table* then = before.find_table(i.table);
    return now == nullptr || now->find_column(i.column) == nullptr ||
           (then != nullptr &&
            (then->find_column(i.former) == nullptr || then->find_column(i.column) != nullptr));
  });
  return out;
}

/// What is gone in the migration and not renamed is meant to go.
std::vector<hewn::intent> drops_of(const hewn::plan& p) {
  std::vector<hewn::intent> out;
  for (const hewn::change& c : p.pending()) {
    if (!c.ambiguous) continue;
    if (c.kind == hewn::change_kind::drop_table)
      out.push_back({.kind = hewn::intent_kind::drop_table, .table = c.table});
    if (c.kind == hewn::change_kind::drop_column)
      out.push_back({.kind = hewn::intent_kind::drop_column, .table = c.table, .column = c.object});
  }
  return out;
}

// ---------------------------------------------------------------------------- the replay

class player {
 public:
  player(theatre& t, std::vector<step> chain) : theatre_(t), chain_(std::move(chain)) {}

  numbers run() {
    for (at_ = 0; at_ != chain_.size(); ++at_) {
      ++out_.steps;
      try {
        play(chain_[at_]);
      } catch (const std::exception& e) {
        ++out_.errors;
        say("error", e.what());
        start_again_without(chain_.size());
      }
    }
    return out_;
  }

 private:
  stage& made() { return theatre_.made(); }
  stage& meant() { return theatre_.meant(); }

  void say(const char* what, const std::string& words) {
    std::printf("%s: %s: %s\n", chain_[at_].name.c_str(), what, words.c_str());
  }

  void play(const step& s) {
    fill(made(), read_catalogue(made()), at_);
    if (const std::string problem = meant().run(s.sql); !problem.empty()) {
      ++out_.skipped;
      say("skipped, the migration fails without rows", problem);
      return start_again_without(at_);
    }
    if (const std::string problem = unreadable(meant()); !problem.empty()) {
      ++out_.skipped;
      say("skipped, the migration makes a table that cannot be read", problem);
      return start_again_without(at_);
    }
    const catalogue before = read_catalogue(made());
    const content rows = read_content(made(), before);
    hewn::plan plan = planned(s);
    if (plan.blocked()) return refuse(s, plan);
    if (plan.empty()) {
      ++out_.unchanged;
      say("no change", std::to_string(rows.rows.size()) + " tables");
    } else {
      apply(plan);
    }
    compare(plan, before, rows);
  }

  hewn::plan planned(const step& s) {
    const hewn::schema::database after = meant().executor().introspect();
    hewn::wanted_schema wanted{
        .schema = after,
        .intents = meant_renames(s.sql, made().executor().introspect(), after),
        .complete = true};
    hewn::plan plan = hewn::make_plan(made().executor(), wanted);
    if (!plan.blocked()) return plan;
    const std::vector<hewn::intent> drops = drops_of(plan);
    if (drops.empty()) return plan;
    wanted.intents.insert(wanted.intents.end(), drops.begin(), drops.end());
    return hewn::make_plan(made().executor(), wanted);
  }

  void apply(const hewn::plan& plan) {
    hewn::sync_options options;
    if (!plan.pending().empty()) {
      ++out_.approved;
      options.approvals = {
          hewn::approve(made().executor(), plan, "the migration says so", {.approver = "replay"})};
    }
    hewn::apply(made().executor(), plan, options);
    ++out_.applied;
    say(plan.pending().empty() ? "applied" : "applied with an approval", words_of(plan));
  }

  static std::string words_of(const hewn::plan& plan) {
    std::string out;
    for (const hewn::change& c : plan.changes())
      out += (out.empty() ? "" : ", ") + std::string(to_string(c.kind)) + " " + c.table +
             (c.object.empty() ? "" : "." + c.object);
    return out;
  }

  // The migration itself goes on from here, where it can.
  void refuse(const step& s, const hewn::plan& plan) {
    ++out_.refused;
    for (const hewn::change& c : plan.pending())
      if (c.verdict == hewn::verdict::blocked)
        say("refused", std::string(to_string(c.kind)) + " " + c.table +
                           (c.object.empty() ? "" : ".") + c.object + ": " + c.reason + "; " +
                           c.repair);
    for (const std::string& problem : plan.problems()) say("refused", problem);
    const std::string problem = made().run(s.sql);
    say("the migration itself", problem.empty() ? "succeeds on these rows" : problem);
    if (!problem.empty() || !differences(read_catalogue(made()), read_catalogue(meant())).empty())
      theatre_.copy();
  }

  void compare(const hewn::plan& plan, const catalogue& before, const content& rows) {
    const catalogue after = read_catalogue(made());
    bool good = true;
    bool whole = true;
    const std::vector<hewn::schema::other_object> named = left_alone();
    for (const difference& d : differences(after, read_catalogue(meant()))) {
      if (const hewn::schema::other_object* o = named_in(named, d.about)) {
        whole = false;
        say("left alone", o->kind + " " + o->name + (o->table.empty() ? "" : " of " + o->table) +
                              ", so " + d.words);
      } else {
        good = false;
        say("wrong", d.words);
      }
    }
    if (!whole) ++out_.left;
    const hewn::plan again = hewn::make_plan(
        made().executor(), {.schema = meant().executor().introspect(), .complete = true});
    if (!again.empty()) {
      good = false;
      say("wrong", "a second plan is not empty: " + words_of(again));
    }
    good = compare_rows(plan, before, rows, after) && good;
    if (!good) ++out_.wrong;
    if (!good || !whole) theatre_.copy();
  }

  /// What hewn says that its model has no place for.
  std::vector<hewn::schema::other_object> left_alone() {
    std::vector<hewn::schema::other_object> out = made().executor().introspect().others;
    const std::vector<hewn::schema::other_object> more = meant().executor().introspect().others;
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  /// The one that is the thing itself, or a clause of it; a virtual table is also its own tables.
  static const hewn::schema::other_object* named_in(
      const std::vector<hewn::schema::other_object>& named, const subject& about) {
    for (const hewn::schema::other_object& o : named) {
      const bool whole =
          o.table.empty() && (o.name == about.owner ||
                              (o.kind == "virtual table" && about.owner.starts_with(o.name + "_")));
      const bool part = o.table == about.owner && !about.part.empty() &&
                        (" " + o.name + " ").find(" " + about.part + " ") != std::string::npos;
      if (whole || part) return &o;
    }
    return nullptr;
  }

  static bool touches(const hewn::plan& plan, const std::string& table, const std::string& column) {
    return std::any_of(plan.changes().begin(), plan.changes().end(), [&](const hewn::change& c) {
      return c.table == table && c.object == column;
    });
  }

  bool compare_rows(const hewn::plan& plan, const catalogue& before, const content& rows,
                    const catalogue& schema) {
    const content now = read_content(made(), schema);
    bool good = true;
    for (const table& t : before.tables) {
      const auto count = now.rows.find(t.name);
      if (count == now.rows.end()) continue;  // dropped or renamed, as its catalogue says
      out_.rows += count->second;
      if (count->second != rows.rows.at(t.name)) {
        good = false;
        say("wrong", "table " + t.name + " had " + std::to_string(rows.rows.at(t.name)) +
                         " rows and has " + std::to_string(count->second));
      }
      for (const column& c : t.columns) {
        const auto value = now.columns.find(t.name + "." + c.name);
        if (value == now.columns.end() || touches(plan, t.name, c.name)) continue;
        if (value->second == rows.columns.at(t.name + "." + c.name)) continue;
        good = false;
        say("wrong", "values of " + t.name + "." + c.name + " are other values now");
      }
    }
    return good;
  }

  // Both from the migrations alone, up to this one.
  void start_again_without(std::size_t left_out) {
    theatre_.open();
    if (left_out != chain_.size()) broken_.push_back(left_out);
    for (std::size_t i = 0; i <= at_; ++i)
      if (std::find(broken_.begin(), broken_.end(), i) == broken_.end()) meant().run(chain_[i].sql);
    theatre_.copy();
  }

  theatre& theatre_;
  std::vector<step> chain_;
  std::vector<std::size_t> broken_;  // steps that do not run at all
  std::size_t at_ = 0;
  numbers out_;
};

void print(const numbers& n) {
  std::printf(
      "%d steps: %d applied, %d of them with an approval; %d without a change; %d refused; "
      "%d skipped; %d left something alone; %d wrong; %d errors; %lld rows compared\n",
      n.steps, n.applied, n.approved, n.unchanged, n.refused, n.skipped, n.left, n.wrong, n.errors,
      static_cast<long long>(n.rows));
}

int run(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  std::string folder;
  std::string server;
  for (std::size_t i = 0; i != arguments.size(); ++i) {
    if (arguments[i] == "--db" && i + 1 != arguments.size()) {
      server = arguments[++i];
    } else if (folder.empty() && !arguments[i].starts_with("--")) {
      folder = arguments[i];
    } else {
      folder.clear();
      break;
    }
  }
  if (folder.empty()) {
    std::fputs(usage, stderr);
    return 2;
  }
  try {
    std::vector<step> chain = read_chain(folder);
    theatre both(server);
    const numbers n = player(both, std::move(chain)).run();
    print(n);
    return n.wrong == 0 && n.errors == 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "replay: %s\n", e.what());
    return 1;
  }
}

}  // namespace replay

int main(int count, char** values) { return replay::run(count, values); }
