// `schedule` and `timezone`, which several blocks have.
#pragma once

#include "base/diagnostics.h"
#include "builtin/project_view.h"

namespace andon::builtin {

// A schedule is a cron expression or a duration; a time zone is one that this
// machine knows.
void CheckSchedule(const Item& item, Diagnostics* diagnostics);
void CheckTimezone(const Item& item, const std::string& name, std::string_view part,
                   Diagnostics* diagnostics);

}  // namespace andon::builtin
