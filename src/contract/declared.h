// A contract that is declared in HCL, as a document of the standard, and back.
//
// What HCL says once (columns and checks with the dataset, the promise with the contract) is put
// together; what only the standard has words for is the block's `odcs`, laid over the result.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/document.h"
#include "definition/definition.h"

namespace andon::contract {

// The whole of ODCS 3.1. Of a contract with a file: that file. A contract whose dataset does not
// exist has no schema.
Document DocumentOf(const definition::Project& project, const definition::Contract& contract);

// A document as HCL would declare it: a dataset for each of its tables, with a contract each, whose
// `odcs` is what HCL has no words for. DocumentOf of the result has everything of the table's part
// of the document.
struct Declared {
  std::vector<definition::Dataset> datasets;
  std::vector<definition::Contract> contracts;  // One for each dataset, in their order.
  // Of each dataset: rules that no check can prove; they stay in `odcs`.
  std::vector<std::vector<std::string>> unproven;
};
Declared Declare(const Document& document);

// A name as HCL's labels and keys take it: "Order items" is "order_items".
std::string IdentifierOf(std::string_view text);

// `over` laid over `under`: members of objects one by one, lists of things with a name (`name`,
// `property`, `server`, `role`, `username`, `channel`) thing by thing, all else as it is in `over`.
Json Overlay(Json under, const Json& over);
// What must be laid over `under` to have everything of `whole`; nothing where nothing is missing.
std::optional<Json> Remainder(const Json& whole, const Json& under);

// "4h" as a value and a unit of the standard: 4 and "h"; "99.9%" as 99.9 and "%". A text that is
// neither is a value without unit.
struct ValueAndUnit {
  Json value;
  std::string unit;
};
ValueAndUnit SplitUnit(const Json& written);

// The standard's name of an attribute of `sla` and back: "time_to_detect" is "timeToDetect"; empty
// where there is none.
std::string SlaPropertyOf(std::string_view attribute);
std::string SlaAttributeOf(std::string_view property);
// What HCL's `sla` holds of a document's properties.
Json SlaAttributes(const Document& document);
// HCL's `need` of a document's needs.
Json NeedAttributes(const Document& document);

}  // namespace andon::contract
