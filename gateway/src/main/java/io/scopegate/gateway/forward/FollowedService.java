package io.scopegate.gateway.forward;

import io.netty.util.NetUtil;
import io.scopegate.gateway.forward.ServiceDirectory.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a Service as they are known now, for all event loops of an upstream; for any
 * thread.
 */
public final class FollowedService implements ServiceDirectory.Listener, AutoCloseable {
  private final UpstreamService service;
  private final List<Consumer<State>> listeners = new CopyOnWriteArrayList<>();
  private final Runnable end;
  private volatile State state = new State(false, null, "it is not known yet");

  /**
   * What is known.
   *
   * @param isAsked whether anybody was asked
   * @param servers null while nothing is known
   * @param whyNone why there are none, or why nothing is known
   */
  record State(boolean isAsked, @Nullable List<EndpointAddress> servers, String whyNone) {}

  private FollowedService(UpstreamService service, ServiceDirectory directory) {
    this.service = service;
    this.end = directory.follow(service, this);
  }

  /** Follows a Service until this is closed. */
  public static FollowedService of(UpstreamService service, ServiceDirectory directory) {
    return new FollowedService(service, directory);
  }

  @Override
  public void close() {
    end.run();
    listeners.clear();
  }

  @Override
  public void found(List<Server> servers, String whyNone) {
    List<EndpointAddress> all = new ArrayList<>();
    for (Server server : servers) {
      InetAddress ip = NetUtil.createInetAddressFromIpAddressString(server.address());
      if (ip != null) {
        String text = NetUtil.toSocketAddressString(NetUtil.toAddressString(ip), server.port());
        InetSocketAddress socket = new InetSocketAddress(ip, server.port());
        all.add(new EndpointAddress(text, socket, server.isNear()));
      }
    }
    tell(new State(true, List.copyOf(all), whyNone));
  }

  @Override
  public void failing(String why) {
    if (state.servers() == null) {
      tell(new State(true, null, why));
    }
  }

  private void tell(State now) {
    state = now;
    listeners.forEach(listener -> listener.accept(now));
  }

  /** What is known now. */
  State state() {
    return state;
  }

  /** Has each change told from now on. */
  void listen(Consumer<State> listener) {
    listeners.add(listener);
  }

  /** That there is no server, as a failure. */
  IOException none(State now) {
    return new IOException("service " + service + ": " + now.whyNone());
  }
}
