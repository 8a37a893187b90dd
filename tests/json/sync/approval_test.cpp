// tests/json/sync/approval_test.cpp - approvals as files, and the files that are refused.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/base/error.hpp>
#include <hewn/json/sync/approval.hpp>
#include <hewn/sync/approval/approval.hpp>

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

using hewn::approval;
using hewn::approval_from_json;
using hewn::to_json;
using nlohmann::ordered_json;
using namespace std::chrono_literals;

namespace {

approval example() {
  const hewn::timestamp noon = std::chrono::sys_days(std::chrono::year(2030) / 1 / 2) + 12h;
  return {.plan = std::string(64, 'a'),
          .from = std::string(64, 'b'),
          .database = "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d",
          .grants = {{.change = "0123456789abcdef", .rows_lost = 1, .values_lost = 2},
                     {.change = "fedcba9876543210", .values_changed = 3}},
          .approver = "Ada \"the first\"",
          .reason = "naïve\nnotes \\ moved",
          .issued_at = noon,
          .not_before = noon + 1us,
          .expires_at = noon + 1h,
          .nonce = "5b0c2d1e-0000-4000-8000-000000000000",
          .signature = "x"};
}

std::string message_of(const std::string& json) {
  try {
    approval_from_json(json);
  } catch (const hewn::error& e) {
    CHECK(e.code() == hewn::errc::invalid_data);
    return e.what();
  }
  return "no error";
}

// The message between the prefix and the repair, once `edit` was applied to a good file.
std::string problem_after(const std::function<void(ordered_json&)>& edit) {
  ordered_json file = ordered_json::parse(to_json(example()));
  edit(file);
  const std::string message = message_of(file.dump());
  const std::string repair = "; correct the JSON, or have it made again";
  if (!message.starts_with("hewn: ") || !message.ends_with(repair)) return message;
  return message.substr(6, message.size() - 6 - repair.size());
}

}  // namespace

TEST_CASE("an approval is written the same way every time") {
  CHECK(to_json(example()) == R"({
  "format": "hewn-approval:1",
  "planner": 1,
  "plan": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "from": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
  "database": "0d8e1f7c-6f7e-4b5e-9d57-0f6c7b1a2c3d",
  "grants": [
    {
      "change": "0123456789abcdef",
      "rows_lost": 1,
      "values_lost": 2,
      "values_changed": 0
    },
    {
      "change": "fedcba9876543210",
      "rows_lost": 0,
      "values_lost": 0,
      "values_changed": 3
    }
  ],
  "approver": "Ada \"the first\"",
  "reason": "naïve\nnotes \\ moved",
  "issued_at": "2030-01-02T12:00:00Z",
  "not_before": "2030-01-02T12:00:00.000001Z",
  "expires_at": "2030-01-02T13:00:00Z",
  "nonce": "5b0c2d1e-0000-4000-8000-000000000000",
  "signature": "x"
}
)");
}

TEST_CASE("an approval comes back as it was, and so does its signature") {
  approval a = example();
  sign(a, "key");
  const approval back = approval_from_json(to_json(a));
  CHECK(back == a);
  CHECK(canonical_text(back) == canonical_text(a));
  a.database.clear();
  a.grants.clear();
  a.not_before = {};
  CHECK(approval_from_json(to_json(a)) == a);
}

TEST_CASE("a member that is missing is named") {
  const ordered_json good = ordered_json::parse(to_json(example()));
  for (const auto& item : good.items())
    CHECK(problem_after([&](ordered_json& file) { file.erase(item.key()); }) ==
          "approval." + item.key() + " is missing");
  for (const char* name : {"change", "rows_lost", "values_lost", "values_changed"})
    CHECK(problem_after([&](ordered_json& file) { file["grants"][1].erase(name); }) ==
          "approval.grants[1]." + std::string(name) + " is missing");
}

TEST_CASE("a member that nobody knows is named") {
  CHECK(problem_after([](ordered_json& file) { file["force"] = true; }) ==
        "approval.force is not a known member");
  CHECK(problem_after([](ordered_json& file) { file["grants"][0]["rows"] = 1; }) ==
        "approval.grants[0].rows is not a known member");
  CHECK(problem_after([](ordered_json& file) { file["\x1b[2J"] = 1; }) ==
        "approval.?[2J is not a known member");
}

TEST_CASE("a member of another type or value is named") {
  const auto with = [](const char* name, ordered_json value) {
    return problem_after([&](ordered_json& file) { file[name] = value; });
  };
  CHECK(with("format", "hewn-approval:2") == "approval.format is not hewn-approval:1");
  CHECK(with("planner", "1") == "approval.planner is not a whole number from 0 to 2147483647");
  CHECK(with("planner", 3000000000) ==
        "approval.planner is not a whole number from 0 to 2147483647");
  CHECK(with("plan", "abc") == "approval.plan is not a digest of 64 digits");
  CHECK(with("plan", std::string(64, 'A')) == "approval.plan is not a digest of 64 digits");
  CHECK(with("from", 1) == "approval.from is not text");
  CHECK(with("database", "any") == "approval.database is not a UUID");
  CHECK(with("database", nullptr) == "approval.database is not text");
  CHECK(with("grants", "all") == "approval.grants is not a list");
  CHECK(with("grants", {"all"}) == "approval.grants[0] is not an object");
  CHECK(with("approver", nullptr) == "approval.approver is not text");
  CHECK(with("reason", ordered_json::array()) == "approval.reason is not text");
  CHECK(with("issued_at", "today") ==
        "approval.issued_at is not a time such as 2030-01-31T23:59:59Z");
  CHECK(with("expires_at", "2030-02-30T00:00:00Z") ==
        "approval.expires_at is not a time such as 2030-01-31T23:59:59Z");
  CHECK(with("expires_at", 4102444800) == "approval.expires_at is not text");
  CHECK(with("nonce", "") == "approval.nonce is not a UUID");
  CHECK(with("signature", false) == "approval.signature is not text");
}

TEST_CASE("a limit is a whole number") {
  for (const ordered_json& limit :
       {ordered_json(-1), ordered_json(1.0), ordered_json("1"), ordered_json(nullptr),
        ordered_json(true), ordered_json(std::numeric_limits<std::uint64_t>::max())})
    CHECK(problem_after([&](ordered_json& file) { file["grants"][0]["rows_lost"] = limit; }) ==
          "approval.grants[0].rows_lost is not a whole number from 0 to 9223372036854775807");
  CHECK(problem_after([](ordered_json& file) {
          file["grants"][0]["rows_lost"] = std::numeric_limits<std::int64_t>::max();
        }) == "no error");
}

TEST_CASE("what is not JSON is refused with the place") {
  const std::string good = to_json(example());
  CHECK(message_of("") ==
        "hewn: approval is not JSON from byte 1 on; correct the JSON, or have it made again");
  CHECK(message_of(good.substr(0, 20)).find("is not JSON from byte 21 on") != std::string::npos);
  CHECK(message_of(good + "x").find("is not JSON from byte ") != std::string::npos);
  CHECK(message_of(good + std::string(1, '\0') + "x").find("is not JSON;") != std::string::npos);
  CHECK(message_of(std::string(5000, '[')).find("is not JSON;") != std::string::npos);
  CHECK(message_of("[]").find("approval is not an object") != std::string::npos);
  CHECK(message_of("{\"a\xff\":1}").find("is not JSON from byte ") != std::string::npos);
}

TEST_CASE("a member that is there twice is refused, whichever would win") {
  const std::string good = to_json(example());
  const auto twice = [&good](const std::string& before, const std::string& extra) {
    std::string json = good;
    json.insert(json.find(before), extra + ", ");
    return message_of(json);
  };
  CHECK(twice("\"reason\"", "\"reason\": \"other\"") ==
        "hewn: approval has reason twice in one object; correct the JSON, or have it made again");
  CHECK(twice("\"rows_lost\"", "\"rows_lost\": 1000000").find("has rows_lost twice") !=
        std::string::npos);
}

TEST_CASE("what JSON cannot hold is not written") {
  approval a = example();
  a.reason = "\xff";
  CHECK_THROWS_AS(to_json(a), hewn::error);
  a = example();
  a.expires_at = hewn::timestamp::max();
  try {
    to_json(a);
    CHECK(false);
  } catch (const hewn::error& e) {
    CHECK(std::string(e.what()).find("approval.expires_at is not between the years") !=
          std::string::npos);
  }
}
