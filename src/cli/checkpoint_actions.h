// What a checkpoint does once it has judged.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/world.h"
#include "definition/definition.h"
#include "validation/validation.h"

namespace andon::cli {

// "docs site", "notify channel.line on failure", "report junit:payments.xml".
std::string ActionText(const definition::Checkpoint::Action& action);

// Keeps the validations, which receive their numbers, and, in the same transaction, puts into the
// outbox what the checkpoint's channels are to be told.
Result<void> RecordWithNotices(store::Database& db, const definition::Project& project,
                               const definition::Checkpoint& checkpoint, Timestamp now,
                               std::vector<validation::Validation>* validations);

// Builds the pages and writes the reports that the outcome asks for, and sends what is in the
// outbox. What fails is told on standard error and stops no other action; false where a page or a
// report failed. `prints`: a line for each action that is done.
bool RunActions(Context& context, OpenedWorld& world, const definition::Checkpoint& checkpoint,
                const std::vector<validation::Validation>& validations, bool prints);

}  // namespace andon::cli
