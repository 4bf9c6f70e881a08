#include "services/session/index/sql_memory_index.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/session/index/sql_memory_rows.h"
#include "services/session/log/sql_erasure.h"

namespace greenroom::session {
namespace {

using sql::Connection;
using sql::Row;
using sql::Rows;
using sql::SqlValue;

constexpr char kOfLearner[] = " WHERE tenant = ? AND learner = ?";

std::string InsertInto(absl::string_view table, absl::string_view columns, int count) {
  const std::vector<absl::string_view> marks(static_cast<size_t>(count), "?");
  return absl::StrCat("INSERT INTO ", table, " (tenant, learner, ", columns, ") VALUES (?, ?, ",
                      absl::StrJoin(marks, ", "), ")");
}

// The learner's key, then `more`.
std::vector<SqlValue> Keyed(const LearnerKey& learner, std::vector<SqlValue> more = {}) {
  std::vector<SqlValue> values = {learner.tenant, learner.learner};
  std::move(more.begin(), more.end(), std::back_inserter(values));
  return values;
}

absl::Status ReadReviews(Connection& connection, absl::string_view where,
                         absl::Span<const SqlValue> parameters, std::vector<Review>& reviews) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query(absl::StrCat("SELECT ", kReviewColumns, " FROM memory_reviews", where), parameters));
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(Review review, ReadReview(row));
    reviews.push_back(std::move(review));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SequenceOf(Connection& connection, const std::string& sql,
                                   const LearnerKey& learner) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Query(sql, Keyed(learner)));
  std::optional<int64_t> seq;
  if (rows.size() > 1 || (rows.size() == 1 && !rows[0].Read(seq).ok())) {
    return absl::DataLossError("a place in a log cannot be read");
  }
  return seq.value_or(0);
}

absl::StatusOr<v1::LearnerSettings> ReadSettings(Connection& connection, const LearnerKey& learner) {
  ASSIGN_OR_RETURN(
      const Rows rows,
      connection.Query(absl::StrCat("SELECT settings FROM memory_heads", kOfLearner), Keyed(learner)));
  v1::LearnerSettings settings;
  if (rows.empty()) return settings;
  std::string json;
  google::protobuf::util::JsonParseOptions additive;
  additive.ignore_unknown_fields = true;
  if (!rows[0].Read(json).ok() ||
      !google::protobuf::util::JsonStringToMessage(json, &settings, additive).ok()) {
    return absl::DataLossError("stored settings cannot be read");
  }
  return settings;
}

// Moves the index's place from `step.from` to `step.to`; false where it is at another.
absl::StatusOr<bool> MoveHead(Connection& connection, const MemoryStep& step) {
  // Later steps find no head where the learner was erased; the first one would make it.
  if (step.from == 0) {
    ASSIGN_OR_RETURN(const bool erased, HasTombstone(connection, step.learner));
    if (erased) return false;
  }
  std::string settings;
  if (!google::protobuf::util::MessageToJsonString(step.settings, &settings).ok()) {
    return absl::InvalidArgumentError("settings that are not valid UTF-8");
  }
  const std::string sql =
      step.from == 0 ? "INSERT INTO memory_heads (seq, settings, tenant, learner) VALUES (?, ?, ?, ?) "
                       "ON CONFLICT DO NOTHING"
                     : "UPDATE memory_heads SET seq = ?, settings = ? "
                       "WHERE tenant = ? AND learner = ? AND seq = ?";
  std::vector<SqlValue> parameters = {step.to, settings, step.learner.tenant, step.learner.learner};
  if (step.from != 0) parameters.emplace_back(step.from);
  ASSIGN_OR_RETURN(const int64_t moved, connection.Execute(sql, parameters));
  return moved == 1;
}

absl::Status WriteItem(Connection& connection, const MemoryStep& step, const MemoryItem& item) {
  static const std::string& sql = *new std::string(absl::StrCat(
      InsertInto("memory_items", absl::StrCat(kItemColumns, ", seq"), kItemColumnCount + 1),
      " ON CONFLICT (tenant, learner, pack, question) DO UPDATE SET stability = excluded.stability, "
      "difficulty = excluded.difficulty, last_review_time = excluded.last_review_time, "
      "last_review_day = excluded.last_review_day, due_day = excluded.due_day, due_time = excluded.due_time, "
      "reviews = excluded.reviews, lapses = excluded.lapses, last_rating = excluded.last_rating, "
      "sure_failure = excluded.sure_failure, seq = excluded.seq"));
  std::vector<SqlValue> values = Keyed(step.learner, ItemValues(item));
  values.emplace_back(step.to);
  return connection.Execute(sql, values).status();
}

absl::StatusOr<bool> TakeStep(Connection& connection, const MemoryStep& step) {
  ASSIGN_OR_RETURN(const bool moved, MoveHead(connection, step));
  if (!moved) return false;
  for (const std::string& session : step.sessions) {
    RETURN_IF_ERROR(connection
                        .Execute(absl::StrCat("DELETE FROM memory_reviews", kOfLearner, " AND session = ?"),
                                 Keyed(step.learner, {session}))
                        .status());
  }
  static const std::string& insert =
      *new std::string(InsertInto("memory_reviews", kReviewColumns, kReviewColumnCount));
  for (const Review& review : step.reviews) {
    RETURN_IF_ERROR(connection.Execute(insert, Keyed(step.learner, ReviewValues(review))).status());
  }
  for (const MemoryItem& item : step.items) RETURN_IF_ERROR(WriteItem(connection, step, item));
  for (const auto& [pack, question] : step.gone) {
    RETURN_IF_ERROR(
        connection
            .Execute(absl::StrCat("DELETE FROM memory_items", kOfLearner, " AND pack = ? AND question = ?"),
                     Keyed(step.learner, {pack, question}))
            .status());
  }
  return true;
}

// Where the walk is; nullopt while somebody holds it.
absl::StatusOr<std::optional<int64_t>> FreeWalk(Connection& connection, absl::Time now) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SELECT commit_seq, lease_until FROM memory_walk WHERE id = 1"));
  int64_t at = 0, lease_until = 0;
  if (rows.size() != 1 || !rows[0].Read(at, lease_until).ok()) {
    return absl::DataLossError("the memory index's walk cannot be read");
  }
  const bool held =
      lease_until > absl::ToUnixMillis(now) && lease_until <= absl::ToUnixMillis(now + kFarthestWalk);
  return held ? std::nullopt : std::optional<int64_t>(at);
}

// What there is to walk over from `from` on.
absl::StatusOr<MemoryWalk> LookAhead(Connection& connection, int64_t from, absl::Time now,
                                     absl::Duration quiet, int32_t limit) {
  ASSIGN_OR_RETURN(const Rows rows,
                   connection.Query("SELECT commit_seq, tenant, learner, seq, received_time FROM events "
                                    "WHERE commit_seq > ? ORDER BY commit_seq LIMIT ?",
                                    {from, limit}));
  MemoryWalk walk;
  walk.from = walk.to = from;
  std::map<LearnerKey, int64_t> last;
  for (const Row& row : rows) {
    LearnerKey learner;
    int64_t commit_seq = 0, seq = 0, received = 0;
    if (!row.Read(commit_seq, learner.tenant, learner.learner, seq, received).ok()) {
      return absl::DataLossError("a stored event has a column of another type");
    }
    // A time in the future is of a clock that has been set back since.
    const absl::Time time = absl::FromUnixMillis(received);
    if (time > now - quiet && time <= now) break;
    walk.to = commit_seq;
    int64_t& highest = last[std::move(learner)];
    highest = std::max(highest, seq);
  }
  for (const auto& [learner, seq] : last) {
    ASSIGN_OR_RETURN(
        const int64_t head,
        SequenceOf(connection, absl::StrCat("SELECT max(seq) FROM events", kOfLearner), learner));
    if (head == seq) walk.learners.push_back(learner);
  }
  return walk;
}

}  // namespace

SqlMemoryIndex::SqlMemoryIndex(std::unique_ptr<sql::ReaderPool> readers, std::unique_ptr<sql::Writer> writer)
    : readers_(std::move(readers)), writer_(std::move(writer)) {}

absl::StatusOr<std::unique_ptr<SqlMemoryIndex>> SqlMemoryIndex::Open(sql::Database& database,
                                                                     sql::ReaderPoolOptions options) {
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, database.Connect());
    const absl::Status there = connection->Query("SELECT id FROM memory_walk LIMIT 0").status();
    if (!there.ok()) {
      return absl::FailedPreconditionError(absl::StrCat("the tables of the memory index: ", there.message()));
    }
  }
  ASSIGN_OR_RETURN(auto readers, sql::ReaderPool::Start(database, options));
  ASSIGN_OR_RETURN(auto writer, sql::Writer::Start(database));
  return std::unique_ptr<SqlMemoryIndex>(new SqlMemoryIndex(std::move(readers), std::move(writer)));
}

Task<absl::StatusOr<MemoryBacklog>> SqlMemoryIndex::Backlog(LearnerKey learner, int32_t limit,
                                                            absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<MemoryBacklog> {
    MemoryBacklog backlog;
    ASSIGN_OR_RETURN(
        backlog.reflected,
        SequenceOf(connection, absl::StrCat("SELECT seq FROM memory_heads", kOfLearner), learner));
    ASSIGN_OR_RETURN(
        backlog.head,
        SequenceOf(connection, absl::StrCat("SELECT max(seq) FROM events", kOfLearner), learner));
    backlog.upto = backlog.head;
    if (backlog.head <= backlog.reflected) return backlog;
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query(absl::StrCat("SELECT seq, session FROM events", kOfLearner,
                                                   " AND seq > ? ORDER BY seq LIMIT ?"),
                                      Keyed(learner, {backlog.reflected, limit})));
    std::set<std::string> sessions;
    for (const Row& row : rows) {
      std::string session;
      if (!row.Read(backlog.upto, session).ok()) {
        return absl::DataLossError("a stored event has a column of another type");
      }
      sessions.insert(std::move(session));
    }
    backlog.sessions.assign(sessions.begin(), sessions.end());
    return backlog;
  };
  absl::StatusOr<MemoryBacklog> backlog = co_await readers_->Read(read, deadline);
  co_return backlog;
}

Task<absl::StatusOr<std::vector<Review>>> SqlMemoryIndex::ReviewsAround(LearnerKey learner,
                                                                        std::vector<std::string> sessions,
                                                                        std::vector<ItemKey> items,
                                                                        absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<Review>> {
    std::set<ItemKey> around(items.begin(), items.end());
    for (const std::string& session : sessions) {
      ASSIGN_OR_RETURN(const Rows rows,
                       connection.Query(absl::StrCat("SELECT pack, question FROM memory_reviews", kOfLearner,
                                                     " AND session = ?"),
                                        Keyed(learner, {session})));
      for (const Row& row : rows) {
        ItemKey item;
        if (!row.Read(item.first, item.second).ok()) {
          return absl::DataLossError("a stored review cannot be read");
        }
        around.insert(std::move(item));
      }
    }
    std::vector<Review> reviews;
    for (const auto& [pack, question] : around) {
      RETURN_IF_ERROR(ReadReviews(connection, absl::StrCat(kOfLearner, " AND pack = ? AND question = ?"),
                                  Keyed(learner, {pack, question}), reviews));
    }
    return reviews;
  };
  absl::StatusOr<std::vector<Review>> reviews = co_await readers_->Read(read, deadline);
  co_return reviews;
}

Task<absl::StatusOr<std::vector<Review>>> SqlMemoryIndex::ListReviews(LearnerKey learner, std::string pack,
                                                                      absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<Review>> {
    std::vector<Review> reviews;
    if (pack.empty()) {
      RETURN_IF_ERROR(ReadReviews(connection, kOfLearner, Keyed(learner), reviews));
    } else {
      RETURN_IF_ERROR(ReadReviews(connection, absl::StrCat(kOfLearner, " AND pack = ?"),
                                  Keyed(learner, {pack}), reviews));
    }
    return reviews;
  };
  absl::StatusOr<std::vector<Review>> reviews = co_await readers_->Read(read, deadline);
  co_return reviews;
}

Task<absl::StatusOr<std::vector<Review>>> SqlMemoryIndex::NewestReviews(LearnerKey learner, std::string pack,
                                                                        int32_t limit, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<std::vector<Review>> {
    std::vector<Review> reviews;
    RETURN_IF_ERROR(ReadReviews(
        connection,
        absl::StrCat(kOfLearner, " AND pack = ? ORDER BY occurred_time DESC, event_id DESC LIMIT ?"),
        Keyed(learner, {pack, limit}), reviews));
    return reviews;
  };
  absl::StatusOr<std::vector<Review>> reviews = co_await readers_->Read(read, deadline);
  co_return reviews;
}

Task<absl::StatusOr<KeptMemory>> SqlMemoryIndex::ReadMemory(LearnerKey learner, absl::Time deadline) {
  const auto read = [&](Connection& connection) -> absl::StatusOr<KeptMemory> {
    KeptMemory kept;
    ASSIGN_OR_RETURN(kept.settings, ReadSettings(connection, learner));
    ASSIGN_OR_RETURN(const Rows rows,
                     connection.Query(absl::StrCat("SELECT ", kItemColumns, " FROM memory_items", kOfLearner),
                                      Keyed(learner)));
    kept.items.reserve(rows.size());
    for (const Row& row : rows) {
      ASSIGN_OR_RETURN(MemoryItem item, ReadItem(row));
      kept.items.push_back(std::move(item));
    }
    return kept;
  };
  absl::StatusOr<KeptMemory> kept = co_await readers_->Read(read, deadline);
  co_return kept;
}

Task<absl::StatusOr<bool>> SqlMemoryIndex::Take(const MemoryStep& step, absl::Time deadline) {
  if (step.to <= step.from) co_return absl::InvalidArgumentError("a step leads onward");
  const auto write = [&](Connection& connection) { return TakeStep(connection, step); };
  absl::StatusOr<bool> taken = co_await writer_->Write(write, deadline);
  co_return taken;
}

Task<absl::StatusOr<MemoryWalk>> SqlMemoryIndex::BeginWalk(absl::Time now, absl::Duration quiet,
                                                           absl::Duration lease, int32_t limit,
                                                           absl::Time deadline) {
  // A look without the write lock first: mostly there is nothing, and the committer must not wait for that.
  const auto look = [&](Connection& connection) -> absl::StatusOr<MemoryWalk> {
    ASSIGN_OR_RETURN(const std::optional<int64_t> from, FreeWalk(connection, now));
    if (!from.has_value()) return MemoryWalk();
    return LookAhead(connection, *from, now, quiet, limit);
  };
  ASSIGN_OR_CO_RETURN(const MemoryWalk walk, readers_->Read(look, deadline));
  if (walk.to == walk.from) co_return walk;
  const auto take = [&](Connection& connection) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const std::optional<int64_t> from, FreeWalk(connection, now));
    if (from != walk.from) return false;
    RETURN_IF_ERROR(
        connection
            .Execute("UPDATE memory_walk SET lease_until = ? WHERE id = 1", {absl::ToUnixMillis(now + lease)})
            .status());
    return true;
  };
  ASSIGN_OR_CO_RETURN(const bool taken, writer_->Write(take, deadline));
  if (!taken) co_return MemoryWalk{walk.from, walk.from, {}};
  co_return walk;
}

Task<absl::Status> SqlMemoryIndex::EndWalk(MemoryWalk walk, absl::Time deadline) {
  const auto write = [&](Connection& connection) {
    return connection
        .Execute("UPDATE memory_walk SET commit_seq = ?, lease_until = 0 WHERE id = 1 AND commit_seq = ?",
                 {walk.to, walk.from})
        .status();
  };
  const absl::Status ended = co_await writer_->Write(write, deadline);
  co_return ended;
}

}  // namespace greenroom::session
