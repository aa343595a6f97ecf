// Sends what the outbox holds through the channels that the project declares. Secrets in their
// settings are resolved here, at the last moment, and are in no message, fact or error.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "definition/definition.h"
#include "notify/deliver.h"
#include "store/database.h"

namespace andon::board {

// One pass over what is due. A channel whose settings or secrets are wrong keeps its messages
// queued, and `problems` (where given) says why, without the secret.
Result<notify::Delivered> DeliverOutbox(store::Database& db, const definition::Project& project,
                                        const std::string& project_dir, const Clock& clock,
                                        std::vector<std::string>* problems = nullptr);

}  // namespace andon::board
