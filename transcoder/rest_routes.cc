#include "transcoder/rest_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace puente {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlphanumeric(char c) { return IsUpper(c) || IsLower(c) || (c >= '0' && c <= '9'); }
char ToUpper(char c) { return IsLower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
char ToLower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

enum class Standard { kGet, kList, kCreate, kUpdate, kDelete };

struct StandardMethod {
  Standard kind;
  std::string_view resource;  // as the method has it: "User", "Users" for kList
};

// nullopt: the name is none of a standard method.
std::optional<StandardMethod> ReadName(std::string_view name) {
  static constexpr std::pair<std::string_view, Standard> kVerbs[] = {{"Get", Standard::kGet},
                                                                     {"List", Standard::kList},
                                                                     {"Create", Standard::kCreate},
                                                                     {"Update", Standard::kUpdate},
                                                                     {"Delete", Standard::kDelete}};
  for (const auto& [verb, kind] : kVerbs) {
    if (!name.starts_with(verb)) continue;
    const std::string_view resource = name.substr(verb.size());
    if (resource.empty() || !IsUpper(resource[0])) return std::nullopt;
    if (!std::ranges::all_of(resource, IsAlphanumeric)) return std::nullopt;
    return StandardMethod{kind, resource};
  }
  return std::nullopt;
}

bool IsUnary(const MethodDescriptor& method) {
  return !method.client_streaming() && !method.server_streaming();
}

// Whether a word begins at `at`: "BillingAccount", "APIKey"; but "SKUs" is one word.
bool BeginsWord(std::string_view name, std::size_t at) {
  if (!IsUpper(name[at])) return false;
  if (!IsUpper(name[at - 1])) return true;
  const bool before_lower = at + 1 < name.size() && IsLower(name[at + 1]);
  const bool before_plural =
      before_lower && name[at + 1] == 's' && (at + 2 == name.size() || IsUpper(name[at + 2]));
  return before_lower && !before_plural;
}

// "billingAccount", "apiKey", "skus".
std::string LowerCamel(std::string_view name) {
  std::string camel(1, ToLower(name[0]));
  for (std::size_t i = 1; i < name.size(); ++i) {
    camel += BeginsWord(name, i) ? ToUpper(name[i]) : ToLower(name[i]);
  }
  return camel;
}

bool EndsWithAny(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](auto ending) { return word.ends_with(ending); });
}

std::string RegularPlural(const std::string& word) {
  const bool has_vowel_before_y = EndsWithAny(word, {"ay", "ey", "iy", "oy", "uy"});
  if (word.size() > 1 && word.ends_with('y') && !has_vowel_before_y) {
    return word.substr(0, word.size() - 1) + "ies";
  }
  return word + (EndsWithAny(word, {"s", "x", "z", "ch", "sh"}) ? "es" : "s");
}

// "BillingAccount" and "billing_account" are "billingaccount", however the words were told apart.
std::string WithoutWords(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c != '_') letters += ToLower(c);
  }
  return letters;
}

const FieldDescriptor* FindByLetters(const Descriptor& message, std::string_view letters) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (WithoutWords(message.field(i)->name()) == letters) return message.field(i);
  }
  return nullptr;
}

bool IsInteger(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
}

bool CanBeKey(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() &&
         (field->type() == FieldDescriptor::TYPE_STRING || IsInteger(*field));
}

const FieldDescriptor* FindKey(const Descriptor& message, std::string_view resource) {
  const FieldDescriptor* const candidates[] = {
      message.FindFieldByName("id"), FindByLetters(message, WithoutWords(resource) + "id"),
      message.FindFieldByName("name")};
  const auto found = std::ranges::find_if(candidates, CanBeKey);
  return found == std::end(candidates) ? nullptr : *found;
}

// The request's field that holds the resource itself; nullptr: there is none.
const FieldDescriptor* FindResource(const Descriptor& request, std::string_view resource) {
  const FieldDescriptor* field = FindByLetters(request, WithoutWords(resource));
  const bool is_message =
      field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_MESSAGE;
  return is_message ? field : nullptr;
}

// The path of the resource that `key`, written `field_path`, tells. An `id` is what follows the
// collection. A `name` holds the collection as well (AIP-122: "users/7"), is what answers give as
// the name of a resource, and what the service expects: a client puts it behind the host as it is.
std::string ResourcePath(const std::string& collection, const FieldDescriptor& key,
                         std::string_view field_path) {
  const bool is_resource_name = key.name() == "name" && !IsInteger(key);
  return is_resource_name ? fmt::format("/{{{}={}/*}}", field_path, collection)
                          : fmt::format("/{}/{{{}}}", collection, field_path);
}

// The path of one resource; nullopt when the request has no key.
std::optional<std::string> OnePath(const MethodDescriptor& method, const StandardMethod& standard,
                                   const std::string& collection) {
  const Descriptor& request = *method.input_type();
  if (const FieldDescriptor* key = FindKey(request, standard.resource)) {
    return ResourcePath(collection, *key, key->name());
  }
  if (standard.kind != Standard::kUpdate) return std::nullopt;
  const FieldDescriptor* resource = FindResource(request, standard.resource);
  if (resource == nullptr) return std::nullopt;
  const FieldDescriptor* key = FindKey(*resource->message_type(), standard.resource);
  if (key == nullptr) return std::nullopt;
  return ResourcePath(collection, *key, fmt::format("{}.{}", resource->name(), key->name()));
}

std::vector<std::string_view> HttpMethodsOf(Standard kind) {
  switch (kind) {
    case Standard::kGet:
    case Standard::kList:
      return {"GET"};
    case Standard::kCreate:
      return {"POST"};
    case Standard::kUpdate:
      return {"PUT", "PATCH"};
    case Standard::kDelete:
      return {"DELETE"};
  }
  return {};
}

std::string BodyOf(const MethodDescriptor& method, const StandardMethod& standard) {
  if (standard.kind != Standard::kCreate && standard.kind != Standard::kUpdate) return "";
  const FieldDescriptor* resource = FindResource(*method.input_type(), standard.resource);
  return resource == nullptr ? "*" : resource->name();
}

}  // namespace

RestRoutes::RestRoutes(const ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const auto standard = ReadName(service.method(i)->name());
    if (!standard || standard->kind != Standard::kList) continue;
    if (IsUnary(*service.method(i))) listed_.insert(LowerCamel(standard->resource));
  }
}

std::vector<HttpBinding> RestRoutes::BindingsOf(const MethodDescriptor& method) const {
  const auto standard = ReadName(method.name());
  if (!standard || !IsUnary(method)) return {};
  const std::string word = LowerCamel(standard->resource);
  const std::string collection = standard->kind == Standard::kList ? word : CollectionOf(word);
  const bool of_collection =
      standard->kind == Standard::kList || standard->kind == Standard::kCreate;
  const auto path = of_collection ? "/" + collection : OnePath(method, *standard, collection);
  if (!path) return {};
  std::vector<HttpBinding> bindings;
  for (const std::string_view http_method : HttpMethodsOf(standard->kind)) {
    HttpBinding& binding = bindings.emplace_back();
    binding.method = &method;
    binding.http_method = http_method;
    binding.path_template = *path;
    binding.body = BodyOf(method, *standard);
    binding.index = static_cast<int>(bindings.size()) - 1;
    binding.automatic = true;
  }
  return bindings;
}

std::string RestRoutes::CollectionOf(const std::string& resource) const {
  static constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
      {"", "s"},      {"", "es"},     {"f", "ves"}, {"fe", "ves"}, {"is", "es"},
      {"ex", "ices"}, {"ix", "ices"}, {"us", "i"},  {"um", "a"},   {"on", "a"},
      {"man", "men"}, {"z", "zzes"},  {"", "ren"},  {"", ""}};
  const std::string regular = RegularPlural(resource);
  if (listed_.contains(regular)) return regular;
  for (const auto& [singular, plural] : kEndings) {
    if (!resource.ends_with(singular)) continue;
    const std::string stem = resource.substr(0, resource.size() - singular.size());
    if (const auto found = listed_.find(stem + std::string(plural)); found != listed_.end()) {
      return *found;
    }
  }
  return regular;
}

}  // namespace puente
