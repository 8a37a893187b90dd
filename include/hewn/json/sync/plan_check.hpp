// hewn/json/sync/plan_check.hpp - whether a file says what the plan says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json/sync/plan.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/refusals.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

namespace detail {

inline void check_facts(const change& file, const change& fresh, std::vector<std::string>& out) {
  const std::string subject = subject_of(fresh);
  if (file.facts.size() != fresh.facts.size()) {
    out.push_back(subject + ": the file has " + std::to_string(file.facts.size()) +
                  " facts, and the plan has " + std::to_string(fresh.facts.size()));
    return;
  }
  for (std::size_t i = 0; i != fresh.facts.size(); ++i) {
    const fact& told = file.facts[i];
    const fact& counted = fresh.facts[i];
    if (told.question != counted.question)
      out.push_back(subject + ": fact " + std::to_string(i + 1) + " counts something else");
    else if (told.count != counted.count)
      out.push_back(subject + ": the file says " + sentence(told) + ", and now " +
                    sentence(counted));
    else if (told.samples != counted.samples)
      out.push_back(subject + ": the file names other rows than there are now");
  }
}

inline void check_change(const change& file, const change& fresh, std::vector<std::string>& out) {
  const auto differs = [&](std::string_view what, const std::string& told, const std::string& is) {
    if (told != is)
      out.push_back(subject_of(fresh) + ": " + std::string(what) + " is " + is +
                    ", and the file says " + told);
  };
  const auto flag = [](bool value) { return std::string(value ? "true" : "false"); };
  differs("effect", json_label(file.risk.effect), json_label(fresh.risk.effect));
  differs("dependence", json_label(file.risk.dependence), json_label(fresh.risk.dependence));
  differs("cost", json_label(file.risk.cost), json_label(fresh.risk.cost));
  differs("breaks", json_label(file.risk.breaks), json_label(fresh.risk.breaks));
  differs("undo", json_label(file.risk.undo), json_label(fresh.risk.undo));
  differs("verdict", json_label(file.verdict), json_label(fresh.verdict));
  differs("ambiguous", flag(file.ambiguous), flag(fresh.ambiguous));
  differs("unsupported", flag(file.unsupported), flag(fresh.unsupported));
  differs("loosens", flag(file.loosens), flag(fresh.loosens));
  differs("native", flag(file.native), flag(fresh.native));
  if (file.reason != fresh.reason || file.repair != fresh.repair)
    out.push_back(subject_of(fresh) + ": the file gives another reason or repair");
  check_facts(file, fresh, out);
}

inline void check_changes(const recorded_plan& file, const recorded_plan& fresh,
                          std::vector<std::string>& out) {
  const auto in = [](const std::vector<change>& changes, const change& wanted) {
    return std::find_if(changes.begin(), changes.end(),
                        [&wanted](const change& c) { return c.id() == wanted.id(); });
  };
  for (const change& c : fresh.changes)
    if (const auto told = in(file.changes, c); told == file.changes.end())
      out.push_back(subject_of(c) + " is in the plan and not in the file");
    else
      check_change(*told, c, out);
  for (const change& c : file.changes)
    if (in(fresh.changes, c) == fresh.changes.end())
      out.push_back(shown(subject_of(c), 100) + " is in the file and not in the plan");
}

inline void check_steps(const recorded_plan& file, const recorded_plan& fresh,
                        std::vector<std::string>& out) {
  if (file.steps.size() != fresh.steps.size())
    out.push_back("the file has " + std::to_string(file.steps.size()) +
                  " steps, and the plan has " + std::to_string(fresh.steps.size()));
  for (std::size_t i = 0; i != std::min(file.steps.size(), fresh.steps.size()); ++i)
    if (file.steps[i] != fresh.steps[i])
      out.push_back("step " + std::to_string(i + 1) + " of the file is not that of the plan");
}

}  // namespace detail

/// Where `file` is not the plan `fresh`, made from the live schema: one sentence per difference.
/// The plan has moved on, or the file was edited. None: the file is the plan, member by member
/// but for the sizes of tables.
inline std::vector<std::string> check(const recorded_plan& file, const recorded_plan& fresh) {
  std::vector<std::string> out;
  const auto differs = [&out](bool different, std::string_view sentence) {
    if (different) out.emplace_back(sentence);
  };
  differs(file.planner != fresh.planner, "the file was made by another planner");
  differs(file.dialect != fresh.dialect, "the file is for another kind of database");
  differs(file.from != fresh.from, "the file starts from another schema than the database has");
  differs(file.to != fresh.to, "the file leads to another schema than is wanted");
  differs(file.fingerprint != fresh.fingerprint, "the file has another fingerprint than the plan");
  detail::check_changes(file, fresh, out);
  detail::check_steps(file, fresh, out);
  differs(file.problems != fresh.problems, "the file tells other problems than the plan");
  differs(file.unmanaged != fresh.unmanaged, "the file leaves other objects alone than the plan");
  differs(out.empty() && file != fresh, "the file has the changes in another order than the plan");
  return out;
}

/// The same for class plan.
template <plan_like Plan>
std::vector<std::string> check(const recorded_plan& file, const Plan& fresh) {
  return check(file, recorded(fresh));
}

}  // namespace hewn
