#include "proxy/descriptor_sources.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "proxy/upstream/reflection_client.h"

namespace puente {
namespace {

std::string FileKey(int index) {
  return IndexKey("descriptors.files", static_cast<std::size_t>(index));
}

std::string ReflectionKey(int index) {
  return IndexKey("descriptors.reflection", static_cast<std::size_t>(index)) + ".upstream";
}

void AddAll(const Problems& messages, std::string_view key, const SourceMap& positions,
            std::vector<Problem>& problems) {
  for (const std::string& message : messages) problems.push_back(positions.At(key, message));
}

void AddReflected(const LoadedConfig& loaded, const ReflectedDescriptors& reflected,
                  DescriptorSetBuilder& builder, std::vector<Problem>& problems) {
  for (int i = 0; i < loaded.config.descriptors().reflection_size(); ++i) {
    const std::string& upstream = loaded.config.descriptors().reflection(i).upstream();
    const auto set = reflected.find(upstream);
    if (set == reflected.end()) continue;
    AddAll(builder.AddBytes(fmt::format("reflection of upstream {}", upstream), set->second),
           ReflectionKey(i), loaded.positions, problems);
  }
}

bool HasProblem(const std::vector<Problem>& problems, const config::Config& config,
                const std::string& upstream) {
  for (int i = 0; i < config.upstreams_size(); ++i) {
    if (config.upstreams(i).name() != upstream) continue;
    const std::string key = IndexKey("upstreams", static_cast<std::size_t>(i));
    return std::ranges::any_of(
        problems, [&](const Problem& problem) { return problem.key.starts_with(key); });
  }
  return false;
}

}  // namespace

bool IsComplete(const config::Config& config, const ReflectedDescriptors& reflected) {
  return std::ranges::all_of(config.descriptors().reflection(), [&](const auto& reflection) {
    return reflected.contains(reflection.upstream());
  });
}

ReflectedDescriptors AskUpstreams(const LoadedConfig& loaded, const GrpcUpstreams& upstreams,
                                  std::vector<Problem>& problems) {
  ReflectedDescriptors reflected;
  for (int i = 0; i < loaded.config.descriptors().reflection_size(); ++i) {
    const std::string& name = loaded.config.descriptors().reflection(i).upstream();
    const auto upstream = upstreams.find(name);
    if (upstream == upstreams.end() || !upstream->second) continue;
    if (HasProblem(problems, loaded.config, name)) continue;
    auto set = AskReflection(*upstream->second);
    if (set) {
      if (!set->missing.empty()) {
        spdlog::warn("upstream {}: reflection lists what it has no descriptors of: {}", name,
                     set->missing);
      }
      reflected[name] = std::move(set->bytes);
    } else {
      problems.push_back(loaded.positions.At(
          ReflectionKey(i), fmt::format("no descriptors from upstream {}: {}", name, set.error())));
    }
  }
  return reflected;
}

std::shared_ptr<const DescriptorSet> LoadDescriptors(const LoadedConfig& loaded,
                                                     const ReflectedDescriptors& reflected,
                                                     std::vector<Problem>& problems) {
  const config::Descriptors& config = loaded.config.descriptors();
  if (config.files().empty() && config.reflection().empty()) return nullptr;
  const std::size_t before = problems.size();
  DescriptorSetBuilder builder;
  for (int i = 0; i < config.files_size(); ++i) {
    AddAll(builder.AddFile(config.files(i)), FileKey(i), loaded.positions, problems);
  }
  AddReflected(loaded, reflected, builder, problems);
  // A set that lacks a file for what it could not read would only repeat the complaint.
  if (problems.size() > before) return nullptr;
  auto set = std::move(builder).Build();
  if (set) return *std::move(set);
  AddAll(set.error(), reflected.empty() ? "descriptors.files" : "descriptors", loaded.positions,
         problems);
  return nullptr;
}

}  // namespace puente
