package io.scopegate.e2e;

import com.github.luben.zstd.ZstdInputStream;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.scopegate.testkit.Await;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyFramedInputStream;

/**
 * An upstream that takes OTLP by gRPC and HTTP on one port, and books for each tenant what has
 * arrived, its spans last: it inflates bodies itself and owes nothing to the gateway's own
 * counting.
 */
public final class SpanLedger implements AutoCloseable {
  private static final int PREFIX = 5;

  /** How snappy's framing format begins. */
  private static final byte[] FRAMED = {(byte) 0xff, 6, 0, 0};

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final HttpServer server;

  public SpanLedger() {
    server =
        Await.result(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(true))
                .requestHandler(this::serve)
                .listen(FreePorts.next(), "127.0.0.1"));
  }

  /**
   * What has arrived for one tenant; may be read by any thread.
   *
   * @param decoded bytes of protobuf
   * @param wire bytes as they came, compressed or not
   * @param spans the ids of all spans
   * @param codings those that bodies and messages came in
   */
  public record Account(AtomicLong decoded, AtomicLong wire, Set<Long> spans, Set<String> codings) {
    private Account() {
      this(
          new AtomicLong(),
          new AtomicLong(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet());
    }
  }

  public int port() {
    return server.actualPort();
  }

  /** What has arrived for a tenant. */
  public Account of(String tenant) {
    return accounts.computeIfAbsent(tenant, name -> new Account());
  }

  @Override
  public void close() {
    Await.result(vertx.close());
  }

  private void serve(HttpServerRequest request) {
    request
        .body()
        .onSuccess(body -> {
          Account account = of(request.getHeader("x-scope-orgid"));
          account.wire().addAndGet(body.length());
          try {
            if (String.valueOf(request.getHeader("content-type")).startsWith("application/grpc")) {
              rpc(account, body, request.getHeader("grpc-encoding"));
              answerRpc(request.response());
            } else {
              book(account, body, request.getHeader("content-encoding"));
              request.response().putHeader("content-type", "application/x-protobuf").end();
            }
          } catch (IOException e) {
            request.response().setStatusCode(400).end();
          }
        });
  }

  private static void rpc(Account account, Buffer body, @Nullable String coding)
      throws IOException {
    int at = 0;
    while (at < body.length()) {
      int end = at + PREFIX + body.getInt(at + 1);
      book(account, body.slice(at + PREFIX, end), body.getByte(at) == 1 ? coding : null);
      at = end;
    }
  }

  private static void answerRpc(HttpServerResponse response) {
    response.putHeader("content-type", "application/grpc").putTrailer("grpc-status", "0");
    response.end(Buffer.buffer(new byte[PREFIX]));
  }

  private static void book(Account account, Buffer message, @Nullable String coding)
      throws IOException {
    String named = coding == null ? "identity" : coding;
    byte[] decoded = decoded(named, message.getBytes());
    account.codings().add(named);
    account.decoded().addAndGet(decoded.length);
    for (ResourceSpans resource :
        ExportTraceServiceRequest.parseFrom(decoded).getResourceSpansList()) {
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          account.spans().add(span.getSpanId().asReadOnlyByteBuffer().getLong());
        }
      }
    }
  }

  private static byte[] decoded(String coding, byte[] bytes) throws IOException {
    InputStream from = new ByteArrayInputStream(bytes);
    try (InputStream in =
        switch (coding) {
          case "identity" -> from;
          case "gzip" -> new GZIPInputStream(from);
          case "zstd" -> new ZstdInputStream(from);
          case "snappy" -> // a block over HTTP, frames over gRPC
              Arrays.equals(bytes, 0, FRAMED.length, FRAMED, 0, FRAMED.length)
                  ? new SnappyFramedInputStream(from)
                  : new ByteArrayInputStream(Snappy.uncompress(bytes));
          case "x-snappy-framed" -> new SnappyFramedInputStream(from);
          default -> throw new IOException("unknown coding: " + coding);
        }) {
      return in.readAllBytes();
    }
  }
}
