#include "services/content/methods.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "greenroom/content/v1/authoring_service.pb.h"
#include "greenroom/content/v1/content_service.pb.h"

namespace greenroom::content {
namespace {

TEST(ContentMethods, AreThoseOfTheProtos) {
  std::set<std::string> declared;
  for (const google::protobuf::ServiceDescriptor* service :
       {v1::GetPackRequest::descriptor()->file()->FindServiceByName("ContentService"),
        v1::ImportPackRequest::descriptor()->file()->FindServiceByName("ContentAuthoringService")}) {
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      declared.insert(absl::StrCat(service->full_name(), "/", service->method(i)->name()));
    }
  }
  std::set<std::string> listed;
  for (const MethodPolicy& policy : ContentMethods()) {
    EXPECT_FALSE(policy.roles.empty()) << policy.full_name;
    listed.insert(policy.full_name);
  }
  EXPECT_EQ(listed, declared);
}

}  // namespace
}  // namespace greenroom::content
