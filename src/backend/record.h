// What init remembers of a folder's backend: `.terraform/terraform.tfstate`, in the form of
// Terraform and OpenTofu, so that each finds what the other initialised. Arguments given by
// -backend-config stand in it too, secrets among them, as there: keys are better given by the
// environment.
#pragma once

#include <optional>

#include "backend/settings.h"
#include "io/file_system.h"

namespace andon::backend {

struct Record {
  Settings settings;  // Complete: with what -backend-config added.
  uint64_t hash = 0;  // HashOf of the block alone, where Andon wrote the record.
};

// Empty where init has not set a backend. kCorrupt where the file cannot be read.
Result<std::optional<Record>> ReadRecord(const io::FileSystem& files, const std::string& dir);
Result<void> WriteRecord(io::FileSystem& files, const std::string& dir, const Record& record,
                         std::string_view language_version);
Result<void> RemoveRecord(io::FileSystem& files, const std::string& dir);

// Whether the record is of this block: made of it, or with all that it says.
bool IsOf(const Record& record, const Settings& block);

}  // namespace andon::backend
