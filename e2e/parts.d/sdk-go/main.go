// An application with the OpenTelemetry SDK for Go: it sends so many batches of so many spans where
// the standard OTEL_ variables say, and prints what became of each as a line of JSON.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
)

// reporting says what becomes of each export.
type reporting struct {
	sdk.SpanExporter
	reported chan struct{}
}

func (r reporting) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	since := time.Now()
	err := r.SpanExporter.ExportSpans(ctx, spans)
	result := "exported"
	if err != nil {
		result = "dropped"
	}
	fmt.Printf("{\"spans\": %d, \"result\": %q, \"millis\": %d}\n",
		len(spans), result, time.Since(since).Milliseconds())
	r.reported <- struct{}{}
	return err
}

// zstdCompressor is what grpc-go needs to send messages in zstd.
type zstdCompressor struct{}

func (zstdCompressor) Name() string { return "zstd" }

func (zstdCompressor) Compress(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

func (zstdCompressor) Decompress(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }

func exporter(ctx context.Context) (*otlptrace.Exporter, error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") != "grpc" {
		return otlptracehttp.New(ctx)
	}
	if os.Getenv("OTEL_EXPORTER_OTLP_COMPRESSION") != "zstd" {
		return otlptracegrpc.New(ctx)
	}
	// The exporter itself knows gzip only.
	os.Unsetenv("OTEL_EXPORTER_OTLP_COMPRESSION")
	encoding.RegisterCompressor(zstdCompressor{})
	return otlptracegrpc.New(ctx,
		otlptracegrpc.WithDialOption(grpc.WithDefaultCallOptions(grpc.UseCompressor("zstd"))))
}

func run(batches, spans int) error {
	ctx := context.Background()
	exporter, err := exporter(ctx)
	if err != nil {
		return err
	}
	reported := make(chan struct{}, batches)
	provider := sdk.NewTracerProvider(sdk.WithBatcher(reporting{exporter, reported}))
	tracer := provider.Tracer("sdk")
	for range batches {
		for range spans {
			_, span := tracer.Start(ctx, "sdk")
			span.End()
		}
		<-reported // by the timer: errors of a flush are not logged
	}
	return provider.Shutdown(ctx)
}

func main() {
	batches, _ := strconv.Atoi(os.Args[1])
	spans, _ := strconv.Atoi(os.Args[2])
	if err := run(batches, spans); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
