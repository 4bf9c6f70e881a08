#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>
#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/base/sql/dialect.h"
#include "services/base/sql/parameter_marks.h"
#include "services/base/sql/store_failure.h"
#include "services/base/task.h"

namespace greenroom::sql {
namespace {

using ::soci::details::statement_backend;

// What libpq is told where the URL says nothing. Of several hosts the one that takes writes, for reads too: a standby may
// lag behind what was acknowledged. A peer that vanished is noticed in about three seconds, whether it owes us
// an answer (keepalives) or an acknowledgement (tcp_user_timeout). Units as libpq's: seconds, the last one milliseconds.
const std::map<std::string, std::string>& Defaults() {
  static const auto& defaults = *new std::map<std::string, std::string>{
      {"application_name", "greenroom"},     {"connect_timeout", "3"},  {"keepalives_idle", "1"},
      {"keepalives_interval", "1"},          {"keepalives_count", "3"}, {"tcp_user_timeout", "3000"},
      {"target_session_attrs", "read-write"}};
  return defaults;
}

// The advisory lock of BeginWrite, one for each database: "greenroo" in ASCII.
constexpr int64_t kWriteLock = 0x677265656e726f6f;

// Types of columns, as in the server's catalogue pg_type, whose numbers never change.
enum ColumnType : Oid {
  kBool = 16,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kFloat4 = 700,
  kFloat8 = 701,
  kNumeric = 1700
};

// SQLSTATE, PostgreSQL's manual, appendix A.
absl::Status StatusOfState(absl::string_view state, absl::string_view message) {
  const auto status = [&](absl::StatusCode code) {
    return absl::Status(code, absl::StrCat(message, " (PostgreSQL ", state, ")"));
  };
  if (state == "40001" || state == "40P01") return status(absl::StatusCode::kAborted);
  if (state == "57014") return status(absl::StatusCode::kDeadlineExceeded);
  if (state == "23505") return status(absl::StatusCode::kAlreadyExists);
  if (state == "25006" || state == "42501") return status(absl::StatusCode::kFailedPrecondition);
  if (state == "55P03" || state == "58030") return status(absl::StatusCode::kUnavailable);
  const absl::string_view category = state.substr(0, 2);
  if (category == "08" || category == "53" || category == "57") return status(absl::StatusCode::kUnavailable);
  if (category == "23") return status(absl::StatusCode::kFailedPrecondition);
  if (category == "22") {
    // Its message would quote the value.
    return absl::InvalidArgumentError(
        absl::StrCat("a value that its column cannot hold (PostgreSQL ", state, ")"));
  }
  if (category == "XX")
    return status(state == "XX000" ? absl::StatusCode::kInternal : absl::StatusCode::kDataLoss);
  return status(absl::StatusCode::kInternal);
}

// The server's own line of what SOCI and libpq say around it.
std::string ServersWords(absl::string_view message) {
  for (const absl::string_view before : {"ERROR:  ", "FATAL:  ", "database.\n"}) {
    const size_t found = message.find(before);
    if (found != absl::string_view::npos) message.remove_prefix(found + before.size());
  }
  return std::string(message.substr(0, message.find('\n')));
}

// By the column's type: SOCI would need to be told it for each query.
SqlValue ValueOf(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return SqlValue();
  const absl::string_view text(PQgetvalue(result, row, column),
                               static_cast<size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case kBool:
      return text == "t";
    case kInt2:
    case kInt4:
    case kInt8: {
      int64_t integer = 0;
      if (absl::SimpleAtoi(text, &integer)) return integer;
      return text;
    }
    case kFloat4:
    case kFloat8:
    case kNumeric: {
      double real = 0;
      if (absl::SimpleAtod(text, &real)) return real;
      return text;
    }
    default:
      return text;
  }
}

// SOCI does not export the type information of its backends, which UBSan's vptr check of a downcast would need.
__attribute__((no_sanitize("vptr"))) PGconn* HandleOf(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}
__attribute__((no_sanitize("vptr"))) soci::details::postgresql_result& ResultOf(
    statement_backend& statement) {
  return static_cast<soci::postgresql_statement_backend&>(statement).result_;
}
__attribute__((no_sanitize("vptr"))) int RowOf(statement_backend& statement) {
  return static_cast<soci::postgresql_statement_backend&>(statement).currentRow_;
}

using PgResult = std::unique_ptr<PGresult, decltype(&PQclear)>;

class PostgresDialect final : public Dialect {
 public:
  PostgresDialect(const std::string& conninfo, Access access, const DatabaseOptions& options)
      : options_(options),
        access_(access),
        conninfo_(conninfo),
        session_(soci::postgresql, conninfo),
        connection_(HandleOf(session_)) {
    PQsetNoticeReceiver(connection_, OnNotice, this);
    PQsetErrorVerbosity(connection_, PQERRORS_TERSE);
  }

  DialectName name() const override { return DialectName::kPostgres; }
  soci::session& session() override { return session_; }
  size_t max_parameters() const override { return 65535; }  // the protocol counts them in 16 bits
  bool one_writer() const override { return false; }

  absl::Status Configure(Connection& connection, Access access) override;
  absl::StatusOr<std::string> Spell(absl::string_view sql) const override { return NameParameters(sql); }

  void Begin(Transaction kind) override;
  void Commit() override;
  void Rollback() override { Run("ROLLBACK"); }
  bool InTransaction() override {
    const PGTransactionStatusType status = PQtransactionStatus(connection_);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
  }
  bool Lost() override { return retired_ || PQstatus(connection_) == CONNECTION_BAD; }

  void SetDeadline(absl::Time deadline) override { deadline_ = deadline; }

  absl::Status Check(statement_backend&, absl::string_view sql, size_t parameters) override;
  size_t Columns(statement_backend& statement) override {
    return static_cast<size_t>(PQnfields(ResultOf(statement)));
  }
  SqlValue Column(statement_backend& statement, size_t column) override;
  int64_t Changes(statement_backend& statement) override;
  // Statements keep their result until they run again; those are small, or few.
  void Finish(statement_backend& statement) override { ResultOf(statement).reset(); }

  absl::Status StatusOf(const soci::soci_error& error) override;

 private:
  // One message and one answer, whatever the number of statements; they have no parameters and no rows that matter.
  void Run(const std::string& sql) { Ask(sql); }
  Rows Ask(const std::string& sql);
  void AwaitAnswer();
  bool IsServed() const;
  // The next statement's result; null after the last.
  PgResult Next() {
    AwaitAnswer();
    return PgResult(PQgetResult(connection_), &PQclear);
  }
  [[noreturn]] void Throw(const PGresult* result);
  std::string Timeouts() const;

  // Gives the connection up. What is still said on it, as SOCI does for each statement it forgets, fails at once.
  void Retire() {
    retired_ = true;
    shutdown(PQsocket(connection_), SHUT_RDWR);
  }

  // Warnings while committing say that the commit is not what it was asked to be.
  static void OnNotice(void* self, const PGresult* notice) {
    const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != nullptr && absl::string_view(severity) == "WARNING") {
      static_cast<PostgresDialect*>(self)->warned_ = true;
    }
  }

  const DatabaseOptions& options_;
  const Access access_;
  const std::string conninfo_;
  soci::session session_;
  PGconn* const connection_;
  absl::Time deadline_ = absl::InfiniteFuture();
  bool warned_ = false;
  bool retired_ = false;  // the server no longer is what this connection is for
};

absl::Status PostgresDialect::Configure(Connection&, Access access) {
  try {
    Run("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; "
        "SET default_transaction_isolation = 'read committed'");
    if (access == Access::kRead) Run("SET default_transaction_read_only = on");
    // The same on the server's side, which by default would keep the locks of a client that vanished for two hours.
    Run("SET tcp_keepalives_idle = 1; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 3; "
        "SET tcp_user_timeout = 3000");
    const int64_t longest = absl::ToInt64Milliseconds(options_.statement_timeout);
    Run(absl::StrCat(
        "SET statement_timeout = ", longest, "; SET idle_in_transaction_session_timeout = ", longest,
        "; SET lock_timeout = ", std::max<int64_t>(1, absl::ToInt64Milliseconds(options_.busy_timeout))));
    const Rows rows =
        Ask("SELECT current_setting('server_encoding'), current_setting('fsync'), "
            "current_setting('full_page_writes'), "
            "current_setting('synchronous_commit'), pg_is_in_recovery()::int");
    std::string encoding, fsync, full_pages, synchronous;
    bool standby = false;
    RETURN_IF_ERROR(rows[0].Read(encoding, fsync, full_pages, synchronous, standby));
    if (encoding != "UTF8") {
      return absl::FailedPreconditionError(
          absl::StrCat("the database's encoding is ", encoding, "; it must be UTF8"));
    }
    if (fsync != "on" || full_pages != "on") {
      return absl::FailedPreconditionError(
          "the server runs with fsync or full_page_writes off: what it acknowledges may be lost");
    }
    if (standby) {
      return absl::UnavailableError("the server is a standby: it takes no writes, and its reads may lag");
    }
    // Stronger is left as it is.
    if (synchronous != "on" && synchronous != "remote_apply") Run("SET synchronous_commit = on");
    return absl::OkStatus();
  } catch (const soci::soci_error& error) {
    return StatusOf(error);
  }
}

std::string PostgresDialect::Timeouts() const {
  const absl::Duration left =
      std::clamp(deadline_ - options_.now(), absl::Milliseconds(1), options_.statement_timeout);
  const auto millis = [](absl::Duration duration) {
    return absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1)));
  };
  return absl::StrCat("; SET LOCAL statement_timeout = ", millis(left), "; SET LOCAL lock_timeout = ",
                      std::max<int64_t>(1, millis(std::min(left, options_.busy_timeout))));
}

void PostgresDialect::Begin(Transaction kind) {
  switch (kind) {
    case Transaction::kRead:
      return Run(absl::StrCat("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", Timeouts()));
    case Transaction::kWrite:
      return Run(absl::StrCat("BEGIN ISOLATION LEVEL READ COMMITTED", Timeouts(),
                              "; SELECT pg_advisory_xact_lock(", kWriteLock, ")"));
    default:
      return Run(absl::StrCat("BEGIN ISOLATION LEVEL READ COMMITTED", Timeouts()));
  }
}

// Without a timeout: a commit that waits for its synchronous standby and is told to stop has committed all the same,
// only not there. The server says so in a warning, and this connection is then given up as one that broke.
void PostgresDialect::Commit() {
  warned_ = false;
  Run("SET LOCAL statement_timeout = 0; COMMIT");
  if (!warned_) return;
  Retire();
  throw soci::postgresql_soci_error("the commit did not wait for the synchronous standby", "08007");
}

Rows PostgresDialect::Ask(const std::string& sql) {
  if (PQsendQuery(connection_, sql.c_str()) != 1) Throw(nullptr);
  PgResult last(nullptr, &PQclear);
  for (PgResult next = Next(); next != nullptr; next = Next()) {
    last = std::move(next);
    const ExecStatusType status = PQresultStatus(last.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      while (Next() != nullptr) continue;
      Throw(last.get());
    }
  }
  Rows rows;
  for (int row = 0; row < PQntuples(last.get()); ++row) {
    std::vector<SqlValue> values;
    values.reserve(static_cast<size_t>(PQnfields(last.get())));
    for (int column = 0; column < PQnfields(last.get()); ++column) {
      values.push_back(ValueOf(last.get(), row, column));
    }
    rows.emplace_back(std::move(values));
  }
  return rows;
}

// A commit waits for its synchronous standby as long as that takes. But a backend whose server was killed just then
// keeps its connection and never answers, so one that is slow is looked for.
void PostgresDialect::AwaitAnswer() {
  constexpr int kLookAfterMs = 1000;
  while (PQisBusy(connection_) != 0) {
    pollfd readable = {PQsocket(connection_), POLLIN, 0};
    const int ready = poll(&readable, 1, kLookAfterMs);
    if (ready == 0 && !IsServed()) {
      Retire();
      throw soci::postgresql_soci_error("the server knows nothing of this connection any more", "08006");
    }
    if (ready > 0 && PQconsumeInput(connection_) != 1) Throw(nullptr);
  }
}

// Whether a server that can be reached now has a backend for this connection.
bool PostgresDialect::IsServed() const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(conninfo_.c_str()), &PQfinish);
  sockaddr_storage local = {};
  socklen_t size = sizeof local;
  getsockname(PQsocket(connection_), reinterpret_cast<sockaddr*>(&local), &size);
  // The port is at the same place in both families; a local socket has none, and PostgreSQL says -1.
  const int port =
      local.ss_family == AF_UNIX ? -1 : ntohs(reinterpret_cast<const sockaddr_in*>(&local)->sin_port);
  const PgResult found(
      PQexec(other.get(), absl::StrCat("SELECT 1 FROM pg_stat_activity WHERE pid = ",
                                       PQbackendPID(connection_), " AND client_port = ", port)
                              .c_str()),
      &PQclear);
  return PQntuples(found.get()) == 1;
}

void PostgresDialect::Throw(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  throw soci::postgresql_soci_error(message != nullptr ? message : PQerrorMessage(connection_),
                                    state != nullptr ? state : "08000");
}

SqlValue PostgresDialect::Column(statement_backend& statement, size_t column) {
  return ValueOf(ResultOf(statement), RowOf(statement), static_cast<int>(column));
}

absl::Status PostgresDialect::Check(statement_backend&, absl::string_view sql, size_t parameters) {
  if (options_.now() >= deadline_)
    return absl::DeadlineExceededError("the deadline passed before the statement");
  const size_t wanted = CountParameters(sql);
  if (wanted != parameters) {
    return absl::InvalidArgumentError(
        absl::StrCat("a statement of ", wanted, " parameters was given ", parameters, " values"));
  }
  return absl::OkStatus();
}

int64_t PostgresDialect::Changes(statement_backend& statement) {
  PGresult* result = ResultOf(statement).get_result();
  const absl::string_view command = PQcmdStatus(result);
  int64_t changes = 0;
  if (absl::StartsWith(command, "INSERT ") || absl::StartsWith(command, "UPDATE ") ||
      absl::StartsWith(command, "DELETE ")) {
    (void)absl::SimpleAtoi(PQcmdTuples(result), &changes);
  }
  return changes;
}

absl::Status PostgresDialect::StatusOf(const soci::soci_error& error) {
  const auto* postgres_error = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  const std::string state = postgres_error != nullptr ? postgres_error->sqlstate() : "XX000";
  absl::Status status = StatusOfState(state, ServersWords(error.get_error_message()));
  if (Lost()) return absl::UnavailableError(absl::StrCat("the connection was lost: ", status.message()));
  if (state == "25006" && access_ == Access::kWrite) {
    // The server was made a standby: another one takes the writes now.
    Retire();
    return absl::UnavailableError(status.message());
  }
  if (absl::IsUnavailable(status) && options_.now() >= deadline_) {
    return absl::DeadlineExceededError(status.message());
  }
  return status;
}

}  // namespace

absl::StatusOr<std::string> PostgresConninfo(absl::string_view url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(std::string(url).c_str(), nullptr), &PQconninfoFree);
  if (parsed == nullptr) {
    return absl::InvalidArgumentError(
        "the database URL is none of PostgreSQL: postgresql://user@host:5432/database");
  }
  std::map<std::string, std::string> settings = Defaults();
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  std::string conninfo;
  for (const auto& [keyword, value] : settings) {
    absl::StrAppend(&conninfo, keyword, "='", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}),
                    "' ");
  }
  return conninfo;
}

absl::StatusOr<std::unique_ptr<Dialect>> OpenPostgres(const std::string& conninfo, Access access,
                                                      const DatabaseOptions& options) {
  try {
    return std::make_unique<PostgresDialect>(conninfo, access, options);
  } catch (const soci::soci_error& error) {
    return absl::UnavailableError(ServersWords(error.get_error_message()));
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace greenroom::sql
