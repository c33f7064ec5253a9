// A copy of a task: its first records come with the one that goes on from them, all in one write.
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "router/journal/sqlite_journal.h"
#include "runtime/base/id.h"

namespace troupe::journal {
namespace {

namespace fs = std::filesystem;

class Once final : public Waiter {
 public:
  void OnDurable(int64_t sequence) override { told_.set_value(sequence); }
  int64_t Wait() { return told_.get_future().get(); }

 private:
  std::promise<int64_t> told_;
};

TEST(CopyTest, EarlierRecordsAreWrittenWithTheOneThatGoesOn) {
  const fs::path folder = fs::temp_directory_path() / ("troupe-journal-" + NewUuid7());
  {
    // given
    auto journal = OpenSqlite(folder);
    ASSERT_TRUE(journal) << ToString(journal.error());
    const auto told = std::make_shared<Once>();
    Entry entry{.task = 1, .sequence = 3, .bytes = "three", .before = {{1, "one"}, {2, "two"}}, .waiter = told};
    entry.blobs.push_back({std::string(64, 'a'), "\"large\""});
    entry.accepted = NewTask{.uuid = "u1", .graph = "g", .version = "v", .accepted_ms = 1'000};
    // when
    (*journal)->Append(std::move(entry));
    // then it is told of once, as the record that it is
    EXPECT_EQ(told->Wait(), 3);
    ASSERT_TRUE((*journal)->Close());
  }
  // and a new start finds a task that goes on after all three
  auto journal = OpenSqlite(folder);
  ASSERT_TRUE(journal) << ToString(journal.error());
  const auto unfinished = (*journal)->Unfinished();
  ASSERT_TRUE(unfinished && unfinished->size() == 1);
  const auto rows = (*journal)->ReadRecords(1, 0, 10, 1'000);
  ASSERT_TRUE(rows && rows->size() == 3);
  EXPECT_EQ((*rows)[0].bytes, "one");
  EXPECT_EQ((*rows)[1].sequence, 2);
  EXPECT_EQ((*rows)[2].bytes, "three");
  EXPECT_EQ(*(*journal)->ReadBlob(std::string(64, 'a')), "\"large\"");
  fs::remove_all(folder);
}

}  // namespace
}  // namespace troupe::journal
