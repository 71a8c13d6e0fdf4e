// Which backend of a split serves a caller: weighted rendezvous hashing.
//
// Every backend gets a number of its own for each caller, -ln(u) / weight with u evenly spread in
// (0, 1); the smallest wins. A backend's share is then its weight by the sum of all, the scale of
// the weights does not matter, and to raise one weight only moves callers to that backend: the
// numbers of the others stay what they are.
//
// What is computed here is a contract between all replicas of a deployment, of whatever version and
// processor: a caller must find the same backend on each of them. So the hashes are our own, and
// all of it is integer arithmetic (libm and contracted floating point differ in the last bit).
// tests/proxy/weighted_choice_test.cc pins values; a change moves everybody's callers.
//
// Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace puente {

// What a caller's key (the value of a header, a cookie, a claim) counts as. Not for secrets: who
// chooses the key chooses the backend.
std::uint64_t CallerHash(std::string_view key);

// What makes the choices of different splits, and the numbers of different backends, independent.
std::uint64_t BackendSeed(std::string_view split, std::string_view upstream);

// The index of the backend. `caller` is a CallerHash, or random bits where chance decides. `seeds`
// and `weights` are as long as each other, and the sum of the weights is not 0. A backend of weight
// 0 is never chosen.
std::size_t ChooseWeighted(std::uint64_t caller, std::span<const std::uint64_t> seeds,
                           std::span<const std::uint32_t> weights);

// -log2(u) for u = `bits` / 2^64, or the next odd number where `bits` is even, as a number with
// kLogFractionBits after the point; exact to about 2^-55. Exposed for its test.
inline constexpr int kLogFractionBits = 57;
std::uint64_t MinusLog2(std::uint64_t bits);

}  // namespace puente
