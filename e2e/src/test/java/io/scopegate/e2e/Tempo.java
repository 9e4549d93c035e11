package io.scopegate.e2e;

import io.scopegate.testkit.TestCa;
import io.scopegate.testkit.tempo.TempoStandIn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands behind the gateway: a real Tempo, or the stand-in where its binary is missing. */
interface Tempo extends AutoCloseable {

  /** Starts a real one, or the stand-in. */
  static Tempo start() {
    return Parts.has("tempo") ? new Real() : new StandIn();
  }

  /** Its ports. */
  GatewayRun.Upstreams ports();

  /** Where it takes what is not OTLP. */
  Others others();

  /** Whether it is a real one. */
  boolean isReal();

  /** How many different spans of a trace it has, asked directly and not by way of the gateway. */
  int spans(String tenant, String traceId);

  @Override
  void close();

  /** The binary. */
  final class Real implements Tempo {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern SPAN_ID = Pattern.compile("\"spanId\":\\s*\"([^\"]+)\"");

    private final GatewayRun.Upstreams ports =
        new GatewayRun.Upstreams(FreePorts.next(), FreePorts.next(), FreePorts.next());
    private final Others others = new Others(FreePorts.next(), FreePorts.next(), FreePorts.next());
    private final Http http = Http.one(TestCa.create());
    private final Part process;

    Real() {
      this(new String[0]);
    }

    /** Without what these lines of its configuration say. */
    Real(String... lines) {
      Path directory = Scratch.directory("tempo");
      Path config =
          Scratch.write(
              directory.resolve("tempo.yaml"),
              without(
                  lines,
                  Map.of(
                      "TEMPO_DIR", directory.toString(),
                      "TEMPO_HTTP_PORT", Integer.toString(ports.query()),
                      "TEMPO_GRPC_PORT", Integer.toString(FreePorts.next()),
                      "TEMPO_OTLP_GRPC_PORT", Integer.toString(ports.otlpGrpc()),
                      "TEMPO_OTLP_HTTP_PORT", Integer.toString(ports.otlpHttp()),
                      "TEMPO_ZIPKIN_PORT", Integer.toString(others.zipkin()),
                      "TEMPO_JAEGER_THRIFT_PORT", Integer.toString(others.jaegerThrift()),
                      "TEMPO_JAEGER_GRPC_PORT", Integer.toString(others.jaegerGrpc()))));
      process =
          Part.start(
              "tempo",
              directory,
              Map.of(),
              List.of(Parts.need("tempo").toString(), "-config.file=" + config));
      Until.holds("Tempo is ready", READY, () -> http.get(url("/ready")).status() == 200);
    }

    private static String without(String[] lines, Map<String, String> values) {
      String text = Scratch.template("tempo.yaml", values);
      for (String line : lines) {
        if (!text.contains(line)) {
          throw new IllegalStateException("not in tempo.yaml: " + line);
        }
        text = text.replace(line, "");
      }
      return text;
    }

    /** An address of its query port. */
    String url(String path) {
      return "http://127.0.0.1:" + ports.query() + path;
    }

    @Override
    public GatewayRun.Upstreams ports() {
      return ports;
    }

    @Override
    public Others others() {
      return others;
    }

    @Override
    public boolean isReal() {
      return true;
    }

    @Override
    public int spans(String tenant, String traceId) {
      String trace = http.get(url("/api/v2/traces/" + traceId), "x-scope-orgid", tenant).text();
      Set<String> ids = new HashSet<>();
      Matcher matcher = SPAN_ID.matcher(trace);
      while (matcher.find()) {
        ids.add(matcher.group(1));
      }
      return ids.size();
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /** The testkit's. */
  final class StandIn implements Tempo {
    private final TempoStandIn tempo = TempoStandIn.start();

    @Override
    public GatewayRun.Upstreams ports() {
      return Tempo.portsOf(tempo);
    }

    @Override
    public Others others() {
      return new Others(tempo.zipkinPort(), tempo.jaegerThriftPort(), tempo.jaegerGrpcPort());
    }

    @Override
    public boolean isReal() {
      return false;
    }

    @Override
    public int spans(String tenant, String traceId) {
      return tempo.store().trace(tenant, traceId).size();
    }

    @Override
    public void close() {
      tempo.close();
    }
  }

  /**
   * Ports of the other protocols.
   *
   * @param zipkin Zipkin over HTTP
   * @param jaegerThrift Jaeger's Thrift over HTTP
   * @param jaegerGrpc Jaeger's gRPC
   */
  record Others(int zipkin, int jaegerThrift, int jaegerGrpc) {}

  /** The ports of a stand-in. */
  static GatewayRun.Upstreams portsOf(TempoStandIn tempo) {
    return new GatewayRun.Upstreams(tempo.otlpGrpcPort(), tempo.otlpHttpPort(), tempo.queryPort());
  }
}
