'use strict';

// An application with the OpenTelemetry SDK for JavaScript: it sends so many batches of so many
// spans where the standard OTEL_ variables say, and prints what became of each as a line of JSON.

const { diag, DiagConsoleLogger, DiagLogLevel } = require('@opentelemetry/api');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const grpc = process.env.OTEL_EXPORTER_OTLP_PROTOCOL === 'grpc';
const { OTLPTraceExporter } = require(
  '@opentelemetry/exporter-trace-otlp-' + (grpc ? 'grpc' : 'proto'));

/** Says what becomes of each export. */
class Reporting {
  constructor(exporter) {
    this.exporter = exporter;
    this.reported = () => {};
  }

  /** When the next export has ended. */
  next() {
    return new Promise(resolve => {
      this.reported = resolve;
    });
  }

  export(spans, done) {
    const since = Date.now();
    this.exporter.export(spans, result => {
      const line = {
        spans: spans.length,
        result: result.code === 0 ? 'exported' : 'dropped',
        millis: Date.now() - since,
      };
      console.log(JSON.stringify(line));
      done(result);
      setImmediate(this.reported);
    });
  }

  shutdown() {
    return this.exporter.shutdown();
  }
}

async function main(batches, spans) {
  // Without this, which OTEL_LOG_LEVEL does in an application, nothing is logged.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.INFO);
  const reporting = new Reporting(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({
    spanProcessors: [new BatchSpanProcessor(reporting)],
  });
  const tracer = provider.getTracer('sdk');
  const alive = setInterval(() => {}, 1000); // the processor's own timer keeps nothing alive
  for (let batch = 0; batch < batches; batch++) {
    const exported = reporting.next(); // by the timer: errors of a flush are not logged
    for (let i = 0; i < spans; i++) {
      tracer.startSpan('sdk').end();
    }
    await exported;
  }
  clearInterval(alive);
  await provider.shutdown();
}

main(Number(process.argv[2]), Number(process.argv[3]));
