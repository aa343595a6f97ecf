#include "iceberg/metadata_cache.h"

#include <algorithm>

namespace andon::iceberg {

std::shared_ptr<const TableMetadata> MetadataCache::Find(const std::string& location) {
  std::lock_guard lock(mutex_);
  auto uuid = uuid_by_location_.find(location);
  if (uuid == uuid_by_location_.end()) return nullptr;
  Entry& entry = tables_.at(uuid->second);
  entry.used = ++uses_;
  return entry.metadata;
}

void MetadataCache::Put(const std::string& location, const TableMetadata& metadata) {
  auto kept = std::make_shared<const TableMetadata>(metadata);
  std::lock_guard lock(mutex_);
  Entry& entry = tables_[metadata.uuid];
  uuid_by_location_.erase(entry.location);
  uuid_by_location_[location] = metadata.uuid;
  entry = {location, std::move(kept), ++uses_};
  if (tables_.size() <= kTablesMax) return;
  auto oldest = std::min_element(tables_.begin(), tables_.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  });
  uuid_by_location_.erase(oldest->second.location);
  tables_.erase(oldest);
}

}  // namespace andon::iceberg
