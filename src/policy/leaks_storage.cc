// How what is stored is kept.
#include <fmt/format.h>

#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

// The argument that encrypts, by type. Where it is not set, nothing is encrypted.
struct Encryption {
  std::string_view type;
  const char* argument;
};
constexpr Encryption kEncryptions[] = {
    {"aws_db_instance", "storage_encrypted"},
    {"aws_docdb_cluster", "storage_encrypted"},
    {"aws_ebs_volume", "encrypted"},
    {"aws_efs_file_system", "encrypted"},
    {"aws_elasticache_replication_group", "at_rest_encryption_enabled"},
    {"aws_neptune_cluster", "storage_encrypted"},
    {"aws_rds_cluster", "storage_encrypted"},
    {"aws_redshift_cluster", "encrypted"},
};

// Of a copy or a restored one the original decides.
bool IsCopy(const Item& body) {
  for (const char* name : {"replicate_source_db", "snapshot_identifier", "snapshot_id",
                           "replication_source_identifier", "global_cluster_identifier"}) {
    const Field* field = body.Find(name);
    if (field != nullptr && !field->value.is_null()) return true;
  }
  return false;
}

void FindUnencrypted(const Subject& subject, std::vector<Leak>* leaks) {
  for (const Encryption& e : kEncryptions) {
    if (e.type != subject.type || !subject.body.IsOff(e.argument) || IsCopy(subject.body)) continue;
    leaks->push_back({subject.body.RangeOf(e.argument),
                      fmt::format("{} is {}.", e.argument,
                                  subject.body.Is(e.argument, false) ? "false" : "not set")});
  }
}

// An account may encrypt by default, so only what says no is told.
void FindUnencryptedDisks(const Subject& subject, std::vector<Leak>* leaks) {
  for (const char* name : {"root_block_device", "ebs_block_device"}) {
    for (const Item& device : subject.body.Items(name)) {
      const Field* encrypted = device.Find("encrypted");
      if (encrypted != nullptr && device.Is("encrypted", false))
        leaks->push_back({encrypted->range, fmt::format("{} is not encrypted.", name)});
    }
  }
}

}  // namespace

const std::vector<LeakRule> kStorageLeaks = {
    {.id = "unencrypted-storage",
     .code = "AN5121",
     .summary = "Storage is not encrypted",
     .meaning = "A database, volume or file system keeps its data unencrypted.",
     .cure = "Encrypt it; most cannot be encrypted later without being made anew",
     .types = {"aws_db_instance", "aws_docdb_cluster", "aws_ebs_volume", "aws_efs_file_system",
               "aws_elasticache_replication_group", "aws_neptune_cluster", "aws_rds_cluster",
               "aws_redshift_cluster"},
     .find = FindUnencrypted},
    {.id = "unencrypted-disk",
     .code = "AN5122",
     .summary = "Storage is not encrypted",
     .meaning = "A disk of an instance says that it is not encrypted.",
     .cure = "Set encrypted to true",
     .types = {"aws_instance", "aws_launch_template"},
     .find = FindUnencryptedDisks},
};

}  // namespace andon::policy
