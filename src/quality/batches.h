// How a relation falls into batches, and which there are.
//
//   BatchDefinition monthly = TRY(ParseBatches("month(payment_date)"));
//   std::vector<Batch> batches = TRY(ListBatches(session, relation, monthly));
//   batches.back().name;                                    // "2005-08"
//   std::string rows = BatchRelation(relation, batches.back());  // stands behind FROM
//
// The words are those of partitions ("month(payment_date)", "staff_id"), the identifiers those of
// Great Expectations ({"year": 2005, "month": 8}, {"staff_id": 1}).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "sql/session.h"

namespace andon::quality {

// More batches than this are a mistake: a key was meant as a batch.
inline constexpr int64_t kBatchesMax = 10'000;

enum class BatchUnit { kValue, kYear, kMonth, kDay };

struct BatchPart {
  BatchUnit unit = BatchUnit::kValue;
  std::string column;

  bool operator==(const BatchPart&) const = default;
};

// Without parts and without a regular expression: the whole.
struct BatchDefinition {
  std::vector<BatchPart> parts;
  std::string file_regex;  // One batch for each file: quality/batch_files.h.

  bool is_whole() const { return parts.empty() && file_regex.empty(); }
  bool operator==(const BatchDefinition&) const = default;
};

// "whole"; "year(c)", "month(c)", "day(c)"; "c", "a, b", "value(a, b)"; also together, as
// "month(c), b"; "file(REGEX)". Names that are no plain words stand in double quotes. kInvalid says
// what is wrong.
Result<BatchDefinition> ParseBatches(std::string_view text);
// As it is parsed.
std::string ToString(const BatchDefinition& definition);
// What is wrong with the definition for these columns, in a sentence; empty: nothing. `dialect`:
// SQLite keeps times as texts.
std::string BatchesMistake(const BatchDefinition& definition,
                           const std::vector<sql::TableColumn>& columns, sql::Dialect dialect);

// Which batches are meant. Whole: none.
struct BatchChoice {
  BatchDefinition definition;
  std::string name;  // Of one batch; empty: the last one.
  bool all = false;
};

struct Batch {
  std::string name;                   // "2005-08", "1", "2005-08/1"; "null" where there is none.
  Json identifiers = Json::Object();  // {"year": 2005, "month": 8}
  std::string where;                  // In SQL over the relation's columns.
  int64_t rows = -1;                  // -1: not known.
  std::vector<Json> order;            // Batches are ordered by it; nulls come first.
};

// What batches are told apart by, in SQL, for a GROUP BY; one for each part.
// Requires: BatchesMistake() is empty.
std::vector<std::string> BatchKeys(const BatchDefinition& definition,
                                   const std::vector<sql::TableColumn>& columns,
                                   sql::Dialect dialect);
// The batch whose keys stand in the first columns of a row.
Batch BatchOfRow(const BatchDefinition& definition, const std::vector<sql::TableColumn>& columns,
                 sql::Dialect dialect, const sql::ResultSet& rows, int64_t row);
// Nulls first, then by time or value.
void Sort(std::vector<Batch>* batches);

// All batches with their rows, sorted: one statement, which reads the columns of the parts alone.
// kInvalid where the definition does not fit the columns, and for more than kBatchesMax.
Result<std::vector<Batch>> ListBatches(sql::Session& session, std::string_view relation,
                                       const BatchDefinition& definition,
                                       const sql::QueryOptions& options = {});

// The batch of that name, or, where it is empty, the last one. kNotFound names those that there
// are.
Result<Batch> PickBatch(const std::vector<Batch>& batches, std::string_view name);

// The batch's rows as a relation.
std::string BatchRelation(std::string_view relation, const Batch& batch);

// As the reference calls a batch: "files-payment-year_2005-month_8".
std::string BatchId(std::string_view whole, const Json& identifiers);

}  // namespace andon::quality
