import com.github.luben.zstd.ZstdOutputStream;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.Compressor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * An application with the OpenTelemetry SDK for Java: it sends so many batches of so many spans
 * where the standard OTEL_ variables say, and prints what became of each as a line of JSON.
 */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int batches = Integer.parseInt(arguments[0]);
    int spans = Integer.parseInt(arguments[1]);
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addSpanExporterCustomizer((exporter, config) -> new Reporting(exporter))
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk();
    Tracer tracer = sdk.getTracer("sdk");
    for (int batch = 0; batch < batches; batch++) {
      for (int i = 0; i < spans; i++) {
        tracer.spanBuilder("sdk").startSpan().end();
      }
      sdk.getSdkTracerProvider().forceFlush().join(2, TimeUnit.MINUTES);
    }
    sdk.close();
  }

  /** Says what becomes of each export. */
  private record Reporting(SpanExporter exporter) implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      long since = System.nanoTime();
      CompletableResultCode result = exporter.export(spans);
      result.whenComplete(
          () ->
              System.out.printf(
                  "{\"spans\": %d, \"result\": \"%s\", \"millis\": %d}%n",
                  spans.size(),
                  result.isSuccess() ? "exported" : "dropped",
                  TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)));
      return result;
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }

  /** The coding zstd, found by its name in OTEL_EXPORTER_OTLP_COMPRESSION. */
  public static final class Zstd implements Compressor {
    @Override
    public String getEncoding() {
      return "zstd";
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      return new ZstdOutputStream(out);
    }
  }
}
