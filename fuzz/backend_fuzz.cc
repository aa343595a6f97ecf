// links: andon_backend
//
// Any bytes as what a server answers, as a shared file of AWS, as init's record: nothing crashes,
// and a record that is read is written and read again as the same one.
#include "aws/configuration.h"
#include "backend/record.h"
#include "backend/s3_client.h"
#include "driver.h"
#include "io/memory_file_system.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  for (const std::string& key : backend::ElementsOf(input, "Key"))
    FUZZ_CHECK(key.size() <= input.size(), input);
  (void)aws::FindInProfile(input, "default", "region");
  std::string encoded = aws::UriEncode(input, false);
  FUZZ_CHECK(encoded.find('/') == std::string::npos, input);

  io::MemoryFileSystem files;
  FUZZ_CHECK(files.Write("/w/.terraform/terraform.tfstate", input).ok(), input);
  auto record = backend::ReadRecord(files, "/w");
  if (!record.ok() || !*record) return 0;
  FUZZ_CHECK(backend::IsOf(**record, (*record)->settings), input);
  FUZZ_CHECK(backend::WriteRecord(files, "/w", **record, "1.12.0").ok(), input);
  auto again = backend::ReadRecord(files, "/w");
  FUZZ_CHECK(again.ok() && *again && (*again)->settings == (*record)->settings, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"({"version":3,"backend":{"type":"s3","config":{"bucket":"b","acl":null,"endpoints":{"s3":"x","iam":null},"encrypt":true},"hash":7}})",
      "[default]\nregion = eu-north-1\n# a remark\n[profile x]\nregion=a\n",
      "<ListBucketResult><Key>a&amp;b</Key><IsTruncated>true</IsTruncated></ListBucketResult>",
  };
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"\"version\":3", "\"backend\"", "\"config\"", "\"type\"", "<Key>", "</Key>",
                        "&lt;", "[default]", "region", "="});
}
