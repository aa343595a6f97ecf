// What an object has whose provider is mocked: the configuration where it says something, then
// what the test gives, then a value made up. The same answer each time.
//
//   number: 0    bool: false    text: letters and digits    collections: empty    dynamic: null
//
// A test can give what the provider would choose (computed attributes), and nothing else.
#pragma once

#include <string_view>

#include "infratest/test_file.h"
#include "provider/diagnostic.h"
#include "provider/schema.h"

namespace andon::infratest {

struct MockedObject {
  value::Value value;
  provider::AttributeDiagnostics diagnostics;
};

// `config` is the decoded body. Texts depend on `seed` and on nothing else.
MockedObject MockObject(const provider::BlockSchema& schema, const value::Value& config,
                        const Values& given, std::string_view seed);

}  // namespace andon::infratest
