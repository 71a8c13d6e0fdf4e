// A request's body, read whole, and kept where it may be needed again.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/task.h"
#include "transcoder/error.h"

namespace puente {

struct RequestContext;

struct WholeBody {
  std::string bytes;    // as they came
  std::string decoded;  // without their Content-Encoding, where there is one
  bool is_read = false;
  // Another backend may need it, or a copy of the request: it outlives its first use.
  bool is_kept = false;

  // It may be large, and the call may take its time. (Assigning an empty string would keep it.)
  void Forget() {
    std::string().swap(decoded);
    if (!is_kept) std::string().swap(bytes);
  }
};

// Makes context.body the whole of it, unless it is already. Errors as those of Exchange::ReadBody.
Task<Result<void>> ReadWholeBody(RequestContext& context);

// What context.body means, valid as long as that is left as it is. Errors as those of DecodeBody.
Result<std::string_view> MeaningOfBody(RequestContext& context);

}  // namespace puente
