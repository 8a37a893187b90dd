// hewn/json/sync/plan.hpp - a plan as a file, to be reviewed here and applied there.
// SPDX-License-Identifier: BSL-1.0
//
// A file is evidence, never an order: nothing in it is executed. Whoever applies makes the plan
// anew and asks check() whether the file says the same.
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/json/sync/strict.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/step.hpp>

#include <nlohmann/json.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// What a file says about a plan.
struct recorded_plan {
  int planner = planner_version;
  hewn::dialect dialect{};
  std::string fingerprint = {};
  std::string from = {};
  std::string to = {};
  std::vector<change> changes = {};
  std::vector<step> steps = {};
  std::vector<std::string> problems = {};
  std::vector<schema::other_object> unmanaged = {};

  bool operator==(const recorded_plan&) const = default;
};

/// Anything that can be asked what class plan can.
template <class T>
concept plan_like = requires(const T& p) {
  { p.dialect() } -> std::convertible_to<dialect>;
  { p.fingerprint() } -> std::convertible_to<std::string>;
  { p.from() } -> std::convertible_to<std::string>;
  { p.to() } -> std::convertible_to<std::string>;
  { p.changes() } -> std::convertible_to<std::vector<change>>;
  { p.steps() } -> std::convertible_to<std::vector<step>>;
  { p.problems() } -> std::convertible_to<std::vector<std::string>>;
  { p.unmanaged() } -> std::convertible_to<std::vector<schema::other_object>>;
};

/// What a file of `p` would say.
template <plan_like Plan>
recorded_plan recorded(const Plan& p) {
  return {.dialect = p.dialect(),
          .fingerprint = p.fingerprint(),
          .from = p.from(),
          .to = p.to(),
          .changes = p.changes(),
          .steps = p.steps(),
          .problems = p.problems(),
          .unmanaged = p.unmanaged()};
}

namespace detail {

template <class Enumeration>
std::string json_label(Enumeration value) {
  return std::string(codec<Enumeration>::encode(value));
}

inline nlohmann::ordered_json classes_of(const change& c) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const risk_class r : risk_classes(c)) out.push_back(json_label(r));
  return out;
}

inline nlohmann::ordered_json json_of(const change& c) {
  nlohmann::ordered_json facts = nlohmann::ordered_json::array();
  for (const fact& f : c.facts) {
    facts.push_back({{"kind", json_label(f.question.kind)},
                     {"count", f.count},
                     {"samples", f.samples},
                     {"count_sql", f.question.count},
                     {"sample_sql", f.question.sample}});
    if (!f.question.condition.empty()) facts.back()["condition_sql"] = f.question.condition;
  }
  return {{"id", c.id()},
          {"kind", json_label(c.kind)},
          {"table", c.table},
          {"object", c.object},
          {"before", c.before},
          {"after", c.after},
          {"classes", classes_of(c)},
          {"risk",
           {{"effect", json_label(c.risk.effect)},
            {"dependence", json_label(c.risk.dependence)},
            {"cost", json_label(c.risk.cost)},
            {"breaks", json_label(c.risk.breaks)},
            {"undo", json_label(c.risk.undo)}}},
          {"ambiguous", c.ambiguous},
          {"unsupported", c.unsupported},
          {"native", c.native},
          {"loosens", c.loosens},
          {"verdict", json_label(c.verdict)},
          {"reason", c.reason},
          {"repair", c.repair},
          {"facts", facts}};
}

inline change_risk risk_from(strict_object in) {
  change_risk out{.effect = in.one_of<data_effect>("effect"),
                  .dependence = in.one_of<data_dependence>("dependence"),
                  .cost = in.one_of<change_cost>("cost"),
                  .breaks = in.one_of<compatibility>("breaks"),
                  .undo = in.one_of<reversibility>("undo")};
  in.done();
  return out;
}

inline fact fact_from(const nlohmann::json& element, const std::string& where) {
  strict_object in(element, where);
  fact out{.question = {.kind = in.one_of<fact_kind>("kind"),
                        .count = in.text("count_sql"),
                        .sample = in.text("sample_sql"),
                        .condition = in.text_or_nothing("condition_sql")},
           .count = in.count("count"),
           .samples = in.texts("samples")};
  in.done();
  return out;
}

inline change change_from(const nlohmann::json& element, const std::string& where) {
  strict_object in(element, where);
  const std::string id = in.digest("id", 16);
  const std::vector<std::string> classes = in.texts("classes");
  change c{.kind = in.one_of<change_kind>("kind"),
           .table = in.text("table"),
           .object = in.text("object"),
           .before = in.text("before"),
           .after = in.text("after"),
           .risk = risk_from(in.object("risk")),
           .ambiguous = in.boolean("ambiguous"),
           .unsupported = in.boolean("unsupported"),
           .native = in.boolean("native"),
           .loosens = in.boolean("loosens"),
           .verdict = in.one_of<verdict>("verdict"),
           .reason = in.text("reason"),
           .repair = in.text("repair"),
           .facts = in.list("facts", fact_from)};
  in.done();
  // People read these two; they must say what the rest says.
  if (id != c.id()) refuse_json(where + ".id", "is not the digest of the change");
  if (nlohmann::ordered_json(classes) != classes_of(c))
    refuse_json(where + ".classes", "are not those of its risk");
  return c;
}

inline nlohmann::ordered_json json_of(const step& s) {
  nlohmann::ordered_json out = {
      {"kind", json_label(s.kind)}, {"sql", s.sql}, {"table", s.table}, {"promise", s.promise}};
  for (const table_use& u : s.uses)
    out["uses"].push_back({{"table", u.table},
                           {"lock", json_label(u.lock)},
                           {"cost", json_label(u.cost)},
                           {"rows", u.rows},
                           {"bytes", u.bytes}});
  return out;
}

inline table_use use_from(const nlohmann::json& element, const std::string& where) {
  strict_object in(element, where);
  table_use out{.table = in.text("table"),
                .lock = in.one_of<table_lock>("lock"),
                .cost = in.one_of<change_cost>("cost"),
                .rows = in.count("rows"),
                .bytes = in.count("bytes")};
  in.done();
  return out;
}

inline step step_from(const nlohmann::json& element, const std::string& where) {
  strict_object in(element, where);
  step out{.kind = in.one_of<step_kind>("kind"),
           .sql = in.text("sql"),
           .table = in.text("table"),
           .promise = in.text("promise"),
           .uses = in.list_or_nothing("uses", use_from)};
  in.done();
  return out;
}

inline schema::other_object other_from(const nlohmann::json& element, const std::string& where) {
  strict_object in(element, where);
  schema::other_object out{
      .kind = in.text("kind"), .name = in.text("name"), .table = in.text("table")};
  in.done();
  return out;
}

}  // namespace detail

/// `p` as JSON: the same plan gives the same bytes. Samples are keys of rows.
/// Throws: errc::invalid_data for text that is not UTF-8.
inline std::string to_json(const recorded_plan& p) {
  nlohmann::ordered_json changes = nlohmann::ordered_json::array();
  for (const change& c : p.changes) changes.push_back(detail::json_of(c));
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const step& s : p.steps) steps.push_back(detail::json_of(s));
  nlohmann::ordered_json others = nlohmann::ordered_json::array();
  for (const schema::other_object& o : p.unmanaged)
    others.push_back({{"kind", o.kind}, {"name", o.name}, {"table", o.table}});
  const nlohmann::ordered_json out = {{"format", "hewn-plan:1"},
                                      {"planner", p.planner},
                                      {"dialect", detail::json_label(p.dialect)},
                                      {"fingerprint", p.fingerprint},
                                      {"from", p.from},
                                      {"to", p.to},
                                      {"changes", changes},
                                      {"steps", steps},
                                      {"problems", p.problems},
                                      {"unmanaged", others}};
  return detail::written(out, "plan");
}

/// The same for class plan.
template <plan_like Plan>
std::string to_json(const Plan& p) {
  return to_json(recorded(p));
}

/// Reads what to_json() writes.
/// Throws: errc::invalid_data, naming the member, where one is missing, unknown, there twice, of
/// another type or at odds with the others, and where the text is not JSON.
inline recorded_plan plan_from_json(std::string_view text) {
  const nlohmann::json parsed = detail::parse_strictly(text, "plan");
  detail::strict_object in(parsed, "plan");
  if (in.text("format") != "hewn-plan:1") detail::refuse_json("plan.format", "is not hewn-plan:1");
  recorded_plan out{.planner = in.count<int>("planner"),
                    .dialect = in.one_of<dialect>("dialect"),
                    .fingerprint = in.digest("fingerprint", 64),
                    .from = in.digest("from", 64),
                    .to = in.digest("to", 64),
                    .changes = in.list("changes", detail::change_from),
                    .steps = in.list("steps", detail::step_from),
                    .problems = in.texts("problems"),
                    .unmanaged = in.list("unmanaged", detail::other_from)};
  in.done();
  return out;
}

}  // namespace hewn
