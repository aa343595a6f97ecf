// A contract as a page for people.
#pragma once

#include <string>

#include "contract/document.h"

namespace andon::contract {

// Markdown: what it is for, its tables with their columns and rules, its terms, whom it serves.
std::string MarkdownOf(const Document& document);

}  // namespace andon::contract
