// tests/docs/schema_diff_kinds_test.cpp - what sync makes of the same structs in two databases.
// SPDX-License-Identifier: BSL-1.0
#include "schema_diff_program.hpp"

#include <hewn/json.hpp>
#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/uuid.hpp>
#include <hewn/vector.hpp>

#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

enum class tone { bright, dark, it_is };
enum class phase { begun, done };

struct wishes {
  std::string colour;
};

struct measures {
  double width = 0;
  std::optional<double> height;
};

// Every type that a column has, with and without NULL.
struct every_type {
  std::int64_t id = 0;
  bool flag = false;
  std::int16_t small = 0;
  std::int32_t medium = 0;
  std::int64_t large = 0;
  float narrow = 0;
  double wide = 0;
  std::string text;
  std::vector<std::byte> bytes;
  hewn::timestamp at;
  std::chrono::sys_seconds second;
  hewn::date day;
  boost::uuids::uuid key{};
  hewn::json<wishes> wished;
  tone look = tone::bright;
  phase now = phase::begun;
  std::vector<bool> flags;
  std::vector<std::int16_t> smalls;
  std::vector<std::int32_t> mediums;
  std::vector<std::int64_t> larges;
  std::vector<double> wides;
  std::vector<std::string> texts;
  std::vector<hewn::timestamp> times;
  std::vector<hewn::date> days;
  std::optional<bool> maybe_flag;
  std::optional<std::int32_t> maybe_number;
  std::optional<std::string> maybe_text;
  std::optional<hewn::timestamp> maybe_at;
  std::optional<boost::uuids::uuid> maybe_key;
  std::optional<hewn::json<wishes>> maybe_wished;
  std::optional<phase> maybe_now;
  measures size;

  static consteval auto table() {
    return hewn::table("every_type")
        .native_enum<&every_type::now>()
        .native_enum<&every_type::maybe_now>();
  }
};

struct defaults {
  std::int64_t id = 0;
  bool on = true;
  bool off = false;
  std::int32_t negative = 0;
  double fraction = 0;
  std::string word;
  std::vector<std::int64_t> list;
  hewn::timestamp now;
  hewn::date day;
  tone look = tone::dark;
  phase state = phase::done;
  std::string computed;

  static consteval auto table() {
    return hewn::table("defaults")
        .default_value<&defaults::on>(true)
        .default_value<&defaults::off>(false)
        .default_value<&defaults::negative>(-5)
        .default_value<&defaults::fraction>(0.25)
        .default_value<&defaults::word>("it's")
        .default_value<&defaults::list>(hewn::empty)
        .default_value<&defaults::now>(hewn::now)
        .default_value<&defaults::day>("0000-02-29")
        .default_value<&defaults::look>("dark")
        .native_enum<&defaults::state>()
        .default_value<&defaults::state>("done")
        .default_value<&defaults::computed>(hewn::raw("lower('A')"));
  }
};

struct limited {
  std::int64_t id = 0;
  std::string name = "Ann";
  std::string role = "reader";
  std::optional<std::int16_t> level;
  std::optional<std::string> plate;
  std::optional<std::string> slug;
  std::optional<std::string> mail;
  std::optional<std::string> page;
  std::optional<double> share;
  std::optional<tone> look;
  std::string code;

  static consteval auto table() {
    return hewn::table("limited")
        .length<&limited::name>(1, 40)
        .not_blank<&limited::name>()
        .one_of<&limited::role>("reader", "writer", "it's all")
        .one_of<&limited::level>(1, 2, -3)
        .pattern<&limited::plate>("[A-Z]{2}-[0-9]*", "temp?", "aa.b{3}")
        .characters<&limited::slug>("a-z0-9-")
        .email<&limited::mail>()
        .url<&limited::page>()
        .range<&limited::share>(0.25, 1)
        .one_of<&limited::look>("bright")
        .type<&limited::code>("varchar(9)")
        .one_of<&limited::code>("a", "b")
        .check("limited_words",
               hewn::col<&limited::share> > 0.5 || hewn::col<&limited::role> == "reader")
        .check("limited_raw", hewn::raw("level <> 7 AND coalesce(share, 1.5) BETWEEN 0 AND 2"));
  }
};

struct own_key {
  std::int64_t number = 0;
  std::string name;

  static consteval auto table() {
    return hewn::table("own_key").primary_key<&own_key::number>().given_key();
  }
};

struct natural_key {
  std::string code;
  std::int32_t part = 0;
  std::int64_t total = 0;

  static consteval auto table() {
    return hewn::table("natural_key").primary_key<&natural_key::code, &natural_key::part>();
  }
};

struct counted {
  std::int64_t id = 0;
  std::string first;
  std::string second;
  std::optional<std::int64_t> rank;

  static consteval auto table() {
    return hewn::table("counted")
        .autoincrement()
        .unique<&counted::first, &counted::second>()
        .unique<&counted::second>(hewn::name("second_only"))
        .index<&counted::rank>()
        .index<hewn::desc<&counted::first>, &counted::rank>(
            hewn::where(hewn::col<&counted::rank> > 3))
        .unique_index<&counted::first>(hewn::name("ranked"),
                                       hewn::where(hewn::raw("rank IS NOT NULL")))
        .index_on(hewn::name("lowered"), hewn::raw("lower(first)"));
  }
};

struct child {
  std::int64_t id = 0;
  hewn::ref<own_key> owner;
  std::optional<std::int64_t> counted_id;
  std::optional<std::int64_t> parent;
  std::string code;
  std::int32_t part = 0;

  static consteval auto table() {
    return hewn::table("child")
        .references<&child::owner>(hewn::on_delete::cascade, hewn::on_update::cascade)
        .references<&child::counted_id, &counted::id>(hewn::on_delete::set_null)
        .references<&child::parent, &child::id>(hewn::on_delete::restrict)
        .references<&child::code, &child::part, &natural_key::code, &natural_key::part>();
  }
};

struct extension {
  hewn::ref<child> of;
  std::string text;

  static consteval auto table() {
    return hewn::table("extension").primary_key<&extension::of>().references<&extension::of>();
  }
};

struct dated {
  std::int64_t id = 0;
  std::string name;
  std::int64_t size = 0;
  std::int64_t version = 0;
  hewn::timestamp made;
  std::chrono::sys_time<std::chrono::milliseconds> changed;
  std::chrono::sys_seconds seen;
  std::chrono::sys_time<std::chrono::minutes> minute;
  std::optional<hewn::timestamp> gone;
  std::int64_t twice = 0;

  static consteval auto table() {
    return hewn::table("dated")
        .version<&dated::version>()
        .created<&dated::made>(hewn::in_database)
        .updated<&dated::changed>(hewn::in_database)
        .created<&dated::seen>()
        .soft_delete<&dated::gone>()
        .unique<&dated::name>()
        .generated<&dated::twice>(hewn::col<&dated::size> * 2)
        .column<&dated::minute>("the \"minute\"");
  }
};

struct clocks {
  std::int64_t id = 0;
  std::chrono::sys_seconds second;

  static consteval auto table() {
    return hewn::table("clocks").created<&clocks::second>(hewn::in_database);
  }
};

struct minutes {
  std::int64_t id = 0;
  std::chrono::sys_time<std::chrono::minutes> minute;

  static consteval auto table() {
    return hewn::table("minutes").created<&minutes::minute>(hewn::in_database);
  }
};

struct rented {
  std::int64_t id = 0;
  std::int64_t tenant = 0;
  std::string name;

  static consteval auto table() {
    return hewn::table("rented").tenant<&rented::tenant>().unique<&rented::tenant, &rented::name>();
  }
};

struct sealed {
  std::string code;
  std::int64_t number = 0;

  static consteval auto table() {
    return hewn::table("sealed").primary_key<&sealed::code>().strict().without_rowid();
  }
};

// The same structs in a SQLite file and a database of the server.
class two_databases : public docs::schema_diff_program {
 public:
  two_databases() : schema_diff_program("schema_diff_kinds"), name_(server().fresh_name()) {
    server().run("CREATE DATABASE " + name_);
    auto lite = hewn::sqlite::open(path("shop.db"));
    auto big = hewn::postgres::open(url());
    sync(lite);
    sync(big);
  }

  /// A copy of the one in PostgreSQL, changed.
  void change_postgres(const std::string& sql) {
    const std::string from = std::exchange(name_, server().fresh_name());
    server().run("CREATE DATABASE " + name_ + " TEMPLATE " + from);
    hewn::postgres::open(url()).script(sql);
    changed_from_ = from;
  }

  void take_back() { server().run("DROP DATABASE " + std::exchange(name_, changed_from_)); }

  static support::postgres_server& server() { return support::postgres_server::get(); }

  std::string url() const {
    return "postgresql://postgres@/" + name_ + "?host=" + server().folder();
  }

  docs::outcome compare(const std::string& more = "") const {
    return run("shop.db '" + url() + "' --report" + more);
  }
  docs::outcome compare_back() const { return run("'" + url() + "' shop.db --report"); }

 private:
  template <class Database>
  static void sync(Database& db) {
    hewn::sync<every_type, defaults, limited, own_key, natural_key, counted, child, extension,
               dated, clocks, minutes, rented, sealed>(db);
  }

  std::string name_;
  std::string changed_from_;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("the same structs are the same schema in both databases") {
  const two_databases both;
  for (const docs::outcome& got : {both.compare(), both.compare_back()}) {
    CHECK(got.out == "no differences\n");
    CHECK(got.error.empty());
    CHECK(got.code == 0);
  }
}

TEST_CASE("every difference between two databases of the same structs is reported") {
  const struct {
    const char* in_postgres;
    const char* there;
    const char* back;
  } differences[] = {
      {"ALTER TABLE every_type ALTER medium TYPE text", "change type medium from bigint to text",
       "change type medium from text to bigint"},
      {"ALTER TABLE every_type ALTER wide TYPE bigint USING 0", "change type wide from double",
       "change type wide from bigint"},
      {"ALTER TABLE every_type ALTER bytes TYPE text USING ''", "change type bytes from bytea",
       "change type bytes from text"},
      {"ALTER TABLE every_type ALTER text TYPE varchar(9)",
       "change type text from text to character varying(9)",
       "change type text from character varying(9) to text"},
      {"ALTER TABLE every_type ALTER maybe_text SET NOT NULL", "change nullability maybe_text",
       "change nullability maybe_text"},
      {"ALTER TABLE every_type DROP wide", "drop column \"wide\"", "add column \"wide\" double"},
      {"ALTER TABLE every_type ADD more uuid", "add column \"more\" uuid", "drop column \"more\""},
      {"ALTER TABLE every_type ALTER id DROP IDENTITY", "", ""},
      {"ALTER TABLE defaults ALTER negative SET DEFAULT 5", "change default negative",
       "change default negative"},
      {"ALTER TABLE defaults ALTER list DROP DEFAULT", "change default list from",
       "change default list from no default to"},
      {"ALTER TABLE clocks ALTER second SET DEFAULT date_trunc('minute', now())",
       "change default second", "change default second"},
      {"ALTER TABLE limited DROP CONSTRAINT limited_plate_pattern", "drop check", "add check"},
      {"ALTER TABLE limited DROP CONSTRAINT limited_plate_pattern, ADD CONSTRAINT "
       "limited_plate_pattern CHECK (plate ~ '^[A-Z]{3}-[0-9].*$')",
       "change check", "change check"},
      {"ALTER TABLE limited DROP CONSTRAINT limited_name_length, ADD CONSTRAINT "
       "limited_name_length CHECK (length(name) BETWEEN 1 AND 41)",
       "change check", "change check"},
      {"ALTER TABLE limited DROP CONSTRAINT limited_name_not_blank", "drop check", "add check"},
      {"ALTER TABLE counted DROP CONSTRAINT second_only", "drop unique", "add unique"},
      {"DROP INDEX lowered", "drop index", "CREATE INDEX"},
      {"DROP INDEX lowered; CREATE INDEX lowered ON counted (upper(first))", "change index lowered",
       "change index lowered"},
      {"DROP INDEX ranked; CREATE UNIQUE INDEX ranked ON counted (first) WHERE rank IS NULL",
       "change index ranked", "change index ranked"},
      {"ALTER TABLE child DROP CONSTRAINT child_owner_fkey", "drop foreign key", "add foreign key"},
      {"ALTER TABLE child DROP CONSTRAINT child_parent_fkey, ADD CONSTRAINT child_parent_fkey "
       "FOREIGN KEY (parent) REFERENCES child ON DELETE CASCADE",
       "change foreign key", "change foreign key"},
      {"DROP TRIGGER hewn_updated_dated_changed ON dated", "drop trigger", "create trigger"},
      {"DROP TABLE extension", "drop table", "create table"},
      {"CREATE TABLE added (id bigint PRIMARY KEY)", "create table", "drop table"},
      {"ALTER TYPE phase ADD VALUE 'late'", "change type now", "change type now"},
      {"ALTER TABLE natural_key DROP CONSTRAINT natural_key_pkey CASCADE, ADD PRIMARY KEY (code)",
       "change primary key", "change primary key"},
  };
  two_databases both;
  for (const auto& d : differences) {
    CAPTURE(d.in_postgres);
    both.change_postgres(d.in_postgres);
    const docs::outcome there = both.compare();
    const docs::outcome back = both.compare_back();
    CHECK(there.code == (*d.there == '\0' ? 0 : 2));
    CHECK(back.code == (*d.back == '\0' ? 0 : 2));
    CHECK(has(there.out, d.there));
    CAPTURE(back.out);
    CHECK(has(back.out, d.back));
    CHECK(there.error.empty());
    both.take_back();
  }
}
