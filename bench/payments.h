// The table and the twenty expectations that the benchmarks of checks share.
#pragma once

#include <string>
#include <string_view>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "quality/check.h"
#include "sql/quote.h"

namespace andon {

inline constexpr const char* kTwentyChecks = R"json([
{"type":"expect_column_values_to_be_unique","kwargs":{"column":"payment_id"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"customer_id"}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"amount","min_value":0,"max_value":20}},
{"type":"expect_column_values_to_be_in_set","kwargs":{"column":"staff_id","value_set":[1,2]}},
{"type":"expect_column_values_to_match_regex","kwargs":{"column":"payment_ref","regex":"^PAY-[0-9]{9}$"}},
{"type":"expect_table_row_count_to_be_between","kwargs":{"min_value":1,"max_value":1000000000}},
{"type":"expect_column_mean_to_be_between","kwargs":{"column":"amount","min_value":5,"max_value":8}},
{"type":"expect_column_quantile_values_to_be_between","kwargs":{"column":"amount","quantile_ranges":
  {"quantiles":[0.05,0.5,0.95],"value_ranges":[[0,2],[5,8],[10,12]]}}},
{"type":"expect_column_values_to_be_of_type","kwargs":{"column":"payment_id","type_":"BIGINT"}},
{"type":"expect_compound_columns_to_be_unique","kwargs":{"column_list":["payment_id","rental_id"]}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"payment_id"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"rental_id"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"method","mostly":0.95}},
{"type":"expect_column_values_to_be_in_set","kwargs":{"column":"method","value_set":["cash","card","voucher","wire"]}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"customer_id","min_value":1,"max_value":599}},
{"type":"expect_column_value_lengths_to_equal","kwargs":{"column":"payment_ref","value":13}},
{"type":"expect_column_min_to_be_between","kwargs":{"column":"amount","min_value":0,"max_value":1}},
{"type":"expect_column_max_to_be_between","kwargs":{"column":"amount","min_value":11,"max_value":12}},
{"type":"expect_table_columns_to_match_ordered_list","kwargs":{"column_list":
  ["payment_id","customer_id","staff_id","rental_id","amount","payment_date","payment_ref","method"]}},
{"type":"expect_column_unique_value_count_to_be_between","kwargs":{"column":"customer_id","min_value":599,"max_value":599}}
])json";

// Thirty more, of every kind: statistics, sets, pairs, strings that are unique.
inline constexpr const char* kThirtyMore = R"json([
{"type":"expect_column_stdev_to_be_between",
  "kwargs":{"column":"amount","min_value":3,"max_value":4}},
{"type":"expect_column_sum_to_be_between",
  "kwargs":{"column":"amount","min_value":1,"max_value":1000000000000}},
{"type":"expect_column_median_to_be_between",
  "kwargs":{"column":"amount","min_value":5,"max_value":8}},
{"type":"expect_column_distinct_values_to_equal_set",
  "kwargs":{"column":"staff_id","value_set":[1,2]}},
{"type":"expect_column_distinct_values_to_be_in_set",
  "kwargs":{"column":"amount","value_set":[0.99,1.99,2.99,3.99,4.99,5.99,6.99,7.99,8.99,9.99,10.99,11.99]}},
{"type":"expect_column_distinct_values_to_contain_set",
  "kwargs":{"column":"method","value_set":["cash","card"]}},
{"type":"expect_column_most_common_value_to_be_in_set",
  "kwargs":{"column":"method","value_set":["cash","card","voucher","wire"]}},
{"type":"expect_column_proportion_of_unique_values_to_be_between",
  "kwargs":{"column":"payment_id","min_value":1,"max_value":1}},
{"type":"expect_column_pair_values_a_to_be_greater_than_b",
  "kwargs":{"column_A":"rental_id","column_B":"payment_id","or_equal":true}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"payment_id","min_value":1}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"rental_id","min_value":1}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"amount"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"payment_date"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"staff_id"}},
{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"payment_ref"}},
{"type":"expect_column_values_to_not_be_in_set",
  "kwargs":{"column":"amount","value_set":[0.0,-1.0]}},
{"type":"expect_column_values_to_not_match_regex",
  "kwargs":{"column":"payment_ref","regex":"[a-z]"}},
{"type":"expect_column_value_lengths_to_be_between",
  "kwargs":{"column":"method","min_value":4,"max_value":7}},
{"type":"expect_column_max_to_be_between",
  "kwargs":{"column":"customer_id","min_value":599,"max_value":599}},
{"type":"expect_column_min_to_be_between",
  "kwargs":{"column":"customer_id","min_value":1,"max_value":1}},
{"type":"expect_column_mean_to_be_between",
  "kwargs":{"column":"customer_id","min_value":290,"max_value":310}},
{"type":"expect_column_unique_value_count_to_be_between",
  "kwargs":{"column":"amount","min_value":12,"max_value":12}},
{"type":"expect_column_unique_value_count_to_be_between",
  "kwargs":{"column":"method","min_value":4,"max_value":4}},
{"type":"expect_column_values_to_be_unique","kwargs":{"column":"payment_ref"}},
{"type":"expect_column_to_exist","kwargs":{"column":"method"}},
{"type":"expect_table_column_count_to_equal","kwargs":{"value":8}},
{"type":"expect_column_quantile_values_to_be_between",
  "kwargs":{"column":"customer_id","quantile_ranges":{"quantiles":[0.25,0.75],"value_ranges":[[140,160],[440,460]]}}},
{"type":"expect_column_values_to_match_regex_list",
  "kwargs":{"column":"method","regex_list":["^c","^v","^w"],"match_on":"any"}},
{"type":"expect_column_values_to_be_in_set",
  "kwargs":{"column":"amount","value_set":[0.99,1.99,2.99,3.99,4.99,5.99,6.99,7.99,8.99,9.99,10.99,11.99]}},
{"type":"expect_select_column_values_to_be_unique_within_record",
  "kwargs":{"column_list":["payment_ref","method"]}}
])json";

// The table of the twenty, DVD-rental-like.
inline constexpr const char* kGenerate = R"sql(
COPY (SELECT (i + 1)::BIGINT AS payment_id, (1 + hash(i) % 599)::INTEGER AS customer_id,
             (1 + hash(i * 7 + 1) % 2)::INTEGER AS staff_id, (i + 1 + (hash(i * 13) % 3))::BIGINT AS rental_id,
             ([0.99, 1.99, 2.99, 3.99, 4.99, 5.99, 6.99, 7.99, 8.99, 9.99, 10.99, 11.99])
               [(1 + hash(i * 31 + 5) % 12)::BIGINT]::DECIMAL(7, 2)::DOUBLE AS amount,
             (TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * ((i * 31536000.0 / $ROWS)::BIGINT)) AS payment_date,
             ('PAY-' || lpad((i + 1)::VARCHAR, 9, '0')) AS payment_ref,
             CASE WHEN hash(i * 17) % 100 = 0 THEN NULL
                  ELSE (['cash', 'card', 'voucher', 'wire'])[(1 + hash(i * 3) % 4)::BIGINT] END AS "method"
      FROM range($ROWS) t(i))
TO $FILE (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880))sql";

inline std::string Replace(std::string text, std::string_view what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// Writes the table of that many rows: a year of payments in their order.
inline std::string GenerateSql(int64_t rows, const std::string& file) {
  return Replace(Replace(kGenerate, "$ROWS", std::to_string(rows)), "$FILE",
                 sql::QuoteLiteral(file));
}

inline void AddChecks(const char* text, std::vector<quality::CheckSpec>* checks) {
  Diagnostics mistakes;
  const Json suite = *Json::Parse(text);
  for (const Json& item : suite.items())
    checks->push_back(quality::ReadCheck(std::to_string(checks->size() + 1),
                                         item["type"].AsString(), item["kwargs"], {}, &mistakes));
  if (mistakes.has_errors()) {
    std::fprintf(stderr, "the checks: %s\n", mistakes.begin()->detail.c_str());
    std::exit(1);
  }
}

// The twenty, named by their place from 1. A mistake in them ends the program.
inline std::vector<quality::CheckSpec> TwentyChecks() {
  std::vector<quality::CheckSpec> checks;
  AddChecks(kTwentyChecks, &checks);
  return checks;
}

inline std::vector<quality::CheckSpec> FiftyChecks() {
  std::vector<quality::CheckSpec> checks = TwentyChecks();
  AddChecks(kThirtyMore, &checks);
  return checks;
}

}  // namespace andon
