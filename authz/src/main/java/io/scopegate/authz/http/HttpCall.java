package io.scopegate.authz.http;

import io.vertx.core.buffer.Buffer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way whose answer is read whole, up to a bound. When the server says GOAWAY, it
 * is sent once more, on a new connection: only send what may come twice. Everything else that goes
 * wrong is a failure at once. For any thread.
 */
public final class HttpCall {
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
    call.attempt(true);
    return call;
  }

  private void attempt(boolean first) {
    Attempt now = new Attempt();
    attempt = now;
    now.start(first);
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
      boolean first, @Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) {
    if (response != null) {
      String retryAfter = response.headers().firstValue("Retry-After").orElse("");
      answer.complete(
          new HttpAnswer(response.statusCode(), retryAfter, Buffer.buffer(response.body())));
    } else if (failure != null) {
      if (first && !cancelled && HttpFailures.isGoAway(failure)) {
        again();
      } else {
        answer.completeExceptionally(failure);
      }
    }
  }

  private void again() {
    try {
      attempt(false);
    } catch (RuntimeException e) {
      answer.completeExceptionally(e); // the client was closed
    }
  }

  /** One sending of the request. */
  private final class Attempt {
    private volatile @Nullable BoundedBody body;
    private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> sent;

    void start(boolean first) {
      CompletableFuture<HttpResponse<byte[]>> now =
          client.sendAsync(
              request,
              head -> {
                BoundedBody next = new BoundedBody(maxBytes);
                body = next;
                return next;
              });
      sent = now;
      CompletableFuture<HttpResponse<byte[]>> unused =
          now.whenComplete((response, failure) -> ended(first, response, failure));
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
