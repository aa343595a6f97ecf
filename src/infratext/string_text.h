// Texts inside differences: one line in quotes, several lines one by one, JSON as what it says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infra/plan.h"
#include "value/value.h"

namespace andon::infratext {

// What a text that is a JSON object or array says; empty for all else.
std::optional<value::Value> JsonIn(const value::Value& value);

bool IsMultiline(const value::Value& value);

// A null, bool or number as it is, a text in quotes.
std::string SimpleText(const value::Value& value);

struct TextLine {
  infra::Action action = infra::Action::kNoOp;  // Taken out, put in, or neither.
  std::string text;                             // Control characters escaped.
};

// The lines of a text of which at least one side has several. Of what is there on one side only
// (kCreate, kDelete) no line has an action of its own. White space around the text is left out,
// unless nothing else differs.
std::vector<TextLine> DifferLines(const value::Value& before, const value::Value& after,
                                  infra::Action action);

}  // namespace andon::infratext
