#include "store/lease.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/process.h"
#include "store/test_database.h"

namespace andon::store {
namespace {

struct LeaseTest : DatabaseTest {
  Result<std::unique_ptr<Lease>> Acquire(const Holder& holder, Duration wait = Duration{0}) {
    return Lease::Acquire(*db, clock, "run", holder,
                          {.wait = wait, .expiry = std::chrono::minutes(2), .renew = false});
  }
  ManualClock clock{FromMillis(1700000000000)};
};

TEST_F(LeaseTest, ExcludesAndNamesTheHolder) {
  auto first = Acquire(ThisProcess("andon apply"));
  ASSERT_TRUE(first.ok());
  auto second = Acquire(ThisProcess("andon run"));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kHeld);
  for (std::string part :
       {std::string("andon apply"), std::to_string(::getpid()), std::string("2023-11-14T22:13:20Z"),
        io::HostName(), std::string("-lock-timeout")}) {
    EXPECT_NE(second.error().message.find(part), std::string::npos) << second.error().message;
  }
  EXPECT_TRUE(Lease::Acquire(*db, clock, "other", ThisProcess("x"), {.renew = false}).ok());
  auto found = FindLease(*db, clock, "run");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->holder.command, "andon apply");
  first->reset();
  EXPECT_FALSE(*FindLease(*db, clock, "run"));
  EXPECT_TRUE(Acquire(ThisProcess("andon run")).ok());
}

TEST_F(LeaseTest, WaitsForTheHolder) {
  auto first = Acquire(ThisProcess("a"));
  ASSERT_TRUE(first.ok());
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    first->reset();
  });
  EXPECT_TRUE(Acquire(ThisProcess("b"), std::chrono::seconds(20)).ok());
}

TEST_F(LeaseTest, AKilledProcessHoldsNothing) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t child = ::fork();
  if (child == 0) {
    auto own = OpenSqlite(path);
    auto lease = Lease::Acquire(**own, clock, "run", ThisProcess("andon run"), {.renew = false});
    (void)!::write(ends[1], lease.ok() ? "y" : "n", 1);
    ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ends[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  auto refused = Acquire(ThisProcess("b"));
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find(std::to_string(child)), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(*FindLease(*db, clock, "run"));
  EXPECT_TRUE(Acquire(ThisProcess("b")).ok());
}

TEST_F(LeaseTest, AProcessIdThatWasGivenOutAgainIsNotTheHolder) {
  Holder earlier = ThisProcess("andon run");
  earlier.pid_start -= 1;
  auto first = Acquire(earlier);
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(Acquire(ThisProcess("b")).ok());
}

TEST_F(LeaseTest, OfAnotherHostItEndsWhenItIsNotRenewed) {
  Holder elsewhere{"another-host", 1, 1, "andon run", "ana"};
  auto first = Acquire(elsewhere);
  ASSERT_TRUE(first.ok());
  clock.Advance(std::chrono::seconds(100));
  EXPECT_FALSE(Acquire(ThisProcess("b")).ok());
  EXPECT_TRUE((*first)->Renew().ok());
  clock.Advance(std::chrono::seconds(100));
  EXPECT_FALSE(Acquire(ThisProcess("b")).ok());
  clock.Advance(std::chrono::seconds(100));
  auto second = Acquire(ThisProcess("b"));
  ASSERT_TRUE(second.ok());
  // Who was away too long finds out before it can do harm.
  EXPECT_EQ((*first)->Renew().error().kind, ErrorKind::kHeld);
  auto confirm = [&](Lease& lease) {
    return db->Write([&](Transaction& tx) { return lease.Confirm(tx); });
  };
  EXPECT_EQ(confirm(**first).error().kind, ErrorKind::kHeld);
  EXPECT_TRUE(confirm(**second).ok());
  first->reset();
  EXPECT_TRUE(confirm(**second).ok()) << "giving back what one no longer has takes nothing";
}

TEST_F(LeaseTest, CanBeBroken) {
  auto first = Acquire(ThisProcess("a"));
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(*BreakLease(*db, "run"));
  EXPECT_FALSE(*BreakLease(*db, "run"));
  EXPECT_FALSE((*first)->Renew().ok());
}

TEST_F(LeaseTest, RenewsItself) {
  SystemClock system;
  auto lease = Lease::Acquire(*db, system, "run", ThisProcess("a"),
                              {.expiry = std::chrono::milliseconds(60)});
  ASSERT_TRUE(lease.ok());
  auto begin = (**FindLease(*db, system, "run")).expires_at;
  for (int i = 0; i < 500; ++i) {
    if ((**FindLease(*db, system, "run")).expires_at > begin) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GT((**FindLease(*db, system, "run")).expires_at, begin);
}

}  // namespace
}  // namespace andon::store
