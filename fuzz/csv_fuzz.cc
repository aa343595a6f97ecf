// links: andon_ingest
//
// Any bytes as a delivered CSV file: its header is read or refused with a sentence; where no row
// is at fault, all of it can be read as the declared columns, and where one is, it is named.
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "driver.h"
#include "ingest/csv.h"

namespace {

using namespace andon;
using namespace andon::ingest;

// One file for the process, written anew for each input.
struct Desk {
  std::string path =
      std::filesystem::temp_directory_path().string() + "/andon-fuzz-" + RandomUuid() + ".csv";
  sql::Engine engine = *sql::Engine::Open({.threads = 1});
  sql::Connection connection = *engine.Connect();
  ~Desk() { std::filesystem::remove(path); }
};

const std::vector<definition::Column>& Columns() {
  static const std::vector<definition::Column> columns = {
      {.name = "id", .type = "long"},
      {.name = "amount", .type = "decimal(5,2)"},
      {.name = "at", .type = "timestamp"},
      {.name = "n", .type = "int"},
      {.name = "name", .type = "string"}};
  return columns;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Desk desk;
  std::string input(reinterpret_cast<const char*>(data), size);
  std::ofstream(desk.path, std::ios::binary | std::ios::trunc) << input;
  CsvFile file = *CsvFileOf(desk.path, "x.csv", Json::Object());
  auto header = ReadHeader(desk.connection, file);
  if (!header.ok()) {
    FUZZ_CHECK(header.error().kind == ErrorKind::kInvalid, input);
    FUZZ_CHECK(header.error().message.find("x.csv") != std::string::npos, input);
    return 0;
  }
  auto bad = FindBadRows(desk.connection, file, *header, Columns());
  FUZZ_CHECK(bad.ok(), input);
  if (*bad) {
    FUZZ_CHECK((*bad)->sentence.find("x.csv cannot be read") == 0, input);
    FUZZ_CHECK(IsUtf8((*bad)->sentence), input);
    FUZZ_CHECK(ToJson(UnreadableFromJson(ToJson(**bad))) == ToJson(**bad), input);
    return 0;
  }
  auto relation = CsvRelation(file, *header, Columns());
  FUZZ_CHECK(relation.ok(), input);
  auto read = desk.connection.Query("SELECT count(COLUMNS(*)) FROM (" + *relation + ")");
  FUZZ_CHECK(read.ok(), input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "id,amount,at,n,name\n1,2.99,2005-08-01 10:00:00,3,a\n2,-0.50,2005-08-01T10:00:00,,\"b,c\"\n",
      "\xEF\xBB\xBFid,name\r\n1,\"x \"\"y\"\"\"\r\n2,\r\n",
      "id,amount,at,n,name,extra\n1,1,2005-08-01,1,\"two\nlines\",z\n",
      "\"id\",\"na me\",name\n5,6,7\n", "id\n\n1\n"};
}

std::vector<std::string> FuzzWords() {
  return {",",       "\"",   "\"\"", "\n",           "\r\n",
          "\r",      "id",   "name", "amount",       "1.999",
          "9999999", "-1",   "\xff", "\xEF\xBB\xBF", std::string(1, '\0'),
          "\x01",    "\x02", "NULL", "2005-02-30",   ";",
          "\t",      "é",    " ",    "1e5",          "0x10",
          "'",       "\\"};
}
