#include "tests/e2e/load/call_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace greenroom::e2e {
namespace {

constexpr absl::Duration kLongestUnwritten = absl::Milliseconds(200);

std::string Line(const CallRecord& record) {
  std::string line = absl::StrCat(record.answered ? "R" : "A", "\t", absl::ToUnixMicros(record.time), "\t",
                                  record.learner, "\t", record.method, "\t", record.id);
  if (record.answered) {
    absl::StrAppend(&line, "\t", static_cast<int>(record.code), "\t", record.reason, "\t", record.sequence,
                    "\t", record.replayed ? 1 : 0);
  }
  line += '\n';
  return line;
}

bool Parse(absl::string_view line, CallRecord& record) {
  const std::vector<std::string> fields = absl::StrSplit(line, '\t');
  if (fields.empty() || (fields[0] != "A" && fields[0] != "R")) return false;
  record.answered = fields[0] == "R";
  int64_t micros = 0;
  if (fields.size() != (record.answered ? 9 : 5) || !absl::SimpleAtoi(fields[1], &micros)) return false;
  record.time = absl::FromUnixMicros(micros);
  record.learner = fields[2];
  record.method = fields[3];
  record.id = fields[4];
  if (!record.answered) return true;
  int code = 0, replayed = 0;
  if (!absl::SimpleAtoi(fields[5], &code) || !absl::SimpleAtoi(fields[7], &record.sequence) ||
      !absl::SimpleAtoi(fields[8], &replayed)) {
    return false;
  }
  record.code = static_cast<absl::StatusCode>(code);
  record.reason = fields[6];
  record.replayed = replayed == 1;
  return true;
}

// A ledger that cannot be kept proves nothing, whatever the services do.
void DieUnless(bool done, const std::string& path) {
  if (done) return;
  std::perror(path.c_str());
  std::abort();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CallLedger>> CallLedger::Create(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, path);
  return std::unique_ptr<CallLedger>(new CallLedger(path, file));
}

CallLedger::CallLedger(std::string path, int file) : path_(std::move(path)), file_(file) {
  thread_ = std::thread([this] { Run(); });
}

CallLedger::~CallLedger() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  close(file_);
}

void CallLedger::Attempt(const CallRecord& record) {
  const std::string line = Line(record);
  absl::MutexLock lock(&mutex_);
  buffer_ += line;
  written_ += static_cast<int64_t>(line.size());
  WaitUntilSynced(written_);
}

void CallLedger::Answered(const CallRecord& record) {
  const std::string line = Line(record);
  absl::MutexLock lock(&mutex_);
  buffer_ += line;
  written_ += static_cast<int64_t>(line.size());
}

void CallLedger::Sync() {
  absl::MutexLock lock(&mutex_);
  WaitUntilSynced(written_);
}

void CallLedger::WaitUntilSynced(int64_t end) {
  wanted_ = true;
  const auto synced = [this, end]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return synced_ >= end; };
  mutex_.Await(absl::Condition(&synced));
}

void CallLedger::Run() {
  const auto has_work = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return wanted_ || stopping_; };
  for (bool last = false; !last;) {
    std::string bytes;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&has_work), kLongestUnwritten);
      wanted_ = false;
      last = stopping_;
      bytes.swap(buffer_);
    }
    for (size_t at = 0; at < bytes.size();) {
      const ssize_t wrote = write(file_, bytes.data() + at, bytes.size() - at);
      DieUnless(wrote > 0, path_);
      at += static_cast<size_t>(wrote);
    }
    DieUnless(bytes.empty() || fdatasync(file_) == 0, path_);
    absl::MutexLock lock(&mutex_);
    synced_ += static_cast<int64_t>(bytes.size());
  }
}

absl::StatusOr<std::vector<CallRecord>> ReadCallLedger(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("no ledger ", path));
  std::vector<CallRecord> records;
  for (std::string line; std::getline(file, line);) {
    if (file.eof()) break;  // without its end
    CallRecord record;
    if (!Parse(line, record)) {
      return absl::DataLossError(absl::StrCat(path, ", line ", records.size() + 1, " is no record: ", line));
    }
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace greenroom::e2e
