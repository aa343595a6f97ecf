// The JSON syntax of HCL: a text that is an object, whose properties are arguments and
// blocks, and whose strings are templates.
//
//   {"resource": {"aws_instance": {"web": {"ami": "${var.ami}", "count": 2}}}}
//
// JSON does not tell arguments from blocks, nor references from text; whoever reads a
// body knows. So a parsed body has attributes only, one for each property but "//";
// Content and PartialContent (schema.h) make the blocks that their schema names, and the
// static forms (static_form.h) read a reference, a keyword or a call out of a string.
// Blocks, templates and references that were made live as long as the File.
//
// A constant (EvaluateConstant) takes strings as they are; every other evaluation reads
// them as templates.
//
// Thread: pure; what is made later is guarded inside of the File.
#pragma once

#include <string>

#include "hcl/parser.h"

namespace andon::hcl {

// As ParseFile: never fails. Nesting beyond kDepthMax is refused.
ParsedFile ParseJsonFile(std::string filename, std::string text);

// What is wrong with the templates in an expression of a JSON file, each told with its place in
// the file. Nothing for other expressions.
Diagnostics CheckTemplates(Expression expression);

}  // namespace andon::hcl
