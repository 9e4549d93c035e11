package io.scopegate.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The OpenTelemetry SDKs, each as an application of a few lines: {@code parts.d/sdk-*}. */
enum Sdk {
  JAVA,
  GO,
  PYTHON,
  JAVASCRIPT;

  private static final Duration AT_MOST = Duration.ofSeconds(90);

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  String inGuide() {
    return this == JAVASCRIPT ? "JavaScript" : name().charAt(0) + label().substring(1);
  }

  /** The program; without it the test is skipped. */
  Path program() {
    return Parts.need("sdk-" + label());
  }

  /**
   * Sends batches with nothing but the variables that every SDK knows. Exports may take a minute,
   * not ten seconds, so that a busy machine changes nothing.
   *
   * @param export where to, and how
   * @param batches so many, one after the other
   * @param spans so many in each
   */
  Running start(Export export, int batches, int spans) {
    Map<String, String> environment = new HashMap<>();
    environment.put("OTEL_EXPORTER_OTLP_PROTOCOL", export.protocol().inVariables);
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", "https://localhost:" + export.port());
    environment.put("OTEL_EXPORTER_OTLP_CERTIFICATE", export.ca().toString());
    if (!export.coding().equals("none")) { // which Python does not know
      environment.put("OTEL_EXPORTER_OTLP_COMPRESSION", export.coding());
    }
    environment.put(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "authorization=Bearer%%20%s,x-scope-orgid=%2$s,x-request-id=%2$s"
            .formatted(export.token(), export.tenant()));
    environment.put("OTEL_EXPORTER_OTLP_TIMEOUT", this == PYTHON ? "60" : "60000");
    environment.put("OTEL_BSP_EXPORT_TIMEOUT", "60000");
    // Java and Python flush; the errors of a flush would not be logged by the others.
    boolean flushes = this == JAVA || this == PYTHON;
    environment.put("OTEL_BSP_SCHEDULE_DELAY", flushes ? "60000" : "500");
    environment.put("OTEL_METRICS_EXPORTER", "none");
    environment.put("OTEL_LOGS_EXPORTER", "none");
    environment.put("NO_PROXY", "localhost,127.0.0.1");
    // Python's HTTP exporter prefers these to OTEL_EXPORTER_OTLP_CERTIFICATE.
    environment.put("REQUESTS_CA_BUNDLE", export.ca().toString());
    environment.put("CURL_CA_BUNDLE", export.ca().toString());
    Path directory = Scratch.directory("sdk-" + label());
    Part process =
        Part.start(
            "sdk-" + label(),
            directory,
            environment,
            List.of(program().toString(), Integer.toString(batches), Integer.toString(spans)));
    return new Running(process, export);
  }

  /** By which of its exporters. */
  enum Protocol {
    GRPC("grpc"),
    HTTP("http/protobuf");

    private final String inVariables;

    Protocol(String inVariables) {
      this.inVariables = inVariables;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where an SDK sends and how.
   *
   * @param protocol by which exporter
   * @param coding gzip, zstd or none
   * @param port of the gateway, on which TLS is spoken
   * @param ca who signed the gateway's certificate
   * @param tenant for whom, which is the request's id too
   * @param token whose
   */
  record Export(Protocol protocol, String coding, int port, Path ca, String tenant, String token) {}

  /** A program that sends. */
  static final class Running implements AutoCloseable {
    private final Part process;
    private final Export export;

    private Running(Part process, Export export) {
      this.process = process;
      this.export = export;
    }

    Export export() {
      return export;
    }

    /** What became of each batch, {@code exported} or {@code dropped}, once it has ended. */
    Told await() {
      process.awaitEnd(AT_MOST);
      List<String> results = new ArrayList<>();
      StringBuilder log = new StringBuilder();
      for (String line : process.output().lines().toList()) {
        if (line.startsWith("{\"spans\"")) {
          results.add(line.replaceAll(".*\"result\": ?\"(\\w+)\".*", "$1"));
        } else {
          log.append(line).append('\n');
        }
      }
      return new Told(results, log.toString());
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /**
   * What a program said.
   *
   * @param results for each batch {@code exported} or {@code dropped}
   * @param log what the SDK logged without being configured
   */
  record Told(List<String> results, String log) {
    /** What became of the last batch. */
    String last() {
      return results.isEmpty() ? "nothing" : results.get(results.size() - 1);
    }
  }
}
