#include "quality/bytes.h"

#include <fmt/format.h>

#include "sql/quote.h"

namespace andon::quality {
namespace {

void AddUp(Bytes* bytes) {
  bytes->all = 0;
  for (const auto& [column, size] : bytes->of_columns) *bytes->all += size;
}

// What the footers of Parquet files say.
void ReadFooters(sql::Session& session, const std::string& files, Bytes* bytes) {
  // Of folders that give columns ("year=2005") the names are not those of the relation.
  if (files.empty() || files.find('=') != std::string::npos) return;
  auto sizes = session.Query(
      fmt::format("SELECT split_part(path_in_schema, ', ', 1), sum(total_compressed_size)::BIGINT "
                  "FROM parquet_metadata({}) GROUP BY 1",
                  sql::QuoteLiteral(files)));
  if (!sizes.ok() || sizes->empty()) return;
  for (int64_t row = 0; row < sizes->row_count(); row++)
    bytes->of_columns[sizes->Bytes(row, 0)] += sizes->Integer(row, 1);
  AddUp(bytes);
  bytes->basis = "column sizes in the files' footers";
}

// Of files without columns.
void ReadFileSizes(sql::Session& session, const std::string& files, Bytes* bytes) {
  if (files.empty()) return;
  auto size = session.Query(
      fmt::format("SELECT sum(size)::BIGINT FROM read_blob({})", sql::QuoteLiteral(files)));
  if (!size.ok() || size->empty() || size->IsNull(0, 0)) return;
  bytes->all = size->Integer(0, 0);
  bytes->basis = "sizes of the files: text is read whole";
}

// Of a table that is named, with its partitions; a view has no size, nor has what a query gives.
void ReadTableSize(sql::Session& session, std::string_view relation, Bytes* bytes) {
  if (relation.empty() || relation.starts_with("(")) return;
  auto size = session.Query(
      fmt::format("SELECT CASE WHEN relkind IN ('r', 'm') THEN pg_relation_size(oid) "
                  "WHEN relkind = 'p' THEN (SELECT CAST(sum(pg_relation_size(relid)) AS bigint) "
                  "FROM pg_partition_tree(oid)) END FROM pg_class WHERE oid = to_regclass({})",
                  sql::QuoteLiteral(std::string(relation))));
  if (!size.ok() || size->empty() || size->IsNull(0, 0)) return;
  bytes->all = size->Integer(0, 0);
  bytes->basis = "pg_relation_size: a scan reads whole rows";
}

}  // namespace

Bytes BytesOf(sql::Session& session, std::string_view relation, const RunOptions& options) {
  Bytes bytes;
  if (!options.column_bytes.empty()) {
    bytes.of_columns = options.column_bytes;
    AddUp(&bytes);
    bytes.basis = "column sizes of the data files";
  } else if (session.dialect() == sql::Dialect::kDuckDb) {
    ReadFooters(session, options.parquet_files, &bytes);
    ReadFileSizes(session, options.text_files, &bytes);
  } else if (session.dialect() == sql::Dialect::kPostgres) {
    ReadTableSize(session, relation, &bytes);
  }
  return bytes;
}

std::optional<int64_t> BytesRead(const Plan& plan, const Bytes& bytes) {
  if (!bytes.all) return std::nullopt;
  int64_t sum = 0;
  for (const Scan& scan : plan.scans) {
    if (bytes.of_columns.empty()) {
      sum += *bytes.all;
      continue;
    }
    for (const std::string& column : ColumnsRead(plan, scan)) {
      auto size = bytes.of_columns.find(column);
      if (size != bytes.of_columns.end()) sum += size->second;
    }
  }
  return sum;
}

}  // namespace andon::quality
