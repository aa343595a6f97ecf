#include "behaviour.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "made.h"
#include "plugin/wire.h"
#include "schema_json.h"
#include "value/convert.h"
#include "value/json.h"
#include "value/msgpack.h"

namespace andon::standin {

using plugin::Procedure;
using plugin::Reader;
using plugin::Writer;
using value::Type;
using value::Value;

namespace {

constexpr int kUnimplemented = 12;
constexpr int kLastProcedure = static_cast<int>(Procedure::kCloseEphemeralResource);

Value ReadDynamic(std::string_view bytes, const Type& type) {
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() != 1) continue;
    auto value = value::FromMsgpack(reader.text(), type);
    if (value.ok()) return *value;
    dprintf(2, "[ERROR] stand-in: %s\n", value.error().message.c_str());
  }
  return Value::Null(type);
}

void WriteDynamic(Writer* to, int number, const Value& value, const Type& type) {
  auto bytes = value::ToMsgpack(value, type);
  if (!bytes.ok()) dprintf(2, "[ERROR] stand-in: %s\n", bytes.error().message.c_str());
  to->Message(number, [&](Writer& m) { m.Text(1, bytes.ok() ? *bytes : "\xc0"); });
}

void WritePath(Writer* to, int number, const Json& path) {
  to->Message(number, [&](Writer& m) {
    for (const Json& step : path.items()) {
      m.Message(1, [&](Writer& s) {
        bool is_key = step.is_object();  // {"key": "a"}: an element of a map.
        if (step.is_integer()) {
          s.IntegerItem(3, step.AsInteger());
        } else {
          s.Item(is_key ? 2 : 1, is_key ? step["key"].AsString() : step.AsString());
        }
      });
    }
  });
}

void WriteDiagnostics(Writer* to, int number, const Json& rule) {
  struct Kind {
    const char* name;
    int severity;
  };
  for (Kind kind : {Kind{"error", 1}, Kind{"warning", 2}}) {
    if (!rule.Has(kind.name)) continue;
    to->Message(number, [&](Writer& m) {
      m.Integer(1, kind.severity);
      m.Text(2, rule[kind.name].AsString());
      m.Text(3, rule["detail"].AsString());
      if (rule.Has("attribute")) WritePath(&m, 4, rule["attribute"]);
    });
  }
}

// {"set": {name: value}, "unknown": [name]} of a rule, put into an answer.
Value Twisted(Value object, const Json& rule) {
  if (rule["gone"].AsBool()) return Value::Null(object.type());
  if (!object.is_known_not_null()) return object;
  for (const auto& [name, json] : rule["set"].members()) {
    const Value* old = object.Find(name);
    if (old == nullptr) continue;
    auto value = value::FromJsonText(json.Dump(), old->type());
    if (value.ok()) object = WithAttribute(object, name, *value);
  }
  for (const Json& name : rule["unknown"].items()) {
    const Value* old = object.Find(name.AsString());
    if (old != nullptr)
      object = WithAttribute(object, name.AsString(), Value::Unknown(old->type()));
  }
  return object;
}

}  // namespace

struct Behaviour::Fields {
  std::map<int, std::vector<std::string>> texts;
  std::map<int, int64_t> numbers;

  explicit Fields(std::string_view bytes) {
    Reader reader(bytes);
    while (reader.Next()) {
      texts[reader.number()].emplace_back(reader.text());
      numbers[reader.number()] = reader.integer();
    }
  }
  std::string Text(int number) const {
    auto found = texts.find(number);
    return found == texts.end() ? "" : found->second[0];
  }
};

Behaviour::Behaviour(const Json& script, Server* server)
    : script_(script),
      server_(server),
      protocol_(script["protocol"].AsInteger(6) == 5 ? plugin::Protocol::kV5
                                                     : plugin::Protocol::kV6) {
  region_ = script_["region"].AsString();
  const Json& schema = script_["schema"];
  schema_.provider = ReadSchema(schema["provider"]);
  schema_.provider_meta = ReadSchema(schema["provider_meta"]);
  for (const auto& [name, s] : schema["resource_schemas"].members())
    schema_.resources[name] = ReadSchema(s);
  for (const auto& [name, s] : schema["data_source_schemas"].members())
    schema_.data_sources[name] = ReadSchema(s);
  for (const auto& [name, s] : schema["ephemeral_resource_schemas"].members())
    schema_.ephemeral_resources[name] = ReadSchema(s);
  for (const auto& [name, s] : schema["resource_identity_schemas"].members())
    schema_.identities[name] = ReadIdentity(s);
  for (const auto& [name, s] : schema["functions"].members())
    schema_.functions[name] = ReadFunction(s);
}

std::string Behaviour::SchemaMessage() const {
  Writer to;
  WriteSchema(&to, 1, schema_.provider, protocol_);
  auto entries = [&](int number, const provider::ByName<provider::Schema>& schemas) {
    for (const auto& [name, schema] : schemas) {
      to.Message(number, [&](Writer& entry) {
        entry.Text(1, name);
        WriteSchema(&entry, 2, schema, protocol_);
      });
    }
  };
  entries(2, schema_.resources);
  entries(3, schema_.data_sources);
  if (script_["schema"].Has("provider_meta")) WriteSchema(&to, 5, schema_.provider_meta, protocol_);
  const Json& capabilities = script_["capabilities"];
  to.Message(6, [&](Writer& m) {
    m.Bool(1, capabilities["plan_destroy"].AsBool());
    m.Bool(2, capabilities["get_provider_schema_optional"].AsBool());
    m.Bool(3, capabilities["move_resource_state"].AsBool());
  });
  for (const auto& [name, function] : schema_.functions) {
    to.Message(7, [&](Writer& entry) {
      entry.Text(1, name);
      WriteFunction(&entry, 2, function);
    });
  }
  entries(8, schema_.ephemeral_resources);
  return std::move(to).Take();
}

// The first rule for it that is not used up.
const Json* Behaviour::RuleFor(std::string_view procedure, const std::string& type) {
  for (const Json& rule : script_["rules"].items()) {
    if (rule["rpc"].AsString() != procedure) continue;
    if (rule.Has("type") && rule["type"].AsString() != type) continue;
    int64_t used = uses_[&rule]++;
    int64_t after = rule["after"].AsInteger(), times = rule["times"].AsInteger(INT64_MAX);
    if (used >= after && used - after < times) return &rule;
  }
  return nullptr;
}

const provider::BlockSchema* Behaviour::BlockOf(Procedure procedure,
                                                const std::string& type) const {
  const auto& schemas = procedure == Procedure::kReadDataSource ? schema_.data_sources
                        : procedure == Procedure::kOpenEphemeralResource
                            ? schema_.ephemeral_resources
                            : schema_.resources;
  auto found = schemas.find(type);
  return found == schemas.end() ? nullptr : &found->second.block;
}

Type Behaviour::TypeOf(Procedure procedure, const std::string& type) const {
  const provider::BlockSchema* block = BlockOf(procedure, type);
  return block == nullptr ? Type::EmptyObject() : ImpliedType(*block);
}

Reply Behaviour::Normal(Procedure procedure, const Fields& request, const Json& rule) {
  std::string type = request.Text(1);
  Type object = TypeOf(procedure, type);
  auto identity = schema_.identities.find(type);
  Type identity_type =
      identity == schema_.identities.end() ? Type::EmptyObject() : ImpliedType(identity->second);
  const provider::BlockSchema* block = BlockOf(procedure, type);
  static const provider::BlockSchema kNone;
  const Json& facts = script_["facts"][type];  // "requires_replace", "computed".
  Writer to;
  auto private_data = [&](int number, const std::string& given) {
    to.Text(number, rule.Has("private") ? rule["private"].AsString() : given);
  };
  auto deferred = [&](int number) {
    if (rule.Has("deferred"))
      to.Message(number, [&](Writer& m) { m.Integer(1, rule["deferred"].AsInteger()); });
  };
  // The identity of an object: its attributes of the same names.
  auto write_identity = [&](int number, const Value& state) {
    if (identity == schema_.identities.end() || !state.is_known_not_null()) return;
    Value::Members members;
    for (const provider::IdentityAttribute& a : identity->second.attributes) {
      const Value* found = state.Find(a.name);
      members.emplace_back(a.name, found != nullptr ? *found : Value::Null(a.type));
    }
    to.Message(number, [&](Writer& m) {
      WriteDynamic(&m, 1, Value::Object(std::move(members)), identity_type);
    });
  };
  auto from_json = [&](const std::string& raw) {
    auto value = value::FromJsonText(Fields(raw).Text(1), object);
    return value.ok() ? *value : Value::Null(object);
  };
  switch (procedure) {
    case Procedure::kGetSchema:
      to = Writer();
      WriteDiagnostics(&to, 4, rule);
      return {.body = SchemaMessage() + to.bytes()};
    case Procedure::kGetIdentitySchemas:
      if (schema_.identities.empty())
        return {.status = kUnimplemented, .message = "unknown method GetResourceIdentitySchemas"};
      for (const auto& [name, schema] : schema_.identities) {
        to.Message(1, [&](Writer& entry) {
          entry.Text(1, name);
          WriteIdentity(&entry, 2, schema);
        });
      }
      break;
    case Procedure::kConfigure: {
      Value config = ReadDynamic(request.Text(2), ImpliedType(schema_.provider.block));
      const Value* region = config.is_known_not_null() ? config.Find("region") : nullptr;
      if (region != nullptr && region->is_known_not_null()) region_ = region->string();
      WriteDiagnostics(&to, 1, rule);
      break;
    }
    case Procedure::kValidateProviderConfig:
      WriteDiagnostics(&to, 2, rule);
      break;
    case Procedure::kStop:
      server_->Release();
      to.Text(1, rule["error"].AsString());
      break;
    case Procedure::kUpgradeResourceState:
      WriteDynamic(&to, 1, Twisted(from_json(request.Text(3)), rule), object);
      WriteDiagnostics(&to, 2, rule);
      break;
    case Procedure::kUpgradeResourceIdentity: {
      auto value = value::FromJsonText(Fields(request.Text(3)).Text(1), identity_type);
      to.Message(1, [&](Writer& m) {
        WriteDynamic(&m, 1, value.ok() ? *value : Value::Null(identity_type), identity_type);
      });
      WriteDiagnostics(&to, 2, rule);
      break;
    }
    case Procedure::kReadResource: {
      Value state = Twisted(ReadDynamic(request.Text(2), object), rule);
      WriteDynamic(&to, 1, state, object);
      WriteDiagnostics(&to, 2, rule);
      private_data(3, request.Text(3));
      deferred(4);
      write_identity(5, state);
      break;
    }
    case Procedure::kPlanResourceChange: {
      Value prior = ReadDynamic(request.Text(2), object);
      Value proposed = ReadDynamic(request.Text(3), object);
      Value planned = Planned(block != nullptr ? *block : kNone, proposed, prior, facts);
      WriteDynamic(&to, 1, Twisted(planned, rule), object);
      for (const Json& name : facts["requires_replace"].items()) {
        Json path = Json::List();
        path.Push(name);
        WritePath(&to, 2, path);
      }
      for (const Json& path : rule["requires_replace"].items()) WritePath(&to, 2, path);
      private_data(3, request.Text(5));
      WriteDiagnostics(&to, 4, rule);
      to.Bool(5, script_["legacy_type_system"].AsBool());
      deferred(6);
      break;
    }
    case Procedure::kApplyResourceChange: {
      Value planned = ReadDynamic(request.Text(3), object);
      Value state = Twisted(maker_.Make(planned, facts, type, region_), rule);
      WriteDynamic(&to, 1, state, object);
      private_data(2, request.Text(5));
      WriteDiagnostics(&to, 3, rule);
      to.Bool(4, script_["legacy_type_system"].AsBool());
      write_identity(5, state);
      break;
    }
    case Procedure::kImportResourceState:
      if (block != nullptr) {
        Value::Members members;
        for (const Type::Attribute& a : object.attributes())
          members.emplace_back(a.name, Value::Null(a.type));
        Value state =
            WithAttribute(Value::Object(std::move(members)), "id", Value::String(request.Text(2)));
        to.Message(1, [&](Writer& m) {
          m.Text(1, type);
          WriteDynamic(&m, 2, Twisted(state, rule), object);
          m.Text(3, rule["private"].AsString());
        });
      }
      WriteDiagnostics(&to, 2, rule);
      deferred(3);
      break;
    case Procedure::kMoveResourceState: {
      Type target = TypeOf(procedure, request.Text(5));
      auto value = value::FromJsonText(Fields(request.Text(4)).Text(1), target);
      WriteDynamic(&to, 1, Twisted(value.ok() ? *value : Value::Null(target), rule), target);
      WriteDiagnostics(&to, 2, rule);
      private_data(3, request.Text(6));
      break;
    }
    case Procedure::kReadDataSource: {
      Value config = ReadDynamic(request.Text(2), object);
      Value planned = Planned(block != nullptr ? *block : kNone, config, Value::Null(), facts);
      Value state = maker_.Make(planned, facts, type, region_);
      WriteDynamic(&to, 1, Twisted(state, rule), object);
      WriteDiagnostics(&to, 2, rule);
      deferred(3);
      break;
    }
    case Procedure::kCallFunction: {
      auto function = schema_.functions.find(type);
      if (function == schema_.functions.end()) return {.status = kUnimplemented};
      const Type& wanted = function->second.return_type;
      Value result = Value::Null(wanted);
      if (rule.Has("result")) {
        auto value = value::FromJsonText(rule["result"].Dump(), wanted);
        if (value.ok()) result = *value;
      } else if (request.texts.contains(2) && !function->second.parameters.empty()) {
        result = ReadDynamic(request.Text(2), function->second.parameters[0].type);
      }
      if (rule.Has("error")) {
        to.Message(2, [&](Writer& m) {
          m.Text(1, rule["error"].AsString());
          if (rule.Has("argument")) m.IntegerItem(2, rule["argument"].AsInteger());
        });
      } else {
        WriteDynamic(&to, 1, result, wanted);
      }
      break;
    }
    case Procedure::kOpenEphemeralResource: {
      Value config = ReadDynamic(request.Text(2), object);
      Value planned = Planned(block != nullptr ? *block : kNone, config, Value::Null(), facts);
      Value result = maker_.Make(planned, facts, type, region_);
      WriteDiagnostics(&to, 1, rule);
      if (rule.Has("renew_at"))
        to.Message(2, [&](Writer& m) { m.Integer(1, rule["renew_at"].AsInteger()); });
      WriteDynamic(&to, 3, Twisted(result, rule), object);
      private_data(4, "");
      deferred(5);
      break;
    }
    case Procedure::kRenewEphemeralResource:
      WriteDiagnostics(&to, 1, rule);
      if (rule.Has("renew_at"))
        to.Message(2, [&](Writer& m) { m.Integer(1, rule["renew_at"].AsInteger()); });
      private_data(3, request.Text(2));
      break;
    default:  // Those that answer with nothing but diagnostics.
      WriteDiagnostics(&to, 1, rule);
      break;
  }
  return {.body = std::move(to).Take()};
}

Reply Behaviour::Answer(const std::string& path, const std::string& request) {
  if (path == "/plugin.GRPCController/Shutdown") {
    if (const Json* rule = RuleFor("Shutdown", ""); rule && (*rule)["hang"].AsBool())
      return {.never = true};
    server_->End();
    return {};
  }
  if (path == "/plugin.GRPCStdio/StreamStdio") {
    if (!script_.Has("stdout")) return {.never = true};
    Writer to;
    to.Integer(1, 1);
    to.Text(2, script_["stdout"].AsString());
    return {.body = std::move(to).Take()};
  }
  for (int i = 0; i <= kLastProcedure; ++i) {
    auto procedure = static_cast<Procedure>(i);
    if (PathOf(procedure, protocol_) != path) continue;
    Fields fields(request);
    // Rules use the names of version 6, whichever is spoken.
    std::string_view name = NameOf(procedure, plugin::Protocol::kV6);
    bool has_type = procedure > Procedure::kValidateProviderConfig &&
                    procedure != Procedure::kConfigure && procedure != Procedure::kStop;
    const Json* found = RuleFor(name, has_type ? fields.Text(1) : "");
    static const Json kNoRule = Json::Object();
    const Json& rule = found != nullptr ? *found : kNoRule;
    if (rule.Has("print")) dprintf(2, "%s\n", rule["print"].AsString().c_str());
    if (rule["crash"].AsBool()) ::raise(SIGSEGV);
    if (rule.Has("exit")) ::_exit(static_cast<int>(rule["exit"].AsInteger()));
    if (rule["hang"].AsBool()) return {.never = true};
    if (rule.Has("status"))
      return {.status = static_cast<int>(rule["status"].AsInteger()),
              .message = rule["message"].AsString()};
    Reply reply = Normal(procedure, fields, rule);
    if (rule.Has("raw")) reply = {.body = rule["raw"].AsString(), .is_raw = true};
    if (rule.Has("body")) reply.body = rule["body"].AsString();
    reply.delay = std::chrono::milliseconds(rule["delay_ms"].AsInteger());
    reply.is_held = rule["until_stop"].AsBool();
    return reply;
  }
  return {.status = kUnimplemented, .message = "unknown method " + path};
}

}  // namespace andon::standin
