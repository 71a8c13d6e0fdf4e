// audiostream.v1.AudioStreamService over recordings in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "audiostream/v1/audiostream.grpc.pb.h"

namespace puente::examples {

// Begins with the recording "rec-1": a tone of 12 seconds. Safe for any number of calls at once.
// Speech recognition is that of fake_speech.h.
class AudioStreamService final : public audiostream::v1::AudioStreamService::Service {
 public:
  AudioStreamService();

  // Each chunk is answered by its text. INVALID_ARGUMENT for chunks of another session than the
  // first one's, and for sequence numbers that do not rise.
  grpc::Status StreamAudio(grpc::ServerContext* context,
                           grpc::ServerReaderWriter<audiostream::v1::AudioResult,
                                                    audiostream::v1::AudioChunk>* stream) override;

  // Of audio of up to 50 MiB, in the languages "en" (also when none is given) and "es".
  grpc::Status TranscribeAudio(grpc::ServerContext* context,
                               const audiostream::v1::TranscribeAudioRequest* request,
                               audiostream::v1::Transcript* response) override;

  // The segments of a recording's transcript, one for each second.
  grpc::Status WatchTranscript(grpc::ServerContext* context,
                               const audiostream::v1::WatchTranscriptRequest* request,
                               grpc::ServerWriter<audiostream::v1::Segment>* writer) override;

  // Stores the chunks as one recording of 16,000 samples per second, of up to 50 MiB. Errors as for
  // StreamAudio, and for a stream without chunks.
  grpc::Status UploadAudio(grpc::ServerContext* context,
                           grpc::ServerReader<audiostream::v1::AudioChunk>* reader,
                           audiostream::v1::UploadSummary* response) override;

  // The recording as an audio/wav file, in chunks of 64 KiB.
  grpc::Status DownloadAudio(grpc::ServerContext* context,
                             const audiostream::v1::DownloadAudioRequest* request,
                             grpc::ServerWriter<google::api::HttpBody>* writer) override;

 private:
  struct Recording {
    std::string samples;
    std::uint32_t sample_rate_hz;
  };

  std::shared_ptr<const Recording> Find(const std::string& id) const;
  // The new recording's id; empty when there is no room for it.
  std::string Store(std::string samples, std::uint32_t sample_rate_hz);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Recording>> recordings_;  // by id
  std::size_t stored_bytes_ = 0;
};

}  // namespace puente::examples
