#include "store/foreign_commit.h"

namespace andon::store {

Result<void> ExpectCommit(Transaction& tx, const std::string& metadata_location) {
  TRY(
      tx.Execute("INSERT INTO iceberg_expected (metadata_location) VALUES (?)"
                 " ON CONFLICT (metadata_location) DO NOTHING",
                 {metadata_location}));
  return {};
}

}  // namespace andon::store
