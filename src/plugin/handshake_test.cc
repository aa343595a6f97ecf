#include "plugin/handshake.h"

#include <gtest/gtest.h>

#include "plugin/log_line.h"
#include "plugin/plugin.h"

namespace andon::plugin {
namespace {

TEST(Handshake, SaysHowToReachThePlugin) {
  auto plain = ParseHandshake("1|5|unix|/tmp/plugin123|grpc|\r\n");
  ASSERT_TRUE(plain.ok()) << plain.error().message;
  EXPECT_EQ(plain->protocol, Protocol::kV5);
  EXPECT_TRUE(plain->endpoint.is_unix);
  EXPECT_EQ(plain->endpoint.address, "/tmp/plugin123");
  EXPECT_EQ(plain->certificate, "");
  // Without padding, and a seventh field that nobody asked for.
  std::string certificate(64, 'A');
  auto secret = ParseHandshake("1|6|tcp|127.0.0.1:1234|grpc|" + certificate + "AA|true");
  ASSERT_TRUE(secret.ok()) << secret.error().message;
  EXPECT_EQ(secret->protocol, Protocol::kV6);
  EXPECT_FALSE(secret->endpoint.is_unix);
  EXPECT_EQ(secret->certificate, std::string(49, '\0'));
}

TEST(Handshake, RefusesGarbageAndOtherVersionsWithWhatToDo) {
  struct Row {
    std::string line;
    const char* message;
  };
  const std::vector<Row> rows = {
      {"",
       "it did not introduce itself as a plugin does, but said \"\": is the file a provider, "
       "built for this system?"},
      {"hello\x01\x7f",
       "it did not introduce itself as a plugin does, but said \"hello??\": is the "
       "file a provider, built for this system?"},
      {"\xff|\xfe",
       "it did not introduce itself as a plugin does, but said \"bytes that are no "
       "text\": is the file a provider, built for this system?"},
      {"2|6|unix|/x|grpc|",
       "it was built for version 2 of the plugin handshake, and only version 1 "
       "is understood: use another version of the provider"},
      {"1|4|unix|/x|grpc|",
       "it speaks version 4 of the provider protocol, and versions 5 and 6 are "
       "understood: use a newer version of it"},
      {"1|7|unix|/x|grpc|",
       "it speaks version 7 of the provider protocol, and versions 5 and 6 are "
       "understood: use a different version of it"},
      {"1|6|pigeon|/x|grpc|",
       "it listens on \"pigeon\", and only \"unix\" and \"tcp\" are understood"},
      {"1|6|unix||grpc|", "it does not say at which address it listens"},
      {"1|6|unix|/x",
       "it talks by \"netrpc\", and only \"grpc\" is understood: use a newer version "
       "of the provider"},
      {"1|6|unix|/x|grpc|" + std::string(60, '!'), "the certificate that it gave cannot be read"},
  };
  for (const Row& row : rows) {
    auto parsed = ParseHandshake(row.line);
    ASSERT_FALSE(parsed.ok()) << row.line;
    EXPECT_EQ(parsed.error().message, row.message);
  }
  auto longer = ParseHandshake(std::string(1000, 'x'));
  EXPECT_LT(longer.error().message.size(), 300u);
}

TEST(LogLine, HasALevelInThreeForms) {
  LogLine json = ParseLogLine(
      R"({"@level":"warn","@message":"careful","@module":"sdk","@timestamp":"2026-01-01"})");
  EXPECT_EQ(json.level, LogLevel::kWarn);
  EXPECT_EQ(json.message, "careful");
  EXPECT_EQ(json.module, "sdk");
  LogLine bracket = ParseLogLine("[ERROR] it broke");
  EXPECT_EQ(bracket.level, LogLevel::kError);
  EXPECT_EQ(bracket.message, "it broke");
  EXPECT_EQ(ParseLogLine("panic: runtime error").level, LogLevel::kError);
  LogLine other = ParseLogLine("[whatever] {not json");
  EXPECT_EQ(other.level, LogLevel::kDebug);
  EXPECT_EQ(other.message, "[whatever] {not json");
  EXPECT_EQ(ParseLogLine("{\"a\":1}").message, "{\"a\":1}");
  EXPECT_EQ(LevelOf(R"( {"@level":"warn","@message":"m"})"), LogLevel::kWarn);
  EXPECT_EQ(LevelOf(R"({"@level":"warn)"), LogLevel::kWarn);
  EXPECT_EQ(LevelOf("{\"@level\":\""), LogLevel::kDebug);
  EXPECT_EQ(LevelOf("[ERROR] x"), LogLevel::kError);
}

TEST(Reattach, IsReadFromTheEnvironmentsJson) {
  auto read = ReadReattach(R"({"example.com/a/b": {"Protocol": "grpc", "ProtocolVersion": 6,
      "Pid": 42, "Test": true, "Addr": {"Network": "unix", "String": "/tmp/s"}}})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  const Reattach& one = read->at("example.com/a/b");
  EXPECT_EQ(one.protocol, Protocol::kV6);
  EXPECT_EQ(one.endpoint.address, "/tmp/s");
  EXPECT_EQ(one.pid, 42);
  EXPECT_TRUE(ReadReattach("")->empty());
  EXPECT_FALSE(ReadReattach("[]").ok());
  EXPECT_FALSE(ReadReattach("{").ok());
  auto other = ReadReattach(R"({"p": {"Protocol": "netrpc"}})");
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().message,
            "TF_REATTACH_PROVIDERS, \"p\": its Protocol is \"netrpc\", and only \"grpc\" is "
            "understood");
}

}  // namespace
}  // namespace andon::plugin
