package io.scopegate.authz.kubernetes;

import io.scopegate.authz.http.Cancellation;
import io.scopegate.authz.http.HttpAnswer;
import io.scopegate.authz.http.HttpCall;
import io.scopegate.authz.http.HttpClients;
import io.scopegate.authz.http.HttpThreads;
import io.scopegate.authz.http.LineBody;
import io.scopegate.config.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP client for one API server, HTTP/2 where the server has it. There are no retries (a
 * review that is late is useless) but those after a GOAWAY, no redirects, no proxy but a configured
 * one, and no second try after 401.
 */
public final class ApiConnection implements AutoCloseable {
  private static final String JSON = "application/json";

  /** The API server answers 406 if its keys are requested as anything else. */
  private static final String JSON_OR_KEYS = JSON + ", application/jwk-set+json";

  private static final int OK = 200;
  private static final int MAX_ANSWER_BYTES = 256 * 1024;

  /** Of a part of a list: some hundred objects, of which few are large. */
  private static final int MAX_LIST_BYTES = 32 * 1024 * 1024;

  /** Of one event: an object has at most 1.5 MiB in etcd, and JSON may make it longer. */
  private static final int MAX_EVENT_BYTES = 4 * 1024 * 1024;

  private static final int THREADS = 3;

  private final ExecutorService threads = HttpThreads.create("kubernetes-api", THREADS);
  private final HttpClient client;
  private final String server;
  private final AtomicInteger timeouts = new AtomicInteger();

  /** Creates the client. Takes some time: do not call it on an event loop. */
  ApiConnection(Cluster cluster, long timeoutMillis) throws ClusterAccessException {
    this.server = cluster.server().toString();
    this.client =
        HttpClients.create(
            threads,
            Duration.ofMillis(timeoutMillis),
            server.startsWith("https:"),
            ApiTls.context(cluster),
            proxy(cluster.proxy()));
  }

  /** No proxy but the one that is named: the variables of the environment are not looked at. */
  private static ProxySelector proxy(@Nullable URI proxy) {
    return proxy == null
        ? HttpClient.Builder.NO_PROXY
        : ProxySelector.of(InetSocketAddress.createUnresolved(proxy.getHost(), proxy.getPort()));
  }

  /**
   * Sends one review.
   *
   * @param timeoutMillis a bound for the head of the answer; the caller watches the whole
   * @return completes on a thread of the client; fails when there is no complete answer
   */
  Exchange post(String path, byte[] json, @Nullable Secret token, long timeoutMillis) {
    HttpRequest request =
        request(path, JSON, token)
            .timeout(Duration.ofMillis(timeoutMillis))
            .header("Content-Type", JSON)
            .POST(BodyPublishers.ofByteArray(json))
            .build();
    return new Exchange(this, HttpCall.send(client, request, MAX_ANSWER_BYTES));
  }

  /** Reads one document; otherwise as {@link #post}. */
  Exchange get(String path, @Nullable Secret token, long timeoutMillis) {
    HttpRequest request =
        request(path, JSON_OR_KEYS, token).timeout(Duration.ofMillis(timeoutMillis)).build();
    return new Exchange(this, HttpCall.send(client, request, MAX_ANSWER_BYTES));
  }

  /** Reads a part of a list. The caller watches the time. */
  Exchange list(String path, String accept, @Nullable Secret token) {
    HttpRequest request = request(path, accept, token).build();
    return new Exchange(this, HttpCall.send(client, request, MAX_LIST_BYTES));
  }

  /** Prepares a watch, which ends when the server wants it. The caller watches the time. */
  Subscription watch(String path, String accept, @Nullable Secret token, Listener listener) {
    return new Subscription(this, request(path, accept, token).build(), listener);
  }

  private HttpRequest.Builder request(String path, String accept, @Nullable Secret token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + path))
            .header("Accept", accept)
            .header("User-Agent", "scopegate");
    return token == null ? request : request.header("Authorization", "Bearer " + token.reveal());
  }

  /** An answer came. */
  void alive() {
    timeouts.set(0);
  }

  /** No answer came in time. Returns how many answers in a row have been late. */
  int timedOut() {
    return timeouts.incrementAndGet();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** A request on its way. */
  static final class Exchange {
    private final ApiConnection connection;
    private final HttpCall call;

    private Exchange(ApiConnection connection, HttpCall call) {
      this.connection = connection;
      this.call = call;
    }

    /** What it went over. */
    ApiConnection connection() {
      return connection;
    }

    /** Calls with the answer when its body has ended, or with the failure. */
    void whenAnswered(BiConsumer<@Nullable HttpAnswer, @Nullable Throwable> handler) {
      call.whenAnswered(handler);
    }

    /** Gives up, and with it the stream or connection that is used. */
    void cancel() {
      call.cancel();
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

  /** A watch in progress. */
  static final class Subscription {
    private final ApiConnection connection;
    private final HttpRequest request;
    private final Listener listener;
    private final LineBody lines;
    private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> sent;
    private volatile boolean cancelled;

    private Subscription(ApiConnection connection, HttpRequest request, Listener listener) {
      this.connection = connection;
      this.request = request;
      this.listener = listener;
      this.lines = new LineBody(MAX_EVENT_BYTES, listener::line);
    }

    /** Begins it; called once. */
    void start() {
      CompletableFuture<HttpResponse<byte[]>> now =
          connection.client.sendAsync(request, this::begun);
      sent = now;
      CompletableFuture<HttpResponse<byte[]>> unused = now.whenComplete(this::ended);
      if (cancelled) {
        now.cancel(true);
      }
    }

    /** What it goes over. */
    ApiConnection connection() {
      return connection;
    }

    private BodySubscriber<byte[]> begun(HttpResponse.ResponseInfo head) {
      if (head.statusCode() != OK) {
        return BodySubscribers.replacing(new byte[0]);
      }
      listener.opened();
      return lines;
    }

    private void ended(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
      if (response == null) {
        listener.ended(0, "", failure);
      } else {
        String retryAfter = response.headers().firstValue("Retry-After").orElse("");
        listener.ended(response.statusCode(), retryAfter, null);
      }
    }

    /** Gives up, and with it the stream or connection that is used. */
    void cancel() {
      cancelled = true;
      Cancellation.later(() -> {
        lines.cancel();
        CompletableFuture<HttpResponse<byte[]>> now = sent;
        if (now != null) {
          now.cancel(true);
        }
      });
    }
  }
}
