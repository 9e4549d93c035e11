package io.scopegate.authz.kubernetes;

import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.TlsVersion;
import io.scopegate.config.Secret;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for one API server, HTTP/2 where the server has it.
 *
 * <p>The library's {@code HttpClient} is assembled by hand, so that nothing happens behind our
 * back: no retries (a review that is late is useless), no redirects (a token would follow them), no
 * proxy, no look at {@code ~/.kube} or the environment, no second try after 401, and no typed
 * models.
 */
public final class ApiConnection implements AutoCloseable {
  private static final String JSON = "application/json";

  /** The API server says 406 to whoever wants its keys as anything else. */
  private static final String JSON_OR_KEYS = JSON + ", application/jwk-set+json";

  private static final int OK = 200;
  private static final int MAX_ANSWER_BYTES = 256 * 1024;

  /** Of a part of a list: some hundred objects, of which few are large. */
  private static final int MAX_LIST_BYTES = 32 * 1024 * 1024;

  /** Of one event: an object has at most 1.5 MiB in etcd, and JSON may make it longer. */
  private static final int MAX_EVENT_BYTES = 4 * 1024 * 1024;

  private final HttpClient client;
  private final String server;
  private final AtomicInteger timeouts = new AtomicInteger();

  /** Takes some time: do not call it on an event loop. */
  ApiConnection(Cluster cluster, long timeoutMillis) throws ClusterAccessException {
    this.server = cluster.server().toString();
    HttpClient.Builder builder = new ApiClientFactory().newBuilder();
    builder.connectTimeout(timeoutMillis, TimeUnit.MILLISECONDS);
    builder.proxyType(HttpClient.ProxyType.DIRECT);
    builder.tag(withoutRetries());
    if (server.startsWith("https:")) {
      builder.sslContext(ApiTls.keys(cluster), ApiTls.trust(cluster));
      builder.tlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
    } else {
      // In clear text the JDK would try to upgrade every request to HTTP/2.
      builder.preferHttp11();
    }
    this.client = builder.build();
  }

  private static RequestConfig withoutRetries() {
    return new RequestConfigBuilder().withRequestRetryBackoffLimit(0).build();
  }

  /**
   * Sends one review.
   *
   * @param timeoutMillis a bound for the head of the answer; the caller watches the whole
   * @return completes on a thread of the client; fails when there is no complete answer
   */
  Exchange post(String path, byte[] json, @Nullable Secret token, long timeoutMillis) {
    HttpRequest.Builder request = request(path, JSON, token);
    request.timeout(timeoutMillis, TimeUnit.MILLISECONDS);
    request.post(JSON, json);
    return new Exchange(this, request.build(), MAX_ANSWER_BYTES);
  }

  /** Reads one document; otherwise as {@link #post}. */
  Exchange get(String path, @Nullable Secret token, long timeoutMillis) {
    HttpRequest.Builder request = request(path, JSON_OR_KEYS, token);
    request.timeout(timeoutMillis, TimeUnit.MILLISECONDS);
    return new Exchange(this, request.build(), MAX_ANSWER_BYTES);
  }

  /** Reads a part of a list. The caller watches the time. */
  Exchange list(String path, String accept, @Nullable Secret token) {
    return new Exchange(this, request(path, accept, token).build(), MAX_LIST_BYTES);
  }

  /** Begins a watch, which ends when the server wants it. The caller watches the time. */
  Subscription watch(String path, String accept, @Nullable Secret token, Listener listener) {
    return new Subscription(this, request(path, accept, token).build(), listener);
  }

  private HttpRequest.Builder request(String path, String accept, @Nullable Secret token) {
    HttpRequest.Builder request = client.newHttpRequestBuilder();
    request.uri(server + path);
    request.setHeader("Accept", accept);
    request.setHeader("User-Agent", "scopegate");
    if (token != null) {
      request.setHeader("Authorization", "Bearer " + token.reveal());
    }
    return request;
  }

  /** An answer came. */
  void alive() {
    timeouts.set(0);
  }

  /** No answer came in time: for the how-manieth time in a row. */
  int timedOut() {
    return timeouts.incrementAndGet();
  }

  @Override
  public void close() {
    client.close();
  }

  /**
   * What the server said.
   *
   * @param status the HTTP status
   * @param retryAfter the header of that name; empty when missing
   * @param body the whole body
   */
  public record Answer(int status, String retryAfter, Buffer body) {}

  /** A request on its way. */
  static final class Exchange implements AsyncBody.Consumer<List<ByteBuffer>> {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final ApiConnection connection;
    private final CompletableFuture<HttpResponse<AsyncBody>> head;
    private final CompletableFuture<Answer> answer;
    private final int maxBytes;

    private Exchange(ApiConnection connection, HttpRequest request, int maxBytes) {
      this.connection = connection;
      this.maxBytes = maxBytes;
      this.head = connection.client.consumeBytes(request, this);
      this.answer = head.thenCompose(this::readBody);
    }

    /** What it went over. */
    ApiConnection connection() {
      return connection;
    }

    /** Calls with the answer when its body has ended, or with the failure. */
    void whenAnswered(BiConsumer<@Nullable Answer, @Nullable Throwable> handler) {
      CompletableFuture<Answer> unused = answer.whenComplete(handler);
    }

    /** Gives up, and with it the stream or connection that is used. */
    void cancel() {
      if (!head.cancel(false) && !head.isCompletedExceptionally()) {
        head.join().body().cancel();
      }
    }

    private CompletableFuture<Answer> readBody(HttpResponse<AsyncBody> response) {
      AsyncBody body = response.body();
      body.consume();
      return body.done().thenApply(ignored -> toAnswer(response));
    }

    private Answer toAnswer(HttpResponse<AsyncBody> response) {
      String retryAfter = response.header("Retry-After");
      return new Answer(
          response.code(),
          retryAfter == null ? "" : retryAfter,
          Buffer.buffer(received.toByteArray()));
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws IOException {
      for (ByteBuffer buffer : buffers) {
        if (received.size() + buffer.remaining() > maxBytes) {
          throw new IOException("answer longer than " + maxBytes + " bytes");
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        received.writeBytes(bytes);
      }
      body.consume();
    }
  }

  /** Hears of a watch, on threads of the client, one call at a time. */
  interface Listener {
    /** The server has agreed. */
    void opened();

    /**
     * Something came.
     *
     * @param line a line of JSON
     * @throws IOException when no more is wanted
     */
    void line(byte[] line) throws IOException;

    /**
     * It is over; called once.
     *
     * @param status the HTTP status; 0 when there was none
     * @param retryAfter the header of that name; empty when missing
     * @param failure why it ended, if not because the server wanted it
     */
    void ended(int status, String retryAfter, @Nullable Throwable failure);
  }

  /** A watch under way. */
  static final class Subscription implements AsyncBody.Consumer<List<ByteBuffer>> {
    private final ApiConnection connection;
    private final Listener listener;
    private final Lines lines = new Lines(MAX_EVENT_BYTES);
    private final CompletableFuture<HttpResponse<AsyncBody>> head;

    private Subscription(ApiConnection connection, HttpRequest request, Listener listener) {
      this.connection = connection;
      this.listener = listener;
      this.head = connection.client.consumeBytes(request, this);
    }

    /** Starts telling; called once, when the caller can bear it. */
    void start() {
      CompletableFuture<Void> unused = head.handle(this::begun).thenCompose(next -> next);
    }

    /** What it goes over. */
    ApiConnection connection() {
      return connection;
    }

    private CompletableFuture<Void> begun(
        @Nullable HttpResponse<AsyncBody> response, @Nullable Throwable failure) {
      if (response == null) {
        listener.ended(0, "", failure);
        return CompletableFuture.completedFuture(null);
      }
      int status = response.code();
      String retryAfter = response.header("Retry-After");
      if (status != OK) {
        response.body().cancel();
        listener.ended(status, retryAfter == null ? "" : retryAfter, null);
        return CompletableFuture.completedFuture(null);
      }
      listener.opened();
      response.body().consume();
      return response
          .body()
          .done()
          .handle((done, broken) -> {
            listener.ended(status, "", broken);
            return null;
          });
    }

    /** Gives up, and with it the stream or connection that is used. */
    void cancel() {
      if (!head.cancel(false) && !head.isCompletedExceptionally()) {
        head.join().body().cancel();
      }
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws IOException {
      for (ByteBuffer buffer : buffers) {
        lines.feed(buffer, listener::line);
      }
      body.consume();
    }
  }
}
