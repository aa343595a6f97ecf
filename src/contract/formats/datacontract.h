// The Data Contract Specification (datacontract.com, versions 0.9 to 1.2), read only.
#pragma once

#include "base/json.h"

namespace andon::contract {

// True for what has `dataContractSpecification`.
bool IsDataContractSpecification(const Json& document);

// The same contract in the Open Data Contract Standard. Models become tables, fields columns with
// their definitions ($ref within the document) put in, terms and service levels those of the
// standard; what the standard has no word for is kept as custom properties.
Json OdcsFromDataContractSpecification(const Json& document);

}  // namespace andon::contract
