// tests/json/sync/plan_test.cpp - plans as files, and files that are not the plan any more.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/error.hpp>
#include <hewn/json/sync/plan.hpp>
#include <hewn/json/sync/plan_check.hpp>

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using hewn::check;
using hewn::plan_from_json;
using hewn::recorded_plan;
using hewn::to_json;
using nlohmann::ordered_json;
using sentences = std::vector<std::string>;

namespace {

hewn::change drop_notes() {
  return {.kind = hewn::change_kind::drop_table,
          .table = "notes",
          .before = "CREATE TABLE notes (id INTEGER, \"a\\b\" TEXT)",
          .risk = {.effect = hewn::data_effect::lossy,
                   .cost = hewn::change_cost::scan,
                   .breaks = hewn::compatibility::readers_and_writers,
                   .undo = hewn::reversibility::structural},
          .loosens = true,
          .verdict = hewn::verdict::needs_approval,
          .reason = "rows would be lost",
          .repair = "approve it",
          .facts = {{.question = {.kind = hewn::fact_kind::rows_lost,
                                  .count = "SELECT count(*) FROM \"notes\"",
                                  .sample = "SELECT 'id=' || id FROM \"notes\""},
                     .count = 3,
                     .samples = {"id=1", "id=7"}}}};
}

hewn::change add_mail() {
  return {.kind = hewn::change_kind::add_column,
          .table = "person",
          .object = "mail",
          .after = "\"mail\" TEXT"};
}

recorded_plan example() {
  return {.dialect = hewn::dialect::sqlite,
          .fingerprint = std::string(64, 'a'),
          .from = std::string(64, 'b'),
          .to = std::string(64, 'c'),
          .changes = {drop_notes(), add_mail()},
          .steps = {{.sql = "DROP TABLE \"notes\"", .table = "notes"},
                    {.sql = "ALTER TABLE \"person\" ADD COLUMN \"mail\" TEXT", .table = "person"},
                    {.kind = hewn::step_kind::expect,
                     .sql = "SELECT 1",
                     .table = "person",
                     .promise = "every row is there"}},
          .problems = {"a problem"},
          .unmanaged = {{.kind = "view", .name = "v", .table = ""}}};
}

std::string message_of(const std::string& json) {
  try {
    plan_from_json(json);
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::invalid_data);
    return e.what();
  }
  return "no error";
}

std::string message_after(const std::function<void(ordered_json&)>& edit) {
  ordered_json file = ordered_json::parse(to_json(example()));
  edit(file);
  return message_of(file.dump());
}

// What check() says of a file that somebody edited.
sentences found_after(const std::function<void(ordered_json&)>& edit) {
  ordered_json file = ordered_json::parse(to_json(example()));
  edit(file);
  return check(plan_from_json(file.dump()), example());
}

/// Has the accessors of a plan, and data of its own.
struct stand_in {
  recorded_plan data;

  hewn::dialect dialect() const { return data.dialect; }
  const std::string& fingerprint() const { return data.fingerprint; }
  const std::string& from() const { return data.from; }
  const std::string& to() const { return data.to; }
  const std::vector<hewn::change>& changes() const& { return data.changes; }
  const std::vector<hewn::step>& steps() const& { return data.steps; }
  const std::vector<std::string>& problems() const& { return data.problems; }
  const std::vector<hewn::schema::other_object>& unmanaged() const& { return data.unmanaged; }
};

}  // namespace

TEST_CASE("what is kept of a plan is written and read") {
  recorded_plan p = example();
  p.changes[0].facts[0].question.condition = "\"text\" <> CAST(\"text\" AS integer)::text";
  p.steps.push_back({.kind = hewn::step_kind::keep,
                     .sql = "SELECT \"id\", \"text\" FROM \"notes\"",
                     .table = "notes",
                     .promise = "text",
                     .uses = {{.table = "notes",
                               .lock = hewn::table_lock::access_exclusive,
                               .cost = hewn::change_cost::scan,
                               .rows = 12,
                               .bytes = 8192}}});
  const recorded_plan read = plan_from_json(to_json(p));
  CHECK(read.changes == p.changes);
  CHECK(read.steps == p.steps);
  CHECK(read.steps.back().uses[0].rows == 12);
  CHECK(read.steps.back().uses[0].bytes == 8192);
  CHECK(check(read, p).empty());
  // The tables have grown since the file was written; another lock is another plan.
  p.steps.back().uses[0].rows = 13;
  CHECK(check(read, p).empty());
  p.steps.back().uses[0].lock = hewn::table_lock::share;
  CHECK(check(read, p) == sentences{"step 4 of the file is not that of the plan"});
  CHECK_FALSE(check(read, example()).empty());
}

TEST_CASE("a plan is written the same way every time") {
  recorded_plan p = example();
  p.changes = {drop_notes()};
  p.steps.resize(1);
  CHECK(to_json(p) == R"json({
  "format": "hewn-plan:1",
  "planner": 1,
  "dialect": "sqlite",
  "fingerprint": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "from": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
  "to": "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
  "changes": [
    {
      "id": ")json" + drop_notes().id() +
                          R"json(",
      "kind": "drop_table",
      "table": "notes",
      "object": "",
      "before": "CREATE TABLE notes (id INTEGER, \"a\\b\" TEXT)",
      "after": "",
      "classes": [
        "destructive",
        "breaking"
      ],
      "risk": {
        "effect": "lossy",
        "dependence": "none",
        "cost": "scan",
        "breaks": "readers_and_writers",
        "undo": "structural"
      },
      "ambiguous": false,
      "unsupported": false,
      "native": true,
      "loosens": true,
      "verdict": "needs_approval",
      "reason": "rows would be lost",
      "repair": "approve it",
      "facts": [
        {
          "kind": "rows_lost",
          "count": 3,
          "samples": [
            "id=1",
            "id=7"
          ],
          "count_sql": "SELECT count(*) FROM \"notes\"",
          "sample_sql": "SELECT 'id=' || id FROM \"notes\""
        }
      ]
    }
  ],
  "steps": [
    {
      "kind": "statement",
      "sql": "DROP TABLE \"notes\"",
      "table": "notes",
      "promise": ""
    }
  ],
  "problems": [
    "a problem"
  ],
  "unmanaged": [
    {
      "kind": "view",
      "name": "v",
      "table": ""
    }
  ]
}
)json");
}

TEST_CASE("a plan comes back as it was") {
  CHECK(plan_from_json(to_json(example())) == example());
  CHECK(to_json(plan_from_json(to_json(example()))) == to_json(example()));
  CHECK(check(plan_from_json(to_json(example())), example()).empty());
  const recorded_plan empty{.fingerprint = std::string(64, '0'),
                            .from = std::string(64, '0'),
                            .to = std::string(64, '0')};
  CHECK(plan_from_json(to_json(empty)) == empty);
}

TEST_CASE("whatever has the accessors of a plan is written like one") {
  CHECK(to_json(stand_in{example()}) == to_json(example()));
  CHECK(check(example(), stand_in{example()}).empty());
}

TEST_CASE("every kind of change has a name of its own") {
  for (int kind = 0; kind <= static_cast<int>(hewn::change_kind::change_trigger); ++kind) {
    recorded_plan p = example();
    p.changes[1].kind = static_cast<hewn::change_kind>(kind);
    CHECK(plan_from_json(to_json(p)) == p);
  }
  for (int kind = 0; kind <= static_cast<int>(hewn::fact_kind::filled); ++kind) {
    recorded_plan p = example();
    p.changes[0].facts[0].question.kind = static_cast<hewn::fact_kind>(kind);
    CHECK(plan_from_json(to_json(p)) == p);
  }
}

TEST_CASE("what was edited in the file is found", "[s79]") {
  using file = ordered_json;
  CHECK(found_after([](file& f) { f["steps"][0]["sql"] = "DROP TABLE \"person\""; }) ==
        sentences{"step 1 of the file is not that of the plan"});
  CHECK(found_after([](file& f) { f["steps"][2]["promise"] = "nothing"; }) ==
        sentences{"step 3 of the file is not that of the plan"});
  CHECK(found_after([](file& f) { f["steps"].erase(1); }) ==
        sentences{"the file has 2 steps, and the plan has 3",
                  "step 2 of the file is not that of the plan"});
  CHECK(found_after([](file& f) {
          f["changes"][0]["risk"]["effect"] = "none";
          f["changes"][0]["classes"] = {"breaking"};
        }) == sentences{"drop table notes: effect is lossy, and the file says none"});
  CHECK(found_after([](file& f) { f["changes"][0]["risk"]["cost"] = "metadata"; }) ==
        sentences{"drop table notes: cost is scan, and the file says metadata"});
  CHECK(found_after([](file& f) { f["changes"][0]["risk"]["undo"] = "exact"; }) ==
        sentences{"drop table notes: undo is structural, and the file says exact"});
  CHECK(found_after([](file& f) {
          f["changes"][0]["risk"]["breaks"] = "none";
          f["changes"][0]["classes"] = {"destructive"};
        }) == sentences{"drop table notes: breaks is readers_and_writers, and the file says none"});
  CHECK(found_after([](file& f) { f["changes"][0]["verdict"] = "applies"; }) ==
        sentences{"drop table notes: verdict is needs_approval, and the file says applies"});
  CHECK(found_after([](file& f) { f["changes"][0]["loosens"] = false; }) ==
        sentences{"drop table notes: loosens is true, and the file says false"});
  CHECK(found_after([](file& f) { f["changes"][0]["native"] = false; }) ==
        sentences{"drop table notes: native is true, and the file says false"});
  CHECK(found_after([](file& f) { f["changes"][0]["reason"] = "no reason"; }) ==
        sentences{"drop table notes: the file gives another reason or repair"});
  CHECK(found_after([](file& f) { f["changes"][0]["facts"][0]["count"] = 1; }) ==
        sentences{"drop table notes: the file says 1 row would be lost, and now 3 rows would be "
                  "lost"});
  CHECK(found_after([](file& f) { f["changes"][0]["facts"][0]["count_sql"] = "SELECT 3"; }) ==
        sentences{"drop table notes: fact 1 counts something else"});
  CHECK(found_after([](file& f) { f["changes"][0]["facts"][0]["samples"].erase(1); }) ==
        sentences{"drop table notes: the file names other rows than there are now"});
  CHECK(found_after([](file& f) { f["changes"][0]["facts"].clear(); }) ==
        sentences{"drop table notes: the file has 0 facts, and the plan has 1"});
  CHECK(found_after([](file& f) { f["changes"].erase(0); }) ==
        sentences{"drop table notes is in the plan and not in the file"});
  CHECK(found_after([](file& f) { f["changes"].push_back(f["changes"][0]); }) ==
        sentences{"the file has the changes in another order than the plan"});
  CHECK(found_after([](file& f) { std::swap(f["changes"][0], f["changes"][1]); }) ==
        sentences{"the file has the changes in another order than the plan"});
  CHECK(found_after([](file& f) { f["problems"].clear(); }) ==
        sentences{"the file tells other problems than the plan"});
  CHECK(found_after([](file& f) { f["unmanaged"][0]["name"] = "w"; }) ==
        sentences{"the file leaves other objects alone than the plan"});
  CHECK(found_after([](file& f) { f["fingerprint"] = std::string(64, '1'); }) ==
        sentences{"the file has another fingerprint than the plan"});
  CHECK(found_after([](file& f) { f["from"] = std::string(64, '1'); }) ==
        sentences{"the file starts from another schema than the database has"});
  CHECK(found_after([](file& f) { f["to"] = std::string(64, '1'); }) ==
        sentences{"the file leads to another schema than is wanted"});
  CHECK(found_after([](file& f) { f["planner"] = 2; }) ==
        sentences{"the file was made by another planner"});
  CHECK(found_after([](file& f) { f["dialect"] = "postgres"; }) ==
        sentences{"the file is for another kind of database"});
}

TEST_CASE("a change that the plan does not have is found", "[s79]") {
  recorded_plan more = example();
  more.changes.push_back(add_mail());
  more.changes.back().object = "fax\x1b";
  CHECK(check(more, example()) ==
        sentences{"add column person.fax? is in the file and not in the plan"});
}

namespace {

// Every member of every object below `value`, each with an edit that keeps the type.
void edits(ordered_json& root, ordered_json& value,
           const std::function<void(const ordered_json&)>& visit) {
  if (value.is_structured()) {
    for (auto& element : value) edits(root, element, visit);
    return;
  }
  const ordered_json before = value;
  if (value.is_boolean())
    value = !value.get<bool>();
  else if (value.is_number())
    value = value.get<int>() + 1;
  else
    value = value.get<std::string>() + "x";
  visit(root);
  value = before;
}

}  // namespace

TEST_CASE("no single edit goes unnoticed", "[s79]") {
  ordered_json file = ordered_json::parse(to_json(example()));
  int tried = 0;
  edits(file, file, [&tried](const ordered_json& edited) {
    ++tried;
    INFO(edited.dump());
    const std::string text = edited.dump();
    if (message_of(text) == "no error") CHECK_FALSE(check(plan_from_json(text), example()).empty());
  });
  CHECK(tried > 50);
}

TEST_CASE("a file that contradicts itself is refused", "[s79]") {
  CHECK(message_after([](ordered_json& f) { f["changes"][0]["table"] = "person"; }) ==
        "hewn: plan.changes[0].id is not the digest of the change; correct the JSON, or have it "
        "made again");
  CHECK(message_after([](ordered_json& f) { f["changes"][0]["classes"] = {"safe"}; }) ==
        "hewn: plan.changes[0].classes are not those of its risk; correct the JSON, or have it "
        "made again");
}

TEST_CASE("a member of a plan that is wrong is named") {
  const auto message = [](const std::string& problem) {
    return "hewn: plan." + problem + "; correct the JSON, or have it made again";
  };
  CHECK(message_after([](ordered_json& f) { f["format"] = "hewn-plan:0"; }) ==
        message("format is not hewn-plan:1"));
  CHECK(message_after([](ordered_json& f) { f["dialect"] = "oracle"; }) ==
        message("dialect is not one of sqlite postgres"));
  CHECK(message_after([](ordered_json& f) { f["changes"][0]["risk"]["lock"] = "none"; }) ==
        message("changes[0].risk.lock is not a known member"));
  CHECK(message_after([](ordered_json& f) { f["changes"][0]["ambiguous"] = 0; }) ==
        message("changes[0].ambiguous is not true or false"));
  CHECK(message_after([](ordered_json& f) { f["changes"][0]["facts"][0]["samples"] = {1}; }) ==
        message("changes[0].facts[0].samples[0] is not text"));
  CHECK(message_after([](ordered_json& f) { f["steps"][1].erase("sql"); }) ==
        message("steps[1].sql is missing"));
  CHECK(message_after([](ordered_json& f) { f["steps"][0]["kind"] = "shell"; }) ==
        message("steps[0].kind is not one of statement copy expect keep"));
  const ordered_json good = ordered_json::parse(to_json(example()));
  for (const auto& item : good.items())
    CHECK(message_after([&](ordered_json& f) { f.erase(item.key()); }) ==
          message(item.key() + " is missing"));
}

TEST_CASE("text that JSON cannot hold is not written") {
  recorded_plan p = example();
  p.changes[0].before = "DEFAULT '\xff'";
  try {
    to_json(p);
    CHECK(false);
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::invalid_data);
    CHECK(std::string(e.what()) ==
          "hewn: plan has a text that is not UTF-8, which JSON cannot hold; correct the JSON, or "
          "have it made again");
  }
}
