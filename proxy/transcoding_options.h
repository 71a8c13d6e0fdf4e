// The options of the transcoder that a configuration stands for.
#pragma once

#include <google/protobuf/descriptor.h>

#include "config/puente.pb.h"
#include "transcoder/codec.h"
#include "transcoder/error_body.h"
#include "transcoder/route.h"

namespace puente {

// Of `transcoding` and `limits`.
CodecOptions CodecOptionsOf(const config::Config& config);

// `pool` must outlive the options.
ErrorBodyOptions ErrorBodyOptionsOf(const config::Config& config,
                                    const google::protobuf::DescriptorPool& pool);

// Without the rules, which come from a file of their own.
RouteOptions RouteOptionsOf(const config::Transcoding& transcoding);

}  // namespace puente
