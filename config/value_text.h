// Values of the configuration as people read them in logs.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

namespace puente {

// "5 -> 20", "unset -> 0.1", "[a.pb] -> [a.pb, b.pb]"; `changed` where one of the values may hold a
// credential, can't be printed, or where they differ only further on than is shown. nullopt when
// `before` and `after`, messages of the same type, say the same. `field` is no section.
std::optional<std::string> DescribeChange(const google::protobuf::FieldDescriptor& field,
                                          const google::protobuf::Message& before,
                                          const google::protobuf::Message& after);

// `text` as far as it is shown: one line, and not a long one.
std::string ShownText(std::string_view text);

}  // namespace puente
