// The messages of this folder: one row is one code with its fixed summary. The
// reference page is generated from the table.
#pragma once

#include <string>
#include <string_view>

#include "base/code.h"

namespace andon::hcl {

using andon::Code;

// clang-format off
#define ANDON_HCL_CODES(X)                                                                                                      \
  /* The text. */                                                                                                               \
  X(kBadEncoding,        "AN1001", "Invalid character encoding",       "The file is not UTF-8.") \
  X(kTooDeep,            "AN1002", "Nesting too deep",                 "Blocks or expressions are nested deeper than 256 levels.") \
  X(kTooLarge,           "AN1003", "File too large",                   "The text is longer than 1 GiB.")                        \
  X(kInvalidCharacter,   "AN1004", "Invalid character",                "A character that the language does not use.")           \
  X(kUnsupportedOperator,"AN1005", "Unsupported operator",             "Bitwise operators do not exist.")                       \
  X(kUnterminatedString, "AN1006", "Unterminated string",              "A quoted string, heredoc or comment does not end.")     \
  X(kInvalidString,      "AN1007", "Invalid string",                   "An escape sequence does not exist, or a template stands where only text may.") \
  /* Structure. */                                                                                                              \
  X(kItemRequired,       "AN1008", "Argument or block required",       "Something stands where only an argument or a block may.") \
  X(kMissingNewline,     "AN1009", "Missing newline",                  "Two arguments or blocks stand on one line.")            \
  X(kDuplicateArgument,  "AN1010", "Duplicate argument",               "An argument is set twice in one body.")                 \
  X(kInvalidBlock,       "AN1011", "Invalid block",                    "The head of a block, or a block on one line, is malformed.") \
  X(kUnclosedBlock,      "AN1012", "Unclosed block",                   "The file ends before the closing brace of a block.")    \
  /* Expressions. */                                                                                                            \
  X(kInvalidExpression,  "AN1013", "Invalid expression",               "No expression stands where one must.")                  \
  X(kUnclosedBracket,    "AN1014", "Unclosed bracket",                 "A bracket, brace or parenthesis has no closing one.")   \
  X(kMissingSeparator,   "AN1015", "Missing separator",                "A comma, newline, equals sign or colon is missing between items.") \
  X(kInvalidFor,         "AN1016", "Invalid for expression",           "A for expression is malformed.")                        \
  X(kInvalidTemplate,    "AN1017", "Invalid template",                 "An interpolation or a directive in a string is malformed.") \
  X(kInvalidStep,        "AN1018", "Invalid reference",                "What follows a dot or stands in brackets is no valid step.") \
  X(kInvalidNumber,      "AN1019", "Invalid number",                   "A number cannot be read or has more digits than any number may.") \
  X(kExtraCharacters,    "AN1020", "Extra characters",                 "More text follows a complete expression.")              \
  X(kInvalidJson,        "AN1040", "Invalid JSON",                     "A *.tf.json file is no JSON, or a value in it has not the form of a block.") \
  /* Schema. */                                                                                                                 \
  X(kUnsupportedArgument,"AN1021", "Unsupported argument",             "The block has no argument of this name.")               \
  X(kMissingArgument,    "AN1022", "Missing required argument",        "The block needs an argument that is not set.")          \
  X(kUnsupportedBlock,   "AN1023", "Unsupported block type",           "No block of this type may stand here.")                 \
  X(kWrongLabels,        "AN1024", "Wrong number of labels",           "A block has too many or too few labels.")               \
  /* Evaluation. */                                                                                                             \
  X(kUnknownVariable,    "AN1025", "Unknown name",                     "No variable of this name is in scope.")                 \
  X(kUnsupportedAttribute,"AN1026","Unsupported attribute",            "The value has no attribute of this name.")              \
  X(kInvalidIndex,       "AN1027", "Invalid index",                    "The key finds no element in the value.")                \
  X(kNullValue,          "AN1028", "Unexpected null",                  "A null value stands where a value is needed.")          \
  X(kInvalidOperand,     "AN1029", "Invalid operand",                  "An operator was given a value of another type.")        \
  X(kOperationFailed,    "AN1030", "Operation failed",                 "An operation has no result, as a division by zero.")    \
  X(kInvalidInterpolation,"AN1031","Invalid interpolation",            "A value cannot be put into a string.")                  \
  X(kInvalidCondition,   "AN1032", "Invalid condition",                "A condition is no true or false, or its results differ in type.") \
  X(kInvalidIteration,   "AN1033", "Invalid iteration",                "A for expression or a splat is applied to what has no elements.") \
  X(kDuplicateKey,       "AN1034", "Duplicate key",                    "A for expression produces a key twice.")                \
  X(kInvalidKey,         "AN1035", "Invalid key",                      "A key of an object is no string, is null, or ambiguous.") \
  X(kUnknownFunction,    "AN1036", "Unknown function",                 "No function of this name exists, or none may be called here.") \
  X(kWrongArgumentCount, "AN1037", "Wrong number of arguments",        "A function is called with too many or too few arguments.") \
  X(kInvalidArgument,    "AN1038", "Invalid function argument",        "An argument of a function call does not fit.")          \
  X(kCallFailed,         "AN1039", "Function call failed",             "A function could not give a result.")
// clang-format on

ANDON_DEFINE_CODES(ANDON_HCL_CODES)

inline void Report(Diagnostics& to, const Code& code, std::string detail, SourceRange subject) {
  to.Error(code.code, code.summary, std::move(detail), std::move(subject));
}

}  // namespace andon::hcl
