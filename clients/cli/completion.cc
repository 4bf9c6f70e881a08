#include "clients/cli/completion.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/draft_keeper.h"
#include "clients/cli/peer.h"
#include "clients/cli/session_text.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"
#include "greenroom/session/v1/gradebook_service.grpc.pb.h"
#include "greenroom/session/v1/session_service.grpc.pb.h"
#include "services/base/task.h"

namespace greenroom::cli {
namespace {

using Words = std::vector<std::string>;

// What a shell may wait for its candidates.
constexpr absl::Duration kTime = absl::Milliseconds(300);
constexpr int kMostIds = 500;

constexpr absl::string_view kConnectionFlags[] = {"session", "content", "token", "token-file"};

// Where on the command line the word stands that is completed.
struct Place {
  std::string lead;    // of the word, and kept: "--question="
  std::string prefix;  // what is typed of the value
  std::string value;   // what its help calls it; empty: a flag or nothing
  bool flags = false;  // flags can stand here
  std::set<std::string> given;
  std::string pack;    // that another word names
  std::string action;  // the first of words that say what is to be done
  Words connections;
};

// `words` without the command's name; the last is the one to complete.
Place Find(const Words& words, const Arguments& arguments) {
  const std::vector<Arguments::FlagHelp> flags = arguments.Help();
  const auto flag_of = [&](absl::string_view name) {
    return std::find_if(flags.begin(), flags.end(), [&](const auto& flag) { return flag.name == name; });
  };
  const Words names = arguments.WordNames();
  Place place;
  place.prefix = words.back();
  size_t positionals = 0;
  std::string waiting;  // the flag whose value comes next
  const auto take = [&](const std::string& name, const std::string& value) {
    if (name == "PACK" || name == "pack") place.pack = value;
    if (name == "ACTION") place.action = value;
    if (std::find(std::begin(kConnectionFlags), std::end(kConnectionFlags), name) ==
        std::end(kConnectionFlags))
      return;
    place.connections.push_back(absl::StrCat("--", name, "=", value));
  };
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "=" && !waiting.empty()) continue;  // bash takes "--flag=value" apart
    if (!waiting.empty()) {
      take(std::exchange(waiting, ""), word);
    } else if (absl::StartsWith(word, "--")) {
      const size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      place.given.insert(name);
      const auto flag = flag_of(name);
      const bool has_value = flag != flags.end() && !flag->value.empty();
      if (equals != std::string::npos) {
        take(name, word.substr(equals + 1));
      } else if (has_value) {
        waiting = name;
      }
    } else {
      if (positionals < names.size()) take(names[positionals], word);
      ++positionals;
    }
  }
  if (!waiting.empty()) {
    place.value = flag_of(waiting)->value;
    if (place.prefix == "=") place.prefix.clear();
  } else if (const size_t equals = place.prefix.find('=');
             absl::StartsWith(place.prefix, "--") && equals != std::string::npos) {
    const auto flag = flag_of(place.prefix.substr(2, equals - 2));
    if (flag != flags.end()) place.value = flag->value;
    place.lead = place.prefix.substr(0, equals + 1);
    place.prefix = place.prefix.substr(equals + 1);
  } else if (absl::StartsWith(place.prefix, "-") || positionals >= names.size()) {
    place.flags = true;
  } else {
    place.value = names[positionals];
  }
  return place;
}

// Asks the servers that the words, the environment or the home directory name.
class Ids {
 public:
  explicit Ids(Invocation& invocation) : invocation_(invocation), end_(absl::Now() + kTime) {}

  Words Packs() {
    return Pages([&](const std::string& token, Words& ids) -> absl::StatusOr<std::string> {
      content::v1::ListPacksRequest request;
      request.set_parent("tenants/-");
      request.set_page_token(token);
      ASSIGN_OR_RETURN(
          const auto response,
          Call<content::v1::ContentService>(Peer::Service::kContent,
                                            &content::v1::ContentService::StubInterface::ListPacks, request));
      for (const content::v1::Pack& pack : response.packs()) ids.push_back(IdIn(pack.name(), "packs"));
      return response.next_page_token();
    });
  }
  Words Questions(const std::string& pack) {
    if (pack.empty()) return {};
    return Pages([&](const std::string& token, Words& ids) -> absl::StatusOr<std::string> {
      content::v1::ListQuestionsRequest request;
      request.set_parent(absl::StrCat("tenants/-/packs/", pack, "/revisions/current"));
      request.set_page_token(token);
      ASSIGN_OR_RETURN(
          const auto response,
          Call<content::v1::ContentService>(
              Peer::Service::kContent, &content::v1::ContentService::StubInterface::ListQuestions, request));
      for (const content::v1::Question& question : response.questions()) ids.push_back(question.id());
      return response.next_page_token();
    });
  }
  Words Sessions() {
    return Pages([&](const std::string& token, Words& ids) -> absl::StatusOr<std::string> {
      session::v1::ListSessionsRequest request;
      request.set_parent("tenants/-/learners/me");
      request.set_page_token(token);
      ASSIGN_OR_RETURN(
          const auto response,
          Call<session::v1::SessionService>(Peer::Service::kSession, &SessionStub::ListSessions, request));
      for (const session::v1::Session& session : response.sessions())
        ids.push_back(IdIn(session.name(), "sessions"));
      return response.next_page_token();
    });
  }
  Words Regrades() {
    return Pages([&](const std::string& token, Words& ids) -> absl::StatusOr<std::string> {
      session::v1::ListRegradesRequest request;
      request.set_parent("tenants/-");
      request.set_page_token(token);
      ASSIGN_OR_RETURN(const auto response, Call<session::v1::GradebookService>(
                                                Peer::Service::kSession,
                                                &session::v1::GradebookService::StubInterface::ListRegrades,
                                                request, Role::kInstructor));
      for (const session::v1::Regrade& regrade : response.regrades())
        ids.push_back(IdIn(regrade.name(), "regrades"));
      return response.next_page_token();
    });
  }

 private:
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Call(Peer::Service service,
                                grpc::Status (Service::StubInterface::*method)(grpc::ClientContext*,
                                                                               const Request&, Response*),
                                const Request& request, Role role = Role::kLearner) {
    ASSIGN_OR_RETURN(Peer peer, Peer::Connect(invocation_, service, role));
    const std::unique_ptr<typename Service::StubInterface> stub = Service::NewStub(peer.channel());
    return peer.Call(*stub, method, request, {end_ - absl::Now(), absl::ZeroDuration()});
  }
  // As many pages as there is time for.
  Words Pages(const std::function<absl::StatusOr<std::string>(const std::string&, Words&)>& fetch) {
    Words ids;
    std::string token;
    do {
      absl::StatusOr<std::string> next = fetch(token, ids);
      if (!next.ok()) break;
      token = *std::move(next);
    } while (!token.empty() && ids.size() < kMostIds && absl::Now() < end_);
    return ids;
  }

  Invocation& invocation_;
  const absl::Time end_;
};

Words Values(const Place& place, Invocation& invocation) {
  if (place.value == "SHELL") return {"bash", "fish", "zsh"};
  if (place.value == "ROLE") return {"author", "instructor", "learner", "operator", "service"};
  if (place.value == "ACTION") return {"apply", "cancel", "changes", "create", "list", "show"};
  if (place.value == "FILE" || place.value == "DIR") return {std::string(kFilesWanted)};
  std::string wanted = place.value;
  if (wanted == "PACK|REGRADE") {
    wanted = place.action == "create" || place.action == "list" ? "PACK" : "REGRADE";
  }
  if (wanted != "PACK" && wanted != "Q" && wanted != "SESSION" && wanted != "REGRADE") return {};
  if (!invocation.Parse(place.connections).ok()) return {};
  Ids ids(invocation);
  if (wanted == "PACK") return ids.Packs();
  if (wanted == "Q") return ids.Questions(place.pack);
  return wanted == "SESSION" ? ids.Sessions() : ids.Regrades();
}

// Nothing that a terminal or a shell could take for something else.
bool IsPlain(absl::string_view candidate) {
  return std::all_of(candidate.begin(), candidate.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

void PrintCandidates(Invocation& invocation, std::vector<std::string> words) {
  if (words.empty()) words.emplace_back();
  Words candidates;
  Place place;
  if (words.size() == 1) {
    place.prefix = words[0];
    for (const CommandInfo& command : Commands()) candidates.emplace_back(command.name);
    candidates.emplace_back("help");
  } else {
    const auto command = std::find_if(Commands().begin(), Commands().end(),
                                      [&](const CommandInfo& one) { return one.name == words[0]; });
    if (command == Commands().end()) return;
    Invocation declared(invocation.world());
    (void)command->run(declared, {"--help"});  // declares its flags and stops at the one it does not know
    place = Find({words.begin() + 1, words.end()}, declared.arguments());
    if (place.flags) {
      for (const Arguments::FlagHelp& flag : declared.arguments().Help()) {
        if (flag.repeated || !place.given.contains(flag.name))
          candidates.push_back(absl::StrCat("--", flag.name));
      }
      candidates.emplace_back("--help");
    } else {
      candidates = Values(place, invocation);
    }
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::string text;
  for (const std::string& candidate : candidates) {
    if (candidate == kFilesWanted) {
      absl::StrAppend(&text, candidate, "\n");
    } else if (absl::StartsWith(candidate, place.prefix) && IsPlain(candidate)) {
      absl::StrAppend(&text, place.lead, candidate, "\n");
    }
  }
  invocation.Print(text);
}

absl::StatusOr<int> RunCompletion(Invocation& invocation, const std::vector<std::string>& words) {
  std::string shell;
  invocation.arguments().Word("SHELL", &shell);
  RETURN_IF_ERROR(invocation.Parse(words));
  const absl::string_view script = CompletionScript(shell);
  if (script.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no completion for \"", shell, "\": bash, zsh or fish"));
  }
  invocation.Print(script);
  return kExitOk;
}

}  // namespace greenroom::cli
