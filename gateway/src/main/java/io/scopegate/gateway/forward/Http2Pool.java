package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.exchange.TenantMemoryShare;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Http2UpstreamConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Few multiplexed connections; another one when the stream limits of the others are reached. Who
 * resets many streams gets connections of its own, see {@link ResetPacing}.
 */
final class Http2Pool extends Pool implements Http2UpstreamConnection.Owner {
  private static final String NO_HTTP2 =
      "it closed the connection before HTTP/2 began, so it may not speak gRPC on this port (that of"
          + " Tempo's queries needs stream_over_http_enabled: true)";

  private final CodecSettings limits;
  private final int max;
  private final ArrayList<Http2UpstreamConnection> ready = new ArrayList<>();

  /** Those that get no further streams since the server is silent, while they have any. */
  private final ArrayList<Http2UpstreamConnection> abandoned = new ArrayList<>();

  private final ResetPacing<Http2UpstreamConnection> resets;
  private @Nullable Http2UpstreamConnection connecting;
  private @Nullable Http2UpstreamConnection replaced;
  private boolean retired;

  Http2Pool(Connector connector, Home home, CodecSettings limits, int max, int maxPending) {
    super(connector, home, maxPending);
    this.limits = limits;
    this.max = max;
    this.resets = new ResetPacing<>(max);
  }

  @Override
  @Nullable StreamEnd pick(Object owner) {
    for (int i = 0; i < ready.size(); i++) {
      Http2UpstreamConnection c = ready.get(i);
      if (isFree(c, owner)) {
        return c.newSide(slot(owner));
      }
    }
    return null;
  }

  @Override
  boolean mayTake(Object owner) {
    if (!resets.isAlone(owner) || ready.isEmpty()) {
      return true; // streams are many, and there may be a further connection
    }
    for (int i = 0; i < ready.size(); i++) {
      if (isFree(ready.get(i), owner)) {
        return true;
      }
    }
    return false;
  }

  private boolean isFree(Http2UpstreamConnection c, Object owner) {
    return resets.mayUse(c, owner) && c.canOpenBeside(resets.occupied(c), ResetPacing.MOST);
  }

  @Override
  boolean connected() {
    return !ready.isEmpty();
  }

  @Override
  void grow() {
    boolean isFull = ready.size() - resets.reserved() >= max && resets.nextAlone() == null;
    if (connecting == null && !isFull && !backingOff()) {
      connect();
    }
  }

  @Override
  void probe() {
    if (connecting == null && ready.isEmpty()) {
      connect();
    }
  }

  private void connect() {
    Http2UpstreamConnection c =
        Http2UpstreamConnection.create(connector.worker(), this, limits, life());
    connecting = c;
    connector.connect(
        pipeline -> pipeline.addLast(c),
        () -> connector.within(c::isReady, c::abort),
        cause -> failed(c));
  }

  @Override
  public void ready(Http2UpstreamConnection c) {
    if (connecting == c) {
      connecting = null;
    }
    connectionSucceeded();
    ready.add(c);
    Http2UpstreamConnection old = replaced;
    if (old != null) {
      replaced = null;
      old.drain();
    }
    Object alone = resets.nextAlone();
    if (alone != null) {
      resets.reserve(c, alone);
    }
    serve();
    closeIfRetired();
  }

  /** The new one is there before the old one leaves. */
  @Override
  public void aged(Http2UpstreamConnection c) {
    if (connecting == null && !backingOff() && !retired) {
      replaced = c;
      connect();
    }
  }

  @Override
  void abandon() {
    List<Http2UpstreamConnection> all = List.copyOf(ready);
    abandoned.addAll(all);
    all.forEach(Http2UpstreamConnection::drain); // which takes them from those that are ready
    resendUnanswered();
  }

  @Override
  void resendUnanswered() {
    abandoned.removeIf(c -> c.streams() == 0);
    List<Http2UpstreamConnection> all = new ArrayList<>(ready);
    all.addAll(abandoned);
    all.forEach(Http2UpstreamConnection::resendUnanswered);
  }

  @Override
  int underWay() {
    int all = 0;
    for (int i = 0; i < ready.size(); i++) {
      all += ready.get(i).streams();
    }
    return all;
  }

  @Override
  void retire() {
    retired = true;
    closeIfRetired();
  }

  private void closeIfRetired() {
    if (retired) {
      List.copyOf(ready).forEach(Http2UpstreamConnection::drain);
    }
  }

  @Override
  public void roomFor(Http2UpstreamConnection c) {
    if (waitingCount() > 0) {
      connector
          .worker()
          .eventLoop
          .execute(this::serve); // not from within the codec's own iteration
    }
  }

  @Override
  public void reset(Http2UpstreamConnection c, @Nullable TenantMemoryShare tenant) {
    resets.reset(c, owner(tenant), connector.nanoTime());
    growForOne();
  }

  @Override
  public void swept() {
    List<Http2UpstreamConnection> free = resets.expire(connector.nanoTime());
    for (Http2UpstreamConnection c : free) {
      if (ready.size() - resets.reserved() > max) {
        c.drain();
      }
    }
    growForOne();
    if (waitingCount() > 0) {
      serve();
    }
  }

  /** Makes the connection of a tenant that has to have its own. */
  private void growForOne() {
    if (resets.nextAlone() != null) {
      grow();
    }
  }

  @Override
  public void gone(Http2UpstreamConnection c) {
    if (c == replaced) {
      replaced = null;
    }
    resets.gone(c);
    if (ready.remove(c)) {
      if (waitingCount() > 0) {
        connector.worker().eventLoop.execute(this::serve);
      }
    } else {
      connector.report(new IOException(NO_HTTP2));
      failed(c);
    }
  }

  private void failed(Http2UpstreamConnection c) {
    if (connecting == c) {
      connecting = null;
      connectionFailed();
    }
  }
}
