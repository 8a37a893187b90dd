// hewn/query/inspect/expect_statements.hpp - tests of how many statements something runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/inspect/pool_tally.hpp>
#include <hewn/query/inspect/statement_tally.hpp>
#include <hewn/query/inspect/watched_session.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace hewn {

/// How many statements may run: a number, or hewn::at_most(number).
struct expected_statements {
  // Not explicit, so that the number alone says what is expected.
  constexpr expected_statements(std::int64_t exactly) noexcept : least(exactly), most(exactly) {}
  constexpr expected_statements(std::int64_t from, std::int64_t to) noexcept
      : least(from), most(to) {}

  std::int64_t least;
  std::int64_t most;
};

/// So many statements or fewer.
constexpr expected_statements at_most(std::int64_t statements) noexcept { return {0, statements}; }

namespace detail {

/// Throws: usage where another number of statements ran.
HEWN_RARE HEWN_API void check_statements(const statement_tally& ran,
                                         const expected_statements& expected, call_site site);

/// Throws: usage where a statement ran more often than that from one call site.
HEWN_RARE HEWN_API void check_repeats(const statement_tally& ran, std::int64_t most,
                                      call_site site);

template <class Action>
consteval bool explain_watched_action() {
  constexpr bool callable = std::invocable<Action>;
  static_assert(callable,
                "hewn: what is to be counted is called without arguments; write [&] { ... }");
  return callable;
}

/// What all holders of a pool's connections run together.
struct summed_pool final : pool_tally {
  explicit summed_pool(std::size_t shapes) noexcept : pool_tally(shapes), sum(shapes) {}
  void take(const statement_tally& ran) override { sum.add(ran); }

  statement_tally sum;
};

/// Runs the action and then `finish()`, unless it throws; returns what it returns.
template <class Finish, class Action>
auto run_counted(Action&& action, Finish finish) -> std::invoke_result_t<Action> {
  using result_type = std::invoke_result_t<Action>;
  if constexpr (std::is_void_v<result_type>) {
    std::forward<Action>(action)();
    finish();
  } else {
    result_type result = std::forward<Action>(action)();
    finish();
    if constexpr (std::is_reference_v<result_type>)
      return static_cast<result_type>(result);
    else
      return result;
  }
}

/// Runs the action and then `check(tally)` with what it ran on `db`.
template <class Session, class Action, class Check>
auto run_watched(const Session& db, std::size_t shapes, Action&& action, Check check,
                 call_site site) -> std::invoke_result_t<Action> {
  if constexpr (watched_pool<Session>) {
    const auto all = std::make_shared<summed_pool>(shapes);
    struct closer {
      summed_pool& closed;
      ~closer() { closed.close(); }
    };
    const closer at_end{*all};
    db.add_watch(all, site);
    return run_counted(std::forward<Action>(action), [&] {
      all->close();
      check(all->sum);
    });
  } else {
    statement_tally tally(shapes);
    db.connection(site).add_watch(tally);
    return run_counted(std::forward<Action>(action), [&] {
      tally.detach();
      check(tally);
    });
  }
}

}  // namespace detail

/// For tests: runs `action()` and returns what it returns. Throws usage, with the statements, where
/// they ran and how often, unless so many ran meanwhile: `hewn::expect_statements(db, 2, [&] { ...
/// })`, or `hewn::at_most(2)`. Counted are statements that end meanwhile, those that fail too, but
/// for BEGIN, COMMIT and their like. `db` is what `action` uses: a database, a transaction, a
/// connection of a pool, or a pool, of which all connections count that are handed out and come
/// back meanwhile, whichever thread has them. Throws: what `action` throws, and then nothing is
/// checked.
template <class Session, class Action>
decltype(auto) expect_statements(const Session& db, expected_statements expected, Action&& action,
                                 call_site site = call_site::current()) {
  if constexpr (detail::explain_watched<Session>() && detail::explain_watched_action<Action>())
    return detail::run_watched(
        db, repeat_limits{}.shapes, std::forward<Action>(action),
        [&](const detail::statement_tally& ran) { detail::check_statements(ran, expected, site); },
        site);
}

/// For tests: runs `action()` and returns what it returns. Throws usage where a statement ran more
/// than `limits.most` times from one call site, as hewn::repeat_watch counts.
template <class Session, class Action>
decltype(auto) expect_no_repeats(const Session& db, const repeat_limits& limits, Action&& action,
                                 call_site site = call_site::current()) {
  if constexpr (detail::explain_watched<Session>() && detail::explain_watched_action<Action>())
    return detail::run_watched(
        db, limits.shapes, std::forward<Action>(action),
        [&](const detail::statement_tally& ran) { detail::check_repeats(ran, limits.most, site); },
        site);
}

/// As above; no statement may run twice from one call site.
template <class Session, class Action>
decltype(auto) expect_no_repeats(const Session& db, Action&& action,
                                 call_site site = call_site::current()) {
  return expect_no_repeats(db, repeat_limits{.most = 1}, std::forward<Action>(action), site);
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>

#  include <string>

namespace hewn::detail {

// "2 at shop.cpp:10: SELECT ...", of at most ten shapes.
template <class Wanted, class Count>
std::string shapes_in_words(const statement_tally& ran, Wanted wanted, Count count) {
  constexpr std::size_t most = 10;
  std::string words;
  std::size_t shown = 0, left_out = 0;
  for (const statement_tally::shape& s : ran.shapes()) {
    if (!wanted(s)) continue;
    if (shown == most) {
      ++left_out;
      continue;
    }
    if (shown++ != 0) words += ", ";
    words += concat({std::to_string(count(s)), " at ", s.site.file, ":",
                     std::to_string(s.site.line), ": ", s.sql});
  }
  if (left_out != 0) words += concat({", and ", std::to_string(left_out), " others"});
  return words;
}

[[noreturn]] inline void fail_count(std::string message, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.message = std::move(message);
  d.site = site;
  throw error(std::move(d));
}

HEWN_API void check_statements(const statement_tally& ran, const expected_statements& expected,
                               call_site site) {
  const std::int64_t n = ran.statements();
  if (n >= expected.least && n <= expected.most) return;
  std::string message =
      concat({"hewn: ", std::to_string(n), n == 1 ? " statement" : " statements", " ran where ",
              expected.least == expected.most ? "" : "at most ", std::to_string(expected.most),
              expected.most == 1 ? " was expected" : " were expected"});
  const std::string words = shapes_in_words(
      ran, [](const auto&) { return true; }, [](const auto& s) { return s.ran; });
  if (!words.empty()) message += concat({" (", words, ")"});
  message += "; change the code that runs them, or the number";
  fail_count(std::move(message), site);
}

HEWN_API void check_repeats(const statement_tally& ran, std::int64_t most, call_site site) {
  const std::string words = shapes_in_words(
      ran, [most](const auto& s) { return s.calls > most; }, [](const auto& s) { return s.calls; });
  if (words.empty()) return;
  const std::string often = most == 1 ? "once" : std::to_string(most) + " times";
  fail_count(concat({"hewn: a statement ran more than ", often, " from one call site (", words,
                     "); handle all its rows by one call, such as a join, get_many() or "
                     "insert_many()"}),
             site);
}

}  // namespace hewn::detail

#endif
