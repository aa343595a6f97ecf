#include "io/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "base/text.h"

namespace andon::io {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Command Shell(std::string script) {
  Command command;
  command.argv = {"sh", "-c", std::move(script)};
  return command;
}

// Waits, but not for ever, until a process is gone.
bool Ends(int pid) {
  for (int i = 0; i < 500 && IsProcessAlive(pid); ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  return !IsProcessAlive(pid);
}

TEST(Run, GivesOutputAndStatus) {
  auto done = io::Run(Shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->out, "out\n");
  EXPECT_EQ(done->err, "err\n");
  EXPECT_EQ(done->status.code, 3);
  EXPECT_EQ(ToString(done->status), "exited with code 3");
  EXPECT_FALSE(done->status.ok());
}

TEST(Run, PassesInputEnvironmentAndFolder) {
  Command command = Shell("cat; echo $A-$HOME; pwd");
  command.input = std::string(300000, 'x') + "\n";
  command.env = {{"A", "1"}, {"HOME", "/nowhere"}};
  command.cwd = "/";
  auto done = io::Run(command);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->out, command.input + "1-/nowhere\n/\n");
}

TEST(Run, CleanEnvironmentHasOnlyWhatIsGiven) {
  Command command;
  command.argv = {"/usr/bin/env"};
  command.clean_env = true;
  command.env = {{"ONLY", "this"}};
  EXPECT_EQ(io::Run(command)->out, "ONLY=this\n");
}

TEST(Run, SaysWhatIsMissing) {
  Command command;
  command.argv = {"no-such-program-anywhere"};
  EXPECT_EQ(io::Run(command).error().kind, ErrorKind::kNotFound);
  command.argv = {"/no/such/program"};
  EXPECT_EQ(io::Run(command).error().kind, ErrorKind::kNotFound);
  command.argv = {"/etc/passwd"};
  EXPECT_EQ(io::Run(command).error().kind, ErrorKind::kIo);
  command = Shell("true");
  command.cwd = "/no/such/folder";
  EXPECT_EQ(io::Run(command).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(io::Run(Command()).error().kind, ErrorKind::kInvalid);
}

TEST(Run, StreamsWithoutKeeping) {
  std::string out, err;
  auto done = io::Run(Shell("echo a; echo b >&2"), {}, [&](bool is_stderr, std::string_view bytes) {
    (is_stderr ? err : out) += bytes;
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(out + err, "a\nb\n");
  EXPECT_EQ(done->out, "");
}

TEST(Run, KeepsAllOfALongOutput) {
  auto done = io::Run(Shell("head -c 3000000 /dev/zero"));
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->out.size(), 3000000u);
  EXPECT_FALSE(done->truncated);
}

TEST(Run, ATimeLimitEndsTheWholeGroup) {
  Command command = Shell("sleep 100 & echo $!; wait");
  command.time_limit = milliseconds(200);
  auto done = io::Run(command);
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->status.timed_out);
  EXPECT_EQ(ToString(done->status), "ran past its time limit");
  int grandchild = std::atoi(done->out.c_str());
  ASSERT_GT(grandchild, 0);
  EXPECT_TRUE(Ends(grandchild));
}

TEST(Run, WhoIgnoresTheEndIsKilled) {
  Command command = Shell("trap '' TERM; while :; do sleep 0.05; done");
  command.time_limit = milliseconds(100);
  command.grace = milliseconds(100);
  auto done = io::Run(command);
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->status.timed_out);
  EXPECT_EQ(done->status.signal, SIGKILL);
}

TEST(Run, WhatIsLeftBehindEndsWithTheLeader) {
  auto done = io::Run(Shell("sleep 100 & echo $!"));
  ASSERT_TRUE(done.ok());
  EXPECT_TRUE(done->status.ok());
  EXPECT_TRUE(Ends(std::atoi(done->out.c_str())));
}

TEST(Run, CanBeStoppedFromAnotherThread) {
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  EXPECT_EQ(io::Run(Shell("sleep 100"), stop.get_token()).error().kind, ErrorKind::kInterrupted);
}

TEST(Run, ACrashIsASignal) {
  auto done = io::Run(Shell("kill -SEGV $$"));
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->status.signal, SIGSEGV);
  EXPECT_EQ(ToString(done->status), "was killed by signal 11 (Segmentation fault)");
}

TEST(Run, LimitsMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers reserve address space of their own";
#endif
  Command command = Shell("x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x}");
  command.memory_max = 64 << 20;
  auto done = io::Run(command);
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(done->status.ok());
}

TEST(Run, LeavesNoDescriptorsOpenInTheChild) {
  int leaked = ::dup(2);  // Without O_CLOEXEC.
  auto done = io::Run(Shell("ls /proc/self/fd"));
  ::close(leaked);
  ASSERT_TRUE(done.ok());
  // 0, 1, 2, and the folder that ls itself has open.
  EXPECT_EQ(done->out, "0\n1\n2\n3\n");
}

TEST(ProcessSet, WaitsForSeveral) {
  ProcessSet set;
  std::set<ProcessId> started;
  for (int i = 0; i < 5; ++i) started.insert(*set.Start(Shell(fmt::format("echo {}", i))));
  EXPECT_EQ(set.running(), 5u);
  std::map<ProcessId, std::string> out;
  std::set<ProcessId> ended;
  while (set.running() > 0) {
    auto events = set.Wait(seconds(10));
    ASSERT_TRUE(events.ok());
    ASSERT_FALSE(events->empty());
    for (const auto& event : *events) {
      EXPECT_FALSE(ended.contains(event.id)) << "the end is the last event";
      if (event.kind == ProcessEvent::kStdout) out[event.id] += event.bytes;
      if (event.kind == ProcessEvent::kExited) ended.insert(event.id);
    }
  }
  EXPECT_EQ(ended, started);
  EXPECT_EQ(out[*started.begin()], "0\n");
  EXPECT_TRUE(set.Wait(seconds(10))->empty()) << "nothing to wait for";
}

TEST(ProcessSet, WakeAndTimeoutEndAWait) {
  ProcessSet set;
  auto id = set.Start(Shell("sleep 100"));
  EXPECT_TRUE(set.Wait(milliseconds(20))->empty());
  std::jthread later([&] {
    std::this_thread::sleep_for(milliseconds(20));
    set.Wake();
  });
  EXPECT_TRUE(set.Wait(Duration{-1})->empty());
  EXPECT_GT(set.Pid(*id), 0);
  set.Kill(*id);
  auto events = set.Wait(seconds(10));
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ((*events)[0].status.signal, SIGKILL);
  EXPECT_EQ(set.Pid(*id), 0);
}

TEST(ProcessSet, EndsItsChildrenWithItself) {
  int pid = 0;
  {
    ProcessSet set;
    pid = set.Pid(*set.Start(Shell("sleep 100")));
    EXPECT_TRUE(IsProcessAlive(pid));
  }
  EXPECT_FALSE(IsProcessAlive(pid));
}

TEST(ProcessSet, AChildCanDieWithItsParent) {
  // The parent is a copy of this process that starts a child and is then killed.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  pid_t parent = ::fork();
  if (parent == 0) {
    ProcessSet set;
    Command command = Shell("sleep 100");
    command.die_with_parent = true;
    int child = set.Pid(*set.Start(command));
    (void)!::write(ends[1], &child, sizeof child);
    ::pause();
  }
  int child = 0;
  ASSERT_EQ(::read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
  EXPECT_TRUE(IsProcessAlive(child));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(Ends(child));
}

TEST(Process, TellsWhoIsAlive) {
  int64_t start = ProcessStart(::getpid());
  EXPECT_GT(start, 0);
  EXPECT_TRUE(IsProcessAlive(::getpid()));
  EXPECT_TRUE(IsProcessAlive(::getpid(), start));
  EXPECT_FALSE(IsProcessAlive(::getpid(), start + 1));
  EXPECT_FALSE(IsProcessAlive(0));
  EXPECT_FALSE(IsProcessAlive(1 << 29));
  EXPECT_TRUE(SelfExecutable().ends_with("io_test"));
  EXPECT_FALSE(HostName().empty());
  EXPECT_FALSE(UserName().empty());
}

}  // namespace
}  // namespace andon::io
