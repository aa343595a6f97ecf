// Sources by the name that checks give them, and as a task carries them.
#pragma once

#include <string_view>

#include "base/json.h"
#include "definition/definition.h"

namespace andon::definition {

// "rental" of source.rental, "shop" of dbt.shop; null where there is none.
const Source* FindSourceNamed(const Project& project, std::string_view name);

// With secrets as references; without positions.
Json ToJson(const Source& source);
Source SourceFromJson(const Json& json);

}  // namespace andon::definition
