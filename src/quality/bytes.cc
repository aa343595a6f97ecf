#include "quality/bytes.h"

#include <fmt/format.h>

#include "sql/quote.h"

namespace andon::quality {
namespace {

void AddUp(Bytes* bytes) {
  bytes->all = 0;
  for (const auto& [column, size] : bytes->of_columns) *bytes->all += size;
}

// read_parquet('a.parquet'): what its footers say of it.
void ReadFooters(sql::Session& session, std::string_view relation, Bytes* bytes) {
  constexpr std::string_view kReader = "read_parquet(";
  if (!relation.starts_with(kReader)) return;
  auto sizes = session.Query(
      fmt::format("SELECT split_part(path_in_schema, ', ', 1), sum(total_compressed_size)::BIGINT "
                  "FROM parquet_metadata({} GROUP BY 1",
                  relation.substr(kReader.size())));
  if (!sizes.ok() || sizes->empty()) return;
  for (int64_t row = 0; row < sizes->row_count(); row++)
    bytes->of_columns[sizes->Bytes(row, 0)] += sizes->Integer(row, 1);
  AddUp(bytes);
  bytes->basis = "column sizes in the files' footers";
}

// Of a table that is named; what a query gives has no size.
void ReadTableSize(sql::Session& session, std::string_view relation, Bytes* bytes) {
  if (relation.empty() || relation.starts_with("(")) return;
  auto size = session.Query(fmt::format("SELECT pg_relation_size(to_regclass({}))",
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
    ReadFooters(session, relation, &bytes);
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
