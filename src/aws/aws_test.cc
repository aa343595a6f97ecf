#include <gtest/gtest.h>

#include <cstdlib>

#include "aws/configuration.h"
#include "aws/signature.h"
#include "io/memory_file_system.h"

namespace andon::aws {
namespace {

// The examples of the description of Signature Version 4 for S3.
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};

std::string SignatureOf(io::HttpRequest request) {
  Sign(kExample, "us-east-1", "s3", *ParseTimestamp("2013-05-24T00:00:00Z"), &request);
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") return value.substr(value.find("Signature=") + 10);
  }
  return {};
}

TEST(AwsSignature, IsThatOfThePublishedExamples) {
  EXPECT_EQ(SignatureOf({.url = "https://examplebucket.s3.amazonaws.com/test.txt",
                         .headers = {{"Range", "bytes=0-9"}}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(SignatureOf({.url = "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J"}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  EXPECT_EQ(SignatureOf({.method = "PUT",
                         .url = "https://examplebucket.s3.amazonaws.com/test%24file.text",
                         .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                         .body = "Welcome to Amazon S3."}),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(AwsSignature, EncodesAllButWhatIsPlain) {
  EXPECT_EQ(UriEncode("env:/a b/ü~_.-", true), "env%3A/a%20b/%C3%BC~_.-");
  EXPECT_EQ(UriEncode("a/b=", false), "a%2Fb%3D");
}

class ConfigurationTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                             "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"})
      unsetenv(name);
    setenv("HOME", "/home", 1);
    ASSERT_TRUE(files_
                    .Write("/home/.aws/credentials",
                           "[default]\naws_access_key_id = D\naws_secret_access_key=ds\n"
                           "# a remark\n[work]\naws_access_key_id=W\naws_secret_access_key=ws\n"
                           "aws_session_token=wt\n")
                    .ok());
    ASSERT_TRUE(files_
                    .Write("/home/.aws/config",
                           "[default]\nregion = eu-north-1\n[profile work]\nregion=us-west-2\n")
                    .ok());
  }

  std::string Read(const Choice& choice) {
    auto found = ReadConfiguration(choice, files_);
    if (!found.ok()) return found.error().message;
    return fmt::format("{}/{}/{} {}", found->credentials.access_key, found->credentials.secret_key,
                       found->credentials.token, found->region);
  }

  io::MemoryFileSystem files_;
};

TEST_F(ConfigurationTest, ArgumentsWinOverTheEnvironmentAndThatOverProfiles) {
  EXPECT_EQ(Read({}), "D/ds/ eu-north-1");
  EXPECT_EQ(Read({.profile = "work"}), "W/ws/wt us-west-2");
  setenv("AWS_PROFILE", "work", 1);
  EXPECT_EQ(Read({}), "W/ws/wt us-west-2");
  setenv("AWS_ACCESS_KEY_ID", "E", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "es", 1);
  setenv("AWS_REGION", "ap-east-1", 1);
  EXPECT_EQ(Read({}), "E/es/ ap-east-1");
  EXPECT_EQ(Read({.profile = "work"}), "W/ws/wt ap-east-1");
  EXPECT_EQ(Read({.credentials = {"A", "as", ""}, .region = "r"}), "A/as/ r");
}

TEST_F(ConfigurationTest, WhatIsMissingIsNamed) {
  ASSERT_TRUE(files_.RemoveAll("/home/.aws").ok());
  EXPECT_NE(Read({}).find("No region"), std::string::npos);
  EXPECT_NE(Read({.region = "r"}).find("No keys for AWS"), std::string::npos);
}

}  // namespace
}  // namespace andon::aws
