package io.scopegate.gateway.forward;

import io.netty.channel.ChannelPipeline;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.Http1UpstreamConnection;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keep-alive connections, the last used first. A tenant may hold as many as are free, so that one
 * whose queries take long, or who does not read, leaves some to the others.
 */
final class Http1Pool extends Pool implements Http1UpstreamConnection.Owner {
  private final CodecSettings limits;
  private final int max;
  private final ArrayDeque<Http1UpstreamConnection> idle = new ArrayDeque<>();
  private final Set<Http1UpstreamConnection> established =
      Collections.newSetFromMap(new IdentityHashMap<>());

  /** The owner of each connection that is in use. */
  private final Map<Http1UpstreamConnection, Object> owners = new IdentityHashMap<>();

  /** How many connections each owner has. */
  private final Map<Object, Integer> held = new IdentityHashMap<>();

  private int connecting;
  private boolean retired;

  Http1Pool(Connector connector, Home home, CodecSettings limits, int max, int maxPending) {
    super(connector, home, maxPending);
    this.limits = limits;
    this.max = max;
  }

  @Override
  boolean mayTake(Object owner) {
    return held.getOrDefault(owner, 0) < max - owners.size();
  }

  @Override
  @Nullable StreamEnd pick(Object owner) {
    for (Http1UpstreamConnection c; (c = idle.poll()) != null; ) {
      if (c.usable()) {
        owners.put(c, owner);
        held.merge(owner, 1, Integer::sum);
        return c.newSide(slot(owner));
      }
    }
    return null;
  }

  @Override
  boolean connected() {
    return !established.isEmpty();
  }

  @Override
  void grow() {
    if (established.size() + connecting < max && connecting < wantedCount() && !backingOff()) {
      connect();
    }
  }

  /** Those that there are say nothing: they may be as old as what is to be found out. */
  @Override
  void probe() {
    if (connecting > 0) {
      return;
    }
    if (established.size() < max) {
      connect();
    } else if (!idle.isEmpty()) {
      idle.peekLast().drain(); // so that there is room with the next look
    }
  }

  private void connect() {
    connecting++;
    Http1UpstreamConnection[] made = new Http1UpstreamConnection[1];
    connector.connect(
        pipeline -> made[0] = add(pipeline), () -> established(made[0]), this::failed);
  }

  private Http1UpstreamConnection add(ChannelPipeline pipeline) {
    return Http1UpstreamConnection.addTo(pipeline, connector.worker(), this, limits, life());
  }

  private void established(Http1UpstreamConnection c) {
    connecting--;
    established.add(c);
    connectionSucceeded();
    idle(c);
  }

  private void failed(Throwable cause) {
    connecting--;
    connectionFailed();
  }

  @Override
  public void idle(Http1UpstreamConnection c) {
    disown(c);
    idle.push(c);
    serve();
    closeIfRetired();
  }

  private void disown(Http1UpstreamConnection c) {
    Object owner = owners.remove(c);
    if (owner != null) {
      held.computeIfPresent(owner, (o, n) -> n == 1 ? null : n - 1);
    }
  }

  @Override
  void retire() {
    retired = true;
    closeIfRetired();
  }

  private void closeIfRetired() {
    if (retired) {
      List.copyOf(idle).forEach(Http1UpstreamConnection::drain);
    }
  }

  @Override
  public void gone(Http1UpstreamConnection c) {
    established.remove(c);
    idle.remove(c);
    disown(c);
    if (waitingCount() > 0) {
      connector.worker().eventLoop.execute(this::serve); // not before its client was told
    }
  }

  @Override
  void abandon() {
    List.copyOf(idle).forEach(Http1UpstreamConnection::drain);
    resendUnanswered();
  }

  @Override
  void resendUnanswered() {
    List.copyOf(owners.keySet()).forEach(Http1UpstreamConnection::resendUnanswered);
  }

  @Override
  int underWay() {
    return owners.size();
  }
}
