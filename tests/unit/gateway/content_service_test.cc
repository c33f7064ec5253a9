// Content made ahead, filled in by a router over gRPC.
#include <gmock/gmock.h>

#include "router/content/publish.h"
#include "tests/support/eventually.h"
#include "tests/unit/content/sample_set.h"
#include "tests/unit/gateway/harness.h"
#include "troupe/v1/content.grpc.pb.h"

namespace troupe::gateway {
namespace {

using testing::HasSubstr;

class ContentServiceTest : public RouterTest {
 protected:
  RouterOptions Options() override {
    RouterOptions options = RouterTest::Options();
    options.content = content_;
    return options;
  }
  std::string Publish(const content::ContentSet& set = content::SampleSet()) {
    std::filesystem::create_directories(folder_ / "public");
    content::FolderStore store(folder_ / "public");
    const auto published = content::Publish(store, content::SampleRelease(set), 1'700'000'000'000);
    EXPECT_TRUE(published) << published.error().message;
    return published ? published->version : "";
  }
  void Begin() {
    StartRouter();
    const auto channel = rpc::OpenChannel(Socket("router"), {.own_connection = true});
    ASSERT_TRUE(channel);
    stub_ = v1::ContentService::NewStub(*channel);
  }
  static v1::FillRequest Wish() {
    v1::FillRequest request;
    request.set_set("birthday");
    request.set_audience("loyal.de");
    request.set_user("u1");
    (*request.mutable_slots())["first_name"] = "Ann";
    (*request.mutable_slots())["amount"] = "12.5";
    (*request.mutable_slots())["until"] = "2026-12-24";
    return request;
  }
  grpc::Status Fill(const v1::FillRequest& request, v1::FillResponse& response) {
    grpc::ClientContext context;
    Limit(context);
    return stub_->Fill(&context, request, &response);
  }
  grpc::Status Refused(const v1::FillRequest& request) {
    v1::FillResponse response;
    return Fill(request, response);
  }

  std::string content_ = (folder_ / "public").string();
  std::unique_ptr<v1::ContentService::Stub> stub_;
};

TEST_F(ContentServiceTest, FillsInWhatTheHttpSideWould) {
  // given
  const std::string version = Publish();
  Begin();
  // when
  v1::FillResponse response;
  const grpc::Status status = Fill(Wish(), response);
  // then
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.text(),
            "<p>Alles Gute zum Geburtstag, Ann! Wir schenken dir 12,50\u00a0€, und das ist nur der Anfang.</p>");
  EXPECT_EQ(response.variant(), "loyal-de-1");
  EXPECT_EQ(response.version(), version);
  EXPECT_EQ(response.language(), "de");
  EXPECT_EQ(response.output(), "html");
}

TEST_F(ContentServiceTest, SaysWhatIsWrongAsTheHttpSideDoes) {
  Publish();
  Begin();
  v1::FillRequest request = Wish();
  (*request.mutable_slots())["first_name"] = "<b>";
  EXPECT_EQ(Refused(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(Refused(request).error_message(), HasSubstr("slot 'first_name'"));
  request = Wish();
  request.mutable_slots()->erase("amount");
  EXPECT_THAT(Refused(request).error_message(), HasSubstr("slot 'amount' has no value and no default"));
  request = Wish();
  request.set_user(std::string(content::Library::kMaxUserBytes + 1, 'u'));
  EXPECT_EQ(Refused(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request = Wish();
  request.set_set("birthdays");
  EXPECT_EQ(Refused(request).error_code(), grpc::StatusCode::NOT_FOUND);
  request = Wish();
  request.set_audience("");
  EXPECT_THAT(Refused(request).error_message(), HasSubstr("has no texts for audience 'all'"));
  request.set_set("");
  const grpc::Status nameless = Refused(request);
  EXPECT_EQ(nameless.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const rpc::ErrorDetails details = rpc::DetailsFromGrpc(nameless);
  ASSERT_EQ(details.violations.size(), 1u);
  EXPECT_EQ(details.violations[0].field, "set");
}

TEST_F(ContentServiceTest, CountsEachUseAndNothingThatWasRefused) {
  // given
  Publish();
  Begin();
  v1::FillRequest wrong = Wish();
  (*wrong.mutable_slots())["amount"] = "much";
  // when
  v1::FillResponse filled;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Fill(Wish(), filled).ok());
  EXPECT_FALSE(Refused(wrong).ok());
  // then
  grpc::ClientContext context;
  Limit(context);
  v1::UsesResponse response;
  ASSERT_TRUE(stub_->Uses(&context, v1::UsesRequest(), &response).ok());
  int64_t total = 0;
  for (const v1::ContentUses& uses : response.uses()) {
    total += uses.uses();
    if (uses.variant() == "loyal-de-1") {
      EXPECT_EQ(uses.uses(), 3);
      EXPECT_EQ(uses.set(), "birthday");
      EXPECT_EQ(uses.audience(), "loyal.de");
    }
  }
  EXPECT_EQ(total, 3);
}

TEST_F(ContentServiceTest, TakesWhatIsPublishedLater) {
  // given
  Publish();
  Begin();
  content::ContentSet set = content::SampleSet();
  for (content::Text& text : set.texts) text.weight += 1;
  // when
  const std::string version = Publish(set);
  // then
  EXPECT_TRUE(Eventually("the new version is given", [&] {
    v1::FillResponse response;
    return Fill(Wish(), response).ok() && response.version() == version;
  }));
}

TEST_F(ContentServiceTest, ARouterWithoutContentSaysHowToGiveItSome) {
  content_.clear();
  Begin();
  const grpc::Status status = Refused(Wish());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("--content"));
  grpc::ClientContext context;
  Limit(context);
  v1::UsesResponse response;
  EXPECT_EQ(stub_->Uses(&context, v1::UsesRequest(), &response).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ContentServiceTest, ARouterDoesNotStartOnAFolderThatIsNotThere) {
  content_ = (folder_ / "nowhere").string();
  const auto router = Router::Start(Options());
  ASSERT_FALSE(router);
  EXPECT_EQ(router.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace troupe::gateway
