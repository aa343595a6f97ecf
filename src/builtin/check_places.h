// Where the tables lie that a check compares with: in the lake, or in a database. A check looks
// into its dataset's own place; some expectations also look into another one.
#pragma once

#include <string>

#include "base/diagnostics.h"
#include "base/json.h"
#include "builtin/project_view.h"

namespace andon::builtin {

// The address of the database that an external dataset is a table of; empty: the lake, and files,
// which are read together.
std::string PlaceOf(const ProjectView& project, const Item& dataset);

// The arguments of a check as they are recorded: a table of a source becomes its name beside the
// source's ("payment", "rental"), as Great Expectations has it. Tables that the check cannot look
// into, and sources that are not there, are told at `call`.
Json WithPlaces(const ProjectView& project, const Item& dataset, const std::string& check,
                const std::string& type, const Json& kwargs, const SourceRange& call,
                Diagnostics* diagnostics);

}  // namespace andon::builtin
