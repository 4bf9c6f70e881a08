#include "services/session/live/redis_live_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/redis/redis_script.h"
#include "services/session/live/redis_keys.h"

namespace greenroom::session {
namespace {

// KEYS: session, head. ARGV: write to open or '', now in ms, '1' for drafts, ttl in ms.
// Replies: format, run, seq, state, head seq, head occurred, when the oldest other write was opened, then a field and a
// value for each draft.
const RedisScript& BeginScript() {
  static const RedisScript& script = *new RedisScript(R"lua(
local open, now, with_drafts, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local reply = redis.call('HMGET', KEYS[1], 'format', 'run', 'seq', 'state')
local head = redis.call('HMGET', KEYS[2], 'seq', 'occurred')
reply[5], reply[6], reply[7] = head[1], head[2], false
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local kind = string.sub(field, 1, 2)
  if kind == 'w:' and field ~= 'w:' .. open then
    local opened = redis.call('HGET', KEYS[1], field)
    if not reply[7] or tonumber(opened) < tonumber(reply[7]) then reply[7] = opened end
  elseif kind == 'd:' and with_drafts == '1' then
    reply[#reply + 1] = field
    reply[#reply + 1] = redis.call('HGET', KEYS[1], field)
  end
end
if open ~= '' then
  redis.call('HSETNX', KEYS[1], 'w:' .. open, now)
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return reply
)lua");
  return script;
}

// KEYS: session. ARGV: write to close or '', and all opened before this ms.
constexpr char kCloseWrites[] = R"lua(
local function close_writes(key, id, before)
  if id ~= '' then redis.call('HDEL', key, 'w:' .. id) end
  if tonumber(before) <= 0 then return end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 'w:' and tonumber(redis.call('HGET', key, field)) < tonumber(before) then
      redis.call('HDEL', key, field)
    end
  end
end
)lua";

const RedisScript& CloseScript() {
  static const RedisScript& script = *new RedisScript(absl::StrCat(kCloseWrites, R"lua(
close_writes(KEYS[1], ARGV[1], ARGV[2])
return 0
)lua"));
  return script;
}

// KEYS: session, head. ARGV: format, run, seq, state, head seq, head occurred or '', '1' for rebuilt, write to close or
// '', close all opened before, draft to clear or '', ttl in ms. Replies with PutOutcome's number.
const RedisScript& PutScript() {
  static const RedisScript& script = *new RedisScript(absl::StrCat(kCloseWrites, R"lua(
local format, run, seq, state = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local stored = redis.call('HMGET', KEYS[1], 'format', 'run', 'seq')
local stored_format, stored_seq = tonumber(stored[1] or '0'), tonumber(stored[3] or '-1')
local outcome = 1
if stored_format > format then
  outcome = 2
elseif stored_format < format or stored[2] ~= run or stored_seq < seq or (stored_seq == seq and ARGV[7] == '1') then
  redis.call('HSET', KEYS[1], 'format', ARGV[1], 'run', run, 'seq', ARGV[3], 'state', state)
  outcome = 0
end
close_writes(KEYS[1], ARGV[8], ARGV[9])
if ARGV[10] ~= '' then redis.call('HDEL', KEYS[1], 'd:' .. ARGV[10]) end
redis.call('PEXPIRE', KEYS[1], ARGV[11])
if tonumber(redis.call('HGET', KEYS[2], 'seq') or '-1') < tonumber(ARGV[5]) then
  redis.call('HSET', KEYS[2], 'seq', ARGV[5], 'occurred', ARGV[6])
end
redis.call('PEXPIRE', KEYS[2], ARGV[11])
if outcome == 0 then redis.call('PUBLISH', KEYS[1], ARGV[3]) end
return outcome
)lua"));
  return script;
}

// KEYS: session. ARGV: question, text, now in ms, interval in ms, ttl in ms, how far clocks disagree in ms. Replies with the ms that are left, 0 when
// the draft was kept.
const RedisScript& SaveDraftScript() {
  static const RedisScript& script = *new RedisScript(R"lua(
local field = 'd:' .. ARGV[1]
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], field)
  return 0
end
local stored = redis.call('HGET', KEYS[1], field)
if stored then
  local left = tonumber(string.match(stored, '^%d+')) + tonumber(ARGV[4]) - tonumber(ARGV[3])
  if left > 0 and left <= tonumber(ARGV[4]) + tonumber(ARGV[6]) then return math.min(left, tonumber(ARGV[4])) end
end
redis.call('HSET', KEYS[1], field, ARGV[3] .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 0
)lua");
  return script;
}

std::string Millis(absl::Duration duration) { return absl::StrCat(absl::ToInt64Milliseconds(duration)); }

std::string Millis(absl::Time time) {
  if (time == absl::InfinitePast()) return "0";
  return absl::StrCat(absl::ToUnixMillis(time));
}

// What the port says of failures; the client's finer codes are about commands that this adapter does not send.
absl::Status StoreError(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return status;
    case absl::StatusCode::kCancelled:
      return absl::UnavailableError(status.message());
    default:
      return absl::InternalError(absl::StrCat("live store: ", status.message()));
  }
}

absl::Status Unreadable(absl::string_view field) {
  return absl::InternalError(absl::StrCat("live store: the field ", field, " cannot be read"));
}

absl::StatusOr<int64_t> Number(const RedisReply& reply, absl::string_view field) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(reply.str(), &value)) return Unreadable(field);
  return value;
}

absl::StatusOr<LiveDraft> ParseDraft(const std::string& stored) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(stored, absl::MaxSplits(' ', 1));
  int64_t ms = 0;
  if (!absl::SimpleAtoi(parts.first, &ms)) return Unreadable("draft");
  return LiveDraft{.text = std::string(parts.second), .save_time = absl::FromUnixMillis(ms)};
}

absl::StatusOr<LiveView> ParseView(const RedisReply& reply, absl::Time now) {
  RETURN_IF_ERROR(reply.Expect(RedisReply::Kind::kArray));
  LiveView view;
  if (!reply[0].is_nil()) {
    StoredState state;
    ASSIGN_OR_RETURN(const int64_t format, Number(reply[0], "format"));
    ASSIGN_OR_RETURN(state.seq, Number(reply[2], "seq"));
    state.format = static_cast<int32_t>(format);
    state.same_run = absl::string_view(reply[1].str()) == reply.run_id();
    state.bytes = reply[3].str();
    view.state = std::move(state);
  }
  if (!reply[4].is_nil()) {
    LogHead head;
    ASSIGN_OR_RETURN(head.seq, Number(reply[4], "head"));
    if (!reply[5].str().empty()) {
      ASSIGN_OR_RETURN(const int64_t occurred, Number(reply[5], "occurred"));
      head.last_occurred = absl::FromUnixMillis(occurred);
    }
    view.head = head;
  }
  if (!reply[6].is_nil()) {
    ASSIGN_OR_RETURN(const int64_t opened, Number(reply[6], "open write"));
    view.oldest_open_write = std::max(absl::ZeroDuration(), now - absl::FromUnixMillis(opened));
  }
  for (size_t i = 7; i + 1 < reply.elements().size(); i += 2) {
    ASSIGN_OR_RETURN(LiveDraft draft, ParseDraft(reply[i + 1].str()));
    view.drafts.emplace(reply[i].str().substr(2), std::move(draft));
  }
  return view;
}

}  // namespace

Task<absl::StatusOr<LiveView>> RedisLiveStore::Begin(SessionKey session, BeginOptions options, absl::Time now,
                                                     absl::Time deadline) {
  std::vector<std::string> keys = {SessionKeyName(session), HeadKeyName(session.learner)};
  std::vector<std::string> args = {options.open_write, Millis(now), options.with_drafts ? "1" : "",
                                   Millis(kLiveStateTtl)};
  const absl::StatusOr<RedisReply> reply =
      co_await redis_.Eval(BeginScript(), std::move(keys), std::move(args), deadline);
  if (!reply.ok()) co_return StoreError(reply.status());
  co_return ParseView(*reply, now);
}

Task<absl::StatusOr<PutOutcome>> RedisLiveStore::Put(SessionKey session, LiveWrite write,
                                                     absl::Time deadline) {
  std::string run = redis_.run_id(SessionKeyName(session));
  if (run.empty()) {  // not connected yet: state must not be marked as of no run, or it would be rebuilt at once
    std::vector<std::string> look = {"EXISTS", SessionKeyName(session)};
    const absl::StatusOr<RedisReply> seen = co_await redis_.Command(std::move(look), deadline);
    if (!seen.ok()) co_return StoreError(seen.status());
    run = std::string(seen->run_id());
  }
  std::vector<std::string> keys = {SessionKeyName(session), HeadKeyName(session.learner)};
  const std::string occurred =
      write.head.last_occurred == absl::InfinitePast() ? "" : Millis(write.head.last_occurred);
  std::vector<std::string> args = {absl::StrCat(kLiveStateFormat),
                                   std::move(run),
                                   absl::StrCat(write.seq),
                                   std::move(write.bytes),
                                   absl::StrCat(write.head.seq),
                                   occurred,
                                   write.rebuilt ? "1" : "",
                                   std::move(write.close_write),
                                   Millis(write.close_opened_before),
                                   std::move(write.clear_draft),
                                   Millis(kLiveStateTtl)};
  const absl::StatusOr<RedisReply> reply =
      co_await redis_.Eval(PutScript(), std::move(keys), std::move(args), deadline);
  if (!reply.ok()) co_return StoreError(reply.status());
  CO_RETURN_IF_ERROR_NOW(reply->Expect(RedisReply::Kind::kInteger));
  switch (reply->integer()) {
    case 0:
      co_return PutOutcome::kWritten;
    case 1:
      co_return PutOutcome::kNotNewer;
    default:
      co_return PutOutcome::kNewerFormat;
  }
}

Task<absl::Status> RedisLiveStore::Close(SessionKey session, std::string open_write, absl::Time opened_before,
                                         absl::Time deadline) {
  std::vector<std::string> keys = {SessionKeyName(session)};
  std::vector<std::string> args = {std::move(open_write), Millis(opened_before)};
  const absl::StatusOr<RedisReply> reply =
      co_await redis_.Eval(CloseScript(), std::move(keys), std::move(args), deadline);
  if (!reply.ok()) co_return StoreError(reply.status());
  co_return absl::OkStatus();
}

Task<absl::Status> RedisLiveStore::Erase(LearnerKey learner, std::vector<std::string> sessions,
                                         absl::Time deadline) {
  std::vector<std::string> keys = {HeadKeyName(learner)};
  for (std::string& session : sessions) keys.push_back(SessionKeyName({learner, std::move(session)}));
  for (std::string& key : keys) {
    std::vector<std::string> remove = {"DEL", std::move(key)};
    const absl::StatusOr<RedisReply> reply = co_await redis_.Command(std::move(remove), deadline);
    if (!reply.ok()) co_return StoreError(reply.status());
  }
  co_return absl::OkStatus();
}

Task<absl::Status> RedisLiveStore::RewriteFiles(absl::Time deadline) {
  std::vector<std::string> rewrite = {"BGREWRITEAOF"};
  const absl::StatusOr<RedisReply> reply = co_await redis_.Command(std::move(rewrite), deadline);
  if (reply.ok()) co_return absl::OkStatus();
  if (absl::StrContains(reply.status().message(), "already in progress")) {
    co_return absl::UnavailableError(reply.status().message());
  }
  // A server that is somebody else's may not know the command, or not let us.
  const bool away = absl::IsUnavailable(reply.status()) || absl::IsDeadlineExceeded(reply.status()) ||
                    absl::IsResourceExhausted(reply.status());
  co_return away ? reply.status() : absl::OkStatus();
}

Task<absl::StatusOr<absl::Duration>> RedisLiveStore::SaveDraft(SessionKey session, std::string question,
                                                               std::string text, absl::Time now,
                                                               absl::Time deadline) {
  std::vector<std::string> keys = {SessionKeyName(session)};
  std::vector<std::string> args = {std::move(question),    std::move(text),       Millis(now),
                                   Millis(kDraftInterval), Millis(kLiveStateTtl), Millis(kClocksDisagree)};
  const absl::StatusOr<RedisReply> reply =
      co_await redis_.Eval(SaveDraftScript(), std::move(keys), std::move(args), deadline);
  if (!reply.ok()) co_return StoreError(reply.status());
  CO_RETURN_IF_ERROR_NOW(reply->Expect(RedisReply::Kind::kInteger));
  co_return absl::Milliseconds(reply->integer());
}

}  // namespace greenroom::session
