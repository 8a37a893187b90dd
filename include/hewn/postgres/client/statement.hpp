// hewn/postgres/client/statement.hpp - one statement that the server has prepared.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: bind*, step until it does not return a row, reset. Reading is legal between a step
// that returned a row and the next step or reset. The first step runs the statement; the rows are
// then in memory, unless stream() was called.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/client/copy_stream.hpp>
#include <hewn/postgres/client/prepared_text.hpp>
#include <hewn/postgres/client/row_stream.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/client/statement_text.hpp>
#  include <hewn/postgres/failure/server_report.hpp>

#  include <new>
#endif

namespace hewn::postgres {

class statement : public detail::prepared_text {
 public:
  statement() noexcept;

  /// BEGIN, COMMIT and their like, which need no preparation: text alone.
  static statement control(detail::shared_state& shared, std::string text);

  /// `text` with its places numbered. 0, or the code of the failure.
  HEWN_RARE static int prepare(detail::shared_state& shared, std::string text, statement& out);

  statement(statement&& other) noexcept;
  statement& operator=(statement&& other) noexcept;
  ~statement();

  explicit operator bool() const noexcept { return state_ != nullptr; }

  /// Rows are to be fetched as they are asked for. Before the first step; until the next reset.
  void stream() noexcept { streaming_ = true; }

  step_result step() noexcept {
    if (!started_) return start();
    if (stream_) return next_streamed();
    if (at_ + 1 >= PQntuples(answer_.get())) return step_result::done;
    show(answer_.get(), ++at_);
    return step_result::row;
  }

  /// Of BEGIN and COMMIT around reads: as step(), without waiting for the answer.
  HEWN_RARE step_result post() noexcept;

  /// Goes back to the first of the rows, which are in memory.
  void show_first_row() noexcept { show(answer_.get(), at_ = 0); }

  /// Whether the query, which reads types with their modifiers, a condition and whether it is still
  /// about the right table, finds the types for which rows were encoded and that the condition
  /// holds: `row` if so, otherwise `done`. Fails where columns have come to round, cut or pad what
  /// is in the rows. The server keeps the query, and plans it anew when the table has changed.
  HEWN_RARE step_result check_types(std::string (*query)(),
                                    const detail::parameters& encoded) noexcept;

  /// Begins a COPY FROM STDIN, whose rows go into `rows`, which ends it.
  HEWN_RARE step_result begin_copy(std::optional<detail::copy_stream>& rows) noexcept;

  /// Ends it, and stores the rows.
  HEWN_RARE step_result end_copy(detail::copy_stream& rows) noexcept;

  // ---- in a pipeline, which is postgres/client/pipeline.hpp

  /// Prepares it again where a table has changed. 0, or the code of the failure.
  int make_current() noexcept {
    if (state_ == nullptr) return client_failure::connection_lost;
    if (copies_) return client_failure::copy_in_script;  // there it could not be ended
    const int code = stale_ ? prepare_changed() : 0;
    values_lost_ = false;
    return code;
  }

  /// Sends it with its values, which may change afterwards. False: it was not sent.
  bool send() noexcept {
    PGconn* const c = state_->handle();
    return (name_.empty()
                ? PQsendQueryParams(c, text_.c_str(), parameter_count(), parameter_types().data(),
                                    values(), lengths(), formats(), 1)
                : PQsendQueryPrepared(c, name_.c_str(), parameter_count(), values(), lengths(),
                                      formats(), 1)) == 1;
  }

  /// Takes the answer to a send() that was answered with rows, and is at the first of them.
  void take_answer(detail::result_ptr answer) noexcept {
    answer_ = std::move(answer);
    started_ = true;
    at_ = 0;
    if (name_.empty()) [[unlikely]]
      look_at_columns(answer_.get());
    show(answer_.get(), 0);
  }

  /// The code of the last failure: an SQLSTATE as a number, or a client_failure.
  int code() const noexcept { return code_; }

  /// The number of rows that are in memory.
  std::size_t row_count() const noexcept {
    return answer_ ? static_cast<std::size_t>(PQntuples(answer_.get())) : 0;
  }

  /// Ends the execution and forgets every bound value.
  void reset() noexcept {
    rewind();
    streaming_ = false;
    forget_values();
  }

  /// Ends the execution and keeps the bound values, for one execution per row of a bulk insert.
  void rewind() noexcept {
    if (stream_) [[unlikely]]
      stream_.reset();
    answer_.reset();
    started_ = false;
  }

 private:
  step_result start() noexcept {
    if (state_ == nullptr) [[unlikely]]
      return failed(client_failure::connection_lost);
    if (state_->lost()) [[unlikely]]
      return failed(client_failure::not_sent);
    const bool led = state_->led_by_begin() && may_follow();
    if (!led) state_->begin_command();
    if (stale_) [[unlikely]]
      if (const int code = prepare_changed(); code != 0) {
        values_lost_ = false;
        return failed(code);
      }
    at_ = 0;
    if (streaming_) return start_streaming();
    PGconn* const c = state_->handle();
    if (led) [[unlikely]]
      answer_ = send_behind_begin();
    else if (control_)
      answer_.reset(PQexec(c, text_.c_str()));
    else if (name_.empty())
      answer_.reset(PQexecParams(c, text_.c_str(), parameter_count(), parameter_types().data(),
                                 values(), lengths(), formats(), 1));
    else
      answer_.reset(
          PQexecPrepared(c, name_.c_str(), parameter_count(), values(), lengths(), formats(), 1));
    switch (PQresultStatus(answer_.get())) {
      case PGRES_TUPLES_OK:
        state_->succeeded(answer_.get());
        started_ = true;
        if (name_.empty()) [[unlikely]]
          look_at_columns(answer_.get());
        show(answer_.get(), 0);
        return PQntuples(answer_.get()) != 0 ? step_result::row : step_result::done;
      case PGRES_COMMAND_OK:
        state_->succeeded(answer_.get());
        started_ = true;
        if (control_) return check_commit();
        return step_result::done;
      default:
        return not_started();
    }
  }

  // What takes one message to the server and one answer.
  bool may_follow() const noexcept { return !stale_ && !streaming_ && !control_ && !copies_; }

  HEWN_RARE detail::result_ptr send_behind_begin() noexcept;

  // A transaction that has failed is ended by COMMIT without an error, and rolled back.
  step_result check_commit() noexcept {
    if (text_ != "COMMIT" || std::string_view(PQcmdStatus(answer_.get())) == "COMMIT")
      return step_result::done;
    if (state_->first_failure()) return failed(state_->failed_by(state_->first_failure()));
    return failed(client_failure::commit_rolled_back);
  }

  HEWN_RARE step_result not_started() noexcept;

  HEWN_RARE step_result start_streaming() noexcept;

  step_result next_streamed() noexcept {
    int code = 0;
    const int more = stream_->next(code);
    if (more < 0) return failed(code);
    if (more == 1 && name_.empty()) [[unlikely]]
      look_at_columns(stream_->result());
    show(stream_->result(), stream_->row());
    return more == 1 ? step_result::row : step_result::done;
  }

  HEWN_COLD step_result failed(int code) noexcept {
    code_ = code;
    return step_result::failed;
  }

  // Runs the question about types. False: it failed, and code_ says how.
  HEWN_RARE bool ask_for_types(std::string (*query)()) noexcept;

  detail::result_ptr answer_;
  std::unique_ptr<detail::row_stream> stream_;
  std::unique_ptr<statement> question_;  // about types
  int at_ = 0;
  int code_ = 0;
  bool started_ = false;
  bool streaming_ = false;
  bool control_ = false;
  bool copies_ = false;  // COPY
};

#if HEWN_DEFINES_POSTGRES

HEWN_API statement::statement() noexcept = default;

HEWN_COLD HEWN_API statement::statement(statement&& other) noexcept { *this = std::move(other); }

HEWN_COLD HEWN_API statement& statement::operator=(statement&& other) noexcept {
  swap_text(other);
  std::swap(answer_, other.answer_);
  std::swap(stream_, other.stream_);
  std::swap(question_, other.question_);
  std::swap(at_, other.at_);
  std::swap(code_, other.code_);
  std::swap(started_, other.started_);
  std::swap(streaming_, other.streaming_);
  std::swap(control_, other.control_);
  std::swap(copies_, other.copies_);
  return *this;
}

HEWN_API statement statement::control(detail::shared_state& shared, std::string text) {
  statement s;
  s.state_ = &shared;
  s.text_ = std::move(text);
  s.control_ = true;
  return s;
}

HEWN_COLD HEWN_API int statement::prepare(detail::shared_state& shared, std::string text,
                                          statement& out) {
  statement s;
  s.state_ = &shared;
  s.text_ = std::move(text);
  if (detail::leaves_traces(s.text_)) shared.touch(detail::begins_with(s.text_, {"prepare"}));
  s.copies_ = detail::begins_with(s.text_, {"copy"});
  if (const int code = s.prepare_again(); code != 0) return code;
  out = std::move(s);
  return 0;
}

HEWN_API statement::~statement() {
  if (state_ == nullptr) return;
  stream_.reset();
  state_->retire(std::move(name_));
}

HEWN_API step_result statement::post() noexcept {
  if (state_ == nullptr) return failed(client_failure::connection_lost);
  if (state_->lost()) return failed(client_failure::not_sent);
  started_ = true;
  return state_->post(text_.c_str()) ? step_result::done : failed(state_->failed({}));
}

HEWN_API detail::result_ptr statement::send_behind_begin() noexcept {
  if (send()) return state_->posted().answer();
  state_->begin_command();
  return {};
}

HEWN_COLD HEWN_API bool statement::ask_for_types(std::string (*query)()) noexcept {
  try {
    if (!question_) {
      auto made = std::make_unique<statement>();
      if (const int code = prepare(*state_, query(), *made); code != 0) return failed(code), false;
      question_ = std::move(made);
    }
  } catch (...) {
    return failed(client_failure::out_of_memory), false;
  }
  question_->rewind();
  return question_->step() != step_result::failed || (failed(question_->code()), false);
}

HEWN_COLD HEWN_API step_result statement::check_types(std::string (*query)(),
                                                      const detail::parameters& encoded) noexcept {
  if (state_ == nullptr) return failed(client_failure::connection_lost);
  if (state_->lost()) return failed(client_failure::not_sent);
  if (!ask_for_types(query)) return step_result::failed;
  const int last = 2 * encoded.parameter_count() + 1;
  const auto holds = [&](int i) {
    const PGresult* const r = question_->answer_.get();
    return PQntuples(r) == 1 && PQnfields(r) == last + 1 && PQgetvalue(r, 0, i)[0] != 0;
  };
  // A table that has come to stand before it changes nothing about the table that was planned for.
  if (!holds(last)) {
    question_.reset();
    if (!ask_for_types(query)) return step_result::failed;
    if (!holds(last)) return failed(client_failure::types_changed);
  }
  const auto number = [&](std::size_t i) {
    return detail::load<std::uint32_t>(
        PQgetvalue(question_->answer_.get(), 0, static_cast<int>(i)));
  };
  const auto& expected = encoded.parameter_types();
  const auto& columns = encoded.narrow_columns();
  bool same = true;
  for (std::size_t i = 0; i != expected.size(); ++i) {
    const auto modifier = static_cast<int>(number(2 * i + 1));
    const detail::narrow_column now = narrowed(number(2 * i), {nullptr, nullptr, 0, modifier});
    const detail::wire kind = encoded.parameter_kinds()[i];
    const bool kept = number(2 * i) == expected[i];
    same = same && kept;
    // Otherwise the rows go one by one, and the server converts them, exactly or not at all.
    const detail::wire live = state_->types().known_wire(number(2 * i));
    const bool converts = detail::holds_integers(kind)
                              ? detail::holds_integers(live) || live == detail::wire::numeric
                              : kind == detail::wire::text && live == kind;
    const bool fits = kept ? !now || (i < columns.size() && now.does_the_same(columns[i]))
                           : converts && now.modifier < 0;
    if (fits) continue;
    state_->definitions_changed();
    return failed(client_failure::types_changed);
  }
  const bool plain = holds(last - 1);
  return same && plain ? step_result::row : step_result::done;
}

HEWN_COLD HEWN_API step_result
statement::begin_copy(std::optional<detail::copy_stream>& rows) noexcept {
  if (state_ == nullptr) return failed(client_failure::connection_lost);
  if (state_->lost()) return failed(client_failure::not_sent);
  state_->begin_command();
  PGconn* const c = state_->handle();
  if (stale_)
    if (const int code = prepare_changed(); code != 0) return failed(code);
  const bool in_transaction = state_->in_transaction();
  answer_.reset(name_.empty()
                    ? PQexecParams(c, text_.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1)
                    : PQexecPrepared(c, name_.c_str(), 0, nullptr, nullptr, nullptr, 1));
  if (PQresultStatus(answer_.get()) != PGRES_COPY_IN)
    return failed(state_->failed(std::move(answer_)));
  rows.emplace(*state_, in_transaction);
  return step_result::done;
}

HEWN_COLD HEWN_API step_result statement::end_copy(detail::copy_stream& rows) noexcept {
  const int code = state_ == nullptr ? client_failure::connection_lost : rows.end();
  return code == 0 ? step_result::done : failed(code);
}

HEWN_COLD HEWN_API step_result statement::not_started() noexcept {
  PGconn* const c = state_->handle();
  const ExecStatusType status = PQresultStatus(answer_.get());
  if (status == PGRES_COPY_IN) PQputCopyEnd(c, "hewn takes no COPY here");
  if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
    while (PGresult* rest = PQgetResult(c)) {
      char* data = nullptr;
      while (status == PGRES_COPY_OUT && PQgetCopyData(c, &data, 0) > 0) PQfreemem(data);
      PQclear(rest);
    }
    return failed(client_failure::copy_in_script);
  }
  if (is_ready_again(answer_.get())) return start();
  if (std::exchange(values_lost_, false)) return failed(client_failure::types_changed);
  return failed(state_->failed(std::move(answer_)));
}

HEWN_COLD HEWN_API step_result statement::start_streaming() noexcept {
  PGconn* const c = state_->handle();
  const bool in_transaction = state_->in_transaction();
  const int sent =
      name_.empty() ? PQsendQueryParams(c, text_.c_str(), parameter_count(),
                                        parameter_types().data(), values(), lengths(), formats(), 1)
                    : PQsendQueryPrepared(c, name_.c_str(), parameter_count(), values(), lengths(),
                                          formats(), 1);
  if (sent == 0) return failed(state_->failed({}));
  PQsetSingleRowMode(c);
  stream_.reset(new (std::nothrow) detail::row_stream(*state_, in_transaction, !read_only()));
  if (!stream_) return failed(client_failure::out_of_memory);
  started_ = true;
  const step_result first = next_streamed();
  if (first != step_result::failed) return first;
  if (!is_ready_again(state_->failure()))
    return std::exchange(values_lost_, false) ? failed(client_failure::types_changed) : first;
  stream_.reset();
  started_ = false;
  return start_streaming();
}

#endif

}  // namespace hewn::postgres
