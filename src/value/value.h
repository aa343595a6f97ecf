// Value: a value of the language: known, null or unknown, with a type, and with
// marks that go along with everything that is computed from it.
//
// Immutable and cheap to copy; copies share, also between threads. The accessors
// (string(), items() …) look through marks; whoever computes a new value from them
// puts the marks back (WithMarks), as the operations here do.
//
//   Value v = Value::Object({{"name", Value::String("orders")}});
//   v.Attribute("name").string();  // "orders"
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "value/number.h"
#include "value/refinement.h"
#include "value/type.h"

namespace andon::value {

// A set of mark kinds. Where a value is written in the source is no mark.
enum class Mark : uint8_t {
  kSensitive = 1,  // Never shown.
  kEphemeral = 2,  // Never stored.
};

class Marks {
 public:
  Marks() = default;
  Marks(Mark mark) : bits_(static_cast<uint8_t>(mark)) {}
  bool empty() const { return bits_ == 0; }
  bool Has(Mark mark) const { return (bits_ & static_cast<uint8_t>(mark)) != 0; }
  Marks With(Marks other) const { return Marks(bits_ | other.bits_, 0); }
  Marks Without(Mark mark) const { return Marks(bits_ & ~static_cast<uint8_t>(mark), 0); }
  Marks& operator|=(Marks other) { return *this = With(other); }
  bool operator==(const Marks&) const = default;

 private:
  Marks(int bits, int) : bits_(static_cast<uint8_t>(bits)) {}
  uint8_t bits_ = 0;
};

class Value {
 public:
  using Members = std::vector<std::pair<std::string, Value>>;

  Value();  // Null of dynamic type.
  static Value Null(Type type = Type::Dynamic());
  // Unknown of `type`. Optional attributes in the type are not kept.
  static Value Unknown(Type type, Refinement refinement = {});
  // Unknown of unknown type.
  static Value Dynamic() { return Unknown(Type::Dynamic()); }

  static Value Bool(bool b);
  static Value True() { return Bool(true); }
  static Value False() { return Bool(false); }
  static Value Number(value::Number number);
  // The text in Unicode normalization form C. Requires: UTF-8; other bytes are kept.
  static Value String(std::string_view text);

  // Elements of a collection have one type, `element`; where that is dynamic or has
  // dynamic parts, the type that the items have. Elements of dynamic type take it.
  // Requires: the items have this type, or are dynamic.
  static Value List(Type element, std::vector<Value> items);
  static Value List(std::vector<Value> items);  // Requires: not empty.
  // Equal elements once, in the canonical order: false < true, numbers ascending,
  // strings by code point, others by their text; null after all, unknown last. The
  // marks of the elements become marks of the set.
  static Value Set(Type element, std::vector<Value> items);
  static Value Set(std::vector<Value> items);  // Requires: not empty.
  // Of two members with one name the last counts. Keys are taken in NFC.
  static Value Map(Type element, Members members);
  static Value Map(Members members);  // Requires: not empty.
  static Value Tuple(std::vector<Value> items);
  // Remembers the order in which the members are given (attribute_order()).
  static Value Object(Members members);
  // The same with a type that is at hand: where the members have it, by name and in its
  // order, it is shared, which is cheap.
  static Value Object(const Type& type, Members members);
  static Value EmptyObject() { return Object(Members()); }
  static Value EmptyTuple() { return Tuple({}); }

  const Type& type() const;
  bool is_null() const;          // Known to be null.
  bool is_known() const;         // Itself; its elements may be unknown. Null is known.
  bool is_wholly_known() const;  // Nothing unknown anywhere in it.
  bool is_known_not_null() const { return is_known() && !is_null(); }
  // Unknown, but said not to be null; or known and not null.
  bool is_definitely_not_null() const;
  // Of an unknown value; empty of others.
  Refinement refinement() const;
  // Whether what is said of an unknown value fits `known`; of a known one, whether it is that.
  bool MayBe(const Value& known) const;
  // The same unknown value, said not to be null; known values come back unchanged.
  Value RefineNotNull() const;

  // Require: is_known_not_null() and the type.
  bool boolean() const;
  const value::Number& number() const;
  const std::string& string() const;
  const std::vector<Value>& items() const;  // List, set, tuple.
  const Members& members() const;           // Map, object: ordered by name.
  // The names of an object's attributes as they stood in the source, or by name
  // where the object was made by a conversion.
  std::vector<std::string> attribute_order() const;
  // The number of elements or members of a list, set, map, object or tuple.
  int64_t size() const;
  // The member of a map or object; null pointer where there is none.
  const Value* Find(std::string_view name) const;

  // True for list, set, map, object and tuple that are known and not null.
  bool CanIterate() const;
  // Keys (numbers, strings, or for sets the elements) and elements in order, with
  // the marks of the container put on neither. Requires: CanIterate().
  std::vector<std::pair<Value, Value>> Elements() const;

  Marks marks() const;       // Its own.
  Marks deep_marks() const;  // Its own and those of everything in it.
  bool is_marked() const { return !marks().empty(); }
  bool contains_marked() const { return !deep_marks().empty(); }
  bool Has(Mark mark) const { return marks().Has(mark); }
  Value WithMarks(Marks marks) const;  // Adds.
  Value Unmark() const;                // Without its own.
  Value UnmarkDeep() const;
  Value WithoutMark(Mark mark) const;      // Without one kind of its own.
  Value WithoutMarkDeep(Mark mark) const;  // Without one kind anywhere.

  // The operations below give unknown for unknown and keep marks.

  // The attribute of an object. Requires: the type has it; not null.
  Value Attribute(std::string_view name) const;
  // Whether Index(key) would find something: a bool, perhaps unknown. False for keys
  // of the wrong type, and for objects and sets, which have no index.
  Value HasIndex(const Value& key) const;
  // Requires: HasIndex(key) is not false.
  Value Index(const Value& key) const;
  // The number of elements; unknown where a set has unknown elements.
  // Requires: not null; list, set, map, tuple or object, or dynamic unknown.
  Value Length() const;
  // Equality in the language: unknown where it depends on something unknown.
  // Values of different types are not equal, nulls are equal.
  Value Equals(const Value& other) const;

  // The same value in every respect, marks and unknowns included. This is ==.
  bool RawEquals(const Value& other) const;
  bool operator==(const Value& other) const { return RawEquals(other); }
  size_t Hash() const;

  // For messages of tests and debuggers: `{"a" = 1}`, marks and unknowns shown.
  std::string DebugString() const;

 private:
  struct Node;
  explicit Value(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  static Value Make(Node node);
  template <typename F>
  Value Rebuild(Type type, F member) const;

  std::shared_ptr<const Node> node_;
};

}  // namespace andon::value
