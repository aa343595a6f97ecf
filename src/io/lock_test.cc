#include "io/lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <thread>

#include "base/text.h"
#include "io/local_file_system.h"

namespace andon::io {
namespace {

struct LockTest : ::testing::Test {
  ~LockTest() override { (void)LocalFileSystem().RemoveAll(dir); }
  std::string dir = ::testing::TempDir() + "andon-lock-" + RandomUuid();
  std::string path = dir + "/lock";
  ManualClock clock{FromMillis(1700000000000)};
};

TEST_F(LockTest, NamesTheHolder) {
  auto first = FileLock::Acquire(path, ThisHolder("andon apply", clock));
  ASSERT_TRUE(first.ok());
  auto second = FileLock::Acquire(path, ThisHolder("andon run", clock));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kHeld);
  for (std::string part : {std::string("andon apply"), std::to_string(::getpid()),
                           std::string("2023-11-14T22:13:20Z"), path}) {
    EXPECT_NE(second.error().message.find(part), std::string::npos) << second.error().message;
  }
}

TEST_F(LockTest, IsFreeAfterwardsAndCanBeMoved) {
  {
    std::optional<FileLock> kept;
    auto lock = FileLock::Acquire(path, ThisHolder("a", clock));
    ASSERT_TRUE(lock.ok());
    kept.emplace(std::move(*lock));
    EXPECT_FALSE(FileLock::Acquire(path, ThisHolder("b", clock)).ok());
  }
  EXPECT_TRUE(FileLock::Acquire(path, ThisHolder("b", clock)).ok());
}

TEST_F(LockTest, WaitsForTheHolder) {
  auto first = FileLock::Acquire(path, ThisHolder("a", clock));
  ASSERT_TRUE(first.ok());
  std::optional<FileLock> held(std::move(*first));
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    held.reset();
  });
  EXPECT_TRUE(FileLock::Acquire(path, ThisHolder("b", clock), std::chrono::seconds(20)).ok());
}

TEST_F(LockTest, AKilledHolderHoldsNothing) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t child = ::fork();
  if (child == 0) {
    auto lock = FileLock::Acquire(path, ThisHolder("child", clock));
    (void)!::write(ends[1], "x", 1);
    ::pause();
  }
  char c;
  ASSERT_EQ(::read(ends[0], &c, 1), 1);
  EXPECT_FALSE(FileLock::Acquire(path, ThisHolder("b", clock)).ok());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(FileLock::Acquire(path, ThisHolder("b", clock)).ok());
}

}  // namespace
}  // namespace andon::io
