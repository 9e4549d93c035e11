package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.http.Attempts;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.SentRequest;
import org.jspecify.annotations.Nullable;

/** The home of a pool that is no endpoint's: nothing else is there, and nothing is sent again. */
final class NoHome implements Pool.Home {
  private final Runnable unreachable;

  private NoHome(Runnable unreachable) {
    this.unreachable = unreachable;
  }

  /** A pool of one connection, for requests of the gateway's own. */
  static Pool pool(Connector connector, boolean http2) {
    return pool(connector, http2, () -> {});
  }

  /** The same that tells when no connection could be made, before the request is told. */
  static Pool pool(Connector connector, boolean http2, Runnable unreachable) {
    NoHome home = new NoHome(unreachable);
    CodecSettings limits = new CodecSettings(Upstream.MAX_HEADER_BYTES, 0, 0, 0, 0, 0, true);
    return http2
        ? new Http2Pool(connector, home, limits, 1, 1)
        : new Http1Pool(connector, home, limits, 1, 1);
  }

  @Override
  public @Nullable ConcurrencyBound bound() {
    return null;
  }

  @Override
  public boolean hasOthers() {
    return false;
  }

  @Override
  public void sent() {}

  @Override
  public void answered() {}

  @Override
  public void failed(Attempts.Failure why) {}

  @Override
  public boolean mayResend(StreamEnd client, Attempts.Failure why) {
    return false;
  }

  @Override
  public void resend(Pool from, StreamEnd client, SentRequest request) {
    throw new IllegalStateException("resend: true (expected: never)");
  }

  @Override
  public void connected() {}

  @Override
  public void unreachable() {
    unreachable.run();
  }

  @Override
  public void slow() {}

  @Override
  public boolean move(Pool from, PendingEnd waiting, Object owner) {
    return false;
  }

  @Override
  public boolean awaitAttempt(Pool from, PendingEnd waiting, Object owner) {
    return false;
  }
}
