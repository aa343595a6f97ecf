// Plugins that do not behave: what is said of them, and that nothing of them is left.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "io/process.h"
#include "plugin/plugin.h"
#include "plugin/test_standin.h"

namespace andon::plugin {
namespace {

using value::Type;
using value::Value;

// Of the address sanitizer, in whose programs a crash is reported in many lines.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

bool HasChildren() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

class FaultsTest : public StandinTest {
 protected:
  std::string StartError(const std::string& more, ErrorKind kind) {
    Options options = With(StandinScript(6, more));
    options.start_limit = limit_;
    auto plugin = Start(options);
    if (plugin.ok()) {
      ADD_FAILURE() << "it started";
      return "";
    }
    EXPECT_EQ(plugin.error().kind, kind) << plugin.error().message;
    EXPECT_FALSE(HasChildren());
    return plugin.error().message;
  }
  Duration limit_ = std::chrono::seconds(20);
};

TEST_F(FaultsTest, ExitBeforeTheHandshakeQuotesWhatItSaid) {
  EXPECT_EQ(StartError(R"({"start": {"print": "[ERROR] no license", "exit": 3}})",
                       ErrorKind::kUnavailable),
            "The provider example/standin cannot be started: it exited with code 3 before it had "
            "introduced itself. Run \"andon init -upgrade\" for another version, and report it to "
            "who makes the provider where that does not help.\nIt printed last:\n  no license");
}

TEST_F(FaultsTest, SilenceHasAnEnd) {
  limit_ = std::chrono::milliseconds(300);
  std::string message = StartError(R"({"start": {"hang": true}})", ErrorKind::kInterrupted);
  EXPECT_NE(message.find("it did not introduce itself within 300 ms"), std::string::npos)
      << message;
}

TEST_F(FaultsTest, GarbageForAHandshake) {
  std::string garbage =
      StartError(R"({"start": {"handshake": "Usage: thing [options]"}})", ErrorKind::kInvalid);
  EXPECT_NE(garbage.find("but said \"Usage: thing [options]\""), std::string::npos) << garbage;
  std::string endless = StartError(R"({"start": {"unended": 200000}})", ErrorKind::kInvalid);
  EXPECT_NE(endless.find("bytes without an end of the line"), std::string::npos) << endless;
  std::string version =
      StartError(R"({"start": {"handshake": "1|4|unix|/nowhere|grpc|"}})", ErrorKind::kInvalid);
  EXPECT_NE(version.find("it speaks version 4 of the provider protocol"), std::string::npos);
  std::string nobody =
      StartError(R"({"start": {"handshake": "1|6|unix|/nowhere|grpc|"}})", ErrorKind::kUnavailable);
  EXPECT_NE(nobody.find("cannot connect to its socket /nowhere"), std::string::npos) << nobody;
}

TEST_F(FaultsTest, OnlyTheAnnouncedCertificateIsTrusted) {
  std::string message =
      StartError(R"({"start": {"other_certificate": true}})", ErrorKind::kUnavailable);
  EXPECT_NE(message.find("the encrypted connection to it was refused"), std::string::npos)
      << message;
}

// A socket of ours, at which something else than a plugin answers.
class Stranger {
 public:
  explicit Stranger(const std::string& path, const std::string& says) : says_(says) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 1);
    thread_ = std::thread([this] {
      int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      (void)!::write(fd, says_.data(), says_.size());
      char buffer[4096];
      while (::read(fd, buffer, sizeof buffer) > 0) {
      }
      ::close(fd);
    });
  }
  ~Stranger() {
    thread_.join();
    ::close(listener_);
  }

 private:
  int listener_ = -1;
  std::string says_;
  std::thread thread_;
};

TEST_F(FaultsTest, AStrangerAtTheSocketIsFoundOut) {
  std::string path = folder_.path() + "/stranger";
  std::string script = fmt::format(R"({{"start": {{"handshake": "1|6|unix|{}|grpc|"}}}})", path);
  {
    Stranger stranger(path, "220 mail.example.com ESMTP ready\r\n\r\n\r\n");
    std::string message = StartError(script, ErrorKind::kCorrupt);
    EXPECT_NE(message.find("its answer is no gRPC"), std::string::npos) << message;
  }
  // With the plugin its socket goes, whoever made it.
  EXPECT_FALSE(std::filesystem::exists(path));
  Stranger silent(path, "");
  limit_ = std::chrono::milliseconds(500);
  std::string message = StartError(script, ErrorKind::kInterrupted);
  EXPECT_NE(message.find("it took the connection and then said nothing"), std::string::npos)
      << message;
}

TEST_F(FaultsTest, OneThatIsKilledLeavesNoSocket) {
  auto plugin = StartWith(StandinScript(6));
  ASSERT_NE(plugin, nullptr);
  std::string path = fmt::format("{}/standin-{}.sock", folder_.path(), plugin->pid());
  ASSERT_TRUE(std::filesystem::exists(path));
  plugin->Kill();
  plugin->Close();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(FaultsTest, ProgramsThatAreNone) {
  auto missing = Start({.name = "p", .command = {folder_.path() + "/nothing"}});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(missing.error().message.ends_with("Run \"andon init\" to install it again."));
  auto text = Start({.name = "p", .command = {folder_.path()}});
  EXPECT_FALSE(text.ok());
}

using Ask = std::function<provider::AttributeDiagnostics(Plugin&)>;

// Each procedure that a plan or an apply depends on.
std::vector<std::pair<const char*, Ask>> Asks() {
  static const Value prior = Thing("a", Value::String("i"), Value::Number(1));
  static const Value config = Value::Object({{"region", Value::String("eu")}});
  static const Value query =
      Value::Object({{"id", Value::Null(Type::String())}, {"name", Value::String("n")}});
  static const Value token = Value::Object({{"value", Value::Null(Type::String())}});
  return {
      {"GetProviderSchema", [](Plugin& p) { return p.GetSchema().diagnostics; }},
      {"ValidateProviderConfig",
       [](Plugin& p) { return p.ValidateProviderConfig({.config = config}); }},
      {"ValidateResourceConfig",
       [](Plugin& p) { return p.ValidateResourceConfig({.type = "thing", .config = prior}); }},
      {"ValidateDataResourceConfig",
       [](Plugin& p) { return p.ValidateDataConfig({.type = "thing", .config = query}); }},
      {"ValidateEphemeralResourceConfig",
       [](Plugin& p) { return p.ValidateEphemeralConfig({.type = "token", .config = token}); }},
      {"ConfigureProvider", [](Plugin& p) { return p.Configure({.config = config}); }},
      {"UpgradeResourceState",
       [](Plugin& p) {
         return p.UpgradeResourceState({.type = "thing", .state = "{}"}).diagnostics;
       }},
      {"ReadResource",
       [](Plugin& p) { return p.ReadResource({.type = "thing", .prior = prior}).diagnostics; }},
      {"PlanResourceChange",
       [](Plugin& p) {
         return p.PlanResourceChange({.type = "thing", .proposed = prior, .config = prior})
             .diagnostics;
       }},
      {"ApplyResourceChange",
       [](Plugin& p) {
         auto applied = p.ApplyResourceChange({.type = "thing", .planned = prior, .config = prior});
         EXPECT_TRUE(applied.is_lost);
         return applied.diagnostics;
       }},
      {"ImportResourceState",
       [](Plugin& p) { return p.ImportResourceState({.type = "thing", .id = "i"}).diagnostics; }},
      {"MoveResourceState",
       [](Plugin& p) {
         return p.MoveResourceState({.source_state = "{}", .target_type = "thing"}).diagnostics;
       }},
      {"ReadDataSource",
       [](Plugin& p) { return p.ReadDataSource({.type = "thing", .config = query}).diagnostics; }},
      {"OpenEphemeralResource",
       [](Plugin& p) {
         return p.OpenEphemeralResource({.type = "token", .config = token}).diagnostics;
       }},
      {"RenewEphemeralResource",
       [](Plugin& p) { return p.RenewEphemeralResource({"token", "x"}).diagnostics; }},
      {"CloseEphemeralResource",
       [](Plugin& p) { return p.CloseEphemeralResource({"token", "x"}); }},
  };
}

Json Rule(const char* rpc, const std::string& what) {
  return *Json::Parse(fmt::format(R"({{"rpc": "{}", {}}})", rpc, what));
}

Json ScriptWith(const char* rpc, const std::string& what) {
  Json script = StandinScript(6);
  script.Set("rules", Json::List({Rule(rpc, what)}));
  return script;
}

TEST_F(FaultsTest, ACrashInAnyProcedureIsToldAndEndsNothingElse) {
  for (const auto& [rpc, ask] : Asks()) {
    SCOPED_TRACE(rpc);
    auto plugin = StartWith(ScriptWith(rpc, R"("print": "panic: all is lost", "crash": true)"));
    ASSERT_NE(plugin, nullptr);
    auto diagnostics = ask(*plugin);
    ASSERT_EQ(diagnostics.size(), 1u);
    const Diagnostic& d = diagnostics[0].diagnostic;
    EXPECT_EQ(d.summary, "Plugin did not respond");
    EXPECT_TRUE(d.detail.starts_with("The provider example/standin did not answer ")) << d.detail;
    EXPECT_NE(d.detail.find(rpc), std::string::npos) << d.detail;
    if (!kIsSanitized) {
      EXPECT_NE(d.detail.find("its process was killed by signal 11 (Segmentation fault)"),
                std::string::npos)
          << d.detail;
    }
    EXPECT_NE(d.detail.find("\nIt printed last:\n  panic: all is lost"), std::string::npos);
    // What comes after says the same at once, and closing it is no error.
    EXPECT_TRUE(provider::HasErrors(
        plugin->ValidateResourceConfig({.type = "thing", .config = ConfiguredThing("a")})));
    plugin->Close();
    EXPECT_FALSE(HasChildren());
  }
}

TEST_F(FaultsTest, NonsenseInAnyProcedureIsToldAndTheNextCallGoesOn) {
  struct Nonsense {
    const char* rule;
    const char* summary;
  };
  const std::vector<Nonsense> kinds = {
      {R"("body": "\n\u0005ab", "times": 1)", "Provider produced invalid object"},
      {R"("raw": "", "times": 1)", "Plugin did not respond"},
      {R"("raw": "\u0001\u0000\u0000\u0000\u0000", "times": 1)", "Plugin did not respond"},
      {R"("raw": "\u0000\u007f\u007f\u007f\u007f", "times": 1)", "Plugin did not respond"},
      {R"("raw": "\u0000\u0000\u0000\u0000\u0001abc", "times": 1)", "Plugin did not respond"},
      {R"("status": 13, "message": "ouch %", "times": 1)", "Provider returned an error"},
      {R"("status": 12, "times": 1)", "Unsupported by the provider"},
  };
  for (const auto& [rpc, ask] : Asks()) {
    if (std::string_view(rpc) == "GetProviderSchema") continue;  // Asked once only.
    for (const Nonsense& nonsense : kinds) {
      SCOPED_TRACE(fmt::format("{} {}", rpc, nonsense.rule));
      auto plugin = StartWith(ScriptWith(rpc, nonsense.rule));
      ASSERT_NE(plugin, nullptr);
      auto diagnostics = ask(*plugin);
      ASSERT_EQ(diagnostics.size(), 1u);
      EXPECT_EQ(diagnostics[0].diagnostic.summary, nonsense.summary)
          << diagnostics[0].diagnostic.detail;
      if (std::string_view(rpc) == "ApplyResourceChange") continue;  // It wants to be lost.
      EXPECT_FALSE(provider::HasErrors(ask(*plugin)));
    }
  }
}

TEST_F(FaultsTest, ASchemaThatCannotBeReadIsToldByEachCall) {
  auto plugin = StartWith(ScriptWith("GetProviderSchema", R"("body": "\u0012\u0003ab")"));
  ASSERT_NE(plugin, nullptr);
  ASSERT_TRUE(provider::HasErrors(plugin->GetSchema().diagnostics));
  EXPECT_EQ(plugin->schema(), nullptr);
  auto configured = plugin->Configure({.config = Value::EmptyObject()});
  ASSERT_EQ(configured.size(), 1u);
  EXPECT_EQ(configured[0].diagnostic.summary, "Provider produced invalid object");
  EXPECT_TRUE(provider::HasErrors(plugin->ReadResource({.type = "thing"}).diagnostics));
}

TEST_F(FaultsTest, TypesAndValuesThatDoNotFitAreRefusedBeforeTheCall) {
  auto plugin = StartWith(StandinScript(6));
  ASSERT_NE(plugin, nullptr);
  auto unknown = plugin->ReadResource({.type = "nothing"});
  ASSERT_EQ(unknown.diagnostics.size(), 1u);
  EXPECT_EQ(unknown.diagnostics[0].diagnostic.detail,
            "ReadResource of nothing of the provider example/standin could not be asked for: it "
            "has no resource type \"nothing\".");
  auto wrong = plugin->ReadResource({.type = "thing", .prior = Value::True()});
  ASSERT_EQ(wrong.diagnostics.size(), 1u);
  EXPECT_EQ(wrong.diagnostics[0].diagnostic.detail,
            "ReadResource of thing of the provider example/standin could not be asked for: current "
            "state: object is required.");
  auto secret = plugin->ReadResource(
      {.type = "thing",
       .prior =
           Thing("a", Value::String("i").WithMarks(value::Mark::kSensitive), Value::Number(1))});
  EXPECT_TRUE(provider::HasErrors(secret.diagnostics));
  auto arguments = plugin->CallFunction({.name = "echo", .arguments = {Value::True()}});
  EXPECT_TRUE(arguments.error.has_value());
}

TEST_F(FaultsTest, AHangIsEndedByKill) {
  auto plugin = StartWith(ScriptWith("ReadResource", R"("hang": true)"));
  ASSERT_NE(plugin, nullptr);
  plugin->GetSchema();
  provider::ReadResourceResponse read;
  std::thread asks([&] {
    read = plugin->ReadResource(
        {.type = "thing", .prior = Thing("a", Value::String("i"), Value::Number(1))});
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  plugin->Kill();
  asks.join();
  ASSERT_EQ(read.diagnostics.size(), 1u);
  EXPECT_NE(read.diagnostics[0].diagnostic.detail.find("was killed by signal 9"),
            std::string::npos);
}

TEST_F(FaultsTest, OneThatDoesNotEndIsKilledAfterTheLimit) {
  Options options = With(ScriptWith("Shutdown", R"("hang": true)"));
  options.stop_limit = std::chrono::milliseconds(100);
  auto plugin = Start(options);
  ASSERT_TRUE(plugin.ok()) << plugin.error().message;
  int pid = (*plugin)->pid();
  EXPECT_GT(pid, 0);
  (*plugin)->Close();
  EXPECT_EQ((*plugin)->pid(), 0);
  EXPECT_FALSE(io::IsProcessAlive(pid));
  EXPECT_FALSE(HasChildren());
  EXPECT_TRUE(provider::HasErrors((*plugin)->GetSchema().diagnostics));
}

TEST_F(FaultsTest, ClosingMeanwhileFailsTheCallsThatRun) {
  auto plugin = StartWith(ScriptWith("ReadResource", R"("hang": true)"));
  ASSERT_NE(plugin, nullptr);
  plugin->GetSchema();
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      auto read = plugin->ReadResource(
          {.type = "thing", .prior = Thing("a", Value::String("i"), Value::Number(1))});
      failed += provider::HasErrors(read.diagnostics) ? 1 : 0;
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  plugin->Close();
  for (auto& t : threads) t.join();
  EXPECT_EQ(failed, 8);
}

// What a plugin starts goes with it.
TEST_F(FaultsTest, ALotOfOutputDoesNotStopIt) {
  auto plugin = StartWith(
      ScriptWith("ReadResource", fmt::format(R"("print": "{}")", std::string(300'000, 'x'))));
  ASSERT_NE(plugin, nullptr);
  Value prior = Thing("a", Value::String("i"), Value::Number(1));
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(plugin->ReadResource({.type = "thing", .prior = prior}).diagnostics.empty());
  plugin->Close();
  for (const std::string& line : lines()) EXPECT_LE(line.size(), size_t{64 << 10});
}

// Runs only as the child of the test below.
TEST_F(FaultsTest, ChildThatWaitsToBeKilled) {
  const char* pipe = std::getenv("ANDON_TEST_TELL_PID");
  if (pipe == nullptr) GTEST_SKIP() << "a part of another test";
  auto plugin = StartWith(StandinScript(6));
  ASSERT_NE(plugin, nullptr);
  std::ofstream(pipe) << plugin->pid() << "\n" << std::flush;
  ::pause();
}

TEST_F(FaultsTest, NoPluginOutlivesUsHoweverWeEnd) {
  std::string file = folder_.path() + "/pid";
  io::ProcessSet set;
  auto child = set.Start(
      {.argv = {io::SelfExecutable(), "--gtest_filter=FaultsTest.ChildThatWaitsToBeKilled"},
       .env = {{"ANDON_TEST_TELL_PID", file}}});
  ASSERT_TRUE(child.ok()) << child.error().message;
  int pid = 0;
  for (int i = 0; i < 1000 && pid == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::ifstream(file) >> pid;
  }
  ASSERT_GT(pid, 0);
  EXPECT_TRUE(io::IsProcessAlive(pid));
  // The process alone, not its group: as the system's own killer does it.
  ::kill(set.Pid(*child), SIGKILL);
  EXPECT_TRUE(io::WaitForExit(pid, std::chrono::seconds(10)));
}

}  // namespace
}  // namespace andon::plugin
