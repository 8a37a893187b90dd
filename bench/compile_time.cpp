// bench/compile_time.cpp - what the library costs the compiler, beside the same program by hand.
// SPDX-License-Identifier: BSL-1.0
//
// One translation unit each, written into a temporary folder, compiled by $CXX (else g++) to an
// object. Seconds are medians; memory is the peak of the compiler's largest process; the size is
// that of the object file without its symbols, and how much of it is code and data: the rest is
// tables and the long names of sections, which no linked program keeps. Wall time is what people
// wait for, user time is what a shared machine disturbs least, so the ratio to the program by hand
// is of user time. Each program also has to link and to run once: code that does not work is cheap
// to compile. What is called "compiled" only declares what the units of the library define, as with
// the usual targets of Bazel and CMake; the other programs are headers and nothing else.
//
// Queries over several tables are compared with the same as raw SQL. The two programs take turns
// and the least of each counts, since their ratio is near to 1.

#include "bench/comparison.hpp"
#include "bench/compile_sources.hpp"
#include "bench/compiler.hpp"
#include "bench/joined_sources.hpp"
#include "bench/options.hpp"
#include "bench/table.hpp"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

program by_hand(int count, const std::string& optimisation) {
  return {std::to_string(count) + " by hand " + optimisation, c_program(count), optimisation};
}

program including(const std::string& header, includes what, form is, compile_targets wanted = {}) {
  return {.name = "include " + header + (is == form::compiled ? ", compiled" : ""),
          .text = include_program(what),
          .wanted = wanted,
          .is = is,
          .has_code = false,
          .by_hand = "include by hand"};
}

program unit(const std::string& name, const std::string& optimisation) {
  return {.name = "unit " + name + " " + optimisation,
          .text = unit_program(name),
          .optimisation = optimisation,
          .is = form::compiled,
          .has_code = false};
}

program by_hewn(int count, bool synced, form is, const std::string& optimisation,
                compile_targets wanted = {}) {
  const std::string entities = std::to_string(count) + (count == 1 ? " entity" : " entities");
  return {.name = entities + (synced ? ", CRUD and sync " : ", CRUD ") + optimisation +
                  (is == form::compiled ? ", compiled" : ""),
          .text = hewn_program(count, synced ? includes::sqlite : includes::rows, synced),
          .optimisation = optimisation,
          .wanted = wanted,
          .is = is,
          .by_hand = by_hand(count, optimisation).name};
}

std::vector<program> programs() {
  constexpr form headers = form::header_only;
  constexpr form compiled = form::compiled;
  std::vector<program> all{
      {.name = "std headers alone", .text = standard_program(), .has_code = false},
      {.name = "include by hand",
       .text = c_includes() + "int main() {}\n",
       .has_code = false,
       .by_hand = "include by hand"}};
  for (const form is : {headers, compiled}) {
    all.push_back(including("sqlite/open.hpp", includes::rows, is));
    all.push_back(
        including("sqlite.hpp", includes::sqlite, is, {.mebibytes = is == headers ? 230 : none}));
    all.push_back(including("postgres.hpp", includes::postgres, is));
    all.push_back(including("any.hpp", includes::any, is));
  }
  for (const char* const level : {"-O0", "-O2"}) {
    const bool plain = std::string(level) == "-O0";
    all.push_back(by_hand(1, level));
    all.push_back(by_hewn(1, false, headers, level, {.seconds = plain ? 2.0 : 2.5}));
    all.push_back(by_hewn(1, true, headers, level));
    all.push_back(by_hewn(1, false, compiled, level));
    all.push_back(by_hewn(1, true, compiled, level));
  }
  for (const char* const level : {"-O0", "-O2"}) {
    const bool plain = std::string(level) == "-O0";
    const double size = plain ? none : 250;
    all.push_back(by_hand(20, level));
    all.push_back(by_hewn(20, false, headers, level,
                          {.seconds = plain ? 8.0 : 12.0,
                           .mebibytes = 500,
                           .kibibytes = size,
                           .ratio = plain ? 4.5 : 3.5}));
    all.push_back(by_hewn(20, true, headers, level,
                          {.kibibytes = plain ? none : 600, .ratio = plain ? 6.0 : 5.0}));
    all.push_back(
        by_hewn(20, true, compiled, level, {.kibibytes = size, .ratio = plain ? 4.0 : 3.0}));
  }
  for (const char* const name : {"core", "sqlite", "postgres", "migrate"})
    for (const char* const level : {"-O0", "-O2"}) all.push_back(unit(name, level));
  return all;
}

void print_row(const table& t, const program& p, const cost& c) {
  t.row({p.name, with_target(c.wall_seconds, p.wanted.seconds, "%.2f"),
         formatted(c.user_seconds, "%.2f"), with_target(c.mebibytes, p.wanted.mebibytes, "%.0f"),
         with_target(c.kibibytes, p.wanted.kibibytes, "%.0f"), formatted(c.code_kibibytes, "%.0f"),
         with_target(c.ratio, p.wanted.ratio, "%.2f")});
}

void add_row(json_list& out, const program& p, const cost& c) {
  out.object("compile " + p.name);
  out.number("seconds_wall", c.wall_seconds);
  out.number("seconds_user", c.user_seconds);
  out.number("mebibytes", c.mebibytes);
  out.number("kibibytes", c.kibibytes);
  out.number("code_kibibytes", c.code_kibibytes);
  out.number("ratio", c.ratio);
  out.number("target_seconds", p.wanted.seconds);
  out.number("target_mebibytes", p.wanted.mebibytes);
  out.number("target_kibibytes", p.wanted.kibibytes);
  out.number("target_ratio", p.wanted.ratio);
}

program joined(query_language language, const std::string& level) {
  const bool typed = language == query_language::typed;
  return {.name = std::string("20 joined queries, ") + (typed ? "typed " : "raw SQL ") + level,
          .text = joined_program(language),
          .optimisation = level,
          .is = form::compiled};
}

void compare_joined(compiler& cxx, const std::string& level, long repetitions, json_list& json) {
  const program typed = joined(query_language::typed, level);
  const program raw = joined(query_language::raw, level);
  least_cost ours, theirs;
  for (long i = 0; i != repetitions; ++i) {
    ours.add(cxx.compile_once(typed));
    theirs.add(cxx.compile_once(raw));
  }
  const object_facts their_facts = cxx.facts(raw);
  cxx.compile_once(typed);
  const object_facts facts = cxx.facts(typed);
  const double seconds = ours.user_seconds / theirs.user_seconds;
  const double memory = ours.mebibytes / theirs.mebibytes;
  const double size = facts.kibibytes / their_facts.kibibytes;
  std::printf(
      "%s by raw SQL: user s %.2f / %.2f = %.3f (1.15), peak MiB %.0f / %.0f = %.3f (1.15), "
      "object KiB %.0f / %.0f = %.3f%s, longest symbol %.0f (400)\n",
      typed.name.c_str(), ours.user_seconds, theirs.user_seconds, seconds, ours.mebibytes,
      theirs.mebibytes, memory, facts.kibibytes, their_facts.kibibytes, size,
      level == "-O0" ? "" : " (0.80)", facts.longest_symbol);
  json.object("compile " + typed.name);
  json.number("ratio_user", seconds);
  json.number("ratio_memory", memory);
  json.number("ratio_object", size);
  json.number("longest_symbol", facts.longest_symbol);
}

int run(const options& given) {
  compiler cxx(given.text("include"));
  const long repetitions = given.number("repetitions", 3);
  const std::string only = given.text("only");
  std::printf("%s, median of %ld; targets in brackets\n", cxx.name().c_str(), repetitions);
  const table t({{"", -42},
                 {"wall s", -18},
                 {"user s", 8},
                 {"peak MiB", -20},
                 {"object KiB", -20},
                 {"of it code", 10},
                 {"ratio to by hand", 0}});
  std::vector<std::pair<std::string, double>> seconds;
  json_list json;
  for (const program& p : programs()) {
    if (!only.empty() && p.name.find(only) == p.name.npos) continue;
    cost c = cxx.compile(p, repetitions);
    for (const auto& [name, by_hand] : seconds)
      if (name == p.by_hand) c.ratio = c.user_seconds / by_hand;
    seconds.emplace_back(p.name, c.user_seconds);
    print_row(t, p, c);
    add_row(json, p, c);
  }
  for (const char* const level : {"-O0", "-O2"})
    if (joined(query_language::typed, level).name.find(only) != std::string::npos)
      compare_joined(cxx, level, repetitions, json);
  return json.write(given.path("json")) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  return bench::run(bench::options(count, arguments, {"include", "json", "repetitions", "only"}));
}
