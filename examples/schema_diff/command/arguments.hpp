// examples/schema_diff/command/arguments.hpp - what the command line asks for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schema_diff {

constexpr std::string_view usage =
    "usage: schema_diff OLD NEW [--json] [--policy NAME] [--rename FORMER=NOW]... [--drop "
    "NAME]...\n"
    "                   [--backfill T.C=SQL]... [--convert T.C=SQL]...\n"
    "                   [--migration FOLDER [--name TEXT]]\n"
    "                   [--apply DATABASE [--approve PLAN_ID [--by NAME] [--reason TEXT]]]\n"
    "                   [--server URL] [--report]\n"
    "\n"
    "OLD and NEW are databases or files of SQL. Prints what leads from OLD to NEW.\n"
    "A database is a SQLite file or a URL, postgresql://..., of which libpq finds what is left "
    "out\n"
    "(PGPASSFILE, PGSERVICE, PGHOST, ...).\n"
    "  --json             the plan as JSON\n"
    "  --rename a=b       the table a is called b now; also t.a=t.b for columns\n"
    "  --drop t           the table is meant to go; also t.c for a column\n"
    "  --backfill t.c=x   rows without a value for the column get x, a constant or SQL over the "
    "row\n"
    "  --convert t.c=x    x, SQL over the row, makes the column's new values\n"
    "  --policy NAME      what needs an approval: dev, standard (the default), ci or production\n"
    "  --migration FOLDER writes the plan as the next migration file of the folder, as --name\n"
    "  --apply DATABASE   carries it out on DATABASE, which has the schema of OLD\n"
    "  --approve PLAN_ID  allows what the plan says that it loses\n"
    "  --server URL       files of SQL are PostgreSQL's: each is run there on a database of its "
    "own\n"
    "  --report           what differs between a SQLite and a PostgreSQL database; no plan\n"
    "exit code: 0 no difference, applied or written; 1 error; 2 differences; 3 approval required; "
    "4 "
    "blocked\n";

/// Whether the argument names a PostgreSQL database. It may then hold a password.
inline bool is_url(std::string_view argument) {
  return argument.starts_with("postgresql://") || argument.starts_with("postgres://");
}

/// The command line cannot be understood.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct arguments {
  std::string old_schema;
  std::string new_schema;
  bool json = false;
  bool help = false;
  std::vector<std::pair<std::string, std::string>> renames;  // former and present name
  std::vector<std::string> drops;
  std::vector<std::pair<std::string, std::string>> backfills;    // column and SQL
  std::vector<std::pair<std::string, std::string>> conversions;  // likewise
  std::string policy;                                            // empty: standard
  std::string migrations;  // the folder for the plan as a migration; empty: none
  std::string name;        // of the migration
  std::string database;    // to apply it to; empty: only look
  std::string approved;    // the plan's fingerprint, or its beginning
  std::string approver;
  std::string reason;
  std::string server;  // on which files of SQL are run; empty: SQLite
  bool report = false;
};

namespace detail {

class reader {
 public:
  reader(int count, const char* const* values) : count_(count), values_(values) {}

  arguments read() {
    while (at_ < count_) take(values_[at_++]);
    if (out_.help) return std::move(out_);
    if (names_ != 2) throw usage_error("two schemas are to be named");
    if (out_.database.empty() && !out_.approved.empty())
      throw usage_error("--approve goes with --apply");
    if (!out_.database.empty() && !out_.migrations.empty())
      throw usage_error("--migration writes a file that is applied later, so it has no --apply");
    if (out_.migrations.empty() && !out_.name.empty())
      throw usage_error("--name goes with --migration");
    if (out_.approved.empty() && !(out_.approver.empty() && out_.reason.empty()))
      throw usage_error("--by and --reason go with --approve");
    if (!out_.server.empty() && !is_url(out_.server))
      throw usage_error("--server needs the URL of a PostgreSQL server, postgresql://...");
    if (out_.report && plans())
      throw usage_error("--report makes no plan, so it takes --json alone");
    return std::move(out_);
  }

 private:
  bool plans() const {
    return !(out_.renames.empty() && out_.drops.empty() && out_.backfills.empty() &&
             out_.conversions.empty() && out_.policy.empty() && out_.migrations.empty() &&
             out_.database.empty());
  }

  void take(const std::string& argument) {
    if (argument == "--help") {
      out_.help = true;
    } else if (argument == "--json") {
      out_.json = true;
    } else if (argument == "--report") {
      out_.report = true;
    } else if (argument == "--server") {
      set(out_.server, argument);
    } else if (argument == "--rename") {
      add_pair(out_.renames, argument, "a former and a present name, such as old=new");
    } else if (argument == "--drop") {
      out_.drops.push_back(value_of(argument));
    } else if (argument == "--backfill") {
      add_pair(out_.backfills, argument, "a column and its value, such as users.age=0");
    } else if (argument == "--convert") {
      add_pair(out_.conversions, argument,
               "a column and SQL, such as 'items.price=CAST(price * 100 AS INTEGER)'");
    } else if (argument == "--policy") {
      set(out_.policy, argument);
    } else if (argument == "--migration") {
      set(out_.migrations, argument);
    } else if (argument == "--name") {
      set(out_.name, argument);
    } else if (argument == "--apply") {
      set(out_.database, argument);
    } else if (argument == "--approve") {
      set(out_.approved, argument);
    } else if (argument == "--by") {
      set(out_.approver, argument);
    } else if (argument == "--reason") {
      set(out_.reason, argument);
    } else if (argument.starts_with("--")) {
      throw usage_error("there is no option " + argument);
    } else if (names_ == 2) {
      throw usage_error("there is a third schema" +
                        (is_url(argument) ? std::string() : ", " + argument));
    } else {
      (names_++ == 0 ? out_.old_schema : out_.new_schema) = argument;
    }
  }

  std::string value_of(const std::string& option) {
    if (at_ == count_ || *values_[at_] == '\0') throw usage_error(option + " needs a value");
    return values_[at_++];
  }

  void set(std::string& member, const std::string& option) {
    if (!member.empty()) throw usage_error(option + " is there twice");
    member = value_of(option);
  }

  void add_pair(std::vector<std::pair<std::string, std::string>>& list, const std::string& option,
                const std::string& needed) {
    const std::string text = value_of(option);
    const std::size_t sign = text.find('=');
    if (sign == 0 || sign == text.npos || sign + 1 == text.size())
      throw usage_error(option + " needs " + needed);
    list.emplace_back(text.substr(0, sign), text.substr(sign + 1));
  }

  int count_;
  const char* const* values_;
  int at_ = 1;
  int names_ = 0;
  arguments out_;
};

}  // namespace detail

/// Throws: usage_error.
inline arguments read_arguments(int count, const char* const* values) {
  return detail::reader(count, values).read();
}

}  // namespace schema_diff
