#include "router/content/http/answers.h"

#include <gtest/gtest.h>

#include "runtime/base/digest.h"
#include "tests/unit/content/sample_set.h"

namespace troupe::content::http {
namespace {

class AnswersTest : public testing::Test {
 protected:
  Answer Get(std::string_view target, Request request = {}) {
    request.target = target;
    if (request.method == Method::kOther) request.method = Method::kGet;
    return answers_.To(request, library_);
  }
  Answer Fill(std::string_view body, std::string_view type = "application/json") {
    return answers_.To({.method = Method::kPost, .target = "/v1/fill", .content_type = type, .body = body}, library_);
  }
  static bool Has(const Answer& answer, std::string_view line) {
    return ("\r\n" + answer.headers).find("\r\n" + std::string(line) + "\r\n") != std::string::npos;
  }
  static std::string Header(const Answer& answer, const std::string& name) {
    const size_t at = answer.headers.find(name + ": ");
    if (at == std::string::npos) return "";
    const size_t begin = at + name.size() + 2;
    return answer.headers.substr(begin, answer.headers.find("\r\n", begin) - begin);
  }

  Options options_;
  UseCounts counts_;
  Answers answers_{options_, counts_};
  Release release_ = SampleRelease();
  std::shared_ptr<const Library> library_ = SampleLibrary(SampleSet(), &counts_);
  const std::string manifest_path_ = "/v1/content/birthday/manifests/new.en.json";
  const std::string object_path_ = "/v1/content/birthday/objects/" + release_.objects.begin()->first;
};

TEST_F(AnswersTest, ObjectsAreServedForEverUnderTheirDigest) {
  const Answer answer = Get(object_path_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body(), release_.objects.begin()->second);
  EXPECT_TRUE(Has(answer, "Cache-Control: public, max-age=31536000, immutable"));
  EXPECT_TRUE(Has(answer, "ETag: \"" + Sha256Hex(answer.body()) + "\""));
  EXPECT_TRUE(Has(answer, "Vary: Accept-Encoding"));
  EXPECT_TRUE(Has(answer, "X-Content-Type-Options: nosniff"));
  EXPECT_TRUE(Has(answer, "Access-Control-Allow-Origin: *"));
}

TEST_F(AnswersTest, ManifestsAreServedForAWhileAndTaggedAnew) {
  const Answer answer = Get(manifest_path_ + "?cache=buster");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(Has(answer, "Cache-Control: public, max-age=30, stale-while-revalidate=86400"));
  EXPECT_EQ(answer.body(), release_.manifests.at("new.en"));
}

TEST_F(AnswersTest, TheBrowserModuleIsServedAsAScriptThatAnyPageMayTake) {
  const Answer answer = Get("/v1/troupe-content.js");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body().find("export default"), std::string::npos);
  EXPECT_TRUE(Has(answer, "Content-Type: text/javascript; charset=utf-8"));
  EXPECT_TRUE(Has(answer, "Cache-Control: public, max-age=3600, stale-while-revalidate=86400"));
  EXPECT_TRUE(Has(answer, "Access-Control-Allow-Origin: *"));
  EXPECT_TRUE(Has(Get("/v1/troupe-content.js", {.accept_encoding = "br"}), "Content-Encoding: br"));
  EXPECT_EQ(Get("/v1/troupe-content.js", {.if_none_match = Header(answer, "ETag")}).status, 304);
  EXPECT_EQ(Get("/v1/troupe-content.js", {.method = Method::kPost}).status, 405);
}

TEST_F(AnswersTest, WhoHasItAlreadyIsToldSo) {
  const std::string tag = Header(Get(object_path_), "ETag");
  for (const std::string& sent : {tag, "\"x\", W/" + tag, std::string("*")}) {
    const Answer answer = Get(object_path_, {.if_none_match = sent});
    EXPECT_EQ(answer.status, 304);
    EXPECT_EQ(answer.body(), "");
    EXPECT_EQ(Header(answer, "ETag"), tag);
  }
  // the tag goes before the range (RFC 9110, 13.2.2)
  EXPECT_EQ(Get(object_path_, {.if_none_match = tag, .range = "bytes=0-1"}).status, 304);
  EXPECT_EQ(Get(object_path_, {.if_none_match = "\"x\""}).status, 200);
}

TEST_F(AnswersTest, ARangeIsAPartOfTheFormThatWasTagged) {
  const Answer whole = Get(object_path_);
  const std::string tag = Header(whole, "ETag");
  const Answer part = Get(object_path_, {.if_range = tag, .range = "bytes=2-5"});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body(), whole.body().substr(2, 4));
  EXPECT_EQ(Header(part, "Content-Range"), "bytes 2-5/" + std::to_string(whole.body().size()));
  EXPECT_EQ(Get(object_path_, {.if_range = "\"other\"", .range = "bytes=2-5"}).status, 200);
  EXPECT_EQ(Get(object_path_, {.if_range = "W/" + tag, .range = "bytes=2-5"}).status, 200);
  const Answer beyond = Get(object_path_, {.range = "bytes=100000-"});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(Header(beyond, "Content-Range"), "bytes */" + std::to_string(whole.body().size()));
  EXPECT_EQ(Get(object_path_, {.method = Method::kHead, .range = "bytes=2-5"}).status, 200);
}

TEST_F(AnswersTest, HeadHasAllHeadersAndNoBody) {
  const Answer get = Get(object_path_);
  const Answer head = Get(object_path_, {.method = Method::kHead});
  EXPECT_TRUE(head.without_body);
  EXPECT_EQ(head.headers, get.headers);
  EXPECT_EQ(head.body().size(), get.body().size());
}

TEST_F(AnswersTest, NamesLeadToNothingThatWasNotPublished) {
  for (const char* target : {"/",
                             "/v1/content/",
                             "/v1/content/birthday",
                             "/v1/content/birthday/",
                             "/v1/content/birthday/current",
                             "/v1/content/birthday/lock",
                             "/v1/content/birthday/objects/",
                             "/v1/content/birthday/objects/../current",
                             "/v1/content/../../etc/passwd",
                             "/v1/content/%2e%2e/%2e%2e/etc/passwd",
                             "/v1/content/birthday/manifests/../new.en.json",
                             "/v1/content/birthday/manifests/.json",
                             "/v1/content/birthday/manifests/json",
                             "/v1/content/birthday/manifests/new.en.json.gz",
                             "/v1/content/birthday/manifests/NEW.EN.json",
                             "/v1/content//birthday/manifests/new.en.json",
                             "//v1/content/birthday",
                             "/v1/content/birthday\\manifests\\new.en.json",
                             "/v1/content/birthday/manifests/new.en.json/",
                             "/etc/passwd",
                             "/v1"}) {
    const Answer answer = Get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_NE(answer.body().find("\"NOT_FOUND\""), std::string::npos);
  }
}

TEST_F(AnswersTest, OtherMethodsAreRefusedWithThoseThatThereAre) {
  EXPECT_EQ(Get(manifest_path_, {.method = Method::kPost}).status, 405);
  EXPECT_TRUE(Has(Get(manifest_path_, {.method = Method::kPost}), "Allow: GET, HEAD, OPTIONS"));
  EXPECT_TRUE(Has(Get("/v1/fill"), "Allow: POST, OPTIONS"));
  const Answer preflight = Get("/v1/fill", {.method = Method::kOptions, .origin = "https://any.example"});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_TRUE(Has(preflight, "Access-Control-Allow-Headers: Content-Type"));
}

TEST_F(AnswersTest, OnlyListedPagesMayReadAnswersAndNothingTheySendIsEchoed) {
  options_.origins = {"https://shop.example"};
  EXPECT_TRUE(Has(Get(manifest_path_, {.origin = "https://shop.example"}),
                  "Access-Control-Allow-Origin: https://shop.example"));
  const Answer other = Get(manifest_path_, {.origin = "https://evil.example\r\nSet-Cookie: a=b"});
  EXPECT_EQ(other.headers.find("evil"), std::string::npos);
  EXPECT_EQ(Header(other, "Access-Control-Allow-Origin"), "");
  EXPECT_TRUE(Has(other, "Vary: Origin"));
}

TEST_F(AnswersTest, FillGivesTheTextAsWhatItIs) {
  const Answer answer = Fill(R"({"set":"birthday","audience":"loyal.de","user":"u1",
      "slots":{"first_name":"Ann","amount":12.5,"until":"2026-12-24"}})");
  EXPECT_EQ(answer.status, 200) << answer.body();
  EXPECT_EQ(answer.body(),
            "<p>Alles Gute zum Geburtstag, Ann! Wir schenken dir 12,50\u00a0€, und das ist nur der Anfang.</p>");
  EXPECT_TRUE(Has(answer, "Content-Type: text/html; charset=utf-8"));
  EXPECT_TRUE(Has(answer, "Content-Language: de"));
  EXPECT_TRUE(Has(answer, "Troupe-Text: loyal-de-1"));
  EXPECT_TRUE(Has(answer, "Troupe-Version: " + release_.version));
  EXPECT_TRUE(Has(answer, "Cache-Control: no-store"));
  EXPECT_TRUE(Has(answer, "Content-Security-Policy: sandbox; default-src 'none'"));
  EXPECT_NE(Get("/v1/uses").body().find(R"({"audience":"loyal.de","set":"birthday","text":"loyal-de-1","uses":1})"),
            std::string::npos);
}

TEST_F(AnswersTest, FillSaysWhatIsWrongWithARequest) {
  const std::vector<std::pair<std::string, int>> cases = {
      {"", 400},
      {"{", 400},
      {"[]", 400},
      {"{}", 400},
      {R"({"set":1})", 400},
      {R"({"set":"birthday","slots":[]})", 400},
      {R"({"set":"birthday","slots":{"a":{}}})", 400},
      {R"({"set":"birthday","slots":{"a":null}})", 400},
      {R"({"set":"birthday","sluts":{}})", 400},
      {R"({"set":"birthday","set":"birthday"})", 400},
      {R"({"set":"nobody","audience":"all"})", 404},
      {R"({"set":"birthday","audience":"../x"})", 404},
      {R"({"set":"birthday","audience":"loyal.de","slots":{"amount":"1","until":"2026-12-24","first_name":"<b>"}})",
       400},
      {R"({"set":"birthday","audience":"loyal.de","slots":{"amount":"1","until":"2026-12-24","first_name":"a\r\nSet-Cookie: x"}})",
       400},
      {R"({"set":"birthday","audience":"loyal.de","slots":{"amount":1e300,"until":"2026-12-24"}})", 400},
      {"{\"set\":\"birthday\",\"user\":\"" + std::string(600, 'u') + "\"}", 400},
      {std::string(100, '[') + std::string(100, ']'), 400},
      {"{\"set\":\"\xff\"}", 400}};
  for (const auto& [body, status] : cases) {
    const Answer answer = Fill(body);
    EXPECT_EQ(answer.status, status) << body << "\n" << answer.body();
    EXPECT_TRUE(ParseValue(answer.body())) << answer.body();
    EXPECT_EQ(answer.headers.find("Set-Cookie"), std::string::npos);
  }
  EXPECT_EQ(Fill("{}", "text/plain").status, 415);
  EXPECT_EQ(Fill("{}", "application/json; charset=utf-8").status, 400);
}

TEST(HttpDate, IsWhatTheStandardWants) { EXPECT_EQ(HttpDate(784111777000), "Sun, 06 Nov 1994 08:49:37 GMT"); }

}  // namespace
}  // namespace troupe::content::http
