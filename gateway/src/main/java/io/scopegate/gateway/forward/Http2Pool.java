package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Http2UpstreamConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Few multiplexed connections; another one when the stream limits of the others are reached. */
final class Http2Pool extends Pool implements Http2UpstreamConnection.Owner {
  private final CodecSettings limits;
  private final int max;
  private final ArrayList<Http2UpstreamConnection> ready = new ArrayList<>();
  private @Nullable Http2UpstreamConnection connecting;
  private @Nullable Http2UpstreamConnection replaced;
  private boolean retired;

  Http2Pool(Connector connector, Home home, CodecSettings limits, int max, int maxPending) {
    super(connector, home, maxPending);
    this.limits = limits;
    this.max = max;
  }

  @Override
  @Nullable StreamEnd pick(Object owner) {
    for (int i = 0; i < ready.size(); i++) {
      Http2UpstreamConnection c = ready.get(i);
      if (c.canOpen()) {
        return c.newSide();
      }
    }
    return null;
  }

  @Override
  boolean mayTake(Object owner) {
    return true; // streams are many
  }

  @Override
  boolean connected() {
    return !ready.isEmpty();
  }

  @Override
  void grow() {
    if (connecting == null && ready.size() < max && !backingOff()) {
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
    all.forEach(Http2UpstreamConnection::drain);
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
  public void gone(Http2UpstreamConnection c) {
    if (c == replaced) {
      replaced = null;
    }
    if (ready.remove(c)) {
      if (waitingCount() > 0) {
        connector.worker().eventLoop.execute(this::serve);
      }
    } else {
      connector.report(new IOException("closed before its SETTINGS came"));
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
