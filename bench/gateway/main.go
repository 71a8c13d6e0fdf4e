// The grpc-gateway of the side-by-side benchmark, with what its users run it with: an access log in a file and metrics of each
// route. All of its own options are as they are by default.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"puente.invalid/bench/gateway/billing"
)

func main() {
	upstream := flag.String("upstream", "", "HOST:PORT of the gRPC server")
	listen := flag.String("listen", "127.0.0.1:0", "where clients connect")
	admin := flag.String("admin", "127.0.0.1:0", "where /metrics is")
	accessLog := flag.String("access-log", "", "the file of the access log")
	flag.Parse()
	if err := run(*upstream, *listen, *admin, *accessLog); err != nil {
		log.Fatal(err)
	}
}

func run(upstream, listen, admin, accessLogPath string) error {
	accessLog, err := openAccessLog(accessLogPath)
	if err != nil {
		return err
	}
	mux := runtime.NewServeMux(runtime.WithMiddlewares(observe(accessLog)))
	plain := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if err := billing.RegisterBillingServiceHandlerFromEndpoint(context.Background(), mux, upstream, plain); err != nil {
		return err
	}
	go func() { log.Fatal(http.ListenAndServe(admin, promhttp.Handler())) }()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())
	return http.Serve(listener, mux)
}
