// For tests: the content service's two interfaces as the CLI sees them.
#ifndef GREENROOM_CLIENTS_CLI_FAKE_CONTENT_SERVICES_H_
#define GREENROOM_CLIENTS_CLI_FAKE_CONTENT_SERVICES_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/fake_refusal.h"
#include "greenroom/content/v1/authoring_service.grpc.pb.h"
#include "greenroom/content/v1/content_service.grpc.pb.h"

namespace greenroom::cli {

class FakeContentService final : public content::v1::ContentService::Service {
 public:
  grpc::Status ListPacks(grpc::ServerContext* context, const content::v1::ListPacksRequest* request,
                         content::v1::ListPacksResponse* response) override {
    while (silent && !context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // Two pages of one pack each.
    const bool second = request->page_token() == "next";
    Fill(response->add_packs(), second ? "beta" : "alpha");
    if (!second) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status GetPack(grpc::ServerContext*, const content::v1::GetPackRequest* request,
                       content::v1::Pack* response) override {
    if (request->name() != "tenants/-/packs/alpha")
      return Refuse(absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    Fill(response, "alpha");
    return grpc::Status::OK;
  }
  grpc::Status ListQuestions(grpc::ServerContext*, const content::v1::ListQuestionsRequest* request,
                             content::v1::ListQuestionsResponse* response) override {
    const bool current = current_revision && request->parent() == "tenants/-/packs/alpha/revisions/current";
    if (!current && request->parent() != "tenants/default/packs/alpha/revisions/r1") {
      return Refuse(absl::StatusCode::kNotFound, "REVISION_NOT_FOUND");
    }
    auto* const question = response->add_questions();
    question->set_id(request->page_token() == "next" ? "second" : "first");
    question->set_prompt("Why?");
    if (request->page_token().empty()) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  grpc::Status GetQuestion(grpc::ServerContext*, const content::v1::GetQuestionRequest* request,
                           content::v1::Question* response) override {
    asked = request->name();
    response->set_name("tenants/default/packs/alpha/revisions/r1/questions/first");
    return grpc::Status::OK;
  }
  grpc::Status SearchQuestions(grpc::ServerContext*, const content::v1::SearchQuestionsRequest* request,
                               content::v1::SearchQuestionsResponse* response) override {
    searched = *request;
    if (request->query() == "nothing") return grpc::Status::OK;
    auto* const result = response->add_results();
    const bool second = request->page_token() == "next";
    result->mutable_question()->set_name(
        absl::StrCat("tenants/default/packs/alpha/revisions/r1/questions/", second ? "second" : "first"));
    result->mutable_question()->set_id(second ? "second" : "first");
    result->mutable_question()->set_kind(content::v1::QUESTION_KIND_CONCEPT);
    result->mutable_question()->set_prompt(
        "Why does it overfit, and what would you do about it in production?");
    auto* const match = result->add_matches();
    match->set_term("overfitting");
    match->add_fields(content::v1::SEARCH_FIELD_PROMPT);
    match->add_fields(content::v1::SEARCH_FIELD_TAG);
    match->add_words("overfit");
    if (!second) response->set_next_page_token("next");
    return grpc::Status::OK;
  }
  std::string asked;
  content::v1::SearchQuestionsRequest searched;
  bool current_revision = false;  // ListQuestions knows `current`
  bool silent = false;            // ListPacks answers nothing

 private:
  static void Fill(content::v1::Pack* pack, const std::string& id) {
    pack->set_name("tenants/default/packs/" + id);
    pack->set_role("Role of " + id);
    pack->set_revision("tenants/default/packs/" + id + "/revisions/r1");
    pack->set_question_count(2);
    pack->add_tips()->set_text("A tip.");
  }
};

class FakeAuthoringService final : public content::v1::ContentAuthoringService::Service {
 public:
  grpc::Status ImportPack(grpc::ServerContext*, const content::v1::ImportPackRequest* request,
                          content::v1::ImportPackResponse* response) override {
    imported.push_back(*request);
    response->mutable_pack()->set_name("tenants/default/packs/alpha");
    response->mutable_pack()->set_etag("e1");
    response->mutable_pack()->set_question_count(9);
    auto* const issue = response->add_issues();
    issue->set_severity(content::v1::SEVERITY_WARNING);
    issue->set_line(3);
    issue->set_column(1);
    issue->set_message("a warning");
    return grpc::Status::OK;
  }
  grpc::Status PublishPack(grpc::ServerContext*, const content::v1::PublishPackRequest* request,
                           content::v1::Revision* response) override {
    published.push_back(*request);
    if (published.size() > 1 && published[0].etag() == request->etag() && !request->etag().empty()) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_PUBLISH");
    }
    if (request->name() == "tenants/-/packs/bad") {
      return Refuse(absl::StatusCode::kFailedPrecondition, "PACK_CHECK_FAILED");
    }
    response->set_name("tenants/default/packs/alpha/revisions/r1");
    return grpc::Status::OK;
  }
  grpc::Status ExportPack(grpc::ServerContext*, const content::v1::ExportPackRequest* request,
                          content::v1::ExportPackResponse* response) override {
    response->set_source("# " + request->name() + "\n");
    return grpc::Status::OK;
  }
  grpc::Status DeletePack(grpc::ServerContext*, const content::v1::DeletePackRequest* request,
                          content::v1::Pack* response) override {
    if (request->name() != "tenants/-/packs/alpha")
      return Refuse(absl::StatusCode::kNotFound, "PACK_NOT_FOUND");
    deleted.push_back(*request);
    response->set_name("tenants/default/packs/alpha");
    response->mutable_delete_time()->set_seconds(1);
    return grpc::Status::OK;
  }
  grpc::Status UndeletePack(grpc::ServerContext*, const content::v1::UndeletePackRequest* request,
                            content::v1::Pack* response) override {
    if (request->name() != "tenants/-/packs/alpha")
      return Refuse(absl::StatusCode::kAlreadyExists, "PACK_NOT_DELETED");
    undeleted.push_back(*request);
    response->set_name("tenants/default/packs/alpha");
    return grpc::Status::OK;
  }
  std::vector<content::v1::DeletePackRequest> deleted;
  std::vector<content::v1::UndeletePackRequest> undeleted;
  std::vector<content::v1::ImportPackRequest> imported;
  std::vector<content::v1::PublishPackRequest> published;
};

}  // namespace greenroom::cli

#endif  // GREENROOM_CLIENTS_CLI_FAKE_CONTENT_SERVICES_H_
