// links: andon_lake andon_address andon_iceberg andon_ingest
//
// Any text as the small languages of names: versions of tables, addresses, partitions, types,
// paths of deliveries, options of a CSV file. What is read is printed so that it is read again.
#include "address/address.h"
#include "base/json.h"
#include "driver.h"
#include "iceberg/partition_spec.h"
#include "ingest/csv.h"
#include "ingest/sources/files.h"
#include "lake/reference.h"

using namespace andon;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  auto address = address::Parse(input);
  if (address.ok()) {
    auto again = address::Parse(address::ToString(*address));
    FUZZ_CHECK(again.ok() && *again == *address, input);
    FUZZ_CHECK(address->Contains(*address), input);
  }
  auto reference = lake::ParseTableReference(input);
  if (reference.ok()) {
    std::string text = lake::ToString(reference->at);
    auto again = lake::ParseReference(text);
    FUZZ_CHECK(again.ok() && lake::ToString(*again) == text, input);
  }
  (void)lake::ParseReference(input);
  auto range = lake::ParseReferenceRange(input);
  if (range.ok()) lake::ToString(range->from) + lake::ToString(range->to);
  auto partition = iceberg::ParsePartitionBy(input);
  if (partition.ok()) {
    auto again = iceberg::ParseTransform(iceberg::ToString(partition->transform));
    FUZZ_CHECK(again.ok() && *again == partition->transform, input);
  }
  auto type = iceberg::ParseType(input);
  if (type.ok()) {
    auto again = iceberg::ParseType(iceberg::ToString(*type));
    FUZZ_CHECK(again.ok() && *again == *type, input);
  }
  (void)ingest::CheckTemplate(input);
  ingest::OneFilePerPeriod(input);
  auto json = Json::Parse(input);
  if (json.ok()) (void)ingest::CsvFileOf("x.csv", "x.csv", *json);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {"payment@2..@3",
          "payment@2026-01-01",
          "payment@snapshot:123",
          "payment@run-7",
          "module.eu[\"a\\\"b\"].module.b[0].dataset.x[\"k\"]",
          "data.aws_s3_object.x[3]",
          "bucket(16, id)",
          "month(payment_date)",
          "truncate(4, name)",
          "struct<a: int, b: list<map<string, decimal(5,2)>>>",
          "fixed[16]",
          "deliveries/{table}/{period}/*.csv",
          R"({"delimiter":";","quote":"'","null":"NA","encoding":"latin-1","date_format":"%d"})"};
}

std::vector<std::string> FuzzWords() {
  return {"@",
          "..",
          ".",
          "[",
          "]",
          "\"",
          "\\",
          "(",
          ")",
          "<",
          ">",
          ",",
          " ",
          ":",
          "{table}",
          "{period}",
          "*",
          "/",
          "{",
          "}",
          "0",
          "-1",
          "99999999999999999999",
          "main",
          "snapshot:",
          "module.",
          "data.",
          "struct<",
          "list<",
          "map<",
          "decimal(",
          "é",
          "\xff",
          "\n"};
}
