// Reading delivered CSV files: strictly, with the declared types, by DuckDB.
//
//   CsvFile file{.path = "deliveries/payment-2005-08.csv"};
//   auto header = TRY(ReadHeader(connection, file));                  // {"payment_id", …}
//   auto relation = CsvRelation(file, header, dataset.columns);       // SELECT … FROM read_csv(…)
//   // When a query over the relation fails:
//   if (auto bad = TRY(FindBadRows(connection, file, header, dataset.columns))) …
//
// What does not fit is never dropped, padded or guessed: the whole file is refused, and the rows
// that are at fault are named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "sql/engine.h"

namespace andon::ingest {

// A line longer than this makes a file unreadable.
inline constexpr int64_t kCsvLineMax = 2'000'000;

struct CsvFile {
  std::string path;  // Where it is.
  std::string name;  // For messages: relative to the project.
  std::string delimiter = ",";
  std::string quote = "\"";
  std::string escape = "\"";
  std::string null;  // What stands for null, unquoted; default: nothing.
  std::string encoding = "utf-8";
  std::string timestamp_format;  // strptime's; empty: ISO 8601.
  std::string date_format;
};

// The file as the source's options (delimiter, quote, escape, null, encoding, timestamp_format,
// date_format) have it. kInvalid for an option that cannot be.
Result<CsvFile> CsvFileOf(std::string path, std::string name, const Json& options);

// One thing wrong with one row.
struct BadRow {
  int64_t line = 0;    // In the file, from 1; the header is line 1. 0: the file as a whole.
  std::string column;  // May be empty.
  std::string value;   // An excerpt; may be empty.
  std::string reason;  // "is no decimal(5,2)", "has 4 of 6 columns".
};

// Why a file cannot be read. `sentence` says it whole, with what to do.
struct Unreadable {
  std::string file;
  std::vector<BadRow> rows;  // The first ones.
  int64_t rows_total = 0;    // Of bad rows; at least.
  bool is_cut_off = false;   // The last line ends in the middle of a row.
  std::string sentence;
};
// The sentence without what to do: for a file that nobody delivers to Andon.
std::string WhatIsWrong(const Unreadable& unreadable);
Json ToJson(const Unreadable& unreadable);
Unreadable UnreadableFromJson(const Json& json);

// The names in the first line, as they stand there. kInvalid with a whole sentence where the
// file is empty, its header is no text, or names a column twice.
Result<std::vector<std::string>> ReadHeader(sql::Connection& connection, const CsvFile& file);

// Columns as the file types itself, for a dataset that declares none.
Result<std::vector<definition::Column>> InferColumns(sql::Connection& connection,
                                                     const CsvFile& file);

// A SELECT of `columns` in their order, typed. A column that the header does not have is null;
// columns that are not declared are left out (the contract decides about both before).
// kInvalid for a column type that no file can hold.
Result<std::string> CsvRelation(const CsvFile& file, const std::vector<std::string>& header,
                                const std::vector<definition::Column>& columns);

// Reads the whole file to find what is wrong with it; nothing where it is fine.
Result<std::optional<Unreadable>> FindBadRows(sql::Connection& connection, const CsvFile& file,
                                              const std::vector<std::string>& header,
                                              const std::vector<definition::Column>& columns);

// A file that cannot be read for a reason that has no row.
Unreadable UnreadableBecause(const CsvFile& file, std::string reason);

}  // namespace andon::ingest
