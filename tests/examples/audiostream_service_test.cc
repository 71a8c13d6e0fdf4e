#include "audiostream/v1/audiostream.grpc.pb.h"
#include "tests/examples/example_client.h"

namespace puente::examples {
namespace {

using audiostream::v1::AudioChunk;
using audiostream::v1::AudioResult;
using audiostream::v1::Segment;
using audiostream::v1::Transcript;
using audiostream::v1::UploadSummary;
using testing::StartsWith;

AudioChunk Chunk(const std::string& session, std::uint32_t sequence, const std::string& data) {
  AudioChunk chunk;
  chunk.set_session_id(session);
  chunk.set_sequence(sequence);
  chunk.set_data(data);
  return chunk;
}

class AudioStreamServiceTest : public ServicesTest {
 protected:
  grpc::Status Transcribe(const std::string& audio, const std::string& language,
                          std::uint32_t sample_rate, Transcript& transcript) {
    grpc::ClientContext context;
    audiostream::v1::TranscribeAudioRequest request;
    request.set_audio(audio);
    request.set_language(language);
    request.set_sample_rate_hz(sample_rate);
    return stub_->TranscribeAudio(&context, request, &transcript);
  }

  grpc::Status Upload(const std::vector<AudioChunk>& chunks, UploadSummary& summary) {
    grpc::ClientContext context;
    const auto writer = stub_->UploadAudio(&context, &summary);
    for (const auto& chunk : chunks) writer->Write(chunk);
    writer->WritesDone();
    return writer->Finish();
  }

  grpc::Status Download(const std::string& id, std::vector<std::string>& chunks) {
    grpc::ClientContext context;
    audiostream::v1::DownloadAudioRequest request;
    request.set_recording_id(id);
    const auto reader = stub_->DownloadAudio(&context, request);
    for (google::api::HttpBody body; reader->Read(&body);) {
      EXPECT_EQ(body.content_type(), "audio/wav");
      chunks.push_back(body.data());
    }
    return reader->Finish();
  }

  grpc::Status Watch(const std::string& id, std::vector<Segment>& segments) {
    grpc::ClientContext context;
    audiostream::v1::WatchTranscriptRequest request;
    request.set_recording_id(id);
    const auto reader = stub_->WatchTranscript(&context, request);
    for (Segment segment; reader->Read(&segment);) segments.push_back(segment);
    return reader->Finish();
  }

  std::unique_ptr<audiostream::v1::AudioStreamService::Stub> stub_ =
      audiostream::v1::AudioStreamService::NewStub(channel_);
};

TEST_F(AudioStreamServiceTest, TranscribesTheSameBytesToTheSameText) {
  Transcript first;
  Transcript second;
  ASSERT_TRUE(Transcribe(std::string(40'000, 'x'), "en", 8'000, first).ok());
  ASSERT_TRUE(Transcribe(std::string(40'000, 'x'), "es", 8'000, second).ok());
  EXPECT_EQ(first.SerializeAsString(), second.SerializeAsString());
  ASSERT_EQ(first.segments_size(), 3);
  EXPECT_EQ(first.segments(2).start_seconds(), 2);
  EXPECT_EQ(first.segments(2).end_seconds(), 2.5);
  EXPECT_THAT(first.text(), StartsWith(first.segments(0).text() + " "));
  ASSERT_TRUE(Transcribe(std::string(40'000, 'y'), "", 0, second).ok());
  EXPECT_EQ(second.segments_size(), 2);
  EXPECT_NE(first.text(), second.text());
}

TEST_F(AudioStreamServiceTest, TakesFiftyMebibytes) {
  Transcript transcript;
  const auto status = Transcribe(std::string(50 << 20, 'x'), "en", 0, transcript);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(FieldsOf(Transcribe(std::string((50 << 20) + 1, 'x'), "en", 0, transcript)), "audio");
}

TEST_F(AudioStreamServiceTest, NamesWhatIsInvalid) {
  Transcript transcript;
  EXPECT_EQ(FieldsOf(Transcribe("", "tlh", 1, transcript)), "audio, language, sample_rate_hz");
}

TEST_F(AudioStreamServiceTest, AnswersEachChunkOfAStream) {
  grpc::ClientContext context;
  const auto stream = stub_->StreamAudio(&context);
  for (std::uint32_t sequence : {1U, 2U, 5U}) {
    ASSERT_TRUE(stream->Write(Chunk("s", sequence, std::to_string(sequence))));
    AudioResult result;
    ASSERT_TRUE(stream->Read(&result));
    EXPECT_EQ(result.sequence(), sequence);
    EXPECT_NE(result.text(), "");
    EXPECT_GE(result.confidence(), 0.75F);
  }
  stream->Write(Chunk("other", 5, "x"));
  AudioResult result;
  EXPECT_FALSE(stream->Read(&result));
  EXPECT_EQ(FieldsOf(stream->Finish()), "session_id, sequence");
}

TEST_F(AudioStreamServiceTest, KeepsWhatIsUploaded) {
  UploadSummary summary;
  ASSERT_TRUE(Upload({Chunk("s", 1, std::string(70'000, 'a')), Chunk("s", 2, "b")}, summary).ok());
  EXPECT_EQ(summary.recording_id(), "rec-2");
  EXPECT_EQ(summary.chunks(), 2U);
  EXPECT_EQ(summary.bytes(), 70'001U);
  std::vector<std::string> chunks;
  ASSERT_TRUE(Download("rec-2", chunks).ok());
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ((chunks[0] + chunks[1]).substr(44), std::string(70'000, 'a') + "b");
  std::vector<Segment> segments;
  ASSERT_TRUE(Watch("rec-2", segments).ok());
  EXPECT_EQ(segments.size(), 3U);
}

TEST_F(AudioStreamServiceTest, RefusesABrokenUpload) {
  UploadSummary summary;
  EXPECT_EQ(FieldsOf(Upload({Chunk("s", 2, "a"), Chunk("s", 1, "b")}, summary)), "sequence");
  EXPECT_EQ(Upload({}, summary).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const std::string large(30 << 20, 'x');
  const auto status = Upload({Chunk("s", 1, large), Chunk("s", 2, large)}, summary);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).reason(), "TOO_MUCH_AUDIO");
}

TEST_F(AudioStreamServiceTest, HasARecordingFromTheStart) {
  std::vector<std::string> chunks;
  ASSERT_TRUE(Download("rec-1", chunks).ok());
  ASSERT_EQ(chunks.size(), 3U);
  EXPECT_EQ(chunks[0].size(), 65'536U);
  EXPECT_EQ(chunks[1].size(), 65'536U);
  EXPECT_EQ(chunks[2].size(), 44U + 192'000 - 131'072);
  EXPECT_EQ(chunks[0].substr(0, 16), std::string("RIFF\x24\xee\x02\x00WAVEfmt ", 16));
  EXPECT_EQ(chunks[0].substr(36, 8), std::string("data\x00\xee\x02\x00", 8));
  std::vector<Segment> segments;
  ASSERT_TRUE(Watch("rec-1", segments).ok());
  EXPECT_EQ(segments.size(), 12U);
}

TEST_F(AudioStreamServiceTest, KnowsNoOtherRecordings) {
  std::vector<std::string> chunks;
  std::vector<Segment> segments;
  for (const auto& status : {Download("rec-9", chunks), Watch("rec-9", segments)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_name(), "rec-9");
  }
}

}  // namespace
}  // namespace puente::examples
