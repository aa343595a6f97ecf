#include "store/database.h"

namespace andon::store {

Result<std::optional<Row>> QueryOne(Transaction& tx, std::string_view sql, const Params& params) {
  auto rows = TRY(tx.Query(sql, params));
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

Result<int64_t> Database::Execute(std::string_view sql, const Params& params) {
  return Write([&](Transaction& tx) { return tx.Execute(sql, params); });
}

Result<Rows> Database::Query(std::string_view sql, const Params& params) {
  return Read([&](Transaction& tx) { return tx.Query(sql, params); });
}

}  // namespace andon::store
