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
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

using ::soci::details::statement_backend;

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

  Impl(Database& of, Connection& connection, Access with)
      : database(of), self(connection), access(with), options(of.options()), write_turns(of.write_turns_) {}

  absl::Status Open();
  absl::Status Restore();
  absl::StatusOr<soci::statement*> Prepare(absl::string_view sql);
  absl::StatusOr<Result> Execute(absl::string_view sql, absl::Span<const SqlValue> parameters);
  absl::StatusOr<Result> Run(absl::string_view sql, absl::Span<const SqlValue> parameters);
  absl::Status Begin(Transaction kind);
  absl::Status BeginOnce(Transaction kind);
  absl::Status Commit();
  absl::Status Failed(absl::Status status);
  void EndTransaction();
  bool TakesTurns() const { return transaction > Transaction::kRead && dialect->one_writer(); }

  Database& database;
  Connection& self;
  const Access access;
  const DatabaseOptions& options;
  WriteTurns& write_turns;  // taken while TakesTurns()
  std::unique_ptr<Dialect> dialect;
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

// In place of the one there was, if any.
absl::Status Connection::Impl::Open() {
  prepared_by_sql.clear();
  prepared.clear();
  dialect.reset();
  absl::StatusOr<std::unique_ptr<Dialect>> opened = database.dialect() == DialectName::kSqlite
                                                        ? OpenSqlite(database.target_, options)
                                                        : OpenPostgres(database.target_, access, options);
  if (!opened.ok()) return opened.status();
  dialect = *std::move(opened);
  return dialect->Configure(self, access);
}

// A connection that is lost is made anew; only outside of a transaction.
absl::Status Connection::Impl::Restore() {
  if (dialect != nullptr && !dialect->Lost()) return absl::OkStatus();
  absl::Status opened = database.reconnects_.Try([this] { return Open(); });
  if (!opened.ok()) {
    prepared_by_sql.clear();
    prepared.clear();
    dialect.reset();
    return opened;
  }
  dialect->SetDeadline(deadline);
  return absl::OkStatus();
}

absl::StatusOr<soci::statement*> Connection::Impl::Prepare(absl::string_view sql) {
  if (const auto found = prepared_by_sql.find(sql); found != prepared_by_sql.end()) {
    prepared.splice(prepared.begin(), prepared, found->second);
    return &prepared.front().statement;
  }
  ASSIGN_OR_RETURN(const std::string spelt, dialect->Spell(sql));
  soci::statement statement(dialect->session());
  statement.alloc();
  statement.prepare(spelt);
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
  bool more = statement.execute(/*withDataExchange=*/true);
  const size_t columns = dialect->Columns(backend);
  while (more) {
    std::vector<SqlValue> values;
    values.reserve(columns);
    for (size_t column = 0; column < columns; ++column) values.push_back(dialect->Column(backend, column));
    result.rows.emplace_back(std::move(values));
    more = backend.fetch(1) == statement_backend::ef_success;
  }
  result.changes = dialect->Changes(backend);
  return result;
}

absl::StatusOr<Connection::Impl::Result> Connection::Impl::Run(absl::string_view sql,
                                                               absl::Span<const SqlValue> parameters) {
  if (!dead.ok()) return dead;
  if (transaction != Transaction::kNone) {
    if (!transaction_error.ok()) return transaction_error;
    // Outside of the transaction that it takes itself to be in, a statement would commit by itself.
    if (!dialect->InTransaction() && !dialect->Lost())
      return Failed(absl::InternalError("the transaction was ended by a statement"));
  } else if (absl::Status restored = Restore(); !restored.ok()) {
    return restored;
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
  if (transaction > Transaction::kRead && IsStoreIoError(status) && dead.ok()) {
    dead = status;
    options.on_store_io_error(status);
  }
  return status;
}

absl::Status Connection::Impl::Begin(Transaction kind) {
  if (!dead.ok()) return dead;
  if (transaction != Transaction::kNone)
    return Failed(absl::InternalError("a transaction within a transaction"));
  if (absl::Status restored = Restore(); !restored.ok()) return restored;
  absl::Status begun = BeginOnce(kind);
  // Lost since it was last used, as by a restart of the server: nothing was begun.
  if (begun.ok() || !dialect->Lost()) return begun;
  if (absl::Status restored = Restore(); !restored.ok()) return restored;
  return BeginOnce(kind);
}

absl::Status Connection::Impl::BeginOnce(Transaction kind) {
  if (kind != Transaction::kRead && dialect->one_writer()) {
    const absl::Duration patience = std::min(options.busy_timeout, deadline - options.now());
    if (!write_turns.Take(patience)) {
      return options.now() >= deadline
                 ? absl::DeadlineExceededError("the deadline passed before the turn to write came")
                 : absl::UnavailableError("the turn to write did not come");
    }
  }
  dialect->SetDeadline(deadline);  // how long to wait for the lock is what is left now
  transaction = kind;
  try {
    dialect->Begin(kind);
    return absl::OkStatus();
  } catch (const soci::soci_error& error) {
    Failed(dialect->StatusOf(error)).IgnoreError();
  }
  absl::Status status = std::move(transaction_error);
  EndTransaction();
  return status;
}

absl::Status Connection::Impl::Commit() {
  if (!dead.ok()) return dead;
  if (!transaction_error.ok()) return transaction_error;
  if (!dialect->InTransaction() && !dialect->Lost())
    return Failed(absl::InternalError("the transaction was ended by a statement"));
  try {
    dialect->Commit();
    return absl::OkStatus();
  } catch (const soci::soci_error& error) {
    absl::Status status = Failed(dialect->StatusOf(error));
    return dialect->Lost() ? CommitUnknown(status) : status;
  }
}

void Connection::Impl::EndTransaction() {
  if (dialect->InTransaction()) {
    dialect->SetDeadline(absl::InfiniteFuture());
    try {
      dialect->Rollback();
    } catch (const soci::soci_error&) {
      // SQLite rolls back in memory whatever the file does, and a server's transaction ends with its connection; a
      // connection that is still inside a transaction refuses to begin the next one.
    }
    dialect->SetDeadline(deadline);
  }
  if (TakesTurns()) write_turns.Return();
  transaction = Transaction::kNone;
  transaction_error = absl::OkStatus();
}

Connection::Connection() = default;
Connection::~Connection() { Rollback(); }

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(Database& database, Access access) {
  auto connection = absl::WrapUnique(new Connection);
  connection->impl_ = std::make_unique<Impl>(database, *connection, access);
  // Whoever opens a SQLite file first switches it to the write-ahead log or recovers it, and others that open it just
  // then can be told that it is busy without having waited.
  absl::Duration waited;
  for (absl::Duration pause = absl::Milliseconds(1);; pause = std::min(2 * pause, absl::Milliseconds(50))) {
    const absl::Status opened = connection->impl_->Open();
    if (opened.ok()) return connection;
    if (!absl::IsUnavailable(opened) || waited >= database.options().busy_timeout) return opened;
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
absl::Status Connection::BeginAppend() { return impl_->Begin(Transaction::kAppend); }
absl::Status Connection::BeginWrite() { return impl_->Begin(Transaction::kWrite); }

absl::Status Connection::Commit() {
  if (impl_->transaction == Transaction::kNone) return absl::InternalError("a commit without a transaction");
  impl_->dialect->SetDeadline(absl::InfiniteFuture());
  absl::Status status = impl_->Commit();
  impl_->dialect->SetDeadline(impl_->deadline);
  impl_->EndTransaction();
  return status;
}

void Connection::Rollback() {
  if (impl_->transaction != Transaction::kNone) impl_->EndTransaction();
}

void Connection::SetDeadline(absl::Time deadline) {
  impl_->deadline = deadline;
  if (impl_->dialect != nullptr) impl_->dialect->SetDeadline(deadline);
}

DialectName Connection::dialect() const { return impl_->database.dialect(); }
size_t Connection::max_parameters() const { return impl_->dialect->max_parameters(); }

}  // namespace greenroom::sql
