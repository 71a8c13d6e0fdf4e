package main

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var durations = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "http_server_request_duration_seconds",
	Help:    "Time to answer a request.",
	Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10},
}, []string{"http_route", "http_request_method", "http_response_status_code"})

// answer remembers what was sent.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(data []byte) (int, error) {
	n, err := a.ResponseWriter.Write(data)
	a.bytes += n
	return n, err
}

// Flush is what the gateway needs to send a stream message by message.
func (a *answer) Flush() {
	a.ResponseWriter.(http.Flusher).Flush()
}

// observe counts and logs each request.
func observe(accessLog *slog.Logger) runtime.Middleware {
	return func(next runtime.HandlerFunc) runtime.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
			start := time.Now()
			sent := &answer{ResponseWriter: w, status: http.StatusOK}
			next(sent, r, pathParams)
			record(accessLog, r, sent, start)
		}
	}
}

func record(accessLog *slog.Logger, r *http.Request, sent *answer, start time.Time) {
	took := time.Since(start)
	route := "unmatched"
	if pattern, ok := runtime.HTTPPattern(r.Context()); ok {
		route = pattern.String()
	}
	durations.WithLabelValues(route, r.Method, strconv.Itoa(sent.status)).Observe(took.Seconds())
	accessLog.LogAttrs(r.Context(), slog.LevelInfo, "access",
		slog.String("trace_id", r.Header.Get("Traceparent")),
		slog.String("request_id", r.Header.Get("X-Request-Id")),
		slog.String("method", r.Method),
		slog.String("route", route),
		slog.Int("status", sent.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.Int64("bytes_in", max(r.ContentLength, 0)),
		slog.Int("bytes_out", sent.bytes),
		slog.String("client", r.RemoteAddr))
}
