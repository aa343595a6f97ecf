// References as values: what `team.payments`, `source.x.table.y` and
// `dataset.a.column.b` evaluate to. They are plain objects, so that they pass
// through locals, lists and conditionals like everything else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value/value.h"

namespace andon::config {

// The attribute that makes an object a reference.
inline constexpr std::string_view kAddress = "address";

// An object of the project: its address and name, and such attributes as were asked for.
value::Value ObjectReference(std::string_view address, value::Value::Members attributes = {});
// {source = "source.x", table = "y"}
value::Value TableReference(std::string_view source, std::string_view table);
// {dataset = "dataset.a", column = "b"}
value::Value ColumnReference(std::string_view dataset, std::string_view column);

// The address, where the value is an object of the project.
std::optional<std::string> AddressOf(const value::Value& value);
bool IsTableReference(const value::Value& value);
bool IsColumnReference(const value::Value& value);
// {secret = "env://NAME"}
bool IsSecret(const value::Value& value);

// The name of an object's table: the label, and the key where there is one.
// dataset.payment["eu"] gives payment_eu.
std::string NameOf(std::string_view address);

}  // namespace andon::config
