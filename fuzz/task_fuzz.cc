// links: andon_line
//
// Any text as what a worker is told and what it answers: it is read or refused, and what is read
// is written so that it is read again as itself.
#include "driver.h"
#include "line/task.h"

namespace {

using namespace andon;
using namespace andon::line;

template <typename T>
void CheckAgain(const Result<T>& read, Result<T> (*reader)(const Json&), const std::string& input) {
  if (!read.ok()) return;
  Json once = ToJson(*read);
  Result<T> again = reader(once);
  FUZZ_CHECK(again.ok(), input);
  FUZZ_CHECK(ToJson(*again).Dump() == once.Dump(), input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  Result<Json> json = Json::Parse(input);
  if (!json.ok()) return 0;
  CheckAgain(TaskFromJson(*json), TaskFromJson, input);
  CheckAgain(LoadOutcomeFromJson(*json), LoadOutcomeFromJson, input);
  CheckAgain(CheckOutcomeFromJson(*json), CheckOutcomeFromJson, input);
  CheckAgain(QueryOutcomeFromJson(*json), QueryOutcomeFromJson, input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  Task load;
  load.work = LoadTask{.lake_root = "/lake",
                       .project = "p",
                       .table = "t",
                       .branch = "run-1",
                       .mode = lake::LoadMode::kMerge,
                       .key = {"id"},
                       .columns = {{.name = "id", .type = "long", .required = true}},
                       .summary = {{"andon.run-id", "1"}},
                       .deliveries = {{.id = 3, .file = {.path = "/x.csv", .name = "x.csv"}}}};
  Task check;
  check.work = CheckTask{.lake_root = "/lake",
                         .table = "t",
                         .relation = "SELECT 1 AS id",
                         .columns = {{"id", "long"}},
                         .key = {"id"},
                         .deliveries = {{3, "SELECT 2 AS id"}},
                         .tables = {{"u", "SELECT 3"}}};
  Task query;
  query.work = QueryTask{.sql = "SELECT 1", .rows_max = 10};
  lake::Delta delta{.removed = {"/a.parquet"}, .base_snapshot_id = 4, .rows_delivered = 5};
  delta.added.push_back({.path = "/b.parquet", .record_count = 5});
  LoadOutcome loaded{.deliveries = {{.id = 3, .rows = 5}}, .delta = delta};
  CheckOutcome checked{.deliveries = {{.delivery_id = 3}}, .slices = {{"c", "text", 1, 0.5}}};
  QueryOutcome queried{.columns = {{"a", "INTEGER"}}, .rows = {{"1"}}, .values = {{Json(1)}}};
  return {ToJson(load).Dump(),   ToJson(check).Dump(),   ToJson(query).Dump(),
          ToJson(loaded).Dump(), ToJson(checked).Dump(), ToJson(queried).Dump()};
}

std::vector<std::string> FuzzWords() {
  return WithJsonWords({"1.5", "\"load\"", "\"check\"", "\"merge\"", "\"decimal(5,2)\"",
                        "\"struct\"", "9223372036854775807", "\"fields\":", "\"type\":"});
}
