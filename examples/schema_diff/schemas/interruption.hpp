// examples/schema_diff/schemas/interruption.hpp - what is put away when somebody stops the program.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <csignal>
#include <functional>
#include <iterator>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include <pthread.h>
#include <unistd.h>

namespace schema_diff {

/// Calls, in a thread of its own, what was left to it when SIGINT, SIGTERM or SIGHUP arrives, and
/// ends the program by that signal. A second signal ends it at once.
class interruption {
 public:
  using task = std::function<void()>;

  /// The one of this program. Order: first called before any other thread begins, so that none of
  /// them gets the signals.
  static interruption& of_program() {
    static interruption* const one = new interruption;  // as long as its thread
    return *one;
  }

  /// While `work` runs, a signal waits. `clean_up` is called when one arrives from then on.
  std::list<task>::iterator begin(task clean_up, const task& work) {
    const std::lock_guard hold(mutex_);
    work();
    return tasks_.insert(tasks_.end(), std::move(clean_up));
  }

  /// Calls `clean_up`, which then need not be done any more.
  void end(std::list<task>::iterator of, const task& clean_up) {
    const std::lock_guard hold(mutex_);
    tasks_.erase(of);
    clean_up();
  }

 private:
  interruption() {
    sigemptyset(&signals_);
    for (const int s : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction now {};
      // Whoever starts a program in the background may have it ignore them.
      if (sigaction(s, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) sigaddset(&signals_, s);
    }
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::thread([this] { wait(); }).detach();
  }

  void wait() {
    int signal = 0;
    if (sigwait(&signals_, &signal) != 0) return;
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    const std::lock_guard hold(mutex_);
    for (const task& each : tasks_) each();
    raise(signal);
    _exit(128 + signal);
  }

  std::mutex mutex_;
  std::list<task> tasks_;
  sigset_t signals_{};
};

}  // namespace schema_diff
