package io.scopegate.testkit.otlp;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A receiver of OTLP over HTTP that answers as a test says, and reads with the official classes.
 */
public final class OtlpReceiver implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  /**
   * What came.
   *
   * @param caller the subject of the client's certificate; empty without TLS
   */
  public record Request(
      String path, Map<String, List<String>> headers, byte[] body, String caller) {
    /** The first value of a header; empty without one. */
    public String header(String name) {
      return headers.getOrDefault(name, List.of("")).get(0);
    }

    /** It as spans. */
    public ExportTraceServiceRequest traces() {
      try {
        return ExportTraceServiceRequest.parseFrom(body);
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** It as log records. */
    public ExportLogsServiceRequest logs() {
      try {
        return ExportLogsServiceRequest.parseFrom(body);
      } catch (InvalidProtocolBufferException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** How it answers. */
  public interface Behaviour {
    /** Answers; an exception closes the connection. */
    void answer(HttpExchange exchange) throws IOException;

    /** Whether it takes what came. */
    default boolean takes() {
      return false;
    }
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final List<Span> spans = new CopyOnWriteArrayList<>();
  private final List<LogRecord> logs = new CopyOnWriteArrayList<>();
  private volatile Behaviour behaviour = status(200);

  private OtlpReceiver(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** On a free port. */
  public static OtlpReceiver open() throws IOException {
    return new OtlpReceiver(
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  /** The same over TLS, for clients with a certificate only. */
  public static OtlpReceiver open(SSLContext tls) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(tls) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters asked = tls.getDefaultSSLParameters();
            asked.setNeedClientAuth(true);
            parameters.setSSLParameters(asked);
          }
        });
    return new OtlpReceiver(server);
  }

  /** Answers with a status, and headers by name and value. */
  public static Behaviour status(int code, String... headers) {
    return new Behaviour() {
      @Override
      public void answer(HttpExchange exchange) throws IOException {
        for (int i = 0; i < headers.length; i += 2) {
          exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(code, -1);
      }

      @Override
      public boolean takes() {
        return code == 200;
      }
    };
  }

  /** From now on. */
  public void behave(Behaviour next) {
    behaviour = next;
  }

  private void handle(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(exchange.getRequestHeaders());
    Request request =
        new Request(exchange.getRequestURI().getPath(), headers, body, caller(exchange));
    Behaviour now = behaviour;
    if (now.takes()) { // before the answer: a test may look as soon as that is there
      if (request.path().endsWith("/logs")) {
        request.logs().getResourceLogsList().stream()
            .flatMap(r -> r.getScopeLogsList().stream())
            .forEach(s -> logs.addAll(s.getLogRecordsList()));
      } else {
        request.traces().getResourceSpansList().stream()
            .flatMap(r -> r.getScopeSpansList().stream())
            .forEach(s -> spans.addAll(s.getSpansList()));
      }
    }
    requests.add(request);
    now.answer(exchange);
    exchange.close();
  }

  private static String caller(HttpExchange exchange) throws IOException {
    return exchange instanceof HttpsExchange tls
        ? tls.getSSLSession().getPeerPrincipal().getName()
        : "";
  }

  /** Its URL, without a path. */
  public String url() {
    return (server instanceof HttpsServer ? "https" : "http")
        + "://127.0.0.1:"
        + server.getAddress().getPort();
  }

  /** The next request. */
  public Request next() throws InterruptedException {
    Request next = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no request within " + PATIENCE_SECONDS + " s");
    }
    return next;
  }

  /** All spans that it took. */
  public List<Span> spans() {
    return List.copyOf(spans);
  }

  /** All log records that it took. */
  public List<LogRecord> logs() {
    return List.copyOf(logs);
  }

  /** Attributes as text. */
  public static Map<String, String> attributes(List<KeyValue> list) {
    Map<String, String> all = new TreeMap<>();
    list.forEach(pair -> {
      AnyValue value = pair.getValue();
      String text =
          switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case INT_VALUE -> Long.toString(value.getIntValue());
            case BOOL_VALUE -> Boolean.toString(value.getBoolValue());
            default -> throw new AssertionError(value.toString());
          };
      if (all.put(pair.getKey(), text) != null) {
        throw new AssertionError("twice: " + pair.getKey());
      }
    });
    return all;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
