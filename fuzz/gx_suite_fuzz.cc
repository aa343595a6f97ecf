// links: andon_quality
//
// Any bytes as a suite, a row condition, a suite parameter: reading ends with an answer; a suite
// that was read is written and read again as the same; the SQL of a condition holds no statement's
// end outside of its quotes.
#include "base/text.h"
#include "driver.h"
#include "quality/gx/suite.h"

namespace {

using namespace andon;
using namespace andon::quality::gx;

// Outside of '…' and "…".
bool HasStatementEnd(std::string_view sql) {
  char quote = 0;
  for (char c : sql) {
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == ';') {
      return true;
    }
  }
  return false;
}

void CheckSuite(const std::string& input) {
  SuiteOptions options{.filename = "suite.json", .parameters = {{"lo", 1}, {"d", "2026-01-01"}}};
  Diagnostics diagnostics;
  Suite suite = ReadSuite(input, options, &diagnostics);
  for (const Diagnostic& d : diagnostics) {
    FUZZ_CHECK(d.subject.start.byte <= d.subject.end.byte, input);
    FUZZ_CHECK(d.subject.end.byte <= static_cast<int32_t>(input.size()), input);
  }
  if (diagnostics.has_errors()) return;
  std::string once = ToJson(suite).DumpPython();
  Diagnostics again;
  FUZZ_CHECK(ToJson(ReadSuite(once, options, &again)).DumpPython() == once, input);
  FUZZ_CHECK(!again.has_errors(), input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  CheckSuite(input);
  if (!IsUtf8(input)) return 0;
  for (const char* parser : {"pandas", "great_expectations", "spark", ""}) {
    Result<std::string> sql = RowConditionSql(Json(input), parser);
    if (sql.ok()) FUZZ_CHECK(!HasStatementEnd(*sql), input);
  }
  Result<Json> value = EvaluateParameter(input, {.values = {{"lo", 1}, {"d", "2026-01-01"}}});
  if (value.ok()) value->Dump();
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      R"({"name":"s","expectations":[{"type":"expect_column_values_to_be_between","kwargs":{"column":"a","min_value":{"$PARAMETER":"lo + 1"},"mostly":0.5,"row_condition":"b == 'x'","condition_parser":"pandas"},"meta":{},"severity":"warning"}],"meta":{}})",
      R"({"expectations":[{"expectation_type":"expect_column_values_to_be_unique","kwargs":{"column":"a","row_condition":{"type":"and","conditions":[{"type":"comparison","column":{"name":"a"},"operator":"IN","parameter":[1,2]},{"type":"nullity","column":{"name":"b"},"is_null":true}]}}}]})",
      R"({"expectations":[{"type":"expect_column_kl_divergence_to_be_less_than","kwargs":{"column":"a","partition_object":{"bins":[-Infinity,0,Infinity],"weights":[0.5,0.5]},"threshold":0.1}}]})",
      "a > 1 and not (b in ['x', \"y\"] | ~c) & 0 < d <= 5",
      "`a b`.str.contains('x') or a.isin([1, 2]) and b.between(1, 2) and s.str.len() // 2 > 3.5e1",
      "col(\"a\") >= date('2026-01-01')",
      "a BETWEEN 1 AND 2 AND s LIKE 'x;%'",
      "now() - timedelta(weeks=52*100) + timedelta(days=lo)",
      "round(lo / 3, 2) ^ -2 + sgn(d)",
  };
}

std::vector<std::string> FuzzWords() {
  return {"\"$PARAMETER\"",
          "\"type\"",
          "\"kwargs\"",
          "\"row_condition\"",
          "\"condition_parser\"",
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          ",",
          ":",
          "\"",
          "'",
          "\\",
          "`",
          " and ",
          " or ",
          " not ",
          " in ",
          "==",
          "!=",
          "<=",
          "~",
          "&",
          "|",
          "//",
          ".isnull()",
          ".str.len()",
          "col(\"a\")",
          "now()",
          "timedelta(days=1)",
          "datetime(2026, 1, 1)",
          "1e308",
          "-",
          "^",
          ";",
          "--",
          "/*",
          "\xff",
          "é",
          "null",
          "NaN"};
}
