"""An application with the OpenTelemetry SDK for Python.

It sends so many batches of so many spans where the standard OTEL_ variables say, and prints what
became of each as a line of JSON.
"""

import json
import os
import sys
import time

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter


class Reporting(SpanExporter):
    """Says what becomes of each export."""

    def __init__(self, exporter):
        self.exporter = exporter

    def export(self, spans):
        since = time.monotonic()
        result = self.exporter.export(spans)
        line = {
            "spans": len(spans),
            "result": "exported" if result is SpanExportResult.SUCCESS else "dropped",
            "millis": round(1000 * (time.monotonic() - since)),
        }
        print(json.dumps(line), flush=True)
        return result

    def shutdown(self):
        self.exporter.shutdown()


def main(batches, spans):
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Reporting(OTLPSpanExporter())))
    tracer = provider.get_tracer("sdk")
    for _ in range(batches):
        for _ in range(spans):
            tracer.start_span("sdk").end()
        provider.force_flush(120_000)
    provider.shutdown()


main(int(sys.argv[1]), int(sys.argv[2]))
