package io.scopegate.authz.http;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Hands on a body line by line as it comes, for as long as the server keeps it open. No more is
 * read while a line is being handled.
 */
public final class LineBody implements BodySubscriber<byte[]> {
  private final Lines lines;
  private final Lines.Sink sink;
  private final CompletableFuture<byte[]> end = new CompletableFuture<>();
  private volatile @Nullable Subscription subscription;

  /**
   * Reads lines.
   *
   * @param maxLineBytes a longer line ends the reading with a failure
   * @param sink hears each line on a thread of the client, one at a time; when it throws, nothing
   *     more is read
   */
  public LineBody(int maxLineBytes, Lines.Sink sink) {
    this.lines = new Lines(maxLineBytes);
    this.sink = sink;
  }

  /** Completes with nothing when the body has ended. */
  @Override
  public CompletionStage<byte[]> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    try {
      for (ByteBuffer part : parts) {
        lines.feed(part, sink);
      }
    } catch (IOException | RuntimeException e) {
      cancel();
      end.completeExceptionally(e);
      return;
    }
    Subscription from = subscription;
    if (from != null) {
      from.request(1);
    }
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end.complete(new byte[0]);
  }

  /** Stops reading; the future of the end does not complete. */
  public void cancel() {
    Subscription from = subscription;
    if (from != null) {
      from.cancel();
    }
  }
}
