package main

import (
	"bufio"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	logBufferBytes = 64 << 10
	flushEvery     = 100 * time.Millisecond
)

// bufferedFile is written when its buffer is full, and in the background.
type bufferedFile struct {
	mutex  sync.Mutex
	buffer *bufio.Writer
}

func (f *bufferedFile) Write(line []byte) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.buffer.Write(line)
}

func (f *bufferedFile) flushForever() {
	for range time.Tick(flushEvery) {
		f.mutex.Lock()
		f.buffer.Flush()
		f.mutex.Unlock()
	}
}

// openAccessLog opens a log of JSON lines; an empty path is none.
func openAccessLog(path string) (*slog.Logger, error) {
	if path == "" {
		return slog.New(slog.NewJSONHandler(io.Discard, nil)), nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	sink := &bufferedFile{buffer: bufio.NewWriterSize(file, logBufferBytes)}
	go sink.flushForever()
	return slog.New(slog.NewJSONHandler(sink, nil)), nil
}
