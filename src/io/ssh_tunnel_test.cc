#include "io/ssh_tunnel.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/text.h"
#include "io/test_server.h"

namespace andon::io {
namespace {

class SshTunnelTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!server_.missing().empty()) GTEST_SKIP() << "needs " << server_.missing();
    folder_ = testing::TempDir() + "andon ssh tunnel 100%d " + RandomUuid();
    std::filesystem::create_directories(folder_);
    // The bastion's own ssh port is a server like any other: it greets who connects.
    options_ = {.host = server_["host"].AsString(),
                .port = static_cast<int>(server_["port"].AsInteger()),
                .user = server_["user"].AsString(),
                .key_file = server_["key"].AsString(),
                .known_hosts_file = (folder_ / "known hosts").string(),
                .config_file = "none",
                .target_host = "127.0.0.1",
                .target_port = static_cast<int>(server_["port"].AsInteger())};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The first bytes that come from the port.
  static std::string Greeting(int port) {
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char text[4] = {};
    if (connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
      (void)!recv(client, text, 3, MSG_WAITALL);
    close(client);
    return text;
  }

  TestServer server_{"sshd"};
  std::filesystem::path folder_;
  SshTunnelOptions options_;
};

TEST_F(SshTunnelTest, LeadsToTheServerAndEndsWithItsOwner) {
  int port = 0;
  {
    auto tunnel = OpenSshTunnel(options_);
    ASSERT_TRUE(tunnel.ok()) << tunnel.error().message;
    port = (*tunnel)->local_port();
    EXPECT_TRUE((*tunnel)->is_open());
    EXPECT_EQ(Greeting(port), "SSH");
    // A host that was not known is remembered.
    EXPECT_TRUE(std::filesystem::exists(options_.known_hosts_file));
  }
  EXPECT_EQ(Greeting(port), "");
}

TEST_F(SshTunnelTest, SaysWhatIsWrong) {
  auto error = [](const SshTunnelOptions& options) {
    auto tunnel = OpenSshTunnel(options);
    return tunnel.ok() ? Error::Invalid("none") : tunnel.error();
  };
  auto other = options_;
  other.key_file = server_["wrong_key"].AsString();
  EXPECT_EQ(error(other).kind, ErrorKind::kInvalid);
  EXPECT_NE(error(other).message.find("does not let us in"), std::string::npos)
      << error(other).message;
  other = options_;
  other.known_hosts_file = server_["wrong_known_hosts"].AsString();
  EXPECT_EQ(error(other).kind, ErrorKind::kInvalid);
  EXPECT_NE(error(other).message.find("is not the one that"), std::string::npos)
      << error(other).message;
  other = options_;
  other.known_hosts_file = (folder_ / "empty").string();
  other.adds_unknown_host = false;
  EXPECT_NE(error(other).message.find("is not known. Add it to"), std::string::npos)
      << error(other).message;
  other = options_;
  other.port = 1;
  EXPECT_EQ(error(other).kind, ErrorKind::kUnavailable);
  EXPECT_NE(error(other).message.find("No ssh server answers"), std::string::npos)
      << error(other).message;
  other = options_;
  other.host = "no-such-host.invalid";
  EXPECT_NE(error(other).message.find("The bastion no-such-host.invalid is not known"),
            std::string::npos)
      << error(other).message;
  other = options_;
  other.host = "-oProxyCommand=touch x";
  EXPECT_EQ(error(other).kind, ErrorKind::kInvalid);
  EXPECT_NE(error(other).message.find("no name of a host"), std::string::npos);
}

TEST_F(SshTunnelTest, SaysWhyItEnded) {
  auto tunnel = OpenSshTunnel(options_);
  ASSERT_TRUE(tunnel.ok()) << tunnel.error().message;
  // What the bastion refuses later is heard as well: nobody listens on the target.
  options_.target_port = 1;
  auto leads_nowhere = OpenSshTunnel(options_);
  ASSERT_TRUE(leads_nowhere.ok()) << leads_nowhere.error().message;
  EXPECT_EQ(Greeting((*leads_nowhere)->local_port()), "");
  EXPECT_NE((*leads_nowhere)->LastWords().find("Connection refused"), std::string::npos)
      << (*leads_nowhere)->LastWords();
}

TEST_F(SshTunnelTest, AMissingProgramIsNamed) {
  std::string path = getenv("PATH");
  setenv("PATH", folder_.c_str(), 1);
  auto tunnel = OpenSshTunnel(options_);
  setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(tunnel.ok());
  EXPECT_EQ(tunnel.error().kind, ErrorKind::kNotFound);
}

TEST_F(SshTunnelTest, AStopEndsTheWait) {
  // A bastion that takes the connection and says nothing.
  int deaf = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(bind(deaf, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(listen(deaf, 8), 0);
  getsockname(deaf, reinterpret_cast<sockaddr*>(&address), &length);
  options_.port = ntohs(address.sin_port);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  auto tunnel = OpenSshTunnel(options_, stop.get_token());
  ASSERT_FALSE(tunnel.ok());
  EXPECT_EQ(tunnel.error().kind, ErrorKind::kInterrupted);
  close(deaf);
}

}  // namespace
}  // namespace andon::io
