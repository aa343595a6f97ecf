// Contracts as HCL: what `andon contract import` prints.
#pragma once

#include <string>

#include "contract/document.h"

namespace andon::contract {

struct HclOptions {
  // The file of the standard, where it stays the truth: `file = …` and `columns =
  // contract.x.columns` instead of everything written down. Empty: everything is written down.
  std::string file;
};

// The source, datasets and contracts that a document stands for; not yet formatted. What no check
// can prove is told in comments.
std::string WriteHcl(const Document& document, const HclOptions& options = {});

// A value as an expression of HCL.
std::string HclExpression(const Json& value, int indent = 0);

}  // namespace andon::contract
