// Expressions as programs read them in a plan: the value of a constant, or what it refers to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hcl/ast.h"
#include "infratext/json_writer.h"
#include "provider/schema.h"

namespace andon::infratext {

// {"constant_value":1}, {"references":["var.a.b","var.a"]}, or {} where it calls functions of
// constants. An expression that was not written gives {} too.
void WriteExpression(hcl::Expression expression, JsonWriter& out);
// Whether WriteExpression has something to say.
bool SaysSomething(hcl::Expression expression);

// The object that a traversal names, without what it reads of it: "module.a", "var.x",
// "aws_vpc.b[0]".
std::string SubjectOf(const hcl::Traversal& traversal);

// The arguments and blocks of a body by name, as one object; nothing where there are none.
// Blocks that are generated (`dynamic`) are not among them.
void WriteExpressions(const hcl::Body& body, const provider::BlockSchema& schema, JsonWriter& out);

}  // namespace andon::infratext
