// The grpc-gateway that Puente is compared with: all of its options as they are by default, in front of one gRPC server.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"puente.invalid/compat/gateway/compat"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatalf("usage: %s HOST:PORT of the gRPC server", os.Args[0])
	}
	mux := runtime.NewServeMux()
	register := []func(context.Context, *runtime.ServeMux, string, []grpc.DialOption) error{
		compat.RegisterBookstoreHandlerFromEndpoint,
		compat.RegisterCatalogueHandlerFromEndpoint,
		compat.RegisterTwinsHandlerFromEndpoint,
		compat.RegisterLoneHandlerFromEndpoint,
	}
	plain := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	for _, service := range register {
		if err := service(context.Background(), mux, os.Args[1], plain); err != nil {
			log.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	log.Fatal(http.Serve(listener, mux))
}
