// How our own commits to Iceberg's catalog tables are told from those of others.
//
// Triggers on iceberg_tables append a fact of kind "foreign_commit" for each row
// that is inserted, moved or deleted, unless the same transaction announced it
// here first. Other tools know nothing of this, so all of theirs are seen, also
// while no Andon runs. The fact's address is "dataset.<table>"; its body has
// action (create, commit, rename, drop), catalog, namespace, table,
// metadata_location and previous_metadata_location.
#pragma once

#include <string>

#include "store/database.h"

namespace andon::store {

// Before the INSERT or UPDATE that sets `metadata_location`, or the UPDATE that
// renames the table that has it, or the DELETE of its row; in the same transaction.
Result<void> ExpectCommit(Transaction& tx, const std::string& metadata_location);

}  // namespace andon::store
