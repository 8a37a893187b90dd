// hewn/query/bulk/batch_queue.hpp - the statements of a batch on their way to the database.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: add() for each element, then finish(). Where the driver has a pipeline, statements
// are sent without waiting for the answers to those before them; elsewhere each runs at once. The
// answers are looked at in the order of the elements, so the first that failed is the one reported,
// whichever way it was sent.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_observers.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/bulk/held_elements.hpp>
#include <hewn/query/bulk/kept_elements.hpp>
#include <hewn/query/bulk/pipeline_of.hpp>
#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_version.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The error of an element of a batch.
HEWN_RARE HEWN_API error with_element(const error& failure, std::size_t element);

/// What an element has to have done: stored or changed a row of the table.
struct element_demand {
  const table_info* table = nullptr;  // nullptr: nothing
  error_details (*unmet)(const table_info&) = nullptr;
  bool reads = false;  // it is to find one

  error_details failure() const { return unmet(*table); }
};

template <class Driver>
class batch_queue {
  using answer_type = typename pipeline_of<Driver>::answer;

 public:
  /// `counts`: where the number of rows that each element changed goes, or nullptr. `numbered`:
  /// errors tell the element, counted from `before` on.
  batch_queue(connection<Driver>& c, std::vector<std::int64_t>* counts, call_site site,
              bool numbered = true, std::size_t before = 0)
      : connection_(c),
        call_(),
        counts_(counts),
        numbered_(numbered),
        before_(before),
        scope_(c, transaction_mode::immediate, site),
        pipeline_(c.native()) {}
  batch_queue(const batch_queue&) = delete;
  batch_queue& operator=(const batch_queue&) = delete;
  // An action may have ended the transaction, and the connection with it.
  ~batch_queue() {
    if (!scope_.active()) pipeline_.forget();
    take_keys_back();  // what left the action was no failure of an element
  }

  connection<Driver>& owner() const noexcept { return connection_; }

  /// How many elements there are so far.
  std::size_t size() const noexcept { return size_; }

  /// Runs `action`, which binds and submits one statement, as the next element; its number. Throws:
  /// the error of the first element that failed, which may be an earlier one, and from then on
  /// always that.
  template <class Action>
  std::size_t add(Action action) {
    if (failure_) throw *failure_;
    const std::size_t element = size_;
    if (counts_ != nullptr) counts_->push_back(0);
    ++size_;
    guarded([&] {
      at_ = element;
      scope_.check_turn();
      forget_if_written();
      action();
      // The older half is asked for while the server is busy with the younger one.
      if (waiting_.size() - first_ == window) {
        while (waiting_.size() - first_ > window / 2) take_answer();
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
      }
      written_ = connection_.native().total_changes();
    });
    return element;
  }

  /// From inside an action: the statement is to be run with the values that are bound to it.
  void submit(lease<Driver> row, element_demand demand = {}) {
    if (pipeline_.available()) return send(row, {.demand = demand});
    const std::int64_t before = connection_.native().total_changes();
    finish_statement(row);
    if (note_changed(before) == 0 && demand.table != nullptr &&
        (!row->uncounted || connection_.native().total_changes() == before))
      fail_unmet(row, demand);
  }

  /// As above, for a statement of this text, of which one row comes back that completes `stored`.
  template <class Text, class T>
  void submit_returning(lease<Driver> row, T* stored, element_demand demand) {
    if (pipeline_.available())
      return send(row, {.demand = demand, .read = &read_answer<Text, T>, .to = stored});
    const std::int64_t before = connection_.native().total_changes();
    if (!row.step()) fail_unmet(row, demand);
    check_table_row(row, table_of<T>);
    complete_row(row, *stored);
    finish_statement(row);
    note_changed(before);
  }

  /// As above, of which `reader.read(row)` reads all rows that come back, by the statement that
  /// `reader.take(connection, site)` finds again. Lifetime: the reader is to outlive the queue.
  template <class Reader>
  void submit_reading(lease<Driver> row, Reader& reader, element_demand demand) {
    if (pipeline_.available())
      return send(row, {.demand = demand, .read = &read_by<Reader>, .to = &reader});
    const std::int64_t before = connection_.native().total_changes();
    if (!row.step()) fail_unmet(row, demand);
    reader.read(row);
    note_changed(before);
  }

  /// From inside an action: waits for the answers to all elements before it. Throws: as check().
  void take_answers() {
    const std::size_t element = at_;
    while (first_ != waiting_.size()) take_answer();
    at_ = element;
  }

  /// From inside an action: the element has stored this row by a verb, which has looked for it; see
  /// kept_elements.
  template <class T>
  void note_stored(const T& row, stored_place place, bool inserted, call_site site) {
    if (counts_ != nullptr) counts_->back() = 1;
    kept_.add(row, place, inserted, at_, site);
  }

  /// From inside an action: the element is about a row of which the program holds a version.
  /// Throws: invalid_data where it is to be counted and is the last one.
  void hold_version(const row_version<Driver>& version, const table_info& table, const void* row,
                    bool counts, call_site site) {
    if (counts) check_next_version(table, version.held(row), site);
    if (!versions_) versions_.reset(new held_elements<Driver>);
    held_row<Driver> held = version.hold(row);
    // The guard may have ended when the answer is looked at.
    if (const tenant_value* const tenant = connection_.tenants().current();
        tenant != nullptr && table.has_tenant())
      held.tenant = std::make_shared<const tenant_value>(*tenant);
    held_rows().add(std::move(held), at_,
                    first_ == waiting_.size() ? at_ : waiting_[first_].element);
  }

  /// From inside an action, behind it: the row, which had the version `held`, has the next one from
  /// now on. `stays`: until the batch ends, so that it can have `held` again where that fails.
  void count_version(const row_version<Driver>& version, void* row, std::int64_t held, bool stays) {
    held_rows().count(version, row, held, stays);
  }

  /// From inside an action: the element may remove or change rows of those before it.
  void may_change_others() noexcept { kept_.forget(); }

  /// From inside an action: where the batch fails, `row`, which asks for these keys, is to have
  /// none.
  template <class T>
  void will_complete(T* row, asked_keys keys) {
    completed_.push_back({row, &take_row_keys_back<T>, keys});
  }

  /// Throws the error of the first element that has failed, if one has.
  void check() {
    if (failure_) throw *failure_;
    if (scope_.active()) guarded([&] { take_answers(); });
  }

  /// Takes all answers that are left and commits. Throws: the error of the first element that
  /// failed; what a commit throws.
  void finish() {
    if (failure_) throw *failure_;
    if (scope_.active()) {
      forget_if_written();
      guarded([&] {
        pipeline_.put_aside();
        take_answers();
        kept_.check(connection_, [this](std::size_t element) { at_ = element; });
      });
    }
    try {  // which throws where the transaction was ended
      scope_.commit();
    } catch (const error& failure) {
      if (failure.code() != errc::commit_in_doubt) take_keys_back();
      keep_rows();
      throw;
    }
    keep_rows();
  }

 private:
  // So many statements wait for their answers at most. Answers are small, and a server that has
  // fewer to do is woken more often.
  static constexpr std::size_t window = 1024;

  /// A statement that was sent.
  struct sent {
    element_demand demand = {};
    void (*read)(batch_queue&, answer_type&, const sent&) = nullptr;
    void* to = nullptr;  // the row, or what reads it
    std::size_t element = 0;
    std::shared_ptr<const std::string> sql = {};
    call_site site = {};
    std::chrono::steady_clock::time_point started = {};
  };

  // While the statement of an answer is taken to read it, nobody asks for whom: the guard may have
  // ended since the statement was sent.
  struct answer_use {
    answer_use(connection<Driver>& c, bool of_tenants) {
      if (of_tenants) frame.emplace(c.tenants(), tenant_value{tenant_value::scope::unasked});
    }
    std::optional<tenant_frame> frame;
  };

  /// A row that asked for a key.
  struct completed {
    void* row;
    void (*take_back)(void*, asked_keys);
    asked_keys keys;
  };

  // Whoever uses the database between two elements may remove what was stored.
  void forget_if_written() noexcept {
    if (connection_.native().total_changes() != written_) [[unlikely]]
      kept_.forget();
  }

  HEWN_COLD void take_keys_back() noexcept {
    if (versions_) versions_->take_back();
    for (const completed& c : completed_) c.take_back(c.row, c.keys);
    completed_.clear();
  }

  // Made by the first row with a version, so that nobody else compiles it.
  held_elements<Driver>& held_rows() noexcept {
    return static_cast<held_elements<Driver>&>(*versions_);
  }

  // As they are.
  void keep_rows() noexcept {
    completed_.clear();
    versions_.reset();
  }

  static void finish_statement(const lease<Driver>& row) {
    while (row.step()) {
    }
  }

  // Statements that change nothing leave the number of the one before them.
  std::int64_t note_changed(std::int64_t before) {
    auto& native = connection_.native();
    const std::int64_t changed = native.total_changes() == before ? 0 : native.changes();
    if (counts_ != nullptr) counts_->back() = changed;
    return changed;
  }

  void send(const lease<Driver>& row, sent s) {
    if constexpr (pipeline_driver<Driver>) {
      s.element = at_;
      s.sql = shared_text(row->sql);
      s.site = row->site;
      s.started = row->started;
      waiting_.push_back(std::move(s));  // first, because it may throw
      if (const int code = pipeline_.send(row.statement()); code != 0) [[unlikely]] {
        waiting_.pop_back();
        connection_.fail_with(connection_.native().describe(code, row->sql), *row.operator->());
      }
      row->reported = true;  // when it is answered
    }
  }

  void take_answer() {
    if constexpr (pipeline_driver<Driver>) {
      const sent& s = waiting_[first_++];
      at_ = s.element;
      answer_type answer = pipeline_.next();
      if (answer.code() != 0) [[unlikely]] {
        if (answer.is_stale()) connection_.cache().clear();
        fail(s, connection_.native().describe(answer.code(), *s.sql));
      }
      if (counts_ != nullptr) (*counts_)[s.element] = answer.changed();
      const std::int64_t rows = answer.rows();
      if (s.demand.table != nullptr &&
          ((answer.changed() == 0 && !s.demand.reads) || (s.read != nullptr && rows == 0)))
        fail_unmet(s);
      // A row of a batch that has failed is not completed: its statement may be refused by now.
      if (s.read != nullptr && !failing_) s.read(*this, answer, s);
      connection_.answered(*s.sql, s.started, rows, s.site);
    }
  }

  [[noreturn]] HEWN_COLD void fail_unmet(const lease<Driver>& row, const element_demand& demand) {
    connection_.fail_with(explain_unmet(demand, row->site), *row.operator->());
  }
  [[noreturn]] HEWN_COLD void fail_unmet(const sent& s) {
    pipeline_.abandon();
    fail(s, explain_unmet(s.demand, s.site));
  }

  // An element behind it may have failed, and the database answers nothing then until all is
  // undone.
  HEWN_COLD error_details explain_unmet(const element_demand& demand, const call_site& site) {
    if (!versions_ || !versions_->knows(at_)) return demand.failure();
    try {
      return versions_->explain(connection_, at_, site);
    } catch (const error&) {
      scope_.rollback();
      return versions_->explain(connection_, at_, site);
    }
  }

  [[noreturn]] HEWN_COLD void fail(const sent& s, error_details details) {
    pipeline_.abandon();  // before the transaction's state is asked for
    connection_.fail_answered(std::move(details), *s.sql, s.started, s.site);
  }

  // The statement went back to the cache when it was sent. Its text, a type, finds it again.
  template <class Text, class T>
  static void read_answer(batch_queue& q, answer_type& answer, const sent& s) {
    if constexpr (pipeline_driver<Driver>) {
      const answer_use unasked(q.connection_, table_of<T>.has_tenant());
      const auto row = take_statement<Text>(q.connection_, s.site);
      row->reported = true;
      answer.show_in(row.statement());
      check_table_row(row, table_of<T>);
      T& to = *static_cast<T*>(s.to);
      if constexpr (updates_version<Text, T>()) {
        // The row may have been given once more since then.
        const std::int64_t counted = held_version<T>(&to);
        complete_row(row, to);
        if (held_version<T>(&to) < counted) set_version<T>(&to, counted);
      } else {
        complete_row(row, to);
      }
    }
  }

  template <class Text, class T>
  static consteval bool updates_version() {
    if constexpr (table_of<T>.has_version && requires { Text::statement; })
      return Text::statement == table_statement::update;
    else
      return false;
  }

  template <class Reader>
  static void read_by(batch_queue& q, answer_type& answer, const sent& s) {
    if constexpr (pipeline_driver<Driver>) {
      const Reader& reader = *static_cast<Reader*>(s.to);
      const answer_use unasked(q.connection_, true);
      const auto row = reader.take(q.connection_, s.site);
      row->reported = true;
      answer.show_in(row.statement());
      reader.read(row);
    }
  }

  // Most batches repeat a few texts.
  std::shared_ptr<const std::string> shared_text(const std::string& sql) {
    for (const auto& known : texts_)
      if (*known == sql) return known;
    if (texts_.size() == 8) texts_.erase(texts_.begin());
    return texts_.emplace_back(std::make_shared<const std::string>(sql));
  }

  template <class Action>
  void guarded(Action action) {
    // The program may have closed the database in its function, and the connection is gone then.
    std::optional<bulk_call_scope<Driver>> during;
    if (scope_.active()) during.emplace(connection_, call_);
    try {
      action();
    } catch (const error& failure) {
      remember(failure);
      throw *failure_;
    } catch (...) {
      // Out of memory, or a codec's own; the element may be missing.
      failure_.emplace(errc::usage,
                       "hewn: an element of the batch ended in an exception of another kind; let "
                       "it pass, or run the whole batch again");
      throw;
    }
  }

  HEWN_COLD void remember(const error& failure) {
    const std::size_t element = at_;
    const auto told = [this](const error& e, std::size_t of) {
      return numbered_ ? with_element(e, before_ + of) : e;
    };
    error first = told(failure, element);
    failing_ = true;
    try {
      // An element before it may have failed, and its answer not been looked at.
      while (scope_.active() && first_ != waiting_.size() && waiting_[first_].element < element)
        take_answer();
    } catch (const error& earlier) {
      first = told(earlier, at_);
    }
    waiting_.clear();
    first_ = 0;
    if (scope_.active()) pipeline_.abandon();
    take_keys_back();
    failure_.emplace(std::move(first));
  }

  connection<Driver>& connection_;
  bulk_call call_;  // whose statements run when elements are added and answers taken
  std::vector<std::int64_t>* counts_;
  bool numbered_;
  std::size_t before_;
  transaction_scope<Driver> scope_;
  // After the transaction, because it must be gone when that is rolled back.
  typename pipeline_of<Driver>::type pipeline_;
  std::vector<sent> waiting_;
  std::size_t first_ = 0;  // of those that have no answer yet
  std::vector<completed> completed_;
  kept_elements<Driver> kept_;
  detail::owner<element_versions<Driver>> versions_;  // nullptr: no row has one
  std::int64_t written_ = 0;  // the connection's count of changes behind the last element
  std::vector<std::shared_ptr<const std::string>> texts_;
  std::optional<error> failure_;
  bool failing_ = false;
  std::size_t size_ = 0;
  std::size_t at_ = 0;  // the element that is being dealt with
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error with_element(const error& failure, std::size_t element) {
  // A connection that is lost is lost for all of them.
  if (failure.code() == errc::connection_lost || failure.details().element >= 0) return failure;
  error_details d = failure.details();
  d.element = static_cast<std::ptrdiff_t>(element);
  d.message += " (element " + std::to_string(element) + " of the batch)";
  return error(std::move(d));
}

}  // namespace hewn::detail

#endif
