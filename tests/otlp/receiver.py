#!/usr/bin/env python3
"""An OpenTelemetry collector that keeps nothing: it takes spans by OTLP/gRPC and OTLP/HTTP and prints them.

The first line is {"grpc_port": ..., "http_port": ...}, of free ports of 127.0.0.1. Then a line for each span:
protocol, name, kind, trace_id, span_id, parent_span_id (hexadecimal), trace_state, flags, start and end
(nanoseconds), attributes, events, dropped_events, status, scope, resource, and headers (of the request, names in
lower case). Ends by SIGTERM or SIGINT, or after five minutes. Needs requirements.txt; tests/otlp/receiver makes a venv of it.
"""

import gzip
import http.server
import json
import signal
import threading
from concurrent import futures

import grpc
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

LONGEST_SECONDS = 300

output = threading.Lock()


def print_line(value):
    with output:
        print(json.dumps(value), flush=True)


def value_of(any_value):
    kind = any_value.WhichOneof("value")
    return getattr(any_value, kind) if kind else None


def attributes_of(pairs):
    return {pair.key: value_of(pair.value) for pair in pairs}


def event_of(event):
    return {
        "time": event.time_unix_nano,
        "name": event.name,
        "attributes": attributes_of(event.attributes),
    }


def span_of(span):
    return {
        "name": span.name,
        "kind": trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex(),
        "trace_state": span.trace_state,
        "flags": span.flags,
        "start": span.start_time_unix_nano,
        "end": span.end_time_unix_nano,
        "attributes": attributes_of(span.attributes),
        "events": [event_of(event) for event in span.events],
        "dropped_events": span.dropped_events_count,
        "status": {
            "code": trace_pb2.Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
            "message": span.status.message,
        },
    }


def print_spans(protocol, headers, request):
    for group in request.resource_spans:
        for scope in group.scope_spans:
            for span in scope.spans:
                print_line({
                    "protocol": protocol,
                    **span_of(span),
                    "scope": {"name": scope.scope.name, "version": scope.scope.version},
                    "resource": attributes_of(group.resource.attributes),
                    "headers": headers,
                })


class TraceService(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        headers = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        print_spans("grpc", headers, request)
        return trace_service_pb2.ExportTraceServiceResponse()


class TraceHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/traces":
            return self.answer(404)
        if self.headers["Content-Type"] != "application/x-protobuf":
            return self.answer(415)
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        try:
            request = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            return self.answer(400)
        print_spans("http", {name.lower(): value for name, value in self.headers.items()}, request)
        return self.answer(200, trace_service_pb2.ExportTraceServiceResponse().SerializeToString())

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGALRM})
    grpc_server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(TraceService(), grpc_server)
    grpc_port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()
    http_server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TraceHandler)
    threading.Thread(target=http_server.serve_forever, daemon=True).start()
    print_line({"grpc_port": grpc_port, "http_port": http_server.server_port})
    signal.alarm(LONGEST_SECONDS)
    signal.sigwait({signal.SIGTERM, signal.SIGINT, signal.SIGALRM})
    grpc_server.stop(grace=0)
    http_server.shutdown()


if __name__ == "__main__":
    main()
