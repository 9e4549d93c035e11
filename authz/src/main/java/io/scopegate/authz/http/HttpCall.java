package io.scopegate.authz.http;

import io.vertx.core.buffer.Buffer;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way whose answer is read whole, up to a bound. Everything that goes wrong is a
 * failure at once, but for two things: after a GOAWAY of the server it is sent once more on a new
 * connection, and at last by HTTP/1.1, which has none; and if the connection was closed before
 * anything of the answer came, it is sent once more. So only send what may come several times. For
 * any thread.
 *
 * <p>A connection can be closed just as a request is put on it: one that was idle for too long for
 * the server or for what is between, or one with a GOAWAY on its way, whose server ignores the
 * request and closes the connection a second later.
 *
 * <p>HTTP/1.1, because API servers send GOAWAY with each 401, and older JDKs then lose the 401
 * (JDK-8335181).
 */
public final class HttpCall {
  private static final int HTTP_MULTIPLE_CHOICES = 300;

  /** How a request is sent, one way after the other. */
  private enum Try {
    FIRST,
    AGAIN,
    /** Without HTTP/2. */
    PLAIN
  }

  private final HttpClient client;
  private final HttpRequest request;
  private final int maxBytes;
  private final CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
  private volatile @Nullable Attempt attempt;
  private volatile boolean cancelled;

  private HttpCall(HttpClient client, HttpRequest request, int maxBytes) {
    this.client = client;
    this.request = request;
    this.maxBytes = maxBytes;
  }

  /**
   * Sends a request.
   *
   * @param request its timeout bounds the time until the head of the answer is there; the caller
   *     watches the whole, and cancels
   * @param maxBytes a longer body is a failure
   */
  public static HttpCall send(HttpClient client, HttpRequest request, int maxBytes) {
    HttpCall call = new HttpCall(client, request, maxBytes);
    call.attempt(Try.FIRST);
    return call;
  }

  private void attempt(Try which) {
    Attempt now = new Attempt();
    attempt = now;
    now.start(which);
    if (cancelled) {
      now.cancel();
    }
  }

  /**
   * Calls with the answer when its body has ended, or with the failure; on a thread of the client.
   */
  public void whenAnswered(BiConsumer<@Nullable HttpAnswer, @Nullable Throwable> handler) {
    CompletableFuture<HttpAnswer> unused = answer.whenComplete(handler);
  }

  /** Gives up, and with it the stream or connection that is used. */
  public void cancel() {
    cancelled = true;
    Attempt now = attempt;
    if (now != null) {
      Cancellation.later(now::cancel);
    }
  }

  private void ended(
      Try which,
      HttpResponse.@Nullable ResponseInfo head,
      @Nullable HttpResponse<byte[]> response,
      @Nullable Throwable failure) {
    if (response != null) {
      answer.complete(
          new HttpAnswer(
              response.statusCode(),
              retryAfter(response.headers()),
              Buffer.buffer(response.body())));
    } else if (failure != null && head != null && isParting(head, failure)) {
      // The rest is lost with the connection, but the status says it all.
      answer.complete(
          new HttpAnswer(head.statusCode(), retryAfter(head.headers()), Buffer.buffer()));
    } else if (failure != null) {
      if (!cancelled && mayBeSentAgain(which, head, failure)) {
        again(which == Try.FIRST ? Try.AGAIN : Try.PLAIN);
      } else {
        answer.completeExceptionally(failure);
      }
    }
  }

  private static boolean mayBeSentAgain(
      Try which, HttpResponse.@Nullable ResponseInfo head, Throwable failure) {
    return switch (which) {
      case FIRST ->
          HttpFailures.isGoAway(failure)
              || (head == null && HttpTrouble.of(failure) == HttpTrouble.CLOSED);
      case AGAIN -> HttpFailures.isGoAway(failure);
      case PLAIN -> false;
    };
  }

  private static boolean isParting(HttpResponse.ResponseInfo head, Throwable failure) {
    return head.statusCode() >= HTTP_MULTIPLE_CHOICES && HttpFailures.isGoAway(failure);
  }

  private static String retryAfter(HttpHeaders headers) {
    return headers.firstValue("Retry-After").orElse("");
  }

  private void again(Try which) {
    try {
      attempt(which);
    } catch (RuntimeException e) {
      answer.completeExceptionally(e); // the client was closed
    }
  }

  private HttpRequest request(Try which) {
    return which == Try.PLAIN
        ? HttpRequest.newBuilder(request, (name, value) -> true)
            .version(HttpClient.Version.HTTP_1_1)
            .build()
        : request;
  }

  /** One sending of the request. */
  private final class Attempt {
    private volatile @Nullable BoundedBody body;
    private volatile HttpResponse.@Nullable ResponseInfo head;
    private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> sent;

    void start(Try which) {
      CompletableFuture<HttpResponse<byte[]>> now =
          client.sendAsync(
              request(which),
              given -> {
                head = given;
                BoundedBody next = new BoundedBody(maxBytes);
                body = next;
                return next;
              });
      sent = now;
      CompletableFuture<HttpResponse<byte[]>> unused =
          now.whenComplete((response, failure) -> ended(which, head, response, failure));
    }

    void cancel() {
      BoundedBody reading = body;
      if (reading != null) {
        reading.cancel();
      }
      CompletableFuture<HttpResponse<byte[]>> now = sent;
      if (now != null) {
        now.cancel(true);
      }
    }
  }
}
