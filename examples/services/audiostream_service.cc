#include "examples/services/audiostream_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/services/fake_speech.h"
#include "examples/services/rpc_errors.h"
#include "examples/services/wav.h"

namespace puente::examples {
namespace {

using audiostream::v1::AudioChunk;
using audiostream::v1::AudioResult;

constexpr char kRecordingType[] = "audiostream.v1.Recording";
constexpr std::uint32_t kDefaultSampleRate = 16'000;
constexpr std::uint32_t kTelephoneSampleRate = 8'000;
constexpr std::size_t kMaxAudioBytes = 50 << 20;
constexpr std::size_t kMaxStoredBytes = 256 << 20;
constexpr std::size_t kDownloadChunk = 64 << 10;

// Checks the chunks of one stream against each other.
class ChunkOrder {
 public:
  grpc::Status Check(const AudioChunk& chunk) {
    std::vector<FieldViolation> violations;
    if (!session_id_) session_id_ = chunk.session_id();
    if (*session_id_ != chunk.session_id()) {
      violations.push_back({"session_id", "must be the same in all chunks"});
    }
    if (last_sequence_ && chunk.sequence() <= *last_sequence_) {
      violations.push_back({"sequence", "must rise from chunk to chunk"});
    }
    last_sequence_ = chunk.sequence();
    return InvalidArgument(violations);
  }

 private:
  std::optional<std::string> session_id_;
  std::optional<std::uint32_t> last_sequence_;
};

grpc::Status TooMuchAudio() {
  return Refused(grpc::StatusCode::RESOURCE_EXHAUSTED, "there is no room for so much audio",
                 "TOO_MUCH_AUDIO", "audiostream.example.com");
}

std::vector<FieldViolation> CheckRequest(const audiostream::v1::TranscribeAudioRequest& request) {
  std::vector<FieldViolation> violations;
  if (request.audio().empty() || request.audio().size() > kMaxAudioBytes) {
    violations.push_back({"audio", "must be 1 byte to 50 MiB"});
  }
  if (!request.language().empty() && request.language() != "en" && request.language() != "es") {
    violations.push_back({"language", "must be en or es"});
  }
  const auto rate = request.sample_rate_hz();
  if (rate != 0 && (rate < kTelephoneSampleRate || rate > 192'000)) {
    violations.push_back({"sample_rate_hz", "must be from 8000 to 192000"});
  }
  return violations;
}

}  // namespace

AudioStreamService::AudioStreamService() {
  Store(ToneSamples(kTelephoneSampleRate, 12), kTelephoneSampleRate);
}

grpc::Status AudioStreamService::StreamAudio(
    grpc::ServerContext* /*context*/, grpc::ServerReaderWriter<AudioResult, AudioChunk>* stream) {
  ChunkOrder order;
  AudioChunk chunk;
  while (stream->Read(&chunk)) {
    if (auto status = order.Check(chunk); !status.ok()) return status;
    const auto heard = Hear(chunk.data());
    AudioResult result;
    result.set_sequence(chunk.sequence());
    result.set_text(heard.text);
    result.set_confidence(heard.confidence);
    if (!stream->Write(result)) break;
  }
  return grpc::Status::OK;
}

grpc::Status AudioStreamService::TranscribeAudio(
    grpc::ServerContext* /*context*/, const audiostream::v1::TranscribeAudioRequest* request,
    audiostream::v1::Transcript* response) {
  if (auto status = InvalidArgument(CheckRequest(*request)); !status.ok()) return status;
  const auto rate = request->sample_rate_hz();
  *response = Transcribe(request->audio(), rate == 0 ? kDefaultSampleRate : rate);
  return grpc::Status::OK;
}

grpc::Status AudioStreamService::WatchTranscript(
    grpc::ServerContext* /*context*/, const audiostream::v1::WatchTranscriptRequest* request,
    grpc::ServerWriter<audiostream::v1::Segment>* writer) {
  const auto recording = Find(request->recording_id());
  if (recording == nullptr) return NotFound(kRecordingType, request->recording_id());
  const auto transcript = Transcribe(recording->samples, recording->sample_rate_hz);
  for (const auto& segment : transcript.segments()) {
    if (!writer->Write(segment)) break;
  }
  return grpc::Status::OK;
}

grpc::Status AudioStreamService::UploadAudio(grpc::ServerContext* context,
                                             grpc::ServerReader<AudioChunk>* reader,
                                             audiostream::v1::UploadSummary* response) {
  ChunkOrder order;
  AudioChunk chunk;
  std::string samples;
  while (reader->Read(&chunk)) {
    if (auto status = order.Check(chunk); !status.ok()) return status;
    if (samples.size() + chunk.data().size() > kMaxAudioBytes) return TooMuchAudio();
    samples += chunk.data();
    response->set_chunks(response->chunks() + 1);
  }
  if (context->IsCancelled()) return grpc::Status::CANCELLED;
  if (response->chunks() == 0) return InvalidArgument({{"", "there must be at least one chunk"}});
  response->set_bytes(samples.size());
  response->set_recording_id(Store(std::move(samples), kDefaultSampleRate));
  return response->recording_id().empty() ? TooMuchAudio() : grpc::Status::OK;
}

grpc::Status AudioStreamService::DownloadAudio(grpc::ServerContext* /*context*/,
                                               const audiostream::v1::DownloadAudioRequest* request,
                                               grpc::ServerWriter<google::api::HttpBody>* writer) {
  const auto recording = Find(request->recording_id());
  if (recording == nullptr) return NotFound(kRecordingType, request->recording_id());
  const std::string file = WavFile(recording->samples, recording->sample_rate_hz);
  for (std::size_t at = 0; at < file.size(); at += kDownloadChunk) {
    google::api::HttpBody body;
    body.set_content_type("audio/wav");
    body.set_data(file.substr(at, kDownloadChunk));
    if (!writer->Write(body)) break;
  }
  return grpc::Status::OK;
}

std::shared_ptr<const AudioStreamService::Recording> AudioStreamService::Find(
    const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = recordings_.find(id);
  return found == recordings_.end() ? nullptr : found->second;
}

std::string AudioStreamService::Store(std::string samples, std::uint32_t sample_rate_hz) {
  const std::lock_guard lock(mutex_);
  if (stored_bytes_ + samples.size() > kMaxStoredBytes) return {};
  stored_bytes_ += samples.size();
  std::string id = fmt::format("rec-{}", recordings_.size() + 1);
  recordings_[id] =
      std::make_shared<const Recording>(Recording{std::move(samples), sample_rate_hz});
  return id;
}

}  // namespace puente::examples
