#include "services/base/sql/connection.h"

#include <algorithm>
#include <exception>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/container/flat_hash_map.h"
#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/base/sql/database.h"
#include "services/base/sql/dialect.h"
#include "services/base/sql/store_failure.h"

namespace greenroom::sql {
namespace {

using ::soci::details::statement_backend;

enum class Transaction { kNone, kRead, kWrite };

absl::Status RefuseNul(absl::Span<const SqlValue> parameters) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    const std::string* text = parameters[i].text();
    if (text != nullptr && text->find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat("parameter ", i + 1, " holds a NUL character"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

struct Connection::Impl {
  struct Prepared {
    std::string sql;
    soci::statement statement;
  };
  struct Result {
    Rows rows;
    int64_t changes = 0;
  };

  Impl(std::unique_ptr<Dialect> opened, const DatabaseOptions& with, WriteTurns& turns)
      : options(with), write_turns(turns), dialect(std::move(opened)) {}

  absl::StatusOr<soci::statement*> Prepare(absl::string_view sql);
  absl::StatusOr<Result> Execute(absl::string_view sql, absl::Span<const SqlValue> parameters);
  absl::StatusOr<Result> Run(absl::string_view sql, absl::Span<const SqlValue> parameters);
  absl::Status Begin(Transaction kind);
  absl::Status Failed(absl::Status status);
  void EndTransaction();

  const DatabaseOptions& options;
  WriteTurns& write_turns;  // taken while transaction is kWrite
  const std::unique_ptr<Dialect> dialect;
  // Most recently used first. Statements go before the session that they belong to.
  std::list<Prepared> prepared;
  absl::flat_hash_map<absl::string_view, std::list<Prepared>::iterator> prepared_by_sql;
  Transaction transaction = Transaction::kNone;
  absl::Status transaction_error;  // the first of this transaction
  absl::Status dead;               // the store I/O error that ended this connection
  absl::Time deadline = absl::InfiniteFuture();
  // What SOCI binds for null.
  const std::string null_text;
  soci::indicator null_indicator = soci::i_null;
};

absl::StatusOr<soci::statement*> Connection::Impl::Prepare(absl::string_view sql) {
  if (const auto found = prepared_by_sql.find(sql); found != prepared_by_sql.end()) {
    prepared.splice(prepared.begin(), prepared, found->second);
    return &prepared.front().statement;
  }
  soci::statement statement(dialect->session());
  statement.alloc();
  statement.prepare(std::string(sql));
  while (prepared.size() >= static_cast<size_t>(options.cached_statements)) {
    prepared_by_sql.erase(prepared.back().sql);
    prepared.pop_back();
  }
  prepared.push_front({std::string(sql), statement});
  prepared_by_sql[prepared.front().sql] = prepared.begin();
  return &prepared.front().statement;
}

// May throw.
absl::StatusOr<Connection::Impl::Result> Connection::Impl::Execute(absl::string_view sql,
                                                                   absl::Span<const SqlValue> parameters) {
  absl::StatusOr<soci::statement*> found = Prepare(sql);
  if (!found.ok()) return found.status();
  soci::statement& statement = **found;
  statement_backend& backend = *statement.get_backend();
  if (absl::Status fits = dialect->Check(backend, sql, parameters.size()); !fits.ok()) return fits;

  const auto finish = absl::MakeCleanup([&] {
    statement.bind_clean_up();
    dialect->Finish(backend);
  });
  std::vector<long long> integers;  // as SOCI wants them; never moved once one is bound
  integers.reserve(parameters.size());
  for (const SqlValue& value : parameters) {
    if (value.text() != nullptr) {
      statement.exchange(soci::use(*value.text()));
    } else if (value.integer() != nullptr) {
      statement.exchange(soci::use(integers.emplace_back(*value.integer())));
    } else if (value.real() != nullptr) {
      statement.exchange(soci::use(*value.real()));
    } else {
      statement.exchange(soci::use(null_text, null_indicator));
    }
  }
  statement.define_and_bind();

  Result result;
  const int64_t changes_before = dialect->TotalChanges();
  bool more = statement.execute(/*withDataExchange=*/true);
  const size_t columns = dialect->Columns(backend);
  while (more) {
    std::vector<SqlValue> values;
    values.reserve(columns);
    for (size_t column = 0; column < columns; ++column) values.push_back(dialect->Column(backend, column));
    result.rows.emplace_back(std::move(values));
    more = backend.fetch(1) == statement_backend::ef_success;
  }
  // What the last changing statement changed is not cleared by one that changes nothing.
  if (dialect->TotalChanges() != changes_before) result.changes = statement.get_affected_rows();
  return result;
}

absl::StatusOr<Connection::Impl::Result> Connection::Impl::Run(absl::string_view sql,
                                                               absl::Span<const SqlValue> parameters) {
  if (!dead.ok()) return dead;
  if (transaction != Transaction::kNone) {
    if (!transaction_error.ok()) return transaction_error;
    // Outside of the transaction that it takes itself to be in, a statement would commit by itself.
    if (!dialect->InTransaction())
      return Failed(absl::InternalError("the transaction was ended by a statement"));
  }
  if (absl::Status status = RefuseNul(parameters); !status.ok()) return Failed(std::move(status));
  try {
    absl::StatusOr<Result> result = Execute(sql, parameters);
    return result.ok() ? std::move(result) : Failed(result.status());
  } catch (const soci::soci_error& error) {
    return Failed(dialect->StatusOf(error));
  } catch (const std::exception& error) {
    return Failed(absl::InternalError(error.what()));
  }
}

// Every failure passes here once.
absl::Status Connection::Impl::Failed(absl::Status status) {
  if (transaction != Transaction::kNone && transaction_error.ok()) transaction_error = status;
  if (transaction == Transaction::kWrite && IsStoreIoError(status) && dead.ok()) {
    dead = status;
    options.on_store_io_error(status);
  }
  return status;
}

absl::Status Connection::Impl::Begin(Transaction kind) {
  if (!dead.ok()) return dead;
  if (transaction != Transaction::kNone)
    return Failed(absl::InternalError("a transaction within a transaction"));
  if (kind == Transaction::kWrite) {
    const absl::Duration patience = std::min(options.busy_timeout, deadline - options.now());
    if (!write_turns.Take(patience)) {
      return options.now() >= deadline
                 ? absl::DeadlineExceededError("the deadline passed before the turn to write came")
                 : absl::UnavailableError("the turn to write did not come");
    }
  }
  dialect->SetDeadline(deadline);  // how long to wait for the lock is what is left now
  transaction = kind;
  const absl::string_view begin =
      kind == Transaction::kWrite ? dialect->begin_write() : dialect->begin_read();
  // Not through Run, which looks for the transaction that this begins.
  try {
    absl::StatusOr<Result> begun = Execute(begin, {});
    if (begun.ok()) return absl::OkStatus();
    Failed(begun.status()).IgnoreError();
  } catch (const soci::soci_error& error) {
    Failed(dialect->StatusOf(error)).IgnoreError();
  } catch (const std::exception& error) {
    Failed(absl::InternalError(error.what())).IgnoreError();
  }
  absl::Status status = std::move(transaction_error);
  EndTransaction();
  return status;
}

void Connection::Impl::EndTransaction() {
  if (dialect->InTransaction()) {
    dialect->SetDeadline(absl::InfiniteFuture());
    try {
      Execute("ROLLBACK", {}).IgnoreError();
    } catch (const std::exception&) {
      // SQLite rolls back in memory whatever the file does; a connection that is still inside a transaction refuses
      // to begin the next one.
    }
    dialect->SetDeadline(deadline);
  }
  if (std::exchange(transaction, Transaction::kNone) == Transaction::kWrite) write_turns.Return();
  transaction_error = absl::OkStatus();
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() { Rollback(); }

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(Database& database, Access access) {
  const DatabaseOptions& options = database.options();
  absl::StatusOr<std::unique_ptr<Dialect>> dialect = OpenSqlite(database.path_, options);
  if (!dialect.ok()) return dialect.status();
  auto connection = absl::WrapUnique(
      new Connection(std::make_unique<Impl>(*std::move(dialect), options, database.write_turns_)));
  // Whoever opens a file first switches it to the write-ahead log or recovers it, and others that open it just then can
  // be told that it is busy without having waited.
  absl::Duration waited;
  for (absl::Duration pause = absl::Milliseconds(1);; pause = std::min(2 * pause, absl::Milliseconds(50))) {
    const absl::Status configured = connection->impl_->dialect->Configure(*connection, access);
    if (configured.ok()) return connection;
    if (!absl::IsUnavailable(configured) || waited >= options.busy_timeout) return configured;
    absl::SleepFor(pause);
    waited += pause;
  }
}

absl::StatusOr<Rows> Connection::Query(absl::string_view sql, absl::Span<const SqlValue> parameters) {
  absl::StatusOr<Impl::Result> result = impl_->Run(sql, parameters);
  if (!result.ok()) return result.status();
  return std::move(result->rows);
}

absl::StatusOr<int64_t> Connection::Execute(absl::string_view sql, absl::Span<const SqlValue> parameters) {
  absl::StatusOr<Impl::Result> result = impl_->Run(sql, parameters);
  if (!result.ok()) return result.status();
  return result->changes;
}

absl::Status Connection::BeginRead() { return impl_->Begin(Transaction::kRead); }
absl::Status Connection::BeginWrite() { return impl_->Begin(Transaction::kWrite); }

absl::Status Connection::Commit() {
  if (impl_->transaction == Transaction::kNone) return absl::InternalError("a commit without a transaction");
  impl_->dialect->SetDeadline(absl::InfiniteFuture());
  absl::Status status = impl_->Run("COMMIT", {}).status();
  impl_->dialect->SetDeadline(impl_->deadline);
  impl_->EndTransaction();
  return status;
}

void Connection::Rollback() {
  if (impl_->transaction != Transaction::kNone) impl_->EndTransaction();
}

void Connection::SetDeadline(absl::Time deadline) {
  impl_->deadline = deadline;
  impl_->dialect->SetDeadline(deadline);
}

DialectName Connection::dialect() const { return impl_->dialect->name(); }
size_t Connection::max_parameters() const { return impl_->dialect->max_parameters(); }

}  // namespace greenroom::sql
