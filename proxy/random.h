// Random ids. Not for secrets.
#pragma once

#include <cstdint>
#include <string>

namespace puente {

// 64 random bits. Thread-safe, without a lock.
std::uint64_t RandomBits();

// Evenly spread over [0, 1). Thread-safe.
double RandomShare();

// A UUID of version 4 (RFC 9562). Thread-safe.
std::string NewUuid();

}  // namespace puente
