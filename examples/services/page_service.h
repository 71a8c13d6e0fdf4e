// pages.v1.PageService: the pages of examples/pages, which are part of the program.
#pragma once

#include "pages/v1/pages.grpc.pb.h"

namespace puente::examples {

class PageService final : public pages::v1::PageService::Service {
 public:
  // NOT_FOUND for a page that there is not.
  grpc::Status GetPage(grpc::ServerContext* context, const pages::v1::GetPageRequest* request,
                       google::api::HttpBody* response) override;
};

}  // namespace puente::examples
