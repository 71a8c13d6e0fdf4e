#include "examples/services/page_service.h"

#include "examples/services/rpc_errors.h"
#include "streams_page.h"

namespace puente::examples {
namespace {

constexpr char kPageType[] = "pages.v1.Page";
constexpr char kStreams[] = "streams";

}  // namespace

grpc::Status PageService::GetPage(grpc::ServerContext* /*context*/,
                                  const pages::v1::GetPageRequest* request,
                                  google::api::HttpBody* response) {
  if (request->name() != kStreams) return NotFound(kPageType, request->name());
  response->set_content_type("text/html; charset=utf-8");
  response->set_data(kStreamsPage);
  return grpc::Status::OK;
}

}  // namespace puente::examples
