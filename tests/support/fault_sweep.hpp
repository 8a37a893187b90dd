// tests/support/fault_sweep.hpp - an action under every single failure that can befall it.
// SPDX-License-Identifier: BSL-1.0
//
// Some thousand runs take minutes, so a sweep tries every k-th point unless HEWN_EVERY_FAULT is
// set. Where it begins depends on HEWN_SEED.
#pragma once

#include <hewn/base/error.hpp>

#include <support/fault_vfs.hpp>
#include <support/power_loss.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace support {

/// How an action ended.
struct ending {
  bool died = false;               ///< the process ended within it
  std::exception_ptr thrown = {};  ///< it threw
  bool finished() const { return !died && !thrown; }
};

/// What is tried again and again. All of it is called without failures, but for `act`.
struct sweep_case {
  std::function<void()> prepare;                                    ///< makes everything anew
  std::function<void()> act;                                        ///< what must survive
  std::function<std::vector<std::string>(const ending&)> problems;  ///< what it did not keep
};

/// Something that happens at the n-th opportunity.
class trouble {
 public:
  virtual ~trouble() = default;
  /// `n` counts from 0; negative: only counts.
  virtual void arm(std::int64_t n) = 0;
  /// How many opportunities there were since it was armed.
  virtual std::int64_t disarm() = 0;
  /// Whether it ends the process, so that another one must act.
  virtual bool is_deadly() const { return false; }
};

inline std::uint64_t sweep_seed() {
  const char* given = std::getenv("HEWN_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 1;
}

inline bool sweeps_all() {
  const char* given = std::getenv("HEWN_EVERY_FAULT");
  return given && *given != '\0';
}

/// Whether what this program sweeps is swept closely by another run of it, without sanitizers and
/// with nobody who listens. Then a sparser sweep elsewhere shows what these two add.
inline bool sweeps_again() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#  endif
#endif
  const char* place = std::getenv("HEWN_TEST_PLACE");
  return place && *place != '\0';
}

/// Calls `body` in another process. False: it did not get to the end.
inline bool in_other_process(const std::function<void()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      body();
      ::_exit(0);
    } catch (...) {
      ::_exit(98);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  REQUIRE(code != 98);  // nothing failed, so nothing may throw
  REQUIRE(code != 99);
  return code == 0;
}

/// What a sweep saw.
struct sweep_result {
  std::int64_t points = 0;    ///< that there are
  std::int64_t tried = 0;     ///< of them
  std::int64_t survived = 0;  ///< the action came to its end all the same
};

/// Runs the case once for each point at which `t` can strike, or about `budget` of them.
inline sweep_result sweep(const std::string& name, const sweep_case& c, trouble& t, int budget) {
  sweep_result out;
  const auto run = [&](std::int64_t n) {
    c.prepare();
    ending e;
    const auto act = [&] {
      t.arm(n);
      c.act();
    };
    if (n >= 0 && t.is_deadly()) {
      e.died = !in_other_process(act);
    } else {
      try {
        act();
      } catch (...) {
        e.thrown = std::current_exception();
      }
    }
    const std::int64_t count = t.disarm();
    const std::vector<std::string> problems = c.problems(e);
    if (!problems.empty()) {
      INFO(name << ", point " << n);
      for (const std::string& p : problems) UNSCOPED_INFO(p);
      CHECK(problems.empty());
    }
    const bool struck = t.is_deadly() ? e.died : count > n;
    if (n >= 0 && struck) {
      ++out.tried;
      if (e.finished()) ++out.survived;
    }
    if (n < 0) out.points = count;
    return struck;
  };
  run(-1);
  const std::uint64_t seed = sweep_seed();
  const std::int64_t stride = sweeps_all() || out.points <= budget ? 1 : out.points / budget;
  const auto begin = static_cast<std::int64_t>(seed % static_cast<std::uint64_t>(stride));
  for (std::int64_t n = begin; run(n); n += stride) continue;
  WARN(name << ": " << out.tried << " of " << out.points << " points, HEWN_SEED=" << seed);
  return out;
}

/// Operations on files fail: one, or one and all after it.
class file_trouble : public trouble {
 public:
  using filter = std::function<bool(const file_operation&)>;

  /// `code` 0: what SQLite expects of the operation.
  file_trouble(fault_vfs& vfs, bool lasts, int code = 0, filter concerns = {})
      : vfs_(vfs), lasts_(lasts), code_(code), concerns_(std::move(concerns)) {}

  void arm(std::int64_t n) override {
    count_ = 0;
    vfs_.decide = [this, n](const file_operation& o) {
      if (concerns_ && !concerns_(o)) return SQLITE_OK;
      const std::int64_t now = count_++;
      if (n < 0 || now < n || (now > n && !lasts_)) return SQLITE_OK;
      return code_ != 0 ? code_ : failure_of_kind(o.what);
    };
  }
  std::int64_t disarm() override {
    vfs_.decide = nullptr;
    return count_;
  }

 private:
  fault_vfs& vfs_;
  bool lasts_;
  int code_;
  filter concerns_;
  std::int64_t count_ = 0;
};

inline bool is_write(const file_operation& o) { return o.what == file_operation::kind::write; }

/// Whether the disk has something else after it.
inline bool changes_disk(const file_operation& o) {
  using kind = file_operation::kind;
  return o.what == kind::write || o.what == kind::truncate || o.what == kind::sync ||
         o.what == kind::remove;
}

/// The process ends before a change of the disk; with `power`, so does the machine.
class death : public trouble {
 public:
  death(fault_vfs& vfs, bool power) : vfs_(vfs), power_(power) {}

  bool is_deadly() const override { return true; }

  void arm(std::int64_t n) override {
    count_ = 0;
    if (power_ && n >= 0)
      disk_ = std::make_unique<power_loss>(
          vfs_, sweep_seed() * 1'000'003 + static_cast<std::uint64_t>(n));
    vfs_.decide = [this, n](const file_operation& o) {
      if (changes_disk(o) && count_++ == n) {
        if (disk_) disk_->strike();
        ::_exit(1);
      }
      if (disk_) disk_->note(o);
      return SQLITE_OK;
    };
  }
  std::int64_t disarm() override {
    vfs_.decide = nullptr;
    vfs_.opened = nullptr;
    disk_.reset();
    return count_;
  }

 private:
  fault_vfs& vfs_;
  bool power_;
  std::unique_ptr<power_loss> disk_;
  std::int64_t count_ = 0;
};

}  // namespace support
