// Metadata files that were read or written before. A metadata file never changes once it is
// written (its name is new each time), so what was made of it can be kept.
//
//   MetadataCache cache;
//   Table table = TRY(LoadTable(db, files, id, &cache));   // the catalog is asked, the file is not
//
// Thread: any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "iceberg/table_metadata.h"

namespace andon::iceberg {

class MetadataCache {
 public:
  // Of more tables than that, those that were not asked for longest are forgotten.
  static constexpr size_t kTablesMax = 256;

  // Null where it is not known.
  std::shared_ptr<const TableMetadata> Find(const std::string& location);
  // One file is kept for each table (uuid): the last that was put.
  void Put(const std::string& location, const TableMetadata& metadata);

 private:
  struct Entry {
    std::string location;
    std::shared_ptr<const TableMetadata> metadata;
    uint64_t used = 0;
  };

  std::mutex mutex_;                     // Guards all below.
  std::map<std::string, Entry> tables_;  // By uuid.
  std::map<std::string, std::string> uuid_by_location_;
  uint64_t uses_ = 0;
};

}  // namespace andon::iceberg
