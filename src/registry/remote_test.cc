// Requests, retries and discovery against a client that answers by heart; and the CLI
// configuration that decides of them.
#include "registry/remote.h"

#include <gtest/gtest.h>

#include "io/memory_file_system.h"
#include "registry/cli_configuration.h"
#include "registry/services.h"
#include "registry/signature.h"

namespace andon::registry {
namespace {

// Answers what it was told, one after the other, the last one for ever; keeps what it was asked.
class Recited : public io::HttpClient {
 public:
  explicit Recited(std::vector<Result<io::HttpResponse>> answers) : answers_(std::move(answers)) {}

  Result<io::HttpResponse> Send(const io::HttpRequest& request) override {
    asked.push_back(request);
    return answers_[std::min(asked.size(), answers_.size()) - 1];
  }

  std::vector<io::HttpRequest> asked;

 private:
  std::vector<Result<io::HttpResponse>> answers_;
};

io::HttpResponse Status(int status, std::string body = {}) {
  return {.status = status, .body = std::move(body)};
}

RemoteOptions Quick(int retries) { return {.retries = retries, .pause = Duration(1)}; }

TEST(Remote, AsksAgainWhereItMayHelp) {
  struct Case {
    std::vector<Result<io::HttpResponse>> answers;
    int retries;
    size_t asked;
    int status;  // 0: an error.
  } cases[] = {
      {{Status(200)}, 3, 1, 200},
      {{Status(404)}, 3, 1, 404},
      {{Status(501)}, 3, 1, 501},
      {{Status(503), Status(429), Status(200)}, 3, 3, 200},
      {{Error::Unavailable("cut"), Status(200)}, 1, 2, 200},
      {{Error::Unavailable("cut")}, 2, 3, 0},
      {{Error::Invalid("no address")}, 2, 1, 0},
      {{Status(500)}, 0, 1, 0},
  };
  for (Case& c : cases) {
    Recited client(c.answers);
    auto answer = Remote(client, Quick(c.retries)).Get("https://h/x");
    EXPECT_EQ(client.asked.size(), c.asked);
    EXPECT_EQ(answer.ok() ? answer->status : 0, c.status);
  }
}

TEST(Remote, SendsATokenOverTlsOnly) {
  Recited client({Status(200)});
  Remote remote(client, Quick(0));
  ASSERT_TRUE(remote.Get("https://h/x", "secret").ok());
  ASSERT_TRUE(remote.Get("http://h/x", "secret").ok());
  EXPECT_EQ(client.asked[0].headers.size(), 1u);
  EXPECT_TRUE(client.asked[1].headers.empty());
}

TEST(Remote, EndsWithItsStop) {
  std::stop_source stop;
  stop.request_stop();
  Recited client({Status(503)});
  RemoteOptions options{.retries = 9, .pause = std::chrono::hours(1), .stop = stop.get_token()};
  EXPECT_EQ(Remote(client, options).Get("https://h/x").error().kind, ErrorKind::kInterrupted);
}

TEST(Services, AreAskedOnceAndResolved) {
  Recited client({Status(200, R"({"providers.v1":"/p","modules.v2":"https://m/","x":7})")});
  Remote remote(client, Quick(0));
  CliConfiguration configuration;
  configuration.tokens["h"] = "secret";
  Services services(remote, configuration);
  EXPECT_EQ(*services.Find("h", "providers.v1"), "https://h/p/");
  EXPECT_EQ(*services.Find("H", "providers.v1"), "https://h/p/");
  EXPECT_EQ(services.Find("h", "modules.v1").error().kind, ErrorKind::kNotFound);
  ASSERT_EQ(client.asked.size(), 1u);
  EXPECT_EQ(client.asked[0].url, "https://h/.well-known/terraform.json");
  EXPECT_EQ(client.asked[0].headers[0].second, "Bearer secret");
}

TEST(Services, SayWhyThereAreNone) {
  struct Case {
    Result<io::HttpResponse> answer;
    ErrorKind kind;
  } cases[] = {
      {Status(404), ErrorKind::kNotFound},
      {Status(401), ErrorKind::kInvalid},
      {Status(302), ErrorKind::kInvalid},
      {Status(200, "<html>"), ErrorKind::kInvalid},
      {Status(200, R"({"providers.v1":"ftp://h/"})"), ErrorKind::kNotFound},
      {Error::Unavailable("cut"), ErrorKind::kUnavailable},
  };
  for (const Case& c : cases) {
    Recited client({c.answer});
    Remote remote(client, Quick(0));
    CliConfiguration configuration;
    auto found = Services(remote, configuration).Find("h", "providers.v1");
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().kind, c.kind) << found.error().message;
  }
}

Result<CliConfiguration> Read(const std::string& text, Environment environment = {}) {
  io::MemoryFileSystem files;
  EXPECT_TRUE(files.Write("/c.tfrc", text).ok());
  environment["TF_CLI_CONFIG_FILE"] = "/c.tfrc";
  return ReadCliConfiguration(files, environment);
}

TEST(CliConfiguration, IsRead) {
  auto read = Read(R"(
plugin_cache_dir = "$HOME/cache/$NAME"
plugin_cache_may_break_dependency_lock_file = true
credentials "Example.com" { token = "t" }
host "h" { services = { "providers.v1" = "https://x/" } }
provider_installation {
  dev_overrides { "a/b" = "/dev/b" }
  filesystem_mirror {
    path    = "/m"
    include = ["a/*"]
  }
  network_mirror { url = "https://n/x" }
  direct { exclude = ["*/*/c"] }
}
)",
                   {{"HOME", "/home"},
                    {"NAME", "n"},
                    {"TF_TOKEN_my__host_example_org", "u"},
                    {"TF_REGISTRY_CLIENT_TIMEOUT", "7"},
                    {"TF_REGISTRY_DISCOVERY_RETRY", "junk"}});
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->plugin_cache_dir, "/home/cache/n");
  EXPECT_TRUE(read->may_break_lock_file);
  EXPECT_EQ(read->tokens, (Tokens{{"example.com", "t"}, {"my-host.example.org", "u"}}));
  EXPECT_EQ(read->hosts["h"]["providers.v1"], "https://x/");
  EXPECT_EQ(read->remote.request_limit, std::chrono::seconds(7));
  EXPECT_EQ(read->remote.retries, 1);
  EXPECT_EQ(read->dev_overrides.size(), 1u);
  ASSERT_EQ(read->methods->size(), 3u);
  const auto& methods = *read->methods;
  config::ProviderAddress ab{"registry.opentofu.org", "a", "b"};
  config::ProviderAddress bc{"example.com", "b", "c"};
  EXPECT_TRUE(methods[0].Offers(ab));
  EXPECT_FALSE(methods[0].Offers(bc));
  EXPECT_EQ(methods[1].location, "https://n/x/");
  EXPECT_TRUE(methods[2].Offers(ab));
  EXPECT_FALSE(methods[2].Offers(bc));
}

TEST(CliConfiguration, SaysWhereItIsWrong) {
  struct Case {
    const char *text, *wanted;
  } cases[] = {
      {"provider_installation {\n  filesystem_mirror {}\n}\n", "/c.tfrc:2:3: "},
      {"provider_installation {\n  network_mirror {\n    url = \"http://x\"\n  }\n}\n",
       "/c.tfrc:2:3: "},
      {"provider_installation {\n  ftp {}\n}\n", "/c.tfrc:2:3: "},
      {"provider_installation {\n  direct {\n    include = [\"a\"]\n  }\n}\n", "/c.tfrc:2:3: "},
      {"provider_installation {}\nprovider_installation {}\n", "/c.tfrc:2:1: "},
      {"provider_installation {\n  dev_overrides {\n    \"a/b\" = 1\n  }\n}\n", "/c.tfrc:2:3: "},
      {"credentials_helper \"x\" {}\n", "/c.tfrc:1:1: "},
      {"host \"h\" {\n  services = 1\n}\n", "/c.tfrc:2:3: "},
      {"host {", "/c.tfrc:1:"},
  };
  for (const Case& c : cases) {
    auto read = Read(c.text);
    ASSERT_FALSE(read.ok()) << c.text;
    EXPECT_TRUE(read.error().message.starts_with(c.wanted)) << read.error().message;
  }
}

TEST(CliConfiguration, TakesPathsThatAreTexts) {
  EXPECT_FALSE(Read("plugin_cache_dir = []\n").ok());
  EXPECT_FALSE(Read("plugin_cache_dir = \"${x}\"\n").ok());
}

TEST(Signature, NeedsAKeyAndASignature) {
  EXPECT_FALSE(FindSigner("document", "signature", {}, {}).ok());
  EXPECT_FALSE(FindSigner("document", "signature", {"no key"}, {}).ok());
  EXPECT_FALSE(FindSigner("", "", {""}, {}).ok());
}

}  // namespace
}  // namespace andon::registry
